"""All services of an estate in one pass: shared work, exact where the structure allows.

Each node is kept as a product: components that it cannot do without (its single points of
failure), times what remains of it once those are up. The remainders live in one shared decision
diagram, so that a redundancy group under a thousand services is built once. A remainder that
outgrows its allowance is replaced by two smaller ones that enclose it (rule A8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from depgraph.engine.diagram import Diagram
from depgraph.engine.essential import as_bits, essential_bits, places
from depgraph.engine.exact import Bounds, Pair, Rounding, serial
from depgraph.engine.gates import FALSE, TRUE, GateGraph
from depgraph.engine.orders import Part, ordered

_DOWN, _UP = 0, 1
_NOTHING: tuple[int, int, int] = (0, _DOWN, _DOWN)


@dataclass(frozen=True)
class Allowance:
    """How large shared diagrams may grow."""

    nodes_each: int = 30_000
    """Nodes of one remainder before it is enclosed instead."""
    operations_each: int = 4_000_000
    """Diagram steps of one gate before its arguments are enclosed instead."""
    operations: int = 200_000_000
    """Diagram steps in all; once they are used up, remainders are enclosed by `nodes_late`."""
    nodes_late: int = 500
    """Nodes of one remainder once the steps are used up."""


class Sweep:
    """Nodes of a gate graph as essential components times a remainder.

    Parameters
    ----------
    gates : GateGraph
        Source.
    roots : iterable of int
        Nodes to prepare.
    hints : mapping of int to Pair
        Figures by which enclosures choose what to drop; they hold for any figures.
    fixed : mapping of int to int
        Variables to take as `TRUE` or `FALSE`.
    allowance : Allowance, optional
        When to enclose.
    """

    def __init__(
        self,
        gates: GateGraph,
        roots: Iterable[int],
        hints: Mapping[int, Pair],
        fixed: Mapping[int, int],
        allowance: Allowance | None = None,
    ) -> None:
        self._gates = gates
        self._allowance = allowance or Allowance()
        order, self.variables = _all_below(gates, list(roots), fixed)
        self.level = {variable: place for place, variable in enumerate(self.variables)}
        self._up = np.array([hints[v].up for v in self.variables])
        self._down = np.array([hints[v].down for v in self.variables])
        self.diagram = Diagram(len(self.variables))
        self._known: dict[int, tuple[int, int, int]] = {FALSE: _NOTHING, TRUE: (0, _UP, _UP)}
        self._support: dict[int, int] = {0: 0, 1: 0}
        for node in order:
            if node in fixed:
                self._known[node] = self._known[fixed[node]]
            elif gates.is_variable(node):
                self._known[node] = (1 << self.level[node], _UP, _UP)
            elif node not in self._known:
                self._known[node] = self._gate(gates.need[node], gates.arguments[node])

    def is_exact(self, node: int) -> bool:
        """Whether figures of a node are exact."""
        return self._known[node][1] == self._known[node][2]

    def essential(self, node: int) -> list[int]:
        """Components without which a node is down: all minimal cut sets of order 1 (rule A12)."""
        return [self.variables[place] for place in places(self._known[node][0])]

    def rests_on(self, node: int) -> list[int]:
        """Components that make a difference to a node, or might where it is enclosed."""
        bits, low, high = self._known[node]
        return [self.variables[p] for p in places(bits | self._bits(low) | self._bits(high))]

    def given(self, node: int, variable: int) -> int:
        """Remember a node in the world where one component is up; returns a new key for it."""
        key = -(len(self._known) + 1)
        bits, low, high = self._known[node]
        place = self.level.get(variable)
        if place is not None:
            low, high = (self.diagram.given_up(end, [place]) for end in (low, high))
            bits &= ~(1 << place)
        self._known[key] = (bits, low, high)
        return key

    def bounds(
        self, nodes: Sequence[int], low: Mapping[int, Pair], high: Mapping[int, Pair]
    ) -> list[Bounds]:
        """Enclose nodes, given the figures of the low and of the high world."""
        ends = [self._evaluated(nodes, low, 1)]
        ends.append(ends[0] if low == high and all(map(self.is_exact, nodes)) else [])
        if not ends[1]:
            ends[1] = self._evaluated(nodes, high, 2)
        return [Bounds(a, b) for a, b in zip(*ends, strict=True)]

    def _evaluated(
        self, nodes: Sequence[int], figures: Mapping[int, Pair], side: int
    ) -> list[Pair]:
        up = np.array([figures[v].up for v in self.variables])
        down = np.array([figures[v].down for v in self.variables])
        p, q = self.diagram.probabilities(up, down)
        found = []
        for node in nodes:
            known = self._known[node]
            essential = places(known[0])
            rest = known[side]
            found.append(serial(np.append(up[essential], p[rest]), np.append(down[essential], q[rest])))
        return found

    def _gate(self, need: int, arguments: Sequence[int]) -> tuple[int, int, int]:
        """Essential components and enclosed remainder of one gate."""
        known = [self._known[argument] for argument in arguments]
        if need == len(known):
            return self._serial(known)
        members_bits = [bits if high else -1 for bits, _, high in known]
        essential = max(essential_bits(need, members_bits), 0)
        ends = []
        for side in (1, 2):
            members = [self._member(item, essential, side) for item in known]
            ends.append(self._combined(need, members, side - 1))
            if side == 1 and all(low == high for _, low, high in known):
                exact = self._plain(need, members)
                if exact is not None:
                    return essential, exact, exact
        return essential, ends[0], ends[1]

    def _serial(self, known: Sequence[tuple[int, int, int]]) -> tuple[int, int, int]:
        """All of several nodes: their essentials together, their remainders given those."""
        essential = 0
        for bits, _, _ in known:
            essential |= bits
        exact = all(low == high for _, low, high in known)
        low = [self._given(end, essential) for end in dict.fromkeys(k[1] for k in known)]
        if exact:
            plain = self._plain(len(low), low)
            if plain is not None:
                return essential, plain, plain
        high = [self._given(end, essential) for end in dict.fromkeys(k[2] for k in known)]
        return (
            essential,
            self._combined(len(low), low, 0),
            self._combined(len(high), high, 1),
        )

    def _member(self, item: tuple[int, int, int], essential: int, side: int) -> int:
        """A member of a group as a diagram, in the world where the essentials are up."""
        result = self._given(item[side], essential)
        for place in reversed(places(item[0] & ~essential)):
            result = self.diagram.all_of(self.diagram.variable(place), result)
        return result

    def _given(self, node: int, essential: int) -> int:
        """A remainder in the world where the essentials are up."""
        common = self._bits(node) & essential
        return self.diagram.given_up(node, places(common)) if common else node

    def _plain(self, need: int, members: Sequence[int]) -> int | None:
        """Exact gate over diagrams; None where it would outgrow its allowance."""
        if not members:
            return _UP
        steps = (
            self._allowance.operations_each if self._keep > self._allowance.nodes_late else 10_000
        )
        return self._rounding(0).exact_gate(need, list(members), steps)

    def _combined(self, need: int, members: Sequence[int], towards: int) -> int:
        """Gate over diagrams, rounded towards down or up where it is too large."""
        if not members:
            return _UP
        return self._rounding(towards).gate(need, list(members))

    @property
    def _keep(self) -> int:
        """Nodes that one remainder may have, by the steps used so far."""
        used_up = self.diagram.operations > self._allowance.operations
        return self._allowance.nodes_late if used_up else self._allowance.nodes_each

    def _rounding(self, towards: int) -> Rounding:
        return Rounding(self.diagram, self._keep, self._up, self._down, towards)

    def _bits(self, node: int) -> int:
        """Components that a diagram tests, as bits by level."""
        known = self._support.get(node)
        if known is None:
            known = self._support[node] = as_bits(self.diagram.support(node))
        return known


def _all_below(
    gates: GateGraph, roots: list[int], fixed: Mapping[int, int]
) -> tuple[list[int], list[int]]:
    """Nodes below any root, arguments first, and their free variables in diagram order."""
    scratch = GateGraph()
    scratch.need = [*gates.need, len(roots) + 1]
    scratch.arguments = [*gates.arguments, tuple(dict.fromkeys(roots))]
    top = len(scratch.need) - 1
    part = Part(scratch, top, set(fixed))
    leaves = [leaf for leaf in ordered(part, "small_first") if gates.is_variable(leaf)]
    return [node for node in part.nodes if node != top], [v for v in leaves if v not in fixed]
