"""Outages in order: beside NumPy's own sort of part, start and component."""

from __future__ import annotations

import numpy as np
import pytest

from depgraph.engine.outage_order import by_part, in_order
from depgraph.engine.renewal import Outages


def drawn(seed: int, rows: int, spread: int) -> Outages:
    """Outages of components that are apart from each other, from a random start on."""
    draw = np.random.default_rng(seed)
    counts = draw.integers(0, 9, rows)
    times = [
        np.sort(draw.choice(np.arange(1, 40), 2 * count, replace=False)) * spread + spread // 3
        for count in counts
    ]
    offsets = np.concatenate(([0], np.cumsum(counts)))
    starts, ends = (np.concatenate([each[k::2] for each in times]) for k in (0, 1))
    return Outages(offsets, starts, ends)


@pytest.mark.parametrize("spread", [1, 1_000_003, (1 << 56) + 12_345])
@pytest.mark.parametrize("parts", [1, 3, 60])
def test_order_is_that_of_part_start_and_component(spread: int, parts: int) -> None:
    """Also where a start has more bits than a word has left: ends on, starts put right."""
    found = drawn(parts, 60, spread)
    part = np.random.default_rng(parts).permutation(np.arange(60) % parts)
    swept = in_order(found, by_part(part))
    rows = np.repeat(np.arange(60), np.diff(found.offsets))
    expected = np.lexsort((rows, found.starts, part[rows]))
    assert swept.rows.tolist() == rows[expected].tolist()
    assert swept.starts.tolist() == found.starts[expected].tolist()
    assert swept.ends.tolist() == found.ends[expected].tolist()


def test_starts_that_differ_in_the_bits_that_are_cut_off_are_put_right() -> None:
    """Two far starts need all bits of a word; those between lie within what is cut off."""
    near = (1 << 61) + np.array([5, 3, 4, 3, 1, 2])
    starts = np.concatenate(([0], near, [(1 << 62) + 1]))
    found = Outages(np.arange(9), starts, starts + 1)
    swept = in_order(found, by_part(np.zeros(8, np.int64)))
    assert swept.starts.tolist() == sorted(starts.tolist())
    # Those that start at one time stand by component.
    assert swept.rows.tolist() == [0, 5, 6, 2, 4, 3, 1, 7]


def test_nothing_down_is_in_order() -> None:
    none = np.empty(0, np.int64)
    swept = in_order(Outages(np.zeros(4, np.int64), none, none), by_part(np.array([0, 1, 0])))
    assert len(swept.rows) == len(swept.ends) == 0


def test_outages_that_nearly_all_begin_at_one_time_are_in_order() -> None:
    """One late outage leaves all others to one bucket of time."""
    starts = np.append(np.random.default_rng(3).integers(0, 50, 500), 1 << 50)
    swept = in_order(Outages(np.arange(502), starts, starts + 1), by_part(np.arange(501) % 2))
    expected = np.lexsort((np.arange(501), starts, np.arange(501) % 2))
    assert swept.rows.tolist() == expected.tolist()
    assert swept.starts.tolist() == starts[expected].tolist()
