"""Exports read back by libraries and rules that are not ours."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import networkx as nx
import openpyxl
import pydot
import pytest
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from depgraph.model.estate import Estate
from ingest import require_estate
from ingest.formats.graph_exports import (
    dot_text,
    estate_graph,
    gexf_text,
    graphml_text,
    json_graph_text,
    mermaid_text,
)  # fmt: skip
from ingest.formats.own_workbook import xlsx_bytes
from ingest.formats.standard_exports import cyclonedx_text, openslo_text
from sample_data import sample_path
from tests.ingest.formats.bench import imported, written

ESTATES = ["by_hand", "gaps", "register", "retailer"]
MEASURES: dict[str, dict[str, Any]] = {
    "time": {},
    "interval_mean": {"interval_minutes": 10},
    "interval_all_fail": {"interval_minutes": 3},
    "threshold_minutes": {"error_threshold": 0.1},
    "request_ratio": {},
    "executions": {},
}


def _estate(name: str) -> Estate:
    return require_estate(sample_path(name))


def _edges(graph: nx.Graph[Any], kind: str = "type") -> Counter[str]:
    """Every edge with its properties, numbers as numbers."""
    found: Counter[str] = Counter()
    for start, end, data in graph.edges(data=True):
        held = {k: float(v) if isinstance(v, int) else v for k, v in data.items() if k != "id"}
        held["type"] = held.pop(kind)
        found[json.dumps([start, end, held], sort_keys=True)] += 1
    return found


@pytest.mark.parametrize("name", ESTATES)
def test_graphs_by_networkx(name: str) -> None:
    estate = _estate(name)
    graph = estate_graph(estate)
    plain = nx.node_link_graph(json.loads(json_graph_text(estate)), edges="edges")
    graphml = nx.read_graphml(io.BytesIO(graphml_text(estate)), force_multigraph=True)
    gexf = nx.read_gexf(io.BytesIO(gexf_text(estate)))

    assert _edges(plain) == _edges(graph)
    assert _edges(graphml) == _edges(graph)
    assert _edges(gexf, "relation") == _edges(graph)
    for again in (plain, graphml, gexf):
        assert {n: d["kind"] for n, d in again.nodes(data=True)} == {
            n: d["kind"] for n, d in graph.nodes(data=True)
        }
        assert {n: d["label"] for n, d in again.nodes(data=True)} == {
            n: d["label"] for n, d in graph.nodes(data=True)
        }


@pytest.mark.parametrize("name", ESTATES)
def test_pictures_by_pydot_and_by_line(name: str) -> None:
    estate = _estate(name)
    graph = estate_graph(estate)
    parsed = pydot.graph_from_dot_data(dot_text(estate))
    assert parsed is not None
    [drawn] = parsed
    ends = Counter((str(e.get_source()).strip('"'), str(e.get_destination()).strip('"'))
                   for e in drawn.get_edges())  # fmt: skip
    names = {str(node.get_name()).strip('"') for node in drawn.get_nodes()}
    drawable = {n for n, d in graph.nodes(data=True) if d["kind"] in {"service", "location"}}
    shown = mermaid_text(estate).splitlines()

    assert ends == Counter((start, end) for start, end in graph.edges())
    assert names == set(graph.nodes)
    assert shown[0] == "flowchart LR"
    assert sum(
        bool(re.fullmatch(r"  n\d+(\[|\(\[)\".*\"(\]|\]\))", line)) for line in shown
    ) == len(drawable)
    arrows = [line for line in shown if re.fullmatch(r"  n\d+ (-->|-\.->)(\|\".*\"\|)? n\d+", line)]
    assert len(arrows) == sum(s in drawable and e in drawable for s, e in graph.edges())


@pytest.mark.parametrize("name", ESTATES)
def test_no_cell_of_a_workbook_is_a_formula(name: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(_estate(name))))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]

    assert {cell.data_type for cell in cells if cell.value is not None} <= {"s", "n", "d"}


@pytest.mark.parametrize("name", ESTATES)
def test_a_bill_of_services_by_its_schema(name: str) -> None:
    judge = JsonStrictValidator(SchemaVersion.V1_6)

    assert judge.validate_str(cyclonedx_text(_estate(name))) is None
    assert judge.validate_str('{"bomFormat": "CycloneDX", "specVersion": 1}') is not None


@pytest.mark.parametrize("name", ESTATES)
def test_a_bill_of_services_by_hand(name: str) -> None:
    bill = json.loads(cyclonedx_text(_estate(name)))
    references = [service["bom-ref"] for service in bill["services"]]
    used = [d for entry in bill["dependencies"] for d in (entry["ref"], *entry["dependsOn"])]

    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert len(references) == len(set(references))
    assert set(used) <= set(references)
    assert all(len(e["dependsOn"]) == len(set(e["dependsOn"])) for e in bill["dependencies"])


def _faults(document: dict[str, Any]) -> list[str]:
    """What the OpenSLO v1 specification asks of a document and it lacks."""
    faults = []
    spec, metadata = document.get("spec"), document.get("metadata", {})
    if document.get("apiVersion") != "openslo/v1" or document.get("kind") not in {"SLO", "Service"}:
        faults.append("apiVersion or kind")
    if not metadata.get("name") or not isinstance(spec, dict):
        return [*faults, "name or spec"]
    if any(not isinstance(text, str) for text in metadata.get("annotations", {}).values()):
        faults.append("annotations are texts")
    if document["kind"] == "Service":
        return faults
    if ("indicator" in spec) == ("indicatorRef" in spec):
        faults.append("one of indicator and indicatorRef")
    return faults + _window_faults(spec["timeWindow"]) + _objective_faults(spec)


def _window_faults(windows: list[dict[str, Any]]) -> list[str]:
    """What is wrong with a calendar window."""
    [window] = windows
    start = window["calendar"]["startTime"]
    checks = {
        "duration-shorthand": re.fullmatch(r"[1-9]\d*[mhdwMQY]", window["duration"]) is not None,
        "isRolling": window["isRolling"] is False,
        "startTime": re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", start) is not None,
    }
    return [name for name, fine in checks.items() if not fine]


def _objective_faults(spec: dict[str, Any]) -> list[str]:
    """What is wrong with the budgeting method and the objectives."""
    method, faults = spec["budgetingMethod"], []
    for objective in spec["objectives"]:
        sliced = re.fullmatch(r"[1-9]\d*m", objective.get("timeSliceWindow", "")) is not None
        checks = {
            "method": method in {"Occurrences", "Timeslices", "RatioTimeslices"},
            "target": 0 <= objective["target"] < 1,
            "timeSliceTarget": (method == "Timeslices")
            == (0 < objective.get("timeSliceTarget", 0) <= 1),
            "timeSliceWindow": sliced == (method != "Occurrences"),
        }
        faults += [name for name, fine in checks.items() if not fine]
    return faults


@pytest.mark.parametrize("name", ESTATES)
def test_openslo_documents_hold_what_the_specification_asks_for(name: str) -> None:
    estate = _estate(name)
    text = openslo_text(estate)
    documents = list(yaml.safe_load_all(text))
    promised = {i: s.availability_objective for i, (_, s) in estate.sla.items()}
    whole = {i for i, objective in promised.items() if objective and objective.target == 1}

    assert [fault for document in documents for fault in _faults(document)] == []
    assert {d["metadata"]["name"] for d in documents if d["kind"] == "SLO"} == {
        i for i, objective in promised.items() if objective
    } - whole
    assert text.count("# left out:") == len(whole)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_measure_survives_openslo(tmp_path: Path, measure: str) -> None:
    objective = {"metric": "availability", "target": 0.995, "measure": measure, "period": "quarter"}
    estate = Estate.model_validate({
        "organizations": [{"id": "a"}, {"id": "b"}],
        "services": [{"id": "web"}],
        "contracts": [{"id": "k", "supplier": "a", "customer": "b", "timezone": "Asia/Tokyo",
                       "slas": [{"id": "s", "service": "web",
                                 "objectives": [{**objective, **MEASURES[measure]}]}]}],
    })  # fmt: skip
    text = openslo_text(estate)
    again, _ = imported("openslo", written(tmp_path, "slo.yaml", text), tmp_path / "out")

    assert [fault for document in yaml.safe_load_all(text) for fault in _faults(document)] == []
    [[contract, sla]] = again.sla.values()
    assert contract.timezone == "Asia/Tokyo"
    assert sla.objectives == estate.contract["k"].slas[0].objectives
