"""CycloneDX JSON 1.4 to 1.7: services, their providers and dependencies.

Nested services are containment, not dependency: they become services of their own, without edge.
What a service reaches through components alone, such as a library, it depends on.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from ingest.formats.figures import share_at
from ingest.formats.indirect import reached
from ingest.formats.tree import Cursor, opened_trees, wrong_format
from ingest.provenance import Draft, cleaned_id, slug

FIGURE = "depgraph:availability"
"""Property in which our own export keeps a service's figure."""
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
        names = {}
        root = top.at("metadata", "component")
        subject = root.text("bom-ref") or root.text("name")
        if subject:
            names[subject] = draft.put("services", subject, root.place, name=root.text("name"))
            draft.note("inferred", f"the bill's subject {subject!r} read as a service", root.place)
        _read_services(top.items("services"), draft, names)
        _read_dependencies(top, draft, names)
        top.tree.account()


def _read_services(found: list[Cursor], draft: Draft, names: dict[str, str]) -> None:
    """Take services and those inside them."""
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
        identifier = draft.put(
            "services", reference or _name_id(service, draft), service.place, name=name,
            provider=slug(owner) if owner else None, availability=_own_figure(service),
        )  # fmt: skip
        for flow in service.items("data"):
            flow.plain()
            what = f"a data flow of service {identifier!r}: the estate holds none"
            draft.note("left_out", what, flow.place)
        names[reference or name] = identifier
        if owner:
            draft.put(
                "organizations", slug(owner), provider.place, name=owner,
                domain=_domain(addresses[0].text()) if addresses else "",
            )  # fmt: skip
        else:
            draft.note("missing", f"provider of service {identifier!r}", service.place)
        inner = service.items("services")
        if inner:
            draft.note(
                "inferred", f"services inside {identifier!r} are contained, no edge", service.place
            )
            _read_services(inner, draft, names)


def _name_id(service: Cursor, draft: Draft) -> str:
    """Id made from a name; where another service has it, told apart by the place in the bill."""
    found = slug(service.text("name"))
    if cleaned_id(found) not in draft.records["services"]:
        return found
    place = "-".join(str(step) for step in service.path)
    what = f"two services are called {service.text('name')!r}: the second is {found}-{place}"
    draft.note("inferred", what, service.place)
    return f"{found}-{place}"


def _own_figure(service: Cursor) -> str | None:
    """Figure that our own export keeps in a property."""
    for entry in service.items("properties"):
        if entry.text("name") == FIGURE:
            return share_at(entry.at("value"), "share")
    return None


def _read_dependencies(top: Cursor, draft: Draft, names: dict[str, str]) -> None:
    """Take edges between services, also those that lead through components."""
    needs: dict[str, dict[str, str]] = {}
    for entry in top.items("dependencies"):
        held = needs.setdefault(entry.text("ref"), {})
        for provider in entry.items("dependsOn"):
            held.setdefault(provider.text(), provider.place)
    for consumer, direct in needs.items():
        for reference, place in direct.items():
            if consumer in names and reference in names and consumer != reference:
                draft.put("services", names[consumer], place, depends_on=[names[reference]])
            else:
                draft.note("left_out", "a dependency that does not join two services", place)
        if consumer in names:
            for component, reference, place in reached(consumer, needs, names):
                needed = [names[reference]]
                what = f"{consumer!r} needs {reference!r} through component {component!r}"
                draft.note("inferred", what, place)
                draft.put("services", names[consumer], place, "inferred", depends_on=needed)


def _domain(address: str) -> str:
    """Host of an address, without www."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
