"""Probability that a gate is up: exact by decision diagrams, or a rigorous bracket (rule A8).

The recipe: simplify, join what is always used together, split into modules, give each module a
decision diagram under a portfolio of orders with growing budgets. Availability and unavailability
are carried side by side, so that 1e-13 keeps its digits. A module that outgrows its budget gets
two smaller diagrams, one never more up and one never more down than the true one; gates are
monotone, so the answers enclose the exact figure.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np

from depgraph.engine.cases import Cases, alone, first_leaf, shared_leaves, states_of
from depgraph.engine.diagram import Array, Diagram
from depgraph.engine.enclosure import Enclosure
from depgraph.engine.essential import essential_components
from depgraph.engine.gates import FALSE, TRUE, GateGraph, simplified
from depgraph.engine.modules import contracted, modules
from depgraph.engine.orders import PORTFOLIO, Part, ordered
from depgraph.engine.relevance import relevance
from depgraph.engine.votes import vote, vote_gains
from depgraph.errors import LimitError

_FIRST_BUDGET = 1 << 21
_GROWTH = 8
_COLLECT_FROM = 1 << 20
_BRACKET_NODES = 200_000
_FIRST_BRACKET_NODES = 250
_BRACKET_SHARE = 0.5
_LATE_BUDGET = 1 << 17
_LATE_SECONDS = 1.0
"""What is tried when there is no time left may take so long [s]."""
_FIRST_TOLERANCE = 1e-2
"""What one step may move, relative to the figure of the root [1]."""
_FINEST_TOLERANCE = 1e-12
_FINER = 0.4
_MUCH_FINER = 0.1
_GROWTH_OF_TIME = 2.0
"""A finer end takes about so many times as long."""


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


@dataclass
class _Piece:
    """One module: its leaves in diagram order, and the diagrams that stand for it."""

    node: int
    leaves: list[int]
    diagram: Diagram | None = None
    low: int = 0
    high: int = 0
    serial: bool = True
    vote: int = 0
    """Leaves that must be up, where it needs no diagram and is neither "all" nor "any"."""
    cases: Cases | None = None
    """How it is solved for each state of what it uses more than once, where that is little."""


@dataclass
class Compiled:
    """A root ready to be evaluated under any figures for its components."""

    origin: dict[int, int]
    """Original variable of each variable of the compiled graph."""
    root: int
    """Root in the compiled graph."""
    essential: tuple[int, ...] = ()
    """Original variables without which the root is down: its single points of failure (A12)."""
    pieces: list[_Piece] = field(default_factory=list)
    """Modules, inner ones first."""
    orders: list[str] = field(default_factory=list)
    """Order that won, per diagram."""

    @property
    def exact(self) -> bool:
        """Whether evaluations are exact."""
        return all(piece.low == piece.high for piece in self.pieces)

    def bounds(self, figures: Mapping[int, Pair]) -> Bounds:
        """Enclose the root's availability.

        Parameters
        ----------
        figures : mapping of int to Pair
            Figures of the original variables.
        """
        low = self._whole(figures, self.evaluated(figures, high=False)[self.root])
        if self.exact:
            return Bounds(low, low)
        return Bounds(low, self._whole(figures, self.evaluated(figures, high=True)[self.root]))

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
        known = self.evaluated(figures, high=high)
        needed = [figures[variable].up for variable in self.essential]
        *of_needed, _ = _product_of_others(np.array([*needed, known[self.root].up]))
        result = dict(zip(self.essential, map(float, of_needed), strict=True))
        weight = {self.root: float(np.prod(needed))}
        for piece in reversed(self.pieces):
            up = np.array([known[leaf].up for leaf in piece.leaves])
            down = np.array([known[leaf].down for leaf in piece.leaves])
            if piece.diagram is not None:
                gains = piece.diagram.birnbaum(piece.high if high else piece.low, up, down)
            elif piece.vote:
                gains = vote_gains(piece.vote, up, down)
            elif piece.cases is not None:
                gains = piece.cases.gains(up, down)
            else:
                gains = _product_of_others(up if piece.serial else down)
            for leaf, gain in zip(piece.leaves, gains, strict=True):
                weight[leaf] = weight.get(leaf, 0.0) + weight.get(piece.node, 0.0) * float(gain)
        result.update({self.origin[node]: w for node, w in weight.items() if node in self.origin})
        return result

    def _whole(self, figures: Mapping[int, Pair], rest: Pair) -> Pair:
        """Essential components together with the rest."""
        parts = [*(figures[variable] for variable in self.essential), rest]
        return serial(np.array([p.up for p in parts]), np.array([p.down for p in parts]))

    def evaluated(self, figures: Mapping[int, Pair], *, high: bool = False) -> dict[int, Pair]:
        """Figures of every variable and module, by compiled node; at the low end or the high one.

        Parameters
        ----------
        figures : mapping of int to Pair
            Figures of the original variables.
        high : bool
            Whether brackets are taken at their high end.
        """
        known = {node: figures[source] for node, source in self.origin.items()}
        known[FALSE], known[TRUE] = Pair(0.0, 1.0), Pair(1.0, 0.0)
        for piece in self.pieces:
            up = np.array([known[leaf].up for leaf in piece.leaves])
            down = np.array([known[leaf].down for leaf in piece.leaves])
            if piece.diagram is not None:
                p, q = piece.diagram.probabilities(up, down)
                root = piece.high if high else piece.low
                known[piece.node] = Pair(float(p[root]), float(q[root]))
            elif piece.vote:
                known[piece.node] = Pair(*vote(piece.vote, up, down))
            elif piece.cases is not None:
                known[piece.node] = Pair(*piece.cases.figure(up, down))
            elif piece.serial:
                known[piece.node] = serial(up, down)
            else:
                turned = serial(down, up)
                known[piece.node] = Pair(turned.down, turned.up)
        return known


def serial(up: Array, down: Array) -> Pair:
    """All of several independent things, without cancellation on either side.

    Parameters
    ----------
    up, down : ndarray of float, shape (n,)
        Availability and unavailability of each [1].
    """
    before = np.concatenate(([1.0], np.cumprod(up)))
    return Pair(float(before[-1]), float((before[:-1] * down).sum()))


def _product_of_others(values: Array) -> Array:
    """Product of all values but each one in turn; zeros are no obstacle."""
    before = np.concatenate(([1.0], np.cumprod(values[:-1])))
    after = np.concatenate((np.cumprod(values[:0:-1])[::-1], [1.0]))
    result: Array = before * after
    return result


def compiled(  # noqa: PLR0913 - the last three save work that a caller has done already
    graph: GateGraph,
    root: int,
    limits: Limits | None = None,
    *,
    hints: Mapping[int, Pair] | None = None,
    essential: tuple[int, ...] | None = None,
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
    essential : tuple of int, optional
        Variables without which the root is down, where they are known already.
    perfect : set of int, optional
        Variables that never fail under any figures to come; they cost nothing.

    Returns
    -------
    Compiled
        `exact` says whether evaluations are exact.
    """
    limits = limits or Limits()
    if essential is None:
        essential = essential_components(graph, [root])[root]
    essential = tuple(variable for variable in essential if variable not in perfect)
    small, top, origin = simplified(graph, root, dict.fromkeys({*essential, *perfect}, TRUE))
    small, top = contracted(small, top)
    result = Compiled(origin, top, essential)
    if top in {FALSE, TRUE} or small.is_variable(top):
        return result
    alone = modules(small, top)
    deadline = time.monotonic() + limits.seconds
    assumed = {v: (hints or {}).get(v, Pair(0.99, 0.01)) for v in origin.values()}
    for node in small.below(top):
        if node in alone and small.arguments[node]:
            part = Part(small, node, alone)
            piece, order = _piece(part, lambda: result.evaluated(assumed), limits, deadline)
            result.pieces.append(piece)
            result.orders.append(order)
    return result


def _piece(
    part: Part, known: Callable[[], Mapping[int, Pair]], limits: Limits, deadline: float
) -> tuple[_Piece, str]:
    """Diagram of one module, exact if the limits allow."""
    arguments = part.arguments(part.root)
    need = part.graph.need[part.root]
    plain = all(part.is_leaf(a) for a in arguments) and len(set(arguments)) == len(arguments)
    if plain and need in {1, len(arguments)}:
        return _Piece(part.root, list(arguments), serial=need == len(arguments)), "product"
    if plain:
        return _Piece(part.root, list(arguments), vote=need), "vote"
    cases = _cases(part, limits, deadline)
    if cases is not None:
        return _Piece(part.root, part.leaf_nodes, cases=cases), "cases"
    budget = min(_FIRST_BUDGET, limits.operations)
    # The rest of the time is for a bracket, should one be needed.
    stop = deadline - _BRACKET_SHARE * limits.seconds
    late = time.monotonic() > stop
    while True:
        for order in PORTFOLIO[:1] if late else PORTFOLIO:
            leaves = ordered(part, order)
            try:
                until = max(stop, time.monotonic() + _LATE_SECONDS) if late else stop
                diagram, root = _built(part, leaves, _LATE_BUDGET if late else budget, until)
            except LimitError:
                late = late or time.monotonic() > stop
                if late:
                    return _bracket(part, known(), limits, deadline)
                continue
            return _Piece(part.root, leaves, diagram, root, root), order
        if budget >= limits.operations:
            return _bracket(part, known(), limits, deadline)
        budget = min(budget * _GROWTH, limits.operations)


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
        ready.origin = {node: origin[source] for node, source in ready.origin.items()}
        ready.essential = tuple(origin[variable] for variable in ready.essential)
        solved.append(_Case(ready))
    return Cases(shared, states, tuple(solved))


def _built(part: Part, leaves: list[int], budget: int, deadline: float) -> tuple[Diagram, int]:
    """Build the diagram of a part gate by gate, freeing what is no longer needed."""
    diagram = Diagram(len(leaves), budget, deadline)
    users = part.users()
    node_of: dict[int, int] = {}
    level = {leaf: place for place, leaf in enumerate(leaves)}
    collect_from = _COLLECT_FROM
    for node in part.nodes:
        if part.is_leaf(node):
            node_of[node] = diagram.variable(level[node])
            continue
        arguments = part.arguments(node)
        node_of[node] = diagram.at_least(part.graph.need[node], [node_of[a] for a in arguments])
        _forget(arguments, users, node_of)
        if diagram.size > collect_from:
            keys = list(node_of)
            node_of = dict(zip(keys, diagram.collect([node_of[k] for k in keys]), strict=True))
            collect_from = max(_COLLECT_FROM, 2 * diagram.size)
    [root] = diagram.collect([node_of[part.root]])
    diagram.freeze()
    return diagram, root


def _forget(arguments: tuple[int, ...], users: dict[int, int], node_of: dict[int, int]) -> None:
    """Drop arguments that no later gate needs."""
    for argument in arguments:
        users[argument] -= 1
        if not users[argument]:
            node_of.pop(argument, None)


def _bracket(
    part: Part, figures: Mapping[int, Pair], limits: Limits, deadline: float
) -> tuple[_Piece, str]:
    """Two diagrams that enclose a part, larger ones as long as there is time."""
    keep = min(limits.bracket_nodes, _FIRST_BRACKET_NODES)
    orders = PORTFOLIO if limits.bracket_nodes > _FIRST_BRACKET_NODES else PORTFOLIO[:1]
    best: Enclosure | None = None
    leaves: list[int] = []
    for order in orders:
        tried = ordered(part, order)
        ends = (
            np.array([figures[leaf].up for leaf in tried]),
            np.array([figures[leaf].down for leaf in tried]),
        )
        until = deadline if best else max(deadline, time.monotonic() + _LATE_SECONDS)
        found = Enclosure(part, tried, ends, until)
        try:
            found.build(0, keep)
            found.build(1, keep)
        except LimitError:
            break
        if best is None or _gap(found) < _gap(best):
            best, leaves = found, tried
        if _gap(best) == 0.0:
            break
    if best is None:
        # Anything from never up to always up; states with few failures may say more.
        nothing = Diagram(len(part.leaf_nodes))
        nothing.freeze()
        return _Piece(part.root, part.leaf_nodes, nothing, FALSE, TRUE), "none"
    best.deadline = deadline
    if limits.bracket_nodes > _FIRST_BRACKET_NODES:
        with suppress(LimitError):
            _tightened(best, relevance(part, leaves, best.figures, deadline), limits.bracket_nodes)
    best.freeze()
    return _Piece(part.root, leaves, best.diagram, best.low, best.high), "bracket"


def _gap(enclosure: Enclosure) -> float:
    """Distance between the ends [1]."""
    low, high = enclosure.down()
    return low - high


def _tightened(enclosure: Enclosure, shares: Mapping[int, float], most: int) -> None:
    """Rebuild ends ever finer until `LimitError`; next is the one whose last step moved it more."""
    down = max(enclosure.down())
    finest = _FINEST_TOLERANCE * min(down, 1.0 - down)
    tolerance = [finest * _FIRST_TOLERANCE / _FINEST_TOLERANCE] * 2
    keep = [2 * _FIRST_BRACKET_NODES] * 2
    moved = [math.inf, math.inf]
    spent = [0.0, 0.0]
    while enclosure.low != enclosure.high:
        open_ends = [side for side in (0, 1) if tolerance[side] > finest]
        if not open_ends:
            return
        side = max(open_ends, key=lambda end: moved[end])
        began = time.monotonic()
        if began + _GROWTH_OF_TIME * spent[side] > enclosure.deadline:
            return
        before = enclosure.down()[side]
        enclosure.weigh(shares, tolerance[side])
        keep[side] = min(2 * keep[side], most)
        enclosure.build(side, keep[side])
        spent[side] = time.monotonic() - began
        # What has not moved may only have been too coarse so far.
        step = abs(enclosure.down()[side] - before)
        moved[side] = step or moved[side]
        tolerance[side] *= _FINER if step else _MUCH_FINER
