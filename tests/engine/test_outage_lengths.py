"""Random durations: the generator is NumPy's Philox, and distributions are read from text."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numba import njit
from pydantic import ValidationError
from scipy import stats

from depgraph.engine import outage_lengths
from depgraph.engine.outage_lengths import (
    OUTPUT,
    STATE_SIZE,
    exponential,
    next_word,
    normal,
    open_stream,
    remaining,
    uniform,
    write_durations,
)
from depgraph.engine.ziggurat import EXPONENTIAL, LAYERS, NORMAL
from depgraph.errors import DomainError
from depgraph.model.duration import DurationShape, duration_shape


def test_the_generator_is_philox_of_numpy() -> None:
    key = np.array([2**63 + 17, 12345], np.uint64)
    state = np.zeros(STATE_SIZE, np.uint64)
    open_stream(state, key, np.uint64(2**64 - 3), np.uint64(9))
    found = []
    for _ in range(5):
        outage_lengths._refill(state)
        found += [int(word) for word in state[OUTPUT : OUTPUT + 4]]

    counter = np.array([0, 2**64 - 3, 9, 0], np.uint64)
    numpy = np.random.Philox(counter=counter, key=key)
    assert found == [int(word) for word in numpy.random_raw(20)]


def test_numbers_are_uniform() -> None:
    state = np.zeros(STATE_SIZE, np.uint64)
    open_stream(state, np.array([1, 2], np.uint64), np.uint64(3), np.uint64(4))
    drawn = np.array([uniform(state) for _ in range(20_000)])
    counts, _ = np.histogram(drawn, bins=20, range=(0, 1))
    # Chi squared with 19 degrees of freedom exceeds 60 once in 3 million times.
    assert ((counts - 1000.0) ** 2 / 1000).sum() < 60


@njit
def _drawn(number: int, kind: int) -> np.ndarray:
    """Many numbers of one stream: exponential (0) or normal (1)."""
    state = np.zeros(STATE_SIZE, np.uint64)
    open_stream(state, np.array([7, 8], np.uint64), np.uint64(3), np.uint64(4))
    found = np.empty(number)
    for place in range(number):
        found[place] = (
            exponential(state, next_word(state)) if kind == 0 else normal(state, next_word(state))
        )
    return found


@pytest.mark.parametrize(("kind", "law"), [(0, stats.expon), (1, stats.norm)])
def test_ziggurats_follow_the_law_also_far_out(kind: int, law: Any) -> None:
    """Two million numbers: the Kolmogorov distance, and chi squared over the tails.

    Each comparison fails once in 10,000 times; the seed is fixed.
    """
    drawn = _drawn(2_000_000, kind)
    assert stats.kstest(drawn, law.cdf).pvalue > 1e-4
    edges = law.ppf([0, 1e-5, 1e-4, 1e-3, 0.01, 0.5, 0.99, 0.999, 0.9999, 0.99999, 1])
    counts = np.histogram(drawn, edges)[0]
    assert stats.chisquare(counts, len(drawn) * np.diff(law.cdf(edges))).pvalue > 1e-4


@pytest.mark.parametrize(("text", "one"), [("exponential", exponential), ("lognormal:1", normal)])
def test_a_batch_holds_what_is_drawn_one_after_another(text: str, one: Any) -> None:
    """To the bit, 4,000 batches of 16: about one in six holds a number outside its layer."""
    kind = outage_lengths.KINDS.index(duration_shape(text).kind)
    words, found, outside = np.empty(16, np.uint64), np.empty(16), 0
    batch, single = np.zeros((2, STATE_SIZE), np.uint64)
    for state in (batch, single):
        open_stream(state, np.array([7, 8], np.uint64), np.uint64(3), np.uint64(4))
    for _ in range(4_000):
        write_durations(batch, (kind, 1.0, 1.0), words, found)
        for at in range(0, 16, 4):
            outage_lengths._write_words(single, words, at)
        after = single.copy()
        expected = [one(single, word) for word in words]
        outside += not np.array_equal(single, after)
        assert found.tolist() == [math.exp(x) if one is normal else x for x in expected]
        assert np.array_equal(batch, single)
    assert 200 < outside < 1_500


@pytest.mark.parametrize(
    ("layers", "density"),
    [(EXPONENTIAL, lambda x: math.exp(-x)), (NORMAL, lambda x: math.exp(-x * x / 2))],
    ids=["exponential", "normal"],
)
def test_layers_have_equal_areas_up_to_the_top(layers: Any, density: Any) -> None:
    """The top of the highest layer is the top of the density: the tail was placed right."""
    widths, densities = layers
    areas = widths[1:-1] * np.diff(densities[1:])
    assert len(widths) == LAYERS + 1
    assert areas == pytest.approx(areas[0], rel=1e-8)
    assert densities == pytest.approx([density(w) for w in widths])


@pytest.mark.parametrize(
    "text", ["exponential", "fixed", "weibull:0.8", "weibull:3", "lognormal:0.7"]
)
def test_what_remains_has_the_mean_of_renewal_theory(text: str) -> None:
    """Mean residual life is half the mean square over the mean."""
    shape = duration_shape(text)
    kind = outage_lengths.KINDS.index(shape.kind)
    state = np.zeros(STATE_SIZE, np.uint64)
    open_stream(state, np.array([1, 2], np.uint64), np.uint64(3), np.uint64(4))
    drawn = [remaining(state, kind, shape.shape or 1.0, shape.scale(2.0)) for _ in range(20_000)]
    expected = (shape.relative_variance + 1) / 2 * 2.0
    assert np.mean(drawn) == pytest.approx(expected, abs=6 * float(np.std(drawn)) / 20_000**0.5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "normal",
        "weibull",
        "weibull:x",
        "weibull:0.1",
        "fixed:2",
        "lognormal:9",
        "lognormal:nan",
    ],
)
def test_bad_distributions_are_refused(text: str) -> None:
    with pytest.raises(DomainError, match="no distribution"):
        duration_shape(text)


def test_a_shape_is_refused_where_it_means_nothing() -> None:
    with pytest.raises(ValidationError):
        DurationShape(kind="fixed", shape=2.0)
