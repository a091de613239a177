"""Service levels from counts of requests and stated figures (rules M7, M8, M11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from depgraph.engine.exclusions import Promise
from depgraph.engine.intervals import (
    EMPTY,
    MINUTE,
    Intervals,
    difference,
    intervals,
    microseconds,
    minutes,
    whole_minutes,
)
from depgraph.model.incident import Measurement


@dataclass(frozen=True)
class RequestLevel:
    """A level from figures."""

    availability: Fraction
    """Availability [1]."""
    failing: Intervals = field(default_factory=EMPTY.copy)
    """When anything failed."""


def rows_within(
    rows: Iterable[Measurement], start: datetime, end: datetime
) -> tuple[Measurement, ...]:
    """Figures whose span starts in [start, end), in order of time (rule M1).

    Parameters
    ----------
    rows : iterable of Measurement
        Figures in any order.
    start, end : datetime
        First instant, and first instant after it.
    """
    return tuple(sorted((r for r in rows if start <= r.start < end), key=lambda r: r.start))


def success_rate(row: Measurement) -> Fraction:
    """Share of requests that succeeded; 1 where there were none (rule M8)."""
    if row.availability is not None:
        return Fraction(row.availability)
    if row.good is None or not row.valid:
        return Fraction(1)
    return Fraction(row.good) / Fraction(row.valid)


@dataclass(frozen=True)
class _Kept:
    """A figure, and how much of it counts."""

    row: Measurement
    """The figure."""
    share: Fraction
    """Part of its span that is not excluded [1]."""


def counted_share(
    promise: Promise,
    rows: Sequence[Measurement],
    excluded: Intervals,
    period: tuple[datetime, datetime],
    length: Fraction,
) -> RequestLevel:
    """Level over a period from figures, by the promise's measure (rules M5, M8, M11).

    Of figures no finer part is known. One of the whole period is taken as it is stated. Of one that
    is longer than an interval and excluded in part, the part that is not excluded counts at the
    figure's own rate; one of an interval or less that is excluded in part is left out.

    Parameters
    ----------
    promise : Promise
        The level promised.
    rows : sequence of Measurement
        Figures of one source, in order of time. Time without figures counts as available.
    excluded : Intervals
        Time that does not count.
    period : tuple of datetime
        First instant, and first instant after it.
    length : Fraction
        What downtime is divided by (rule M5) [min].
    """
    start, end = period
    kept = _kept(promise, rows, excluded, period)
    failed = intervals((k.row.start, min(k.row.end, end)) for k in kept if success_rate(k.row) < 1)
    failing = difference(failed, excluded)
    if not length:
        return RequestLevel(Fraction(1), failing)
    measure = promise.objective.measure
    if measure in {"request_ratio", "executions"} and any(k.row.valid is not None for k in kept):
        valid = sum((Fraction(k.row.valid or 0) * k.share for k in kept), Fraction(0))
        good = sum((Fraction(k.row.good or 0) * k.share for k in kept), Fraction(0))
        return RequestLevel(good / valid if valid else Fraction(1), failing)
    if measure == "threshold_minutes":
        failing = _minutes_over_threshold(promise, kept, excluded, end)
        return RequestLevel(1 - minutes(failing) / length, failing)
    if len(kept) == 1 and is_whole(kept[0].row, period) and measure != "interval_all_fail":
        return RequestLevel(success_rate(kept[0].row), failing)
    cells = _cells(promise, kept, start, end)
    if measure == "interval_all_fail":
        lost = sum((size for rate, size in cells if rate == 0), Fraction(0))
    else:
        lost = sum(((1 - rate) * size for rate, size in cells), Fraction(0))
    return RequestLevel(1 - lost / length, failing)


def is_whole(row: Measurement, period: tuple[datetime, datetime]) -> bool:
    """Whether a figure is one of a whole period.

    Parameters
    ----------
    row : Measurement
        The figure.
    period : tuple of datetime
        First instant, and first instant after it.
    """
    return row.start <= period[0] and row.end >= period[1]


def _kept(
    promise: Promise,
    rows: Sequence[Measurement],
    excluded: Intervals,
    period: tuple[datetime, datetime],
) -> list[_Kept]:
    """Figures that count, whole or in part."""
    cell = Fraction(promise.objective.interval_minutes)
    found = []
    for row in rows:
        span = intervals([(row.start, min(row.end, period[1]))])
        left = minutes(span) if is_whole(row, period) else minutes(difference(span, excluded))
        share = left / minutes(span)
        if share == 1 or (share and minutes(span) > cell):
            found.append(_Kept(row, share))
    return found


def _cells(
    promise: Promise, rows: Sequence[_Kept], start: datetime, end: datetime
) -> list[tuple[Fraction, Fraction]]:
    """Success rate and length [min] of every interval that has figures.

    Rows shorter than an interval are joined by their counts; longer ones stand for several
    intervals alike.
    """
    cell = promise.objective.interval_minutes * MINUTE
    origin, last = microseconds(start), microseconds(end)
    found: list[tuple[Fraction, Fraction]] = []
    joined: dict[int, list[Measurement]] = {}
    for kept in rows:
        row = kept.row
        first, until = microseconds(row.start), min(microseconds(row.end), last)
        place = (first - origin) // cell
        if until - first < cell and until <= origin + (place + 1) * cell:
            joined.setdefault(place, []).append(row)
        else:
            found.append((success_rate(row), Fraction(until - first, MINUTE) * kept.share))
    for place, members in joined.items():
        size = Fraction(min(origin + (place + 1) * cell, last) - origin - place * cell, MINUTE)
        found.append((_joined_rate(members), size))
    return found


def _joined_rate(rows: Sequence[Measurement]) -> Fraction:
    """Success rate of one interval from several rows: by counts, else by their mean."""
    if all(row.valid is not None for row in rows):
        valid = sum((Fraction(row.valid or 0) for row in rows), Fraction(0))
        good = sum((Fraction(row.good or 0) for row in rows), Fraction(0))
        return good / valid if valid else Fraction(1)
    return sum((success_rate(row) for row in rows), Fraction(0)) / len(rows)


def _minutes_over_threshold(
    promise: Promise, rows: Sequence[_Kept], excluded: Intervals, end: datetime
) -> Intervals:
    """Whole minutes in which more than the threshold failed, in runs that are long enough."""
    objective = promise.objective
    threshold = Fraction(objective.error_threshold or 0)
    bad = intervals(
        (kept.row.start, min(kept.row.end, end))
        for kept in rows
        if 1 - success_rate(kept.row) > threshold
    )
    sliding = objective.minute_alignment == "sliding"
    shortest = objective.consecutive_minutes or 1
    return whole_minutes(difference(bad, excluded), sliding=sliding, at_least=shortest)
