"""Downtime that several outages cause, each by itself, taken off the sum of their lengths (W5).

A node that two outages take down at once is down once only. What an outage adds to nodes that are
down already is taken off by one of two ways, whichever costs less. Either each node keeps until
when single outages that have begun take it down: to note that costs as much as the outage takes
down. Or what it shares with each of those that run is looked up: that costs as much as the smaller
of the two takes down. The result is the same to the microsecond.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from depgraph.engine.joint_outages import ACTIVE, FOREVER, LISTED, PLAIN, UNNOTED, WORK
from depgraph.engine.reach import is_hit
from depgraph.engine.touched_gates import END, IS_UNNOTED, ROW, touch


@njit(**PLAIN)
def note_downtime(active, tables, touched, met, number):  # type: ignore[no-untyped-def]
    """Note what running outages take down, and which gates they touch, of those not noted yet."""
    for place in range(number[ACTIVE] if number[UNNOTED] else 0):
        if active[IS_UNNOTED, place]:
            row, end = active[ROW, place], active[END, place]
            active[IS_UNNOTED, place] = 0
            _hold_down(row, end, tables[1], tables[5], number)
            if touched.shape[0]:
                touch(row, FOREVER, end, tables[2], touched, met)


@njit(**PLAIN)
def take_off_noted(row, start, end, nodes, down_until, number, into):  # type: ignore[no-untyped-def]
    """Take off what an outage adds to nodes that others which still run take down as well."""
    edges, totals, _, _ = into
    year = year_of(start, edges)
    # Counted without sign: numba does not ask then whether they count from the end.
    first, last = np.uint64(nodes[row]), np.uint64(nodes[row + 1])
    if edges[0] <= start and year < totals.shape[0] and end <= edges[year + 1]:
        summed = totals[year]
        for at in range(first, last):
            node = np.uint64(nodes[at])
            until = down_until[node]
            summed[node] -= max(np.int64(0), min(end, until) - start)
            down_until[node] = max(end, until)
        number[WORK] += np.int64(last - first)
        return
    while year < totals.shape[0] and edges[year] < end:
        since, before = max(start, edges[year]), min(end, edges[year + 1])
        for at in range(first, last):
            node = np.uint64(nodes[at])
            totals[year, node] -= max(np.int64(0), min(before, down_until[node]) - since)
        year += 1
    _hold_down(row, end, nodes, down_until, number)


@njit(**PLAIN)
def _hold_down(row, end, nodes, down_until, number):  # type: ignore[no-untyped-def]
    """Note until when the nodes are down that an outage takes down."""
    for at in range(np.uint64(nodes[row]), np.uint64(nodes[row + 1])):
        node = np.uint64(nodes[at])
        down_until[node] = max(end, down_until[node])
    number[WORK] += nodes[row + 1] - nodes[row]


@njit(**PLAIN)
def take_off_listed(row, start, end, active, found, tables, over, listed, number, into):  # type: ignore[no-untyped-def]
    """The same by what an outage shares with each of those that run."""
    edges, totals, _, _ = into
    hit, nodes = tables[0], tables[1]
    number[WORK] += number[LISTED]
    for done in range(found):
        # Those that run longest first: what a shorter one would take off is off already.
        longest = done
        for at in range(done + 1, found):
            if active[END, over[0, at]] > active[END, over[0, longest]]:
                longest = at
        over[0, done], over[0, longest] = over[0, longest], over[0, done]
        shared = _shared(row, done, active, over, hit, nodes, listed)
        until = min(end, active[END, over[0, done]])
        year = year_of(start, edges)
        while shared and year < totals.shape[0] and edges[year] < until:
            length = min(until, edges[year + 1]) - max(start, edges[year])
            for at in range(shared):
                totals[year, listed[at]] -= length
            year += 1


@njit(**PLAIN)
def _shared(row, done, active, over, hit, nodes, listed):  # type: ignore[no-untyped-def]
    """List the nodes that two outages take down, and none of those before; how many.

    Listed first: to change every sum, most of them by nothing, takes three times as long.
    """
    few, many = row, active[ROW, over[0, done]]
    if nodes[few + 1] - nodes[few] > nodes[many + 1] - nodes[many]:
        few, many = many, few
    found = np.int64(0)
    for at in range(nodes[few], nodes[few + 1]):
        node = nodes[at]
        listed[found] = node
        found += np.int64(is_hit(hit, nodes, many, node))
    for before in range(done if found else 0):
        seen, kept = active[ROW, over[0, before]], np.int64(0)
        for at in range(found):
            node = listed[at]
            listed[kept] = node
            kept += np.int64(not is_hit(hit, nodes, seen, node))
        found = kept
    return found


@njit(**PLAIN)
def year_of(moment, edges):  # type: ignore[no-untyped-def]
    """Year of a moment; the first one for what lies before."""
    year = 0
    while year + 1 < edges.shape[0] and edges[year + 1] <= moment:
        year += 1
    return year
