"""Records of an estate as a form takes them, and the estate with one of them changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from depgraph.model.contract import Contract
from depgraph.model.estate import Estate
from depgraph.model.location import Location
from depgraph.model.organization import Organization
from depgraph.model.service import Function, Service
from depgraph.model.sla import Sla
from depgraph.record import Record
from ingest.proposal import Proposal, proposal_with_record, proposal_without

MODELS: Mapping[str, type[Record]] = {
    "services": Service, "organizations": Organization, "locations": Location,
    "functions": Function, "contracts": Contract, "slas": Sla,
}  # fmt: skip
"""Model of each kind of record that has a form."""
_BY_ID = {
    "services": "service", "organizations": "organization", "locations": "location",
    "functions": "function",
}  # fmt: skip


def ids_of(estate: Estate, kind: str) -> list[str]:
    """Ids of the records of a kind, in the order of the estate."""
    if kind == "slas":
        return list(estate.sla)
    return [record.id for record in getattr(estate, kind)]


def plain_record(estate: Estate, kind: str, identifier: str) -> dict[str, Any]:
    """One record as plain values, defaults left out.

    Parameters
    ----------
    estate : Estate
        What holds it.
    kind : str
        Name of its list, such as ``services``; or ``slas``.
    identifier : str
        Its id.
    """
    record: Record
    if kind == "slas":
        record = estate.sla[identifier][1]
    elif kind == "contracts":
        record = next(c for c in estate.contracts if c.id == identifier)
    else:
        record = getattr(estate, _BY_ID[kind])[identifier]
    return record.model_dump(mode="json", exclude_defaults=True, by_alias=True)


def with_record(
    estate: Estate, kind: str, record: dict[str, Any], contract: str | None
) -> Proposal:
    """Estate with a record of any kind; SLAs stand in their contract.

    Parameters
    ----------
    estate : Estate
        The estate as it is.
    kind : str
        One of `MODELS`.
    record : dict
        The record as plain values; it takes the place of the one with its id.
    contract : str, optional
        Contract of an SLA; None for other kinds.

    Returns
    -------
    Proposal
        The estate, or what is wrong; neither for an SLA without its contract.
    """
    if kind != "slas":
        return proposal_with_record(estate, kind, record)
    if contract is None:
        return Proposal(None, ())
    slas = [r for r in _plain_slas(estate, contract) if r["id"] != record.get("id")]
    return _with_slas(estate, contract, [*slas, record])


def without_record(estate: Estate, kind: str, identifier: str) -> Proposal:
    """Estate without a record."""
    if kind != "slas":
        return proposal_without(estate, kind, identifier)
    contract = estate.sla[identifier][0].id
    slas = [r for r in _plain_slas(estate, contract) if r["id"] != identifier]
    return _with_slas(estate, contract, slas)


def _plain_slas(estate: Estate, contract: str) -> list[dict[str, Any]]:
    held: list[dict[str, Any]] = plain_record(estate, "contracts", contract).get("slas", [])
    return held


def _with_slas(estate: Estate, contract: str, slas: list[dict[str, Any]]) -> Proposal:
    record = {**plain_record(estate, "contracts", contract), "slas": slas}
    return proposal_with_record(estate, "contracts", record)
