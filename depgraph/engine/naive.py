"""What the exact figure is compared with: the naive product and the worst case (rule A8).

Naive: every requirement counts as independent of every other, wherever it is reached.
Worst case: every shared component, one that a service reaches by more than one path, fails
together with all other shared ones. It is never above the exact figure.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numba import njit

from depgraph.engine.diagram import Array
from depgraph.engine.exact import Pair
from depgraph.engine.gates import GateGraph
from depgraph.engine.graph_steps import all_below
from depgraph.engine.votes import vote


@njit(cache=True)
def _gate(node, need, offsets, arguments, p, q):  # type: ignore[no-untyped-def]  # numba infers types
    """Enter the figure of one gate whose arguments count as independent."""
    first, last = offsets[node], offsets[node + 1]
    count = last - first
    if need[node] == count or need[node] == 1:
        serial = need[node] == count
        whole, lost = 1.0, 0.0
        for place in range(first, last):
            a = arguments[place]
            good = p[a] if serial else q[a]
            bad = q[a] if serial else p[a]
            lost += whole * bad
            whole *= good
        p[node] = whole if serial else lost
        q[node] = lost if serial else whole
    else:
        # What is certain need not be summed up: with shared components fixed, that is nearly all.
        inside, wanted, open_ones = np.empty(count, np.int64), need[node], 0
        for place in range(first, last):
            a = arguments[place]
            if q[a] == 0.0:
                wanted -= 1
            elif p[a] != 0.0:
                inside[open_ones] = a
                open_ones += 1
        if wanted <= 0 or wanted > open_ones:
            p[node], q[node] = (1.0, 0.0) if wanted <= 0 else (0.0, 1.0)
        else:
            inside = inside[:open_ones]
            p[node], q[node] = vote(wanted, p[inside], q[inside])


@njit(cache=True)
def _naive(need, offsets, arguments, p, q):  # type: ignore[no-untyped-def]
    """Fill in every gate; arguments have smaller numbers than gates."""
    for node in range(need.shape[0]):
        if need[node] > 0:
            _gate(node, need, offsets, arguments, p, q)


@njit(cache=True)
def _worst(root, need, offsets, arguments, up, down, paths, p, q):  # type: ignore[no-untyped-def]
    """Up and down of one root when all shared components fail together.

    `paths`, `p` and `q` are scratch; `paths` comes and goes as zeros.
    """
    order = all_below(root, offsets, arguments, paths, 0)
    for node in order:
        paths[node] = 0
    paths[root] = 1
    for node in order[::-1]:
        for at in range(offsets[node], offsets[node + 1]):
            paths[arguments[at]] = min(2, paths[arguments[at]] + paths[node])
    together, apart = 1.0, 0.0
    for node in order:
        if need[node] == 0 and paths[node] > 1:
            apart += together * down[node]
            together *= up[node]
    ends = np.zeros((2, 2))
    for world in range(2):
        for node in order:
            if need[node] > 0:
                _gate(node, need, offsets, arguments, p, q)
            elif need[node] == 0 and paths[node] > 1:
                p[node], q[node] = float(world), 1.0 - world
            elif need[node] == 0:
                p[node], q[node] = up[node], down[node]
        ends[world, 0], ends[world, 1] = p[root], q[root]
    for node in order:
        paths[node] = 0
    return (
        together * ends[1, 0] + apart * ends[0, 0],
        together * ends[1, 1] + apart * ends[0, 1],
    )


class Comparison:
    """Naive and worst-case figures of the nodes of one gate graph.

    Parameters
    ----------
    gates : GateGraph
        Source.
    figures : mapping of int to Pair
        Figure of every variable.
    """

    def __init__(self, gates: GateGraph, figures: Mapping[int, Pair]) -> None:
        self._need, self._offsets, self._arguments = gates.flat()
        count = len(self._need)
        self._up = np.zeros(count)
        self._down = np.ones(count)
        self._up[1], self._down[1] = 1.0, 0.0
        variables = list(figures)
        self._up[variables] = [pair.up for pair in figures.values()]
        self._down[variables] = [pair.down for pair in figures.values()]
        self._naive = self._up.copy(), self._down.copy()
        _naive(self._need, self._offsets, self._arguments, *self._naive)
        self._paths = np.zeros(count, np.int8)
        self._scratch: tuple[Array, Array] = self._up.copy(), self._down.copy()

    def naive(self, node: int) -> Pair:
        """Figure of a node as if everything it rests on were independent."""
        return Pair(float(self._naive[0][node]), float(self._naive[1][node]))

    def worst_case(self, node: int) -> Pair:
        """Figure of a node when every shared component fails together with the others."""
        arrays = (self._need, self._offsets, self._arguments, self._up, self._down)
        up, down = _worst(node, *arrays, self._paths, *self._scratch)
        return Pair(float(up), float(down))
