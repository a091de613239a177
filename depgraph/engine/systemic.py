"""Whether breaches are bad luck or a pattern: tests of an observed history (rule W6).

The model behind the p-value: the service alternates between working and failed; times to failure
and times to restore are exponential, with the committed availability A as long-run share and a
stated mean time to restore m, so that the mean time between failures is m·A/(1 − A). The history
is stationary: the service may already be down when a period starts. Periods are taken as
independent, although an outage that spans their border falls into both.

Within one period the downtime D is a compound Poisson sum in operating time. With b the downtime
budget and T the period, D exceeds b exactly when the outages that begin within T − b of operating
time last longer than b together (Takács 1957). A sum of n exponential outages exceeds b exactly
when a Poisson count with mean b/m stays below n. Hence, for N ~ Poisson((T − b)/MTBF) and
M ~ Poisson(b/m), independent:

    P(D > b) = A·P(N > M) + (1 − A)·P(N ≥ M)

which is exact for this model. A service whose outages are more clustered or heavier-tailed than
exponential breaches less often but worse at the same availability, so the p-value depends on m:
the answer names it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from depgraph.errors import DomainError
from depgraph.record import Record

_LARGEST_MEAN = 5_000_000.0
_SPREAD = 14.0


def breach_probability(
    availability: float, target: float, period_hours: float, mttr_hours: float
) -> float:
    """Probability that one period falls below its target (rule W6).

    Parameters
    ----------
    availability : float
        Long-run availability that is taken as true, usually the committed one [1].
    target : float
        Availability below which the period is a breach [1].
    period_hours : float
        Length of the period [h].
    mttr_hours : float
        Mean time to restore [h].

    Raises
    ------
    DomainError
        If a share lies outside [0, 1], or a duration is not positive.

    Examples
    --------
    >>> round(breach_probability(0.999, 0.999, 720, 1.0), 4)
    0.3121
    """
    _require(availability, target, period_hours, mttr_hours)
    budget = (1.0 - target) * period_hours
    if availability in {0.0, 1.0}:
        return float(availability == 0.0 and budget < period_hours)
    if target == 0.0:
        return 0.0
    mtbf_hours = mttr_hours * availability / (1.0 - availability)
    failures = (period_hours - budget) / mtbf_hours
    restores = budget / mttr_hours
    if max(failures, restores) > _LARGEST_MEAN:
        raise DomainError(
            f"a mean time to restore of {mttr_hours} h gives more than {_LARGEST_MEAN:.0f} outages "
            "in a period: give a longer one"
        )
    more, equal = _more_and_equal(failures, restores)
    return min(1.0, more + (1.0 - availability) * equal)


def _more_and_equal(failures: float, restores: float) -> tuple[float, float]:
    """P(N > M) and P(N = M) of two independent Poisson counts; sums of positive terms only."""
    largest = max(failures, restores)
    counts = np.arange(int(largest + _SPREAD * math.sqrt(largest + 1.0)) + 60)
    n, m = _poisson(counts, failures), _poisson(counts, restores)
    below = np.concatenate(([0.0], np.cumsum(m)[:-1]))
    return float(n @ below), float(n @ m)


def _poisson(counts: np.ndarray, mean: float) -> np.ndarray:
    """Poisson probabilities; all at 0 for a mean of 0."""
    if mean == 0.0:
        return np.where(counts == 0, 1.0, 0.0)
    factorials = np.concatenate(([0.0], np.cumsum(np.log(counts[1:]))))
    probabilities: np.ndarray = np.asarray(np.exp(counts * math.log(mean) - mean - factorials))
    # Logs of large factorials carry a common rounding error; the sum is known to be 1.
    return probabilities / math.fsum(probabilities)


def _require(availability: float, target: float, period_hours: float, mttr_hours: float) -> None:
    for name, share in (("availability", availability), ("target", target)):
        if not 0.0 <= share <= 1.0:
            raise DomainError(f"{name} is {share}, outside [0, 1]")
    for name, hours in (("period_hours", period_hours), ("mttr_hours", mttr_hours)):
        if not (hours > 0.0 and math.isfinite(hours)):
            raise DomainError(f"{name} is {hours}; it has to be more than 0")


def breaches_p_value(breaches: int, probabilities: Sequence[float]) -> float:
    """Probability of so many breaches or more, if the commitment were true (rule W6).

    Parameters
    ----------
    breaches : int
        Periods that were missed, k.
    probabilities : sequence of float
        Breach probability of each period [1]; all equal gives the binomial tail.

    Raises
    ------
    DomainError
        If there are more breaches than periods, or a probability is outside [0, 1].

    Examples
    --------
    >>> breaches_p_value(2, [0.5, 0.5])
    0.25
    """
    if not 0 <= breaches <= len(probabilities):
        raise DomainError(f"{breaches} breaches in {len(probabilities)} periods are impossible")
    chances = np.asarray(probabilities, float)
    if not np.all((chances >= 0.0) & (chances <= 1.0)):
        raise DomainError("a breach probability lies outside [0, 1]")
    counts = np.zeros(len(chances) + 1)
    counts[0] = 1.0
    for chance in chances:
        counts[1:] = counts[1:] * (1.0 - chance) + counts[:-1] * chance
        counts[0] *= 1.0 - chance
    return min(1.0, math.fsum(counts[breaches:])) if breaches else 1.0


class Trend(Record):
    """Result of a rank test for a rising series (Mann–Kendall, exact also with ties)."""

    statistic: int
    """Pairs that rise less pairs that fall."""
    tau: float
    """Statistic over the number of pairs whose values differ: −1 to 1; 0 when none differ."""
    p_value: float
    """Probability of a statistic this large or larger if the order were chance [1]."""


def rising_trend(values: Sequence[float]) -> Trend:
    """Test whether a series rises, by ranks alone (rule W6).

    The exact distribution of the statistic over all orders of the values is used; pairs of equal
    values count for neither side (Kendall 1975).

    Parameters
    ----------
    values : sequence of float
        One value per period, in order of time, such as minutes of downtime.

    Raises
    ------
    DomainError
        If a value is not finite.

    Examples
    --------
    >>> rising_trend([1, 2, 3, 4]).p_value == 1 / 24
    True
    """
    series = list(values)
    if not all(math.isfinite(value) for value in series):
        raise DomainError("a trend needs finite values")
    rises = falls = 0
    for place, later in enumerate(series):
        rises += sum(earlier < later for earlier in series[:place])
        falls += sum(earlier > later for earlier in series[:place])
    pairs = rises + falls
    ways = _falling_pairs(sorted(Counter(series).values()))
    return Trend(
        statistic=rises - falls,
        tau=(rises - falls) / pairs if pairs else 0.0,
        p_value=sum(ways[: falls + 1]) / sum(ways),
    )


def _falling_pairs(groups: Iterable[int]) -> list[int]:
    """Number of orders of values with ties, by falling pairs: the q-multinomial coefficient."""
    ways = [1]
    placed = 0
    for size in groups:
        for step in range(1, size + 1):
            ways = _over(_times(ways, placed + step), step)
        placed += size
    return ways


def _times(ways: list[int], power: int) -> list[int]:
    """Multiply a polynomial by 1 − q^power."""
    product = [*ways, *[0] * power]
    for place, factor in enumerate(ways):
        product[place + power] -= factor
    return product


def _over(ways: list[int], power: int) -> list[int]:
    """Divide a polynomial by 1 − q^power, which leaves no remainder."""
    quotient = list(ways)
    for place in range(power, len(quotient)):
        quotient[place] += quotient[place - power]
    return quotient[: len(quotient) - power]


class ObservedPeriod(Record):
    """What one period showed."""

    period: str
    """Its label."""
    hours: float
    """Its length [h]."""
    target: float
    """Promised availability [1]."""
    breached: bool
    """Whether it was missed."""
    down_minutes: float = 0.0
    """Downtime that counted [min]."""
    root_causes: tuple[str, ...] = ()
    """Root causes of the incidents that took part."""
    parties: tuple[str, ...] = ()
    """Organizations whose components failed, at any rank."""


class Recurrence(Record):
    """Something that took part in more than one breach."""

    kind: Literal["root_cause", "party"]
    """What it is."""
    id: str
    """Its name."""
    periods: tuple[str, ...]
    """Breached periods in which it took part."""
    share: float
    """Share of all breached periods [1]."""


class SystemicTest(Record):
    """Whether a run of breaches is more than chance, and what they have in common (rule W6)."""

    breaches: int
    """Periods missed."""
    periods: int
    """Periods looked at."""
    expected_breaches: float
    """Breaches that the committed availability makes likely, on average."""
    p_value: float
    """Probability of so many or more if the commitment were true [1]."""
    significance: float
    """Level below which the p-value counts as systemic [1]."""
    mttr_hours: float
    """Mean time to restore that was taken [h]."""
    recurring: tuple[Recurrence, ...]
    """Root causes and organizations behind two or more breaches, most frequent first."""
    trend: Trend
    """Whether downtime rises from period to period."""
    systemic: bool
    """Whether the p-value is below the level."""


def systemic_test(
    history: Sequence[ObservedPeriod], mttr_hours: float, significance: float = 0.05
) -> SystemicTest:
    """Test an observed history against what was committed (rule W6).

    Parameters
    ----------
    history : sequence of ObservedPeriod
        Every period that was measured, in order of time, also those without a breach.
    mttr_hours : float
        Mean time to restore to assume [h]; the p-value depends on it.
    significance : float
        Level of the test [1].

    Raises
    ------
    DomainError
        If there is no period, or a figure is impossible.
    """
    if not history:
        raise DomainError("a test of breaches needs at least one period")
    if not 0.0 < significance < 1.0:
        raise DomainError(f"significance is {significance}, outside (0, 1)")
    chances = [breach_probability(p.target, p.target, p.hours, mttr_hours) for p in history]
    breaches = sum(period.breached for period in history)
    p_value = breaches_p_value(breaches, chances)
    return SystemicTest(
        breaches=breaches,
        periods=len(history),
        expected_breaches=math.fsum(chances),
        p_value=p_value,
        significance=significance,
        mttr_hours=mttr_hours,
        recurring=_recurring(history),
        trend=rising_trend([period.down_minutes for period in history]),
        systemic=p_value < significance,
    )


def _recurring(history: Sequence[ObservedPeriod]) -> tuple[Recurrence, ...]:
    """Root causes and organizations that took part in at least two breached periods."""
    found: dict[tuple[Literal["root_cause", "party"], str], list[str]] = {}
    missed = [period for period in history if period.breached]
    for period in missed:
        for cause in dict.fromkeys(period.root_causes):
            found.setdefault(("root_cause", cause), []).append(period.period)
        for party in dict.fromkeys(period.parties):
            found.setdefault(("party", party), []).append(period.period)
    rows = [
        Recurrence(kind=kind, id=name, periods=tuple(labels), share=len(labels) / len(missed))
        for (kind, name), labels in found.items()
        if name and len(labels) > 1
    ]
    return tuple(sorted(rows, key=lambda row: (-len(row.periods), row.kind, row.id)))
