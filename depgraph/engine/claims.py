"""Until when a credit may be claimed, and whether it was (rule K8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from depgraph.engine.periods import Period, local_day, period_from
from depgraph.engine.statement import ClaimStatus
from depgraph.model.contract import Contract
from depgraph.model.credits import Claim
from depgraph.model.incident import Incident

AUTOMATIC = ClaimStatus(mode="automatic", status="automatic")
"""Where a credit stands that nobody has to claim."""


def claim_window(
    claim: Claim,
    contract: Contract,
    period: Period,
    incidents: Iterable[Incident],
    as_of: datetime,
) -> tuple[date | None, date | None]:
    """First and last day on which a claim is accepted (rule K8); None where nothing limits it.

    Days from the end of an incident do not run while it lasts.

    Parameters
    ----------
    claim : Claim
        The terms.
    contract : Contract
        Its zone and anchor day.
    period : Period
        The period in which the level was missed.
    incidents : iterable of Incident
        What the credit is for; the last one decides where days are counted from incidents.
    as_of : datetime
        When the question is asked: what ends later is not over.
    """
    counted_from = _counted_from(claim, contract, period, tuple(incidents), as_of)
    earliest = None
    if claim.earliest_days and counted_from is not None:
        earliest = counted_from + timedelta(days=claim.earliest_days)
    if claim.billing_cycles is not None:
        last = period_from(
            "month",
            period.closing_month + claim.billing_cycles,
            contract.timezone,
            contract.anchor_day,
        )
        return earliest, local_day(last.end, contract.timezone) - timedelta(days=1)
    if claim.within_days is None or counted_from is None:
        return earliest, None
    return earliest, counted_from + timedelta(days=claim.within_days)


def _counted_from(
    claim: Claim,
    contract: Contract,
    period: Period,
    incidents: tuple[Incident, ...],
    as_of: datetime,
) -> date | None:
    """Day from which the days are counted; None while an incident from whose end they are lasts."""
    zone = contract.timezone
    last_day = local_day(period.end, zone) - timedelta(days=1)
    if claim.counted_from == "quarter_end":
        first = period.closing_month // 3 * 3
        quarter = period_from("quarter", first, zone, contract.anchor_day)
        return local_day(quarter.end, zone) - timedelta(days=1)
    moments: list[datetime] = []
    if claim.counted_from == "incident_end":
        moments = [incident.end for incident in incidents if incident.end is not None]
        if len(moments) < len(incidents) or any(moment > as_of for moment in moments):
            return None
    elif claim.counted_from == "awareness":
        moments = [incident.aware or incident.start for incident in incidents]
    return max((local_day(moment, zone) for moment in moments), default=last_day)


def in_time(window: tuple[date | None, date | None], filed: Sequence[date]) -> date | None:
    """Which of several claims for one credit counts: the first within its window, else the first.

    Parameters
    ----------
    window : tuple of date
        First and last day, from `claim_window`.
    filed : sequence of date
        Days on which one was filed, in order.
    """
    first, last = window
    within = (
        day for day in filed if (first is None or day >= first) and (last is None or day <= last)
    )
    return next(within, filed[0] if filed else None)


def claim_status(
    claim: Claim, window: tuple[date | None, date | None], filed: date | None, as_of: date | None
) -> ClaimStatus:
    """Where a claim stands (rule K8).

    Parameters
    ----------
    claim : Claim
        The terms.
    window : tuple of date
        First and last day, from `claim_window`.
    filed : date, optional
        Day on which it was filed, if it was.
    as_of : date, optional
        Day on which the question is asked; without it a claim that nobody recorded is taken to be
        still possible.
    """
    earliest, deadline = window
    if claim.mode == "automatic":
        return AUTOMATIC
    status = "claimable"
    if filed is not None:
        early = earliest is not None and filed < earliest
        late = deadline is not None and filed > deadline
        status = "late" if early or late else "filed"
    elif as_of is not None and deadline is not None and as_of > deadline:
        status = "not_filed"
    return ClaimStatus(
        mode="by_claim",
        status=status,
        earliest=earliest,
        deadline=deadline,
        filed=filed,
    )
