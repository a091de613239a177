"""Probability that a gate is up: exact by decision diagrams, or a rigorous bracket (rule A8).

The recipe: simplify, join what is always used together, split into modules (all compiled, see
`reduction`), give each module a decision diagram under the order that is quickest
(`construction`). Availability and unavailability are carried side by side, so that 1e-13 keeps its
digits. A module that outgrows its budget gets two smaller diagrams, one never more up and one
never more down than the true one; gates are monotone, so the answers enclose the exact figure.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from math import fsum

import numpy as np

from depgraph.engine.brackets import bracket
from depgraph.engine.cases import (
    Cases,
    Solved,
    alone,
    first_leaf,
    shared_leaves,
    states_of,
    wide_vote,
)
from depgraph.engine.construction import quickest
from depgraph.engine.diagram import Array
from depgraph.engine.gates import FALSE, TRUE, GateGraph, simplified
from depgraph.engine.parts import Part, part_below
from depgraph.engine.program import (
    FIRST,
    HIGH_ROOT,
    LAST,
    LOW_ROOT,
    SLOT,
    Program,
    evaluate,
    gains,
    sketched,
    with_diagram,
)
from depgraph.engine.reduction import Reduced

_BRACKET_NODES = 200_000
_BRACKET_SHARE = 0.5
_EMPTY = np.empty(0, np.int64)
_NOTHING = Program(np.zeros((2, 4), np.int32), np.empty((0, 5), np.int64))


@dataclass(frozen=True)
class Limits:
    """How much work an exact answer may take before it becomes a bracket."""

    seconds: float = 60.0
    """Wall time for all modules of one root [s]."""
    operations: int = 1 << 30
    """Most diagram steps of one attempt."""
    bracket_nodes: int = _BRACKET_NODES
    """Nodes that a bracketing diagram keeps."""


@dataclass(frozen=True)
class Pair:
    """Availability and unavailability of one thing; they add up to 1 up to rounding."""

    up: float
    """Availability [1]."""
    down: float
    """Unavailability [1]."""


@dataclass(frozen=True)
class Bounds:
    """Enclosure of one probability; both ends are equal when it is exact."""

    low: Pair
    """Availability at least this."""
    high: Pair
    """Availability at most this."""


@dataclass(frozen=True)
class _Apart:
    """A module that no diagram stands for."""

    slots: Array
    """Slots of what it rests on."""
    solved: Solved
    """Its figure and gains, by those of the slots."""


@dataclass
class Compiled:
    """A root ready to be evaluated under any figures for its components."""

    essential: tuple[int, ...]
    """Variables without which the root is down: its single points of failure (A12)."""
    variables: tuple[int, ...] = ()
    """All other variables that it rests on."""
    program: Program = _NOTHING
    """Modules as nodes that test slots."""
    slots: Array = field(default_factory=_EMPTY.copy)
    """Slot of each of `variables`."""
    size: int = 2
    """Number of slots; the first two stand for down and up."""
    root: int = TRUE
    """Slot of what is left of the root."""
    apart: dict[int, _Apart] = field(default_factory=dict)
    """Modules without a diagram, by their row in the program, in order."""

    @property
    def exact(self) -> bool:
        """Whether evaluations are exact."""
        modules = self.program.modules
        return bool((modules[:, LOW_ROOT] == modules[:, HIGH_ROOT]).all())

    def bounds(self, figures: Mapping[int, Pair]) -> Bounds:
        """Enclose the root's availability.

        Parameters
        ----------
        figures : mapping of int to Pair
            Figures of the original variables.
        """
        low = self._whole(figures, LOW_ROOT)
        return Bounds(low, low if self.exact else self._whole(figures, HIGH_ROOT))

    def birnbaum(self, figures: Mapping[int, Pair], *, high: bool = False) -> dict[int, float]:
        """Derivative of the root's availability by each original variable's (rule A11).

        Exact when `exact`. Otherwise it belongs to one end of the bracket and is no bound of the
        true one: an end may leave a component out altogether.

        Parameters
        ----------
        figures : mapping of int to Pair
            Figures of the original variables.
        high : bool
            Whether that is the high end or the low one.
        """
        end = HIGH_ROOT if high else LOW_ROOT
        up, down = self.slot_figures(figures)
        weight = np.zeros(self.size)
        needed = np.array([figures[variable].up for variable in self.essential])
        weight[self.root] = needed.prod()
        self.fill(up, down, end)
        self._hand_down(up, down, end, weight)
        *of_needed, _ = _product_of_others(np.append(needed, up[self.root]))
        result = dict(zip(self.essential, map(float, of_needed), strict=True))
        result.update(zip(self.variables, weight[self.slots].tolist(), strict=True))
        return result

    def slot_figures(self, figures: Mapping[int, Pair]) -> tuple[Array, Array]:
        """Up and down of each slot, those of modules still to be filled in."""
        up, down = np.zeros(self.size), np.ones(self.size)
        up[self.slots] = [figures[variable].up for variable in self.variables]
        down[self.slots] = [figures[variable].down for variable in self.variables]
        up[TRUE], down[TRUE] = 1.0, 0.0
        return up, down

    def _whole(self, figures: Mapping[int, Pair], end: int) -> Pair:
        """Essential components together with the rest, at one end."""
        up, down = self.slot_figures(figures)
        self.fill(up, down, end)
        rest = Pair(float(up[self.root]), float(down[self.root]))
        return serial([*(figures[variable] for variable in self.essential), rest])

    def up_to(self, row: int) -> Compiled:
        """The same with its first modules only."""
        return replace(self, program=Program(self.program.nodes, self.program.modules[:row]))

    def fill(self, up: Array, down: Array, end: int) -> None:
        """Fill in the slots of modules, inner ones first."""
        for part, apart in self._stretches():
            evaluate(part, up, down, end)
            for row, module in apart.items():
                slot = self.program.modules[row, SLOT]
                up[slot], down[slot] = module.solved.figure(up[module.slots], down[module.slots])

    def _hand_down(self, up: Array, down: Array, end: int, weight: Array) -> None:
        """Add to each slot the derivative of what is weighted, outer modules first."""
        for part, apart in reversed(list(self._stretches())):
            for row, module in apart.items():
                of_leaves = module.solved.gains(up[module.slots], down[module.slots])
                weight[module.slots] += weight[self.program.modules[row, SLOT]] * of_leaves
            gains(part, up, down, end, weight)

    def _stretches(self) -> Iterator[tuple[Program, dict[int, _Apart]]]:
        """Modules with diagrams up to one that has none, then that one."""
        nodes, modules = self.program
        first = 0
        for row, module in self.apart.items():
            yield Program(nodes, modules[first:row]), {row: module}
            first = row + 1
        yield Program(nodes, modules[first:]), {}


def serial(needed: Iterable[Pair]) -> Pair:
    """All of several independent things, without cancellation on either side."""
    whole, lost = 1.0, []
    for pair in needed:
        lost.append(whole * pair.down)
        whole *= pair.up
    # Rounding must not leave 0.9999999999999999 of what is always down, nor more than all of it.
    return Pair(whole, min(1.0, fsum(lost)) if whole else 1.0)


def _product_of_others(values: Array) -> Array:
    """Product of all values but each one in turn; zeros are no obstacle."""
    before = np.concatenate(([1.0], np.cumprod(values[:-1])))
    after = np.concatenate((np.cumprod(values[:0:-1])[::-1], [1.0]))
    result: Array = before * after
    return result


def compiled(
    graph: GateGraph,
    root: int,
    limits: Limits | None = None,
    *,
    hints: Mapping[int, Pair] | None = None,
    perfect: AbstractSet[int] = frozenset(),
) -> Compiled:
    """Compile one root for evaluation.

    Parameters
    ----------
    graph : GateGraph
        Source; unchanged.
    root : int
        Node to compile.
    limits : Limits, optional
        When to give a bracket instead.
    hints : mapping of int to Pair, optional
        Figures by which brackets choose what to drop; brackets hold for any figures.
    perfect : set of int, optional
        Variables that never fail under any figures to come; they cost nothing.

    Returns
    -------
    Compiled
        `exact` says whether evaluations are exact.
    """
    if root in {FALSE, TRUE}:
        return Compiled((), root=root)
    limits = limits or Limits()
    never = np.array(list(perfect), np.int64)
    single, others, slots, top, rest, program = sketched(
        root, graph.flat(), never, limits.operations
    )
    result = Compiled(tuple(single.tolist()))
    if top >= 0:
        result.variables, result.slots = tuple(others.tolist()), slots
        result.size, result.root = len(rest.need) + 2, top + 2
        result.program = program
        _enter_large(result, rest, limits, hints or {})
    return result


def _enter_large(
    result: Compiled, rest: Reduced, limits: Limits, hints: Mapping[int, Pair]
) -> None:
    """Solve the modules that have no diagram yet."""
    deadline = time.monotonic() + limits.seconds
    number = np.full(len(rest.need), -1, np.int64)
    for row, module in enumerate(result.program.modules.tolist()):
        if module[LAST] > module[FIRST]:
            continue
        part = part_below(module[SLOT] - 2, rest, number)
        solved = wide_vote(part) or _cases(part, limits, deadline)
        if solved is not None:
            result.apart[row] = _Apart(part.leaves + 2, solved)
            continue
        # The rest of the time is for a bracket, should one be needed.
        built = quickest(part, limits.operations, deadline - _BRACKET_SHARE * limits.seconds)
        if built is not None:
            leaves, (nodes, roots) = built.leaves, built.taken_out()
        else:
            assumed = {v: hints.get(v, Pair(0.99, 0.01)) for v in result.variables}
            up, down = result.slot_figures(assumed)
            result.up_to(row).fill(up, down, LOW_ROOT)
            ends = up[part.leaves + 2], down[part.leaves + 2]
            leaves, (nodes, roots) = bracket(part, ends, limits.bracket_nodes, deadline)
        slots = part.leaves[leaves] + 2
        result.program = with_diagram(result.program, row, slots, nodes, tuple(roots))


@dataclass(frozen=True)
class _Case:
    """A part compiled for one state of its shared leaves."""

    ready: Compiled

    def figure(self, up: Array, down: Array) -> tuple[float, float]:
        """Availability and unavailability, by those of the leaves [1]."""
        pair = self.ready.bounds(self._figures(up, down)).low
        return pair.up, pair.down

    def gains(self, up: Array, down: Array) -> Array:
        """Birnbaum importance of each leaf [1]."""
        found = np.zeros(len(up))
        for variable, gain in self.ready.birnbaum(self._figures(up, down)).items():
            found[variable - first_leaf] = gain
        return found

    @staticmethod
    def _figures(up: Array, down: Array) -> dict[int, Pair]:
        return {first_leaf + i: Pair(*pair) for i, pair in enumerate(zip(up, down, strict=True))}


def _cases(part: Part, limits: Limits, deadline: float) -> Cases | None:
    """Solve a part for each state of what it shares; None where that helps or ends not."""
    shared = shared_leaves(part)
    if shared is None:
        return None
    graph, root = alone(part)
    states, solved = states_of(shared), []
    for state in states:
        left = deadline - _BRACKET_SHARE * limits.seconds - time.monotonic()
        if left <= 0.0:
            return None
        fixed = {first_leaf + leaf: int(up) for leaf, up in zip(shared, state, strict=True)}
        small, top, origin = simplified(graph, root, fixed)
        ready = compiled(small, top, replace(limits, seconds=left))
        if not ready.exact:
            return None
        ready.variables = tuple(origin[variable] for variable in ready.variables)
        ready.essential = tuple(origin[variable] for variable in ready.essential)
        solved.append(_Case(ready))
    return Cases(shared, states, tuple(solved))
