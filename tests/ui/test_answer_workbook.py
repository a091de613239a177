"""Workbooks of settlements and outages: what they hold is what the JSON says, with its types."""

from __future__ import annotations

import io
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from typer.testing import CliRunner

from depgraph.engine.settle import settlement
from depgraph.engine.structure import structure_of
from ingest import require_estate
from sample_data import sample_path
from tests.ui.command_line import app
from tests.ui.pages import view
from ui.answer_workbook import Cover, settlement_workbook

BY_HAND = str(sample_path("by_hand"))
OUTAGE = ("--down", "ledger", "--from", "2026-04-10T10:00:00Z", "--for", "40m")
HOSTILE = '=HYPERLINK("http://x","y")'


def _rows(sheet: Worksheet) -> list[dict[str, Any]]:
    names, *rows = sheet.iter_rows(values_only=True)
    assert len(set(names)) == len(names)
    return [dict(zip(map(str, names), row, strict=True)) for row in rows]


def _run(*line: str) -> Any:
    done = CliRunner().invoke(app, line)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_sums_of_a_settlement_are_numbers_and_those_of_the_document(tmp_path: Path) -> None:
    file = tmp_path / "s.xlsx"
    told = _run("settle", BY_HAND, "--period", "2026-04", "--xlsx", str(file), "--json")
    book = load_workbook(file)

    levels = {row["SLA"]: row for row in _rows(book["Service levels"])}
    for level in told["slas"]:
        row = levels[level["id"]]
        assert (row["measured"], row["target"]) == (level["measured"], level["target"])
        assert row["missed"] is level["breached"]
        assert (row["budget used"] > 1) is level["breached"]
        assert Decimal(str(row["owed"])) == Decimal(level["owed"])
        assert row["from [UTC]"] == datetime.fromisoformat(level["start"]).replace(tzinfo=None)
    contracts = {row["contract"]: row for row in _rows(book["Contracts"])}
    # Worked on paper in sample_data/by_hand/README.md.
    # By hand: 50 minutes of the 21.6 that 0.9995 lets be lost in a month of 30 days.
    assert levels["pay-shop-a"]["budget used"] == 2.31481481  # 50 / 21.6, nine digits
    assert contracts["pay-shop"]["owed"] == 10_000
    assert contracts["pay-shop"]["absorbed"] == 8_000
    assert contracts["pay-shop"]["currency"] == "EUR"
    ways = [row for row in _rows(book["From outage to cent"]) if row["SLA"] == "pay-shop-a"]
    assert {row["rule"] for row in ways} >= {"M5", "P7"}
    assert [row["step"] for row in ways] == list(range(1, len(ways) + 1))


def test_an_outage_says_who_is_down_and_when(tmp_path: Path) -> None:
    file = tmp_path / "w.xlsx"
    told = _run("whatif", BY_HAND, *OUTAGE, "--xlsx", str(file), "--json")
    rows = _rows(load_workbook(file)["Services down"])
    assert [row["service"] for row in rows] == [row["id"] for row in told["services_down"]]
    assert rows[0]["from [UTC]"] == datetime(2026, 4, 10, 10, 0)  # noqa: DTZ001 - spreadsheets know no zones
    assert rows[0]["down [min]"] == 40
    [asked] = _rows(load_workbook(file)["What fails"])
    assert (asked["what"], asked["cause"]) == ("ledger", "supplier")
    assert asked["to [UTC]"] == datetime(2026, 4, 10, 10, 40)  # noqa: DTZ001 - likewise


def test_changes_stand_in_the_workbook_with_what_they_do(tmp_path: Path) -> None:
    file = tmp_path / "w.xlsx"
    _run(
        "whatif",
        BY_HAND,
        str(Path(BY_HAND, "scenarios", "second-ledger.yaml")),
        "--xlsx",
        str(file),
        "--json",
    )
    book = load_workbook(file)
    assert any("ledger" in row["change"] for row in _rows(book["Changed beforehand"]))
    before_after = {row["of the estate"]: row for row in _rows(book["Before and after"])}
    assert before_after["services"]["after"] == 10


def test_a_workbook_prints_as_an_annex(tmp_path: Path) -> None:
    file = tmp_path / "w.xlsx"
    _run("whatif", BY_HAND, *OUTAGE, "--xlsx", str(file), "--json")
    for sheet in load_workbook(file).worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert "sha256:" in str(sheet.oddFooter)
        assert sheet.print_title_rows == (None if sheet.title == "Read me" else "$1:$1")


def test_names_never_become_formulas() -> None:
    text = Path(BY_HAND, "estate.yaml").read_text("utf-8")
    estate = require_estate(Path(BY_HAND))
    assert "ledger-pay-1" in text
    answer = settlement(
        structure_of(estate), "2026-04", datetime.fromisoformat("2026-06-01T00:00Z")
    )
    slas = [row.replace(id=HOSTILE, source="+1 234") for row in answer.slas]
    book = load_workbook(
        io.BytesIO(
            settlement_workbook(Cover(HOSTILE, "@a", "-1", ("=1+1",)), answer.replace(slas=slas))
        )
    )
    assert book["Read me"]["A1"].value == HOSTILE
    texts = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert not [cell for cell in texts if cell.data_type == "f"]
    for cell in (book["Read me"]["A1"], book["Service levels"]["A2"], book["Service levels"]["P2"]):
        assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_a_workbook_is_of_one_scenario(tmp_path: Path) -> None:
    estate = tmp_path / "estate.yaml"
    estate.write_text(Path(BY_HAND, "estate.yaml").read_text("utf-8"), "utf-8")
    for name in ("a", "b"):
        _run("whatif", str(estate), *OUTAGE, "--save", name, "--json")
    line = ["whatif", str(estate), "--scenario", "a", "--scenario", "b", "--xlsx", "x.xlsx"]
    done = CliRunner().invoke(app, line)
    assert done.exit_code == 2
    assert "--xlsx" in done.stderr


@pytest.mark.parametrize(
    ("name", "query"), [("outage", {"down": "service:ledger"}), ("contracts", {})]
)
def test_the_page_offers_it(
    monkeypatch: pytest.MonkeyPatch, name: str, query: dict[str, Any]
) -> None:
    page = view(monkeypatch, name, BY_HAND, **query)
    assert not page.exception
    assert "Excel" in [button.proto.label for button in page.get("download_button")]
