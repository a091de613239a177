"""Terms that are written down and mean nothing beside the others: slips that change figures.

They settle as documented, with the defaults of the terms that are missing; the reader is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from depgraph.engine.credits import USES_REPEATS
from depgraph.model.credits import CreditSchedule, CreditTier
from depgraph.model.exclusion import Exclusion
from depgraph.model.sla import Objective, Sla


class IdleTerm(NamedTuple):
    """One term without effect, or one that another lacks."""

    message: str
    """What is without effect, and why."""
    hint: str
    """What to write."""
    rule: str
    """Rule that the term belongs to."""


_USES_RATE = frozenset({"continuous", "shortfall", "per_time_unit", "points", "flat"})
_USES_MULTIPLIER = frozenset({"continuous", "shortfall"})
_WITHOUT_ROWS = frozenset({"continuous", "shortfall", "per_time_unit"})


def idle_terms(sla: Sla) -> Iterator[IdleTerm]:
    """Terms of an SLA that settlement does not look at (rules M3, M7, K2, K4, K8)."""
    if sla.availability_objective is not None:
        yield from _of_objective(sla.availability_objective)
    for ground in sla.exclusions:
        yield from _of_exclusion(ground)
    if isinstance(sla.credits, CreditSchedule):
        yield from _of_schedule(sla.credits)
        yield from _of_claim(sla.credits)


def _of_objective(objective: Objective) -> Iterator[IdleTerm]:
    by_runs = objective.granularity == "consecutive_minutes"
    by_threshold = objective.measure == "threshold_minutes"
    if objective.consecutive_minutes is not None and not (by_runs or by_threshold):
        yield IdleTerm(
            "consecutive_minutes counts only with granularity: consecutive_minutes; outages of any "
            "length count",
            "add granularity: consecutive_minutes",
            "M7",
        )
    if by_runs and objective.consecutive_minutes is None:
        yield IdleTerm(
            "granularity is consecutive_minutes, and nothing says how many; one is enough",
            "add consecutive_minutes",
            "M7",
        )
    if by_threshold != (objective.error_threshold is not None):
        said = "measure: threshold_minutes" if by_threshold else "error_threshold"
        other = "error_threshold" if by_threshold else "measure: threshold_minutes"
        yield IdleTerm(f"{said} means nothing without {other}", f"add {other}", "M7")


def _of_exclusion(ground: Exclusion) -> Iterator[IdleTerm]:
    by_days = ground.kind in {"waiver", "suspension"}
    idle = [
        name
        for name, given, used in (
            ("start", ground.start is not None, by_days),
            ("end", ground.end is not None, by_days),
            ("service", ground.service is not None, by_days),
            ("notice_hours", ground.notice_hours is not None, "maintenance" in ground.kind),
            ("quota_hours", ground.quota_hours is not None, not by_days),
            ("windows", bool(ground.windows), not by_days),
            ("scope", bool(ground.scope), ground.kind == "force_majeure"),
        )
        if given and not used
    ]
    if idle:
        yield IdleTerm(
            f"{' and '.join(idle)} of {ground.kind} has no effect",
            f"remove {', '.join(idle)}",
            "M3",
        )


def _of_schedule(schedule: CreditSchedule) -> Iterator[IdleTerm]:
    shape = schedule.shape
    rows = bool(schedule.tiers)
    by_points = shape != "marginal" and any(row.points is not None for row in schedule.tiers)
    by_rate = by_points or (shape in _USES_RATE and not (shape == "flat" and rows))
    idle = [
        name
        for name, given, used in (
            ("tiers", rows, shape not in _WITHOUT_ROWS),
            ("rate", schedule.rate is not None, by_rate),
            ("multiplier", schedule.multiplier != 1, shape in _USES_MULTIPLIER),
            ("repeat_multiplier", schedule.repeat_multiplier != 1, shape in USES_REPEATS),
            ("unit_hours", schedule.unit_hours is not None, shape == "per_time_unit"),
            ("at_risk", schedule.at_risk is not None, shape == "pool"),
            ("allocation", schedule.allocation is not None, shape == "pool"),
        )
        if given and not used
    ]
    if idle:
        yield IdleTerm(
            f"{' and '.join(idle)} has no effect with shape: {shape}",
            "choose the shape that is meant",
            "K2",
        )
    yield from _of_rows(schedule)
    cap = schedule.rolling_cap
    if (
        cap is not None
        and (cap.amount, cap.months_of_fee, cap.share_of_annual_value) == (None,) * 3
    ):
        yield IdleTerm(
            "rolling_cap names no limit, and caps nothing",
            "give amount, months_of_fee or share_of_annual_value",
            "K4",
        )


def _of_rows(schedule: CreditSchedule) -> Iterator[IdleTerm]:
    """Columns of rows, and rows, that a shape does not look at."""
    shape, rows = schedule.shape, schedule.tiers
    if shape in _WITHOUT_ROWS:
        return
    if shape != "severity_duration" and any(row.severity is not None for row in rows):
        yield IdleTerm(
            f"severity has no effect with shape: {shape}: rows pay for every incident",
            "use shape: severity_duration, or remove severity",
            "K2",
        )
    if shape == "flat" and (len(rows) > 1 or any(_has_bounds(row) for row in rows)):
        yield IdleTerm(
            "flat pays its first row for any miss; bounds and further rows have no effect",
            "use shape: step, or keep one row without bounds",
            "K2",
        )
    if shape == "marginal":
        if any(row.credit is None for row in rows):
            yield IdleTerm(
                "rows without credit pay nothing with shape: marginal, which pays shares",
                "give credit in every row, or use shape: step",
                "K2",
            )
        if any((row.over_minutes, row.from_minutes, row.to_minutes) != (None,) * 3 for row in rows):
            yield IdleTerm(
                "bounds in minutes have no effect with shape: marginal, whose bands are shares",
                "bound the rows by availability",
                "K2",
            )


def _has_bounds(row: CreditTier) -> bool:
    """Whether a row says which values it is for."""
    shares = row.below, row.at_or_below, row.at_least, row.above
    return any(
        edge is not None for edge in (*shares, row.over_minutes, row.from_minutes, row.to_minutes)
    )


def _of_claim(schedule: CreditSchedule) -> Iterator[IdleTerm]:
    claim = schedule.claim
    limited = claim.within_days is not None or claim.billing_cycles is not None
    if claim.mode == "automatic" and (limited or claim.earliest_days):
        yield IdleTerm(
            "the time to claim has no effect: credits are automatic unless mode says by_claim",
            "add mode: by_claim",
            "K8",
        )
