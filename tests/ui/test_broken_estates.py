"""Broken estates get named problems, and nothing is settled on them; the samples are synthetic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from depgraph.errors import DepgraphError
from tests.ui.command_line import app
from tests.ui.test_worked_chains import alone, ladder, outage


def asked(folder: Path, estate: dict[str, Any], *arguments: str) -> Result:
    file = folder / "estate.yaml"
    file.write_text(yaml.safe_dump(estate), "utf-8")
    return CliRunner().invoke(app, [arguments[0], str(file), *arguments[1:]])


def complaint(done: Result) -> str:
    """What the user reads; anything else than a named problem is a fault of ours."""
    assert done.exit_code != 0
    assert not done.stdout
    if isinstance(done.exception, SystemExit):
        return done.stderr
    assert isinstance(done.exception, DepgraphError), repr(done.exception)
    return str(done.exception)


def refused(folder: Path, estate: dict[str, Any], period: str = "2026-04") -> str:
    return complaint(asked(folder, estate, "settle", "--period", period, "--json"))


SCHEDULES: list[tuple[dict[str, Any], str]] = [
    ({"shape": "continuous", "multiplier": -3}, "negative"),
    ({"shape": "points", "rate": 1, "repeat_multiplier": -1, "tiers": [{"points": 1}]}, "negative"),
    ({**ladder("0.9995"), "rolling_cap": {"amount": "5 USD"}}, "EUR and USD"),
    ({**ladder("0.9995"), "minimum": "5 USD"}, "EUR and USD"),
    ({**ladder("0.9995"), "base_fee": "-5 EUR"}, "negative"),
    ({**ladder("0.9995"), "base_fee": "5 ERU"}, "'ERU' is no currency"),
    ({"tiers": [{"below": "0.9995", "at_least": "0.99", "credit": 0.1},
                {"below": "0.985", "credit": 1}]}, "matches no row"),
    ({"tiers": [{"below": "0.9995", "at_least": "0.99", "credit": 0.3},
                {"below": "0.99", "credit": 0.1}]}, "earns less"),
]  # fmt: skip


@pytest.mark.parametrize(("remedy", "said"), SCHEDULES)
def test_faulty_schedules(tmp_path: Path, remedy: dict[str, Any], said: str) -> None:
    assert said in refused(tmp_path, alone(outage("x", "app", 60), credits=remedy))


INCIDENTS: list[tuple[dict[str, str], str]] = [
    ({"end": "2026-04-10T09:00:00Z"}, "not after its start"),
    ({"end": "2026-04-10T10:00:00+00:00"}, "not after its start"),
    ({"start": "2026-04-10T10:00:00"}, "no time zone"),
    ({"start": "2016-12-31T23:59:60Z"}, "23:59:60"),
    ({"start": "2026-02-29T00:00:00Z"}, "2026-02-29"),
    ({"start": "0001-01-01T00:00:00+14:00"}, "year from 1900"),
    ({"end": "9999-12-31T23:59:59-05:00"}, "year from 1900"),
    ({"affects": "nowhere"}, "nowhere"),
    ({"impact": "1.5"}, "outside [0, 1]"),
]


@pytest.mark.parametrize(("change", "said"), INCIDENTS)
def test_faulty_incidents(tmp_path: Path, change: dict[str, str], said: str) -> None:
    assert said in refused(tmp_path, alone({**outage("x", "app", 60), **change}))


@pytest.mark.parametrize("day", [0, 29, 30, 31])
def test_anchor_days_that_some_month_lacks(tmp_path: Path, day: int) -> None:
    estate = alone(outage("x", "app", 60))
    estate["contracts"][0]["anchor_day"] = day

    assert str(day) in refused(tmp_path, estate)


@pytest.mark.parametrize("period", ["0000-01", "9999-12", "1000..9998", "1900..2100", "2026-13"])
def test_periods_beyond_the_calendar(tmp_path: Path, period: str) -> None:
    assert period in refused(tmp_path, alone(outage("x", "app", 60)), period)


@pytest.mark.parametrize("start", ["9999-12-31T10:00:00Z", "9998-12-31T10:00:00Z", "0001-01-01"])
def test_outages_beyond_the_calendar(tmp_path: Path, start: str) -> None:
    estate = alone()
    done = asked(tmp_path, estate, "whatif", "--down", "app", "--from", start, "--for", "999h")

    assert complaint(done)


def test_versions_that_overlap_without_replacing_each_other(tmp_path: Path) -> None:
    """A month would be credited twice; accepted by name, it is settled."""
    estate = alone(outage("x", "app", 60))
    old = estate["contracts"][0]["slas"][0]
    new = {**old, "id": "k.2", "valid_from": "2026-04-01"}
    estate["contracts"][0]["slas"] = [{**old, "valid_to": "2026-04-20"}, new]

    assert "k.1 and k.2 both hold for app" in refused(tmp_path, estate)
    accept = ["--accept", "overlapping-versions:k.2"]
    assert asked(tmp_path, estate, "settle", "--period", "2026-04", *accept).exit_code == 0


def test_a_fee_of_zero_pays_nothing_and_is_pointed_out(tmp_path: Path) -> None:
    estate = alone(outage("x", "app", 60), fee="0 EUR")
    done = asked(tmp_path, estate, "settle", "--period", "2026-04")

    assert done.exit_code == 0
    assert "0.00 EUR" in done.stdout
    assert "zero-fee" in asked(tmp_path, estate, "check").stdout


def test_the_fee_of_the_preceding_period(tmp_path: Path) -> None:
    """Rule K3: in the first month of a new fee the credit is a share of the old one."""
    estate = alone(outage("x", "app", 60), outage("y", "app", 60, after=30 * 1440))
    old = estate["contracts"][0]["slas"][0]
    remedy = {**ladder("0.9995"), "base_period": "preceding"}
    new = {**old, "id": "k.2", "valid_from": "2026-04-01", "supersedes": "k.1",
           "monthly_fee": "200000 EUR", "credits": remedy}  # fmt: skip
    estate["contracts"][0]["slas"] = [{**old, "valid_to": "2026-03-31"}, new]
    done = asked(tmp_path, estate, "settle", "--period", "2026-04..2026-05", "--csv", "slas")

    assert [line.split(",")[0] for line in done.stdout.splitlines()[1:]] == ["k.2", "k.2"]
    assert "10000.00" in done.stdout.splitlines()[1]
    assert "20000.00" in done.stdout.splitlines()[2]
