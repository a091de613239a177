"""What is wrong with contracts before anything is settled (rules K1, K3, P9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import Literal

from depgraph.engine.fees import monthly_base, summed_fees
from depgraph.engine.idle_terms import idle_terms
from depgraph.engine.periods import MONTHS, kind_of
from depgraph.engine.schedule_check import MINUTES_IN_MONTH, ScheduleFault, schedule_faults
from depgraph.engine.versions import amended
from depgraph.model.contract import Contract
from depgraph.model.credits import CreditSchedule, PublishedCredits
from depgraph.model.estate import Estate
from depgraph.model.sla import Sla
from depgraph.record import Record

_LEVEL: dict[str, Literal["note", "warning", "error"]] = {
    "GAP": "error",
    "INCOMPLETE": "error",
    "NON_MONOTONE": "error",
    # Ladders of "below x" overlap by habit, and the most severe row pays.
    "OVERLAP": "note",
}


class ContractFault(Record):
    """One fault of a contract's terms."""

    code: str
    """Stable short name, such as ``schedule-gap``."""
    level: Literal["note", "warning", "error"]
    """`error` when nothing should be settled on it, else `warning` or `note`."""
    contract: str
    """The contract."""
    sla: str
    """The SLA; empty when the whole contract is meant."""
    message: str
    """What was found, with its figures."""
    hint: str
    """What to do."""
    rule: str
    """Rule it follows from."""


def contract_faults(estate: Estate) -> tuple[ContractFault, ...]:
    """Faults of every contract's schedules, fees and currencies.

    Parameters
    ----------
    estate : Estate
        Contracts; references to published schedules must be written out before settling.
    """
    return tuple(
        fault
        for contract in estate.contracts
        for fault in (
            *_currencies(contract),
            *_versions(contract),
            *_caps_of_nothing(contract),
            *(f for s in contract.slas for f in _sla(contract, s)),
            *(f for s in contract.slas for f in _idle(contract, s)),
        )
    ) + tuple(_claims(estate))


def _currencies(contract: Contract) -> Iterator[ContractFault]:
    cap = contract.liability_cap
    sums = [contract.annual_value, cap.amount if cap else None]
    for sla in contract.slas:
        sums.append(sla.monthly_fee)
        if isinstance(sla.credits, CreditSchedule):
            rolling = sla.credits.rolling_cap
            sums += [sla.credits.base_fee, sla.credits.minimum]
            sums.append(rolling.amount if rolling else None)
            sums += [tier.amount for tier in sla.credits.tiers]
    used = sorted({money.currency for money in sums if money is not None})
    if contract.currency is not None:
        used = sorted({*used, contract.currency})
    if len(used) > 1:
        yield ContractFault(
            code="mixed-currencies",
            level="error",
            contract=contract.id,
            sla="",
            message=f"{contract.id} has sums in {' and '.join(used)}",
            hint="a contract has one currency: convert, naming rate, source and date",
            rule="P9",
        )


def _claims(estate: Estate) -> Iterator[ContractFault]:
    """Claims for a month where quarters are measured, and the like: none of them counts (K8)."""
    for claim in estate.claims:
        contract, terms = estate.sla[claim.sla]
        versions = amended(contract).get(terms.id, (terms,))
        objectives = [sla.availability_objective for sla in versions]
        kinds = [objective.period for objective in objectives if objective is not None]
        if not kinds or kind_of(claim.period) in kinds:
            continue
        example = {"month": "2026-04", "quarter": "2026-Q2", "year": "2026"}[kinds[-1]]
        yield ContractFault(
            code="claim-of-another-period",
            level="error",
            contract=contract.id,
            sla=claim.sla,
            message=f"the claim of {claim.filed} under {claim.sla} is for {claim.period}, which is "
            f"no {kinds[-1]}, and that is what is measured: it would count as not filed",
            hint=f"write the {kinds[-1]} that it is for, such as {example}",
            rule="K8",
        )


def _caps_of_nothing(contract: Contract) -> Iterator[ContractFault]:
    """Caps that are shares of an annual value that nobody stated: they would cap nothing (K4)."""
    if contract.annual_value is not None:
        return
    cap = contract.liability_cap
    caps = {
        "liability_cap": cap is not None and cap.share_of_annual_value is not None,
        "annual_credit_cap": contract.annual_credit_cap is not None,
    }
    named = [("", name) for name, is_share in caps.items() if is_share]
    for sla in contract.slas:
        rolling = sla.credits.rolling_cap if isinstance(sla.credits, CreditSchedule) else None
        if rolling is not None and rolling.share_of_annual_value is not None:
            named.append((sla.id, "rolling_cap"))
    for sla_id, name in named:
        yield ContractFault(
            code="cap-without-value",
            level="error",
            contract=contract.id,
            sla=sla_id,
            message=f"{name} of {sla_id or contract.id} is a share of an annual value, and none is "
            "stated: it would cap nothing",
            hint="give the contract's annual_value, or the cap as a sum",
            rule="K4",
        )


def _versions(contract: Contract) -> Iterator[ContractFault]:
    """Dated terms of one service that hold at once, none of which replaces the other (L1)."""
    for one, other in combinations(contract.slas, 2):
        dated = any(s.valid_from or s.valid_to for s in (one, other))
        if not dated or one.service != other.service or not _side_by_side(one, other):
            continue
        if one.supersedes == other.id or other.supersedes == one.id:
            continue
        yield ContractFault(
            code="overlapping-versions",
            level="error",
            contract=contract.id,
            sla=other.id,
            message=f"{one.id} and {other.id} both hold for {one.service} at the same time",
            hint="end one before the other starts, and name it in supersedes",
            rule="L1",
        )


def _side_by_side(one: Sla, other: Sla) -> bool:
    """Whether two SLAs promise availability in one place on one day."""
    if one.availability_objective is None or other.availability_objective is None:
        return False
    if one.regions and other.regions and not set(one.regions) & set(other.regions):
        return False
    starts = [s.valid_from or date.min for s in (one, other)]
    ends = [s.valid_to or date.max for s in (one, other)]
    return max(starts) <= min(ends)


def _idle(contract: Contract, sla: Sla) -> Iterator[ContractFault]:
    """Terms that mean nothing beside the others."""
    for term in idle_terms(sla):
        yield ContractFault(
            code="term-without-effect",
            level="warning",
            contract=contract.id,
            sla=sla.id,
            message=f"{sla.id}: {term.message}",
            hint=term.hint,
            rule=term.rule,
        )


def _sla(contract: Contract, sla: Sla) -> Iterator[ContractFault]:
    schedule, objective = sla.credits, sla.availability_objective
    if isinstance(schedule, PublishedCredits):
        yield ContractFault(
            code="schedule-not-resolved",
            level="error",
            contract=contract.id,
            sla=sla.id,
            message=f"the published schedule {schedule.published!r} is not written out",
            hint="use a name of the library: depgraph schedules",
            rule="K1",
        )
    if not isinstance(schedule, CreditSchedule) or objective is None:
        return
    length = MINUTES_IN_MONTH * MONTHS[objective.period]
    for fault in schedule_faults(schedule, objective.target, length):
        yield _of_schedule(contract, sla, fault)
    if _needs_fee(schedule) and not monthly_base(contract, sla, summed_fees(contract.slas)):
        yield _without_fee(contract, sla, schedule)


def _without_fee(contract: Contract, sla: Sla, schedule: CreditSchedule) -> ContractFault:
    """Fault of credits that are shares of nothing: of a fee of 0, or of one nobody knows."""
    stated = (schedule.base_fee, sla.monthly_fee, contract.annual_value)
    zero = any(money is not None and not money.amount for money in stated)
    what = "a fee of 0: it pays nothing" if zero else "a fee, and no fee is known"
    return ContractFault(
        code="zero-fee" if zero else "missing-fee",
        level="warning" if zero else "error",
        contract=contract.id,
        sla=sla.id,
        message=f"{sla.id} credits shares of {what}",
        hint="give monthly_fee, credits.base_fee, or the contract's annual_value",
        rule="K3",
    )


def _needs_fee(schedule: CreditSchedule) -> bool:
    return not schedule.tiers or any(tier.amount is None for tier in schedule.tiers)


def _of_schedule(contract: Contract, sla: Sla, fault: ScheduleFault) -> ContractFault:
    return ContractFault(
        code=f"schedule-{fault.code.lower().replace('_', '-')}",
        level=_LEVEL.get(fault.code, "warning"),
        contract=contract.id,
        sla=sla.id,
        message=f"{sla.id}: {fault.message}",
        hint=fault.hint,
        rule="K1",
    )
