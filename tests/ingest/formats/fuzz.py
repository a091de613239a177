"""Broken inputs made from whole ones: seeds of every format, and a mutator; all synthetic."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from ingest.formats.own_tables import csv_text
from ingest.read import require_estate
from sample_data import sample_path

WORDS = [
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe9", b"\r\n", b"{", b"}", b"[", b"]" * 60, b"[" * 120,
    b'"', b"'", b":", b"- ", b"&a", b"*a", b"!!python/object:os.system", b"<<: *a", b"1e999", b"-1",
    b"NaN", b"99999999999999999999", b"null", b"true", b"=1+1", b"../../x", b"\xe2\x80\xae", b"%",
    b"A" * 5000, b"2026-13-45", b"T25:61Z", b"->", b"\\", b"\t", b",,,,", b";", b"FREQ=", b"\\u0000",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, 0, -1, 1.5, 10**30, "", "x", [], {}, [[]], {"a": {}}, "=1", "\u202e", "99.9%", "a" * 300,
    ["x", None, {}], {"id": 5, "name": []}, "2026-02-30T00:00:00Z", "\ud800x",
]  # fmt: skip


def seeds() -> dict[str, list[tuple[str, bytes]]]:
    """Whole files by format: ending and content."""
    estate = require_estate(sample_path("by_hand"))
    found: dict[str, list[tuple[str, bytes]]] = {
        name: [(f".{'json' if text.lstrip()[:1] == '{' else 'yaml'}", text.encode())]
        for name, text in _TEXTS.items()
    }
    found["csv"] = [(".csv", csv_text(estate).encode())]
    found["servicenow"] = [
        (
            ".csv",
            b"parent,type,child,port\r\na,Depends on::Used by,b,1\r\nc,Hosts::Hosted on,a,\r\n",
        ),
        (".csv", b"sys_id,name,vendor,os\r\n1,Shop,Acme,Linux\r\n2,DB,,\r\n"),
    ]
    found["ical"] = [(".ics", _CALENDAR.replace("\n", "\r\n").encode())]
    found["structurizr"].append((".dsl", _DSL.encode()))
    found["terraform"].append((".dot", _GRAPH.encode()))
    found["xlsx"] = [(".xlsx", _workbook(_SHEETS))]
    found["ciso-assistant"] = [(".xlsx", _workbook(_CISO))]
    return found


def mutated(ending: str, content: bytes, draw: random.Random) -> bytes:
    """A broken copy of a file."""
    if ending == ".json" and draw.random() < 0.6:
        data = json.loads(content)
        for _ in range(draw.randint(1, 4)):
            data = _with_other_value(data, draw)
        return json.dumps(data).encode("utf-8", "replace")
    found = bytearray(content)
    for _ in range(draw.randint(1, 6)):
        draw.choice(_CHANGES)(found, draw)
    return bytes(found)


def _with_other_value(data: Any, draw: random.Random) -> Any:
    """The data with one value, somewhere, put in place of another."""
    if draw.random() < 0.15 or not isinstance(data, (dict, list)) or not data:
        return draw.choice(VALUES)
    if isinstance(data, dict):
        key = draw.choice(list(data))
        return {**data, key: _with_other_value(data[key], draw)}
    at = draw.randrange(len(data))
    return [*data[:at], _with_other_value(data[at], draw), *data[at + 1 :]]


def _flip(found: bytearray, draw: random.Random) -> None:
    if found:
        found[draw.randrange(len(found))] = draw.randrange(256)


def _cut(found: bytearray, draw: random.Random) -> None:
    start = draw.randint(0, len(found))
    del found[start : start + draw.randint(0, 40)]


def _end(found: bytearray, draw: random.Random) -> None:
    if draw.random() < 0.3:
        del found[draw.randint(0, len(found)) :]


def _insert(found: bytearray, draw: random.Random) -> None:
    at = draw.randint(0, len(found))
    found[at:at] = draw.choice(WORDS)


def _repeat(found: bytearray, draw: random.Random) -> None:
    start = draw.randint(0, len(found))
    found[start:start] = found[start : start + draw.randint(0, 200)]


_CHANGES: list[Callable[[bytearray, random.Random], None]] = [_flip, _cut, _end, _insert, _repeat]


def _workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def source(folder: Path, ending: str, content: bytes) -> Path:
    """A file with the content."""
    file = folder / f"source{ending}"
    file.write_bytes(content)
    return file


_SHEETS: dict[str, list[list[object]]] = {
    "services": [["id", "name", "provider", "availability"], ["shop", "=1+1", "acme", 0.99]],
    "contracts": [["id", "supplier", "customer", "start"], ["k", "acme", "us", "2026-01-01"]],
}
_CISO: dict[str, list[list[object]]] = {
    "Entities": [["ref_id", "name", "country", "lei"], ["E1", "Cloud", "FR", ""]],
    "Contracts": [["ref_id", "provider_entity_ref_id", "solution_ref_id", "start_date"],
                  ["C1", "E1", "S1|S2", "2026-01-01"]],
}  # fmt: skip
_CALENDAR = """BEGIN:VCALENDAR
X-WR-TIMEZONE:Europe/Berlin
BEGIN:VEVENT
UID:1
SUMMARY:patching
DTSTART;TZID=Europe/Berlin:20260101T020000
DTEND;TZID=Europe/Berlin:20260101T030000
EXDATE;TZID=Europe/Berlin:20260108T020000,20260115T020000
RDATE;VALUE=PERIOD:19960403T020000Z/19960403T040000Z,19960404T010000Z/PT3H
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TH;UNTIL=20260401T000000Z
END:VEVENT
BEGIN:VEVENT
UID:1
RECURRENCE-ID:20260122T010000Z
DTSTART;VALUE=DATE:20260122
DURATION:P1D
END:VEVENT
END:VCALENDAR
"""
_DSL = """!const A "Shop"
workspace "W" {
  !identifiers hierarchical
  model {
    archetypes { app = container }
    u = person "User"
    shop = softwareSystem "${A}" { web = app "Web" "x" "y" { -> db "reads" }
      db = container "DB" }
    u -> shop "uses"
    !include more.dsl
    live = deploymentEnvironment "Live" { n = deploymentNode "N" { containerInstance shop.web } }
  }
  views { systemContext shop { include * } }
}
"""
_GRAPH = """digraph {
  subgraph "root" {
    "[root] aws_instance.web (expand)" [label = "aws_instance.web", shape = "box"]
    "[root] aws_instance.web (expand)" -> "[root] local.x (expand)"
    "[root] local.x (expand)" -> "[root] aws_s3_bucket.b[\\"k\\"] (expand)"
    "[root] aws_instance.web (expand)" -> "[root] provider[\\"registry.terraform.io/hashicorp/aws\\"]"
  }
}
"""
_TEXTS = {
    "backstage": """apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: Shop, namespace: x}
spec: {type: service, owner: team-a, system: s, dependsOn: ['resource:db'], providesApis: [o]}
---
apiVersion: backstage.io/v1alpha1
kind: Location
metadata: {name: more}
spec: {targets: [./more.yaml, 'https://example.com/x.yaml', ./*.yml]}
""",
    "calm": json.dumps({
        "nodes": [{"unique-id": "a", "node-type": "service", "name": "A",
                   "metadata": [{"sla": {"availability": "99.9%"}}]},
                  {"unique-id": "n", "node-type": "network", "name": "N"}],
        "relationships": [
            {"unique-id": "r", "relationship-type": {"connects": {
                "source": {"node": "a"}, "destination": {"node": "b"}}}},
            {"unique-id": "d", "relationship-type": {"deployed-in": {
                "container": "n", "nodes": ["a"]}}},
            {"from": "a", "to": "n"}]}),
    "cyclonedx": json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.6",
        "metadata": {"component": {"bom-ref": "app", "name": "App"}},
        "services": [{"bom-ref": "s", "name": "S", "provider": {"name": "P", "url": ["https://p.example"]},
                      "services": [{"name": "T"}], "data": [{"flow": "inbound"}],
                      "properties": [{"name": "depgraph:availability", "value": "0.99"}]}],
        "dependencies": [{"ref": "app", "dependsOn": ["s", "l"]}, {"ref": "l", "dependsOn": ["s"]}]}),
    "datadog": json.dumps([
        {"data": [{"id": "x", "name": "availability", "type": "metric", "tags": ["service:web"],
                   "thresholds": [{"timeframe": "30d", "target": 99.9}]}]},
        {"data": [{"type": "correction", "attributes": {
            "slo_id": "x", "category": "Scheduled Maintenance", "start": 1767225600,
            "duration": 3600, "rrule": "FREQ=WEEKLY;BYDAY=SU", "timezone": "UTC"}}]}]),
    "json": '{"organizations": [{"id": "o"}], "services": [{"id": "s", "provider": "o", '
            '"availability": 0.99, "depends_on": ["t"]}, {"id": "t"}]}',
    "openslo": """apiVersion: openslo/v1
kind: SLO
metadata: {name: web-availability, displayName: Web}
spec: {service: web, budgetingMethod: Occurrences, timeWindow: [{duration: 28d, isRolling: true}],
  objectives: [{target: 0.99}, {targetPercent: 99.5}]}
""",
    "opensrm": """apiVersion: srm/v1
metadata: {name: a, team: t, tier: critical}
spec: {slos: {availability: {target: 99.9, window: 30d}}, contract: {availability: 0.99},
  dependencies: [{name: b, critical: false, slo: {availability: 99.9}}, {service: c}]}
""",
    "pagerduty": '{"services": [{"id": "a", "name": "A"}], "relationships": [{"supporting_service": '
                 '{"id": "b"}, "dependent_service": {"id": "a", "summary": "A"}}]}',
    "sloth": """version: prometheus/v1
service: web
slos: [{name: availability, objective: 99.9, description: x, sli: {events: {}}}]
""",
    "statuspage": json.dumps({
        "page": {"name": "P", "url": "https://status.p.example"},
        "components": [{"id": "c", "name": "API", "group": False}, {"id": "g", "name": "G", "group": True}],
        "incidents": [{"id": "i", "name": "n", "started_at": "2026-01-01T10:00:00Z", "resolved_at": None,
                       "incident_updates": [{"display_at": "2026-01-01T10:05:00Z", "affected_components": [
                           {"code": "c", "name": "API", "old_status": "operational",
                            "new_status": "major_outage"}]}]}],
        "scheduled_maintenances": [{"id": "m", "scheduled_for": "2026-01-02T00:00:00Z",
                                    "scheduled_until": "2026-01-02T01:00:00Z",
                                    "components": [{"id": "c", "name": "API"}]}]}),
    "structurizr": json.dumps({"model": {
        "people": [{"id": "1", "name": "U"}],
        "softwareSystems": [{"id": "2", "name": "S", "containers": [{"id": "3", "name": "C",
            "relationships": [{"destinationId": "2"}]}]}],
        "deploymentNodes": [{"id": "4", "name": "N", "environment": "Live",
                             "containerInstances": [{"id": "5", "containerId": "3"}]}]}}),
    "terraform": json.dumps({"version": 4, "resources": [
        {"mode": "managed", "type": "aws_instance", "name": "web",
         "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
         "instances": [{"dependencies": ["aws_vpc.v"]}]}]}),
    "yaml": "organizations: [{id: &a o}]\nservices: [{id: s, provider: *a, availability: 0.99}]\n",
}  # fmt: skip
