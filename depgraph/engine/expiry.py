"""Contracts that end soon, and the last day on which notice can be given (rule L1)."""

from __future__ import annotations

from datetime import date

from depgraph.errors import DomainError
from depgraph.model.estate import Estate
from depgraph.record import Record


class ExpiringContract(Record):
    """One contract that ends within the time looked at, or has ended already."""

    contract: str
    """The contract."""
    supplier: str
    """Who promises."""
    customer: str
    """Who is promised to."""
    end: date
    """Last day."""
    days_left: int
    """Days from the day looked at to the last day [d]; negative when it has ended."""
    notice_by: date | None
    """Last day on which notice reaches the end in time; None where the term is not known."""
    services: tuple[str, ...]
    """Services that it covers."""


def expiring_contracts(
    estate: Estate, as_of: date, within_days: int
) -> tuple[ExpiringContract, ...]:
    """Contracts that have ended, or end within some days; those that ended first come first.

    Parameters
    ----------
    estate : Estate
        Contracts; those without an end are open-ended and never listed.
    as_of : date
        The day looked at.
    within_days : int
        How far to look [d]; 0 lists what ends that day or has ended.

    Raises
    ------
    DomainError
        If `within_days` is negative.
    """
    if within_days < 0:
        raise DomainError(f"{within_days} days lie in the past; give 0 or more")
    found = []
    for contract in estate.contracts:
        if contract.end is None or (contract.end - as_of).days > within_days:
            continue
        notice = contract.termination_notice_days
        found.append(
            ExpiringContract(
                contract=contract.id,
                supplier=contract.supplier,
                customer=contract.customer,
                end=contract.end,
                days_left=(contract.end - as_of).days,
                notice_by=None if notice is None else _days_before(contract.end, notice),
                services=tuple(dict.fromkeys(sla.service for sla in contract.slas)),
            )
        )
    return tuple(sorted(found, key=lambda row: (row.end, row.contract)))


def _days_before(day: date, count: int) -> date:
    """A day so many days earlier; the calendar's first one where it does not reach so far."""
    return date.fromordinal(max(1, day.toordinal() - count))
