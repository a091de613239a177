"""iCalendar: recurring maintenance windows and service hours, in the zone they are written in.

A calendar names no SLA. Windows stand in a placeholder contract per source and zone; the service
is the one that the event's category, place or title names, else one named like the calendar.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from icalendar import Calendar

from depgraph.errors import Problem, RegisterError
from ingest.formats.promises import placeholder_contract
from ingest.formats.table import refused
from ingest.provenance import Draft, cleaned_id, slug
from ingest.source import file_text

_HOURS_WORDS = ("service hours", "business hours", "office hours", "opening hours")


def read_ical(path: Path, draft: Draft) -> None:
    """Read the events of a calendar.

    Raises
    ------
    RegisterError
        If the file is no calendar.
    """
    text = file_text(path, str(path))
    if isinstance(text, Problem):
        raise RegisterError(f"{path} cannot be imported", [text])
    try:
        calendars = Calendar.from_ical(text, multiple=True)
    except Exception as error:  # noqa: BLE001 - the parser fails in many ways on broken text
        what = f"this is no calendar: {str(error)[:200]}"
        raise refused(path, "not-ical", what) from None
    if not calendars:
        raise refused(path, "empty-file", "the file holds no calendar")
    for calendar in calendars:
        label = str(calendar.get("X-WR-CALNAME", "")) or path.stem
        for part in calendar.walk():
            if part.name == "VEVENT":
                _take_event(part, label, f"{path} {str(part.get('UID', ''))[:80]}", draft)
            elif part.name not in {"VCALENDAR", "VTIMEZONE", "STANDARD", "DAYLIGHT"}:
                draft.note("left_out", f"a {part.name}", str(path))


def _take_event(event: Any, label: str, place: str, draft: Draft) -> None:  # noqa: ANN401 - icalendar is untyped here
    """Take one event as a window."""
    title = str(event.get("SUMMARY", ""))
    try:
        start = event.decoded("DTSTART")
        length = event.decoded("DTEND") - start if "DTEND" in event else event.decoded("DURATION")
    except (KeyError, ValueError, TypeError):
        draft.note("missing", f"start or length of {title!r}; left out", place)
        return
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        draft.note("left_out", f"{title!r} is cancelled", place)
        return
    if not isinstance(length, timedelta) or length <= timedelta(0):
        draft.note("missing", f"length of {title!r}; left out", place)
        return
    zone = _zone(start)
    if zone is None:
        draft.note("inferred", f"{title!r} has no time zone: UTC", place)
    for name in ("EXDATE", "RDATE", "EXRULE"):
        if name in event:
            draft.note("left_out", f"{name} of {title!r}: single dates are not held", place)
    rules = event.get("RRULE", [])
    if isinstance(rules, list) and len(rules) > 1:
        draft.note("left_out", f"{title!r} has several rules", place)
        return
    rule = rules.to_ical().decode() if rules else "FREQ=DAILY;COUNT=1"
    if isinstance(start, datetime):
        rule += "" if "BYHOUR" in rule else f";BYHOUR={start.hour}"
        rule += "" if "BYMINUTE" in rule else f";BYMINUTE={start.minute}"
    else:
        rule += ";BYHOUR=0;BYMINUTE=0"
    hours = f"{length.total_seconds() / 3600:.6f}".rstrip("0").rstrip(".")
    day = start.date() if isinstance(start, datetime) else start
    window = {"rule": rule, "hours": hours, "since": day.isoformat()}
    _add_window(window, (_service(event, title, label, place, draft), title, zone or "UTC"),
                place, draft)  # fmt: skip


def _zone(start: date) -> str | None:
    """IANA name of the zone of a time; UTC for one in it, None where none is written."""
    if not isinstance(start, datetime) or start.tzinfo is None:
        return None
    return str(getattr(start.tzinfo, "key", None) or "UTC")


def _service(event: Any, title: str, label: str, place: str, draft: Draft) -> str:  # noqa: ANN401 - as above
    """Service that an event is about."""
    categories = event.get("CATEGORIES", [])
    named = [str(c) for c in getattr(categories, "cats", [])]
    named += [str(event.get("LOCATION", "")), title]
    held = next((draft.held_names[name] for name in named if name in draft.held_names), None)
    if held is None:
        draft.note("inferred", f"{title!r} names no service we hold: {label!r} taken", place)
    return draft.put("services", held or label, place, "given" if held else "inferred")


def _add_window(
    window: dict[str, str], about: tuple[str, str, str], place: str, draft: Draft
) -> None:
    """Add a window to the SLA of its service, in the placeholder contract of its zone."""
    service, title, zone = about
    contract = placeholder_contract(draft, place, zone)
    slas = draft.records["contracts"][contract].setdefault("slas", [])
    identifier = cleaned_id(f"{contract}-{slug(service)}")
    sla = next((item for item in slas if item["id"] == identifier), None)
    if sla is None:
        draft.put("contracts", contract, place, slas=[{"id": identifier, "service": service}])
        sla = draft.records["contracts"][contract]["slas"][-1]
    if any(word in title.lower() for word in _HOURS_WORDS):
        sla.setdefault("service_hours", {"windows": []})["windows"].append(window)
        draft.note("inferred", f"{title!r} read as service hours", place)
    else:
        ground = {"kind": "planned_maintenance", "windows": []}
        sla.setdefault("exclusions", [ground])[0]["windows"].append(window)
        draft.note("inferred", f"{title!r} read as a maintenance window", place)
