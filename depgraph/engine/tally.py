"""Yearly figures gathered so that parts can be merged in any order to the same bit (rule W5).

Everything kept is a whole number: counts, sums and sums of squares are exact, and addition of
whole numbers does not depend on its order. Values fall into bins of at most 1/64 of their size,
64 to each doubling, and each bin keeps the sum of what fell into it. Years need no more memory.
Bins of one doubling are a page, and a row has only the pages that something fell into.
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
_ABSENT = -1
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
    pages : ndarray of int32, shape (rows, doublings)
        Where the bins of each doubling are kept; `_ABSENT` where nothing fell into them.
    used : int
        Pages that are taken.
    counts, sums : ndarray, shape (pages, bins)
        How many values fell into each bin, and their sum; with room for more pages.
    moments : ndarray of int64, shape (rows, 3)
        Parts of the sum of squares: a value is ``a · 2^22 + b``; sums of a², 2ab and b².
    largest : ndarray of int64, shape (rows,)
        Largest value.
    """

    shift: int
    years: int
    pages: Array
    used: int
    counts: Array
    sums: Array
    moments: Array
    largest: Array

    @classmethod
    def empty(cls, rows: int, shift: int = 0) -> Tally:
        """Nothing gathered yet."""
        return cls(
            shift,
            0,
            np.full((rows, 46 - shift - _BITS + 1), _ABSENT, np.int32),
            0,
            np.zeros((rows, _PER_DOUBLING), np.int32),
            np.zeros((rows, _PER_DOUBLING), np.int64),
            np.zeros((rows, 3), np.int64),
            np.zeros(rows, np.int64),
        )

    @property
    def rows(self) -> int:
        """How many figures are gathered of each year."""
        return len(self.largest)

    def copy(self) -> Tally:
        """A tally of its own with the same content."""
        return replace(
            self,
            pages=self.pages.copy(),
            counts=self.counts[: self.used].copy(),
            sums=self.sums[: self.used].copy(),
            moments=self.moments.copy(),
            largest=self.largest.copy(),
        )

    def __getstate__(self) -> dict[str, Any]:
        """What travels between processes: bins that hold something."""
        counts, sums = self.counts[: self.used], self.sums[: self.used]
        filled = np.flatnonzero(counts)
        return {
            **self.__dict__,
            "counts": (filled, counts.ravel()[filled]),
            "sums": sums.ravel()[filled],
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Spread the bins out again."""
        filled, counted = state["counts"]
        shape = state["used"], _PER_DOUBLING
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
        values, done = np.ascontiguousarray(values), 0
        while done < self.rows:
            kept = self.counts, self.sums, self.moments, self.largest
            done, self.used = _gather(values, self.shift, (self.pages, self.used, done), kept)
            if done < self.rows:
                self._make_room(self.pages.shape[1])

    def merge(self, other: Tally) -> None:
        """Gather what another tally of the same rows holds."""
        self._count(other.years)
        missing = int(((self.pages == _ABSENT) & (other.pages != _ABSENT)).sum())
        if self.used + missing > len(self.counts):
            self._make_room(self.used + missing - len(self.counts))
        bins = self.counts, self.sums
        self.used = _merge((self.pages, self.used, bins), (other.pages, other.counts, other.sums))
        self.moments += other.moments
        np.maximum(self.largest, other.largest, out=self.largest)

    def _make_room(self, least: int) -> None:
        """Room for so many more pages, and half as many again as there are."""
        more = max(least, len(self.counts) // 2)
        self.counts = np.concatenate((self.counts, np.zeros((more, _PER_DOUBLING), np.int32)))
        self.sums = np.concatenate((self.sums, np.zeros((more, _PER_DOUBLING), np.int64)))

    def bins(self, row: int) -> tuple[Array, Array]:
        """How many values of a row fell into each bin of its pages, rising, and their sums."""
        pages = self.pages[row]
        pages = pages[pages != _ABSENT]
        return self.counts[pages].ravel(), self.sums[pages].ravel()

    def _count(self, years: int) -> None:
        if self.years + years > _EXACT_YEARS:
            raise DomainError(f"at most {_EXACT_YEARS:,} years can be tallied without loss")
        self.years += years

    def total(self, row: int) -> int:
        """Sum over all years."""
        return int(self.bins(row)[1].sum())

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
        counts, sums = self.bins(row)
        place = int(np.searchsorted(np.cumsum(counts, dtype=np.int64), rank))
        return int(sums[place]) / int(counts[place])

    def _tail_mean(self, row: int) -> float:
        """Mean of the worst 5 % of the years; a year that the border splits counts in part."""
        wanted = left = _TAIL * self.years
        summed = 0.0
        counts, sums = self.bins(row)
        for place in np.flatnonzero(counts)[::-1]:
            count = int(counts[place])
            taken = min(left, count)
            summed += int(sums[place]) * (taken / count)
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


@njit(cache=True, nogil=True)
def _gather(values, shift, where, kept):  # type: ignore[no-untyped-def]  # numba infers types
    """Add values to bins, sums and moments, from a row on.

    Returns the rows done, fewer than there are when there was no room for the pages of the next
    one, and the pages taken.
    """
    pages, used, first = where
    counts, sums, moments, largest = kept
    # Row by row, so that the bins of one stay at hand.
    for row in range(first, values.shape[1]):
        if used + values.shape[0] > counts.shape[0]:
            fresh = 0
            for year in range(values.shape[0]):
                fresh += pages[row, _place(values[year, row] >> shift) >> _BITS] < 0
            if used + min(fresh, pages.shape[1]) > counts.shape[0]:
                return row, used
        for year in range(values.shape[0]):
            value = values[year, row]
            place = _place(value >> shift)
            page = pages[row, place >> _BITS]
            if page < 0:
                page = pages[row, place >> _BITS] = used
                used += 1
            counts[page, place & (_PER_DOUBLING - 1)] += 1
            sums[page, place & (_PER_DOUBLING - 1)] += value
            high, low = value >> _HALF_BITS, value & ((1 << _HALF_BITS) - 1)
            moments[row, 0] += high * high
            moments[row, 1] += 2 * high * low
            moments[row, 2] += low * low
            largest[row] = max(largest[row], value)
    return values.shape[1], used


@njit(cache=True, nogil=True)
def _merge(into, other):  # type: ignore[no-untyped-def]
    """Add the bins of another tally; there is room. How many pages are taken."""
    pages, used, (counts, sums) = into
    other_pages, other_counts, other_sums = other
    for row in range(pages.shape[0]):
        for doubling in range(pages.shape[1]):
            source = other_pages[row, doubling]
            if source < 0:
                continue
            page = pages[row, doubling]
            if page < 0:
                page = pages[row, doubling] = used
                used += 1
            for place in range(_PER_DOUBLING):
                counts[page, place] += other_counts[source, place]
                sums[page, place] += other_sums[source, place]
    return used


@njit(cache=True, nogil=True)
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
