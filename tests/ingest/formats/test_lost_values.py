"""Values that public files of each format carry and that an import once lost or read wrongly.

All files here are synthetic; their shapes are those of real ones.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from depgraph.model.estate import Estate
from ingest.provenance import ImportReport
from tests.ingest.formats.bench import imported, whats, written


def _read(name: str, folder: Path, content: object) -> tuple[Estate, ImportReport]:
    text = content if isinstance(content, str) else json.dumps(content)
    suffix = "yaml" if isinstance(content, str) else "json"
    return imported(name, written(folder, f"source.{suffix}", text), folder / "out")


@pytest.mark.parametrize(
    ("method", "slices", "expected"),
    [
        ("Timeslices", "timeSliceTarget: 0.95, timeSliceWindow: 1m", ("threshold_minutes", "0.05", 5)),
        ("Timeslices", "timeSliceTarget: 0.95, timeSliceWindow: 1", ("threshold_minutes", "0.05", 5)),
        ("Timeslices", "timeSliceTarget: 0.95, timeSliceWindow: 10m", ("interval_mean", None, 10)),
        ("RatioTimeslices", "timeSliceWindow: 2h", ("interval_mean", None, 120)),
        ("RatioTimeslices", "timeSliceWindow: 90s", ("interval_mean", None, 5)),
        ("Occurrences", "timeSliceWindow: 1m", ("request_ratio", None, 5)),
    ],
)  # fmt: skip
def test_openslo_slices_keep_their_length_and_threshold(
    tmp_path: Path, method: str, slices: str, expected: tuple[str, str | None, int]
) -> None:
    text = (
        "{apiVersion: openslo.com/v2alpha, kind: SLO, metadata: {name: availability}, spec: "
        f"{{serviceRef: web, budgetingMethod: {method}, objectives: [{{target: 0.99, {slices}}}]}}}}"
    )
    estate, report = _read("openslo", tmp_path, text)

    [[_, sla]] = estate.sla.values()
    [objective] = sla.objectives
    threshold = objective.error_threshold
    found = objective.measure, threshold and str(threshold), objective.interval_minutes
    assert (sla.service, found) == ("web", expected)
    assert ("5 minutes taken" in whats(report, "inferred")) == ("90s" in slices)
    assert ("good or bad as a whole" in whats(report, "inferred")) == ("10m" in slices)


def test_services_of_one_name_stay_apart_in_a_bill(tmp_path: Path) -> None:
    bill = {
        "bomFormat": "CycloneDX", "specVersion": "1.5",
        "services": [
            {"bom-ref": "a", "name": "A", "services": [{"name": "Database"}]},
            {"bom-ref": "b", "name": "B", "services": [{"name": "Database"}],
             "provider": {"name": "P", "url": ["https://p.example", "https://q.example"]}},
        ],
    }  # fmt: skip
    estate, report = _read("cyclonedx", tmp_path, bill)

    assert set(estate.service) == {"a", "b", "database", "database-services-1-services-0"}
    assert "two services are called 'Database'" in whats(report, "inferred")
    assert estate.organization["p"].domain == "p.example"
    assert "further addresses" in whats(report, "left_out")


def _update(at: str, old: str, new: str) -> dict[str, object]:
    part = {"code": "c", "name": "API", "old_status": old, "new_status": new}
    return {"display_at": f"2026-01-01T{at}:00Z", "affected_components": [part]}


INCIDENT = {
    "id": "i", "name": "x", "started_at": "2026-01-01T09:59:00Z", "resolved_at": "2026-01-01T12:00:00Z",
    "incident_updates": [
        {"display_at": "2026-01-01T12:00:00Z", "affected_components": None},
        _update("11:30", "degraded_performance", "operational"),
        _update("11:00", "partial_outage", "degraded_performance"),
        _update("10:30", "major_outage", "partial_outage"),
        _update("10:10", "partial_outage", "major_outage"),
        _update("10:00", "operational", "partial_outage"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    "content", [{"page": {"name": "source"}, "incidents": [INCIDENT]}, [INCIDENT]]
)
def test_an_outage_is_as_severe_as_its_worst_moment(tmp_path: Path, content: object) -> None:
    estate, report = _read("statuspage", tmp_path, content)

    [outage] = estate.incidents
    assert outage.severity == "major_outage"
    assert outage.start.isoformat() == "2026-01-01T10:00:00+00:00"
    assert outage.end is not None
    assert outage.end.isoformat() == "2026-01-01T11:00:00+00:00"
    assert "was degraded_performance: no outage" in whats(report, "left_out")


def test_terraform_providers_of_old_and_helpers(tmp_path: Path) -> None:
    graph = """digraph {
  "[root] aws_instance.a" -> "[root] provider.aws"
  "[root] module.x.aws_instance.b" -> "[root] module.x.provider.aws.eu"
  "[root] random_id.c" -> "[root] provider.random"
  "[root] provider.aws (close)" -> "[root] aws_instance.a"
  "[root] root" -> "[root] provisioner.local-exec (close)"
}"""
    estate, report = _read("terraform", tmp_path, graph)

    assert {s.id: s.provider for s in estate.services} == {
        "aws_instance.a": "aws", "module.x.aws_instance.b": "aws", "random_id.c": None,
    }  # fmt: skip
    assert "'random' works on this machine" in whats(report, "left_out")


def test_terraform_states_of_012_and_counted_resources(tmp_path: Path) -> None:
    resource = {"mode": "managed", "type": "aws_instance", "name": "web", "provider": "provider.aws",
                "instances": [{"index_key": 0}, {"index_key": 1}]}  # fmt: skip
    estate, report = _read("terraform", tmp_path, {"version": 4, "resources": [resource]})

    assert estate.service["aws_instance.web"].provider == "aws"
    assert "2 instances of 'aws_instance.web'" in whats(report, "inferred")


def test_items_of_one_name_are_never_merged_by_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    imported("servicenow", written(tmp_path, "a.csv", "sys_id,name\n1,SAP\n"), out)
    estate, report = imported("servicenow", written(tmp_path, "b.csv", "sys_id,name\n2,SAP\n"), out)
    relation = written(tmp_path, "r.csv", "parent,type,child\nSAP,Depends on::Used by,DB\n")
    _, related = imported("servicenow", relation, out)
    items = written(tmp_path, "c.csv", "sys_id,name\n3,DB\n3,DB2\n")
    after, last = imported("servicenow", items, out)

    assert set(estate.service) == {"1", "2"}
    assert "'2' may be '1'" in whats(report, "review")
    assert "several services are called 'SAP'" in whats(related, "missing")
    assert set(after.service) == {"1", "2", "SAP", "DB", "3"}
    assert "'3' read as the item related as 'DB'" in whats(last, "inferred")


def test_rows_that_describe_one_item_twice_are_told(tmp_path: Path) -> None:
    file = written(tmp_path, "a.csv", "name,vendor\nDB,Acme\nDB,Other\n")
    _, report = imported("servicenow", file, tmp_path / "out")

    assert "two rows describe 'DB'" in whats(report, "conflict")
    assert "provider 'other' beside 'acme'" in whats(report, "conflict")


def test_references_that_nothing_describes_keep_their_writing(tmp_path: Path) -> None:
    text = (
        "{apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: a},"
        " spec: {owner: group:Team-A, dependsOn: ['Resource:default/Orders-DB']}}"
    )
    estate, _ = _read("backstage", tmp_path, text)

    assert estate.service["a"].depends_on == ("Orders-DB",)
    assert estate.service["a"].provider == "Team-A"


def test_words_of_opensrm_for_what_is_critical(tmp_path: Path) -> None:
    text = """{apiVersion: opensrm.nthlayer.io/v2, metadata: {name: a}, spec: {dependencies: [
      {service: "component:default/b", criticality: critical}, {service: c, criticality: soft},
      {service: d, criticality: medium}]}}"""
    estate, report = _read("opensrm", tmp_path, text)

    hard, _, unsaid = estate.service["a"].depends_on
    assert (hard, unsaid) == ("b", "d")
    assert "'c' is not critical: soft" in whats(report, "inferred")
    assert "'d' does not say" in whats(report, "inferred")
    assert "'b' does not say" not in whats(report, "inferred")


def test_a_description_of_speed_does_not_hide_an_availability(tmp_path: Path) -> None:
    text = """{version: prometheus/v1, service: web, slos: [
      {name: requests-availability, objective: 99.9, description: over the whole duration},
      {name: errors, objective: 0.9, description: x}]}"""
    estate, report = _read("sloth", tmp_path, text)

    targets = sorted(sla.objectives[0].target for _, sla in estate.sla.values())
    assert targets == [Decimal("0.009"), Decimal("0.999")]
    assert "0.9 read as 0.9 percent" in whats(report, "inferred")


def test_zones_by_the_names_of_windows_and_seconds(tmp_path: Path) -> None:
    zone = """BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16011028T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
"""
    event = """BEGIN:VEVENT
UID:1
SUMMARY:Patching
DTSTART;TZID="W. Europe Standard Time":20260713T220010
DTEND;TZID="W. Europe Standard Time":20260713T230010
RRULE:FREQ=MONTHLY;BYDAY=2MO
END:VEVENT
"""
    text = f"BEGIN:VCALENDAR\n{zone}{event}END:VCALENDAR\n".replace("\n", "\r\n")
    estate, report = imported("ical", written(tmp_path, "a.ics", text), tmp_path / "out")
    other = text.replace("TZOFFSETTO:+0200", "TZOFFSETTO:+0300")
    _, refused = imported("ical", written(tmp_path, "b.ics", other), tmp_path / "out")

    [[contract, sla]] = estate.sla.values()
    [window] = sla.exclusions[0].windows
    assert contract.timezone == "Europe/Berlin"
    assert window.rule == "FREQ=MONTHLY;BYDAY=2MO;BYHOUR=22;BYMINUTE=0;BYSECOND=10"
    assert "read as Europe/Berlin" in whats(report, "inferred")
    assert "is no IANA zone; left out" in whats(refused, "missing")


SLO = {"data": [{"id": "s1", "name": "availability", "type": "time_slice", "tags": ["service:web"],
                 "sli_specification": {"time_slice": {"query_interval_seconds": 60}},
                 "thresholds": [{"timeframe": "30d", "target": 99.9}]}]}  # fmt: skip


def _corrections(*starts: int) -> dict[str, object]:
    return {"data": [
        {"type": "correction", "id": f"c{at}", "attributes": {
            "slo_id": "s1", "category": "Scheduled Maintenance", "start": start, "end": start + 600}}
        for at, start in enumerate(starts)]}  # fmt: skip


def test_datadog_corrections_in_a_file_of_their_own(tmp_path: Path) -> None:
    out = tmp_path / "out"
    slos = written(tmp_path, "slos.json", json.dumps(SLO))
    fixes = written(tmp_path, "fixes.json", json.dumps(_corrections(1767225600, 1767312005)))
    _, early = imported("datadog", fixes, out)
    imported("datadog", slos, out)
    estate, report = imported("datadog", fixes, out)
    before = (out / "estate.yaml").read_bytes()
    for file in (slos, fixes):
        imported("datadog", file, out)

    [[_, sla]] = estate.sla.values()
    rules = [window.rule for ground in sla.exclusions for window in ground.windows]
    assert "in no file read so far; import it first" in whats(early, "missing")
    assert sla.objectives[0].interval_minutes == 1
    assert sla.objectives[0].target == Decimal("0.999")
    assert rules == [
        "FREQ=DAILY;COUNT=1;BYHOUR=0;BYMINUTE=0",
        "FREQ=DAILY;COUNT=1;BYHOUR=0;BYMINUTE=0;BYSECOND=5",
    ]
    assert [ground.clause for ground in sla.exclusions] == [
        "Datadog correction c0", "Datadog correction c1",
    ]  # fmt: skip
    assert whats(report, "missing") == ""
    assert (out / "estate.yaml").read_bytes() == before


def test_cells_of_service_levels_that_are_no_names(tmp_path: Path) -> None:
    rows = 'record,id,contract,service\nslas,s,"{""a"": 1}",web\nslas,t,k,[]\n'
    estate, report = imported("csv", written(tmp_path, "all.csv", rows), tmp_path / "out")

    assert estate.sla == {}
    assert "contract, id or service of an SLA; left out" in whats(report, "missing")


@pytest.mark.parametrize(
    ("written_zone", "zone"), [("America/New_York", "America/New_York"), ("Here", "UTC")]
)
def test_the_zone_of_an_openslo_calendar(tmp_path: Path, written_zone: str, zone: str) -> None:
    text = (
        "{apiVersion: openslo/v1, kind: SLO, metadata: {name: availability}, spec: {service: web,"
        " timeWindow: [{duration: 1M, calendar: {startTime: 2026-01-01 00:00:00, timeZone: "
        f"{written_zone}}}}}], objectives: [{{target: 0.99}}]}}}}"
    )
    estate, report = _read("openslo", tmp_path, text)

    [[contract, _]] = estate.sla.values()
    assert contract.timezone == zone
    assert ("is no IANA zone: UTC taken" in whats(report, "inferred")) == (zone == "UTC")


def test_a_cell_that_is_a_list_in_one_row_only(tmp_path: Path) -> None:
    rows = 'record,id,provider\nservices,s,acme\nservices,s,"[""a"", ""b""]"\n'
    estate, report = imported("csv", written(tmp_path, "all.csv", rows), tmp_path / "out")

    assert estate.service["s"].provider == "acme"
    assert "provider ['a', 'b'] beside 'acme'" in whats(report, "conflict")


def test_countries_by_name_in_the_workbook_of_entities(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Entities"
    for row in (("ref_id", "name", "country"), ("a", "A", "Ireland"), ("b", "B", "Atlantis"),
                ("c", "C", "FR"), ("d", "D", None)):  # fmt: skip
        sheet.append(row)
    book.save(tmp_path / "x.xlsx")
    estate, report = imported("ciso-assistant", tmp_path / "x.xlsx", tmp_path / "out")

    assert {o.id: o.country for o in estate.organizations} == {
        "a": "IE", "b": None, "c": "FR", "d": None,
    }  # fmt: skip
    assert whats(report, "inferred") == "country 'Ireland' read as IE"
    assert "'Atlantis' is none that we know" in whats(report, "left_out")
