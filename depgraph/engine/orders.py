"""Orders of components for decision diagrams.

No order is best for all structures; `exact` tries them in turn under a growing budget.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from depgraph.engine.gates import GateGraph

Key = Callable[[int], float | tuple[float, ...]]

PORTFOLIO = ("small_first", "large_first", "shared_first", "depth_first", "force")
"""Orders in the sequence in which they are tried; the first won 40 of 41 published trees."""


class Part:
    """The piece of a gate graph between a root and its leaves (variables and inner modules)."""

    def __init__(self, graph: GateGraph, root: int, leaves: set[int]) -> None:
        self.graph = graph
        self.root = root
        self.nodes = graph.below(root, leaves)
        self._leaves = leaves
        self.leaf_nodes = [node for node in self.nodes if self.is_leaf(node)]

    def is_leaf(self, node: int) -> bool:
        """Whether a node stands as one variable in this part."""
        return (node != self.root and node in self._leaves) or not self.graph.arguments[node]

    def users(self) -> dict[int, int]:
        """How many gates use each node; the root counts as used once more."""
        users: dict[int, int] = dict.fromkeys(self.nodes, 0)
        users[self.root] = 1
        for node in self.nodes:
            for argument in self.arguments(node):
                users[argument] += 1
        return users

    def arguments(self, node: int) -> tuple[int, ...]:
        """Arguments inside the part."""
        return () if self.is_leaf(node) else self.graph.arguments[node]


def ordered(part: Part, order: str) -> list[int]:
    """Leaves of a part, first to test first.

    Parameters
    ----------
    part : Part
        What the diagram is built for.
    order : str
        One of `PORTFOLIO`.
    """
    if order == "depth_first":
        return _depth_first(part, None)
    weight: dict[int, float] = {}
    users: dict[int, int] = dict.fromkeys(part.nodes, 0)
    for node in part.nodes:
        arguments = part.arguments(node)
        weight[node] = sum(weight[a] for a in arguments) if arguments else 1.0
        for argument in arguments:
            users[argument] += 1
    if order == "force":
        return _force(part, _depth_first(part, weight.__getitem__))
    keys: dict[str, Key] = {
        "small_first": weight.__getitem__,
        "large_first": lambda node: -weight[node],
        "shared_first": lambda node: (-users[node], weight[node]),
    }
    return _depth_first(part, keys[order])


def _depth_first(part: Part, key: Key | None) -> list[int]:
    """Leaves in the sequence of a depth-first walk, arguments sorted by `key`."""
    seen: set[int] = set()
    order: list[int] = []
    stack = [part.root]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        arguments = part.arguments(node)
        if not arguments:
            order.append(node)
            continue
        stack.extend(reversed(sorted(arguments, key=key) if key else arguments))
    return order


def _force(part: Part, start: list[int], rounds: int = 200, patience: int = 8) -> list[int]:
    """Order by centres of gravity (F. Aloul, I. Markov, K. Sakallah, FORCE, 2003).

    Each gate with its arguments pulls them together; the order with the least total span wins.
    """
    index = {node: place for place, node in enumerate(part.nodes)}
    gates = [node for node in part.nodes if part.arguments(node)]
    pins = [(edge, index[x]) for edge, g in enumerate(gates) for x in (g, *part.arguments(g))]
    edge_of, node_of = np.array(pins, dtype=np.int64).reshape(-1, 2).T
    sizes = np.bincount(edge_of, minlength=len(gates))
    degrees = np.maximum(np.bincount(node_of, minlength=len(index)), 1)
    place = {leaf: float(position) for position, leaf in enumerate(start)}
    for node in gates:
        place[node] = float(np.mean([place[a] for a in part.arguments(node)]))
    position = _ranks(np.array([place[node] for node in part.nodes]))
    best, best_span, stalled = position, np.inf, 0
    for _ in range(rounds):
        low = np.full(len(gates), np.inf)
        high = np.full(len(gates), -np.inf)
        np.minimum.at(low, edge_of, position[node_of])
        np.maximum.at(high, edge_of, position[node_of])
        span = float((high - low).sum())
        stalled = 0 if span < best_span else stalled + 1
        if span < best_span:
            best, best_span = position, span
        if stalled > patience:
            break
        centre = np.bincount(edge_of, position[node_of], minlength=len(gates)) / sizes
        position = _ranks(np.bincount(node_of, centre[edge_of], minlength=len(index)) / degrees)
    return sorted(start, key=lambda leaf: best[index[leaf]])


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0, ties in place."""
    return np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(float)
