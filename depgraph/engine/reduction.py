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

from depgraph.engine.situations import evaluate_gates

_UP = -1
_WORDS = 16
_RUN = 8
_FAR = 16
"""Numbers for each node up to which all of them are looked at."""
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_PASSES = 4


class Reduced(NamedTuple):
    """A small graph, what it rests on in order, and which gates are modules."""

    need: np.ndarray
    start: np.ndarray
    length: np.ndarray
    arguments: np.ndarray
    order: np.ndarray
    alone: np.ndarray


@njit(cache=True)
def order_of(keys):  # type: ignore[no-untyped-def]  # numba infers types
    """Places of the keys in rising order, equal ones as they stand; compiles in a second.

    What is nearly sorted takes half as long: short runs are sorted by insertion, and runs that
    stand right already are not merged.
    """
    count = keys.shape[0]
    order = np.arange(count)
    width = _RUN
    for first in range(0, count, width):
        for at in range(first + 1, min(first + width, count)):
            key, hole = keys[at], at
            while hole > first and keys[order[hole - 1]] > key:
                order[hole] = order[hole - 1]
                hole -= 1
            order[hole] = at
    left = np.empty(count, np.int64)
    while width < count:
        for first in range(0, count - width, 2 * width):
            middle, last = first + width, min(first + 2 * width, count)
            if keys[order[middle - 1]] <= keys[order[middle]]:
                continue
            left[:width] = order[first:middle]
            a, b = 0, middle
            for at in range(first, last):
                if a == width:
                    break
                if b == last or keys[left[a]] <= keys[order[b]]:
                    order[at] = left[a]
                    a += 1
                else:
                    order[at] = order[b]
                    b += 1
        width *= 2
    return order


@njit(cache=True)
def _rising(nodes, marks, empty):  # type: ignore[no-untyped-def]
    """Nodes in rising order.

    Parameters
    ----------
    nodes : ndarray of int64
        In any order, each once, one at least.
    marks : ndarray, shape (all nodes,)
        Something else than `empty` for these alone.
    empty : int
        What the others have.
    """
    lowest, highest = nodes.min(), nodes.max()
    if highest - lowest >= _FAR * nodes.shape[0]:
        return nodes[order_of(nodes)]
    # Close together: it is quicker to look at all of them.
    result = np.empty(nodes.shape[0], np.int64)
    number = 0
    for node in range(lowest, highest + 1):
        if marks[node] != empty:
            result[number] = node
            number += 1
    return result


@njit(cache=True)
def all_below(root, offsets, arguments, marks, empty):  # type: ignore[no-untyped-def]
    """Nodes that a node rests on, itself included, in rising order.

    `marks` comes as `empty` for all nodes, and goes as one more for those found.
    """
    nodes = [root]
    marks[root] = empty + 1
    at = 0
    while at < len(nodes):
        node = nodes[at]
        at += 1
        for k in range(offsets[node], offsets[node + 1]):
            argument = arguments[k]
            if marks[argument] == empty:
                marks[argument] = empty + 1
                nodes.append(argument)
    return _rising(np.array(nodes), marks, empty)


@njit(cache=True)
def cut_out(root, need, offsets, arguments, place):  # type: ignore[no-untyped-def]
    """Copy what a node rests on: original numbers in rising order, and need, offsets, arguments.

    `place` is scratch of one entry per node; it comes and goes as -1.
    """
    order = all_below(root, offsets, arguments, place, -1)
    count = order.shape[0]
    starts = np.zeros(count + 1, np.int64)
    for i in range(count):
        place[order[i]] = i
        starts[i + 1] = starts[i] + offsets[order[i] + 1] - offsets[order[i]]
    inside = np.empty(starts[count], np.int64)
    for i in range(count):
        first = offsets[order[i]]
        for k in range(starts[i + 1] - starts[i]):
            inside[starts[i] + k] = place[arguments[first + k]]
    for i in range(count):
        place[order[i]] = -1
    return order, need[order], starts, inside


@njit(cache=True)
def single_points(need, offsets, arguments, variables):  # type: ignore[no-untyped-def]
    """Which of the variables take the last node down alone; 1,024 are tried in one pass."""
    count = need.shape[0]
    found = np.zeros(variables.shape[0], np.bool_)
    for first in range(0, variables.shape[0], _WORDS * 64):
        tried = variables[first : first + _WORDS * 64]
        words = (tried.shape[0] + 63) // 64
        up = np.full((count, words), _ALL)
        for j in range(tried.shape[0]):
            up[tried[j], j // 64] ^= np.uint64(1) << np.uint64(j % 64)
        evaluate_gates(need, offsets, arguments, up)
        for j in range(tried.shape[0]):
            bit = (up[count - 1, j // 64] >> np.uint64(j % 64)) & np.uint64(1)
            found[first + j] = bit == 0
    return found


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
def _mixed(value):  # type: ignore[no-untyped-def]
    x = np.uint64(value) * np.uint64(0x9E3779B97F4A7C15)
    x ^= x >> np.uint64(29)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    return x ^ (x >> np.uint64(32))


@njit(cache=True)
def _equal_gate(node, need, start, length, arguments, stamp, table):  # type: ignore[no-untyped-def]
    """Find an earlier gate with the same need and arguments, or enter this one.

    The arguments of `node` are stamped with its number already.
    """
    key = np.uint64(need[node])
    for at in range(start[node], start[node] + length[node]):
        key += _mixed(arguments[at] + 7)
    mask = np.uint64(table.shape[0] - 1)
    slot = _mixed(key) & mask
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
def kind_of(need, length):  # type: ignore[no-untyped-def]
    """0 a component, 1 "all", 2 "any", 3 "at least k of n"."""
    if need == 0:
        return 0
    if need == length:
        return 1
    return 2 if need == 1 else 3


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
def modules_of(root, need, start, length, arguments, count):  # type: ignore[no-untyped-def]
    """Nodes in use, arguments first, and which gates are modules (see `modules.modules`)."""
    first = np.zeros(count, np.int64)
    last = np.zeros(count, np.int64)
    entered = np.zeros(count, np.int64)
    left = np.zeros(count, np.int64)
    position = np.zeros(count, np.int64)
    order = np.empty(count, np.int64)
    stack = np.empty(count + 1, np.int64)
    clock, top, done = 1, 0, 0
    stack[0] = root
    entered[root] = first[root] = last[root] = clock
    while top >= 0:
        node = stack[top]
        clock += 1
        if position[node] == length[node]:
            left[node] = clock
            last[node] = max(last[node], clock)
            order[done] = node
            done += 1
            top -= 1
            continue
        argument = arguments[start[node] + position[node]]
        position[node] += 1
        if first[argument]:
            last[argument] = clock
        else:
            entered[argument] = first[argument] = last[argument] = clock
            top += 1
            stack[top] = argument
    order = order[:done].copy()
    alone = np.zeros(count, np.bool_)
    earliest, latest = first.copy(), last.copy()
    for node in order:
        if need[node] == 0:
            continue
        low, high = clock + 1, 0
        for at in range(start[node], start[node] + length[node]):
            argument = arguments[at]
            low = min(low, earliest[argument], first[argument])
            high = max(high, latest[argument], last[argument])
        earliest[node], latest[node] = low, high
        alone[node] = low > entered[node] and high < left[node]
    alone[root] = True
    return order, alone


@njit(cache=True)
def _users(order, need, start, length, arguments, count):  # type: ignore[no-untyped-def]
    """Gates that use each node: offsets and gates, always in the sequence of `order`."""
    offsets = np.zeros(count + 1, np.int64)
    for node in order:
        if need[node] > 0:
            for at in range(start[node], start[node] + length[node]):
                offsets[arguments[at] + 1] += 1
    offsets = np.cumsum(offsets)
    filled = offsets.copy()
    users = np.empty(offsets[count], np.int64)
    for node in order:
        if need[node] > 0:
            for at in range(start[node], start[node] + length[node]):
                users[filled[arguments[at]]] = node
                filled[arguments[at]] += 1
    return offsets, users


@njit(cache=True)
def _same_users(a, b, offsets, users):  # type: ignore[no-untyped-def]
    size = offsets[a + 1] - offsets[a]
    if offsets[b + 1] - offsets[b] != size:
        return False
    for k in range(size):  # noqa: SIM110 - compiled
        if users[offsets[a] + k] != users[offsets[b] + k]:
            return False
    return True


@njit(cache=True)
def _joinable(root, order, alone, need, start, length, arguments, count):  # type: ignore[no-untyped-def]
    """Leader of the group that each node joins, -1 for none (see `modules.contracted`)."""
    offsets, users = _users(order, need, start, length, arguments, count)
    keys = np.zeros(order.shape[0], np.int64)
    able = np.zeros(order.shape[0], np.bool_)
    for place in range(order.shape[0]):
        node = order[place]
        if node == root or not (need[node] == 0 or alone[node]):
            continue
        kind = 0
        for k in range(offsets[node], offsets[node + 1]):
            user = users[k]
            keys[place] += np.int64(_mixed(user + 3))
            own = kind_of(need[user], length[user])
            kind = own if kind == 0 or kind == own else 3
        able[place] = 0 < kind < 3  # noqa: PLR2004 - votes are not joined
    leader = np.full(count, -1, np.int64)
    by_key = order_of(keys)
    for i in range(by_key.shape[0]):
        a = order[by_key[i]]
        if not able[by_key[i]] or leader[a] >= 0:
            continue
        j, members = i + 1, 1
        while j < by_key.shape[0] and keys[by_key[j]] == keys[by_key[i]]:
            b = order[by_key[j]]
            if able[by_key[j]] and leader[b] < 0 and _same_users(a, b, offsets, users):
                leader[b] = a
                members += 1
            j += 1
        only = offsets[a + 1] - offsets[a] == 1
        if members > 1 and not (only and length[users[offsets[a]]] == members):
            leader[a] = a
        elif members > 1:
            for k in range(i + 1, j):
                if leader[order[by_key[k]]] == a:
                    leader[order[by_key[k]]] = -1
    return leader


@njit(cache=True)
def _contracted(root, need, start, length, flat, end, count):  # type: ignore[no-untyped-def]
    """Join components and modules that the same gates use, in place; returns counts and order."""
    order, alone = modules_of(root, need, start, length, flat, count)
    for _ in range(_PASSES):
        leader = _joinable(root, order, alone, need, start, length, flat, count)
        before = count
        gate = np.full(count, -1, np.int64)
        for node in order:
            if leader[node] == node:
                gate[node] = count
                count += 1
        if count == before:
            break
        for node in order:
            joins = False
            for at in range(start[node], start[node] + length[node]):
                joins |= leader[flat[at]] >= 0
            if joins:
                end = _with_joined(node, need, start, length, flat, leader, gate, end)
        order, alone = modules_of(root, need, start, length, flat, count)
    return order, alone, count


@njit(cache=True)
def _with_joined(node, need, start, length, flat, leader, gate, end):  # type: ignore[no-untyped-def]
    """Put the new gates in place of their members; the first user of each fills it."""
    kind = kind_of(need[node], length[node])
    first = start[node]
    # Counting sort by leader: members of a group may stand apart.
    for at in range(first, first + length[node]):
        head = leader[flat[at]]
        if head < 0 or flat[at] != head or length[gate[head]] > 0:
            continue
        new = gate[head]
        start[new] = end
        for k in range(first, first + length[node]):
            if leader[flat[k]] == head:
                flat[end] = flat[k]
                end += 1
        length[new] = end - start[new]
        need[new] = length[new] if kind == 1 else 1
    kept = first
    for at in range(first, first + length[node]):
        head = leader[flat[at]]
        if head < 0:
            flat[kept] = flat[at]
            kept += 1
        elif flat[at] == head:
            flat[kept] = gate[head]
            kept += 1
    length[node] = kept - first
    if kind == 1:
        need[node] = length[node]
    return end


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
    room = np.empty(end * (_PASSES + 1) + 2, np.int64)
    room[:end] = flat[:end]
    order, alone, _ = _contracted(root, new_need, start, length, room, end, count)
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
