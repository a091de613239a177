"""What a structural change does: availability, single points, gaps and money (rule W3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from depgraph.engine.availability import AssessmentOptions
from depgraph.engine.comparison import Comparison, compared
from depgraph.engine.expected_absorbed import ExpectedAbsorbed
from depgraph.engine.flow_down import flow_down
from depgraph.engine.obligation_match import FlowStatus, Obligation, ObligationMatch
from depgraph.engine.statement import ContractStatement, Settlement
from depgraph.model.estate import Estate
from depgraph.record import Record

_ZERO = Decimal(0)
_SUMS = ("owed", "recovered", "absorbed", "shortfall")


class GapChange(Record):
    """One obligation of a promise whose backing changes (rule P2)."""

    promise: str
    """The SLA promised."""
    held: str | None
    """The SLA held for it; None when nothing is."""
    service: str
    """Service at which the promise leaves the supplier's group."""
    obligation: Obligation
    """What is compared."""
    before: FlowStatus | None
    """How it was backed; None when there was no such edge."""
    after: FlowStatus | None
    """How it is backed afterwards; None when there is no such edge any more."""
    message: str
    """The comparison in a sentence, as it becomes, or as it was where it goes."""


class MoneyChange(Record):
    """One contract whose sums change, for the same outage."""

    id: str
    """The contract."""
    supplier: str
    """Who promises."""
    customer: str
    """Who is promised to."""
    currency: str
    """ISO 4217 code."""
    owed_before: Decimal | None
    """What the supplier owed; None when the contract is new."""
    owed_after: Decimal | None
    """What it owes afterwards; None when the contract is gone."""
    recovered_before: Decimal | None
    """What it recovered."""
    recovered_after: Decimal | None
    """What it recovers afterwards."""
    absorbed_before: Decimal | None
    """What it bore."""
    absorbed_after: Decimal | None
    """What it bears afterwards."""
    shortfall_before: Decimal | None
    """What the customer bore."""
    shortfall_after: Decimal | None
    """What the customer bears afterwards."""


class BeforeAfter(Record):
    """What the changes of a scenario do."""

    availability: Comparison
    """Services whose availability, single points of failure or promises change."""
    gaps_before: int
    """Obligations of promises that were not backed in full: weaker, missing or unknown."""
    gaps_after: int
    """The same afterwards."""
    gaps: tuple[GapChange, ...]
    """Obligations that are backed differently."""
    money: tuple[MoneyChange, ...] | None
    """Contracts whose sums change for the outage of the scenario; None when nothing fails in it,
    or the estate as it was cannot be settled."""
    expected_absorbed: ExpectedAbsorbed | None = None
    """Expected annual absorbed liability; None when no years were asked for, or the estate as it
    was cannot be settled."""


def before_after(
    before: Estate,
    after: Estate,
    day: date,
    settlements: tuple[Settlement, Settlement] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> BeforeAfter:
    """Compare an estate with what a scenario makes of it (rule W3).

    Parameters
    ----------
    before, after : Estate
        The two estates, every published schedule written out.
    day : date
        Day on which promises and agreements must be in force, for both.
    settlements : tuple of Settlement, optional
        The same outage settled on each of them.
    progress : callable, optional
        Told how many services of both are assessed, and of how many.
    """
    old, new = _obligations(before, day), _obligations(after, day)
    return BeforeAfter(
        availability=compared(before, after, None, AssessmentOptions(as_of=day), progress),
        gaps_before=sum(match.status != "MATCH" for match in old.values()),
        gaps_after=sum(match.status != "MATCH" for match in new.values()),
        gaps=tuple(_gap_changes(old, new)),
        money=None if settlements is None else tuple(_money_changes(*settlements)),
    )


_Edge = tuple[str, str | None, str, Obligation]


def _obligations(estate: Estate, day: date) -> dict[_Edge, ObligationMatch]:
    """Every obligation of every edge."""
    return {
        (edge.promise, edge.held, edge.service, match.obligation): match
        for edge in flow_down(estate, day).edges
        for match in edge.obligations
    }


def _gap_changes(
    old: Mapping[_Edge, ObligationMatch], new: Mapping[_Edge, ObligationMatch]
) -> Iterator[GapChange]:
    for key in dict.fromkeys([*old, *new]):
        was, becomes = old.get(key), new.get(key)
        shown = becomes or was
        statuses = was.status if was else None, becomes.status if becomes else None
        if shown is None or statuses[0] == statuses[1] or set(statuses) <= {None, "MATCH"}:
            continue
        promise, held, service, obligation = key
        yield GapChange(
            promise=promise, held=held, service=service, obligation=obligation,
            before=statuses[0], after=statuses[1], message=shown.message,
        )  # fmt: skip


def _money_changes(before: Settlement, after: Settlement) -> Iterator[MoneyChange]:
    old = {(c.id, c.currency): c for c in before.contracts}
    new = {(c.id, c.currency): c for c in after.contracts}
    for key in dict.fromkeys([*old, *new]):
        was, becomes = old.get(key), new.get(key)
        if _sums(was) == _sums(becomes):
            continue
        shown = becomes or was
        if shown is None:
            continue
        yield MoneyChange.model_validate(
            {
                "id": shown.id,
                "supplier": shown.supplier,
                "customer": shown.customer,
                "currency": shown.currency,
                **{f"{name}_before": getattr(was, name, None) for name in _SUMS},
                **{f"{name}_after": getattr(becomes, name, None) for name in _SUMS},
            }
        )


def _sums(contract: ContractStatement | None) -> tuple[Decimal, ...]:
    """Sums of a contract; one that is not there owes nothing."""
    return tuple(_ZERO if contract is None else getattr(contract, name) for name in _SUMS)
