"""Positions for a picture that reads from consumer (left) to provider (right).

Layers by longest path over the condensation, order within a layer by barycentre sweeps, heights
by least squares that keep the order and a clear distance. A long first or last layer stands close,
with its names beside it. Same graph, same picture: nothing here draws on chance or on the order
in which records arrive.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeVar

import networkx as nx
import numpy as np
from numpy.typing import NDArray

Node = TypeVar("Node", bound=Hashable)
Floats = NDArray[np.float64]

Side = Literal["", "left", "right"]
CLOSE_ROWS: Final = 40
"""Rows of a close layer, after which it breaks into further columns."""
CLOSE_COLUMN: Final = 1.5
"""Width of a close column, in columns: its names stand in one line."""
ASPECT: Final = 1.2
"""Width of a picture by its height, below which columns are drawn apart."""
MOST_STRETCH: Final = 2.2
SWEEPS: Final = 12
"""Passes over the layers, there and back; the order hardly changes after that."""
HEIGHT_SWEEPS: Final = 6


class Spacing(NamedTuple):
    """Room that one node takes, in the pixels of zoom 1."""

    column: float = 230.0
    """Distance between neighbouring columns [px]."""
    row: float = 42.0
    """Distance between neighbouring rows [px]."""
    max_rows: int = 0
    """Rows after which a layer breaks into further columns; 0 chooses a pleasant shape."""
    close_row: float = 0.0
    """Distance between rows whose names stand beside them [px]; 0 never does that."""


STANDARD: Final = Spacing()


class Point(NamedTuple):
    """A place in the picture, in the pixels of zoom 1."""

    x: float
    """To the right [px]."""
    y: float
    """Downwards [px]."""
    side: Side = ""
    """Side on which the name stands; below when empty."""


def layered_positions(graph: nx.DiGraph[str], spacing: Spacing = STANDARD) -> Mapping[str, Point]:
    """Position of every node, consumers left of their providers.

    Parameters
    ----------
    graph : networkx.DiGraph
        Edges run from consumer to provider; rings and loops are allowed.
    spacing : Spacing
        Room for one node.

    Returns
    -------
    mapping of str to Point
        One point per node; no two nodes closer than one row or one column, or one close row where
        that is asked for. Members of a ring share a layer. Nodes without any edge stand in a block
        below the rest.
    """
    edges = tuple(sorted((a, b, int(w)) for a, b, w in graph.edges(data="implied", default=1)))
    return _positions(tuple(sorted(graph)), edges, spacing)


@lru_cache(maxsize=64)
def _positions(
    nodes: tuple[str, ...], edges: tuple[tuple[str, str, int], ...], spacing: Spacing
) -> Mapping[str, Point]:
    """Compute `layered_positions` once per graph."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_weighted_edges_from((a, b, weight) for a, b, weight in edges if a != b)
    linked = [node for node in nodes if graph.degree(node)]
    alone = [node for node in nodes if not graph.degree(node)]
    layers = _ordered_layers(graph.subgraph(linked))
    max_rows = spacing.max_rows or _pleasant_rows(layers, len(linked), spacing)
    points = _stretched(_placed(graph, layers, spacing, max_rows))
    bottom = max((point.y for point in points.values()), default=0.0)
    points.update(_block(alone, bottom + 1.5 * spacing.row if points else 0.0, spacing))
    return points


def _stretched(points: dict[str, Point]) -> dict[str, Point]:
    """Draw columns apart where the picture would stand narrow in a wide frame."""
    across = [point.x for point in points.values()]
    down = [point.y for point in points.values()]
    wide = max(across, default=0.0) - min(across, default=0.0)
    high = max(down, default=0.0) - min(down, default=0.0)
    if not wide or high * ASPECT <= wide:
        return points
    factor = min(high * ASPECT / wide, MOST_STRETCH)
    return {node: point._replace(x=round(point.x * factor, 1)) for node, point in points.items()}


def layer_numbers(graph: nx.DiGraph[Node]) -> dict[Node, int]:
    """Layer of each node: the longest way from a node that nothing consumes.

    Members of a ring share one layer, so that every other edge points to a higher layer.
    """
    whole = nx.condensation(graph)
    layer: dict[int, int] = {}
    for component in nx.topological_sort(whole):
        layer[component] = 1 + max((layer[p] for p in whole.predecessors(component)), default=-1)
    return {node: layer[whole.graph["mapping"][node]] for node in graph}


def _ordered_layers(graph: nx.DiGraph[str]) -> list[list[str]]:
    """Group the nodes into layers and order each so that few edges cross."""
    number = layer_numbers(graph)
    layers: list[list[str]] = [[] for _ in range(1 + max(number.values(), default=-1))]
    for node in _walk_order(graph):
        layers[number[node]].append(node)
    place = {node: _relative(i, layer) for layer in layers for i, node in enumerate(layer)}
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        for layer in layers if forth else reversed(layers):
            near = {node: _neighbours(graph, node, number, before=forth) for node in layer}
            wanted = {
                node: sum(place[other] for other in near[node]) / len(near[node])
                if near[node]
                else place[node]
                for node in layer
            }
            layer.sort(key=lambda node: (wanted[node], place[node]))
            place.update((node, _relative(i, layer)) for i, node in enumerate(layer))
    return layers


def _relative(position: int, layer: Sequence[str]) -> float:
    """Place within a layer as a share of its length, so that long and short layers compare."""
    return (position + 0.5) / len(layer)


def _walk_order(graph: nx.DiGraph[str]) -> list[str]:
    """Nodes by a walk from each consumer that nobody consumes: kin start side by side."""
    starts = [node for node in sorted(graph) if graph.in_degree(node) == 0] + sorted(graph)
    seen: dict[str, None] = {}
    for start in starts:
        stack = [start]
        while stack:
            node = stack.pop()
            if node not in seen:
                seen[node] = None
                stack.extend(sorted(graph.successors(node), reverse=True))
    return list(seen)


def _neighbours(
    graph: nx.DiGraph[str], node: str, number: Mapping[str, int], *, before: bool
) -> list[str]:
    """Consumers of the node in earlier layers, or its providers in later ones."""
    if before:
        return [other for other in graph.predecessors(node) if number[other] < number[node]]
    return [other for other in graph.successors(node) if number[other] > number[node]]


def _pleasant_rows(layers: Sequence[Sequence[str]], size: int, spacing: Spacing) -> int:
    """Rows that make the picture about 1.8 times as wide as high."""
    if not layers:
        return 1
    rows = math.sqrt(size * spacing.column / spacing.row / 1.8)
    return max(12, math.ceil(rows))


class _Layer(NamedTuple):
    """A layer as it stands: rows of one or more columns."""

    rows: list[list[str]]
    row: float
    """Distance between rows, in rows."""
    column: float
    """Width of a column [px]."""
    side: Side

    @property
    def width(self) -> float:
        """Room for all its columns [px]."""
        return max(map(len, self.rows)) * self.column


def _placed(
    graph: nx.DiGraph[str],
    layers: Sequence[Sequence[str]],
    spacing: Spacing,
    max_rows: int,
) -> dict[str, Point]:
    """Give every layer its columns and every row its height."""
    height: dict[str, float] = {}
    stand = [
        _layer(graph, layer, spacing, (max_rows, _outer_side(layers, number)))
        for number, layer in enumerate(layers)
    ]
    for layer in stand:
        middle = (len(layer.rows) - 1) / 2
        height.update((n, (i - middle) * layer.row) for i, r in enumerate(layer.rows) for n in r)
    for sweep in range(HEIGHT_SWEEPS):
        for layer in stand if sweep % 2 == 0 else reversed(stand):
            wanted = [_wanted_height(graph, row, height) for row in layer.rows]
            for row, level in zip(layer.rows, _spread(np.array(wanted), layer.row), strict=True):
                height.update((node, float(level)) for node in row)
    points: dict[str, Point] = {}
    left = 0.0
    for layer in stand:
        for row in layer.rows:
            for column, node in enumerate(row):
                x, y = left + column * layer.column, round(height[node] * spacing.row, 1)
                points[node] = Point(x, y, layer.side)
        left += layer.width
    return points


def _outer_side(layers: Sequence[Sequence[str]], number: int) -> Side:
    """Side on which no edge leaves a layer; none for those between others."""
    if len(layers) == 1:
        return ""
    return "left" if number == 0 else "right" if number == len(layers) - 1 else ""


def _layer(
    graph: nx.DiGraph[str], layer: Sequence[str], spacing: Spacing, room: tuple[int, Side]
) -> _Layer:
    """Break a layer into columns; one at the edge of the picture stands close if it is long."""
    most, side = room
    if side and spacing.close_row and len(layer) > most:
        columns = math.ceil(len(layer) / CLOSE_ROWS)
        rows = [list(layer[i : i + columns]) for i in range(0, len(layer), columns)]
        return _Layer(rows, spacing.close_row / spacing.row, CLOSE_COLUMN * spacing.column, side)
    columns = math.ceil(len(layer) / most)
    if columns > 1 and graph.subgraph(layer).size():
        rows = _by_flow(graph, layer, columns)
    else:
        rows = [list(layer[i : i + columns]) for i in range(0, len(layer), columns)]
    return _Layer(rows, 1.0, spacing.column, "")


def _by_flow(graph: nx.DiGraph[str], layer: Sequence[str], columns: int) -> list[list[str]]:
    """Rows of a layer of rings: who needs more than it is needed stands left."""
    inner = graph.subgraph(layer)
    needs, needed = inner.out_degree(weight="weight"), inner.in_degree(weight="weight")
    place = {node: i for i, node in enumerate(layer)}
    flow = {n: (needed[n] - needs[n]) / max(1, needed[n] + needs[n]) for n in layer}
    ordered = sorted(layer, key=lambda node: (flow[node], place[node]))
    long = math.ceil(len(layer) / columns)
    parts = [sorted(ordered[i : i + long], key=place.__getitem__)
             for i in range(0, len(ordered), long)]  # fmt: skip
    return [[part[i] for part in parts if i < len(part)] for i in range(long)]


def _wanted_height(
    graph: nx.DiGraph[str], row: Sequence[str], height: Mapping[str, float]
) -> float:
    """Mean height of all neighbours of a row, or its own where it has none."""
    near = [
        height[other]
        for node in row
        for side in (graph.predecessors(node), graph.successors(node))
        for other in side
    ]
    return sum(near) / len(near) if near else height[row[0]]


def _spread(wanted: Floats, row: float = 1.0) -> Floats:
    """Heights nearest to those wanted (least squares) that rise by at least a row each.

    Subtracting the least distance turns it into isotonic regression: pool adjacent violators.
    """
    means: list[float] = []
    sizes: list[int] = []
    for target in wanted - row * np.arange(len(wanted)):
        means.append(float(target))
        sizes.append(1)
        while len(means) > 1 and means[-2] > means[-1]:
            size = sizes.pop()
            mean = means.pop()
            means[-1] = (means[-1] * sizes[-1] + mean * size) / (sizes[-1] + size)
            sizes[-1] += size
    heights: Floats = np.repeat(np.array(means), sizes) + row * np.arange(len(wanted))
    return heights


def _block(nodes: Sequence[str], top: float, spacing: Spacing) -> dict[str, Point]:
    """Nodes without edges, row by row below the rest."""
    width = max(4, math.ceil(math.sqrt(len(nodes) / 3)))
    return {
        node: Point((i % width) * spacing.column, top + (i // width) * spacing.row)
        for i, node in enumerate(nodes)
    }
