"""Exports to other people's standards: OpenSLO v1 and CycloneDX 1.6 services."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from depgraph.model.dependency import Dependency
from depgraph.model.estate import Estate
from depgraph.model.service import Service
from depgraph.model.sla import Objective
from ingest.formats.cyclonedx import FIGURES, NEEDS, OWN
from ingest.formats.openslo import MEASURE

_ANY_GOOD = 1e-6
"""Share of good requests from which an interval has not failed entirely [1]."""
_WINDOWS = {"month": "1M", "quarter": "1Q", "year": "1Y"}


def openslo_text(estate: Estate) -> str:
    """Services and availability objectives as OpenSLO v1, one document each."""
    whole = "".join(
        f"# left out: SLA {json.dumps(sla.id)} promises 100 %, and a target of OpenSLO is below 1\n"
        for _, sla in estate.sla.values()
        if sla.availability_objective and sla.availability_objective.target == 1
    )
    return whole + yaml.safe_dump_all(_openslo(estate), sort_keys=False, allow_unicode=True)


def _openslo(estate: Estate) -> Iterator[dict[str, Any]]:
    """Yield the documents; what measures an SLO is named after it, for the reader to define."""
    for service in estate.services:
        metadata = {"name": service.id, "displayName": service.name or service.id}
        yield {"apiVersion": "openslo/v1", "kind": "Service", "metadata": metadata, "spec": {}}
    for contract, sla in estate.sla.values():
        objective = sla.availability_objective
        if objective is None or objective.target == 1:
            continue
        yield {
            "apiVersion": "openslo/v1",
            "kind": "SLO",
            "metadata": {"name": sla.id, "displayName": f"{sla.name or sla.id} (availability)",
                         "annotations": {MEASURE: objective.measure}},
            "spec": {
                "service": sla.service,
                "indicatorRef": sla.id,
                "description": f"{contract.supplier} promises {contract.customer}",
                "timeWindow": [
                    {"duration": _WINDOWS[objective.period], "isRolling": False,
                     "calendar": {"startTime": "2024-01-01 00:00:00",
                                  "timeZone": contract.timezone}}
                ],
                **_budgeting(objective),
            },
        }  # fmt: skip


def _budgeting(objective: Objective) -> dict[str, Any]:
    """Method and objective; time that a service is down in part is down (rule M6)."""
    target: dict[str, Any] = {"target": float(objective.target)}
    if objective.measure in {"request_ratio", "executions"}:
        return {"budgetingMethod": "Occurrences", "objectives": [target]}
    if objective.measure == "interval_mean":
        target["timeSliceWindow"] = f"{objective.interval_minutes}m"
        return {"budgetingMethod": "RatioTimeslices", "objectives": [target]}
    good, minutes = 1.0, 1
    if objective.measure == "threshold_minutes" and objective.error_threshold is not None:
        good = float(1 - objective.error_threshold)
    if objective.measure == "interval_all_fail":
        good, minutes = _ANY_GOOD, objective.interval_minutes
    target |= {"timeSliceTarget": good, "timeSliceWindow": f"{minutes}m"}
    return {"budgetingMethod": "Timeslices", "objectives": [target]}


def _properties(service: Service) -> Iterator[dict[str, str]]:
    """What CycloneDX has no place for and our own import reads: ids, figures, groups."""
    if service.provider:
        yield {"name": OWN + "provider", "value": service.provider}
    for name in FIGURES:
        figure = getattr(service, name)
        if figure is not None:
            yield {"name": OWN + name, "value": f"{figure:f}"}
    if any(not isinstance(need, str) for need in service.depends_on):
        needs = NEEDS.dump_json(service.depends_on, exclude_defaults=True)
        yield {"name": OWN + "depends_on", "value": needs.decode()}


def cyclonedx_text(estate: Estate) -> str:
    """Services with providers and dependencies as a CycloneDX 1.6 bill of materials."""
    services = []
    for service in estate.services:
        entry: dict[str, Any] = {"bom-ref": service.id, "name": service.name or service.id}
        if service.provider:
            owner = estate.organization[service.provider]
            entry["provider"] = {"name": owner.name or owner.id}
            if re.fullmatch(r"[A-Za-z0-9.-]+", owner.domain):
                entry["provider"]["url"] = [f"https://{owner.domain}"]
        if properties := list(_properties(service)):
            entry["properties"] = properties
        services.append(entry)
    dependencies = []
    for service in estate.services:
        needs: dict[str, None] = {}
        for need in service.requirements:
            members = (need.service,) if isinstance(need, Dependency) else need.of
            needs |= dict.fromkeys(members)
        if needs:
            dependencies.append({"ref": service.id, "dependsOn": list(needs)})
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
            "services": services, "dependencies": dependencies}  # fmt: skip
    return json.dumps(bill, indent=2, ensure_ascii=False) + "\n"
