"""Findings on records: contracts and their terms, providers, ids that are alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from depgraph.engine.committed import in_force
from depgraph.engine.contract_findings import contract_faults
from depgraph.engine.finding import Facts, Finding, note
from depgraph.engine.held import HeldAgreements
from depgraph.engine.proportionality import proportionality
from depgraph.engine.structure import required_services
from depgraph.likeness import alike_in_case


def _providers(facts: Facts) -> Iterator[Finding]:
    """Services of nobody, and services used across groups without a contract (rule P8).

    Affiliates are one group, as in the flow-down: what one of them holds backs the others.
    """
    estate = facts.structure.estate
    group = HeldAgreements(estate).group
    held = {
        (group(contract.customer), sla.service)
        for contract in estate.contracts
        for sla in contract.slas
        if in_force(contract, sla, facts.day)
    }
    ours = estate.own_organizations
    groups = {group(own) for own in ours}
    for service in estate.services:
        if service.provider is None:
            yield note("service", service.id, "service-without-provider", "has no provider")
            continue
        for provided in sorted(set(required_services(service))):
            supplier = estate.service[provided].provider
            if supplier is None or {supplier, service.provider} <= ours:
                continue
            user = group(service.provider)
            if group(supplier) == user or (user, provided) in held:
                continue
            if service.provider in ours and any((own, provided) in held for own in groups):
                continue
            yield Finding(
                code="no-contract",
                level="warning",
                kind="service",
                subject=service.id,
                message=f"{service.provider} uses {provided} of {supplier} for {service.id} "
                "with no SLA in force between them",
                hint="add the contract, or agree one",
                rule="P8",
                also=(provided,),
            )


def _contract_terms(facts: Facts) -> Iterator[Finding]:
    """Contracts that have ended, and clauses that are missing."""
    for contract in facts.structure.estate.contracts:
        if contract.end is not None and contract.end < facts.day:
            message = f"ended on {contract.end}"
            yield note("contract", contract.id, "contract-ended", message, "warning")
        absent = [
            name
            for name in ("audit_right", "exit_assistance_days", "subcontracting", "data_residency")
            if getattr(contract, name) is None
        ]
        if absent:
            message = f"says nothing known on {', '.join(absent)}"
            yield note("contract", contract.id, "missing-clause", message)
        for sla in contract.slas:
            if sla.availability_objective is None:
                yield note("SLA", sla.id, "no-availability-objective", "promises no availability")
            elif sla.credits is None:
                yield note("SLA", sla.id, "no-remedy", "gives no remedy for a miss")


def _faulty_terms(facts: Facts) -> Iterator[Finding]:
    """Schedules, fees and currencies on which nothing should be settled (rules K1, K3, P9)."""
    for fault in contract_faults(facts.structure.estate):
        yield Finding(
            code=fault.code,
            level=fault.level,
            kind="SLA" if fault.sla else "contract",
            subject=fault.sla or fault.contract,
            message=fault.message,
            hint=fault.hint,
            rule=fault.rule,
            also=(fault.contract,),
        )


def _proportion(facts: Facts) -> Iterator[Finding]:
    """Remedies out of proportion to what they protect, as an input to counsel (rule K6)."""
    for row in proportionality(facts.structure.estate):
        share = row.share_of_annual_value
        if "liquidated_damages" in row.natures and share is not None and share > 1:
            yield Finding(
                code="remedy-exceeds-value",
                level="warning",
                kind="contract",
                subject=row.contract,
                message=f"the liquidated damages of {row.contract} can reach {row.text}",
                hint="ask counsel whether they are proportionate; cap them below the value",
                rule="K6",
            )
        if "price_adjustment" not in row.natures and row.hours_covered is not None:
            if row.hours_covered >= 1:
                continue
            yield Finding(
                code="remedy-below-loss",
                level="note",
                kind="contract",
                subject=row.contract,
                message=f"the only remedy of {row.contract} pays less in its worst month than one "
                f"hour of stated loss: {row.text}",
                hint="negotiate a higher cap or keep the claim for the loss beyond the credit",
                rule="K6",
            )


def _alike(facts: Facts) -> Iterator[Finding]:
    """Ids that differ in capitals alone: what one record says may be meant for the other."""
    estate = facts.structure.estate
    for kind, ids in (
        ("organization", estate.organization),
        ("location", estate.location),
        ("service", estate.service),
        ("contract", estate.contract),
        ("SLA", estate.sla),
    ):
        for first, other in alike_in_case(ids):
            yield Finding(
                code="ids-alike",
                level="warning",
                kind=kind,
                subject=other,
                message=f"{other} and {first} differ in capitals alone, and are two records",
                hint="merge them, or rename one",
                rule="A3",
                also=(first,),
            )


RECORD_FINDINGS: tuple[Callable[[Facts], Iterator[Finding]], ...] = (
    _providers,
    _contract_terms,
    _faulty_terms,
    _proportion,
    _alike,
)
"""One kind of finding each."""
