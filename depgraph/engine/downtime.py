"""Who was down when, and by which incidents: the history of a service from the structure (P3).

A span of downtime carries its *cuts*: the smallest sets of active incidents that take the service
down, all else working. Everything about causes follows from them: an incident took part if it is
in a cut; the service would have been up without a party if every cut holds an incident of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise, product

from depgraph.engine.failure_cuts import CutFinder, smallest
from depgraph.engine.structure import ComponentKey, Structure
from depgraph.model.incident import Incident

LONG_AGO = datetime.min.replace(tzinfo=UTC)
"""Before anything on record."""
Cuts = tuple[frozenset[str], ...]
"""Smallest sets of incident ids that take a service down."""


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
    since : datetime, optional
        Downtime before it is not looked at.
    """

    def __init__(
        self,
        structure: Structure,
        incidents: Sequence[Incident],
        as_of: datetime,
        since: datetime = LONG_AGO,
    ) -> None:
        self.structure = structure
        self.as_of = as_of
        self._since = since
        self._by_component: dict[ComponentKey, list[Incident]] = {}
        for incident in incidents:
            ended = incident.end is not None and incident.end <= since
            if incident.impact > 0 and incident.start < as_of and not ended:
                self._by_component.setdefault(self._component(incident), []).append(incident)
        self._cuts = CutFinder(structure, self._by_component)
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
            events = [
                (i, key) for key in self._cuts.struck(service) for i in self._by_component[key]
            ]
            self._spans[service] = self._merged(service, events)
        return self._spans[service]

    def _merged(
        self, service: str, events: Sequence[tuple[Incident, ComponentKey]]
    ) -> tuple[DownSpan, ...]:
        """Sweep over the instants at which the set of active incidents changes."""
        changes: dict[datetime, tuple[list[int], list[int]]] = {}
        for place, (incident, _) in enumerate(events):
            end = min(incident.end or self.as_of, self.as_of)
            changes.setdefault(max(incident.start, self._since), ([], []))[0].append(place)
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
        found = self._cuts.cuts(service, by_component)
        if len(found) == 1 and len(active) == 1:
            return (frozenset(by_component[active[0][1]]),)
        return smallest_cuts(
            frozenset(chosen)
            for cut in found
            for chosen in product(*(by_component[key] for key in cut))
        )


def smallest_cuts(cuts: Iterable[frozenset[str]]) -> Cuts:
    """Cuts that contain no other one, in a fixed order."""
    return tuple(sorted(smallest(cuts), key=sorted))


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
