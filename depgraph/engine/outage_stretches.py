"""Outages drawn one stretch of the timeline after another, so that memory stays bounded (rule W5).

Where many components are often down, the outages of one timeline need not fit into memory. Each
process then keeps its place, and is drawn on from stretch to stretch: the numbers are those of one
draw, and what is down is the same to the microsecond.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from depgraph.engine.diagram import Array
from depgraph.engine.renewal import Outages, Renewal, draw, law_of, new_cursors, outages

_MOST_AT_ONCE = 2_000_000
"""Outages that are worked on at once, one for each component at least: some hundred bytes each."""
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


def drawn_stretches(renewal: Renewal, key: Array, block: int, length: int) -> Iterator[Stretch]:
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
    """
    expected = float(renewal.rate.sum()) * length
    if expected <= _MOST_AT_ONCE:
        yield Stretch(0, length, outages(renewal, key, block, length))
        return
    rows = len(renewal.keys)
    room = max(_MOST_AT_ONCE, rows)
    into = np.zeros(rows + 1, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    law, cursors = law_of(renewal), new_cursors(rows)
    usual = step = max(1, int(length * _FILLED * room / expected))
    first = 0
    while first < length:
        last = min(length, first + step)
        before = cursors[0].copy(), cursors[1].copy(), cursors[2].copy()
        if draw(law, key, (block, length, first, last, 0), cursors, into) < rows:
            # Outages come in clusters: less of the timeline at a time, from where it began.
            cursors, step = before, (last - first) // 2
            continue
        offsets, starts, ends = into
        number = offsets[-1]
        yield Stretch(
            first, last, Outages(offsets.copy(), starts[:number].copy(), ends[:number].copy())
        )
        first, step = last, min(usual, 2 * step)


def cut_stretches(times: Outages, length: int) -> Iterator[Stretch]:
    """Outages of a timeline in stretches that hold about so many.

    Parameters
    ----------
    times : Outages
        On the whole timeline.
    length : int
        Its length [µs].
    """
    pieces = max(1, -(-len(times.starts) // _MOST_AT_ONCE))
    if pieces == 1:
        yield Stretch(0, length, times)
        return
    for first, last in pairwise(np.linspace(0, length, pieces + 1).astype(np.int64).tolist()):
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
    return Outages(
        before[times.offsets],
        np.maximum(times.starts[inside], first),
        np.minimum(times.ends[inside], last),
    )
