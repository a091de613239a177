"""Pairs of outages whose joint effect is known, and when each pair stands alone (rule W5).

What two outages take down together is worked out once and kept: the nodes that fall, and the nodes
that were looked at and are up. With others beside them a pair stands alone as long as no other
outage takes any of these nodes down, and none of them falls with another pair. Proof: take the
lowest gate that is down, that no outage takes down alone, and that falls with no pair. If one of
its arguments falls with a pair, the gate was looked at for that pair; else two outages each cover
an argument that the other one does not (see `reach`), and it was looked at for these two. It did
not fall with them, so all its arguments were looked at; and one that was up is down by another
outage, or falls with another pair.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from depgraph.engine.diagram import Array
from depgraph.engine.joint_outages import (
    ACTIVE,
    FELL,
    HELD,
    HELD_BEFORE,
    HOLDER,
    IS_FULL,
    KEPT,
    NODES,
    PAIRS,
    PLAIN,
    SERVICES,
    USED,
    WATCHED,
    WORK,
    find_joint,
    is_fallen_or_down,
)
from depgraph.engine.reach import is_hit

_MOST_KNOWN = 1 << 20
"""Places for pairs; half of them are used before all are forgotten."""
_POOL = 1 << 24
"""Room for what is known of pairs: 64 MB, of which only what is used is taken."""
FACTS = 3
"""Of a pair: how many services, nodes that fall, and nodes that are up; then these."""
_SCATTER = np.uint64(0x9E3779B97F4A7C15)


def room_for_pairs(components: int, entries: int) -> tuple[Array, Array, Array]:
    """Room for known pairs: key and where each stands, what is known, and for two outages.

    Parameters
    ----------
    components : int
        How many there are.
    entries : int
        Most services and nodes of one pair.
    """
    wanted = min(_MOST_KNOWN, max(2, components * components))
    places = 1 << (wanted - 1).bit_length()
    pool = np.zeros(max(_POOL, FACTS + entries), np.int32)
    return np.zeros((places, 2), np.int64), pool, np.zeros((2, 2), np.int64)


@njit(**PLAIN)
def is_held(row, count, pairs, pool, hit, nodes, marks, number):  # type: ignore[no-untyped-def]  # numba infers types
    """Whether an outage takes down a node that a running pair looked at.

    Nodes of pairs that have ended may count as well until no pair runs.
    """
    few, looked = nodes[row + 1] - nodes[row], 0
    for pair in range(count):
        at = pairs[4, pair]
        looked += pool[at + 1] + pool[at + 2]
    found, at = False, np.int64(nodes[row])
    if few <= looked:
        while at < nodes[row + 1] and not found:
            found = marks[nodes[at], HOLDER] > number[HELD_BEFORE]
            at += 1
        number[WORK] += few
        return found
    for pair in range(count):
        at = pairs[4, pair]
        first = at + FACTS + pool[at]
        for place in range(first, first + pool[at + 1] + pool[at + 2]):
            found |= is_hit(hit, row, pool[place])
    number[WORK] += looked
    return found


@njit(**PLAIN)
def stand_alone(  # type: ignore[no-untyped-def]
    first, pairs, active, shape, tables, known, watched, marks, joint, number
):
    """Look up pairs from `first` on, worked out if need be; whether all stand alone."""
    hit, nodes = tables[0], tables[1]
    pool = known[1]
    for pair in range(first, number[PAIRS]):
        at = _known(
            pairs[0, pair], pairs[1, pair], shape, tables, known, watched, marks, joint, number
        )
        if at < 0:
            return False
        pairs[4, pair] = at
        begin = at + FACTS + pool[at]
        middle = begin + pool[at + 1]
        end = middle + pool[at + 2]
        number[WORK] += end - begin
        for place in range(begin, end):
            mark = HOLDER if place < middle else FELL
            if marks[pool[place], mark] > number[HELD_BEFORE]:
                return False
        number[HELD] += 1
        for place in range(begin, end):
            marks[pool[place], HOLDER] = number[HELD]
            if place < middle:
                marks[pool[place], FELL] = number[HELD]
        for place in range(number[ACTIVE]):
            row = active[0, place]
            is_beside = row != pairs[0, pair] and row != pairs[1, pair]
            if is_beside and _meets(row, begin, end, pool, hit, nodes, marks, number):
                return False
    return True


@njit(**PLAIN)
def _meets(row, begin, end, pool, hit, nodes, marks, number):  # type: ignore[no-untyped-def]
    """Whether an outage takes down a node that the latest pair looked at."""
    few = nodes[row + 1] - nodes[row]
    is_short = few < end - begin
    last = min(few, end - begin)
    at, found = 0, False
    while at < last and not found:
        if is_short:
            found = marks[nodes[nodes[row] + at], HOLDER] == number[HELD]
        else:
            found = is_hit(hit, row, pool[begin + at])
        at += 1
    number[WORK] += at
    return found


@njit(**PLAIN)
def _known(  # type: ignore[no-untyped-def]
    one, other, shape, tables, known, watched, marks, joint, number
):
    """Where it stands what a pair takes down and what was looked at; -1 if there is no room."""
    keys, pool, two = known
    hit = tables[0]
    key = (np.int64(max(one, other)) << 31) | np.int64(min(one, other))
    mask = np.uint64(keys.shape[0] - 1)
    place_of = ((np.uint64(key) * _SCATTER) >> np.uint64(40)) & mask
    while keys[place_of, 0] != 0 and keys[place_of, 0] != key:
        place_of = (place_of + np.uint64(1)) & mask
    if keys[place_of, 0] == key:
        return keys[place_of, 1]
    # As the only pair of the only two outages.
    two[0, 0], two[0, 1], two[1, 0] = one, other, other
    find_joint(two, 1, two, 2, shape, tables, watched, marks, joint, number)
    at, fallen = number[USED], number[NODES]
    if (
        at + FACTS + number[SERVICES] + fallen + number[WATCHED] > pool.shape[0]
        or 2 * number[KEPT] >= keys.shape[0]
    ):
        number[IS_FULL] = 1
        return np.int64(-1)
    end = at + FACTS
    for place in range(number[SERVICES]):
        pool[end + place] = joint[place]
    end += number[SERVICES]
    for place in range(fallen):
        pool[end + place] = watched[1, place]
    end += fallen
    up = end
    for place in range(number[WATCHED]):
        node = watched[0, place]
        if not is_fallen_or_down(node, hit, watched, marks, number):
            pool[up] = node
            up += 1
    pool[at], pool[at + 1], pool[at + 2] = number[SERVICES], fallen, up - end
    keys[place_of, 0], keys[place_of, 1] = key, at
    number[USED] = up
    number[KEPT] += 1
    return at


@njit(**PLAIN)
def forget_pairs(keys, number):  # type: ignore[no-untyped-def]
    """Make room; no pair may be running."""
    for place in range(keys.shape[0]):
        keys[place, 0] = 0
    number[KEPT], number[USED], number[IS_FULL] = 0, 0, 0
