"""Which stated losses of business functions rest on what a contract promises (rule K6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from depgraph.engine.structure import required_services
from depgraph.model.contract import Contract
from depgraph.model.estate import Estate
from depgraph.model.service import Function


class StatedLoss:
    """Functions with a stated loss, and the services that they need.

    Parameters
    ----------
    estate : Estate
        Functions, services and contracts.
    """

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._stated = tuple(f for f in estate.functions if f.loss_per_hour is not None)
        self._needed: dict[str, frozenset[str]] = {}
        self._supporting: dict[str, list[str]] = {}
        for service in estate.services:
            for function in service.supports:
                self._supporting.setdefault(function, []).append(service.id)

    def supporting(self, function: Function) -> Sequence[str]:
        """Services that support a function directly."""
        return self._supporting.get(function.id, ())

    def functions(self, service: str) -> tuple[Function, ...]:
        """Functions with a stated loss that need a service, at any depth."""
        return tuple(f for f in self._stated if service in self._services(f))

    def per_hour(self, contract: Contract, currency: str) -> Decimal | None:
        """Loss per hour of our functions that need anything the contract promises.

        None when we are not its customer, or none is stated, or not in this currency.
        """
        if contract.customer not in self._estate.own_organizations:
            return None
        hit = {f.id: f for sla in contract.slas for f in self.functions(sla.service)}
        rates = [f.loss_per_hour for f in hit.values() if f.loss_per_hour is not None]
        if not rates or any(rate.currency != currency for rate in rates):
            return None
        return sum((rate.amount for rate in rates), Decimal(0))

    def _services(self, function: Function) -> frozenset[str]:
        if function.id not in self._needed:
            self._needed[function.id] = _closure(self._estate, self.supporting(function))
        return self._needed[function.id]


def _closure(estate: Estate, start: Iterable[str]) -> frozenset[str]:
    """Services and all that they require."""
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        service = waiting.pop()
        if service not in found:
            found.add(service)
            waiting += required_services(estate.service[service])
    return frozenset(found)
