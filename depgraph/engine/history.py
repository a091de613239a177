"""Months of real incidents in a row: breach runs, and whether they are chance (W4, W6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from depgraph.engine.attribution import Responsibility
from depgraph.engine.statement import Settlement, SlaStatement
from depgraph.engine.systemic import ObservedPeriod, SystemicTest, systemic_test
from depgraph.model.estate import Estate
from depgraph.model.incident import Incident
from depgraph.record import Record


class SlaHistory(Record):
    """One service level over the periods that were asked for."""

    sla: str
    """The SLA."""
    service: str
    """The service it covers."""
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
    """
    incidents = {incident.id: incident for incident in estate.incidents}
    responsibility = Responsibility(estate, estate.incidents)
    by_sla: dict[str, list[SlaStatement]] = {}
    for row in settlement.slas:
        if row.target is not None and row.region is None:
            by_sla.setdefault(row.id, []).append(row)
    found = [
        _history(rows, incidents, responsibility, mttr_hours)
        for rows in by_sla.values()
        if any(row.counted_minutes for row in rows)
    ]
    return tuple(sorted(found, key=lambda history: (history.test.p_value, history.sla)))


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
            hours=(row.end - row.start).total_seconds() / 3600,
            target=row.target or 0.0,
            breached=row.breached,
            down_minutes=row.counted_minutes,
            root_causes=tuple(incidents[name].root_cause for name in row.incidents),
            parties=tuple(responsibility.party(name) for name in row.incidents),
        )
        for row in rows
    ]
    lost = sum(row.counted_minutes for row in rows)
    outages = len({name for row in rows for name in row.incidents}) or 1
    return SlaHistory(
        sla=rows[0].id,
        service=rows[0].service,
        measured={row.period: row.measured for row in rows},
        breached=tuple(row.period for row in rows if row.breached),
        longest_run=_longest_run([row.breached for row in rows]),
        test=systemic_test(observed, mttr_hours or max(lost / outages / 60, 1 / 60)),
    )


def _longest_run(breached: Sequence[bool]) -> int:
    longest = run = 0
    for missed in breached:
        run = run + 1 if missed else 0
        longest = max(longest, run)
    return longest
