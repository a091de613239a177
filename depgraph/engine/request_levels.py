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
    of_micros,
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
    """Figures whose span starts in [start, end), in order of time."""
    return tuple(sorted((r for r in rows if start <= r.start < end), key=lambda r: r.start))


def success_rate(row: Measurement) -> Fraction:
    """Share of requests that succeeded; 1 where there were none (rule M8)."""
    if row.availability is not None:
        return Fraction(row.availability)
    if row.good is None or not row.valid:
        return Fraction(1)
    return Fraction(row.good) / Fraction(row.valid)


def counted_share(
    promise: Promise,
    rows: Sequence[Measurement],
    excluded: Intervals,
    start: datetime,
    end: datetime,
) -> RequestLevel:
    """Level over [start, end) from figures, by the promise's measure (rule M8).

    Parameters
    ----------
    promise : Promise
        The level promised.
    rows : sequence of Measurement
        Figures of one source, in order of time. Time without figures counts as available.
    excluded : Intervals
        Time whose figures do not count: a row of which any part is excluded is left out.
    start, end : datetime
        The period.
    """
    kept = [row for row in rows if not _touches(row, excluded)]
    failing = intervals((r.start, min(r.end, end)) for r in kept if success_rate(r) < 1)
    length = minutes(intervals([(start, end)]))
    measure = promise.objective.measure
    if measure in {"request_ratio", "executions"} and any(r.valid is not None for r in kept):
        valid = sum((Fraction(row.valid or 0) for row in kept), Fraction(0))
        good = sum((Fraction(row.good or 0) for row in kept), Fraction(0))
        return RequestLevel(good / valid if valid else Fraction(1), failing)
    if measure == "threshold_minutes":
        failing = _minutes_over_threshold(promise, kept, end)
        return RequestLevel(1 - minutes(failing) / length, failing)
    cells = _cells(promise, kept, start, end)
    if measure == "interval_all_fail":
        lost = sum((size for rate, size in cells if rate == 0), Fraction(0))
    else:
        lost = sum(((1 - rate) * size for rate, size in cells), Fraction(0))
    return RequestLevel(1 - lost / length, failing)


def _touches(row: Measurement, excluded: Intervals) -> bool:
    if len(excluded) == 0:
        return False
    span = intervals([(row.start, row.end)])
    return minutes(difference(span, excluded)) < minutes(span)


def _cells(
    promise: Promise, rows: Sequence[Measurement], start: datetime, end: datetime
) -> list[tuple[Fraction, Fraction]]:
    """Success rate and length [min] of every interval that has figures.

    Rows shorter than an interval are joined by their counts; longer ones stand for several
    intervals alike.
    """
    cell = promise.objective.interval_minutes * MINUTE
    origin, last = microseconds(start), microseconds(end)
    found: list[tuple[Fraction, Fraction]] = []
    joined: dict[int, list[Measurement]] = {}
    for row in rows:
        first, until = microseconds(row.start), min(microseconds(row.end), last)
        place = (first - origin) // cell
        if until - first < cell and until <= origin + (place + 1) * cell:
            joined.setdefault(place, []).append(row)
        else:
            found.append((success_rate(row), Fraction(until - first, MINUTE)))
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
    promise: Promise, rows: Sequence[Measurement], end: datetime
) -> Intervals:
    """Whole minutes in which more than the threshold failed, in runs that are long enough."""
    objective = promise.objective
    threshold = Fraction(objective.error_threshold or 0)
    bad = of_micros(
        (microseconds(row.start), microseconds(min(row.end, end)))
        for row in rows
        if 1 - success_rate(row) > threshold
    )
    sliding = objective.minute_alignment == "sliding"
    return whole_minutes(bad, sliding=sliding, at_least=objective.consecutive_minutes or 1)
