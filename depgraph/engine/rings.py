"""Mutual dependencies as greatest fixed points (rule A6).

A ring of healthy components is up. For monotone conditions the greatest fixed point is reached
from "all up" by putting the conditions into themselves; it is enough to do so as often as there
are services in a set that cuts every ring.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

Conditions = Callable[[str, Mapping[str, int]], int]
"""Build the gate of one service from the gates of the services it requires."""


def strongly_connected(requires: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Services in groups that all require one another, providers before consumers (rule A6).

    Parameters
    ----------
    requires : mapping
        Services that each one requires; every one of them is a key.

    Returns
    -------
    list of list of str
        Groups, each in the order of `requires`; a service in no ring is a group of its own.
    """
    place = {service: number for number, service in enumerate(requires)}
    size = len(place)
    lengths = np.fromiter(map(len, requires.values()), np.int64, size)
    named = chain.from_iterable(requires.values())
    providers = np.fromiter(map(place.__getitem__, named), np.int64, lengths.sum())
    # Each edge once and in order: a repeated one leads the search below astray.
    first = np.arange(size + 1) * size
    edges = np.unique(np.repeat(first[:-1], lengths) + providers)
    offsets = np.searchsorted(edges, first)
    graph = csr_array((np.ones(len(edges)), edges % size, offsets), shape=(size, size))
    # Tarjan's way numbers a group when all that it leads to is numbered: providers come first.
    count, group = connected_components(graph, directed=True, connection="strong")
    groups: list[list[str]] = [[] for _ in range(count)]
    for service, number in zip(requires, group.tolist(), strict=True):
        groups[number].append(service)
    return groups


def ring_nodes(
    ring: Sequence[str],
    requires: Mapping[str, Sequence[str]],
    condition: Conditions,
    always_up: int,
) -> dict[str, int]:
    """Gate of every service of one strongly connected component.

    Parameters
    ----------
    ring : sequence of str
        Services of the component.
    requires : mapping
        Services that each one requires.
    condition : callable
        Gate of a service, given the gates of what it requires inside the ring.
    always_up : int
        Node that is always up, the start of the iteration.

    Returns
    -------
    dict of str to int
        Greatest fixed point, by service.
    """
    inside = set(ring)
    needs = {service: [s for s in requires[service] if s in inside] for service in ring}
    cutting = _cutting_set(ring, needs)
    acyclic: nx.DiGraph[str] = nx.DiGraph()
    acyclic.add_nodes_from(ring)
    acyclic.add_edges_from((p, c) for c in ring for p in needs[c] if p not in cutting)
    order = list(nx.lexicographical_topological_sort(acyclic))
    assumed = dict.fromkeys(cutting, always_up)
    for _ in range(len(cutting)):
        nodes = _one_pass(order, needs, assumed, condition)
        fresh = {service: nodes[service] for service in cutting}
        if fresh == assumed:
            break
        assumed = fresh
    return _one_pass(order, needs, assumed, condition)


def _one_pass(
    order: Sequence[str],
    needs: Mapping[str, Sequence[str]],
    assumed: Mapping[str, int],
    condition: Conditions,
) -> dict[str, int]:
    """Gates of all services, where those of the cutting set are as assumed when required."""
    nodes: dict[str, int] = {}
    for service in order:
        required = {p: assumed[p] if p in assumed else nodes[p] for p in needs[service]}
        nodes[service] = condition(service, required)
    return nodes


def _cutting_set(ring: Sequence[str], needs: Mapping[str, Sequence[str]]) -> set[str]:
    """Services whose removal leaves no ring: the targets of backward edges of one walk."""
    state: dict[str, int] = {}
    cutting: set[str] = set()
    for start in ring:
        if start in state:
            continue
        stack = [(start, iter(needs[start]))]
        state[start] = 1
        while stack:
            service, rest = stack[-1]
            for provider in rest:
                if provider not in state:
                    state[provider] = 1
                    stack.append((provider, iter(needs[provider])))
                    break
                if state[provider] == 1:
                    cutting.add(provider)
            else:
                state[service] = 2
                stack.pop()
    return cutting
