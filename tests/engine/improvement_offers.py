"""Offers of improvements drawn for tests, and plain enumeration of what they can do."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st

from depgraph.engine.availability import AssessmentOptions
from depgraph.engine.feasibility import PlanSettings
from depgraph.engine.feasibility_answer import ImprovementPlan
from depgraph.engine.improvement_effects import option_problems
from depgraph.engine.scenario import edited
from depgraph.errors import RegisterError
from depgraph.model.estate import Estate
from depgraph.model.improvement import ImprovementOptions, ServiceTarget

AS_OF = date(2026, 4, 1)
ASSESSMENT = AssessmentOptions(as_of=AS_OF)
SETTINGS = PlanSettings(assessment=ASSESSMENT)
SLOW = settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip


def target_of(service: str, share: str) -> ServiceTarget:
    return ServiceTarget(service=service, availability=Decimal(share))


def options_of(*rows: dict[str, Any]) -> ImprovementOptions:
    return ImprovementOptions.model_validate({"improvements": list(rows)})


def subsets(options: ImprovementOptions) -> list[tuple[int, ...]]:
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


def enumerated(estate: Estate, options: ImprovementOptions) -> dict[tuple[int, ...], Estate]:
    """Every set whose changes fit, with every part of it fitting too; by plain enumeration."""
    fitting: dict[tuple[int, ...], Estate] = {}
    for chosen in subsets(options):
        edits = [edit for place in chosen for edit in options.improvements[place].edits]
        try:
            fitting[chosen] = edited(estate, edits)
        except RegisterError:
            continue
    return fitting


def price_of(options: ImprovementOptions, chosen: tuple[int, ...]) -> Decimal:
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
    options = options_of(*rows)
    assume(not option_problems(estate, options, names))
    return options


def is_sound(enumerated: dict[tuple[int, ...], Estate], options: ImprovementOptions) -> bool:
    """Whether no pair that fails is mended by a third: those count as exclusive by rule."""
    permitted = subsets(options)
    return all(
        inner in enumerated
        for outer in enumerated
        for inner in permitted
        if len(inner) == 2 and set(inner) <= set(outer)
    )


def check_frontier(
    answer: ImprovementPlan, options: ImprovementOptions, down: dict[tuple[int, ...], float]
) -> None:
    """Every price is met by the best that plain enumeration finds for it."""
    prices = [point.price for point in answer.frontier]
    assert prices == sorted(set(prices))
    for price in {price_of(options, chosen) for chosen in down}:
        best = min(q for chosen, q in down.items() if price_of(options, chosen) <= price)
        bought = min(p.figures[0].unavailability for p in answer.frontier if p.price <= price)
        assert bought == pytest.approx(best, rel=1e-8, abs=1e-13)
