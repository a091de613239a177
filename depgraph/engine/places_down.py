"""Which places an outage takes down, and through which chain (rules A1, W2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from depgraph.engine.intervals import instant, intervals
from depgraph.model.estate import Estate, NodeKind
from depgraph.model.incident import Incident
from depgraph.record import Record

Key = tuple[NodeKind, str]


class NodeDown(Record):
    """One stretch in which something is down."""

    id: str
    """What is down."""
    start: datetime
    """Since when."""
    end: datetime
    """Until when."""
    minutes: float
    """How long [min]."""
    because: tuple[str, ...]
    """The chain that explains it, what failed first (rule W2)."""
    incidents: tuple[str, ...]
    """Incidents that took part."""


class PlaceDown(NodeDown):
    """One stretch in which a place is down."""


def places_down(estate: Estate, incidents: Sequence[Incident]) -> tuple[PlaceDown, ...]:
    """Places that fail or fall with what does, in order of time (rule A1).

    A place is down while it fails itself, while a place around it is down, and while the
    organization that runs it fails as a whole.

    Parameters
    ----------
    estate : Estate
        Records.
    incidents : sequence of Incident
        What fails, each with its end; those without impact take nothing down.
    """
    by_cause: dict[Key, list[Incident]] = {}
    for incident in incidents:
        if incident.impact > 0 and incident.end is not None:
            cause = estate.node_kinds(incident.affects)[0]
            by_cause.setdefault(cause, []).append(incident)
    if not by_cause:
        return ()
    found = [
        each for location in estate.locations for each in _stretches(estate, location.id, by_cause)
    ]
    return tuple(sorted(found, key=lambda down: (down.start, len(down.because), down.id)))


def _stretches(
    estate: Estate, place: str, by_cause: dict[Key, list[Incident]]
) -> Iterable[PlaceDown]:
    """Stretches of one place; of several causes the nearest explains."""
    chains = _chains(estate, place)
    struck = [(chain, by_cause[cause]) for cause, chain in chains.items() if cause in by_cause]
    times = [(i.start, i.end) for _, active in struck for i in active if i.end is not None]
    for first, last in intervals(times).tolist():
        start, end = instant(first), instant(last)
        meant = [
            (chain, incident.id)
            for chain, active in struck
            for incident in active
            if incident.end is not None and start <= incident.start and incident.end <= end
        ]
        yield PlaceDown(
            id=place,
            start=start,
            end=end,
            minutes=(end - start).total_seconds() / 60,
            because=min((chain for chain, _ in meant), key=len),
            incidents=tuple(sorted(name for _, name in meant)),
        )


def _chains(estate: Estate, place: str) -> dict[Key, tuple[str, ...]]:
    """What takes a place down, with the chain from each to the place."""
    found: dict[Key, tuple[str, ...]] = {}
    inner: tuple[str, ...] = ()
    around: str | None = place
    while around is not None:
        location = estate.location[around]
        inner = (_name(estate, "location", around), *inner)
        found.setdefault(("location", around), inner)
        if location.operator is not None:
            name = _name(estate, "organization", location.operator)
            found.setdefault(("organization", location.operator), (name, *inner))
        around = location.within
    return found


def _name(estate: Estate, kind: NodeKind, name: str) -> str:
    """An id; with its kind where the id alone would be ambiguous, as in the chains of services."""
    return name if len(estate.node_kinds(name)) == 1 else f"{kind}:{name}"
