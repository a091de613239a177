"""Groups in place of their members: nothing is lost and nothing is made up."""

from __future__ import annotations

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from depgraph.engine.graph import Node
from depgraph.engine.roll_up import rolled_up

edges = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=40, unique=True)


@given(edges, st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_every_edge_between_groups_is_counted_once(
    pairs: list[tuple[int, int]], groups: list[int]
) -> None:
    graph: nx.DiGraph[Node] = nx.DiGraph()
    graph.add_nodes_from(Node("service", str(i)) for i in range(12))
    for a, b in pairs:
        graph.add_edge(
            Node("service", str(a)), Node("service", str(b)), classes=frozenset({"hard"})
        )

    joined = rolled_up(graph, lambda node: f"g{groups[int(node.id)]}")

    members = [node for name in joined for node in joined.nodes[name]["members"]]
    assert sorted(members) == sorted(graph)
    outside = [(a, b) for a, b in pairs if groups[a] != groups[b]]
    assert sum(joined.edges[edge]["implied"] for edge in joined.edges) == len(outside)
    assert set(joined.edges) == {(f"g{groups[a]}", f"g{groups[b]}") for a, b in outside}
    assert nx.number_of_selfloops(joined) == 0


def test_classes_are_joined() -> None:
    a, b, c = (Node("service", name) for name in "abc")
    graph: nx.DiGraph[Node] = nx.DiGraph()
    graph.add_edge(a, c, classes=frozenset({"soft"}))
    graph.add_edge(b, c, classes=frozenset({"hard"}))

    joined = rolled_up(graph, lambda node: "ab" if node.id in "ab" else node.id)

    assert joined.edges["ab", "c"] == {"implied": 2, "classes": {"soft", "hard"}}
