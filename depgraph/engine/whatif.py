"""One outage, answered: who is down and why, what is owed, which clocks start (rules W2, W3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from depgraph.engine.clocks import Clock, clocks
from depgraph.engine.credits import rounded
from depgraph.engine.downtime import DownHistory, DownSpan
from depgraph.engine.intervals import intervals, minutes
from depgraph.engine.linked_entries import Question
from depgraph.engine.outage import Outage, OutageExplorer
from depgraph.engine.periods import spanning
from depgraph.engine.places_down import NodeDown, PlaceDown, places_down
from depgraph.engine.settle import settlement_of
from depgraph.engine.settlement import Books
from depgraph.engine.statement import Settlement
from depgraph.engine.structure import Structure
from depgraph.errors import DomainError
from depgraph.model.incident import Incident
from depgraph.record import Record
from depgraph.units import minor_unit

_LONGEST_PERIOD_DAYS = 367


class ServiceDown(NodeDown):
    """One stretch in which a service is down."""


class FunctionLoss(Record):
    """What a business function loses."""

    id: str
    """The function."""
    services: tuple[str, ...]
    """Its services that are down."""
    minutes: float
    """Time in which any of them is down [min]."""
    loss: Decimal | None
    """Loss per hour times that; None when none is stated."""
    currency: str
    """ISO 4217 code."""


class WhatIf(Record):
    """The answer to a scenario."""

    name: str
    """Name of the scenario."""
    why: str
    """Why it was asked."""
    services_down: tuple[ServiceDown, ...]
    """Every stretch of downtime, in order of time, what failed first before what it took down."""
    places_down: tuple[PlaceDown, ...] = ()
    """Every stretch in which a place is down: it fails, lies in one that does, or its operator
    fails as a whole."""
    functions: tuple[FunctionLoss, ...]
    """Business functions hit."""
    clocks: tuple[Clock, ...]
    """Regulatory clocks, if our own critical or important services are down."""
    settlement: Settlement
    """Who owes whom for it."""


def what_if(
    structure: Structure,
    incidents: Sequence[Incident],
    now: datetime,
    *,
    name: str = "",
    why: str = "",
) -> WhatIf:
    """Play incidents on an estate (rule W2).

    The incidents are taken alone: history on record, monitoring figures and claims with it, is not
    added to them. Periods are those in
    which they lie; nothing is left open, so figures are final.

    Parameters
    ----------
    structure : Structure
        The estate compiled, changes made.
    incidents : sequence of Incident
        What fails; each with its end.
    now : datetime
        The present; a scenario may lie in the future, then its end counts.
    name, why : str
        What the scenario is called, and why it is asked.

    Raises
    ------
    DomainError
        If there is no incident, one has no end, or they reach beyond the years of the calendar.
    """
    if not incidents:
        raise DomainError("nothing fails in this scenario: add incidents, or use --down")
    ends = [incident.end for incident in incidents if incident.end is not None]
    if len(ends) != len(incidents):
        lasting = ", ".join(incident.id for incident in incidents if incident.end is None)
        raise DomainError(
            f"every incident of a scenario needs its end; without one: {lasting} "
            "(add end: 2026-04-10T12:00:00Z)"
        )
    first, last = min(incident.start for incident in incidents), max(ends)
    asked = spanning(first, last)
    # Beyond the end of every period that the scenario touches: nothing is left open.
    clip = max(now, last + timedelta(days=_LONGEST_PERIOD_DAYS))
    history = DownHistory(structure, incidents, clip)
    down = _services_down(structure, history, incidents)
    books = Books(Question(structure, tuple(incidents), asked, None, clip, alone=True))
    return WhatIf(
        name=name,
        why=why,
        services_down=down,
        places_down=places_down(structure.estate, incidents),
        functions=_functions(structure, down),
        clocks=_clocks(structure, down, incidents),
        settlement=settlement_of(books),
    )


def _services_down(
    structure: Structure, history: DownHistory, incidents: Sequence[Incident]
) -> tuple[ServiceDown, ...]:
    by_id = {incident.id: incident for incident in incidents}
    explorer = OutageExplorer(structure)
    outages: dict[frozenset[str], Outage] = {}

    def because(service: str, span: DownSpan) -> tuple[str, ...]:
        active = frozenset(by_id[name].affects for name in span.incidents)
        if active not in outages:
            outages[active] = explorer.outage(sorted(active))
        return outages[active].because(service)

    found = [
        ServiceDown(
            id=service,
            start=span.start,
            end=span.end,
            minutes=span.minutes,
            because=because(service, span),
            incidents=tuple(sorted(span.incidents)),
        )
        for service in structure.up
        for span in history.spans(service)
    ]
    return tuple(sorted(found, key=lambda down: (down.start, len(down.because), down.id)))


def _functions(structure: Structure, down: Sequence[ServiceDown]) -> tuple[FunctionLoss, ...]:
    found = []
    for function in structure.estate.functions:
        struck = [
            each for each in down if function.id in structure.estate.service[each.id].supports
        ]
        if not struck:
            continue
        lost = _union_minutes(struck)
        rate = function.loss_per_hour
        loss = None
        if rate is not None:
            loss = rounded(Fraction(rate.amount) * lost / 60, minor_unit(rate.currency))
        found.append(
            FunctionLoss(
                id=function.id,
                services=tuple(dict.fromkeys(each.id for each in struck)),
                minutes=float(lost),
                loss=loss,
                currency=rate.currency if rate else "",
            )
        )
    return tuple(found)


def _union_minutes(down: Sequence[ServiceDown]) -> Fraction:
    return minutes(intervals((each.start, each.end) for each in down))


def _clocks(
    structure: Structure, down: Sequence[ServiceDown], incidents: Sequence[Incident]
) -> tuple[Clock, ...]:
    """Clocks, from the earliest awareness of what struck our own weighty services."""
    estate = structure.estate
    weighty = [
        each
        for each in down
        if estate.service[each.id].provider in estate.own_organizations
        and estate.service[each.id].criticality in {"critical", "important"}
    ]
    if not weighty:
        return ()
    struck = {name for each in weighty for name in each.incidents}
    named = [incident for incident in incidents if incident.id in struck]
    aware = min(incident.aware or incident.start for incident in named)
    classified = min((i.classified for i in named if i.classified), default=None)
    return clocks(aware, classified)
