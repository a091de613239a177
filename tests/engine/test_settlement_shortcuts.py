"""Settlement with its shortcuts is settlement without them, to the byte."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations, pairwise
from typing import Any
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from depgraph.engine import intervals
from depgraph.engine.entries import Entry, EntryMaker
from depgraph.engine.failure_cuts import CutFinder
from depgraph.engine.intervals import Intervals, difference, intersection, of_micros
from depgraph.engine.measurement import LevelMeter
from depgraph.engine.settle import settlement
from depgraph.engine.settlement import Books
from depgraph.engine.structure import ComponentKey, structure_of
from depgraph.model.estate import Estate
from tests.engine.test_settlement_laws import NOW, PARTIES, worlds

SHAPES: list[dict[str, Any]] = [
    {},
    {"shape": "severity_duration", "tiers": [{"over_minutes": 60, "credit": "0.1"}]},
    {"shape": "per_time_unit", "rate": "0.01", "unit_rounding": "floor", "tiers": []},
    {"shape": "continuous", "tiers": []},
    {"shape": "points", "rate": "0.05", "tiers": [{"below": "0.999", "points": 2}]},
    {"claim": {"mode": "by_claim", "within_days": 30}, "rolling_cap": {"months_of_fee": 1}},
]
OBJECTIVES: list[dict[str, Any]] = [
    {},
    {"denominator": "less_exclusions", "concurrent": "sole_cause"},
    {"granularity": "consecutive_minutes", "consecutive_minutes": 5},
    {"measure": "interval_mean", "partial": "weighted"},
    {"measure": "interval_all_fail"},
]
RANDOM = settings(max_examples=120, deadline=None)


@st.composite
def varied(draw: st.DrawFn) -> dict[str, Any]:
    """Chains of contracts with other measures, schedules, attributions and clauses."""
    world: dict[str, Any] = draw(worlds())
    for contract in world["contracts"]:
        contract["attribution"] = draw(st.sampled_from(["but_for", "equal_split", "first_cause"]))
        [sla] = contract["slas"]
        sla["objectives"][0].update(draw(st.sampled_from(OBJECTIVES)))
        sla["credits"].update(draw(st.sampled_from(SHAPES)))
    for incident in world["incidents"]:
        incident["cause"] = draw(st.sampled_from(["supplier", "third_party", "customer"]))
        incident["impact"] = draw(st.sampled_from(["0.25", "1"]))
        incident["source"] = draw(st.sampled_from(["", "probe", "vendor"]))
    return world


def _spread_anew(books: Books, held: Entry, amount: Decimal) -> dict[int, Decimal]:
    books._parts.clear()
    return _SPREAD(books, held, amount)


_SPREAD = Books._spread


@given(varied())
@RANDOM
def test_settled_with_shortcuts_as_without(world: dict[str, Any]) -> None:
    """Each level measured in full, each credit worked out anew, nothing shared between entries."""
    structure = structure_of(Estate.model_validate(world))
    fast = settlement(structure, "2026-01..2026-04", NOW)
    with (
        patch.object(LevelMeter, "is_monitored", lambda _meter, _service: True),
        patch.object(EntryMaker, "_credit", EntryMaker._earned),
        patch.object(Books, "_spread", _spread_anew),
        patch.object(intervals, "_FEW", 0),
    ):
        slow = settlement(structure, "2026-01..2026-04", NOW)

    assert fast.model_dump_json() == slow.model_dump_json()


def test_the_long_road_is_another_road() -> None:
    """Switching the shortcuts off really has every level measured from its incidents."""
    parties = [{"id": name} for name in PARTIES]
    level = {"id": "k.1", "service": "s", "objectives": [{"metric": "availability", "target": 0.9}]}
    data = {
        "organizations": parties, "services": [{"id": "s", "provider": "A"}],
        "contracts": [{"id": "k", "supplier": "A", "customer": "B", "slas": [level]}],
    }  # fmt: skip
    structure = structure_of(Estate.model_validate(data))
    with patch.object(LevelMeter, "_from_incidents", side_effect=AssertionError):
        assert len(settlement(structure, "2026-01", NOW).slas) == 1
        with patch.object(LevelMeter, "is_monitored", lambda _meter, _service: True):
            try:
                settlement(structure, "2026-01", NOW)
            except AssertionError:
                return
    raise AssertionError("the long road was not taken")


@given(worlds(), st.data())
@RANDOM
def test_cuts_are_those_of_the_structure_function(
    world: dict[str, Any], data: st.DataObject
) -> None:
    """Every subset of what failed is tried on the gates themselves."""
    structure = structure_of(Estate.model_validate(world))
    keys = [key for key in structure.variable if key.kind == "service"]
    failed = data.draw(st.lists(st.sampled_from(keys), max_size=5, unique=True))
    finder = CutFinder(structure, keys)

    for service, node in structure.up.items():
        fatal = [
            frozenset(chosen)
            for size in range(1, len(failed) + 1)
            for chosen in combinations(failed, size)
            if not _is_up(structure, node, frozenset(chosen))
        ]
        smallest = {one for one in fatal if not any(other < one for other in fatal)}
        assert set(finder.cuts(service, failed)) == smallest
        assert {key for one in smallest for key in one} <= set(finder.struck(service))


def _is_up(structure: Any, root: int, failed: frozenset[ComponentKey]) -> bool:
    up = [False, True]
    for node in range(2, len(structure.gates.need)):
        if structure.gates.is_variable(node):
            up.append(structure.component[node] not in failed)
        else:
            working = sum(up[argument] for argument in structure.gates.arguments[node])
            up.append(working >= structure.gates.need[node])
    return up[root]


SETS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=7).map(of_micros)


@given(SETS, SETS)
def test_short_sets_meet_like_long_ones(one: Intervals, other: Intervals) -> None:
    """The loop over few stretches and the NumPy sweep agree."""
    few = intersection(one, other), difference(one, other)
    with patch.object(intervals, "_FEW", 0):
        many = intersection(one, other), difference(one, other)

    assert all(np.array_equal(a, b) for a, b in zip(few, many, strict=True))


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=9))
def test_a_set_holds_what_its_pairs_hold(pairs: list[tuple[int, int]]) -> None:
    """Point by point, with sorted stretches that do not touch."""
    found = of_micros(pairs).tolist()

    for point in range(41):
        assert any(a <= point < b for a, b in found) == any(a <= point < b for a, b in pairs)
    assert all(one[1] < other[0] for one, other in pairwise(found))
