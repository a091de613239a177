"""Minimal cut sets: the smallest combinations of failures that take a service down (rule A12)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from depgraph.engine.essential import essential_components
from depgraph.engine.figures import Figures
from depgraph.engine.gates import FALSE, TRUE, GateGraph, simplified
from depgraph.engine.outage import CutExplanation
from depgraph.engine.structure import Structure
from depgraph.record import Record

CutSets = frozenset[frozenset[int]]

_UNIONS_PER_SET = 10


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
    the service last."""


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
    cut_sets: tuple[CutSet, ...]
    """Most probable first."""


@dataclass(frozen=True)
class _Search:
    """Bottom-up search for cut sets of one order or less."""

    graph: GateGraph
    order: int
    limit: int

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
        # counted[j]: cut sets that cut at least j of the members seen so far.
        counted: list[CutSets] = [frozenset({frozenset()})] + [frozenset()] * to_cut
        for member in members:
            for j in range(to_cut, 0, -1):
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
    limit: int = 200_000,
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
    limit : int
        Most cut sets of any node on the way; beyond, the order is lowered and
        `complete_order` says so.
    """
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
        answer = _Search(graph, order, limit).run(root)
        if answer is None:
            break
        found, complete = answer, order
    cuts: list[tuple[int, ...]] = [(variable,) for variable in single if max_order]
    cuts += [tuple(sorted(origin[v] for v in cut)) for cut in found]
    explanation = CutExplanation(structure, service)
    listed = [_cut_set(structure, figures, explanation, cut) for cut in cuts]
    listed.sort(key=lambda cut: (-(cut.probability or 0.0), cut.order, cut.components))
    orders = sorted({cut.order for cut in listed})
    return CutSetAnswer(
        service=service,
        max_order=max_order,
        complete_order=complete,
        count_by_order={o: sum(cut.order == o for cut in listed) for o in orders},
        cut_sets=tuple(listed),
    )


def _cut_set(
    structure: Structure, figures: Figures, explanation: CutExplanation, cut: tuple[int, ...]
) -> CutSet:
    """Names, probability and chain of one cut set."""
    known = [figures.worlds[variable] for variable in cut]
    exact = all(low == high for low, high in known)
    return CutSet(
        components=tuple(sorted(structure.name(variable) for variable in cut)),
        order=len(cut),
        probability=float(np.prod([low.down for low, _ in known])) if exact else None,
        chain=explanation.chain(cut),
    )
