"""Votes "at least k of n": binomial tails, exact fractions, all states, and words counted one by one."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from depgraph.engine.availability import AssessmentOptions, assessed, final_figures
from depgraph.engine.cut_sets import minimal_cut_sets
from depgraph.engine.essential import essential_bits
from depgraph.engine.importance import importance
from depgraph.engine.situations import Situations, evaluate_gates
from depgraph.engine.structure import ComponentKey, structure_of
from depgraph.engine.votes import PLANES, count_bits, counts_reach, vote, vote_gains
from depgraph.model.estate import Estate

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
