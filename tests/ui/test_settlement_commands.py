"""`settle`, `whatif` and `schedules` as a user runs them; the outage settled on paper."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sample_data import sample_path
from tests.ui.command_line import app

BY_HAND = str(sample_path("by_hand"))
RETAILER = str(sample_path("retailer"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_the_outage_settled_on_paper() -> None:
    """sample_data/by_hand/README.md, and worked example D02."""
    answer = json.loads(run("settle", BY_HAND, "--period", "2026-04", "--json").stdout)
    contracts = {row["id"]: row for row in answer["contracts"]}

    assert contracts["pay-shop"]["owed"] == "10000.00"
    assert contracts["pay-shop"]["recovered"] == "2000.00"
    assert contracts["pay-shop"]["absorbed"] == "8000.00"
    assert [gap["gap"] for gap in contracts["pay-shop"]["gaps"]] == ["AMOUNT"]
    assert answer["net_positions"] == {
        "ledger-co": {"EUR": "-2000.00"},
        "pay-co": {"EUR": "-8000.00"},
        "shop-co": {"EUR": "10000.00"},
    }
    level = next(row for row in answer["slas"] if row["id"] == "pay-shop-a")
    assert level["counted_minutes"] == 50
    assert level["credit"] | {"base": "", "raw": ""} == {
        "amount": "10000.00", "currency": "EUR", "capped_out": [], "base": "", "raw": "",
    }  # fmt: skip


def test_a_time_without_a_zone_is_refused_with_the_fix() -> None:
    asked = run("whatif", BY_HAND, "--down", "ledger", "--from", "2026-04-10T10:00")

    assert asked.exit_code == 2
    assert "--from '2026-04-10T10:00' has no zone; write 2026-04-10T10:00Z for UTC" in asked.stderr


@pytest.mark.parametrize("start", ["2026-04-10T02:00+02:00", "2026-04-10"])
def test_a_zone_and_a_day_are_times_in_utc(start: str) -> None:
    asked = run("whatif", BY_HAND, "--down", "ledger", "--from", start, "--json")

    assert json.loads(asked.stdout)["services_down"][0]["from"] == "2026-04-10T00:00:00Z"


def test_what_if_gives_the_same_money_and_the_loss() -> None:
    answer = json.loads(
        run("whatif", BY_HAND, "--down", "ledger", "--from", "2026-04-10T10:00:00Z", "--for", "50m", "--json").stdout
    )  # fmt: skip

    assert answer["functions"][0]["loss"] == "5000.00"
    assert {row["id"] for row in answer["services_down"]} == {"ledger", "pay-a", "pay-b", "shop"}
    shop = next(row for row in answer["services_down"] if row["id"] == "shop")
    assert (shop["from"], shop["to"]) == ("2026-04-10T10:00:00Z", "2026-04-10T10:50:00Z")
    assert shop["because"][0] == "ledger"
    assert shop["because"][-1] == "shop"
    owed = {row["id"]: row["owed"] for row in answer["contracts"]}
    assert owed == {"pay-shop": "10000.00", "ledger-pay": "2000.00"}


def test_forty_minutes_is_a_target_gap() -> None:
    answer = json.loads(
        run("whatif", BY_HAND, "--down", "ledger", "--from", "2026-04-10T10:00:00Z", "--for", "40m", "--json").stdout
    )  # fmt: skip

    gaps = next(row["gaps"] for row in answer["contracts"] if row["id"] == "pay-shop")
    assert [(gap["gap"], gap["amount"]) for gap in gaps] == [("TARGET", "10000.00")]


def test_explain_names_rules_and_csv_is_csv() -> None:
    text = run("settle", BY_HAND, "--period", "2026-04", "--explain").stdout
    rows = list(csv.DictReader(StringIO(run("settle", BY_HAND, "--period", "2026-04", "--csv", "contracts").stdout)))  # fmt: skip

    assert "P7  pay-co owes 10000.00 EUR to shop-co, recovers 2000.00, absorbs 8000.00" in text
    assert rows[0]["absorbed"] == "8000.00"


def test_nothing_is_settled_on_faulty_terms_unless_accepted() -> None:
    refused = run("settle", RETAILER, "--period", "2026-04")
    accepted = run(
        "settle", RETAILER, "--period", "2026-04", "--accept", "schedule-gap:github-ghec"
    )

    assert refused.exception is not None
    assert accepted.exit_code == 0, accepted.output


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--period", "2026-13"], "'2026-13' is no period"),
        (["--period", "2026-04", "--as-of", "2026-05-01T00:00"], "has no zone"),
    ],
)
def test_faults_of_options_are_told_before_those_of_the_estate(
    options: list[str], told: str
) -> None:
    """The retailer's terms have a fault of their own, which is not what was mistyped."""
    refused = run("settle", RETAILER, *options)

    said = f"{refused.stderr} {refused.exception}"
    assert refused.exit_code != 0
    assert told in said
    assert "schedule-gap" not in said


def test_an_accepted_name_that_fits_no_fault_is_told() -> None:
    told = run(
        "settle", RETAILER, "--period", "2026-04", "--accept", "schedule-gap", "--accept", "gap"
    )

    assert told.exit_code == 0, told.output
    assert "--accept gap: no fault of this estate is called so" in " ".join(told.stderr.split())
    assert "--accept schedule-gap" not in told.stderr


def test_a_scenario_file_with_edits(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(
        "name: Second ledger\nwhy: what if pay-b had its own?\n"
        "edits:\n"
        "  - add: {services: [{id: ledger-2, provider: ledger-co, availability: 0.999}]}\n"
        "  - replace: {services: [{id: pay-b, depends_on: [ledger-2]}]}\n"
        "incidents:\n"
        "  - {id: x, affects: ledger, start: 2026-04-10T10:00:00Z, end: 2026-04-10T10:50:00Z}\n",
        "utf-8",
    )

    answer = json.loads(run("whatif", BY_HAND, str(file), "--json").stdout)

    assert {row["id"] for row in answer["services_down"]} == {"ledger", "pay-a"}
    shop = next(row for row in answer["changes"] if row["id"] == "shop")
    assert shop["availability_after"] > shop["availability_before"]
    assert shop["single_points_of_failure_after"] == shop["single_points_of_failure_before"] - 1


def test_wrong_input_is_one_clear_sentence(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text("name: x\nincidents:\n  - {id: a, affects: ledgr, strt: 1}\n", "utf-8")

    assert "strt" in str(run("whatif", BY_HAND, str(file)).exception.problems)  # type: ignore[union-attr]
    assert run("whatif", BY_HAND).exit_code == 2
    assert run("whatif", BY_HAND, "--down", "ledger", "--for", "soon").exit_code == 2
    assert run("settle", BY_HAND, "--period", "2026-04", "--csv", "x").exit_code == 2
    assert "period" in str(run("settle", BY_HAND, "--period", "April").exception)
    unknown = run("whatif", BY_HAND, "--down", "ledgr").exception
    assert "did you mean 'ledger'" in str(unknown.problems[0])  # type: ignore[union-attr]


def test_nothing_to_settle_is_said(tmp_path: Path) -> None:
    """An empty table looks as if something had gone wrong."""
    bare = tmp_path / "bare.yaml"
    bare.write_text("services: [{id: a}]\n")

    assert "there is nothing to settle" in run("settle", str(bare), "--period", "2026-04").stdout
    quiet = run("settle", BY_HAND, "--period", "2026-05").stdout
    assert quiet.startswith("2 service levels were met without an outage in 2026-05.\nNobody owes")
    to_come = run("settle", BY_HAND, "--period", "2026-05", "--as-of", "2026-04-20").stdout
    assert to_come.startswith("2026-05 has not begun: nothing can be measured yet.\nNobody owes")
    running = run("settle", BY_HAND, "--period", "2026-05", "--as-of", "2026-05-20").stdout
    assert running.startswith("2 service levels were met without an outage in 2026-05 so far.\n")
    assert "provisional as of 2026-05-20 00:00Z (M1)" in running
    both = run("settle", BY_HAND, "--period", "2026-05..2026-07", "--as-of", "2026-06-20").stdout
    assert both.startswith(
        "4 service levels were met without an outage in 2026-05..2026-07 so far; of 2 the period "
        "has not begun.\n"
    )


def test_a_schedule_is_described_line_by_line() -> None:
    assert "\nsource: https://" in run("schedules", "aws-ec2-region").stdout
    assert "\n  not issued: 1 USD or less\n" in run("schedules", "aws-ec2-region").stdout
    told = run("schedules", "ntt-san").stdout
    assert "granularity: consecutive_minutes, consecutive_minutes: 5}" in told
    assert "\nnote: Outages shorter than 5 minutes" in told
    assert "did you mean 'github-ghec'?" in run("schedules", "github-ghc").stderr


def test_schedules_are_listed_with_their_defects() -> None:
    rows = json.loads(run("schedules", "--json").stdout)

    assert {fault["code"] for row in rows if row["id"] == "github-ghec" for fault in row["faults"]} == {
        "GAP", "PAYS_WHEN_MET",
    }  # fmt: skip
    assert run("schedules", "no-such").exit_code == 2


def test_a_real_outage_is_aimed_at_the_estate() -> None:
    """Worked example H01: DynamoDB's own window of 172 minutes in a 31-day month."""
    answer = json.loads(
        run("whatif", RETAILER, "--preset", "aws-ddb-2025-10-20", "--aim", "dynamodb-ireland",
            "--from", "2026-10-20T06:48:00Z", "--variant", _first_variant(), "--accept", "schedule-gap",
            "--json").stdout
    )  # fmt: skip
    level = next(row for row in answer["slas"] if row["id"] == "aws-dynamodb")

    assert round(level["measured"] * 100, 6) == 99.614695
    assert Decimal(level["credit"]["amount"]) == Decimal(level["credit"]["base"]) / 10


def _first_variant() -> str:
    rows = json.loads(run("whatif", RETAILER, "--preset", "list", "--json").stdout)
    name: str = next(r["variants"][0]["name"] for r in rows if r["id"] == "aws-ddb-2025-10-20")
    return name


def test_an_outage_that_nothing_matches_says_what_to_aim_at() -> None:
    assert run("whatif", RETAILER, "--preset", "aws-ddb-2025-10-21").exit_code == 2
    missed = run("whatif", RETAILER, "--preset", "aws-ddb-2025-10-20").exception
    assert "aim" in str(missed.problems[0])  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"100000 EUR"', '"-5 EUR"', "negative"),
        ('monthly_fee: "20000 EUR"', 'monthly_fee: "20000 USD"', "USD"),
        ("end: 2026-04-10T10:50:00Z", "end: 2026-04-10T09:50:00Z", "not after its start"),
        ("Europe/Dublin", "Europe/Dublon", "time zone"),
        ("2026-04-10T10:00:00Z", "2026-04-10T10:00:00", "time zone"),
        ("target: 0.9995", "target: 99.95", "0.9995"),
        ("{below: 0.9995, credit", "{below: 0.9995, at_least: 0.995, credit", "matches no row"),
    ],
)
def test_broken_input_is_named_and_nothing_is_settled(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    text = Path(BY_HAND, "estate.yaml").read_text("utf-8")
    assert old in text
    file = tmp_path / "estate.yaml"
    file.write_text(text.replace(old, new), "utf-8")
    result = run("settle", str(file), "--period", "2026-04", "--json")

    assert result.stdout == ""
    assert named in "; ".join(str(p) for p in result.exception.problems)  # type: ignore[union-attr]


def test_a_term_without_effect_is_told_to_who_settles(tmp_path: Path) -> None:
    text = Path(BY_HAND, "estate.yaml").read_text("utf-8")
    file = tmp_path / "estate.yaml"
    file.write_text(
        text.replace("period_cap: 0.30", "period_cap: 0.30\n          rate: 2"), "utf-8"
    )
    told = "pay-shop-a: rate has no effect with shape: step; choose the shape that is meant (K2)"

    result = run("settle", str(file), "--period", "2026-04")
    assert f"note: {told}" in " ".join(result.stdout.split())
    answer = json.loads(run("settle", str(file), "--period", "2026-04", "--json").stdout)
    assert told in answer["notes"]
    untouched = json.loads(run("settle", BY_HAND, "--period", "2026-04", "--json").stdout)
    assert not [note for note in untouched["notes"] if "no effect" in note]


def test_overlapping_versions_are_named(tmp_path: Path) -> None:
    text = Path(BY_HAND, "estate.yaml").read_text("utf-8")
    again = "      - {id: pay-2, service: pay-a, supersedes: pay-shop-a, valid_from: 2026-05-01}\n"
    file = tmp_path / "estate.yaml"
    file.write_text(text.replace("  - id: ledger-pay\n", f"{again}  - id: ledger-pay\n"), "utf-8")
    result = run("settle", str(file), "--period", "2026-04")

    assert "hold at the same time" in str(result.exception.problems[0])  # type: ignore[union-attr]


def test_sums_are_shown_in_another_currency_by_named_rates(tmp_path: Path) -> None:
    rates = tmp_path / "rates.yaml"
    rates.write_text(
        "conversions: [{from: EUR, to: USD, rate: 1.0875, source: ECB reference rate, date: 2026-04-30}]\n",
        "utf-8",
    )
    asked = ("settle", BY_HAND, "--period", "2026-04", "--in", "USD", "--rates", str(rates), "--as-of", "2026-05-02")  # fmt: skip
    answer = json.loads(run(*asked, "--json").stdout)
    text = run(*asked).stdout

    assert answer["contracts"][0]["owed"] == "10000.00"
    assert answer["converted"]["totals"]["owed"] == "13050.00"
    assert answer["converted"]["rates"] == [
        {"from": "EUR", "to": "USD", "rate": "1.0875", "source": "ECB reference rate", "date": "2026-04-30", "inverse": False}
    ]  # fmt: skip
    assert "1 EUR = 1.0875 USD (ECB reference rate, 2026-04-30)" in text
    missing = run("settle", BY_HAND, "--period", "2026-04", "--in", "GBP").exception
    assert "converts EUR to GBP" in str(missing)
    assert run("settle", BY_HAND, "--period", "2026-04", "--in", "euro").exit_code == 2
    rates.write_text(
        "conversions: [{from: EUR, to: USD, rate: 1.0875, date: 2026-04-30}]\n", "utf-8"
    )
    assert "source is missing" in str(run(*asked).exception.problems[0])  # type: ignore[union-attr]


def test_what_if_converts_too(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(
        "name: x\nincidents: [{id: i, affects: ledger, start: 2026-04-10T10:00:00Z, end: 2026-04-10T10:50:00Z}]\n"
        "conversions: [{from: EUR, to: USD, rate: 2, source: made up, date: 2026-01-01}]\n",
        "utf-8",
    )
    answer = json.loads(run("whatif", BY_HAND, str(file), "--in", "USD", "--json").stdout)

    assert answer["converted"]["totals"]["owed"] == "24000.00"
    assert answer["contracts"][0]["currency"] == "EUR"


def test_residual_claims_and_proportionality_are_in_the_answers() -> None:
    """50 minutes at 6,000 EUR an hour; at most 30 % of 100,000 EUR a month (K6)."""
    outage = ("--down", "ledger", "--from", "2026-04-10T10:00:00Z", "--for", "50m")
    settled = json.loads(run("settle", BY_HAND, "--period", "2026-04", "--json").stdout)
    played = json.loads(run("whatif", BY_HAND, *outage, "--json").stdout)
    text = run("settle", BY_HAND, "--period", "2026-04").stdout

    for answer in (settled, played):
        claim = next(row for row in answer["residual_claims"] if row["sla"] == "pay-shop-a")
        assert (claim["loss"], claim["residual"], claim["nature"]) == (
            "5000.00",
            "0.00",
            "sole_remedy",
        )
        row = next(row for row in answer["proportionality"] if row["contract"] == "pay-shop")
        assert (row["most_per_month"], row["most_per_year"]) == ("30000.00", "360000.00")
        assert row["share_of_annual_value"] == 0.3
    assert "Loss beyond the credit" in text
    assert "not advice" in text
