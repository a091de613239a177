"""OpenSRM and NthLayer manifests: tier, availability target, dependencies with ``critical``."""

from __future__ import annotations

from pathlib import Path

from ingest.formats.figures import share_at
from ingest.formats.promises import add_promise
from ingest.formats.tree import Cursor, opened_trees, wrong_format
from ingest.provenance import Draft, cleaned_id, slug

_CRITICALITY = {
    "critical": "critical", "1": "critical", "tier-1": "critical", "tier1": "critical",
    "high": "important", "2": "important", "tier-2": "important", "tier2": "important",
    "standard": "standard", "low": "standard", "3": "standard", "tier-3": "standard",
    "tier3": "standard", "4": "standard",
}  # fmt: skip


def read_opensrm(path: Path, draft: Draft) -> None:
    """Read services with targets and dependencies.

    Raises
    ------
    RegisterError
        If a document names no service.
    """
    for top in opened_trees(path, draft):
        top.text("apiVersion")
        top.text("kind")
        head = top.at("metadata") if "metadata" in top else top.at("service")
        name = head.text("name") or top.text("name")
        if not name or not ("spec" in top or "service" in top or "dependencies" in top):
            raise wrong_format(path, "no service is named", "give a reliability manifest")
        body = top.at("spec") if "spec" in top else top
        tier = head.text("tier") or body.text("tier")
        criticality = _CRITICALITY.get(tier.lower())
        if tier and criticality is None:
            draft.note("left_out", f"tier {tier!r} is not known", head.place)
        team = head.text("team") or body.text("ownership", "team")
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
        top.tree.account()


def _take_target(body: Cursor, service: str, draft: Draft) -> None:
    """Take the availability target: of the SLOs, else of the contract."""
    for place in (body.at("slos", "availability"), body.at("contract", "availability"),
                  body.at("availability")):  # fmt: skip
        figure = place.at("target") if "target" in place else place
        if figure.is_container or not figure.text():
            continue
        target = share_at(figure, "detect")
        if target is not None:
            window = place.text("window") or "30d"
            label = f"{service}-availability"
            add_promise(draft, figure.place, service, label, (target, window, "request_ratio"))
            return


def _take_dependency(entry: Cursor, service: str, draft: Draft) -> None:
    """Take a dependency; one that is not critical never takes the service down (rule A7)."""
    name = cleaned_id(entry.text("name") or entry.text("service") or entry.text())
    if name in {"unnamed", service}:
        draft.note("left_out", "a dependency without name, or on itself", entry.place)
        return
    draft.put("services", name, entry.place)
    critical = entry.text("critical").lower()
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
    figure = entry.at("slo", "availability")
    if not figure.is_container and figure.text():
        draft.note("left_out", f"expected availability {figure.text()} of {name!r}", figure.place)
