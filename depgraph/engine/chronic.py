"""Repeated failure: breach runs and the rights to terminate that they give (rule K9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from fractions import Fraction

from depgraph.engine.periods import local_day
from depgraph.engine.settlement import Settled
from depgraph.engine.statement import TerminationRight
from depgraph.model.sla import TerminationTrigger
from depgraph.wording import counted


def termination_rights(rows: Iterable[Settled]) -> Iterator[TerminationRight]:
    """Rights that arose, one for each period in which a trigger was met (rule K9).

    Parameters
    ----------
    rows : iterable of Settled
        Entries of every period that was looked at; periods without evidence count as met.
    """
    for series in by_period(rows):
        if not any(part.entry.sla.termination for parts in series for part in parts):
            continue
        outcomes = [_outcome(parts) for parts in series]
        for place, parts in enumerate(series):
            for trigger in parts[-1].entry.sla.termination:
                reason = triggered(trigger, outcomes[: place + 1])
                if reason:
                    yield _right(parts[-1], trigger, reason)


def by_period(rows: Iterable[Settled]) -> list[list[list[Settled]]]:
    """Parts of each period, in order of time, for every promise in every region.

    Regions are entitlements of their own (rule M9); segments with targets of their own are parts of
    one period (rule K10); an amended promise is still the same one (rule L1).
    """
    found: dict[tuple[str, str, str], dict[int, list[Settled]]] = {}
    for row in rows:
        entry = row.entry
        key = entry.lineage, entry.period.kind, entry.region or ""
        found.setdefault(key, {}).setdefault(entry.period.first_month, []).append(row)
    return [
        [sorted(series[month], key=lambda row: row.entry.start) for month in sorted(series)]
        for series in found.values()
    ]


def _outcome(parts: Sequence[Settled]) -> tuple[Fraction, bool]:
    """Availability of a period over its parts, and whether the target of any was missed."""
    levels = [part.entry.level for part in parts]
    length = sum((level.length for level in levels), Fraction(0))
    lost = sum(((1 - level.availability) * level.length for level in levels), Fraction(0))
    return 1 - lost / length if length else Fraction(1), any(p.entry.breached for p in parts)


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
            return (
                f"{counted(count, 'breach', 'breaches')} in "
                f"{counted(trigger.periods or 1, 'period')}"
            )
    elif trigger.kind == "consecutive":
        run = outcomes[-(trigger.breaches or 1) :]
        if len(run) == trigger.breaches and all(missed for _, missed in run):
            return f"{counted(trigger.breaches, 'breach', 'breaches')} in a row"
    elif trigger.kind == "rolling_mean":
        window = outcomes[-(trigger.periods or 1) :]
        mean = sum((value for value, _ in window), Fraction(0)) / len(window)
        if len(window) == trigger.periods and mean < Fraction(trigger.below or 0):
            return (
                f"mean of {counted(len(window), 'period')} is {float(mean):.9g}, below "
                f"{trigger.below}"
            )
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
        reason=reason if entry.region is None else f"{reason} in {entry.region}",
        notice_days=trigger.notice_days,
        expires=None if within is None else last_day + timedelta(days=within),
        clause=trigger.clause,
    )
