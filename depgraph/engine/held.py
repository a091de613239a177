"""Which agreements stand behind a promise: where it leaves the supplier's group, and what is held.

The edges of rule P2 run from a promise to these agreements; settlement walks the same way. Where
nothing is held on a service of others, what is held on services that it requires in turn stands
behind the promise: the rule asks for each SLA held for what the promised service requires.
"""

from __future__ import annotations

from collections import deque

from depgraph.engine.attribution import Responsibility
from depgraph.engine.structure import required_services
from depgraph.model.contract import Contract
from depgraph.model.estate import Estate
from depgraph.model.sla import Sla

Agreement = tuple[Contract, Sla]
"""An SLA with the contract that it belongs to."""


class HeldAgreements:
    """What each group of organizations holds for what its promises require (rule P2).

    Affiliates are one group: what one of them holds backs what another promises.

    Parameters
    ----------
    estate : Estate
        Services, their requirements, and the contracts.
    """

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._ownership = Responsibility(estate, ())
        self._frontier: dict[tuple[str, str], tuple[str, ...]] = {}
        self._held: dict[tuple[str, str], tuple[Agreement, ...]] = {}
        self._beyond: dict[tuple[str, str], tuple[str, ...]] = {}

    def group(self, organization: str) -> str:
        """The organization at the top of its ownership."""
        return self._ownership.group(organization)

    def frontier(self, contract: Contract, sla: Sla) -> tuple[str, ...]:
        """Services at which a promise leaves the supplier's own group.

        A service that another group provides is its own frontier: the supplier resells it.
        Otherwise the hard requirements are walked through services of the supplier's group to the
        first ones of other providers. A service that nobody is known to provide belongs to others
        when the group holds an agreement on it, and is walked through when not.

        Parameters
        ----------
        contract : Contract
            The contract that holds the promise.
        sla : Sla
            The promise.

        Returns
        -------
        tuple of str
            Service ids, each once, nearest first, then in the order of the file.
        """
        key = self.group(contract.supplier), sla.service
        if key not in self._frontier:
            self._frontier[key] = self._walked(*key)
        return self._frontier[key]

    def held(self, supplier: str, service: str) -> tuple[Agreement, ...]:
        """Agreements on a service that a supplier's group has with suppliers outside it.

        Parameters
        ----------
        supplier : str
            The organization that promises.
        service : str
            A service of the promise's frontier.

        Returns
        -------
        tuple of (Contract, Sla)
            In the order of the file, whether in force or not.
        """
        group = self.group(supplier)
        key = group, service
        if key not in self._held:
            self._held[key] = tuple(
                (contract, sla)
                for contract, sla in self._estate.slas_by_service.get(service, ())
                if self.group(contract.customer) == group and self.group(contract.supplier) != group
            )
        return self._held[key]

    def behind(self, contract: Contract, sla: Sla) -> tuple[str, ...]:
        """Services whose held agreements stand behind a promise.

        Those of the frontier on which the supplier's group holds any; in place of one on which it
        holds none, what is held further down, as by `beyond`.

        Parameters
        ----------
        contract : Contract
            The contract that holds the promise.
        sla : Sla
            The promise.

        Returns
        -------
        tuple of str
            Service ids, each once.
        """
        found: dict[str, None] = {}
        for service in self.frontier(contract, sla):
            nearest = self.held(contract.supplier, service)
            found |= dict.fromkeys(
                (service,) if nearest else self.beyond(contract.supplier, service)
            )
        return tuple(found)

    def beyond(self, supplier: str, service: str) -> tuple[str, ...]:
        """Nearest services that one requires and on which a supplier's group holds agreements.

        What stands behind a service of others on which nothing is held: its provider owes the
        group nothing, but those may that it rests on.

        Parameters
        ----------
        supplier : str
            The organization that promises.
        service : str
            A service of the promise's frontier.

        Returns
        -------
        tuple of str
            Service ids, each once, nearest first, then in the order of the file.
        """
        key = self.group(supplier), service
        if key not in self._beyond:
            found: list[str] = []
            seen = {service}
            waiting = deque([service])
            while waiting:
                for needed in required_services(self._estate.service[waiting.popleft()]):
                    if needed in seen:
                        continue
                    seen.add(needed)
                    if self.held(supplier, needed):
                        found.append(needed)
                    else:
                        waiting.append(needed)
            self._beyond[key] = tuple(found)
        return self._beyond[key]

    def _walked(self, group: str, start: str) -> tuple[str, ...]:
        """Walk from a service to the first ones of other groups, breadth first."""
        found: list[str] = []
        seen = {start}
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            if self._is_outside(group, here):
                found.append(here)
                continue
            for provider in required_services(self._estate.service[here]):
                if provider not in seen:
                    seen.add(provider)
                    waiting.append(provider)
        return tuple(found)

    def _is_outside(self, group: str, service: str) -> bool:
        """Whether others provide a service, by its record or by what the group holds on it."""
        provider = self._estate.service[service].provider
        return self.group(provider) != group if provider else bool(self.held(group, service))
