"""Outages as promises count them: many periods at once against sets of time (rules M3, M7)."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from depgraph.engine.counted_runs import cells_from, counted_within, worked_down
from depgraph.engine.granularity import BY_CLOCK, BY_OUTAGE, BY_PERIOD, Granularity
from depgraph.engine.intervals import (
    MINUTE,
    Intervals,
    intersection,
    of_micros,
    whole_cells,
    whole_minutes,
)

SECOND = 1_000_000
# Half minutes, so that outages often last exactly as long as counts, and odd microseconds.
MOMENTS = st.one_of(
    st.integers(0, 240).map(lambda n: n * MINUTE // 2), st.integers(0, 120 * MINUTE)
)
SPANS = st.lists(st.tuples(MOMENTS, MOMENTS), max_size=8).map(of_micros)
WINDOW = st.tuples(MOMENTS, MOMENTS)


def length(kept: Intervals) -> int:
    return int((kept[:, 1] - kept[:, 0]).sum())


def by_sets(down: Intervals, runs: Granularity, period: tuple[int, int]) -> Intervals:
    """The reference form: outages within the period, then what of them counts."""
    within = intersection(down, of_micros([period]))
    if runs.begin == BY_PERIOD:
        return whole_cells(within, period[0], runs.cell // MINUTE)
    if runs.cell == 1:
        return within
    return whole_minutes(within, sliding=runs.begin == BY_OUTAGE, at_least=runs.shortest // MINUTE)


@given(SPANS, st.integers(0, 4), st.integers(1, 6), WINDOW, WINDOW)
def test_counted_as_by_sets_of_time(
    down: Intervals, way: int, count: int, period: tuple[int, int], part: tuple[int, int]
) -> None:
    runs = (
        Granularity(1, 1, BY_CLOCK),
        Granularity(MINUTE, MINUTE, BY_CLOCK),
        Granularity(MINUTE, count * MINUTE, BY_CLOCK),
        Granularity(MINUTE, count * MINUTE, BY_OUTAGE),
        Granularity(count * MINUTE, count * MINUTE, BY_PERIOD),
    )[way]
    spans = down[:, 0].copy(), down[:, 1].copy()
    windows = np.array([period, period], np.int64).T
    origin = cells_from(runs, np.zeros(2, np.int64), windows[0])
    asked = np.array([period, part], np.int64).T
    expected = by_sets(down, runs, period)

    found = counted_within(spans, runs, origin, tuple(windows), tuple(asked))

    assert found.tolist() == [
        length(expected), length(intersection(expected, of_micros([part])))
    ]  # fmt: skip


@given(SPANS, SPANS, st.integers(-60, 60))
def test_service_hours_of_a_year(down: Intervals, worked: Intervals, begins: int) -> None:
    begins *= SECOND
    expected = intersection(down, worked + begins)

    starts, ends = worked_down(
        (down[:, 0].copy(), down[:, 1].copy()), (worked[:, 0].copy(), worked[:, 1].copy()), begins
    )

    assert np.column_stack((starts, ends)).tolist() == expected.tolist()


def test_by_hand() -> None:
    """An outage from the middle of the first minute to that of the fourth.

    By the clock minutes two and three; of its own three; none of five in a row; of intervals of two
    minutes none, since it begins and ends within one.
    """
    down = np.array([MINUTE // 2]), np.array([MINUTE // 2 + 3 * MINUTE])
    period = np.array([0]), np.array([60 * MINUTE])
    found = [
        int(counted_within(down, runs, np.zeros(1, np.int64), period)[0]) // MINUTE
        for runs in (
            Granularity(MINUTE, MINUTE, BY_CLOCK),
            Granularity(MINUTE, MINUTE, BY_OUTAGE),
            Granularity(MINUTE, 5 * MINUTE, BY_OUTAGE),
            Granularity(2 * MINUTE, 2 * MINUTE, BY_PERIOD),
        )
    ]
    assert found == [2, 3, 0, 0]
