"""Availability of one node, solved and forgotten, compiled: for answers on whole estates.

The recipe of `exact`, in one pass without Python in between. A module that has no product form
gets a decision diagram in a store of fixed size; where that is not enough, its states with few
failures enclose it. Figures go through as two ends that are equal where all is exact.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from depgraph.engine.diagram_nodes import (
    ALLOWED,
    COLLECT,
    COUNTERS,
    FRAME,
    FULL,
    LEVEL,
    NEVER,
    NODES,
    TOP,
    begun,
    build,
    probabilities_of,
)
from depgraph.engine.few_failures import few_failures
from depgraph.engine.graph_steps import all_below, kind_of
from depgraph.engine.parts import part_below, sort_by_weight
from depgraph.engine.reduction import rest_of
from depgraph.engine.votes import vote

_FIRST_NODES = 1 << 11
_STEP = 3
_STEPS_PER_NODE = 16

Array = np.ndarray


class Ends(NamedTuple):
    """Figures of every node: up and down, at the low end and at the high end."""

    low_up: Array
    low_down: Array
    high_up: Array
    high_down: Array


class Store(NamedTuple):
    """Room for one decision diagram, used again for each."""

    nodes: Array
    table: Array
    cache: Array


def new_store(nodes: int) -> Store:
    """Room for diagrams of up to `nodes` nodes, a power of two."""
    return Store(
        np.zeros((nodes, 4), np.int32), np.zeros(nodes, np.int32), np.zeros((nodes, 4), np.int32)
    )


@njit(cache=True)
def _diagram(part, store, counts):  # type: ignore[no-untyped-def]
    """Decision diagram of a part; negative where the store is too small."""
    leaves = part.leaves.shape[0]
    if leaves + 2 > store.nodes.shape[0]:
        return np.int32(FULL)
    counts[:] = 0
    counts[NODES], counts[TOP] = 2, -1
    counts[ALLOWED], counts[COLLECT] = _STEPS_PER_NODE * store.nodes.shape[0], NEVER
    store.table[:] = -1
    store.cache[:] = -1
    store.nodes[:2, LEVEL] = leaves
    stack = np.zeros((leaves + 8, FRAME), np.int32)
    diagram = (store.nodes, store.table, store.cache, stack)
    node_of, hand = begun(part, np.arange(leaves), diagram, counts)
    return build(part, node_of, hand, diagram, counts)


@njit(cache=True)
def _head(store, nodes):  # type: ignore[no-untyped-def]
    """The first part of a store, quicker to clear."""
    return Store(store.nodes[:nodes], store.table[:nodes], store.cache[:nodes])


@njit(cache=True)
def _solved_by_diagram(node, part, ends, store, most):  # type: ignore[no-untyped-def]
    """Enter a module's figures by a decision diagram; False where `most` nodes are too few."""
    nodes = min(_FIRST_NODES, most)
    counts = np.zeros(COUNTERS, np.int64)
    while True:
        head = _head(store, nodes)
        root = _diagram(part, head, counts)
        if root >= 0:
            break
        if nodes == most:
            return False
        nodes = min(nodes << _STEP, most)
    leaves = part.leaves
    p, q = probabilities_of(head.nodes, root + 1, ends.low_up[leaves], ends.low_down[leaves])
    ends.low_up[node], ends.low_down[node] = p[root], q[root]
    p, q = probabilities_of(head.nodes, root + 1, ends.high_up[leaves], ends.high_down[leaves])
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
def _solve_module(node, part, need, ends, store, hurried):  # type: ignore[no-untyped-def]
    """Enter one module's figures; returns whether the way is exact."""
    leaves = part.leaves
    if part.need.shape[0] == leaves.shape[0] + 1 and part.arguments.shape[0] == leaves.shape[0]:
        kind = kind_of(need, leaves.shape[0])
        up, down = _product(kind, need, leaves, ends.low_up, ends.low_down)
        ends.low_up[node], ends.low_down[node] = up, down
        up, down = _product(kind, need, leaves, ends.high_up, ends.high_down)
        ends.high_up[node], ends.high_down[node] = up, down
        return True
    most = store.nodes.shape[0]
    if _solved_by_diagram(node, part, ends, store, min(_FIRST_NODES, most) if hurried else most):
        return True
    at_least, at_most = few_failures(
        leaves.shape[0], part.need, part.offsets, part.arguments,
        (ends.high_down[leaves], ends.low_down[leaves]), hurried,
    )  # fmt: skip
    ends.low_up[node], ends.low_down[node] = 1.0 - at_most, at_most
    ends.high_up[node], ends.high_down[node] = 1.0 - at_least, at_least
    return False


@njit(cache=True)
def _solve_rest(graph, ends, store, hurried):  # type: ignore[no-untyped-def]
    """Enter the figures of every module of a reduced graph; returns whether all is exact."""
    sort_by_weight(graph)
    number = np.full(graph.need.shape[0], -1, np.int64)
    exact = True
    for node in graph.order:
        if graph.need[node] > 0 and graph.alone[node]:
            part = part_below(node, graph, number)
            exact &= _solve_module(node, part, graph.need[node], ends, store, hurried)
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
        lost = min(1.0, lost + whole * rest[2 * side + 1])
        result[2 * side + 1] = lost if result[2 * side] > 0.0 else 1.0
    return result


@njit(cache=True)
def serial_nodes(graph):  # type: ignore[no-untyped-def]
    """Whether each node falls with any single component that it rests on."""
    count = graph.need.shape[0]
    serial = np.zeros(count, np.bool_)
    for node in range(count):
        first, last = graph.offsets[node], graph.offsets[node + 1]
        if graph.need[node] == 0 or graph.need[node] == last - first:
            serial[node] = graph.need[node] >= 0
            for at in range(first, last):
                serial[node] &= serial[graph.arguments[at]]
    return serial


@njit(cache=True)
def _variables_below(root, graph, place):  # type: ignore[no-untyped-def]
    """Variables that a node rests on, in rising order; `place` comes and goes as -1."""
    order = all_below(root, graph.offsets, graph.arguments, place, -1)
    for node in order:
        place[node] = -1
    return order[graph.need[order] == 0]


@njit(cache=True, nogil=True)
def solve(root, graph, figures, place, store, hurried):  # type: ignore[no-untyped-def]
    """Enclose one node.

    Parameters
    ----------
    root : int
        The node; neither constant.
    graph : FlatGraph
        Gates of the estate.
    figures : tuple of Ends, ndarray of bool and ndarray of bool, shape (nodes,)
        Figures of its variables; whether each can fail at the low end; `serial_nodes`.
    place : ndarray of int64, shape (nodes,)
        Scratch; comes and goes as -1.
    store : Store
        Room for decision diagrams.
    hurried : bool
        Whether what takes long is left out: large diagrams, and pairs of failures.

    Returns
    -------
    tuple
        Figures (up and down at the low end, up and down at the high end), whether the way is
        exact, essential variables (rule A12), and every variable that the node rests on.
    """
    ends, can_fail, serial = figures
    if serial[root]:
        below = _variables_below(root, graph, place)
        single = below[can_fail[below]]
        return _with_essentials(single, ends, np.array([1.0, 0.0, 1.0, 0.0])), True, single, below
    order, variables, points, rest_root, small = rest_of(root, graph, can_fail, place)
    rest = np.array([1.0, 0.0, 1.0, 0.0])
    exact = True
    if rest_root >= 0:
        size = small.need.shape[0]
        inner = Ends(np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(size))
        count = order.shape[0]
        inner.low_up[:count], inner.low_down[:count] = ends.low_up[order], ends.low_down[order]
        inner.high_up[:count], inner.high_down[:count] = ends.high_up[order], ends.high_down[order]
        exact = _solve_rest(small, inner, store, hurried)
        rest[0], rest[1] = inner.low_up[rest_root], inner.low_down[rest_root]
        rest[2], rest[3] = inner.high_up[rest_root], inner.high_down[rest_root]
    found = _with_essentials(order[points], ends, rest)
    return found, exact, order[points], order[variables]
