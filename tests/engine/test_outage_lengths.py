"""Random durations: the generator is NumPy's Philox, and distributions are read from text."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from depgraph.engine import outage_lengths
from depgraph.engine.outage_lengths import (
    OUTPUT,
    STATE_SIZE,
    open_stream,
    remaining,
    uniform,
)
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
