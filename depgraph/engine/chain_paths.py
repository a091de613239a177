"""Paths from us to a supplier's supplier: the shortest listed, all of them counted (rule D1)."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush
from typing import NamedTuple

import networkx as nx

_MOST_STEPS = 300_000
"""Steps inside rings."""
_MOST_TRIED = 20_000
"""Beginnings of paths to one party that are tried before the list ends."""


class PathCount(NamedTuple):
    """How many simple paths there are."""

    paths: int
    """Number of paths; at least that many when it is not exact."""
    exact: bool
    """Whether it is the number."""


def ranks(graph: nx.DiGraph[str], root: str) -> Mapping[str, int]:
    """Fewest links from the root to everything it leads to; 0 for the root itself."""
    return dict(nx.single_source_shortest_path_length(graph, root))


def shortest_paths_first(
    graph: nx.DiGraph[str],
    root: str,
    end: str,
    limit: int,
    rank: Mapping[str, int] | None = None,
) -> tuple[tuple[str, ...], ...]:
    """Simple paths from a root to an end, the shortest first, at most `limit`.

    Parameters
    ----------
    graph : networkx.DiGraph
        Customer to supplier.
    root, end : node
        Where paths begin and end.
    limit : int
        Most paths to list.
    rank : mapping, optional
        From `ranks`, when it is known already.
    """
    rank = rank if rank is not None else ranks(graph, root)
    if end not in rank or end == root:
        return ()
    # Built from the end backwards: the rank is then exactly what is left to go at best.
    # Among equals the one nearest to the root goes first, so that it is finished.
    waiting: list[tuple[int, int, tuple[str, ...]]] = [(rank[end], -1, (end,))]
    found: list[tuple[str, ...]] = []
    number = 0
    while waiting and len(found) < limit and number < _MOST_TRIED:
        _, _, path = heappop(waiting)
        if path[0] == root:
            found.append(path)
            continue
        for customer in graph.predecessors(path[0]):
            if customer in rank and customer not in path:
                number += 1
                heappush(waiting, (len(path) + rank[customer], -len(path) - 1, (customer, *path)))
    return tuple(found)


class PathCounter:
    """Counts simple paths from one root to everything it leads to.

    A simple path passes each ring (strongly connected component) in one stretch, so that paths
    multiply along the rings: only inside a ring are they walked one by one.

    Parameters
    ----------
    graph : networkx.DiGraph
        Customer to supplier.
    root : node
        Where paths begin.
    most_steps : int
        Steps inside rings after which no more are walked; counts from there on are lower bounds.
    """

    def __init__(self, graph: nx.DiGraph[str], root: str, most_steps: int = _MOST_STEPS) -> None:
        self._graph = graph
        self._root = root
        self._steps_left = most_steps
        reached = {root, *nx.descendants(graph, root)}
        inside: nx.DiGraph[str] = nx.DiGraph(graph.subgraph(reached))
        # No simple path comes back to where it began.
        inside.remove_edges_from([(a, root) for a in inside.predecessors(root)])
        self._inside = inside
        # Suppliers come before customers in networkx's order of rings.
        self._rings = [frozenset(ring) for ring in nx.strongly_connected_components(inside)]
        self._ring = {node: ring for ring in self._rings for node in ring}
        self._counts: dict[str, PathCount] = {}
        self._count_all()

    def count(self, end: str) -> PathCount:
        """Number of simple paths from the root to a node."""
        return self._counts.get(end, PathCount(0, exact=True))

    def _count_all(self) -> None:
        """Customers before suppliers: each ring from the ways into it."""
        for ring in reversed(self._rings):
            entries = {node: self._entering(node) for node in ring}
            totals = dict.fromkeys(ring, 0)
            exact = True
            for entry, found in entries.items():
                if not found.paths:
                    continue
                walks, complete = self._walks(entry, ring)
                exact &= found.exact and complete
                for node in ring:
                    totals[node] += found.paths * walks[node]
            self._counts.update({n: PathCount(total, exact) for n, total in totals.items()})

    def _entering(self, node: str) -> PathCount:
        """Paths that reach a node from outside its ring."""
        if node == self._root:
            return PathCount(1, exact=True)
        outside = [
            self._counts[customer]
            for customer in self._inside.predecessors(node)
            if self._ring[customer] is not self._ring[node]
        ]
        return PathCount(sum(f.paths for f in outside), all(f.exact for f in outside))

    def _walks(self, entry: str, ring: frozenset[str]) -> tuple[dict[str, int], bool]:
        """Simple paths inside a ring from one entry to each node, and whether all were walked."""
        # In a ring something leads everywhere, so that one is a lower bound in any case.
        counts = dict.fromkeys(ring, 0)
        counts[entry] = 1
        path = [entry]
        on_path = {entry}
        branches = [iter(self._inside.successors(entry))]
        while branches:
            supplier = next(branches[-1], None)
            if supplier is None:
                branches.pop()
                on_path.discard(path.pop())
            elif supplier in ring and supplier not in on_path:
                if self._steps_left <= 0:
                    return {node: max(1, count) for node, count in counts.items()}, False
                self._steps_left -= 1
                counts[supplier] += 1
                path.append(supplier)
                on_path.add(supplier)
                branches.append(iter(self._inside.successors(supplier)))
        return counts, True
