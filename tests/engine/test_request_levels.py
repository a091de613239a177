"""Levels from figures of requests: intervals, runs and ratios (rules M7, M8).

Synthetic figures of one hour, in intervals of ten minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depgraph.engine.exclusions import Promise
from depgraph.engine.intervals import EMPTY, intervals, minutes
from depgraph.engine.request_levels import RequestLevel, counted_share, rows_within, success_rate
from depgraph.model.contract import Contract
from depgraph.model.incident import Measurement
from depgraph.model.sla import Objective, Sla

START = datetime(2026, 4, 10, 10, tzinfo=UTC)
HOUR = (START, START + timedelta(hours=1))
Figure = tuple[float, float, dict[str, Any]]
"""First and last minute of the hour, and what was measured between them."""


def row(first: float, last: float, **figure: Any) -> Measurement:
    times = (START + timedelta(minutes=minute) for minute in (first, last))
    start, end = times
    return Measurement.model_validate(
        {"service": "web", "source": "lb", "start": start, "end": end, **figure}
    )


def good(share: int) -> dict[str, Any]:
    return {"good": share, "valid": 100}


def level(
    figures: Sequence[Figure], excluded: Sequence[tuple[float, float]] = (), **terms: Any
) -> RequestLevel:
    objective = Objective.model_validate(
        {"metric": "availability", "target": "0.999", "interval_minutes": 10, **terms}
    )
    sla = Sla(id="s", service="web", objectives=(objective,))
    promise = Promise(Contract(id="k", supplier="S", customer="C", slas=(sla,)), sla, objective)
    rows = [row(first, last, **figure) for first, last, figure in figures]
    out = intervals(
        (START + timedelta(minutes=a), START + timedelta(minutes=b)) for a, b in excluded
    )
    return counted_share(promise, rows, out if excluded else EMPTY, HOUR, Fraction(60))


def lost(figures: Sequence[Figure], **terms: Any) -> Fraction:
    """Minutes lost."""
    return (1 - level(figures, **terms).availability) * 60


@pytest.mark.parametrize(
    ("figures", "mean", "all_fail"),
    [
        pytest.param([(0, 10, good(0))], 10, 10, id="one interval"),
        pytest.param([(0, 10, good(50))], 5, 0, id="half of one"),
        pytest.param([(0, 5, good(0)), (5, 10, good(100))], 5, 0, id="two halves, by their counts"),
        pytest.param(
            [(0, 5, {"good": 0, "valid": 300}), (5, 10, good(100))], "7.5", 0, id="more requests weigh more"
        ),
        pytest.param([(0, 5, good(0)), (5, 10, good(0))], 10, 10, id="both halves"),
        pytest.param([(2, 4, good(0))], 10, 10, id="nothing else is known of the interval"),
        pytest.param([(0, 30, good(0))], 30, 30, id="one figure for three intervals"),
        pytest.param([(5, 15, good(0))], 10, 10, id="as long as an interval, over two"),
        pytest.param([(8, 12, good(0))], 4, 4, id="shorter, over two"),
        pytest.param([(50, 70, good(0))], 10, 10, id="to the end of the period"),
        pytest.param([(0, 10, {"good": 0, "valid": 0})], 0, 0, id="no requests"),
        pytest.param(
            [(0, 5, {"availability": "0.5"}), (5, 10, good(100))], "2.5", 0, id="a share and counts: the mean"
        ),
        pytest.param([(0, 5, {"good": 0, "valid": 0}), (5, 10, {"good": 0, "valid": 0})], 0, 0, id="none at all"),
    ],
)  # fmt: skip
def test_intervals(figures: list[Figure], mean: Any, all_fail: int) -> None:
    """M8: each interval by its success rate; M7: only those that fail entirely."""
    assert lost(figures, measure="interval_mean") == Fraction(mean)
    assert lost(figures, measure="interval_all_fail") == all_fail


def test_the_last_interval_may_be_short() -> None:
    """Intervals of 25 minutes: the third has only ten."""
    assert lost([(52, 54, good(0))], measure="interval_mean", interval_minutes=25) == 10


@given(st.lists(st.integers(0, 4), min_size=6, max_size=6))
def test_the_mean_of_full_intervals_is_the_mean_of_their_rates(rates: list[int]) -> None:
    """M8: six intervals that fill the hour."""
    figures = [(10 * n, 10 * n + 10, {"good": rate, "valid": 4}) for n, rate in enumerate(rates)]
    found = level(figures, measure="interval_mean")

    assert found.availability == Fraction(sum(rates), 24)
    assert minutes(found.failing) == 10 * sum(rate < 4 for rate in rates)


@pytest.mark.parametrize("measure", ["request_ratio", "executions"])
def test_ratios_are_of_all_requests(measure: str) -> None:
    counts = [(0, 10, {"good": 0, "valid": 100}), (10, 60, {"good": 900, "valid": 900})]

    assert level(counts, measure=measure).availability == Fraction("0.9")
    assert level([(0, 60, {"good": 0, "valid": 0})], measure=measure).availability == 1
    shares = [(0, 10, {"availability": "0.4"})]
    assert lost(shares, measure=measure) == 6
    mixed = level([*shares, (10, 20, {"good": 1, "valid": 2})], measure=measure)
    assert mixed.availability == Fraction("0.5")


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [
        ({"error_threshold": "0.5"}, 5),
        ({"error_threshold": "0.499"}, 8),
        ({}, 8),
        ({"error_threshold": "0.5", "consecutive_minutes": 5}, 5),
        ({"error_threshold": "0.5", "consecutive_minutes": 6}, 0),
    ],
)
def test_minutes_over_a_threshold(terms: dict[str, Any], wanted: int) -> None:
    """M7: 51 of 100 fail for five minutes, exactly half for three."""
    figures = [(0, 5, good(49)), (20, 23, good(50)), (40, 60, good(100))]

    assert lost(figures, measure="threshold_minutes", **terms) == wanted


def test_minutes_of_an_own_start_and_the_end_of_the_period() -> None:
    half = [(0.5, 3, good(0))]

    assert lost(half, measure="threshold_minutes") == 2
    sliding = {"measure": "threshold_minutes", "minute_alignment": "sliding"}
    assert lost([(0.5, 2.5, good(0))], **sliding) == 2
    assert lost([(0.5, 2.5, good(0))], measure="threshold_minutes") == 1
    assert lost([(58, 70, good(0))], measure="threshold_minutes") == 2


def test_excluded_time_is_no_failing_time() -> None:
    """M3: of half an hour of failure ten minutes are excluded."""
    figures = [(0, 30, good(0))]
    for measure in ("interval_mean", "threshold_minutes", "interval_all_fail"):
        found = level(figures, [(10, 20)], measure=measure)
        assert (1 - found.availability) * 60 == 20
        assert minutes(found.failing) == 20
    assert level([(10, 20, good(0))], [(5, 25)], measure="interval_mean").availability == 1


def test_figures_belong_to_the_period_in_which_they_start() -> None:
    """M1: in order of time, whatever the order of the file."""
    rows = [row(*span, availability=1) for span in ((60, 70), (30, 90), (-5, 5), (0, 10))]

    assert rows_within(rows, *HOUR) == (rows[3], rows[1])


def test_success_rates() -> None:
    assert success_rate(row(0, 1, availability="0.25")) == Fraction("0.25")
    assert success_rate(row(0, 1, good=1, valid=4)) == Fraction("0.25")
    assert success_rate(row(0, 1, good=0, valid=0)) == 1
