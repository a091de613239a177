"""What the picture shows: which nodes and edges, in which colours; the page only draws it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx
from pyvis.network import Network

from depgraph.engine.graph import Node
from ui.figures_text import availability_text
from ui.layout import Point
from ui.session import Shown

KIND_COLOURS: Mapping[str, str] = {
    "service": "#4c8bf5",
    "location": "#2aa876",
    "organization": "#b07cc6",
    "vendor": "#8899aa",
}
"""Fill by kind; chosen to stay apart for colour-blind readers and on dark ground."""
STATE_COLOURS: Mapping[str, str] = {
    "promise not carried": "#d93025",
    "promise not met": "#f29900",
    "unknown figure": "#9334e6",
    "fine": "#5f6368",
}
"""Outline by state."""
MOST_NODES = 1_500
"""Above, services are drawn rolled up to their vendor."""


@dataclass(frozen=True)
class Filters:
    """Which part of the estate is drawn."""

    kinds: tuple[str, ...] = ("service", "location")
    vendors: tuple[str, ...] = ()
    criticality: tuple[str, ...] = ()
    focus: str = ""
    depth: int = 0
    hidden: tuple[str, ...] = ()
    expanded: tuple[str, ...] = ()
    hide_names: bool = False


def node_key(node: Node) -> str:
    """Key of a node in the picture and in the page's address."""
    return f"{node.kind}:{node.id}"


def node_of(key: str) -> Node | None:
    """Node of a key; None for anything else."""
    kind, sign, name = key.partition(":")
    if sign and kind in {"service", "location", "organization"}:
        return Node(kind, name)  # type: ignore[arg-type]  # checked in the line above
    return None


def state_of(data: Shown, node: Node) -> str:
    """State that the outline shows."""
    row = data.by_service.get(node.id) if node.kind == "service" else None
    if row is None:
        return "fine"
    if row.carried is False:
        return "promise not carried"
    if row.met is False:
        return "promise not met"
    return "unknown figure" if row.unknown else "fine"


def visible_graph(data: Shown, filters: Filters) -> nx.DiGraph[str]:
    """Graph of what is drawn, by key; rolled up to vendors where it would be too much."""
    simple: nx.DiGraph[Node] = nx.DiGraph()
    wanted = [node for node in data.graph if _wanted(data, filters, node)]
    simple.add_nodes_from(wanted)
    simple.add_edges_from(
        (a, b, attributes)
        for a, b, attributes in data.graph.edges(data=True)
        if a in simple and b in simple
    )
    focus = node_of(filters.focus)
    if focus in simple and filters.depth > 0:
        near = nx.ego_graph(simple, focus, filters.depth, undirected=True)
        simple = simple.subgraph(near.nodes).copy()
    if len(simple) > MOST_NODES:
        return _by_vendor(data, simple, filters)
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(map(node_key, simple))
    graph.add_edges_from((node_key(a), node_key(b), d) for a, b, d in simple.edges(data=True))
    return graph


def _wanted(data: Shown, filters: Filters, node: Node) -> bool:
    if node.kind not in filters.kinds or node_key(node) in filters.hidden:
        return False
    if node.kind != "service":
        return True
    service = data.estate.service[node.id]
    return (not filters.vendors or service.provider in filters.vendors) and (
        not filters.criticality or service.criticality in filters.criticality
    )


def _by_vendor(data: Shown, simple: nx.DiGraph[Node], filters: Filters) -> nx.DiGraph[str]:
    """Roll services up to their vendor, except those of expanded vendors; edges are implied."""

    def rolled(node: Node) -> str:
        provider = data.estate.service[node.id].provider if node.kind == "service" else None
        return (
            node_key(node)
            if provider is None or provider in filters.expanded
            else f"vendor:{provider}"
        )

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(rolled(node) for node in simple)
    ends = ((rolled(a), rolled(b)) for a, b in simple.edges)
    graph.add_edges_from((a, b) for a, b in ends if a != b)
    return graph


def network_of(
    data: Shown, graph: nx.DiGraph[str], positions: Mapping[str, Point], filters: Filters
) -> Network:
    """The picture as a pyvis network."""
    network = Network(directed=True)
    for number, key in enumerate(graph):
        kind, _, name = key.partition(":")
        node = node_of(key)
        state = state_of(data, node) if node else "fine"
        critical = node is not None and _is_critical(data, node)
        label = f"{kind} {number + 1}" if filters.hide_names else _short(name)
        network.add_node(
            key,
            label=label,
            font={"size": 16},
            title=_tooltip(data, node, state, label),
            shape={"location": "square", "organization": "diamond", "vendor": "hexagon"}.get(
                kind, "dot"
            ),
            size=13 if critical else 9,
            borderWidth=4 if state != "fine" else 2,
            color={"background": KIND_COLOURS[kind], "border": STATE_COLOURS[state]},
            x=positions[key].x,
            y=positions[key].y,
        )
    for a, b, attributes in graph.edges(data=True):
        group = attributes.get("group") is not None
        soft = attributes.get("soft") is not None
        network.add_edge(a, b, dashes=[2, 4] if soft else [8, 4] if group else False)
    return network


def _is_critical(data: Shown, node: Node) -> bool:
    return node.kind == "service" and data.estate.service[node.id].criticality == "critical"


def _tooltip(data: Shown, node: Node | None, state: str, label: str) -> str:
    lines = [label]
    row = data.by_service.get(node.id) if node and node.kind == "service" else None
    if row is not None:
        lines.append(availability_text(row))
    if state != "fine":
        lines.append(state)
    return "\n".join(lines)


def _short(name: str, most: int = 20) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
