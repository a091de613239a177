"""How many hands away a thing is: 0 for our own, 1 for direct suppliers, and so on (rule D1)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

import networkx as nx

from depgraph.engine.graph import Node
from depgraph.model.estate import Estate


def ranks(estate: Estate, graph: nx.DiGraph[Node]) -> Mapping[Node, int]:
    """Fewest changes of hands between our own services and each thing.

    Parameters
    ----------
    estate : Estate
        Says which organizations are our own; without any, services that nobody needs start.
    graph : networkx.DiGraph
        Edges from consumer to provider, from `class_graph`.

    Returns
    -------
    mapping of Node to int
        Things that cannot be reached from our own services are absent. Places and organizations
        have the rank of the nearest service that needs them.
    """
    own = estate.own_organizations
    provider = {Node("service", s.id): s.provider for s in estate.services}
    starts = [n for n, p in provider.items() if p in own] if own else []
    if not starts:
        starts = [
            n for n in provider if not any(a.kind == "service" for a in graph.predecessors(n))
        ]
    rank = dict.fromkeys(starts, 0)
    queue = deque(starts)
    while queue:
        here = queue.popleft()
        for node in graph.successors(here):
            changes = node.kind == "service" and provider[node] != provider.get(here)
            found = rank[here] + int(changes)
            if node not in rank or found < rank[node]:
                rank[node] = found
                # Steps of cost 0 go to the front: nearest hands first.
                queue.append(node) if changes else queue.appendleft(node)
    return rank
