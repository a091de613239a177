"""An estate as rows for the graph: nodes with readable properties, edges with their ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from depgraph.model.estate import Estate
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


canonical: Callable[[Any], str] = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False
).encode
"""Canonical JSON text: sorted keys, no spaces; `json.dumps` would make an encoder each time."""


def record_text(record: Record) -> str:
    """A record as canonical JSON that reads back equal."""
    return canonical(record.model_dump(mode="json", exclude_defaults=True, by_alias=True))


def digest(estate: Estate) -> str:
    """SHA-256 of an estate's content."""
    return text_digest(record_text(estate))


def text_digest(text: str) -> str:
    """SHA-256 of an estate's canonical text."""
    return hashlib.sha256(text.encode()).hexdigest()


def own_record(estate: Estate) -> str:
    """What stands in no node of its own: name, defaults, measurements, claims, conversions."""
    rest = {"name", "defaults", "measurements", "claims", "conversions"}
    data = estate.model_dump(mode="json", exclude_defaults=True, include=rest, by_alias=True)
    return canonical(data)


def joined_text(own: str, records: Mapping[str, Sequence[str]]) -> str:
    """Canonical text of an estate from the texts that its nodes carry.

    Parameters
    ----------
    own : str
        What `own_record` gives.
    records : mapping
        Texts of the records in order, by list of the estate.

    Returns
    -------
    str
        What `record_text` gives for the whole estate.
    """
    fields = {name: canonical(value) for name, value in json.loads(own).items()}
    fields |= {name: f"[{','.join(texts)}]" for name, texts in records.items() if texts}
    return "{" + ",".join(f'"{name}":{fields[name]}' for name in sorted(fields)) + "}"


def node_rows(estate: Estate, name: str) -> Iterator[tuple[str, list[Row]]]:
    """Properties of the nodes of every label.

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
    # SLAs are read back inside their contract; a second copy would only take room.
    stored = "" if label == "SLA" else record_text(record)
    properties = {
        "key": node_key(estate, label, record.id),
        "id": record.id,
        "estate": estate,
        "position": place,
        "record": stored,
        **_readable(label, record),
    }
    return {k: v for k, v in properties.items() if v is not None}


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
    return text_list(estate, label, name)


def text_list(*texts: str) -> str:
    """Canonical JSON of a list of texts: the encoder takes single ones five times as fast."""
    return f"[{','.join(map(canonical, texts))}]"
