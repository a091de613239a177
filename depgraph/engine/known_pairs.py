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
    FELL,
    FOREVER,
    HELD,
    HELD_BEFORE,
    HOLDER,
    IS_FULL,
    KEPT,
    NOBODY,
    NODES,
    PAIRS,
    PLAIN,
    SINCE,
    STAMP,
    USED,
    WATCHED,
    WORK,
    add_fallen,
    consider,
    find_pair,
    find_seeds,
    grow,
    is_fallen_or_down,
    watch,
)
from depgraph.engine.reach import is_hit

_MOST_KNOWN = 1 << 20
"""Places for pairs; half of them are used before all are forgotten."""
_POOL = 1 << 24
"""Room for what is known of pairs: 64 MB, of which only what is used is taken."""
FACTS = 2
"""Of a pair: how many nodes fall, and how many are up; then these."""
_SCATTER = np.uint64(0x9E3779B97F4A7C15)


def room_for_pairs(components: int, entries: int) -> tuple[Array, Array]:
    """Room for known pairs: key and where each stands, and what is known.

    Parameters
    ----------
    components : int
        How many there are.
    entries : int
        Most nodes of one pair.
    """
    wanted = min(_MOST_KNOWN, max(2, components * components))
    places = 1 << (wanted - 1).bit_length()
    pool = np.zeros(max(_POOL, FACTS + entries), np.int32)
    return np.zeros((places, 2), np.int64), pool


@njit(**PLAIN)
def is_held(row, count, pairs, pool, hit, nodes, marks, number):  # type: ignore[no-untyped-def]  # numba infers types
    """Whether an outage takes down a node that a running pair looked at.

    Nodes of pairs that have ended may count as well until no pair runs.
    """
    few, looked = nodes[row + 1] - nodes[row], 0
    for pair in range(count):
        at = pairs[4, pair]
        looked += pool[at] + pool[at + 1]
    found, at = False, np.int64(nodes[row])
    if few <= looked:
        while at < nodes[row + 1] and not found:
            found = marks[nodes[at], HOLDER] > number[HELD_BEFORE]
            at += 1
        number[WORK] += few
        return found
    for pair in range(count):
        at = pairs[4, pair]
        first = at + FACTS
        for place in range(first, first + pool[at] + pool[at + 1]):
            found |= is_hit(hit, nodes, row, pool[place])
    number[WORK] += looked
    return found


@njit(**PLAIN)
def stand_alone(first, since, pairs, shape, tables, known, watched, marks, number):  # type: ignore[no-untyped-def]
    """Look up pairs from `first` on, worked out if need be; whether all stand alone at a moment."""
    pool, down_until = known[1], tables[5]
    for pair in range(first, number[PAIRS]):
        at = _looked_up(pair, pairs, shape, tables, known, watched, marks, number)
        if at < 0:
            return False
        begin = at + FACTS
        middle = begin + pool[at]
        end = middle + pool[at + 1]
        number[WORK] += end - begin
        number[HELD] += 1
        is_alone = True
        for place in range(begin, end):
            node = pool[place]
            mark = HOLDER if place < middle else FELL
            is_alone &= marks[node, mark] <= number[HELD_BEFORE]
            # Neither of the pair takes down what it looked at: if it is down, others do.
            is_alone &= down_until[node] <= since
        if not is_alone:
            return False
        for place in range(begin, end):
            marks[pool[place], HOLDER] = number[HELD]
            if place < middle:
                marks[pool[place], FELL] = number[HELD]
    return True


@njit(**PLAIN)
def find_joint(since, pairs, shape, tables, known, watched, marks, number):  # type: ignore[no-untyped-def]
    """Work out which nodes are down at a moment although no outage takes them down by itself.

    What a pair takes down is down whatever else is. What it looked at may be down with others: a
    gate that falls with more than one pair, and with none of them, has an argument that was up for
    one of them and is down, or one that has fallen just now.
    """
    pool, nobody, is_whole = known[1], (NOBODY, NOBODY), True
    for pair in range(number[PAIRS]):
        at = _looked_up(pair, pairs, shape, tables, known, watched, marks, number)
        is_whole &= at >= 0
    number[STAMP] += 1
    number[WATCHED], number[NODES], number[SINCE] = 0, 0, since
    for pair in range(number[PAIRS]):
        at = pairs[4, pair]
        if at < 0:
            one, other = pairs[0, pair], pairs[1, pair]
            find_seeds(one, other, nobody, since, shape, tables, watched, marks, number)
            continue
        middle = at + FACTS + pool[at]
        number[WORK] += pool[at] + pool[at + 1]
        for place in range(at + FACTS, middle):
            watch(pool[place], watched, marks, number)
            if not is_fallen_or_down(pool[place], nobody, since, tables, marks, number):
                add_fallen(pool[place], watched, marks, number)
        for place in range(middle, middle + pool[at + 1]):
            watch(pool[place], watched, marks, number)
    settled, users = number[NODES] if is_whole else np.int64(0), shape[1]
    for pair in range(number[PAIRS]):
        at = max(np.int64(0), pairs[4, pair])
        first = at + FACTS + pool[at]
        for place in range(first, first + pool[at + 1] if pairs[4, pair] >= 0 else first):
            node = pool[place]
            if is_fallen_or_down(node, nobody, since, tables, marks, number):
                for user in range(users[node], users[node + 1]):
                    consider(users[user], 1, nobody, since, shape, tables, watched, marks, number)
    grow(settled, nobody, since, shape, tables, watched, marks, number)


@njit(**PLAIN)
def _looked_up(pair, pairs, shape, tables, known, watched, marks, number):  # type: ignore[no-untyped-def]
    """Where it stands what a running pair takes down; -1 if there is no room."""
    if pairs[4, pair] < 0:
        one, other = pairs[0, pair], pairs[1, pair]
        pairs[4, pair] = _known(one, other, shape, tables, known, watched, marks, number)
    return pairs[4, pair]


@njit(**PLAIN)
def _known(one, other, shape, tables, known, watched, marks, number):  # type: ignore[no-untyped-def]
    """Where it stands what a pair takes down and what was looked at; -1 if there is no room."""
    keys, pool = known
    key = (np.int64(max(one, other)) << 31) | np.int64(min(one, other))
    mask = np.uint64(keys.shape[0] - 1)
    place_of = ((np.uint64(key) * _SCATTER) >> np.uint64(40)) & mask
    while keys[place_of, 0] != 0 and keys[place_of, 0] != key:
        place_of = (place_of + np.uint64(1)) & mask
    if keys[place_of, 0] == key:
        return keys[place_of, 1]
    if number[IS_FULL]:
        return np.int64(-1)
    find_pair(one, other, shape, tables, watched, marks, number)
    at, fallen = number[USED], number[NODES]
    if at + FACTS + fallen + number[WATCHED] > pool.shape[0] or 2 * number[KEPT] >= keys.shape[0]:
        number[IS_FULL] = 1
        return np.int64(-1)
    end = at + FACTS
    for place in range(fallen):
        pool[end + place] = watched[1, place]
    end += fallen
    up = end
    for place in range(number[WATCHED]):
        node = watched[0, place]
        if not is_fallen_or_down(node, (one, other), FOREVER, tables, marks, number):
            pool[up] = node
            up += 1
    pool[at], pool[at + 1] = fallen, up - end
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
