"""Whole estates, node after node: the same figures as brute force, whatever the room for diagrams."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.shapes import layered_estate
from depgraph.engine.availability import AssessmentOptions, assessed, final_figures
from depgraph.engine.essential import essential_components
from depgraph.engine.exact import Bounds, Limits, Pair, compiled
from depgraph.engine.few_failures import few_failures
from depgraph.engine.gates import GateGraph
from depgraph.engine.structure import Structure, structure_of
from depgraph.engine.sweep import Solved, Sweep, narrowed
from depgraph.model.estate import Estate

from .brute_force import brute_force, estates


def swept(structure: Structure, nodes: int, deadline: float = math.inf) -> dict[str, Solved]:
    """Every service, with a store for diagrams of so many nodes."""
    sweep = Sweep(structure, final_figures(structure), nodes, deadline)
    return {service: sweep.solved(node) for service, node in structure.up.items()}


@settings(max_examples=150, deadline=None)
@given(estates())
def test_exact_as_brute_force(estate: Estate) -> None:
    expected = brute_force(estate)
    structure = structure_of(estate)
    for service, answer in swept(structure, 1 << 12).items():
        down = expected.unavailability(service)
        assert answer.exact
        assert answer.bounds.low == answer.bounds.high
        assert answer.bounds.low.down == pytest.approx(down, rel=1e-9, abs=1e-15)
        assert answer.bounds.low.up == pytest.approx(1 - down, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("deadline", [math.inf, -math.inf])
@settings(max_examples=150, deadline=None)
@given(estates())
def test_without_room_for_diagrams_the_truth_is_enclosed(deadline: float, estate: Estate) -> None:
    expected = brute_force(estate)
    structure = structure_of(estate)
    for service, answer in swept(structure, 4, deadline).items():
        down = expected.unavailability(service)
        assert answer.bounds.high.down <= down * (1 + 1e-9) + 1e-15
        assert answer.bounds.low.down >= down * (1 - 1e-9) - 1e-15


def test_on_all_cores_the_same_in_the_same_order() -> None:
    structure = structure_of(layered_estate(300))
    sweep = Sweep(structure, final_figures(structure))
    nodes = list(structure.requirements_met.values())
    for node, answer in zip(nodes, sweep.in_turn(nodes), strict=True):
        alone = sweep.solved(node)
        assert answer.bounds == alone.bounds
        assert answer.essential.tolist() == alone.essential.tolist()
        assert answer.variables.tolist() == alone.variables.tolist()


@settings(max_examples=150, deadline=None)
@given(estates())
def test_when_time_is_up_the_truth_is_enclosed_whatever_a_node_rests_on(estate: Estate) -> None:
    """As for a node too large to be solved: both ends, and all that it rests on (A8, A12)."""
    expected = brute_force(estate)
    structure = structure_of(estate)
    sweep = Sweep(structure, final_figures(structure), deadline=-math.inf)
    hurried, place = sweep._hurried(), sweep._room()[0]
    for service, node in structure.up.items():
        down = expected.unavailability(service)
        (least_up, most_down, most_up, least_down), exact, essential, variables = hurried.solved(
            node, place
        )
        assert least_down <= down * (1 + 1e-9) + 1e-15
        assert most_down >= down * (1 - 1e-9) - 1e-15
        assert least_up == pytest.approx(1 - most_down, rel=1e-9, abs=1e-15)
        assert most_up == pytest.approx(1 - least_down, rel=1e-9, abs=1e-15)
        assert not exact or least_down == pytest.approx(most_down)
        slowly = swept(structure, 1 << 12)[service]
        assert sorted(essential.tolist()) == sorted(slowly.essential.tolist())
        assert sorted(variables.tolist()) == sorted(slowly.variables.tolist())
        assert (place == -1).all()


def test_when_time_is_up_large_nodes_are_enclosed_and_small_ones_solved() -> None:
    structure = structure_of(layered_estate(600))
    late = swept(structure, 1 << 12, -math.inf)
    ready = swept(structure, 1 << 12)
    for service, answer in late.items():
        truth = ready[service].bounds
        assert answer.bounds.high.down <= truth.high.down * (1 + 1e-9)
        assert answer.bounds.low.down >= truth.low.down * (1 - 1e-9)
        assert sorted(answer.essential.tolist()) == sorted(ready[service].essential.tolist())
    assert any(len(answer.variables) > 60 and not answer.exact for answer in late.values())
    assert any(1 < len(answer.variables) <= 60 and answer.exact for answer in late.values())


@settings(max_examples=100, deadline=None)
@given(estates())
def test_essential_components_and_what_it_rests_on(estate: Estate) -> None:
    structure = structure_of(estate)
    figures = final_figures(structure)
    known = essential_components(structure.gates, structure.up.values())
    for service, answer in swept(structure, 1 << 12).items():
        node = structure.up[service]
        can_fail = {v for v in known[node] if figures.worlds[v][0].down > 0.0}
        assert set(answer.essential.tolist()) == can_fail
        below = {n for n in structure.gates.below(node) if structure.gates.is_variable(n)}
        assert set(answer.variables.tolist()) == below


@st.composite
def monotone_modules(draw: st.DrawFn) -> tuple[GateGraph, int, int]:
    """Random gate graphs over up to nine components: graph, root, number of components."""
    graph = GateGraph()
    leaves = draw(st.integers(3, 9))
    nodes = [graph.variable() for _ in range(leaves)]
    for _ in range(draw(st.integers(2, 9))):
        members = draw(st.lists(st.sampled_from(nodes), min_size=2, max_size=5, unique=True))
        nodes.append(graph.at_least(draw(st.integers(1, len(members))), members))
    return graph, nodes[-1], leaves


def flat(graph: GateGraph, root: int) -> tuple[list[int], tuple[np.ndarray, ...]]:
    """Components used, and gates numbered after them, arguments first."""
    below = graph.below(root)
    used = [node for node in below if graph.is_variable(node)]
    nodes = used + [node for node in below if not graph.is_variable(node)]
    place = {node: number for number, node in enumerate(nodes)}
    arguments = [[place[a] for a in graph.arguments[node]] for node in nodes]
    offsets = np.cumsum([0, *map(len, arguments)])
    need = np.array([graph.need[node] for node in nodes], np.int64)
    return used, (
        need,
        offsets.astype(np.int64),
        np.array(list(itertools.chain(*arguments)), np.int64),
    )


@settings(max_examples=400, deadline=None)
@given(
    monotone_modules(),
    st.lists(st.sampled_from([0.0, 1e-6, 0.01, 0.05, 0.3, 1.0]), min_size=9, max_size=9),
    st.booleans(),
)
def test_few_failures_enclose_every_state(
    module: tuple[GateGraph, int, int], down: list[float], hurried: bool
) -> None:
    graph, root, _ = module
    if graph.is_variable(root):
        return
    used, arrays = flat(graph, root)
    q = np.array(down[: len(used)])

    at_least, at_most = few_failures(len(used), *arrays, (q, q), hurried)  # type: ignore[call-arg]  # mypy cannot see compiled parameters

    truth = 0.0
    for failed in itertools.product((False, True), repeat=len(used)):
        up = dict(zip(used, (not f for f in failed), strict=True))
        for node in graph.below(root):
            if not graph.is_variable(node):
                up[node] = sum(up[a] for a in graph.arguments[node]) >= graph.need[node]
        if not up[root]:
            truth += float(np.prod(np.where(failed, q, 1 - q)))
    assert at_least <= truth * (1 + 1e-9) + 1e-15
    assert at_most >= truth * (1 - 1e-9) - 1e-15


def test_in_a_hurry_any_two_failures_may_take_it_down() -> None:
    """Two of three, and a component in series: the upper end is the exact figure, by hand."""
    graph = GateGraph()
    a, b, c, d = (graph.variable() for _ in range(4))
    root = graph.all_of([d, graph.at_least(2, [a, b, c])])
    _, arrays = flat(graph, root)
    down = np.array([0.1, 0.2, 0.3, 0.01])
    order = flat(graph, root)[0]
    q = np.array([down[[a, b, c, d].index(node)] for node in order])

    low, high = few_failures(4, *arrays, (q, q), True)  # type: ignore[call-arg]

    at_least_two = 0.1 * 0.2 + 0.1 * 0.3 + 0.2 * 0.3 - 2 * 0.1 * 0.2 * 0.3
    assert low == pytest.approx(0.01)
    assert high == pytest.approx(0.01 + 0.99 * at_least_two)


def test_wide_figures_enclose_both_worlds() -> None:
    graph = GateGraph()
    a, b, c = (graph.variable() for _ in range(3))
    root = graph.any_of([a, graph.all_of([b, c])])
    _, arrays = flat(graph, root)

    low, high = few_failures(
        3, *arrays, (np.array([0.01, 0.0, 0.1]), np.array([0.2, 0.3, 0.1])), False
    )  # type: ignore[call-arg]

    assert low <= 0.01 * 0.1
    assert high >= 0.2 * (1 - 0.7 * 0.9)


def test_brackets_are_tight_where_failures_are_rare() -> None:
    structure = structure_of(layered_estate(1_000, seed=3))
    exact, rough = swept(structure, 1 << 16), swept(structure, 4)
    decided = [name for name, answer in exact.items() if answer.exact]
    assert len(decided) > 900
    for name in decided:
        true, answer = exact[name].bounds.low.down, rough[name].bounds
        assert answer.high.down <= true * (1 + 1e-12)
        assert answer.low.down >= true * (1 - 1e-12)
        assert answer.low.down / answer.high.down < 1.1


def test_agrees_with_the_slow_path_on_a_layered_estate() -> None:
    structure = structure_of(layered_estate(600, seed=2))
    figures = final_figures(structure)
    world = figures.world(0)
    answers = swept(structure, 1 << 16)
    for service in random.Random(1).sample(sorted(answers), 60):
        ready = compiled(
            structure.gates, structure.up[service], Limits(seconds=5), perfect=figures.perfect()
        )
        if ready.exact and answers[service].exact:
            slow = ready.bounds(world).low
            assert answers[service].bounds.low.down == pytest.approx(slow.down, rel=1e-11)


def test_many_services_answer_as_each_alone() -> None:
    estate = layered_estate(120, seed=4)
    together = assessed(estate).services
    for answer in together[::7]:
        [alone] = assessed(estate, AssessmentOptions(services=(answer.id,))).services
        assert answer.single_points_of_failure == alone.single_points_of_failure
        assert answer.method == alone.method == "exact"
        assert answer.unavailability == pytest.approx(alone.unavailability, rel=1e-12)


def test_the_better_end_of_each_counts() -> None:
    wide, tight = ((Pair(0.8, 0.2), Pair(0.99, 0.01)), (Pair(0.9, 0.1), Pair(1.0, 0.0)))
    joined = narrowed(
        Bounds(*wide),
        Bounds(*tight),
    )
    assert (joined.low.down, joined.high.down) == (0.1, 0.01)


def test_a_whole_estate_is_swept_and_agrees_with_services_asked_for_alone() -> None:
    estate = layered_estate(600)
    structure = structure_of(estate)
    rows = assessed(estate, None, structure).services
    for whole in rows[::60]:
        [alone] = assessed(estate, AssessmentOptions(services=(whole.id,)), structure).services
        assert alone.method == "exact"
        assert alone.unavailability is not None
        assert whole.unavailability_low <= alone.unavailability * (1 + 1e-9)
        assert whole.unavailability_high >= alone.unavailability * (1 - 1e-9)
        assert whole.single_points_of_failure == alone.single_points_of_failure
