"""Measuring periods in a contract's zone, from its anchor day (rule M1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from depgraph.errors import DomainError
from depgraph.model.contract import Contract

PeriodKind = Literal["month", "quarter", "year"]
MONTHS: dict[PeriodKind, int] = {"month": 1, "quarter": 3, "year": 12}
"""Months in each kind of period."""
PERIOD_YEARS = (1900, 9990)
"""Years in which periods are known; calendars end in 9999."""
FIRST_MONTH = PERIOD_YEARS[0] * 12
"""First month of them, counted from year 0."""
LAST_MONTH = PERIOD_YEARS[1] * 12 + 11
"""Last month of them, counted from year 0."""
_LONGEST_RUN = 1200
"""Most months that are settled at once."""
_MOST_KEPT = 10_000
"""Days and periods worked out that are kept."""
_LABEL = re.compile(r"^([0-9]{4})(?:-(0[1-9]|1[0-2])|-Q([1-4]))?$")


class Period(NamedTuple):
    """One measuring period."""

    kind: PeriodKind
    """Its kind."""
    first_month: int
    """Its first month, counted from year 0."""
    start: datetime
    """First instant, in UTC."""
    end: datetime
    """First instant after it, in UTC."""

    @property
    def label(self) -> str:
        """2026-04, 2026-Q2 or 2026."""
        return _label(self.kind, self.first_month)

    @property
    def closing_month(self) -> int:
        """Its last month, counted from year 0."""
        return self.first_month + MONTHS[self.kind] - 1


@lru_cache(_MOST_KEPT)
def _label(kind: PeriodKind, first_month: int) -> str:
    year, month = divmod(first_month, 12)
    if kind == "month":
        return f"{year:04}-{month + 1:02}"
    return f"{year:04}-Q{month // 3 + 1}" if kind == "quarter" else f"{year:04}"


class Requested(NamedTuple):
    """A run of months that was asked for; every period that closes in it belongs to it."""

    first_month: int
    """First month, counted from year 0."""
    last_month: int
    """Last month, counted from year 0."""
    text: str
    """As it was asked for."""

    def holds(self, period: Period) -> bool:
        """Whether a period closes in these months."""
        return self.first_month <= period.closing_month <= self.last_month


class Spanning(NamedTuple):
    """Every period that overlaps a span of time, in whatever zone it runs."""

    first_month: int
    """First month that may hold the start of such a period, counted from year 0."""
    last_month: int
    """Last month that may, counted from year 0."""
    text: str
    """The span in words."""
    start: datetime
    """First instant of the span."""
    end: datetime
    """First instant after it."""

    def holds(self, period: Period) -> bool:
        """Whether a period overlaps the span."""
        return period.start < self.end and period.end > self.start


def spanning(start: datetime, end: datetime) -> Spanning:
    """Periods that overlap [start, end).

    Raises
    ------
    DomainError
        If the span reaches beyond the years in which periods are known, or is longer than a
        century.
    """
    if not (PERIOD_YEARS[0] <= start.year and end.year <= PERIOD_YEARS[1]):
        raise DomainError(
            f"{start.isoformat()} to {end.isoformat()} reaches beyond the years "
            f"{PERIOD_YEARS[0]} to {PERIOD_YEARS[1]}"
        )
    if (end.year - start.year) * 12 + end.month - start.month >= _LONGEST_RUN:
        raise DomainError(
            f"{start.isoformat()} to {end.isoformat()} is longer than {_LONGEST_RUN // 12} years: "
            "ask for less at once"
        )
    # Zones and anchor days shift a period by up to a month against the calendar of UTC.
    before, after = start - timedelta(days=32), end + timedelta(days=2)
    first, last = f"{start:%Y-%m}", f"{end:%Y-%m}"
    return Spanning(
        before.year * 12 + before.month - 1,
        after.year * 12 + after.month - 1,
        first if first == last else f"{first}..{last}",
        start,
        end,
    )


def requested(text: str) -> Requested:
    """Read 2026-04, 2026-Q2, 2026, or a run such as 2025-07..2026-06.

    Raises
    ------
    DomainError
        If the text is none of these, runs backwards, is longer than a century, or lies outside the
        years in which periods are known.

    Examples
    --------
    >>> requested("2026-Q2").last_month - requested("2026-04").first_month
    2
    """
    first_text, dots, last_text = text.strip().partition("..")
    first, last = _months(first_text, text), _months(last_text if dots else first_text, text)
    if last[1] < first[0]:
        raise DomainError(f"{text!r} runs backwards: write the earlier period first")
    if last[1] - first[0] >= _LONGEST_RUN:
        raise DomainError(f"{text!r} is longer than {_LONGEST_RUN // 12} years")
    return Requested(first[0], last[1], text.strip())


def kind_of(label: str) -> PeriodKind:
    """Kind of period that a label such as 2026-04, 2026-Q2 or 2026 names."""
    if "Q" in label:
        return "quarter"
    return "month" if "-" in label else "year"


def _months(label: str, text: str) -> tuple[int, int]:
    """First and last month of one label."""
    found = _LABEL.match(label.strip())
    if found is None:
        raise DomainError(
            f"{text!r} is no period: write 2026-04, 2026-Q2, 2026 or a run such as 2025-07..2026-06"
        )
    year, month, quarter = found.groups()
    if not PERIOD_YEARS[0] <= int(year) <= PERIOD_YEARS[1]:
        raise DomainError(f"{text!r} lies outside the years {PERIOD_YEARS[0]} to {PERIOD_YEARS[1]}")
    base = int(year) * 12
    if month:
        return base + int(month) - 1, base + int(month) - 1
    if quarter:
        return base + 3 * (int(quarter) - 1), base + 3 * int(quarter) - 1
    return base, base + 11


@lru_cache(_MOST_KEPT)
def local_midnight(day: date, zone: str) -> datetime:
    """First instant of a day in a zone, in UTC; where a clock change skips midnight, the change.

    At the ends of the calendar, which stand for "always", UTC's own midnight.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    try:
        return midnight.astimezone(UTC)
    except OverflowError:
        return midnight.replace(tzinfo=UTC)


def local_day(moment: datetime, zone: str) -> date:
    """Calendar day of an instant in a zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


@lru_cache(_MOST_KEPT)
def period_from(kind: PeriodKind, first_month: int, zone: str, anchor_day: int = 1) -> Period:
    """Period of a kind that starts in a month (rule M1).

    Parameters
    ----------
    kind : {'month', 'quarter', 'year'}
        Its kind.
    first_month : int
        Month counted from year 0.
    zone : str
        IANA zone; a clock change makes the period longer or shorter.
    anchor_day : int
        Day of the month on which periods start, 1 to 28.

    Examples
    --------
    >>> march = period_from("month", 2026 * 12 + 2, "Europe/Dublin")
    >>> (march.end - march.start).total_seconds() / 3600
    743.0
    """
    year, month = divmod(first_month, 12)
    start = date(year, month + 1, anchor_day)
    end = start + relativedelta(months=MONTHS[kind])
    return Period(kind, first_month, local_midnight(start, zone), local_midnight(end, zone))


def periods_over(
    kind: PeriodKind, zone: str, anchor_day: int, start: datetime, end: datetime
) -> Iterator[Period]:
    """Periods that overlap [start, end), in order (rule M1).

    Parameters
    ----------
    kind : {'month', 'quarter', 'year'}
        Their kind.
    zone : str
        IANA zone.
    anchor_day : int
        Day of the month on which periods start, 1 to 28.
    start, end : datetime
        First instant, and first instant after it.
    """
    day = local_day(start, zone)
    size = MONTHS[kind]
    month = (day.year * 12 + day.month - 1) // size * size
    if month % 12 == day.month - 1 and day.day < anchor_day:
        month -= size
    while True:
        period = period_from(kind, month, zone, anchor_day)
        if period.start >= end:
            return
        if period.end > start:
            yield period
        month += size


def months_over(contract: Contract, start: datetime, end: datetime) -> Iterator[Period]:
    """Months of a contract that overlap [start, end), in order (rule M1).

    Parameters
    ----------
    contract : Contract
        Its zone and anchor day.
    start, end : datetime
        First instant, and first instant after it.
    """
    return periods_over("month", contract.timezone, contract.anchor_day, start, end)


def day_span(first: date | None, last: date | None, zone: str) -> tuple[datetime, datetime]:
    """Instants from the first day up to and with the last one; open ends reach very far.

    Parameters
    ----------
    first, last : date, optional
        First and last day; None is open.
    zone : str
        IANA zone of the days.
    """
    start = local_midnight(first, zone) if first else datetime(1, 1, 2, tzinfo=UTC)
    end = (
        local_midnight(last + timedelta(days=1), zone)
        if last and last < date.max - timedelta(days=1)
        else datetime(9999, 12, 30, tzinfo=UTC)
    )
    return start, end
