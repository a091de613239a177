"""What a loss leaves to claim beside the credit, on the outage worked by hand (rule K6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from depgraph.engine.remedy_limits import ResidualClaim
from depgraph.engine.scenario import edited
from depgraph.engine.settle import settlement
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from ingest import require_estate
from sample_data import sample_path

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BY_HAND = require_estate(sample_path("by_hand"))
TIERS = [{"below": "0.9995", "credit": "0.10"}]


def changed(fee: str, loss: str, **credits_: Any) -> Estate:
    sla = {"id": "pay-shop-a", "monthly_fee": fee, "credits": {"tiers": TIERS, **credits_}}
    return edited(
        BY_HAND,
        [
            {"replace": {"slas": [sla]}},
            {"replace": {"functions": [{"id": "selling", "loss_per_hour": loss}]}},
        ],
    )


def claims(estate: Estate) -> dict[str, ResidualClaim]:
    answer = settlement(structure_of(estate), "2026-04", NOW)
    return {claim.sla: claim for claim in answer.residual_claims}


@pytest.mark.parametrize(
    ("nature", "fee", "loss", "residual", "uncompensated"),
    [
        # 50 minutes at 6,000 an hour are 5,000; the credit is a tenth of the fee.
        ("price_adjustment", "20000 EUR", "6000 EUR", "3000.00", "3000.00"),
        ("price_adjustment", "100000 EUR", "6000 EUR", "0.00", "0.00"),
        ("liquidated_damages", "20000 EUR", "6000 EUR", "0.00", "3000.00"),
        ("sole_remedy", "20000 EUR", "6000 EUR", "0.00", "3000.00"),
    ],
)
def test_the_nature_decides_what_is_left(
    nature: str, fee: str, loss: str, residual: str, uncompensated: str
) -> None:
    claim = claims(changed(fee, loss, nature=nature))["pay-shop-a"]

    assert claim.loss == Decimal("5000.00")
    assert str(claim.residual) == residual
    assert str(claim.uncompensated) == uncompensated
    assert "selling lost 50 min at 6000 EUR an hour" in claim.text


def test_a_loss_that_is_not_stated_is_not_zero() -> None:
    ledger = claims(BY_HAND)["ledger-pay-1"]
    other = claims(changed("20000 EUR", "6000 USD", nature="price_adjustment"))["pay-shop-a"]

    assert ledger.loss is None
    assert ledger.residual == 0
    assert ledger.uncompensated is None
    assert "the loss of pay-co is not stated" in ledger.text
    assert other.loss is None
    assert other.residual is None
    assert "stated in USD" in other.text


def test_loss_counts_only_while_both_are_down_for_the_same_reason() -> None:
    """Another outage of the shop alone in the same month is not this supplier's loss."""
    estate = changed("20000 EUR", "6000 EUR", nature="price_adjustment")
    own = {
        "id": "own", "affects": "shop", "start": "2026-04-10T10:30:00Z",
        "end": "2026-04-10T12:30:00Z", "cause": "supplier",
    }  # fmt: skip
    claim = claims(estate.replace(incidents=[*estate.incidents, own]))["pay-shop-a"]

    assert claim.loss == Decimal("5000.00")


def test_a_level_that_was_met_leaves_nothing_to_claim() -> None:
    estate = changed("20000 EUR", "6000 EUR").replace(incidents=[])

    assert claims(estate) == {}


def test_each_month_bears_the_loss_of_its_own_minutes() -> None:
    """40 minutes before the end of April and 30 after it, at 100 a minute (rules K6, M1)."""
    estate = changed("20000 EUR", "6000 EUR", nature="price_adjustment")
    zone = ZoneInfo(estate.sla["pay-shop-a"][0].timezone)
    border = datetime(2026, 5, 1, tzinfo=zone).astimezone(UTC)
    outage = {
        "id": "x", "affects": "ledger", "cause": "supplier",
        "start": border - timedelta(minutes=40), "end": border + timedelta(minutes=30),
    }  # fmt: skip
    structure = structure_of(estate.replace(incidents=[outage]))
    answer = settlement(structure, "2026-04..2026-05", NOW)
    losses = {c.period: c.loss for c in answer.residual_claims if c.sla == "pay-shop-a"}

    assert losses == {"2026-04": Decimal("4000.00"), "2026-05": Decimal("3000.00")}


def test_time_that_is_excluded_is_no_loss_to_claim() -> None:
    """K6, M3: of 50 minutes at 100 a minute and 120 of agreed work, the 50 are claimed."""
    estate = changed("20000 EUR", "6000 EUR", nature="price_adjustment")
    exclusions = [{"kind": "planned_maintenance"}]
    agreed = edited(
        estate, [{"replace": {"slas": [{"id": "pay-shop-a", "exclusions": exclusions}]}}]
    )
    work = {
        "id": "work", "affects": "ledger", "cause": "planned_maintenance",
        "start": "2026-04-20T10:00:00Z", "end": "2026-04-20T12:00:00Z",
    }  # fmt: skip
    both = [*estate.incidents, work]

    assert claims(estate.replace(incidents=both))["pay-shop-a"].loss == Decimal("17000.00")
    assert claims(agreed.replace(incidents=both))["pay-shop-a"].loss == Decimal("5000.00")
