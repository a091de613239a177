"""Sets of time on NumPy: half-open UTC intervals [start, end) in microseconds (rules M1, M2).

A set is an int64 array of shape (n, 2), sorted, disjoint and without neighbours that touch.
Microseconds keep every instant exact; lengths are exact fractions of a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

Intervals = npt.NDArray[np.int64]
"""Sorted disjoint intervals, shape (n, 2) [µs since 1970]."""
_Mask = npt.NDArray[np.bool_]

MINUTE: Final = 60_000_000
"""Microseconds in a minute."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
EMPTY: Final[Intervals] = np.empty((0, 2), np.int64)
"""No time at all."""
_NOTHING: Final = Fraction(0)
_FEW: Final = 16
"""Sets of so few stretches are met faster one by one than by NumPy."""


def microseconds(moment: datetime) -> int:
    """Instant as microseconds since 1970, exact."""
    return (moment - _EPOCH) // _MICROSECOND


def instant(micros: int) -> datetime:
    """Instant from microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=int(micros))


def intervals(pairs: Iterable[tuple[datetime, datetime]]) -> Intervals:
    """Set of time from pairs that may overlap and lie in any order.

    Examples
    --------
    >>> hour = [datetime(2026, 4, 10, h, tzinfo=UTC) for h in (10, 11, 12)]
    >>> int(minutes(intervals([(hour[0], hour[1]), (hour[1], hour[2])])))
    120
    """
    return of_micros([(microseconds(start), microseconds(end)) for start, end in pairs])


def of_micros(pairs: Iterable[tuple[int, int]]) -> Intervals:
    """Set of time from pairs of microseconds; empty and reversed pairs fall out."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(pairs):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return np.array(merged, np.int64).reshape(-1, 2) if merged else EMPTY


def _combined(one: Intervals, other: Intervals, keep: Callable[[_Mask, _Mask], _Mask]) -> Intervals:
    """Keep the stretches that a rule on (in one, in other) picks."""
    times = np.unique(np.concatenate([one.ravel(), other.ravel()]))
    if len(times) == 0:
        return EMPTY
    picked = np.r_[False, keep(_inside(one, times), _inside(other, times))[:-1], False]
    edges = np.diff(picked.astype(np.int8))
    return np.column_stack([times[edges == 1], times[edges == -1]])


def _inside(kept: Intervals, times: npt.NDArray[np.int64]) -> _Mask:
    """Whether a set holds the stretch that starts at each time."""
    opened = np.searchsorted(kept[:, 0], times, "right")
    closed = np.searchsorted(kept[:, 1], times, "right")
    return np.asarray(opened > closed)


def union(*sets: Intervals) -> Intervals:
    """Time in any of the sets (rule M2: overlaps are never summed)."""
    filled = [kept for kept in sets if len(kept)]
    if len(filled) < 2:  # noqa: PLR2004 - nothing to merge
        return filled[0] if filled else EMPTY
    return of_micros((start, end) for kept in filled for start, end in kept.tolist())


def intersection(one: Intervals, other: Intervals) -> Intervals:
    """Time in both sets."""
    if len(one) == 0 or len(other) == 0:
        return EMPTY
    if len(one) + len(other) <= _FEW:
        return _met(one.tolist(), other.tolist())
    return _combined(one, other, lambda a, b: a & b)


def difference(one: Intervals, other: Intervals) -> Intervals:
    """Time in the first set and not in the second."""
    if len(one) == 0 or len(other) == 0:
        return one
    if len(one) + len(other) <= _FEW:
        return _left(one.tolist(), other.tolist())
    return _combined(one, other, lambda a, b: a & ~b)


def _met(one: list[list[int]], other: list[list[int]]) -> Intervals:
    """Time in both of two short sets."""
    found = [(max(a, c), min(b, d)) for a, b in one for c, d in other if max(a, c) < min(b, d)]
    return np.array(found, np.int64).reshape(-1, 2) if found else EMPTY


def _left(one: list[list[int]], other: list[list[int]]) -> Intervals:
    """Time in the first of two short sets and not in the second."""
    found = []
    for start, end in one:
        here = start
        for c, d in other:
            if c > here and c < end:
                found.append((here, c))
            if d > here and c < end:
                here = d
        if here < end:
            found.append((here, end))
    return np.array(found, np.int64).reshape(-1, 2) if found else EMPTY


def minutes(kept: Intervals) -> Fraction:
    """Length of a set [min], exact."""
    if len(kept) == 0:
        return _NOTHING
    return Fraction(int((kept[:, 1] - kept[:, 0]).sum()), MINUTE)


def earliest(kept: Intervals, most: Fraction) -> Intervals:
    """First minutes of a set, up to a most [min] (rule M3: they use up a quota first)."""
    room = int(min(most, minutes(kept)) * MINUTE)
    lengths = kept[:, 1] - kept[:, 0]
    before = np.cumsum(lengths) - lengths
    given = np.clip(room - before, 0, lengths)
    return _pairs(kept[:, 0], kept[:, 0] + given, given > 0)


def whole_minutes(kept: Intervals, *, sliding: bool = False, at_least: int = 1) -> Intervals:
    """Whole minutes of each run (rule M7).

    Parameters
    ----------
    kept : Intervals
        Outages.
    sliding : bool
        Whether minutes are counted from the start of each run, instead of by the clock.
    at_least : int
        Shortest run of whole minutes that counts.
    """
    start, end = kept[:, 0], kept[:, 1]
    first = start if sliding else -(-start // MINUTE) * MINUTE
    last = first + (end - first) // MINUTE * MINUTE
    return _pairs(first, last, last - first >= at_least * MINUTE)


def whole_cells(kept: Intervals, origin: int, length_minutes: int) -> Intervals:
    """Cells of a grid that lie entirely inside a set (rule M7: intervals that fail entirely).

    Parameters
    ----------
    kept : Intervals
        Outages.
    origin : int
        Where the grid starts [µs].
    length_minutes : int
        Length of a cell [min].
    """
    cell = length_minutes * MINUTE
    first = origin - (origin - kept[:, 0]) // cell * cell
    last = origin + (kept[:, 1] - origin) // cell * cell
    return _pairs(first, last, last > first)


def _pairs(starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], kept: _Mask) -> Intervals:
    """Pairs of starts and ends that are kept."""
    return np.column_stack([starts[kept], ends[kept]])
