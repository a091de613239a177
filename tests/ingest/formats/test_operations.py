"""Structurizr, Terraform, Datadog, iCalendar, CISO Assistant: shapes and traps, synthetic files."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from depgraph.errors import RegisterError
from tests.ingest.formats.bench import imported, sample, whats, written


def test_the_published_structurizr_sample(tmp_path: Path) -> None:
    estate, report = imported("structurizr", sample("structurizr_aws.dsl"), tmp_path / "out")
    needs = {
        (estate.service[s.id].name, estate.service[str(n)].name)
        for s in estate.services
        for n in s.depends_on
    }

    assert needs == {
        ("Web Application", "Database Schema"), ("DNS router", "Load Balancer"),
        ("Load Balancer", "Web Application"),
    }  # fmt: skip
    [home] = estate.service["x.wa"].located_in
    assert estate.location[str(home)].name == "Amazon EC2 - Ubuntu server"
    assert "views" in whats(report, "left_out")


def test_structurizr_json(tmp_path: Path) -> None:
    model = {"model": {
        "people": [{"id": "9", "name": "User", "relationships": [{"sourceId": "9", "destinationId": "1"}]}],
        "softwareSystems": [
            {"id": "1", "name": "Shop", "containers": [
                {"id": "2", "name": "Web", "relationships": [{"sourceId": "2", "destinationId": "3"}]}]},
            {"id": "3", "name": "Mail"}],
        "deploymentNodes": [{"id": "5", "name": "Host", "environment": "Live", "containerInstances": [
            {"id": "6", "containerId": "2"}]}],
    }}  # fmt: skip
    file = written(tmp_path, "workspace.json", json.dumps(model))
    estate, _ = imported("structurizr", file, tmp_path / "out")

    assert estate.service["2"].depends_on == ("3",)
    assert estate.service["1"].depends_on == ()
    assert estate.service["2"].located_in == ("Live/5",)


def test_terraform_graph_drops_root_and_close(tmp_path: Path) -> None:
    text = """digraph {
  subgraph "root" {
    "[root] aws_db.main (expand)" [label = "aws_db.main", shape = "box"]
    "[root] aws_app.web (expand)" -> "[root] aws_db.main (expand)"
    "[root] aws_db.main (expand)" -> "[root] provider[\\"registry.terraform.io/hashicorp/aws\\"]"
    "[root] provider[\\"registry.terraform.io/hashicorp/aws\\"] (close)" -> "[root] aws_app.web (expand)"
    "[root] root" -> "[root] aws_app.web (expand)"
    "[root] aws_app.web (expand)" -> "[root] var.size"
  }
}"""
    estate, _ = imported("terraform", written(tmp_path, "g.dot", text), tmp_path / "out")

    assert {s.id for s in estate.services} == {"aws_db.main", "aws_app.web"}
    assert estate.service["aws_app.web"].depends_on == ("aws_db.main",)
    assert estate.service["aws_db.main"].provider == "aws"


def test_terraform_state(tmp_path: Path) -> None:
    entry = {"mode": "managed", "type": "aws_app", "name": "web",
             "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
             "instances": [{"attributes": {"password": "secret"}, "dependencies": ["aws_db.main"]}]}  # fmt: skip
    file = written(tmp_path, "t.tfstate", json.dumps({"version": 4, "resources": [entry]}))
    estate, _ = imported("terraform", file, tmp_path / "out")

    assert estate.service["aws_app.web"].depends_on == ("aws_db.main",)
    assert "secret" not in (tmp_path / "out" / "estate.yaml").read_text(encoding="utf-8")


def test_datadog_service_tag_percent_and_corrections(tmp_path: Path) -> None:
    data = {
        "data": [
            {"id": "s1", "name": "availability", "type": "metric", "tags": ["service:web", "env:prod"],
             "thresholds": [{"timeframe": "30d", "target": 99.9}]},
            {"id": "s2", "name": "untagged", "tags": [], "thresholds": [{"timeframe": "7d", "target": 99}]},
            {"type": "correction", "id": "c", "attributes": {
                "slo_id": "s1", "category": "Scheduled Maintenance", "start": 1767229200,
                "rrule": "FREQ=WEEKLY;BYDAY=SU", "duration": 3600, "timezone": "UTC"}},
        ]
    }  # fmt: skip
    file = written(tmp_path, "slo.json", json.dumps(data))
    estate, report = imported("datadog", file, tmp_path / "out")

    [[_, sla]] = estate.sla.values()
    [window] = sla.exclusions[0].windows
    assert (sla.service, sla.objectives[0].target) == ("web", Decimal("0.999"))
    assert window.rule == "FREQ=WEEKLY;BYDAY=SU;BYHOUR=1;BYMINUTE=0"
    assert window.hours == 1
    assert "0 service tags" in whats(report, "missing")


def test_calendar_keeps_zone_and_recurrence(tmp_path: Path) -> None:
    text = "".join(f"{line}\r\n" for line in [
        "BEGIN:VCALENDAR", "VERSION:2.0", "X-WR-CALNAME:mail", "BEGIN:VEVENT", "UID:1",
        "SUMMARY:Patching", "DTSTART;TZID=Europe/Dublin:20260104T020000", "DURATION:PT90M",
        "RRULE:FREQ=WEEKLY;BYDAY=SU", "END:VEVENT", "BEGIN:VEVENT", "UID:2",
        "SUMMARY:No length", "DTSTART:20260104T020000Z", "END:VEVENT", "END:VCALENDAR",
    ])  # fmt: skip
    estate, report = imported("ical", written(tmp_path, "m.ics", text), tmp_path / "out")

    [[contract, sla]] = estate.sla.values()
    [window] = sla.exclusions[0].windows
    assert contract.timezone == "Europe/Dublin"
    assert (window.rule, window.hours) == (
        "FREQ=WEEKLY;BYDAY=SU;BYHOUR=2;BYMINUTE=0",
        Decimal("1.5"),
    )
    assert "'No length'" in whats(report, "missing")


def test_ciso_assistant_joins_by_reference(tmp_path: Path) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    sheets: dict[str, list[tuple[object, ...]]] = {
        "Entities": [("ref_id", "name", "parent_entity_ref_id", "mission"), ("E1", "Cloud", "E0", "x"), ("E0", "Group"), ("E9", "Us")],
        "Solutions": [("ref_id", "name", "provider_entity_ref_id"), ("S1", "Compute", "E1")],
        "Contracts": [("ref_id", "name", "provider_entity_ref_id", "beneficiary_entity_ref_id", "annual_expense", "currency"), ("C1", "MSA", "E1", "E9", 1200.5, "EUR"), ("C2", "Text", "E1", "E9", "1.200", "EUR")],
        "Representatives": [("email",), ("person@example.com",)],
    }  # fmt: skip
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "x.xlsx")
    estate, report = imported("ciso-assistant", tmp_path / "x.xlsx", tmp_path / "out")

    assert estate.organization["E1"].parent == "E0"
    assert estate.service["S1"].provider == "E1"
    assert str(estate.contract["C1"].annual_value) == "1200.5 EUR"
    assert estate.contract["C2"].annual_value is None
    assert "the point may part thousands" in whats(report, "missing")
    assert "Representatives" in whats(report, "left_out")
    assert "entities/mission" in whats(report, "left_out")


def test_contracts_of_the_published_template_name_no_customer(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Contracts"
    columns = ("ref_id", "provider_entity_ref_id", "solution_ref_id", "start_date", "end_date")
    for row in (columns, ("C1", "E1", "S1 | S2", "2026-01-01", "31.12.2026")):
        sheet.append(row)
    book.save(tmp_path / "x.xlsx")
    estate, report = imported("ciso-assistant", tmp_path / "x.xlsx", tmp_path / "out")

    assert [sla.service for sla in estate.contract["C1"].slas] == ["S1", "S2"]
    assert estate.contract["C1"].supplier == "E1"
    assert estate.contract["C1"].end is None
    assert "customer of contract 'C1': a placeholder" in whats(report, "missing")
    assert "end_date '31.12.2026' is not written YYYY-MM-DD" in whats(report, "left_out")


@pytest.mark.parametrize("name", ["structurizr", "terraform", "datadog", "ical", "ciso-assistant"])
@pytest.mark.parametrize("raw", [
    b"", b"{", b"}", b"workspace {", b"[" * 5000, b"\xff\xfe\xfa", b"\0", b"BEGIN:VCALENDAR", b"7",
])  # fmt: skip
def test_broken_files_are_problems(tmp_path: Path, name: str, raw: bytes) -> None:
    file = tmp_path / "source.bin"
    file.write_bytes(raw)
    with pytest.raises(RegisterError) as caught:
        imported(name, file, tmp_path / "out")

    assert caught.value.problems
