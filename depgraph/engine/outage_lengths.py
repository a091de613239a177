"""How long things work and stay broken: distributions of simulated outages (rule W5).

Durations are drawn from the counter-based generator Philox 4x64-10 (Salmon and others 2011), the
one of NumPy: the same key and counter give the same numbers whoever asks, in whatever order.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from depgraph.engine.ziggurat import EXPONENTIAL, EXPONENTIAL_TAIL, LAYERS, NORMAL, NORMAL_TAIL
from depgraph.model.duration import DistributionKind

KINDS: tuple[DistributionKind, ...] = ("exponential", "weibull", "lognormal", "fixed")
"""Kinds by their number in compiled code."""

_EXPONENTIAL, _WEIBULL, _LOGNORMAL, _FIXED = range(4)

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
_LAYER, _SIGN = np.uint64(LAYERS - 1), np.uint64(LAYERS)
_E_WIDTH, _E_DENSITY = EXPONENTIAL
_N_WIDTH, _N_DENSITY = NORMAL


@njit(cache=True, nogil=True)
def _multiplied(one, other):  # type: ignore[no-untyped-def]  # numba infers types
    """High and low word of a product of two words."""
    a0, a1 = one & _LOW, one >> _HALF
    b0, b1 = other & _LOW, other >> _HALF
    low = a0 * b0
    middle = a1 * b0 + (low >> _HALF)
    other_middle = a0 * b1 + (middle & _LOW)
    return a1 * b1 + (middle >> _HALF) + (other_middle >> _HALF), one * other


@njit(cache=True, nogil=True)
def open_stream(state, key, component, block):  # type: ignore[no-untyped-def]
    """Start the stream of one component in one block of years."""
    state[COUNTER] = np.uint64(0)
    state[COUNTER + 1] = component
    state[COUNTER + 2] = block
    state[COUNTER + 3] = np.uint64(0)
    state[KEY] = key[0]
    state[KEY + 1] = key[1]
    state[PLACE] = np.uint64(4)


@njit(cache=True, nogil=True)
def _write_words(state, into, at):  # type: ignore[no-untyped-def]
    """Next four numbers of a stream, written into an array: ten rounds of Philox 4x64."""
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
    into[at], into[at + 1], into[at + 2], into[at + 3] = c0, c1, c2, c3


@njit(cache=True, nogil=True)
def _refill(state):  # type: ignore[no-untyped-def]
    """Next four numbers of a stream, kept in its state."""
    _write_words(state, state, OUTPUT)
    state[PLACE] = np.uint64(0)


@njit(cache=True, nogil=True)
def next_word(state):  # type: ignore[no-untyped-def]
    """Next word of a stream."""
    if state[PLACE] == np.uint64(4):
        _refill(state)
    word = state[OUTPUT + np.int64(state[PLACE])]
    state[PLACE] += _ONE
    return word


@njit(cache=True, nogil=True)
def uniform(state):  # type: ignore[no-untyped-def]
    """Next number of a stream, in the open interval (0, 1)."""
    return (np.float64(next_word(state) >> _FRACTION_SHIFT) + 0.5) * 2.0**-53


@njit(cache=True, nogil=True)
def exponential(state, word):  # type: ignore[no-untyped-def]
    """Exponential number of mean 1 from a word of a stream, by the ziggurat."""
    while True:
        layer = np.int64(word & _LAYER)
        x = (np.float64(word >> _FRACTION_SHIFT) + 0.5) * 2.0**-53 * _E_WIDTH[layer]
        if x < _E_WIDTH[layer + 1]:
            return x
        if layer == 0:
            return EXPONENTIAL_TAIL - math.log(uniform(state))
        low, high = _E_DENSITY[layer], _E_DENSITY[layer + 1]
        if low + uniform(state) * (high - low) < math.exp(-x):
            return x
        word = next_word(state)


@njit(cache=True, nogil=True)
def normal(state, word):  # type: ignore[no-untyped-def]
    """Standard normal number from a word of a stream, by the ziggurat."""
    while True:
        layer = np.int64(word & _LAYER)
        x = (np.float64(word >> _FRACTION_SHIFT) + 0.5) * 2.0**-53 * _N_WIDTH[layer]
        sign = 1.0 if word & _SIGN else -1.0
        if x < _N_WIDTH[layer + 1]:
            return sign * x
        if layer == 0:
            while True:
                beyond = -math.log(uniform(state)) / NORMAL_TAIL
                if -2.0 * math.log(uniform(state)) > beyond * beyond:
                    return sign * (NORMAL_TAIL + beyond)
        low, high = _N_DENSITY[layer], _N_DENSITY[layer + 1]
        if low + uniform(state) * (high - low) < math.exp(-0.5 * x * x):
            return sign * x
        word = next_word(state)


@njit(cache=True, nogil=True)
def _write_exponential(state, words, into):  # type: ignore[no-untyped-def]
    """Exponential numbers from words of a stream, as `exponential` gives one after another.

    Nearly all lie within their layer: all are taken so first, which needs no branch.
    """
    within = True
    for at in range(into.shape[0]):
        layer = np.int64(words[at] & _LAYER)
        x = (np.float64(words[at] >> _FRACTION_SHIFT) + 0.5) * 2.0**-53 * _E_WIDTH[layer]
        into[at] = x
        within &= x < _E_WIDTH[layer + 1]
    for at in range(0 if within else into.shape[0]):
        if not into[at] < _E_WIDTH[np.int64(words[at] & _LAYER) + 1]:
            into[at] = exponential(state, words[at])


@njit(cache=True, nogil=True)
def _write_normal(state, words, into):  # type: ignore[no-untyped-def]
    """Standard normal numbers from words of a stream, as `normal` gives one after another."""
    within = True
    for at in range(into.shape[0]):
        layer = np.int64(words[at] & _LAYER)
        x = (np.float64(words[at] >> _FRACTION_SHIFT) + 0.5) * 2.0**-53 * _N_WIDTH[layer]
        into[at] = x if words[at] & _SIGN else -x
        within &= x < _N_WIDTH[layer + 1]
    for at in range(0 if within else into.shape[0]):
        if not abs(into[at]) < _N_WIDTH[np.int64(words[at] & _LAYER) + 1]:
            into[at] = normal(state, words[at])


@njit(cache=True, nogil=True)
def _gamma(state, shape):  # type: ignore[no-untyped-def]
    """Gamma number of a shape of 1 or more (Marsaglia and Tsang 2000)."""
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = normal(state, next_word(state))
        v = (1.0 + c * x) ** 3
        if v > 0.0 and math.log(uniform(state)) < 0.5 * x * x + d - d * v + d * math.log(v):
            return d * v


@njit(cache=True, nogil=True)
def write_durations(state, law, words, into):  # type: ignore[no-untyped-def]
    """Durations from their beginning, in the unit of the scale, until an array is full.

    Parameters
    ----------
    state : ndarray of uint64
        The stream.
    law : tuple of (int, float, float)
        Kind, shape and scale.
    words : ndarray of uint64
        Room for as many words; a multiple of four.
    into : ndarray of float64
        Filled.
    """
    kind, shape, scale = law
    number = into.shape[0]
    if kind == _FIXED:
        into[:] = scale
        return
    for at in range(0, number, 4):
        _write_words(state, words, at)
    if kind == _LOGNORMAL:
        _write_normal(state, words, into)
        for at in range(number):
            into[at] = scale * math.exp(shape * into[at])
        return
    _write_exponential(state, words, into)
    if kind == _WEIBULL:
        for at in range(number):
            into[at] = into[at] ** (1.0 / shape)
    for at in range(number):
        into[at] *= scale


@njit(cache=True, nogil=True)
def remaining(state, kind, shape, scale):  # type: ignore[no-untyped-def]
    """What is left of the duration that is running at a moment picked blindly.

    Such a moment meets durations in proportion to their length, at a uniform place within them.
    """
    if kind == _EXPONENTIAL:
        return scale * exponential(state, next_word(state))
    if kind == _WEIBULL:
        whole = scale * _gamma(state, 1.0 + 1.0 / shape) ** (1.0 / shape)
    elif kind == _LOGNORMAL:
        whole = scale * math.exp(shape * (normal(state, next_word(state)) + shape))
    else:
        whole = scale
    return whole * uniform(state)
