"""What an estate carries for a target, by hand (rules L14, A11, A12). Synthetic."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from depgraph.engine.availability import AssessmentOptions
from depgraph.engine.carrying import feasibility
from depgraph.engine.feasibility_answer import ComponentRow, Feasibility
from depgraph.engine.figures import FigureChoice
from depgraph.model.estate import Estate
from tests.engine.brute_force import brute_force
from tests.engine.improvement_offers import AS_OF, target_of

SHOP: dict[str, Any] = {"id": "shop", "unavailability": "0.01", "depends_on": ["db"]}
DB: dict[str, Any] = {"id": "db", "unavailability": "0.02"}


def asked(
    services: list[dict[str, Any]], target: str, basis: Any = "modelled", **more: Any
) -> Feasibility:
    estate = Estate.model_validate({"services": services, **more})
    options = AssessmentOptions(as_of=AS_OF, choice=FigureChoice(basis=basis))
    return feasibility(estate, target_of("shop", target), options)


def component(found: Feasibility, name: str) -> ComponentRow:
    return next(row for row in found.components if row.component == name)


def promise(service: str, target: str) -> dict[str, Any]:
    sla = {
        "id": "s",
        "service": service,
        "objectives": [{"metric": "availability", "target": target}],
    }
    return {
        "organizations": [{"id": "V"}, {"id": "C", "own": True}],
        "contracts": [{"id": "k", "supplier": "V", "customer": "C", "slas": [sla]}],
    }  # fmt: skip


@pytest.mark.parametrize("service", ["0", "0.001", "0.3"])
def test_a_target_of_just_the_figure_is_reached(service: str) -> None:
    """M10: strictly below alone is a miss."""
    found = asked([{"id": "shop", "unavailability": service}], str(1 - Decimal(service)))

    assert (found.reached, found.carries) == (True, True)
    assert found.shortfall_minutes_per_month == 0


def test_rounding_of_the_composite_is_no_shortfall() -> None:
    """Exactly the product of the availabilities is asked for, of many pairs."""
    for first in range(1, 40):
        for second in (3, 7, 11):
            shares = Decimal(first) / 1000, Decimal(second) / 1000
            services: list[dict[str, Any]] = [
                {"id": "shop", "unavailability": str(shares[0]), "depends_on": ["db"]},
                {"id": "db", "unavailability": str(shares[1])},
            ]
            found = asked(services, str((1 - shares[0]) * (1 - shares[1])))
            assert found.reached, shares
            assert found.shortfall_minutes_per_month == 0, shares


def test_nothing_is_needed_of_components_where_the_target_is_reached() -> None:
    found = asked([SHOP, DB], "0.95")

    assert [row.needed_availability for row in found.components] == [None, None]
    missed = asked([SHOP, DB], "0.98")
    assert component(missed, "db").needed_unavailability == pytest.approx(1 - 0.98 / 0.99)


def test_what_rests_on_an_unknown_own_figure_gains_nothing_by_its_needs() -> None:
    """A5: the shop has no figure; it may always be down, whatever the database does."""
    found = asked([{"id": "shop", "depends_on": ["db"]}, DB], "0.9")
    rows = {row.requirement: row for row in found.requirements}

    assert found.unknown == ("shop",)
    assert rows["db"].ceiling_unavailability == 1.0
    assert not rows["db"].would_suffice
    assert rows["own component"].ceiling_unavailability == pytest.approx(0.02)


def test_a_soft_dependency_is_no_requirement_and_no_second_provider_helps_it() -> None:
    """A7."""
    soft = {**SHOP, "depends_on": ["db", {"service": "ads", "soft": "0.3"}]}
    found = asked([soft, DB, {"id": "ads", "unavailability": "0.5"}], "0.999")

    assert {row.requirement for row in found.requirements} == {"own component", "db"}
    assert [row.service for row in found.second_providers] == ["db"]


PAIR: list[dict[str, Any]] = [
    {"id": "shop", "unavailability": "0",
     "depends_on": [{"at_least": 1, "of": ["a", "b"], "common_cause": "0.5"}]},
    {"id": "a", "unavailability": "0.2"}, {"id": "b", "unavailability": "0.15"},
]  # fmt: skip


def test_members_with_a_common_cause_have_their_whole_figure_and_move_the_cause() -> None:
    """A13: half of a member's figure strikes both; it goes when one of them never fails."""
    found = asked(PAIR, "0.999")

    for name, whole in (("a", 0.2), ("b", 0.15)):
        row = component(found, name)
        assert row.unavailability == pytest.approx(whole)
        perfect = [{**s, "unavailability": "0"} if s["id"] == name else s for s in PAIR]
        counted = brute_force(Estate.model_validate({"services": perfect})).unavailability("shop")
        assert row.ceiling_unavailability == pytest.approx(counted, abs=1e-15)


def test_a_common_cause_of_unknown_members_is_not_named_among_the_unknown() -> None:
    group = {"at_least": 1, "of": ["a", "b"], "common_cause": "0.5"}
    shop = {"id": "shop", "unavailability": "0", "depends_on": [group]}

    assert asked([shop, {"id": "a"}, {"id": "b"}], "0.9").unknown == ("a", "b")


def test_pairs_that_fail_too_often_together_are_told() -> None:
    """A12: 0.3 × 0.2 is more than the 0.05 that the target leaves, and no more than 0.07."""
    group = {"at_least": 1, "of": ["a", "b"]}
    services: list[dict[str, Any]] = [
        {"id": "shop", "unavailability": "0.01", "depends_on": [group]},
        {"id": "a", "unavailability": "0.3"}, {"id": "b", "unavailability": "0.2"},
    ]  # fmt: skip

    [cut] = asked(services, "0.95").cut_sets
    assert set(cut.components) == {"a", "b"}
    assert cut.probability == pytest.approx(0.06)
    assert asked(services, "0.93").cut_sets == ()


def test_a_flawless_own_component_is_not_held_to_its_promise() -> None:
    """A4: by the committed figures the shop promises 0.9 end to end; without it, the database."""
    found = asked([SHOP, DB], "0.95", "committed", **promise("shop", "0.9"))

    assert found.unavailability == pytest.approx(0.1)
    assert found.carried_unavailability == pytest.approx(0.02)
    assert component(found, "shop").ceiling_unavailability == pytest.approx(0.02)


def test_below_a_promise_a_second_provider_has_no_figure() -> None:
    """A4: an end-to-end promise of 0.9 says the same with one database as with two."""
    shop = {"id": "shop", "unavailability": "0.01", "depends_on": ["api"]}
    api = {"id": "api", "depends_on": ["db"]}
    found = asked([shop, api, DB], "0.95", **promise("api", "0.9"))
    rows = {row.service: row for row in found.second_providers}

    assert rows["db"].under_promise
    assert rows["db"].needed_availability is None
    assert rows["db"].ceiling_unavailability == pytest.approx(1 - 0.99 * 0.9)
    too_much = asked([shop, api, DB], "0.985", **promise("api", "0.999"))
    [row] = [row for row in too_much.second_providers if row.service == "db"]
    assert row.ceiling_unavailability == pytest.approx(1 - 0.99 * 0.999)
    assert row.needed_availability is None
    assert not rows["api"].under_promise
    assert rows["api"].needed_unavailability == pytest.approx((0.05 - 0.01) / (0.109 - 0.01))


def test_every_component_that_makes_the_target_impossible_is_listed() -> None:
    """Forty-five in a row that each fail more than the target leaves."""
    names = [f"c{number}" for number in range(45)]
    services: list[dict[str, Any]] = [{"id": "shop", "unavailability": "0", "depends_on": names}]
    services += [{"id": name, "unavailability": "0.01"} for name in names]
    found = asked(services, "0.995")

    assert {row.component for row in found.components if row.impossible} == set(names)
    assert found.components_left_out == 0
