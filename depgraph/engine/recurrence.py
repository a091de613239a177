"""Recurring windows and service hours as sets of time (rule M3): RFC 5545 rules in a local zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
from dateutil.rrule import rrulestr

from depgraph.engine.intervals import Intervals, difference, intersection, intervals
from depgraph.engine.periods import local_day, local_midnight
from depgraph.model.exclusion import RecurringWindow, ServiceHours

_DAY = timedelta(days=1)
_ORIGIN = date(2000, 1, 3)
"""A Monday on which rules without a first day start."""


def window_time(
    windows: Sequence[RecurringWindow],
    zone: str,
    since: date | None,
    start: datetime,
    end: datetime,
) -> Intervals:
    """Time that recurring windows cover within [start, end).

    Parameters
    ----------
    windows : sequence of RecurringWindow
        Rules and lengths; an occurrence lasts its hours as elapsed time, also over a clock
        change.
    zone : str
        IANA zone in which the rules are meant.
    since : date, optional
        First day of rules that name none.
    start, end : datetime
        The span of interest.
    """
    found = []
    for window in windows:
        length = timedelta(hours=float(window.hours))
        for occurrence in _occurrences(window, zone, since, (start - length, end)):
            begin = occurrence.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
            found.append((begin, begin + length))
    return intersection(intervals(found), intervals([(start, end)]))


def _occurrences(
    window: RecurringWindow, zone: str, since: date | None, span: tuple[datetime, datetime]
) -> list[datetime]:
    """Local starts of a rule within a span, and some about it."""
    day = window.since or since or _ORIGIN
    # Where clocks change, local times do not stand in the order in which they pass: a day more.
    span = span[0] - _DAY, span[1] + _DAY
    first = local_day(span[0], zone) - _DAY
    rule = window.rule.upper()
    if (
        ("FREQ=WEEKLY" in rule or "FREQ=DAILY" in rule)
        and not any(word in rule for word in ("INTERVAL", "COUNT"))
        and first > day
    ):
        # The rule has no memory: start near the span, on the same day of the week.
        day += timedelta(days=(first - day).days // 7 * 7)
    anchor = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - local time of the contract
    low, high = (moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in span)
    return list(rrulestr(window.rule, dtstart=anchor).between(low, high, inc=True))


def service_time(
    hours: ServiceHours, zone: str, since: date | None, start: datetime, end: datetime
) -> Intervals:
    """Time in which a service must work within [start, end), public holidays taken out (rule M3).

    Parameters
    ----------
    hours : ServiceHours
        Recurring windows, and whose holidays are free.
    zone : str
        IANA zone of the windows and the holidays.
    since : date, optional
        First day on which a rule without a first day of its own may occur.
    start, end : datetime
        First instant, and first instant after it.
    """
    worked = window_time(hours.windows, zone, since, start, end)
    if hours.holidays is None:
        return worked
    days = _holidays(hours.holidays, local_day(start, zone), local_day(end, zone))
    off = [(local_midnight(day, zone), local_midnight(day + _DAY, zone)) for day in days]
    return difference(worked, intervals(off))


def _holidays(place: str, first: date, last: date) -> list[date]:
    """Public holidays of a country or of a part of it."""
    country, _, subdivision = place.partition("-")
    years = range(first.year, last.year + 1)
    calendar = holidays.country_holidays(country, subdiv=subdivision or None, years=years)
    return sorted(day for day in calendar if first <= day <= last)
