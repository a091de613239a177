"""What caps that look at more than one period leave: limit, used, left (rule K4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from depgraph.engine.caps import (
    annual_credit_limit,
    contract_year,
    is_carved_out,
    liability_limit,
    months_of_year,
    rolling_limit,
    year_of_month,
)
from depgraph.engine.credits import rounded
from depgraph.engine.fees import currency_of
from depgraph.engine.linked_entries import Question
from depgraph.engine.periods import Requested, requested
from depgraph.engine.settlement import Books, Settled
from depgraph.engine.structure import Structure
from depgraph.model.contract import Contract
from depgraph.record import Record
from depgraph.units import minor_unit

_TWELVE = 12
CapName = Literal["rolling_cap", "annual_credit_cap", "liability_cap"]


class CapUsage(Record):
    """One cap of a contract over one contract year, or of an SLA over twelve months."""

    contract: str
    """The contract."""
    sla: str
    """The SLA of a rolling cap; empty for caps of the whole contract."""
    cap: CapName
    """The cap."""
    first_month: str
    """First month that it looks at, such as 2026-01."""
    last_month: str
    """Last month that it looks at."""
    limit: Decimal
    """Most that it lets be owed."""
    used: Decimal
    """Owed in these months, up to the end of what was asked for; of a liability cap without what a
    finding carves out."""
    left: Decimal
    """max(0, limit − used)."""
    currency: str
    """ISO 4217 code."""


def cap_usage(structure: Structure, period: str, now: datetime) -> tuple[CapUsage, ...]:
    """What each cap leaves at the end of a run of months.

    Parameters
    ----------
    structure : Structure
        The estate compiled, every published schedule written out.
    period : str
        2026-04, 2026-Q2, 2026 or a run such as 2025-07..2026-06; the contract years and the twelve
        months are those in which its last month lies.
    now : datetime
        The present; evidence after it does not count.

    Raises
    ------
    DomainError
        If the period cannot be read.
    LimitError
        If a ring of contracts does not settle.
    """
    asked = requested(period)
    books = Books(Question(structure, structure.estate.incidents, asked, None, now))
    rows: dict[str, list[Settled]] = {}
    for row in books.all_rows():
        rows.setdefault(row.entry.contract.id, []).append(row)
    return tuple(
        usage
        for contract in structure.estate.contracts
        if _runs(contract, asked.last_month)
        for usage in _of_contract(contract, rows.get(contract.id, []), asked)
    )


def _runs(contract: Contract, month: int) -> bool:
    """Whether a contract is in force in some part of a month."""
    first, last = (
        None if day is None else day.year * _TWELVE + day.month - 1
        for day in (contract.start, contract.end)
    )
    return (first is None or first <= month) and (last is None or month <= last)


def _of_contract(contract: Contract, rows: list[Settled], asked: Requested) -> Iterator[CapUsage]:
    year = year_of_month(contract, asked.last_month)
    this_year = [row for row in rows if contract_year(contract, row.entry.period) == year]
    limits: tuple[tuple[CapName, Callable[[Contract], Fraction | None]], ...] = (
        ("annual_credit_cap", annual_credit_limit),
        ("liability_cap", liability_limit),
    )
    within = [row for row in this_year if not is_carved_out(row.entry)]
    for cap, limit_of in limits:
        limit = limit_of(contract)
        if limit is not None:
            months = months_of_year(contract, year)
            used = _owed(within if cap == "liability_cap" else this_year, asked)
            yield _usage(contract, ("", cap), months, limit, used)
    yield from _rolling(contract, rows, asked)


def _rolling(contract: Contract, rows: list[Settled], asked: Requested) -> Iterator[CapUsage]:
    """Caps of schedules over the twelve months that end with the last one asked for."""
    latest: dict[str, Settled] = {row.entry.lineage: row for row in rows}
    last = asked.last_month
    for lineage, row in latest.items():
        limit = rolling_limit(row.entry)
        if limit is None:
            continue
        recent = [
            r
            for r in rows
            if r.entry.lineage == lineage and last - _TWELVE < r.entry.period.closing_month <= last
        ]
        months = last - _TWELVE + 1, last
        yield _usage(
            contract, (row.entry.sla.id, "rolling_cap"), months, limit, _owed(recent, asked)
        )


def _owed(rows: list[Settled], asked: Requested) -> Decimal:
    """Owed for periods that close by the end of what was asked for."""
    closed = (r.owed for r in rows if r.entry.period.closing_month <= asked.last_month)
    return sum(closed, Decimal(0))


def _usage(
    contract: Contract,
    cap: tuple[str, CapName],
    months: tuple[int, int],
    limit: Fraction,
    used: Decimal,
) -> CapUsage:
    """One cap: SLA and name, months that it looks at, limit and what was used of it."""
    currency = currency_of(contract)
    most = rounded(limit, minor_unit(currency))
    first, last = (f"{month // _TWELVE:04}-{month % _TWELVE + 1:02}" for month in months)
    return CapUsage(
        contract=contract.id,
        sla=cap[0],
        cap=cap[1],
        first_month=first,
        last_month=last,
        limit=most,
        used=used.quantize(minor_unit(currency)),
        left=max(Decimal(0), most - used).quantize(minor_unit(currency)),
        currency=currency,
    )
