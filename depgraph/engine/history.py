"""Months of real incidents in a row: breach runs, and whether they are chance (W4, W6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from depgraph.engine.attribution import Responsibility
from depgraph.engine.statement import Settlement, SlaStatement
from depgraph.engine.systemic import ObservedPeriod, SystemicTest, systemic_test
from depgraph.engine.versions import first_versions
from depgraph.model.estate import Estate
from depgraph.model.incident import Incident
from depgraph.record import Record


class SlaHistory(Record):
    """One service level over the periods that were asked for."""

    sla: str
    """The SLA; of an amended promise its last terms that were asked for."""
    service: str
    """The service it covers."""
    region: str | None
    """Location, where each region has its own entitlement (rule M9)."""
    measured: Mapping[str, float]
    """Availability by period [1]."""
    breached: tuple[str, ...]
    """Periods in which the target was missed."""
    longest_run: int
    """Most breaches in a row."""
    test: SystemicTest
    """Whether the breaches are more than the commitment makes likely."""


def histories(
    estate: Estate, settlement: Settlement, mttr_hours: float | None = None
) -> tuple[SlaHistory, ...]:
    """Histories of the service levels that had downtime, most unlikely first (rules W4, W6).

    Parameters
    ----------
    estate : Estate
        The incidents on record, and who answers for what.
    settlement : Settlement
        The periods settled.
    mttr_hours : float, optional
        Mean time to restore for the test; the mean length of the observed downtime per incident
        when absent.

    Notes
    -----
    An amended promise has one history (rule L1); each region has its own (rule M9). A period is
    as long as what its downtime is divided by: service hours alone, where only those count (rule
    M5).
    """
    incidents = {incident.id: incident for incident in estate.incidents}
    responsibility = Responsibility(estate, estate.incidents)
    first = first_versions(sla for _, sla in estate.sla.values())
    found: dict[tuple[str, str, str | None], list[SlaStatement]] = {}
    for row in settlement.slas:
        objective = estate.sla[row.id][1].availability_objective
        if row.target is not None and objective is not None:
            key = first[row.id], objective.period, row.region
            found.setdefault(key, []).append(row)
    answers = [
        _history(rows, incidents, responsibility, mttr_hours)
        for rows in found.values()
        if any(row.counted_minutes for row in rows)
    ]
    return tuple(sorted(answers, key=lambda each: (each.test.p_value, each.sla, each.region or "")))


def _history(
    rows: Sequence[SlaStatement],
    incidents: Mapping[str, Incident],
    responsibility: Responsibility,
    mttr_hours: float | None,
) -> SlaHistory:
    rows = sorted(rows, key=lambda row: row.start)
    observed = [
        ObservedPeriod(
            period=row.period,
            hours=row.length_minutes / 60,
            target=row.target or 0.0,
            breached=row.breached,
            down_minutes=row.counted_minutes,
            root_causes=tuple(incidents[name].root_cause for name in row.counted_incidents),
            parties=tuple(responsibility.party(name) for name in row.counted_incidents),
        )
        for row in rows
        if row.length_minutes
    ]
    # Segments with targets of their own are parts of one period (rule K10).
    breached: dict[str, bool] = {}
    for row in rows:
        breached[row.period] = breached.get(row.period, False) or row.breached
    lost = sum(row.counted_minutes for row in rows)
    outages = len({name for row in rows for name in row.counted_incidents}) or 1
    return SlaHistory(
        sla=rows[-1].id,
        service=rows[-1].service,
        region=rows[-1].region,
        measured=_measured(rows),
        breached=tuple(name for name, missed in breached.items() if missed),
        longest_run=_longest_run(list(breached.values())),
        test=systemic_test(observed, mttr_hours or max(lost / outages / 60, 1 / 60)),
    )


def _measured(rows: Sequence[SlaStatement]) -> dict[str, float]:
    """Availability by period; parts of one count by what their downtime is divided by [1]."""
    parts: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        parts.setdefault(row.period, []).append((row.length_minutes, row.measured))
    return {
        name: held[0][1]
        if len(held) == 1
        else 1 - sum(n * (1 - a) for n, a in held) / (sum(n for n, _ in held) or 1)
        for name, held in parts.items()
    }


def _longest_run(breached: Sequence[bool]) -> int:
    longest = run = 0
    for missed in breached:
        run = run + 1 if missed else 0
        longest = max(longest, run)
    return longest
