"""Defects of credit schedules as published (rule K1).

Between the edges of its rows a schedule pays the same: probing every edge and the middle of every
stretch between edges finds every defect, exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Literal

from depgraph.engine.credits import Outcome, raw_credit, tier_matches
from depgraph.model.credits import CreditSchedule, CreditTier
from depgraph.record import Record

FaultCode = Literal["GAP", "OVERLAP", "NON_MONOTONE", "PAYS_WHEN_MET", "UNREACHABLE", "INCOMPLETE"]
_ROW_SHAPES = frozenset({"step", "day_credits", "points", "pool"})
MINUTES_IN_MONTH = 43_200
"""Minutes of the 30-day month that schedules are checked over."""
_BASE = Fraction(1_000_000)


class ScheduleFault(Record):
    """One defect."""

    code: FaultCode
    """What is wrong."""
    low: float | None = None
    """Lowest availability concerned [1]."""
    high: float | None = None
    """Highest availability concerned [1]."""
    message: str
    """The defect with its figures."""
    hint: str
    """What to do."""


def schedule_faults(
    schedule: CreditSchedule, target: Decimal, month_minutes: int = MINUTES_IN_MONTH
) -> tuple[ScheduleFault, ...]:
    """Defects of a schedule for a promised level (rule K1).

    Parameters
    ----------
    schedule : CreditSchedule
        The remedy as published.
    target : Decimal
        Promised availability [1].
    month_minutes : int
        Length of the period, for rows by minutes of downtime [min].

    Returns
    -------
    tuple of ScheduleFault
        Empty when every missed value pays by exactly one row, worse values never pay less, and
        met ones pay nothing.
    """
    incomplete = _missing_terms(schedule)
    if incomplete:
        text = f"a {schedule.shape} schedule needs {incomplete}"
        return (ScheduleFault(code="INCOMPLETE", message=text, hint=f"add {incomplete}"),)
    if schedule.shape not in _ROW_SHAPES or not schedule.tiers:
        return ()
    probes = _probes(schedule, Fraction(target), month_minutes)
    goal = Fraction(target)

    @cache
    def rows(value: Fraction) -> list[CreditTier]:
        lost = (1 - value) * month_minutes
        return [tier for tier in schedule.tiers if tier_matches(tier, value, lost)]

    @cache
    def pays(value: Fraction) -> Fraction:
        lost = (1 - value) * month_minutes
        return raw_credit(schedule, Outcome(value, goal, lost), _BASE).amount

    return (
        *_runs("GAP", probes, lambda v: v < goal and not rows(v)),
        *_runs("OVERLAP", probes, lambda v: len(rows(v)) > 1),
        *_runs("PAYS_WHEN_MET", probes, lambda v: v >= goal and pays(v) > 0),
        *_non_monotone(probes, pays),
        *_unreachable(schedule, probes, rows),
    )


def _missing_terms(schedule: CreditSchedule) -> str:
    """Terms without which a shape cannot pay anything."""
    if schedule.shape == "per_time_unit" and schedule.rate is None:
        return "rate"
    if schedule.shape == "pool" and schedule.at_risk is None:
        return "at_risk"
    by_points = schedule.shape == "points" or any(t.points is not None for t in schedule.tiers)
    if by_points and schedule.rate is None:
        return "rate (share of the base per point)"
    needs_rows = {"step", "day_credits", "points", "marginal", "severity_duration"}
    return "tiers" if schedule.shape in needs_rows and not schedule.tiers else ""


def _probes(schedule: CreditSchedule, target: Fraction, month: int) -> list[Fraction]:
    """Edges of rows, the target, 0 and 1, and the middles between them, in rising order."""
    edges = {Fraction(0), Fraction(1), target}
    for tier in schedule.tiers:
        for share in (tier.below, tier.at_or_below, tier.at_least, tier.above):
            edges |= {Fraction(share)} if share is not None else set()
        for lost in (tier.over_minutes, tier.from_minutes, tier.to_minutes):
            edges |= {1 - Fraction(lost) / month} if lost is not None else set()
    sorted_edges = sorted(edge for edge in edges if 0 <= edge <= 1)
    middles = [(a + b) / 2 for a, b in pairwise(sorted_edges)]
    return sorted([*sorted_edges, *middles])


_WORDS: dict[str, tuple[str, str]] = {
    "GAP": ("is missed but matches no row", "extend a row to cover it"),
    "OVERLAP": (
        "matches several rows",
        "bound the rows, or see that `overlap` says which one pays",
    ),
    "PAYS_WHEN_MET": ("meets the target and pays", "let the highest row end below the target"),
}


def _runs(
    code: FaultCode, probes: list[Fraction], faulty: Callable[[Fraction], bool]
) -> list[ScheduleFault]:
    """Neighbouring probes with one defect are one fault."""
    found: list[list[Fraction]] = []
    open_run = False
    for value in probes:
        is_faulty = faulty(value)
        if is_faulty and not open_run:
            found.append([])
        if is_faulty:
            found[-1].append(value)
        open_run = is_faulty
    faults = []
    for run in found:
        # A run that ends in a middle reaches to the edge beside it, which is not part of it.
        low, high = _edge(probes, run[0], -1), _edge(probes, run[-1], 1)
        shown = f"{float(low):.9g}" if low == high else f"{float(low):.9g} to {float(high):.9g}"
        what, hint = _WORDS[code]
        faults.append(
            ScheduleFault(
                code=code, low=float(low), high=float(high), message=f"{shown} {what}", hint=hint
            )
        )
    return faults


def _edge(probes: list[Fraction], value: Fraction, step: int) -> Fraction:
    """The edge at or beside a probe: edges stand at even places."""
    place = probes.index(value)
    return value if place % 2 == 0 else probes[place + step]


def _non_monotone(
    probes: list[Fraction], pays: Callable[[Fraction], Fraction]
) -> list[ScheduleFault]:
    """Worse service that earns less, gaps apart (they are reported as such)."""
    found = []
    for worse, better in pairwise(probes):
        if 0 < pays(worse) < pays(better):
            text = f"{float(worse):.9g} earns less than {float(better):.9g}"
            found.append(
                ScheduleFault(
                    code="NON_MONOTONE",
                    low=float(worse),
                    high=float(better),
                    message=text,
                    hint="let worse service earn at least as much",
                )
            )
    return found


def _unreachable(
    schedule: CreditSchedule,
    probes: list[Fraction],
    rows: Callable[[Fraction], list[CreditTier]],
) -> list[ScheduleFault]:
    """Rows that never decide: their bounds are empty, or another row always takes their place."""
    found = []
    for place, tier in enumerate(schedule.tiers):
        values = [value for value in probes if any(row is tier for row in rows(value))]
        decides = any(_decides(schedule, tier, rows(value)) for value in values)
        if not decides:
            text = f"row {place + 1} never decides"
            found.append(
                ScheduleFault(code="UNREACHABLE", message=text, hint="correct or remove the row")
            )
    return found


def _decides(schedule: CreditSchedule, tier: CreditTier, rows: list[CreditTier]) -> bool:
    if schedule.overlap == "sum":
        return True
    if schedule.overlap == "first":
        return rows[0] is tier

    def worth(row: CreditTier) -> tuple[Decimal, ...]:
        return (
            row.credit or Decimal(0),
            row.days or Decimal(0),
            row.points or Decimal(0),
            row.amount.amount if row.amount else Decimal(0),
        )

    return worth(tier) >= max(worth(row) for row in rows)
