"""Enclosure of a part whose diagram is too large: two smaller ones, as tight as time allows.

Several orders are tried with few nodes; the best is made finer, end by end (rule A8).
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from contextlib import suppress

import numpy as np

from depgraph.engine.diagram import Array
from depgraph.engine.enclosure import Enclosure
from depgraph.engine.gates import FALSE, TRUE
from depgraph.engine.orders import FOR_BRACKETS, ordered
from depgraph.engine.parts import Part
from depgraph.engine.relevance import relevance
from depgraph.errors import LimitError

_FIRST_BRACKET_NODES = 250
_LATE_SECONDS = 1.0
"""What is tried when there is no time left may take so long [s]."""
_FIRST_TOLERANCE = 1e-2
"""What one step may move, relative to the figure of the root [1]."""
_FINEST_TOLERANCE = 1e-12
_FINER = 0.4
_MUCH_FINER = 0.1
_GROWTH_OF_TIME = 2.0
"""A finer end takes about so many times as long."""


def bracket(
    part: Part, figures: tuple[Array, Array], most: int, deadline: float
) -> tuple[Array, tuple[Array, list[int]]]:
    """Two diagrams that enclose a part, larger ones as long as there is time.

    Parameters
    ----------
    part : Part
        What is to be enclosed.
    figures : tuple of ndarray of float
        Availability and unavailability of its components, by which to choose what to drop [1].
    most : int
        Nodes that a diagram keeps.
    deadline : float
        Value of the monotonic clock at which to stop [s].

    Returns
    -------
    tuple
        Components in diagram order, the nodes, and the two roots.
    """
    keep = min(most, _FIRST_BRACKET_NODES)
    orders = FOR_BRACKETS if most > _FIRST_BRACKET_NODES else FOR_BRACKETS[:1]
    best: Enclosure | None = None
    leaves: Array = np.arange(len(part.leaves))
    for order in orders:
        tried = ordered(part, order)
        ends = figures[0][tried], figures[1][tried]
        until = deadline if best else max(deadline, time.monotonic() + _LATE_SECONDS)
        found = Enclosure(part, tried, ends, until)
        try:
            found.build(0, keep)
            found.build(1, keep)
        except LimitError:
            break
        if best is None or _gap(found) < _gap(best):
            best, leaves = found, tried
        if _gap(best) == 0.0:
            break
    if best is None:
        # Anything from never up to always up; states with few failures may say more.
        return leaves, (np.zeros((2, 4), np.int32), [FALSE, TRUE])
    best.deadline = deadline
    if most > _FIRST_BRACKET_NODES:
        with suppress(LimitError):
            _tightened(best, relevance(part, leaves, best.figures, deadline), most)
    return leaves, best.taken_out()


def _gap(enclosure: Enclosure) -> float:
    """Distance between the ends [1]."""
    low, high = enclosure.down()
    return low - high


def _tightened(enclosure: Enclosure, shares: Mapping[int, float], most: int) -> None:
    """Rebuild ends ever finer until `LimitError`; next is the one whose last step moved it more."""
    down = max(enclosure.down())
    finest = _FINEST_TOLERANCE * min(down, 1.0 - down)
    tolerance = [finest * _FIRST_TOLERANCE / _FINEST_TOLERANCE] * 2
    keep = [2 * _FIRST_BRACKET_NODES] * 2
    moved = [math.inf, math.inf]
    spent = [0.0, 0.0]
    while enclosure.low != enclosure.high:
        open_ends = [side for side in (0, 1) if tolerance[side] > finest]
        if not open_ends:
            return
        side = max(open_ends, key=lambda end: moved[end])
        began = time.monotonic()
        if began + _GROWTH_OF_TIME * spent[side] > enclosure.deadline:
            return
        before = enclosure.down()[side]
        enclosure.weigh(shares, tolerance[side])
        keep[side] = min(2 * keep[side], most)
        enclosure.build(side, keep[side])
        spent[side] = time.monotonic() - began
        # What has not moved may only have been too coarse so far.
        step = abs(enclosure.down()[side] - before)
        moved[side] = step or moved[side]
        tolerance[side] *= _FINER if step else _MUCH_FINER
