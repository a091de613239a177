"""Recurring windows and service hours: every occurrence, clock changes, holidays (rule M3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from depgraph.engine.intervals import intersection, intervals, minutes
from depgraph.engine.recurrence import service_time, window_time
from depgraph.model.exclusion import RecurringWindow, ServiceHours

ZONES = ["UTC", "Europe/Dublin", "America/New_York", "Australia/Lord_Howe"]
RULES = [
    "FREQ=WEEKLY;BYDAY=SU;BYHOUR=1;BYMINUTE=20",
    "FREQ=WEEKLY",
    "FREQ=DAILY;BYHOUR=2;BYMINUTE=30",
    "freq=daily;byhour=0,13;byminute=45",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;BYHOUR=1;BYMINUTE=10",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=DAILY;COUNT=40;BYHOUR=1;BYMINUTE=5",
    "FREQ=WEEKLY;COUNT=9;BYDAY=SU,WE",
    "FREQ=WEEKLY;UNTIL=20260401T000000",
    "FREQ=MONTHLY;BYDAY=-1SU;BYHOUR=1;BYMINUTE=15",
    "FREQ=MONTHLY;BYHOUR=1",
]
CHANGES = [datetime(2026, month, day, 1, tzinfo=UTC) for month, day in ((3, 29), (10, 25), (11, 1))]

DAYS = [datetime(2025, 12, 1, tzinfo=UTC) + timedelta(days=n) for n in range(365)]


def window(rule: str, hours: object = 2, since: date | None = None) -> RecurringWindow:
    return RecurringWindow(rule=rule, hours=Decimal(str(hours)), since=since)


@given(
    rule=st.sampled_from(RULES),
    hours=st.sampled_from(["0.25", "2", "30"]),
    zone=st.sampled_from(ZONES),
    since=st.dates(date(2025, 11, 1), date(2026, 3, 31)),
    named=st.booleans(),
    start=st.sampled_from(CHANGES) | st.sampled_from(DAYS),
    around=st.integers(-300, 300),
    length=st.integers(1, 400) | st.integers(1, 20_000),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_a_span_holds_what_all_occurrences_cover_of_it(
    rule: str, hours: str, zone: str, since: date, named: bool, start: datetime, around: int,
    length: int,
) -> None:  # fmt: skip
    """Against the rule unrolled from its first day, also within the hours of a clock change."""
    start = start + timedelta(minutes=around)
    end = start + timedelta(minutes=length)
    first, last = (local_midnight(day) for day in (since, date(2027, 2, 1)))
    unrolled = rrulestr(rule, dtstart=first).between(first, last, inc=True)
    spans = []
    for local in unrolled:
        begin = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        spans.append((begin, begin + timedelta(hours=float(hours))))
    expected = intersection(intervals(spans), intervals([(start, end)]))

    held = window(rule, hours, since if named else None)
    # A window's own first day comes before the one of its contract.
    other = date(2024, 1, 1) if named else since
    found = window_time([held], zone, other, start, end)
    assert found.tolist() == expected.tolist()


def local_midnight(day: date) -> datetime:
    """Midnight as a rule writes it, in no zone."""
    return datetime.combine(day, datetime.min.time())


@pytest.mark.parametrize(
    ("start", "end", "covered"),
    [
        # 01:20 in Dublin on 25 October comes twice; the first is 00:20 UTC (RFC 5545, 3.3.5).
        ("2026-10-25T00:00:00Z", "2026-10-25T01:10:00Z", 50),
        ("2026-10-25T00:00:00Z", "2026-10-25T03:00:00Z", 120),
        # 01:20 on 29 March does not exist: it is told by the offset before, 01:20 UTC.
        ("2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z", 40),
        ("2026-03-29T03:10:00Z", "2026-03-29T06:00:00Z", 10),
    ],
)
def test_windows_on_nights_when_clocks_change(start: str, end: str, covered: int) -> None:
    found = window_time(
        [window(RULES[0])], "Europe/Dublin", None,
        datetime.fromisoformat(start), datetime.fromisoformat(end),
    )  # fmt: skip

    assert minutes(found) == covered


def test_a_rule_without_a_first_day_starts_on_a_monday() -> None:
    """7 July 2025 is a Monday, a whole number of weeks after 3 January 2000."""
    day = datetime(2025, 7, 7, tzinfo=UTC)
    week = window_time([window("FREQ=WEEKLY", 24)], "UTC", None, day, day + timedelta(days=7))

    assert minutes(week) == 1440
    assert week.tolist() == intervals([(day, day + timedelta(days=1))]).tolist()


OFFICE = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0"


@pytest.mark.parametrize(
    ("place", "first", "last", "days"),
    [
        # gov.ie: St Patrick's Day is 17 March; 2026 it is a Tuesday.
        ("IE", "2026-03-16", "2026-03-21", 4),
        (None, "2026-03-16", "2026-03-21", 5),
        ("IE", "2026-03-17", "2026-03-18", 0),
        ("IE", "2026-03-18", "2026-03-19", 1),
        # Article 1 of the Bavarian FTG: Epiphany is one of its holidays; not so in all of Germany.
        ("DE-BY", "2026-01-05", "2026-01-10", 4),
        ("DE", "2026-01-05", "2026-01-10", 5),
        # Over the end of a year: 25 and 26 December 2025 and New Year's Day are free in Germany.
        ("DE", "2025-12-22", "2026-01-03", 7),
    ],
)
def test_public_holidays_are_no_service_time(
    place: str | None, first: str, last: str, days: int
) -> None:
    zone = "Europe/Berlin"
    start, end = (
        datetime.combine(date.fromisoformat(day), datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
        for day in (first, last)
    )  # fmt: skip
    terms: dict[str, Any] = {"windows": [{"rule": OFFICE, "hours": 8}], "holidays": place}
    found = service_time(ServiceHours.model_validate(terms), zone, None, start, end)

    assert minutes(found) == days * 8 * 60
