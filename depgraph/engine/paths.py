"""How one thing rests on another: ways between two things, and what lies around one.

A way runs from consumer to provider. Ways come in order, the shortest or the most fragile first,
by best-first search: what is still missing to the end is bounded from below, exactly so where no
ring lies between, and the first way that comes out is therefore the best one.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal, NamedTuple

import networkx as nx

from depgraph.engine.figures import Figures
from depgraph.engine.graph import Node
from depgraph.engine.structure import ComponentKey
from depgraph.record import Record

EdgeClass = Literal["hard", "redundant", "soft", "place", "organization"]
"""What an edge says: must be up, one of a group, degrades only, lies in, provided or run by."""
EDGE_CLASSES: tuple[EdgeClass, ...] = ("hard", "redundant", "soft", "place", "organization")
PathOrder = Literal["shortest", "fragile"]
Direction = Literal["both", "needs", "needed_by"]
_STEPS = 200_000
_NEVER_UP = math.log(1e-300)
"""Logarithm that stands for availability 0: less than that of any other figure, and finite."""
_Entry = tuple[float, int, int, float, tuple[Node, ...]]


class Path(Record):
    """One way from a consumer to something it needs."""

    nodes: tuple[Node, ...]
    """From the consumer to the provider, both included."""
    availability_low: float
    """Probability that everything on the way works, things without a figure taken as down [1]."""
    availability_high: float
    """The same with things without a figure taken as up [1]; equal where all are known (A5)."""
    unavailability_low: float
    """One minus `availability_high`, with all its digits [1]."""
    unavailability_high: float
    """One minus `availability_low`, with all its digits [1]."""
    unknown: tuple[Node, ...]
    """Things on the way without a figure (rule A5)."""


class PathAnswer(Record):
    """Ways between two things, best first."""

    paths: tuple[Path, ...]
    """The ways."""
    complete: bool
    """Whether there are no others; False too when the search among very many rings gave up.
    What is listed is in true order either way."""


class Neighbourhood(NamedTuple):
    """What lies around one thing."""

    nodes: frozenset[Node]
    """The thing and what lies around it."""
    left_out: int
    """Neighbours that were not followed because there were too many."""


@dataclass(frozen=True)
class OwnFigures:
    """Own unavailability of each thing, low and high [1]; (0, 1) where it is unknown."""

    down: Mapping[Node, tuple[float, float]]
    """What can fail by itself; anything else counts as always up."""

    def of(self, node: Node) -> tuple[float, float]:
        """Least and largest unavailability of a thing [1]."""
        return self.down.get(node, (0.0, 0.0))


def own_figures(figures: Figures) -> OwnFigures:
    """Own figures by node, common causes included (rules A4, A5, A13)."""
    return OwnFigures(
        {
            Node(key.kind, key.id): (high.down, low.down)
            for key, (low, high) in figures.own.items()
            if isinstance(key, ComponentKey) and key.kind != "common_cause"
        }
    )


def edge_class(attributes: Mapping[str, Any]) -> EdgeClass:
    """What an edge of `dependency_graph` says."""
    kind = attributes["kind"]
    if kind in {"located_in", "within"}:
        return "place"
    if kind != "depends_on":
        return "organization"
    if attributes["soft"] is not None:
        return "soft"
    return "hard" if attributes["group"] is None else "redundant"


def class_graph(
    graph: nx.MultiDiGraph[Node], classes: Collection[EdgeClass] = EDGE_CLASSES
) -> nx.DiGraph[Node]:
    """Edges of some classes, parallel ones joined; all nodes stay.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        From `dependency_graph`.
    classes : collection of EdgeClass
        What to keep. Each edge of the answer has ``classes``, a frozenset of those it stands for.
    """
    kept: nx.DiGraph[Node] = nx.DiGraph()
    kept.add_nodes_from(graph)
    for start, end, attributes in graph.edges(data=True):
        found = edge_class(attributes)
        if found in classes:
            before = kept.edges[start, end]["classes"] if kept.has_edge(start, end) else frozenset()
            kept.add_edge(start, end, classes=before | {found})
    return kept


def paths_by(
    graph: nx.DiGraph[Node],
    ends: tuple[Node, Node],
    figures: OwnFigures,
    order: PathOrder = "shortest",
    limit: int = 20,
) -> PathAnswer:
    """Simple ways between two things, best first.

    Parameters
    ----------
    graph : networkx.DiGraph
        From `class_graph` or `failure_graph`.
    ends : (Node, Node)
        The consumer, and what it needs in the end.
    figures : OwnFigures
        Own figures of the things on the way.
    order : PathOrder
        ``shortest`` counts steps; ``fragile`` puts the lowest availability first, by its upper
        end where a figure is unknown, and the shorter way first where two are equal.
    limit : int
        Most ways to list.

    Notes
    -----
    Each thing on a way is one variable (rule A3), so the availability of a way is a product. Where
    one common cause strikes two things on the same way, the true figure is higher (rule A13).
    """
    start, end = ends
    if start == end or start not in graph or end not in graph:
        return PathAnswer(paths=(), complete=True)
    between = _between(graph, start, end)

    def weight(node: Node) -> float:
        """What a node adds to a way; less is better."""
        if order == "shortest":
            return 1.0
        down = figures.of(node)[0]
        return math.log1p(-down) if down < 1.0 else _NEVER_UP

    search = _BestFirst(between, weight, _bounds(between, end, weight))
    found: list[Path] = []
    for way in search.ways(start, end):
        if len(found) == limit:
            return PathAnswer(paths=tuple(found), complete=False)
        found.append(_path(way, figures))
    return PathAnswer(paths=tuple(found), complete=search.finished)


def _between(graph: nx.DiGraph[Node], start: Node, end: Node) -> nx.DiGraph[Node]:
    """What lies on some walk from start to end; edges into start and out of end are no use."""
    reached = {start, *nx.descendants(graph, start)} & {end, *nx.ancestors(graph, end)}
    inside: nx.DiGraph[Node] = nx.DiGraph()
    inside.add_nodes_from(sorted(reached))
    inside.add_edges_from(
        (a, b)
        for a in sorted(reached)
        for b in sorted(graph.successors(a))
        if b in reached and b != start and a != end
    )
    return inside


def _bounds(
    graph: nx.DiGraph[Node], end: Node, weight: Callable[[Node], float]
) -> Mapping[Node, float]:
    """Least that a way from each node to the end can still add; exact outside rings.

    Within a ring every member that helps is counted as if the way could visit it for nothing.
    """
    whole: nx.DiGraph[int] = nx.condensation(graph)
    members = {c: whole.nodes[c]["members"] for c in whole}
    component = whole.graph["mapping"]
    if end not in component:
        return {}
    rest: dict[int, float] = {}
    for c in reversed(list(nx.topological_sort(whole))):
        ahead = [rest[s] + _least(members[s], weight) for s in whole.successors(c) if s in rest]
        if c == component[end]:
            rest[c] = 0.0
        elif ahead:
            rest[c] = min(ahead)
    bound: dict[Node, float] = {}
    for c, value in rest.items():
        for node in members[c]:
            helped = sum(min(0.0, weight(other)) for other in members[c] if other != node)
            bound[node] = value + (helped if len(members[c]) > 1 else 0.0)
    return bound


def _least(members: Collection[Node], weight: Callable[[Node], float]) -> float:
    """Least that passing through one component adds."""
    helping = sum(min(0.0, weight(node)) for node in members)
    return helping if helping < 0.0 else min(weight(node) for node in members)


class _BestFirst:
    """Ways in order of their weight."""

    def __init__(
        self,
        graph: nx.DiGraph[Node],
        weight: Callable[[Node], float],
        bound: Mapping[Node, float],
    ) -> None:
        self.graph, self.weight, self.bound = graph, weight, bound
        self.finished = True

    def ways(self, start: Node, end: Node) -> Iterator[tuple[Node, ...]]:
        """All simple ways, the best first; `finished` is False when the search gave up."""
        if start not in self.bound:
            return
        number = count()
        first = self.weight(start)
        heap: list[_Entry] = [(first + self.bound[start], 1, next(number), first, (start,))]
        steps = 0
        while heap:
            _, _, _, spent, way = heapq.heappop(heap)
            if way[-1] == end:
                yield way
                continue
            steps += 1
            if steps > _STEPS:
                self.finished = False
                return
            for node in self.graph.successors(way[-1]):
                if node in self.bound and node not in way:
                    total = spent + self.weight(node)
                    key = total + self.bound[node]
                    heapq.heappush(heap, (key, len(way) + 1, next(number), total, (*way, node)))


def _path(way: tuple[Node, ...], figures: OwnFigures) -> Path:
    """Figures of one way."""
    low = high = 1.0
    lost_low = lost_high = 0.0
    for node in way:
        least, most = figures.of(node)
        low *= 1.0 - most
        high *= 1.0 - least
        # Added, not subtracted from 1: what is lost may be smaller than its last digit.
        lost_low += least * (1.0 - lost_low)
        lost_high += most * (1.0 - lost_high)
    return Path(
        nodes=way,
        availability_low=low,
        availability_high=high,
        unavailability_low=lost_low,
        unavailability_high=lost_high,
        unknown=tuple(node for node in way if figures.of(node)[0] != figures.of(node)[1]),
    )


def neighbourhood(
    graph: nx.DiGraph[Node],
    node: Node,
    depth: int = 1,
    direction: Direction = "both",
    most: int | None = None,
) -> Neighbourhood:
    """What lies within some steps of a thing.

    Parameters
    ----------
    graph : networkx.DiGraph
        Edges from consumer to provider.
    node : Node
        The thing.
    depth : int
        Steps.
    direction : Direction
        What it needs, what needs it, or both ways at every step.
    most : int, optional
        Most neighbours of any one thing to follow, those with the most edges first: things that
        everybody needs would draw the whole estate in.
    """
    if node not in graph:
        return Neighbourhood(frozenset(), 0)
    seen = {node}
    layer = [node]
    left_out = 0
    for _ in range(depth):
        following: list[Node] = []
        for here in layer:
            near = {n for n in _neighbours(graph, here, direction) if n not in seen}
            ranked = sorted(near, key=lambda n: (-graph.degree(n), n))
            kept = ranked if most is None else ranked[:most]
            left_out += len(ranked) - len(kept)
            seen.update(kept)
            following += kept
        layer = following
    return Neighbourhood(frozenset(seen), left_out)


def _neighbours(graph: nx.DiGraph[Node], node: Node, direction: Direction) -> Iterator[Node]:
    if direction != "needed_by":
        yield from graph.successors(node)
    if direction != "needs":
        yield from graph.predecessors(node)
