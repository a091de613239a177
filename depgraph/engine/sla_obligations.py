"""Obligations that SLAs carry: hours, claims, force majeure, planned work (rule P2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from depgraph.engine.claim_chain import claim_gap
from depgraph.engine.held import Agreement
from depgraph.engine.measurement_match import times_of
from depgraph.engine.obligation_match import FlowStatus, Obligation, ObligationMatch
from depgraph.model.contract import Contract
from depgraph.model.credits import PublishedCredits
from depgraph.model.estate import Estate
from depgraph.model.exclusion import Exclusion, ExclusionKind
from depgraph.model.sla import Metric, Objective, Sla
from depgraph.wording import counted

HOUR_METRICS: tuple[tuple[Obligation, Metric], ...] = (
    ("incident_response_hours", "incident_response_hours"),
    ("resolution_hours", "resolution_hours"),
    ("rto_hours", "rto_hours"),
    ("rpo_hours", "rpo_hours"),
    ("breach_notice_hours", "breach_notice_hours"),
)
"""Obligations in hours, each with its metric."""


def objective_of(sla: Sla, metric: Metric) -> Objective | None:
    """The promised level of one metric, if any."""
    return next((item for item in sla.objectives if item.metric == metric), None)


def claim_text(sla: Sla) -> str:
    """How credits of an SLA are claimed, for people."""
    if sla.credits is None:
        return "no credits"
    if isinstance(sla.credits, PublishedCredits):
        return f"as published in {sla.credits.published}"
    claim = sla.credits.claim
    if claim.mode == "automatic":
        return "automatic"
    if claim.billing_cycles is not None:
        return f"end of billing cycle {claim.billing_cycles} after the incident's"
    if claim.within_days is None:
        return "no deadline"
    return f"{counted(claim.within_days, 'day')} from {claim.counted_from}"


def hours(estate: Estate, promise: Agreement, held: Agreement) -> Iterator[ObligationMatch]:
    """Response, resolution, recovery and notice: the held hours must not be longer."""
    for obligation, metric in HOUR_METRICS:
        ours, theirs = objective_of(promise[1], metric), objective_of(held[1], metric)
        if ours is None:
            continue
        level = theirs.target if theirs else None
        note = ""
        if level is None and metric in {"rto_hours", "rpo_hours"}:
            level = getattr(estate.service[held[1].service], metric)
            note = (
                f"; from the record of {held[1].service}, not from an SLA"
                if level is not None
                else ""
            )
        difference = None if level is None else level - ours.target
        status: FlowStatus = (
            "MISSING" if difference is None else "WEAKER" if difference > 0 else "MATCH"
        )
        shown = "nothing held" if level is None else f"{level} h held"
        yield ObligationMatch(
            obligation=obligation, promised=ours.target, held=level, status=status,
            difference=difference, promised_clause=ours.clause,
            held_clause=theirs.clause if theirs else "",
            message=f"{ours.target} h promised, {shown}{note}",
        )  # fmt: skip


def claim_deadline(promise: Agreement, held: Agreement) -> Iterator[ObligationMatch]:
    """Claim deadline: the customer's deadline plus our buffer must not pass the held one."""
    if promise[1].credits is None:
        return
    status: FlowStatus
    gap: Decimal | None = None
    if held[1].credits is None:
        status, message = "MISSING", "the held SLA gives no remedy to claim"
    else:
        status, gap, message = claim_gap(promise, held)
    yield ObligationMatch(
        obligation="claim_deadline", promised=claim_text(promise[1]), held=claim_text(held[1]),
        status=status, difference=gap, promised_clause=_credit_clause(promise[1]),
        held_clause=_credit_clause(held[1]), message=message,
    )  # fmt: skip


def _credit_clause(sla: Sla) -> str:
    return getattr(sla.credits, "clause", "") or sla.clause


def _exclusions(sla: Sla, kind: ExclusionKind) -> tuple[Exclusion, ...]:
    return tuple(item for item in sla.exclusions if item.kind == kind)


def force_majeure(promise: Agreement, held: Agreement) -> Iterator[ObligationMatch]:
    """Force majeure: what excuses the supplier must excuse us too; no scope means any event."""
    ours = _exclusions(promise[1], "force_majeure")
    theirs = _exclusions(held[1], "force_majeure")
    if not ours and not theirs:
        return
    status: FlowStatus = "MATCH"
    message = "what excuses the supplier excuses us too"
    events = {event.casefold() for event in _events(ours)}
    beyond = [event for event in _events(theirs) if event.casefold() not in events]
    if theirs and not ours:
        status, message = "WEAKER", "force majeure excuses the supplier, but not us"
    elif theirs and events and (beyond or not _events(theirs)):
        what = ", ".join(beyond) or "any force majeure"
        status, message = "WEAKER", f"{what} excuses the supplier, but not us"
    yield ObligationMatch(
        obligation="force_majeure", promised=_scope(ours), held=_scope(theirs), status=status,
        promised_clause=_clauses(ours), held_clause=_clauses(theirs), message=message,
    )  # fmt: skip


def _events(exclusions: tuple[Exclusion, ...]) -> list[str]:
    """Events that exclusions cover, one beside the other; none where one of them covers any."""
    if not all(each.scope for each in exclusions):
        return []
    return list(dict.fromkeys(event for each in exclusions for event in each.scope))


def _clauses(exclusions: tuple[Exclusion, ...]) -> str:
    return ", ".join(each.clause for each in exclusions if each.clause)


def _scope(exclusions: tuple[Exclusion, ...]) -> str:
    return (", ".join(_events(exclusions)) or "any event") if exclusions else "not excused"


def maintenance(promise: Agreement, held: Agreement) -> Iterator[ObligationMatch]:
    """Planned work: no more of it, no shorter notice, no other windows than we have."""
    ours = _exclusions(promise[1], "planned_maintenance")
    theirs = _exclusions(held[1], "planned_maintenance")
    needed, given = _notice(promise[1], ours, max), _notice(held[1], theirs, min)
    if not ours and not theirs and not needed:
        return
    weaker: list[str] = []
    unknown: list[str] = []
    if theirs and not ours:
        weaker.append("planned work excuses the supplier, but not us")
    elif len(theirs) == len(ours) == 1:
        weaker, unknown = _more_work((promise[0], ours[0]), (held[0], theirs[0]))
    elif theirs and set(theirs) != set(ours):
        unknown.append("exclusions of planned work are several, and differ")
    if needed > given:
        weaker.append(f"{given} h notice held, {needed} h promised")
    status: FlowStatus = "WEAKER" if weaker else "UNKNOWN" if unknown else "MATCH"
    yield ObligationMatch(
        obligation="maintenance", promised=_planned(ours, needed), held=_planned(theirs, given),
        status=status, promised_clause=_clauses(ours), held_clause=_clauses(theirs),
        message="; ".join([*weaker, *unknown]) or "the supplier's planned work fits into ours",
    )  # fmt: skip


def _more_work(
    promised: tuple[Contract, Exclusion], held: tuple[Contract, Exclusion]
) -> tuple[list[str], list[str]]:
    """Why a supplier may do more planned work, or at other times, and why that cannot be said."""
    ours, theirs = promised[1], held[1]
    weaker: list[str] = []
    unknown: list[str] = []
    if ours.quota_hours is not None:
        if theirs.quota_hours is None or theirs.quota_hours > ours.quota_hours:
            quota = "no limit" if theirs.quota_hours is None else f"{theirs.quota_hours} h"
            weaker.append(f"{quota} of planned work held, {ours.quota_hours} h promised")
        elif promised[0].anchor_day != held[0].anchor_day:
            unknown.append("the months of the quotas begin on different days")
    if ours.windows and not theirs.windows:
        weaker.append("the supplier may work at any time, we only in our windows")
    elif ours.windows and not times_of(held[0], theirs.windows) <= times_of(
        promised[0], ours.windows
    ):
        unknown.append("the agreed windows differ")
    return weaker, unknown


def _notice(
    sla: Sla, exclusions: tuple[Exclusion, ...], extreme: Callable[[list[Decimal]], Decimal]
) -> Decimal:
    """Notice of planned work [h]: from exclusions or from an objective, the longer one."""
    objective = objective_of(sla, "maintenance_notice_hours")
    stated = [each.notice_hours or Decimal(0) for each in exclusions]
    agreed = extreme(stated) if stated else Decimal(0)
    return max(agreed, objective.target if objective else Decimal(0))


def _planned(exclusions: tuple[Exclusion, ...], notice: Decimal) -> str:
    """Planned work for people."""
    if not exclusions:
        return f"not excused, notice {notice} h" if notice else "not excused"
    texts = []
    for each in exclusions:
        quota = "no limit" if each.quota_hours is None else f"{each.quota_hours} h"
        windows = f", {counted(len(each.windows), 'window')}" if each.windows else ""
        texts.append(f"{quota}, notice {notice} h{windows}")
    return "; ".join(texts)
