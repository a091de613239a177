"""What we buy, how much it weighs, and who stands behind it: the raw rows of rule D2."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

import networkx as nx

from depgraph.engine.committed import in_force, services_covered
from depgraph.engine.supply_chain import (
    SupplyChain,
    contract_in_force,
    needs_of,
    owned_needs,
    place_operators,
    places_of,
    surroundings,
    ultimate_owner,
)
from depgraph.model.contract import Contract
from depgraph.model.estate import Estate
from depgraph.model.service import Criticality, Service
from depgraph.model.sla import Sla
from depgraph.record import Record

Weight = Literal["criticality", "fee", "function"]
Dimension = Literal["vendor", "ultimate_parent", "location", "country", "nth_party"]
DIMENSIONS: tuple[Dimension, ...] = (
    "vendor", "ultimate_parent", "location", "country", "nth_party",
)  # fmt: skip
MONTHS = 12


class CriticalityWeights(Record):
    """How much a service weighs by its criticality."""

    critical: int = 3
    """Weight of a critical service."""
    important: int = 2
    """Weight of an important service."""
    standard: int = 1
    """Weight of any other service."""


class Exposure(NamedTuple):
    """Something that we buy."""

    service: str | None
    """The service; None for a contract that names none."""
    vendor: str | None
    """Who supplies it; None where nobody could say."""
    weight: Fraction
    """How much it counts."""
    because: str
    """Where the weight comes from."""


class Buying:
    """What our organizations buy directly (rule D2).

    A service is bought when it is not ours and supports a function, is needed by a service of ours,
    or is covered by an SLA that one of us holds on the day. One without a provider may be
    anybody's: it is bought from a vendor who is not known, and what it needs is needed by whoever
    needs it.
    """

    def __init__(self, estate: Estate, chain: SupplyChain, day: date) -> None:
        self.estate = estate
        self.chain = chain
        self.day = day
        self.contracts = [
            c
            for c in estate.contracts
            if c.customer in chain.own and c.supplier not in chain.own and contract_in_force(c, day)
        ]
        self._operators = place_operators(estate)
        self._hard = {s.id: needs_of(s, soft=False) for s in estate.services}
        self._last_services = _last_services(self._hard)
        self._suppliers = self._contract_suppliers()
        self._ends: dict[str, tuple[str | None, ...]] = {}
        self._consumers: dict[str, list[str]] = {}
        for service in estate.services:
            for needed in needs_of(service):
                self._consumers.setdefault(needed, []).append(service.id)

    def services(self) -> tuple[Service, ...]:
        """Services that are bought, in the order of the estate."""
        own = self.chain.own
        held = services_covered(self.contracts, self.day)
        ours = (s for s in self.estate.services if s.provider in own)
        needed = {n.id for s in ours for n in owned_needs(self.estate, s)}
        return tuple(
            s
            for s in self.estate.services
            if s.provider not in own and (s.supports or s.id in held or s.id in needed)
        )

    def exposures(self, weight: Weight, weights: CriticalityWeights) -> dict[str, list[Exposure]]:
        """What is bought with its weight, by currency for fees and under ``""`` otherwise."""
        if weight == "fee":
            return self._fees()
        rows = []
        for service in self.services():
            if weight == "function":
                functions = self._functions(service.id)
                count, because = Fraction(len(functions)), f"supports {', '.join(functions)}"
            else:
                level = self.criticality(service.id)
                count, because = Fraction(getattr(weights, level)), f"criticality {level}"
            if count:
                rows.append(Exposure(service.id, service.provider, count, because))
        return {"": rows}

    def criticality(self, service: str) -> Criticality:
        """The highest criticality of a service and of what needs it."""
        order: tuple[Criticality, ...] = ("standard", "important", "critical")
        levels = {self.estate.service[name].criticality for name in self._above(service)}
        return max(levels, key=order.index)

    def _functions(self, service: str) -> list[str]:
        """Functions that rest on a service."""
        found = {f for name in self._above(service) for f in self.estate.service[name].supports}
        return [function.id for function in self.estate.functions if function.id in found]

    def _above(self, service: str) -> set[str]:
        """A service and everything that needs it."""
        return closure((service,), lambda name: self._consumers.get(name, ()))

    def _fees(self) -> dict[str, list[Exposure]]:
        """Yearly fees by currency, service by service where SLAs name them."""
        found: dict[str, list[Exposure]] = {}
        for contract in self.contracts:
            for currency, row in self._contract_fees(contract):
                found.setdefault(currency, []).append(row)
        return found

    def _contract_fees(self, contract: Contract) -> Iterator[tuple[str, Exposure]]:
        """A contract's annual value, spread over its SLAs by their fees; else the fees alone."""
        slas = self._priced(contract)
        fees = {s.id: Fraction(s.monthly_fee.amount) * MONTHS for s in slas if s.monthly_fee}
        value = contract.annual_value
        if value is None:
            for sla in slas:
                if sla.monthly_fee is not None:
                    because = f"fee of SLA {sla.id}"
                    row = Exposure(sla.service, contract.supplier, fees[sla.id], because)
                    yield sla.monthly_fee.currency, row
            return
        because = f"annual value of contract {contract.id}"
        whole = Fraction(value.amount)
        if not slas:
            yield value.currency, Exposure(None, contract.supplier, whole, because)
        for sla, part in zip(slas, _parts(whole, [fees.get(sla.id) for sla in slas]), strict=True):
            if part:
                yield value.currency, Exposure(sla.service, contract.supplier, part, because)

    def _priced(self, contract: Contract) -> list[Sla]:
        """SLAs of a contract on the day, one for each service: a fee is that of the service (K3).

        Where several SLAs on a service state one, the largest counts.
        """
        found: dict[str, Sla] = {}
        for sla in contract.slas:
            if in_force(contract, sla, self.day):
                held = found.setdefault(sla.service, sla)
                if _fee(sla) > _fee(held):
                    found[sla.service] = sla
        return list(found.values())

    def unpriced(self) -> tuple[Exposure, ...]:
        """What is bought by contracts that state no sum for it: its weight by fee is not known."""
        found: list[Exposure] = []
        for contract in self.contracts:
            if contract.annual_value is not None:
                continue
            slas = self._priced(contract)
            because = f"no sum is stated by contract {contract.id}"
            services = [sla.service for sla in slas if sla.monthly_fee is None]
            found += [
                Exposure(service, contract.supplier, Fraction(0), because)
                for service in (services if slas else [None])
            ]
        return tuple(found)

    def keys(self, exposure: Exposure, dimension: Dimension) -> tuple[str | None, ...]:
        """Who or where an exposure comes to rest, in equal parts; None is a part not known.

        Empty where nothing is known.
        """
        vendor = exposure.vendor
        if dimension == "vendor":
            return (vendor,)
        if dimension == "ultimate_parent":
            return (None if vendor is None else ultimate_owner(self.estate, vendor),)
        if dimension == "nth_party":
            return self._nth_parties(exposure)
        places = self._places(exposure.service) if exposure.service else ()
        if dimension == "location":
            return tuple(dict.fromkeys(self._region(place) for place in places))
        countries = [self._country(place) for place in places]
        if countries and None not in countries:
            return tuple(dict.fromkeys(c for c in countries if c is not None))
        country = None if vendor is None else self.estate.organization[vendor].country
        return (country,) if country and not countries else ()

    def _nth_parties(self, exposure: Exposure) -> tuple[str | None, ...]:
        """The last parties of every chain, looking through the vendor; itself where it has none."""
        if exposure.service is None:
            return self._ends_of_contracts(() if exposure.vendor is None else (exposure.vendor,))
        if exposure.service not in self._ends:
            self._ends[exposure.service] = self._last_parties(exposure.service)
        return self._ends[exposure.service] or (exposure.vendor,)

    def _places(self, service: str) -> tuple[str, ...]:
        """Places of a service; where it has none, those of what it needs, nearest first."""
        seen = {service}
        level = [service]
        while level:
            places = [p for name in level for p in places_of(self.estate.service[name])]
            if places:
                return tuple(dict.fromkeys(places))
            below = (n for name in level for n in self._hard[name])
            level = [n for n in dict.fromkeys(below) if n not in seen]
            seen.update(level)
        return ()

    def _region(self, place: str) -> str:
        """The outermost place around one that is not a country."""
        kept = [p.id for p in surroundings(self.estate, place) if p.kind != "country"]
        return kept[-1] if kept else place

    def _country(self, place: str) -> str | None:
        return next((p.country for p in surroundings(self.estate, place) if p.country), None)

    def _last_parties(self, bought: str) -> tuple[str | None, ...]:
        """Who stands behind the services that need nothing further, and behind all their places."""
        found: dict[str | None, None] = {}
        for name in sorted(self._closure(bought)):
            service = self.estate.service[name]
            operators = [o for p in places_of(service) for o in self._operators[p]]
            outside = [o for o in operators if o != service.provider]
            if outside:
                found.update(dict.fromkeys(self._ends_of_contracts(outside)))
            elif name in self._last_services:
                provider = service.provider
                ends = (None,) if provider is None else self._ends_of_contracts((provider,))
                found.update(dict.fromkeys(ends))
        return tuple(found)

    def _closure(self, service: str) -> set[str]:
        """A service and everything that it needs, soft dependencies left out."""
        return closure((service,), self._hard.__getitem__)

    def _ends_of_contracts(self, organizations: Iterable[str]) -> tuple[str, ...]:
        """Look through contracts where an organization's services name no supplier of theirs."""
        found: dict[str, None] = {}
        seen: set[str] = set()
        waiting = list(organizations)
        while waiting:
            name = waiting.pop(0)
            if name in seen:
                continue
            seen.add(name)
            further = self._suppliers.get(name, [])
            waiting += further
            if not further:
                found[name] = None
        # A ring of organizations that only supply each other ends where it was entered.
        return tuple(found) or tuple(organizations)

    def _contract_suppliers(self) -> dict[str, list[str]]:
        """Suppliers by contract, of organizations whose services name none."""
        named = set()
        for service in self.estate.services:
            others = {self.estate.service[n].provider for n in needs_of(service)}
            if others - {service.provider, None}:
                named.add(service.provider)
        found: dict[str, list[str]] = {}
        for contract in self.estate.contracts:
            if contract.customer in named or contract.supplier in self.chain.own:
                continue
            if contract_in_force(contract, self.day):
                found.setdefault(contract.customer, []).append(contract.supplier)
        return found


def _fee(sla: Sla) -> Fraction:
    """Monthly fee that an SLA states; less than any where it states none."""
    return Fraction(-1) if sla.monthly_fee is None else Fraction(sla.monthly_fee.amount)


def _parts(whole: Fraction, fees: Sequence[Fraction | None]) -> list[Fraction]:
    """A sum spread by fees; what they leave of it, in equal parts over those not stated.

    >>> [str(part) for part in _parts(Fraction(100), [Fraction(60), None, None])]
    ['60', '20', '20']
    >>> [str(part) for part in _parts(Fraction(100), [Fraction(10), Fraction(30)])]
    ['25', '75']
    """
    total, silent = sum((fee for fee in fees if fee), Fraction(0)), fees.count(None)
    if silent and total < whole:
        rest = (whole - total) / silent
        return [rest if fee is None else fee for fee in fees]
    return [whole * (fee or 0) / total if total else whole / len(fees) for fee in fees]


def closure(start: Iterable[str], step: Callable[[str], Iterable[str]]) -> set[str]:
    """The names, and everything that repeated steps lead to."""
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += step(name)
    return seen


def _last_services(needs: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Services that need nothing further; of rings that need nothing further, all services."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(needs)
    graph.add_edges_from((name, needed) for name, below in needs.items() for needed in below)
    return frozenset(
        name
        for ring in nx.strongly_connected_components(graph)
        if all(needed in ring for name in ring for needed in graph.successors(name))
        for name in ring
    )
