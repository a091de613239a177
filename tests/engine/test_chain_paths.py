"""Paths from us to nth parties: against plain enumeration."""

from __future__ import annotations

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from depgraph.engine.chain_paths import PathCounter, ranks, shortest_paths_first

edges = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=22)


def graph_of(pairs: list[tuple[int, int]]) -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(map(str, range(7)))
    graph.add_edges_from((str(a), str(b)) for a, b in pairs if a != b)
    return graph


@given(edges)
@settings(max_examples=150, deadline=None)
def test_counts_and_lists_are_those_of_plain_enumeration(pairs: list[tuple[int, int]]) -> None:
    graph = graph_of(pairs)
    counter = PathCounter(graph, "0")
    for end in map(str, range(1, 7)):
        every = {tuple(path) for path in nx.all_simple_paths(graph, "0", end)}
        listed = shortest_paths_first(graph, "0", end, 10_000)

        assert counter.count(end) == (len(every), True)
        assert set(listed) == every
        assert [len(path) for path in listed] == sorted(map(len, listed))
        assert ranks(graph, "0").get(end) == min((len(path) - 1 for path in every), default=None)


def test_many_layers_are_counted_without_walking_them() -> None:
    """Sixty layers of three: 3 ** 60 ways, all of them through everything."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    before = ["0"]
    for layer in range(60):
        now = [f"{layer}-{i}" for i in range(3)]
        graph.add_edges_from((a, b) for a in before for b in now)
        before = now
    graph.add_edges_from((a, "end") for a in before)

    assert PathCounter(graph, "0").count("end") == (3**60, True)
    assert len(shortest_paths_first(graph, "0", "end", 5)) == 5


def test_a_walk_that_is_too_long_says_so() -> None:
    graph = nx.DiGraph(
        [("0", "1"), *((str(a), str(b)) for a in range(1, 11) for b in range(1, 11) if a != b)]
    )

    found = PathCounter(graph, "0", most_steps=1_000).count("5")

    assert not found.exact
    assert 0 < found.paths < 109_601
