"""Rows for the graph, without a database."""

from __future__ import annotations

import re
from datetime import date

from hypothesis import given, settings

from cypher.edges import EDGE_KINDS, edge_rows
from cypher.flow_rows import flow_down_rows
from cypher.rows import NODE_LISTS, digest, joined_text, node_rows, own_record, record_text
from cypher.statements_text import statement
from depgraph.engine.flow_down import flow_down
from depgraph.model.estate import Estate
from ingest import require_estate
from sample_data import sample_path
from tests.estates import estates


def _texts(estate: Estate) -> dict[str, list[str]]:
    rows = dict(node_rows(estate, "e"))
    return {f: [r["record"] for r in rows[n]] for n, f in NODE_LISTS.items() if n != "SLA"}


@settings(max_examples=60, deadline=None)
@given(estate=estates())
def test_the_texts_of_the_nodes_make_the_text_of_the_estate(estate: Estate) -> None:
    text = joined_text(own_record(estate), _texts(estate))

    assert text == record_text(estate)
    assert Estate.model_validate_json(text) == estate


def _samples() -> list[Estate]:
    return [require_estate(sample_path(name)) for name in ("retailer", "by_hand")]


def test_the_texts_of_every_sample_come_back_equal() -> None:
    for estate in _samples():
        text = joined_text(own_record(estate), _texts(estate))
        assert text == record_text(estate)
        again = Estate.model_validate_json(text)
        assert again == estate
        assert digest(again) == digest(estate)


def test_statements_write_every_property_of_the_rows() -> None:
    """A statement names its properties; one that it forgot would be lost without a word."""
    written: set[str] = set()
    for estate in _samples():
        for label, rows in node_rows(estate, "e"):
            named = set(re.findall(r"(\w+): row\.\1\b", statement(f"nodes_{label.lower()}")))
            assert {name for row in rows for name in row} <= named, label
        flows = flow_down_rows(flow_down(estate, date(2026, 4, 1)))
        for kind, rows in edge_rows(estate, "e", flows):
            named = set(re.findall(r"(\w+): row\.properties\.\1\b", statement(f"edges_{kind}")))
            assert {name for row in rows for name in row["properties"]} <= named, kind
            written |= {kind} if rows else set()
            assert f":{EDGE_KINDS[kind].type} " in statement(f"edges_{kind}")
    assert {"depends_on", "located_in", "flows_down", "holds"} <= written
