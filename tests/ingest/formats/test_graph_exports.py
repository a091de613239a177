"""Graphs out: read back by other readers, and no name can leave its quotes."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET

import networkx as nx
import pydot
import pytest

from depgraph.model.estate import Estate
from ingest.formats.cypher_script import cypher_text, literal
from ingest.formats.graph_exports import (
    dot_text,
    gexf_text,
    graphml_text,
    json_graph_text,
    mermaid_text,
)  # fmt: skip
from ingest.formats.registry import EXPORTERS, exporter

HOSTILE = """a"]; x-->y' }) DETACH DELETE n // \\ <b>&amp;\x07\u2028%%"""
ESTATE = Estate.model_validate(
    {
        "organizations": [{"id": "acme", "name": HOSTILE}, {"id": "cloud", "parent": "acme"}],
        "locations": [{"id": "eu", "kind": "region"}],
        "services": [
            {"id": "shop", "name": HOSTILE, "provider": "acme", "located_in": ["eu"],
             "depends_on": ["a", {"service": "b", "soft": 0.3}, {"at_least": 1, "of": ["a", "b"]}]},
            {"id": "a"}, {"id": "b"},
        ],
        "contracts": [
            {"id": "c", "supplier": "cloud", "customer": "acme",
             "slas": [{"id": "s", "service": "a", "objectives": [{"metric": "availability", "target": 0.999}]}]},
        ],
    }
)  # fmt: skip


def test_graphml_and_gexf_read_back() -> None:
    for content, read in (
        (graphml_text(ESTATE), nx.read_graphml),
        (gexf_text(ESTATE), nx.read_gexf),
    ):
        graph = read(io.BytesIO(content))
        ET.fromstring(content)
        assert set(graph.nodes) == {
            "organization:acme", "organization:cloud", "location:eu", "service:shop", "service:a",
            "service:b", "contract:c",
        }  # fmt: skip
        assert graph.number_of_edges() == 10


def test_json_graph_holds_every_edge() -> None:
    data = json.loads(json_graph_text(ESTATE))

    needs = [(e["source"], e["target"]) for e in data["edges"] if e["type"] == "DEPENDS_ON"]
    assert (
        sorted(needs) == [("service:shop", "service:a")] * 2 + [("service:shop", "service:b")] * 2
    )


def test_names_cannot_leave_their_place() -> None:
    lines = mermaid_text(ESTATE).splitlines()
    assert sum('"]' in line for line in lines) == 4
    assert len(lines) == 1 + 4 + 5
    drawn = pydot.graph_from_dot_data(dot_text(ESTATE))
    assert drawn is not None
    [graph] = drawn
    assert len(graph.get_edges()) == 10


def test_cypher_keeps_data_in_strings() -> None:
    text = cypher_text(ESTATE)

    assert literal(HOSTILE) in text
    assert all(
        line.endswith(";") and line.split()[0] in {"MERGE", "MATCH"} for line in text.splitlines()
    )
    assert literal("\\") == r"'\\'"
    assert "SET s.target = 0.999" in text


# A register of nobody cannot be filed: tests/ingest/dora holds that it is refused.
@pytest.mark.parametrize("name", sorted(EXPORTERS.keys() - {"dora", "openslo"}))
def test_every_export_takes_an_empty_estate(name: str) -> None:
    assert exporter(name)(Estate())


def test_redundancy_is_no_must_in_a_picture() -> None:
    estate = Estate.model_validate(
        {"services": [{"id": "a", "depends_on": ["b", {"at_least": 1, "of": ["c", "d"]}]},
                      {"id": "b"}, {"id": "c"}, {"id": "d"}]}
    )  # fmt: skip
    labels = [line.split("label=")[1] for line in dot_text(estate).splitlines() if "->" in line]

    assert labels == [
        '"DEPENDS_ON"];',
        '"DEPENDS_ON, at least 1 of group 2"];',
        '"DEPENDS_ON, at least 1 of group 2"];',
    ]
