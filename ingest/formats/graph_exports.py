"""The estate as a graph of nodes and edges, for tools that draw and analyse graphs.

Nodes are named ``kind:id``, since one id may name a service and a location. Edges carry the names
of the graph database.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping

import networkx as nx

from depgraph.model.dependency import Redundancy
from depgraph.model.estate import Estate


def estate_graph(estate: Estate) -> nx.MultiDiGraph[str]:
    """Organizations, locations, services, functions and contracts with what joins them."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=estate.name)
    for kind, records in (
        ("organization", estate.organizations),
        ("location", estate.locations),
        ("service", estate.services),
        ("function", estate.functions),
        ("contract", estate.contracts),
    ):
        for record in records:
            graph.add_node(f"{kind}:{record.id}", kind=kind, record=record.id,
                           label=record.name or record.id)  # fmt: skip
    _add_services(graph, estate)
    for organization in estate.organizations:
        if organization.parent:
            _edge(graph, f"organization:{organization.id}", f"organization:{organization.parent}",
                  "OWNED_BY")  # fmt: skip
    for location in estate.locations:
        if location.within:
            _edge(graph, f"location:{location.id}", f"location:{location.within}", "WITHIN")
    for contract in estate.contracts:
        here = f"contract:{contract.id}"
        _edge(graph, here, f"organization:{contract.supplier}", "SUPPLIED_BY")
        _edge(graph, here, f"organization:{contract.customer}", "SUPPLIED_TO")
        for sla in contract.slas:
            _edge(graph, here, f"service:{sla.service}", "COVERS", sla=sla.id)
    return graph


def _add_services(graph: nx.MultiDiGraph[str], estate: Estate) -> None:
    """Add what joins services to others; members of a group share its number."""
    for service in estate.services:
        here = f"service:{service.id}"
        if service.provider:
            _edge(graph, f"organization:{service.provider}", here, "PROVIDES")
        for function in service.supports:
            _edge(graph, here, f"function:{function}", "SUPPORTS")
        for at, group in enumerate(service.placements):
            for member in group.of:
                _edge(graph, here, f"location:{member}", "LOCATED_IN", group=at,
                      at_least=group.at_least)  # fmt: skip
        for at, need in enumerate(service.requirements):
            if isinstance(need, Redundancy):
                for member in need.of:
                    _edge(graph, here, f"service:{member}", "DEPENDS_ON", group=at,
                          at_least=need.at_least)  # fmt: skip
            elif need.soft is not None:
                _edge(graph, here, f"service:{need.service}", "DEPENDS_ON", soft=float(need.soft))
            else:
                _edge(graph, here, f"service:{need.service}", "DEPENDS_ON")


def _edge(
    graph: nx.MultiDiGraph[str], start: str, end: str, kind: str, **properties: str | float
) -> None:
    """Add one edge."""
    graph.add_edge(start, end, type=kind, **properties)


def graphml_text(estate: Estate) -> bytes:
    """GraphML."""
    return "\n".join(nx.generate_graphml(_xml_safe(estate_graph(estate)))).encode()


def gexf_text(estate: Estate) -> bytes:
    """GEXF 1.2; the type of an edge is called `relation`, since GEXF keeps `type` for itself."""
    graph = _xml_safe(estate_graph(estate))
    for _, _, properties in graph.edges(data=True):
        properties["relation"] = properties.pop("type")
    content = io.BytesIO()
    nx.write_gexf(graph, content)
    return content.getvalue()


def json_graph_text(estate: Estate) -> str:
    """Nodes and edges as JSON in the node-link shape of networkx and D3."""
    data = nx.node_link_data(estate_graph(estate), edges="edges")
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _xml_safe(graph: nx.MultiDiGraph[str]) -> nx.MultiDiGraph[str]:
    """The graph without characters that XML cannot hold."""
    clean: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=_xml_text(graph.graph["name"]))
    for node, properties in graph.nodes(data=True):
        clean.add_node(_xml_text(node), **{k: _xml_text(v) for k, v in properties.items()})
    for start, end, properties in graph.edges(data=True):
        shown = {k: _xml_text(v) if isinstance(v, str) else v for k, v in properties.items()}
        clean.add_edge(_xml_text(start), _xml_text(end), **shown)
    return clean


def _xml_text(text: str) -> str:
    """Text with a mark in place of what XML 1.0 forbids."""
    return "".join(
        sign if sign >= " " and sign not in "\ufffe\uffff" else "\ufffd" for sign in text
    )


def mermaid_text(estate: Estate) -> str:
    """A Mermaid flowchart of services and what they need; soft needs are dotted."""
    graph = estate_graph(estate)
    names: dict[str, str] = {}
    lines = ["flowchart LR"]
    for node, properties in graph.nodes(data=True):
        if properties["kind"] in {"service", "location"}:
            names[node] = f"n{len(names)}"
            left, right = ("[", "]") if properties["kind"] == "service" else ("([", "])")
            label = "".join(_mermaid_sign(sign) for sign in properties["label"])
            lines.append(f'  {names[node]}{left}"{label}"{right}')
    for start, end, properties in graph.edges(data=True):
        if start in names and end in names:
            arrow = "-.->" if "soft" in properties or properties["type"] != "DEPENDS_ON" else "-->"
            many = "at_least" in properties and properties["type"] == "DEPENDS_ON"
            label = f'|"at least {properties["at_least"]}"|' if many else ""
            lines.append(f"  {names[start]} {arrow}{label} {names[end]}")
    return "\n".join(lines) + "\n"


def _mermaid_sign(sign: str) -> str:
    """A character that cannot end a quoted label, start markup or break the line."""
    if not sign.isprintable():
        return " "
    return f"#{ord(sign)};" if sign in '"#&<>`;\\%{}[]()|' else sign


def dot_text(estate: Estate) -> str:
    """Graphviz DOT of all nodes and edges."""
    graph = estate_graph(estate)
    shapes = {"service": "box", "location": "house", "organization": "ellipse",
              "function": "hexagon", "contract": "note"}  # fmt: skip
    lines = ["digraph estate {", "  rankdir=LR;"]
    for node, properties in graph.nodes(data=True):
        label, shape = _quoted(properties["label"]), shapes[properties["kind"]]
        lines.append(f"  {_quoted(node)} [label={label}, shape={shape}];")
    for start, end, properties in graph.edges(data=True):
        style = ", style=dashed" if "soft" in properties else ""
        kind = _quoted(properties["type"] + _group(properties))
        lines.append(f"  {_quoted(start)} -> {_quoted(end)} [label={kind}{style}];")
    return "\n".join([*lines, "}"]) + "\n"


def _group(properties: Mapping[str, object]) -> str:
    """Which of a service's groups a need belongs to: all alone, it would look like a must."""
    if properties["type"] != "DEPENDS_ON" or "at_least" not in properties:
        return ""
    return f", at least {properties['at_least']} of group {int(str(properties['group'])) + 1}"


def _quoted(text: str) -> str:
    """Text as a DOT string."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'
