"""Bounds of one node after another of a whole estate, quickly and in little memory (rule A8).

Each node is solved by compiled code and forgotten (`node_bounds`): exact where its modules have a
product form or a small decision diagram, else enclosed by its states with few failures
(`few_failures`). Memory does not grow with the number of answers. Compiled code runs without
Python's lock, so that all cores work on the nodes to come.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock, local
from time import monotonic

import numpy as np

from depgraph.engine.diagram import Array
from depgraph.engine.exact import Bounds, Pair
from depgraph.engine.figures import Figures
from depgraph.engine.gates import FALSE, TRUE
from depgraph.engine.in_turn import in_turn
from depgraph.engine.late_bounds import LateBounds
from depgraph.engine.node_bounds import Ends, Store, new_store, serial_nodes, solve
from depgraph.engine.structure import Structure

_NODES = 1 << 17
_NODES_OF_MANY = 1 << 14
_MANY = 2_000
_AHEAD = 64
"""Nodes that are worked on or done before they are asked for."""
_SMALL = 60
"""Components up to which a node is solved in a moment, also when time is up."""
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
    nodes : int, optional
        Room for each decision diagram, a power of two; by the size of the estate when None.
    deadline : float
        When time is up, by the monotonic clock; nodes after that get the quickest enclosure [s].
    """

    def __init__(
        self,
        structure: Structure,
        figures: Figures,
        nodes: int | None = None,
        deadline: float = math.inf,
    ) -> None:
        self.deadline = deadline
        self._graph = structure.gates.flat()
        count = len(structure.gates.need)
        self._ends = Ends(np.zeros(count), np.ones(count), np.zeros(count), np.ones(count))
        for variable, (low, high) in figures.worlds.items():
            self._ends.low_up[variable], self._ends.low_down[variable] = low.up, low.down
            self._ends.high_up[variable], self._ends.high_down[variable] = high.up, high.down
        self._can_fail = self._ends.low_down > 0.0
        self._serial = serial_nodes(self._graph)
        self._nodes = nodes or (_NODES if len(structure.up) <= _MANY else _NODES_OF_MANY)
        self._rooms = local()
        self._wanted = np.unique([*structure.requirements_met.values(), *structure.up.values()])
        self._late: LateBounds | None = None
        self._making_late = Lock()

    def solved(self, node: int) -> Solved:
        """Solve one node."""
        if node in {FALSE, TRUE}:
            constant = Pair(1.0, 0.0) if node == TRUE else Pair(0.0, 1.0)
            return Solved(Bounds(constant, constant), True, _NOTHING, _NOTHING)
        place, store = self._room()
        late = monotonic() > self.deadline
        found = self._hurried().solved(node, place) if late and not self._serial[node] else None
        if found is None or len(found[3]) <= _SMALL:
            found = solve(
                node, self._graph, (self._ends, self._can_fail, self._serial), place, store, late
            )
        figures, exact, essential, variables = found
        low, high = Pair(*map(float, figures[:2])), Pair(*map(float, figures[2:]))
        return Solved(Bounds(low, high), bool(exact), essential, variables)

    def in_turn(self, nodes: Iterable[int]) -> Iterator[Solved]:
        """Solve nodes on all cores; answers come in the order of the nodes."""
        return in_turn(ThreadPoolExecutor(os.cpu_count()), self.solved, nodes, _AHEAD)

    def _hurried(self) -> LateBounds:
        """What encloses the rest when time is up, made once for all threads."""
        with self._making_late:
            if self._late is None:
                self._late = LateBounds(self._graph, self._ends, self._wanted)
            return self._late

    def _room(self) -> tuple[Array, Store]:
        """Scratch of this thread."""
        room: tuple[Array, Store] | None = getattr(self._rooms, "room", None)
        if room is None:
            place = np.full(self._graph.need.shape[0], -1, np.int64)
            room = self._rooms.room = (place, new_store(self._nodes))
        return room


def narrowed(first: Bounds, second: Bounds) -> Bounds:
    """Both enclosures hold: the better end of each."""
    return Bounds(
        min(first.low, second.low, key=lambda pair: pair.down),
        max(first.high, second.high, key=lambda pair: pair.down),
    )
