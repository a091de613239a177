"""Real outages aimed at an estate: what that day would have done here (rule W1).

What is on record decides how wide the aim is: services that the outage names and that stand in its
region come first; only where the record says so does a whole region or provider fall. Nothing is
guessed beyond that: without a match the candidates are listed and the reader aims.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from depgraph.engine.names import holds, is_provider, names_place, words_of
from depgraph.errors import DomainError, Problem, RegisterError
from depgraph.model.estate import Estate, NodeKind
from depgraph.model.incident import Incident
from depgraph.model.location import Location
from depgraph.model.preset import NamedService, OutagePhase, OutagePreset
from depgraph.model.service import Service
from depgraph.record import Record
from depgraph.wording import did_you_mean

Reason = Literal[
    "named service", "region", "provider", "zone of the region", "other region", "aimed"
]


class Candidate(Record):
    """Something in the estate that a real outage could have struck."""

    kind: NodeKind
    """What it is."""
    id: str
    """Its id."""
    reason: Reason
    """Why it is a candidate."""
    matched: str
    """The name on record that it matches."""
    chosen: bool
    """Whether it is what the record says was struck; the others need an explicit aim."""


def aimed(
    preset: OutagePreset,
    estate: Estate,
    aim: Sequence[str] = (),
    *,
    start: datetime | None = None,
    variant: str | None = None,
) -> tuple[Incident, ...]:
    """Incidents that a real outage makes in an estate.

    Parameters
    ----------
    preset : OutagePreset
        The outage.
    estate : Estate
        Where it strikes.
    aim : sequence of str, optional
        What it strikes instead of what matches: ids, ``kind:id`` where an id is ambiguous.
    start : datetime, optional
        When it is to begin; as on record when absent. All its windows move along.
    variant : str, optional
        Name of another end on record; it then ends everything that is struck.

    Raises
    ------
    RegisterError
        If nothing matches, with what could be aimed at; or if an aim names nothing.
    DomainError
        If the variant does not exist, or the start has no zone.
    """
    if start is not None and start.utcoffset() is None:
        raise DomainError(f"the start {start.isoformat()} has no time zone: add Z for UTC")
    end = _end(preset, variant)
    shift = timedelta() if start is None else start - preset.start
    struck = _aims(estate, aim) if aim else _chosen(preset, estate)
    incidents = []
    for candidate in struck:
        for number, phase in enumerate(_phases(preset, candidate, end, by_variant=bool(variant))):
            incidents.append(_incident(preset, estate, candidate, (phase, number, shift)))
    return tuple(incidents)


def candidates(preset: OutagePreset, estate: Estate) -> tuple[Candidate, ...]:
    """Everything in an estate that a real outage could have struck, what it struck first.

    Parameters
    ----------
    preset : OutagePreset
        The outage.
    estate : Estate
        Where to look.
    """
    found = list(_Matcher(preset, estate).found())
    return tuple(sorted(found, key=lambda candidate: not candidate.chosen))


def _chosen(preset: OutagePreset, estate: Estate) -> list[Candidate]:
    """What the record says was struck; a problem that lists the rest when it is nothing."""
    every = candidates(preset, estate)
    chosen = [candidate for candidate in every if candidate.chosen]
    if chosen:
        return chosen
    where = f" in {', '.join(names[0] for names in preset.regions)}" if preset.regions else ""
    what = ", ".join(service.name for service in preset.services) or "its services"
    shown = ", ".join(f"{c.kind}:{c.id}" for c in every[:10])
    raise RegisterError(
        f"{preset.id} strikes nothing that can be recognised in the estate",
        [
            Problem(
                code="nothing-to-strike",
                what=f"nothing matches {preset.provider.name} ({what}){where}",
                hint=f"aim at one of {shown}"
                if shown
                else "aim at a service, place or organization",
                value=preset.id,
            )
        ],
    )


def _aims(estate: Estate, aim: Sequence[str]) -> list[Candidate]:
    """Things that explicit aims mean; all faults at once."""
    found, problems = [], []
    known = [*estate.service, *estate.location, *estate.organization]
    for place, reference in enumerate(dict.fromkeys(aim)):
        kinds = estate.node_kinds(reference)
        if len(kinds) == 1:
            [(kind, name)] = kinds
            found.append(
                Candidate(kind=kind, id=name, reason="aimed", matched=reference, chosen=True)
            )
            continue
        hint = did_you_mean(reference.split(":")[-1], known, "correct the id")
        problems.append(
            Problem(
                code="ambiguous-reference" if kinds else "unknown-reference",
                what=f"{reference!r} is the id of several things"
                if kinds
                else f"no service, location or organization has the id {reference!r}",
                hint=f"write {' or '.join(f'{k}:{n}' for k, n in kinds)}" if kinds else hint,
                value=reference,
                path=("aim", place),
            )
        )
    if problems:
        raise RegisterError("the aim names unknown things", problems)
    return found


def _end(preset: OutagePreset, variant: str | None) -> datetime | None:
    """End of the whole outage by the account that was chosen."""
    if variant is None:
        return preset.end
    ends = {v.name: v.end for v in preset.variants}
    if variant not in ends:
        known = f"choose from {', '.join(ends)}" if ends else "it has only one"
        raise DomainError(f"{preset.id} has no end called {variant!r}: {known}")
    return ends[variant]


def _phases(
    preset: OutagePreset, candidate: Candidate, end: datetime | None, *, by_variant: bool
) -> list[tuple[datetime, datetime | None, OutagePhase | None]]:
    """Windows in which one thing was struck."""
    if preset.phases and not by_variant:
        return [(phase.start, phase.end, phase) for phase in preset.phases]
    known = {service.name: service for service in preset.services}
    own = known.get(candidate.matched) if candidate.reason == "named service" else None
    if own is None or by_variant:
        return [(preset.start, end, None)]
    return [(own.start or preset.start, own.end or end, None)]


def _incident(
    preset: OutagePreset,
    estate: Estate,
    candidate: Candidate,
    part: tuple[tuple[datetime, datetime | None, OutagePhase | None], int, timedelta],
) -> Incident:
    """One incident of one thing in one window."""
    (start, end, phase), number, shift = part
    plain = len(estate.node_kinds(candidate.id)) == 1
    doubt = f" Not sure: {preset.doubt}." if preset.doubt else ""
    phase_note = f" {phase.note}." if phase and phase.note else ""
    return Incident(
        id=f"{preset.id}:{candidate.kind}:{candidate.id}" + (f":{number + 1}" if phase else ""),
        affects=candidate.id if plain else f"{candidate.kind}:{candidate.id}",
        start=start + shift,
        end=None if end is None else end + shift,
        cause=phase.cause if phase else preset.cause,
        impact=preset.impact,
        source=preset.source,
        root_cause=preset.root_cause,
        note=f"{_struck(preset, candidate)} {preset.summary}{phase_note}{doubt}",
    )


def _struck(preset: OutagePreset, candidate: Candidate) -> str:
    """Say how wide the aim is, so that nobody takes it for the record."""
    if candidate.reason == "named service":
        return f"As {candidate.matched} of {preset.provider.name} on record."
    if candidate.reason == "aimed":
        return f"Aimed by hand; on record it was {preset.provider.name}."
    return f"Taken as struck as a whole: {candidate.matched}."


class _Matcher:
    """Recognises one outage's provider, regions and services in one estate."""

    def __init__(self, preset: OutagePreset, estate: Estate) -> None:
        self._preset = preset
        self._estate = estate
        self._organizations = [
            o.id
            for o in estate.organizations
            if is_provider(preset.provider, (o.id, o.name, *o.aliases), o.domain)
        ]
        self._regions = {
            place.id: name
            for place in estate.locations
            if (name := self._region(place)) is not None
        }

    def found(self) -> Iterator[Candidate]:
        """Every candidate."""
        services = list(self._services())
        yield from services
        wide = not any(candidate.chosen for candidate in services)
        for place, name in self._regions.items():
            around = self._estate.location[place].within
            whole = around not in self._regions and self._is_whole(place)
            yield Candidate(
                kind="location",
                id=place,
                reason="region" if whole else "zone of the region",
                matched=name,
                chosen=wide and self._preset.hits == "region" and around not in self._regions,
            )
        yield from self._other_regions()
        for organization in self._organizations:
            yield Candidate(
                kind="organization",
                id=organization,
                reason="provider",
                matched=self._preset.provider.name,
                chosen=wide and self._preset.hits == "provider",
            )

    def _other_regions(self) -> Iterator[Candidate]:
        """Places of the provider elsewhere, for a reader who asks what if it had struck there."""
        for place in self._estate.locations if self._preset.regions else ():
            ours = place.operator in self._organizations and not self._lies_there(place.id)
            if ours and self._is_whole(place.id):
                yield Candidate(
                    kind="location",
                    id=place.id,
                    reason="other region",
                    matched=self._preset.provider.name,
                    chosen=False,
                )

    def _services(self) -> Iterator[Candidate]:
        """Services of the provider that the record names; struck if they stand in its region."""
        for service in self._estate.services:
            if not self._provides(service):
                continue
            name = self._named(service)
            if name is not None:
                yield Candidate(
                    kind="service",
                    id=service.id,
                    reason="named service",
                    matched=name.name,
                    chosen=self._stands_there(service),
                )

    def _provides(self, service: Service) -> bool:
        """Whether the service is the provider's; by its own name where no provider is given."""
        if service.provider is not None:
            return service.provider in self._organizations
        names = (self._preset.provider.name, *self._preset.provider.aliases)
        return any(
            holds(words_of(text), words_of(name))
            for text in (service.id, service.name)
            for name in names
        )

    def _named(self, service: Service) -> NamedService | None:
        """Longest name on record that the service's id or name holds."""
        matching = [
            named
            for named in self._preset.services
            if any(
                holds(words_of(text), words_of(named.name)) for text in (service.id, service.name)
            )
        ]
        return max(matching, key=lambda named: len(named.name), default=None)

    def _stands_there(self, service: Service) -> bool:
        """Whether too few of the places that it needs lie outside the regions struck (A1, A2)."""
        if not self._preset.regions:
            return True
        return any(
            sum(not self._lies_there(place) for place in group.of) < group.at_least
            for group in service.placements
        )

    def _lies_there(self, place: str | None) -> bool:
        while place is not None:
            if place in self._regions:
                return True
            place = self._estate.location[place].within
        return False

    def _region(self, place: Location) -> str | None:
        """Region on record that a place is, or is a zone of."""
        if place.operator is not None and place.operator not in self._organizations:
            return None
        for names in self._preset.regions:
            for name in names:
                if any(names_place(text, name) for text in (place.id, place.name)):
                    return names[0]
        return None

    def _is_whole(self, place: str) -> bool:
        return self._estate.location[place].kind not in {"zone", "data_centre"}
