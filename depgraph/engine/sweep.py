"""Bounds of one node after another of a whole estate, quickly and in little memory (rule A8).

Each node is solved by compiled code and forgotten (`node_bounds`): exact where its modules have a
product form or a small decision diagram, else enclosed by its states with few failures
(`few_failures`). Memory does not grow with the number of answers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from depgraph.engine.diagram import Array
from depgraph.engine.exact import Bounds, Pair
from depgraph.engine.figures import Figures
from depgraph.engine.gates import FALSE, TRUE
from depgraph.engine.node_bounds import Ends, FlatGraph, new_store, solve
from depgraph.engine.situations import flat_gates
from depgraph.engine.structure import Structure

_NODES = 1 << 17
_NODES_OF_MANY = 1 << 14
_MANY = 2_000
_NOTHING = np.empty(0, np.int64)


@dataclass(frozen=True)
class Solved:
    """What a sweep finds out about one node."""

    bounds: Bounds
    """Enclosure of its availability."""
    exact: bool
    """Whether the way is exact; figures that are unknown still leave a bracket."""
    essential: Array
    """Variables without which it is down, complete (rule A12)."""
    variables: Array
    """All variables that it rests on."""


class Sweep:
    """Solves nodes of one estate under one set of figures.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    figures : Figures
        Figures of its components, as they are now.
    """

    def __init__(self, structure: Structure, figures: Figures) -> None:
        self._graph = FlatGraph(*flat_gates(structure.gates))
        count = len(structure.gates.need)
        self._ends = Ends(np.zeros(count), np.ones(count), np.zeros(count), np.ones(count))
        for variable, (low, high) in figures.worlds.items():
            self._ends.low_up[variable], self._ends.low_down[variable] = low.up, low.down
            self._ends.high_up[variable], self._ends.high_down[variable] = high.up, high.down
        self._place = np.full(count, -1, np.int64)
        self._store = new_store(_NODES if len(structure.up) <= _MANY else _NODES_OF_MANY)

    def solved(self, node: int) -> Solved:
        """Solve one node."""
        if node in {FALSE, TRUE}:
            constant = Pair(1.0, 0.0) if node == TRUE else Pair(0.0, 1.0)
            return Solved(Bounds(constant, constant), True, _NOTHING, _NOTHING)
        figures, exact, essential, variables = solve(
            node, self._graph, self._ends, self._place, self._store
        )
        low, high = Pair(*map(float, figures[:2])), Pair(*map(float, figures[2:]))
        return Solved(Bounds(low, high), bool(exact), essential, variables)


def narrowed(first: Bounds, second: Bounds) -> Bounds:
    """Both enclosures hold: the better end of each."""
    return Bounds(
        min(first.low, second.low, key=lambda pair: pair.down),
        max(first.high, second.high, key=lambda pair: pair.down),
    )
