"""Two small diagrams that enclose one that is too large (rule A8).

Gates are built from below, and every result is kept small by rounding in one direction: once never
more up than the true one, once never more down. Gates are monotone, so the ends enclose the truth
under any figures; the figures given only decide what is rounded.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

from depgraph.engine.diagram import Array, Diagram
from depgraph.engine.diagram_nodes import NEVER
from depgraph.engine.parts import Part
from depgraph.errors import LimitError

_STEPS_PER_NODE = 100
_MOST_STEPS = 1 << 23
_LEAST_SHARE = 1e-9
_COLLECT_FROM = 1 << 17


class Enclosure:
    """Lower and upper diagram of one part.

    Parameters
    ----------
    part : Part
        What to enclose.
    leaves : ndarray of int
        Its components in diagram order.
    figures : tuple of ndarray of float, each of shape (components,)
        Availability and unavailability of these components, by which is decided what to round [1].
    deadline : float
        Value of the monotonic clock after which `build` raises `LimitError` [s].
    """

    def __init__(
        self,
        part: Part,
        leaves: Array,
        figures: tuple[Array, Array],
        deadline: float = math.inf,
    ) -> None:
        self.diagram = Diagram(len(leaves))
        self.figures = figures
        self.deadline = deadline
        self._part = part
        self._level = {leaf: place for place, leaf in enumerate(leaves.tolist())}
        self._up, self._down = figures
        self._keep = 1
        self._tolerance = 0.0
        self._relevance: Mapping[int, float] = {}
        self._gate_tolerance = 0.0
        # Everything that garbage collection must not lose: finished ends, gates, work in hand.
        self._ends: dict[int, int] = {}
        self._node_of: dict[int, int] = {}
        self._hand: list[int] = []

    @property
    def low(self) -> int:
        """Node that is never more up than the part."""
        return self._ends[0]

    @property
    def high(self) -> int:
        """Node that is never more down than the part."""
        return self._ends[1]

    def down(self) -> tuple[float, float]:
        """Unavailability of the low and of the high end under the figures given [1]."""
        _, down = self.diagram.probabilities(self._up, self._down)
        return float(down[self.low]), float(down[self.high])

    def weigh(self, relevance: Mapping[int, float], tolerance: float) -> None:
        """Round by how much a gate matters from here on.

        Parameters
        ----------
        relevance : mapping of int to float
            Share of each node's failures that matter to the root [1].
        tolerance : float
            By how much each step may move the probability of the root, about [1].
        """
        self._relevance, self._tolerance = relevance, tolerance

    def build(self, towards: int, keep: int) -> None:
        """Build one end afresh; an end that stood before stays where the new one is no better.

        Parameters
        ----------
        towards : {0, 1}
            0 for the end that is never more up, 1 for the one that is never more down.
        keep : int
            Most nodes of each result on the way.

        Raises
        ------
        LimitError
            If the deadline passes.
        """
        self._keep = keep
        self._node_of, self._hand = {}, []
        last_uses = self._part.last_uses().tolist()
        for node in range(self._part.root + 1):
            self._node_of[node] = self._built(node, towards)
            for argument in self._part.inside(node):
                if last_uses[argument] == node:
                    self._node_of.pop(argument, None)
        fresh = self._node_of.pop(self._part.root)
        if self._is_better(fresh, towards):
            self._ends[towards] = fresh
        self._free()

    def _is_better(self, fresh: int, towards: int) -> bool:
        """Whether an end lies closer to the truth than the one that stood before."""
        if towards not in self._ends:
            return True
        new = self.diagram.down_of(fresh, self._up, self._down)
        old = self.diagram.down_of(self._ends[towards], self._up, self._down)
        return new > old if towards else new < old

    def taken_out(self) -> tuple[Array, list[int]]:
        """Nodes of both ends by themselves, and the low end and the high one there."""
        return self.diagram.taken_out([self.low, self.high])

    def _built(self, node: int, towards: int) -> int:
        """Rounded diagram of one leaf or gate."""
        self._gate_tolerance = self._tolerance / max(self._relevance.get(node, 1.0), _LEAST_SHARE)
        if node in self._level:
            return self.diagram.variable(self._level[node])
        arguments = [self._node_of[a] for a in self._part.inside(node)]
        arguments.sort(key=self.diagram.level_of)
        need = int(self._part.need[node])
        if need in {1, len(arguments)}:
            self._hand = arguments
            while len(self._hand) > 1:
                merged = self._merged(-1, -2, serial=need != 1, towards=towards)
                self._hand[-2:] = [merged]
            return self._hand.pop()
        return self._voted(need, arguments, towards)

    def _voted(self, need: int, arguments: list[int], towards: int) -> int:
        """Rounded "at least `need`": place j of the hand is "at least j of those seen"."""
        self._hand = [1, *[0] * need, *arguments]
        while len(self._hand) > need + 1:
            # Only what those to come can still bring to the number needed.
            left = len(self._hand) - need - 2
            least = max(1, need - left)
            for j in range(min(need, len(arguments) - left), least - 1, -1):
                both = self._merged(-1, j - 1, serial=True, towards=towards)
                self._hand.append(both)
                self._hand[j] = self._merged(-1, j, serial=False, towards=towards)
                self._hand.pop()
            self._hand.pop()
        result = self._hand[need]
        self._hand = []
        return result

    def _merged(self, first: int, second: int, *, serial: bool, towards: int) -> int:
        """Both, or either, of two nodes in hand; rounded harder where the result is too large."""
        keep = self._keep
        while True:
            # Here and not once a gate, which may have a hundred arguments.
            self._require_time()
            self._collect()
            self.diagram.allow(min(self._keep * _STEPS_PER_NODE, _MOST_STEPS))
            try:
                merge = self.diagram.all_of if serial else self.diagram.any_of
                return self._rounded(merge(self._hand[first], self._hand[second]), keep, towards)
            except LimitError:
                keep = max(keep // 2, 1)
            finally:
                self.diagram.allow(NEVER)
            for place in (first, second):
                self._hand[place] = self._rounded(self._hand[place], keep, towards)

    def _require_time(self) -> None:
        if time.monotonic() > self.deadline:
            raise LimitError("the enclosing diagrams need more time than was allowed")

    def _rounded(self, node: int, keep: int, towards: int) -> int:
        return self.diagram.rounded(
            node, keep, self.figures, towards=towards, tolerance=self._gate_tolerance
        )

    def _collect(self) -> None:
        """Free what is no longer needed, once there is much of it."""
        if self.diagram.size < max(_COLLECT_FROM, 16 * self._keep):
            return
        self._free()

    def _free(self) -> None:
        """Collect garbage; everything still needed gets its new number."""
        live = self.diagram.collect([*self._ends.values(), *self._node_of.values(), *self._hand])
        ends, hand = len(self._ends), len(live) - len(self._hand)
        self._hand = live[hand:]
        self._node_of = dict(zip(self._node_of, live[ends:hand], strict=True))
        self._ends = dict(zip(self._ends, live[:ends], strict=True))
