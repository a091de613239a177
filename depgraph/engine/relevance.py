"""How much the failure of each gate matters to the root: where an enclosing diagram may be coarse.

A gate matters where everything that could stand in for it has failed too. That is worked out from
the root down with small diagrams, so that what gates share is seen; the figures only steer what
`enclosure` rounds, and may be rough.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import accumulate

from depgraph.engine.diagram import Array, Diagram
from depgraph.engine.parts import Part
from depgraph.errors import LimitError

_KEEP = 250


def relevance(
    part: Part, leaves: Array, figures: tuple[Array, Array], deadline: float
) -> dict[int, float]:
    """Share of a node's failures in which nothing stands in for it [1], about, by node.

    Parameters
    ----------
    part : Part
        What the nodes belong to.
    leaves : ndarray of int
        Its components in diagram order.
    figures : tuple of ndarray of float, each of shape (components,)
        Availability and unavailability of these components [1].
    deadline : float
        Value of the monotonic clock after which `LimitError` is raised [s].
    """
    work = _Relevance(part, leaves, figures, deadline)
    work.build()
    return work.shares()


class _Relevance:
    """Small diagrams of all nodes, and of where something stands in for them."""

    def __init__(
        self, part: Part, leaves: Array, figures: tuple[Array, Array], deadline: float
    ) -> None:
        self._part = part
        self._leaves = leaves
        self._up, self._down = figures
        self._deadline = deadline
        self._diagram = Diagram(len(leaves))
        self._node_of: dict[int, int] = {}

    def build(self) -> None:
        """Build all nodes from below."""
        for level, leaf in enumerate(self._leaves.tolist()):
            self._node_of[leaf] = self._diagram.variable(level)
        for node in range(len(self._leaves), self._part.root + 1):
            arguments = [self._node_of[a] for a in self._part.inside(node)]
            arguments.sort(key=self._diagram.level_of, reverse=True)
            need = int(self._part.need[node])
            if need in {1, len(arguments)}:
                merge = self._any if need == 1 else self._all
                *_, self._node_of[node] = accumulate(arguments, merge)
            else:
                self._node_of[node] = self._small(self._diagram.at_least(need, arguments))

    def shares(self) -> dict[int, float]:
        """Go down from the root; a node matters where it does for any of its users."""
        stands_in = {self._part.root: 0}
        found: dict[int, float] = {}
        for node in range(self._part.root, -1, -1):
            failed = self._failed(self._node_of[node])
            both = self._failed(self._any(stands_in[node], self._node_of[node]))
            found[node] = min(1.0, both / failed) if failed else 0.0
            arguments = self._part.inside(node)
            for argument, others in zip(arguments, self._others(node), strict=True):
                here = self._any(stands_in[node], others)
                before = stands_in.get(argument, 1)
                stands_in[argument] = self._all(before, here)
            del stands_in[node]
        return found

    def _others(self, node: int) -> list[int]:
        """Per argument of a gate: where another argument stands in for it.

        Nowhere in an "all of", and taken as nowhere in a vote.
        """
        arguments = [self._node_of[a] for a in self._part.inside(node)]
        if not arguments or self._part.need[node] != 1:
            return [0] * len(arguments)
        before = list(accumulate(arguments[:-1], self._any, initial=0))
        after = list(accumulate(arguments[:0:-1], self._any, initial=0))[::-1]
        return [self._any(a, b) for a, b in zip(before, after, strict=True)]

    def _any(self, first: int, second: int) -> int:
        return self._merged(self._diagram.any_of, first, second)

    def _all(self, first: int, second: int) -> int:
        return self._merged(self._diagram.all_of, first, second)

    def _merged(self, merge: Callable[[int, int], int], first: int, second: int) -> int:
        # A gate may have a hundred arguments: the clock is looked at for each.
        self._require_time()
        return self._small(merge(first, second))

    def _small(self, node: int) -> int:
        return self._diagram.rounded(node, _KEEP, (self._up, self._down), towards=0)

    def _failed(self, node: int) -> float:
        return self._diagram.down_of(node, self._up, self._down)

    def _require_time(self) -> None:
        if time.monotonic() > self._deadline:
            raise LimitError("there is no time to see which gates matter")
