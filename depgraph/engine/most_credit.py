"""The most that the schedule of one level can pay for one period, as it is paid (rules K2 to K4).

Every entitlement of a period is rounded for itself: each region has one, and each part of the
period with a target of its own. So the most is a sum of rounded sums.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from depgraph.engine.credits import Outcome, raw_credit, rounded
from depgraph.engine.periods import MONTHS, PeriodKind
from depgraph.model.credits import CreditSchedule
from depgraph.model.sla import Objective, TargetRule

_LONGEST_DAYS: dict[PeriodKind, int] = {"month": 31, "quarter": 92, "year": 366}
_CLOCK_CHANGE = 60
"""Where clocks are turned back a period is longer by so much [min]."""
_DAY = 1440


@dataclass(frozen=True)
class Terms:
    """What one level pays by.

    Attributes
    ----------
    schedule : CreditSchedule
        The remedy.
    objective : Objective
        What is promised.
    base : Fraction
        Monthly fee of one entitlement, in major units.
    regions : int
        Entitlements that a period holds at the same time.
    unit : Decimal
        Minor unit of the currency.
    """

    schedule: CreditSchedule
    objective: Objective
    base: Fraction
    regions: int
    unit: Decimal


def most_of_period(terms: Terms) -> Fraction:
    """Most that is paid for one period of a level, all of its entitlements together.

    A schedule by incident is taken to be struck once where it has no cap for the period.

    Parameters
    ----------
    terms : Terms
        What it pays by.
    """
    schedule = terms.schedule
    most = _raw(terms)
    cap = _period_cap(terms)
    if cap is not None:
        # Incidents of a severity add up, to the cap.
        most = cap if most and schedule.shape == "severity_duration" else min(most, cap)
    parts = _most_parts(terms.objective)
    if parts == 1:
        return Fraction(rounded(most, terms.unit, schedule.rounding)) * terms.regions
    # Parts share the fee but not a fixed sum, and each of them may be rounded up.
    whole = most * parts if any(tier.amount is not None for tier in schedule.tiers) else most
    if cap is not None:
        whole = min(whole, cap)
    steps = whole / Fraction(terms.unit) + Fraction(parts, 2)
    return Fraction(terms.unit) * (steps.numerator // steps.denominator) * terms.regions


def is_open_ended(schedule: CreditSchedule) -> bool:
    """Whether a period can earn more than one credit, and nothing says how much at most (K2)."""
    return schedule.shape == "severity_duration" and schedule.period_cap is None


def _period_cap(terms: Terms) -> Fraction | None:
    cap = terms.schedule.period_cap
    return None if cap is None else Fraction(cap) * terms.base * MONTHS[terms.objective.period]


def _raw(terms: Terms) -> Fraction:
    """Most before caps of one entitlement that lasts the whole period: the worst case of any."""
    schedule, months = terms.schedule, MONTHS[terms.objective.period]
    base = terms.base * months
    severities = list(dict.fromkeys(tier.severity or "" for tier in schedule.tiers)) or [""]
    floor = Fraction(schedule.minimum.amount) if schedule.minimum else Fraction(0)
    most = Fraction(0)
    for target in _targets(terms.objective):
        for availability, counted in _trials(schedule, target, _longest(terms.objective.period)):
            for severity in severities:
                struck = [(severity, counted)]
                outcome = Outcome(availability, target, counted, struck, True, months)
                raw = raw_credit(schedule, outcome, base).amount
                most = max(most, raw if raw > floor else most)
    return most


def _targets(objective: Objective) -> list[Fraction]:
    """Targets that hold at some time (rule K10)."""
    targets = (objective.target, *(rule.target for rule in objective.targets))
    return list(dict.fromkeys(Fraction(target) for target in targets))


def _longest(kind: PeriodKind) -> Fraction:
    """Length of the longest period of a kind [min]."""
    return Fraction(_LONGEST_DAYS[kind] * _DAY + _CLOCK_CHANGE)


def _trials(
    schedule: CreditSchedule, target: Fraction, length: Fraction
) -> Iterator[tuple[Fraction, Fraction]]:
    """Availabilities and counted minutes that stand for all that can be measured.

    What rows pay changes at their edges alone, so edges and what lies between them are tried. Terms
    that begin or end within a period, and hours of service, make it shorter: fewer minutes go with
    an availability.
    """
    shares, minutes = {Fraction(0), Fraction(1), target}, {Fraction(0)}
    for tier in schedule.tiers:
        bounds = tier.below, tier.at_or_below, tier.at_least, tier.above
        shares |= {Fraction(bound) for bound in bounds if bound is not None}
        times = tier.over_minutes, tier.from_minutes, tier.to_minutes
        minutes |= {Fraction(bound) for bound in times if bound is not None}
    lasting = _with_middles(minutes)
    for availability in _with_middles(shares):
        longest = (1 - availability) * length
        yield availability, longest
        if len(minutes) > 1:
            yield from ((availability, lost) for lost in lasting if lost < longest)


def _with_middles(edges: set[Fraction]) -> list[Fraction]:
    """Edges, and one value between each and the next."""
    found = sorted(edges)
    return sorted({*found, *((low + high) / 2 for low, high in pairwise(found))})


def _most_parts(objective: Objective) -> int:
    """Most parts with a target of their own that one period can have (rule K10)."""
    edges = _edges(objective.targets)
    length = float(_longest(objective.period)) * 60
    within = [bisect_left(edges, edge + length) - place for place, edge in enumerate(edges)]
    return 1 + max(within, default=0)


def _edges(rules: Sequence[TargetRule]) -> list[float]:
    """Instants at which targets may change, in order [s]."""
    return sorted({moment.timestamp() for rule in rules for moment in (rule.start, rule.end)})
