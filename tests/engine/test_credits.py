"""What a missed level earns, shape by shape: figures worked out by hand, and laws (rules K1, K2).

Synthetic schedules on a base of 1,000; the arithmetic stands beside each figure.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depgraph.engine.credits import Outcome, raw_credit, rounded
from depgraph.model.credits import CreditSchedule

BASE = Fraction(1000)
MONTH = 43_200
"""Minutes of April."""


def schedule(shape: str, *tiers: dict[str, Any], **terms: Any) -> CreditSchedule:
    return CreditSchedule.model_validate({"shape": shape, "tiers": tiers, **terms})


def earned(
    terms: CreditSchedule, availability: str, target: str | None = "0.999", **more: Any
) -> Fraction:
    """Credit of a level of April."""
    share = Fraction(availability)
    goal = None if target is None else Fraction(target)
    return raw_credit(terms, Outcome(share, goal, (1 - share) * MONTH, **more), BASE).amount


STEPS = (
    {"below": "0.999", "at_least": "0.99", "credit": "0.1"},
    {"below": "0.99", "above": "0.95", "credit": "0.25"},
    {"at_or_below": "0.95", "credit": "1"},
)


@pytest.mark.parametrize(
    ("availability", "credit"),
    [("1", 0), ("0.999", 0), ("0.9989", 100), ("0.99", 100), ("0.9899", 250), ("0.95", 1000),
     ("0.9501", 250), ("0", 1000)],
)  # fmt: skip
def test_steps_by_availability(availability: str, credit: int) -> None:
    assert earned(schedule("step", *STEPS), availability) == credit


@pytest.mark.parametrize(
    ("minutes", "credit"), [(0, 0), (60, 0), (61, 50), (120, 50), (121, 0), (239, 0), (240, 200)]
)
def test_steps_by_minutes(minutes: int, credit: int) -> None:
    """The rows leave a gap after two hours, as published ones do (K1)."""
    terms = schedule(
        "step",
        {"over_minutes": 60, "to_minutes": 120, "credit": "0.05"},
        {"from_minutes": 240, "credit": "0.2"},
    )
    outcome = Outcome(Fraction(1, 2), Fraction("0.999"), Fraction(minutes))

    assert raw_credit(terms, outcome, BASE).amount == credit


@pytest.mark.parametrize(
    ("overlap", "credit"), [("most_severe", 300), ("first", 100), ("sum", 450)]
)
@pytest.mark.parametrize("shape", ["step", "severity_duration"])
def test_rows_that_overlap(shape: str, overlap: str, credit: int) -> None:
    """K1: 100, 300 and 50 for one value; the schedule says which of them are paid."""
    rows = [{"below": "0.999", "credit": share} for share in ("0.1", "0.3", "0.05")]
    terms = schedule(shape, *rows, overlap=overlap)

    assert earned(terms, "0.99", incidents=[("P1", Fraction(432))]) == credit


@pytest.mark.parametrize(
    ("availability", "target", "reason"),
    [
        ("0.9985", "0.999", "no row covers the value although the target is missed (GAP)"),
        ("0.9995", "0.999", "no row covers the value"),
        ("0.9985", None, "no row covers the value"),
        ("0.98", "0.999", "row below 0.99: credit 0.1"),
    ],
)
def test_the_reason_tells_a_gap_from_a_level_met(
    availability: str, target: str | None, reason: str
) -> None:
    goal = None if target is None else Fraction(target)
    outcome = Outcome(Fraction(availability), goal, Fraction(0))

    terms = schedule("step", {"below": "0.99", "credit": "0.1"})
    assert raw_credit(terms, outcome, BASE).reason == reason


def test_days_and_fixed_sums() -> None:
    """K2: a day is a thirtieth of a month's fee, of which the base of a quarter holds three."""
    days = schedule("day_credits", {"below": "0.999", "days": 3})
    fixed = schedule("step", {"below": "0.999", "amount": "70 EUR"})

    assert earned(days, "0.99") == 100
    assert earned(days, "0.99", months=3) == Fraction(100, 3)
    assert earned(fixed, "0.99") == 70


def test_points_multiply_after_a_miss() -> None:
    """K2: 4 points at 1 % of the base each; three times as many after a miss."""
    terms = schedule(
        "points", {"below": "0.999", "points": 4}, rate="0.01", repeat_multiplier="3"
    )  # fmt: skip

    assert earned(terms, "0.99") == 40
    assert earned(terms, "0.99", missed_before=True) == 120
    assert earned(terms, "0.999", missed_before=True) == 0


@pytest.mark.parametrize(
    ("availability", "credit"),
    [
        pytest.param("0.999", 0, id="met"),
        pytest.param("0.995", "2", id="half of the first band: 0.5 × 0.004 × 1000"),
        pytest.param("0.97", "24.5", id="the first, 4.5, and 0.02 of the second"),
        pytest.param("0.9", "44.5", id="the first, and 0.04 of the second"),
        pytest.param("0", "44.5", id="nothing below the last row"),
    ],
)
def test_marginal_bands(availability: str, credit: str) -> None:
    """K2: each band pays its rate on its part of the shortfall, whatever the order of the rows."""
    terms = schedule(
        "marginal",
        {"below": "0.99", "at_least": "0.95", "credit": "1"},
        {"below": "0.9995", "credit": "0.5"},
    )

    assert earned(terms, availability) == Fraction(credit)


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=4, unique=True),
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_marginal_bands_add_up_point_by_point(
    edges: list[int], availability: int, target: int
) -> None:
    """K2: the same by walking down from the target in fortieths, paying each by its band."""
    rates = dict(zip(sorted(edges), ("0.1", "0.2", "0.4", "0.8"), strict=False))
    rows = [{"below": str(edge / 40), "credit": rate} for edge, rate in rates.items()]
    walked = Fraction(0)
    for place in range(availability, target):
        above = [edge for edge in rates if edge > place]
        walked += Fraction(rates[min(above)]) / 40 * BASE if above else 0

    paid = earned(schedule("marginal", *rows), str(availability / 40), str(target / 40))
    assert paid == walked


@pytest.mark.parametrize(
    ("shape", "terms", "credit"),
    [
        ("continuous", {}, 20),
        ("continuous", {"rate": "0.5", "multiplier": "3"}, 30),
        ("continuous", {"rate": "0"}, 0),
        ("shortfall", {}, 19),
        ("shortfall", {"rate": "0.5", "multiplier": "3"}, "28.5"),
    ],
)
def test_shares_of_the_downtime(shape: str, terms: dict[str, Any], credit: Any) -> None:
    """K2: 2 % down is 20 of 1,000; less what the target allows, 19."""
    assert earned(schedule(shape, **terms), "0.98") == Fraction(credit)
    assert earned(schedule(shape, **terms), "0.999") == 0
    assert earned(schedule(shape, **terms), "0.98", None) == 0


@pytest.mark.parametrize(
    ("minutes", "units"),
    [(89, (2, 3, "89/30")), (90, (3, 3, 3)), (91, (3, 4, "91/30")), (29, (0, 1, "29/30"))],
)
def test_units_of_time(minutes: int, units: tuple[int, int, Any]) -> None:
    """K2: 1 % of the base for each half hour, begun, full, or to the minute."""
    outcome = Outcome(Fraction(1, 2), Fraction("0.999"), Fraction(minutes))
    for rounding, number in zip(("floor", "ceil", "exact"), units, strict=True):
        terms = schedule("per_time_unit", rate="0.01", unit_hours="0.5", unit_rounding=rounding)
        assert raw_credit(terms, outcome, BASE).amount == 10 * Fraction(number)


def test_an_hour_is_the_usual_unit_and_a_level_that_is_met_pays_none() -> None:
    terms = schedule("per_time_unit", rate="0.01")

    assert earned(terms, "0.99") == 70  # 432 minutes hold seven full hours
    assert earned(terms, "0.99", "0.99") == 0
    assert earned(schedule("per_time_unit"), "0.99") == 0  # nothing says at what rate


def test_flat() -> None:
    """K2: one share, or one row, for any miss."""
    assert earned(schedule("flat", rate="0.15"), "0.9989") == 150
    assert earned(schedule("flat", rate="0.15"), "0.999") == 0
    assert earned(schedule("flat", {"amount": "42 EUR"}, rate="0.15"), "0.5") == 42
    assert earned(schedule("flat", {"days": 6}), "0.5", months=2) == 100
    assert earned(schedule("flat"), "0.5") == 0


def test_a_pool_at_risk() -> None:
    """K2: 20 % of the base at risk, half of it allotted to this level: 100."""
    terms: dict[str, Any] = {"at_risk": "0.2", "allocation": "0.5"}

    assert earned(schedule("pool", **terms), "0.998") == 100
    assert earned(schedule("pool", at_risk="0.2"), "0.998") == 200
    assert earned(schedule("pool", **terms), "0.999") == 0
    assert earned(schedule("pool", *STEPS, **terms), "0.98") == 25
    assert earned(schedule("pool", *STEPS, **terms), "0.9995") == 0
    assert earned(schedule("pool", allocation="0.5"), "0.998") == 0


@pytest.mark.parametrize(
    ("incidents", "credit"),
    [
        ([("P1", 61)], 100),
        ([("P1", 60)], 20),
        ([("p1 ", 61)], 100),
        ([("P2", 61)], 20),
        ([("P2", 30)], 0),
        ([("P1", 61), ("P1", 90), ("P2", 30)], 200),
        ([], 0),
    ],
)
def test_severity_and_duration(incidents: list[tuple[str, int]], credit: int) -> None:
    """K2: each incident by its own severity and minutes, as steps over two axes."""
    terms = schedule(
        "severity_duration",
        {"severity": "P1", "over_minutes": 60, "credit": "0.1"},
        {"over_minutes": 30, "credit": "0.02"},
    )
    lengths = [(severity, Fraction(length)) for severity, length in incidents]
    outcome = Outcome(Fraction("0.99"), Fraction("0.999"), Fraction(432), lengths)
    found = raw_credit(terms, outcome, BASE)

    paid = sum(length > 30 for _, length in incidents)
    assert found.amount == credit
    assert found.reason == f"{paid} incident(s) by severity and duration"


@given(st.integers(0, 10**6), st.sampled_from(["half_up", "half_even", "down"]))
def test_rounding_is_that_of_decimals(thousandths: int, how: str) -> None:
    """K4: as the decimal module rounds, to the cent."""
    names = {"half_up": "ROUND_HALF_UP", "half_even": "ROUND_HALF_EVEN", "down": "ROUND_DOWN"}
    cent = Decimal("0.01")
    wanted = (Decimal(thousandths) / 1000).quantize(cent, names[how])

    assert str(rounded(Fraction(thousandths, 1000), cent, how)) == str(wanted)
