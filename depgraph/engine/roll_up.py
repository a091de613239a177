"""Things drawn together: groups instead of their members, with the edges that this implies."""

from __future__ import annotations

from collections.abc import Callable

import networkx as nx

from depgraph.engine.graph import Node


def rolled_up(graph: nx.DiGraph[Node], group_of: Callable[[Node], str]) -> nx.DiGraph[str]:
    """Join the nodes of each group, and the edges between two groups into one.

    Parameters
    ----------
    graph : networkx.DiGraph
        Edges with ``classes``, from `class_graph`.
    group_of : callable
        Key of the group that a node goes into; a key of its own leaves it alone.

    Returns
    -------
    networkx.DiGraph
        Each node has ``members``, a sorted tuple of `Node`; each edge ``implied``, the number of
        edges that it stands for, and ``classes``, all that these say. Edges inside a group go.
    """
    groups: dict[str, list[Node]] = {}
    key: dict[Node, str] = {}
    for node in graph:
        key[node] = group_of(node)
        groups.setdefault(key[node], []).append(node)
    joined: nx.DiGraph[str] = nx.DiGraph()
    for name, members in groups.items():
        joined.add_node(name, members=tuple(sorted(members)))
    for start, end, attributes in graph.edges(data=True):
        a, b = key[start], key[end]
        if a == b:
            continue
        classes = attributes["classes"]
        if joined.has_edge(a, b):
            edge = joined.edges[a, b]
            edge["implied"] += 1
            edge["classes"] |= classes
        else:
            joined.add_edge(a, b, implied=1, classes=classes)
    return joined
