"""CycloneDX JSON 1.4 to 1.7: services, their providers and dependencies.

Nested services are containment, not dependency: they become services of their own, without edge.
What a service reaches through components alone, such as a library, it depends on.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from depgraph.model.dependency import Redundancy, Requirement
from ingest.formats.figures import share_at
from ingest.formats.indirect import reached
from ingest.formats.tree import Cursor, opened_trees, wrong_format
from ingest.provenance import Draft, cleaned_id, slug

OWN = "depgraph:"
"""Begins the names of properties in which our own export keeps what CycloneDX has no place for."""
FIGURES = ("availability", "unavailability", "mtbf_hours", "mttr_hours")
"""Figures of a service that are such properties."""
NEEDS: TypeAdapter[tuple[Requirement, ...]] = TypeAdapter(tuple[Requirement, ...])
"""Groups and soft needs, as in estate files; the property ``depgraph:depends_on``."""
VERSIONS = {"1.4", "1.5", "1.6", "1.7"}


def read_cyclonedx(path: Path, draft: Draft) -> None:
    """Read services, providers and dependencies of one bill of materials.

    Raises
    ------
    RegisterError
        If the file is no CycloneDX JSON.
    """
    for top in opened_trees(path, draft):
        if top.text("bomFormat") != "CycloneDX":
            raise wrong_format(path, "bomFormat is not CycloneDX", "export the bill as JSON")
        version = top.text("specVersion")
        if version not in VERSIONS:
            draft.note("inferred", f"specVersion {version!r} read like 1.7", top.place)
        names: dict[str, str] = {}
        needs: dict[str, Cursor] = {}
        root = top.at("metadata", "component")
        subject = root.text("bom-ref") or root.text("name")
        if subject:
            names[subject] = draft.put("services", subject, root.place, name=root.text("name"))
            draft.note("inferred", f"the bill's subject {subject!r} read as a service", root.place)
        _read_services(top.items("services"), draft, (names, needs))
        _read_dependencies(top, draft, (names, needs))
        top.tree.account()


def _read_services(
    found: list[Cursor], draft: Draft, known: tuple[dict[str, str], dict[str, Cursor]]
) -> None:
    """Take services and those inside them; their ids, and what they state to need, by reference."""
    names, needs = known
    for service in found:
        name = service.text("name")
        reference = service.text("bom-ref")
        if not (reference or name):
            draft.note("left_out", "a service without name and bom-ref", service.place)
            continue
        if not reference:
            draft.note("inferred", f"id of service {name!r} from its name", service.place)
        provider = service.at("provider")
        owner = provider.text("name")
        addresses = provider.items("url")
        for other in addresses[1:]:
            draft.note("left_out", "further addresses of a provider", other.place)
        own = _own_properties(service)
        party = own["provider"].text() if "provider" in own else slug(owner) if owner else None
        identifier = draft.put(
            "services", reference or _name_id(service, draft), service.place, name=name,
            provider=party, **_figures(own),
        )  # fmt: skip
        if "depends_on" in own:
            needs[reference or name] = own["depends_on"]
        for flow in service.items("data"):
            flow.plain()
            what = f"a data flow of service {identifier!r}: the estate holds none"
            draft.note("left_out", what, flow.place)
        names[reference or name] = identifier
        if owner and party:
            draft.put(
                "organizations", party, provider.place, name=owner,
                domain=_domain(addresses[0].text()) if addresses else "",
            )  # fmt: skip
        else:
            draft.note("missing", f"provider of service {identifier!r}", service.place)
        inner = service.items("services")
        if inner:
            draft.note(
                "inferred", f"services inside {identifier!r} are contained, no edge", service.place
            )
            _read_services(inner, draft, known)


def _name_id(service: Cursor, draft: Draft) -> str:
    """Id made from a name; where another service has it, told apart by the place in the bill."""
    found = slug(service.text("name"))
    if cleaned_id(found) not in draft.records["services"]:
        return found
    place = "-".join(str(step) for step in service.path)
    what = f"two services are called {service.text('name')!r}: the second is {found}-{place}"
    draft.note("inferred", what, service.place)
    return f"{found}-{place}"


def _own_properties(service: Cursor) -> dict[str, Cursor]:
    """Values of the properties of our own export."""
    found = {}
    for entry in service.items("properties"):
        name = entry.text("name").removeprefix(OWN)
        if name != entry.text("name") and name in {*FIGURES, "depends_on", "provider"}:
            found[name] = entry.at("value")
    return found


def _figures(own: Mapping[str, Cursor]) -> dict[str, Any]:
    """Figures of a service."""
    return {
        name: own[name].text() if name.endswith("_hours") else share_at(own[name], "share")
        for name in FIGURES
        if name in own
    }


def _read_dependencies(
    top: Cursor, draft: Draft, known: tuple[dict[str, str], dict[str, Cursor]]
) -> None:
    """Take edges between services, also those that lead through components."""
    names, stated = known
    needs = _direct_needs(top, draft, known)
    for consumer, direct in needs.items():
        members = {names[reference] for reference in direct if reference in names}
        whole = consumer in stated and consumer in names
        whole = whole and _put_needs(stated[consumer], names[consumer], members, draft)
        for reference, place in direct.items():
            if consumer not in names or reference not in names:
                draft.note("left_out", "a dependency that does not join two services", place)
            elif not whole and consumer != reference:
                draft.put("services", names[consumer], place, depends_on=[names[reference]])
            elif not whole:
                draft.note("left_out", f"{consumer!r} is said to need itself", place)
        if consumer in names:
            for component, reference, place in reached(consumer, needs, names):
                needed = [names[reference]]
                what = f"{consumer!r} needs {reference!r} through component {component!r}"
                draft.note("inferred", what, place)
                draft.put("services", names[consumer], place, "inferred", depends_on=needed)


def _direct_needs(
    top: Cursor, draft: Draft, known: tuple[dict[str, str], dict[str, Cursor]]
) -> dict[str, dict[str, str]]:
    """What each reference needs by the bill's dependencies, with the place of each."""
    names, stated = known
    needs: dict[str, dict[str, str]] = {consumer: {} for consumer in stated}
    for entry in top.items("dependencies"):
        consumer = entry.text("ref")
        held = needs.setdefault(consumer, {})
        for provider in entry.items("dependsOn"):
            if provider.text() in held and {consumer, provider.text()} <= names.keys():
                draft.note_repeat("services", "depends_on", provider.place)
            held.setdefault(provider.text(), provider.place)
    return needs


def _put_needs(stated: Cursor, consumer: str, members: set[str], draft: Draft) -> bool:
    """Take groups and soft needs where they name what the bill's dependencies name."""
    try:
        needs = NEEDS.validate_json(stated.text())
    except ValidationError:
        draft.note("left_out", f"{OWN}depends_on of {consumer!r}: not as we write it", stated.place)
        return False
    named = {
        member
        for need in needs
        for member in (
            (need,) if isinstance(need, str) else need.of if isinstance(need, Redundancy)
            else (need.service,)
        )
    }  # fmt: skip
    if named != members:
        what = f"{OWN}depends_on of {consumer!r} names others than dependsOn, which counts"
        draft.note("conflict", what, stated.place)
        return False
    fields = NEEDS.dump_python(needs, mode="json", exclude_defaults=True)
    draft.put("services", consumer, stated.place, depends_on=list(fields))
    return True


def _domain(address: str) -> str:
    """Host of an address, without www."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
