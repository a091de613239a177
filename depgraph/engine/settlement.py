"""Who owes whom: measurement, credits and pass-through over all contracts (rules P1 to P9).

Suppliers are settled before their customers. Entries of one contract and one period form a node;
a node waits for the nodes of the agreements behind it, and for earlier ones of its own contract,
whose credits its caps look back on. Rings take the least fixed point (rule P5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import networkx as nx

from depgraph.engine.allocation import Share, allocated
from depgraph.engine.caps import Capped, Granted, capped, stacking_losers, within_caps
from depgraph.engine.claims import AUTOMATIC, claim_status, claim_window
from depgraph.engine.credits import rounded
from depgraph.engine.entries import Entry, EntryMaker
from depgraph.engine.held import HeldAgreements
from depgraph.engine.intervals import intersection, intervals
from depgraph.engine.measurement import LevelMeter
from depgraph.engine.periods import (
    FIRST_MONTH,
    Period,
    PeriodKind,
    Requested,
    Spanning,
    local_day,
    period_from,
    periods_over,
)
from depgraph.engine.recovery_rates import RecoveryRates
from depgraph.engine.regions import regions_meet
from depgraph.engine.statement import ClaimStatus
from depgraph.engine.structure import Structure
from depgraph.engine.versions import look_backs
from depgraph.errors import LimitError
from depgraph.model.contract import Contract
from depgraph.model.credits import Claim
from depgraph.model.estate import Estate
from depgraph.model.incident import Incident, Measurement
from depgraph.model.sla import Sla
from depgraph.units import minor_unit

_MOST_ROUNDS = 20_000
_ZERO = Decimal(0)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Settled:
    """What became of one entry."""

    entry: Entry
    """The entry."""
    capped: Capped
    """Credit by the schedule after caps, unrounded."""
    scheduled: Decimal = _ZERO
    """The same, rounded once."""
    own: Fraction = Fraction(0)
    """Part of it for the supplier's own failures."""
    would_pay: Decimal = _ZERO
    """What the schedule would pay with third-party minutes counted."""
    entitled: Decimal = _ZERO
    """After the pass-through clause (rule P4)."""
    owed: Decimal = _ZERO
    """What is owed: the entitlement, unless it was forfeited (rule K8)."""
    recovered: Decimal = _ZERO
    """What the supplier recovers for it from its own suppliers (rule P6)."""
    forfeited: Decimal = _ZERO
    """Entitlement lost by not claiming in time."""
    forfeited_below: Decimal = _ZERO
    """What the supplier lost for it by not claiming in time from its own suppliers."""
    claim: ClaimStatus = AUTOMATIC
    """Whether it was claimed in time."""
    for_cause: Decimal = _ZERO
    """Part of what is recovered whose cause also struck this entry's service."""
    sources: list[tuple[Settled, Decimal]] = field(default_factory=list)
    """What was recovered, by the entry that it came from."""


@dataclass
class Question:
    """What to settle.

    Attributes
    ----------
    structure : Structure
        The estate compiled, every published schedule written out.
    incidents : tuple of Incident
        What happened, really or in a scenario.
    requested : Requested or Spanning
        Periods that were asked for.
    as_of : datetime, optional
        When the question is asked: open incidents end there, and claims that nobody recorded by
        then are lost. Without it evidence counts up to `now` and unrecorded claims are possible.
    now : datetime
        The present.
    alone : bool
        Whether the incidents are taken alone: monitoring figures and claims on record, which are
        about what really happened, are left out.
    """

    structure: Structure
    incidents: tuple[Incident, ...]
    requested: Requested | Spanning
    as_of: datetime | None
    now: datetime
    alone: bool = False


class Books:
    """All entries of an estate, settled.

    Parameters
    ----------
    question : Question
        What to settle.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self.estate: Estate = question.structure.estate
        clip = question.as_of or question.now
        measured = () if question.alone else _known(self.estate.measurements, clip)
        self.meter = LevelMeter(question.structure, question.incidents, measured, clip)
        self.agreements = HeldAgreements(self.estate)
        self.rates = RecoveryRates(self.estate)
        self._maker = EntryMaker(self.estate, self.meter)
        self._evidence = _span_of(question.incidents, measured, clip)
        claims = () if question.alone else self.estate.claims
        self._filed = {(c.sla, c.period): c.filed for c in claims}
        self._nodes = self._all_nodes()
        self._place = {node: place for place, node in enumerate(self._nodes)}
        self._link()
        self._users = self._all_users()
        self._parts: dict[tuple[int, Decimal, Decimal], dict[int, tuple[Decimal, Decimal]]] = {}
        self._granted: dict[str, list[tuple[tuple[str, str], Granted]]] = {}
        self.settled: dict[int, Settled] = {}
        self._settle()

    def rows(self) -> Iterator[Settled]:
        """Entries of the periods that were asked for, contract by contract, in order of time."""
        for members in self._nodes.values():
            for entry in members:
                if self.question.requested.holds(entry.period):
                    yield self.settled[id(entry)]

    def all_rows(self) -> Iterator[Settled]:
        """Entries of the periods that were asked for and of those before."""
        last = self.question.requested.last_month
        for members in self._nodes.values():
            for entry in members:
                if entry.period.first_month <= last:
                    yield self.settled[id(entry)]

    # entries and how they hang together

    def _all_nodes(self) -> dict[tuple[str, str], list[Entry]]:
        """Entries by contract and period: what was asked for, and all others with evidence.

        With all of them at hand, what a recovery is spread over does not hang on the question.
        """
        nodes: dict[tuple[str, str], list[Entry]] = {}
        for contract in self.estate.contracts:
            found: list[tuple[int, int, Entry]] = []
            back = look_backs(contract)
            for sla in contract.slas:
                objective = sla.availability_objective
                if objective is None:
                    continue
                looks_back = sla.id in back
                for period in self._periods(
                    contract, objective.period, max(back.values(), default=0)
                ):
                    if (
                        self.question.requested.holds(period)
                        or (looks_back and period.first_month <= self.question.requested.last_month)
                        or self._bears_on(contract, sla, period)
                    ):
                        found += [
                            (period.closing_month, period.first_month, entry)
                            for entry in self._maker.entries(contract, sla, period)
                        ]
            for _, _, entry in sorted(found, key=lambda row: (row[0], -row[1])):
                nodes.setdefault((contract.id, entry.period.label), []).append(entry)
        return nodes

    def _bears_on(self, contract: Contract, sla: Sla, period: Period) -> bool:
        """Whether anything is on record for what is promised or for what is held behind it."""
        if self.meter.has_evidence(sla.service, period.start, period.end):
            return True
        return any(
            self.meter.has_evidence(service, period.start, period.end)
            for service in self.agreements.frontier(contract, sla)
            if self.agreements.held(contract.supplier, service)
        )

    def _periods(self, contract: Contract, kind: PeriodKind, back: int) -> Iterator[Period]:
        """Periods that overlap what was asked for, any evidence, or as many months before."""
        asked = self.question.requested
        zone, anchor = contract.timezone, contract.anchor_day
        start = period_from("month", asked.first_month, zone, anchor).start
        end = period_from("month", asked.last_month, zone, anchor).end
        first, last = self._evidence
        if back:
            month = max(asked.first_month - back, FIRST_MONTH)
            first = min(first, period_from("month", month, zone, anchor).start)
        return periods_over(kind, zone, anchor, min(start, first), max(end, last))

    def _link(self) -> None:
        """Tie each entry to the entries of the agreements behind it, by service and time."""
        by_sla: dict[str, list[Entry]] = {}
        for members in self._nodes.values():
            for entry in members:
                by_sla.setdefault(entry.sla.id, []).append(entry)
        for members in self._nodes.values():
            for entry in members:
                for service in self.agreements.frontier(entry.contract, entry.sla):
                    for _, held in self.agreements.held(entry.contract.supplier, service):
                        entry.held += [
                            (service, other)
                            for other in by_sla.get(held.id, ())
                            if other.start < entry.end
                            and other.end > entry.start
                            and regions_meet(self.estate, entry.region, other.region)
                        ]

    def _all_users(self) -> dict[int, list[Entry]]:
        """Entries that each entry stands behind, by id: no cent hangs on the order of the file."""
        users: dict[int, list[Entry]] = {}
        for members in self._nodes.values():
            for entry in members:
                for other in {id(held): held for _, held in entry.held}.values():
                    users.setdefault(id(other), []).append(entry)
        for above in users.values():
            above.sort(key=lambda entry: entry.key)
        return users

    # settling

    def _settle(self) -> None:
        """Node by node, suppliers first; rings to their least fixed point (rule P5)."""
        graph: nx.DiGraph[tuple[str, str]] = nx.DiGraph()
        graph.add_nodes_from(self._nodes)
        earlier: dict[str, tuple[str, str]] = {}
        for node, members in self._nodes.items():
            if node[0] in earlier:
                graph.add_edge(earlier[node[0]], node)
            earlier[node[0]] = node
            for entry in members:
                for _, held in entry.held:
                    graph.add_edge((held.contract.id, held.period.label), node)
        whole = nx.condensation(graph)
        for part in nx.topological_sort(whole):
            ring = sorted(whole.nodes[part]["members"], key=self._place.__getitem__)
            if len(ring) == 1 and not graph.has_edge(ring[0], ring[0]):
                self._settle_node(ring[0], in_ring=False)
            else:
                self._settle_ring(ring)

    def _settle_ring(self, ring: Sequence[tuple[str, str]]) -> None:
        """Start from nothing recovered inside the ring and repeat until nothing changes."""
        before: list[Decimal] | None = None
        for _ in range(_MOST_ROUNDS):
            for node in ring:
                self._settle_node(node, in_ring=True)
            now = [self.settled[id(e)].owed for node in ring for e in self._nodes[node]]
            if now == before:
                return
            before = now
        names = ", ".join(sorted({contract for contract, _ in ring}))
        raise LimitError(f"the ring of contracts {names} does not settle; cap what they pass on")

    def _settle_node(self, node: tuple[str, str], *, in_ring: bool) -> None:
        """Settle the entries of one contract in one period."""
        contract, members = node[0], self._nodes[node]
        losers = stacking_losers(members)
        booked = self._granted.setdefault(contract, [])
        # In a ring later periods may be on the books from the round before: caps look back only.
        booked[:] = [item for item in booked if self._place[item[0]] < self._place[node]]
        for entry in members:
            granted = [item for _, item in booked]
            settled = self._settled(entry, granted, stacked=id(entry) in losers, in_ring=in_ring)
            self.settled[id(entry)] = settled
            booked.append((node, Granted(entry.lineage, entry.period, settled.owed)))

    def _settled(
        self, entry: Entry, granted: Sequence[Granted], *, stacked: bool, in_ring: bool
    ) -> Settled:
        schedule = entry.schedule
        unit = minor_unit(entry.currency)
        rounding = schedule.rounding if schedule else "half_up"
        result = Settled(entry, capped(entry, entry.credit.amount, granted, stacked=stacked))
        result.scheduled = rounded(result.capped.amount, unit, rounding)
        own = would = result.capped.amount
        if entry.own_credit != entry.credit.amount:
            own = capped(entry, entry.own_credit, granted, stacked=stacked).amount
        if entry.counted_credit != entry.credit.amount:
            would = capped(entry, entry.counted_credit, granted, stacked=stacked).amount
        result.own = min(result.capped.amount, own)
        result.would_pay = rounded(would, unit, rounding)
        self._recover(result)
        after = after_clause(result, in_ring=in_ring)
        after = within_caps(entry, after, granted) if after else after
        result.entitled = rounded(after, unit, rounding)
        result.claim = self._claim(entry, schedule.claim if schedule else Claim())
        if result.claim.status in {"late", "not_filed"}:
            result.forfeited = result.entitled
        else:
            result.owed = result.entitled
        return result

    def _recover(self, result: Settled) -> None:
        """Collect this entry's part of what its supplier recovers (rule P6)."""
        for held in {id(other): other for _, other in result.entry.held}.values():
            source = self.settled.get(id(held))
            if source is None or not self.rates.counts(result.entry, held):
                continue
            parts = self._spread(held, source).get(id(result.entry))
            if parts is None:
                continue
            part, lost = parts
            counted = self.rates.counted(part, result.entry, held)
            result.recovered += counted
            if self._is_struck_by(result.entry, held):
                result.for_cause += counted
            result.forfeited_below += self.rates.counted(lost, result.entry, held)
            if source.owed:
                result.sources.append((source, part))

    def _spread(self, held: Entry, source: Settled) -> dict[int, tuple[Decimal, Decimal]]:
        """Parts of what one entry pays, and of what was forfeited on it, by entry above it."""
        key = (id(held), source.owed, source.forfeited)
        if key not in self._parts:
            able = [user for user in self._users[id(held)] if self.rates.counts(user, held)]
            users = [user for user in able if self._is_struck_by(user, held)]
            users = users or [user for user in able if _is_about(user, held)]
            unit = minor_unit(held.currency)
            policy = held.contract.recovery_allocation
            nothing = unit * 0
            parts = [(nothing, nothing)] * len(users)
            if users and (source.owed or source.forfeited):
                shares = [self._share(user, held) for user in users]
                paid = allocated(source.owed, shares, policy, unit)
                lost = allocated(source.forfeited, shares, policy, unit)
                parts = list(zip(paid, lost, strict=True))
            self._parts[key] = {id(u): p for u, p in zip(users, parts, strict=True)}
        return self._parts[key]

    def _is_struck_by(self, user: Entry, held: Entry) -> bool:
        """Whether what the held service suffered took part in the user's downtime."""
        return not set(held.level.incidents).isdisjoint(user.level.incidents)

    def _share(self, user: Entry, held: Entry) -> Share:
        """What one entry brings to the spreading of a recovery: what is owed before it."""
        alone = capped(user, user.credit.amount, (), stacked=False).amount
        if user.contract.pass_through.clause == "excluded_if_third_party":
            alone = min(alone, user.own_credit)
        unit = minor_unit(user.currency)
        owed, fee = (
            self.rates.before(rounded(value, unit), user, held) for value in (alone, user.base)
        )
        return Share(owed, fee, user.contract.priority)

    def _claim(self, entry: Entry, claim: Claim) -> ClaimStatus:
        if claim.mode == "automatic":
            return AUTOMATIC
        incidents = [self.meter.incidents[name] for name in entry.level.incidents]
        window = claim_window(claim, entry.contract, entry.period, incidents)
        filed = self._filed.get((entry.sla.id, entry.period.label))
        asked = self.question.as_of
        day: date | None = local_day(asked, entry.contract.timezone) if asked else None
        if filed is not None and day is not None and filed > day:
            filed = None  # On that day nobody had filed it yet.
        return claim_status(claim, window, filed, day)


def after_clause(result: Settled, *, in_ring: bool) -> Fraction:
    """What the pass-through clause leaves of the scheduled credit (rule P4).

    The clause touches only what third parties caused; the supplier's own failures are owed by the
    schedule. In a ring a back-to-back clause is bounded by the schedule, so that the least fixed
    point exists.
    """
    clause = result.entry.contract.pass_through
    whole, own = result.capped.amount, result.own
    if not whole and clause.clause != "back_to_back":
        return whole
    third = whole - own
    recovered = Fraction(result.for_cause)
    if clause.clause == "excluded_if_third_party":
        return own
    if clause.clause == "share":
        return own + Fraction(clause.share or 0) * third
    if clause.clause == "limited_to_recovered":
        share = Fraction(1) if clause.share is None else Fraction(clause.share)
        return own + min(third, share * recovered)
    if clause.clause == "back_to_back":
        return own + (min(third, recovered) if in_ring else recovered)
    return whole


def _known(rows: Iterable[Measurement], clip: datetime) -> tuple[Measurement, ...]:
    """Figures of spans that were over by then: nobody can have measured the others (rule M1)."""
    return tuple(row for row in rows if row.end <= clip)


def _span_of(
    incidents: Sequence[Incident], rows: Sequence[Measurement], clip: datetime
) -> tuple[datetime, datetime]:
    """First and last instant of all evidence up to `clip`."""
    starts = [*(each.start for each in incidents), *(row.start for row in rows)]
    ends = [*(each.end or clip for each in incidents), *(row.end for row in rows)]
    return min(starts, default=_NEVER), min(max(ends, default=_LONG_AGO), clip)


def _is_about(user: Entry, held: Entry) -> bool:
    """Whether the time that an entry pays for lies, in part, in another entry's period.

    Where figures alone tell what was missed, periods that overlap are all that is known.
    """
    failed = held.level.counted_time
    return not len(failed) or bool(len(intersection(failed, intervals([(user.start, user.end)]))))
