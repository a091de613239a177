"""Making a decision diagram smaller in one direction: never more up, or never more down (rule A8).

Gates are monotone: a node lies between its branches. Where the choice between them hardly moves
the probability of the root, one branch stands for both, or a constant for the node.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from depgraph.engine.diagram_nodes import HIGH, LEVEL, LOW, find_or_add

_UNREACHED, _KEPT, _BRANCH, _CONSTANT = 0, 1, 2, 3


@njit(cache=True)
def alone(nodes, root, place):  # type: ignore[no-untyped-def]  # numba infers types
    """Diagram of one root by itself, renumbered from 2; what else the array holds is not touched.

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
        for below in (nodes[node, LOW], nodes[node, HIGH]):
            if below > 1 and place[below] == 0:
                place[below] = 1
                stack[top] = below
                top += 1
    used = np.sort(found[:count])
    for i in range(count):
        place[used[i]] = i + 2
    own = np.zeros((count + 2, 4), np.int32)
    own[0, LEVEL] = own[1, LEVEL] = nodes[0, LEVEL]
    for i in range(count):
        node = used[i]
        low, high = nodes[node, LOW], nodes[node, HIGH]
        own[i + 2, LEVEL] = nodes[node, LEVEL]
        own[i + 2, LOW] = place[low] if low > 1 else low
        own[i + 2, HIGH] = place[high] if high > 1 else high
    for i in range(count):
        place[used[i]] = 0
    return own


@njit(cache=True)
def pruned(own, fate, towards, nodes, table, counts):  # type: ignore[no-untyped-def]
    """Root of a diagram by itself, put among the nodes with the fate of each carried out."""
    moved = np.full(own.shape[0], -1, np.int32)
    moved[0] = 0
    moved[1] = 1
    for node in range(2, own.shape[0]):
        low, high = moved[own[node, LOW]], moved[own[node, HIGH]]
        if fate[node] == _KEPT:
            made = find_or_add(nodes, table, counts, own[node, LEVEL], low, high)
            if made < 0:
                return made
            moved[node] = made
        elif fate[node] == _BRANCH:
            moved[node] = high if towards else low
        elif fate[node] == _CONSTANT:
            moved[node] = towards
    return moved[-1]


@njit(cache=True)
def fates(own, root, p, q, up, down, towards, threshold, fate):  # type: ignore[no-untyped-def]
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
        a, b = own[node, HIGH], own[node, LOW]
        step = own[node, LEVEL]
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
def fates_within(own, root, p, q, up, down, towards, keep, fate):  # type: ignore[no-untyped-def]
    """Set the fates so that at most `keep` nodes are kept; 12 halvings of the exponent's range."""
    least, most = -60.0, 0.0
    for _ in range(12):
        middle = (least + most) / 2
        kept = fates(own, root, p, q, up, down, towards, 10.0**middle, fate)
        if kept > keep:
            least = middle
        else:
            most = middle
    fates(own, root, p, q, up, down, towards, 10.0**most, fate)
