"""What is down only because several outages run at one time (rules A2, W5).

Found from the gates at which outages meet, upwards: `reach` says why nothing else can fall. All
nodes that were looked at are noted, so that it can be told what else would have changed the answer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numba.core.options import DefaultOptions

from depgraph.engine.reach import UNMASKED, is_hit

(
    ACTIVE, PAIRS, WATCHED, NODES, SERVICES, SINCE, SPANS, WIDE, WORK, MOST, STAMP, FIRST_END,
    IS_JOINED, HELD, HELD_BEFORE, USED, KEPT, IS_FULL,
) = range(18)  # fmt: skip
"""What is counted while outages are swept."""
NUMBERS = 18
SEEN, FALLEN, DOWN, HOLDER, FELL = range(5)
"""Marks of a node: looked at; fallen with several outages; taken down by one; held by a running
pair; fallen with it."""
MARKS = 5
_WIDE_NODES = 256
"""Nodes up to which an outage's are marked one by one."""
_NONE, _ONE = np.uint64(0), np.uint64(1)

_UNCOUNTED = {"_nrt": False} if hasattr(DefaultOptions, "_nrt") else {}
PLAIN: dict[str, Any] = {"cache": True, **_UNCOUNTED}
"""For what makes no arrays: references to them are not counted, which took half the time. The
option is numba's own; a version without it gives the same figures more slowly."""


@njit(**PLAIN)
def find_joint(  # type: ignore[no-untyped-def]  # numba infers types
    pairs, pair_count, active, active_count, shape, tables, watched, marks, joint, number
):
    """Work out which services are down although no outage takes them down by itself.

    Whatever is asked of an outage is watched: one that would answer alike changes nothing.
    """
    gates, users, services_at, redundant = shape
    hit, nodes, partial, dense_at, dense = tables
    number[STAMP] += 1
    number[WATCHED], number[NODES], number[WIDE] = 0, 0, 0
    _mark_down(active, active_count, nodes, watched, marks, number)
    for pair in range(pair_count):
        _find_seeds(
            pairs[0, pair], pairs[1, pair], gates, hit, redundant, partial, dense_at, dense,
            watched, marks, number,
        )  # fmt: skip
    number[SERVICES], done = 0, 0
    while done < number[NODES]:
        node = watched[1, done]
        done += 1
        for at in range(users[node], users[node + 1]):
            _consider(users[at], 1, gates, hit, watched, marks, number)
        for at in range(services_at[node], services_at[node + 1]):
            joint[number[SERVICES]] = services_at[at]
            number[SERVICES] += 1


@njit(**PLAIN)
def is_watched(row, hit, nodes, marks, watched, number):  # type: ignore[no-untyped-def]
    """Whether joint downtime may change with an outage of a component."""
    few = nodes[row + 1] - nodes[row]
    is_short = few < number[WATCHED]
    last = min(few, number[WATCHED])
    at, found = 0, False
    while at < last and not found:
        if is_short:
            found = marks[nodes[nodes[row] + at], SEEN] == number[STAMP]
        else:
            found = is_hit(hit, row, watched[0, at])
        at += 1
    number[WORK] += at
    return found


@njit(**PLAIN)
def _mark_down(active, active_count, nodes, watched, marks, number):  # type: ignore[no-untyped-def]
    """Mark what outages take down; those that take down much are asked one by one."""
    for place in range(active_count):
        row = active[0, place]
        if nodes[row + 1] - nodes[row] > _WIDE_NODES:
            watched[2, number[WIDE]] = row
            number[WIDE] += 1
        else:
            for at in range(nodes[row], nodes[row + 1]):
                marks[nodes[at], DOWN] = number[STAMP]


@njit(**PLAIN)
def _find_seeds(  # type: ignore[no-untyped-def]
    one, other, gates, hit, redundant, partial, dense_at, dense, watched, marks, number
):
    """Gates that fall because two outages meet there; joint downtime grows from them."""
    few, many = one, other
    if partial[few + 1] - partial[few] > partial[many + 1] - partial[many]:
        few, many = many, few
    dense_row, beside = dense_at[many], partial[many]
    number[WORK] += partial[few + 1] - partial[few]
    for at in range(partial[few], partial[few + 1]):
        place, mask, theirs = partial[at] >> 8, partial[at] & UNMASKED, np.int64(0)
        if dense_row >= 0:
            theirs = np.int64(dense[dense_row, place])
        else:
            while beside < partial[many + 1] and partial[beside] >> 8 < place:
                beside += 1
            if beside < partial[many + 1] and partial[beside] >> 8 == place:
                theirs = partial[beside] & UNMASKED
        is_known = (mask & ~theirs) != 0 and (theirs & ~mask) != 0
        if is_known or (mask == UNMASKED and theirs == UNMASKED):
            known, left = np.int64(0), mask | theirs if is_known else np.int64(0)
            while left:
                left &= left - 1
                known += 1
            _consider(redundant[place], known, gates, hit, watched, marks, number)


@njit(**PLAIN)
def _consider(gate, known, gates, hit, watched, marks, number):  # type: ignore[no-untyped-def]
    """Note a gate that falls only with several outages together.

    `known` of its arguments are known to be down; if that is not enough, all are looked at.
    """
    at, last = gates[gate] + 1, gates[gate + 1]
    left = gates[gates[gate]]
    if known >= left:
        left = np.int64(0)
    if _is_down(gate, hit, watched, marks, number):
        left = np.int64(-1)
    while left > 0 and at < last:
        left -= np.int64(_is_down(gates[at], hit, watched, marks, number))
        at += 1
    if left == 0:
        marks[gate, FALLEN] = number[STAMP]
        watched[1, number[NODES]] = gate
        number[NODES] += 1


@njit(**PLAIN)
def _is_down(node, hit, watched, marks, number):  # type: ignore[no-untyped-def]
    """Whether a node is down, with one outage or with several; it is watched from now on."""
    stamp = number[STAMP]
    if marks[node, SEEN] != stamp:
        marks[node, SEEN] = stamp
        watched[0, number[WATCHED]] = node
        number[WATCHED] += 1
    number[WORK] += 1 + number[WIDE]
    return is_fallen_or_down(node, hit, watched, marks, number)


@njit(**PLAIN)
def is_fallen_or_down(node, hit, watched, marks, number):  # type: ignore[no-untyped-def]
    """Whether a node is down, as found so far."""
    stamp = number[STAMP]
    down = (marks[node, DOWN] == stamp) | (marks[node, FALLEN] == stamp)
    word, bit = node >> 6, np.uint64(node & 63)
    by_wide = _NONE
    for place in range(number[WIDE]):
        by_wide |= hit[watched[2, place], word] >> bit
    return down | ((by_wide & _ONE) != _NONE)
