"""Ways between things: against every way there is, and by laws."""

from __future__ import annotations

import itertools
import math
import random

import networkx as nx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from depgraph.engine.availability import final_figures
from depgraph.engine.graph import Node, dependency_graph
from depgraph.engine.paths import (
    OwnFigures,
    class_graph,
    neighbourhood,
    own_figures,
    paths_by,
)
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate


def service(name: object) -> Node:
    return Node("service", str(name))


def drawn(pairs: list[tuple[int, int]]) -> nx.DiGraph[Node]:
    graph: nx.DiGraph[Node] = nx.DiGraph()
    graph.add_nodes_from(service(i) for i in range(7))
    graph.add_edges_from((service(a), service(b)) for a, b in pairs if a != b)
    return graph


pairs = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=22)
downs = st.lists(
    st.tuples(st.floats(0, 1), st.booleans()), min_size=7, max_size=7
)  # a figure, and whether it is known


@given(pairs, downs)
@example([(0, 1), (1, 6), (0, 6)], [(0.0, True), (1.0, True), *[(0.5, True)] * 5])
@settings(max_examples=150, deadline=None)
def test_ways_are_all_there_are_and_in_order(
    edges: list[tuple[int, int]], given_downs: list[tuple[float, bool]]
) -> None:
    """Rings included: the same ways as networkx finds by walking, each order sorted."""
    graph = drawn(edges)
    figures = OwnFigures(
        {service(i): (d, d) if known else (0.0, 1.0) for i, (d, known) in enumerate(given_downs)}
    )
    every = {tuple(path) for path in nx.all_simple_paths(graph, service(0), service(6))}

    short = paths_by(graph, (service(0), service(6)), figures, "shortest", 10_000)
    fragile = paths_by(graph, (service(0), service(6)), figures, "fragile", 10_000)

    assert {path.nodes for path in short.paths} == every
    assert {path.nodes for path in fragile.paths} == every
    assert short.complete
    lengths = [len(path.nodes) for path in short.paths]
    assert lengths == sorted(lengths)
    highs = [path.availability_high for path in fragile.paths]
    for path in fragile.paths:
        known = math.prod(1 - figures.of(node)[0] for node in path.nodes)
        assert path.availability_high == pytest.approx(known, abs=1e-300)
    assert all(a <= b * (1 + 1e-9) + 1e-290 for a, b in itertools.pairwise(highs))


def test_the_most_fragile_way_by_hand() -> None:
    """Two ways: 0.9 × 0.99 = 0.891 over b, 0.9 × 0.95 = 0.855 over c; d never fails by itself."""
    estate = Estate.model_validate(
        {
            "services": [
                {"id": "a", "availability": "0.9", "depends_on": ["b", "c"]},
                {"id": "b", "availability": "0.99", "depends_on": ["d"]},
                {"id": "c", "availability": "0.95", "depends_on": ["e"]},
                {"id": "e", "availability": 1, "depends_on": ["d"]},
                {"id": "d", "availability": 1},
            ]
        }
    )
    figures = own_figures(final_figures(structure_of(estate)))
    graph = class_graph(dependency_graph(estate))

    short = paths_by(graph, (service("a"), service("d")), figures, limit=1)
    fragile = paths_by(graph, (service("a"), service("d")), figures, "fragile", limit=1)

    assert [node.id for node in short.paths[0].nodes] == ["a", "b", "d"]
    assert not short.complete
    assert [node.id for node in fragile.paths[0].nodes] == ["a", "c", "e", "d"]
    assert fragile.paths[0].availability_high == pytest.approx(0.855)
    assert short.paths[0].availability_low == pytest.approx(0.891)


def test_unknown_is_a_bracket_and_not_one() -> None:
    estate = Estate.model_validate(
        {"services": [{"id": "a", "availability": "0.9", "depends_on": ["b"]}, {"id": "b"}]}
    )
    figures = own_figures(final_figures(structure_of(estate)))

    way = paths_by(
        class_graph(dependency_graph(estate)), (service("a"), service("b")), figures
    ).paths[0]

    assert way.availability_low == 0.0
    assert way.availability_high == pytest.approx(0.9)
    assert way.unknown == (service("b"),)


def test_edges_are_told_apart() -> None:
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "o"}],
            "locations": [{"id": "z", "within": "r"}, {"id": "r"}],
            "services": [
                {"id": "a", "provider": "o", "located_in": ["z"],
                 "depends_on": ["b", {"service": "c", "soft": 0.5}, {"of": ["d", "e"]}, "d"]},
                *({"id": name} for name in "bcde"),
            ],
        }
    )  # fmt: skip
    graph = dependency_graph(estate)
    found = class_graph(graph)

    assert found.edges[service("a"), service("d")]["classes"] == {"hard", "redundant"}
    assert set(class_graph(graph, ["soft"]).edges) == {(service("a"), service("c"))}
    assert class_graph(graph, ["place"]).number_of_edges() == 2
    assert class_graph(graph, ["organization"]).number_of_edges() == 1
    assert len(class_graph(graph, [])) == len(graph)


def test_a_thing_that_everybody_needs_does_not_draw_all_in() -> None:
    graph: nx.DiGraph[Node] = nx.DiGraph((service(i), service("dns")) for i in range(500))
    graph.add_edge(service("dns"), service("power"))

    near = neighbourhood(graph, service("dns"), 1, "both", most=30)

    assert (len(near.nodes), near.left_out) == (31, 471)
    assert neighbourhood(graph, service("dns"), 1, "needs").nodes == {
        service("dns"),
        service("power"),
    }
    assert neighbourhood(graph, service(3), 2, "needs").nodes == {
        service(3),
        service("dns"),
        service("power"),
    }
    assert neighbourhood(graph, service("absent")).nodes == frozenset()


@given(pairs, st.integers(0, 4))
@settings(max_examples=60, deadline=None)
def test_neighbourhood_is_what_lies_within_so_many_steps(
    edges: list[tuple[int, int]], depth: int
) -> None:
    graph = drawn(edges)

    found = neighbourhood(graph, service(0), depth).nodes

    assert found == set(nx.ego_graph(graph, service(0), depth, undirected=True))


def test_ten_thousand_services_have_an_answer() -> None:
    draw = random.Random(1)
    graph: nx.DiGraph[Node] = nx.DiGraph()
    for i in range(10_000):
        for _ in range(3):
            graph.add_edge(service(i), service(min(9_999, i + draw.randint(1, 400))))
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    figures = OwnFigures(dict.fromkeys(graph, (1e-3, 1e-3)))

    answer = paths_by(graph, (service(0), service(9_999)), figures, "fragile", 20)

    assert len(answer.paths) == 20
