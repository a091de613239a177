"""Enclosure of one module by its states with few failures, compiled (rule A8).

With independent components most of the unavailability lies where one or two of them have failed.
Let Q be what remains once the single points of failure are taken out. Every pair of failures that
takes the module down is found, bit-parallel. Then, with N the number of failures:

- Q is at least P(exactly two failures, and down), and at least the bound of D. Dawson and D. Sankoff
  ("An inequality for probabilities", 1967) on the union of the pairs, from their first two sums;
- Q is at most P(exactly two failures, and down) + P(N >= 3), and at most P(some pair has failed),
  bounded by independence of the pairs (they are positively associated: J. Esary, F. Proschan,
  D. Walkup, 1967), plus P(a minimal cut of three or more has failed). Such a cut of an "all" gate
  is one of its arguments, so the last term is a sum over the arguments of P(N >= 3 among what
  each rests on).

The better of each two is taken.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from depgraph.engine.situations import evaluate_gates

_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@njit(cache=True)
def _row(gate, need, offsets, arguments, base, work, dirty, out):  # type: ignore[no-untyped-def]  # numba infers types
    """State of one gate, word by word, from the changed rows where there are any."""
    first, last = offsets[gate], offsets[gate + 1]
    k = need[gate]
    serial = k == last - first
    if serial or k == 1:
        out[:] = _ALL if serial else np.uint64(0)
        for at in range(first, last):
            argument = arguments[at]
            row = work[argument] if dirty[argument] else base[argument]
            for w in range(out.shape[0]):
                if serial:
                    out[w] &= row[w]
                else:
                    out[w] |= row[w]
        return
    counted = np.zeros((k + 1, out.shape[0]), np.uint64)
    counted[0] = _ALL
    for at in range(first, last):
        argument = arguments[at]
        row = work[argument] if dirty[argument] else base[argument]
        for j in range(k, 0, -1):
            for w in range(out.shape[0]):
                counted[j, w] |= counted[j - 1, w] & row[w]
    out[:] = counted[k]


@njit(cache=True)
def _strike(leaf, leaves, need, offsets, arguments, base, work, dirty):  # type: ignore[no-untyped-def]
    """Fail one component on top of what `base` holds; returns whether the root has changed."""
    count = need.shape[0]
    dirty[:] = False
    dirty[leaf] = True
    work[leaf] = 0
    for gate in range(leaves, count):
        touched = False
        for at in range(offsets[gate], offsets[gate + 1]):
            touched |= dirty[arguments[at]]
        if touched:
            _row(gate, need, offsets, arguments, base, work, dirty, work[gate])
            for w in range(base.shape[1]):
                if work[gate, w] != base[gate, w]:
                    dirty[gate] = True
                    break
    return dirty[count - 1]


@njit(cache=True)
def _three_or_more(failing, chosen):  # type: ignore[no-untyped-def]
    """P(at least three of the chosen components have failed), a sum of positive terms."""
    none, one, two, more = 1.0, 0.0, 0.0, 0.0
    for j in range(failing.shape[0]):
        if (chosen[j // 64] >> np.uint64(j % 64)) & np.uint64(1):
            q = failing[j]
            more += two * q
            two += (one - two) * q
            one += (none - one) * q
            none *= 1.0 - q
    return more


@njit(cache=True)
def _large_cuts(leaves, need, offsets, arguments, failing):  # type: ignore[no-untyped-def]
    """Upper bound of P(a minimal cut of three or more has failed), and P(N >= 3)."""
    count = need.shape[0]
    words = (leaves + 63) // 64
    support = np.zeros((count, words), np.uint64)
    bound = np.zeros(count)
    anything = 0.0
    for j in range(leaves):
        support[j, j // 64] = np.uint64(1) << np.uint64(j % 64)
    for gate in range(leaves, count):
        total = 0.0
        for at in range(offsets[gate], offsets[gate + 1]):
            total += bound[arguments[at]]
            for w in range(words):
                support[gate, w] |= support[arguments[at], w]
        anything = _three_or_more(failing, support[gate])
        serial = need[gate] == offsets[gate + 1] - offsets[gate]
        bound[gate] = min(anything, total) if serial else anything
    return bound[count - 1], anything


@njit(cache=True)
def _partners(leaf, leaves, base, work, found):  # type: ignore[no-untyped-def]
    """Components that take the root down together with `leaf`; returns how many there are."""
    root = base.shape[0] - 1
    count = 0
    for w in range(base.shape[1]):
        down = base[root, w] & ~work[root, w]
        if down == 0:
            continue
        for j in range(w * 64, min(leaves, w * 64 + 64)):
            if j != leaf and (down >> np.uint64(j % 64)) & np.uint64(1):
                found[count] = j
                count += 1
    return count


@njit(cache=True)
def _union_at_least(first, second):  # type: ignore[no-untyped-def]
    """Bound of Dawson and Sankoff from the sums over events and over pairs of events."""
    if first <= 0.0:
        return 0.0
    k = 1.0 + np.floor(2.0 * second / first)
    return max(0.0, 2.0 / (k + 1.0) * first - 2.0 / (k * (k + 1.0)) * second)


@njit(cache=True)
def few_failures(leaves, need, offsets, arguments, low, high):  # type: ignore[no-untyped-def]
    """Bounds of a module's unavailability: (at least, at most).

    Parameters
    ----------
    leaves : int
        Number of components; they are the first nodes, the root is the last.
    need, offsets, arguments : ndarray of int64
        Gates, arguments first.
    low, high : ndarray of float, shape (leaves,)
        Unavailability of each component: at least and at most [1].

    Returns
    -------
    tuple of float
        Unavailability at least, at most [1].
    """
    count = need.shape[0]
    words = (leaves + 63) // 64
    base = np.full((count, words), _ALL)
    for j in range(leaves):
        base[j, j // 64] ^= np.uint64(1) << np.uint64(j % 64)
    evaluate_gates(need, offsets, arguments, base)
    fails, may_fail = low.copy(), high.copy()
    # Single points of failure first; they are up in all that follows.
    whole = np.ones(2)
    lost = np.zeros(2)
    for j in range(leaves):
        if not (base[count - 1, j // 64] >> np.uint64(j % 64)) & np.uint64(1):
            lost[0] += whole[0] * low[j]
            lost[1] += whole[1] * high[j]
            whole[0] *= 1.0 - low[j]
            whole[1] *= 1.0 - high[j]
            fails[j] = may_fail[j] = 0.0
    rest_low, rest_high = _remainder(leaves, need, offsets, arguments, base, fails, may_fail)
    return lost[0] + whole[0] * rest_low, min(1.0, lost[1] + whole[1] * rest_high)


@njit(cache=True)
def _remainder(leaves, need, offsets, arguments, base, low, high):  # type: ignore[no-untyped-def]
    """Bounds of the unavailability without single points of failure."""
    work = np.empty_like(base)
    dirty = np.zeros(need.shape[0], np.bool_)
    found = np.empty(leaves, np.int64)
    exactly = np.zeros(2)
    none = np.ones(2)
    for j in range(leaves):
        none[0] *= 1.0 - low[j]
        none[1] *= 1.0 - high[j]
    first = squares = second = twice = apart = 0.0
    for i in range(leaves):
        if high[i] == 0.0:
            continue
        if not _strike(i, leaves, need, offsets, arguments, base, work, dirty):
            continue
        sums = np.zeros(4)
        for k in range(_partners(i, leaves, base, work, found)):
            j = found[k]
            sums[0] += low[j]
            sums[1] += low[j] ** 2
            if j > i:
                apart += np.log1p(-high[i] * high[j]) if high[i] * high[j] < 1.0 else -np.inf
                sums[2] += low[j] / (1.0 - low[j]) if low[j] < 1.0 else 0.0
                sums[3] += high[j] / (1.0 - high[j]) if high[j] < 1.0 else 0.0
        first += low[i] * sums[0] / 2.0
        squares += low[i] ** 2 * sums[1] / 2.0
        second += low[i] * (sums[0] ** 2 - sums[1]) / 2.0
        twice += low[i] ** 2 * (sums[0] ** 2 - sums[1]) / 2.0
        if low[i] < 1.0:
            exactly[0] += none[0] * low[i] / (1.0 - low[i]) * sums[2]
        if high[i] < 1.0:
            exactly[1] += none[1] * high[i] / (1.0 - high[i]) * sums[3]
    # Pairs of pairs: those that share a component, and those that do not.
    second += max(0.0, (first**2 - squares) / 2.0 - twice)
    at_least = max(exactly[0], _union_at_least(first, second))
    large, more = _large_cuts(leaves, need, offsets, arguments, high)
    at_most = -np.expm1(apart) + large
    # A component that is surely down leaves no state with two failures only to count on.
    if none[1] > 0.0:
        at_most = min(at_most, exactly[1] + more)
    return at_least, min(1.0, at_most)
