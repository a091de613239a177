"""The part of an estate that bears on some services and on what may be changed."""

from __future__ import annotations

from collections.abc import Iterable

from depgraph.engine.structure import common_causes, required_services
from depgraph.errors import RegisterError
from depgraph.model.dependency import Dependency, Redundancy
from depgraph.model.estate import Estate


def relevant_estate(estate: Estate, services: Iterable[str]) -> Estate:
    """What services rest on, with the promises on it; the rest, and what happened, left out.

    Parameters
    ----------
    estate : Estate
        The whole.
    services : iterable of str
        Services to keep with everything that they require.

    Returns
    -------
    Estate
        Their availability is that of the whole. The whole itself where the part would not stand
        by itself.
    """
    consumers: dict[str, list[str]] = {}
    for service in estate.services:
        for provider in required_services(service):
            consumers.setdefault(provider, []).append(service.id)
    causes: dict[str, list[tuple[str, Redundancy]]] = {}
    for service in estate.services:
        for group in common_causes(service):
            for member in group.of:
                causes.setdefault(member, []).append((service.id, group))
    kept: set[str] = set()
    waiting = [name for name in services if name in estate.service]
    waiting += [s.id for s in estate.services if any(p.common_cause for p in s.placements)]
    while waiting:
        name = waiting.pop()
        if name in kept:
            continue
        kept.add(name)
        record = estate.service[name]
        waiting += required_services(record)
        waiting += [need.service for need in record.requirements if isinstance(need, Dependency)]
        # A cause that strikes two of these strikes them whoever named the group (rule A13).
        waiting += [c for c, group in causes.get(name, ()) if len(kept.intersection(group.of)) > 1]
        if len(estate.slas_by_service.get(name, ())) > 1:
            # Which of several promises counts depends on who consumes (rule A4).
            waiting += consumers.get(name, [])
    contracts = [
        contract.replace(slas=[sla for sla in contract.slas if sla.service in kept], findings=())
        for contract in estate.contracts
    ]
    try:
        return estate.replace(
            services=[service for service in estate.services if service.id in kept],
            contracts=contracts,
            incidents=(),
            measurements=(),
            claims=(),
        )
    except RegisterError:
        return estate
