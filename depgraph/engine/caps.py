"""Caps in their order, with what each took away (rules K4, K5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from depgraph.engine.entries import Entry
from depgraph.engine.periods import Period
from depgraph.model.contract import Contract

_TWELVE = 12


@dataclass(frozen=True)
class Granted:
    """A credit that was granted earlier, for caps that look back."""

    lineage: str
    """Its SLA, by the first of its versions."""
    period: Period
    """Its period."""
    amount: Decimal
    """How much."""
    carved_out: bool = False
    """Whether a finding lifts the liability cap for it, so that it uses none of that up (K5)."""


@dataclass(frozen=True)
class Capped:
    """A credit after the caps."""

    amount: Fraction
    """Sum that is left, unrounded."""
    taken: tuple[tuple[str, Fraction], ...]
    """What each cap took away, in order."""


_NOTHING = Capped(Fraction(0), ())
"""No credit: no cap takes anything."""


def stacking_losers(entries: Iterable[Entry]) -> frozenset[int]:
    """Entries of one contract and period that give way to a higher remedy (rule K4).

    One incident earns the highest remedy only: among the levels that the contract does not let
    add up, entries that share an incident are ranked, and all but the highest fall away.

    Returns
    -------
    frozenset of int
        Python identities of the entries that fall away.
    """
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        rule = entry.contract.stacking
        if entry.credit.amount and rule != "all":
            service = entry.sla.service if rule == "highest_per_service" else ""
            groups.setdefault(service, []).append(entry)
    lost: set[int] = set()
    for members in groups.values():
        if len(members) == 1:
            continue
        kept: list[Entry] = []
        for entry in sorted(members, key=_rank):
            if any(_compete(entry, other) for other in kept):
                lost.add(id(entry))
            else:
                kept.append(entry)
    return frozenset(lost)


def _rank(entry: Entry) -> tuple[Fraction, Fraction, tuple[str, str, datetime, str]]:
    """Highest credit first; of equal ones that of which its own caps leave more, then by id."""
    left = capped(entry, entry.credit.amount, (), stacked=False).amount
    return -entry.credit.amount, -left, entry.key


def _compete(one: Entry, other: Entry) -> bool:
    """Whether two levels are remedies for one incident, one that counts for both (rule K4).

    They do where they speak of the same time and place: parts of one SLA's period and its regions
    are entitlements of their own (rules K10, M9).
    """
    return (
        max(one.start, other.start) < min(one.end, other.end)
        and (one.region == other.region or None in {one.region, other.region})
        and not set(one.level.causes).isdisjoint(other.level.causes)
    )


def capped(entry: Entry, raw: Fraction, granted: Iterable[Granted], *, stacked: bool) -> Capped:
    """Apply the caps in order: stacking, minimum, period, rolling year, contract year, liability.

    Parameters
    ----------
    entry : Entry
        The level.
    raw : Fraction
        Its credit before caps.
    granted : iterable of Granted
        What the contract granted earlier, or for other levels in the same period.
    stacked : bool
        Whether a higher remedy for the same incident takes its place.
    """
    if not raw:
        return _NOTHING
    left = raw
    taken: list[tuple[str, Fraction]] = []
    if stacked:
        taken.append(("stacking", left))
        left = Fraction(0)
    schedule = entry.schedule
    if schedule is not None and schedule.minimum and 0 < left <= Fraction(schedule.minimum.amount):
        taken.append(("minimum", left))
        left = Fraction(0)
    within = within_caps(entry, left, granted)
    return Capped(within.amount, (*taken, *within.taken))


def within_caps(entry: Entry, amount: Fraction, granted: Iterable[Granted]) -> Capped:
    """What the caps leave of a sum; the minimum strikes before them, never after (rule K4).

    Parameters
    ----------
    entry : Entry
        The level.
    amount : Fraction
        Sum in major units, unrounded.
    granted : iterable of Granted
        What the contract granted earlier, or for other levels in the same period.
    """
    left = amount
    taken: list[tuple[str, Fraction]] = []
    for name, room in _rooms(entry, tuple(granted)) if amount else ():
        if left > room:
            taken.append((name, left - room))
            left = room
    return Capped(left, tuple(taken))


def _rooms(entry: Entry, granted: tuple[Granted, ...]) -> list[tuple[str, Fraction]]:
    """Room that each cap leaves, in the order of rule K4."""
    contract, schedule = entry.contract, entry.schedule
    rooms: list[tuple[str, Fraction]] = []
    if schedule is not None and schedule.period_cap is not None:
        # Parts of a period and regions have a base, and so a cap, of their own.
        rooms.append(("period_cap", Fraction(schedule.period_cap) * entry.base))
    rolling = rolling_limit(entry)
    if rolling is not None:
        last = entry.period.closing_month
        recent = _sum(
            g
            for g in granted
            if g.lineage == entry.lineage and last - _TWELVE < g.period.closing_month <= last
        )
        rooms.append(("rolling_cap", max(Fraction(0), rolling - recent)))
    if contract.annual_credit_cap is None and contract.liability_cap is None:
        return rooms
    year = contract_year(contract, entry.period)
    this_year = [g for g in granted if contract_year(contract, g.period) == year]
    annual = annual_credit_limit(contract)
    if annual is not None:
        rooms.append(("annual_credit_cap", max(Fraction(0), annual - _sum(this_year))))
    liability = liability_limit(contract)
    if liability is not None and not is_carved_out(entry):
        used = _sum(g for g in this_year if not g.carved_out)
        rooms.append(("liability_cap", max(Fraction(0), liability - used)))
    return rooms


def _sum(granted: Iterable[Granted]) -> Fraction:
    return sum((Fraction(item.amount) for item in granted), Fraction(0))


def rolling_limit(entry: Entry) -> Fraction | None:
    """Most that may be granted over twelve months, in major units."""
    cap = entry.schedule.rolling_cap if entry.schedule is not None else None
    if cap is None:
        return None
    limits = []
    if cap.amount is not None:
        limits.append(Fraction(cap.amount.amount))
    if cap.months_of_fee is not None:
        limits.append(Fraction(cap.months_of_fee) * entry.base / entry.months)
    if cap.share_of_annual_value is not None and entry.contract.annual_value is not None:
        annual = Fraction(entry.contract.annual_value.amount)
        limits.append(Fraction(cap.share_of_annual_value) * annual)
    return min(limits) if limits else None


def look_back_limit(entry: Entry) -> Fraction | None:
    """Least of the caps that look at more than one period, when nothing was granted yet (K4)."""
    contract = entry.contract
    limits = [rolling_limit(entry), liability_limit(contract), annual_credit_limit(contract)]
    return min((limit for limit in limits if limit is not None), default=None)


def annual_credit_limit(contract: Contract) -> Fraction | None:
    """Most that is credited in a contract year; None without a cap that can be told."""
    if contract.annual_credit_cap is None or contract.annual_value is None:
        return None
    return Fraction(contract.annual_credit_cap) * Fraction(contract.annual_value.amount)


def liability_limit(contract: Contract) -> Fraction | None:
    """Most that the supplier owes in a contract year; None without a cap that can be told."""
    cap = contract.liability_cap
    if cap is None:
        return None
    if cap.amount is not None:
        return Fraction(cap.amount.amount)
    if contract.annual_value is None:
        return None
    return Fraction(cap.share_of_annual_value or 0) * Fraction(contract.annual_value.amount)


def is_carved_out(entry: Entry) -> bool:
    """Whether a finding recorded by then, on an incident that counts, lifts the cap (rule K5)."""
    cap = entry.contract.liability_cap
    if cap is None:
        return False
    struck = set(entry.level.causes)
    return any(
        finding.kind in cap.carve_outs
        and finding.incident in struck
        and finding.decided <= entry.known_on
        for finding in entry.contract.findings
    )


def contract_year(contract: Contract, period: Period) -> int:
    """Number, by months, of the contract year in which a period begins; else of the year.

    What an anchor day leaves of the period before the first one belongs to the first year.
    """
    return max(year_of_month(contract, period.first_month), 0)


def year_of_month(contract: Contract, month: int) -> int:
    """Number of the contract year that holds a month counted from year 0."""
    return (month - _first_month(contract)) // _TWELVE


def months_of_year(contract: Contract, year: int) -> tuple[int, int]:
    """First and last month of a contract year, counted from year 0."""
    first = _first_month(contract) + year * _TWELVE
    return first, first + _TWELVE - 1


def _first_month(contract: Contract) -> int:
    return contract.start.year * _TWELVE + contract.start.month - 1 if contract.start else 0
