"""Whether a customer's claim can still be passed on in time (rule P2, with K8).

Deadlines with different starting points are compared as ranges of days from the end of the month
of the incident; only what holds for every incident counts as decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from depgraph.engine.held import Agreement
from depgraph.model.credits import CreditSchedule
from depgraph.wording import counted

_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LEAP_DAYS = (31, 29, *_MONTH_DAYS[2:])
_LONGEST_MONTH = 31
_CYCLE = "billing cycle"
_LATEST_QUARTER_END = 61
"""Most days from the end of a month to the end of its quarter."""


@dataclass(frozen=True)
class _Deadline:
    """Last day of a claim, as days after an anchor."""

    anchor: str
    days: int | None
    """None: no limit."""
    earliest: int | None = None
    """Fewest days after the end of the incident's month; None when not comparable."""
    latest: int | None = None
    """Most days after the end of the incident's month."""

    @property
    def shown(self) -> str:
        """The deadline for people."""
        if self.anchor.startswith(_CYCLE):
            return f"{self.days} {self.anchor.replace(_CYCLE, 'billing cycles')}"
        return (
            f"{'no limit' if self.days is None else counted(self.days, 'day')} from {self.anchor}"
        )


def claim_gap(
    promise: Agreement, held: Agreement
) -> tuple[Literal["MATCH", "WEAKER", "UNKNOWN"], Decimal | None, str]:
    """Compare the claim deadlines of a promise and of what backs it.

    The customer's deadline plus the buffer must not pass the held deadline. The buffer is the
    larger of the two contracts' `claim_buffer_days`. Credits that the promise grants automatically
    need only the buffer.

    Parameters
    ----------
    promise, held : tuple of (Contract, Sla)
        Both with credits.

    Returns
    -------
    tuple of (str, Decimal or None, str)
        Status; days by which the claim would come too late (0 or less when it would not; None
        where it depends on the incident); a sentence.
    """
    buffer = max(promise[0].claim_buffer_days, held[0].claim_buffer_days)
    schedules = promise[1].credits, held[1].credits
    if not all(isinstance(schedule, CreditSchedule) for schedule in schedules):
        return "UNKNOWN", None, "the claim terms of a published schedule are not in the estate"
    theirs = _deadline(held)
    if theirs is None:
        return "MATCH", None, "held credits are automatic: nothing has to be claimed"
    if theirs.days is None:
        return "MATCH", None, "held credits may be claimed at any time"
    ours = _deadline(promise)
    if ours is None:
        # Credited by itself at the end of the period: only the time to pass it on counts.
        return _compared(_Deadline("month_end", 0, 0, 0), theirs, buffer)
    if ours.days is None:
        return "WEAKER", None, "the customer may claim at any time, we may not"
    return _compared(ours, theirs, buffer)


def _compared(
    ours: _Deadline, theirs: _Deadline, buffer: int
) -> tuple[Literal["MATCH", "WEAKER", "UNKNOWN"], Decimal | None, str]:
    """Compare two limited deadlines."""
    shown = f"{ours.shown} + {counted(buffer, 'day')} buffer, held {theirs.shown}"
    if ours.anchor == theirs.anchor and not ours.anchor.startswith(_CYCLE):
        gap = (ours.days or 0) + buffer - (theirs.days or 0)
        late = f": {counted(gap, 'day')} too late" if gap > 0 else ": in time"
        return "WEAKER" if gap > 0 else "MATCH", Decimal(gap), shown + late
    if ours.anchor == theirs.anchor and buffer == 0:
        met = (ours.days or 0) <= (theirs.days or 0)
        return "MATCH" if met else "WEAKER", None, shown
    ends = ours.earliest, ours.latest, theirs.earliest, theirs.latest
    if any(end is None for end in ends):
        return "UNKNOWN", None, f"{shown}: counted from different events"
    first, last, held_first, held_last = (end or 0 for end in ends)
    if last + buffer <= held_first:
        return "MATCH", None, f"{shown}: in time for every incident"
    if first + buffer > held_last:
        return "WEAKER", None, f"{shown}: too late for every incident"
    return "UNKNOWN", None, f"{shown}: in time for some incidents only"


def _deadline(agreement: Agreement) -> _Deadline | None:
    """Deadline of an SLA's credits; None when they are automatic."""
    contract, sla = agreement
    assert isinstance(sla.credits, CreditSchedule)  # noqa: S101 - the caller has looked
    claim = sla.credits.claim
    if claim.mode == "automatic":
        return None
    day = contract.anchor_day
    # Periods from an anchor day end within the month, before the incident or after it.
    anchored = "" if day == 1 else f" (from day {day})"
    shift = (0, 0) if day == 1 else (day - 1 - _LONGEST_MONTH, day - 1)
    if claim.billing_cycles is not None:
        low, high = _cycle_days(claim.billing_cycles)
        name = f"{_CYCLE}{anchored}"
        return _Deadline(name, claim.billing_cycles, low + shift[0], high + shift[1])
    days = claim.within_days
    objective = sla.availability_objective
    period = objective.period if objective else "month"
    anchor = claim.counted_from
    anchor_name = f"{period}_end" if anchor == "period_end" else str(anchor)
    offsets = {
        "month_end": shift,
        "quarter_end": (shift[0], _LATEST_QUARTER_END + shift[1]),
        "incident_end": (-_LONGEST_MONTH, 0),
    }.get(anchor_name)
    if anchor in {"period_end", "quarter_end"}:
        anchor_name += anchored
    if days is None or offsets is None:
        return _Deadline(anchor_name, days)
    return _Deadline(anchor_name, days, days + offsets[0], days + offsets[1])


def _cycle_days(cycles: int) -> tuple[int, int]:
    """Fewest and most days that so many months in a row have."""
    months = (*_MONTH_DAYS, *_LEAP_DAYS, *_MONTH_DAYS)
    whole, rest = divmod(cycles, len(_MONTH_DAYS))
    sums = [sum(months[start : start + rest]) for start in range(2 * len(_MONTH_DAYS))]
    return whole * sum(_MONTH_DAYS) + min(sums), whole * sum(_LEAP_DAYS) + max(sums)
