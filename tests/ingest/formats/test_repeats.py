"""What stands in a list more than once is taken once, and the report says so; synthetic files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.ingest.formats.bench import imported, sample, written

AGAIN = "depends_on of services: the same again"
OWN = """
services:
- {id: shop, depends_on: [ledger, ledger, ledger], supports: [sales, sales]}
- {id: ledger}
functions: [{id: sales}]
"""
BILL = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "services": [{"bom-ref": "shop", "name": "shop"}, {"bom-ref": "ledger", "name": "ledger"}],
    "dependencies": [{"ref": "shop", "dependsOn": ["ledger", "ledger"]}],
}
CATALOG = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: service, dependsOn: ['component:ledger', 'component:ledger']}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: ledger}
spec: {type: service, dependencyOf: ['component:shop']}
"""
RELATION = "shop,ledger,Depends on::Used by\n"
WORKSPACE = """workspace { model {
  shop = softwareSystem "shop"
  ledger = softwareSystem "ledger"
  shop -> ledger "reads"
  shop -> ledger "writes"
} }"""


def _again(name: str, file: Path, out: Path) -> list[str]:
    """Lines of the report on what stood more than once."""
    _, report = imported(name, file, out)
    return [n.what for n in report.notes if "the same again" in n.what and n.kind == "left_out"]


@pytest.mark.parametrize(
    ("name", "file", "text", "told"),
    [
        ("yaml", "e.yaml", OWN, [f"{AGAIN} (2 times)", "supports of services: the same again"]),
        ("csv", "services.csv", "id,depends_on\nshop,ledger; ledger\n", [AGAIN]),
        ("cyclonedx", "b.json", json.dumps(BILL), [AGAIN]),
        ("backstage", "c.yaml", CATALOG, [f"{AGAIN} (2 times)"]),
        ("servicenow", "r.csv", "parent,child,type\n" + 3 * RELATION, [f"{AGAIN} (2 times)"]),
        ("structurizr", "w.dsl", WORKSPACE, [AGAIN]),
    ],
)
def test_a_line_for_each_kind_of_list_has_the_count(
    tmp_path: Path, name: str, file: str, text: str, told: list[str]
) -> None:
    found = _again(name, written(tmp_path, file, text), tmp_path / "out")

    assert sorted(found) == sorted(told)


def test_rows_of_tables_that_say_nothing_more_are_told(tmp_path: Path) -> None:
    rows = "id,name\nledger,Ledger\nledger,Ledger\nledger,Ledger\nshop,Shop\n"
    file = written(tmp_path, "services.csv", rows)
    estate, report = imported("csv", file, tmp_path / "out")

    [line] = [note for note in report.notes if note.kind == "left_out"]
    assert line.what == "rows of services: the same again (2 times)"
    assert line.place.endswith("services.csv:3")
    assert list(estate.service) == ["ledger", "shop"]


def test_rows_of_a_record_that_say_more_are_not_the_same(tmp_path: Path) -> None:
    rows = "id,name,criticality\nledger,,\nledger,Ledger,\nledger,,critical\n"
    estate, report = imported("csv", written(tmp_path, "services.csv", rows), tmp_path / "out")

    assert not report.notes
    assert (estate.service["ledger"].name, estate.service["ledger"].criticality) == (
        "Ledger",
        "critical",
    )


def test_what_is_inferred_from_several_places_is_no_repeat(tmp_path: Path) -> None:
    """A need through two libraries is one need; no list of the source holds it twice."""
    bill = {
        **BILL,
        "components": [{"bom-ref": "one", "name": "one"}, {"bom-ref": "two", "name": "two"}],
        "dependencies": [
            {"ref": "shop", "dependsOn": ["one", "two"]},
            {"ref": "one", "dependsOn": ["ledger"]},
            {"ref": "two", "dependsOn": ["ledger"]},
        ],
    }

    assert not _again("cyclonedx", written(tmp_path, "b.json", json.dumps(bill)), tmp_path / "out")


def test_a_second_import_repeats_nothing(tmp_path: Path) -> None:
    """What the folder holds already is no repeat of the source's own."""
    file = written(tmp_path, "services.csv", "id,depends_on\nshop,ledger\n")
    imported("csv", file, tmp_path / "out")

    assert not _again("csv", file, tmp_path / "out")


def test_a_register_that_names_contracts_in_many_rows_repeats_nothing(tmp_path: Path) -> None:
    """Its contracts cover services by inference, row by row; no list of it holds them twice."""
    assert not _again("dora", sample("dora_register_eba_random.zip"), tmp_path / "out")


def test_solutions_of_a_contract_are_told_too(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.create_sheet("Contracts")
    sheet.append(["ref_id", "name", "provider_entity_ref_id", "solution_ref_id"])
    sheet.append(["k", "K", "them", "mail|mail"])
    book.save(tmp_path / "tprm.xlsx")

    found = _again("ciso-assistant", tmp_path / "tprm.xlsx", tmp_path / "out")
    assert found == ["slas of contracts: the same again"]
