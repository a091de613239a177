"""What a missed service level earns by its schedule, before caps (rules K1 to K3).

Sums are exact fractions of major units; they are rounded once, when they become owed (rule K4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from operator import ge, gt, le, lt

from depgraph.model.credits import CreditSchedule, CreditTier
from depgraph.units import minor_unit

_DAYS_IN_FEE_MONTH = 30
USES_REPEATS = frozenset({"points", "pool"})
"""Shapes whose points multiply when the same level was also missed in the period before."""


@dataclass(frozen=True)
class Outcome:
    """A measured level as schedules look at it."""

    availability: Fraction
    """Availability measured, unrounded [1]."""
    target: Fraction | None
    """Promised availability [1]; None when none is promised."""
    counted: Fraction
    """Downtime that counts [min]."""
    incidents: Sequence[tuple[str, Fraction]] = ()
    """Severity and counted minutes of each incident, for `severity_duration`."""
    missed_before: bool = False
    """Whether the level was also missed in the period before, for `USES_REPEATS`."""
    months: int = 1
    """Months of fee that the base holds, for credits in days (rule K2)."""

    @property
    def breached(self) -> bool:
        """Whether the level is strictly below its target (rule M10)."""
        return self.target is not None and self.availability < self.target


@dataclass(frozen=True)
class RawCredit:
    """A credit before caps."""

    amount: Fraction
    """Sum in major units, unrounded."""
    reason: str
    """How it came about, with its figures."""


_exact = lru_cache(10_000)(Fraction)
"""Figures of rows as fractions: the same few are asked for every level."""


def tier_matches(tier: CreditTier, availability: Fraction, minutes: Fraction) -> bool:
    """Whether a published row covers a measured value, edges as published (rule K1).

    Parameters
    ----------
    tier : CreditTier
        The row.
    availability : Fraction
        Availability measured [1].
    minutes : Fraction
        Downtime that counts [min].

    Examples
    --------
    >>> row = CreditTier(below=Decimal("0.999"), at_least=Decimal("0.99"), credit=Decimal("0.1"))
    >>> [tier_matches(row, Fraction(value), Fraction(0)) for value in ("0.99", "0.999")]
    [True, False]
    """
    bounds: tuple[tuple[Decimal | None, Fraction, Callable[[Fraction, Fraction], bool]], ...] = (
        (tier.below, availability, lt),
        (tier.at_or_below, availability, le),
        (tier.at_least, availability, ge),
        (tier.above, availability, gt),
        (tier.over_minutes, minutes, gt),
        (tier.from_minutes, minutes, ge),
        (tier.to_minutes, minutes, le),
    )
    return all(edge is None or holds(value, _exact(edge)) for edge, value, holds in bounds)


def raw_credit(schedule: CreditSchedule, outcome: Outcome, base: Fraction) -> RawCredit:
    """Credit by the schedule, before caps (rules K1, K2).

    Parameters
    ----------
    schedule : CreditSchedule
        The remedy. Rows decide by themselves: a row that covers a value pays, also where the
        target is met (a published defect, see the schedule check). Shapes without rows pay only
        when the target is missed.
    outcome : Outcome
        What was measured.
    base : Fraction
        Fee of the base for the period (rule K3).
    """
    return _SHAPES[schedule.shape](schedule, outcome, base)


def _worth(
    schedule: CreditSchedule, tier: CreditTier, base: Fraction, months: int, *, repeat: bool
) -> Fraction:
    """What one row pays; a day is 1/30 of a month's fee, also in longer periods."""
    if tier.amount is not None:
        return Fraction(tier.amount.amount)
    if tier.days is not None:
        return Fraction(tier.days) / _DAYS_IN_FEE_MONTH * base / months
    if tier.points is not None:
        factor = Fraction(schedule.repeat_multiplier) if repeat else Fraction(1)
        return Fraction(tier.points) * factor * Fraction(schedule.rate or 0) * base
    return _exact(tier.credit or 0) * base


def _row_text(tier: CreditTier) -> str:
    """A row in words."""
    words = {
        "at_least": "from",
        "above": "above",
        "below": "below",
        "at_or_below": "up to",
        "over_minutes": "over minutes",
        "from_minutes": "from minutes",
        "to_minutes": "to minutes",
        "severity": "severity",
    }
    bounds = [
        f"{word} {getattr(tier, name)}"
        for name, word in words.items()
        if getattr(tier, name) is not None
    ]
    paid = next(
        f"{name} {getattr(tier, name)}"
        for name in ("credit", "days", "points", "amount")
        if getattr(tier, name) is not None
    )
    return f"row {' '.join(bounds) or 'any value'}: {paid}"


def _by_rows(schedule: CreditSchedule, outcome: Outcome, base: Fraction) -> RawCredit:
    """Step schedules, also by days and points: the row that covers the value."""
    rows = [t for t in schedule.tiers if tier_matches(t, outcome.availability, outcome.counted)]
    if not rows:
        why = "no row covers the value although the target is missed (GAP)"
        return RawCredit(Fraction(0), why if outcome.breached else "no row covers the value")
    worth = [
        _worth(schedule, row, base, outcome.months, repeat=outcome.missed_before) for row in rows
    ]
    paid = _of_overlapping(schedule, worth)
    if schedule.overlap == "sum":
        return RawCredit(paid, f"{len(rows)} rows add up")
    return RawCredit(paid, _row_text(rows[worth.index(paid)]))


def _of_overlapping(schedule: CreditSchedule, worth: Sequence[Fraction]) -> Fraction:
    """What is paid of rows that cover one value, in their order (rule K1)."""
    if schedule.overlap == "sum":
        return sum(worth, Fraction(0))
    return worth[0] if schedule.overlap == "first" else max(worth)


def _marginal(schedule: CreditSchedule, outcome: Outcome, base: Fraction) -> RawCredit:
    """Each band of availability pays its rate on the part of the shortfall that lies in it."""
    total = Fraction(0)
    top = outcome.target if outcome.target is not None else Fraction(1)
    edges = sorted(
        ((_upper_edge(tier, top), tier) for tier in schedule.tiers),
        key=lambda row: row[0],
        reverse=True,
    )
    for place, (high, tier) in enumerate(edges):
        low = edges[place + 1][0] if place + 1 < len(edges) else Fraction(0)
        low = max(low, Fraction(tier.at_least or tier.above or 0))
        inside = max(Fraction(0), min(high, top) - max(low, outcome.availability))
        total += Fraction(tier.credit or 0) * inside * base
    return RawCredit(total, "each band pays its rate on its part of the shortfall")


def _upper_edge(tier: CreditTier, top: Fraction) -> Fraction:
    """Availability up to which a row applies; the target where it says nothing."""
    edges = (edge for edge in (tier.below, tier.at_or_below) if edge is not None)
    return next((Fraction(edge) for edge in edges), top)


def _continuous(schedule: CreditSchedule, outcome: Outcome, base: Fraction) -> RawCredit:
    """Share of the period that was down, times a rate and a multiplier."""
    if not outcome.breached:
        return _met()
    factor = Fraction(schedule.multiplier) * Fraction(1 if schedule.rate is None else schedule.rate)
    return RawCredit((1 - outcome.availability) * factor * base, f"downtime share × {factor}")


def _shortfall(schedule: CreditSchedule, outcome: Outcome, base: Fraction) -> RawCredit:
    """Target less measured, times a rate and a multiplier."""
    if not outcome.breached or outcome.target is None:
        return _met()
    factor = Fraction(schedule.multiplier) * Fraction(1 if schedule.rate is None else schedule.rate)
    return RawCredit((outcome.target - outcome.availability) * factor * base, "target − measured")


def _per_time_unit(schedule: CreditSchedule, outcome: Outcome, base: Fraction) -> RawCredit:
    """A rate per unit of downtime; parts of a unit as agreed."""
    if not outcome.breached:
        return _met()
    exact = outcome.counted / 60 / Fraction(schedule.unit_hours or 1)
    rounding: Mapping[str, Callable[[Fraction], Fraction]] = {
        "floor": lambda value: Fraction(floor(value)),
        "ceil": lambda value: Fraction(ceil(value)),
        "exact": lambda value: value,
    }
    units = rounding[schedule.unit_rounding](exact)
    rate = Fraction(schedule.rate or 0)
    return RawCredit(
        units * rate * base,
        f"{float(units):g} {'unit' if units == 1 else 'units'} × {float(rate):g}",
    )


def _flat(schedule: CreditSchedule, outcome: Outcome, base: Fraction) -> RawCredit:
    """One sum or share for any miss."""
    if not outcome.breached:
        return _met()
    if schedule.tiers:
        worth = _worth(schedule, schedule.tiers[0], base, outcome.months, repeat=False)
        return RawCredit(worth, "flat credit")
    return RawCredit(Fraction(schedule.rate or 0) * base, f"flat {schedule.rate or 0} of the base")


def _pool(schedule: CreditSchedule, outcome: Outcome, base: Fraction) -> RawCredit:
    """The part of the at-risk pool allotted to this level, by row where there are rows."""
    pool = Fraction(schedule.at_risk or 0) * Fraction(
        1 if schedule.allocation is None else schedule.allocation
    )
    if schedule.tiers:
        inner = _by_rows(schedule, outcome, pool * base)
        return RawCredit(inner.amount, f"pool of {float(pool):g}: {inner.reason}")
    if not outcome.breached:
        return _met()
    return RawCredit(pool * base, f"pool of {float(pool):g} of the base")


def _severity_duration(schedule: CreditSchedule, outcome: Outcome, base: Fraction) -> RawCredit:
    """Per incident the row of its severity and duration."""
    total = Fraction(0)
    paid = 0
    for severity, minutes in outcome.incidents:
        worth = [
            _worth(schedule, tier, base, outcome.months, repeat=False)
            for tier in schedule.tiers
            if (tier.severity is None or _same_word(tier.severity, severity))
            and tier_matches(tier, outcome.availability, minutes)
        ]
        if worth:
            paid += 1
            total += _of_overlapping(schedule, worth)
    return RawCredit(total, f"{paid} incident(s) by severity and duration")


def _same_word(one: str, other: str) -> bool:
    """Whether a contract and an incident name one severity, whatever the capitals."""
    return one.strip().casefold() == other.strip().casefold()


def _met() -> RawCredit:
    return RawCredit(Fraction(0), "the target is met")


_SHAPES: Mapping[str, Callable[[CreditSchedule, Outcome, Fraction], RawCredit]] = {
    "step": _by_rows,
    "day_credits": _by_rows,
    "points": _by_rows,
    "marginal": _marginal,
    "continuous": _continuous,
    "shortfall": _shortfall,
    "per_time_unit": _per_time_unit,
    "flat": _flat,
    "pool": _pool,
    "severity_duration": _severity_duration,
}


def in_minor_units(amount: Fraction, currency: str) -> str:
    """An intermediate sum for people, to the minor unit of its currency.

    Examples
    --------
    >>> [in_minor_units(Fraction("12.345"), currency) for currency in ("KWD", "EUR", "JPY")]
    ['12.345', '12.35', '12']
    """
    return str(rounded(amount, minor_unit(currency)))


def rounded(amount: Fraction, unit: Decimal, rounding: str = "half_up") -> Decimal:
    """Sum in whole minor units of its currency, rounded exactly (rule K4).

    Parameters
    ----------
    amount : Fraction
        Sum in major units, 0 or more.
    unit : Decimal
        Minor unit.
    rounding : {'half_up', 'half_even', 'down'}
        How.

    Examples
    --------
    >>> cent = Decimal("0.01")
    >>> [str(rounded(Fraction("123.425"), cent, how)) for how in ("half_up", "half_even")]
    ['123.43', '123.42']
    """
    if not amount:
        return unit * 0
    units = amount / Fraction(unit)
    whole = floor(units)
    rest = units - whole
    half = Fraction(1, 2)
    if rounding != "down" and (
        rest > half or (rest == half and (rounding == "half_up" or whole % 2))
    ):
        whole += 1
    return unit * whole
