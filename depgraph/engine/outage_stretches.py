"""Outages drawn one stretch of the timeline after another, so that memory stays bounded (rule W5).

Where many components are often down, the outages of one timeline need not fit into memory. Each
process then keeps its place, and is drawn on from stretch to stretch: the numbers are those of one
draw, and what is down is the same to the microsecond.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from depgraph.engine.diagram import Array
from depgraph.engine.outage_union import together
from depgraph.engine.planned import Planned
from depgraph.engine.renewal import Cursors, Outages, Renewal, draw, law_of, new_cursors, outages

_MOST_AT_ONCE = 2_000_000
"""Outages that are worked on at once, drawn and planned, one of each component at least: some
hundred bytes each."""
_LEAST_ROOM = 1 << 20
_FILLED = 0.8
"""Share of the room that a stretch is meant to fill: what is drawn scatters about its mean."""


@dataclass(frozen=True)
class Stretch:
    """A part of a timeline with its outages.

    Attributes
    ----------
    first, last : int
        Where it begins and ends [µs].
    outages : Outages
        What is down in it, cut off at its ends.
    """

    first: int
    last: int
    outages: Outages


def fit_at_once(renewal: Renewal, length: int, planned: Planned | None = None) -> bool:
    """Whether the outages of a timeline may be drawn at once, as far as can be told before."""
    known = 0 if planned is None else planned.number
    return float(renewal.rate.sum()) * length + known <= _MOST_AT_ONCE


def down_stretches(
    renewal: Renewal, key: Array, block: int, length: int, planned: Planned | None = None
) -> Iterator[Stretch]:
    """When components are down on one timeline, for any reason, in stretches; in one if they fit.

    Parameters
    ----------
    renewal : Renewal
        The processes.
    key : ndarray of uint64
        From `stream_key`.
    block : int
        Number of the block of years.
    length : int
        Length of the timeline [µs].
    planned : Planned, optional
        Planned maintenance of the same components.
    """
    if planned is None:
        yield from drawn_stretches(renewal, key, block, length)
        return
    cuts = [] if fit_at_once(renewal, length, planned) else planned.cuts(_MOST_AT_ONCE // 2)
    for drawn in drawn_stretches(renewal, key, block, length, cuts):
        first, last = drawn.first, drawn.last
        windows = cut_off(planned.between(first, last), first, last)
        yield Stretch(first, last, together(drawn.outages, windows))


def drawn_stretches(
    renewal: Renewal, key: Array, block: int, length: int, cuts: Sequence[int] = ()
) -> Iterator[Stretch]:
    """Draw the outages of one timeline in stretches that follow each other; in one if they fit.

    Parameters
    ----------
    renewal : Renewal
        The processes.
    key : ndarray of uint64
        From `stream_key`.
    block : int
        Number of the block of years.
    length : int
        Length of the timeline [µs].
    cuts : sequence of int
        Where a stretch has to end besides, rising [µs].
    """
    if not cuts and fit_at_once(renewal, length):
        yield Stretch(0, length, outages(renewal, key, block, length))
        return
    rows = len(renewal.keys)
    law, cursors, room = law_of(renewal), new_cursors(rows), max(_MOST_AT_ONCE, rows)
    rate = float(renewal.rate.sum())
    usual = step = max(1, int(min(length, _FILLED * room / rate))) if rate > 0.0 else length
    first, ends = 0, [*cuts, length]
    while first < length:
        last = min(ends[bisect_right(ends, first)], first + step)
        found = _drawn(law, key, (block, length, first, last), cursors, room)
        if found is None:
            # Outages come in clusters: less of the timeline at a time, from where it began.
            step = (last - first) // 2
            continue
        cursors = found[0]
        yield Stretch(first, last, found[1])
        first, step = last, min(usual, 2 * step)


def drawn_windows(
    renewal: Renewal, key: Array, block: int, length: int, windows: Sequence[tuple[int, int]]
) -> Iterator[Outages]:
    """Draw the outages that overlap each of several windows, from their beginning to their end.

    Parameters
    ----------
    renewal : Renewal
        The processes.
    key : ndarray of uint64
        From `stream_key`.
    block : int
        Number of the block of years.
    length : int
        Length of the timeline [µs].
    windows : sequence of tuple of int
        Where they begin and end [µs], in the order of their beginnings; they may overlap.
    """
    law, cursors, at = law_of(renewal), new_cursors(len(renewal.keys)), 0
    began: Array = np.zeros(len(renewal.keys), np.int64)
    for first, last in windows:
        if first > at:
            cursors, skipped = _drawn_on(law, key, (block, length, at, first), cursors)
            began = _began(skipped, (at, first), began)
            at = first
        (_, _, marks), found = _drawn_on(law, key, (block, length, first, last), cursors)
        rows = np.flatnonzero(np.diff(found.offsets))
        rows = rows[found.starts[found.offsets[rows]] == first]
        found.starts[found.offsets[rows]] = began[rows]
        ends, until = found.ends, marks[:, 1]
        place = found.offsets[1:] - 1
        running = np.flatnonzero((np.diff(found.offsets) > 0) & (until > last))
        running = running[ends[place[running]] == last]
        ends[place[running]] = until[running]
        yield found


def _began(drawn: Outages, window: tuple[int, int], began: Array) -> Array:
    """Beginning of what is down where a window ends, by row; its end where nothing was down before.

    Parameters
    ----------
    drawn : Outages
        Outages within the window, cut off at its ends.
    window : tuple of int
        Where it begins and ends [µs].
    began : ndarray of int64
        The same where the window begins.
    """
    first, last = window
    found: Array = np.full(len(began), last)
    rows = np.flatnonzero(np.diff(drawn.offsets))
    place = drawn.offsets[rows + 1] - 1
    rows, place = (each[drawn.ends[place] == last] for each in (rows, place))
    starts = drawn.starts[place]
    found[rows] = np.where(starts == first, began[rows], starts)
    return found


def _drawn_on(
    law: tuple[Array, ...], key: Array, window: tuple[int, int, int, int], cursors: Cursors
) -> tuple[Cursors, Outages]:
    """Outages within a window, however many there are, and where that leaves the processes."""
    room = _LEAST_ROOM
    while (found := _drawn(law, key, window, cursors, room)) is None:
        room *= 2
    return found


def _drawn(
    law: tuple[Array, ...],
    key: Array,
    window: tuple[int, int, int, int],
    cursors: Cursors,
    room: int,
) -> tuple[Cursors, Outages] | None:
    """The same; None where they are more than there is room for."""
    after = cursors[0].copy(), cursors[1].copy(), cursors[2].copy()
    rows = len(law[0])
    offsets: Array = np.zeros(rows + 1, np.int64)
    starts, ends = np.empty(room, np.int64), np.empty(room, np.int64)
    if draw(law, key, (*window, 0), after, (offsets, starts, ends)) < rows:
        return None
    return after, Outages(offsets, starts[: offsets[-1]], ends[: offsets[-1]])


def cut_stretches(times: Outages, length: int) -> Iterator[Stretch]:
    """Outages of a timeline in stretches that hold about so many.

    Parameters
    ----------
    times : Outages
        On the whole timeline.
    length : int
        Its length [µs].
    """
    number = len(times.starts)
    pieces = -(-number // _MOST_AT_ONCE)
    if pieces <= 1:
        yield Stretch(0, length, times)
        return
    places = np.arange(pieces) * number // pieces
    cuts = np.unique([*np.partition(times.starts, places)[places], times.ends.max()])
    for first, last in pairwise(cuts.tolist()):
        yield Stretch(first, last, within(times, first, last))


def within(times: Outages, first: int, last: int) -> Outages:
    """What lies in a stretch of a timeline, cut off at its ends.

    Parameters
    ----------
    times : Outages
        On the whole timeline.
    first, last : int
        The stretch [µs].
    """
    inside = (times.ends > first) & (times.starts < last)
    before = np.concatenate(([0], np.cumsum(inside)))
    kept = Outages(before[times.offsets], times.starts[inside], times.ends[inside])
    return cut_off(kept, first, last)


def cut_off(times: Outages, first: int, last: int) -> Outages:
    """Outages that overlap a stretch, cut off at its ends."""
    return Outages(times.offsets, np.maximum(times.starts, first), np.minimum(times.ends, last))
