"""Saved scenarios and before → after on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sample_data import sample_path
from tests.estates import HOSTILE
from tests.ui.command_line import app

OUTAGE = ("--down", "ledger", "--from", "2026-04-10T10:00:00Z", "--for", "50m")
SECOND = """
name: Second ledger
edits:
  - add: {services: [{id: ledger-2, provider: ledger-co, availability: 0.999}]}
  - replace: {dependencies: [{service: pay-a, on: ledger, with: {at_least: 1, of: [ledger, ledger-2]}}]}
"""
FAILS = "incidents: [{id: x, affects: ledger, start: 2026-04-10T10:00:00Z, end: 2026-04-10T10:50:00Z, cause: supplier}]\n"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def estate(tmp_path: Path) -> str:
    folder = tmp_path / "estate"
    folder.mkdir()
    shutil.copy(sample_path("by_hand") / "estate.yaml", folder)
    return str(folder)


def test_a_scenario_is_saved_listed_replayed_and_forgotten(estate: str) -> None:
    first = run("whatif", estate, *OUTAGE, "--save", "Ledger down", "--json")
    again = run("whatif", estate, "--scenario", "Ledger down", "--json")
    listed = json.loads(run("whatif", estate, "--scenarios", "--json").stdout)

    assert first.exit_code == again.exit_code == 0
    assert json.loads(first.stdout)["slas"] == json.loads(again.stdout)["slas"]
    assert json.loads(again.stdout)["name"] == "Ledger down"
    assert [(row["name"], row["incidents"], row["edits"]) for row in listed] == [
        ("Ledger down", 1, 0)
    ]
    assert run("check", estate, "--fail-on", "never").exit_code == 0
    assert run("whatif", estate, "--forget", "Ledger down").exit_code == 0
    assert json.loads(run("whatif", estate, "--scenarios", "--json").stdout) == []


def test_a_scenario_of_another_content_needs_replace(estate: str) -> None:
    run("whatif", estate, *OUTAGE, "--save", "A")
    other = ("whatif", estate, "--down", "pay-a", *OUTAGE[2:], "--save", "A")
    refused = run(*other)

    assert "--replace" in str(refused.exception)
    assert run(*other, "--replace").exit_code == 0
    down = json.loads(run("whatif", estate, "--scenario", "A", "--json").stdout)["services_down"]
    assert "ledger" not in {row["id"] for row in down}


def test_several_scenarios_stand_side_by_side(estate: str, tmp_path: Path) -> None:
    file = tmp_path / "second.yaml"
    file.write_text(SECOND + FAILS, "utf-8")
    run("whatif", estate, *OUTAGE, "--save", "As it is")
    assert run("whatif", estate, str(file), "--save", "Second ledger").exit_code == 0
    both = ("whatif", estate, "--scenario", "As it is", "--scenario", "Second ledger")
    rows = json.loads(run(*both, "--json").stdout)["scenarios"]
    text = run(*both).stdout

    assert [row["name"] for row in rows] == ["As it is", "Second ledger"]
    assert [row["owed_to_us"] for row in rows] == [{"EUR": "10000.00"}, {}]
    assert [row["single_points_of_failure"] for row in rows] == [9, 10]
    assert "As it is" in text
    assert "10,000.00 EUR" in text
    assert run(*both, "--csv", "slas").exit_code == 2


def test_changes_alone_are_shown_before_and_after(estate: str, tmp_path: Path) -> None:
    file = tmp_path / "second.yaml"
    file.write_text(SECOND, "utf-8")
    answer = json.loads(run("whatif", estate, str(file), "--json").stdout)
    text = run("whatif", estate, str(file)).stdout

    assert answer["services_down"] == answer["slas"] == answer["contracts"] == []
    row = next(row for row in answer["changes"] if row["id"] == "pay-a")
    assert row["availability_before"] == pytest.approx(0.998001, rel=1e-12)
    assert row["single_points_of_failure_after"] == row["single_points_of_failure_before"] - 1
    assert answer["before_after"]["gaps_before"] > 0
    assert "Before → after" in text
    assert "nothing fails" in text


def test_money_before_and_after_is_in_the_answer(estate: str, tmp_path: Path) -> None:
    file = tmp_path / "second.yaml"
    file.write_text(SECOND + FAILS, "utf-8")
    answer = json.loads(run("whatif", estate, str(file), "--json").stdout)
    [row] = [row for row in answer["before_after"]["money"] if row["id"] == "pay-shop"]

    assert (row["owed_before"], row["owed_after"]) == ("10000.00", "0.00")
    assert "10000.00 → 0.00" in run("whatif", estate, str(file)).stdout


def test_the_document_holds_the_figures_and_escapes_every_name(tmp_path: Path) -> None:
    folder = tmp_path / "estate"
    folder.mkdir()
    text = (sample_path("by_hand") / "estate.yaml").read_text("utf-8")
    hostile = "<script>alert(1)</script>"
    (folder / "estate.yaml").write_text(
        text.replace("Worked by hand (synthetic)", f'"{hostile}"'), "utf-8"
    )
    out = tmp_path / "what.html"
    assert run("whatif", str(folder), *OUTAGE, "--save", hostile, "--html", str(out)).exit_code == 0
    written = out.read_text("utf-8")

    assert "<script" not in written
    assert "&lt;script&gt;alert(1)" in written
    assert "10000.00" in written
    assert "pay-co owes 10000.00 EUR to shop-co" in written
    assert "http" not in written.replace("http-equiv", "")


def test_names_of_any_kind_are_saved_and_found(estate: str) -> None:
    for name in [each for each in HOSTILE[:12] if each.strip() and not each.startswith("-")]:
        assert run("whatif", estate, *OUTAGE, "--save", name, "--json").exit_code == 0, name
        found = run("whatif", estate, "--scenario", name, "--json")
        assert json.loads(found.stdout)["name"] == name


def test_what_no_longer_fits_is_said(estate: str) -> None:
    run("whatif", estate, "--down", "reviews", *OUTAGE[2:], "--save", "R")
    file = Path(estate, "estate.yaml")
    kept = [line for line in file.read_text("utf-8").splitlines() if "reviews" not in line]
    file.write_text("\n".join(kept), "utf-8")
    refused = run("whatif", estate, "--scenario", "R")

    assert "reviews" in str(refused.exception)
    assert "no scenario called 'Q'" in str(run("whatif", estate, "--scenario", "Q").exception)


def test_expected_absorbed_liability_before_and_after(estate: str, tmp_path: Path) -> None:
    """Rule W3: the headline, its interval, and the same bits again; in text, JSON and HTML."""
    scenario, document = tmp_path / "second.yaml", tmp_path / "second.html"
    scenario.write_text(SECOND)
    years = ("--years", "32", "--seed", "7", "--mttr-hours", "2")
    first = run("whatif", estate, str(scenario), *years, "--html", str(document), "--json")
    again = run("whatif", estate, str(scenario), *years)

    found = json.loads(first.stdout)["before_after"]["expected_absorbed"]
    [change] = [row for row in found["organizations"] if row["id"] == "pay-co"]
    assert (found["years"], found["seed"], found["stopped"]) == (32, 7, "complete")
    assert change["ci_low"] <= change["difference"] <= change["ci_high"] < 0
    assert f"{change['difference']:+,.2f}" in again.stdout
    assert f"{change['difference']:+,.2f}" in document.read_text()
    assert "mean time to restore of 2 h" in again.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--scenario", "x", "--for", "2h"), "--for goes with --down"),
        (("--preset", "aws-2021-12-07", "--cause", "customer"), "--cause goes with --down"),
        ((*OUTAGE, "--aim", "ledger"), "--aim goes with --preset"),
        ((*OUTAGE, "--seed", "7"), "--seed goes with --years"),
        (("--scenario", "x", "--from", "2026-04-10"), "--from goes with --down or --preset"),
    ],
)
def test_an_option_that_would_change_nothing_is_refused(
    estate: str, options: tuple[str, ...], told: str
) -> None:
    done = run("whatif", estate, *options)

    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr


def test_years_need_changes(estate: str) -> None:
    refused = run("whatif", estate, *OUTAGE, "--years", "10")
    assert refused.exit_code == 2
    assert "edits" in refused.output
