"""Backstage, CALM, PagerDuty, OpenSRM, Sloth, Statuspage: shapes and traps, on synthetic files."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from depgraph.errors import RegisterError
from depgraph.model.dependency import Dependency
from depgraph.model.estate import Estate
from ingest.provenance import ImportReport
from tests.ingest.formats.bench import imported, sample, whats, written


def _read(name: str, folder: Path, content: Any) -> tuple[Estate, ImportReport]:
    text = content if isinstance(content, str) else json.dumps(content)
    return imported(name, written(folder, "source.yaml", text), folder / "out")


BACKSTAGE = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: Shop}
spec: {type: service, owner: team-a, system: sales, providesApis: [orders],
  dependsOn: ['resource:db', 'Component:other/mail', resource:default/DB], consumesApis: [pay]}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: orders}
spec: {owner: group:team-a}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: db}
spec: {owner: team-a, dependencyOf: [component:report]}
---
apiVersion: backstage.io/v1alpha1
kind: Location
metadata: {name: more}
spec: {targets: [./more.yaml, https://example.com/x.yaml, ../../secret.yaml, ./absent.yaml]}
"""


def test_backstage_references_and_locations(tmp_path: Path) -> None:
    group = "{apiVersion: backstage.io/v1alpha1, kind: Group, metadata: {name: team-a}, spec: {parent: acme}}"
    written(tmp_path, "more.yaml", group)
    estate, report = _read("backstage", tmp_path, BACKSTAGE)

    assert estate.service["Shop"].depends_on == ("db", "other/mail", "pay")
    assert estate.service["orders"].depends_on == ("Shop",)
    assert estate.service["report"].depends_on == ("db",)
    assert estate.service["Shop"].provider == "team-a"
    assert estate.organization["team-a"].parent == "acme"
    assert "belongs to 'sales': containment" in whats(report, "left_out")
    assert "secret.yaml' is not in the folder" in whats(report, "left_out")
    assert "absent.yaml' cannot be read" in whats(report, "missing")


def test_calm_takes_both_shapes_of_relationship_and_of_metadata(tmp_path: Path) -> None:
    nodes = [
        {"unique-id": "web", "node-type": "webclient", "name": "Web"},
        {"unique-id": "api", "node-type": "service", "name": "API", "metadata": [{"sla": {"availability": "99.9%"}}]},
        {"unique-id": "db", "node-type": "database", "name": "DB", "metadata": {"sla": "99.5%"}},
        {"unique-id": "net", "node-type": "network", "name": "Net"},
        {"unique-id": "user", "node-type": "actor", "name": "User"},
    ]  # fmt: skip
    ends = {"source": {"node": "api"}, "destination": {"node": "db"}}
    relationships = [
        {"unique-id": "a", "relationship-type": {"connects": ends}},
        {"unique-id": "b", "relationship-type": "connects", "connects": {"source": {"node": "web"}, "destination": {"node": "api"}}},
        {"unique-id": "c", "relationship-type": {"deployed-in": {"container": "net", "nodes": ["db"]}}},
        {"unique-id": "d", "relationship-type": {"composed-of": {"container": "web", "nodes": ["api"]}}},
        {"unique-id": "e", "relationship-type": {"interacts": {"actor": "user", "nodes": ["web"]}}},
    ]  # fmt: skip
    estate, report = _read("calm", tmp_path, {"nodes": nodes, "relationships": relationships})

    assert estate.service["api"].depends_on == ("db",)
    assert estate.service["web"].depends_on == ("api",)
    assert estate.service["db"].located_in == ("net",)
    assert {s.service: s.objectives[0].target for _, s in estate.sla.values()} == {
        "api": Decimal("0.999"), "db": Decimal("0.995"),
    }  # fmt: skip
    assert "composed-of, no dependency" in whats(report, "left_out")
    assert "user" not in estate.service


def test_calm_networks_that_are_connected_and_drafts_before_one(tmp_path: Path) -> None:
    architecture = {
        "nodes": [{"unique-id": "lb", "node-type": "network", "name": "Load balancer"},
                  {"uniqueId": "web", "type": "service", "name": "Web"},
                  {"name": "db", "type": "database"}],
        "relationships": [
            {"unique-id": "r", "relationship-type": {"connects": {
                "source": {"node": "lb"}, "destination": {"node": "web"}}}},
            {"uniqueId": "q", "relationshipType": "connects",
             "parties": {"source": "web", "destination": "db"}},
            {"from": "lb", "to": "db", "type": "uses"},
        ],
    }  # fmt: skip
    estate, report = _read("calm", tmp_path, json.dumps(architecture))

    assert estate.service["lb"].depends_on == ("web", "db")
    assert estate.service["web"].depends_on == ("db",)
    assert "'lb' is connected to: a service" in whats(report, "inferred")
    assert "'db' has no unique-id" in whats(report, "inferred")


def test_the_published_calm_sample(tmp_path: Path) -> None:
    estate, report = imported("calm", sample("calm_payment_gateway.json"), tmp_path / "out")

    assert set(estate.service["payment-api"].depends_on) == {
        "tokenization-service", "fraud-detection", "transaction-database",
    }  # fmt: skip
    assert len(estate.services) == 6
    assert "flows" in whats(report, "left_out")


def test_pagerduty_dependent_needs_supporting(tmp_path: Path) -> None:
    entry = {
        "supporting_service": {"id": "P2", "type": "service"},
        "dependent_service": {"id": "P1"},
    }
    estate, _ = _read("pagerduty", tmp_path, {"relationships": [entry]})

    assert estate.service["P1"].depends_on == ("P2",)


def test_sloth_objectives_are_percent(tmp_path: Path) -> None:
    text = "{version: prometheus/v1, service: web, slos: [{name: availability, objective: 99.9}, {name: latency, objective: 99}]}"
    estate, report = _read("sloth", tmp_path, text)
    resource = "{apiVersion: sloth.slok.dev/v1, kind: PrometheusServiceLevel, metadata: {name: x}, spec: {service: web, slos: [{name: errors, objective: 0.5}]}}"
    other, _ = imported("sloth", written(tmp_path, "k.yaml", resource), tmp_path / "other")

    assert [s.objectives[0].target for _, s in estate.sla.values()] == [Decimal("0.999")]
    assert "latency" in whats(report, "left_out")
    assert [s.objectives[0].target for _, s in other.sla.values()] == [Decimal("0.005")]


@pytest.mark.parametrize(("target", "said"), [("0.999", "a share"), ("99.9", "a percentage")])
def test_opensrm_detects_the_unit_and_says_so(tmp_path: Path, target: str, said: str) -> None:
    text = f"""
apiVersion: opensrm/v1
kind: ServiceReliabilityManifest
metadata: {{name: pay, tier: critical, team: money}}
spec:
  slos: {{availability: {{target: {target}, window: 30d}}}}
  dependencies: [{{name: db, critical: true}}, {{name: mail, critical: false}}]
"""
    estate, report = _read("opensrm", tmp_path, text)

    [[_, sla]] = estate.sla.values()
    assert sla.objectives[0].target == Decimal("0.999")
    assert f"read as {said}" in whats(report, "inferred")
    assert estate.service["pay"].depends_on == ("db", Dependency(service="mail", soft=Decimal(1)))
    assert estate.service["pay"].criticality == "critical"


def _update(at: str, old: str, new: str) -> dict[str, Any]:
    part = {"code": "c1", "name": "API", "old_status": old, "new_status": new}
    return {"created_at": f"2026-01-01T{at}:00Z", "affected_components": [part]}


def test_statuspage_uses_transitions_and_not_impact(tmp_path: Path) -> None:
    page = {
        "page": {"name": "Synthetic Cloud", "url": "https://status.cloud.example"},
        "components": [{"id": "c1", "name": "API", "status": "operational"}],
        "incidents": [
            {"id": "i1", "name": "Down", "impact": "none", "created_at": "2026-01-01T09:00:00Z",
             "incident_updates": [  # newest first, as the source writes them
                 _update("12:00", "degraded_performance", "operational"),
                 _update("11:00", "major_outage", "degraded_performance"),
                 _update("10:00", "operational", "major_outage")]},
            {"id": "i2", "impact": "critical", "incident_updates": [], "created_at": "2026-01-02T09:00:00Z"},
        ],
        "scheduled_maintenances": [
            {"id": "m1", "created_at": "2026-01-01T00:00:00Z", "scheduled_for": "2026-01-09T00:00:00Z",
             "scheduled_until": "2026-01-09T02:00:00Z", "components": [{"id": "c1", "name": "API"}]}],
    }  # fmt: skip
    estate, report = _read("statuspage", tmp_path, page)

    outage, planned = estate.incidents
    assert (outage.start.hour, outage.end and outage.end.hour) == (10, 11)
    assert outage.affects == "service:synthetic-cloud-api"
    assert planned.cause == "planned_maintenance"
    assert planned.announced is not None
    assert "transitions of incident 'i2'" in whats(report, "missing")


@pytest.mark.parametrize(
    "name", ["backstage", "calm", "pagerduty", "opensrm", "sloth", "statuspage"]
)
@pytest.mark.parametrize("text", ["{", "{}", "[]", "a: &a [*a]", "[" * 999, "7", "!!python/x 1"])
def test_broken_files_are_problems(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(RegisterError) as caught:
        _read(name, tmp_path, text)

    assert caught.value.problems
    assert not (tmp_path / "out").exists()
