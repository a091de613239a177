"""Reduced ordered binary decision diagrams in flat arrays, compiled with numba.

Node 0 is down, node 1 is up; node i > 1 tests component `level[i]` and goes to `low[i]` when it is
down, `high[i]` when it is up. Arguments always have smaller numbers than the node that uses them,
so one pass over the arrays gives the probability of every node. R. E. Bryant, "Graph-based
algorithms for Boolean function manipulation", IEEE Transactions on Computers C-35 (1986).
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
from numba import njit

from depgraph.errors import LimitError

Array = np.ndarray

_AND, _OR, _ITE = 0, 1, 2
_FULL, _SPENT = -1, -2
_UNREACHED, _KEPT, _BRANCH, _CONSTANT = 0, 1, 2, 3
_FIRST_CAPACITY = 1 << 10
_SLICE = 1 << 23
LARGEST_CAPACITY = 1 << 24
"""Most nodes of one diagram; beyond, the answer is a bracket."""

UNLIMITED = 1 << 60
"""Steps that no diagram will ever take."""

# Positions in the counter array: nodes in use, operations done, operations allowed.
_NODES, _DONE, _ALLOWED = 0, 1, 2


@njit(cache=True, inline="always")
def _hash(a, b, c):  # type: ignore[no-untyped-def]  # numba infers integer types
    """Mix three integers into 64 bits."""
    x = (
        np.uint64(a) * np.uint64(0x9E3779B97F4A7C15)
        ^ np.uint64(b) * np.uint64(0xC2B2AE3D27D4EB4F)
        ^ np.uint64(c) * np.uint64(0x165667B19E3779F9)
    )
    x ^= x >> np.uint64(29)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    return x ^ (x >> np.uint64(32))


@njit(cache=True)
def find_or_add(level, low, high, table, counts, node_level, node_low, node_high):  # type: ignore[no-untyped-def]
    """Find or add a node; -1 when the arrays are full."""
    if node_low == node_high:
        return node_low
    mask = np.uint64(table.shape[0] - 1)
    slot = _hash(node_level, node_low, node_high) & mask
    while True:
        node = table[slot]
        if node < 0:
            break
        if level[node] == node_level and low[node] == node_low and high[node] == node_high:
            return node
        slot = (slot + np.uint64(1)) & mask
    node = counts[_NODES]
    if node >= level.shape[0]:
        return np.int32(_FULL)
    level[node] = node_level
    low[node] = node_low
    high[node] = node_high
    table[slot] = node
    counts[_NODES] = node + 1
    return np.int32(node)


@njit(cache=True)
def _fill(level, low, high, table, count):  # type: ignore[no-untyped-def]
    """Enter the first `count` nodes into an empty unique table."""
    mask = np.uint64(table.shape[0] - 1)
    for node in range(2, count):
        slot = _hash(level[node], low[node], high[node]) & mask
        while table[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        table[slot] = node


@njit(cache=True)
def _terminal(kind, f, g, h):  # type: ignore[no-untyped-def]
    """Result of an operation that needs no work, else -1."""
    if kind == _AND:
        if f == g or g == 1:
            return f
        if f == 1:
            return g
        if f == 0 or g == 0:
            return np.int32(0)
    elif kind == _OR:
        if f == g or g == 0:
            return f
        if f == 0:
            return g
        if f == 1 or g == 1:
            return np.int32(1)
    else:
        if f == 1 or g == h:
            return g
        if f == 0:
            return h
        if g == 1 and h == 0:
            return f
    return np.int32(-1)


@njit(cache=True)
def apply_operation(kind, f, g, h, level, low, high, table, counts, keys, values, stack):  # type: ignore[no-untyped-def]
    """F AND g, f OR g, or "if f then g else h", with an explicit stack.

    Stack columns: operation, f, g, h, level, result for up, stage.
    """
    mask = np.uint64(values.shape[0] - 1)
    top = 0
    stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3], stack[0, 6] = kind, f, g, h, 0
    result = np.int32(-1)
    while top >= 0:
        kind, f, g, h = stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3]
        stage = stack[top, 6]
        if stage == 0:
            done = _terminal(kind, f, g, h)
            if done >= 0:
                result = done
                top -= 1
                continue
            if kind == _ITE and (g == 1 or f == g):
                kind, g, h = np.int32(_OR), h, np.int32(0)
            elif kind == _ITE and (h == 0 or f == h):
                kind, h = np.int32(_AND), np.int32(0)
            if kind != _ITE:
                done = _terminal(kind, f, g, h)
                if done >= 0:
                    result = done
                    top -= 1
                    continue
                if f > g:
                    f, g = g, f
            slot = _hash(f, g, h * 4 + kind) & mask
            if keys[slot, 0] == f and keys[slot, 1] == g and keys[slot, 2] == h * 4 + kind:
                result = values[slot]
                top -= 1
                continue
            counts[_DONE] += 1
            if counts[_DONE] > counts[_ALLOWED]:
                return np.int32(_SPENT)
            first = min(level[f], level[g])
            if kind == _ITE:
                first = min(first, level[h])
            stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = kind, f, g, h
            stack[top, 4], stack[top, 6] = first, 1
            top += 1
            stack[top, 0] = kind
            stack[top, 1] = high[f] if level[f] == first else f
            stack[top, 2] = high[g] if level[g] == first else g
            stack[top, 3] = high[h] if kind == _ITE and level[h] == first else h
            stack[top, 6] = 0
        elif stage == 1:
            first = stack[top, 4]
            stack[top, 5], stack[top, 6] = result, 2
            top += 1
            stack[top, 0] = kind
            stack[top, 1] = low[f] if level[f] == first else f
            stack[top, 2] = low[g] if level[g] == first else g
            stack[top, 3] = low[h] if kind == _ITE and level[h] == first else h
            stack[top, 6] = 0
        else:
            node = find_or_add(
                level, low, high, table, counts, stack[top, 4], result, stack[top, 5]
            )
            if node < 0:
                return np.int32(_FULL)
            slot = _hash(f, g, h * 4 + kind) & mask
            keys[slot, 0], keys[slot, 1], keys[slot, 2] = f, g, h * 4 + kind
            values[slot] = node
            result = node
            top -= 1
    return result


@njit(cache=True)
def _compact(level, low, high, table, counts, roots):  # type: ignore[no-untyped-def]
    """Drop nodes that no root rests on; `roots` is renumbered in place."""
    count = counts[_NODES]
    used = np.zeros(count, np.uint8)
    used[0] = used[1] = 1
    for root in roots:
        used[root] = 1
    for node in range(count - 1, 1, -1):
        if used[node]:
            used[low[node]] = 1
            used[high[node]] = 1
    moved = np.empty(count, np.int32)
    kept = 0
    for node in range(count):
        if used[node]:
            moved[node] = kept
            if node > 1:
                level[kept] = level[node]
                low[kept] = moved[low[node]]
                high[kept] = moved[high[node]]
            kept += 1
    counts[_NODES] = kept
    table[:] = -1
    _fill(level, low, high, table, kept)
    for place in range(roots.shape[0]):
        roots[place] = moved[roots[place]]


@njit(cache=True)
def probabilities_of(level, low, high, count, up, down):  # type: ignore[no-untyped-def]
    """Probability of up and of down of every node; sums of positive terms only (rule A8)."""
    p = np.empty(count)
    q = np.empty(count)
    p[0], q[0], p[1], q[1] = 0.0, 1.0, 1.0, 0.0
    for node in range(2, count):
        a, b = up[level[node]], down[level[node]]
        p[node] = a * p[high[node]] + b * p[low[node]]
        q[node] = a * q[high[node]] + b * q[low[node]]
    return p, q


@njit(cache=True)
def _birnbaum(level, low, high, root, p, q, up, down, variables):  # type: ignore[no-untyped-def]
    """Derivative of the root's availability by each component's, in one backward pass."""
    weight = np.zeros(root + 1)
    result = np.zeros(variables)
    weight[root] = 1.0
    for node in range(root, 1, -1):
        w = weight[node]
        if w == 0.0:
            continue
        a, b = high[node], low[node]
        # Whichever of p and q is small carries more digits of the difference.
        gain = p[a] - p[b] if p[a] < 0.5 else q[b] - q[a]  # noqa: PLR2004 - one half
        result[level[node]] += w * gain
        weight[a] += w * up[level[node]]
        weight[b] += w * down[level[node]]
    return result


@njit(cache=True)
def _alone(level, low, high, root, place):  # type: ignore[no-untyped-def]
    """Diagram of one root by itself, renumbered from 2; what else the arrays hold is not touched.

    `place` is zero everywhere, before and after.
    """
    found = np.empty(root + 1, np.int32)
    stack = np.empty(root + 1, np.int32)
    stack[0] = root
    place[root] = 1
    top, count = 1, 0
    while top:
        top -= 1
        node = stack[top]
        found[count] = node
        count += 1
        for below in (low[node], high[node]):
            if below > 1 and place[below] == 0:
                place[below] = 1
                stack[top] = below
                top += 1
    nodes = np.sort(found[:count])
    for i in range(count):
        place[nodes[i]] = i + 2
    own_level = np.empty(count + 2, np.int32)
    own_low = np.zeros(count + 2, np.int32)
    own_high = np.zeros(count + 2, np.int32)
    own_level[0] = own_level[1] = level[0]
    for i in range(count):
        node = nodes[i]
        a, b = low[node], high[node]
        own_level[i + 2] = level[node]
        own_low[i + 2] = place[a] if a > 1 else a
        own_high[i + 2] = place[b] if b > 1 else b
    for i in range(count):
        place[nodes[i]] = 0
    return own_level, own_low, own_high


@njit(cache=True)
def _pruned(own, fate, towards, arrays):  # type: ignore[no-untyped-def]
    """Root of a diagram by itself, put into the arrays with the fate of each node carried out."""
    own_level, own_low, own_high = own
    level, low, high, counts, table = arrays
    moved = np.full(own_level.shape[0], -1, np.int32)
    moved[0] = 0
    moved[1] = 1
    for node in range(2, own_level.shape[0]):
        a, b = moved[own_low[node]], moved[own_high[node]]
        if fate[node] == _KEPT:
            made = find_or_add(level, low, high, table, counts, own_level[node], a, b)
            if made < 0:
                return np.int32(_FULL)
            moved[node] = made
        elif fate[node] == _BRANCH:
            moved[node] = b if towards else a
        elif fate[node] == _CONSTANT:
            moved[node] = towards
    return moved[-1]


@njit(cache=True)
def _fates(level, low, high, root, p, q, up, down, towards, threshold, fate):  # type: ignore[no-untyped-def]
    """Decide from the root down what is kept, stands as one branch, or as a constant.

    Each step may move the root's probability by the threshold at most; what an earlier step sends
    to a branch is counted there. Returns how many nodes are kept.
    """
    weight = np.zeros(root + 1)
    fate[: root + 1] = _UNREACHED
    weight[root] = 1.0
    fate[root] = _KEPT
    kept = 0
    for node in range(root, 1, -1):
        if fate[node] == _UNREACHED:
            continue
        w = weight[node]
        a, b = high[node], low[node]
        step = level[node]
        gain = p[a] - p[b] if p[a] < 0.5 else q[b] - q[a]  # noqa: PLR2004 - one half
        if w * (q[node] if towards else p[node]) <= threshold:
            fate[node] = _CONSTANT
            continue
        if w * gain * (down[step] if towards else up[step]) <= threshold:
            fate[node] = _BRANCH
            other = a if towards else b
            weight[other] += w
            if other > 1:
                fate[other] = _KEPT
            continue
        kept += 1
        fate[node] = _KEPT
        weight[a] += w * up[step]
        weight[b] += w * down[step]
        if a > 1:
            fate[a] = _KEPT
        if b > 1:
            fate[b] = _KEPT
    return kept


@njit(cache=True)
def _threshold(level, low, high, root, p, q, up, down, towards, keep, fate):  # type: ignore[no-untyped-def]
    """Set the fates so that at most `keep` nodes are kept; 12 halvings of the exponent's range."""
    least, most = -60.0, 0.0
    for _ in range(12):
        middle = (least + most) / 2
        kept = _fates(level, low, high, root, p, q, up, down, towards, 10.0**middle, fate)
        if kept > keep:
            least = middle
        else:
            most = middle
    _fates(level, low, high, root, p, q, up, down, towards, 10.0**most, fate)


class Diagram:
    """Decision diagrams over components in one fixed order, sharing equal parts.

    Parameters
    ----------
    variables : int
        Number of components; component i stands at level i.
    operations : int
        Most steps before `LimitError`.
    deadline : float
        Value of the monotonic clock after which steps raise `LimitError` [s].
    """

    def __init__(
        self, variables: int, operations: int = UNLIMITED, deadline: float = math.inf
    ) -> None:
        self.variables = variables
        self._deadline = deadline
        self._most = operations
        size = _FIRST_CAPACITY
        self.level = np.empty(size, np.int32)
        self.low = np.zeros(size, np.int32)
        self.high = np.zeros(size, np.int32)
        self.level[:2] = variables
        self._counts = np.array([2, 0, operations], np.int64)
        self._table = np.full(size * 2, -1, np.int32)
        self._stack = np.zeros((variables + 8, 7), np.int32)
        self._place = np.zeros(size, np.int32)
        self._new_cache(size)

    @property
    def size(self) -> int:
        """Nodes in use."""
        return int(self._counts[_NODES])

    @property
    def operations(self) -> int:
        """Steps done so far."""
        return int(self._counts[_DONE])

    def variable(self, level: int) -> int:
        """Node that is up when the component at `level` is."""
        return self._make_node(level)

    def all_of(self, first: int, second: int) -> int:
        """Node that is up when both are."""
        return self._operation(_AND, first, second, 0)

    def any_of(self, first: int, second: int) -> int:
        """Node that is up when either is."""
        return self._operation(_OR, first, second, 0)

    def choice(self, test: int, up: int, down: int) -> int:
        """Node that equals `up` where `test` is up, and `down` elsewhere."""
        return self._operation(_ITE, test, up, down)

    def at_least(self, need: int, nodes: Sequence[int]) -> int:
        """Node that is up when at least `need` of `nodes` are (rule A2)."""
        ordered = sorted(nodes, key=lambda node: -int(self.level[node]))
        if need == 1 or need == len(ordered):
            merge = self.any_of if need == 1 else self.all_of
            result = ordered[0]
            for node in ordered[1:]:
                result = merge(result, node)
            return result
        found = [1] + [0] * need
        for seen, node in enumerate(ordered, 1):
            # Only what those to come can still bring to the number needed.
            least = max(1, need - len(ordered) + seen)
            for j in range(min(need, seen), least - 1, -1):
                found[j] = self.choice(node, found[j - 1], found[j])
        return found[need]

    def collect(self, roots: list[int]) -> list[int]:
        """Free what no root rests on; returns the roots' new numbers."""
        numbers = np.array(roots, np.int32)
        _compact(self.level, self.low, self.high, self._table, self._counts, numbers)
        self._keys[:] = -1
        return [int(number) for number in numbers]

    def freeze(self) -> None:
        """Give back all memory that evaluation does not need; nothing can be built any more."""
        for name in ("level", "low", "high"):
            setattr(self, name, getattr(self, name)[: self.size].copy())
        for name in ("_table", "_keys", "_values", "_stack", "_place"):
            setattr(self, name, np.empty(0, np.int32))

    def probabilities(self, up: Array, down: Array) -> tuple[Array, Array]:
        """Probability of up and of down for every node.

        Parameters
        ----------
        up, down : ndarray of float, shape (variables,)
            Availability and unavailability of each component [1].
        """
        p, q = probabilities_of(self.level, self.low, self.high, self.size, up, down)
        return p, q

    def birnbaum(self, root: int, up: Array, down: Array) -> Array:
        """Birnbaum importance of each component for `root` (rule A11), shape (variables,)."""
        p, q = self.probabilities(up, down)
        args = (self.level, self.low, self.high, root, p, q, up, down, self.variables)
        result: Array = _birnbaum(*args)
        return result

    def down_of(self, root: int, up: Array, down: Array) -> float:
        """Probability that one node is down; cheap where it is small among many [1]."""
        if root < 2:  # noqa: PLR2004 - the two constants
            return float(root == 0)
        own = _alone(self.level, self.low, self.high, root, self._place)
        level, low, high = own
        _, q = probabilities_of(level, low, high, len(level), up, down)
        return float(q[-1])

    def rounded(
        self,
        root: int,
        keep: int,
        up: Array,
        down: Array,
        *,
        towards: int,
        tolerance: float = 0.0,
    ) -> int:
        """Smaller node that is never more up (`towards` 0) or never more down (`towards` 1).

        Gates are monotone: a node lies between its branches. Where the choice between them hardly
        moves the probability, one branch stands for both.

        Parameters
        ----------
        root : int
            Node to make smaller.
        keep : int
            About how many nodes to keep at most.
        up, down : ndarray of float, shape (variables,)
            Availability and unavailability of each component [1].
        towards : {0, 1}
            Which branch stands for both: the failed (0) or the working component's (1).
        tolerance : float
            By how much each step may move the probability, where fewer nodes than `keep` do [1].
        """
        if root < 2:  # noqa: PLR2004 - the two constants
            return root
        own = _alone(self.level, self.low, self.high, root, self._place)
        own_level, own_low, own_high = own
        last = len(own_level) - 1
        if last - 1 <= keep and not tolerance:
            return root
        p, q = probabilities_of(own_level, own_low, own_high, last + 1, up, down)
        fate = np.empty(last + 1, np.uint8)
        figures = (own_level, own_low, own_high, last, p, q, up, down, towards)
        if not tolerance or _fates(*figures, tolerance, fate) > keep:
            _threshold(*figures, keep, fate)
        while True:
            arrays = (self.level, self.low, self.high, self._counts, self._table)
            node = int(_pruned(own, fate, np.int32(towards), arrays))
            if node >= 0:
                return node
            self._grow()

    def allow(self, operations: int) -> None:
        """Allow so many more steps from here."""
        self._most = self.operations + operations

    def _operation(self, kind: int, f: int, g: int, h: int) -> int:
        """Run one operation in slices, growing the arrays as needed.

        What a slice has worked out is in the cache when the next one starts again.
        """
        while True:
            if time.monotonic() > self._deadline:
                raise LimitError("the decision diagram needs more time than was allowed")
            self._counts[_ALLOWED] = min(self._most, self.operations + _SLICE)
            result = int(
                apply_operation(
                    np.int32(kind),
                    np.int32(f),
                    np.int32(g),
                    np.int32(h),
                    self.level,
                    self.low,
                    self.high,
                    self._table,
                    self._counts,
                    self._keys,
                    self._values,
                    self._stack,
                )
            )
            if result >= 0:
                return result
            if result == _FULL:
                self._grow()
            elif self.operations >= self._most:
                raise LimitError("the decision diagram needs more steps than were allowed")

    def _make_node(self, level: int) -> int:
        while True:
            arrays = (self.level, self.low, self.high, self._table, self._counts)
            node = int(find_or_add(*arrays, np.int32(level), np.int32(0), np.int32(1)))
            if node >= 0:
                return node
            self._grow()

    def _grow(self) -> None:
        """Make room for more nodes, or say that there is none."""
        old = len(self.level)
        if old >= LARGEST_CAPACITY:
            raise LimitError(f"the decision diagram needs more than {LARGEST_CAPACITY} nodes")
        size = min(old * 4, LARGEST_CAPACITY)
        for name in ("level", "low", "high"):
            longer = np.empty(size, np.int32)
            longer[:old] = getattr(self, name)
            setattr(self, name, longer)
        self._place = np.zeros(size, np.int32)
        self._table = np.full(size * 2, -1, np.int32)
        _fill(self.level, self.low, self.high, self._table, self.size)
        self._new_cache(size)

    def _new_cache(self, size: int) -> None:
        self._keys = np.full((size, 3), -1, np.int32)
        self._values = np.empty(size, np.int32)
