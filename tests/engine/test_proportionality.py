"""The most that remedies can pay, on paper (rule K6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from depgraph.engine.availability import assessed
from depgraph.engine.findings import findings
from depgraph.engine.proportionality import proportionality
from depgraph.engine.remedy_limits import Proportionality
from depgraph.engine.scenario import edited
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from ingest import require_estate
from sample_data import sample_path

BY_HAND = require_estate(sample_path("by_hand"))


def changed(contract: dict[str, Any] | None = None, **credits_: Any) -> Estate:
    return edited(
        BY_HAND,
        [
            {"replace": {"slas": [{"id": "pay-shop-a", "credits": credits_}]}},
            {"replace": {"contracts": [{"id": "pay-shop", **(contract or {})}]}},
        ],
    )


def most(estate: Estate) -> Proportionality:
    return next(row for row in proportionality(estate) if row.contract == "pay-shop")


TIERS = [{"below": "0.9995", "credit": "0.10"}, {"below": "0.95", "credit": "1"}]


@pytest.mark.parametrize(
    ("contract", "credits_", "month", "year"),
    [
        ({}, {"tiers": TIERS}, "100000.00", "1200000.00"),
        ({}, {"tiers": TIERS, "period_cap": "0.30"}, "30000.00", "360000.00"),
        ({"annual_credit_cap": "0.25"}, {"tiers": TIERS}, "100000.00", "300000.00"),
        ({"liability_cap": {"amount": "50000 EUR"}}, {"tiers": TIERS}, "100000.00", "50000.00"),
        ({}, {"tiers": TIERS, "rolling_cap": {"months_of_fee": 2}}, "100000.00", "200000.00"),
        # A schedule that pays less for worse service pays its most at a better level.
        ({}, {"tiers": [{"below": "0.9995", "at_least": "0.99", "credit": "0.5"}, {"below": "0.99", "credit": "0.1"}]}, "50000.00", "600000.00"),
        # A day of the fee for more than 216 minutes: 100,000 / 30.
        ({}, {"shape": "day_credits", "tiers": [{"over_minutes": 216, "days": 1}]}, "3333.33", "40000.00"),
    ],
)  # fmt: skip
def test_the_most_by_each_shape_and_cap(
    contract: dict[str, Any], credits_: dict[str, Any], month: str, year: str
) -> None:
    row = most(changed(contract, **credits_))

    assert (str(row.most_per_month), str(row.most_per_year)) == (month, year)
    assert row.share_of_annual_value == pytest.approx(float(year) / 1_200_000)
    assert row.loss_per_hour == Decimal(6000)
    assert row.hours_covered == pytest.approx(float(month) / 6000, rel=1e-5)


def codes(estate: Estate) -> set[tuple[str, str]]:
    structure = structure_of(estate)
    found = findings(structure, assessed(estate, None, structure))
    return {(f.code, f.subject) for f in found if f.rule == "K6"}


def test_findings_name_what_is_out_of_proportion() -> None:
    heavy = changed({"annual_value": "600000 EUR"}, tiers=TIERS, nature="liquidated_damages")
    light = changed({}, tiers=[{"below": "0.9995", "credit": "0.05"}])

    assert codes(heavy) == {("remedy-exceeds-value", "pay-shop")}
    assert codes(light) == {("remedy-below-loss", "pay-shop")}
    assert codes(BY_HAND) == set()


def test_a_loss_in_another_currency_is_not_compared() -> None:
    estate = edited(
        changed({}, tiers=TIERS),
        [{"replace": {"functions": [{"id": "selling", "loss_per_hour": "6000 USD"}]}}],
    )

    assert most(estate).hours_covered is None
