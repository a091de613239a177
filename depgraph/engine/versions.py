"""Successive versions of one promise: what amendments replaced, and with what (rule L1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from depgraph.engine.periods import MONTHS, local_day
from depgraph.model.contract import Contract
from depgraph.model.credits import CreditSchedule
from depgraph.model.sla import Sla

_LEAST_MONTHS = 13
"""Least that incentives, earn-back and termination look back over."""


def first_versions(slas: Iterable[Sla]) -> Mapping[str, str]:
    """First version of every SLA: the one that the chain of `supersedes` leads to.

    Parameters
    ----------
    slas : iterable of Sla
        SLAs; what they replace may be among them or not.

    Returns
    -------
    mapping of str to str
        The first version's id by SLA id; an SLA that replaces none is its own.
    """
    by_id = {sla.id: sla for sla in slas}

    def first(sla: Sla) -> str:
        seen = {sla.id}
        while (older := by_id.get(sla.supersedes or "")) is not None and older.id not in seen:
            seen.add(older.id)
            sla = older
        return sla.id

    return {name: first(sla) for name, sla in by_id.items()}


def amended(contract: Contract) -> Mapping[str, tuple[Sla, ...]]:
    """All versions of every amended promise of a contract, the first one first, by SLA."""
    if not any(sla.supersedes for sla in contract.slas):
        return {}
    first = first_versions(contract.slas)
    found: dict[str, list[Sla]] = {}
    for sla in sorted(contract.slas, key=lambda each: each.valid_from or date.min):
        found.setdefault(first[sla.id], []).append(sla)
    return {
        sla.id: tuple(versions)
        for versions in found.values()
        for sla in versions
        if len(versions) > 1
    }


def version_at(contract: Contract, versions: Iterable[Sla], moment: datetime) -> Sla | None:
    """Version whose days hold a moment in the contract's zone; None between and outside them.

    Parameters
    ----------
    contract : Contract
        Its zone.
    versions : iterable of Sla
        Versions of one promise, the first one first.
    moment : datetime
        When.
    """
    day = local_day(moment, contract.timezone)
    return next(
        (
            each
            for each in versions
            if (each.valid_from or date.min) <= day <= (each.valid_to or date.max)
        ),
        None,
    )


def look_backs(contract: Contract) -> Mapping[str, int]:
    """Months before a period whose clean levels matter to it as well, by SLA (rules K7, K9).

    SLAs without incentives, earn-back or termination rights in any of their versions are left out.
    """
    if not any(_looks_back(sla) for sla in contract.slas):
        return {}
    first = first_versions(contract.slas)
    longest: dict[str, int] = {}
    for sla in contract.slas:
        if _looks_back(sla):
            name = first[sla.id]
            longest[name] = max(longest.get(name, _LEAST_MONTHS), _months_back(sla))
    return {sla.id: longest[first[sla.id]] for sla in contract.slas if first[sla.id] in longest}


def look_ahead(contract: Contract) -> int:
    """Months after a period in which a credit of it may be earned back, the most of any SLA (K7).

    Whole periods count, as many as hold the months that the terms ask for.
    """
    return max((_months_ahead(sla) for sla in contract.slas), default=0)


def _months_ahead(sla: Sla) -> int:
    objective, schedule = sla.availability_objective, sla.credits
    if objective is None or not isinstance(schedule, CreditSchedule) or not schedule.earn_back:
        return 0
    size = MONTHS[objective.period]
    return -(-schedule.earn_back.months // size) * size


def _looks_back(sla: Sla) -> bool:
    """Whether clean periods of an SLA matter to later ones."""
    schedule = sla.credits
    rewards = isinstance(schedule, CreditSchedule) and (schedule.incentives or schedule.earn_back)
    return bool(rewards or sla.termination)


def _months_back(sla: Sla) -> int:
    """Months that the longest of its terms looks back over."""
    objective, schedule = sla.availability_objective, sla.credits
    size = MONTHS[objective.period] if objective is not None else 1
    spans = [max(t.periods or 1, t.breaches or 1) * size for t in sla.termination]
    if isinstance(schedule, CreditSchedule):
        spans += [i.clawback_if_breached_within_months or 0 for i in schedule.incentives]
        spans.append(schedule.earn_back.months if schedule.earn_back is not None else 0)
    return max(spans, default=0) + size
