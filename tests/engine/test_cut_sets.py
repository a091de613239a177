"""Minimal cut sets: by hand, then all subsets of small estates."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings

from depgraph.engine.availability import assessed, final_figures
from depgraph.engine.cut_sets import CutLimits, CutSetAnswer, minimal_cut_sets
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

from .brute_force import BruteForce, Key, brute_force, estates


def cut_sets(estate: Estate, service: str, max_order: int = 4) -> CutSetAnswer:
    structure = structure_of(estate)
    return minimal_cut_sets(structure, final_figures(structure), service, max_order=max_order)


SHOP = Estate.model_validate(
    {
        "locations": [{"id": "region", "unavailability": 1e-4}],
        "services": [
            {"id": "shop", "unavailability": 1e-3, "depends_on": [
                {"service": "tips", "soft": 0.2}, {"at_least": 1, "of": ["a", "b"]}]},
            {"id": "a", "unavailability": 0.01, "located_in": ["region"]},
            {"id": "b", "unavailability": 0.02, "located_in": ["region"], "depends_on": ["c"]},
            {"id": "c", "unavailability": 0.03},
            {"id": "tips", "unavailability": 0.5, "depends_on": ["a", "c"]},
        ],
    }
)  # fmt: skip


def test_by_hand() -> None:
    answer = cut_sets(SHOP, "shop")

    assert {cut.components for cut in answer.cut_sets} == {
        ("shop",), ("region",), ("a", "b"), ("a", "c")
    }  # fmt: skip
    assert answer.count_by_order == {1: 2, 2: 2}
    assert [cut.probability for cut in answer.cut_sets] == [1e-3, 0.0003, 0.0002, 1e-4]


def test_chains_name_the_failure_first_and_avoid_soft_dependencies() -> None:
    chains = {cut.components: cut.chain for cut in cut_sets(SHOP, "shop").cut_sets}

    assert chains["shop",] == ("shop",)
    assert chains["region",] == ("region", "a", "shop")
    assert chains["a", "c"] == ("a", "shop")


def _minimal(expected: BruteForce, service: str, most: int) -> set[frozenset[Key]]:
    """All minimal cut sets up to an order, by trying every subset."""
    able = [key for key in expected.keys if expected.down[key] > 0]
    found: set[frozenset[Key]] = set()
    for order in range(1, most + 1):
        for subset in combinations(able, order):
            if not any(cut <= set(subset) for cut in found) and not expected.without(
                service, set(subset)
            ):
                found.add(frozenset(subset))
    return found


@settings(max_examples=60, deadline=None)
@given(estates())
def test_all_subsets_agree(estate: Estate) -> None:
    expected = brute_force(estate)

    for service in list(estate.service)[:2]:
        answer = cut_sets(estate, service, max_order=3)
        names = {
            frozenset(
                f"common_cause({key[1].replace(' + ', ', ')})"
                if key[0] == "common_cause"
                else key[1]
                for key in cut
            )
            for cut in _minimal(expected, service, 3)
        }
        assert {frozenset(cut.components) for cut in answer.cut_sets} == names
        assert answer.complete_order == 3


@settings(max_examples=40, deadline=None)
@given(estates())
def test_order_one_is_the_single_points_of_failure(estate: Estate) -> None:
    for answer in assessed(estate).services:
        first = {cut.components[0] for cut in cut_sets(estate, answer.id, 1).cut_sets}
        assert first == set(answer.single_points_of_failure)


def test_without_time_only_single_points_of_failure_are_promised() -> None:
    group = {"id": "group", "unavailability": 0.1,
             "depends_on": [{"at_least": 2, "of": ["a", "b", "tips"]}]}  # fmt: skip
    estate = Estate.model_validate(
        {**SHOP.model_dump(mode="json"), "services": [
            *SHOP.model_dump(mode="json", exclude_none=True)["services"], group]}
    )  # fmt: skip
    structure = structure_of(estate)

    answer = minimal_cut_sets(
        structure, final_figures(structure), "group", limits=CutLimits(seconds=-1.0)
    )

    assert answer.complete_order == 1
    assert {cut.components for cut in answer.cut_sets} == {
        ("a",), ("c",), ("group",), ("region",)
    }  # fmt: skip


def test_a_limit_lowers_the_order_and_says_so() -> None:
    members = [f"m{i}" for i in range(12)]
    estate = Estate.model_validate(
        {
            "services": [
                {"id": "top", "unavailability": 0.1,
                 "depends_on": [{"at_least": 10, "of": members}]},
                *({"id": m, "unavailability": 0.1} for m in members),
            ]
        }
    )  # fmt: skip
    structure = structure_of(estate)
    answer = minimal_cut_sets(
        structure, final_figures(structure), "top", max_order=3, limits=CutLimits(sets=50)
    )

    assert answer.complete_order == 2
    assert answer.count_by_order == {1: 1}
