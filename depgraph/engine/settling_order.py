"""In which order contracts and periods are settled: suppliers first, and the past first (P5, P6).

Entries of one contract and one period form a node. A node waits for the nodes of the agreements
behind it, and for earlier ones of its own contract, whose credits its caps look back on. A recovery
is spread by what is owed: where caps of a contract that shares in it look back, what came before
has to be settled first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

import networkx as nx

from depgraph.engine.caps import look_back_limit
from depgraph.engine.entries import Entry

ContractPeriod = tuple[str, str]
"""A contract and a period's label."""


class SettlingOrder:
    """Order of all nodes of an estate.

    Parameters
    ----------
    nodes : mapping of (str, str) to list of Entry
        Entries by contract and period; periods of one contract in order of time.
    users : mapping of int to list of Entry
        Entries that each entry stands behind, by its Python identity.

    Attributes
    ----------
    known_before : dict of int to int
        Month, counted from year 0, before which all periods of the contracts that share what an
        entry pays are settled by then; by the entry's Python identity. Entries of which no sharing
        contract has a cap that looks back are left out; all, where the past would hang on itself.
    """

    def __init__(
        self, nodes: Mapping[ContractPeriod, list[Entry]], users: Mapping[int, list[Entry]]
    ) -> None:
        self._nodes = nodes
        self._users = users
        self._periods: dict[str, list[ContractPeriod]] = {}
        for node in nodes:
            self._periods.setdefault(node[0], []).append(node)
        self._graph = self._suppliers_first()
        self._parts = nx.condensation(self._graph)
        self.known_before: dict[int, int] = {}
        self._look_back()

    def steps(self) -> Iterator[tuple[Sequence[ContractPeriod], bool]]:
        """Nodes that are settled together, in their order; and whether they form a ring."""
        place = {node: number for number, node in enumerate(self._nodes)}
        for part in nx.topological_sort(self._parts):
            ring = sorted(self._parts.nodes[part].get("members", ()), key=place.__getitem__)
            if ring:
                yield ring, len(ring) > 1 or self._graph.has_edge(ring[0], ring[0])

    def _suppliers_first(self) -> nx.DiGraph[ContractPeriod]:
        """Edges from what has to be known to what needs it."""
        graph: nx.DiGraph[ContractPeriod] = nx.DiGraph()
        graph.add_nodes_from(self._nodes)
        for periods in self._periods.values():
            nx.add_path(graph, periods)
        for node, members in self._nodes.items():
            for entry in members:
                for _, held in entry.held:
                    graph.add_edge(_node(held), node)
        return graph

    def _look_back(self) -> None:
        """Let what is shared wait for the past of those who share it."""
        closing = {
            contract: [self._nodes[node][0].period.closing_month for node in periods]
            for contract, periods in self._periods.items()
        }
        part_of: Mapping[ContractPeriod, int] = self._parts.graph["mapping"]
        for held in (entry for members in self._nodes.values() for entry in members):
            above = self._users.get(id(held), ())
            capped = {u.contract.id for u in above if look_back_limit(u) is not None}
            if len(above) < 2 or not capped:  # noqa: PLR2004 - one alone shares with nobody
                continue
            month = min(user.period.closing_month for user in above)
            past = [
                self._periods[contract][last - 1]
                for contract in capped
                if (last := bisect_left(closing[contract], month))
            ]
            waiting = {part_of[_node(user)] for user in above}
            if waiting.isdisjoint(part_of[node] for node in past):
                # A node without members between both, so that edges do not multiply.
                between = -1 - len(self.known_before)
                self.known_before[id(held)] = month
                self._parts.add_edges_from((part_of[node], between) for node in past)
                self._parts.add_edges_from((between, part) for part in waiting)
        if self.known_before and not nx.is_directed_acyclic_graph(self._parts):
            self._parts = nx.condensation(self._graph)
            self.known_before = {}


def _node(entry: Entry) -> ContractPeriod:
    return entry.contract.id, entry.period.label
