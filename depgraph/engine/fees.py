"""Fees that credits are shares of, and the currency they are in (rules K3, P9)."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from depgraph.model.contract import Contract
from depgraph.model.credits import CreditSchedule
from depgraph.model.sla import Sla

_TWELVE = 12


def monthly_base(contract: Contract, sla: Sla, fees: Fraction | None = None) -> Fraction:
    """Monthly fee that a credit is a share of (rule K3); 0 where no fee is known.

    Parameters
    ----------
    contract : Contract
        The contract.
    sla : Sla
        One of its SLAs.
    fees : Fraction, optional
        Sum of the contract's monthly fees, where known.
    """
    schedule = sla.credits
    yearly = Fraction(contract.annual_value.amount) / _TWELVE if contract.annual_value else None
    if isinstance(schedule, CreditSchedule):
        if schedule.base_fee is not None:
            return Fraction(schedule.base_fee.amount)
        if schedule.base == "contract":
            return yearly if yearly is not None else fees or Fraction(0)
    if sla.monthly_fee is not None:
        return Fraction(sla.monthly_fee.amount)
    services = {each.service for each in contract.slas}
    return yearly if yearly is not None and len(services) == 1 else Fraction(0)


def currency_of(contract: Contract, sla: Sla | None = None) -> str:
    """Currency of a contract's sums (rule P9); empty when it names none."""
    sums = [contract.annual_value]
    for each in (sla,) if sla is not None else contract.slas:
        sums.append(each.monthly_fee)
        if isinstance(each.credits, CreditSchedule):
            sums.append(each.credits.base_fee)
            sums += [tier.amount for tier in each.credits.tiers]
    named = next((money.currency for money in sums if money is not None), None)
    return named or contract.currency or ""


def summed_fees(slas: Iterable[Sla]) -> Fraction:
    """Monthly fees of what several SLAs cover, each service once (rule K3).

    Where SLAs name different fees for one service, as successive terms do, the largest counts.
    """
    fees: dict[str, Fraction] = {}
    for sla in slas:
        if sla.monthly_fee is not None:
            fee = Fraction(sla.monthly_fee.amount)
            fees[sla.service] = max(fee, fees.get(sla.service, fee))
    return sum(fees.values(), Fraction(0))


def is_fee_of_region(sla: Sla) -> bool:
    """Whether the base is what one region costs, so that regions do not share it (rule K3)."""
    schedule = sla.credits
    if not isinstance(schedule, CreditSchedule):
        return False
    return schedule.base == "region" and schedule.base_fee is not None
