"""`depgraph improve`: one document, tables, refusals."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sample_data import sample_path
from tests.ui.command_line import app
from ui.commands.improvement import TABLES

RUNNER = CliRunner()
RETAILER = str(sample_path("retailer"))
OFFERS = str(sample_path("retailer").parent / "offers" / "retailer.yaml")
ASK = ("--service", "point-of-sale", "--target", "0.999", "--as-of", "2026-04-01")


def _run(*arguments: str) -> Any:
    return RUNNER.invoke(app, ["improve", RETAILER, *arguments])


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    done = _run(*ASK, "--options", OFFERS, "--budget", "30000 EUR", "--json")
    assert done.exit_code == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_json_holds_the_plan_its_proof_and_the_frontier(document: dict[str, Any]) -> None:
    assert document["status"] == "reached"
    assert document["optimal"] is True
    assert document["plan"]["improvements"] == ["mobile-line", "price-copy", "store-ups"]
    assert document["plan"]["price"] == document["bound"] == "42000"
    assert document["within_budget"]["improvements"] == ["mobile-line", "price-copy"]
    prices = [float(point["price"]) for point in document["frontier"]]
    assert prices == sorted(prices)
    assert not any("cheaper-line" in point["improvements"] for point in document["frontier"])
    assert [r["requirement"] for r in document["goals"][0]["requirements"] if r["binding"]] == [
        "price-service"
    ]


def test_the_text_says_what_is_proven() -> None:
    done = _run(*ASK, "--options", OFFERS)
    assert done.exit_code == 0, done.stderr
    assert "Proven: no cheaper set of these options does." in " ".join(done.stdout.split())


def test_without_offers_it_says_what_would_be_needed() -> None:
    done = _run("--service", "point-of-sale", "--target", "99.65%", "--as-of", "2026-04-01")
    assert done.exit_code == 0, done.stderr
    assert "A second provider" in done.stdout
    assert "impossible alone" not in done.stdout
    assert "≥ 99.92" in done.stdout


def test_what_has_no_figure_is_a_bracket_and_misses_nothing_yet(tmp_path: Path) -> None:
    (tmp_path / "estate.yaml").write_text(
        "services: [{id: shop, availability: 0.999, depends_on: [pay]}, {id: pay}]\n", "utf-8"
    )
    ask = ["improve", str(tmp_path), "--service", "shop", "--target", "0.998"]
    done = RUNNER.invoke(app, ask)
    assert "asked 99.8000 %, now 0.0000 % to 99.9000 %: up to" in done.stdout
    assert "impossible" not in done.stdout
    [row] = [line for line in done.stdout.splitlines() if line.split()[:1] == ["pay"]][1:2]
    assert "no figure" in row


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_csv(table: str) -> None:
    done = _run(*ASK, "--options", OFFERS, "--csv", table)
    assert done.exit_code == 0, done.stderr
    reader = csv.DictReader(StringIO(done.stdout))
    assert reader.fieldnames
    assert "service" in reader.fieldnames or "service_asked" in reader.fieldnames
    # No pair or single failure alone is more than this target leaves.
    assert bool(list(reader)) == (table != "cut_sets")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--service", "pointofsale", "--target", "0.9"), "did you mean 'point-of-sale'?"),
        (("--service", "erp", "--target", "99.9"), 'for 99.9 % write 0.999 or "99.9%"'),
        (("--service", "erp", "--target", "much"), "is not a share between 0 and 1"),
        (("--service", "erp", "--service", "erp", "--target", "0.9"), "named twice"),
        (("--service", "erp", "--target", "0.9", "--target", "0.8"), "one for each"),
        ((*ASK, "--budget", "1200"), "1200.50 EUR"),
        ((*ASK, "--budget", "5 USD", "--options", OFFERS), "the budget is in USD"),
        ((*ASK, "--csv", "everything"), "is no table"),
    ],
)
def test_slips_are_refused_with_the_fix(arguments: tuple[str, ...], said: str) -> None:
    done = _run(*arguments)
    shown = done.stderr + str(done.exception or "")
    assert done.exit_code != 0
    assert said in " ".join(shown.split())


def test_offers_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "offers.yaml"
    file.write_text("improvements:\n  - {id: x, price_per_year: 1 EUR, edits: [{remove: {services: [none]}}]}\n", "utf-8")  # fmt: skip
    done = _run(*ASK, "--options", str(file))
    assert done.exit_code != 0
    assert "none of the services has the id 'none'" in str(done.exception)
