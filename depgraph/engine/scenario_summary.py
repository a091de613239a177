"""Scenarios side by side: one column of figures each (rules W1 to W3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from depgraph.engine.before_after import BeforeAfter
from depgraph.engine.play import Played
from depgraph.engine.statement import ContractStatement
from depgraph.record import Record

Sums = Mapping[str, Decimal]


class ScenarioSummary(Record):
    """One scenario in figures; sums by currency, never added across them (rule P9)."""

    name: str
    """Name of the scenario."""
    why: str
    """Why it is asked."""
    services_down: int
    """Services that are down at some time."""
    service_minutes_down: float
    """Downtime of all of them together [min]."""
    levels_missed: int
    """Service levels missed."""
    loss: Sums
    """Stated loss of business functions."""
    owed_to_us: Sums
    """Owed to our own organizations by others."""
    owed_by_us: Sums
    """Owed by our own organizations."""
    absorbed_by_us: Sums
    """Borne by our own organizations: owed and not recovered (rule P7)."""
    owed: Sums
    """Owed on all contracts."""
    recovered: Sums
    """Recovered on all contracts."""
    absorbed: Sums
    """Absorbed on all contracts."""
    shortfall: Sums
    """Borne by customers although the schedule, taken alone, would pay it."""
    first_due: datetime | None
    """First regulatory clock that is due (rule D4)."""
    downtime_minutes_per_month: float | None
    """Expected downtime of all services with the changes made [min per 30-day month]; None
    without changes, or where only brackets are known."""
    single_points_of_failure: int | None
    """Distinct single points of failure with the changes made; None without changes."""
    unbacked: int | None
    """Promises not backed with the changes made; None without changes."""
    flow_down_gaps: int | None
    """Obligations not backed in full with the changes made; None without changes."""


def scenario_summaries(
    answers: Sequence[Played], own: frozenset[str]
) -> tuple[ScenarioSummary, ...]:
    """Figures of several scenarios on one estate.

    Parameters
    ----------
    answers : sequence of Played
        The scenarios played. Where one of them makes changes, the others show the structure of
        the estate as it is.
    own : frozenset of str
        Our own organizations.
    """
    base = next((a.before_after for a in answers if a.before_after is not None), None)
    return tuple(scenario_summary(answer, own, base) for answer in answers)


def scenario_summary(
    played: Played, own: frozenset[str], base: BeforeAfter | None = None
) -> ScenarioSummary:
    """Figures of one scenario.

    Parameters
    ----------
    played : Played
        The scenario played.
    own : frozenset of str
        Our own organizations.
    base : BeforeAfter, optional
        Changes of another scenario on the same estate, whose before stands for the estate as it
        is where this one makes none.
    """
    answer, change = played.answer, played.before_after
    contracts = answer.settlement.contracts
    losses: dict[str, Decimal] = {}
    for function in answer.functions:
        if function.loss:
            losses[function.currency] = losses.get(function.currency, Decimal(0)) + function.loss
    after = change.availability.after if change else base.availability.before if base else None
    gaps = change.gaps_after if change else base.gaps_before if base else None
    return ScenarioSummary(
        name=answer.name,
        why=answer.why,
        services_down=len({row.id for row in answer.services_down}),
        service_minutes_down=sum(row.minutes for row in answer.services_down),
        levels_missed=sum(row.breached for row in answer.settlement.slas),
        loss=losses,
        owed_to_us=_sums(
            (c for c in contracts if c.customer in own and c.supplier not in own),
            lambda c: c.owed,
        ),
        owed_by_us=_sums(
            (c for c in contracts if c.supplier in own and c.customer not in own),
            lambda c: c.owed,
        ),
        absorbed_by_us=_sums((c for c in contracts if c.supplier in own), lambda c: c.absorbed),
        owed=_sums(contracts, lambda c: c.owed),
        recovered=_sums(contracts, lambda c: c.recovered),
        absorbed=_sums(contracts, lambda c: c.absorbed),
        shortfall=_sums(contracts, lambda c: c.shortfall),
        first_due=min((clock.due for clock in answer.clocks if clock.due), default=None),
        downtime_minutes_per_month=after.downtime_minutes_per_month if after else None,
        single_points_of_failure=after.single_points_of_failure if after else None,
        unbacked=len(after.unbacked) if after else None,
        flow_down_gaps=gaps,
    )


def _sums(
    contracts: Iterable[ContractStatement], value: Callable[[ContractStatement], Decimal]
) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for contract in contracts:
        amount = value(contract)
        if amount:
            found[contract.currency] = found.get(contract.currency, Decimal(0)) + amount
    return dict(sorted(found.items()))
