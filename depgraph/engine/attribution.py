"""Whose fault a minute was: but-for attribution by the structure function, and its rivals (P3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cached_property

from depgraph.engine.downtime import DownSpan
from depgraph.engine.regions import around
from depgraph.model.contract import Attribution
from depgraph.model.estate import Estate
from depgraph.model.incident import Incident

UNKNOWN_PARTY = ""
"""Stands for whoever answers for an incident that nobody could be found for."""
_SHARED = ("equal_split", "first_cause")
"""Policies under which parties share a minute: all, or those whose incidents began first."""


@dataclass(frozen=True)
class AttributedDowntime:
    """Downtime spread over the parties that caused it."""

    by_party: Mapping[str, timedelta]
    """Downtime by party; under `but_for` several parties may each answer for the same minute."""
    unattributed: timedelta
    """Downtime that the policy gives to nobody."""
    total: timedelta
    """Downtime in all."""


def attributed_downtime(
    spans: Iterable[DownSpan],
    party_of: Callable[[str], str],
    started: Mapping[str, datetime],
    policy: Attribution = "but_for",
) -> AttributedDowntime:
    """Spread downtime over causes (rule P3).

    Parameters
    ----------
    spans : iterable of DownSpan
        Downtime of one service.
    party_of : callable
        Party that answers for an incident, by incident id.
    started : mapping of str to datetime
        Start of each incident, for `first_cause`.
    policy : {'but_for', 'equal_split', 'first_cause', 'sole_cause_only'}
        What happens with minutes of several causes. ``but_for``: a party has the minutes in which
        the service would have been up without its incidents; ``equal_split``: the parties that
        took part share them; ``first_cause``: the party whose incident began first has them,
        parties whose incidents began at one instant share them; ``sole_cause_only``: nobody has
        them.
    """
    by_party: dict[str, timedelta] = {}
    total = unattributed = timedelta()
    for span in spans:
        length = span.end - span.start
        total += length
        shares = party_shares(span, party_of, started, policy)
        unattributed += length if not shares else timedelta()
        for party, share in shares.items():
            portion = length * share.numerator / share.denominator
            by_party[party] = by_party.get(party, timedelta()) + portion
    return AttributedDowntime(by_party, unattributed, total)


def party_shares(
    span: DownSpan,
    party_of: Callable[[str], str],
    started: Mapping[str, datetime],
    policy: Attribution,
) -> dict[str, Fraction]:
    """Share of one span that each party answers for; empty when the policy names nobody."""
    parties = sorted({party_of(incident) for incident in _answering(span, started, policy)})
    if policy in _SHARED:
        return dict.fromkeys(parties, Fraction(1, len(parties)))
    if policy == "sole_cause_only":
        return {parties[0]: Fraction(1)} if len(parties) == 1 else {}
    return {
        party: Fraction(1)
        for party in parties
        if not span.without(lambda incident, party=party: party_of(incident) == party)  # type: ignore[misc]  # default binds the loop variable
    }


def _answering(
    span: DownSpan, started: Mapping[str, datetime], policy: Attribution
) -> Sequence[str]:
    """Incidents of a span whose parties answer for it: all, or those that began first."""
    if policy != "first_cause":
        return tuple(span.incidents)
    first = min(started[incident] for incident in span.incidents)
    return [incident for incident in span.incidents if started[incident] == first]


def excused_stretches(
    spans: Iterable[DownSpan],
    excused: Callable[[str], bool],
    started: Mapping[str, datetime],
    policy: Attribution = "but_for",
    party_of: Callable[[str], str] = str,
) -> tuple[tuple[datetime, datetime], ...]:
    """Stretches of downtime that a set of excused incidents answers for (rule P3).

    Under ``equal_split`` each party that took part has an equal share of a span, under
    ``first_cause`` each that began first; the excused part comes first.

    Parameters
    ----------
    spans : iterable of DownSpan
        Downtime of one service.
    excused : callable
        Whether an incident is excused, by incident id.
    started : mapping of str to datetime
        Start of each incident.
    policy : str
        As in `attributed_downtime`, with two parties: the excused incidents and the others.
    party_of : callable
        Party that answers for an incident, where parties share; each its own when absent.
    """

    def side_of(incident: str) -> str:
        return "excused" if excused(incident) else "counted"

    found = []
    for span in spans:
        if policy in _SHARED:
            answering = _answering(span, started, policy)
            parties = {(party_of(name), side_of(name)) for name in answering}
            parts = [side for _, side in parties]
            share = Fraction(parts.count("excused"), len(parts))
        else:
            share = party_shares(span, side_of, started, policy).get("excused", Fraction(0))
        if not share:
            continue
        length = (span.end - span.start) * share.numerator / share.denominator
        found.append((span.start, span.start + length))
    return tuple(found)


class Responsibility:
    """Who answers for an incident, and whether a supplier can call it somebody else's.

    Parameters
    ----------
    estate : Estate
        Who provides and operates what, and who owns whom.
    incidents : iterable of Incident
        What happened.
    """

    def __init__(self, estate: Estate, incidents: Iterable[Incident]) -> None:
        self._estate = estate
        self._incident = {incident.id: incident for incident in incidents}
        self._group: dict[str, str] = {}
        self._party: dict[str, str] = {}

    @cached_property
    def _providers_at(self) -> Mapping[str, set[str]]:
        return _providers_at(self._estate)

    def group(self, organization: str) -> str:
        """The organization at the top of its ownership; affiliates are no third parties."""
        if organization not in self._group:
            top = organization
            while (parent := self._estate.organization[top].parent) is not None:
                top = parent
            self._group[organization] = top
        return self._group[organization]

    def party(self, incident_id: str) -> str:
        """Organization that answers for an incident; `UNKNOWN_PARTY` when nobody can say.

        The provider of a service, the operator of a location (else the one organization whose
        services stand there), the organization itself.
        """
        if incident_id not in self._party:
            self._party[incident_id] = self._found_party(self._incident[incident_id])
        return self._party[incident_id]

    def _found_party(self, incident: Incident) -> str:
        kind, name = self._estate.node_kinds(incident.affects)[0]
        if kind == "organization":
            return name
        if kind == "service":
            return self._estate.service[name].provider or UNKNOWN_PARTY
        return self._operator(name)

    def _operator(self, place: str) -> str:
        """Operator of a location or of one around it, else the only provider there."""
        here: str | None = place
        while here is not None:
            operator = self._estate.location[here].operator
            if operator is not None:
                return operator
            here = self._estate.location[here].within
        providers = self._providers_at.get(place, set())
        return next(iter(providers)) if len(providers) == 1 else UNKNOWN_PARTY

    def is_third_party(self, incident_id: str, supplier: str) -> bool:
        """Whether an incident lies outside a supplier's own organization (rule P3)."""
        return self.group(supplier) not in self.owners(incident_id)

    def owners(self, incident_id: str) -> frozenset[str]:
        """Groups of organizations whose own an incident is: to all others it is a third party's.

        A location that nobody operates counts as the own one of all whose services stand there.
        What nobody answers for is nobody's own.
        """
        incident = self._incident[incident_id]
        if incident.cause == "third_party":
            return frozenset()
        party = self.party(incident_id)
        if party != UNKNOWN_PARTY:
            return frozenset({self.group(party)})
        kind, name = self._estate.node_kinds(incident.affects)[0]
        present = self._providers_at.get(name, set()) if kind == "location" else set()
        return frozenset(self.group(provider) for provider in present)

    def is_customers(self, incident_id: str, service: str, customer: str) -> bool:
        """Whether the customer of a promise on a service caused an incident (rule M3).

        A cause class `customer` speaks of the customers of what the incident affects: it holds for
        promises on that very service, on those that stand in that place, or on those that this
        organization provides. What fails at the customer's own is the customer's as well.
        """
        incident = self._incident[incident_id]
        party = self.party(incident_id)
        if party != UNKNOWN_PARTY and self.group(party) == self.group(customer):
            return True
        return incident.cause == "customer" and self._is_of(incident, service)

    def _is_of(self, incident: Incident, service: str) -> bool:
        """Whether an incident affects a service, a place where it stands, or its provider."""
        kind, name = self._estate.node_kinds(incident.affects)[0]
        record = self._estate.service[service]
        if kind == "service":
            return name == service
        if kind == "organization":
            return name == record.provider
        places = {place for group in record.placements for place in group.of}
        return any(name in around(self._estate, place) for place in places)


def _providers_at(estate: Estate) -> dict[str, set[str]]:
    """Organizations whose services stand in each location or inside it."""
    found: dict[str, set[str]] = {}
    for service in estate.services:
        if service.provider is None:
            continue
        for placement in service.placements:
            for place in placement.of:
                here: str | None = place
                while here is not None:
                    found.setdefault(here, set()).add(service.provider)
                    here = estate.location[here].within
    return found
