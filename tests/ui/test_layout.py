"""The picture's laws: direction, distance, stability, speed."""

from __future__ import annotations

import itertools
import random

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.layout import Spacing, layer_numbers, layered_positions

SPACE = Spacing()


def sparse_graph(size: int, seed: int) -> nx.DiGraph[str]:
    """Synthetic layered estate: each thing needs one to three later things."""
    draw = random.Random(seed)
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(f"n{i}" for i in range(size))
    for i in range(size - 1):
        for _ in range(draw.randint(1, 3)):
            reach = min(size - 1, i + 1 + int(draw.expovariate(8 / size)))
            graph.add_edge(f"n{i}", f"n{reach}")
    return graph


edges = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=40)


@given(edges)
@settings(max_examples=60, deadline=None)
def test_no_two_nodes_touch_and_consumers_stand_left(pairs: list[tuple[int, int]]) -> None:
    graph: nx.DiGraph[str] = nx.DiGraph((str(a), str(b)) for a, b in pairs)

    points = layered_positions(graph)

    assert set(points) == set(graph)
    for one, two in itertools.combinations(points.values(), 2):
        assert abs(one.x - two.x) >= SPACE.column or abs(one.y - two.y) >= SPACE.row - 0.2
    number = layer_numbers(graph)
    for consumer, provider in graph.edges:
        if number[consumer] != number[provider]:
            assert points[consumer].x < points[provider].x


def test_a_ring_shares_a_layer() -> None:
    graph = nx.DiGraph([("web", "dns"), ("dns", "auth"), ("auth", "dns"), ("auth", "power")])

    assert layer_numbers(graph) == {"web": 0, "dns": 1, "auth": 1, "power": 2}


def test_the_picture_does_not_depend_on_the_order_of_records() -> None:
    graph = sparse_graph(150, seed=1)
    shuffled: nx.DiGraph[str] = nx.DiGraph()
    shuffled.add_nodes_from(reversed(list(graph)))
    shuffled.add_edges_from(reversed(list(graph.edges)))

    assert layered_positions(graph) == layered_positions(shuffled)


def test_fewer_crossings_than_file_order() -> None:
    """Two combs that start interleaved must come apart."""
    graph = nx.DiGraph(
        [(f"a{i}", f"b{9 - i}") for i in range(10)] + [("root", f"a{i}") for i in range(10)]
    )
    points = layered_positions(graph)

    ordered = sorted((points[f"a{i}"].y, points[f"b{9 - i}"].y) for i in range(10))

    assert [b for _, b in ordered] == sorted(b for _, b in ordered)


def test_things_without_edges_stand_below() -> None:
    graph = nx.DiGraph([("a", "b")])
    graph.add_nodes_from(["x", "y"])

    points = layered_positions(graph)

    assert min(points["x"].y, points["y"].y) > max(points["a"].y, points["b"].y)


def test_five_thousand_nodes_have_their_places() -> None:
    graph = sparse_graph(5000, seed=2)

    points = layered_positions(graph)

    assert len({(p.x, p.y) for p in points.values()}) == 5000


def test_an_empty_graph_is_an_empty_picture() -> None:
    assert layered_positions(nx.DiGraph()) == {}
