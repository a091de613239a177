"""One promise beside one agreement that must back it, obligation by obligation (rule P2).

Every comparison answers MATCH, WEAKER, MISSING or UNKNOWN; what is not known is never a match.
Where nothing is promised there is no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from depgraph.engine.committed import term_of
from depgraph.engine.held import Agreement
from depgraph.engine.measurement_match import measured, measurement_text
from depgraph.engine.obligation_match import FlowStatus, Obligation, ObligationMatch, Value
from depgraph.engine.sla_obligations import (
    HOUR_METRICS,
    claim_deadline,
    claim_text,
    force_majeure,
    hours,
    maintenance,
    objective_of,
)
from depgraph.model.estate import Estate
from depgraph.wording import counted

_STRICTNESS = ("free", "notice", "consent", "forbidden")


def promised_obligations(promise: Agreement) -> dict[Obligation, Value]:
    """What a promise obliges to, apart from its end, exclusions and cap (rule P2)."""
    contract, sla = promise
    found: dict[Obligation, Value] = {}
    if sla.availability_objective is not None:
        found["availability"] = sla.availability_objective.target
        found["measurement"] = measurement_text(sla.availability_objective)
    for obligation, metric in HOUR_METRICS:
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
    estate: Estate,
    promise: Agreement,
    held: Agreement,
    covered_until: date | None,
    beside: Sequence[Agreement],
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
    beside : sequence of tuple of (Contract, Sla)
        All that is held on the service.
    """
    found = [*measured(estate, promise, held, beside)]
    found += [one for kind in _KINDS for one in kind(promise, held)]
    found += hours(estate, promise, held)
    found += _term_end(promise, held, covered_until)
    return tuple(found)


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
    message = f"{counted(ours, 'day')} promised, {'not known' if theirs is None else theirs} held"
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


def _term_end(
    promise: Agreement, held: Agreement, covered_until: date | None
) -> Iterator[ObligationMatch]:
    """Term end: what is held must last as long as the promise."""
    _, ours = term_of(*promise)
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
    claim_deadline,
    _audit_right,
    _data_residency,
    _subcontracting,
    _exit_assistance,
    force_majeure,
    maintenance,
)
