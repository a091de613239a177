"""Enclosures of many nodes for when time is up: two passes over all gates serve them all (rule A8).

Components are independent and gates only grow with them, so what gates come to is positively
associated (J. Esary, F. Proschan, D. Walkup, "Association of random variables", 1967): all of some
arguments are up with at least the product of their probabilities, and down likewise. Gate by gate,

- "at least k of n" is up with at least the product of its k best arguments,
- and down with at least the product of its n - k + 1 worst.

Single points of failure are found bit-parallel for all nodes at once, each component failed alone;
they stay complete (rule A12). With E what they come to and N the failures among the rest, a node is
down with at least E, and at most E or N >= 2. The better of each two ends is taken.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from depgraph.engine.gates import FlatGraph
from depgraph.engine.graph_steps import all_below
from depgraph.engine.node_bounds import Ends
from depgraph.engine.situations import WORD, each_failed_alone

Array = np.ndarray

_WORDS = 16


@njit(cache=True)
def _best(values, count):  # type: ignore[no-untyped-def]  # numba infers types
    """Places of the smallest values, as many as asked for."""
    if count == values.shape[0]:
        return np.arange(count)
    return np.argsort(values, kind="mergesort")[:count]


@njit(cache=True)
def _enclose(need, offsets, arguments, ends):  # type: ignore[no-untyped-def]
    """Enter both ends of every gate; arguments have smaller numbers than gates."""
    for gate in range(need.shape[0]):
        k = need[gate]
        if k <= 0:
            continue
        inside = arguments[offsets[gate] : offsets[gate + 1]]
        whole, lost = 1.0, 0.0
        for place in _best(ends.low_down[inside], k):
            lost += whole * ends.low_down[inside[place]]
            whole *= ends.low_up[inside[place]]
        ends.low_up[gate], ends.low_down[gate] = whole, lost
        whole, lost = 1.0, 0.0
        for place in _best(ends.high_up[inside], inside.shape[0] - k + 1):
            lost += whole * ends.high_up[inside[place]]
            whole *= ends.high_down[inside[place]]
        ends.high_down[gate], ends.high_up[gate] = whole, lost


@njit(cache=True)
def _product(essential, up, down):  # type: ignore[no-untyped-def]
    """All of some components: up and down."""
    whole, lost = 1.0, 0.0
    for variable in essential:
        lost += whole * down[variable]
        whole *= up[variable]
    return whole, lost


@njit(cache=True, nogil=True)
def _solve_late(root, graph, ends, essential, place):  # type: ignore[no-untyped-def]
    """Both ends of one node, and the variables that it rests on; `place` comes and goes as -1."""
    order = all_below(root, graph.offsets, graph.arguments, place, -1)
    variables = order[graph.need[order] == 0]
    for node in order:
        place[node] = -1
    for variable in essential:
        place[variable] = 0
    none, one, more = 1.0, 0.0, 0.0
    for variable in variables:
        if place[variable] < 0:
            q = ends.low_down[variable]
            more += one * q
            one += (none - one) * q
            none *= 1.0 - q
    for variable in essential:
        place[variable] = -1
    result = np.empty(4)
    whole, lost = _product(essential, ends.low_up, ends.low_down)
    result[0], result[1] = whole * (none + one), min(1.0, lost + whole * more)
    if ends.low_down[root] < result[1]:
        result[0], result[1] = ends.low_up[root], ends.low_down[root]
    result[2], result[3] = _product(essential, ends.high_up, ends.high_down)
    if ends.high_down[root] > result[3]:
        result[2], result[3] = ends.high_up[root], ends.high_down[root]
    return result, none == 1.0, variables


class LateBounds:
    """Encloses nodes of one estate in a moment each, whatever they rest on.

    Parameters
    ----------
    graph : FlatGraph
        Gates of the estate.
    ends : Ends
        Figures of its variables.
    wanted : sequence of int
        Nodes that are asked for; none that is down while every component works.
    """

    def __init__(self, graph: FlatGraph, ends: Ends, wanted: Array) -> None:
        self._graph = graph
        self._ends = Ends(*(side.copy() for side in ends))
        self._ends.low_up[1] = self._ends.high_up[1] = 1.0
        self._ends.low_down[1] = self._ends.high_down[1] = 0.0
        _enclose(graph.need, graph.offsets, graph.arguments, self._ends)
        self._place = {int(node): number for number, node in enumerate(wanted)}
        self._offsets, self._essential = _essentials(graph, ends.low_down > 0.0, wanted)

    def essential(self, node: int) -> Array:
        """Variables without which a wanted node is down, of those that can fail (rule A12)."""
        number = self._place[node]
        return self._essential[self._offsets[number] : self._offsets[number + 1]]

    def solved(self, node: int, place: Array) -> tuple[Array, bool, Array, Array]:
        """Enclose a wanted node.

        Parameters
        ----------
        node : int
            The node.
        place : ndarray of int64, shape (nodes,)
            Scratch; comes and goes as -1.

        Returns
        -------
        tuple
            As of `node_bounds.solve`.
        """
        essential = self.essential(node)
        figures, exact, variables = _solve_late(node, self._graph, self._ends, essential, place)
        return figures, bool(exact), essential, variables


def _essentials(graph: FlatGraph, can_fail: Array, wanted: Array) -> tuple[Array, Array]:
    """Essential variables of the wanted nodes: offsets, and variables in rising order."""
    variables = np.flatnonzero((graph.need == 0) & can_fail)
    gates = graph.need, graph.offsets, graph.arguments
    rows, found = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for first in range(0, len(variables), _WORDS * WORD):
        struck = variables[first : first + _WORDS * WORD]
        up = each_failed_alone(gates, struck, -(-len(struck) // WORD))
        down = ~up[wanted]
        row, word = np.nonzero(down)
        bits = down[row, word]
        for bit in range(WORD):
            hit = (bits >> np.uint64(bit)) & np.uint64(1) == 1
            rows.append(row[hit])
            found.append(struck[word[hit] * WORD + bit])
    row, variable = np.concatenate(rows), np.concatenate(found)
    order = np.lexsort((variable, row))
    offsets = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=len(wanted)))))
    return offsets.astype(np.int64), variable[order]
