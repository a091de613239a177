"""Positions for a picture that reads from consumer (left) to provider (right).

Layers by longest path over the condensation, order within a layer by barycentre sweeps, heights
by least squares that keep the order and a clear distance. Same graph, same picture: nothing here
draws on chance or on the order in which records arrive.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

import networkx as nx
import numpy as np
from numpy.typing import NDArray

Node = TypeVar("Node", bound=Hashable)
Floats = NDArray[np.float64]

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


STANDARD: Final = Spacing()


class Point(NamedTuple):
    """A place in the picture, in the pixels of zoom 1."""

    x: float
    """To the right [px]."""
    y: float
    """Downwards [px]."""


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
        One point per node; no two nodes closer than one row or one column. Members of a ring
        share a layer. Nodes without any edge stand in a block below the rest.
    """
    return _positions(tuple(sorted(graph)), tuple(sorted(graph.edges)), spacing)


@lru_cache(maxsize=64)
def _positions(
    nodes: tuple[str, ...], edges: tuple[tuple[str, str], ...], spacing: Spacing
) -> Mapping[str, Point]:
    """Compute `layered_positions` once per graph."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from((a, b) for a, b in edges if a != b)
    linked = [node for node in nodes if graph.degree(node)]
    alone = [node for node in nodes if not graph.degree(node)]
    layers = _ordered_layers(graph.subgraph(linked))
    max_rows = spacing.max_rows or _pleasant_rows(layers, len(linked), spacing)
    points = _placed(graph, layers, spacing, max_rows)
    bottom = max((point.y for point in points.values()), default=0.0)
    points.update(_block(alone, bottom + 1.5 * spacing.row if points else 0.0, spacing))
    return points


def beside(
    graph: nx.DiGraph[str],
    standing: Mapping[str, Point],
    added: Sequence[str],
    spacing: Spacing = STANDARD,
) -> Mapping[str, Point]:
    """Places of things that come into a picture in which nothing may move.

    Parameters
    ----------
    graph : networkx.DiGraph
        Everything, with edges from consumer to provider.
    standing : mapping of str to Point
        Places that are taken.
    added : sequence of str
        What comes in; each goes one column right of what it is needed by, or one column left of
        what it needs, to the nearest free row.
    spacing : Spacing
        Room for one node.
    """
    points = dict(standing)
    taken = {_cell(point, spacing) for point in points.values()}
    waiting = list(added)
    while waiting:
        near = next(
            (n for n in waiting if any(o in points for o in nx.all_neighbors(graph, n))), None
        )
        node = waiting[0] if near is None else near
        waiting.remove(node)
        column, row = _wanted_cell(graph, node, points, spacing)
        step = 0
        while (column, row + step) in taken or (column, row + step + 1) in taken:
            # 0, 1, -1, 2, -2, ...: the nearest free row, below first.
            step = -step if step > 0 else 1 - step
        taken.add((column, row + step))
        points[node] = Point(column * spacing.column, round((row + step) * spacing.row, 1))
    return points


def _cell(point: Point, spacing: Spacing) -> tuple[int, int]:
    """Column and row that a point blocks; it may reach into the row below."""
    return round(point.x / spacing.column), math.floor(point.y / spacing.row)


def _wanted_cell(
    graph: nx.DiGraph[str], node: str, points: Mapping[str, Point], spacing: Spacing
) -> tuple[int, int]:
    """Column and row where a thing would stand best."""
    consumers = [points[other] for other in sorted(graph.predecessors(node)) if other in points]
    providers = [points[other] for other in sorted(graph.successors(node)) if other in points]
    if consumers:
        column = max(round(point.x / spacing.column) for point in consumers) + 1
    elif providers:
        column = min(round(point.x / spacing.column) for point in providers) - 1
    else:
        column = 0
    near = consumers or providers
    height = sum(point.y for point in near) / len(near) if near else 0.0
    return column, round(height / spacing.row)


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


def _placed(
    graph: nx.DiGraph[str],
    layers: Sequence[Sequence[str]],
    spacing: Spacing,
    max_rows: int,
) -> dict[str, Point]:
    """Give every layer its columns and every row its height."""
    height: dict[str, float] = {}
    rows: list[list[list[str]]] = []
    for layer in layers:
        columns = math.ceil(len(layer) / max_rows)
        rows.append([list(layer[i : i + columns]) for i in range(0, len(layer), columns)])
        middle = (len(rows[-1]) - 1) / 2
        height.update((n, i - middle) for i, row in enumerate(rows[-1]) for n in row)
    for sweep in range(HEIGHT_SWEEPS):
        for layer_rows in rows if sweep % 2 == 0 else reversed(rows):
            wanted = [_wanted_height(graph, row, height) for row in layer_rows]
            for row, level in zip(layer_rows, _spread(np.array(wanted)), strict=True):
                height.update((node, float(level)) for node in row)
    points: dict[str, Point] = {}
    left = 0.0
    for layer_rows in rows:
        for row in layer_rows:
            for column, node in enumerate(row):
                points[node] = Point(
                    left + column * spacing.column, round(height[node] * spacing.row, 1)
                )
        left += max(map(len, layer_rows)) * spacing.column
    return points


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


def _spread(wanted: Floats) -> Floats:
    """Heights nearest to those wanted (least squares) that rise by at least one row each.

    Subtracting the least distance turns it into isotonic regression: pool adjacent violators.
    """
    means: list[float] = []
    sizes: list[int] = []
    for target in wanted - np.arange(len(wanted)):
        means.append(float(target))
        sizes.append(1)
        while len(means) > 1 and means[-2] > means[-1]:
            size = sizes.pop()
            mean = means.pop()
            means[-1] = (means[-1] * sizes[-1] + mean * size) / (sizes[-1] + size)
            sizes[-1] += size
    return np.repeat(np.array(means), sizes) + np.arange(len(wanted))


def _block(nodes: Sequence[str], top: float, spacing: Spacing) -> dict[str, Point]:
    """Nodes without edges, row by row below the rest."""
    width = max(4, math.ceil(math.sqrt(len(nodes) / 3)))
    return {
        node: Point((i % width) * spacing.column, top + (i // width) * spacing.row)
        for i, node in enumerate(nodes)
    }
