"""Tallies: against plain NumPy on the raw values."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depgraph.engine.tally import Tally
from depgraph.errors import DomainError

VALUES = st.lists(st.integers(0, (1 << 46) - 1), min_size=1, max_size=60)


@settings(max_examples=80, deadline=None)
@given(VALUES, st.sampled_from([0, 14]))
def test_sums_are_exact_and_percentiles_close(values: list[int], shift: int) -> None:
    tally = Tally.empty(1, shift)
    tally.add(np.array(values)[:, None])

    assert tally.total(0) == sum(values)
    assert tally.squares(0) == sum(value * value for value in values)
    found = tally.distribution(0)
    for share, got in [(0.5, found.p50), (0.9, found.p90), (0.95, found.p95), (0.99, found.p99)]:
        expected = float(np.quantile(values, share, method="inverted_cdf"))
        assert abs(got - expected) <= expected / 64 + (1 << shift)


def test_the_tail_mean_is_that_of_the_worst_years() -> None:
    tally = Tally.empty(1)
    tally.add(np.arange(0, 64)[:, None])
    # 5 % of 64 years are 3.2: the worst three, and a fifth of the fourth.
    assert tally.distribution(0).tail_mean == pytest.approx((63 + 62 + 61 + 0.2 * 60) / 3.2)


@settings(max_examples=30, deadline=None)
@given(VALUES, VALUES)
def test_merging_equals_adding(one: list[int], other: list[int]) -> None:
    whole, part, rest = Tally.empty(1), Tally.empty(1), Tally.empty(1)
    whole.add(np.array(one + other)[:, None])
    part.add(np.array(one)[:, None])
    rest.add(np.array(other)[:, None])
    rest.merge(copy.deepcopy(part))
    assert rest.distribution(0) == whole.distribution(0)
    for got, expected in zip(rest.bins(0), whole.bins(0), strict=True):
        assert (got == expected).all()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_many_rows_in_parts_are_as_each_alone(data: st.DataObject) -> None:
    """However many pages each row comes to need, in whatever order; and after a journey."""
    rows, size = data.draw(st.integers(1, 9)), st.integers(0, 45)
    parts = [
        np.array([[(1 << data.draw(size)) - 1 for _ in range(rows)] for _ in range(years)])
        for years in data.draw(st.lists(st.integers(1, 40), min_size=1, max_size=5))
    ]
    together, merged = Tally.empty(rows, 14), Tally.empty(rows, 14)
    for values in parts:
        together.add(values)
        part = Tally.empty(rows, 14)
        part.add(values)
        merged.merge(copy.deepcopy(part.copy()))
    for row in range(rows):
        alone = Tally.empty(1, 14)
        for values in parts:
            alone.add(values[:, [row]])
        assert together.distribution(row) == merged.distribution(row) == alone.distribution(0)
        assert alone.total(0) == sum(int(values[:, row].sum()) for values in parts)


def test_rows_that_vary_little_take_few_pages() -> None:
    """A thousand rows within one doubling: a page or two each, not one for each doubling."""
    tally = Tally.empty(1_000, 14)
    draw = np.random.default_rng(1)
    for _ in range(20):
        tally.add(draw.integers(1 << 30, 1 << 31, (16, 1_000)))
    assert tally.used <= 2_000
    assert len(tally.counts) <= 3_000


def test_the_interval_of_rare_events_covers() -> None:
    """Coverage of the 95 % interval for compound Poisson years: 92 % or more; 90 % of 1,000 runs."""
    draw = np.random.default_rng(1)
    for rate in (0.02, 0.2, 5.0):
        covered = 0
        for _ in range(1_000):
            counts = draw.poisson(rate, 200)
            years = [int(draw.exponential(1e6, n).sum()) for n in counts]
            tally = Tally.empty(1)
            tally.add(np.array(years)[:, None])
            low, high = tally.interval(0, unseen=1e6)
            assert high is not None
            covered += low <= rate * 1e6 <= high
        assert covered >= 900, rate


def test_what_cannot_be_tallied_is_refused() -> None:
    tally = Tally.empty(1)
    with pytest.raises(DomainError):
        tally.add(np.array([[-1]]))
    with pytest.raises(DomainError):
        tally.add(np.array([[1 << 46]]))
    with pytest.raises(DomainError):
        tally.add(np.zeros((100_001, 1), np.int64))
