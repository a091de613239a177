"""The edges of an estate as rows for the graph: both ends, and properties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from cypher.rows import Row, node_key, text_list
from depgraph.model.dependency import Redundancy
from depgraph.model.estate import Estate
from depgraph.model.service import Service

End = tuple[str, str]
"""Label and id of a node."""


@dataclass(frozen=True)
class EdgeKind:
    """One kind of edge, which one statement creates."""

    start: str
    """Label of the nodes that it leaves."""
    type: str
    """Type of the edge."""


EDGE_KINDS = {
    "provides": EdgeKind("Organization", "PROVIDES"),
    "owned_by": EdgeKind("Organization", "OWNED_BY"),
    "within": EdgeKind("Location", "WITHIN"),
    "depends_on": EdgeKind("Service", "DEPENDS_ON"),
    "located_in": EdgeKind("Service", "LOCATED_IN"),
    "supports": EdgeKind("Service", "SUPPORTS"),
    "supplied_by": EdgeKind("Contract", "SUPPLIED_BY"),
    "supplied_to": EdgeKind("Contract", "SUPPLIED_TO"),
    "holds": EdgeKind("Contract", "HOLDS"),
    "covers": EdgeKind("SLA", "COVERS"),
    "flows_down": EdgeKind("SLA", "FLOWS_DOWN"),
    "affects_service": EdgeKind("Incident", "AFFECTS"),
    "affects_location": EdgeKind("Incident", "AFFECTS"),
    "affects_organization": EdgeKind("Incident", "AFFECTS"),
}
"""Kinds of edges by the name of their statement."""


def edge_rows(
    estate: Estate, name: str, flows_down: Sequence[Row] = ()
) -> Iterator[tuple[str, list[Row]]]:
    """Rows of every kind of edge: from, to and properties, of which ``key`` is one.

    The key tells apart the edges of one type that leave one node.

    Parameters
    ----------
    estate : Estate
        What to write.
    name : str
        Name of the estate in the database.
    flows_down : sequence of dict
        Flow-down edges between SLAs: from, to, obligation, promised, held, status.
    """
    keys = cache(lambda end: node_key(name, *end))
    for kind, edges in _edges(estate, flows_down):
        yield (
            kind,
            [
                {"from": keys(start), "to": keys(end), "properties": _properties(end, *rest)}
                for start, end, *rest in edges
            ],
        )


def _properties(end: End, apart: str = "", properties: Row | None = None) -> Row:
    """Properties of an edge; `apart` tells it from others between the same nodes."""
    kept = {k: v for k, v in (properties or {}).items() if v is not None}
    return {"key": text_list(*end, apart), **kept}


def _edges(
    estate: Estate, flows_down: Sequence[Row]
) -> Iterator[tuple[str, Iterable[tuple[Any, ...]]]]:
    """Start, end, what tells it apart, and properties of the edges of every kind."""
    organizations, places = estate.organizations, estate.locations
    yield (
        "provides",
        ((("Organization", s.provider), ("Service", s.id)) for s in estate.services if s.provider),
    )
    yield (
        "owned_by",
        ((("Organization", o.id), ("Organization", o.parent)) for o in organizations if o.parent),
    )
    yield "within", ((("Location", p.id), ("Location", p.within)) for p in places if p.within)
    yield (
        "depends_on",
        (
            (("Service", s.id), ("Service", provider), apart, properties)
            for s in estate.services
            for provider, apart, properties in _dependencies(s)
        ),
    )
    yield (
        "located_in",
        (
            (("Service", s.id), ("Location", place), str(number), {"at_least": group.at_least})
            for s in estate.services
            for number, group in enumerate(s.placements)
            for place in group.of
        ),
    )
    yield (
        "supports",
        ((("Service", s.id), ("Function", f)) for s in estate.services for f in s.supports),
    )
    yield from _contract_edges(estate, flows_down)
    for kind in ("service", "location", "organization"):
        yield (
            f"affects_{kind}",
            (
                (("Incident", incident.id), (kind.capitalize(), target))
                for incident in estate.incidents
                for found, target in estate.node_kinds(incident.affects)
                if found == kind
            ),
        )


def _contract_edges(
    estate: Estate, flows_down: Sequence[Row]
) -> Iterator[tuple[str, Iterable[tuple[Any, ...]]]]:
    """Edges of contracts and of SLAs."""
    contracts = estate.contracts
    slas = [(c, sla) for c in contracts for sla in c.slas]
    for kind, party in (("supplied_by", "supplier"), ("supplied_to", "customer")):
        yield kind, ((("Contract", c.id), ("Organization", getattr(c, party))) for c in contracts)
    yield "holds", ((("Contract", c.id), ("SLA", sla.id)) for c, sla in slas)
    yield "covers", ((("SLA", sla.id), ("Service", sla.service)) for _, sla in slas)
    yield "flows_down", (
        (
            ("SLA", flow["from"]), ("SLA", flow["to"]), flow["obligation"],
            {name: flow[name] for name in ("obligation", "promised", "held", "status")},
        )
        for flow in flows_down
    )  # fmt: skip


def _dependencies(service: Service) -> Iterator[tuple[str, str, Row]]:
    """Providers of a service, each with what tells the edge apart and its properties."""
    for number, requirement in enumerate(service.requirements):
        if isinstance(requirement, Redundancy):
            beta = requirement.common_cause
            properties = {
                "group": requirement.name or f"group {number + 1}",
                "at_least": requirement.at_least,
                "hard": True,
                "common_cause": None if beta is None else float(beta),
            }
            for member in requirement.of:
                yield member, f"g{number}", properties
            continue
        soft = requirement.soft
        apart = "hard" if soft is None else f"soft {soft}"
        properties = {"hard": soft is None, "soft": None if soft is None else float(soft)}
        yield requirement.service, apart, properties
