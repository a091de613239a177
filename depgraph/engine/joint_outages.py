"""What is down only because several outages run at one time (rules A2, W5).

Found from the gates at which outages meet, upwards: `reach` says why nothing else can fall. All
nodes that were looked at are noted, so that it can be told what else would have changed the answer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numba.core.options import DefaultOptions

from depgraph.engine.reach import MASK_BITS, UNMASKED, is_hit

(
    ACTIVE, PAIRS, WATCHED, NODES, SINCE, SPANS, WORK, MOST, STAMP, FIRST_END,
    IS_JOINED, HELD, HELD_BEFORE, USED, KEPT, IS_FULL, LISTED, UNNOTED,
    LISTED_IN_ALL, NOTED_IN_ALL, ASKED_IN_ALL,
) = range(21)  # fmt: skip
"""What is counted while outages are swept."""
NUMBERS = 21
SEEN, FALLEN, HOLDER, FELL = range(4)
"""Marks of a node: looked at; fallen with several outages; held by a running pair; fallen with
it."""
MARKS = 4
NOBODY = np.int64(-1)
FOREVER = np.int64(1 << 62)
"""A moment after all others."""

_UNCOUNTED = {"_nrt": False} if hasattr(DefaultOptions, "_nrt") else {}
PLAIN: dict[str, Any] = {"cache": True, "nogil": True, **_UNCOUNTED}
"""For what makes no arrays: references to them are not counted, which took half the time. The
option is numba's own; a version without it gives the same figures more slowly."""


@njit(**PLAIN)
def find_pair(one, other, shape, tables, watched, marks, number):  # type: ignore[no-untyped-def]  # numba infers types
    """Work out which nodes two outages take down together and neither of them by itself.

    Whatever is asked of an outage is watched: one that would answer alike changes nothing.
    """
    only = one, other
    number[STAMP] += 1
    number[WATCHED], number[NODES] = 0, 0
    find_seeds(one, other, only, FOREVER, shape, tables, watched, marks, number)
    grow(0, only, FOREVER, shape, tables, watched, marks, number)


@njit(**PLAIN)
def grow(done, only, since, shape, tables, watched, marks, number):  # type: ignore[no-untyped-def]
    """Follow upwards what has fallen, but for the first ones, for which that is done.

    With `only` two outages, or with `NOBODY` at a moment.
    """
    users = shape[1]
    while done < number[NODES]:
        node = watched[1, done]
        done += 1
        for at in range(users[node], users[node + 1]):
            consider(users[at], 1, only, since, shape, tables, watched, marks, number)


@njit(**PLAIN)
def watch(node, watched, marks, number):  # type: ignore[no-untyped-def]
    """Watch a node from now on."""
    if marks[node, SEEN] != number[STAMP]:
        marks[node, SEEN] = number[STAMP]
        watched[0, number[WATCHED]] = node
        number[WATCHED] += 1


@njit(**PLAIN)
def add_fallen(node, watched, marks, number):  # type: ignore[no-untyped-def]
    """Note a node that is down with several outages only."""
    marks[node, FALLEN] = number[STAMP]
    watched[1, number[NODES]] = node
    number[NODES] += 1


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
            found = is_hit(hit, nodes, row, watched[0, at])
        at += 1
    number[WORK] += at
    return found


@njit(**PLAIN)
def find_seeds(one, other, only, since, shape, tables, watched, marks, number):  # type: ignore[no-untyped-def]
    """Gates that fall because two outages meet there; joint downtime grows from them."""
    redundant = shape[2]
    _, _, partial, dense_at, dense, _ = tables
    few, many = one, other
    if partial[few + 1] - partial[few] > partial[many + 1] - partial[many]:
        few, many = many, few
    dense_row, beside = dense_at[many], partial[many]
    number[WORK] += partial[few + 1] - partial[few]
    for at in range(partial[few], partial[few + 1]):
        place, mask, theirs = partial[at] >> MASK_BITS, partial[at] & UNMASKED, np.int64(0)
        if dense_row >= 0:
            theirs = np.int64(dense[dense_row, place])
        else:
            while beside < partial[many + 1] and partial[beside] >> MASK_BITS < place:
                beside += 1
            if beside < partial[many + 1] and partial[beside] >> MASK_BITS == place:
                theirs = partial[beside] & UNMASKED
        if is_joint(mask, theirs):
            is_known = mask != UNMASKED
            known, left = np.int64(0), mask | theirs if is_known else np.int64(0)
            while left:
                left &= left - 1
                known += 1
            consider(redundant[place], known, only, since, shape, tables, watched, marks, number)


@njit(**PLAIN)
def is_joint(mask, theirs):  # type: ignore[no-untyped-def]
    """Whether a gate may fall with two outages that take these of its arguments down."""
    is_known = (mask & ~theirs) != 0 and (theirs & ~mask) != 0
    return is_known or (mask == UNMASKED and theirs == UNMASKED)


@njit(**PLAIN)
def consider(gate, known, only, since, shape, tables, watched, marks, number):  # type: ignore[no-untyped-def]
    """Note a gate that falls only with several outages together.

    `known` of its arguments are known to be down; if that is not enough, all are looked at.
    """
    gates = shape[0]
    at, last = gates[gate] + 1, gates[gate + 1]
    left = gates[gates[gate]]
    if known >= left:
        left = np.int64(0)
    if _is_down(gate, only, since, tables, watched, marks, number):
        left = np.int64(-1)
    while left > 0 and at < last:
        left -= np.int64(_is_down(gates[at], only, since, tables, watched, marks, number))
        at += 1
    if left == 0:
        add_fallen(gate, watched, marks, number)


@njit(**PLAIN)
def _is_down(node, only, since, tables, watched, marks, number):  # type: ignore[no-untyped-def]
    """Whether a node is down, with one outage or with several; it is watched from now on."""
    watch(node, watched, marks, number)
    number[WORK] += 1
    return is_fallen_or_down(node, only, since, tables, marks, number)


@njit(**PLAIN)
def is_fallen_or_down(node, only, since, tables, marks, number):  # type: ignore[no-untyped-def]
    """Whether a node is down, as found so far."""
    if marks[node, FALLEN] == number[STAMP]:
        return True
    hit, nodes, down_until = tables[0], tables[1], tables[5]
    if only[0] == NOBODY:
        return down_until[node] > since
    return is_hit(hit, nodes, only[0], node) or is_hit(hit, nodes, only[1], node)
