"""Which agreements stand behind a promise: where it leaves the supplier's group, and what is held.

The edges of rule P2 run from a promise to these agreements; settlement walks the same way. Where
nothing in force is held on a service of others, what is held on services that it requires in turn
stands behind the promise: the rule asks for each SLA held for what the promised service requires.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cached_property
from itertools import pairwise

from depgraph.engine.attribution import Responsibility
from depgraph.engine.committed import term_of
from depgraph.engine.periods import day_span
from depgraph.engine.structure import required_services
from depgraph.model.contract import Contract
from depgraph.model.estate import Estate
from depgraph.model.sla import Sla

Agreement = tuple[Contract, Sla]
"""An SLA with the contract that it belongs to."""
Span = tuple[datetime, datetime]
"""First instant, and first instant after it."""


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
        self._behind: dict[tuple[str, str, int, int], tuple[str, ...]] = {}

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
            group, service = key
            self._frontier[key] = self.nearest(
                [service], lambda here: self._is_outside(group, here)
            )
        return self._frontier[key]

    def held(self, supplier: str, service: str) -> tuple[Agreement, ...]:
        """Agreements on a service that a supplier's group has with suppliers outside it.

        Parameters
        ----------
        supplier : str
            The organization that promises.
        service : str
            A service that it requires.

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

    def in_force(self, supplier: str, service: str, span: Span) -> tuple[Agreement, ...]:
        """Those of the agreements on a service, as by `held`, that hold in any part of a span.

        Parameters
        ----------
        supplier : str
            The organization that promises.
        service : str
            A service that it requires.
        span : tuple of datetime
            First instant, and first instant after it.

        Returns
        -------
        tuple of (Contract, Sla)
            In the order of the file.
        """
        found = []
        for agreement in self.held(supplier, service):
            begins, ends = _term(*agreement)
            if begins < span[1] and span[0] < ends:
                found.append(agreement)
        return tuple(found)

    def behind(self, contract: Contract, sla: Sla, span: Span) -> tuple[str, ...]:
        """Services whose held agreements stand behind a promise.

        The `nearest` ones to its frontier on which the supplier's group holds an agreement that is
        in force in any part of a span.

        Parameters
        ----------
        contract : Contract
            The contract that holds the promise.
        sla : Sla
            The promise.
        span : tuple of datetime
            First instant, and first instant after it.

        Returns
        -------
        tuple of str
            Service ids, each once.
        """
        first, last = self._changes_within(span)
        key = self.group(contract.supplier), sla.service, first, last
        if key not in self._behind:
            frontier = self.frontier(contract, sla)
            self._behind[key] = self.nearest(
                frontier, lambda service: bool(self.in_force(contract.supplier, service, span))
            )
        return self._behind[key]

    def ever_behind(self, contract: Contract, sla: Sla, span: Span) -> tuple[str, ...]:
        """A promise's frontier, and what stands behind the promise in any part of a span.

        What is held nearer need not be in force in all of it.

        Parameters
        ----------
        contract, sla, span
            As for `behind`.

        Returns
        -------
        tuple of str
            Service ids, each once.
        """
        first, last = self._changes_within(span)
        borders = [span[0], *self._changes[first:last], span[1]]
        found = dict.fromkeys(self.frontier(contract, sla))
        for part in pairwise(borders):
            found |= dict.fromkeys(self.behind(contract, sla, part))
        return tuple(found)

    def nearest(self, services: Iterable[str], counts: Callable[[str], bool]) -> tuple[str, ...]:
        """The first services that count, from some on along their hard requirements.

        So a promise is walked to the services of others; and from one of those on which nothing is
        held, whose provider owes the group nothing, to what it rests on and others may owe for.

        Parameters
        ----------
        services : iterable of str
            Where to begin; one that counts stands for itself.
        counts : callable
            Whether a service counts; what it requires is not walked then.

        Returns
        -------
        tuple of str
            Service ids, each once, nearest first, then in the order of the file.
        """
        found: list[str] = []
        waiting = deque(services)
        seen = set(waiting)
        while waiting:
            here = waiting.popleft()
            if counts(here):
                found.append(here)
                continue
            for needed in required_services(self._estate.service[here]):
                if needed not in seen:
                    seen.add(needed)
                    waiting.append(needed)
        return tuple(found)

    def _changes_within(self, span: Span) -> tuple[int, int]:
        """Places of the changes inside a span; the same ones are in force where these are one."""
        return bisect_right(self._changes, span[0]), bisect_left(self._changes, span[1])

    @cached_property
    def _changes(self) -> list[datetime]:
        """Instants at which any agreement begins or ends, in order."""
        return sorted(
            {each for agreement in self._estate.sla.values() for each in _term(*agreement)}
        )

    def _is_outside(self, group: str, service: str) -> bool:
        """Whether others provide a service, by its record or by what the group holds on it."""
        provider = self._estate.service[service].provider
        return self.group(provider) != group if provider else bool(self.held(group, service))


def _term(contract: Contract, sla: Sla) -> Span:
    """Span of an agreement's terms, by the days of its own zone (rule L1)."""
    return day_span(*term_of(contract, sla), contract.timezone)
