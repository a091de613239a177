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

    Notes
    -----
    A period is as long as what its downtime is divided by: service hours alone, where only those
    count (rule M5).
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
        sla=rows[0].id,
        service=rows[0].service,
        measured=_measured(rows),
        breached=tuple(name for name, missed in breached.items() if missed),
        longest_run=_longest_run(list(breached.values())),
        test=systemic_test(observed, mttr_hours or max(lost / outages / 60, 1 / 60)),
    )


def _measured(rows: Sequence[SlaStatement]) -> dict[str, float]:
    """Availability by period; of several parts of one, in proportion to their lengths [1]."""
    parts: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        length = (row.end - row.start).total_seconds()
        parts.setdefault(row.period, []).append((length, row.measured))
    return {
        name: held[0][1]
        if len(held) == 1
        else sum(n * a for n, a in held) / sum(n for n, _ in held)
        for name, held in parts.items()
    }


def _longest_run(breached: Sequence[bool]) -> int:
    longest = run = 0
    for missed in breached:
        run = run + 1 if missed else 0
        longest = max(longest, run)
    return longest
