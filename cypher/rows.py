"""An estate as rows for the graph: nodes with readable properties, edges with their ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from depgraph.model.dependency import Redundancy
from depgraph.model.estate import Estate
from depgraph.model.service import Service
from depgraph.record import Record

Row = dict[str, Any]

NODE_LISTS = {
    "Organization": "organizations",
    "Location": "locations",
    "Service": "services",
    "Function": "functions",
    "Contract": "contracts",
    "SLA": "slas",
    "Incident": "incidents",
}
"""Labels and the list of the estate that each is read back into; SLAs stand inside contracts."""


def canonical(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Canonical JSON text: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def record_text(record: Record) -> str:
    """A record as canonical JSON that reads back equal."""
    return canonical(record.model_dump(mode="json", exclude_defaults=True, by_alias=True))


def digest(estate: Estate) -> str:
    """SHA-256 of an estate's content."""
    return hashlib.sha256(record_text(estate).encode()).hexdigest()


def own_record(estate: Estate) -> str:
    """What stands in no node of its own: name, defaults, measurements, claims, conversions."""
    rest = {"name", "defaults", "measurements", "claims", "conversions"}
    data = estate.model_dump(mode="json", exclude_defaults=True, include=rest, by_alias=True)
    return canonical(data)


def node_rows(estate: Estate, name: str) -> Iterator[tuple[str, list[Row]]]:
    """Rows of every label.

    Parameters
    ----------
    estate : Estate
        What to write.
    name : str
        Name of the estate in the database.
    """
    slas = [sla for contract in estate.contracts for sla in contract.slas]
    for label, field in NODE_LISTS.items():
        records: Sequence[Any] = slas if label == "SLA" else getattr(estate, field)
        yield label, [_node(name, label, record, place) for place, record in enumerate(records)]


def _node(estate: str, label: str, record: Any, place: int) -> Row:  # noqa: ANN401 - records with an id
    key = node_key(estate, label, record.id)
    # SLAs are read back inside their contract; a second copy would only take room.
    stored = "" if label == "SLA" else record_text(record)
    properties = {
        "key": key,
        "id": record.id,
        "estate": estate,
        "position": place,
        "record": stored,
        **_readable(label, record),
    }
    return {"key": key, "properties": {k: v for k, v in properties.items() if v is not None}}


def _readable(label: str, record: Any) -> Row:  # noqa: ANN401, PLR0911 - records of seven classes
    """Scalar properties for people's queries; numbers are for reading, the record is exact."""
    own = getattr(record, "own_unavailability", None)
    common: Row = {"name": getattr(record, "name", "") or record.id}
    if own is not None:
        common["availability"] = float(1 - own)
        common["unavailability"] = float(own)
    if label == "Organization":
        return {**common, "is_own": record.own, "country": record.country, "lei": record.lei}
    if label == "Location":
        return {**common, "kind": record.kind, "country": record.country}
    if label == "Service":
        return {**common, "criticality": record.criticality, "provider": record.provider}
    if label == "Function":
        return {**common, "is_critical": record.critical}
    if label == "Contract":
        days = {"start_day": record.start, "end_day": record.end}
        shown = {k: v.isoformat() if v else None for k, v in days.items()}
        return {**common, **shown, "form": record.form, "clause": record.pass_through.clause}
    if label == "SLA":
        objective = record.availability_objective
        return {**common, "availability_target": float(objective.target) if objective else None}
    ends = {"start_time": record.start, "end_time": record.end}
    return {
        **common,
        **{k: v.isoformat() if v else None for k, v in ends.items()},
        "cause": record.cause,
    }


def node_key(estate: str, label: str, name: str) -> str:
    """Unique key of a node; JSON, so that no id can imitate another."""
    return canonical([estate, label, name])


def edge_rows(estate: Estate, name: str) -> Iterator[tuple[str, list[Row]]]:
    """Rows of every kind of edge, by the name of its statement."""

    def edge(start: tuple[str, str], end: tuple[str, str], **properties: Any) -> Row:  # noqa: ANN401
        ends = node_key(name, *start), node_key(name, *end)
        group = properties.get("group_key", "")
        key = canonical([*ends, group])
        kept = {k: v for k, v in properties.items() if v is not None and k != "group_key"}
        return {"from": ends[0], "to": ends[1], "key": key, "properties": {"key": key, **kept}}

    yield (
        "provides",
        [
            edge(("Organization", s.provider), ("Service", s.id))
            for s in estate.services
            if s.provider
        ],
    )
    yield (
        "depends_on",
        [
            edge(("Service", service.id), ("Service", provider), **properties)
            for service in estate.services
            for provider, properties in _dependencies(service)
        ],
    )
    yield (
        "located_in",
        [
            edge(
                ("Service", s.id),
                ("Location", place),
                at_least=group.at_least,
                group_key=str(number),
            )
            for s in estate.services
            for number, group in enumerate(s.placements)
            for place in group.of
        ],
    )
    yield (
        "within",
        [edge(("Location", p.id), ("Location", p.within)) for p in estate.locations if p.within],
    )
    yield (
        "owned_by",
        [
            edge(("Organization", o.id), ("Organization", o.parent))
            for o in estate.organizations
            if o.parent
        ],
    )
    contracts = estate.contracts
    yield "supplied_by", [edge(("Contract", c.id), ("Organization", c.supplier)) for c in contracts]
    yield "supplied_to", [edge(("Contract", c.id), ("Organization", c.customer)) for c in contracts]
    slas = [(c, sla) for c in contracts for sla in c.slas]
    yield "holds", [edge(("Contract", c.id), ("SLA", sla.id)) for c, sla in slas]
    yield "covers", [edge(("SLA", sla.id), ("Service", sla.service)) for _, sla in slas]
    yield (
        "supports",
        [edge(("Service", s.id), ("Function", f)) for s in estate.services for f in s.supports],
    )
    for kind in ("service", "location", "organization"):
        yield (
            f"affects_{kind}",
            [
                edge(("Incident", incident.id), (kind.capitalize(), target))
                for incident in estate.incidents
                for found, target in estate.node_kinds(incident.affects)
                if found == kind
            ],
        )


def _dependencies(service: Service) -> Iterator[tuple[str, Row]]:
    """Providers of a service, each with the edge's properties; equal edges are one."""
    seen: set[tuple[str, str]] = set()
    for number, requirement in enumerate(service.requirements):
        if isinstance(requirement, Redundancy):
            group = requirement.name or f"group {number + 1}"
            beta = requirement.common_cause
            for member in requirement.of:
                yield member, {
                    "group": group, "at_least": requirement.at_least, "group_key": f"g{number}",
                    "hard": True, "common_cause": None if beta is None else float(beta),
                }  # fmt: skip
            continue
        soft = requirement.soft
        key = "hard" if soft is None else f"soft {soft}"
        if (requirement.service, key) not in seen:
            seen.add((requirement.service, key))
            yield requirement.service, {
                "hard": soft is None, "soft": None if soft is None else float(soft),
                "group_key": key,
            }  # fmt: skip
