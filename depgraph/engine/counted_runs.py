"""Outages as a promise counts them, in many simulated periods at once (rules M3, M7).

The reference form is `measurement`: whole minutes by the clock or of each outage, outages from a
shortest length on, and intervals of several minutes that fail entirely; all within service hours,
if there are any. Each outage is cut off at the borders of the period first, as there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from depgraph.engine.diagram import Array
from depgraph.engine.entries import Entry
from depgraph.engine.intervals import MINUTE
from depgraph.engine.shared_causes import Spans

_BY_CLOCK, _BY_PERIOD, _BY_OUTAGE = range(3)
"""Where the cells of a promise begin: at whole minutes, with the period, with each outage."""


class CountedRuns(NamedTuple):
    """How a promise counts the length of outages.

    Attributes
    ----------
    cell : int
        Length of what counts as a whole or not at all [µs].
    shortest : int
        Length of cells in a row from which they count [µs].
    begin : int
        Where cells begin.
    """

    cell: int
    shortest: int
    begin: int

    def origin(self, midnight: Array, start: Array) -> Array:
        """Where a cell begins, unless each outage has its own.

        Parameters
        ----------
        midnight : ndarray of int64
            An instant of the clock's whole minutes [µs].
        start : ndarray of int64
            Where the period begins, also what is not looked at of it [µs].
        """
        return start if self.begin == _BY_PERIOD else midnight


EXACT = CountedRuns(1, 1, _BY_CLOCK)
"""Every microsecond counts."""


def counted_runs(entry: Entry) -> CountedRuns:
    """How a level counts outages that hit all of a service."""
    objective = entry.promise.objective
    if objective.measure == "interval_all_fail":
        cell = objective.interval_minutes * MINUTE
        return CountedRuns(cell, cell, _BY_PERIOD)
    by_minutes = objective.granularity != "exact" or objective.measure == "threshold_minutes"
    if not by_minutes or objective.measure not in {"time", "threshold_minutes"}:
        return EXACT
    begin = _BY_OUTAGE if objective.minute_alignment == "sliding" else _BY_CLOCK
    return CountedRuns(MINUTE, (objective.consecutive_minutes or 1) * MINUTE, begin)


def counted_within(
    down: Spans,
    runs: CountedRuns,
    origin: Array,
    period: tuple[Array, Array],
    part: tuple[Array, Array] | None = None,
) -> Array:
    """Length that counts in each of several periods, or in a part of each.

    Parameters
    ----------
    down : tuple of ndarray of int64
        Starts and ends of the outages, in order and disjoint [µs].
    runs : CountedRuns
        How they count.
    origin : ndarray of int64
        Where a cell begins, as by `CountedRuns.origin` [µs].
    period : tuple of ndarray of int64
        Starts and ends of the periods [µs]; one that ends before its start is empty.
    part : tuple of ndarray of int64, optional
        Starts and ends of the parts that are asked for [µs]; the whole periods if not given. All of
        these arrays broadcast together.

    Returns
    -------
    ndarray of int64
        Length that counts [µs].
    """
    windows = np.broadcast_arrays(origin, *period, *(part or period))
    found: Array = _counted(*down, runs, tuple(each.flatten() for each in windows))
    return found.reshape(windows[0].shape)


def worked_down(down: Spans, worked: Spans, begins: int) -> Spans:
    """Downtime within the service hours of one simulated year (rule M3).

    Parameters
    ----------
    down : tuple of ndarray of int64
        Starts and ends of the outages, in order and disjoint [µs].
    worked : tuple of ndarray of int64
        Service hours likewise, from the beginning of the year.
    begins : int
        Where the year begins [µs].
    """
    starts, ends = _met(*down, *worked, begins)
    return starts, ends


@njit(cache=True)
def _met(starts, ends, first, last, begins):  # type: ignore[no-untyped-def]  # numba infers types
    """Time in both of two sets, the second one moved."""
    found = np.empty((2, starts.shape[0] + first.shape[0]), np.int64)
    count, at, place = 0, 0, 0
    if first.shape[0]:
        at = np.searchsorted(ends, begins + first[0], "right")
    while at < starts.shape[0] and place < first.shape[0]:
        begin = max(starts[at], begins + first[place])
        end = min(ends[at], begins + last[place])
        if begin < end:
            found[0, count], found[1, count] = begin, end
            count += 1
        if ends[at] < begins + last[place]:
            at += 1
        else:
            place += 1
    return found[0, :count].copy(), found[1, :count].copy()


@njit(cache=True)
def _counted(starts, ends, runs, windows):  # type: ignore[no-untyped-def]  # numba infers types
    """Length that counts, window by window."""
    origin, first, last, since, until = windows
    found = np.zeros(first.shape[0], np.int64)
    for place in range(first.shape[0]):
        at = np.searchsorted(ends, first[place], "right")
        while at < starts.shape[0] and starts[at] < last[place]:
            begin, end = max(starts[at], first[place]), min(ends[at], last[place])
            cell = begin if runs.begin == _BY_OUTAGE else origin[place]
            low = cell - (cell - begin) // runs.cell * runs.cell
            high = cell + (end - cell) // runs.cell * runs.cell
            if high - low >= runs.shortest:
                found[place] += max(0, min(high, until[place]) - max(low, since[place]))
            at += 1
    return found
