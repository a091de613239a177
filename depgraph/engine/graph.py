"""The estate as a graph: the only place where an edge gets its direction (rule A1).

Edges run from what needs to what is needed: consumer to provider, service to place, place to the
place around it, service to the organization that provides it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Literal, NamedTuple

import networkx as nx

from depgraph.collection import collection_paused
from depgraph.model.dependency import Redundancy
from depgraph.model.estate import Estate, NodeKind
from depgraph.model.service import Service

EdgeKind = Literal["depends_on", "located_in", "within", "provided_by", "owned_by", "operated_by"]

FAILURE_EDGES: frozenset[EdgeKind] = frozenset(
    {"depends_on", "located_in", "within", "provided_by", "operated_by"}
)
"""Edges along which a failure can spread; ownership only informs."""


class Node(NamedTuple):
    """A thing in the graph; ids of different kinds may coincide."""

    kind: NodeKind
    """What it is."""
    id: str
    """Its id."""


@collection_paused()
def dependency_graph(estate: Estate) -> nx.MultiDiGraph[Node]:
    """Everything in an estate and what it needs.

    Parameters
    ----------
    estate : Estate
        Records.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes are `Node`. Each edge has ``kind`` (an `EdgeKind`), ``soft`` (impact weight, None
        for hard edges, rule A7), ``group`` (number of the redundancy group within its service, None
        outside groups), ``at_least``, ``of`` (sizes of that group), ``name`` and ``common_cause``.
    """
    graph: nx.MultiDiGraph[Node] = nx.MultiDiGraph()
    graph.add_nodes_from(Node("organization", record.id) for record in estate.organizations)
    graph.add_nodes_from(Node("location", record.id) for record in estate.locations)
    graph.add_nodes_from(Node("service", record.id) for record in estate.services)
    for organization in estate.organizations:
        if organization.parent is not None:
            _plain(graph, Node("organization", organization.id), "owned_by", organization.parent)
    for location in estate.locations:
        if location.within is not None:
            _plain(graph, Node("location", location.id), "within", location.within)
        if location.operator is not None:
            _plain(graph, Node("location", location.id), "operated_by", location.operator)
    for service in estate.services:
        graph.add_edges_from(_service_edges(service))
    return graph


_TARGET: dict[EdgeKind, NodeKind] = {
    "within": "location",
    "located_in": "location",
    "provided_by": "organization",
    "owned_by": "organization",
    "operated_by": "organization",
    "depends_on": "service",
}


def _plain(graph: nx.MultiDiGraph[Node], start: Node, kind: EdgeKind, end: str) -> None:
    graph.add_edge(start, Node(_TARGET[kind], end), **_attributes(kind))


def _attributes(kind: EdgeKind, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - edge attributes
    """All edge attributes, so that readers need not ask whether they are there."""
    empty = {"soft": None, "group": None, "at_least": None, "of": None, "name": ""}
    return {"kind": kind, "common_cause": None, **empty, **given}


def _service_edges(service: Service) -> Iterator[tuple[Node, Node, dict[str, Any]]]:
    """Edges of one service: provider organization, places, requirements."""
    start = Node("service", service.id)
    if service.provider is not None:
        yield start, Node("organization", service.provider), _attributes("provided_by")
    for number, placement in enumerate(service.placements):
        yield from _group_edges(start, "located_in", placement, number)
    for number, requirement in enumerate(service.requirements):
        if isinstance(requirement, Redundancy):
            yield from _group_edges(start, "depends_on", requirement, number)
        else:
            soft = None if requirement.soft is None else float(requirement.soft)
            yield (
                start,
                Node("service", requirement.service),
                _attributes("depends_on", soft=soft),
            )


def _group_edges(
    start: Node, kind: EdgeKind, group: Redundancy, number: int
) -> Iterator[tuple[Node, Node, dict[str, Any]]]:
    """Edges to the members of one group; a group of one is a plain edge."""
    if len(group.of) == 1:
        yield start, Node(_TARGET[kind], group.of[0]), _attributes(kind)
        return
    common_cause = None if group.common_cause is None else float(group.common_cause)
    for member in group.of:
        yield (
            start,
            Node(_TARGET[kind], member),
            _attributes(
                kind,
                group=number,
                at_least=group.at_least,
                of=len(group.of),
                name=group.name,
                common_cause=common_cause,
            ),
        )


def failure_graph(graph: nx.MultiDiGraph[Node], *, soft: bool = False) -> nx.DiGraph[Node]:
    """Edges along which failures can spread, parallel ones joined.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        From `dependency_graph`.
    soft : bool
        Whether soft dependencies count (rule A7: they never take a service down).
    """
    kept: nx.DiGraph[Node] = nx.DiGraph()
    kept.add_nodes_from(graph)
    kept.add_edges_from(
        (start, end)
        for start, end, data in graph.edges(data=True)
        if data["kind"] in FAILURE_EDGES and (soft or data["soft"] is None)
    )
    return kept


def needs(graph: nx.DiGraph[Node], node: Node) -> set[Node]:
    """Everything that a node needs, directly or through others."""
    return set(nx.descendants(graph, node))


def needed_by(graph: nx.DiGraph[Node], node: Node) -> set[Node]:
    """Everything that needs a node, directly or through others; redundancy is not considered."""
    return set(nx.ancestors(graph, node))


def paths_between(
    graph: nx.DiGraph[Node], start: Node, end: Node, limit: int = 1_000
) -> list[tuple[Node, ...]]:
    """Simple paths from what needs to what is needed, the shortest first.

    Parameters
    ----------
    graph : networkx.DiGraph
        From `failure_graph`.
    start, end : Node
        The consumer and what it needs in the end.
    limit : int
        Most paths to list.
    """
    if start == end or start not in graph or end not in graph:
        return []
    if not nx.has_path(graph, start, end):
        return []
    found = islice(nx.shortest_simple_paths(graph, start, end), limit)
    return [tuple(path) for path in found]


def rings(graph: nx.DiGraph[Node]) -> list[tuple[Node, ...]]:
    """Mutual dependencies (rule A6): everything in a group needs everything else in it."""
    groups: Iterable[set[Node]] = nx.strongly_connected_components(graph)
    found = [
        tuple(sorted(group))
        for group in groups
        if len(group) > 1 or graph.has_edge(*(tuple(group) * 2))
    ]
    return sorted(found)
