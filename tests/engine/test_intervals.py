"""Sets of time against sets of minutes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from depgraph.engine.intervals import (
    MINUTE,
    Intervals,
    difference,
    earliest,
    intersection,
    minutes,
    of_micros,
    union,
)

pairs = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)


def cells(kept: Intervals) -> set[int]:
    """Minutes of a set, one by one."""
    return {m for a, b in kept for m in range(int(a) // MINUTE, int(b) // MINUTE)}


def in_minutes(given_pairs: list[tuple[int, int]]) -> Intervals:
    return of_micros((a * MINUTE, b * MINUTE) for a, b in given_pairs)


@given(pairs, pairs)
def test_operations_agree_with_sets_of_minutes(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    a, b = in_minutes(one), in_minutes(other)

    assert cells(a) == {m for x, y in one for m in range(x, y)}
    assert cells(union(a, b)) == cells(a) | cells(b)
    assert cells(intersection(a, b)) == cells(a) & cells(b)
    assert cells(difference(a, b)) == cells(a) - cells(b)


@given(pairs, pairs)
def test_results_are_sorted_disjoint_and_do_not_touch(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    for kept in (union(in_minutes(one), in_minutes(other)), difference(in_minutes(one), in_minutes(other))):  # fmt: skip
        assert (kept[:, 0] < kept[:, 1]).all()
        assert (kept[1:, 0] > kept[:-1, 1]).all()


@given(pairs, st.integers(0, 60))
def test_the_earliest_minutes_come_first(given_pairs: list[tuple[int, int]], most: int) -> None:
    kept = in_minutes(given_pairs)
    first = earliest(kept, minutes(of_micros([(0, most * MINUTE)])))

    assert cells(first) == set(sorted(cells(kept))[:most])
