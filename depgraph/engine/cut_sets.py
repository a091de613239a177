"""Minimal cut sets: the smallest combinations of failures that take a service down (rule A12)."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from depgraph.engine.essential import essential_components
from depgraph.engine.figures import Figures
from depgraph.engine.gates import FALSE, TRUE, GateGraph, simplified
from depgraph.engine.outage import CutExplanation
from depgraph.engine.structure import Structure
from depgraph.record import Record

CutSets = frozenset[frozenset[int]]

_UNIONS_PER_SET = 10
_MANY = 8
"""Votes that fall with more members than this are searched by branch and bound."""
_FEWEST_EXPLAINED = 100
_EXPLAINING_STEPS = 100_000_000
"""Nodes looked at, in all, to explain how failures reach the service."""


class CutSet(Record):
    """Components that together take a service down, none of them needless."""

    components: tuple[str, ...]
    """Names of the components."""
    order: int
    """How many they are."""
    probability: float | None
    """Probability that all are down at once [1]; None where a figure is unknown."""
    chain: tuple[str, ...]
    """Shortest chain through which the failure reaches the service: one of the components first,
    the service last; empty beyond the first `explained`."""


class CutSetAnswer(Record):
    """Minimal cut sets of one service."""

    service: str
    """The service."""
    max_order: int
    """Largest order looked for."""
    complete_order: int
    """Every minimal cut set up to this order is listed."""
    count_by_order: dict[int, int]
    """How many there are, by order, among those listed."""
    explained: int
    """So many of them, from the first on, come with their chain."""
    cut_sets: tuple[CutSet, ...]
    """Most probable first."""


@dataclass(frozen=True)
class CutLimits:
    """How much work the cut sets of one service may take before their order is lowered."""

    sets: int = 200_000
    """Most cut sets of any node on the way."""
    seconds: float = 60.0
    """Wall time [s]."""


@dataclass(frozen=True)
class _Search:
    """Bottom-up search for cut sets of one order or less."""

    graph: GateGraph
    order: int
    limit: int
    deadline: float

    def run(self, root: int) -> CutSets | None:
        """Minimal cut sets of a node; None when there are more than the limit on the way."""
        found: dict[int, CutSets] = {FALSE: frozenset({frozenset()}), TRUE: frozenset()}
        for node in self.graph.below(root):
            if node in found:
                continue
            if self.graph.is_variable(node):
                found[node] = frozenset({frozenset({node})})
                continue
            members = [found[a] for a in self.graph.arguments[node]]
            answer = self._gate(self.graph.need[node], members)
            if answer is None or len(answer) > self.limit:
                return None
            found[node] = answer
        return found[root]

    def _gate(self, need: int, members: list[CutSets]) -> CutSets | None:
        """Cut sets of "at least `need`": enough members must be cut at once."""
        to_cut = len(members) - need + 1
        if to_cut == 1:
            return minimal(cut for member in members for cut in member)
        if to_cut > _MANY:
            return _OfMany(members, to_cut, self).run()
        # counted[j]: cut sets that cut at least j of the members seen so far.
        counted: list[CutSets] = [frozenset({frozenset()})] + [frozenset()] * to_cut
        reached = 0
        for member in members:
            reached += bool(member) and reached < to_cut
            for j in range(reached, 0, -1):
                if time.monotonic() > self.deadline:
                    return None
                joined = self._joined(counted[j - 1], member)
                if joined is None:
                    return None
                counted[j] = minimal(counted[j] | joined)
        return counted[to_cut]

    def _joined(self, first: CutSets, second: CutSets) -> CutSets | None:
        """Unions of one of each that are small enough; None when there are too many."""
        by_size: dict[int, list[frozenset[int]]] = {}
        holding: dict[int, list[frozenset[int]]] = {}
        for cut in second:
            by_size.setdefault(len(cut), []).append(cut)
            for component in cut:
                holding.setdefault(component, []).append(cut)
        found: set[frozenset[int]] = set()
        for cut in first:
            room = self.order - len(cut)
            for size, others in by_size.items():
                if size <= room:
                    found.update(cut | other for other in others)
            # Larger ones only fit where the two overlap.
            for component in cut:
                unions = (cut | other for other in holding.get(component, ()))
                found.update(union for union in unions if len(union) <= self.order)
            if len(found) > self.limit * _UNIONS_PER_SET:
                return None
        return frozenset(found)


class _OfMany:
    """Cut sets of a vote that falls with many members only, by branch and bound.

    What a few components cut is at most the sum of the members that each takes part in cutting.
    """

    def __init__(self, members: list[CutSets], to_cut: int, search: _Search) -> None:
        self._search = search
        self._always = sum(frozenset() in member for member in members)
        self._missing = to_cut - self._always
        self._cuts: dict[int, list[tuple[int, frozenset[int]]]] = {}
        weight: dict[int, int] = {}
        for number, member in enumerate(members):
            for component in frozenset[int]().union(*member) if frozenset() not in member else ():
                weight[component] = weight.get(component, 0) + 1
            for cut in member:
                for component in cut:
                    self._cuts.setdefault(component, []).append((number, cut))
        self._ranked = sorted(weight, key=lambda component: (-weight[component], component))
        self._weight = weight
        self._found: set[frozenset[int]] = set()

    def run(self) -> CutSets | None:
        """Minimal ones; None when there are too many, or when time is up."""
        if self._missing <= 0:
            return frozenset({frozenset()})
        return minimal(self._found) if self._extend((), 0, 0) else None

    def _extend(self, chosen: tuple[int, ...], start: int, most: int) -> bool:
        """Add one component to those chosen, which cut so many at most; whether all were tried."""
        room = self._search.order - len(chosen)
        for place in range(start, len(self._ranked)):
            component = self._ranked[place]
            weight = self._weight[component]
            if most + room * weight < self._missing:
                break
            if len(self._found) > self._search.limit or time.monotonic() > self._search.deadline:
                return False
            more = (*chosen, component)
            if self._number_cut(more) >= self._missing:
                self._found.add(frozenset(more))
            elif room > 1 and not self._extend(more, place + 1, most + weight):
                return False
        return True

    def _number_cut(self, chosen: tuple[int, ...]) -> int:
        """How many members these components cut, apart from those that are down in any case."""
        inside = frozenset(chosen)
        return len({number for one in chosen for number, cut in self._cuts[one] if cut <= inside})


def minimal(sets: Iterable[frozenset[int]]) -> CutSets:
    """The sets that contain no other one."""
    kept: set[frozenset[int]] = set()
    for candidate in sorted(set(sets), key=len):
        inside = any(
            frozenset(part) in kept
            for size in range(len(candidate))
            for part in combinations(candidate, size)
        )
        if not inside:
            kept.add(candidate)
    return frozenset(kept)


def minimal_cut_sets(
    structure: Structure,
    figures: Figures,
    service: str,
    *,
    max_order: int = 3,
    limits: CutLimits | None = None,
) -> CutSetAnswer:
    """Minimal cut sets of a service up to an order.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    figures : Figures
        Figures of its components; those that cannot fail are left out.
    service : str
        Service to cut.
    max_order : int
        Largest order to look for.
    limits : CutLimits, optional
        When to lower the order, which `complete_order` says.
    """
    limits = limits or CutLimits()
    deadline = time.monotonic() + limits.seconds
    never = {v: TRUE for v, (low, _) in figures.worlds.items() if low.down == 0.0}
    node = structure.up[service]
    # Single points of failure are found apart; what is left has far fewer sets on the way.
    [single] = essential_components(structure.gates, [node]).values()
    single = tuple(variable for variable in single if variable not in never)
    graph, root, origin = simplified(
        structure.gates, node, {**never, **dict.fromkeys(single, TRUE)}
    )
    found: CutSets = frozenset()
    complete = min(1, max_order)
    for order in range(2, max_order + 1):
        answer = _Search(graph, order, limits.sets, deadline).run(root)
        if answer is None:
            break
        found, complete = answer, order
    cuts: list[tuple[int, ...]] = [(variable,) for variable in single if max_order]
    cuts += [tuple(sorted(origin[v] for v in cut)) for cut in found]
    ranked = sorted(cuts, key=lambda cut: _rank(structure, figures, cut))
    explanation = CutExplanation(structure, service)
    explained = min(len(ranked), max(_FEWEST_EXPLAINED, _EXPLAINING_STEPS // explanation.size))
    listed = [
        _cut_set(structure, figures, cut, explanation.chain(cut) if place < explained else ())
        for place, cut in enumerate(ranked)
    ]
    return CutSetAnswer(
        service=service,
        max_order=max_order,
        complete_order=complete,
        count_by_order=dict(sorted(Counter(map(len, cuts)).items())),
        explained=explained,
        cut_sets=tuple(listed),
    )


def _rank(
    structure: Structure, figures: Figures, cut: tuple[int, ...]
) -> tuple[float, int, tuple[str, ...]]:
    """Place of a cut set: the most probable first, then by order and names."""
    return -(_probability(figures, cut) or 0.0), len(cut), _names(structure, cut)


def _names(structure: Structure, cut: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(sorted(structure.name(variable) for variable in cut))


def _probability(figures: Figures, cut: tuple[int, ...]) -> float | None:
    """Probability that all of a cut set are down [1]; None where a figure is unknown."""
    known = [figures.worlds[variable] for variable in cut]
    exact = all(low == high for low, high in known)
    return math.prod(low.down for low, _ in known) if exact else None


def _cut_set(
    structure: Structure, figures: Figures, cut: tuple[int, ...], chain: tuple[str, ...]
) -> CutSet:
    """One cut set, with the chain that explains it."""
    return CutSet(
        components=_names(structure, cut),
        order=len(cut),
        probability=_probability(figures, cut),
        chain=chain,
    )
