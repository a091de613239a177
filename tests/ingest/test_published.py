"""The library of published schedules."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from depgraph.engine.contract_findings import contract_faults
from depgraph.engine.credits import Outcome, raw_credit
from depgraph.engine.idle_terms import idle_terms
from depgraph.engine.schedule_check import schedule_faults
from depgraph.engine.settle import settlement
from depgraph.engine.structure import structure_of
from depgraph.errors import RegisterError
from depgraph.model.credits import CreditSchedule
from depgraph.model.estate import Estate
from depgraph.model.sla import Sla
from ingest.published import published_schedules, with_published

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "published_slas.csv"
LEFT_OUT = {"unverified", "conflicting"}
"""Rows whose tiers nobody has seen in a text are no library entries."""


def _reference() -> dict[str, dict[str, str]]:
    if not REFERENCE.exists():
        pytest.skip("the shared reference is not beside this checkout")
    with REFERENCE.open(encoding="utf-8") as file:
        return {row["id"].replace("_", "-"): row for row in csv.DictReader(file)}


def _published(row: dict[str, str]) -> list[tuple[Fraction, Fraction, Fraction]]:
    """Rows of a published schedule as (from, below, credit), in shares."""
    tiers = json.loads(row["credit_tiers_json"] or "[]")
    low, high = ("lo_incl", "ge"), ("hi_excl", "lt")
    return [
        (_edge(tier, low, "0"), _edge(tier, high, "100"), Fraction(tier["credit_pct"]) / 100)
        for tier in tiers
        if not tier.keys().isdisjoint(high)
    ]


def _edge(tier: dict[str, str], names: tuple[str, str], otherwise: str) -> Fraction:
    return Fraction(next((tier[name] for name in names if name in tier), otherwise)) / 100


def estate(name: str) -> Estate:
    return Estate.model_validate(
        {
            "organizations": [{"id": "a"}, {"id": "b"}],
            "services": [{"id": "s", "provider": "a"}],
            "contracts": [{"id": "k", "supplier": "a", "customer": "b", "slas": [
                {"id": "k1", "service": "s", "monthly_fee": "100 USD", "credits": {"published": name},
                 "objectives": [{"metric": "availability", "target": "0.9999"}]}]}],
        }
    )  # fmt: skip


def test_published_defects_are_the_known_ones() -> None:
    """Worked examples C08 and C09: GitHub's gap and its credit for a met target."""
    library = published_schedules()
    defects = {
        name: {fault.code for fault in schedule_faults(row.credits, row.target)}
        for name, row in library.items()
    }

    assert defects["github-ghec"] == {"GAP", "PAYS_WHEN_MET"}
    assert not any(found for name, found in defects.items() if name.startswith("aws-"))


def test_names_are_written_out() -> None:
    found = with_published(estate("aws-ec2-region")).sla["k1"][1].credits

    assert isinstance(found, CreditSchedule)
    assert found.tiers[1].credit == Decimal("0.3")


def test_unknown_names_get_a_suggestion() -> None:
    with pytest.raises(RegisterError) as caught:
        with_published(estate("aws-ec2-regoin"))

    assert caught.value.problems[0].hint == "did you mean 'aws-ec2-region'?"


def test_every_row_says_where_it_is_from() -> None:
    for row in published_schedules().values():
        assert row.source
        assert row.confidence.startswith(("verified", "formula verified"))


def test_every_verified_row_of_the_reference_is_in_the_library() -> None:
    sure = {
        name
        for name, row in _reference().items()
        if not any(word in row["confidence"].lower() for word in LEFT_OUT) and _published(row)
    }

    assert sure <= published_schedules().keys()
    assert published_schedules().keys() <= _reference().keys()


@pytest.mark.parametrize("name", published_schedules())
def test_a_schedule_pays_what_its_text_says(name: str) -> None:
    """Rule K1: at every edge of the reference's rows, and a little below and above it."""
    row, library = _reference()[name], published_schedules()[name]
    target = Fraction(row["target_pct"]) / 100
    rows = _published(row)
    little = Fraction(1, 10**9)
    edges = {edge for low, high, _ in rows for edge in (low, high)} | {target}
    near = {edge + step for edge in edges for step in (-little, 0, little)}
    period = "quarter" if "quarter" in row["period"] else "month"

    assert (Fraction(library.target), library.period) == (target, period)
    for measured in (value for value in near if rows and 0 <= value < 1):
        wanted = max((credit for low, high, credit in rows if low <= measured < high), default=0)
        outcome = Outcome(measured, target, (1 - measured) * 43_200)
        assert raw_credit(library.credits, outcome, Fraction(1)).amount == wanted, float(measured)


@pytest.mark.parametrize("name", published_schedules())
def test_a_credit_is_claimed_as_its_text_says(name: str) -> None:
    """Rule K8: only what the reference has as automatic comes unasked, and windows are its own."""
    row, claim = _reference()[name], published_schedules()[name].credits.claim
    window = "" if "secondary" in row["claim_window"] else row["claim_window"]
    days = re.match(r"(\d+) (?:calendar )?days", window)
    hours = re.search(r"within (\d+) h", window)

    if row["claim_mode"]:
        assert claim.mode == ("by_claim" if row["claim_mode"].startswith("claim") else "automatic")
    assert claim.billing_cycles == (2 if "2nd billing cycle" in window else None)
    wanted = int(days[1]) if days else int(hours[1]) // 24 if hours else None
    assert claim.within_days == wanted


def settled(name: str, fee: str, minutes: int, **objective: object) -> str:
    """Owed for one outage in April 2026 under a schedule of the library."""
    world = estate(name).model_dump(mode="json", by_alias=True)
    [contract] = world["contracts"]
    contract["slas"][0]["monthly_fee"] = fee
    contract["slas"][0]["objectives"] = [
        {"metric": "availability", "target": str(published_schedules()[name].target), **objective}
    ]
    end = datetime(2026, 4, 10, tzinfo=UTC) + timedelta(minutes=minutes)
    world["incidents"] = [
        {"id": "i", "affects": "s", "start": "2026-04-10T00:00:00Z", "end": end.isoformat()}
    ]
    written_out = with_published(Estate.model_validate(world))
    answer = settlement(structure_of(written_out), "2026-04", datetime(2026, 6, 1, tzinfo=UTC))
    assert not [fault for fault in contract_faults(written_out) if fault.level == "error"]
    return str(answer.contracts[0].owed)


@pytest.mark.parametrize(
    ("fee", "owed"),
    [("10 USD", "0.00"), ("10.10 USD", "1.01"), ("5 EUR", "0.50"), ("100 JPY", "10")],
)
def test_a_dollar_or_less_is_not_issued(fee: str, owed: str) -> None:
    """An hour down is a tenth of the fee; in another currency a dollar is no sum to compare (K4)."""
    assert settled("aws-ec2-region", fee, 60) == owed


def test_the_reference_tells_of_every_minimum() -> None:
    """The two texts of two commitments each, and a text seen beside the reference."""
    rows = _reference()
    told = {name for name, row in rows.items() if "USD 1" in row["min_credit_or_other"]}
    library = published_schedules()
    stated = {name for name, row in library.items() if row.credits.minimum}

    assert told & library.keys() == {"aws-ec2-region", "aws-rds-multiaz"}
    assert stated == {*(told & library.keys()), "aws-ec2-instance", "aws-rds-single", "aws-docdb-multiaz"}  # fmt: skip


def test_outages_of_less_than_five_minutes_in_a_row_do_not_count() -> None:
    """NTT's storage: 30 dollars a month, one day's fee beyond 216 minutes."""
    row = published_schedules()["ntt-san"]
    assert "outages < 5 consecutive min don't count" in _reference()["ntt-san"]["measurement_rule"]
    counted = row.measured.model_dump(mode="json", exclude_none=True)
    assert counted == {"granularity": "consecutive_minutes", "consecutive_minutes": 5}
    assert settled("ntt-san", "30 USD", 217, **counted) == "1.00"
    assert settled("ntt-san", "30 USD", 216, **counted) == "0.00"


def test_what_is_measured_besides_is_an_objective() -> None:
    for row in published_schedules().values():
        counted = row.measured.model_dump(mode="json", exclude_none=True)
        objective = {"metric": "availability", "target": row.target, "measure": row.measure}
        sla = Sla.model_validate(
            {"id": "a", "service": "s", "objectives": [{**objective, **counted}]}
        )
        assert not list(idle_terms(sla)), row.id
