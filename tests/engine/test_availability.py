"""Composite availability: published figures, traps, then brute force over all states."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depgraph.engine import availability, sweep
from depgraph.engine.availability import AssessmentOptions, assessed
from depgraph.engine.availability_answer import ServiceAvailability, shown_availability
from depgraph.engine.exact import Limits
from depgraph.engine.figures import FigureChoice
from depgraph.engine.simulation import simulated
from depgraph.engine.simulation_options import SimulationOptions
from depgraph.engine.structure import structure_of
from depgraph.errors import DomainError, LimitError
from depgraph.model.estate import Estate
from tests.estates import overlapping_causes

from .brute_force import brute_force, estates

_NO_ROOM = 4
"""Nodes that hold no diagram worth the name."""


def one(service: str, *services: dict[str, Any], **estate: Any) -> ServiceAvailability:
    """Assess one service of an estate written in place."""
    records = Estate.model_validate({"services": list(services), **estate})
    [answer] = assessed(records, AssessmentOptions(services=(service,))).services
    return answer


def serial(*availabilities: str) -> ServiceAvailability:
    """A perfect service that needs all of the given ones."""
    parts = [{"id": f"p{i}", "availability": a} for i, a in enumerate(availabilities)]
    top = {"id": "top", "availability": 1, "depends_on": [p["id"] for p in parts]}
    return one("top", top, *parts)


def redundant(*unavailabilities: str) -> ServiceAvailability:
    """A perfect service that needs one of the given ones."""
    parts = [{"id": f"p{i}", "unavailability": q} for i, q in enumerate(unavailabilities)]
    group = {"at_least": 1, "of": [p["id"] for p in parts]}
    return one("top", {"id": "top", "availability": 1, "depends_on": [group]}, *parts)


@pytest.mark.parametrize(
    ("answer", "unavailability"),
    [
        pytest.param(serial("0.9995", "0.9999"), 5.9995e-4, id="A01 serial"),
        pytest.param(redundant("1e-4", "1e-3"), 1e-7, id="A02 parallel"),
        pytest.param(serial("0.9995", "0.9999999"), 5.0009995e-4, id="A03 web with queue"),
        pytest.param(redundant("5e-4", "5e-4"), 2.5e-7, id="A04 two regions"),
        pytest.param(redundant(*["5e-4"] * 4), 6.25e-14, id="A05 four regions"),
        pytest.param(serial("0.9999", "0.9999", "0.9999"), 2.99970001e-4, id="A12 three nines"),
        pytest.param(redundant("0.001", "0.001"), 1e-6, id="A13 parallel"),
        pytest.param(redundant("0.01", "0.01"), 1e-4, id="A13 second"),
    ],
)
def test_published_figures(answer: ServiceAvailability, unavailability: float) -> None:
    assert answer.unavailability == pytest.approx(unavailability, rel=1e-12)
    assert answer.method == "exact"
    assert answer.low == answer.high == answer.availability


def test_a14_availability_from_mtbf_and_mttr() -> None:
    answer = one("a", {"id": "a", "mtbf_hours": 3600, "mttr_hours": 1})

    assert answer.unavailability == pytest.approx(1 / 3601, rel=1e-15)


def test_a16_a_shared_supplier_is_one_thing() -> None:
    answer = one(
        "top",
        {"id": "top", "availability": 1, "depends_on": [{"at_least": 1, "of": ["x", "y"]}]},
        {"id": "x", "availability": 0.999, "depends_on": ["s"]},
        {"id": "y", "availability": 0.999, "depends_on": ["s"]},
        {"id": "s", "availability": 0.999},
    )

    assert answer.availability == pytest.approx(0.998999001, rel=1e-15)
    assert answer.naive == pytest.approx(0.999996003999, abs=1e-15)
    assert answer.worst_case == pytest.approx(0.998999001, rel=1e-15)
    assert answer.single_points_of_failure == ("s",)


def test_a_ring_of_healthy_components_is_up() -> None:
    answer = one(
        "dns",
        {"id": "dns", "unavailability": 1e-3, "depends_on": ["auth"]},
        {"id": "auth", "unavailability": 2e-3, "depends_on": ["dns"]},
    )

    assert answer.unavailability == pytest.approx(1 - 0.999 * 0.998, rel=1e-12)
    assert answer.in_ring


def test_unknown_is_a_bracket_and_named() -> None:
    answer = one(
        "top",
        {"id": "top", "availability": 0.99, "depends_on": [{"at_least": 1, "of": ["x", "y"]}]},
        {"id": "x", "availability": 0.9},
        {"id": "y"},
    )

    assert (answer.availability, answer.unavailability) == (None, None)
    assert (answer.low, answer.high) == pytest.approx((0.99 * 0.9, 0.99))
    assert answer.unknown == ("y",)


def test_an_unknown_member_two_common_causes_away_is_named() -> None:
    """Rules A5, A13: how much of a's failures b shares hangs on c, by the group of b and c."""
    top = {"id": "top", "availability": 1, "depends_on": ["a"]}
    answer = one("top", top, *overlapping_causes())

    assert answer.availability is None
    assert answer.unknown == ("c",)
    assert answer.method == "bracket: components without a figure taken as 0 and as 1"


def test_everything_that_makes_an_answer_a_bracket_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pairs = [(f"m{i}", f"m{(5 * i + 3) % 12}") for i in range(12)]
    unknown = "components without a figure taken as 0 and as 1"
    enclosed = "enclosing decision diagrams and states with few failures"
    hurried = Limits(seconds=5.0, operations=1, bracket_nodes=2)

    def method(limits: Limits, *without_figure: str) -> str:
        needed = [{"at_least": 1, "of": pair} for pair in pairs if len({*pair}) > 1]
        members: list[dict[str, Any]] = [
            {"id": f"m{i}"} if f"m{i}" in without_figure else {"id": f"m{i}", "unavailability": 0.1}
            for i in range(12)
        ]
        top = {"id": "top", "availability": 0.99, "depends_on": needed}
        estate = Estate.model_validate({"services": [top, *members]})
        options = AssessmentOptions(services=("top",), limits=limits)
        return assessed(estate, options).services[0].method

    assert method(Limits()) == "exact"
    assert method(Limits(), "m1") == f"bracket: {unknown}"
    monkeypatch.setattr(sweep, "_NODES", _NO_ROOM)
    assert method(hurried) == f"bracket: {enclosed}"
    assert method(hurried, "m1") == f"bracket: {unknown}; {enclosed}"


def test_a_default_is_used_and_named() -> None:
    estate = Estate.model_validate({"services": [{"id": "a"}], "defaults": {"availability": 0.9}})
    [answer] = assessed(estate).services

    assert answer.availability == pytest.approx(0.9)
    assert answer.defaulted == ("a",)
    assert answer.unknown == ()


def test_tiny_unavailabilities_keep_their_digits() -> None:
    answer = serial("1", "1")
    tiny = one("a", {"id": "a", "unavailability": 3.1e-15, "depends_on": ["b"]},
               {"id": "b", "unavailability": 2e-15})  # fmt: skip

    assert answer.unavailability == 0.0
    assert tiny.unavailability == pytest.approx(5.1e-15, rel=1e-12)


def test_soft_dependencies_never_take_a_service_down() -> None:
    answer = one(
        "a",
        {"id": "a", "unavailability": 1e-3, "depends_on": [{"service": "b", "soft": 0.3}]},
        {"id": "b", "unavailability": 0.5},
    )

    assert answer.unavailability == pytest.approx(1e-3, rel=1e-15)


def test_common_cause_keeps_each_member_and_ties_the_group() -> None:
    # Beta factor: c = 0.1 * 0.01 strikes both; each keeps 0.01 in total (rule A13).
    answer = one(
        "top",
        {
            "id": "top",
            "availability": 1,
            "depends_on": [{"at_least": 1, "of": ["a", "b"], "common_cause": 0.1}],
        },
        {"id": "a", "unavailability": 0.01},
        {"id": "b", "unavailability": 0.01},
    )
    alone = (0.01 - 0.001) / 0.999

    assert answer.unavailability == pytest.approx(0.001 + 0.999 * alone**2, rel=1e-12)


def _promised(third_party_excluded: bool, own: dict[str, Any]) -> ServiceAvailability:
    exclusions = [{"kind": "third_party"}] if third_party_excluded else []
    return one(
        "shop",
        {"id": "shop", "provider": "v", "depends_on": ["power"], **own},
        {"id": "power", "availability": 0.9999},
        organizations=[{"id": "us", "name": "us", "own": True}, {"id": "v", "name": "v"}],
        contracts=[
            {
                "id": "c",
                "supplier": "v",
                "customer": "us",
                "slas": [
                    {
                        "id": "sla",
                        "service": "shop",
                        "objectives": [{"metric": "availability", "target": 0.999}],
                        "exclusions": exclusions,
                    }
                ],
            }
        ],
    )


def test_an_end_to_end_promise_is_divided_by_the_requirements() -> None:
    answer = _promised(third_party_excluded=False, own={})

    assert answer.own_availability == pytest.approx(0.999 / 0.9999, rel=1e-14)
    assert answer.availability == pytest.approx(0.999, rel=1e-14)
    assert (answer.basis, answer.carried, answer.met) == ("committed", True, True)


def test_a_promise_without_third_parties_is_the_own_figure() -> None:
    answer = _promised(third_party_excluded=True, own={})

    assert answer.own_availability == pytest.approx(0.999, rel=1e-15)
    assert (answer.carried, answer.met) == (True, False)
    missed = 1 - 0.999 * 0.9999 - 0.001
    assert answer.met_shortfall_minutes_per_month == pytest.approx(missed * 43_200, rel=1e-9)


def test_a_given_figure_leads_when_modelled_and_yields_when_committed() -> None:
    own = {"availability": 0.5}
    assert _promised(third_party_excluded=False, own=own).own_availability == 0.5


def test_a_promise_the_suppliers_cannot_carry() -> None:
    answer = one(
        "shop",
        {"id": "shop", "provider": "v", "depends_on": ["power"]},
        {"id": "power", "availability": 0.99},
        organizations=[{"id": "us", "name": "us", "own": True}, {"id": "v", "name": "v"}],
        contracts=[
            {
                "id": "c",
                "supplier": "v",
                "customer": "us",
                "slas": [
                    {
                        "id": "sla",
                        "service": "shop",
                        "objectives": [{"metric": "availability", "target": 0.999}],
                    }
                ],
            }
        ],
    )

    assert (answer.own_availability, answer.carried, answer.met) == (1.0, False, False)
    assert answer.carried_shortfall_minutes_per_month == pytest.approx(0.009 * 43_200, rel=1e-9)


def test_downtime_in_minutes() -> None:
    answer = one("a", {"id": "a", "unavailability": 0.001})

    assert answer.downtime_minutes_per_month == pytest.approx(43.2)
    assert answer.downtime_minutes_per_year == pytest.approx(525.6)


def test_an_unknown_service_is_refused() -> None:
    with pytest.raises(DomainError, match="no service has the id 'nope'"):
        one("nope", {"id": "a"})


def test_a_long_chain_needs_no_recursion() -> None:
    chain = [
        {"id": f"s{i}", "unavailability": 1e-9, "depends_on": [f"s{i + 1}"]} for i in range(5_000)
    ]
    answer = one("s0", *chain, {"id": "s5000", "unavailability": 1e-9})

    assert answer.unavailability == pytest.approx(5_001e-9, rel=1e-5)
    assert len(answer.single_points_of_failure) == 5_001


@pytest.mark.parametrize(
    ("availability", "unavailability", "shown"),
    [
        pytest.param(1 - 6.25e-14, 6.25e-14, "99.9999999999937 %", id="A05 truncated"),
        pytest.param(0.99999, 1e-5, "99.9990 %", id="five nines"),
        pytest.param(0.999999999, 1e-9, "99.99999990 %", id="nine nines"),
        pytest.param(1.0, 0.0, "100 %", id="perfect"),
        pytest.param(0.0, 1.0, "0.0000 %", id="never"),
        pytest.param(1.0, 1e-18, "99.99999999999999990 %", id="below the float's reach"),
    ],
)
def test_never_rounded_up_to_100(availability: float, unavailability: float, shown: str) -> None:
    assert shown_availability(availability, unavailability) == shown


def test_all_figures_of_a_service_keep_the_digits_of_their_complement() -> None:
    """Rules A8 and A9: as floats they are all 1, which reads as 100 %."""
    estate = Estate.model_validate(
        {"services": [{"id": "a", "unavailability": "1e-39", "depends_on": ["b"]},
                      {"id": "b", "unavailability": "1e-20"}]}
    )  # fmt: skip
    [answer] = assessed(estate, AssessmentOptions(services=("a",))).services

    assert answer.own_unavailability == 1e-39
    assert answer.requirements_unavailability == 1e-20
    assert answer.naive_unavailability == pytest.approx(1e-20, rel=1e-12)
    assert answer.worst_case_unavailability == pytest.approx(1e-20, rel=1e-12)
    assert shown_availability(1.0, 1e-39) == "99." + "9" * 36 + "90 %"


@pytest.mark.parametrize("whole", [False, True])
@given(
    down=st.lists(st.floats(0.001, 0.6), min_size=1, max_size=9).map(
        lambda found: [f"{figure:.5g}" for figure in found]
    ),
    place=st.integers(0, 8),
)
def test_what_needs_something_dead_is_down_with_probability_one(
    *, whole: bool, down: list[str], place: int
) -> None:
    """Neither 0.9999999999999999 nor 1.0000000000000002, whatever else it needs (rule A1)."""
    figures = [*down[:place], "1", *down[place:]]
    parts = [{"id": f"p{i}", "unavailability": q} for i, q in enumerate(figures)]
    unknown = {"id": "unknown"}
    top = {"id": "top", "availability": "0.9", "depends_on": [p["id"] for p in [*parts, unknown]]}
    estate = Estate.model_validate({"services": [top, unknown, *parts]})

    options = AssessmentOptions(services=() if whole else ("top",))
    answer = assessed(estate, options).services[0]

    assert (answer.unavailability_low, answer.unavailability_high) == (1.0, 1.0)
    assert (answer.low, answer.high) == (0.0, 0.0)


@settings(max_examples=150, deadline=None)
@given(estates())
def test_every_service_agrees_with_brute_force(estate: Estate) -> None:
    expected = brute_force(estate)

    for answer in assessed(estate).services:
        unavailability = expected.unavailability(answer.id)
        assert answer.unavailability == pytest.approx(unavailability, rel=1e-9, abs=1e-300)
        assert answer.method == "exact"
        assert answer.worst_case is not None
        assert answer.availability is not None
        assert answer.worst_case <= answer.availability + 1e-12


@settings(max_examples=60, deadline=None)
@given(estates())
def test_one_service_alone_gets_the_same_answer(estate: Estate) -> None:
    for whole in assessed(estate).services:
        [alone] = assessed(estate, AssessmentOptions(services=(whole.id,))).services
        assert alone.unavailability == pytest.approx(whole.unavailability, rel=1e-12, abs=1e-300)
        assert alone.single_points_of_failure == whole.single_points_of_failure


@settings(max_examples=60, deadline=None)
@given(estates())
def test_brackets_enclose_the_exact_figure(estate: Estate) -> None:
    expected = brute_force(estate)
    hurried = Limits(seconds=5.0, operations=1, bracket_nodes=2)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweep, "_NODES", _NO_ROOM)
        answers = assessed(estate, AssessmentOptions(limits=hurried)).services
    for answer in answers:
        unavailability = expected.unavailability(answer.id)
        assert answer.unavailability_low <= unavailability * (1 + 1e-9)
        assert answer.unavailability_high >= unavailability * (1 - 1e-9)


def test_observed_figures_lead_when_asked() -> None:
    estate = Estate.model_validate({"services": [{"id": "a", "availability": 0.9}]})
    choice = FigureChoice(basis="observed", observed={"a": 0.25})
    [answer] = assessed(estate, AssessmentOptions(choice=choice)).services

    assert (answer.availability, answer.basis) == (0.75, "observed")


@settings(max_examples=150, deadline=None)
@given(estates(), st.data())
def test_an_open_figure_encloses_every_value_it_may_have(base: Estate, data: st.DataObject) -> None:
    """Rules A5 and A13: common causes shift with the open figure, and the interval covers all."""
    open_one = data.draw(st.sampled_from([s.id for s in base.services]))

    def with_figure(down: float | None) -> Estate:
        services = [s.model_dump(mode="json", exclude_none=True) for s in base.services]
        for service in services:
            if service["id"] == open_one:
                service.pop("unavailability", None)
                if down is not None:
                    service["unavailability"] = down
        return base.replace(services=services)

    answers = {row.id: row for row in assessed(with_figure(None)).services}
    for down in (0.0, 1e-7, 0.0004, 0.02, 0.3, 0.7, 1.0):
        expected = brute_force(with_figure(down))
        for service in base.service:
            exact = expected.unavailability(service)
            assert answers[service].unavailability_low <= exact * (1 + 1e-9) + 1e-15
            assert answers[service].unavailability_high >= exact * (1 - 1e-9) - 1e-15


def test_a_common_cause_with_an_open_member_leaves_the_others_theirs() -> None:
    """`s3` fails 0.001 of the time whatever `s1` does, so nothing above it is perfect."""
    services = [
        {"id": "s0", "availability": 1, "depends_on": ["s2"]},
        {"id": "s1"},
        {"id": "s2", "availability": 1, "depends_on": [{"at_least": 2, "of": ["s1", "s3"], "common_cause": 0.05}]},
        {"id": "s3", "availability": "0.999"},
    ]  # fmt: skip
    answer = assessed(Estate.model_validate({"services": services})).services[0]

    assert answer.low == 0.0
    assert answer.unavailability_low == pytest.approx(0.001, rel=1e-12)


def test_when_time_is_up_the_others_get_what_is_quickly_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No diagram is begun any more; the bracket names the way and holds the truth."""
    pairs = [{"at_least": 1, "of": [f"l{i}", f"l{(i + 1) % 30}"]} for i in range(30)]
    leaves = [{"id": f"l{i}", "unavailability": 0.01} for i in range(30)]
    tops = [{"id": name, "availability": 1, "depends_on": pairs} for name in ("one", "other")]
    estate = Estate.model_validate({"services": [*tops, *leaves]})
    exact = {row.id: row for row in assessed(estate).services}
    monkeypatch.setattr(sweep, "_NODES", _NO_ROOM)

    late = assessed(estate, AssessmentOptions(limits=Limits(seconds=-1.0))).services

    assert exact["one"].method == "exact"
    found = {row.id: row for row in late}
    assert found["one"].method == "bracket: states with few failures, the rest bounded"
    assert found["one"].unavailability_low <= (exact["one"].unavailability or 0.0)
    assert found["one"].unavailability_high >= (exact["one"].unavailability or 1.0)
    assert found["l3"].unavailability == 0.01


def test_what_would_fill_all_memory_is_refused_with_a_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A chain: its i-th link rests on i single points of failure, 600 x 601 / 2 in all."""
    links = [
        {"id": f"s{i}", "unavailability": 1e-6, "depends_on": [f"s{i - 1}"] if i else []}
        for i in range(600)
    ]
    estate = Estate.model_validate({"services": links})
    structure = structure_of(estate)
    monkeypatch.setattr(availability, "_MOST_NAMED", 100_000)

    with pytest.raises(LimitError, match=r"600 services would name about 1\d\d,\d\d\d single"):
        assessed(estate, None, structure)
    [last] = assessed(estate, AssessmentOptions(services=("s599",)), structure).services
    assert len(last.single_points_of_failure) == 600
    simulation = simulated(structure, SimulationOptions(years=16))
    assert simulation.services[0].exact_low is None
    assert any("no exact availability" in text for text in simulation.assumptions)


def test_members_of_a_ring_share_one_tuple_of_names() -> None:
    """Thousands of services with thousands of names each would fill the memory otherwise."""
    ring = [{"id": f"r{n}", "depends_on": [f"r{(n + 1) % 600}"]} for n in range(600)]
    known = [{**row, "availability": "0.999"} for row in ring]
    for services, field in ((ring, "unknown"), (known, "single_points_of_failure")):
        answers = assessed(Estate.model_validate({"services": services})).services
        names = [getattr(answer, field) for answer in answers]
        assert names[0] == tuple(sorted(f"r{n}" for n in range(600)))
        assert len({id(each) for each in names}) == 1
