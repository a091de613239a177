"""Modules of a reduced graph, and what is always used together joined into one, compiled.

Graphs are `(need, start, length, arguments)`, as in `reduction`. Modules are found in linear time
(Dutuit and Rauzy, A linear-time algorithm to find modules of fault trees, 1996).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from depgraph.engine.graph_steps import kind_of, mixed, order_of

PASSES = 4
"""Rounds of joining; what is left after them is hardly ever anything."""


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
            keys[place] += np.int64(mixed(user + 3))
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
def contracted(root, need, start, length, flat, end, count):  # type: ignore[no-untyped-def]
    """Join components and modules that the same gates use, in place; returns counts and order."""
    order, alone = modules_of(root, need, start, length, flat, count)
    for _ in range(PASSES):
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
