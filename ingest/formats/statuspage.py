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
_PARTS = ("components", "incidents", "scheduled_maintenances", "incident_updates")


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
    pages: dict[str, _Page] = {}
    for top in opened_trees(path, draft):
        if not any(key in top for key in _PARTS):
            raise wrong_format(path, "there are neither components nor incidents")
        name = top.text("page", "name") or path.stem
        host = top.text("page", "url").partition("://")[2].partition("/")[0]
        page = pages.get(name)
        if page is None:
            owner = draft.put("organizations", slug(name), top.place, name=name, domain=host)
            page = pages[name] = _Page(draft, owner, name, {})
        _take_all(top, page)
        top.tree.account()


def _take_all(top: Cursor, page: _Page) -> None:
    """Take what a document holds; one incident alone, as the interface lists them, too."""
    for component in top.items("components") if "incident_updates" not in top else []:
        if component.text("group").lower() == "true":
            page.draft.note("left_out", "a group of components", component.place)
            component.plain()
        elif component.text("id") or component.text("name"):
            code = component.text("id") or slug(component.text("name"))
            page.service(code, component.text("name"), component.place)
        else:
            page.draft.note("left_out", "a component without id and name", component.place)
    incidents, planned = top.items("incidents"), top.items("scheduled_maintenances")
    if "incident_updates" in top:
        (planned if top.text("scheduled_for") else incidents).append(top)
    for incident in incidents:
        _take_transitions(incident, page)
    for maintenance in planned:
        _take_maintenance(maintenance, page)


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
            seen = True
            span = _take_transition(part, (started, at), opened, page)
            if span:
                _add(incident, page, span, counts)
    for code, (start, worst) in opened.items():
        end = incident.text("resolved_at")
        if end:
            what = f"end of {incident.text('id')!r}: no transition back, resolved_at taken"
            page.draft.note("inferred", what, incident.place)
        _add(incident, page, (page.services[code], start, end, worst), counts)
    if not seen:
        what = f"transitions of incident {incident.text('id')!r}; left out"
        page.draft.note("missing", what, incident.place)


def _take_transition(
    part: Cursor, moments: tuple[str, str], opened: dict[str, tuple[str, str]], page: _Page
) -> tuple[str, str, str, str] | None:
    """Open or close the outage of one component; the span and worst status of one that ends.

    Parameters
    ----------
    part : Cursor
        The component's old and new status.
    moments : tuple of str
        Start of the incident, and time of the update.
    opened : dict
        Code → start and worst status so far; changed in place.
    page : _Page
        The page being read.
    """
    started, at = moments
    code = part.text("code") or slug(part.text("name"))
    old, new = part.text("old_status"), part.text("new_status")
    service = page.service(code, part.text("name").rpartition(" - ")[2], part.place)
    if code not in opened and old in DOWN:
        what = f"{service!r} was down before the first update: start of the incident"
        page.draft.note("inferred", what, part.place)
        opened[code] = (started, old)
    if new in DOWN:
        start, worst = opened.get(code, (at, new))
        opened[code] = (start, "major_outage" if "major_outage" in {worst, new} else new)
        return None
    if new != "operational":
        page.draft.note("left_out", f"{service!r} was {new}: no outage", part.place)
    span = opened.pop(code, None)
    return None if span is None else (service, span[0], at, span[1])


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
