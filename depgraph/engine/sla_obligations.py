"""Obligations that SLAs carry: measures, hours, claims, force majeure, planned work (rule P2)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from depgraph.engine.claim_chain import claim_gap
from depgraph.engine.held import Agreement
from depgraph.engine.obligation_match import FlowStatus, Obligation, ObligationMatch
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
_PERIODS = ("month", "quarter", "year")
_GRANULARITIES = ("exact", "whole_minutes", "consecutive_minutes")


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


def measurement_text(objective: Objective) -> str:
    """How an availability is measured, for people."""
    text = f"{objective.measure} per {objective.period}"
    extra = [
        value
        for value, usual in (
            (objective.granularity, "exact"),
            (objective.denominator, "full"),
            (objective.partial, "any"),
        )
        if value != usual
    ]
    return ", ".join([text, *extra])


def measured(promise: Agreement, held: Agreement) -> Iterator[ObligationMatch]:
    """Measurement kind and period: what one of them counts, the other must count too."""
    ours, theirs = promise[1].availability_objective, held[1].availability_objective
    if ours is None:
        return
    status: FlowStatus = "MATCH"
    reasons: list[str] = []
    if theirs is None:
        yield ObligationMatch(
            obligation="measurement", promised=measurement_text(ours), held=None, status="MISSING",
            promised_clause=ours.clause, message="the held SLA measures no availability",
        )  # fmt: skip
        return
    weaker = [
        (_PERIODS.index(theirs.period) > _PERIODS.index(ours.period),
         f"held per {theirs.period}: a bad {ours.period} can hide in it"),
        (_granularity(theirs) > _granularity(ours), f"held counts {theirs.granularity} only"),
        (theirs.partial == "weighted" and ours.partial == "any",
         "held weighs partial outages, the promise counts them in full"),
        (held[1].service_hours is not None and promise[1].service_hours is None,
         "held counts service hours only"),
    ]  # fmt: skip
    unknown = [
        (theirs.measure != ours.measure, f"held is measured by {theirs.measure}: not comparable"),
        (theirs.denominator != ours.denominator, f"held is divided by {theirs.denominator}"),
        (
            promise[1].service_hours is not None
            and held[1].service_hours not in {None, promise[1].service_hours},
            "service hours differ",
        ),
        (theirs.measure == "interval_mean" and theirs.interval_minutes != ours.interval_minutes,
         f"held intervals have {theirs.interval_minutes} minutes"),
    ]  # fmt: skip
    if any(fact for fact, _ in unknown):
        status = "UNKNOWN"
    if any(fact for fact, _ in weaker):
        status = "WEAKER"
    reasons = [reason for fact, reason in [*weaker, *unknown] if fact]
    yield ObligationMatch(
        obligation="measurement", promised=measurement_text(ours), held=measurement_text(theirs),
        status=status, promised_clause=ours.clause, held_clause=theirs.clause,
        message="; ".join(reasons) or "measured alike",
    )  # fmt: skip


def _granularity(objective: Objective) -> tuple[int, int]:
    return _GRANULARITIES.index(objective.granularity), objective.consecutive_minutes or 0


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
            note = f"; from the record of {held[1].service}, not from an SLA" if level else ""
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


def _exclusion(sla: Sla, kind: ExclusionKind) -> Exclusion | None:
    return next((item for item in sla.exclusions if item.kind == kind), None)


def force_majeure(promise: Agreement, held: Agreement) -> Iterator[ObligationMatch]:
    """Force majeure: what excuses the supplier must excuse us too; no scope means any event."""
    ours = _exclusion(promise[1], "force_majeure")
    theirs = _exclusion(held[1], "force_majeure")
    if ours is None and theirs is None:
        return
    status: FlowStatus = "MATCH"
    message = "what excuses the supplier excuses us too"
    events = {event.casefold() for event in ours.scope} if ours else set()
    beyond = [e for e in theirs.scope if e.casefold() not in events] if theirs else []
    if theirs is not None and ours is None:
        status, message = "WEAKER", "force majeure excuses the supplier, but not us"
    elif theirs is not None and events and (beyond or not theirs.scope):
        what = ", ".join(beyond) or "any force majeure"
        status, message = "WEAKER", f"{what} excuses the supplier, but not us"
    yield ObligationMatch(
        obligation="force_majeure", promised=_scope(ours), held=_scope(theirs), status=status,
        promised_clause=ours.clause if ours else "", held_clause=theirs.clause if theirs else "",
        message=message,
    )  # fmt: skip


def _scope(exclusion: Exclusion | None) -> str:
    if exclusion is None:
        return "not excused"
    return ", ".join(exclusion.scope) or "any event"


def maintenance(promise: Agreement, held: Agreement) -> Iterator[ObligationMatch]:
    """Planned work: no more of it, no shorter notice, no other windows than we have."""
    ours = _exclusion(promise[1], "planned_maintenance")
    theirs = _exclusion(held[1], "planned_maintenance")
    needed, given = _notice(promise[1], ours), _notice(held[1], theirs)
    if ours is None and theirs is None and not needed:
        return
    status: FlowStatus = "MATCH"
    weaker: list[str] = []
    unknown: list[str] = []
    if theirs is not None and ours is None:
        weaker.append("planned work excuses the supplier, but not us")
    elif theirs is not None and ours is not None:
        if ours.quota_hours is not None and (
            theirs.quota_hours is None or theirs.quota_hours > ours.quota_hours
        ):
            quota = "no limit" if theirs.quota_hours is None else f"{theirs.quota_hours} h"
            weaker.append(f"{quota} of planned work held, {ours.quota_hours} h promised")
        if _period(promise[1]) != _period(held[1]) and ours.quota_hours is not None:
            unknown.append("the quotas run over different periods")
        if ours.windows and not theirs.windows:
            weaker.append("the supplier may work at any time, we only in our windows")
        elif ours.windows and not set(theirs.windows) <= set(ours.windows):
            unknown.append("the agreed windows differ")
    if needed > given:
        weaker.append(f"{given} h notice held, {needed} h promised")
    status = "WEAKER" if weaker else "UNKNOWN" if unknown else "MATCH"
    yield ObligationMatch(
        obligation="maintenance", promised=_planned(ours, needed), held=_planned(theirs, given),
        status=status, promised_clause=ours.clause if ours else "",
        held_clause=theirs.clause if theirs else "",
        message="; ".join([*weaker, *unknown]) or "the supplier's planned work fits into ours",
    )  # fmt: skip


def _notice(sla: Sla, exclusion: Exclusion | None) -> Decimal:
    """Notice of planned work [h]: from the exclusion or from an objective, the longer one."""
    objective = objective_of(sla, "maintenance_notice_hours")
    stated = [
        exclusion.notice_hours if exclusion else None,
        objective.target if objective else None,
    ]
    return max((hours for hours in stated if hours is not None), default=Decimal(0))


def _period(sla: Sla) -> str:
    return sla.availability_objective.period if sla.availability_objective else "month"


def _planned(exclusion: Exclusion | None, notice: Decimal) -> str:
    """Planned work for people."""
    if exclusion is None:
        return f"not excused, notice {notice} h" if notice else "not excused"
    quota = "no limit" if exclusion.quota_hours is None else f"{exclusion.quota_hours} h"
    windows = f", {counted(len(exclusion.windows), 'window')}" if exclusion.windows else ""
    return f"{quota}, notice {notice} h{windows}"
