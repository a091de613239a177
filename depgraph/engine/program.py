"""Modules of one root as a flat list of diagram nodes, evaluated in one pass.

Every module is a decision diagram; one that is a plain "all" or "any" is a chain of one node per
argument. Each thing that a node can test, a component or an inner module, has a slot: 2 more than
its number in the reduced graph, as the first two stand for down and up. A module's figures go into
its slot before outer modules need them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from depgraph.engine.diagram_nodes import (
    ALLOWED,
    HIGH,
    LEVEL,
    LOW,
    NODES,
    begun,
    build,
    extracted,
    opened,
)
from depgraph.engine.graph_steps import kind_of
from depgraph.engine.orders import small_first
from depgraph.engine.parts import part_below
from depgraph.engine.reduction import rest_of

Array = np.ndarray

_SMALL = 64
"""Arguments of all gates of a module that is small; no vote among them is wide (see `cases`)."""
_FEW_STEPS = 512
_ROOM = 1024

NODE = 4
"""Columns of a node: as in a diagram, but its level is a slot."""
FIRST, LAST, SLOT, LOW_ROOT, HIGH_ROOT = 0, 1, 2, 3, 4
"""Columns of a module: its nodes, where its figures go, and the roots of its two ends."""


class Program(NamedTuple):
    """Nodes 0 and 1 are down and up; modules stand inner ones first."""

    nodes: Array
    modules: Array


@njit(cache=True)
def sketched(root, graph, perfect, most):  # type: ignore[no-untyped-def]  # numba infers types
    """Program of a node, but for the diagrams of large modules.

    Parameters
    ----------
    root : int
        The node; no constant.
    graph : FlatGraph
        Gates it is one of.
    perfect : ndarray of int
        Variables that never fail.
    most : int
        Most steps for the diagram of one small module.

    Returns
    -------
    tuple
        Single points of failure, numbers of what else can fail, slots of these, place of what is
        left of the root among the rest (-1: always up), the rest (`Reduced`), and its `Program`.
    """
    can_fail = np.ones(graph.need.shape[0], np.bool_)
    can_fail[perfect] = False
    place = np.full(graph.need.shape[0], -1, np.int64)
    order, _, single, top, small = rest_of(root, graph, can_fail, place)
    used = small.order[small.need[small.order] == 0]
    program = _with_small_diagrams(_outlined(small), small, most)
    return order[single], order[used], used + 2, top, small, program


@njit(cache=True)
def _outlined(graph):  # type: ignore[no-untyped-def]
    """Program with a row for each module; those that need a diagram have no nodes yet."""
    count = 0
    for node in graph.order:
        count += graph.need[node] > 0 and graph.alone[node]
    modules = np.zeros((count, 5), np.int64)
    nodes = np.zeros((graph.arguments.shape[0] + 2, NODE), np.int32)
    made, end = 0, 2
    for node in graph.order:
        if not (graph.need[node] > 0 and graph.alone[node]):
            continue
        modules[made, FIRST], modules[made, SLOT] = end, node + 2
        if _is_plain(node, graph):
            kind = kind_of(graph.need[node], graph.length[node])
            below = 1 if kind == 1 else 0
            for at in range(graph.start[node] + graph.length[node] - 1, graph.start[node] - 1, -1):
                nodes[end, LEVEL] = graph.arguments[at] + 2
                nodes[end, LOW] = 0 if kind == 1 else below
                nodes[end, HIGH] = below if kind == 1 else 1
                below = end
                end += 1
            modules[made, LOW_ROOT] = modules[made, HIGH_ROOT] = end - 1
        modules[made, LAST] = end
        made += 1
    return Program(nodes[:end].copy(), modules)


@njit(cache=True)
def _is_plain(node, graph):  # type: ignore[no-untyped-def]
    """Whether a module is "all" or "any" of things that stand alone."""
    if kind_of(graph.need[node], graph.length[node]) > 2:  # noqa: PLR2004 - a vote
        return False
    for at in range(graph.start[node], graph.start[node] + graph.length[node]):
        argument = graph.arguments[at]
        if graph.need[argument] > 0 and not graph.alone[argument]:
            return False
    return True


@njit(cache=True)
def with_diagram(program, module, slots, nodes, roots):  # type: ignore[no-untyped-def]
    """Enter the diagram of a module.

    Parameters
    ----------
    program : Program
        What there is so far; its row of the module is filled in.
    module : int
        Row of the module.
    slots : ndarray of int
        Slot of each level.
    nodes : ndarray of int32
        The diagram by itself, as `Diagram.taken_out` gives it.
    roots : tuple of int
        Node that is never more up than the module, and node that is never more down.
    """
    before = program.nodes.shape[0]
    shift = before - 2
    joined = np.empty((shift + nodes.shape[0], NODE), np.int32)
    joined[:before] = program.nodes
    for node in range(2, nodes.shape[0]):
        joined[shift + node, LEVEL] = slots[nodes[node, LEVEL]]
        for branch in (LOW, HIGH):
            below = nodes[node, branch]
            joined[shift + node, branch] = below + shift if below > 1 else below
    modules = program.modules
    modules[module, FIRST], modules[module, LAST] = before, joined.shape[0]
    for end in range(2):
        modules[module, LOW_ROOT + end] = roots[end] + shift if roots[end] > 1 else roots[end]
    return Program(joined, modules)


@njit(cache=True)
def _with_small_diagrams(program, graph, most):  # type: ignore[no-untyped-def]
    """Enter the diagrams of modules that few steps build: alone, each would take far longer.

    They get the first of the orders that larger ones try (`orders.PORTFOLIO`). What takes more than
    `most` steps is left out as well.
    """
    number = np.full(graph.need.shape[0], -1, np.int64)
    for row in range(program.modules.shape[0]):
        if program.modules[row, LAST] > program.modules[row, FIRST]:
            continue
        part = part_below(program.modules[row, SLOT] - 2, graph, number)
        if part.arguments.shape[0] > _SMALL:
            continue
        leaves = small_first(part)
        nodes, table, cache, stack, counts = opened(leaves.shape[0], _ROOM)
        diagram = (nodes, table, cache, stack)
        node_of, hand = begun(part, leaves, diagram, counts)
        counts[ALLOWED] = min(_FEW_STEPS, most)
        root = build(part, node_of, hand, diagram, counts)
        if root >= 0:
            roots = np.array([root])
            own = extracted(nodes, counts[NODES], roots)
            slots = part.leaves[leaves] + 2
            program = with_diagram(program, row, slots, own, (roots[0], roots[0]))
    return program


@njit(cache=True)
def evaluate(program, up, down, end):  # type: ignore[no-untyped-def]
    """Fill in the slots of modules; returns up and down of each node.

    Sums of positive terms only (rule A8). `end` is the column of the root to take.
    """
    nodes, modules = program.nodes, program.modules
    p = np.zeros(nodes.shape[0])
    q = np.zeros(nodes.shape[0])
    p[1] = q[0] = 1.0
    for module in range(modules.shape[0]):
        for node in range(modules[module, FIRST], modules[module, LAST]):
            a, b = up[nodes[node, LEVEL]], down[nodes[node, LEVEL]]
            p[node] = a * p[nodes[node, HIGH]] + b * p[nodes[node, LOW]]
            q[node] = a * q[nodes[node, HIGH]] + b * q[nodes[node, LOW]]
        root, slot = modules[module, end], modules[module, SLOT]
        up[slot], down[slot] = p[root], q[root]
    return p, q


@njit(cache=True)
def gains(program, up, down, end, weight):  # type: ignore[no-untyped-def]
    """Add to each slot the derivative of what is weighted, in one backward pass (rule A11)."""
    nodes, modules = program.nodes, program.modules
    p, q = evaluate(program, up, down, end)
    share = np.zeros(nodes.shape[0])
    for module in range(modules.shape[0] - 1, -1, -1):
        root, w = modules[module, end], weight[modules[module, SLOT]]
        if root <= 1 or w == 0.0:
            continue
        share[root] = w
        for node in range(root, modules[module, FIRST] - 1, -1):
            w = share[node]
            if w == 0.0:
                continue
            slot, a, b = nodes[node, LEVEL], nodes[node, HIGH], nodes[node, LOW]
            # Whichever of p and q is small carries more digits of the difference.
            gain = p[a] - p[b] if p[a] < 0.5 else q[b] - q[a]  # noqa: PLR2004 - one half
            weight[slot] += w * gain
            share[a] += w * up[slot]
            share[b] += w * down[slot]
