"""Decision diagrams that grow as they are built, and give up when the limits are reached."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import numpy as np

from depgraph.engine.diagram_nodes import (
    ALL,
    ALLOWED,
    ANY,
    COLLECT,
    CROWDED,
    DONE,
    FULL,
    GATE,
    GROWTH,
    LEVEL,
    NEVER,
    NODES,
    STEP,
    begin,
    begun,
    build,
    carry_over,
    compact,
    extracted,
    fill,
    find_or_add,
    opened,
    probabilities_of,
    proceed,
)
from depgraph.engine.parts import Part
from depgraph.engine.rounding import alone, fates, fates_within, pruned
from depgraph.errors import LimitError

Array = np.ndarray

_FIRST_CAPACITY = 1 << 10
_COLLECT_FROM = 1 << 20
_SLICE = 1 << 23
LARGEST_CAPACITY = 1 << 24
"""Most nodes of one diagram; beyond, the answer is a bracket."""


class Diagram:
    """Decision diagrams over components in one fixed order, sharing equal parts.

    Parameters
    ----------
    variables : int
        Number of components; component i stands at level i.
    operations : int
        Most steps before `LimitError`.
    deadline : float
        Value of the monotonic clock after which steps raise `LimitError` [s].
    """

    def __init__(self, variables: int, operations: int = NEVER, deadline: float = math.inf) -> None:
        self.deadline = deadline
        self._most = operations
        *arrays, self._counts = opened(variables, _FIRST_CAPACITY)
        self._nodes, self._table, self._cache, self._stack = arrays
        self._place = np.empty(0, np.int32)

    @property
    def size(self) -> int:
        """Nodes in use."""
        return int(self._counts[NODES])

    @property
    def operations(self) -> int:
        """Steps done so far."""
        return int(self._counts[DONE])

    @property
    def is_full(self) -> bool:
        """Whether there is no room for another node, and none to be made."""
        return self.size >= LARGEST_CAPACITY

    def level_of(self, node: int) -> int:
        """Level that a node tests."""
        return int(self._nodes[node, LEVEL])

    def variable(self, level: int) -> int:
        """Node that is up when the component at `level` is."""
        while True:
            ends = np.int32(level), np.int32(0), np.int32(1)
            node = int(find_or_add(self._nodes, self._table, self._counts, *ends))
            if node >= 0:
                return node
            self._grow()

    def all_of(self, first: int, second: int) -> int:
        """Node that is up when both are."""
        return self._operation(ALL, first, second)

    def any_of(self, first: int, second: int) -> int:
        """Node that is up when either is."""
        return self._operation(ANY, first, second)

    def at_least(self, need: int, nodes: Sequence[int]) -> int:
        """Node that is up when at least `need` of `nodes` are (rule A2)."""
        ordered = sorted(nodes, key=self.level_of, reverse=True)
        if need == 1 or need == len(ordered):
            merge = self.any_of if need == 1 else self.all_of
            result = ordered[0]
            for node in ordered[1:]:
                result = merge(result, node)
            return result
        found = [1] + [0] * need
        for seen, node in enumerate(ordered, 1):
            # Only what those to come can still bring to the number needed.
            least = max(1, need - len(ordered) + seen)
            for j in range(min(need, seen), least - 1, -1):
                found[j] = self.any_of(self.all_of(node, found[j - 1]), found[j])
        return found[need]

    @property
    def progress(self) -> tuple[int, int]:
        """How far `build` has come: gates built, and merges of the next one."""
        return int(self._counts[GATE]), int(self._counts[STEP])

    def begin(self, part: Part, order: Array) -> tuple[Array, Array]:
        """Enter the components of a part, the first of the order at level 0, before all else.

        Returns
        -------
        tuple of ndarray of int32
            Nodes of its components, to be filled in for its gates, and room to work in.
        """
        self._counts[COLLECT] = _COLLECT_FROM
        diagram = (self._nodes, self._table, self._cache, self._stack)
        node_of, hand = begun(part, order, diagram, self._counts)
        return node_of, hand

    def build(self, part: Part, node_of: Array, hand: Array) -> int:
        """Root of a part; after `LimitError` it goes on where it stopped, if more is allowed.

        Parameters
        ----------
        part : Part
            What to build; all calls have the same.
        node_of, hand : ndarray of int32
            What `begin` gave.
        """

        def step() -> int:
            diagram = (self._nodes, self._table, self._cache, self._stack)
            result = int(build(part, node_of, hand, diagram, self._counts))
            if result == CROWDED:
                gate = self._counts[GATE]
                live = np.flatnonzero(part.last_uses()[:gate] >= gate)
                node_of[live] = self.collect(node_of[live])
                self._counts[COLLECT] = max(_COLLECT_FROM, 2 * self.size)
            return result

        return self._run(step)

    def collect(self, roots: Sequence[int] | Array) -> list[int]:
        """Free what no root rests on; returns the roots' new numbers."""
        numbers = np.array(roots, np.int32)
        compact(self._nodes, self._table, self._counts, numbers)
        self._cache[:] = -1
        found: list[int] = numbers.tolist()
        return found

    def taken_out(self, roots: Sequence[int]) -> tuple[Array, list[int]]:
        """Nodes that roots rest on, by themselves, and the roots' numbers there."""
        numbers = np.array(roots, np.int32)
        own = extracted(self._nodes, self._counts[NODES], numbers)
        return own, numbers.tolist()

    def probabilities(self, up: Array, down: Array) -> tuple[Array, Array]:
        """Probability of up and of down for every node.

        Parameters
        ----------
        up, down : ndarray of float, shape (variables,)
            Availability and unavailability of each component [1].
        """
        p, q = probabilities_of(self._nodes, self.size, up, down)
        return p, q

    def down_of(self, root: int, up: Array, down: Array) -> float:
        """Probability that one node is down; cheap where it is small among many [1]."""
        if root < 2:  # noqa: PLR2004 - the two constants
            return float(root == 0)
        own = alone(self._nodes, root, self._scratch())
        _, q = probabilities_of(own, len(own), up, down)
        return float(q[-1])

    def rounded(
        self,
        root: int,
        keep: int,
        figures: tuple[Array, Array],
        *,
        towards: int,
        tolerance: float = 0.0,
    ) -> int:
        """Smaller node that is never more up (`towards` 0) or never more down (`towards` 1).

        Gates are monotone: a node lies between its branches. Where the choice between them hardly
        moves the probability, one branch stands for both.

        Parameters
        ----------
        root : int
            Node to make smaller.
        keep : int
            About how many nodes to keep at most.
        figures : tuple of ndarray of float, each of shape (variables,)
            Availability and unavailability of each component [1].
        towards : {0, 1}
            Which branch stands for both: the failed (0) or the working component's (1).
        tolerance : float
            By how much each step may move the probability, where fewer nodes than `keep` do [1].
        """
        if root < 2:  # noqa: PLR2004 - the two constants
            return root
        own = alone(self._nodes, root, self._scratch())
        last = len(own) - 1
        if last - 1 <= keep and not tolerance:
            return root
        p, q = probabilities_of(own, last + 1, *figures)
        fate = np.empty(last + 1, np.uint8)
        known = (own, last, p, q, *figures, towards)
        if not tolerance or fates(*known, tolerance, fate) > keep:
            fates_within(*known, keep, fate)
        while True:
            arrays = (self._nodes, self._table, self._counts)
            node = int(pruned(own, fate, np.int32(towards), *arrays))
            if node >= 0:
                return node
            self._grow()

    def allow(self, operations: int) -> None:
        """Allow so many more steps from here."""
        self._most = self.operations + operations

    def _operation(self, kind: int, first: int, second: int) -> int:
        """Run one operation from its beginning."""
        begin(kind, first, second, self._stack, self._counts)
        return self._run(
            lambda: int(proceed(self._nodes, self._table, self._cache, self._stack, self._counts))
        )

    def _run(self, step: Callable[[], int]) -> int:
        """Repeat a step in slices until it has a result, growing the arrays as needed."""
        while True:
            if time.monotonic() > self.deadline:
                raise LimitError("the decision diagram needs more time than was allowed")
            self._counts[ALLOWED] = min(self._most, self.operations + _SLICE)
            result = step()
            if result >= 0:
                return result
            if result == FULL:
                self._grow()
            elif result != CROWDED and self.operations >= self._most:
                raise LimitError("the decision diagram needs more steps than were allowed")

    def _scratch(self) -> Array:
        """Zeros, one for each node that there is room for."""
        if len(self._place) < len(self._nodes):
            self._place = np.zeros(len(self._nodes), np.int32)
        return self._place

    def _grow(self) -> None:
        """Make room for more nodes, or say that there is none."""
        old = len(self._nodes)
        if old >= LARGEST_CAPACITY:
            raise LimitError(f"the decision diagram needs more than {LARGEST_CAPACITY} nodes")
        size = min(old * GROWTH, LARGEST_CAPACITY)
        nodes, cache = np.empty((size, 4), np.int32), np.full((size, 4), -1, np.int32)
        nodes[:old] = self._nodes
        carry_over(self._cache, cache)
        self._nodes, self._cache = nodes, cache
        self._table = np.full(size, -1, np.int32)
        fill(self._nodes, self._table, self.size)
