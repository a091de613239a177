"""Who owes whom: measurement, credits and pass-through over all contracts (rules P1 to P9).

Suppliers are settled before their customers, contract by contract and period by period
(`settling_order`). Rings take the least fixed point (rule P5).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from depgraph.engine.allocation import Share, allocated
from depgraph.engine.caps import (
    Capped,
    Granted,
    capped,
    is_carved_out,
    stacking_losers,
    within_caps,
)
from depgraph.engine.claims import AUTOMATIC, claim_status, claim_window, in_time
from depgraph.engine.credits import rounded
from depgraph.engine.entries import Entry
from depgraph.engine.intervals import intersection, intervals
from depgraph.engine.linked_entries import LinkedEntries, Question
from depgraph.engine.pass_through import after_clause, before_recovery
from depgraph.engine.periods import local_day
from depgraph.engine.recovery_rates import RecoveryRates
from depgraph.engine.settling_order import SettlingOrder
from depgraph.engine.statement import ClaimStatus
from depgraph.engine.versions import first_versions
from depgraph.errors import LimitError
from depgraph.model.credits import Claim
from depgraph.model.estate import Estate
from depgraph.units import minor_unit

_MOST_ROUNDS = 20_000
_ZERO = Decimal(0)


@dataclass
class Settled:
    """What became of one entry."""

    entry: Entry
    """The entry."""
    capped: Capped
    """Credit by the schedule after caps, unrounded."""
    scheduled: Decimal = _ZERO
    """The same, rounded once."""
    taken: tuple[tuple[str, Fraction], ...] = ()
    """What each cap took from the customer, in order: of the schedule's credit, or of the
    supplier's own part and what is passed back to back."""
    lost_to_caps: Fraction = Fraction(0)
    """What the customer would be entitled to besides, were there no caps."""
    passed_on: Capped | None = None
    """What caps left of what is passed back to back."""
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


class Books:
    """All entries of an estate, settled.

    Parameters
    ----------
    question : Question
        What to settle.
    """

    def __init__(self, question: Question) -> None:
        linked = LinkedEntries(question)
        self.question = question
        self.estate: Estate = question.structure.estate
        self.meter = linked.meter
        self.agreements = linked.agreements
        self.rates = RecoveryRates(self.estate)
        claims = () if question.alone else self.estate.claims
        first = first_versions(sla for _, sla in self.estate.sla.values()) if claims else {}
        self._filed: dict[tuple[str, str], list[date]] = {}
        for each in sorted(claims, key=lambda claim: claim.filed):
            self._filed.setdefault((first[each.sla], each.period), []).append(each.filed)
        self._nodes, self._users = linked.nodes, linked.users
        self._order = SettlingOrder(self._nodes, self._users)
        self._place = {node: place for place, node in enumerate(self._nodes)}
        self._parts: dict[tuple[int, Decimal], dict[int, Decimal]] = {}
        self._granted: dict[str, list[tuple[tuple[str, str], Granted]]] = {}
        self._losers: dict[tuple[str, str], frozenset[int]] = {}
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

    def known_rows(self) -> Iterator[Settled]:
        """Entries of all periods: also of later ones, in which a credit may be earned back (K7)."""
        for members in self._nodes.values():
            for entry in members:
                yield self.settled[id(entry)]

    # settling

    def _settle(self) -> None:
        """Node by node, suppliers first; rings to their least fixed point (rule P5)."""
        for nodes, is_ring in self._order.steps():
            if is_ring:
                self._settle_ring(nodes)
            else:
                self._settle_node(nodes[0], in_ring=False)

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
        booked = self._granted.setdefault(contract, [])
        # In a ring later periods may be on the books from the round before: caps look back only.
        booked[:] = [item for item in booked if self._place[item[0]] < self._place[node]]
        for entry in members:
            granted = [item for _, item in booked]
            settled = self._settled(entry, granted, in_ring=in_ring)
            self.settled[id(entry)] = settled
            outside = is_carved_out(entry)
            booked.append((node, Granted(entry.lineage, entry.period, settled.owed, outside)))

    def _gives_way(self, entry: Entry) -> bool:
        """Whether a higher remedy for the same incident takes its place (rule K4)."""
        node = entry.contract.id, entry.period.label
        if node not in self._losers:
            self._losers[node] = stacking_losers(self._nodes[node])
        return id(entry) in self._losers[node]

    def _settled(self, entry: Entry, granted: Sequence[Granted], *, in_ring: bool) -> Settled:
        schedule, stacked = entry.schedule, self._gives_way(entry)
        clause = entry.contract.pass_through
        unit = minor_unit(entry.currency)
        rounding = schedule.rounding if schedule else "half_up"
        result = Settled(entry, capped(entry, entry.credit.amount, granted, stacked=stacked))
        result.scheduled = rounded(result.capped.amount, unit, rounding)
        would, alone = result.capped.amount, result.capped
        if entry.own_credit != entry.credit.amount:
            alone = capped(entry, entry.own_credit, granted, stacked=stacked)
        if entry.counted_credit != entry.credit.amount:
            would = capped(entry, entry.counted_credit, granted, stacked=stacked).amount
        result.own = min(result.capped.amount, alone.amount)
        result.would_pay = rounded(would, unit, rounding)
        self._recover(result)
        credits_ = [(result.capped.amount, result.own), _uncapped(entry)]
        passed, uncapped = (
            after_clause(clause, credit, Fraction(result.for_cause), in_ring=in_ring)
            for credit in credits_
        )
        after = within_caps(entry, passed, granted)
        result.lost_to_caps = max(Fraction(0), uncapped - after.amount)
        result.entitled = rounded(after.amount, unit, rounding)
        result.taken = result.capped.taken
        if clause.clause == "back_to_back":
            result.taken, result.passed_on = (*alone.taken, *after.taken), after
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
            part = self._spread(held, source.owed).get(id(result.entry))
            if part is None:
                continue
            counted = self.rates.counted(part, result.entry, held)
            result.recovered += counted
            if self.is_struck_by(result.entry, held):
                result.for_cause += counted
            result.forfeited_below += self.part(result.entry, held, source.forfeited)
            if source.owed:
                result.sources.append((source, part))

    def part(self, user: Entry, held: Entry, amount: Decimal) -> Decimal:
        """Part of a sum of one entry that falls to an entry above it (rules P6, P9).

        Parameters
        ----------
        user : Entry
            The entry above.
        held : Entry
            The entry behind it.
        amount : Decimal
            What that one pays, or would have paid, in major units of its currency.

        Returns
        -------
        Decimal
            In major units of the currency of `user`.
        """
        parts = self._spread(held, amount)
        return self.rates.counted(parts.get(id(user), amount * 0), user, held)

    def _spread(self, held: Entry, amount: Decimal) -> dict[int, Decimal]:
        """Parts of a sum that one entry pays, or lost, by entry above it."""
        key = (id(held), amount)
        if key not in self._parts:
            able = [user for user in self._users[id(held)] if self.rates.counts(user, held)]
            users = [user for user in able if self.is_struck_by(user, held)]
            users = users or [user for user in able if _is_about(user, held)]
            unit = minor_unit(held.currency)
            parts: Sequence[Decimal] = [unit * 0] * len(users)
            if users and amount:
                shares = [self._share(user, held) for user in users]
                parts = allocated(amount, shares, held.contract.recovery_allocation, unit)
            self._parts[key] = {id(u): p for u, p in zip(users, parts, strict=True)}
        return self._parts[key]

    def is_struck_by(self, user: Entry, held: Entry) -> bool:
        """Whether what the held service suffered took part in the user's downtime."""
        return not set(held.level.incidents).isdisjoint(user.level.incidents)

    def _share(self, user: Entry, held: Entry) -> Share:
        """What one entry brings to the spreading of a recovery: what is owed before it."""
        stacked, month = self._gives_way(user), self._order.known_before.get(id(held), 0)
        granted = [
            item
            for _, item in (self._granted.get(user.contract.id, ()) if month else ())
            if item.period.closing_month < month
        ]
        whole, own = (
            capped(user, credit, granted, stacked=stacked).amount
            for credit in (user.credit.amount, user.own_credit)
        )
        owed = before_recovery(user.contract.pass_through, whole, min(whole, own))
        unit = minor_unit(user.currency)
        before, fee = (
            self.rates.before(rounded(value, unit), user, held) for value in (owed, user.base)
        )
        return Share(before, fee, user.contract.priority)

    def _claim(self, entry: Entry, claim: Claim) -> ClaimStatus:
        if claim.mode == "automatic":
            return AUTOMATIC
        incidents = [self.meter.incidents[name] for name in entry.level.causes]
        clip = self.meter.as_of
        window = claim_window(claim, entry.contract, entry.period, incidents, clip)
        asked = self.question.as_of
        day: date | None = local_day(asked, entry.contract.timezone) if asked else None
        filed = self._filed.get((entry.lineage, entry.period.label), [])
        # Of a later one nobody knew on that day.
        known = [each for each in filed if day is None or each <= day]
        return claim_status(claim, window, in_time(window, known), day)


def _uncapped(entry: Entry) -> tuple[Fraction, Fraction]:
    """Credit by the schedule before caps, and the part of it for the supplier's own failures."""
    whole = entry.credit.amount
    return whole, min(whole, entry.own_credit)


def _is_about(user: Entry, held: Entry) -> bool:
    """Whether the time that an entry pays for lies, in part, in another entry's period.

    Where figures alone tell what was missed, periods that overlap are all that is known.
    """
    failed = held.level.counted_time
    return not len(failed) or bool(len(intersection(failed, intervals([(user.start, user.end)]))))
