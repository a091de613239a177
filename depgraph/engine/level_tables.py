"""What one level pays by its downtime alone: steps found by asking the reference rules (rule K).

A level whose counted downtime is its downtime, or its supplier's own, owes a function of that.
Where rows pay in steps the steps are found once, at every edge; else the rules are asked each time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache

import numpy as np

from depgraph.engine.caps import capped
from depgraph.engine.credits import USES_REPEATS, Outcome, raw_credit, rounded
from depgraph.engine.diagram import Array
from depgraph.engine.entries import Entry
from depgraph.engine.measurement import REQUEST_MEASURES
from depgraph.engine.periods import MONTHS
from depgraph.engine.recurrence import service_time
from depgraph.engine.versions import amended
from depgraph.model.credits import CreditSchedule
from depgraph.model.exclusion import Exclusion, ServiceHours
from depgraph.model.sla import Objective
from depgraph.units import minor_unit

_MINUTE = 60_000_000
_MICROSECOND = timedelta(microseconds=1)
_STEPPED = frozenset({"step", "day_credits", "flat"}) | USES_REPEATS
_BY_ROWS = frozenset({"step", "day_credits", "points", "pool"})
"""Shapes whose rows may pay although the target is met; the others need a miss."""
_BY_DOWNTIME = _STEPPED | {"continuous", "shortfall", "marginal", "per_time_unit"}
"""Shapes that pay by availability or downtime and nothing else, unless repeated misses count."""
_BY_OUTAGES = frozenset({"time", "threshold_minutes", "interval_all_fail"})
"""Measures by the outages themselves."""
_BY_CAUSE = frozenset({"planned_maintenance", "emergency_maintenance", "force_majeure"})
"""Exclusions that simulated failures never meet; planned maintenance meets the first."""


@dataclass(frozen=True)
class LevelTable:
    """What one level owes, by its downtime.

    Attributes
    ----------
    entry : Entry
        The level.
    edges : ndarray of int64
        Downtime from which each step holds [µs]; the first one is 0.
    credits : tuple of Fraction
        Credit of each step, after the level's own caps.
    owed : ndarray of int64
        What is owed, in minor units.
    missed : ndarray of bool
        Whether the target is missed.
    settled : ndarray of bool
        Whether the step can be looked up; false: ask the reference form.
    """

    entry: Entry
    edges: Array
    credits: tuple[Fraction, ...]
    owed: Array
    missed: Array
    settled: Array

    def cases(self, lost: Array) -> Array:
        """What the credit for some downtime follows from: the step, or the downtime itself [µs]."""
        if not is_stepped(self.entry):
            return lost
        return self._steps(lost)

    def credit(self, case: int) -> Fraction:
        """Credit in a case, of a level that can be looked up."""
        return self.credits[case] if is_stepped(self.entry) else credit_of(self.entry, case)[0]

    def _steps(self, lost: Array) -> Array:
        found: Array = np.searchsorted(self.edges, lost, "right") - 1
        return found

    def owed_by(self, lost: Array) -> tuple[Array, Array, Array]:
        """What is owed by downtime, whether it is missed, and whether both can be looked up."""
        step = self._steps(lost)
        owed, missed, settled = self.owed[step], self.missed[step], self.settled[step]
        if settled.all() and not is_stepped(self.entry):
            for place in np.flatnonzero(lost):
                amount, missed[place] = credit_of(self.entry, int(lost[place]))
                owed[place] = in_units(self.entry, amount)
        return owed, missed, settled


def table_of(entry: Entry, *, plain: bool) -> LevelTable:
    """Steps of one level; of one that is not plain, only where it is certain to owe nothing."""
    length_us = length_of(entry)
    edges = {0, 1}
    for edge in _edges(entry, length_us):
        edges |= {int(edge), int(edge) + 1}
    steps = sorted(edge for edge in edges if 0 <= edge <= length_us)
    harmless = _harmless(entry, length_us)
    credits_, owed, missed, settled = [], [], [], []
    for lost in steps:
        amount, below = credit_of(entry, lost) if plain else (Fraction(0), False)
        credits_.append(amount)
        owed.append(in_units(entry, amount))
        missed.append(below)
        settled.append(plain or (harmless >= 0 and (lost == 0 or lost < harmless)))
    return LevelTable(
        entry,
        np.array(steps),
        tuple(credits_),
        np.array(owed),
        np.array(missed),
        np.array(settled),
    )


def credit_of(entry: Entry, lost: int) -> tuple[Fraction, bool]:
    """Credit of a level for its downtime alone, after its own caps; whether it is missed.

    Parameters
    ----------
    entry : Entry
        The level; its terms are asked, not what happened to it.
    lost : int
        Downtime that counts [µs].
    """
    length = length_of(entry)
    # A period without any time that counts is perfect (rule M8).
    availability = 1 - Fraction(lost, length) if length else Fraction(1)
    level = replace(entry.level, availability=availability, counted=Fraction(lost, _MINUTE))
    struck = replace(entry, level=level)
    schedule = entry.schedule
    if schedule is None or (_has_own_target(entry) and not struck.breached):
        return Fraction(0), struck.breached
    months = MONTHS[entry.period.kind]
    outcome = Outcome(availability, entry.target, level.counted, months=months)
    raw = raw_credit(schedule, outcome, entry.base).amount
    return capped(struck, raw, (), stacked=False).amount, struck.breached


def in_units(entry: Entry, amount: Fraction) -> int:
    """A sum of a level in minor units, rounded as its schedule says."""
    unit = minor_unit(entry.currency)
    rounding = entry.schedule.rounding if entry.schedule is not None else "half_up"
    return int(rounded(amount, unit, rounding) / unit)


def length_of(entry: Entry) -> int:
    """What downtime of a level is divided by, if no incident is excluded (rule M5) [µs]."""
    hours, contract = entry.sla.service_hours, entry.contract
    if hours is None or entry.promise.objective.denominator == "full":
        return (entry.end - entry.start) // _MICROSECOND
    return _worked_length(hours, contract.timezone, contract.start, entry.start, entry.end)


@lru_cache(1 << 14)
def _worked_length(
    hours: ServiceHours, zone: str, since: date | None, start: datetime, end: datetime
) -> int:
    """Length of the service hours in a period [µs]."""
    worked = service_time(hours, zone, since, start, end)
    return int((worked[:, 1] - worked[:, 0]).sum())


def _has_own_target(entry: Entry) -> bool:
    """Whether another target than the usual one holds (rule K10)."""
    return entry.target != Fraction(entry.promise.objective.target)


def is_stepped(entry: Entry) -> bool:
    """Whether what a level owes changes in steps, by rows."""
    return entry.schedule is None or entry.schedule.shape in _STEPPED


def is_by_downtime(entry: Entry) -> bool:
    """Whether what a level owes follows from its downtime alone, or from its supplier's own."""
    objective, sla = entry.promise.objective, entry.sla
    return (
        (objective.measure in _BY_OUTAGES or objective.measure in REQUEST_MEASURES)
        and _fails_when_down(objective)
        and not (shrinks_by_exclusions(entry) and excludes_others(entry))
        and not is_regional(entry)
        and not (entry.amended and _changes_exclusions(entry))
        and all(g.kind in _BY_CAUSE or _is_but_for(entry, g) for g in sla.exclusions)
        and (entry.schedule is None or _pays_by_downtime(entry.schedule))
    )


def _pays_by_downtime(schedule: CreditSchedule) -> bool:
    """Whether what a schedule pays follows from downtime, whatever else happened."""
    is_told = schedule.shape not in USES_REPEATS or schedule.repeat_multiplier == 1
    return schedule.shape in _BY_DOWNTIME and is_told


def _fails_when_down(objective: Objective) -> bool:
    """Whether an outage of everything is beyond the share of requests that may fail."""
    return objective.measure != "threshold_minutes" or (objective.error_threshold or 0) < 1


def _changes_exclusions(entry: Entry) -> bool:
    """Whether an amendment changed what counts: incidents keep the terms they began under (L1)."""
    versions = amended(entry.contract).get(entry.sla.id, ())
    return any(version.exclusions != entry.sla.exclusions for version in versions)


def excludes_others(entry: Entry) -> bool:
    """Whether a level leaves third parties' failures out (rule M3)."""
    return any(ground.kind == "third_party" for ground in entry.sla.exclusions)


def shrinks_by_exclusions(entry: Entry) -> bool:
    """Whether what is excluded leaves less time to divide downtime by (rule M5)."""
    return entry.promise.objective.denominator == "less_exclusions"


def is_but_for(entry: Entry) -> bool:
    """Whether a minute is a third party's if the service would have been up without it (P3)."""
    return (
        entry.contract.attribution == "but_for"
        and entry.promise.objective.concurrent == "any_excluded"
    )


def _is_but_for(entry: Entry, ground: Exclusion) -> bool:
    """Whether an exclusion leaves the supplier's own downtime, whole."""
    return ground.kind == "third_party" and ground.quota_hours is None and is_but_for(entry)


def is_regional(entry: Entry) -> bool:
    """Whether downtime is looked at region by region (rule M9)."""
    return entry.promise.objective.regions != "any_down" or bool(entry.sla.regions)


def _edges(entry: Entry, length: int) -> list[Fraction]:
    """Downtime at which the verdict or the row may change [µs]."""
    found = [(1 - Fraction(entry.target or 0)) * length]
    schedule = entry.schedule
    for tier in schedule.tiers if isinstance(schedule, CreditSchedule) else ():
        bounds = tier.below, tier.at_or_below, tier.at_least, tier.above
        found += [(1 - Fraction(bound)) * length for bound in bounds if bound is not None]
        times = tier.over_minutes, tier.from_minutes, tier.to_minutes
        found += [Fraction(minutes) * _MINUTE for minutes in times if minutes is not None]
    return found


def _harmless(entry: Entry, length: int) -> int:
    """Downtime below which a level is met and no row pays [µs].

    0: any downtime matters; -1: the level has to be asked for in any case.
    """
    objective, schedule = entry.promise.objective, entry.schedule
    if is_regional(entry):
        return -1
    if objective.denominator != "full":
        return 0
    tolerated = [(1 - Fraction(entry.target or 0)) * length]
    if schedule is not None and schedule.shape == "severity_duration":
        return 0
    for tier in schedule.tiers if schedule is not None and schedule.shape in _BY_ROWS else ():
        edge = tier.below if tier.below is not None else tier.at_or_below
        minutes = tier.over_minutes if tier.over_minutes is not None else tier.from_minutes
        bounds = [] if edge is None else [(1 - Fraction(edge)) * length]
        bounds += [] if minutes is None else [Fraction(minutes) * _MINUTE]
        tolerated.append(max(bounds, default=Fraction(-1)))
    return int(min(tolerated)) if min(tolerated) >= 0 else -1
