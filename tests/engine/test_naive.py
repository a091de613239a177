"""Naive and worst-case figures against sums over all states of each gate's arguments (rule A8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import product
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depgraph.engine.exact import Pair
from depgraph.engine.gates import FALSE, TRUE, GateGraph
from depgraph.engine.naive import Comparison

FIGURES = st.sampled_from([0.0, 0.25, 0.5, 0.9, 0.999, 1.0])


@st.composite
def graphs(draw: st.DrawFn) -> tuple[GateGraph, dict[int, float]]:
    """Components, some certain, below votes of up to six arguments."""
    graph = GateGraph()
    figures = {graph.variable(): draw(FIGURES) for _ in range(draw(st.integers(2, 6)))}
    nodes = list(figures)
    for _ in range(draw(st.integers(1, 5))):
        arguments = draw(st.lists(st.sampled_from(nodes), min_size=2, max_size=6, unique=True))
        node = graph.at_least(draw(st.integers(1, len(arguments))), arguments)
        if node not in nodes and node not in {FALSE, TRUE}:
            nodes.append(node)
    return graph, figures


def independent(graph: GateGraph, root: int, known: Mapping[int, float]) -> float:
    """Availability of a node as if the arguments of every gate were independent [1]."""
    if root in known:
        return known[root]
    chances = [independent(graph, argument, known) for argument in graph.arguments[root]]
    return sum(
        prod(p if up else 1 - p for p, up in zip(chances, state, strict=True))
        for state in product((False, True), repeat=len(chances))
        if sum(state) >= graph.need[root]
    )


def paths_to(graph: GateGraph, root: int) -> Counter[int]:
    """Number of paths from a node to each component."""
    if not graph.arguments[root]:
        return Counter([root])
    return sum((paths_to(graph, argument) for argument in graph.arguments[root]), Counter())


@given(graphs())
def test_figures_are_those_of_all_states(drawn: tuple[GateGraph, dict[int, float]]) -> None:
    graph, figures = drawn
    compared = Comparison(graph, {node: Pair(p, 1 - p) for node, p in figures.items()})
    for root in range(2, len(graph.need)):
        assert compared.naive(root).up == pytest.approx(independent(graph, root, figures))

        shared = [node for node, paths in paths_to(graph, root).items() if paths > 1]
        together = prod(figures[node] for node in shared)
        worlds = [
            independent(graph, root, {**figures, **dict.fromkeys(shared, up)}) for up in (0.0, 1.0)
        ]
        expected = together * worlds[1] + (1 - together) * worlds[0]
        assert compared.worst_case(root).up == pytest.approx(expected, abs=1e-12)
        assert compared.worst_case(root).down == pytest.approx(1 - expected, abs=1e-12)
