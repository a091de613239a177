"""Nodes of reduced ordered binary decision diagrams: finding, merging, building, compiled.

Node 0 is down, node 1 is up; node i > 1 tests the component at its level and goes to `LOW` when it
is down, to `HIGH` when it is up. Arguments always have smaller numbers than the node that uses
them. R. E. Bryant, "Graph-based algorithms for Boolean function manipulation", IEEE Transactions
on Computers C-35 (1986). Gates are monotone, so "both" and "either" are all that is needed.

What stops for want of room or of steps leaves its place in the stack and in the counters, and goes
on from there when it is called again. A node and a result each fill 16 bytes, so that looking one
up touches memory once.
"""

from __future__ import annotations

import numpy as np
from numba import njit

LEVEL, LOW, HIGH, NEXT = 0, 1, 2, 3
"""Columns of a node; NEXT is the next one with the same place in the table."""
ALL, ANY = 0, 1
"""Operations: up when both are, up when either is."""
FULL, SPENT, CROWDED = -1, -2, -3
"""Why building stops: no room for nodes, no steps left, or time to drop what is not needed."""

NODES, DONE, ALLOWED, TOP, RESULT, GATE, STEP, COLLECT = 0, 1, 2, 3, 4, 5, 6, 7
"""Counters: nodes in use, steps done, steps allowed, top of the stack, the last result, the gate
that is built, how many merges of it are done, and nodes from which to collect garbage."""
COUNTERS = 8
NEVER = 1 << 60
"""More steps and nodes than there will ever be."""

GROWTH = 4
"""How many times as large what becomes too small is made."""
FRAME = 8
"""Columns of the stack."""
_KIND, _F, _G, _UP, _STAGE, _FIRST, _LOW_F, _LOW_G = 0, 1, 2, 3, 4, 5, 6, 7


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
def find_or_add(nodes, table, counts, level, low, high):  # type: ignore[no-untyped-def]
    """Find or add a node; `FULL` when there is no room."""
    if low == high:
        return low
    slot = _hash(level, low, high) & np.uint64(table.shape[0] - 1)
    node = table[slot]
    while node >= 0:
        if nodes[node, LOW] == low and nodes[node, HIGH] == high and nodes[node, LEVEL] == level:
            return node
        node = nodes[node, NEXT]
    node = np.int32(counts[NODES])
    if node >= nodes.shape[0]:
        return np.int32(FULL)
    nodes[node, LEVEL] = level
    nodes[node, LOW] = low
    nodes[node, HIGH] = high
    nodes[node, NEXT] = table[slot]
    table[slot] = node
    counts[NODES] = node + 1
    return node


@njit(cache=True)
def opened(variables, size):  # type: ignore[no-untyped-def]
    """Nodes, table, cache, stack and counters of a diagram, with room for its variables.

    `size` is how many nodes there is room for at first, a power of two.
    """
    while size < variables + 2:
        size *= GROWTH
    nodes = np.empty((size, 4), np.int32)
    nodes[0, LEVEL] = nodes[1, LEVEL] = variables
    table = np.full(size, np.int32(-1))
    cache = np.full((size, 4), np.int32(-1))
    counts = np.zeros(COUNTERS, np.int64)
    counts[NODES], counts[TOP], counts[COLLECT] = 2, -1, NEVER
    return nodes, table, cache, np.zeros((variables + 8, FRAME), np.int32), counts


@njit(cache=True)
def begun(part, order, diagram, counts):  # type: ignore[no-untyped-def]
    """Enter a part's components, the first of the order at level 0, into an empty diagram.

    Returns the node of each, and room to work in for `build`. There is room for all of them.
    """
    node_of = np.zeros(part.need.shape[0], np.int32)
    for level in range(order.shape[0]):
        ends = np.int32(level), np.int32(0), np.int32(1)
        node_of[order[level]] = find_or_add(diagram[0], diagram[1], counts, *ends)
    counts[GATE] = order.shape[0]
    most = 0
    for gate in range(part.need.shape[0]):
        most = max(most, part.offsets[gate + 1] - part.offsets[gate])
    # For a vote: its arguments, what has been seen of each number, and what is in between.
    return node_of, np.empty(2 * most + 2, np.int32)


@njit(cache=True)
def fill(nodes, table, count):  # type: ignore[no-untyped-def]
    """Enter the first `count` nodes into an empty table."""
    mask = np.uint64(table.shape[0] - 1)
    for node in range(2, count):
        slot = _hash(nodes[node, LEVEL], nodes[node, LOW], nodes[node, HIGH]) & mask
        nodes[node, NEXT] = table[slot]
        table[slot] = node


@njit(cache=True)
def carry_over(old, new):  # type: ignore[no-untyped-def]
    """Enter known results into a larger, empty cache."""
    mask = np.uint64(new.shape[0] - 1)
    for place in range(old.shape[0]):
        if old[place, 0] >= 0:
            slot = _hash(old[place, 0], old[place, 1], old[place, 2]) & mask
            for column in range(4):
                new[slot, column] = old[place, column]


@njit(cache=True)
def begin(kind, first, second, stack, counts):  # type: ignore[no-untyped-def]
    """Put an operation on the empty stack."""
    stack[0, _KIND], stack[0, _F], stack[0, _G], stack[0, _STAGE] = kind, first, second, 0
    counts[TOP] = 0


@njit(cache=True)
def proceed(nodes, table, cache, stack, counts):  # type: ignore[no-untyped-def]
    """Work the stack off; returns the result, or why it had to stop.

    Only what has to be looked into gets a frame; half of what is asked for is known at once.
    """
    mask = np.uint64(cache.shape[0] - 1)
    top, done, allowed = counts[TOP], counts[DONE], counts[ALLOWED]
    kind, result, reason = stack[0, _KIND], np.int32(counts[RESULT]), np.int32(0)
    f, g = stack[top, _F], stack[top, _G]
    asks = stack[top, _STAGE] == 0
    top -= asks
    while asks or top >= 0:
        if asks:
            if f > g:
                f, g = g, f
            if f <= 1:
                # Down and "both", or up and "either", decide; else the other one does.
                result = f if f == kind else g
            elif f == g:
                result = f
            else:
                slot = _hash(f, g, kind) & mask
                if cache[slot, 0] == f and cache[slot, 1] == g and cache[slot, 2] == kind:
                    result = cache[slot, 3]
                else:
                    top += 1
                    stack[top, _F], stack[top, _G], stack[top, _STAGE] = f, g, 0
                    if done >= allowed:
                        reason = np.int32(SPENT)
                        break
                    done += 1
                    f, g = _entered(f, g, nodes, stack, top)
                    continue
            asks = False
        elif stack[top, _STAGE] == 1:
            stack[top, _UP], stack[top, _STAGE] = result, 2
            f, g, asks = stack[top, _LOW_F], stack[top, _LOW_G], True
        else:
            made = find_or_add(nodes, table, counts, stack[top, _FIRST], result, stack[top, _UP])
            if made < 0:
                reason = made
                break
            f, g = stack[top, _F], stack[top, _G]
            slot = _hash(f, g, kind) & mask
            cache[slot, 0], cache[slot, 1], cache[slot, 2], cache[slot, 3] = f, g, kind, made
            result = made
            top -= 1
    counts[TOP], counts[DONE], counts[RESULT] = top, done, result
    return reason if reason < 0 else result


@njit(cache=True, inline="always")
def _entered(f, g, nodes, stack, top):  # type: ignore[no-untyped-def]
    """Look into a merge: its lower branches wait in the frame, its upper ones come back."""
    of_f, of_g = nodes[f, LEVEL], nodes[g, LEVEL]
    first = min(of_f, of_g)
    stack[top, _FIRST], stack[top, _STAGE] = first, 1
    stack[top, _LOW_F] = nodes[f, LOW] if of_f == first else f
    stack[top, _LOW_G] = nodes[g, LOW] if of_g == first else g
    return (
        nodes[f, HIGH] if of_f == first else f,
        nodes[g, HIGH] if of_g == first else g,
    )


@njit(cache=True)
def compact(nodes, table, counts, roots):  # type: ignore[no-untyped-def]
    """Drop nodes that no root rests on; `roots` is renumbered in place."""
    moved, _ = _needed(nodes, counts[NODES], roots)
    counts[NODES] = _carry(nodes, nodes, moved, roots)
    table[:] = -1
    fill(nodes, table, counts[NODES])


@njit(cache=True)
def extracted(nodes, count, roots):  # type: ignore[no-untyped-def]
    """Copy of what roots rest on; `roots` is renumbered in place."""
    moved, kept = _needed(nodes, count, roots)
    own = np.zeros((kept, 4), np.int32)
    own[:2, LEVEL] = nodes[0, LEVEL]
    _carry(nodes, own, moved, roots)
    return own


@njit(cache=True)
def _needed(nodes, count, roots):  # type: ignore[no-untyped-def]
    """Mark of each node that roots rest on, and how many these are; 0 and 1 always are."""
    marked = np.zeros(count, np.int32)
    for root in roots:
        marked[root] = 1
    kept = 2
    for node in range(count - 1, 1, -1):
        if marked[node]:
            marked[nodes[node, LOW]] = 1
            marked[nodes[node, HIGH]] = 1
            kept += 1
    return marked, kept


@njit(cache=True)
def _carry(nodes, into, moved, roots):  # type: ignore[no-untyped-def]
    """Write marked nodes one after another, in place or elsewhere; how many there are then.

    Marks become new numbers, and so do `roots`.
    """
    moved[0], moved[1] = 0, 1
    kept = 2
    for node in range(2, moved.shape[0]):
        if moved[node]:
            moved[node] = kept
            into[kept, LEVEL] = nodes[node, LEVEL]
            into[kept, LOW] = moved[nodes[node, LOW]]
            into[kept, HIGH] = moved[nodes[node, HIGH]]
            kept += 1
    for place in range(roots.shape[0]):
        roots[place] = moved[roots[place]]
    return kept


@njit(cache=True)
def probabilities_of(nodes, count, up, down):  # type: ignore[no-untyped-def]
    """Probability of up and of down of every node; sums of positive terms only (rule A8)."""
    p = np.empty(count)
    q = np.empty(count)
    p[0], q[0], p[1], q[1] = 0.0, 1.0, 1.0, 0.0
    for node in range(2, count):
        a, b = up[nodes[node, LEVEL]], down[nodes[node, LEVEL]]
        p[node] = a * p[nodes[node, HIGH]] + b * p[nodes[node, LOW]]
        q[node] = a * q[nodes[node, HIGH]] + b * q[nodes[node, LOW]]
    return p, q


@njit(cache=True)
def build(part, node_of, hand, diagram, counts):  # type: ignore[no-untyped-def]
    """Build a part gate by gate; returns its root's node, or why it had to stop.

    Parameters
    ----------
    part : Part
        Components, then gates, arguments first (see `parts`).
    node_of : ndarray of int32, shape (nodes,)
        Node of each component and of each gate that is built.
    hand : ndarray of int32
        Scratch, as `begun` gives it, to be kept until the root is built.
    diagram : tuple of ndarray
        Nodes, table, cache and stack.
    counts : ndarray of int64, shape (8,)
        Counters.
    """
    while counts[GATE] < part.need.shape[0]:
        gate = counts[GATE]
        inside = part.arguments[part.offsets[gate] : part.offsets[gate + 1]]
        if counts[TOP] < 0 and counts[STEP] == 0:
            _take_in_hand(inside, part.need[gate], node_of, hand, diagram[0])
        made = _merged(part.need[gate], inside.shape[0], hand, diagram, counts)
        if made < 0:
            return made
        node_of[gate] = made
        counts[GATE], counts[STEP] = gate + 1, 0
        if counts[NODES] > counts[COLLECT]:
            return np.int32(CROWDED)
    return node_of[part.need.shape[0] - 1]


@njit(cache=True)
def _take_in_hand(inside, need, node_of, hand, nodes):  # type: ignore[no-untyped-def]
    """Nodes of a gate's arguments, deepest first; then "at least j of those seen", j from 0."""
    count = inside.shape[0]
    for place in range(count):
        node = node_of[inside[place]]
        at = place
        while at > 0 and nodes[hand[at - 1], LEVEL] < nodes[node, LEVEL]:
            hand[at] = hand[at - 1]
            at -= 1
        hand[at] = node
    if 1 < need < count:
        hand[count] = 1
        hand[count + 1 : count + need + 1] = 0


@njit(cache=True)
def _merged(need, count, hand, diagram, counts):  # type: ignore[no-untyped-def]
    """Node of a gate over what is in hand."""
    nodes, table, cache, stack = diagram
    if need == 1 or need == count:
        while counts[STEP] < count - 1:
            if counts[TOP] < 0:
                kind = ANY if need == 1 else ALL
                begin(kind, hand[0], hand[counts[STEP] + 1], stack, counts)
            made = proceed(nodes, table, cache, stack, counts)
            if made < 0:
                return made
            hand[0] = made
            counts[STEP] += 1
        return hand[0]
    both = count + need + 1
    while counts[STEP] < 2 * need * count:
        turn, rest = divmod(counts[STEP], 2 * need)
        wanted = need - rest // 2
        # Only what has been seen, and what those to come can still bring to the number needed.
        if wanted > turn + 1 or wanted < need - (count - turn - 1):
            counts[STEP] += 2
            continue
        seen = count + wanted
        if counts[TOP] < 0 and rest % 2 == 0:
            begin(ALL, hand[turn], hand[seen - 1], stack, counts)
        elif counts[TOP] < 0:
            begin(ANY, hand[both], hand[seen], stack, counts)
        made = proceed(nodes, table, cache, stack, counts)
        if made < 0:
            return made
        hand[both if rest % 2 == 0 else seen] = made
        counts[STEP] += 1
    return hand[count + need]
