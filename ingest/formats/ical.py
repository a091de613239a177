"""iCalendar: recurring maintenance windows and service hours, in the zone they are written in.

Exceptions and single dates are kept: a changed occurrence replaces that of its series. A calendar
names no SLA. Windows stand in a placeholder contract per source and zone; the service
is the one that the event's category, place or title names, else one named like the calendar.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar
from icalendar.timezone import tzp

from depgraph.errors import Problem, RegisterError
from ingest.formats.ical_rules import (
    after,
    dates,
    elapsed,
    known_zones,
    local,
    rule_text,
    windows,
    with_durations_kept,
    written_duration,
    zone_name,
)
from ingest.formats.promises import placeholder_contract
from ingest.formats.table import refused
from ingest.provenance import SHARED, Draft, NoteKind, cleaned_id, slug
from ingest.source import file_text, scaled

MAX_COMPONENTS = 50_000
"""Most events and other parts of a calendar."""
_HOURS_WORDS = ("service hours", "business hours", "office hours", "opening hours")
_READ = {"SUMMARY", "DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "RDATE", "EXRULE", "UID",
         "STATUS", "CATEGORIES", "LOCATION", "RECURRENCE-ID"}  # fmt: skip


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
    if text.upper().count("BEGIN:") > scaled(MAX_COMPONENTS):
        what = f"the calendar has more than {scaled(MAX_COMPONENTS)} entries"
        raise refused(path, "too-large", what, "export a shorter time, or set DEPGRAPH_MAX_FILE_MB")
    try:
        with warnings.catch_warnings():
            # Zones that the parser guessed are noted with each event.
            warnings.simplefilter("ignore")
            # Zones that another calendar defined under the same name do not count here.
            tzp.use_default()
            calendars = Calendar.from_ical(with_durations_kept(text), multiple=True)
    except Exception as error:  # noqa: BLE001 - the parser fails in many ways on broken text
        what = f"this is no calendar: {str(error)[:200]}"
        raise refused(path, "not-ical", what, "export the calendar again as .ics") from None
    if not any(part.name in {"VCALENDAR", "VEVENT"} for part in calendars):
        hint = "it must begin with BEGIN:VCALENDAR"
        raise refused(path, "wrong-format", "the file holds no calendar", hint)
    lines = iter(
        [n for n, line in enumerate(text.splitlines(), 1) if line.strip().upper() == "BEGIN:VEVENT"]
    )
    for calendar in calendars:
        label = str(calendar.get("X-WR-CALNAME", "")) or path.stem
        events = []
        for part in calendar.walk():
            if part.name == "VEVENT":
                events.append((part, f"{path}:{next(lines, 0)} {str(part.get('UID', ''))[:80]}"))
            elif part.name not in {"VCALENDAR", "VTIMEZONE", "STANDARD", "DAYLIGHT"}:
                draft.note("left_out", f"a {part.name}", str(path))
        replaced = _replaced(events)
        zone = str(calendar.get("X-WR-TIMEZONE", ""))
        for event, place in events:
            _take_event(event, _Context(label, zone, place, replaced, draft))


@dataclass(frozen=True)
class _Context:
    """The calendar around an event."""

    label: str
    zone: str
    place: str
    replaced: dict[str, list[date]]
    draft: Draft

    def note(self, kind: NoteKind, what: str) -> None:
        """Add a line to the report."""
        self.draft.note(kind, what, self.place)


def _replaced(events: list[tuple[Any, str]]) -> dict[str, list[date]]:
    """Dates of each series that events of their own stand for."""
    found: dict[str, list[date]] = {}
    for event, _ in events:
        try:
            moment = getattr(event.get("RECURRENCE-ID"), "dt", None)
        except ValueError:
            moment = None
        if isinstance(moment, date):
            found.setdefault(str(event.get("UID", "")), []).append(moment)
    return found


def _take_event(event: Any, at: _Context) -> None:  # noqa: ANN401 - icalendar is untyped here
    """Take one event as windows."""
    title = str(event.get("SUMMARY", ""))
    for name in sorted({*event.keys()} - _READ):
        at.note("left_out", f"property {name}")
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        at.note("left_out", f"{title!r} is cancelled")
        return
    span = _span(event, title, at)
    zone = _zone(event, title, at) if span else None
    if span is None or zone is None:
        return
    rules = event.get("RRULE")
    if isinstance(rules, list) or "EXRULE" in event:
        at.note("left_out", f"{title!r} has several rules")
        return
    try:
        length = elapsed(*span, zone)
        if "DURATION" in event and length != event.decoded("DURATION"):
            what = f"the days of {title!r} are days of the calendar, on which clocks change"
            at.note("inferred", what)
        found = _windows(event, span[0], length, (zone, at))
    except (ValueError, OverflowError, TypeError, AttributeError, KeyError) as error:
        why = str(error).splitlines()[0][:120] if str(error) else "it cannot be read"
        at.note("left_out", f"the time or rule of {title!r}: {why}")
        return
    service = _service(event, title, at)
    for window in found:
        _add_window(window, (service, title, zone), at.place, at.draft)


def _windows(
    event: Any,  # noqa: ANN401 - as above
    start: date,
    length: timedelta,
    context: tuple[str, _Context],
) -> list[dict[str, str]]:
    """Windows of the rule, without its exceptions, and of single dates."""
    zone, at = context
    own = [] if "RECURRENCE-ID" in event else at.replaced.get(str(event.get("UID", "")), [])
    without = [local(day, zone) for day in [*dates(event, "EXDATE"), *own]
               if isinstance(day, date)]  # fmt: skip
    if not isinstance(start, datetime):
        without = [datetime.combine(day.date(), time.min) for day in without]
    text = rule_text(event.get("RRULE"), start, ZoneInfo(zone))
    found = windows(text, local(start, zone), length, without)
    for single in dates(event, "RDATE"):
        found += _single(single, length, zone)
    return found


def _single(moment: Any, length: timedelta, zone: str) -> list[dict[str, str]]:  # noqa: ANN401 - a date, time or period
    """Window of one further date, or of a period with a length of its own."""
    if isinstance(moment, tuple):
        moment, end = moment
        length = end if isinstance(end, timedelta) else elapsed(moment, end, zone)
    start = local(moment, zone)
    return windows(rule_text(None, start, ZoneInfo(zone)), start, length, [])


def _span(event: Any, title: str, at: _Context) -> tuple[date, date] | None:  # noqa: ANN401 - as above
    """Start and end of an event; a day without end lasts a day."""
    start: Any = None
    end: Any = None
    try:
        start = event.decoded("DTSTART")
        if "DTEND" in event:
            end = event.decoded("DTEND")
        elif "DURATION" in event:
            end = after(start, event.decoded("DURATION"), written_duration(event["DURATION"]))
        elif isinstance(start, date) and not isinstance(start, datetime):
            end = start + timedelta(days=1)
            at.note("inferred", f"{title!r} states no end: the whole day (RFC 5545)")
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError):
        end = None
    if not isinstance(start, date) or not isinstance(end, date):
        at.note("missing", f"start or length of {title!r}; left out")
        return None
    return start, end


def _zone(event: Any, title: str, at: _Context) -> str | None:  # noqa: ANN401 - as above
    """IANA zone in which an event recurs; None, with a note, where it cannot be told."""
    value = event["DTSTART"]
    zone, named = zone_name(value), str(value.params.get("TZID", ""))
    if zone is None:
        what = f"the zone {named!r} of {title!r} is no IANA zone; left out"
        at.note("missing", what)
        return None
    if zone:
        if named and named != zone:
            at.note("inferred", f"zone {named!r} read as {zone}")
        return zone
    held = at.zone if at.zone in known_zones() else ""
    source = "the calendar's X-WR-TIMEZONE" if held else "UTC"
    at.note("inferred", f"{title!r} has no time zone: {source}")
    return held or "UTC"


def _service(event: Any, title: str, at: _Context) -> str:  # noqa: ANN401 - as above
    """Service that an event is about."""
    draft = at.draft
    categories = event.get("CATEGORIES", [])
    named = [str(c) for c in getattr(categories, "cats", [])]
    named += [str(event.get("LOCATION", "")), title]
    known = [draft.held_names[name] for name in named if name in draft.held_names]
    held = next((name for name in known if name != SHARED), None)
    if held is None:
        draft.note("inferred", f"{title!r} names no service we hold: {at.label!r} taken", at.place)
    return draft.put("services", held or at.label, at.place, "given" if held else "inferred")


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
