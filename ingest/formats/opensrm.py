"""OpenSRM and NthLayer manifests: tier, availability target, dependencies with ``critical``."""

from __future__ import annotations

import re
from pathlib import Path

from ingest.formats.figures import share_at
from ingest.formats.promises import Terms, add_promise
from ingest.formats.tree import Cursor, fitting_trees
from ingest.provenance import Draft, cleaned_id, slug

_CRITICALITY = {
    "critical": "critical", "1": "critical", "tier-1": "critical", "tier1": "critical",
    "high": "important", "2": "important", "tier-2": "important", "tier2": "important",
    "standard": "standard", "low": "standard", "3": "standard", "tier-3": "standard",
    "tier3": "standard", "4": "standard",
}  # fmt: skip
_CRITICAL = {"critical": "true", "hard": "true", "soft": "false", "optional": "false"}
"""Words of version 2 for what version 1 says by ``critical``."""


def read_opensrm(path: Path, draft: Draft) -> None:
    """Read services with targets and dependencies.

    Raises
    ------
    RegisterError
        If a document names no service.
    """
    wrong = "no service is named", "give a reliability manifest"
    for top in fitting_trees(path, draft, _names_service, wrong):
        top.text("apiVersion")
        top.text("kind")
        head = top.at("metadata") if "metadata" in top else top.at("service")
        name = head.text("name") or top.text("name")
        body = top.at("spec") if "spec" in top else top
        tier = head.text("tier") or head.text("labels", "tier") or body.text("tier")
        criticality = _CRITICALITY.get(tier.lower())
        if tier and criticality is None:
            draft.note("left_out", f"tier {tier!r} is not known", head.place)
        team = head.text("team") or body.text("ownership", "team")
        team = team or body.text("owner", "group").rpartition("/")[2]
        service = draft.put(
            "services", name, head.place, criticality=criticality,
            provider=slug(team) if team else None,
        )  # fmt: skip
        if team:
            draft.put("organizations", slug(team), head.place, name=team)
            draft.note("inferred", f"team {team!r} read as provider", head.place)
        _take_target(body, service, draft)
        for entry in body.items("dependencies"):
            _take_dependency(entry, service, draft)
        for resource in top.items("resources"):
            _take_resource(resource, service, draft)
        top.tree.account()


def _names_service(top: Cursor) -> bool:
    """Whether a document is a manifest: of v1, v2, or flat as before v1."""
    head = top.at("metadata") if "metadata" in top else top.at("service")
    known = ("spec", "service", "dependencies", "resources")
    return bool(head.text("name") or top.text("name")) and any(key in top for key in known)


def _take_resource(resource: Cursor, service: str, draft: Draft) -> None:
    """Take a resource of the flat form: an availability objective, or dependencies."""
    kind, name = resource.text("kind"), resource.text("name")
    if kind == "SLO" and "availab" in name.lower():
        target = share_at(resource.at("spec", "objective"), "detect")
        if target is not None:
            window = resource.text("spec", "window") or "30d"
            label = f"{service}-{name}"
            terms = Terms(target, window, "request_ratio")
            add_promise(draft, resource.place, service, label, terms)
    elif kind == "Dependencies":
        for _, group in resource.entries("spec"):
            for entry in group.items():
                _take_dependency(entry, service, draft)
    else:
        draft.note("left_out", f"a resource of kind {kind or '(none)'} {name!r}", resource.place)


def _take_target(body: Cursor, service: str, draft: Draft) -> None:
    """Take the availability target: of the SLOs, else of the contract."""
    documents = [objective for slo in body.items("slo") if "availab" in slo.text(
                 "metadata", "name") for objective in slo.items("spec", "objectives")]  # fmt: skip
    promises = [promise.at("promise", "availability") for promise in body.items("contracts")]
    places = [body.at("slos", "availability"), *documents, body.at("contract", "availability")]
    for place in (*places, *promises, body.at("availability")):
        figure = place.at("target") if "target" in place else place
        if figure.is_container or not figure.text():
            continue
        target = share_at(figure, "detect")
        if target is not None:
            window = place.text("window") or "30d"
            label = f"{service}-availability"
            add_promise(draft, figure.place, service, label, Terms(target, window, "request_ratio"))
            return


def _take_dependency(entry: Cursor, service: str, draft: Draft) -> None:
    """Take a dependency; one that is not critical never takes the service down (rule A7)."""
    name = entry.text("name") or entry.text("service") or entry.text()
    if re.fullmatch(r"[a-z]+:[^/]+/[^/]+", name):
        name = name.rpartition("/")[2]
    name = cleaned_id(name)
    if name in {"unnamed", service}:
        draft.note("left_out", "a dependency without name, or on itself", entry.place)
        return
    draft.put("services", name, entry.place)
    critical = entry.text("critical").lower() or _CRITICAL.get(
        entry.text("criticality").lower(), ""
    )
    if critical == "false":
        what = f"{name!r} is not critical: soft, full weight while it is down"
        draft.note("inferred", what, entry.place)
        soft = [{"service": name, "soft": "1"}]
        draft.put("services", service, entry.place, "inferred", depends_on=soft)
    else:
        if critical != "true":
            what = f"{name!r} does not say whether it is critical: hard"
            draft.note("inferred", what, entry.place)
        draft.put("services", service, entry.place, depends_on=[name])
    for figure in (entry.at("slo", "availability"), entry.at("expects", "availability"),
                   entry.at("expected_availability")):  # fmt: skip
        if not figure.is_container and figure.text():
            what = f"expected availability {figure.text()} of {name!r}"
            draft.note("left_out", what, figure.place)
