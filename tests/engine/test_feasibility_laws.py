"""Feasibility beside plain enumeration, and laws of plans and ceilings (rule L14)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from depgraph.engine import improvement_search
from depgraph.engine.carrying import feasibility
from depgraph.engine.feasibility import improvement_plan
from depgraph.engine.improvement_ceiling import Ceiling
from depgraph.engine.improvement_effects import Effects
from depgraph.engine.scenario import edited
from depgraph.model.dependency import Redundancy
from depgraph.model.estate import Estate
from depgraph.model.improvement import ImprovementOptions, ServiceTarget
from tests.engine.brute_force import brute_force, estates
from tests.engine.improvement_offers import (
    ASSESSMENT,
    SETTINGS,
    SLOW,
    check_frontier,
    enumerated,
    is_sound,
    offers,
    price_of,
    target_of,
)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Estate, ImprovementOptions, ServiceTarget]:
    """An estate, offers and a target."""
    estate = draw(estates())
    options = draw(offers(estate))
    share = draw(st.sampled_from(["0.5", "0.8", "0.95", "0.999", "0.999999", "1"]))
    return estate, options, target_of("s0", share)


@SLOW
@given(questions())
def test_the_plan_is_the_cheapest_of_plain_enumeration_with_every_state_counted(
    question: tuple[Estate, ImprovementOptions, ServiceTarget],
) -> None:
    estate, options, target = question
    every = enumerated(estate, options)
    assume(is_sound(every, options))
    down = {c: brute_force(after).unavailability("s0") for c, after in every.items()}
    allowed = float(1 - target.availability)
    # Figures that rounding alone decides prove nothing.
    assume(
        all(abs(q - allowed) > 1e-9 * max(q, allowed) or q == allowed == 0 for q in down.values())
    )
    reaching = [price_of(options, c) for c, q in down.items() if q <= allowed]
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
    check_frontier(answer, options, down)


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
    every = enumerated(estate, options)
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
    lower = target_of("s0", str(target.availability * Decimal("0.9")))
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
    answer = feasibility(estate, target_of("s0", share), ASSESSMENT)
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
