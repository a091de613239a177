"""Tallies: against plain NumPy on the raw values."""

from __future__ import annotations

import copy
import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from depgraph.engine.tally import Tally, half_width, spread_of_sum
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
    tally.add(np.zeros((100_000, 1), np.int64))
    with pytest.raises(DomainError):
        tally.add(np.zeros((1, 1), np.int64))


def test_small_values_are_told_apart() -> None:
    """To 127 every value has a bin of its own."""
    tally = Tally.empty(1)
    tally.add(np.array([[70], [71], [126], [127]]))

    assert (tally.distribution(0).p50, tally.distribution(0).p99) == (71, 127)


def test_a_copy_lives_on_its_own() -> None:
    tally = Tally.empty(1)
    tally.add(np.array([[1], [2]]))
    kept = tally.copy()
    tally.add(np.array([[1 << 20]]))
    other = Tally.empty(1)
    other.add(np.array([[1], [2]]))

    assert kept.distribution(0) == other.distribution(0)


def test_the_spread_of_years_and_the_width_by_hand() -> None:
    """The sum of five years varies with five times their variance; t of 4 degrees is 2.776445."""
    years = [3, 1, 4, 1, 5]
    spread = spread_of_sum(5, sum(years), sum(value * value for value in years))

    assert spread == pytest.approx(5 * statistics.variance(years))
    width = 2.776445 * statistics.stdev(years) / math.sqrt(5)
    assert half_width(5, spread) == pytest.approx(width, rel=1e-6)


def test_a_mean_of_many_years_has_the_interval_of_student() -> None:
    """The t of 399 degrees is 1.965927."""
    years = [100 + (7 * place) % 40 for place in range(400)]
    tally = Tally.empty(1)
    tally.add(np.array(years)[:, None])
    half = 1.965927 * statistics.stdev(years) / 20

    wanted = statistics.mean(years) - half, statistics.mean(years) + half
    assert tally.interval(0) == pytest.approx(wanted, rel=1e-7)


def test_a_mean_of_rare_events_has_the_interval_of_fay_and_feuer() -> None:
    """By their formula in terms of chi-squared, with one more event twice the largest."""
    years = [0] * 96 + [5, 8, 13, 2]
    tally = Tally.empty(1)
    tally.add(np.array(years)[:, None])
    total, spread, weight = sum(years), 100 * statistics.variance(years), 26
    low = spread / (2 * total) * chi2.ppf(0.025, 2 * total**2 / spread)
    more, wider = total + weight, spread + weight**2
    high = wider / (2 * more) * chi2.ppf(0.975, 2 * more**2 / wider)

    assert tally.interval(0) == pytest.approx((low / 100, high / 100), rel=1e-9)


def test_what_was_never_seen_has_a_bound_by_what_one_event_takes() -> None:
    """1 in 40 that none of a mean of 3.688879 is seen: that many events of 50 in 200 years."""
    tally = Tally.empty(1)
    tally.add(np.zeros((200, 1), np.int64))

    assert tally.interval(0, unseen=50) == pytest.approx((0.0, 3.688879 * 50 / 200), rel=1e-6)
    assert tally.interval(0) == (0.0, None)


@pytest.mark.parametrize("years", [[0] * 20 + [600, 1200], list(range(600, 1000))])
def test_every_figure_is_told_in_its_unit(years: list[int]) -> None:
    tally = Tally.empty(1)
    tally.add(np.array(years)[:, None])
    whole, parts = tally.distribution(0).model_dump(), tally.distribution(0, 60).model_dump()

    assert parts == pytest.approx({name: value / 60 for name, value in whole.items()}, rel=1e-12)
