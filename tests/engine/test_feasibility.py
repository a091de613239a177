"""Plans and what binds, worked by hand; what is refused (rule L14)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from depgraph.engine.availability import AssessmentOptions, assessed
from depgraph.engine.carrying import without_nodes
from depgraph.engine.feasibility import PlanSettings, improvement_plan
from depgraph.engine.scenario import edited
from depgraph.engine.structure import structure_of
from depgraph.errors import DomainError, RegisterError
from depgraph.model.estate import Estate
from depgraph.units import Money
from tests.engine.improvement_offers import AS_OF, ASSESSMENT, SETTINGS, options_of, target_of

BANK = Estate.model_validate(
    {
        "organizations": [{"id": "we", "own": True}, {"id": "them"}],
        "locations": [{"id": "eu", "availability": "0.9998"}],
        "services": [
            {"id": "shop", "availability": "0.9999", "located_in": ["eu"], "depends_on": ["pay", "db"]},
            {"id": "pay", "provider": "them"},
            {"id": "db", "availability": "0.9995"},
        ],
        "contracts": [{"id": "k", "supplier": "them", "customer": "we", "start": "2025-01-01", "slas": [
            {"id": "k1", "service": "pay", "objectives": [{"metric": "availability", "target": "0.998"}]}]}],
    }
)  # fmt: skip
TIER = {"id": "tier", "price_per_year": "700 EUR", "edits": [
    {"replace": {"slas": [{"id": "k1", "objectives": [{"metric": "availability", "target": "0.9999"}]}]}}]}  # fmt: skip
SECOND = {"id": "second", "price_per_year": "900.50 EUR", "edits": [
    {"add": {"services": [{"id": "pay2", "availability": "0.99"}]}},
    {"replace": {"dependencies": [{"service": "shop", "on": "pay", "with": {"at_least": 1, "of": ["pay", "pay2"]}}]}}]}  # fmt: skip
REPLICA = {"id": "replica", "price_per_year": "400 EUR", "edits": [
    {"replace": {"services": [{"id": "db", "availability": "0.99999"}]}}]}  # fmt: skip


def test_a_plan_worked_by_hand() -> None:
    # 0.9999 x 0.9998 x 0.998 x 0.9995 = 0.99720...; the tier gives 0.99910..., the replica
    # 0.99768..., both 0.99959...; the second provider in place of the tier 0.99918..., 0.99967....
    answer = improvement_plan(
        BANK, [target_of("shop", "0.9995")], options_of(TIER, SECOND, REPLICA), SETTINGS
    )

    assert answer.status == "reached"
    assert answer.plan is not None
    assert answer.plan.improvements == ("tier", "replica")
    assert (answer.plan.price, answer.plan.currency) == (Decimal(1100), "EUR")
    expected = Decimal("0.9999") * Decimal("0.9998") * Decimal("0.9999") * Decimal("0.99999")
    assert answer.plan.figures[0].availability == pytest.approx(float(expected), rel=1e-14)
    assert [p.price for p in answer.frontier] == [
        Decimal(0), Decimal(400), Decimal(700), Decimal("900.50"), Decimal(1100), Decimal("1300.50"), Decimal("2000.50"),
    ]  # fmt: skip
    gained = sum(step.minutes_gained_per_month for step in answer.steps)
    before = Decimal("0.9999") * Decimal("0.9998") * Decimal("0.998") * Decimal("0.9995")
    assert gained == pytest.approx(float((expected - before) * 43_200), rel=1e-9)
    assert [step.reached_without for step in answer.steps] == [False, False]


def test_what_binds_by_hand() -> None:
    [goal] = improvement_plan(BANK, [target_of("shop", "0.9985")], None, SETTINGS).goals

    weakest = goal.requirements[0]
    assert (weakest.requirement, weakest.impossible, weakest.binding) == ("pay", True, True)
    rows = {row.component: row for row in goal.components}
    assert rows["pay"].impossible
    assert rows["pay"].single_point_of_failure
    # 0.9985 / (0.9999 x 0.9998 x 0.9995)
    needed = Decimal("0.9985") / (Decimal("0.9999") * Decimal("0.9998") * Decimal("0.9995"))
    assert rows["pay"].needed_availability == pytest.approx(float(needed), rel=1e-11)
    assert rows["db"].needed_availability is None
    assert [cut.components for cut in goal.cut_sets] == [("pay",)]
    # 1 - 0.002 (1 - y) = needed
    [second] = [row for row in goal.second_providers if row.service == "pay"]
    assert second.needed_availability == pytest.approx(
        float(1 - (1 - needed) / Decimal("0.002")), rel=1e-8
    )
    assert not goal.carries
    assert goal.carried == pytest.approx(0.9998 * 0.998 * 0.9995, rel=1e-14)


def test_reached_already_and_out_of_reach() -> None:
    options = options_of(TIER, REPLICA)
    low = improvement_plan(BANK, [target_of("shop", "0.99")], options, SETTINGS)
    high = improvement_plan(BANK, [target_of("shop", "0.99999")], options, SETTINGS)
    none = improvement_plan(BANK, [target_of("shop", "0.99999")], None, SETTINGS)

    assert low.status == "already_reached"
    assert low.plan is not None
    assert not low.plan.improvements
    assert low.bound == 0
    assert (high.status, high.optimal) == ("unreachable", True)
    assert high.plan is None
    assert high.bound is None
    assert high.best_reachable is not None
    assert high.best_reachable.improvements == ("tier", "replica")
    assert none.status == "not_offered"


def test_several_targets_are_reached_by_one_set() -> None:
    targets = [target_of("shop", "0.9975"), target_of("db", "0.9999")]
    answer = improvement_plan(BANK, targets, options_of(TIER, REPLICA), SETTINGS)

    assert answer.plan is not None
    assert answer.plan.improvements == ("replica",)
    assert [f.service for f in answer.plan.figures] == ["shop", "db"]


def test_a_budget_tells_the_best_it_buys() -> None:
    settings_ = PlanSettings(assessment=ASSESSMENT, budget=Money.parse("750 EUR"))
    answer = improvement_plan(
        BANK, [target_of("shop", "0.9995")], options_of(TIER, SECOND, REPLICA), settings_
    )

    assert answer.within_budget is not None
    assert answer.within_budget.improvements == ("tier",)
    with pytest.raises(DomainError, match="the budget is in USD, prices are in EUR"):
        improvement_plan(BANK, [target_of("shop", "0.9995")], options_of(TIER),
                         PlanSettings(assessment=ASSESSMENT, budget=Money.parse("750 USD")))  # fmt: skip


def test_a_spent_budget_of_work_tells_its_bound() -> None:
    settings_ = PlanSettings(assessment=ASSESSMENT, evaluations=2)
    answer = improvement_plan(
        BANK, [target_of("shop", "0.9995")], options_of(TIER, SECOND, REPLICA), settings_
    )

    assert not answer.optimal
    assert answer.bound is not None
    assert answer.bound <= 1100
    assert answer.plan is None or answer.plan.price >= 1100
    assert answer.notes


def test_changes_that_do_not_fit_together_exclude_each_other() -> None:
    without = {"id": "without", "price_per_year": "1 EUR", "edits": [
        {"remove": {"dependencies": [{"service": "shop", "on": "pay"}]}}]}  # fmt: skip
    answer = improvement_plan(
        BANK, [target_of("shop", "0.9999")], options_of(without, SECOND), SETTINGS
    )

    assert answer.conflicts == (("without", "second"),)


def test_an_unknown_figure_is_taken_as_down_and_named() -> None:
    estate = BANK.replace(services=[*BANK.services, {"id": "x"}])
    estate = edited(estate, [{"add": {"dependencies": [{"service": "shop", "on": "x"}]}}])
    known = {"id": "ask", "price_per_year": "5 EUR", "edits": [
        {"replace": {"services": [{"id": "x", "availability": "0.9999"}]}}]}  # fmt: skip
    answer = improvement_plan(estate, [target_of("shop", "0.997")], options_of(known), SETTINGS)

    assert answer.goals[0].unknown == ("x",)
    # x may turn out to be perfect, so nothing is known to be impossible on its account.
    assert not any(row.impossible for row in answer.goals[0].requirements)
    assert not any(row.impossible for row in answer.goals[0].components)
    assert answer.goals[0].availability == 0.0
    assert answer.goals[0].high > 0.99
    assert answer.plan is not None
    assert answer.plan.improvements == ("ask",)


def test_the_plan_agrees_with_assess_on_the_estate_with_its_changes() -> None:
    options = options_of(TIER, SECOND, REPLICA)
    answer = improvement_plan(BANK, [target_of("shop", "0.9996")], options, SETTINGS)
    assert answer.plan is not None
    edits = [
        e
        for p in sorted(options.place[i] for i in answer.plan.improvements)
        for e in options.improvements[p].edits
    ]
    [row] = assessed(
        edited(BANK, edits), AssessmentOptions(services=("shop",), as_of=AS_OF)
    ).services

    # Products in another sequence: the same up to rounding.
    [figure] = answer.plan.figures
    assert row.unavailability == pytest.approx(figure.unavailability, rel=1e-12)
    assert row.availability == pytest.approx(figure.availability, rel=1e-15)


def test_without_nodes_takes_them_as_up() -> None:
    structure = structure_of(BANK)
    graph, root, origin = without_nodes(
        structure.gates, structure.up["shop"], {structure.up["pay"]}
    )
    names = {structure.name(v) for v in origin.values()}
    assert names == {"shop", "eu", "db"}
    assert len(graph.arguments[root]) == 3


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([{**TIER, "id": "a"}, {**TIER, "id": "a"}], "duplicate-id"),
        ([TIER, {**SECOND, "price_per_year": "5 USD"}], "mixed-currencies"),
        ([{**TIER, "requires": ["replicas"]}, REPLICA], "unknown-reference"),
        ([{**TIER, "requires": ["replica"], "excludes": ["replica"]}, REPLICA], "contradiction"),
    ],
)
def test_contradictions_are_refused(rows: list[dict[str, Any]], code: str) -> None:
    with pytest.raises(RegisterError) as caught:
        options_of(*rows)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_an_option_may_not_remove_what_is_asked_for() -> None:
    gone = {"id": "gone", "price_per_year": "0 EUR", "edits": [{"remove": {"services": ["shop"]}}]}
    with pytest.raises(RegisterError, match="removes 'shop', for which a target is set"):
        improvement_plan(BANK, [target_of("shop", "0.9")], options_of(gone), SETTINGS)


@pytest.mark.parametrize("worse", [{"operator": "weak"}, {"within": "weak"}])
def test_places_that_only_together_leave_a_weak_one_are_found(worse: dict[str, str]) -> None:
    """All three have to leave it: 0.9 stays until the last one has."""
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "weak", "availability": "0.9"}],
            "locations": [
                {"id": "weak", "availability": "0.9" if "within" in worse else "1"},
                *({"id": f"z{i}", "availability": "0.999", **worse} for i in range(3)),
            ],
            "services": [{"id": "a", "availability": 1, "located_in": ["z0", "z1", "z2"]}],
        }
    )
    leave = dict.fromkeys(worse)
    rows = [
        {"id": f"i{i}", "price_per_year": "5 EUR",
         "edits": [{"replace": {"locations": [{"id": f"z{i}", **leave}]}}]}
        for i in range(3)
    ]  # fmt: skip

    plan = improvement_plan(estate, [target_of("a", "0.99")], options_of(*rows), SETTINGS)

    assert plan.status == "reached"
    assert plan.plan is not None
    assert plan.plan.improvements == ("i0", "i1", "i2")
