"""Outages as a promise counts them, in many simulated periods at once (rules M3, M7).

The reference form is `measurement`: whole minutes by the clock or of each outage, outages from a
shortest length on, and intervals of several minutes that fail entirely; all within service hours,
if there are any. Each outage is cut off at the borders of the period first, as there.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from depgraph.engine.diagram import Array
from depgraph.engine.granularity import BY_OUTAGE, BY_PERIOD, Granularity
from depgraph.engine.shared_causes import Spans


def cells_from(runs: Granularity, midnight: Array, start: Array) -> Array:
    """Where a cell begins, unless each outage has its own.

    Parameters
    ----------
    runs : Granularity
        How outages count.
    midnight : ndarray of int64
        An instant of the clock's whole minutes [µs].
    start : ndarray of int64
        Where the period begins, also what is not looked at of it [µs].
    """
    return start if runs.begin == BY_PERIOD else midnight


def counted_within(
    down: Spans,
    runs: Granularity,
    origin: Array,
    period: tuple[Array, Array],
    part: tuple[Array, Array] | None = None,
) -> Array:
    """Length that counts in each of several periods, or in a part of each.

    Parameters
    ----------
    down : tuple of ndarray of int64
        Starts and ends of the outages, in order and disjoint [µs].
    runs : Granularity
        How they count.
    origin : ndarray of int64
        Where a cell begins, as by `cells_from` [µs].
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
            cell = begin if runs.begin == BY_OUTAGE else origin[place]
            low = cell - (cell - begin) // runs.cell * runs.cell
            high = cell + (end - cell) // runs.cell * runs.cell
            if high - low >= runs.shortest:
                found[place] += max(0, min(high, until[place]) - max(low, since[place]))
            at += 1
    return found
