"""Enclosing diagrams: they hold under any figures, and grow tighter where it matters."""

from __future__ import annotations

import math
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.shapes import TREES, fault_tree
from depgraph.engine.availability import final_figures
from depgraph.engine.enclosure import _STEPS_PER_NODE, Enclosure
from depgraph.engine.exact import Limits, compiled
from depgraph.engine.gates import GateGraph
from depgraph.engine.orders import ordered
from depgraph.engine.parts import Part
from depgraph.engine.relevance import relevance
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

from .brute_force import brute_force, estates
from .whole_part import whole_part

Array = np.ndarray


def _ends(part: Part, down: dict[int, float]) -> tuple[Array, tuple[Array, Array]]:
    """Components in order, with their figures."""
    leaves = ordered(part, "small_first")
    failing = np.array([down[leaf] for leaf in part.leaves[leaves].tolist()])
    return leaves, (1.0 - failing, failing)


def test_what_matters_by_hand() -> None:
    # Up: (a and s) or (b and s) or c. Failed: (a or s) and (b or s) and c.
    gates = GateGraph()
    a, b, c, s = (gates.variable() for _ in range(4))
    first, second = gates.all_of([a, s]), gates.all_of([b, s])
    root = gates.any_of([first, second, c])
    part = whole_part(gates, root)
    leaves, figures = _ends(part, {a: 0.1, b: 0.2, c: 0.3, s: 0.4})

    found = relevance(part, leaves, figures, math.inf)
    numbers = [*part.leaves.tolist(), *part.gates.tolist()]
    shares = {numbers[node]: share for node, share in found.items()}

    both = 0.4 + 0.6 * 0.1 * 0.2
    assert shares[root] == pytest.approx(1.0)
    assert shares[c] == pytest.approx(both)
    assert shares[first] == pytest.approx(0.3 * both / (0.4 + 0.6 * 0.1))
    assert shares[s] == pytest.approx(0.3)
    assert shares[a] == pytest.approx(0.3 * (0.4 + 0.6 * 0.2))


@settings(max_examples=60, deadline=None)
@given(estates(), st.integers(1, 4), st.sampled_from([1e-1, 1e-2, 1e-4]))
def test_rounding_by_what_matters_encloses_brute_force(
    estate: Estate, keep: int, tolerance: float
) -> None:
    expected = brute_force(estate)
    structure = structure_of(estate)
    service = next(iter(estate.service))
    part = whole_part(structure.gates, structure.up[service])
    names = structure.component
    down = {
        node: expected.down.get(
            (names[node].kind, names[node].id), 0.0
        )
        for node in part.leaves.tolist()
    }  # fmt: skip
    leaves, figures = _ends(part, down)
    enclosure = Enclosure(part, leaves, figures)
    truth = expected.unavailability(service)
    for side in (0, 1):
        enclosure.build(side, keep)
    first = enclosure.down()

    enclosure.weigh(relevance(part, leaves, figures, math.inf), tolerance)
    for side in (0, 1):
        enclosure.build(side, 8 * keep)
    low, high = enclosure.down()

    assert low >= truth * (1 - 1e-12)
    assert high <= truth * (1 + 1e-12)
    assert low <= first[0]
    assert high >= first[1]


def test_more_time_makes_the_bracket_of_a_synthetic_tree_tighter() -> None:
    structure = structure_of(fault_tree(TREES["large"], 1))
    world = final_figures(structure).world(0)
    perfect = frozenset(variable for variable, own in world.items() if own.down == 0.0)

    def ends(limits: Limits) -> tuple[float, float]:
        node = structure.up["top"]
        bounds = compiled(structure.gates, node, limits, hints=world, perfect=perfect).bounds(world)
        return bounds.high.down, bounds.low.down

    coarse = ends(Limits(seconds=0.0, operations=1, bracket_nodes=20))
    fine = ends(Limits(seconds=30.0, operations=1, bracket_nodes=2_000))

    assert coarse[0] <= fine[0] <= fine[1] * (1 + 1e-12)
    assert fine[1] < coarse[1]
    assert fine[1] - fine[0] < 0.01 * (coarse[1] - coarse[0])


def test_no_merge_begins_without_a_look_at_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many arguments a gate has: between two looks lies one merge and what it may cost."""
    gates = GateGraph()
    pairs = [gates.all_of([gates.variable(), gates.variable()]) for _ in range(40)]
    shared = [gates.any_of([pairs[i], pairs[(7 * i + 3) % 40]]) for i in range(40)]
    part = whole_part(gates, gates.at_least(20, shared))
    leaves, ends = _ends(part, dict.fromkeys(part.leaves.tolist(), 0.1))
    keep = 50
    enclosure = Enclosure(part, leaves, ends)
    seen: list[int] = []

    def look() -> float:
        seen.append(enclosure.diagram.operations)
        return 0.0

    monkeypatch.setattr("depgraph.engine.enclosure.time", SimpleNamespace(monotonic=look))
    enclosure.build(0, keep)

    assert seen[-1] > 5 * keep * _STEPS_PER_NODE
    assert max(b - a for a, b in pairwise(seen)) <= keep * _STEPS_PER_NODE + 1
