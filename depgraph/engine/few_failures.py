"""Enclosure of one module by its states with few failures, compiled (rule A8).

With independent components most of the unavailability lies where one or two of them have failed.
Let Q be what remains once the single points of failure are taken out. Every pair of failures that
takes the module down is found, bit-parallel. Then, with N the number of failures:

- Q is at least P(exactly two failures, and down), and at least the bound of D. Dawson and
  D. Sankoff ("An inequality for probabilities", 1967) on the union of the pairs, from their first
  two sums;
- Q is at most P(exactly two failures, and down) + P(N >= 3), and at most P(some pair has failed),
  bounded as if pairs were independent (they are positively associated: J. Esary, F. Proschan,
  D. Walkup, 1967), plus P(a minimal cut of three or more has failed). That is bounded gate by gate:
  a cut of an "all" gate is one of its arguments; a cut of an "any" gate joins one of each argument,
  and what is disjoint multiplies (J. van den Berg, H. Kesten, 1985).

The better of each two is taken. Where there is no time for pairs, Q is at least 0 and at most
P(N >= 2).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from depgraph.engine.situations import evaluate_gates
from depgraph.engine.votes import FEW, PLANES, count_bits, counts_reach

_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_LARGEST = 1 << 27
"""Most components times nodes for which pairs are tried."""


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
    if k > FEW:
        planes = np.zeros(PLANES, np.uint64)
        for w in range(out.shape[0]):
            planes[:] = 0
            for at in range(first, last):
                argument = arguments[at]
                count_bits(planes, work[argument, w] if dirty[argument] else base[argument, w])
            out[w] = counts_reach(planes, k)
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
def _two_or_more(failing):  # type: ignore[no-untyped-def]
    """P(at least two components have failed), a sum of positive terms."""
    none, one, more = 1.0, 0.0, 0.0
    for q in failing:
        more += one * q
        one += (none - one) * q
        none *= 1.0 - q
    return more


@njit(cache=True)
def _shared(a, b):  # type: ignore[no-untyped-def]
    for w in range(a.shape[0]):  # noqa: SIM110 - compiled
        if a[w] & b[w]:
            return True
    return False


@njit(cache=True)
def _mass(failing, chosen):  # type: ignore[no-untyped-def]
    """Sum of the unavailabilities of the chosen components."""
    total = 0.0
    for j in range(failing.shape[0]):
        if (chosen[j // 64] >> np.uint64(j % 64)) & np.uint64(1):
            total += failing[j]
    return total


@njit(cache=True)
def _larger_of_either(a, b, a_sets, b_sets, failing):  # type: ignore[no-untyped-def]
    """Bound of P(a minimal cut of three or more of "a or b" has failed).

    `a` and `b` hold the sums over the cuts of order 1, 2, and more; the sets are the components
    that each rests on, and its single ones. A cut of the whole is one of a with one of b. Disjoint
    ones: product, by the inequality of J. van den Berg and H. Kesten (1985). One inside the other:
    the larger alone. Else both have order 2 or more and share a component; one of them fails
    together with a further component of the other.
    """
    a_more, b_more = a[1] + a[2], b[1] + b[2]
    total = a_more * (b[0] + b_more) + a[0] * b_more
    if _shared(a_sets[0], b_sets[0]):
        total += a[2] + b[2]
        a_rest, b_rest = a_sets[0] & ~a_sets[1], b_sets[0] & ~b_sets[1]
        if _shared(a_rest, b_rest):
            total += min(a_more * _mass(failing, b_rest), b_more * _mass(failing, a_rest))
    return total


@njit(cache=True)
def _larger_of_any(inside, sums, sets, failing):  # type: ignore[no-untyped-def]
    """The same for "any of", one argument after the other."""
    found = sums[inside[0]].copy()
    seen = sets[inside[0]].copy()
    for place in range(1, inside.shape[0]):
        other = inside[place]
        larger = _larger_of_either(found, sums[other], seen, sets[other], failing)
        pairs = found[0] * sums[other, 0]
        if _shared(seen[0], sets[other, 0]):
            pairs += found[1] + sums[other, 1]
        seen[0] |= sets[other, 0]
        seen[1] &= sets[other, 1]
        found[0], found[1], found[2] = _mass(failing, seen[1]), pairs, larger
    return found[2]


@njit(cache=True)
def _larger_of_gate(need, inside, sums, sets, failing):  # type: ignore[no-untyped-def]
    """The same for one gate, from its arguments; 1 where nothing better is known."""
    size = inside.shape[0]
    if need == size:
        total = 0.0
        for argument in inside:
            total += sums[argument, 2]
        return total
    if need == 1:
        return _larger_of_any(inside, sums, sets, failing)
    if need != size - 1:
        return 1.0
    # Down when any two arguments are.
    total = 0.0
    for x in range(size):
        for y in range(x):
            a, b = inside[x], inside[y]
            total += _larger_of_either(sums[a], sums[b], sets[a], sets[b], failing)
    return total


@njit(cache=True)
def _large_cuts(leaves, need, offsets, arguments, failing, sums, base):  # type: ignore[no-untyped-def]
    """Bound of P(a minimal cut of three or more has failed), and P(N >= 3).

    `sums` holds, per node, the sums over its cuts of order 1 and 2; the third column is filled in.
    """
    count = need.shape[0]
    # Per node: what it rests on, and what takes it down alone.
    sets = np.zeros((count, 2, (leaves + 63) // 64), np.uint64)
    three = 0.0
    for j in range(leaves):
        sets[j, :, j // 64] = np.uint64(1) << np.uint64(j % 64)
    for gate in range(leaves, count):
        inside = arguments[offsets[gate] : offsets[gate + 1]]
        for argument in inside:
            sets[gate, 0] |= sets[argument, 0]
        sets[gate, 1] = sets[gate, 0] & ~base[gate]
        three = _three_or_more(failing, sets[gate, 0])
        sums[gate, 2] = min(three, _larger_of_gate(need[gate], inside, sums, sets, failing))
    return sums[count - 1, 2], three


@njit(cache=True)
def _lowest(word):  # type: ignore[no-untyped-def]
    """Place of the lowest bit that is set."""
    place = 0
    step = 32
    while step:
        if not word & ((np.uint64(1) << np.uint64(step)) - np.uint64(1)):
            word >>= np.uint64(step)
            place += step
        step //= 2
    return place


@njit(cache=True)
def _note_pairs(i, leaves, base, work, dirty, failing, sums):  # type: ignore[no-untyped-def]
    """Add to each changed gate the pairs that `i` forms with later components."""
    for gate in range(leaves, base.shape[0]):
        if not dirty[gate] or not (base[gate, i // 64] >> np.uint64(i % 64)) & np.uint64(1):
            continue
        total = 0.0
        for w in range(i // 64, base.shape[1]):
            down = base[gate, w] & ~work[gate, w]
            while down:
                j = w * 64 + _lowest(down)
                down &= down - np.uint64(1)
                if i < j < leaves:
                    total += failing[j]
        sums[gate, 1] += failing[i] * total


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
def few_failures(leaves, need, offsets, arguments, figures, hurried):  # type: ignore[no-untyped-def]
    """Bounds of a module's unavailability: (at least, at most).

    Parameters
    ----------
    leaves : int
        Number of components; they are the first nodes, the root is the last.
    need, offsets, arguments : ndarray of int64
        Gates, arguments first.
    figures : tuple of two ndarrays of float, shape (leaves,)
        Unavailability of each component: at least and at most [1].
    hurried : bool
        Whether to leave pairs out: any two failures may take the module down, or not.

    Returns
    -------
    tuple of float
        Unavailability at least, at most [1].
    """
    count = need.shape[0]
    low, high = figures
    if leaves * count > _LARGEST:
        # Too large to try every pair: surely up without any failure.
        nothing = 1.0
        for j in range(leaves):
            nothing *= 1.0 - high[j]
        return 0.0, 1.0 - nothing
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
    if hurried:
        rest_low, rest_high = 0.0, _two_or_more(may_fail)
    else:
        rest_low, rest_high = _remainder(leaves, need, offsets, arguments, base, fails, may_fail)
    return lost[0] + whole[0] * rest_low, min(1.0, lost[1] + whole[1] * rest_high)


@njit(cache=True)
def _single_cuts(leaves, base, failing):  # type: ignore[no-untyped-def]
    """Table of sums over cuts by order, per node; the first column filled in."""
    cuts = np.zeros((base.shape[0], 3))
    cuts[:leaves, 0] = failing
    for gate in range(leaves, base.shape[0]):
        for j in range(leaves):
            if not (base[gate, j // 64] >> np.uint64(j % 64)) & np.uint64(1):
                cuts[gate, 0] += failing[j]
    return cuts


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
    cuts = _single_cuts(leaves, base, high)
    for i in range(leaves):
        if high[i] == 0.0:
            continue
        root_changed = _strike(i, leaves, need, offsets, arguments, base, work, dirty)
        _note_pairs(i, leaves, base, work, dirty, high, cuts)
        if not root_changed:
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
    large, more = _large_cuts(leaves, need, offsets, arguments, high, cuts, base)
    at_most = -np.expm1(apart) + large
    # A component that is surely down leaves no state with two failures only to count on.
    if none[1] > 0.0:
        at_most = min(at_most, exactly[1] + more)
    return at_least, min(1.0, at_most)
