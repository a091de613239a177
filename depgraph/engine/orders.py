"""Orders of components for decision diagrams, compiled.

No order is best for all structures; `construction` tries them side by side.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from depgraph.engine.graph_steps import order_of
from depgraph.engine.parts import Part

Array = np.ndarray

PORTFOLIO = ("small_first", "depth_first", "weight_first", "force", "force_from_weight")
"""Orders in the sequence in which they are tried."""
FOR_BRACKETS = (*PORTFOLIO, "shared_first")
"""Brackets take the best of these; none is built to the end, so one more costs little."""
_ROUNDS = 200
_PATIENCE = 8
_PROGRESS = 0.999
"""What counts as progress: most rounds bring a hundredth of a per cent, and cost as much."""
_MOST_TURNS = 256


def ordered(part: Part, order: str) -> Array:
    """Components of a part, first to test first.

    Parameters
    ----------
    part : Part
        What the diagram is built for.
    order : str
        One of `FOR_BRACKETS`.
    """
    if order == "depth_first":
        found: Array = _walked(part, np.zeros(len(part.need)))
    elif order == "small_first":
        found = small_first(part)
    elif order == "shared_first":
        users, size = np.bincount(part.arguments, minlength=len(part.need)), _sizes(part)
        found = _walked(part, size / (1.0 + size.max()) - users)
    elif order == "weight_first":
        found = _by_weight(part)
    elif order == "force":
        found = _force(part, small_first(part))
    else:
        found = _force(part, _by_weight(part))
    return found


@njit(cache=True)
def small_first(part):  # type: ignore[no-untyped-def]  # numba infers types
    """Components in the sequence of a depth-first walk, small sub-trees first."""
    return _walked(part, _sizes(part))


@njit(cache=True)
def _sizes(part):  # type: ignore[no-untyped-def]  # numba infers types
    """Components below each node, counted as often as they are used."""
    size = np.ones(part.need.shape[0])
    for gate in range(part.leaves.shape[0], part.need.shape[0]):
        size[gate] = size[part.arguments[part.offsets[gate] : part.offsets[gate + 1]]].sum()
    return size


@njit(cache=True)
def _by_weight(part):  # type: ignore[no-untyped-def]
    """Heaviest component first, weighed anew without those that have their place.

    The root weighs 1; each node hands its weight down in equal shares, and what comes together
    adds up (S. Minato, N. Ishiura, S. Yajima, "Shared binary decision diagram with attributed edges
    for efficient Boolean function manipulation", DAC 1990). Large parts place several a turn.
    """
    leaves, count = part.leaves.shape[0], part.need.shape[0]
    order = np.empty(leaves, np.int64)
    is_open = np.ones(count, np.bool_)
    found = 0
    while found < leaves:
        weight = _handed_down(part, is_open)
        for _ in range(min(1 + leaves // _MOST_TURNS, leaves - found)):
            best = np.argmax(weight[:leaves])
            order[found] = best
            found += 1
            is_open[best] = False
            weight[best] = -1.0
    return order


@njit(cache=True)
def _handed_down(part, is_open):  # type: ignore[no-untyped-def]
    """Weight of each node; those without an open component below weigh nothing, or -1."""
    leaves, count = part.leaves.shape[0], part.need.shape[0]
    shares = np.zeros(count, np.int64)
    for gate in range(leaves, count):
        for at in range(part.offsets[gate], part.offsets[gate + 1]):
            shares[gate] += is_open[part.arguments[at]]
        is_open[gate] = shares[gate] > 0
    weight = np.zeros(count)
    weight[count - 1] = 1.0
    for gate in range(count - 1, leaves - 1, -1):
        if is_open[gate]:
            part_of_it = weight[gate] / shares[gate]
            for at in range(part.offsets[gate], part.offsets[gate + 1]):
                weight[part.arguments[at]] += part_of_it
    weight[:leaves][~is_open[:leaves]] = -1.0
    return weight


@njit(cache=True)
def _walked(part, key):  # type: ignore[no-untyped-def]
    """Components in the sequence of a depth-first walk, arguments sorted by `key`."""
    leaves, count = part.leaves.shape[0], part.need.shape[0]
    seen = np.zeros(count, np.bool_)
    order = np.empty(leaves, np.int64)
    stack = np.empty(part.arguments.shape[0] + 1, np.int64)
    stack[0] = count - 1
    top, found = 1, 0
    while top:
        top -= 1
        node = stack[top]
        if seen[node]:
            continue
        seen[node] = True
        if node < leaves:
            order[found] = node
            found += 1
            continue
        inside = part.arguments[part.offsets[node] : part.offsets[node + 1]]
        inside = inside[order_of(key[inside])]
        for at in range(inside.shape[0] - 1, -1, -1):
            stack[top] = inside[at]
            top += 1
    return order


@njit(cache=True)
def _force(part, start):  # type: ignore[no-untyped-def]
    """Order by centres of gravity (F. Aloul, I. Markov, K. Sakallah, FORCE, 2003).

    Each gate with its arguments pulls them together; the order with the least total span wins.
    """
    leaves, count = part.leaves.shape[0], part.need.shape[0]
    degrees = np.zeros(count)
    degrees[leaves:] = 1.0
    for at in range(part.arguments.shape[0]):
        degrees[part.arguments[at]] += 1.0
    by_place = _all_by_place(part, start)
    position = _ranks(by_place)
    best, best_span, stalled = position, np.inf, 0
    for _ in range(_ROUNDS):
        span, pulled = _pulled(part, position)
        stalled = 0 if span < _PROGRESS * best_span else stalled + 1
        if span < best_span:
            best, best_span = position, span
        if stalled > _PATIENCE:
            break
        # Sorted from where they stand: little moves from one round to the next.
        by_place = by_place[order_of((pulled / degrees)[by_place])]
        position = _ranks(by_place)
    return start[order_of(best[start])]


@njit(cache=True)
def _all_by_place(part, start):  # type: ignore[no-untyped-def]
    """Nodes in the sequence of their places, each gate in the middle of its arguments."""
    leaves, count = part.leaves.shape[0], part.need.shape[0]
    place = np.zeros(count)
    for at in range(leaves):
        place[start[at]] = at
    for gate in range(leaves, count):
        for at in range(part.offsets[gate], part.offsets[gate + 1]):
            place[gate] += place[part.arguments[at]]
        place[gate] /= part.offsets[gate + 1] - part.offsets[gate]
    return order_of(place)


@njit(cache=True)
def _pulled(part, position):  # type: ignore[no-untyped-def]
    """Total span of the gates, and the sum of the centres that pull each node."""
    span, pulled = 0.0, np.zeros(position.shape[0])
    for gate in range(part.leaves.shape[0], part.need.shape[0]):
        low = high = centre = position[gate]
        first, last = part.offsets[gate], part.offsets[gate + 1]
        for at in range(first, last):
            here = position[part.arguments[at]]
            low, high, centre = min(low, here), max(high, here), centre + here
        span += high - low
        centre /= last - first + 1
        pulled[gate] += centre
        for at in range(first, last):
            pulled[part.arguments[at]] += centre
    return span, pulled


@njit(cache=True)
def _ranks(order):  # type: ignore[no-untyped-def]
    """Place of each node in an order."""
    ranks = np.empty(order.shape[0])
    ranks[order] = np.arange(order.shape[0])
    return ranks
