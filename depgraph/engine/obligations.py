"""One promise beside one agreement that must back it, obligation by obligation (rule P2).

Every comparison answers MATCH, WEAKER, MISSING or UNKNOWN; what is not known is never a match.
Where nothing is promised there is no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Literal

from depgraph.engine.claim_chain import claim_gap
from depgraph.engine.held import Agreement
from depgraph.model.credits import PublishedCredits
from depgraph.model.estate import Estate
from depgraph.model.exclusion import Exclusion, ExclusionKind
from depgraph.model.sla import Metric, Objective, Sla
from depgraph.record import Record

FlowStatus = Literal["MATCH", "WEAKER", "MISSING", "UNKNOWN"]
"""How an obligation is backed (rule P2)."""
STATUSES: tuple[FlowStatus, ...] = ("MATCH", "UNKNOWN", "WEAKER", "MISSING")
"""Statuses, best first."""
Obligation = Literal[
    "availability",
    "measurement",
    "incident_response_hours",
    "resolution_hours",
    "rto_hours",
    "rpo_hours",
    "breach_notice_hours",
    "claim_deadline",
    "audit_right",
    "data_residency",
    "subcontracting",
    "exit_assistance_days",
    "liability_cap",
    "force_majeure",
    "maintenance",
    "term_end",
]
"""What is compared (rule P2)."""
Value = Decimal | bool | str | None
"""A promised or held level; None where there is none, or nobody knows it."""

_HOURS: tuple[tuple[Obligation, Metric], ...] = (
    ("incident_response_hours", "incident_response_hours"),
    ("resolution_hours", "resolution_hours"),
    ("rto_hours", "rto_hours"),
    ("rpo_hours", "rpo_hours"),
    ("breach_notice_hours", "breach_notice_hours"),
)
_STRICTNESS = ("free", "notice", "consent", "forbidden")
_PERIODS = ("month", "quarter", "year")
_GRANULARITIES = ("exact", "whole_minutes", "consecutive_minutes")


class ObligationMatch(Record):
    """One obligation, as promised and as held."""

    obligation: Obligation
    """What is compared."""
    promised: Value
    """Level promised: a share, hours, days, a sum or a text."""
    held: Value
    """Level held; None where there is none, or nobody knows it."""
    status: FlowStatus
    """How it is backed; UNKNOWN is never a match."""
    difference: Decimal | None = None
    """By how much the held level falls short, in the obligation's unit; 0 or less when it does
    not; None where it cannot be said."""
    promised_clause: str = ""
    """Where the promise stands."""
    held_clause: str = ""
    """Where the held level stands."""
    message: str = ""
    """The comparison in a sentence."""
    rule: str = "P2"
    """Rule it follows from."""


def worst_status(statuses: Iterator[FlowStatus]) -> FlowStatus:
    """The worst of several statuses; MATCH when there are none."""
    return max(statuses, key=STATUSES.index, default="MATCH")


def promised_obligations(promise: Agreement) -> dict[Obligation, Value]:
    """What a promise obliges to, apart from its end, exclusions and cap (rule P2)."""
    contract, sla = promise
    found: dict[Obligation, Value] = {}
    if sla.availability_objective is not None:
        found["availability"] = sla.availability_objective.target
        found["measurement"] = _measurement(sla.availability_objective)
    for obligation, metric in _HOURS:
        objective = objective_of(sla, metric)
        if objective is not None:
            found[obligation] = objective.target
    if sla.credits is not None:
        found["claim_deadline"] = claim_text(sla)
    if contract.audit_right:
        found["audit_right"] = True
    if contract.data_residency is not None:
        found["data_residency"] = ", ".join(contract.data_residency)
    if contract.subcontracting not in {None, "free"}:
        found["subcontracting"] = contract.subcontracting
    if contract.exit_assistance_days:
        found["exit_assistance_days"] = Decimal(contract.exit_assistance_days)
    return found


def pairwise_obligations(
    estate: Estate, promise: Agreement, held: Agreement, covered_until: date | None
) -> tuple[ObligationMatch, ...]:
    """Compare a promise with one agreement, all but availability and liability (rule P2).

    Parameters
    ----------
    estate : Estate
        Services, whose recovery objectives serve where the held SLA has none.
    promise, held : tuple of (Contract, Sla)
        The two agreements.
    covered_until : date or None
        Last day on which what is held goes on without a gap; None when it is open-ended.
    """
    found = [one for kind in _KINDS for one in kind(promise, held)]
    found += _hours(estate, promise, held)
    found += _term_end(promise, held, covered_until)
    return tuple(found)


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
    return f"{claim.within_days} days from {claim.counted_from}"


def _measurement(objective: Objective) -> str:
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


def _measured(promise: Agreement, held: Agreement) -> Iterator[ObligationMatch]:
    """Measurement kind and period: what one of them counts, the other must count too."""
    ours, theirs = promise[1].availability_objective, held[1].availability_objective
    if ours is None:
        return
    status: FlowStatus = "MATCH"
    reasons: list[str] = []
    if theirs is None:
        yield ObligationMatch(
            obligation="measurement", promised=_measurement(ours), held=None, status="MISSING",
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
        obligation="measurement", promised=_measurement(ours), held=_measurement(theirs),
        status=status, promised_clause=ours.clause, held_clause=theirs.clause,
        message="; ".join(reasons) or "measured alike",
    )  # fmt: skip


def _granularity(objective: Objective) -> tuple[int, int]:
    return _GRANULARITIES.index(objective.granularity), objective.consecutive_minutes or 0


def _hours(estate: Estate, promise: Agreement, held: Agreement) -> Iterator[ObligationMatch]:
    """Response, resolution, recovery and notice: the held hours must not be longer."""
    for obligation, metric in _HOURS:
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


def _claim_deadline(promise: Agreement, held: Agreement) -> Iterator[ObligationMatch]:
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


def _audit_right(promise: Agreement, held: Agreement) -> Iterator[ObligationMatch]:
    if promise[0].audit_right:
        right = held[0].audit_right
        status: FlowStatus = "UNKNOWN" if right is None else "MATCH" if right else "MISSING"
        shown = {None: "what is held is not known", True: "held too", False: "none is held"}[right]
        yield _contract_term("audit_right", (True, right), status, f"audit promised, {shown}")


def _data_residency(promise: Agreement, held: Agreement) -> Iterator[ObligationMatch]:
    ours, theirs = promise[0].data_residency, held[0].data_residency
    if ours is None:
        return
    beyond = sorted(set(theirs or ()) - set(ours))
    status: FlowStatus = "UNKNOWN" if theirs is None else "WEAKER" if beyond else "MATCH"
    message = {
        "UNKNOWN": "where the supplier keeps data is not known",
        "WEAKER": f"the supplier may also keep data in {', '.join(beyond)}",
    }.get(status, "the supplier keeps data within the promised countries")
    texts = ", ".join(ours), None if theirs is None else ", ".join(theirs)
    yield _contract_term("data_residency", texts, status, message)


def _subcontracting(promise: Agreement, held: Agreement) -> Iterator[ObligationMatch]:
    """Sub-contracting: the supplier must be bound at least as strictly as we are."""
    ours, theirs = promise[0].subcontracting, held[0].subcontracting
    if ours is None or ours == "free":
        return
    status: FlowStatus = "UNKNOWN"
    if theirs is not None:
        strict = _STRICTNESS.index(theirs) >= _STRICTNESS.index(ours)
        status = "MATCH" if strict else "WEAKER"
    message = f"promised: {ours}; held: {theirs or 'not known'}"
    yield _contract_term("subcontracting", (ours, theirs), status, message)


def _exit_assistance(promise: Agreement, held: Agreement) -> Iterator[ObligationMatch]:
    ours, theirs = promise[0].exit_assistance_days, held[0].exit_assistance_days
    if not ours:
        return
    status: FlowStatus = "MATCH"
    if theirs is None:
        status = "UNKNOWN"
    elif theirs < ours:
        status = "WEAKER" if theirs else "MISSING"
    values = Decimal(ours), None if theirs is None else Decimal(theirs)
    message = f"{ours} days promised, {'not known' if theirs is None else theirs} held"
    row = _contract_term("exit_assistance_days", values, status, message)
    yield row.replace(difference=None if theirs is None else Decimal(ours - theirs))


def _contract_term(
    obligation: Obligation, values: tuple[Value, Value], status: FlowStatus, message: str
) -> ObligationMatch:
    """A comparison of two contracts' terms."""
    promised, held = values
    return ObligationMatch(
        obligation=obligation, promised=promised, held=held, status=status, message=message
    )


def _exclusion(sla: Sla, kind: ExclusionKind) -> Exclusion | None:
    return next((item for item in sla.exclusions if item.kind == kind), None)


def _force_majeure(promise: Agreement, held: Agreement) -> Iterator[ObligationMatch]:
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


def _maintenance(promise: Agreement, held: Agreement) -> Iterator[ObligationMatch]:
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
    windows = f", {len(exclusion.windows)} windows" if exclusion.windows else ""
    return f"{quota}, notice {notice} h{windows}"


def _term_end(
    promise: Agreement, held: Agreement, covered_until: date | None
) -> Iterator[ObligationMatch]:
    """Term end: what is held must last as long as the promise."""
    ours = min(filter(None, (promise[0].end, promise[1].valid_to)), default=None)
    if covered_until is None:
        status: FlowStatus = "MATCH"
        difference = None
    elif ours is None:
        status, difference = "WEAKER", None
    else:
        difference = Decimal((ours - covered_until).days)
        status = "WEAKER" if difference > 0 else "MATCH"
    last = covered_until.isoformat() if covered_until else "open-ended"
    until = ours.isoformat() if ours else "open-ended"
    row = _contract_term("term_end", (until, last), status, f"promised: {until}; held: {last}")
    yield row.replace(
        difference=difference, promised_clause=promise[1].clause, held_clause=held[1].clause
    )


_KINDS: tuple[Callable[[Agreement, Agreement], Iterator[ObligationMatch]], ...] = (
    _measured,
    _claim_deadline,
    _audit_right,
    _data_residency,
    _subcontracting,
    _exit_assistance,
    _force_majeure,
    _maintenance,
)
