"""The requirement tree: its lines by hand, its figures against brute force."""

from __future__ import annotations

from itertools import product
from math import prod

import pytest
from hypothesis import given, settings

from depgraph.engine.availability import AssessmentOptions, assessed, final_figures
from depgraph.engine.requirement_tree import RequirementTree, requirement_tree
from depgraph.engine.structure import structure_of
from depgraph.errors import DomainError
from depgraph.model.estate import Estate
from tests.estates import estates

ESTATE = Estate.model_validate(
    {
        "organizations": [{"id": "o", "availability": 0.99}, {"id": "quiet"},
                          {"id": "halls", "availability": 0.98}],
        "locations": [
            {"id": "zone", "within": "region", "availability": 0.9},
            {"id": "region", "availability": 0.95, "operator": "halls"},
        ],
        "services": [
            {"id": "a", "availability": 0.8, "provider": "o",
             "depends_on": [{"at_least": 1, "of": ["b", "c"], "name": "pair"}, "d",
                            {"service": "e", "soft": 0.2}]},
            {"id": "b", "availability": 0.7, "located_in": ["zone"]},
            {"id": "c", "availability": 0.6, "located_in": ["zone"]},
            {"id": "d", "availability": 0.5, "provider": "quiet"},
            {"id": "e", "availability": 0.4},
        ],
    }
)  # fmt: skip


def _tree(estate: Estate, service: str, most: int = 400) -> RequirementTree:
    structure = structure_of(estate)
    answers = assessed(estate, None, structure).services
    figures = final_figures(structure, AssessmentOptions(services=(service,)))
    known = {row.id: row for row in answers}
    return requirement_tree(structure, figures, service, known, most)


def test_the_lines_stand_in_the_order_of_the_requirements() -> None:
    tree = _tree(ESTATE, "a")

    assert [(row.depth, row.kind, row.id, row.relation, row.repeated) for row in tree.rows] == [
        (0, "service", "a", "", False),
        (1, "group", "pair", "at least 1 of 2", False),
        (2, "service", "b", "member", False),
        (3, "location", "zone", "located in", False),
        (4, "location", "region", "within", False),
        (5, "organization", "halls", "operated by", False),
        (2, "service", "c", "member", False),
        (3, "location", "zone", "located in", True),
        (1, "service", "d", "must be up", False),
        (1, "service", "e", "soft 0.2", False),
        (1, "organization", "o", "provided by", False),
    ]
    assert tree.complete


def test_figures_of_groups_and_places_are_those_of_all_states() -> None:
    """Independent computation: every state of the components that the pair rests on."""
    own = {"b": 0.7, "c": 0.6, "zone": 0.9, "region": 0.95, "halls": 0.98}
    pair = sum(
        prod(own[n] if up[n] else 1 - own[n] for n in own)
        for values in product([True, False], repeat=5)
        for up in [dict(zip(own, values, strict=True))]
        if up["zone"] and up["region"] and up["halls"] and (up["b"] or up["c"])
    )
    rows = {row.id: row for row in _tree(ESTATE, "a").rows}

    assert rows["pair"].low == pytest.approx(pair, abs=1e-15)
    assert rows["pair"].high == rows["pair"].low
    assert rows["zone"].low == pytest.approx(0.9 * 0.95 * 0.98, abs=1e-15)
    assert rows["zone"].own_low == 0.9
    assert rows["o"].low == 0.99
    assert rows["e"].low is None


def test_a_ring_ends() -> None:
    ring = Estate.model_validate(
        {"services": [{"id": "a", "availability": 0.9, "depends_on": ["b"]},
                      {"id": "b", "availability": 0.8, "depends_on": ["a"]}]}
    )  # fmt: skip
    rows = _tree(ring, "a").rows

    assert [(row.depth, row.id, row.repeated) for row in rows] == [
        (0, "a", False),
        (1, "b", False),
        (2, "a", True),
    ]


def test_a_long_tree_is_cut_and_says_so() -> None:
    tree = _tree(ESTATE, "a", most=4)

    assert len(tree.rows) == 4
    assert not tree.complete


def test_an_absent_service_is_refused() -> None:
    structure = structure_of(ESTATE)
    with pytest.raises(DomainError, match="'absent'"):
        requirement_tree(structure, final_figures(structure), "absent", {})


@settings(max_examples=60, deadline=None)
@given(estates())
def test_a_requirement_is_at_least_as_available_as_what_requires_it(estate: Estate) -> None:
    """Law: a service is never up more often than anything that it cannot do without."""
    service = estate.services[0].id
    above: list[tuple[int, float]] = []
    for row in _tree(estate, service).rows:
        del above[row.depth :]
        if row.relation not in {"", "member"} and row.counts:
            assert row.unavailability_low is not None
            assert above[-1][1] >= row.unavailability_low - 1e-12
        above.append((row.depth, row.unavailability_high if row.counts else 1.0))  # type: ignore[arg-type]  # counted rows have one
