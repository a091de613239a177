"""Diagrams under every order, stopped and resumed at every step: the same figures as brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from benchmarks.shapes import TREES, fault_tree
from depgraph.engine.construction import Construction, quickest
from depgraph.engine.diagram_nodes import probabilities_of
from depgraph.engine.orders import FOR_BRACKETS, ordered
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

from .brute_force import brute_force, estates
from .whole_part import whole_part


def _down(built: Construction, failing: dict[int, float], numbers: list[int]) -> float:
    """Unavailability of the root of a finished diagram."""
    nodes, (root, _) = built.taken_out()
    down = np.array([failing[numbers[leaf]] for leaf in built.leaves.tolist()])
    return float(probabilities_of(nodes, len(nodes), 1.0 - down, down)[1][root])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(estates())
def test_every_order_in_short_steps_is_as_brute_force(
    monkeypatch: pytest.MonkeyPatch, estate: Estate
) -> None:
    # Little room and much garbage: growing and collecting happen in the smallest diagrams.
    monkeypatch.setattr("depgraph.engine.diagram._FIRST_CAPACITY", 4)
    monkeypatch.setattr("depgraph.engine.diagram._COLLECT_FROM", 3)
    expected = brute_force(estate)
    structure = structure_of(estate)
    names = structure.component
    for service, node in structure.up.items():
        if structure.gates.is_variable(node):
            continue
        part = whole_part(structure.gates, node)
        numbers = part.leaves.tolist()
        failing = {n: expected.down.get((names[n].kind, names[n].id), 0.0) for n in numbers}
        for order in FOR_BRACKETS:
            built = Construction(part, order)
            steps = 0
            while not built.go_on(steps):
                steps += 1
            down = expected.unavailability(service)
            assert _down(built, failing, numbers) == pytest.approx(down, rel=1e-9, abs=1e-15)


def test_every_order_names_each_component_once_and_agrees_on_a_synthetic_tree() -> None:
    structure = structure_of(fault_tree(TREES["small"], 2))
    part = whole_part(structure.gates, structure.up["top"])
    numbers = part.leaves.tolist()
    failing = dict.fromkeys(numbers, 0.01)
    found = []
    for order in FOR_BRACKETS:
        assert sorted(ordered(part, order).tolist()) == list(range(len(numbers)))
        built = Construction(part, order)
        if built.go_on(1 << 21):
            found.append(_down(built, failing, numbers))
    assert len(found) > 1
    assert found == pytest.approx([found[0]] * len(found), rel=1e-12)


def test_the_race_ends_with_a_winner_or_within_its_steps() -> None:
    structure = structure_of(fault_tree(TREES["small"], 2))
    part = whole_part(structure.gates, structure.up["top"])
    winner = quickest(part, 1 << 30, np.inf)
    assert winner is not None
    assert quickest(part, winner.steps // 20, np.inf) is None
    late = quickest(part, 1 << 30, -np.inf)
    assert late is None or late.order == FOR_BRACKETS[0]
