"""Small gate graphs for one node at a time, compiled, so that a whole estate can be gone through.

Does for the estate what `gates`, `essential` and `modules` do for a single question: cut out what
a node rests on, put in what is known to be up, dissolve nested gates of one kind, join what is
always used together, find modules. A graph here is a tuple of arrays `(need, start, length,
arguments)`; the arguments of gate i stand at ``arguments[start[i] : start[i] + length[i]]``, need
is 0 for components (`Reduced`). Arguments need not have smaller numbers than gates; `modules_of`
gives an order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from depgraph.engine.graph_steps import cut_out, kind_of, mixed, single_points
from depgraph.engine.joining import PASSES, contracted

_UP = -1


class Reduced(NamedTuple):
    """A small graph, what it rests on in order, and which gates are modules."""

    need: np.ndarray
    start: np.ndarray
    length: np.ndarray
    arguments: np.ndarray
    order: np.ndarray
    alone: np.ndarray


@njit(cache=True)
def _without_known(need, offsets, arguments, known_up, need_out, length):  # type: ignore[no-untyped-def]
    """Put in what is up; gates of one argument become it, equal gates become one.

    Works in place on `arguments`; returns what each node became, -1 for "always up".
    """
    count = need.shape[0]
    image = np.empty(count, np.int64)
    stamp = np.full(count, -1, np.int64)
    size = 64
    while size < 4 * count:
        size *= 2
    table = np.full(size, -1, np.int64)
    for node in range(count):
        if need[node] <= 0:
            image[node] = _UP if known_up[node] else node
            continue
        first, last = offsets[node], offsets[node + 1]
        k = need[node]
        kept = first
        for at in range(first, last):
            became = image[arguments[at]]
            if became == _UP:
                k -= 1
            else:
                arguments[kept] = became
                kept += 1
        if k <= 0:
            image[node] = _UP
            continue
        every = k == kept - first
        vote = not every and k != 1
        if not vote:
            kept = _unique(arguments, first, kept, stamp, node)
            k = kept - first if every else 1
        need_out[node], length[node] = k, kept - first
        image[node] = arguments[first] if kept - first == 1 else node
        if kept - first > 1 and not vote:
            image[node] = _equal_gate(node, need_out, offsets, length, arguments, stamp, table)
    return image


@njit(cache=True)
def _unique(arguments, first, last, stamp, mark):  # type: ignore[no-untyped-def]
    """Drop repeated arguments in place; returns the new end."""
    kept = first
    for at in range(first, last):
        argument = arguments[at]
        if stamp[argument] != mark:
            stamp[argument] = mark
            arguments[kept] = argument
            kept += 1
    return kept


@njit(cache=True)
def _equal_gate(node, need, start, length, arguments, stamp, table):  # type: ignore[no-untyped-def]
    """Find an earlier gate with the same need and arguments, or enter this one.

    The arguments of `node` are stamped with its number already.
    """
    key = np.uint64(need[node])
    for at in range(start[node], start[node] + length[node]):
        key += mixed(arguments[at] + 7)
    mask = np.uint64(table.shape[0] - 1)
    slot = mixed(key) & mask
    while table[slot] >= 0:
        other = table[slot]
        if need[other] == need[node] and length[other] == length[node]:
            same = True
            for at in range(start[other], start[other] + length[other]):
                same = same and stamp[arguments[at]] == node
            if same:
                return other
        slot = (slot + np.uint64(1)) & mask
    table[slot] = node
    return node


@njit(cache=True)
def _dissolving(root, need, start, length, arguments):  # type: ignore[no-untyped-def]
    """Gates in use, and those that dissolve into their only user, a gate of the same kind."""
    count = need.shape[0]
    users = np.zeros(count, np.int64)
    user = np.full(count, -1, np.int64)
    users[root] = 1
    for node in range(root, -1, -1):
        if users[node] and need[node] > 0:
            for at in range(start[node], start[node] + length[node]):
                users[arguments[at]] += 1
                user[arguments[at]] = node
    dissolves = np.zeros(count, np.bool_)
    for node in range(root):
        if users[node] == 1 and need[node] > 0:
            own = kind_of(need[node], length[node])
            above = kind_of(need[user[node]], length[user[node]])
            dissolves[node] = own == above and own < 3  # noqa: PLR2004 - votes do not nest
    return users, dissolves


@njit(cache=True)
def _flattened(root, need, start, length, arguments):  # type: ignore[no-untyped-def]
    """Copy the gates in use with nested gates of one kind dissolved; room is left for new ones."""
    users, dissolves = _dissolving(root, need, start, length, arguments)
    count = need.shape[0]
    new_need = np.zeros(2 * count + 2, np.int64)
    new_start = np.zeros(2 * count + 2, np.int64)
    new_length = np.zeros(2 * count + 2, np.int64)
    flat = np.empty(2 * arguments.shape[0] + 2, np.int64)
    stamp = np.full(count, -1, np.int64)
    end = 0
    for node in range(root + 1):
        if not users[node] or need[node] <= 0 or dissolves[node]:
            continue
        kind = kind_of(need[node], length[node])
        new_start[node] = end
        waiting = [node]
        while len(waiting) > 0:
            gate = waiting.pop()
            for at in range(start[gate], start[gate] + length[gate]):
                argument = arguments[at]
                if dissolves[argument]:
                    waiting.append(argument)
                elif kind == 3 or stamp[argument] != node:  # noqa: PLR2004 - votes count twice
                    stamp[argument] = node
                    flat[end] = argument
                    end += 1
        new_length[node] = end - new_start[node]
        new_need[node] = new_length[node] if kind == 1 else need[node]
    return new_need, new_start, new_length, flat, end


@njit(cache=True)
def reduced(need, offsets, arguments, known_up):  # type: ignore[no-untyped-def]
    """Simplify what `cut_out` gave; its last node is the root.

    Returns the root (-1: always up) and a `Reduced`.
    """
    count = need.shape[0]
    new_need = np.zeros(count, np.int64)
    length = np.zeros(count, np.int64)
    image = _without_known(need, offsets, arguments, known_up, new_need, length)
    root = image[count - 1]
    start = offsets[:count].copy()
    if root == _UP:
        nothing = np.empty(0, np.int64)
        return root, Reduced(new_need, start, length, arguments, nothing, np.empty(0, np.bool_))
    new_need, start, length, flat, end = _flattened(root, new_need, start, length, arguments)
    # Every new gate takes at least two arguments away, so twice the nodes are enough; but its
    # members are written once more, so the arguments need room for each pass.
    room = np.empty(end * (PASSES + 1) + 2, np.int64)
    room[:end] = flat[:end]
    order, alone, _ = contracted(root, new_need, start, length, room, end, count)
    return root, Reduced(new_need, start, length, room, order, alone)


@njit(cache=True)
def rest_of(root, graph, can_fail, place):  # type: ignore[no-untyped-def]
    """What is left of a node without its single points of failure and without what never fails.

    Parameters
    ----------
    root : int
        The node; no constant.
    graph : FlatGraph
        Gates it is one of.
    can_fail : ndarray of bool, shape (nodes,)
        Whether a variable can fail.
    place : ndarray of int64, shape (nodes,)
        Scratch; comes and goes as -1.

    Returns
    -------
    tuple
        Numbers in `graph` of what it rests on, places among these of its variables and of its
        single points of failure, root of the rest (-1: always up), and the rest (`Reduced`).
    """
    order, need, offsets, arguments = cut_out(
        root, graph.need, graph.offsets, graph.arguments, place
    )
    variables = np.flatnonzero(need == 0)
    open_ones = variables[can_fail[order[variables]]]
    single = open_ones[single_points(need, offsets, arguments, open_ones)]
    known_up = np.ones(order.shape[0], np.bool_)
    known_up[open_ones] = False
    known_up[single] = True
    rest_root, small = reduced(need, offsets, arguments, known_up)
    return order, variables, single, rest_root, small
