"""Modules cut out of a reduced graph, one at a time: what gets a decision diagram of its own."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from depgraph.engine.graph_steps import order_of

Array = np.ndarray

_HEAVIEST = 1 << 40


class Part(NamedTuple):
    """One module by itself: components first, then gates, arguments first; the root is last.

    Inner modules stand as components. `leaves` and `gates` are their numbers in the graph that the
    part comes from; need, offsets and arguments are those of the part (see `gates.FlatGraph`).
    """

    leaves: Array
    gates: Array
    need: Array
    offsets: Array
    arguments: Array

    @property
    def root(self) -> int:
        """The last node."""
        return len(self.need) - 1

    def inside(self, node: int) -> list[int]:
        """Arguments of a node."""
        found: list[int] = self.arguments[self.offsets[node] : self.offsets[node + 1]].tolist()
        return found

    def last_uses(self) -> Array:
        """Last gate that uses each node; the root is used by what comes after it."""
        users = np.repeat(np.arange(len(self.need)), np.diff(self.offsets))
        last = np.zeros(len(self.need), np.int64)
        last[self.arguments] = users
        last[-1] = len(self.need)
        return last


@njit(cache=True)
def sort_by_weight(graph):  # type: ignore[no-untyped-def]  # numba infers types
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
def part_below(root, graph, number):  # type: ignore[no-untyped-def]
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
    return Part(np.array(leaves), np.array(gates), part_need, offsets, inside)
