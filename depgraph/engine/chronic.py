"""Repeated failure: breach runs and the rights to terminate that they give (rule K9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from fractions import Fraction

from depgraph.engine.periods import local_day
from depgraph.engine.settlement import Settled
from depgraph.engine.statement import TerminationRight
from depgraph.model.sla import TerminationTrigger


def termination_rights(rows: Iterable[Settled]) -> Iterator[TerminationRight]:
    """Rights that arose, one for each period in which a trigger was met (rule K9).

    Parameters
    ----------
    rows : iterable of Settled
        Entries of every period that was looked at; periods without evidence count as met.
    """
    series: dict[str, list[Settled]] = {}
    for row in rows:
        if row.entry.sla.termination:
            series.setdefault(row.entry.sla.id, []).append(row)
    for members in series.values():
        members.sort(key=lambda row: row.entry.start)
        for place, row in enumerate(members):
            for trigger in row.entry.sla.termination:
                reason = triggered(trigger, [_outcome(r) for r in members[: place + 1]])
                if reason:
                    yield _right(row, trigger, reason)


def _outcome(row: Settled) -> tuple[Fraction, bool]:
    return row.entry.level.availability, row.entry.breached


def triggered(trigger: TerminationTrigger, outcomes: Sequence[tuple[Fraction, bool]]) -> str:
    """Say why a trigger is met in the last of a run of periods; empty when it is not.

    Parameters
    ----------
    trigger : TerminationTrigger
        k breaches in n periods, k in a row, a rolling mean or a single period below a level.
    outcomes : sequence of (Fraction, bool)
        Availability and whether it missed its target, period by period, the last one last.
    """
    measured, breached = outcomes[-1]
    if trigger.kind == "count":
        window = outcomes[-(trigger.periods or 1) :]
        count = sum(missed for _, missed in window)
        if breached and count >= (trigger.breaches or 1):
            return f"{count} breaches in {trigger.periods} periods"
    elif trigger.kind == "consecutive":
        run = outcomes[-(trigger.breaches or 1) :]
        if len(run) == trigger.breaches and all(missed for _, missed in run):
            return f"{trigger.breaches} breaches in a row"
    elif trigger.kind == "rolling_mean":
        window = outcomes[-(trigger.periods or 1) :]
        mean = sum((value for value, _ in window), Fraction(0)) / len(window)
        if len(window) == trigger.periods and mean < Fraction(trigger.below or 0):
            return f"mean of {trigger.periods} periods is {float(mean):.9g}, below {trigger.below}"
    elif measured < Fraction(trigger.below or 0):
        return f"{float(measured):.9g} is below {trigger.below}"
    return ""


def _right(row: Settled, trigger: TerminationTrigger, reason: str) -> TerminationRight:
    entry = row.entry
    last_day = local_day(entry.end, entry.contract.timezone) - timedelta(days=1)
    within = trigger.within_days
    return TerminationRight(
        contract=entry.contract.id,
        sla=entry.sla.id,
        period=entry.period.label,
        reason=reason,
        notice_days=trigger.notice_days,
        expires=None if within is None else last_day + timedelta(days=within),
        clause=trigger.clause,
    )
