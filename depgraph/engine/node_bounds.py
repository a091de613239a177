"""Availability of one node, solved and forgotten, compiled: for answers on whole estates.

The recipe of `exact`, in one pass without Python in between. A module that has no product form
gets a decision diagram in a store of fixed size; where that is not enough, its states with few
failures enclose it. Figures go through as two ends that are equal where all is exact.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from depgraph.engine.diagram import apply_operation, find_or_add, probabilities_of
from depgraph.engine.few_failures import few_failures
from depgraph.engine.reduction import cut_out, kind_of, order_of, reduced, single_points
from depgraph.engine.votes import vote

_AND, _OR, _ITE = np.int32(0), np.int32(1), np.int32(2)
_FIRST_NODES = 1 << 11
_STEP = 3
_HEAVIEST = 1 << 40
_STEPS_PER_NODE = 16

Array = np.ndarray


class FlatGraph(NamedTuple):
    """Gates of an estate as arrays (see `situations.flat_gates`)."""

    need: Array
    offsets: Array
    arguments: Array


class Ends(NamedTuple):
    """Figures of every node: up and down, at the low end and at the high end."""

    low_up: Array
    low_down: Array
    high_up: Array
    high_down: Array


class Store(NamedTuple):
    """Room for one decision diagram, used again for each."""

    level: Array
    low: Array
    high: Array
    table: Array
    keys: Array
    values: Array


class Part(NamedTuple):
    """One module: components first, then gates, arguments first; the root is last."""

    leaves: Array
    need: Array
    offsets: Array
    arguments: Array


def new_store(nodes: int) -> Store:
    """Room for diagrams of up to `nodes` nodes, a power of two."""
    return Store(
        np.zeros(nodes, np.int32),
        np.zeros(nodes, np.int32),
        np.zeros(nodes, np.int32),
        np.zeros(2 * nodes, np.int32),
        np.zeros((nodes, 3), np.int32),
        np.zeros(nodes, np.int32),
    )


@njit(cache=True)
def _sorted_by_weight(graph):  # type: ignore[no-untyped-def]  # numba infers types
    """Sort the arguments of every gate, small sub-trees first, in place."""
    weight = np.ones(graph.need.shape[0], np.int64)
    for node in graph.order:
        if graph.need[node] == 0:
            continue
        first, last = graph.start[node], graph.start[node] + graph.length[node]
        own = graph.arguments[first:last].copy()
        graph.arguments[first:last] = own[order_of(weight[own])]
        if not graph.alone[node]:
            # Shared parts count as often as they are used; that can outgrow any number.
            weight[node] = min(_HEAVIEST, weight[own].sum())


@njit(cache=True)
def _part(root, graph, number):  # type: ignore[no-untyped-def]
    """Cut out a module; components in the sequence of a depth-first walk.

    `number` is scratch of one entry per node; it comes and goes as -1.
    """
    need, start, length = graph.need, graph.start, graph.length
    arguments = graph.arguments
    leaves = [root]
    leaves.pop()
    gates = [root]
    gates.pop()
    stack = [root]
    at = [0]
    number[root] = 0
    pins = 0
    while len(stack) > 0:
        node = stack[-1]
        if at[-1] == length[node]:
            gates.append(node)
            pins += length[node]
            stack.pop()
            at.pop()
            continue
        argument = arguments[start[node] + at[-1]]
        at[-1] += 1
        if number[argument] >= 0:
            continue
        number[argument] = 0
        if need[argument] == 0 or graph.alone[argument]:
            leaves.append(argument)
        else:
            stack.append(argument)
            at.append(0)
    for i in range(len(leaves)):
        number[leaves[i]] = i
    part_need = np.zeros(len(leaves) + len(gates), np.int64)
    offsets = np.zeros(len(leaves) + len(gates) + 1, np.int64)
    inside = np.empty(pins, np.int64)
    end = 0
    for i in range(len(gates)):
        gate, place = gates[i], len(leaves) + i
        number[gate] = place
        part_need[place] = need[gate]
        for k in range(start[gate], start[gate] + length[gate]):
            inside[end] = number[arguments[k]]
            end += 1
        offsets[place + 1] = end
    for leaf in leaves:
        number[leaf] = -1
    for gate in gates:
        number[gate] = -1
    return Part(np.array(leaves), part_need, offsets, inside)


@njit(cache=True)
def _merged(kind, f, g, h, counts, store, stack):  # type: ignore[no-untyped-def]
    return apply_operation(
        kind, f, g, h, store.level, store.low, store.high, store.table, counts, store.keys,
        store.values, stack,
    )  # fmt: skip


@njit(cache=True)
def _gate(need, nodes, counts, store, stack):  # type: ignore[no-untyped-def]
    """Diagram of one gate over the diagrams of its arguments, deepest first; negative: no room."""
    nodes = nodes[order_of(-store.level[nodes].astype(np.int64))]
    if need == 1 or need == nodes.shape[0]:
        result = nodes[0]
        for node in nodes[1:]:
            kind = _OR if need == 1 else _AND
            result = _merged(kind, result, node, np.int32(0), counts, store, stack)
            if result < 0:
                return result
        return result
    found = np.zeros(need + 1, np.int32)
    found[0] = 1
    for place in range(nodes.shape[0]):
        node, left = nodes[place], nodes.shape[0] - place - 1
        # Only what those to come can still bring to the number needed.
        for j in range(min(need, place + 1), max(1, need - left) - 1, -1):
            found[j] = _merged(_ITE, node, found[j - 1], found[j], counts, store, stack)
            if found[j] < 0:
                return found[j]
    return found[need]


@njit(cache=True)
def _diagram(part, store, counts):  # type: ignore[no-untyped-def]
    """Decision diagram of a part; negative where the store is too small."""
    leaves = part.leaves.shape[0]
    counts[0], counts[1], counts[2] = 2, 0, _STEPS_PER_NODE * store.level.shape[0]
    store.table[:] = -1
    store.keys[:] = -1
    store.level[:2] = leaves
    stack = np.zeros((leaves + 8, 7), np.int32)
    node_of = np.empty(part.need.shape[0], np.int32)
    for i in range(part.need.shape[0]):
        if i < leaves:
            node_of[i] = find_or_add(
                store.level, store.low, store.high, store.table, counts, np.int32(i),
                np.int32(0), np.int32(1),
            )  # fmt: skip
        else:
            inside = part.arguments[part.offsets[i] : part.offsets[i + 1]]
            node_of[i] = _gate(part.need[i], node_of[inside], counts, store, stack)
        if node_of[i] < 0:
            return node_of[i]
    return node_of[-1]


@njit(cache=True)
def _head(store, nodes):  # type: ignore[no-untyped-def]
    """The first part of a store, quicker to clear."""
    return Store(
        store.level[:nodes], store.low[:nodes], store.high[:nodes], store.table[: 2 * nodes],
        store.keys[:nodes], store.values[:nodes],
    )  # fmt: skip


@njit(cache=True)
def _solved_by_diagram(node, part, ends, store):  # type: ignore[no-untyped-def]
    """Enter a module's figures by a decision diagram; False where the store is too small."""
    nodes = min(_FIRST_NODES, store.level.shape[0])
    counts = np.zeros(3, np.int64)
    while True:
        head = _head(store, nodes)
        root = _diagram(part, head, counts)
        if root >= 0:
            break
        if nodes == store.level.shape[0]:
            return False
        nodes = min(nodes << _STEP, store.level.shape[0])
    leaves = part.leaves
    p, q = probabilities_of(
        head.level, head.low, head.high, root + 1, ends.low_up[leaves], ends.low_down[leaves]
    )
    ends.low_up[node], ends.low_down[node] = p[root], q[root]
    p, q = probabilities_of(
        head.level, head.low, head.high, root + 1, ends.high_up[leaves], ends.high_down[leaves]
    )
    ends.high_up[node], ends.high_down[node] = p[root], q[root]
    return True


@njit(cache=True)
def _product(kind, need, leaves, up, down):  # type: ignore[no-untyped-def]
    """Up and down of one gate over independent things."""
    if kind == 3:  # noqa: PLR2004 - "at least k of n"
        return vote(need, up[leaves], down[leaves])
    whole, lost = 1.0, 0.0
    for leaf in leaves:
        lost += whole * (down[leaf] if kind == 1 else up[leaf])
        whole *= up[leaf] if kind == 1 else down[leaf]
    return (whole, lost) if kind == 1 else (lost, whole)


@njit(cache=True)
def _solve_module(node, part, need, ends, store):  # type: ignore[no-untyped-def]
    """Enter one module's figures; returns whether the way is exact."""
    leaves = part.leaves
    if part.need.shape[0] == leaves.shape[0] + 1 and part.arguments.shape[0] == leaves.shape[0]:
        kind = kind_of(need, leaves.shape[0])
        up, down = _product(kind, need, leaves, ends.low_up, ends.low_down)
        ends.low_up[node], ends.low_down[node] = up, down
        up, down = _product(kind, need, leaves, ends.high_up, ends.high_down)
        ends.high_up[node], ends.high_down[node] = up, down
        return True
    if _solved_by_diagram(node, part, ends, store):
        return True
    at_least, at_most = few_failures(
        leaves.shape[0], part.need, part.offsets, part.arguments,
        ends.high_down[leaves], ends.low_down[leaves],
    )  # fmt: skip
    ends.low_up[node], ends.low_down[node] = 1.0 - at_most, at_most
    ends.high_up[node], ends.high_down[node] = 1.0 - at_least, at_least
    return False


@njit(cache=True)
def _solve_rest(graph, ends, store):  # type: ignore[no-untyped-def]
    """Enter the figures of every module of a reduced graph; returns whether all is exact."""
    _sorted_by_weight(graph)
    number = np.full(graph.need.shape[0], -1, np.int64)
    exact = True
    for node in graph.order:
        if graph.need[node] > 0 and graph.alone[node]:
            part = _part(node, graph, number)
            exact &= _solve_module(node, part, graph.need[node], ends, store)
    return exact


@njit(cache=True)
def _with_essentials(essential, ends, rest):  # type: ignore[no-untyped-def]
    """All of the essential components and the rest: up and down at both ends."""
    result = np.empty(4)
    for side in range(2):
        up = ends.low_up if side == 0 else ends.high_up
        down = ends.low_down if side == 0 else ends.high_down
        whole, lost = 1.0, 0.0
        for variable in essential:
            lost += whole * down[variable]
            whole *= up[variable]
        result[2 * side] = whole * rest[2 * side]
        result[2 * side + 1] = lost + whole * rest[2 * side + 1]
    return result


@njit(cache=True, nogil=True)
def solve(root, graph, ends, place, store):  # type: ignore[no-untyped-def]
    """Enclose one node.

    Parameters
    ----------
    root : int
        The node; neither constant.
    graph : FlatGraph
        Gates of the estate.
    ends : Ends
        Figures of its variables.
    place : ndarray of int64, shape (nodes,)
        Scratch; comes and goes as -1.
    store : Store
        Room for decision diagrams.

    Returns
    -------
    tuple
        Figures (up and down at the low end, up and down at the high end), whether the way is
        exact, essential variables (rule A12), and every variable that the node rests on.
    """
    order, need, offsets, arguments = cut_out(
        root, graph.need, graph.offsets, graph.arguments, place
    )
    variables = np.flatnonzero(need == 0)
    can_fail = variables[ends.low_down[order[variables]] > 0.0]
    single = can_fail[single_points(need, offsets, arguments, can_fail)]
    known_up = np.ones(order.shape[0], np.bool_)
    known_up[can_fail] = False
    known_up[single] = True
    rest_root, small = reduced(need, offsets, arguments, known_up)
    rest = np.array([1.0, 0.0, 1.0, 0.0])
    exact = True
    if rest_root >= 0:
        size = small.need.shape[0]
        inner = Ends(np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(size))
        count = order.shape[0]
        inner.low_up[:count], inner.low_down[:count] = ends.low_up[order], ends.low_down[order]
        inner.high_up[:count], inner.high_down[:count] = ends.high_up[order], ends.high_down[order]
        exact = _solve_rest(small, inner, store)
        rest[0], rest[1] = inner.low_up[rest_root], inner.low_down[rest_root]
        rest[2], rest[3] = inner.high_up[rest_root], inner.high_down[rest_root]
    figures = _with_essentials(order[single], ends, rest)
    return figures, exact, order[single], order[variables]
