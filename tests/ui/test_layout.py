"""The picture's laws: direction, distance, stability, speed."""

from __future__ import annotations

import itertools
import random

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.layout import Point, Spacing, layer_numbers, layered_positions
from ui.layout_beside import beside

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


def test_a_long_outer_layer_stands_close_with_names_outside() -> None:
    graph = nx.DiGraph([(f"c{i}", "hub") for i in range(30)] + [("hub", "p"), ("hub", "q")])
    room = Spacing(column=168.0, row=74.0, max_rows=13, close_row=28.0)

    points = layered_positions(graph, room)

    consumers = [points[f"c{i}"] for i in range(30)]
    assert {point.side for point in consumers} == {"left"}
    assert len({point.x for point in consumers}) == 1, "one column, so no edge crosses a name"
    heights = sorted(point.y for point in consumers)
    assert min(b - a for a, b in itertools.pairwise(heights)) >= room.close_row - 0.2
    assert {points[name].side for name in ("hub", "p", "q")} == {""}
    loose = layered_positions(graph, room._replace(close_row=0.0))
    assert len({loose[f"c{i}"].x for i in range(30)}) == 3


def test_who_needs_most_stands_left_in_a_ring_of_many() -> None:
    """All share a layer; its columns read from consumer to provider all the same."""
    names = [f"n{i:02}" for i in range(40)]
    graph = nx.DiGraph((a, b) for i, a in enumerate(names) for b in names[i + 1 :])
    graph.add_edge(names[-1], names[0])

    points = layered_positions(graph, Spacing(max_rows=13))

    assert points[names[1]].x < points[names[20]].x < points[names[38]].x


def test_a_narrow_picture_is_drawn_apart() -> None:
    graph = nx.DiGraph([(f"c{i}", "hub") for i in range(12)])

    points = layered_positions(graph, Spacing(column=168.0, row=74.0, max_rows=13))

    assert points["hub"].x - points["c0"].x > 168.0
    wide = nx.DiGraph([("a", "b"), ("b", "c")])
    assert layered_positions(wide, SPACE)["b"].x == SPACE.column


def test_an_empty_graph_is_an_empty_picture() -> None:
    assert layered_positions(nx.DiGraph()) == {}


@given(edges, st.floats(0.0, 0.99))
@settings(max_examples=60, deadline=None)
def test_what_comes_in_touches_nothing_that_stands(
    pairs: list[tuple[int, int]], shift: float
) -> None:
    """Rows of what stands lie anywhere; a name below a sign reaches to the next row."""
    graph: nx.DiGraph[str] = nx.DiGraph((str(a), str(b)) for a, b in pairs)
    graph.add_edges_from((node, f"new {node}") for node in list(graph))
    standing = {
        node: Point(point.x, point.y + shift * SPACE.row)
        for node, point in layered_positions(
            graph.subgraph(n for n in graph if n[:3] != "new")
        ).items()
    }
    points = beside(graph, standing, sorted(set(graph) - set(standing)), SPACE)

    assert {node: points[node] for node in standing} == standing
    for one, two in itertools.combinations(points.values(), 2):
        if abs(one.x - two.x) < SPACE.column / 2:
            assert abs(one.y - two.y) > 0.99 * SPACE.row
