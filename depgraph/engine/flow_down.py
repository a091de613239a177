"""Flow-down: every promise beside the agreements that must back it (rules P1, P2, L1).

An edge runs from a promise to each agreement held on the services at which the promise leaves the
supplier's group. Only what is in force on the day counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

from depgraph.engine.committed import in_force, term_of
from depgraph.engine.held import Agreement, HeldAgreements
from depgraph.engine.held_composite import HeldComposite, HeldComposites, HeldTarget
from depgraph.engine.liability_chain import LiabilityChain
from depgraph.engine.obligation_match import FlowStatus, Obligation, ObligationMatch, worst_status
from depgraph.engine.obligations import pairwise_obligations, promised_obligations
from depgraph.engine.structure import required_services
from depgraph.model.estate import Estate
from depgraph.record import Record


class FlowDownEdge(Record):
    """From a promise to one agreement that must back it, or to the lack of one."""

    promise: str
    """The SLA promised."""
    held: str | None
    """The SLA held; None when nothing is."""
    service: str
    """Service at which the promise leaves the supplier's group."""
    supplier: str | None
    """Who promises the held SLA, or provides the service; None when nobody could say."""
    obligations: tuple[ObligationMatch, ...]
    """Comparison, obligation by obligation."""

    @property
    def status(self) -> FlowStatus:
        """The worst of its obligations."""
        return worst_status(match.status for match in self.obligations)


class PromiseFlow(Record):
    """One promise and what all that is held comes to."""

    promise: str
    """The SLA promised."""
    contract: str
    """Its contract."""
    supplier: str
    """Who promises."""
    customer: str
    """Who is promised to."""
    service: str
    """The service promised."""
    composite_low: float | None
    """Availability that everything held carries, at least [1]; None where none is promised."""
    composite_high: float | None
    """Availability that everything held carries, at most [1]."""
    statuses: Mapping[Obligation, FlowStatus]
    """Worst status over all edges, by obligation; empty when nothing is required of others."""


class UnbackedPromise(Record):
    """A promise that requires services on which nothing in force is held."""

    promise: str
    """The SLA promised."""
    services: tuple[str, ...]
    """Services with no agreement in force."""
    entirely: bool
    """Whether no agreement at all stands under the promise."""


class FlowDown(Record):
    """Flow-down of an estate on one day."""

    as_of: date
    """Day on which agreements had to be in force."""
    promises: tuple[PromiseFlow, ...]
    """Every promise in force, in the order of the file."""
    edges: tuple[FlowDownEdge, ...]
    """Every edge, promise by promise."""
    unbacked: tuple[UnbackedPromise, ...]
    """Promises with no agreement under a service that they require."""


def flow_down(estate: Estate, as_of: date) -> FlowDown:
    """Compare every promise in force with what is held for it (rule P2).

    Parameters
    ----------
    estate : Estate
        Services, contracts and SLAs.
    as_of : date
        Day on which promises and agreements must be in force.

    Returns
    -------
    FlowDown
        Availability is compared as the composite of everything held; on each edge the held target
        is shown beside it. Of several agreements on one service the lowest target counts, as in
        rule A4.
    """
    work = _Work(estate, as_of)
    return work.answer()


class _Work:
    """Edges of all promises."""

    def __init__(self, estate: Estate, as_of: date) -> None:
        self.estate, self.as_of = estate, as_of
        self.agreements = HeldAgreements(estate)
        self._held_composites = HeldComposites(estate)
        self._composites: dict[tuple[str, str, tuple[str, ...]], HeldComposite] = {}
        self._backed: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}
        self._own_figure_only: dict[str, bool] = {}

    def answer(self) -> FlowDown:
        """Edges, promise by promise."""
        promises, edges, unbacked = [], [], []
        for promise in self.estate.sla.values():
            if not in_force(*promise, self.as_of):
                continue
            frontier = self._frontier(promise)
            found, composite = self._edges(promise, frontier)
            edges += found
            promises.append(_promise_flow(promise, found, composite))
            without = tuple(s for s in frontier if not self._in_force(promise, s))
            if without:
                unbacked.append(
                    UnbackedPromise(
                        promise=promise[1].id,
                        services=without,
                        entirely=len(without) == len(frontier)
                        and not any(edge.held and edge.service not in frontier for edge in found),
                    )
                )
        return FlowDown(
            as_of=self.as_of,
            promises=tuple(promises),
            edges=tuple(edges),
            unbacked=tuple(unbacked),
        )

    def _frontier(self, promise: Agreement) -> tuple[str, ...]:
        """Services that need backing; the customer's own do not where its faults are excluded."""
        contract, sla = promise
        frontier = self.agreements.frontier(contract, sla)
        if not any(item.kind == "customer" for item in sla.exclusions):
            return frontier
        customer = self.agreements.group(contract.customer)
        return tuple(s for s in frontier if self._provider_group(s) != customer)

    def _provider_group(self, service: str) -> str | None:
        provider = self.estate.service[service].provider
        return None if provider is None else self.agreements.group(provider)

    def _in_force(self, promise: Agreement, service: str) -> tuple[Agreement, ...]:
        held = self.agreements.held(promise[0].supplier, service)
        return tuple(agreement for agreement in held if in_force(*agreement, self.as_of))

    def _edges(
        self, promise: Agreement, frontier: tuple[str, ...]
    ) -> tuple[list[FlowDownEdge], HeldComposite | None]:
        """Edges of one promise, and the composite where availability is promised."""
        promised = promised_obligations(promise)
        composite = None
        if "availability" in promised and frontier:
            composite = self._composite(promise, frontier)
        services = self._backing(promise, frontier)
        liability = LiabilityChain(
            promise, [a[0] for s in services for a in self._in_force(promise, s)]
        )
        found = []
        for service in services:
            held = self._in_force(promise, service)
            for agreement in held:
                until = self._covered_until(promise, agreement)
                rows = [
                    *_availability(promise, agreement, composite),
                    *pairwise_obligations(self.estate, promise, agreement, until, held),
                    *liability.match(agreement[0]),
                ]
                found.append(_edge(promise, service, agreement, rows))
            if not held:
                found.append(self._missing_edge(promise, service, composite, liability))
        return found, composite

    def _backing(self, promise: Agreement, frontier: tuple[str, ...]) -> tuple[str, ...]:
        """The frontier, and what is held further down where nothing is held on a service of it."""
        key = self.agreements.group(promise[0].supplier), frontier
        if key not in self._backed:
            nearest = self.agreements.nearest(frontier, lambda s: bool(self._in_force(promise, s)))
            self._backed[key] = tuple(dict.fromkeys((*frontier, *nearest)))
        return self._backed[key]

    def _missing_edge(
        self,
        promise: Agreement,
        service: str,
        composite: HeldComposite | None,
        liability: LiabilityChain,
    ) -> FlowDownEdge:
        """An edge to nothing, with the reason; an agreement out of term is named."""
        provider = self.estate.service[service].provider
        known = self.agreements.held(promise[0].supplier, service)
        reason = f"{provider or 'nobody known'} provides {service}, and no SLA on it is held"
        if known:
            reason = "; ".join(f"{sla.id} {self._out_of_term((k, sla))}" for k, sla in known)
        rows = [
            ObligationMatch(
                obligation=obligation, promised=value, held=None, status="MISSING", message=reason
            )
            for obligation, value in promised_obligations(promise).items()
            if obligation != "availability"
        ]
        rows = [*_availability(promise, None, composite, reason), *rows, *liability.match(None)]
        if not rows:
            # A promise without levels still needs an agreement to last as long as it does.
            _, end = term_of(*promise)
            rows = [
                ObligationMatch(
                    obligation="term_end", promised=end.isoformat() if end else "open-ended",
                    held=None, status="MISSING", message=reason,
                )
            ]  # fmt: skip
        if len(known) == 1:
            return _edge(promise, service, known[0], rows)
        return FlowDownEdge(
            promise=promise[1].id, held=None, service=service, supplier=provider,
            obligations=tuple(rows),
        )  # fmt: skip

    def _out_of_term(self, agreement: Agreement) -> str:
        start, end = term_of(*agreement)
        if start is not None and start > self.as_of:
            return f"starts only on {start}"
        return f"ended on {end}"

    def _covered_until(self, promise: Agreement, agreement: Agreement) -> date | None:
        """Last day that an agreement and those that follow it without a gap cover."""
        _, end = term_of(*agreement)
        spans = [
            term_of(*other)
            for other in self.agreements.held(promise[0].supplier, agreement[1].service)
            if other[0].supplier == agreement[0].supplier
        ]
        grown = True
        while end is not None and grown:
            following = [
                last
                for first, last in spans
                if (first is None or first <= end + timedelta(days=1))
                and (last is None or last > end)
            ]
            grown = bool(following)
            if grown:
                end = None if None in following else max(filter(None, following))
        return end

    def _composite(self, promise: Agreement, frontier: tuple[str, ...]) -> HeldComposite:
        """Composite of everything held for a service, once per group."""
        contract, sla = promise
        key = self.agreements.group(contract.supplier), sla.service, frontier
        if key not in self._composites:
            excused = set(self.agreements.frontier(contract, sla)) - set(frontier)
            targets = {service: self._target(promise, service) for service in frontier}
            targets |= {service: HeldTarget(Decimal(1)) for service in excused}
            self._composites[key] = self._held_composites.of(sla.service, targets)
        return self._composites[key]

    def _target(self, promise: Agreement, service: str) -> HeldTarget:
        """Target held on one service: the lowest in force that is stated."""
        stated = [
            (sla.availability_objective.target, sla.excludes_third_party)
            for _, sla in self._in_force(promise, service)
            if sla.availability_objective is not None
        ]
        if not stated:
            return HeldTarget(None)
        target, own_only = min(stated)
        return HeldTarget(target, not (own_only and self._needs_third_parties(service)))

    def _needs_third_parties(self, service: str) -> bool:
        """Whether a service requires, at any depth, services of other groups."""
        if service not in self._own_figure_only:
            group = self._provider_group(service)
            seen, waiting, found = {service}, [service], False
            while waiting and not found:
                for needed in required_services(self.estate.service[waiting.pop()]):
                    if needed not in seen:
                        seen.add(needed)
                        waiting.append(needed)
                        found |= self._provider_group(needed) != group
            self._own_figure_only[service] = found
        return self._own_figure_only[service]


def _edge(
    promise: Agreement, service: str, held: Agreement, rows: Iterable[ObligationMatch]
) -> FlowDownEdge:
    return FlowDownEdge(
        promise=promise[1].id,
        held=held[1].id,
        service=service,
        supplier=held[0].supplier,
        obligations=tuple(rows),
    )


def _promise_flow(
    promise: Agreement, edges: list[FlowDownEdge], composite: HeldComposite | None
) -> PromiseFlow:
    contract, sla = promise
    found: dict[Obligation, list[FlowStatus]] = {}
    for edge in edges:
        for match in edge.obligations:
            found.setdefault(match.obligation, []).append(match.status)
    return PromiseFlow(
        promise=sla.id,
        contract=contract.id,
        supplier=contract.supplier,
        customer=contract.customer,
        service=sla.service,
        composite_low=composite.low if composite else None,
        composite_high=composite.high if composite else None,
        statuses={obligation: worst_status(iter(each)) for obligation, each in found.items()},
    )


def _availability(
    promise: Agreement,
    held: Agreement | None,
    composite: HeldComposite | None,
    reason: str = "",
) -> Iterator[ObligationMatch]:
    """Availability: the composite of everything held decides, the held target is shown."""
    ours = promise[1].availability_objective
    if ours is None or composite is None:
        return
    theirs = held[1].availability_objective if held else None
    reached = composite.reaches(ours.target)
    short = Decimal(repr(composite.unavailability_low)) - (1 - ours.target)
    wanted = f"{(ours.target * 100).normalize():f} %"
    message = (
        f"what everything held carries is not known, {wanted} is promised"
        if composite.low == 0.0 and composite.high == 1.0
        else f"everything held carries {composite.shown}, {wanted} is promised"
    )
    status: FlowStatus = "UNKNOWN" if reached is None else "MATCH" if reached else "WEAKER"
    if promise[1].excludes_third_party:
        status, message = "MATCH", f"third-party failures are excluded from the promise; {message}"
    elif theirs is None and not reached:
        status = "MISSING"
        message = f"{reason or 'the held SLA promises no availability'}; {message}"
    elif theirs is None:
        message = f"{reason or 'no availability held'}; not needed: {message}"
    yield ObligationMatch(
        obligation="availability", promised=ours.target, held=theirs.target if theirs else None,
        status=status,
        difference=None if reached is None else min(short, Decimal(0)) if reached else short,
        promised_clause=ours.clause or promise[1].clause,
        held_clause=(theirs.clause or (held[1].clause if held else "")) if theirs else "",
        message=message,
    )  # fmt: skip
