"""Our own formats out and back: what looks like a mark, JSON or the end of a row, and equal keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from depgraph.model.estate import Estate
from ingest.formats.own_tables import csv_text
from ingest.formats.registry import exporter
from tests.ingest.formats.bench import imported, whats

ESTATE = Estate.model_validate(
    {
        "organizations": [
            {"id": "us", "domain": "[1]", "latin_name": "{}", "aliases": ["'=1", "[x]"]},
            {"id": "them"},
        ],
        "services": [{"id": "=1+1", "name": "'-1"}, {"id": "'=1+1", "name": "one\rtwo\r\nthree"}],
        "functions": [{"id": "f"}, {"id": "g"}],
        "contracts": [
            {
                "id": "'-1",
                "supplier": "them",
                "customer": "us",
                "data_residency": [],
                "linked_contracts": ["''-1"],
                "used_by": [
                    {"entity": "us", "is_branch": False},
                    {"entity": "them"},
                    {"entity": "us", "is_branch": True},
                ],
                "ict_uses": [
                    {"function": "f", "start": "2025-01-01", "end": "2025-06-30"},
                    {"function": "g", "start": "2025-01-01"},
                    {"function": "f", "start": "2025-07-01"},
                ],
                "assessments": [{"last_audit": "2024-01-01"}, {"last_audit": "2025-01-01"}],
            },
            {"id": "''-1", "supplier": "them", "customer": "us"},
        ],
        "incidents": [
            {"id": "-i", "affects": "'=1+1", "start": "2026-04-01T00:00:00Z", "evidence": "[2026]"}
        ],
    }
)
"""Synthetic. Ids that differ in one apostrophe; two items of one list with what tells items apart."""


@pytest.mark.parametrize("kind", ["yaml", "json", "csv", "xlsx"])
def test_an_estate_is_the_same_after_out_and_back(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"x.{kind}"
    content = exporter(kind)(ESTATE)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    once, _ = imported(kind, file, tmp_path / "out")
    twice, report = imported(kind, file, tmp_path / "out")

    assert once == ESTATE
    assert twice == ESTATE
    assert whats(report, "conflict") + whats(report, "stale") == ""


def test_no_cell_of_a_csv_begins_as_a_formula() -> None:
    cells = [cell for line in csv_text(ESTATE).splitlines() for cell in line.split(",")]

    assert "''=1+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
