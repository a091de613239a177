"""Votes "at least k of n": binomial tails, exact fractions, all states, and words counted one by one."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from depgraph.engine import brackets, cases, construction, cut_sets
from depgraph.engine.availability import AssessmentOptions, assessed, final_figures
from depgraph.engine.cut_sets import minimal_cut_sets
from depgraph.engine.essential import essential_bits
from depgraph.engine.exact import Limits, Pair, compiled
from depgraph.engine.importance import importance
from depgraph.engine.situations import Situations, evaluate_gates
from depgraph.engine.structure import ComponentKey, Structure, structure_of
from depgraph.engine.votes import PLANES, count_bits, counts_reach, vote, vote_gains
from depgraph.model.estate import Estate

from .brute_force import BruteForce, brute_force, estates

shares = st.sampled_from([0.0, 1e-13, 1e-6, 0.001, 0.03, 0.5, 0.97, 1.0])


def star(need: int, members: int, unavailability: float) -> Estate:
    """A perfect service that needs so many of a number of equal ones (synthetic)."""
    leaves = [{"id": f"l{i}", "unavailability": unavailability} for i in range(members)]
    group = {"at_least": need, "of": [leaf["id"] for leaf in leaves]}
    top = {"id": "top", "availability": 1, "depends_on": [group]}
    return Estate.model_validate({"services": [top, *leaves]})


def law(down: list[float]) -> list[Fraction]:
    """Chance that exactly j are up, by exact fractions: the product of (q + p x)."""
    law = [Fraction(1)]
    for q in map(Fraction, down):
        law = [
            (law[j] if j < len(law) else 0) * q + (law[j - 1] if j else 0) * (1 - q)
            for j in range(len(law) + 1)
        ]
    return law


@pytest.mark.parametrize(
    ("need", "members", "q"),
    [(9_000, 10_000, 0.1), (5_000, 10_000, 0.3), (9_990, 10_000, 1e-5), (2, 3, 1e-13), (3, 9, 0.5),
     (900, 1_000, 1e-3)],
)  # fmt: skip
def test_equal_members_follow_the_binomial_law(need: int, members: int, q: float) -> None:
    """Tails by the incomplete beta function of scipy, which sums nothing up."""
    p, down = np.full(members, 1 - q), np.full(members, q)
    lost = members - need

    found_up, found_down = vote(need, p, down)

    assert found_up == pytest.approx(binom.cdf(lost, members, q), rel=1e-11)
    assert found_down == pytest.approx(binom.sf(lost, members, q), rel=1e-11, abs=1e-315)
    assert 0 <= found_up <= 1
    gains = vote_gains(need, p, down)
    assert gains == pytest.approx(binom.pmf(lost, members - 1, q), rel=1e-11, abs=1e-315)


@settings(max_examples=200, deadline=None)
@given(st.data(), st.lists(shares, min_size=1, max_size=12))
def test_unequal_members_as_by_exact_fractions(data: st.DataObject, down: list[float]) -> None:
    need = data.draw(st.integers(1, len(down)))
    q = np.array(down)
    exact = law(down)

    up, lost = vote(need, 1 - q, q)

    assert up == pytest.approx(float(sum(exact[need:])), rel=1e-12, abs=1e-300)
    assert lost == pytest.approx(float(sum(exact[:need])), rel=1e-12, abs=1e-300)
    for i, gain in enumerate(vote_gains(need, 1 - q, q)):
        others = law(down[:i] + down[i + 1 :])
        assert gain == pytest.approx(float(others[need - 1]), rel=1e-12, abs=1e-300)


def test_digits_are_kept_where_almost_nothing_is_lost() -> None:
    """One half of forty at 1e-9 each; hand: C(40, 21) 1e-189 in front, the next term 1e-10 of it."""
    _, down = vote(20, np.full(40, 1 - 1e-9), np.full(40, 1e-9))

    assert down == pytest.approx(float(sum(law([1e-9] * 40)[:20])), rel=1e-12)
    assert down == pytest.approx(131282408400e-189, rel=1e-7)


def test_a_figure_below_all_that_is_left_out_at_first_is_worked_out_again() -> None:
    down = [1e-10] * 30
    _, lost = vote(1, 1 - np.array(down), np.array(down))

    assert lost == pytest.approx(1e-300, rel=1e-12)
    assert vote_gains(1, 1 - np.array(down), np.array(down)) == pytest.approx(1e-290, rel=1e-12)


def test_thousands_of_members_from_figure_to_cut_set() -> None:
    """1,800 of 2,000 at 0.1: every answer, against the binomial law."""
    estate = star(1_800, 2_000, 0.1)
    structure = structure_of(estate)
    figures = final_figures(structure)

    [row] = assessed(estate, AssessmentOptions(services=("top",)), structure).services
    assert row.method == "exact"
    assert row.unavailability == pytest.approx(binom.sf(200, 2_000, 0.1), rel=1e-11)
    assert row.naive == pytest.approx(binom.cdf(200, 2_000, 0.1), rel=1e-11)
    # A sweep over all services takes another way.
    every = {one.id: one for one in assessed(estate, structure=structure).services}
    assert every["top"].unavailability == pytest.approx(row.unavailability, rel=1e-11)

    measures = importance(structure, figures, "top")
    assert measures.exact
    assert len(measures.components) == 2_000
    gain = binom.pmf(200, 1_999, 0.1)
    assert {round(m.birnbaum / gain, 9) for m in measures.components if m.birnbaum} == {1.0}

    cuts = minimal_cut_sets(structure, figures, "top", max_order=3)
    assert (cuts.complete_order, cuts.cut_sets) == (3, ())


def test_cut_sets_of_a_large_vote_whose_members_share_what_they_rest_on() -> None:
    """190 of 200, 100 each in two places: a place alone is enough, ten of one place are not."""
    members = [
        {"id": f"m{i}", "unavailability": 0.01, "located_in": [f"place{i % 2}"]} for i in range(200)
    ]
    estate = Estate.model_validate(
        {
            "locations": [{"id": f"place{i}", "unavailability": 1e-4} for i in range(2)],
            "services": [
                {"id": "top", "availability": 1,
                 "depends_on": [{"at_least": 190, "of": [m["id"] for m in members]}]},
                *members,
            ],
        }
    )  # fmt: skip
    structure = structure_of(estate)

    cuts = minimal_cut_sets(structure, final_figures(structure), "top", max_order=3)

    assert cuts.complete_order == 3
    assert {cut.components for cut in cuts.cut_sets} == {("place0",), ("place1",)}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=40), st.data())
def test_bits_are_counted_as_one_by_one(words: list[int], data: st.DataObject) -> None:
    need = data.draw(st.integers(1, len(words)))
    expected = sum(
        1 << bit for bit in range(64) if sum((word >> bit) & 1 for word in words) >= need
    )

    planes = np.zeros(PLANES, np.uint64)
    for word in words:
        count_bits(planes, np.uint64(word))
    assert int(counts_reach(planes, need)) == expected

    up = np.zeros((len(words) + 1, 1), np.uint64)
    up[:-1, 0] = words
    needs = np.array([0] * len(words) + [need])
    offsets = np.array([0] * (len(words) + 1) + [len(words)])
    evaluate_gates(needs, offsets, np.arange(len(words)), up)
    assert int(up[-1, 0]) == expected

    assert essential_bits(len(words) + 1 - need, words) == expected


def test_what_is_always_down_counts_for_every_bit() -> None:
    """-1 stands for a member that is always down: six of eight may be cut with two such."""
    assert essential_bits(3, [-1, -1, 5, 5, 5, 5, 1, 1]) == 5


def test_a_vote_of_many_in_every_state() -> None:
    """Twelve members, seven needed: all 4,096 states at once."""
    estate = star(7, 12, 0.1)
    situations = Situations(structure_of(estate))
    states = np.array(list(product((0, 1), repeat=12)), np.uint8)
    rows = np.zeros((len(situations.components), 64), np.uint64)
    for row, key in enumerate(situations.components):
        number = -1 if key == ComponentKey("service", "top") else int(key.id[1:])
        bits = np.ones(len(states), np.uint8) if number < 0 else states[:, number]
        rows[row] = np.packbits(bits, bitorder="little").view(np.uint64)

    up = situations.services_up(rows)[situations.services.index("top")]

    found = np.unpackbits(up.view(np.uint8), bitorder="little")
    assert (found == (states.sum(axis=1) >= 7)).all()


def zoned(need: int, members: int, zones: int, down: tuple[float, float]) -> Estate:
    """A perfect service that needs so many of equal members, laid in turn in equal zones."""
    q_zone, q_member = down
    leaves = [
        {"id": f"m{i}", "unavailability": q_member, "located_in": [f"z{i % zones}"]}
        for i in range(members)
    ]
    group = {"at_least": need, "of": [leaf["id"] for leaf in leaves]}
    return Estate.model_validate(
        {
            "locations": [{"id": f"z{i}", "unavailability": q_zone} for i in range(zones)],
            "services": [{"id": "top", "availability": 1, "depends_on": [group]}, *leaves],
        }
    )


def zoned_unavailability(need: int, members: int, zones: int, down: tuple[float, float]) -> float:
    """By total probability over the number of zones that are up; members in even shares."""
    q_zone, q_member = down
    total: float = sum(
        binom.pmf(up, zones, 1 - q_zone) * binom.cdf(need - 1, members // zones * up, 1 - q_member)
        for up in range(zones + 1)
    )
    return total


def test_members_that_share_zones_are_told_apart_by_the_state_of_the_zones() -> None:
    """Rule A3: 2,000 of 3,000 in three zones; hand: one zone down leaves 2,000, all needed."""
    numbers = (2_000, 3_000, 3, (0.01, 1e-4))
    estate = zoned(*numbers)
    structure = structure_of(estate)
    truth = zoned_unavailability(*numbers)

    options = AssessmentOptions(services=("top",))
    [row] = assessed(estate, options, structure).services

    assert row.method == "exact"
    assert row.unavailability == pytest.approx(truth, rel=1e-11)
    measures = importance(structure, final_figures(structure, options), "top")
    rows = {one.component: one for one in measures.components}
    assert measures.exact
    # A is linear in each component: what it is when a zone surely works, and surely fails.
    with_zone, without = (
        sum(
            binom.pmf(up, 2, 0.99) * binom.cdf(1_999, 1_000 * (up + more), 1 - 1e-4)
            for up in range(3)
        )
        for more in (1, 0)
    )
    assert rows["z0"].birnbaum == pytest.approx(without - with_zone, rel=1e-9)
    # A member decides where one zone is down and all the others of the other two work.
    decides = 2 * 0.99 * 0.99 * 0.01 * (1 - 1e-4) ** 1_999
    assert rows["m0"].birnbaum == pytest.approx(decides, rel=1e-9)


def test_when_time_is_up_what_shares_too_much_is_enclosed() -> None:
    """Twelve zones are too many to be told apart; the bracket holds the truth."""
    numbers = (800, 1_200, 12, (0.01, 0.01))
    estate = zoned(*numbers)
    truth = zoned_unavailability(*numbers)
    options = AssessmentOptions(services=("top",), limits=Limits(seconds=0.3))

    [row] = assessed(estate, options).services

    assert row.unavailability_low <= truth * (1 + 1e-9)
    assert row.unavailability_high >= truth * (1 - 1e-9)


def test_what_could_not_even_be_enclosed_may_be_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brackets, "_LATE_SECONDS", -1.0)
    monkeypatch.setattr(construction, "_LATE_STEPS", 1)
    structure = structure_of(zoned(20, 30, 3, (0.01, 0.01)))

    ready = compiled(structure.gates, structure.up["top"], Limits(seconds=-10.0))

    assert not ready.exact
    world = final_figures(structure).world(0)
    ends = ready.bounds(world)
    assert (ends.low, ends.high) == (Pair(0.0, 1.0), Pair(1.0, 0.0))
    assert set(ready.birnbaum(world).values()) == {0.0}


@settings(max_examples=60, deadline=None)
@given(estates())
def test_cases_and_branch_and_bound_as_brute_force(estate: Estate) -> None:
    """Small estates on the way that large votes take; the leaves decide how many cases."""
    expected = brute_force(estate)
    structure = structure_of(estate)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cases, "_WIDE", 1)
        patch.setattr(cases, "_WIDE_ALONE", 1)
        patch.setattr(cut_sets, "_MANY", 1)
        for service in estate.service:
            down = expected.unavailability(service)
            ready = compiled(structure.gates, structure.up[service])
            world = final_figures(structure).world(0)
            assert ready.exact
            assert ready.bounds(world).low.down == pytest.approx(down, rel=1e-9, abs=1e-15)
            assert_birnbaum(expected, structure, service, ready.birnbaum(world))
            figures = final_figures(structure)
            found = minimal_cut_sets(structure, figures, service, max_order=3)
            patch.setattr(cut_sets, "_MANY", 1_000)
            assert found == minimal_cut_sets(structure, figures, service, max_order=3)
            patch.setattr(cut_sets, "_MANY", 1)


def assert_birnbaum(
    expected: BruteForce, structure: Structure, service: str, found: dict[int, float]
) -> None:
    """Q where a component surely fails less Q where it surely works, by all states."""
    for variable, gain in found.items():
        key = structure.component[variable]
        name = " + ".join(key.members) if key.kind == "common_cause" else key.id
        ends = [
            expected.unavailability(service, {(key.kind, name): float(down)}) for down in (1, 0)
        ]
        if (key.kind, name) in expected.keys:
            assert gain == pytest.approx(ends[0] - ends[1], rel=1e-6, abs=1e-12)
