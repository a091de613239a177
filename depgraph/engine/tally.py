"""Yearly figures gathered so that parts can be merged in any order to the same bit (rule W5).

Everything kept is a whole number: counts, sums and sums of squares are exact, and addition of
whole numbers does not depend on its order. Values fall into bins of at most 1/64 of their size,
64 to each doubling, and each bin keeps the sum of what fell into it. Years need no more memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit
from scipy.special import gammaincinv, stdtrit

from depgraph.engine.diagram import Array
from depgraph.errors import DomainError
from depgraph.record import Record

_BITS = 6
_PER_DOUBLING = 1 << _BITS
_HALF_BITS = 22
_LARGEST = 1 << 46
_EXACT_YEARS = 100_000
"""Years up to which no sum can overflow."""
_ENOUGH = 100.0
"""Effective number of observations from which a sample mean is taken to be normal."""
_CONFIDENCE = 0.95
_TAIL = 0.05


class Distribution(Record):
    """A figure per simulated year."""

    mean: float
    """Mean over the years."""
    ci_low: float
    """Lower end of the 95 % confidence interval of the mean."""
    ci_high: float | None
    """Upper end of the 95 % confidence interval; None where nothing was seen that could tell."""
    p50: float
    """Median year."""
    p90: float
    """Not exceeded in 90 % of the years."""
    p95: float
    """Not exceeded in 95 % of the years."""
    p99: float
    """Not exceeded in 99 % of the years."""
    tail_mean: float
    """Mean of the worst 5 % of the years."""


@dataclass
class Tally:
    """Yearly values of several rows, each a whole number of a unit, 0 or more.

    Attributes
    ----------
    shift : int
        Bits of a value that bins do not tell apart near 0.
    years : int
        Years gathered.
    counts, sums : ndarray of int64, shape (rows, bins)
        How many values fell into each bin, and their sum.
    moments : ndarray of int64, shape (rows, 3)
        Parts of the sum of squares: a value is ``a · 2^22 + b``; sums of a², 2ab and b².
    largest : ndarray of int64, shape (rows,)
        Largest value.
    """

    shift: int
    years: int
    counts: Array
    sums: Array
    moments: Array
    largest: Array

    @classmethod
    def empty(cls, rows: int, shift: int = 0) -> Tally:
        """Nothing gathered yet."""
        bins = (46 - shift - _BITS + 1) * _PER_DOUBLING
        return cls(
            shift,
            0,
            np.zeros((rows, bins), np.int32),
            np.zeros((rows, bins), np.int64),
            np.zeros((rows, 3), np.int64),
            np.zeros(rows, np.int64),
        )

    def copy(self) -> Tally:
        """A tally of its own with the same content."""
        return replace(
            self,
            counts=self.counts.copy(),
            sums=self.sums.copy(),
            moments=self.moments.copy(),
            largest=self.largest.copy(),
        )

    def __getstate__(self) -> dict[str, Any]:
        """What travels between processes: bins that hold something."""
        filled = np.flatnonzero(self.counts)
        return {
            **self.__dict__,
            "counts": (self.counts.shape, filled, self.counts.ravel()[filled]),
            "sums": self.sums.ravel()[filled],
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Spread the bins out again."""
        shape, filled, counted = state["counts"]
        counts, sums = np.zeros(shape, np.int32), np.zeros(shape, np.int64)
        counts.ravel()[filled] = counted
        sums.ravel()[filled] = state["sums"]
        self.__dict__.update({**state, "counts": counts, "sums": sums})

    def add(self, values: Array) -> None:
        """Gather years, shape (years, rows).

        Raises
        ------
        DomainError
            If a value is negative or too large, or there are too many years.
        """
        if values.size and (values.min() < 0 or values.max() >= _LARGEST):
            raise DomainError("a yearly figure is too large to be tallied, or negative")
        self._count(values.shape[0])
        _gather(
            np.ascontiguousarray(values), self.shift,
            (self.counts, self.sums, self.moments, self.largest),
        )  # fmt: skip

    def merge(self, other: Tally) -> None:
        """Gather what another tally of the same rows holds."""
        self._count(other.years)
        self.counts += other.counts
        self.sums += other.sums
        self.moments += other.moments
        np.maximum(self.largest, other.largest, out=self.largest)

    def _count(self, years: int) -> None:
        if self.years + years > _EXACT_YEARS:
            raise DomainError(f"at most {_EXACT_YEARS:,} years can be tallied without loss")
        self.years += years

    def total(self, row: int) -> int:
        """Sum over all years."""
        return int(self.sums[row].sum())

    def squares(self, row: int) -> int:
        """Sum of squares over all years."""
        high, mixed, low = (int(part) for part in self.moments[row])
        return (high << 2 * _HALF_BITS) + (mixed << _HALF_BITS) + low

    def distribution(
        self, row: int, unit: float = 1.0, unseen: float | None = None
    ) -> Distribution:
        """Figures of one row.

        Parameters
        ----------
        row : int
            Which one.
        unit : float
            Units of the values in one unit of the answer.
        unseen : float, optional
            Size of one event that was never seen, in units of the values: it bounds the mean from
            above where all values are 0.
        """
        low, high = self.interval(row, unseen=unseen)
        values = [self._quantile(row, share) / unit for share in (0.5, 0.9, 0.95, 0.99)]
        return Distribution(
            mean=self.total(row) / self.years / unit,
            ci_low=low / unit,
            ci_high=None if high is None else high / unit,
            p50=values[0],
            p90=values[1],
            p95=values[2],
            p99=values[3],
            tail_mean=self._tail_mean(row) / unit,
        )

    def interval(
        self, row: int, confidence: float = _CONFIDENCE, unseen: float | None = None
    ) -> tuple[float, float | None]:
        """Confidence interval of the mean, in units of the values.

        By Student's distribution where there are enough observations. Else by Fay and Feuer's
        (1997) for weighted sums of rare events, with an event twice as large as any seen as the
        one that may have been missed: with exponential events it covers in 92 % of cases or more,
        however few are seen.

        Parameters
        ----------
        row : int
            Which one.
        confidence : float
            Its level [1].
        unseen : float, optional
            As in `distribution`.
        """
        years, total = self.years, self.total(row)
        outside = (1.0 - confidence) / 2.0
        if total == 0:
            return 0.0, None if unseen is None else -math.log(outside) * unseen / years
        spread = self.spread(row)
        if self.is_well_observed(row):
            half = half_width(years, spread, confidence)
            return max(0.0, total / years - half), total / years + half
        weight = 2.0 * float(self.largest[row])
        low = spread / total * float(gammaincinv(total / spread * total, outside))
        more, wider = total + weight, spread + weight * weight
        high = wider / more * float(gammaincinv(more / wider * more, 1.0 - outside))
        return low / years, high / years

    def is_well_observed(self, row: int) -> bool:
        """Whether enough was seen for the mean over the years to be taken as normal."""
        spread, total = self.spread(row), self.total(row)
        return self.years > 1 and total * total >= _ENOUGH * spread and total > 0

    def spread(self, row: int) -> float:
        """Estimated variance of the sum over all years, in squared units of the values."""
        return spread_of_sum(self.years, self.total(row), self.squares(row))

    def _quantile(self, row: int, share: float) -> float:
        """Value that a share of the years do not exceed: the mean of the bin it falls into."""
        rank = max(1, math.ceil(share * self.years - 1e-9))
        place = int(np.searchsorted(np.cumsum(self.counts[row], dtype=np.int64), rank))
        return int(self.sums[row, place]) / int(self.counts[row, place])

    def _tail_mean(self, row: int) -> float:
        """Mean of the worst 5 % of the years; a year that the border splits counts in part."""
        wanted = left = _TAIL * self.years
        summed = 0.0
        for place in np.flatnonzero(self.counts[row])[::-1]:
            count = int(self.counts[row, place])
            taken = min(left, count)
            summed += int(self.sums[row, place]) * (taken / count)
            left -= taken
            if left <= 0:
                break
        return summed / wanted


def spread_of_sum(years: int, total: int, squares: int) -> float:
    """Estimated variance of a sum over years, from the sum and the sum of squares."""
    if years < 2:  # noqa: PLR2004 - a spread needs two
        return float(squares)
    return (squares * years - total * total) / (years - 1)


def half_width(years: int, spread: float, confidence: float = _CONFIDENCE) -> float:
    """Half of Student's confidence interval of a mean over years, from the spread of the sum."""
    outside = (1.0 - confidence) / 2.0
    return float(stdtrit(years - 1, 1.0 - outside)) * math.sqrt(spread) / years


@njit(cache=True)
def _gather(values, shift, kept):  # type: ignore[no-untyped-def]  # numba infers types
    """Add values to bins, sums and moments."""
    counts, sums, moments, largest = kept
    # Row by row, so that the bins of one stay at hand.
    for row in range(values.shape[1]):
        for year in range(values.shape[0]):
            value = values[year, row]
            place = _place(value >> shift)
            counts[row, place] += 1
            sums[row, place] += value
            high, low = value >> _HALF_BITS, value & ((1 << _HALF_BITS) - 1)
            moments[row, 0] += high * high
            moments[row, 1] += 2 * high * low
            moments[row, 2] += low * low
            largest[row] = max(largest[row], value)


@njit(cache=True)
def _place(scaled):  # type: ignore[no-untyped-def]
    """Bin of a value: linear at first, then so many for each doubling."""
    if scaled < 2 * _PER_DOUBLING:
        return scaled
    doublings = 0
    for step in (32, 16, 8, 4, 2, 1):
        if scaled >> (doublings + step) >= 2 * _PER_DOUBLING:
            doublings += step
    doublings += 1
    return doublings * _PER_DOUBLING + (scaled >> doublings)
