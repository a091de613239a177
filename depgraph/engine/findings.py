"""What a reviewer should look at: one kind of finding per function, each with its fix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

import networkx as nx

from depgraph.engine.availability_answer import Assessment, ServiceAvailability
from depgraph.engine.committed import in_force
from depgraph.engine.contract_findings import contract_faults
from depgraph.engine.essential import essential_components
from depgraph.engine.proportionality import proportionality
from depgraph.engine.structure import Structure, required_services
from depgraph.model.dependency import Redundancy
from depgraph.model.likeness import alike_in_case
from depgraph.model.service import Service
from depgraph.record import Record

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("note", "warning", "error")
"""Levels, least severe first."""

_LEAST_MINUTES = 0.005
"""Two decimals show nothing below this [min]."""


class Finding(Record):
    """One thing to look at."""

    code: str
    """Stable short name of the kind of finding."""
    level: Level
    """How severe it is."""
    kind: str
    """What it is about: service, location, organization, contract, SLA, function."""
    subject: str
    """Id of what it is about."""
    message: str
    """What was found, with its figures."""
    hint: str
    """What to do."""
    rule: str
    """Rule it follows from."""
    also: tuple[str, ...] = ()
    """Other things that take part."""


@dataclass(frozen=True)
class _Facts:
    """What findings are drawn from."""

    structure: Structure
    assessment: Assessment
    day: date

    @property
    def services(self) -> Iterator[ServiceAvailability]:
        return iter(self.assessment.services)


def findings(structure: Structure, assessment: Assessment) -> tuple[Finding, ...]:
    """Every finding on an assessed estate, most severe first.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    assessment : Assessment
        All its services assessed.
    """
    facts = _Facts(structure, assessment, assessment.as_of)
    found = [finding for kind in _KINDS for finding in kind(facts)]
    return tuple(sorted(found, key=lambda f: (-LEVELS.index(f.level), f.code, f.subject)))


def _single_points_of_failure(facts: _Facts) -> Iterator[Finding]:
    """Components whose failure alone takes critical services down (rule A12)."""
    estate = facts.structure.estate
    taken: dict[str, list[str]] = {}
    for answer in facts.services:
        if estate.service[answer.id].criticality != "critical":
            continue
        for component in answer.single_points_of_failure:
            if component != answer.id:
                taken.setdefault(component, []).append(answer.id)
    for component, services in taken.items():
        yield Finding(
            code="single-point-of-failure",
            level="warning",
            kind="component",
            subject=component,
            message=f"{component} alone takes down {_listed(services)}",
            hint="add an independent alternative, or accept the risk",
            rule="A12",
            also=tuple(services),
        )


def _share(availability: float) -> str:
    """A share with nine digits; with all of them where it would read 1 (rule A9)."""
    short = f"{availability:.9g}"
    return short if short != "1" else f"{availability!r}"


def _minutes(value: float | None) -> str:
    """Minutes; what is not nothing does not look like it."""
    minutes = value or 0.0
    return f"{minutes:.3g} minutes" if 0.0 < minutes < _LEAST_MINUTES else f"{minutes:.2f} minutes"


def _promises(facts: _Facts) -> Iterator[Finding]:
    """Promises that suppliers cannot carry, or that the composite misses (rule A4)."""
    for answer in facts.services:
        if answer.committed is None:
            continue
        promise = answer.commitments[0]
        if answer.carried is False:
            yield Finding(
                code="promise-not-carried",
                level="error",
                kind="SLA",
                subject=promise.sla,
                message=(
                    f"{answer.id} is promised at {promise.target}, but what it requires is up "
                    f"{_share(answer.requirements_high)} of the time at best: "
                    f"{_minutes(answer.carried_shortfall_minutes_per_month)} a month short"
                ),
                hint="lower the promise, or add redundancy below it",
                rule="A4",
                also=(answer.id,),
            )
        elif answer.met is False:
            yield Finding(
                code="promise-not-met",
                level="error",
                kind="SLA",
                subject=promise.sla,
                message=(
                    f"{answer.id} is promised at {promise.target}, and delivers "
                    f"{_share(answer.high)} at best: "
                    f"{_minutes(answer.met_shortfall_minutes_per_month)} a month short"
                ),
                hint="improve the own component, or lower the promise",
                rule="A4",
                also=(answer.id,),
            )


def _unknown_figures(facts: _Facts) -> Iterator[Finding]:
    """Components without a figure, and how many results rest on them (rule A5)."""
    resting: dict[str, list[str]] = {}
    for answer in facts.services:
        for component in answer.unknown:
            resting.setdefault(component, []).append(answer.id)
    for component, services in resting.items():
        yield Finding(
            code="unknown-availability",
            level="warning",
            kind="component",
            subject=component,
            message=f"{component} has no figure; {_listed(services)} can only be bracketed",
            hint="give availability, unavailability, or mtbf_hours with mttr_hours",
            rule="A5",
            also=tuple(services),
        )


def _mutual_dependencies(facts: _Facts) -> Iterator[Finding]:
    """Rings (rule A6)."""
    for ring in facts.structure.rings:
        yield Finding(
            code="mutual-dependency",
            level="warning",
            kind="service",
            subject=ring[0],
            message=f"{_listed(list(ring))} require each other: once down together, "
            "none can start first",
            hint="check that a cold start is possible",
            rule="A6",
            also=ring,
        )


def _redundancy_not_real(facts: _Facts) -> Iterator[Finding]:
    """Groups whose members share something that takes them all down (rule A3)."""
    structure = facts.structure
    groups = list(_spared_groups(structure))
    # One pass for all groups: they rest on much the same.
    essential = essential_components(structure.gates, (node for _, _, node in groups))
    own = structure.estate.own_organizations
    for service, group, node in groups:
        names = sorted(structure.name(variable) for variable in essential[node])
        shared = [n for n in names if not n.startswith("common_cause") and n not in own]
        if shared:
            yield Finding(
                code="redundancy-not-real",
                level="error" if service.criticality == "critical" else "warning",
                kind="service",
                subject=service.id,
                message=f"the group {group.name or ', '.join(group.of)} of {service.id} "
                f"falls as a whole with {_listed(shared)}",
                hint="choose members that share nothing",
                rule="A3",
                also=tuple(shared),
            )


def _spared_groups(structure: Structure) -> Iterator[tuple[Service, Redundancy, int]]:
    """Groups of services that can spare a member, each with whose it is and its node."""
    for service in structure.estate.services:
        for group in service.depends_on:
            if isinstance(group, Redundancy) and group.at_least < len(group.of):
                members = [structure.up[member] for member in group.of]
                yield service, group, structure.gates.at_least(group.at_least, members)


def _providers(facts: _Facts) -> Iterator[Finding]:
    """Services of nobody, and services used across organizations without a contract (rule P8)."""
    estate = facts.structure.estate
    held = {
        (contract.customer, sla.service)
        for contract in estate.contracts
        for sla in contract.slas
        if in_force(contract, sla, facts.day)
    }
    for service in estate.services:
        if service.provider is None:
            yield _note("service", service.id, "service-without-provider", "has no provider")
            continue
        for provided in sorted(set(required_services(service))):
            supplier = estate.service[provided].provider
            ours = estate.own_organizations
            inside = supplier == service.provider or {supplier, service.provider} <= ours
            if supplier is None or inside or (service.provider, provided) in held:
                continue
            if service.provider in ours and any((own, provided) in held for own in ours):
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


def _contract_terms(facts: _Facts) -> Iterator[Finding]:
    """Contracts that have ended, and clauses that are missing."""
    for contract in facts.structure.estate.contracts:
        if contract.end is not None and contract.end < facts.day:
            message = f"ended on {contract.end}"
            yield _note("contract", contract.id, "contract-ended", message, "warning")
        absent = [
            name
            for name in ("audit_right", "exit_assistance_days", "subcontracting", "data_residency")
            if getattr(contract, name) is None
        ]
        if absent:
            message = f"says nothing known on {', '.join(absent)}"
            yield _note("contract", contract.id, "missing-clause", message)
        for sla in contract.slas:
            if sla.availability_objective is None:
                yield _note("SLA", sla.id, "no-availability-objective", "promises no availability")
            elif sla.credits is None:
                yield _note("SLA", sla.id, "no-remedy", "gives no remedy for a miss")


def _recovery(facts: _Facts) -> Iterator[Finding]:
    """Services that must recover sooner than what they require (rule L13)."""
    estate = facts.structure.estate
    for service in estate.services:
        if service.rto_hours is None:
            continue
        for provided in sorted(set(required_services(service))):
            theirs = estate.service[provided].rto_hours
            if theirs is not None and theirs > service.rto_hours:
                yield Finding(
                    code="recovery-too-slow",
                    level="warning",
                    kind="service",
                    subject=service.id,
                    message=f"{service.id} must be back in {service.rto_hours} h, "
                    f"but requires {provided}, which has {theirs} h",
                    hint="shorten the provider's recovery time, or lengthen the consumer's",
                    rule="L13",
                    also=(provided,),
                )


def _orphans(facts: _Facts) -> Iterator[Finding]:
    """Services that nothing uses, supports or promises."""
    estate = facts.structure.estate
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(estate.service)
    graph.add_edges_from((s.id, p) for s in estate.services for p in required_services(s))
    soft = {
        d.service for s in estate.services for d in s.requirements if not isinstance(d, Redundancy)
    }
    for service in estate.services:
        lonely = graph.degree(service.id) == 0 and service.id not in soft
        if lonely and not service.supports and service.id not in estate.slas_by_service:
            yield _note("service", service.id, "orphan", "is connected to nothing")


def _alike(facts: _Facts) -> Iterator[Finding]:
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


def _note(kind: str, subject: str, code: str, message: str, level: Level = "note") -> Finding:
    """A finding about one record."""
    return Finding(
        code=code,
        level=level,
        kind=kind,
        subject=subject,
        message=f"{subject} {message}",
        hint="complete the record",
        rule="D3" if kind == "contract" else "A2",
    )


def _listed(names: list[str], most: int = 5) -> str:
    """Names for people, a long list cut with its length said."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def _faulty_terms(facts: _Facts) -> Iterator[Finding]:
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


def _proportion(facts: _Facts) -> Iterator[Finding]:
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


_KINDS: tuple[Callable[[_Facts], Iterator[Finding]], ...] = (
    _single_points_of_failure,
    _promises,
    _unknown_figures,
    _mutual_dependencies,
    _redundancy_not_real,
    _providers,
    _contract_terms,
    _faulty_terms,
    _recovery,
    _orphans,
    _proportion,
    _alike,
)
