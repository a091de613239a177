"""Mutual dependencies as greatest fixed points (rule A6).

A ring of healthy components is up. For monotone conditions the greatest fixed point is reached
from "all up" by putting the conditions into themselves; it is enough to do so as often as there
are services in a set that cuts every ring.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, pairwise

import networkx as nx
import numpy as np
from numba import njit

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
    ends = np.cumsum([0, *map(len, requires.values())])
    named = chain.from_iterable(requires.values())
    providers = np.fromiter(map(place.__getitem__, named), np.int64, ends[-1])
    services = list(requires)
    order, stops = _components(ends, providers)
    numbers = order.tolist()
    if len(stops) == len(services):
        return [[services[number]] for number in numbers]
    groups = (sorted(numbers[first:last]) for first, last in pairwise([0, *stops.tolist()]))
    return [[services[number] for number in group] for group in groups]


@njit(cache=True)
def _components(offsets, providers):  # type: ignore[no-untyped-def]  # numba infers types
    """Tarjan's strongly connected components: nodes group by group, and where each ends.

    A group is complete when all that it leads to is: providers come first. SciPy's does the same,
    but takes 0.1 ms even for ten services.
    """
    count = offsets.shape[0] - 1
    at = offsets[:count].copy()
    entered = np.zeros(count, np.int64)
    lowest = np.zeros(count, np.int64)
    order = np.empty(count, np.int64)
    stops = np.empty(count, np.int64)
    # Nodes in progress by how they were reached, and nodes whose group is not complete.
    path = np.empty(count, np.int64)
    opened = np.empty(count, np.int64)
    clock = done = groups = depth = waiting = 0
    complete = count + 1
    for start in range(count):
        if entered[start]:
            continue
        path[0], depth = start, 1
        while depth:
            node = path[depth - 1]
            if not entered[node]:
                clock += 1
                entered[node] = lowest[node] = clock
                opened[waiting] = node
                waiting += 1
            if at[node] < offsets[node + 1]:
                provider = providers[at[node]]
                if entered[provider]:
                    lowest[node] = min(lowest[node], lowest[provider])
                    at[node] += 1
                else:
                    path[depth] = provider
                    depth += 1
                continue
            depth -= 1
            if lowest[node] < entered[node]:
                continue
            while lowest[node] < complete:
                waiting -= 1
                order[done] = opened[waiting]
                lowest[opened[waiting]] = complete
                done += 1
            stops[groups] = done
            groups += 1
    return order, stops[:groups]


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
