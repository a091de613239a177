"""Votes "at least k of n", compiled: over independent things, and over bits of machine words.

How many of n independent things are up follows the Poisson-binomial law. It is summed up member by
member, counting failures or successes, whichever takes fewer states: n k steps, sums of positive
terms only, so that small unavailabilities keep their digits (rule A8). Words count in binary, one
plane of bits per digit: n steps for 64 situations, however many are needed (rule A2).
"""

from __future__ import annotations

import numpy as np
from numba import njit

_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_NEGLIGIBLE = 1e-300
"""Chances below this are left out at first: numbers with few digits left are slow [1]."""
_NEAR = 1e-280
"""Results below this are worked out again with nothing left out [1]."""

PLANES = 32
"""Binary digits of a count of bits: enough for four thousand million members."""
FEW = 4
"""Up to so many, counting in unary is at least as fast."""


@njit(cache=True)
def _counted(chances, a, b, negligible):  # type: ignore[no-untyped-def]  # numba infers types
    """Add one thing, which counts with chance `a` and does not with `b`; in place.

    `chances` holds, per number, the chance that exactly so many count; what goes beyond the end is
    returned.
    """
    last = chances.shape[0] - 1
    beyond = chances[last] * a
    for j in range(last, 0, -1):
        chance = chances[j] * b + chances[j - 1] * a
        chances[j] = chance if chance > negligible else 0.0
    chances[0] *= b
    return beyond


@njit(cache=True)
def _at_least(number, counting, other, negligible):  # type: ignore[no-untyped-def]
    """Chance that at least `number` count, and that fewer do; `number` is 1 or more."""
    chances = np.zeros(number)
    chances[0] = 1.0
    reached = 0.0
    for i in range(counting.shape[0]):
        # No more than i + 1 can count so far.
        reached += _counted(chances[: min(number, i + 2)], counting[i], other[i], negligible)
    return reached, chances.sum()


@njit(cache=True)
def vote(need, p, q):  # type: ignore[no-untyped-def]
    """Up and down of "at least `need`" over independent things (rules A2, A8).

    Parameters
    ----------
    need : int
        How many must be up, from 1 to the number of things.
    p, q : ndarray, shape (n,)
        Availability and unavailability of each [1].
    """
    falls = p.shape[0] - need + 1
    for negligible in (_NEGLIGIBLE, 0.0):
        if falls < need:
            down, up = _at_least(falls, q, p, negligible)
        else:
            up, down = _at_least(need, p, q, negligible)
        if min(up, down) > _NEAR:
            break
    # The smaller one keeps its digits; the larger one, a long sum, is what it leaves of 1.
    return (up, 1.0 - up) if up < down else (1.0 - down, down)


@njit(cache=True)
def _gains(number, counting, other, negligible):  # type: ignore[no-untyped-def]
    """Chance, per thing, that exactly ``number - 1`` of the others count.

    What comes before a thing is counted forwards and kept at every so many things only; what comes
    after it is counted backwards.
    """
    count = counting.shape[0]
    step = int(np.sqrt(count)) + 1
    kept = np.zeros((count // step + 1, number))
    chances = np.zeros(number)
    chances[0] = 1.0
    for i in range(count):
        if i % step == 0:
            kept[i // step] = chances
        _counted(chances, counting[i], other[i], negligible)
    gains = np.empty(count)
    after = np.zeros(number)
    after[0] = 1.0
    before = np.empty((step, number))
    for block in range(count // step, -1, -1):
        first, last = block * step, min(count, block * step + step)
        before[0] = kept[block]
        for i in range(first, last - 1):
            before[i - first + 1] = before[i - first]
            _counted(before[i - first + 1], counting[i], other[i], negligible)
        for i in range(last - 1, first - 1, -1):
            gain = 0.0
            for j in range(number):
                gain += before[i - first, j] * after[number - 1 - j]
            gains[i] = gain
            _counted(after, counting[i], other[i], negligible)
    return gains


@njit(cache=True)
def vote_gains(need, p, q):  # type: ignore[no-untyped-def]
    """Birnbaum importance of each thing for "at least `need`" of them (rule A11).

    Parameters
    ----------
    need : int
        How many must be up, from 1 to the number of things.
    p, q : ndarray of float, shape (n,)
        Availability and unavailability of each [1].
    """
    falls = p.shape[0] - need + 1
    gains = np.empty(0)
    for negligible in (_NEGLIGIBLE, 0.0):
        gains = _gains(falls, q, p, negligible) if falls < need else _gains(need, p, q, negligible)
        if gains.min() > _NEAR:
            break
    return gains


@njit(cache=True)
def count_bits(planes, word):  # type: ignore[no-untyped-def]
    """Add the bits of a word to 64 counts; plane i holds the digits of value 2^i."""
    place = 0
    while word:
        carried = planes[place] & word
        planes[place] ^= word
        word = carried
        place += 1


@njit(cache=True)
def counts_reach(planes, number):  # type: ignore[no-untyped-def]
    """Bits of those of the 64 counts that are `number` or more."""
    more, same = np.uint64(0), _ALL
    for place in range(planes.shape[0] - 1, -1, -1):
        if (number >> place) & 1:
            same &= planes[place]
        else:
            more |= same & planes[place]
            same &= ~planes[place]
    return more | same
