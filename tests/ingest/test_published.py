"""The library of published schedules."""

from __future__ import annotations

import csv
import json
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from depgraph.engine.credits import Outcome, raw_credit
from depgraph.engine.schedule_check import schedule_faults
from depgraph.errors import RegisterError
from depgraph.model.credits import CreditSchedule
from depgraph.model.estate import Estate
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

    assert claim.mode == ("by_claim" if row["claim_mode"].startswith("claim") else "automatic")
    assert claim.billing_cycles == (2 if "2nd billing cycle" in window else None)
    wanted = int(days[1]) if days else int(hours[1]) // 24 if hours else None
    assert claim.within_days == wanted
