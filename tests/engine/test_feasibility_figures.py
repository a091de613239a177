"""Figures of plans: minutes missing and gained, edges of budgets, order of steps (rule L14).

Synthetic; the estate and the offers are those worked by hand in `test_feasibility`.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from depgraph.engine.availability import assessed
from depgraph.engine.feasibility import improvement_plan
from depgraph.engine.scenario import edited
from depgraph.model.estate import Estate
from depgraph.units import Money
from tests.engine.improvement_offers import ASSESSMENT, SETTINGS, options_of, target_of
from tests.engine.test_feasibility import BANK, REPLICA, SECOND, TIER

MINUTES = 43_200
TARGETS = [target_of("shop", "0.9995"), target_of("db", "0.9999")]


def down(estate: Estate, service: str) -> float:
    answers = assessed(estate, ASSESSMENT).services
    return next(a.unavailability_high for a in answers if a.id == service)


def bought(*offers: dict[str, Any]) -> Estate:
    estate = BANK
    for offer in offers:
        estate = edited(estate, offer["edits"])
    return estate


def test_every_point_says_what_is_missing_of_the_target_that_is_missed_most() -> None:
    """By definition, for two targets; the database alone is missed where the tier is bought."""
    answer = improvement_plan(BANK, TARGETS, options_of(TIER, REPLICA, SECOND), SETTINGS)
    offers: dict[str, Any] = {"tier": TIER, "replica": REPLICA, "second": SECOND}
    allowed = {"shop": 0.0005, "db": 0.0001}
    for point in answer.frontier:
        estate = bought(*(offers[name] for name in point.improvements))
        over = {name: down(estate, name) - most for name, most in allowed.items()}
        missing = max(0.0, *over.values()) * MINUTES
        assert point.shortfall_minutes_per_month == pytest.approx(missing, rel=1e-9, abs=1e-12)
        assert {f.service: f.reached for f in point.figures} == {n: v <= 0 for n, v in over.items()}
        assert point.reached == all(value <= 0 for value in over.values())
    assert [p.reached for p in answer.frontier][-1]
    assert any([f.reached for f in point.figures] == [False, True] for point in answer.frontier)


def test_a_target_of_just_what_a_plan_reaches_is_reached() -> None:
    """The database at 0.99999 asked for 0.99999: strictly below alone is a miss (rule M10)."""
    for share, price in (("0.99999", 400), ("0.9995", 0)):
        answer = improvement_plan(BANK, [target_of("db", share)], options_of(REPLICA), SETTINGS)
        assert answer.plan is not None
        assert answer.plan.price == price
        assert answer.plan.reached
        assert answer.plan.shortfall_minutes_per_month == 0


def test_steps_are_told_by_what_they_gain_after_the_ones_before_and_alone() -> None:
    """The tier gains most and comes first; both figures by assessing the changed estates."""
    answer = improvement_plan(BANK, TARGETS[:1], options_of(REPLICA, TIER), SETTINGS)
    now, tier, replica, both = (
        down(bought(*offers), "shop") for offers in ((), (TIER,), (REPLICA,), (TIER, REPLICA))
    )

    assert [step.improvement for step in answer.steps] == ["tier", "replica"]
    first, second = answer.steps
    assert [first.minutes_gained_per_month, second.minutes_gained_per_month] == pytest.approx(
        [(now - tier) * MINUTES, (tier - both) * MINUTES], rel=1e-9
    )
    assert [first.minutes_gained_alone, second.minutes_gained_alone] == pytest.approx(
        [(now - tier) * MINUTES, (now - replica) * MINUTES], rel=1e-9
    )
    assert first.before_unavailability == pytest.approx(now, rel=1e-12)
    assert first.after_unavailability == second.before_unavailability
    assert second.after_unavailability == pytest.approx(both, rel=1e-12)
    assert [step.price for step in answer.steps] == [Decimal(700), Decimal(400)]


def test_what_requires_another_comes_after_it_and_is_told_with_it_alone() -> None:
    needy = {**TIER, "requires": ["replica"]}
    answer = improvement_plan(BANK, TARGETS[:1], options_of(needy, REPLICA), SETTINGS)
    now, both = down(BANK, "shop"), down(bought(TIER, REPLICA), "shop")

    assert [step.improvement for step in answer.steps] == ["replica", "tier"]
    assert answer.steps[1].minutes_gained_alone == pytest.approx((now - both) * MINUTES, rel=1e-9)


@pytest.mark.parametrize(
    ("budget", "bought_for"),
    [("0", 0), ("399.99", 0), ("400", 400), ("699.99", 400), ("700", 700), ("1099.99", 700),
     ("1100", 1100), ("5000", 1100)],
)  # fmt: skip
def test_a_budget_buys_what_costs_no_more_than_it(budget: str, bought_for: int) -> None:
    answer = improvement_plan(
        BANK, TARGETS[:1], options_of(REPLICA, TIER),
        replace(SETTINGS, budget=Money.parse(f"{budget} EUR")),
    )  # fmt: skip

    assert answer.within_budget is not None
    assert answer.within_budget.price == bought_for
    assert answer.budget == Decimal(budget)


def test_without_a_frontier_the_plan_is_the_same_and_nothing_more_is_said() -> None:
    with_it = improvement_plan(BANK, TARGETS, options_of(TIER, REPLICA, SECOND), SETTINGS)
    answer = improvement_plan(
        BANK, TARGETS, options_of(TIER, REPLICA, SECOND), replace(SETTINGS, frontier=False)
    )

    assert answer.plan == with_it.plan
    assert answer.steps == with_it.steps
    assert (answer.frontier, answer.frontier_complete, answer.best_reachable) == ((), False, None)
    assert answer.notes == ()
    assert answer.sets_possible == 8
