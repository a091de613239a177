"""Our own formats out and back: what looks like a mark, JSON or the end of a row, and equal keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from depgraph.model.estate import Estate
from ingest.formats.not_held import not_held
from ingest.formats.own_tables import csv_text
from ingest.formats.registry import exporter
from ingest.formats.standard_exports import cyclonedx_text
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


SPACED = [
    " A ", "A ", " A", "' A", "'A ", "'' A ", "=1 ", "'=1 ", "\tA", "A\n", "\nA\n", "\u00a0A\u3000",
    "  ", "' ", "A", "'A", "",
]  # fmt: skip
"""Texts with white space around them, and marks that could be taken for ours."""


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_white_space_around_a_text_comes_back(tmp_path: Path, kind: str) -> None:
    estate = Estate.model_validate(
        {
            "name": " Synthetic ",
            "organizations": [{"id": f"o{n}", "name": text} for n, text in enumerate(SPACED)],
            "services": [{"id": "' s", "name": "' s"}],
        }
    )
    file = tmp_path / f"x.{kind}"
    content = exporter(kind)(estate)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    once, _ = imported(kind, file, tmp_path / "out")
    twice, report = imported(kind, file, tmp_path / "out")

    assert [each.name for each in once.organizations] == SPACED
    assert once == twice == estate
    assert whats(report, "conflict") + whats(report, "stale") == ""


def test_spaces_that_people_leave_in_cells_are_no_part_of_a_text(tmp_path: Path) -> None:
    file = tmp_path / "services.csv"
    file.write_text("id , name,provider\n  shop , Web shop , us \n 'till ,'Till,us\n")
    estate, _ = imported("csv", file, tmp_path / "out")

    assert [(each.id, each.name, each.provider) for each in estate.services] == [
        ("shop", "Web shop", "us"), ("'till", "'Till", "us"),
    ]  # fmt: skip


NEEDS = Estate.model_validate(
    {
        "organizations": [
            {"id": "us", "name": "Same name", "own": True},
            {"id": "them", "name": "Same name"},
        ],
        "services": [
            {"id": "shop", "name": "Shop", "provider": "us", "unavailability": "1e-13",
             "depends_on": [{"at_least": 1, "of": ["a", "b"], "common_cause": 0.1},
                            {"service": "mail", "soft": 0.5}, "net"]},
            {"id": "a", "name": "A", "provider": "them", "availability": 0.99, "mttr_hours": 3},
            {"id": "b", "name": "B", "provider": "them", "mtbf_hours": 1000, "mttr_hours": "0.5"},
            {"id": "mail", "name": "Mail", "provider": "them"},
            {"id": "net", "name": "Net", "provider": "them", "depends_on": ["a", "b"]},
        ],
    }
)  # fmt: skip
"""Synthetic: one of two, one that only degrades, and figures given in every way."""


def test_a_bill_of_services_keeps_redundancy_and_figures(tmp_path: Path) -> None:
    file = tmp_path / "bom.json"
    file.write_text(cyclonedx_text(NEEDS), encoding="utf-8")
    once, report = imported("cyclonedx", file, tmp_path / "out")
    twice, again = imported("cyclonedx", file, tmp_path / "out")

    assert once.services == twice.services == NEEDS.services
    assert [o.id for o in once.organizations] == ["us", "them"]
    assert whats(report, "conflict") + whats(again, "conflict") + whats(again, "stale") == ""


def test_needs_that_a_bill_states_otherwise_are_told(tmp_path: Path) -> None:
    """Somebody took b from the bill's dependencies; the group is not what the bill says."""
    bill = json.loads(cyclonedx_text(NEEDS))
    bill["dependencies"][0]["dependsOn"].remove("b")
    file = tmp_path / "bom.json"
    file.write_text(json.dumps(bill), encoding="utf-8")
    estate, report = imported("cyclonedx", file, tmp_path / "out")

    assert estate.service["shop"].depends_on == ("a", "mail", "net")
    assert whats(report, "conflict") == (
        "depgraph:depends_on of 'shop' names others than dependsOn, which counts"
    )


def test_what_a_format_has_no_place_for_is_counted() -> None:
    told = not_held("cyclonedx", ESTATE)

    assert told == (
        "cyclonedx holds services with providers, figures and needs; "
        "left out: 2 business functions, 2 contracts, 1 incident"
    )
    assert not_held("openslo", NEEDS).endswith("left out: 2 organizations")
    assert not_held("yaml", ESTATE) == ""
