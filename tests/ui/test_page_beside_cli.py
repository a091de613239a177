"""The page and the command line say the same, figure by figure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from sample_data import sample_path
from tests.ui.command_line import app
from tests.ui.pages import as_read, view

RETAILER = str(sample_path("retailer"))
ACCEPTED = ("--accept", "schedule-gap:github-ghec")
"""The page shows such sums with a warning; the command line wants to be told."""
DOWN = "location:aws-eu-west-1"


def _said(*arguments: str) -> dict[str, Any]:
    """What the command line says, as a document."""
    result = CliRunner().invoke(app, [*arguments, "--json"])
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def _rows(page: AppTest, *columns: str) -> Iterator[dict[str, Any]]:
    """Rows of the first table that has these columns."""
    tables = map(as_read, page.dataframe)
    frame = next(table for table in tables if set(columns) <= set(table.columns))
    for row in frame.to_dict("records"):
        yield {str(name): value for name, value in row.items()}


def test_an_outage_has_the_sums_and_services_of_whatif(monkeypatch: pytest.MonkeyPatch) -> None:
    said = _said(
        "whatif",
        RETAILER,
        "--down",
        DOWN,
        "--from",
        "2026-04-10T10:00:00Z",
        "--for",
        "4h",
        *ACCEPTED,
    )
    page = view(monkeypatch, "outage", RETAILER, down=DOWN, day="2026-04-10", at="10:00", hours="4")
    assert not page.exception

    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Services down"] == str(len({row["id"] for row in said["services_down"]}))
    assert metrics["Levels missed"] == str(sum(row["breached"] for row in said["slas"]))
    down = list(_rows(page, "what", "because"))
    for kind, key in (("service", "services_down"), ("place", "places_down")):
        shown = [(r["what"], r["minutes"]) for r in down if r["kind"] == kind]
        assert shown == [(row["id"], row["minutes"]) for row in said[key]]
    assert [r["what"] for r in down if r["kind"] == "place"]
    owed = {
        r["contract"]: Decimal(r["owed"].removesuffix(" EUR").replace(",", ""))
        for r in _rows(page, "owed")
    }
    wanted = {row["id"]: Decimal(row["owed"]) for row in said["contracts"]}
    assert owed == {name: sum_ for name, sum_ in wanted.items() if name in owed}
    assert {name for name, sum_ in wanted.items() if sum_} <= set(owed)


def test_a_month_has_the_levels_of_settle(monkeypatch: pytest.MonkeyPatch) -> None:
    said = _said("settle", RETAILER, "--period", "2026-07", *ACCEPTED)
    page = view(monkeypatch, "contracts", RETAILER)
    page.text_input(key="contracts_period").set_value("2026-07").run()
    assert not page.exception

    rows = {row["SLA"]: row for row in _rows(page, "SLA", "measured", "owed")}
    wanted = {r["id"]: r for r in said["slas"] if r["down_minutes"] or r["breached"]}
    assert set(rows) == set(wanted)
    for name, row in rows.items():
        assert float(row["counted min"]) == wanted[name]["counted_minutes"]
        assert (row["missed"] == "yes") == wanted[name]["breached"]
        assert Decimal(row["owed"].split()[0].replace(",", "")) == Decimal(wanted[name]["owed"])


def test_the_matrix_list_has_the_gaps_of_flowdown(monkeypatch: pytest.MonkeyPatch) -> None:
    said = _said("flowdown", RETAILER)
    page = view(monkeypatch, "contracts", RETAILER)
    rows = [
        (r["promise"], r["obligation"].replace(" ", "_"), r["status"])
        for r in _rows(page, "promise", "obligation", "status")
    ]
    wanted = [
        (edge["promise"], match["obligation"], match["status"])
        for edge in said["edges"]
        for match in edge["obligations"]
        if match["status"] != "MATCH"
    ]
    assert rows == wanted
