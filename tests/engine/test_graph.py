"""The estate as a graph: directions, attributes, rings."""

from __future__ import annotations

from depgraph.engine.graph import (
    Node,
    dependency_graph,
    failure_graph,
    needed_by,
    needs,
    paths_between,
    rings,
)
from depgraph.model.estate import Estate

ESTATE = Estate.model_validate(
    {
        "organizations": [
            {"id": "inc", "name": "Inc"}, {"id": "sub", "name": "Sub", "parent": "inc"}],
        "locations": [{"id": "zone", "within": "region", "operator": "sub"}, {"id": "region"}],
        "services": [
            {"id": "shop", "provider": "sub", "located_in": ["zone"], "depends_on": [
                "dns",
                {"service": "tips", "soft": 0.25},
                {"at_least": 1, "of": ["a", "b"], "name": "pay", "common_cause": 0.1}]},
            {"id": "dns", "depends_on": ["auth"]},
            {"id": "auth", "depends_on": ["dns"]},
            {"id": "tips"},
            {"id": "a", "depends_on": ["dns"]},
            {"id": "b"},
        ],
    }
)  # fmt: skip
GRAPH = dependency_graph(ESTATE)


def service(name: str) -> Node:
    return Node("service", name)


def test_edges_run_from_what_needs_to_what_is_needed() -> None:
    edges = {(start.id, end.id): data["kind"] for start, end, data in GRAPH.edges(data=True)}

    assert edges == {
        ("sub", "inc"): "owned_by",
        ("zone", "region"): "within",
        ("zone", "sub"): "operated_by",
        ("shop", "sub"): "provided_by",
        ("shop", "zone"): "located_in",
        ("shop", "dns"): "depends_on",
        ("shop", "tips"): "depends_on",
        ("shop", "a"): "depends_on",
        ("shop", "b"): "depends_on",
        ("dns", "auth"): "depends_on",
        ("auth", "dns"): "depends_on",
        ("a", "dns"): "depends_on",
    }


def test_a_group_is_told_by_its_edges() -> None:
    [edge] = GRAPH.get_edge_data(service("shop"), service("a")).values()

    assert edge == {
        "kind": "depends_on",
        "soft": None,
        "group": 2,
        "at_least": 1,
        "of": 2,
        "name": "pay",
        "common_cause": 0.1,
    }


def test_soft_edges_carry_no_failure() -> None:
    assert service("tips") not in needs(failure_graph(GRAPH), service("shop"))
    assert service("tips") in needs(failure_graph(GRAPH, soft=True), service("shop"))


def test_reach_in_both_directions() -> None:
    graph = failure_graph(GRAPH)

    assert needs(graph, service("shop")) == {
        Node("organization", "sub"), Node("location", "zone"), Node("location", "region"),
        service("dns"), service("auth"), service("a"), service("b"),
    }  # fmt: skip
    assert needed_by(graph, Node("location", "region")) == {
        Node("location", "zone"),
        service("shop"),
    }


def test_paths_come_shortest_first() -> None:
    graph = failure_graph(GRAPH)
    paths = paths_between(graph, service("shop"), service("auth"))

    assert [[node.id for node in path] for path in paths] == [
        ["shop", "dns", "auth"],
        ["shop", "a", "dns", "auth"],
    ]
    assert paths_between(graph, service("b"), service("shop")) == []
    assert len(paths_between(graph, service("shop"), service("auth"), limit=1)) == 1


def test_rings_are_found() -> None:
    assert rings(failure_graph(GRAPH)) == [(service("auth"), service("dns"))]
