"""Places for things that come into a picture in which nothing may move."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import networkx as nx

from ui.layout import STANDARD, Point, Spacing


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
    taken = {cell for point in points.values() for cell in _cells(point, spacing)}
    waiting = list(added)
    while waiting:
        near = next(
            (n for n in waiting if any(o in points for o in nx.all_neighbors(graph, n))), None
        )
        node = waiting[0] if near is None else near
        waiting.remove(node)
        column, row = _wanted_cell(graph, node, points, spacing)
        step = 0
        while (column, row + step) in taken:
            # 0, 1, -1, 2, -2, ...: the nearest free row, below first.
            step = -step if step > 0 else 1 - step
        taken.add((column, row + step))
        points[node] = Point(column * spacing.column, round((row + step) * spacing.row, 1))
    return points


def _cells(point: Point, spacing: Spacing) -> set[tuple[int, int]]:
    """Column and rows that a point blocks; one that stands between two rows blocks both."""
    column, row = round(point.x / spacing.column), round(point.y / spacing.row, 3)
    return {(column, math.floor(row)), (column, math.ceil(row))}


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
