"""The command `simulate`: keys that tools rely on, and what people read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from depgraph.engine.expected_absorbed import AbsorbedChange
from depgraph.engine.play import Played
from depgraph.engine.simulation import TaskResult, local_blocks
from depgraph.engine.simulation_answer import SimulationAnswer
from depgraph.engine.simulation_blocks import BlockSimulator, SimulationTask
from depgraph.engine.tally import Distribution
from sample_data import sample_path
from tests.ui.command_line import app
from ui.expected_absorbed import YearsAsked
from ui.simulation_text import contract_rows, liability_texts
from ui.whatif_cells import expected_cells

BY_HAND = str(sample_path("by_hand"))
FIGURES = {"mean", "ci_low", "ci_high", "p50", "p90", "p95", "p99", "tail_mean"}
COMMON = ["--seed", "3", "--as-of", "2026-04-01"]


def test_json_has_the_keys_of_the_contract() -> None:
    done = CliRunner().invoke(app, ["simulate", BY_HAND, "--years", "16", *COMMON, "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)

    assert answer["years"] == answer["years_asked"] == 16
    assert answer["unknown"] == ["reviews"]
    for service in answer["services"]:
        assert set(service["availability"]) == set(service["downtime_minutes"]) == FIGURES
        assert service["availability"]["mean"] == pytest.approx(
            1 - service["downtime_minutes"]["mean"] / 525_600
        )
    for contract in answer["contracts"]:
        for key in ("owed", "recovered", "absorbed", "breaches"):
            assert set(contract[key]) == FIGURES
    assert all(set(row["absorbed"]) == FIGURES for row in answer["organizations"])


def test_people_read_figures_and_assumptions() -> None:
    done = CliRunner().invoke(app, ["simulate", BY_HAND, "--years", "32", "--no-money", *COMMON])
    assert done.exit_code == 0, done.output
    assert "32 of 32 years, seed 3" in done.stdout
    assert "exact availability" in done.stdout
    assert "assumed: mean time to restore of 1 h" in done.stdout
    assert "rests on components" in done.stdout


_CONTRACT = """
contracts:
  - id: k
    supplier: us
    customer: them
    slas:
      - id: k1
        service: shop
        monthly_fee: 100 EUR
        objectives: [{metric: availability, target: 0.999}]
        credits: {tiers: [{below: 0.999, credit: 0.1}]}
"""


def test_our_liability_is_the_headline(tmp_path: Path) -> None:
    file = tmp_path / "estate.yaml"
    file.write_text(
        """
organizations: [{id: us, own: true}, {id: them}]
services: [{id: shop, provider: us, availability: 0.998}]
"""
        + _CONTRACT
    )
    done = CliRunner().invoke(app, ["simulate", str(file), "--years", "64", *COMMON])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("We absorb ")
    assert "EUR a year on average" in done.stdout
    assert "at least" not in done.stdout


@pytest.mark.parametrize(
    ("currency", "digits"), [("EUR", r"\.\d\d"), ("KWD", r"\.\d{3}"), ("JPY", "")]
)
def test_sums_have_the_digits_of_their_currency(tmp_path: Path, currency: str, digits: str) -> None:
    """ISO 4217, as in `settle`; synthetic."""
    file = tmp_path / "estate.yaml"
    contract = _CONTRACT.replace("100 EUR", f"100000 {currency}")
    file.write_text(
        """
organizations: [{id: us, own: true}, {id: them}]
services: [{id: shop, provider: us, availability: 0.998}]
"""
        + contract
    )
    line = ["simulate", str(file), "--years", "64", *COMMON]
    text = " ".join(CliRunner().invoke(app, line).stdout.split())
    answer = SimulationAnswer.model_validate_json(CliRunner().invoke(app, [*line, "--json"]).stdout)
    told = rf"\d{{1,3}}(?:,\d{{3}})*{digits}"
    [row] = contract_rows(answer)

    assert re.search(
        rf"absorb {told} {currency} a year .* interval {told} to {told} {currency}", text
    )
    assert re.search(
        rf"k us → them {told} 0{digits.replace(chr(92) + 'd', '0')} {told} {told} ", text
    )
    for sum_ in ("owed", "absorbed", "absorbed, worst 5 %"):
        assert re.fullmatch(rf"{told} {currency}", str(row[sum_]))
    for sum_ in liability_texts(answer, answer.own_liability[0]):
        assert re.fullmatch(told, sum_)


@pytest.mark.parametrize(
    ("currency", "cells"),
    [
        ("EUR", ("1,234.57 → 0.25", "-1,234.32", "-1,300.00 to +0.50")),
        ("KWD", ("1,234.568 → 0.250", "-1,234.318", "-1,300.000 to +0.500")),
        # Less than a yen is not nothing.
        ("JPY", ("1,235 → 0.25", "-1,234", "-1,300 to +0.5")),
    ],
)
def test_what_a_change_does_has_the_digits_of_its_currency(
    currency: str, cells: tuple[str, ...]
) -> None:
    sides = (
        Distribution(mean=mean, ci_low=0, ci_high=9, p50=0, p90=0, p95=0, p99=0, tail_mean=0)
        for mean in (1234.5678, 0.25)
    )
    change = AbsorbedChange(
        id="k", currency=currency, before=next(sides), after=next(sides),
        difference=0.25 - 1234.5678, ci_low=-1300.0, ci_high=0.5, years_that_differ=2,
    )  # fmt: skip

    assert expected_cells(change) == (f"k ({currency})", *cells)


def test_what_no_year_had_does_not_read_as_no_risk(tmp_path: Path) -> None:
    """Of what 2.5 % of runs of 100 years would not show: 1 − 0.025^(1/100) = 3.62 % of years."""
    file = tmp_path / "estate.yaml"
    file.write_text(
        """
organizations: [{id: us, own: true}, {id: them}]
services: [{id: shop, provider: us, availability: 0.9999999}]
"""
        + _CONTRACT
    )
    done = CliRunner().invoke(app, ["simulate", str(file), "--years", "100", *COMMON])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("We absorbed nothing in EUR in any of the 100 years;")
    assert "0.00 EUR" not in done.stdout
    assert "with 97.5 % confidence less than 3.7 % of years do" in " ".join(done.stdout.split())


@pytest.mark.parametrize(("unknown", "limit"), [("working", "at least"), ("failed", "at most")])
def test_sums_that_rest_on_what_has_no_figure_are_limits(
    tmp_path: Path, unknown: str, limit: str
) -> None:
    file = tmp_path / "estate.yaml"
    file.write_text(
        """
organizations: [{id: us, own: true}, {id: them}]
services: [{id: shop, provider: us, availability: 0.998, depends_on: [pay]}, {id: pay}]
"""
        + _CONTRACT
    )
    ask = ["simulate", str(file), "--years", "32", "--unknown", unknown, *COMMON]
    done = CliRunner().invoke(app, ask)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"We absorb {limit} ")
    assert "1 component has no figure" in done.stdout


def test_no_more_processes_are_started_than_there_are_processors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started = []

    def told(task: SimulationTask, tasks: Sequence[range], workers: int) -> Iterator[TaskResult]:
        started.append(workers)
        return iter(local_blocks(BlockSimulator(task), tasks))

    monkeypatch.setattr("ui.simulation_limits.os.cpu_count", lambda: 3)
    monkeypatch.setattr("ui.commands.simulation.worker_blocks", told)
    ask = ["simulate", BY_HAND, "--years", "16", "--no-money", *COMMON, "--json", "--workers"]
    many, few = (CliRunner().invoke(app, [*ask, number]) for number in ("100000", "3"))

    assert started == [3, 3]
    assert "--workers 100,000 is more than this machine has" in many.stderr
    assert "3 processes are used" in many.stderr
    assert "--workers" not in few.stderr
    assert json.loads(many.stdout) == json.loads(few.stdout)


def test_a_comparison_of_years_starts_no_more_processes_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[YearsAsked] = []

    def told(answer: Played, _estates: object, _day: object, years: YearsAsked) -> Played:
        asked.append(years)
        return answer

    monkeypatch.setattr("ui.simulation_limits.os.cpu_count", lambda: 3)
    monkeypatch.setattr("ui.commands.whatif.with_expected_absorbed", told)
    change = tmp_path / "change.yaml"
    change.write_text("edits: [{add: {services: [{id: more}]}}]")
    done = CliRunner().invoke(
        app, ["whatif", BY_HAND, str(change), "--years", "16", "--workers", "100000"]
    )

    assert done.exit_code == 0, done.output
    assert [each.workers for each in asked] == [3]
    assert "3 processes are used" in done.stderr
