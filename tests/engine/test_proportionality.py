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
        # A day of the fee for more than 216 minutes: 100,000 / 30, rounded every month.
        ({}, {"shape": "day_credits", "tiers": [{"over_minutes": 216, "days": 1}]}, "3333.33", "39999.96"),
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


@pytest.mark.parametrize(
    ("credits_", "month"),
    [
        # Above four hours 10 %, up to four 50 %: the most is paid below the edge in minutes.
        ({"tiers": [{"to_minutes": 240, "below": "0.9999", "credit": "0.5"}, {"over_minutes": 240, "credit": "0.1"}]}, "50000.00"),
        # Points double after a miss: 2 × 3 points × 5 %.
        ({"shape": "points", "rate": "0.05", "repeat_multiplier": "2", "tiers": [{"below": "0.9", "points": 3}]}, "30000.00"),
    ],
)  # fmt: skip
def test_the_most_is_looked_for_at_every_edge(credits_: dict[str, Any], month: str) -> None:
    assert str(most(changed({}, **credits_)).most_per_month) == month


def regional(credits_: dict[str, Any], **terms: Any) -> Proportionality:
    """One level of a service in two regions, each with its own entitlement."""
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "S"}, {"id": "C", "own": True}],
            "locations": [{"id": "r1"}, {"id": "r2"}],
            "services": [
                {"id": "svc", "provider": "S", "located_in": [{"at_least": 1, "of": ["r1", "r2"]}]}
            ],
            "contracts": [
                {"id": "pay-shop", "supplier": "S", "customer": "C", "slas": [
                    {"id": "a", "service": "svc", "monthly_fee": "1000 EUR",
                     "objectives": [{"metric": "availability", "target": "0.999", "regions": "each"}],
                     "credits": {"tiers": [{"below": "0.999", "credit": "0.1"}], **credits_}}
                ], **terms},
            ],
        }
    )  # fmt: skip
    return most(estate)


@pytest.mark.parametrize(
    ("credits_", "month", "year"),
    [
        ({}, "100.00", "1200.00"),
        ({"base": "region", "base_fee": "1000 EUR"}, "200.00", "2400.00"),
        ({"base": "region", "base_fee": "1000 EUR", "period_cap": "0.05"}, "100.00", "1200.00"),
        ({"base": "region", "base_fee": "1000 EUR", "rolling_cap": {"months_of_fee": "0.5"}}, "200.00", "1000.00"),
        ({"tiers": [{"below": "0.999", "amount": "70 EUR"}]}, "140.00", "1680.00"),
        ({"base": "contract", "rolling_cap": {"months_of_fee": "0.5"}}, "100.00", "500.00"),
    ],
)  # fmt: skip
def test_every_region_may_be_missed_at_once(
    credits_: dict[str, Any], month: str, year: str
) -> None:
    """K6 with M9: regions share a fee, unless it is what each of them costs."""
    row = regional(credits_)

    assert (str(row.most_per_month), str(row.most_per_year)) == (month, year)


def test_a_sum_for_each_incident_has_no_most_and_says_so() -> None:
    """K2, K6: two outages of one severity earn twice, so the figure is told to be for one."""
    terms = {"shape": "severity_duration", "tiers": [{"severity": "P1", "credit": "0.1"}]}

    assert "each further one earns its own" in most(changed({}, **terms)).text
    assert "further" not in most(changed({}, **terms, period_cap="0.3")).text


def several(*slas: dict[str, Any]) -> tuple[str, str]:
    """Most per month and year of a contract with these levels; synthetic."""
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "S"}, {"id": "C", "own": True}],
            "services": [{"id": "web", "provider": "S"}, {"id": "api", "provider": "S"}],
            "contracts": [
                {"id": "pay-shop", "supplier": "S", "customer": "C", "slas": [
                    {"id": f"s{place}", "service": ("web", "api")[place % 2], "monthly_fee": "1000 EUR",
                     "objectives": [{"metric": "availability", "target": "0.999"}], **more}
                    for place, more in enumerate(slas)
                ]}
            ],
        }
    )  # fmt: skip
    row = most(estate)
    return str(row.most_per_month), str(row.most_per_year)


TENTH = [{"below": "0.999", "credit": "0.1"}]


@pytest.mark.parametrize(
    ("other", "month", "year"),
    [
        # 300 for the first, 12 times 100 for the second.
        ({"credits": {"tiers": TENTH}}, "200.00", "1500.00"),
        # The second one pays 100 at most whatever its own cap is.
        ({"credits": {"tiers": TENTH, "rolling_cap": {"amount": "5000 EUR"}}}, "200.00", "1500.00"),
        # What gives no credit lifts nobody's cap.
        ({}, "100.00", "300.00"),
        # A tenth of the fee is not issued where 100 and less are not.
        ({"credits": {"tiers": TENTH, "minimum": "100 EUR"}}, "100.00", "300.00"),
        ({"credits": {"tiers": TENTH, "minimum": "99.99 EUR"}}, "200.00", "1500.00"),
    ],
)  # fmt: skip
def test_each_level_keeps_its_own_cap_over_the_year(
    other: dict[str, Any], month: str, year: str
) -> None:
    """K4, K6: twelve months or the rolling cap, level by level."""
    capped = {"credits": {"tiers": TENTH, "rolling_cap": {"amount": "300 EUR"}}}

    assert several(capped, other) == (month, year)
    assert several(other, capped) == (month, year)


def test_terms_without_a_rolling_cap_leave_a_later_one_no_effect_on_the_most() -> None:
    """L1: of two versions the dearer decides, here the one that has no cap."""
    first = {"credits": {"tiers": TENTH}, "service": "web", "valid_to": "2026-06-30"}
    later = {
        "credits": {"tiers": TENTH, "rolling_cap": {"amount": "300 EUR"}}, "service": "web",
        "valid_from": "2026-07-01", "supersedes": "s0",
    }  # fmt: skip

    assert several(first, later) == ("100.00", "1200.00")
