"""Attribution: worked example D13, redundancy, and cuts against brute force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depgraph.engine.attribution import Responsibility, attributed_downtime, excused_stretches
from depgraph.engine.downtime import DownHistory, cut_weight
from depgraph.engine.outage import OutageExplorer
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from depgraph.model.incident import Incident

from .brute_force import estates

DAY = datetime(2026, 4, 10, tzinfo=UTC)
ORGANIZATIONS = [{"id": name, "name": name} for name in ("X", "Y", "V", "C")]


def incident(name: str, affects: str, start: float, end: float, **more: object) -> Incident:
    return Incident.model_validate(
        {
            "id": name,
            "affects": affects,
            "start": DAY + timedelta(hours=start),
            "end": DAY + timedelta(hours=end),
            **more,
        }
    )


def estate(depends_on: list[object]) -> Estate:
    return Estate.model_validate(
        {
            "organizations": ORGANIZATIONS,
            "services": [
                {"id": "shop", "provider": "V", "depends_on": depends_on},
                {"id": "x", "provider": "X"},
                {"id": "y", "provider": "Y"},
            ],
        }
    )


SERIAL = estate(["x", "y"])
REDUNDANT = estate([{"at_least": 1, "of": ["x", "y"]}])
TWO = [incident("ix", "x", 10, 11), incident("iy", "y", 10.5, 11.5)]


def minutes(world: Estate, policy: str, happened: Sequence[Incident] = TWO) -> dict[str, float]:
    history = DownHistory(structure_of(world), happened, DAY + timedelta(days=1))
    who = Responsibility(world, happened)
    found = attributed_downtime(
        history.spans("shop"), who.party, {i.id: i.start for i in happened}, policy,  # type: ignore[arg-type]
    )  # fmt: skip
    named = {party: time.total_seconds() / 60 for party, time in found.by_party.items()}
    return {
        **named,
        "unattributed": found.unattributed.total_seconds() / 60,
        "total": found.total.total_seconds() / 60,
    }


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("equal_split", {"X": 45, "Y": 45, "unattributed": 0, "total": 90}),
        ("first_cause", {"X": 60, "Y": 30, "unattributed": 0, "total": 90}),
        ("sole_cause_only", {"X": 30, "Y": 30, "unattributed": 30, "total": 90}),
        ("but_for", {"X": 30, "Y": 30, "unattributed": 30, "total": 90}),
    ],
)
def test_d13_concurrent_causes(policy: str, expected: dict[str, float]) -> None:
    assert minutes(SERIAL, policy) == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("but_for", {"X": 30, "Y": 30, "unattributed": 0, "total": 30}),
        ("sole_cause_only", {"unattributed": 30, "total": 30}),
        ("equal_split", {"X": 15, "Y": 15, "unattributed": 0, "total": 30}),
    ],
)
def test_a_redundant_member_down_is_nobodys_breach(policy: str, expected: dict[str, float]) -> None:
    assert minutes(REDUNDANT, policy) == expected


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_two_that_begin_first_share_whatever_their_ids(names: tuple[str, str]) -> None:
    """Both at 10: an hour of both is half each; what is left of the longer one is its own."""
    both = [incident(names[0], "x", 10, 11), incident(names[1], "y", 10, 12)]
    expected = {"X": 30, "Y": 90, "unattributed": 0, "total": 120}
    assert minutes(SERIAL, "first_cause", both) == expected

    history = DownHistory(structure_of(SERIAL), both, DAY + timedelta(days=1))
    started, party = {i.id: i.start for i in both}, Responsibility(SERIAL, both).party
    excused = {names[1]}.__contains__
    spans = history.spans("shop")
    found = excused_stretches(spans, excused, started, "first_cause", party)
    assert sum((end - start for start, end in found), timedelta()) == timedelta(hours=1.5)


def test_excused_minutes_are_those_without_which_it_was_up() -> None:
    history = DownHistory(structure_of(SERIAL), TWO, DAY + timedelta(days=1))
    started = {i.id: i.start for i in TWO}

    found = excused_stretches(history.spans("shop"), {"iy"}.__contains__, started)

    assert found == ((DAY + timedelta(hours=11), DAY + timedelta(hours=11.5)),)


def test_an_open_incident_is_clipped() -> None:
    open_one = TWO[0].replace(end=None)
    history = DownHistory(structure_of(SERIAL), [open_one], DAY + timedelta(hours=12))

    assert [span.end for span in history.spans("shop")] == [DAY + timedelta(hours=12)]


def test_impact_of_redundant_members_is_that_of_the_mildest() -> None:
    cuts = (frozenset({"a", "b"}), frozenset({"c"}))
    impact = {"a": Fraction(1, 2), "b": Fraction(9, 10), "c": Fraction(3, 10)}

    assert cut_weight(cuts, impact) == Fraction(1, 2)
    assert cut_weight(cuts, impact, summed=True) == Fraction(4, 5)


@given(estates(), st.data())
@settings(max_examples=60, deadline=None)
def test_cuts_agree_with_failing_every_subset(world: Estate, data: st.DataObject) -> None:
    ids = [service.id for service in world.services]
    struck = data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=4, unique=True))
    events = [incident(name, f"service:{name}", 0, 1) for name in struck]
    structure = structure_of(world)
    history = DownHistory(structure, events, DAY + timedelta(days=1))
    explorer = OutageExplorer(structure)

    for service in ids:
        fatal = [
            set(chosen)
            for size in range(1, len(struck) + 1)
            for chosen in combinations(struck, size)
            if service in explorer.services_down([f"service:{name}" for name in chosen])
        ]
        minimal = [s for s in fatal if not any(other < s for other in fatal)]
        found = [set(cut) for span in history.spans(service) for cut in span.cuts]
        assert sorted(map(sorted, found)) == sorted(map(sorted, minimal))


def responsibility(**location: object) -> Responsibility:
    world = Estate.model_validate(
        {
            "organizations": [
                {"id": "top"}, {"id": "V", "parent": "top"}, {"id": "W", "parent": "top"},
                {"id": "U"}, {"id": "C"},
            ],
            "locations": [{"id": "hall", "within": "site", **location}, {"id": "site"}],
            "services": [
                {"id": "v", "provider": "V", "depends_on": ["u", "w"]},
                {"id": "u", "provider": "U", "located_in": ["hall"]},
                {"id": "w", "provider": "W"},
                {"id": "c", "provider": "C"},
            ],
        }
    )  # fmt: skip
    events = [
        incident("at-u", "u", 0, 1), incident("at-w", "w", 0, 1), incident("at-v", "v", 0, 1),
        incident("hall", "hall", 0, 1), incident("said", "v", 0, 1, cause="third_party"),
        incident("misuse-u", "u", 0, 1, cause="customer"), incident("at-c", "c", 0, 1),
        incident("misuse-hall", "hall", 0, 1, cause="customer"),
        incident("misuse-site", "site", 0, 1, cause="customer"),
        incident("misuse-U", "organization:U", 0, 1, cause="customer"),
    ]  # fmt: skip
    return Responsibility(world, events)


def test_who_is_a_third_party_to_a_supplier() -> None:
    who = responsibility()
    outside = {"at-u", "hall", "said"}
    names = ("at-u", "at-w", "at-v", "hall", "said")

    assert {name for name in names if who.is_third_party(name, "V")} == outside
    assert not who.is_third_party("hall", "U")
    assert responsibility(operator="W").is_third_party("hall", "U")


def test_a_customers_fault_is_no_excuse_towards_others() -> None:
    who = responsibility()

    assert who.is_customers("misuse-u", "u", "V")
    assert not who.is_customers("misuse-u", "v", "C")
    assert who.is_customers("at-c", "v", "C")


@pytest.mark.parametrize("fault", ["misuse-hall", "misuse-site", "misuse-U"])
def test_a_customers_fault_at_a_place_or_company_is_that_of_what_stands_there(fault: str) -> None:
    """Rule M3: who buys u broke its hall; towards the customers of v, which rests on u, C did not."""
    who = responsibility()

    assert who.is_customers(fault, "u", "V")
    assert not who.is_customers(fault, "v", "C")
