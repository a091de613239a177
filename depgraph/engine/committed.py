"""The committed availability of each service: which promise counts (rule A4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from depgraph.engine.structure import required_services
from depgraph.model.contract import Contract
from depgraph.model.estate import Estate
from depgraph.model.sla import Sla
from depgraph.record import Record


class Commitment(Record):
    """An availability promised for a service."""

    sla: str
    """The SLA that promises it."""
    contract: str
    """The contract that holds the SLA."""
    customer: str
    """Whom it is promised to."""
    target: Decimal
    """Promised availability [1]."""
    end_to_end: bool
    """Whether failures of third parties count against it."""
    counts: bool
    """Whether this is the promise that rule A4 picks."""
    carried: bool | None = None
    """Whether the suppliers can carry this promise at all; None where undecided."""
    met: bool | None = None
    """Whether the composite reaches this promise; None where undecided, and for a promise that does
    not count where the own figure is one that does: that says nothing of a stricter one."""
    carried_shortfall_minutes_per_month: float | None = None
    """Minutes a month that the requirements fall short of this promise, at best [min]."""
    met_shortfall_minutes_per_month: float | None = None
    """Minutes a month that the composite falls short of this promise, at best [min]; None where
    that says nothing."""


def commitments(estate: Estate, as_of: date) -> Mapping[str, tuple[Commitment, ...]]:
    """Promises in force by service, the one that counts first (rule A4).

    Parameters
    ----------
    estate : Estate
        Contracts and services.
    as_of : date
        Day on which an SLA must be in force.

    Returns
    -------
    mapping of str to tuple of Commitment
        Services without a promise are absent. The promise that counts is the one our own
        organization holds, else the one a consuming provider holds, else the lowest; among
        several of one rank the lowest counts.
    """
    if not estate.slas_by_service:
        return {}
    consumers: dict[str, set[str]] = {}
    for service in estate.services:
        for provider in required_services(service):
            if service.provider is not None:
                consumers.setdefault(provider, set()).add(service.provider)
    found: dict[str, tuple[Commitment, ...]] = {}
    for service_id, held in estate.slas_by_service.items():
        ranked = sorted(
            (
                (_rank(estate, contract, consumers.get(service_id, set())), target, contract, sla)
                for contract, sla in held
                if in_force(contract, sla, as_of) and (target := _target(sla)) is not None
            ),
            key=lambda row: (row[0], row[1], row[3].id),
        )
        if ranked:
            found[service_id] = tuple(
                Commitment(
                    sla=sla.id,
                    contract=contract.id,
                    customer=contract.customer,
                    target=target,
                    end_to_end=not sla.excludes_third_party,
                    counts=place == 0,
                )
                for place, (_, target, contract, sla) in enumerate(ranked)
            )
    return found


def in_force(contract: Contract, sla: Sla, day: date) -> bool:
    """Whether an SLA holds on a day: the contract runs and these terms are valid (rule L1).

    Parameters
    ----------
    contract : Contract
        The contract.
    sla : Sla
        One of its SLAs.
    day : date
        The day; the first and the last one belong to the terms.
    """
    start, end = term_of(contract, sla)
    return (start is None or start <= day) and (end is None or day <= end)


def term_of(contract: Contract, sla: Sla) -> tuple[date | None, date | None]:
    """First and last day on which an SLA holds (rule L1); None where its terms name none.

    Parameters
    ----------
    contract : Contract
        The contract.
    sla : Sla
        One of its SLAs.
    """
    start = max(filter(None, (contract.start, sla.valid_from)), default=None)
    end = min(filter(None, (contract.end, sla.valid_to)), default=None)
    return start, end


def services_covered(contracts: Iterable[Contract], day: date) -> frozenset[str]:
    """Services that any SLA of some contracts covers on a day, as by `in_force`."""
    return frozenset(
        sla.service
        for contract in contracts
        for sla in contract.slas
        if in_force(contract, sla, day)
    )


def _target(sla: Sla) -> Decimal | None:
    objective = sla.availability_objective
    return objective.target if objective else None


def _rank(estate: Estate, contract: Contract, consuming: set[str]) -> int:
    """0: our own organization holds it; 1: a consuming provider does; 2: anyone else."""
    if contract.customer in estate.own_organizations:
        return 0
    return 1 if contract.customer in consuming else 2
