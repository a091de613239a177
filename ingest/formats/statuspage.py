"""Statuspage JSON: outages per component from status transitions, and planned maintenance.

The incident's own ``impact`` is a word for the public; only transitions of components count.
A vendor's statement is one source, kept apart from measured ones (rule M11).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingest.formats.tree import Cursor, opened_trees, wrong_format
from ingest.provenance import Draft, slug

DOWN = {"partial_outage", "major_outage"}


@dataclass
class _Page:
    """The page being read."""

    draft: Draft
    owner: str
    label: str
    services: dict[str, str]
    """Code of each component → service."""

    def service(self, code: str, name: str, place: str) -> str:
        """Service of a component, added where it is new; two of one name stay two."""
        if code not in self.services:
            identifier = f"{self.owner}-{slug(name or code)}"
            if identifier in self.services.values():
                what = f"two components are called {name!r}: told apart by their codes"
                self.draft.note("inferred", what, place)
                identifier = f"{identifier}-{slug(code)}"
            self.services[code] = self.draft.put(
                "services", identifier, place, name=name or code, provider=self.owner
            )
        return self.services[code]


def read_statuspage(path: Path, draft: Draft) -> None:
    """Read components, incidents and scheduled maintenance.

    Raises
    ------
    RegisterError
        If the file holds none of them.
    """
    for top in opened_trees(path, draft):
        if not any(key in top for key in ("components", "incidents", "scheduled_maintenances")):
            raise wrong_format(path, "there are neither components nor incidents")
        name = top.text("page", "name") or path.stem
        host = top.text("page", "url").partition("://")[2].partition("/")[0]
        owner = draft.put("organizations", slug(name), top.place, name=name, domain=host)
        page = _Page(draft, owner, name, {})
        for component in top.items("components"):
            if component.text("group").lower() == "true":
                draft.note("left_out", "a group of components", component.place)
                component.plain()
            elif component.text("id") or component.text("name"):
                code = component.text("id") or slug(component.text("name"))
                page.service(code, component.text("name"), component.place)
            else:
                draft.note("left_out", "a component without id and name", component.place)
        for incident in top.items("incidents"):
            _take_transitions(incident, page)
        for maintenance in top.items("scheduled_maintenances"):
            _take_maintenance(maintenance, page)
        top.tree.account()


def _moment(text: str) -> float:
    """An instant as a number to sort by, whatever zone it is written in; 0 for none."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _take_transitions(incident: Cursor, page: _Page) -> None:
    """Turn transitions into one outage per component and span."""
    updates = sorted(
        incident.items("incident_updates"),
        key=lambda u: _moment(u.text("display_at") or u.text("created_at")),
    )
    opened: dict[str, tuple[str, str]] = {}
    seen = False
    counts: dict[str, int] = {}
    started = incident.text("started_at") or incident.text("created_at")
    for update in updates:
        at = update.text("display_at") or update.text("created_at")
        for part in update.items("affected_components"):
            code = part.text("code") or slug(part.text("name"))
            old, new = part.text("old_status"), part.text("new_status")
            name = part.text("name").rpartition(" - ")[2]
            seen = True
            service = page.service(code, name, part.place)
            if new in DOWN and code not in opened:
                start = at
                if old in DOWN:
                    start = started
                    what = f"{service!r} was down before the first update: start of the incident"
                    page.draft.note("inferred", what, part.place)
                opened[code] = (start, new)
            elif new not in DOWN and (code in opened or old in DOWN):
                start, worst = opened.pop(code, (started, old))
                _add(incident, page, (service, start, at, worst), counts)
            elif new not in DOWN and new != "operational":
                page.draft.note("left_out", f"{service!r} was {new}: no outage", part.place)
    for code, (start, worst) in opened.items():
        end = incident.text("resolved_at")
        if end:
            what = f"end of {incident.text('id')!r}: no transition back, resolved_at taken"
            page.draft.note("inferred", what, incident.place)
        _add(incident, page, (page.services[code], start, end, worst), counts)
    if not seen:
        what = f"transitions of incident {incident.text('id')!r}; left out"
        page.draft.note("missing", what, incident.place)


def _add(
    incident: Cursor, page: _Page, span: tuple[str, str, str, str], counts: dict[str, int]
) -> None:
    """Add one outage."""
    service, start, end, status = span
    if not start or (end and _moment(start) >= _moment(end)):
        page.draft.note("left_out", f"an outage of {service!r} without length", incident.place)
        return
    if status == "partial_outage":
        what = f"partial outage of {service!r}: its share is not stated, counted in full"
        page.draft.note("inferred", what, incident.place)
    counts[service] = counts.get(service, 0) + 1
    page.draft.put(
        "incidents", f"{incident.text('id')}-{service}-{counts[service]}", incident.place,
        affects=f"service:{service}", start=start, end=end, severity=status,
        source=f"statement of {page.label}", note=incident.text("name"),
    )  # fmt: skip


def _take_maintenance(maintenance: Cursor, page: _Page) -> None:
    """Take planned work as a candidate for exclusion."""
    start, end = maintenance.text("scheduled_for"), maintenance.text("scheduled_until")
    identifier = maintenance.text("id")
    parts = maintenance.items("components")
    if not (start and end and parts and _moment(start) < _moment(end)):
        what = f"time or components of maintenance {identifier!r}; left out"
        page.draft.note("missing", what, maintenance.place)
        return
    for part in parts:
        code = part.text("id") or slug(part.text("name"))
        service = page.service(code, part.text("name"), part.place)
        what = f"maintenance of {service!r}: scheduled time taken as downtime"
        page.draft.note("inferred", what, maintenance.place)
        page.draft.put(
            "incidents", f"{identifier}-{service}", maintenance.place, "inferred",
            affects=f"service:{service}", start=start, end=end, cause="planned_maintenance",
            announced=maintenance.text("created_at"), source=f"statement of {page.label}",
            note=maintenance.text("name"),
        )  # fmt: skip
