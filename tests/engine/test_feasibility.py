"""Feasibility: plans beside plain enumeration, laws, and what binds (rule L14)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from depgraph.engine import improvement_search
from depgraph.engine.availability import AssessmentOptions, assessed
from depgraph.engine.carrying import feasibility, without_nodes
from depgraph.engine.feasibility import PlanSettings, improvement_plan
from depgraph.engine.feasibility_answer import ImprovementPlan
from depgraph.engine.figures import FigureChoice
from depgraph.engine.improvement_ceiling import Ceiling
from depgraph.engine.improvement_effects import Effects, option_problems
from depgraph.engine.scenario import edited
from depgraph.engine.structure import structure_of
from depgraph.errors import DomainError, RegisterError
from depgraph.model.dependency import Redundancy
from depgraph.model.estate import Estate
from depgraph.model.improvement import ImprovementOptions, ServiceTarget
from depgraph.units import Money
from tests.engine.brute_force import brute_force, estates

AS_OF = date(2026, 4, 1)
ASSESSMENT = AssessmentOptions(as_of=AS_OF)
SETTINGS = PlanSettings(assessment=ASSESSMENT)
SLOW = settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip


def _target(service: str, share: str) -> ServiceTarget:
    return ServiceTarget(service=service, availability=Decimal(share))


def _options(*rows: dict[str, Any]) -> ImprovementOptions:
    return ImprovementOptions.model_validate({"improvements": list(rows)})


def _subsets(options: ImprovementOptions) -> list[tuple[int, ...]]:
    """Every set that the options' own words permit."""
    places = range(len(options.improvements))
    found = []
    for chosen in chain.from_iterable(
        combinations(places, size) for size in range(len(places) + 1)
    ):
        ids = {options.improvements[p].id for p in chosen}
        if all(
            set(options.improvements[p].requires) <= ids
            and not set(options.improvements[p].excludes) & ids
            for p in chosen
        ):
            found.append(chosen)
    return found


def _enumerated(estate: Estate, options: ImprovementOptions) -> dict[tuple[int, ...], Estate]:
    """Every set whose changes fit, with every part of it fitting too; by plain enumeration."""
    fitting: dict[tuple[int, ...], Estate] = {}
    for chosen in _subsets(options):
        edits = [edit for place in chosen for edit in options.improvements[place].edits]
        try:
            fitting[chosen] = edited(estate, edits)
        except RegisterError:
            continue
    return fitting


def _price(options: ImprovementOptions, chosen: tuple[int, ...]) -> Decimal:
    return sum((options.improvements[p].price_per_year.amount for p in chosen), Decimal(0))


@st.composite
def offers(draw: st.DrawFn, estate: Estate) -> ImprovementOptions:
    """Offers of every kind, good and bad, that fit the estate one by one."""
    names = [service.id for service in estate.services]
    rows: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 5))):
        service = draw(st.sampled_from(names))
        record = estate.service[service]
        kind = draw(st.integers(0, 6))
        fresh = {"id": f"n{number}", "unavailability": draw(st.sampled_from(["0", "0.01", "0.3"]))}
        needs = [n for n in record.depends_on if isinstance(n, str)]
        groups = [n for n in record.requirements if hasattr(n, "of")]
        if kind == 1 and needs:
            on = draw(st.sampled_from(needs))
            group: dict[str, Any] = {"at_least": 1, "of": [on, fresh["id"]]}
            if draw(st.booleans()):
                group["common_cause"] = "0.2"
            edits = [
                {"add": {"services": [fresh]}},
                {"replace": {"dependencies": [{"service": service, "on": on, "with": group}]}},
            ]
        elif kind == 2 and needs:
            edits = [{"remove": {"dependencies": [{"service": service, "on": needs[0]}]}}]
        elif kind == 3:
            edits = [
                {"add": {"services": [fresh]}},
                {"add": {"dependencies": [{"service": service, "on": fresh["id"]}]}},
            ]
        elif kind == 4 and estate.locations:
            place = draw(st.sampled_from([p.id for p in estate.locations]))
            edits = [
                {
                    "replace": {
                        "locations": [{"id": place, "unavailability": fresh["unavailability"]}]
                    }
                }
            ]
        elif kind == 5 and groups:
            edits = [{"replace": {"services": [{"id": service, "depends_on": []}]}}]
        elif kind == 6:
            edits = [
                {"replace": {"services": [{"id": service, "located_in": [], "provider": None}]}}
            ]
        else:
            edits = [
                {
                    "replace": {
                        "services": [{"id": service, "unavailability": fresh["unavailability"]}]
                    }
                }
            ]
        rows.append({
            "id": f"i{number}", "price_per_year": f"{draw(st.integers(0, 9))} EUR", "edits": edits,
            "excludes": [f"i{number - 1}"] if number and draw(st.integers(0, 4)) == 0 else [],
            "requires": [f"i{number - 2}"] if number > 1 and draw(st.integers(0, 4)) == 0 else [],
        })  # fmt: skip
    options = _options(*rows)
    assume(not option_problems(estate, options, names))
    return options


@st.composite
def questions(draw: st.DrawFn) -> tuple[Estate, ImprovementOptions, ServiceTarget]:
    """An estate, offers and a target."""
    estate = draw(estates())
    options = draw(offers(estate))
    share = draw(st.sampled_from(["0.5", "0.8", "0.95", "0.999", "0.999999", "1"]))
    return estate, options, _target("s0", share)


def _sound(enumerated: dict[tuple[int, ...], Estate], options: ImprovementOptions) -> bool:
    """Whether no pair that fails is mended by a third: those count as exclusive by rule."""
    permitted = _subsets(options)
    return all(
        inner in enumerated
        for outer in enumerated
        for inner in permitted
        if len(inner) == 2 and set(inner) <= set(outer)
    )


@SLOW
@given(questions())
def test_the_plan_is_the_cheapest_of_plain_enumeration_with_every_state_counted(
    question: tuple[Estate, ImprovementOptions, ServiceTarget],
) -> None:
    estate, options, target = question
    every = _enumerated(estate, options)
    assume(_sound(every, options))
    down = {c: brute_force(after).unavailability("s0") for c, after in every.items()}
    allowed = float(1 - target.availability)
    # Figures that rounding alone decides prove nothing.
    assume(
        all(abs(q - allowed) > 1e-9 * max(q, allowed) or q == allowed == 0 for q in down.values())
    )
    reaching = [_price(options, c) for c, q in down.items() if q <= allowed]
    answer = improvement_plan(estate, [target], options, SETTINGS)

    assert answer.optimal
    assert answer.frontier_complete
    assert (answer.plan is not None) == bool(reaching)
    if answer.plan is not None:
        assert answer.plan.price == min(reaching) == answer.bound
        chosen = tuple(options.place[name] for name in answer.plan.improvements)
        assert answer.plan.figures[0].unavailability == pytest.approx(
            down[chosen], rel=1e-9, abs=1e-15
        )
    _check_frontier(answer, options, down)


def _check_frontier(
    answer: ImprovementPlan, options: ImprovementOptions, down: dict[tuple[int, ...], float]
) -> None:
    """Every price is met by the best that plain enumeration finds for it."""
    prices = [point.price for point in answer.frontier]
    assert prices == sorted(set(prices))
    for price in {_price(options, chosen) for chosen in down}:
        best = min(q for chosen, q in down.items() if _price(options, chosen) <= price)
        bought = min(p.figures[0].unavailability for p in answer.frontier if p.price <= price)
        assert bought == pytest.approx(best, rel=1e-8, abs=1e-13)


@SLOW
@given(questions())
def test_solver_and_enumeration_agree(
    question: tuple[Estate, ImprovementOptions, ServiceTarget],
) -> None:
    estate, options, target = question
    one = improvement_plan(estate, [target], options, SETTINGS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(improvement_search, "MOST_ENUMERATED", 0)
        other = improvement_plan(estate, [target], options, SETTINGS)

    assert other.method.startswith("0-1 programmes")
    assert other.optimal
    assert other.status == one.status
    assert [p.price for p in other.frontier] == [p.price for p in one.frontier]
    assert (other.plan and other.plan.price) == (one.plan and one.plan.price)


@SLOW
@given(questions(), st.data())
def test_no_completion_exceeds_the_ceiling(
    question: tuple[Estate, ImprovementOptions, ServiceTarget], data: st.DataObject
) -> None:
    estate, options, _ = question
    every = _enumerated(estate, options)
    decided = frozenset(data.draw(st.sampled_from(sorted(every))))
    others = [p for p in range(len(options.improvements)) if p not in decided]
    undecided = frozenset(p for p in others if data.draw(st.booleans()))
    effects = Effects(estate, options, ("s0",), ASSESSMENT)
    bounds = Ceiling(effects).availability(decided, undecided)

    assume(bounds is not None)
    assert bounds is not None
    for chosen, after in every.items():
        if decided <= set(chosen) <= decided | undecided:
            down = brute_force(after).unavailability("s0")
            assert down >= bounds[0].high.down * (1 - 1e-9) - 1e-15


@SLOW
@given(questions())
def test_more_on_offer_is_never_dearer_and_more_asked_never_cheaper(
    question: tuple[Estate, ImprovementOptions, ServiceTarget],
) -> None:
    estate, options, target = question
    assume(not any(each.requires for each in options.improvements))
    fewer = ImprovementOptions(
        improvements=[
            each.replace(excludes=[x for x in each.excludes if x != options.improvements[-1].id])
            for each in options.improvements[:-1]
        ]
    )
    lower = _target("s0", str(target.availability * Decimal("0.9")))
    plain = improvement_plan(estate, [target], options, SETTINGS).plan
    with_fewer = improvement_plan(estate, [target], fewer, SETTINGS).plan
    less_asked = improvement_plan(estate, [lower], options, SETTINGS).plan

    if with_fewer is not None:
        assert plain is not None
        assert plain.price <= with_fewer.price
    if plain is not None:
        assert less_asked is not None
        assert less_asked.price <= plain.price


@SLOW
@given(estates(), st.sampled_from(["0.3", "0.7", "0.9", "0.99", "0.9999"]))
def test_what_is_needed_suffices_and_what_cannot_cannot(estate: Estate, share: str) -> None:
    """Every figure that is told is put into the estate and counted state by state."""
    answer = feasibility(estate, _target("s0", share), ASSESSMENT)
    allowed = float(1 - Decimal(share))
    counted = brute_force(estate)

    assert answer.unavailability == pytest.approx(counted.unavailability("s0"), rel=1e-9, abs=1e-15)
    for row in answer.components:
        service = estate.service.get(row.component)
        if service is None or not row.ceiling_unavailability:
            continue
        if row.needed_unavailability is not None:
            fixed = _with_own(estate, row.component, row.needed_unavailability)
            assert brute_force(fixed).unavailability("s0") <= allowed * (1 + 1e-9)
    # A front has no figure of its own for a common cause to share, so those groups are left out.
    struck = {
        m
        for s in estate.services
        for g in s.requirements
        if isinstance(g, Redundancy) and g.common_cause
        for m in g.of
    }
    for second in answer.second_providers:
        if second.needed_unavailability is not None and second.service not in struck:
            after = _with_second(estate, second.service, second.needed_unavailability)
            assert brute_force(after).unavailability("s0") == pytest.approx(allowed, rel=1e-8) or (
                second.needed_unavailability == 1.0
            )
    for need in answer.requirements:
        if need.impossible and need.kind != "own":
            # What it needs is part of every way to be up.
            assert need.unavailability <= counted.unavailability("s0") * (1 + 1e-9)


def _with_own(estate: Estate, service: str, down: float) -> Estate:
    change = {"id": service, "unavailability": repr(down)}
    return edited(estate, [{"replace": {"services": [change]}}])


def _with_second(estate: Estate, service: str, down: float) -> Estate:
    """A second provider wherever the first is used, through a flawless front."""
    edits: list[dict[str, Any]] = [
        {"add": {"services": [
            {"id": "second", "unavailability": repr(down)},
            {"id": "front", "unavailability": 0, "depends_on": [{"at_least": 1, "of": [service, "second"]}]},
        ]}}
    ]  # fmt: skip
    for consumer in estate.services:
        data = consumer.model_dump(mode="json")["depends_on"]
        swapped = [_swapped(item, service) for item in data]
        if swapped != data:
            edits.append({"replace": {"services": [{"id": consumer.id, "depends_on": swapped}]}})
    return edited(estate, edits)


def _swapped(item: Any, service: str) -> Any:
    if isinstance(item, str):
        return "front" if item == service else item
    if "of" in item:
        return {**item, "of": ["front" if m == service else m for m in item["of"]]}
    return item


@st.composite
def promised_questions(draw: st.DrawFn) -> tuple[Estate, ImprovementOptions]:
    """Estates where promises stand for figures, and offers that change promises too."""
    data = draw(estates()).model_dump(mode="json")
    companies = [each["id"] for each in data["organizations"]]
    assume(len(companies) > 1)
    data["organizations"][0]["own"] = draw(st.booleans())
    shares = st.sampled_from(["0.4", "0.8", "0.97", "0.999"])
    slas = []
    for service in data["services"]:
        if draw(st.booleans()):
            service["unavailability"] = None
            for number in range(draw(st.integers(1, 2))):
                third = [{"kind": "third_party"}] if draw(st.integers(0, 2)) == 0 else []
                slas.append(
                    {
                        "id": f"{service['id']}-{number}",
                        "service": service["id"],
                        "exclusions": third,
                        "objectives": [{"metric": "availability", "target": draw(shares)}],
                    }
                )
    data["contracts"] = [
        {
            "id": f"k{n}",
            "supplier": companies[n % 2],
            "customer": companies[1 - n % 2],
            "start": "2025-01-01",
            "slas": [sla],
        }
        for n, sla in enumerate(slas)
    ]
    estate = Estate.model_validate(data)
    offered = draw(offers(estate)).model_dump(mode="json")["improvements"]
    for row in offered:
        for edit in row["edits"]:
            if edit.get("replace_fields"):
                edit["replace"] = edit["replace_fields"]
            for key in [key for key in edit if edit[key] is None or key == "replace_fields"]:
                del edit[key]
    for number in range(draw(st.integers(0, 2)) if slas else 0):
        sla = draw(st.sampled_from(slas))
        change: dict[str, Any] = {
            "replace": {
                "slas": [
                    {
                        "id": sla["id"],
                        "objectives": [{"metric": "availability", "target": draw(shares)}],
                    }
                ]
            }
        }
        if draw(st.integers(0, 3)) == 0:
            change = {"remove": {"slas": [sla["id"]]}}
        offered.append({"id": f"p{number}", "price_per_year": f"{number} EUR", "edits": [change]})
    options = _options(*offered)
    assume(not option_problems(estate, options, list(estate.service)))
    return estate, options  # fmt: skip


@SLOW
@given(promised_questions(), st.sampled_from(["modelled", "committed"]), st.data())
def test_the_ceiling_holds_where_promises_stand_for_figures(
    question: tuple[Estate, ImprovementOptions], basis: Any, data: st.DataObject
) -> None:
    """Promises divided by what they rest on fall when that rises: monotone it is not."""
    estate, options = question
    assessment = AssessmentOptions(as_of=AS_OF, choice=FigureChoice(basis))
    effects = Effects(estate, options, ("s0",), assessment)
    every = _enumerated(estate, options)
    decided = frozenset(data.draw(st.sampled_from(sorted(every))))
    undecided = frozenset(p for p in range(len(options.improvements)) if p not in decided)
    undecided = frozenset(p for p in undecided if data.draw(st.booleans()))
    bounds = Ceiling(effects).availability(decided, undecided)
    assume(bounds is not None)
    assert bounds is not None
    for chosen in every:
        if decided <= set(chosen) <= decided | undecided:
            exact = effects.availability(frozenset(chosen))
            assert exact is not None
            assert exact[0].low.down >= bounds[0].high.down * (1 - 1e-9) - 1e-15


@SLOW
@given(promised_questions(), st.sampled_from(["0.3", "0.79", "0.96", "0.998"]))
def test_plans_over_promises_are_the_cheapest_of_plain_enumeration(
    question: tuple[Estate, ImprovementOptions], share: str
) -> None:
    estate, options = question
    every = _enumerated(estate, options)
    assume(_sound(every, options))
    down = {}
    for chosen, after in every.items():
        [row] = assessed(after, AssessmentOptions(services=("s0",), as_of=AS_OF)).services
        down[chosen] = row.unavailability_high
    allowed = float(1 - Decimal(share))
    assume(all(abs(q - allowed) > 1e-9 for q in down.values()))
    reaching = [_price(options, chosen) for chosen, q in down.items() if q <= allowed]
    answer = improvement_plan(estate, [_target("s0", share)], options, SETTINGS)

    assert answer.optimal
    assert (answer.plan.price if answer.plan else None) == min(reaching, default=None)
    _check_frontier(answer, options, down)


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
        BANK, [_target("shop", "0.9995")], _options(TIER, SECOND, REPLICA), SETTINGS
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
    [goal] = improvement_plan(BANK, [_target("shop", "0.9985")], None, SETTINGS).goals

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
    options = _options(TIER, REPLICA)
    low = improvement_plan(BANK, [_target("shop", "0.99")], options, SETTINGS)
    high = improvement_plan(BANK, [_target("shop", "0.99999")], options, SETTINGS)
    none = improvement_plan(BANK, [_target("shop", "0.99999")], None, SETTINGS)

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
    targets = [_target("shop", "0.9975"), _target("db", "0.9999")]
    answer = improvement_plan(BANK, targets, _options(TIER, REPLICA), SETTINGS)

    assert answer.plan is not None
    assert answer.plan.improvements == ("replica",)
    assert [f.service for f in answer.plan.figures] == ["shop", "db"]


def test_a_budget_tells_the_best_it_buys() -> None:
    settings_ = PlanSettings(assessment=ASSESSMENT, budget=Money.parse("750 EUR"))
    answer = improvement_plan(
        BANK, [_target("shop", "0.9995")], _options(TIER, SECOND, REPLICA), settings_
    )

    assert answer.within_budget is not None
    assert answer.within_budget.improvements == ("tier",)
    with pytest.raises(DomainError, match="the budget is in USD, prices are in EUR"):
        improvement_plan(BANK, [_target("shop", "0.9995")], _options(TIER),
                         PlanSettings(assessment=ASSESSMENT, budget=Money.parse("750 USD")))  # fmt: skip


def test_a_spent_budget_of_work_tells_its_bound() -> None:
    settings_ = PlanSettings(assessment=ASSESSMENT, evaluations=2)
    answer = improvement_plan(
        BANK, [_target("shop", "0.9995")], _options(TIER, SECOND, REPLICA), settings_
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
        BANK, [_target("shop", "0.9999")], _options(without, SECOND), SETTINGS
    )

    assert answer.conflicts == (("without", "second"),)


def test_an_unknown_figure_is_taken_as_down_and_named() -> None:
    estate = BANK.replace(services=[*BANK.services, {"id": "x"}])
    estate = edited(estate, [{"add": {"dependencies": [{"service": "shop", "on": "x"}]}}])
    known = {"id": "ask", "price_per_year": "5 EUR", "edits": [
        {"replace": {"services": [{"id": "x", "availability": "0.9999"}]}}]}  # fmt: skip
    answer = improvement_plan(estate, [_target("shop", "0.997")], _options(known), SETTINGS)

    assert answer.goals[0].unknown == ("x",)
    # x may turn out to be perfect, so nothing is known to be impossible on its account.
    assert not any(row.impossible for row in answer.goals[0].requirements)
    assert not any(row.impossible for row in answer.goals[0].components)
    assert answer.goals[0].availability == 0.0
    assert answer.goals[0].high > 0.99
    assert answer.plan is not None
    assert answer.plan.improvements == ("ask",)


def test_the_plan_agrees_with_assess_on_the_estate_with_its_changes() -> None:
    options = _options(TIER, SECOND, REPLICA)
    answer = improvement_plan(BANK, [_target("shop", "0.9996")], options, SETTINGS)
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
        _options(*rows)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_an_option_may_not_remove_what_is_asked_for() -> None:
    gone = {"id": "gone", "price_per_year": "0 EUR", "edits": [{"remove": {"services": ["shop"]}}]}
    with pytest.raises(RegisterError, match="removes 'shop', for which a target is set"):
        improvement_plan(BANK, [_target("shop", "0.9")], _options(gone), SETTINGS)


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

    plan = improvement_plan(estate, [_target("a", "0.99")], _options(*rows), SETTINGS)

    assert plan.status == "reached"
    assert plan.plan is not None
    assert plan.plan.improvements == ("i0", "i1", "i2")
