"""Credit schedules and their defects: worked examples C08 to C16, F01, F03."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depgraph.engine.claims import claim_window
from depgraph.engine.credits import Outcome, raw_credit
from depgraph.engine.periods import period_from
from depgraph.engine.schedule_check import schedule_faults
from depgraph.model.contract import Contract
from depgraph.model.credits import Claim, CreditSchedule

LATER = datetime(2027, 1, 1, tzinfo=UTC)

GITHUB = CreditSchedule.model_validate(
    {"tiers": [{"at_or_below": "0.999", "above": "0.99", "credit": "0.10"}, {"below": "0.99", "credit": "0.25"}]}
)  # fmt: skip
MONGODB = CreditSchedule.model_validate(
    {"tiers": [
        {"below": "0.99995", "at_least": "0.99", "credit": "0.10"},
        {"below": "0.99", "credit": "0.25"}, {"below": "0.95", "credit": "1"},
    ]}
)  # fmt: skip
AWS = CreditSchedule.model_validate(
    {"tiers": [
        {"below": "0.9999", "at_least": "0.99", "credit": "0.10"},
        {"below": "0.99", "at_least": "0.95", "credit": "0.30"}, {"below": "0.95", "credit": "1"},
    ]}
)  # fmt: skip


def percent(schedule: CreditSchedule, measured: str, target: str, lost: Any = 0) -> float:
    outcome = Outcome(Fraction(measured), Fraction(target), Fraction(lost))
    return float(raw_credit(schedule, outcome, Fraction(100)).amount)


@pytest.mark.parametrize(
    ("measured", "paid"), [("0.999", 10), ("0.99", 0), ("0.9899", 25), ("0.9995", 0)]
)
def test_c08_github(measured: str, paid: float) -> None:
    assert percent(GITHUB, measured, "0.999") == paid


def test_c09_overlap_is_found() -> None:
    faults = {fault.code: fault for fault in schedule_faults(MONGODB, Decimal("0.99995"))}

    assert set(faults) == {"OVERLAP"}
    assert (faults["OVERLAP"].low, faults["OVERLAP"].high) == (0, 0.95)


def test_c08_defects_are_found() -> None:
    faults = {fault.code: fault for fault in schedule_faults(GITHUB, Decimal("0.999"))}

    assert set(faults) == {"GAP", "PAYS_WHEN_MET"}
    assert (faults["GAP"].low, faults["GAP"].high) == (0.99, 0.99)
    assert (faults["PAYS_WHEN_MET"].low, faults["PAYS_WHEN_MET"].high) == (0.999, 0.999)


@pytest.mark.parametrize(
    ("measured", "paid"), [("0.9999", 10), ("0.985", 25), ("0.94", 100), ("0.95", 25)]
)
def test_c09_mongodb_the_most_severe_row_wins(measured: str, paid: float) -> None:
    assert percent(MONGODB, measured, "0.99995") == paid


@pytest.mark.parametrize(
    ("measured", "paid"),
    [("0.9999", 0), ("0.99", 10), ("0.98999", 30), ("0.95", 30), ("0.9499", 100)],
)
def test_c10_aws_lower_bound_inclusive(measured: str, paid: float) -> None:
    assert percent(AWS, measured, "0.9999") == paid
    assert schedule_faults(AWS, Decimal("0.9999")) == ()


@pytest.mark.parametrize(
    ("multiplier", "paid"), [("1", 0.439815), ("10", 4.398148), ("25", 10.995370)]
)
def test_c11_continuous(multiplier: str, paid: float) -> None:
    schedule = CreditSchedule(shape="continuous", multiplier=Decimal(multiplier))
    measured = 1 - Fraction(190, 43200)
    outcome = Outcome(measured, Fraction(1), Fraction(190))

    assert round(float(raw_credit(schedule, outcome, Fraction(100)).amount), 6) == paid


@pytest.mark.parametrize(
    ("lost", "paid"), [("20", 0), ("21.6", 0), ("59", 0), ("239", 3), ("1500", 25)]
)
def test_c13_whole_hours(lost: str, paid: float) -> None:
    schedule = CreditSchedule(shape="per_time_unit", rate=Decimal("0.01"), unit_hours=Decimal(1))
    measured = 1 - Fraction(lost) / 43200

    # The cap of 20 % is applied afterwards, by rule K4.
    assert percent(schedule, str(measured), "0.9995", lost) == paid


@pytest.mark.parametrize(("lost", "paid"), [(216, 0), (217, 100)])
def test_c14_day_credits(lost: int, paid: float) -> None:
    schedule = CreditSchedule.model_validate(
        {"shape": "day_credits", "tiers": [{"over_minutes": 216, "days": 1}]}
    )
    outcome = Outcome(1 - Fraction(lost, 43200), Fraction("0.995"), Fraction(lost))

    assert float(raw_credit(schedule, outcome, Fraction(3000)).amount) == paid


def test_c16_shortfall() -> None:
    assert percent(CreditSchedule(shape="shortfall"), "0.75", "0.98") == 23


def test_f01_two_billing_cycles_after_the_incidents() -> None:
    contract = Contract(id="k", supplier="a", customer="b")
    october = period_from("month", 2025 * 12 + 9, "UTC")
    claim = Claim(mode="by_claim", billing_cycles=2)

    assert claim_window(claim, contract, october, (), LATER)[1] == date(2025, 12, 31)


def test_f03_thirty_days_after_the_quarter() -> None:
    contract = Contract(id="k", supplier="a", customer="b")
    quarter = period_from("quarter", 2026 * 12, "UTC")
    claim = Claim(mode="by_claim", within_days=30, counted_from="quarter_end")

    assert claim_window(claim, contract, quarter, (), LATER)[1] == date(2026, 4, 30)
    assert quarter.start == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "terms", [{"shape": "points"}, {"shape": "step"}, {"shape": "pool", "at_risk": "0.2"}]
)
def test_rows_of_points_without_their_rate_are_found(terms: dict[str, Any]) -> None:
    """A point is worth its rate in whatever rows it stands; without one it pays nothing (K2)."""
    rows = {"tiers": [{"below": "0.999", "points": 2}]}

    def codes(**more: Any) -> list[str]:
        schedule = CreditSchedule.model_validate({**terms, **rows, **more})
        return [fault.code for fault in schedule_faults(schedule, Decimal("0.999"))]

    assert codes() == ["INCOMPLETE"]
    assert codes(rate="0.1") == []


def test_worse_that_earns_less_is_found() -> None:
    schedule = CreditSchedule.model_validate(
        {"tiers": [{"below": "0.999", "at_least": "0.99", "credit": "0.25"}, {"below": "0.99", "credit": "0.10"}]}
    )  # fmt: skip

    assert {fault.code for fault in schedule_faults(schedule, Decimal("0.999"))} == {"NON_MONOTONE"}


def test_a_row_that_never_decides_is_found() -> None:
    schedule = CreditSchedule.model_validate(
        {"tiers": [{"below": "0.999", "credit": "0.25"}, {"below": "0.99", "credit": "0.10"}]}
    )

    assert {"UNREACHABLE", "OVERLAP"} <= {
        fault.code for fault in schedule_faults(schedule, Decimal("0.999"))
    }


shares = st.integers(0, 1000).map(lambda n: Fraction(n, 1000))


@given(shares, shares)
def test_worse_service_never_earns_less_on_a_monotone_schedule(
    one: Fraction, other: Fraction
) -> None:
    worse, better = sorted([one, other])
    paid = [
        raw_credit(AWS, Outcome(value, Fraction("0.9999"), Fraction(0)), Fraction(100)).amount
        for value in (worse, better)
    ]

    assert paid[0] >= paid[1]
