"""Calendars: zones, ends, exceptions and single dates; windows against dateutil's own sets."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrule, rruleset, rrulestr
from hypothesis import given
from hypothesis import strategies as st

from depgraph.engine.intervals import Intervals, instant
from depgraph.engine.recurrence import window_time
from depgraph.errors import RegisterError
from depgraph.model.exclusion import RecurringWindow
from depgraph.model.sla import Sla
from ingest.formats.ical_rules import windows
from ingest.provenance import ImportReport
from tests.ingest.formats.bench import imported, whats, written

ZONE = ZoneInfo("UTC")
FIRST = datetime(2026, 1, 1, 2, 0)  # noqa: DTZ001 - local time, as rules are meant


def _imported(tmp_path: Path, *events: str, head: str = "") -> tuple[list[Sla], ImportReport]:
    """Import a synthetic calendar."""
    body = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\n{head}{body}END:VCALENDAR\n".replace("\n", "\r\n")
    estate, report = imported("ical", written(tmp_path, "m.ics", text), tmp_path / "out")
    return [sla for _, sla in estate.sla.values()], report


def _spans(found: Intervals) -> list[tuple[datetime, datetime]]:
    """Spans of time as pairs of instants."""
    return [(instant(start), instant(end)) for start, end in found]


@given(
    st.sampled_from(["FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=MO,TH",
                     "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "FREQ=MONTHLY;BYDAY=1TH", "FREQ=MONTHLY"]),
    st.sampled_from(["", ";COUNT=9", ";UNTIL=20260302T020000"]),
    st.sets(st.integers(0, 90), max_size=6),
)  # fmt: skip
def test_windows_are_the_rule_without_its_exceptions(rule: str, end: str, days: set[int]) -> None:
    text = f"{rule}{end};BYHOUR=2;BYMINUTE=0"
    without = [FIRST + timedelta(days=day) for day in days]
    expected = rruleset()
    plain = rrulestr(text, dtstart=FIRST.replace(hour=0))
    assert isinstance(plain, rrule)
    expected.rrule(plain)
    for moment in without:
        expected.exdate(moment)
    span = (datetime(2025, 12, 1, tzinfo=ZONE), datetime(2026, 4, 1, tzinfo=ZONE))
    made = [RecurringWindow.model_validate(w)
            for w in windows(text, FIRST, timedelta(hours=1), without)]  # fmt: skip
    found = window_time(made, "UTC", None, *span)

    starts = [start.replace(tzinfo=None) for start, _ in _spans(found)]
    assert starts == list(expected.between(FIRST.replace(hour=0), datetime(2026, 4, 1)))  # noqa: DTZ001


def test_an_end_in_utc_is_kept_in_the_zone_of_the_event(tmp_path: Path) -> None:
    [sla], _ = _imported(
        tmp_path,
        "UID:1\nDTSTART;TZID=Europe/Berlin:20260701T020000\nDURATION:PT1H\n"
        "RRULE:FREQ=DAILY;UNTIL=20260703T000000Z",
    )

    [window] = sla.exclusions[0].windows
    assert window.rule == "FREQ=DAILY;UNTIL=20260703T020000;BYHOUR=2;BYMINUTE=0"


def test_zones_by_their_windows_name_the_calendars_and_unknown_ones(tmp_path: Path) -> None:
    times = "{0}:20260701T020000\nDTEND{0}:20260701T030000"
    slas, report = _imported(
        tmp_path,
        "SUMMARY:windows\nDTSTART" + times.format(";TZID=W. Europe Standard Time"),
        "SUMMARY:floating\nDTSTART" + times.format(""),
        "SUMMARY:nowhere\nDTSTART" + times.format(";TZID=Nowhere/Land"),
        head="X-WR-TIMEZONE:Europe/Paris\n",
    )

    assert len(slas) == 2
    assert "read as Europe/Berlin" in whats(report, "inferred")
    assert "X-WR-TIMEZONE" in whats(report, "inferred")
    assert "'nowhere' is no IANA zone; left out" in whats(report, "missing")


def test_a_moved_occurrence_replaces_that_of_its_series(tmp_path: Path) -> None:
    [sla], report = _imported(
        tmp_path,
        "UID:1\nDTSTART:20260101T020000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\nDESCRIPTION:x",
        "UID:1\nDTSTART:20260102T060000Z\nDURATION:PT2H\nRECURRENCE-ID:20260102T020000Z",
    )
    span = (datetime(2026, 1, 1, tzinfo=ZONE), datetime(2026, 2, 1, tzinfo=ZONE))
    found = window_time(sla.exclusions[0].windows, "UTC", None, *span)

    assert [(start.day, start.hour, (end - start).seconds // 3600) for start, end in _spans(found)] == [
        (1, 2, 1), (2, 6, 2), (3, 2, 1),
    ]  # fmt: skip
    assert "DESCRIPTION" in whats(report, "left_out")


def test_a_day_without_end_lasts_a_day_and_a_bad_rule_is_left_out(tmp_path: Path) -> None:
    [sla], report = _imported(
        tmp_path,
        "SUMMARY:day\nDTSTART;VALUE=DATE:20260101",
        "SUMMARY:bad\nDTSTART:20260101T020000Z\nDURATION:PT1H\nRRULE:FREQ=SECONDLY",
    )

    assert [window.hours for window in sla.exclusions[0].windows] == [24]
    assert "the time or rule of 'bad'" in whats(report, "left_out")


def test_more_events_than_fit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.formats.ical.MAX_COMPONENTS", 1)
    text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR\n"
    with pytest.raises(RegisterError, match="more than 1 entries"):
        imported("ical", written(tmp_path, "x.ics", text), tmp_path / "out")


@pytest.mark.parametrize(("start", "end", "hours"), [
    pytest.param("20261025T013000", "DTEND;{zone}:20261025T030000", "2.5", id="hour that comes twice"),
    pytest.param("20260329T013000", "DTEND;{zone}:20260329T030000", "0.5", id="hour that is none"),
    pytest.param("20261024T120000", "DTEND;{zone}:20261025T120000", "25", id="day with 25 hours"),
    pytest.param("20261024T120000", "DURATION:P1D", "25", id="nominal day"),
    pytest.param("20261024T120000", "DURATION:PT24H", "24", id="exact hours"),
    pytest.param("20261024T120000", "DURATION:P1DT2H", "27", id="both"),
    pytest.param("20261024T120000", "DURATION:PT48H", "48", id="two days of exact hours"),
])  # fmt: skip
def test_a_length_is_the_time_that_passes(tmp_path: Path, start: str, end: str, hours: str) -> None:
    """Clocks in Dublin go back on 25 October 2026 and forward on 29 March (RFC 5545, 3.3.6)."""
    zone = "TZID=Europe/Dublin"
    lines = f"UID:1\nDTSTART;{zone}:{start}\n{end.format(zone=zone)}"
    [sla], _ = _imported(tmp_path, lines)

    [window] = sla.exclusions[0].windows
    assert str(window.hours) == hours
