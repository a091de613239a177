"""What is drawn, as files: SVG, CSV, JSON, GraphML; names are hidden where the view hides them."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

import networkx as nx
from pyvis.network import Network

from ui.catalogue import Catalogue
from ui.explore_query import query_of
from ui.explore_state import ExploreState
from ui.explore_words import criteria
from ui.figures_text import availability_text
from ui.picture import is_group, kind_of, name_of
from ui.selection import visible
from ui.spreadsheet import escaped_cell

_MARGIN = 90.0
_MARGIN_BESIDE = 280.0
_UNPRINTABLE = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF), "�")


def table_rows(catalogue: Catalogue, state: ExploreState) -> list[dict[str, str]]:
    """The things drawn as rows, for readers of tables, screen readers and spreadsheets."""
    graph = visible(catalogue, state).graph

    def named(keys: Sequence[str]) -> str:
        return ", ".join(name_of(catalogue, state, key) for key in sorted(keys))

    rows = []
    for key in sorted(graph):
        members = graph.nodes[key]["members"]
        row = None if is_group(key) else (catalogue.by_service or {}).get(members[0].id)
        service = catalogue.estate.service.get(members[0].id) if kind_of(key) == "service" else None
        provider = (service.provider or "") if service else ""
        rows.append(
            {
                "kind": kind_of(key),
                "id": name_of(catalogue, state, key),
                "provider": name_of(catalogue, state, f"organization:{provider}")
                if provider
                else "",
                "criticality": service.criticality if service else "",
                "availability": availability_text(row) if row and service else "",
                "state": catalogue.status(members[0]) if not is_group(key) else "",
                "things": str(len(members)),
                "needs": named(list(graph.successors(key))),
                "needed by": named(list(graph.predecessors(key))),
            }
        )
    return rows


def csv_text(catalogue: Catalogue, state: ExploreState) -> str:
    """The things drawn as CSV; no cell is a formula."""
    rows = table_rows(catalogue, state)
    held = io.StringIO()
    if rows:
        writer = csv.DictWriter(held, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows({k: escaped_cell(v) for k, v in row.items()} for row in rows)
    return held.getvalue()


def json_text(catalogue: Catalogue, state: ExploreState) -> str:
    """The things and edges drawn, with what they were drawn by."""
    seen = visible(catalogue, state)

    def named(key: str) -> str:
        return name_of(catalogue, state, key)

    document: dict[str, Any] = {
        "estate_version": catalogue.version,
        "criteria": criteria(state, named),
        "view": {} if state.hide_names else query_of(state),
        "left_out": list(seen.notes),
        "things": table_rows(catalogue, state),
        "edges": [
            {
                "consumer": named(a),
                "provider": named(b),
                "classes": sorted(data["classes"]),
                "implied": data["implied"],
            }
            for a, b, data in sorted(seen.graph.edges(data=True), key=lambda edge: edge[:2])
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def graphml_bytes(catalogue: Catalogue, state: ExploreState) -> bytes:
    """The things and edges drawn as GraphML."""
    graph = visible(catalogue, state).graph
    plain: nx.DiGraph[str] = nx.DiGraph()
    identity = {
        key: _printable(f"{kind_of(key)}:{name_of(catalogue, state, key)}") for key in graph
    }
    for key in sorted(graph):
        things = len(graph.nodes[key]["members"])
        plain.add_node(identity[key], kind=kind_of(key), things=things)
    for a, b, data in sorted(graph.edges(data=True), key=lambda edge: edge[:2]):
        classes = ",".join(sorted(data["classes"]))
        plain.add_edge(identity[a], identity[b], classes=classes, implied=data["implied"])
    held = io.BytesIO()
    nx.write_graphml(plain, held)
    return held.getvalue()


def svg_text(network: Network, *, dark: bool = False) -> str:
    """A picture as SVG that needs nothing else; names are text and nothing more.

    Parameters
    ----------
    network : pyvis.network.Network
        From `network_of`.
    dark : bool
        Light letters on a dark ground.
    """
    ground, ink = ("#0e1117", "#fafafa") if dark else ("#ffffff", "#31333f")
    nodes = {node["id"]: node for node in network.nodes}
    left = min((n["x"] for n in nodes.values()), default=0) - _margin(nodes.values(), "left")
    top = min((n["y"] for n in nodes.values()), default=0) - _MARGIN
    right = max((n["x"] for n in nodes.values()), default=0) + _margin(nodes.values(), "right")
    width = right - left
    height = max((n["y"] for n in nodes.values()), default=0) + _MARGIN - top
    box = f"{left:g} {top:g} {width:g} {height:g}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="{width:g}" '
        f'height="{height:g}" font-family="sans-serif" font-size="18">'
        '<defs><marker id="to" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
        f'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="{ink}"/></marker></defs>'
        f'<rect x="{left:g}" y="{top:g}" width="100%" height="100%" fill="{ground}"/>'
    )
    parts = [head]
    parts += [_svg_edge(edge, nodes, ink) for edge in network.edges]
    parts += [_svg_node(node, ink, ground) for node in nodes.values()]
    return "\n".join([*parts, "</svg>"])


def _margin(nodes: Iterable[dict[str, Any]], side: str) -> float:
    """Room beside the outermost things, for names that stand there."""
    return _MARGIN_BESIDE if any(node.get("side") == side for node in nodes) else _MARGIN


def _svg_edge(edge: dict[str, Any], nodes: dict[str, dict[str, Any]], ink: str) -> str:
    start, end = nodes[edge["from"]], nodes[edge["to"]]
    dx, dy = end["x"] - start["x"], end["y"] - start["y"]
    length = math.hypot(dx, dy) or 1.0
    back = (end["size"] + 3) / length
    dashes = edge["dashes"]
    dashed = f' stroke-dasharray="{dashes[0]} {dashes[1]}"' if dashes else ""
    strong = {"path": "1", "faded": "0.1"}.get(edge.get("mark", ""), "0.35")
    return (
        f'<line x1="{start["x"]:g}" y1="{start["y"]:g}" x2="{end["x"] - dx * back:g}" '
        f'y2="{end["y"] - dy * back:g}" stroke="{ink}" stroke-opacity="{strong}" '
        f'stroke-width="{edge.get("width", 1)}"{dashed} marker-end="url(#to)"/>'
    )


def _svg_node(node: dict[str, Any], ink: str, ground: str) -> str:
    x, y, size = node["x"], node["y"], node["size"]
    colour = node["color"]
    look = (
        f'fill="{colour["background"]}" stroke="{colour["border"]}" '
        f'stroke-width="{node["borderWidth"]}"'
    )
    if node["shape"] == "dot":
        shape = f'<circle cx="{x:g}" cy="{y:g}" r="{size:g}" {look}/>'
    else:
        corners = {"square": (4, 45), "diamond": (4, 0), "hexagon": (6, 0)}[node["shape"]]
        points = " ".join(_corners(x, y, size * 1.2, *corners))
        shape = f'<polygon points="{points}" {look}/>'
    side = str(node.get("side", ""))
    at = x + {"left": -size - 7, "right": size + 7}.get(side, 0)
    anchor = {"left": "end", "right": "start"}.get(side, "middle")
    lines = "".join(
        f'<tspan x="{at:g}" dy="{18 if number else 0}">{escape(_printable(line))}</tspan>'
        for number, line in enumerate(node["label"].split("\n"))
    )
    text = (
        f'<text x="{at:g}" y="{y + 6 if side else y + size + 18:g}" text-anchor="{anchor}" '
        f'fill="{ink}" '
        f'stroke="{ground}" stroke-width="4" paint-order="stroke">{lines}</text>'
    )
    return f'<g opacity="{node.get("opacity", 1)}">{shape}{text}</g>'


def _corners(x: float, y: float, size: float, count: int, turn: float) -> list[str]:
    angles = [math.radians(turn + 360 * i / count) for i in range(count)]
    return [f"{x + size * math.cos(a):.1f},{y + size * math.sin(a):.1f}" for a in angles]


def _printable(text: str) -> str:
    """Text without the signs that XML cannot hold."""
    return text.translate(_UNPRINTABLE)
