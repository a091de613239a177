"""Who stands at which rank in the supply chain of each ICT service (rule D1).

Template B_05.02 of the register of information: rank 1 is the direct provider, and the recipient
at rank n is the provider at rank n - 1 that it works for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from depgraph.engine.supply_chain import owned_needs
from depgraph.model.contract import Contract
from depgraph.model.estate import Estate
from depgraph.model.register import IctServiceType
from depgraph.model.service import Service
from depgraph.record import Record


class IctChainLink(Record):
    """One provider in one chain."""

    contract: str
    """The contract with the direct provider."""
    service_type: IctServiceType
    """Type of the ICT service that the chain delivers."""
    provider: str
    """The provider."""
    rank: int
    """1 for the direct provider."""
    recipient: str
    """Whom it works for; itself at rank 1."""
    service: str
    """A service of the provider that shows it."""


def ict_supply_chains(estate: Estate, own: frozenset[str]) -> tuple[IctChainLink, ...]:
    """Chains of all contracts that supply our organizations (rule D1).

    Parameters
    ----------
    estate : Estate
        Records; a chain starts at the services, with a type, that the contract's SLAs cover.
    own : frozenset of str
        Our own organizations; they are no subcontractors of their suppliers.

    Returns
    -------
    tuple of IctChainLink
        In the order of the contracts, by rank; each provider, rank and recipient once per chain.

    Notes
    -----
    A service is expanded at its lowest rank only, so that rings end. What a provider needs from
    itself stays at its rank. Soft and redundant dependencies count: both are sub-contracted.
    """
    found: dict[tuple[str, str, str, int, str], IctChainLink] = {}
    for contract in estate.contracts:
        if contract.customer not in own:
            continue
        covered = dict.fromkeys(sla.service for sla in contract.slas)
        for name in covered:
            service = estate.service[name]
            if service.ict_service_type is None:
                continue
            for link in _chain(estate, contract, service, own):
                key = (link.contract, link.service_type, link.provider, link.rank, link.recipient)
                found.setdefault(key, link)
    order = {contract.id: place for place, contract in enumerate(estate.contracts)}
    return tuple(sorted(found.values(), key=lambda k: (order[k.contract], k.service_type, k.rank)))


def _chain(
    estate: Estate, contract: Contract, covered: Service, own: frozenset[str]
) -> Iterator[IctChainLink]:
    """Links of one chain, breadth first."""
    kind = covered.ict_service_type
    assert kind is not None  # noqa: S101 - the caller asked
    signing = {contract.supplier, *contract.other_suppliers}
    direct = covered.provider if covered.provider in signing else contract.supplier

    def link(provider: str, rank: int, recipient: str, service: str) -> IctChainLink:
        return IctChainLink(
            contract=contract.id, service_type=kind, provider=provider, rank=rank,
            recipient=recipient, service=service,
        )  # fmt: skip

    yield link(direct, 1, direct, covered.id)
    waiting: deque[tuple[Service, str, int]] = deque()
    if covered.provider is None or covered.provider in {direct, *own}:
        waiting.append((covered, direct, 1))
    else:
        yield link(covered.provider, 2, direct, covered.id)
        waiting.append((covered, covered.provider, 2))
    seen: set[str] = set()
    while waiting:
        service, provider, rank = waiting.popleft()
        if service.id in seen:
            continue
        seen.add(service.id)
        for needed in owned_needs(estate, service):
            if needed.provider is None or needed.provider in own - {direct}:
                continue
            if needed.provider == provider:
                waiting.appendleft((needed, provider, rank))
                continue
            yield link(needed.provider, rank + 1, provider, needed.id)
            waiting.append((needed, needed.provider, rank + 1))
