"""Systemic failure: closed forms against simulation, brute force and limits (rule W6)."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depgraph.engine.systemic import (
    ObservedPeriod,
    breach_probability,
    breaches_p_value,
    rising_trend,
    systemic_test,
)
from depgraph.errors import DomainError


def _simulated(
    availability: float, target: float, period: float, mttr: float, runs: int = 20_000
) -> float:
    """Share of simulated periods that miss the target: alternating renewal, step by step."""
    chance = np.random.default_rng(20_251_020)
    mtbf = mttr * availability / (1 - availability)
    now, down = np.zeros(runs), np.zeros(runs)
    working = chance.random(runs) < availability
    while (now < period).any():
        length = np.where(working, chance.exponential(mtbf, runs), chance.exponential(mttr, runs))
        until = np.minimum(now + length, period)
        down += np.where(working, 0.0, np.maximum(0.0, until - now))
        now, working = now + length, ~working
    return float((down > (1 - target) * period).mean())


@pytest.mark.parametrize(
    ("availability", "target", "period", "mttr"),
    [
        (0.999, 0.999, 720.0, 1.0),
        (0.99, 0.99, 720.0, 4.0),
        (0.95, 0.97, 720.0, 0.5),
        (0.9, 0.8, 100.0, 10.0),
        (0.6, 0.5, 50.0, 5.0),
        (0.999, 0.9, 720.0, 40.0),
    ],
)
def test_the_closed_form_agrees_with_a_simulation(
    availability: float, target: float, period: float, mttr: float
) -> None:
    exact = breach_probability(availability, target, period, mttr)
    deviation = math.sqrt(exact * (1 - exact) / 20_000)

    assert abs(_simulated(availability, target, period, mttr) - exact) < 4.5 * deviation


def test_limits() -> None:
    # Perfect and hopeless services; a target of nothing; a target of everything.
    assert breach_probability(1.0, 0.999, 720, 1) == 0.0
    assert breach_probability(0.0, 0.999, 720, 1) == 1.0
    assert breach_probability(0.5, 0.0, 720, 1) == 0.0
    up_throughout = 0.9 * math.exp(-720 * 0.1 / (0.9 * 5))
    assert breach_probability(0.9, 1.0, 720, 5) == pytest.approx(1 - up_throughout, rel=1e-12)
    # Outages far shorter than the period even out: half of the periods lie below the mean.
    assert breach_probability(0.99, 0.99, 8760, 0.001) == pytest.approx(0.5, abs=0.01)
    # Outages far longer than the period: it is down throughout or not at all.
    assert breach_probability(0.99, 0.9, 1, 1e7) == pytest.approx(0.01, rel=1e-3)


def test_rare_breaches_keep_their_digits() -> None:
    """First order: one outage that alone outlasts the budget, exp(−b/m) of them."""
    rate_hours = (1 - 0.9999999) / 0.1
    first_order = rate_hours * 720 * math.exp(-0.072 / 0.1)

    assert breach_probability(0.9999999, 0.9999, 720, 0.1) == pytest.approx(first_order, rel=2e-3)


@settings(deadline=None)
@given(st.floats(0.2, 0.9999), st.floats(0.01, 0.9999), st.floats(1, 9000), st.floats(0.5, 500))
def test_probabilities_are_probabilities_and_fall_with_availability(
    availability: float, target: float, period: float, mttr: float
) -> None:
    found = breach_probability(availability, target, period, mttr)
    better = breach_probability((1 + availability) / 2, target, period, mttr)

    assert 0.0 <= found <= 1.0
    # Sums of thousands of rounded terms are good to about ten digits.
    assert better <= found + 1e-9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((99.9, 0.999, 720, 1), "availability is 99.9"),
        ((0.99, -0.1, 720, 1), "target is -0.1"),
        ((0.99, 0.99, 0, 1), "period_hours is 0"),
        ((0.99, 0.99, 720, 0), "mttr_hours is 0"),
        ((0.99, 0.99, 720, math.nan), "mttr_hours is nan"),
        ((0.9, 0.9, 8760, 1e-6), "give a longer one"),
    ],
)
def test_impossible_figures_are_refused(arguments: tuple[float, ...], message: str) -> None:
    with pytest.raises(DomainError, match=message):
        breach_probability(*arguments)


@settings(deadline=None)
@given(st.floats(0, 1), st.integers(1, 40), st.data())
def test_equal_periods_give_the_binomial_tail(
    chance: float, periods: int, data: st.DataObject
) -> None:
    breaches = data.draw(st.integers(0, periods))
    tail = math.fsum(
        math.comb(periods, k) * chance**k * (1 - chance) ** (periods - k)
        for k in range(breaches, periods + 1)
    )

    assert breaches_p_value(breaches, [chance] * periods) == pytest.approx(tail, abs=1e-12)


def test_unequal_periods_by_hand() -> None:
    # P(both) = 0.02; P(at least one) = 1 − 0.9 × 0.8.
    assert breaches_p_value(2, [0.1, 0.2]) == pytest.approx(0.02)
    assert breaches_p_value(1, [0.1, 0.2]) == pytest.approx(0.28)
    assert breaches_p_value(0, []) == 1.0


@pytest.mark.parametrize(("breaches", "chances"), [(3, [0.1, 0.1]), (-1, [0.1]), (1, [1.5])])
def test_impossible_counts_are_refused(breaches: int, chances: list[float]) -> None:
    with pytest.raises(DomainError):
        breaches_p_value(breaches, chances)


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_the_trend_test_is_exact_with_ties(values: list[int]) -> None:
    def statistic(order: tuple[int, ...]) -> int:
        return sum((b > a) - (b < a) for place, b in enumerate(order) for a in order[:place])

    observed = statistic(tuple(values))
    every = [statistic(order) for order in permutations(values)]
    found = rising_trend(values)

    assert found.statistic == observed
    assert found.p_value == pytest.approx(sum(s >= observed for s in every) / len(every))


def test_a_trend_over_ten_years_of_months() -> None:
    assert rising_trend(list(range(120))).p_value < 1e-150
    assert rising_trend(list(range(120, 0, -1))).p_value == 1.0
    assert rising_trend([5.0] * 12).tau == 0.0
    with pytest.raises(DomainError, match="finite"):
        rising_trend([1.0, math.nan])


def _period(month: int, *, down: float = 0.0, cause: str = "", party: str = "") -> ObservedPeriod:
    return ObservedPeriod(
        period=f"2026-{month:02}", hours=720, target=0.999, breached=down > 43.2, down_minutes=down,
        root_causes=(cause,) if cause else (), parties=(party,) if party else (),
    )  # fmt: skip


def test_minor_breaches_with_one_cause_are_a_pattern() -> None:
    history = [
        _period(month, down=44.0 + month, cause="dns", party="nth" if month % 2 else "other")
        for month in range(1, 13)
    ]
    found = systemic_test(history, mttr_hours=4.0)

    assert (found.breaches, found.periods, found.systemic) == (12, 12, True)
    assert found.p_value == pytest.approx(breach_probability(0.999, 0.999, 720, 4.0) ** 12)
    assert [(r.kind, r.id, len(r.periods)) for r in found.recurring] == [
        ("root_cause", "dns", 12), ("party", "nth", 6), ("party", "other", 6),
    ]  # fmt: skip
    assert found.trend.tau == 1.0
    assert found.trend.p_value == pytest.approx(1 / math.factorial(12))


def test_one_bad_month_is_no_pattern() -> None:
    history = [_period(month, down=300.0 * (month == 5), cause="dns") for month in range(1, 13)]
    found = systemic_test(history, mttr_hours=1.0)

    assert not found.systemic
    assert found.recurring == ()
    assert found.expected_breaches == pytest.approx(12 * breach_probability(0.999, 0.999, 720, 1))


def test_a_test_of_nothing_is_refused() -> None:
    with pytest.raises(DomainError, match="at least one period"):
        systemic_test([], mttr_hours=1.0)
    with pytest.raises(DomainError, match="significance"):
        systemic_test([_period(1)], mttr_hours=1.0, significance=5)


@pytest.mark.parametrize(
    ("values", "tau"),
    [([1, 2, 3], 1.0), ([3, 2, 1], -1.0), ([3, 1, 2], -1 / 3), ([1, 1, 2], 1.0), ([5, 5], 0.0), ([], 0.0)],
)  # fmt: skip
def test_the_rank_correlation_counts_pairs_that_differ(values: list[float], tau: float) -> None:
    """W6: pairs that rise less pairs that fall, over both; equal values count for neither side."""
    assert rising_trend(values).tau == pytest.approx(tau)
