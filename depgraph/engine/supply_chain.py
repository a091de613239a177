"""Who is supplied by whom, and how that is known: by contract, by service, by place (rule D1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal, NamedTuple

import networkx as nx

from depgraph.errors import DomainError
from depgraph.model.contract import Contract
from depgraph.model.estate import Estate
from depgraph.model.location import Location
from depgraph.model.service import Service
from depgraph.record import Record

LinkKind = Literal["contract", "service", "location", "function"]


class Link(Record):
    """One ground for saying that a customer is supplied by a supplier."""

    kind: LinkKind
    """A contract on record; a service that needs another one; a place that a service runs in; a
    business function of ours that a service of theirs supports."""
    id: str
    """The contract, the service that is needed or supports, or the location."""
    consumer: str
    """The service that needs it; the customer for a contract, the function for a function."""


class SupplyChain(NamedTuple):
    """Organizations and who supplies them."""

    graph: nx.DiGraph[str]
    """Edges run customer to supplier; each has ``links``, a tuple of `Link`. Our own organizations
    are one node, `us`."""
    us: str
    """The node that stands for our own organizations."""
    own: frozenset[str]
    """Organizations that the node stands for."""

    def links(self, customer: str, supplier: str) -> tuple[Link, ...]:
        """How it is known that one supplies the other."""
        found: tuple[Link, ...] = self.graph.edges[customer, supplier]["links"]
        return found


US = ""
"""The node of our own organizations; no id is empty."""


def standpoint(estate: Estate, organizations: tuple[str, ...] = ()) -> frozenset[str]:
    """Organizations whose supply chain is asked for.

    Those named; else the ones marked own with everything they own; else the customers that supply
    nobody.

    Raises
    ------
    DomainError
        If there is nobody whose supply chain it could be.
    """
    own = frozenset(organizations) or estate.own_organizations
    if not own:
        suppliers = {contract.supplier for contract in estate.contracts}
        own = frozenset(c.customer for c in estate.contracts) - suppliers
    if not own:
        raise DomainError(
            "no organization is marked as ours: write `own: true` on it, and due diligence"
            " will follow its suppliers"
        )
    return own


def contract_in_force(contract: Contract, day: date) -> bool:
    """Whether a contract runs on a day."""
    begun = contract.start is None or contract.start <= day
    return begun and (contract.end is None or day <= contract.end)


def supply_chain(estate: Estate, own: frozenset[str], day: date) -> SupplyChain:
    """Graph of customers and suppliers (rule D1).

    Parameters
    ----------
    estate : Estate
        Records.
    own : frozenset of str
        Our own organizations, from `standpoint`.
    day : date
        Contracts have to run on this day; those that ended prove nothing any more.

    Notes
    -----
    A service without a provider belongs to nobody: whoever needs it is taken to need what it needs.
    """
    found: dict[tuple[str, str], dict[Link, None]] = {}
    for customer, supplier, link in _links(estate, day):
        pair = (US if customer in own else customer, US if supplier in own else supplier)
        if pair[0] != pair[1]:
            found.setdefault(pair, {})[link] = None
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_node(US)
    graph.add_nodes_from(o.id for o in estate.organizations if o.id not in own)
    graph.add_edges_from((a, b, {"links": tuple(links)}) for (a, b), links in found.items())
    return SupplyChain(graph, US, own)


def _links(estate: Estate, day: date) -> Iterator[tuple[str, str, Link]]:
    """Every (customer, supplier, ground)."""
    for contract in estate.contracts:
        if contract_in_force(contract, day):
            link = Link(kind="contract", id=contract.id, consumer=contract.customer)
            yield contract.customer, contract.supplier, link
    operators = place_operators(estate)
    for service in estate.services:
        if service.provider is None:
            continue
        for needed in owned_needs(estate, service):
            if needed.provider is not None:
                link = Link(kind="service", id=needed.id, consumer=service.id)
                yield service.provider, needed.provider, link
        for place in places_of(service):
            for operator in operators[place]:
                link = Link(kind="location", id=place, consumer=service.id)
                yield service.provider, operator, link
        for function in service.supports:
            # The functions of an estate are ours: who supports one supplies us.
            yield US, service.provider, Link(kind="function", id=service.id, consumer=function)


def owned_needs(estate: Estate, service: Service) -> Iterator[Service]:
    """Services that one needs directly, looking through those that belong to nobody."""
    seen = {service.id}
    waiting = list(needs_of(service))
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        needed = estate.service[name]
        yield needed
        if needed.provider is None:
            waiting += needs_of(needed)


def needs_of(service: Service, *, soft: bool = True) -> tuple[str, ...]:
    """Ids of the services that one needs, members of groups included, each once."""
    found: dict[str, None] = {}
    for requirement in service.requirements:
        if hasattr(requirement, "of"):
            found.update(dict.fromkeys(requirement.of))
        elif soft or requirement.soft is None:
            found[requirement.service] = None
    return tuple(found)


def places_of(service: Service) -> tuple[str, ...]:
    """Ids of the locations that a service may run in, each once."""
    return tuple(dict.fromkeys(place for group in service.placements for place in group.of))


def place_operators(estate: Estate) -> Mapping[str, tuple[str, ...]]:
    """Organizations that run each place: its own operator, else that of the place around it."""
    return {place.id: tuple(_nearest_operator(estate, place)) for place in estate.locations}


def _nearest_operator(estate: Estate, place: Location) -> Iterator[str]:
    for around in surroundings(estate, place.id):
        if around.operator is not None:
            yield around.operator
            return


def surroundings(estate: Estate, place: str) -> Iterator[Location]:
    """A location, the one around it, and so on outwards."""
    name: str | None = place
    while name is not None:
        location = estate.location[name]
        yield location
        name = location.within


def ultimate_owner(estate: Estate, organization: str) -> str:
    """The top of an organization's chain of owners; a ring of owners ends where it began."""
    seen = {organization}
    name = organization
    while (above := estate.organization[name].parent) is not None and above not in seen:
        seen.add(above)
        name = above
    return name
