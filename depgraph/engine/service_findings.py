"""Findings on services: what takes them down, what they cannot keep, what is not known of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import networkx as nx

from depgraph.engine.essential import essential_components
from depgraph.engine.finding import Facts, Finding, listed, note
from depgraph.engine.structure import Structure, required_services
from depgraph.model.dependency import Redundancy
from depgraph.model.service import Service

_LEAST_MINUTES = 0.005
"""Two decimals show nothing below this [min]."""


def _single_points_of_failure(facts: Facts) -> Iterator[Finding]:
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
            message=f"{component} alone takes down {listed(services)}",
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


def _promises(facts: Facts) -> Iterator[Finding]:
    """Promises that suppliers cannot carry, or that the composite misses (rule A4).

    Every promise in force is looked at: what the lowest keeps, a stricter one may miss.
    """
    for answer in facts.services:
        for promise in answer.commitments:
            if promise.carried is False:
                yield Finding(
                    code="promise-not-carried",
                    level="error",
                    kind="SLA",
                    subject=promise.sla,
                    message=(
                        f"{answer.id} is promised at {promise.target}, but what it requires is up "
                        f"{_share(answer.requirements_high)} of the time at best: "
                        f"{_minutes(promise.carried_shortfall_minutes_per_month)} a month short"
                    ),
                    hint="lower the promise, or add redundancy below it",
                    rule="A4",
                    also=(answer.id,),
                )
            elif promise.met is False:
                yield Finding(
                    code="promise-not-met",
                    level="error",
                    kind="SLA",
                    subject=promise.sla,
                    message=(
                        f"{answer.id} is promised at {promise.target}, and delivers "
                        f"{_share(answer.high)} at best: "
                        f"{_minutes(promise.met_shortfall_minutes_per_month)} a month short"
                    ),
                    hint="improve the own component, or lower the promise",
                    rule="A4",
                    also=(answer.id,),
                )


def _unknown_figures(facts: Facts) -> Iterator[Finding]:
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
            message=f"{component} has no figure; {listed(services)} can only be bracketed",
            hint="give availability, unavailability, or mtbf_hours with mttr_hours",
            rule="A5",
            also=tuple(services),
        )


def _mutual_dependencies(facts: Facts) -> Iterator[Finding]:
    """Rings (rule A6)."""
    for ring in facts.structure.rings:
        yield Finding(
            code="mutual-dependency",
            level="warning",
            kind="service",
            subject=ring[0],
            message=f"{ring[0]} requires itself: once down, it cannot start"
            if len(ring) == 1
            else f"{listed(list(ring))} require each other: once down together, "
            "none can start first",
            hint="check that a cold start is possible",
            rule="A6",
            also=ring,
        )


def _redundancy_not_real(facts: Facts) -> Iterator[Finding]:
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
                f"falls as a whole with {listed(shared)}",
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


def _recovery(facts: Facts) -> Iterator[Finding]:
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


def _orphans(facts: Facts) -> Iterator[Finding]:
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
            yield note("service", service.id, "orphan", "is connected to nothing")


SERVICE_FINDINGS: tuple[Callable[[Facts], Iterator[Finding]], ...] = (
    _single_points_of_failure,
    _promises,
    _unknown_figures,
    _mutual_dependencies,
    _redundancy_not_real,
    _recovery,
    _orphans,
)
"""One kind of finding each."""
