"""How long things work and stay broken: distributions of simulated outages (rule W5).

Durations are drawn from the counter-based generator Philox 4x64-10 (Salmon and others 2011), the
one of NumPy: the same key and counter give the same numbers whoever asks, in whatever order.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from depgraph.model.duration import DistributionKind

KINDS: tuple[DistributionKind, ...] = ("exponential", "weibull", "lognormal", "fixed")
"""Kinds by their number in compiled code."""

_EXPONENTIAL, _WEIBULL, _LOGNORMAL = 0, 1, 2

COUNTER, KEY, OUTPUT, PLACE = 0, 4, 6, 10
"""Where a stream's state holds its counter, its key, the last four numbers, how many are used."""
STATE_SIZE = 11
"""Words of a stream's state."""

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_ONE = np.uint64(1)
_MULTIPLIER_0 = np.uint64(0xD2E7470EE14C6C93)
_MULTIPLIER_1 = np.uint64(0xCA5A826395121157)
_WEYL_0 = np.uint64(0x9E3779B97F4A7C15)
_WEYL_1 = np.uint64(0xBB67AE8584CAA73B)
_FRACTION_SHIFT = np.uint64(11)


@njit(cache=True)
def _multiplied(one, other):  # type: ignore[no-untyped-def]  # numba infers types
    """High and low word of a product of two words."""
    a0, a1 = one & _LOW, one >> _HALF
    b0, b1 = other & _LOW, other >> _HALF
    low = a0 * b0
    middle = a1 * b0 + (low >> _HALF)
    other_middle = a0 * b1 + (middle & _LOW)
    return a1 * b1 + (middle >> _HALF) + (other_middle >> _HALF), one * other


@njit(cache=True)
def open_stream(state, key, component, block):  # type: ignore[no-untyped-def]
    """Start the stream of one component in one block of years."""
    state[COUNTER] = np.uint64(0)
    state[COUNTER + 1] = component
    state[COUNTER + 2] = block
    state[COUNTER + 3] = np.uint64(0)
    state[KEY] = key[0]
    state[KEY + 1] = key[1]
    state[PLACE] = np.uint64(4)


@njit(cache=True)
def _refill(state):  # type: ignore[no-untyped-def]
    """Next four numbers of a stream: ten rounds of Philox 4x64."""
    state[COUNTER] += _ONE
    c0, c1 = state[COUNTER], state[COUNTER + 1]
    c2, c3 = state[COUNTER + 2], state[COUNTER + 3]
    k0, k1 = state[KEY], state[KEY + 1]
    for _ in range(10):
        high0, low0 = _multiplied(_MULTIPLIER_0, c0)
        high1, low1 = _multiplied(_MULTIPLIER_1, c2)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0 += _WEYL_0
        k1 += _WEYL_1
    state[OUTPUT] = c0
    state[OUTPUT + 1] = c1
    state[OUTPUT + 2] = c2
    state[OUTPUT + 3] = c3
    state[PLACE] = np.uint64(0)


@njit(cache=True)
def uniform(state):  # type: ignore[no-untyped-def]
    """Next number of a stream, in the open interval (0, 1)."""
    if state[PLACE] == np.uint64(4):
        _refill(state)
    word = state[OUTPUT + np.int64(state[PLACE])]
    state[PLACE] += _ONE
    return (np.float64(word >> _FRACTION_SHIFT) + 0.5) * 2.0**-53


@njit(cache=True)
def _normal(state):  # type: ignore[no-untyped-def]
    """Standard normal number (Box and Muller 1958)."""
    radius = math.sqrt(-2.0 * math.log(uniform(state)))
    return radius * math.cos(2.0 * math.pi * uniform(state))


@njit(cache=True)
def _gamma(state, shape):  # type: ignore[no-untyped-def]
    """Gamma number of a shape of 1 or more (Marsaglia and Tsang 2000)."""
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = _normal(state)
        v = (1.0 + c * x) ** 3
        if v > 0.0 and math.log(uniform(state)) < 0.5 * x * x + d - d * v + d * math.log(v):
            return d * v


@njit(cache=True)
def duration(state, kind, shape, scale):  # type: ignore[no-untyped-def]
    """One duration, from its beginning, in the unit of the scale."""
    if kind == _EXPONENTIAL:
        return -scale * math.log(uniform(state))
    if kind == _WEIBULL:
        return scale * (-math.log(uniform(state))) ** (1.0 / shape)
    if kind == _LOGNORMAL:
        return scale * math.exp(shape * _normal(state))
    return scale


@njit(cache=True)
def remaining(state, kind, shape, scale):  # type: ignore[no-untyped-def]
    """What is left of the duration that is running at a moment picked blindly.

    Such a moment meets durations in proportion to their length, at a uniform place within them.
    """
    if kind == _EXPONENTIAL:
        return -scale * math.log(uniform(state))
    if kind == _WEIBULL:
        whole = scale * _gamma(state, 1.0 + 1.0 / shape) ** (1.0 / shape)
    elif kind == _LOGNORMAL:
        whole = scale * math.exp(shape * (_normal(state) + shape))
    else:
        whole = scale
    return whole * uniform(state)
