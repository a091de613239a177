"""Incentives, clawback and earn-back: new ledger entries, never edits (rule K7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from depgraph.engine.chronic import by_period
from depgraph.engine.credits import rounded
from depgraph.engine.periods import MONTHS, local_day
from depgraph.engine.settlement import Settled
from depgraph.engine.statement import LedgerEntry
from depgraph.units import minor_unit


def ledger_of(rows: Iterable[Settled]) -> Iterator[LedgerEntry]:
    """Ledger of all SLAs: credits, incentives, clawbacks and what was earned back.

    Parameters
    ----------
    rows : iterable of Settled
        Entries of every period that was looked at.

    Yields
    ------
    LedgerEntry
        Booked in the period in which each came to be owed.
    """
    for series in by_period(rows):
        yield from _credits(series)
        yield from _incentives([row for parts in series for row in parts])


def _entry(row: Settled, kind: str, amount: Decimal, booked: Settled | None = None) -> LedgerEntry:
    contract = row.entry.contract
    to_customer = kind in {"credit", "clawback"}
    payer, payee = contract.supplier, contract.customer
    if not to_customer:
        payer, payee = payee, payer
    return LedgerEntry(
        kind=kind,
        contract=contract.id,
        # By the terms that hold where it is booked: those of the credit may be replaced by then.
        sla=(booked or row).entry.sla.id,
        period=(booked or row).entry.period.label,
        payer=payer,
        payee=payee,
        amount=amount,
        currency=row.entry.currency,
    )


def _credits(series: Sequence[Sequence[Settled]]) -> Iterator[LedgerEntry]:
    """Credits, held while they can be earned back, and given back when they were.

    The months that must do better are whole periods, as many as hold them. Where the promise ends
    before they are over, nothing can be earned back any more.
    """
    for place, parts in enumerate(series):
        for row in parts:
            if not row.owed:
                continue
            terms = row.entry.schedule.earn_back if row.entry.schedule else None
            if terms is None:
                yield _entry(row, "credit", row.owed)
                continue
            count = -(-terms.months // MONTHS[row.entry.period.kind])
            following = series[place + 1 : place + 1 + count]
            needed = Fraction(terms.at_least)
            failed = any(
                part.entry.level.availability < needed for later in following for part in later
            )
            ended = not any(p.entry.level.provisional for later in following for p in later)
            complete = len(following) == count and ended
            ends = len(following) < count and _is_last((following[-1] if following else parts)[-1])
            runs = not complete and not ends
            state = "held" if runs and not failed else "final"
            yield _entry(row, "credit", row.owed).replace(state=state)
            if complete and not failed:
                yield _entry(row, "earn_back", row.owed, booked=following[-1][-1])


def _is_last(row: Settled) -> bool:
    """Whether the promise ends with a period, or within it."""
    contract, sla = row.entry.contract, row.entry.sla
    after = local_day(row.entry.period.end, contract.timezone)
    return any(day is not None and day < after for day in (contract.end, sla.valid_to))


def _incentives(series: list[Settled]) -> Iterator[LedgerEntry]:
    """Bonuses for beating the target, and their clawback when it is then missed.

    Where a level is missed none is due, also where a bonus asks for less than the target.
    """
    for place, row in enumerate(series):
        schedule = row.entry.schedule
        reached = [
            incentive
            for incentive in (schedule.incentives if schedule else ())
            if row.entry.level.availability >= Fraction(incentive.at_least)
            and not row.entry.breached
        ]
        if not reached or row.entry.level.provisional:
            continue
        best = max(reached, key=lambda incentive: incentive.bonus)
        unit = minor_unit(row.entry.currency)
        amount = rounded(Fraction(best.bonus) * row.entry.base, unit)
        if not amount:
            continue
        yield _entry(row, "incentive", amount)
        months = best.clawback_if_breached_within_months
        last = row.entry.period.closing_month + (months or 0)
        missed = next(
            (
                later
                for later in series[place + 1 :]
                if later.entry.breached and later.entry.period.closing_month <= last
            ),
            None,
        )
        if months is not None and missed is not None:
            yield _entry(row, "clawback", amount, booked=missed)
