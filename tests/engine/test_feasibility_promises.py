"""Plans and ceilings where promises stand for figures (rules L14, A4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from depgraph.engine.availability import AssessmentOptions, assessed
from depgraph.engine.feasibility import improvement_plan
from depgraph.engine.figures import FigureChoice
from depgraph.engine.improvement_ceiling import Ceiling
from depgraph.engine.improvement_effects import Effects, option_problems
from depgraph.model.estate import Estate
from depgraph.model.improvement import ImprovementOptions
from tests.engine.brute_force import estates
from tests.engine.improvement_offers import (
    AS_OF,
    SETTINGS,
    SLOW,
    check_frontier,
    enumerated,
    is_sound,
    offers,
    options_of,
    price_of,
    target_of,
)


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
    options = options_of(*offered)
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
    every = enumerated(estate, options)
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
    every = enumerated(estate, options)
    assume(is_sound(every, options))
    down = {}
    for chosen, after in every.items():
        [row] = assessed(after, AssessmentOptions(services=("s0",), as_of=AS_OF)).services
        down[chosen] = row.unavailability_high
    allowed = float(1 - Decimal(share))
    assume(all(abs(q - allowed) > 1e-9 for q in down.values()))
    reaching = [price_of(options, chosen) for chosen, q in down.items() if q <= allowed]
    answer = improvement_plan(estate, [target_of("s0", share)], options, SETTINGS)

    assert answer.optimal
    assert (answer.plan.price if answer.plan else None) == min(reaching, default=None)
    check_frontier(answer, options, down)
