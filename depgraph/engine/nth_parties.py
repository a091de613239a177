"""Suppliers of suppliers by rank, with every path and how each is known (rule D1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise
from typing import Literal

import networkx as nx

from depgraph.engine.chain_paths import PathCounter, ranks, shortest_paths_first
from depgraph.engine.committed import services_covered
from depgraph.engine.supply_chain import US, Link, SupplyChain, needs_of, ultimate_owner
from depgraph.model.estate import Estate
from depgraph.record import Record

PATHS_LISTED = 20
"""Paths listed of each party when nothing else is asked; all are counted."""


class Evidence(Record):
    """One thing on record that shows a party."""

    kind: Literal["contract", "service", "location", "function", "incident", "import"]
    """What it is."""
    id: str
    """Its id; for an import the source."""
    note: str = ""
    """What it shows, where the id does not say it."""


class ChainPath(Record):
    """One way in which we come to rest on a party."""

    organizations: tuple[str, ...]
    """From our direct supplier to the party."""
    links: tuple[tuple[Link, ...], ...]
    """How each step is known, ours to the direct supplier first."""


class NthParty(Record):
    """An organization that we rest on."""

    organization: str
    """The organization."""
    name: str
    """Its name."""
    country: str | None
    """Country of registration, ISO 3166-1 alpha-2."""
    ultimate_owner: str
    """The top of its chain of owners; itself when nobody owns it."""
    rank: int
    """Fewest links from us: 1 for a direct supplier."""
    disclosed: bool
    """Whether a contract on record names it as a supplier in our chain; otherwise it was found."""
    paths_count: int
    """Number of ways through organizations, none twice; at least that many when not exact."""
    paths_count_exact: bool
    """Whether the number is exact."""
    paths: tuple[ChainPath, ...]
    """The shortest ways first; up to the limit asked for."""
    evidence: tuple[Evidence, ...]
    """What shows it."""
    services: tuple[str, ...]
    """Services it provides that ours rest on."""
    functions: tuple[str, ...]
    """Business functions that rest on one of them, redundant or not."""
    critical_functions: tuple[str, ...]
    """Those of them that are critical or important."""
    only_through: str | None
    """The nearest organization through which every path to it runs; None when there is none."""


class NthParties(Record):
    """Everyone we rest on."""

    standpoint: tuple[str, ...]
    """Our own organizations."""
    as_of: date
    """Day on which contracts had to run."""
    parties: tuple[NthParty, ...]
    """By rank, then by the number of critical functions that rest on them."""
    undisclosed: tuple[str, ...]
    """Parties that no contract on record shows."""
    services_without_provider: tuple[str, ...]
    """Services of which nobody could say who provides them; a party may be missing for each."""
    contracts_not_in_force: tuple[str, ...]
    """Contracts left out because they do not run on that day."""

    def by_rank(self) -> dict[int, int]:
        """Number of parties by rank."""
        found: dict[int, int] = {}
        for party in self.parties:
            found[party.rank] = found.get(party.rank, 0) + 1
        return found


def services_by_function(estate: Estate, graph: nx.DiGraph[str]) -> Mapping[str, frozenset[str]]:
    """Services that each business function rests on, by any path, redundant, soft or not.

    Parameters
    ----------
    estate : Estate
        Records.
    graph : networkx.DiGraph
        Services, consumer to provider, from `service_graph`.
    """
    return {
        function.id: _reached(graph, [s.id for s in estate.services if function.id in s.supports])
        for function in estate.functions
    }


def services_relied_on(
    estate: Estate, graph: nx.DiGraph[str], own: frozenset[str], day: date
) -> frozenset[str]:
    """Services that anything of ours rests on, by any path, redundant, soft or not; ours included.

    Parameters
    ----------
    estate : Estate
        Records.
    graph : networkx.DiGraph
        Services, consumer to provider, from `service_graph`.
    own : frozenset of str
        Our own organizations.
    day : date
        Day on which SLAs that we hold must be in force to tie their service to us.
    """
    held = services_covered((c for c in estate.contracts if c.customer in own), day)
    ours = [s.id for s in estate.services if s.provider in own or s.supports or s.id in held]
    return _reached(graph, ours)


def service_graph(estate: Estate, *, soft: bool = True) -> nx.DiGraph[str]:
    """Services, consumer to provider."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(service.id for service in estate.services)
    graph.add_edges_from(
        (s.id, needed) for s in estate.services for needed in needs_of(s, soft=soft)
    )
    return graph


def _reached(graph: nx.DiGraph[str], roots: Iterable[str]) -> frozenset[str]:
    """The roots and everything below them."""
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += graph.successors(node)
    return frozenset(seen)


def nth_parties(
    estate: Estate,
    chain: SupplyChain,
    as_of: date,
    *,
    paths: int = PATHS_LISTED,
    sources: Mapping[tuple[str, str], tuple[str, ...]] | None = None,
) -> NthParties:
    """Everyone that our organizations rest on (rule D1).

    Parameters
    ----------
    estate : Estate
        Records.
    chain : SupplyChain
        From `supply_chain`.
    as_of : date
        Day on which contracts had to run.
    paths : int
        Most paths to list of each party; they are counted in full all the same.
    sources : mapping, optional
        Sources of imported records by (list of the estate, id), as further evidence.
    """
    work = _Work(estate, chain, as_of, paths, sources or {})
    parties = [work.party(name) for name in work.rank if name != US]
    parties.sort(key=lambda p: (p.rank, -len(p.critical_functions), p.organization))
    running = {
        link.id
        for pair in chain.graph.edges
        for link in chain.links(*pair)
        if link.kind == "contract"
    }
    return NthParties(
        standpoint=tuple(sorted(chain.own)),
        as_of=as_of,
        parties=tuple(parties),
        undisclosed=tuple(p.organization for p in parties if not p.disclosed),
        services_without_provider=tuple(s.id for s in estate.services if s.provider is None),
        contracts_not_in_force=tuple(
            c.id
            for c in estate.contracts
            if c.id not in running and not {c.supplier, c.customer} <= chain.own
        ),
    )


class _Work:
    """What every party's answer is drawn from."""

    def __init__(
        self,
        estate: Estate,
        chain: SupplyChain,
        day: date,
        limit: int,
        sources: Mapping[tuple[str, str], tuple[str, ...]],
    ) -> None:
        self.estate = estate
        self.chain = chain
        self.graph = chain.graph
        self.limit = limit
        self.sources = sources
        self.rank = ranks(chain.graph, US)
        self.counter = PathCounter(chain.graph, US)
        self.gate = nx.immediate_dominators(chain.graph, US)
        services = service_graph(estate)
        self.functions = services_by_function(estate, services)
        self.relied_on = services_relied_on(estate, services, chain.own, day)
        self.provided: dict[str, list[str]] = {}
        for service in estate.services:
            if service.provider is not None:
                self.provided.setdefault(service.provider, []).append(service.id)
        self.incidents: dict[str, list[str]] = {}
        for incident in estate.incidents:
            for organization in self._hit(incident.affects):
                self.incidents.setdefault(organization, []).append(incident.id)

    def _hit(self, reference: str) -> list[str]:
        """Organizations behind what an incident affects."""
        found = []
        for kind, name in self.estate.node_kinds(reference):
            if kind == "organization":
                found.append(name)
            elif kind == "service":
                found.append(self.estate.service[name].provider or "")
            else:
                found.append(self.estate.location[name].operator or "")
        return [name for name in found if name]

    def party(self, name: str) -> NthParty:
        """Answer for one organization."""
        record = self.estate.organization[name]
        counted = self.counter.count(name)
        listed = shortest_paths_first(self.graph, US, name, self.limit, self.rank)
        links = self._links_into(name)
        services = [s for s in self.provided.get(name, ()) if s in self.relied_on]
        functions = self._functions(services, links)
        gate = self.gate[name]
        return NthParty(
            organization=name,
            name=record.name,
            country=record.country,
            ultimate_owner=ultimate_owner(self.estate, name),
            rank=self.rank[name],
            disclosed=any(link.kind == "contract" for link in links),
            paths_count=counted.paths,
            paths_count_exact=counted.exact,
            paths=tuple(self._path(path) for path in listed),
            evidence=self._evidence(name, links),
            services=tuple(services),
            functions=tuple(functions),
            critical_functions=tuple(f for f in functions if self.estate.function[f].critical),
            only_through=None if gate == US else gate,
        )

    def _links_into(self, name: str) -> tuple[Link, ...]:
        """How a party is known, from customers that are in our chain."""
        return tuple(
            link
            for customer in self.graph.predecessors(name)
            if customer in self.rank
            for link in self.chain.links(customer, name)
        )

    def _functions(self, services: list[str], links: tuple[Link, ...]) -> list[str]:
        """Functions that rest on a party's services, or on services in the places it runs."""
        touched = {*services, *(link.consumer for link in links if link.kind == "location")}
        return [
            function for function, below in self.functions.items() if not below.isdisjoint(touched)
        ]

    def _path(self, path: tuple[str, ...]) -> ChainPath:
        steps = pairwise(path)
        return ChainPath(
            organizations=path[1:], links=tuple(self.chain.links(a, b) for a, b in steps)
        )

    def _evidence(self, name: str, links: tuple[Link, ...]) -> tuple[Evidence, ...]:
        """Everything on record that shows a party, each once."""
        found = {Evidence(kind=link.kind, id=link.id, note=_note(link)): None for link in links}
        for incident in self.incidents.get(name, ()):
            source = next(i.source for i in self.estate.incidents if i.id == incident)
            found[Evidence(kind="incident", id=incident, note=source)] = None
        keys = [("organizations", name)]
        lists = {"function": "services"}
        keys += [(lists.get(e.kind, f"{e.kind}s"), e.id) for e in found]
        for kind, identifier in keys:
            for source in self.sources.get((kind, identifier), ()):
                note = f"{kind}/{identifier}"
                found[Evidence(kind="import", id=source, note=note)] = None
        return tuple(found)


def _note(link: Link) -> str:
    """What a link shows, where its id does not say it."""
    if link.kind == "contract":
        return ""
    return f"{'supports' if link.kind == 'function' else 'needed by'} {link.consumer}"
