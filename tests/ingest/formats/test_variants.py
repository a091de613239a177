"""Shapes in which tools write one format: answers of their interfaces, mixed documents, old versions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from depgraph.model.estate import Estate
from ingest.provenance import ImportReport
from tests.ingest.formats.bench import imported, whats, written

DOCUMENT = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
BESIDE = {
    "openslo": "{apiVersion: openslo/v1, kind: Service, metadata: {name: a}}",
    "sloth": "{version: prometheus/v1, service: a}",
    "backstage": "{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: a}}",
    "opensrm": "{apiVersion: srm/v1, metadata: {name: a}, spec: {}}",
}


def _read(name: str, folder: Path, content: object) -> tuple[Estate, ImportReport]:
    text = content if isinstance(content, str) else json.dumps(content)
    suffix = "yaml" if isinstance(content, str) else "json"
    return imported(name, written(folder, f"source.{suffix}", text), folder / "out")


@pytest.mark.parametrize("name", BESIDE)
def test_documents_of_other_formats_are_left_out(tmp_path: Path, name: str) -> None:
    estate, report = _read(name, tmp_path, f"{BESIDE[name]}\n{DOCUMENT}")

    assert set(estate.service) == {"a"}
    assert "a document of another format: v1" in whats(report, "left_out")


def test_a_location_with_a_star(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    for name in ("b", "c"):
        text = BESIDE["backstage"].replace("name: a", f"name: {name}")
        written(tmp_path / "parts", f"{name}.yaml", text)
    location = (
        "{apiVersion: backstage.io/v1alpha1, kind: Location, metadata: {name: all},"
        " spec: {targets: [./parts/*.yaml, '../*.yaml']}}"
    )
    estate, report = _read("backstage", tmp_path, location)

    assert set(estate.service) == {"b", "c"}
    assert "'../*.yaml' is not in the folder" in whats(report, "left_out")


@pytest.mark.parametrize("answer", [
    {"data": {"thresholds": {"30d": {"timeframe": "30d", "target": 99.9}}, "from_ts": 1,
              "slo": {"id": "x", "name": "availability", "type": "monitor",
                      "tags": ["service:web"], "thresholds": [{"timeframe": "30d", "target": 99.9}]}}},
    {"data": {"type": "", "attributes": {"slos": [{"data": {"id": "x", "type": "slo", "attributes": {
        "name": "availability", "service_tags": ["web"], "slo_type": "monitor",
        "thresholds": [{"timeframe": "30d", "target": 99.9}]}}}]}}},
    {"slo": {"id": "x", "name": "availability", "tags": ["service:web"],
             "thresholds": {"30d": {"timeframe": "30d", "target": 99.9}}}},
])  # fmt: skip
def test_datadog_answers_of_list_search_and_history(tmp_path: Path, answer: object) -> None:
    estate, _ = _read("datadog", tmp_path, answer)

    [[_, sla]] = estate.sla.values()
    assert (sla.service, str(sla.objectives[0].target)) == ("web", "0.999")


def test_statuspage_names_twice_missing_ids_and_other_zones(tmp_path: Path) -> None:
    def update(at: str, old: str, new: str) -> dict[str, object]:
        part = {"code": "c2", "name": "B - API", "old_status": old, "new_status": new}
        return {"display_at": at, "affected_components": [part]}

    page = {
        "page": {"name": "Synthetic"},
        "components": [{"id": "c1", "name": "API"}, {"id": "c2", "name": "API"}, {"name": "Web"}],
        "incidents": [{"id": "i", "name": "x", "started_at": "2026-01-01T10:00:00Z",
                       "incident_updates": [
                           update("2026-01-01T04:00:00-07:00", "major_outage", "operational"),
                           update("2026-01-01T10:00:00Z", "operational", "major_outage")]}],
    }  # fmt: skip
    estate, report = _read("statuspage", tmp_path, page)

    assert set(estate.service) == {"synthetic-api", "synthetic-api-c2", "synthetic-web"}
    [outage] = estate.incidents
    assert outage.affects == "service:synthetic-api-c2"
    assert outage.end is not None
    assert (outage.end - outage.start).total_seconds() == 3600
    assert "two components are called 'API'" in whats(report, "inferred")


def test_terraform_graphs_lead_through_values_and_modules(tmp_path: Path) -> None:
    graph = """digraph {
  "[root] aws_instance.web (expand)" -> "[root] local.x (expand)"
  "[root] local.x (expand)" -> "[root] aws_s3_bucket.b[\\"k.v\\"] (expand)"
  "[root] root" -> "[root] provider[\\"registry.terraform.io/hashicorp/aws\\"] (close)"
  "[root] provider[\\"registry.terraform.io/hashicorp/aws\\"] (close)" -> "[root] aws_instance.web (expand)"
}"""
    estate, report = _read("terraform", tmp_path, graph)

    assert estate.service["aws_instance.web"].depends_on == ('aws_s3_bucket.b["k.v"]',)
    assert set(estate.service) == {"aws_instance.web", 'aws_s3_bucket.b["k.v"]'}
    assert "through 'local.x'" in whats(report, "inferred")


def test_terraform_states_before_version_four(tmp_path: Path) -> None:
    resources = {
        "aws_instance.web": {"type": "aws_instance", "depends_on": ["aws_vpc.v", "local.x"],
                             "provider": "provider.aws.eu"},
        "aws_vpc.v": {"type": "aws_vpc"},
    }  # fmt: skip
    state = {"version": 3, "modules": [{"path": ["root", "net"], "resources": resources}]}
    estate, _ = _read("terraform", tmp_path, state)

    assert estate.service["module.net.aws_instance.web"].depends_on == ("module.net.aws_vpc.v",)
    assert estate.service["module.net.aws_instance.web"].provider == "aws"


def test_opensrm_version_two_and_the_flat_form(tmp_path: Path) -> None:
    text = """apiVersion: opensrm.nthlayer.io/v2
kind: ServiceManifest
metadata: {name: checkout, labels: {tier: critical}}
spec:
  owner: {group: "group:default/sre"}
  slo: [{kind: SLO, metadata: {name: checkout-availability}, spec: {objectives: [{target: 0.9995}]}}]
  contracts: [{name: api, promise: {availability: 0.99}}]
  dependencies: [{service: "component:default/pay", expected_availability: 0.999}]
---
service: {name: old, team: t, tier: high}
resources:
  - {kind: SLO, name: availability, spec: {objective: 99.9, window: 30d}}
  - {kind: Dependencies, name: d, spec: {databases: [{name: pg}], services: [{name: k}]}}
  - {kind: PagerDuty, name: primary}
"""
    estate, report = _read("opensrm", tmp_path, text)

    targets = {sla.service: str(sla.objectives[0].target) for _, sla in estate.sla.values()}
    assert targets == {"checkout": "0.9995", "old": "0.999"}
    assert estate.service["checkout"].provider == "sre"
    assert estate.service["checkout"].criticality == "critical"
    assert estate.service["checkout"].depends_on == ("pay",)
    assert estate.service["old"].depends_on == ("pg", "k")
    assert "contracts/*/promise/availability" in whats(report, "left_out")
    assert "PagerDuty" in whats(report, "left_out")


def test_an_indicator_that_speaks_of_latency(tmp_path: Path) -> None:
    text = (
        "{apiVersion: openslo/v1, kind: SLO, metadata: {name: fast}, spec: {service: a,"
        " indicator: {metadata: {name: p99-latency}}, objectives: [{target: 0.99}]}}"
    )
    estate, report = _read("openslo", tmp_path, text)

    assert estate.sla == {}
    assert "'fast' promises latency" in whats(report, "left_out")
