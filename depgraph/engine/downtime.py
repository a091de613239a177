"""Who was down when, and by which incidents: the history of a service from the structure (P3).

A span of downtime carries its *cuts*: the smallest sets of active incidents that take the service
down, all else working. Everything about causes follows from them: an incident took part if it is
in a cut; the service would have been up without a party if every cut holds an incident of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from heapq import heapify, heappop, heappush
from itertools import combinations, pairwise, product
from typing import TypeVar

from depgraph.engine.structure import ComponentKey, Structure
from depgraph.errors import LimitError
from depgraph.model.incident import Incident

Cuts = tuple[frozenset[str], ...]
"""Smallest sets of incident ids that take a service down."""

_MOST_CUTS = 20_000


@dataclass(frozen=True, slots=True)
class DownSpan:
    """A stretch of time, [start, end), in which a service was down for the same reasons."""

    start: datetime
    """First instant."""
    end: datetime
    """First instant after it."""
    cuts: Cuts
    """Smallest sets of incidents that explain it, none of which contains another."""

    @property
    def incidents(self) -> frozenset[str]:
        """Incidents that took part."""
        return frozenset[str]().union(*self.cuts)

    @property
    def minutes(self) -> float:
        """Length [min]."""
        return (self.end - self.start).total_seconds() / 60

    def without(self, excused: Callable[[str], bool]) -> Cuts:
        """Cuts that remain in the world without some incidents; none: the service was up."""
        return tuple(cut for cut in self.cuts if not any(excused(incident) for incident in cut))


class DownHistory:
    """Downtime of the services of one estate under its incidents.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    incidents : sequence of Incident
        What happened; those without impact take nothing down.
    as_of : datetime
        Where open incidents are clipped (rule M1).
    """

    def __init__(
        self, structure: Structure, incidents: Sequence[Incident], as_of: datetime
    ) -> None:
        self.structure = structure
        self.as_of = as_of
        self._cuts = _CutFinder(structure)
        self._by_component: dict[ComponentKey, list[Incident]] = {}
        for incident in incidents:
            if incident.impact > 0 and incident.start < as_of:
                self._by_component.setdefault(self._component(incident), []).append(incident)
        self._spans: dict[str, tuple[DownSpan, ...]] = {}

    def _component(self, incident: Incident) -> ComponentKey:
        kind, name = self.structure.estate.node_kinds(incident.affects)[0]
        return ComponentKey(kind, name)

    def spans(self, service: str) -> tuple[DownSpan, ...]:
        """When and why a service was down, in order; neighbouring equal spans are one.

        Parameters
        ----------
        service : str
            Its id.
        """
        if service not in self._spans:
            struck = self._cuts.cone(service) & self._by_component.keys()
            events = [(i, key) for key in struck for i in self._by_component[key]]
            self._spans[service] = self._merged(service, events)
        return self._spans[service]

    def _merged(
        self, service: str, events: Sequence[tuple[Incident, ComponentKey]]
    ) -> tuple[DownSpan, ...]:
        """Sweep over the instants at which the set of active incidents changes."""
        changes: dict[datetime, tuple[list[int], list[int]]] = {}
        for place, (incident, _) in enumerate(events):
            end = min(incident.end or self.as_of, self.as_of)
            changes.setdefault(incident.start, ([], []))[0].append(place)
            changes.setdefault(end, ([], []))[1].append(place)
        active: set[int] = set()
        spans: list[DownSpan] = []
        for moment, following in pairwise([*sorted(changes), None]):
            if moment is None:
                break
            active.update(changes[moment][0])
            active.difference_update(changes[moment][1])
            if following is None or not active:
                continue
            cuts = self._cuts_of(service, [events[place] for place in active])
            if not cuts:
                continue
            last = spans[-1] if spans else None
            if last is not None and last.end == moment and last.cuts == cuts:
                spans[-1] = DownSpan(last.start, following, cuts)
            else:
                spans.append(DownSpan(moment, following, cuts))
        return tuple(spans)

    def _cuts_of(self, service: str, active: Sequence[tuple[Incident, ComponentKey]]) -> Cuts:
        """Cuts in terms of incidents: one incident of each component of a component cut."""
        by_component: dict[ComponentKey, list[str]] = {}
        for incident, key in active:
            by_component.setdefault(key, []).append(incident.id)
        found = self._cuts.cuts(service, frozenset(by_component))
        return smallest_cuts(
            frozenset(chosen)
            for cut in found
            for chosen in product(*(by_component[key] for key in cut))
        )


class _CutFinder:
    """Smallest sets of failed components that take a service down, found once each."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._cones: dict[str, frozenset[ComponentKey]] = {}
        self._orders: dict[int, list[int]] = {}
        self._inside: dict[int, frozenset[int]] = {}
        self._used_by: dict[int, list[int]] = {}
        for gate, arguments in enumerate(structure.gates.arguments):
            for argument in arguments:
                self._used_by.setdefault(argument, []).append(gate)
        self._known: dict[tuple[str, frozenset[ComponentKey]], list[frozenset[ComponentKey]]] = {}

    def cone(self, service: str) -> frozenset[ComponentKey]:
        """Components that a service rests on."""
        if service not in self._cones:
            structure = self._structure
            self._cones[service] = frozenset(
                structure.component[node]
                for node in self._order(structure.up[service])
                if node in structure.component
            )
        return self._cones[service]

    def cuts(self, service: str, failed: frozenset[ComponentKey]) -> list[frozenset[ComponentKey]]:
        """Smallest sets among the failed components that take the service down."""
        key = (service, failed)
        if key not in self._known:
            self._known[key] = self._found(self._structure.up[service], failed)
        return self._known[key]

    def _order(self, node: int) -> list[int]:
        if node not in self._orders:
            self._orders[node] = self._structure.gates.below(node)
        return self._orders[node]

    def _cone_nodes(self, root: int) -> frozenset[int]:
        """Nodes below a root."""
        if root not in self._inside:
            self._inside[root] = frozenset(self._order(root))
        return self._inside[root]

    def _users(self, node: int, inside: frozenset[int]) -> list[int]:
        """Gates of a cone that use a node."""
        return [user for user in self._used_by.get(node, ()) if user in inside]

    def _found(self, root: int, failed: Collection[ComponentKey]) -> list[frozenset[ComponentKey]]:
        """Bottom-up over the gates that a failure can reach, and no others."""
        gates, variable = self._structure.gates, self._structure.variable
        inside = self._cone_nodes(root)
        cuts: dict[int, list[frozenset[ComponentKey]]] = {
            variable[key]: [frozenset([key])] for key in failed
        }
        # Gates are numbered arguments first, so that the lowest number is ready next.
        waiting = [user for node in cuts for user in self._users(node, inside)]
        heapify(waiting)
        done = -1
        while waiting:
            node = heappop(waiting)
            if node == done:
                continue
            done = node
            arguments = gates.arguments[node]
            struck = [cuts[argument] for argument in arguments if argument in cuts]
            # The gate falls when more of its arguments fall than it can spare.
            falls_with = len(arguments) - gates.need[node] + 1
            if len(struck) >= falls_with:
                cuts[node] = _smallest(
                    frozenset[ComponentKey]().union(*chosen)
                    for group in combinations(struck, falls_with)
                    for chosen in product(*group)
                )
                for user in self._users(node, inside):
                    heappush(waiting, user)
        return cuts.get(root, [])


_Member = TypeVar("_Member", bound=Hashable)


def _smallest(candidates: Iterable[frozenset[_Member]]) -> list[frozenset[_Member]]:
    """Sets that contain no other one."""
    kept: list[frozenset[_Member]] = []
    seen = set()
    for candidate in candidates:
        seen.add(candidate)
        if len(seen) > _MOST_CUTS:
            raise LimitError(
                f"more than {_MOST_CUTS} combinations of simultaneous incidents take one service "
                "down: merge incidents that describe one event"
            )
    for candidate in sorted(seen, key=len):
        if not any(other <= candidate for other in kept):
            kept.append(candidate)
    return kept


def smallest_cuts(cuts: Iterable[frozenset[str]]) -> Cuts:
    """Cuts that contain no other one, in a fixed order."""
    return tuple(sorted(_smallest(cuts), key=sorted))


def cut_weight(cuts: Cuts, impact: Mapping[str, Fraction], *, summed: bool = False) -> Fraction:
    """Share of traffic, users or capacity hit while these cuts are active (rule M6).

    Parameters
    ----------
    cuts : tuple of frozenset of str
        Cuts of a span.
    impact : mapping of str to Fraction
        Share hit by each incident [1].
    summed : bool
        Whether cuts add up, to 1 at most; else the worst one counts.

    Returns
    -------
    Fraction
        A cut hits no more than its mildest incident: members of a redundancy group have to be hit
        together.
    """
    hit = [min(impact[incident] for incident in cut) for cut in cuts]
    return min(Fraction(1), sum(hit, Fraction(0))) if summed else max(hit, default=Fraction(0))
