"""Steps on gate graphs as arrays, compiled: sorting, walking down, cutting out (rules A2, A12).

The arguments of gate i stand at ``arguments[offsets[i]:offsets[i + 1]]`` and have smaller numbers
than it; need is 0 for components.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from depgraph.engine.situations import evaluate_gates

_WORDS = 16
_RUN = 8
_FAR = 16
"""Numbers for each node up to which all of them are looked at."""
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@njit(cache=True)
def order_of(keys):  # type: ignore[no-untyped-def]
    """Places of the keys in rising order, equal ones as they stand; compiles in a second.

    What is nearly sorted takes half as long: short runs are sorted by insertion, and runs that
    stand right already are not merged.
    """
    count = keys.shape[0]
    order = np.arange(count)
    width = _RUN
    for first in range(0, count, width):
        for at in range(first + 1, min(first + width, count)):
            key, hole = keys[at], at
            while hole > first and keys[order[hole - 1]] > key:
                order[hole] = order[hole - 1]
                hole -= 1
            order[hole] = at
    left = np.empty(count, np.int64)
    while width < count:
        for first in range(0, count - width, 2 * width):
            middle, last = first + width, min(first + 2 * width, count)
            if keys[order[middle - 1]] <= keys[order[middle]]:
                continue
            left[:width] = order[first:middle]
            a, b = 0, middle
            for at in range(first, last):
                if a == width:
                    break
                if b == last or keys[left[a]] <= keys[order[b]]:
                    order[at] = left[a]
                    a += 1
                else:
                    order[at] = order[b]
                    b += 1
        width *= 2
    return order


@njit(cache=True)
def _rising(nodes, marks, empty):  # type: ignore[no-untyped-def]
    """Nodes in rising order.

    Parameters
    ----------
    nodes : ndarray of int64
        In any order, each once, one at least.
    marks : ndarray, shape (all nodes,)
        Something else than `empty` for these alone.
    empty : int
        What the others have.
    """
    lowest, highest = nodes.min(), nodes.max()
    if highest - lowest >= _FAR * nodes.shape[0]:
        return nodes[order_of(nodes)]
    # Close together: it is quicker to look at all of them.
    result = np.empty(nodes.shape[0], np.int64)
    number = 0
    for node in range(lowest, highest + 1):
        if marks[node] != empty:
            result[number] = node
            number += 1
    return result


@njit(cache=True)
def all_below(root, offsets, arguments, marks, empty):  # type: ignore[no-untyped-def]
    """Nodes that a node rests on, itself included, in rising order.

    `marks` comes as `empty` for all nodes, and goes as one more for those found.
    """
    nodes = [root]
    marks[root] = empty + 1
    at = 0
    while at < len(nodes):
        node = nodes[at]
        at += 1
        for k in range(offsets[node], offsets[node + 1]):
            argument = arguments[k]
            if marks[argument] == empty:
                marks[argument] = empty + 1
                nodes.append(argument)
    return _rising(np.array(nodes), marks, empty)


@njit(cache=True)
def cut_out(root, need, offsets, arguments, place):  # type: ignore[no-untyped-def]
    """Copy what a node rests on: original numbers in rising order, and need, offsets, arguments.

    `place` is scratch of one entry per node; it comes and goes as -1.
    """
    order = all_below(root, offsets, arguments, place, -1)
    count = order.shape[0]
    starts = np.zeros(count + 1, np.int64)
    for i in range(count):
        place[order[i]] = i
        starts[i + 1] = starts[i] + offsets[order[i] + 1] - offsets[order[i]]
    inside = np.empty(starts[count], np.int64)
    for i in range(count):
        first = offsets[order[i]]
        for k in range(starts[i + 1] - starts[i]):
            inside[starts[i] + k] = place[arguments[first + k]]
    for i in range(count):
        place[order[i]] = -1
    return order, need[order], starts, inside


@njit(cache=True)
def single_points(need, offsets, arguments, variables):  # type: ignore[no-untyped-def]
    """Which of the variables take the last node down alone; 1,024 are tried in one pass."""
    count = need.shape[0]
    found = np.zeros(variables.shape[0], np.bool_)
    for first in range(0, variables.shape[0], _WORDS * 64):
        tried = variables[first : first + _WORDS * 64]
        words = (tried.shape[0] + 63) // 64
        up = np.full((count, words), _ALL)
        for j in range(tried.shape[0]):
            up[tried[j], j // 64] ^= np.uint64(1) << np.uint64(j % 64)
        evaluate_gates(need, offsets, arguments, up)
        for j in range(tried.shape[0]):
            bit = (up[count - 1, j // 64] >> np.uint64(j % 64)) & np.uint64(1)
            found[first + j] = bit == 0
    return found


@njit(cache=True)
def mixed(value):  # type: ignore[no-untyped-def]
    """A number whose bits all depend on all bits of another, for hash tables."""
    x = np.uint64(value) * np.uint64(0x9E3779B97F4A7C15)
    x ^= x >> np.uint64(29)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    return x ^ (x >> np.uint64(32))


@njit(cache=True)
def kind_of(need, length):  # type: ignore[no-untyped-def]
    """0 a component, 1 "all", 2 "any", 3 "at least k of n"."""
    if need == 0:
        return 0
    if need == length:
        return 1
    return 2 if need == 1 else 3
