"""Downtime by what outages reach: sums of lone lengths, set right where outages meet (W5).

A service's downtime is first taken as the sum of the lengths of all outages that take it down by
themselves. Two things set that right, both while outages are swept in the order of their starts:
a service that several of them take down at once is down once only; and what falls only with
several together is down although none of them takes it down. The latter is worked out afresh when
an outage begins or ends that could change it, from the gates at which the outages meet, upwards.
Everything is whole microseconds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from depgraph.engine.diagram import Array
from depgraph.engine.reach import UNMASKED, Reach, is_hit
from depgraph.engine.renewal import Outages

_MOST_ACTIVE = 1 << 12
"""Outages that may run at one time."""
_LEAST_WORK, _NODES_PER_WORK = 20, 100
"""What may be looked at per outage before evaluating words is quicker, as measured: so much, and
one more for so many nodes."""
_NONE, _BOTH, _JOINT, _ANY = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(3)
_FOREVER = np.int64(1 << 62)

_ACTIVE, _PAIRS, _WATCHED, _NODES, _SERVICES, _SINCE, _SPANS, _WIDE, _WORK, _MOST, _STAMP = range(
    11
)
"""What is counted while sweeping."""
_NUMBERS = 11
_SEEN, _FALLEN, _DOWN = range(3)
"""Marks of a node: looked at; fallen with several outages; taken down by one of them."""
_LARGEST_STAMP = 1 << 30
"""Stamps from which marks begin anew, before they can overflow."""
_WIDE_NODES = 256
"""Nodes up to which an outage's are marked one by one."""

_PLAIN: dict[str, Any] = {"cache": True, "_nrt": False}
"""For what makes no arrays: references to them are not counted, which took half the time."""


class Meetings:
    """Corrects sums of lone lengths on timelines of one estate.

    Parameters
    ----------
    reach : Reach
        What each component reaches.
    spanned : ndarray of bool
        Services whose downtime is wanted span by span as well.
    """

    def __init__(self, reach: Reach, spanned: Array) -> None:
        self._reach = reach
        self._spanned = spanned
        self._marks: Array = np.zeros((int(reach.users[0]) - 1, 4), np.int32)
        self.patience: int = _LEAST_WORK + (int(reach.users[0]) - 1) // _NODES_PER_WORK
        """What may be looked at per outage, on average, before it is given up."""
        self._number: Array = np.zeros(_NUMBERS, np.int64)

    def corrections(
        self, outages: Outages, order: Array, part: Array, edges: Array
    ) -> tuple[Array, Array] | None:
        """What to add to the sums of lone lengths; None if evaluating words is quicker.

        Parameters
        ----------
        outages : Outages
            Of the components, on one timeline.
        order : ndarray of int64
            Places of the outages by part and start.
        part : ndarray of int64
            Part of each component.
        edges : ndarray of int64
            Borders of the years [µs].

        Returns
        -------
        tuple or None
            Corrections by year and service [µs]; and the downtime that only several outages
            together cause, of services that are spanned: places, starts and ends [µs].
        """
        reach = self._reach
        if self._number[_STAMP] > _LARGEST_STAMP:
            self._marks[:], self._number[_STAMP] = 0, 0
        self._number[_MOST] = self.patience * (1_000 + len(order))
        totals: Array = np.zeros((len(edges) - 1, len(self._spanned)), np.int64)
        rows = np.repeat(np.arange(len(part), dtype=np.int32), np.diff(outages.offsets))
        spans = _sweep(
            (order, rows, outages.starts, outages.ends, part),
            (reach.gates, reach.users, reach.services_at),
            (reach.hit, reach.nodes, reach.falls, reach.services, reach.rank, reach.meets),
            (reach.redundant, reach.partial, reach.dense_at, reach.dense),
            (self._marks, self._number),
            (edges, totals, self._spanned),
        )
        return None if spans is None else (totals, spans)


@njit(cache=True)
def _sweep(outages, shape, reach, partly, room, into):  # type: ignore[no-untyped-def]  # numba infers types
    """Go through the outages in order; spans of joint downtime, or None when it takes too long."""
    order, rows, starts, ends, part = outages
    gates, users, services_at = shape
    hit, nodes, falls, services, rank, meets = reach
    redundant, partial, dense_at, dense = partly
    marks, number = room
    edges, totals, spanned = into
    number[:_MOST] = 0
    active = np.empty((3, _MOST_ACTIVE), np.int64)
    pairs = np.empty((2, _MOST_ACTIVE), np.int64)
    watched = np.empty((3, marks.shape[0]), np.int64)
    joint = np.empty(totals.shape[1], np.int64)
    over = np.empty(_MOST_ACTIVE, np.int64)
    spans = np.empty((64, 3), np.int64)
    current = np.int64(-1)
    for at in range(order.shape[0] + 1):
        # After the last one everything that still runs is seen to its end.
        if at < order.shape[0]:
            row, start, end = np.int64(rows[order[at]]), starts[order[at]], ends[order[at]]
        is_other = at == order.shape[0] or part[row] != current
        moment = _FOREVER if is_other else start
        while number[_PAIRS]:
            first = _first_to_end(moment, active, number)
            if first < 0:
                break
            gone, until = active[0, first], active[1, first]
            kept = _unpaired(gone, pairs, number)
            again = kept < number[_PAIRS] or _is_watched(gone, hit, nodes, marks, watched, number)
            if again:
                spans = _write_off(until, joint, number, spanned, spans, edges, totals)
            number[_PAIRS] = kept
            number[_ACTIVE] -= 1
            for part_of in range(3):
                active[part_of, first] = active[part_of, number[_ACTIVE]]
            if again and kept:
                number[_SINCE] = until
                _find_seeds(
                    pairs, gates, hit, nodes, redundant, partial, dense_at, dense, active, watched,
                    marks, number,
                )  # fmt: skip
                _find_joint(gates, users, services_at, hit, watched, marks, joint, number)
        _drop_ended(moment, active, number)
        if at == order.shape[0]:
            break
        current = part[row]
        found, before = 0, number[_PAIRS]
        for place in range(number[_ACTIVE]):
            other = active[2, place]
            how = (meets[rank[row], other >> 5] >> np.uint64(2 * (other & 31))) & _ANY
            if how:
                if how & _BOTH:
                    over[found] = place
                    found += 1
                if how & _JOINT and number[_PAIRS] < _MOST_ACTIVE:
                    pairs[0, number[_PAIRS]], pairs[1, number[_PAIRS]] = row, active[0, place]
                    number[_PAIRS] += 1
        if found:
            _take_off(over, found, row, start, end, falls, services, active, number, edges, totals)
        again = number[_PAIRS] > before
        if before and not again:
            again = _is_watched(row, hit, nodes, marks, watched, number)
        if again and before:
            spans = _write_off(start, joint, number, spanned, spans, edges, totals)
        active[0, number[_ACTIVE]], active[1, number[_ACTIVE]] = row, end
        active[2, number[_ACTIVE]] = rank[row]
        number[_ACTIVE] += 1
        number[_WORK] += number[_ACTIVE]
        if again:
            number[_SINCE] = start
            _find_seeds(
                    pairs, gates, hit, nodes, redundant, partial, dense_at, dense, active, watched,
                    marks, number,
                )  # fmt: skip
            _find_joint(gates, users, services_at, hit, watched, marks, joint, number)
        if max(number[_ACTIVE], number[_PAIRS]) == _MOST_ACTIVE or number[_WORK] > number[_MOST]:
            return None
    return spans[: number[_SPANS]]


@njit(**_PLAIN)
def _first_to_end(moment, active, number):  # type: ignore[no-untyped-def]
    """Place of the outage that ends first, until a moment; -1 if none does."""
    first = -1
    for place in range(number[_ACTIVE]):
        if active[1, place] <= moment and (first < 0 or active[1, place] < active[1, first]):
            first = place
    return first


@njit(**_PLAIN)
def _drop_ended(moment, active, number):  # type: ignore[no-untyped-def]
    """Drop the outages that end until a moment."""
    kept = 0
    for place in range(number[_ACTIVE]):
        if active[1, place] > moment:
            active[0, kept], active[1, kept] = active[0, place], active[1, place]
            active[2, kept] = active[2, place]
            kept += 1
    number[_ACTIVE] = kept


@njit(**_PLAIN)
def _unpaired(row, pairs, number):  # type: ignore[no-untyped-def]
    """Drop the pairs of an outage; how many are left."""
    kept = 0
    for pair in range(number[_PAIRS]):
        if pairs[0, pair] != row and pairs[1, pair] != row:
            pairs[0, kept], pairs[1, kept] = pairs[0, pair], pairs[1, pair]
            kept += 1
    return kept


@njit(**_PLAIN)
def _take_off(over, found, row, start, end, falls, services, active, number, edges, totals):  # type: ignore[no-untyped-def]
    """Take off what an outage adds to services that others which still run take down as well."""
    for done in range(found):
        # Those that run longest first: what a shorter one would take off is off already.
        longest = done
        for at in range(done + 1, found):
            if active[1, over[at]] > active[1, over[longest]]:
                longest = at
        over[done], over[longest] = over[longest], over[done]
        few, many = row, active[0, over[done]]
        until = min(end, active[1, over[done]])
        if services[few + 1] - services[few] > services[many + 1] - services[many]:
            few, many = many, few
        number[_WORK] += services[few + 1] - services[few]
        year = _year(start, edges)
        while year < totals.shape[0] and edges[year] < until:
            length = min(until, edges[year + 1]) - max(start, edges[year])
            for at in range(services[few], services[few + 1]):
                service = services[at]
                word, bit = service >> 6, np.uint64(service & 63)
                if ((falls[many, word] >> bit) & _BOTH) != _NONE:
                    shared = _BOTH
                    for before in range(done):
                        shared &= ~(falls[active[0, over[before]], word] >> bit)
                    totals[year, service] -= length * np.int64(shared)
            year += 1


@njit(cache=True)
def _write_off(moment, joint, number, spanned, spans, edges, totals):  # type: ignore[no-untyped-def]
    """Add the joint downtime since it was last worked out; room for spans, wider if need be."""
    since = number[_SINCE]
    year = _year(since, edges)
    while year < totals.shape[0] and edges[year] < moment:
        length = min(moment, edges[year + 1]) - max(since, edges[year])
        for at in range(number[_SERVICES]):
            totals[year, joint[at]] += length
        year += 1
    wider = spans
    if number[_SPANS] + number[_SERVICES] > spans.shape[0]:
        wider = np.empty((2 * spans.shape[0] + number[_SERVICES], 3), np.int64)
        for at in range(number[_SPANS]):
            for part in range(3):
                wider[at, part] = spans[at, part]
    for at in range(number[_SERVICES] if moment > since else 0):
        if spanned[joint[at]]:
            count = number[_SPANS]
            wider[count, 0], wider[count, 1], wider[count, 2] = joint[at], since, moment
            number[_SPANS] += 1
    return wider


@njit(**_PLAIN)
def _year(moment, edges):  # type: ignore[no-untyped-def]
    """Year of a moment; the first one for what lies before."""
    year = 0
    while year + 1 < edges.shape[0] and edges[year + 1] <= moment:
        year += 1
    return year


@njit(**_PLAIN)
def _is_watched(row, hit, nodes, marks, watched, number):  # type: ignore[no-untyped-def]
    """Whether joint downtime may change with an outage of a component."""
    few = nodes[row + 1] - nodes[row]
    is_short = few < number[_WATCHED]
    last = min(few, number[_WATCHED])
    at, found = 0, False
    while at < last and not found:
        if is_short:
            found = marks[nodes[nodes[row] + at], _SEEN] == number[_STAMP]
        else:
            found = is_hit(hit, row, watched[0, at])
        at += 1
    number[_WORK] += at
    return found


@njit(**_PLAIN)
def _find_seeds(  # type: ignore[no-untyped-def]
    pairs, gates, hit, nodes, redundant, partial, dense_at, dense, active, watched, marks, number
):
    """Gates that fall because outages meet there; joint downtime grows from them."""
    number[_STAMP] += 1
    number[_WATCHED], number[_NODES], number[_WIDE] = 0, 0, 0
    for place in range(number[_ACTIVE]):
        row = active[0, place]
        if nodes[row + 1] - nodes[row] > _WIDE_NODES:
            watched[2, number[_WIDE]] = row
            number[_WIDE] += 1
        else:
            for at in range(nodes[row], nodes[row + 1]):
                marks[nodes[at], _DOWN] = number[_STAMP]
    for pair in range(number[_PAIRS]):
        few, many = pairs[0, pair], pairs[1, pair]
        if partial[few + 1] - partial[few] > partial[many + 1] - partial[many]:
            few, many = many, few
        dense_row, beside = dense_at[many], partial[many]
        number[_WORK] += partial[few + 1] - partial[few]
        for at in range(partial[few], partial[few + 1]):
            place, mask, other = partial[at] >> 8, partial[at] & UNMASKED, np.int64(0)
            if dense_row >= 0:
                other = np.int64(dense[dense_row, place])
            else:
                while beside < partial[many + 1] and partial[beside] >> 8 < place:
                    beside += 1
                if beside < partial[many + 1] and partial[beside] >> 8 == place:
                    other = partial[beside] & UNMASKED
            is_known = (mask & ~other) != 0 and (other & ~mask) != 0
            if is_known or (mask == UNMASKED and other == UNMASKED):
                known, left = np.int64(0), mask | other if is_known else np.int64(0)
                while left:
                    left &= left - 1
                    known += 1
                _consider(redundant[place], known, gates, hit, watched, marks, number)


@njit(**_PLAIN)
def _find_joint(gates, users, services_at, hit, watched, marks, joint, number):  # type: ignore[no-untyped-def]
    """Work out which services are down although no outage takes them down by itself.

    Whatever is asked of an outage is watched: one that would answer alike changes nothing.
    """
    number[_SERVICES], done = 0, 0
    while done < number[_NODES]:
        node = watched[1, done]
        done += 1
        for at in range(users[node], users[node + 1]):
            _consider(users[at], 1, gates, hit, watched, marks, number)
        for at in range(services_at[node], services_at[node + 1]):
            joint[number[_SERVICES]] = services_at[at]
            number[_SERVICES] += 1


@njit(**_PLAIN)
def _consider(gate, known, gates, hit, watched, marks, number):  # type: ignore[no-untyped-def]
    """Note a gate that falls only with several outages together.

    `known` of its arguments are known to be down; if that is not enough, all are looked at.
    """
    at, last = gates[gate] + 1, gates[gate + 1]
    left = gates[gates[gate]]
    if known >= left:
        left = np.int64(0)
    if _is_down(gate, hit, watched, marks, number):
        left = np.int64(-1)
    while left > 0 and at < last:
        left -= np.int64(_is_down(gates[at], hit, watched, marks, number))
        at += 1
    if left == 0:
        marks[gate, _FALLEN] = number[_STAMP]
        watched[1, number[_NODES]] = gate
        number[_NODES] += 1


@njit(**_PLAIN)
def _is_down(node, hit, watched, marks, number):  # type: ignore[no-untyped-def]
    """Whether a node is down, with one outage or with several; it is watched from now on."""
    stamp = number[_STAMP]
    if marks[node, _SEEN] != stamp:
        marks[node, _SEEN] = stamp
        watched[0, number[_WATCHED]] = node
        number[_WATCHED] += 1
    number[_WORK] += 1 + number[_WIDE]
    down = (marks[node, _DOWN] == stamp) | (marks[node, _FALLEN] == stamp)
    word, bit = node >> 6, np.uint64(node & 63)
    by_wide = _NONE
    for place in range(number[_WIDE]):
        by_wide |= hit[watched[2, place], word] >> bit
    return down | ((by_wide & _BOTH) != _NONE)
