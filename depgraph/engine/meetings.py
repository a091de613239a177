"""Downtime by what outages reach: sums of lone lengths, set right where outages meet (W5).

A service's downtime is first taken as the sum of the lengths of all outages that take it down by
themselves. Two things set that right, both while outages are swept in the order of their starts:
a service that several of them take down at once is down once only (`overlaps`); and what falls only
with several together is down although none of them takes it down. What two take down together is
known (`known_pairs`). Where that does not tell, what is down is worked out afresh when an outage
begins or ends that could change it. Everything is whole microseconds.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from depgraph.engine.diagram import Array
from depgraph.engine.joint_outages import (
    ACTIVE,
    ASKED_IN_ALL,
    FIRST_END,
    FOREVER,
    HELD,
    HELD_BEFORE,
    IS_FULL,
    IS_JOINED,
    LISTED,
    LISTED_IN_ALL,
    MARKS,
    MOST,
    NODES,
    NOTED_IN_ALL,
    NUMBERS,
    PAIRS,
    PLAIN,
    SINCE,
    SPANS,
    STAMP,
    UNNOTED,
    WORK,
    is_watched,
)
from depgraph.engine.known_pairs import (
    FACTS,
    find_joint,
    forget_pairs,
    is_held,
    room_for_pairs,
    stand_alone,
)
from depgraph.engine.outage_order import ROOM, Parts, in_order
from depgraph.engine.overlaps import note_downtime, take_off_listed, take_off_noted, year_of
from depgraph.engine.reach import Reach
from depgraph.engine.renewal import Outages
from depgraph.engine.touched_gates import (
    END,
    IS_UNNOTED,
    JOINT,
    ROW,
    RUNNING_FIELDS,
    SIZE,
    meeting_there,
    touch,
)

_MOST_ACTIVE = 1 << 12
"""Outages that may run at one time."""
_LEAST_WORK, _NODES_PER_WORK = 40, 50
"""What may be looked at per outage before evaluating words is quicker, as measured: so much, and
one more for so many nodes."""
_BOTH, _ANY = 1, np.uint64(3)
_LISTING_COSTS = 3
"""What it costs to look up a node that two outages may share, in nodes whose end is noted."""
_LISTED_COSTS = 1.5
"""What it costs on average to look up a node, in nodes whose end is noted; as measured."""
_ASKING_COSTS = 2
"""What it costs to ask whether two outages meet, in nodes whose end is noted; as measured."""
_FIELDS = 5
"""Of a pair: one, other, end, since when it is not added yet, where it stands among known ones."""
_LARGEST_STAMP = 1 << 30
"""Stamps from which marks begin anew, before they can overflow."""


class Meetings:
    """Corrects sums of lone lengths on timelines of one estate.

    Parameters
    ----------
    reach : Reach
        What each component reaches.
    spanned : ndarray of int64
        Nodes whose downtime is wanted span by span as well.
    """

    def __init__(self, reach: Reach, spanned: Array) -> None:
        self._reach = reach
        nodes = int(reach.users[0]) - 1
        self._spanned: Array = np.zeros(nodes, np.bool_)
        self._spanned[spanned] = True
        self._marks: Array = np.zeros((nodes, MARKS), np.int32)
        self.patience: int = _LEAST_WORK + nodes // _NODES_PER_WORK
        """What may be looked at per outage, on average, before it is given up."""
        self.number: Array = np.zeros(NUMBERS, np.int64)
        """What is counted while outages are swept, as named in `joint_outages`."""
        self._known = room_for_pairs(int(reach.nodes[0]) - 1, 2 * nodes)
        self._room: tuple[Array, ...] = (
            np.empty((RUNNING_FIELDS, _MOST_ACTIVE), np.int64),
            np.empty((_FIELDS, _MOST_ACTIVE), np.int64),
            np.empty((2, _MOST_ACTIVE), np.int64),
            np.empty((2, nodes), np.int64),
            np.empty(nodes + 1, np.int32),
        )
        self._down_until: Array = np.empty(nodes, np.int64)
        self._gates: tuple[Array, Array] = (
            np.empty(len(reach.redundant), np.int64),
            np.empty(len(reach.redundant) + 1, np.int64),
        )
        self.notes: bool = not len(reach.meets)
        """Whether it is noted at once until when nodes are down and gates touched; which of the two
        changes no figure."""
        self._spans: Array = np.empty((64, 3), np.int64)
        self._swept: Array = np.empty((ROOM, 0), np.int64)

    def corrections(
        self, outages: Outages, parts: Parts, edges: Array
    ) -> tuple[Array, Array] | None:
        """What to add to the sums of lone lengths; None if evaluating words is quicker.

        Parameters
        ----------
        outages : Outages
            Of the components, on one timeline.
        parts : Parts
            Of these components.
        edges : ndarray of int64
            Borders of the years [µs].

        Returns
        -------
        tuple or None
            Corrections by year and node [µs]; and the downtime that only several outages together
            cause, of nodes that are spanned: nodes, starts and ends [µs].
        """
        reach, number = self._reach, self.number
        if max(number[STAMP], number[HELD]) > _LARGEST_STAMP:
            self._marks[:], number[STAMP], number[HELD] = 0, 0, 0
        count = len(outages.starts)
        if count > self._swept.shape[1]:
            self._swept = np.empty((ROOM, count + count // 8), np.int64)
        swept = in_order(outages, parts, self._swept)
        while True:
            number[MOST] = self.patience * (1_000 + count)
            totals: Array = np.zeros((len(edges) - 1, len(self._spanned)), np.int64)
            is_done = _sweep(
                (swept.rows, swept.starts, swept.ends),
                parts.part,
                (reach.gates, reach.users, reach.redundant),
                (
                    reach.hit,
                    reach.nodes,
                    reach.partial,
                    reach.dense_at,
                    reach.dense,
                    self._down_until,
                ),
                reach.meets,
                self._known,
                (self._marks, number, *self._room, self._gates, self.notes),
                (edges, totals, self._spanned, self._spans),
            )
            if not is_done:
                return None
            looked_up = _LISTED_COSTS * number[LISTED_IN_ALL]
            looked_up += _ASKING_COSTS * number[ASKED_IN_ALL]
            self.notes |= bool(number[NOTED_IN_ALL] < looked_up)
            if number[SPANS] <= len(self._spans):
                return totals, self._spans[: number[SPANS]].copy()
            self._spans = np.empty((2 * int(number[SPANS]), 3), np.int64)


@njit(**PLAIN)
def _sweep(outages, part, shape, tables, meets, known, room, into):  # type: ignore[no-untyped-def]  # numba infers types
    """Go through the outages in order; false when it takes too long."""
    rows, starts, ends = outages
    nodes, partial, down_until = tables[1], tables[2], tables[5]
    _, number, active, pairs, over, _, listed, (touched, met), always = room
    number[WORK], number[ACTIVE], number[PAIRS], number[IS_JOINED], number[SPANS] = 0, 0, 0, 0, 0
    down_until[:], touched[:] = -FOREVER, -FOREVER
    number[LISTED_IN_ALL], number[NOTED_IN_ALL], number[ASKED_IN_ALL] = 0, 0, 0
    current = np.int64(-1)
    for at in range(rows.shape[0]):
        row, start, end = rows[at], starts[at], ends[at]
        is_other = part[row] != current
        if number[PAIRS]:
            _see_ends(FOREVER if is_other else start, shape, tables, known, room, into)
        if is_other:
            number[ACTIVE], current = 0, part[row]
        before = number[PAIRS]
        if before == 0:
            number[IS_JOINED], number[HELD_BEFORE], number[FIRST_END] = 0, number[HELD], FOREVER
        own = np.int64(nodes[row + 1] - nodes[row])
        _drop_ended(start, active, number)
        found, is_noted = np.int64(0), always and number[ACTIVE] > 0
        if is_noted:
            note_downtime(active, tables, touched, met, number)
            gates = touch(row, start, end, partial, touched, met)
            if gates:
                found = meeting_there(gates, active, partial, met, over, number)
        elif number[ACTIVE]:
            found = _overlapping(row, own, active, meets, over, number)
            number[LISTED_IN_ALL] += number[LISTED]
            number[NOTED_IN_ALL] += own + partial[row + 1] - partial[row]
            number[ASKED_IN_ALL] += number[ACTIVE]
        if found:
            found = _paired(row, start, end, active, over, found, pairs, number)
        if not is_noted and (
            own + number[UNNOTED] < _LISTING_COSTS * number[LISTED] or number[PAIRS] > 0
        ):
            is_noted = True
            note_downtime(active, tables, touched[:0], met, number)
        if is_noted:
            take_off_noted(row, start, end, nodes, down_until, number, into)
        elif found:
            take_off_listed(row, start, end, active, found, tables, over, listed, number, into)
        place = number[ACTIVE]
        active[ROW, place], active[END, place] = row, end
        active[SIZE, place], active[IS_UNNOTED, place] = own, np.int64(not is_noted)
        number[ACTIVE] += 1
        number[WORK] += number[ACTIVE]
        if number[PAIRS]:
            _see_start(row, start, before, shape, tables, known, room, into)
        if max(number[ACTIVE], number[PAIRS]) == _MOST_ACTIVE or number[WORK] > number[MOST]:
            return False
    if number[PAIRS]:
        _see_ends(FOREVER, shape, tables, known, room, into)
    return True


@njit(**PLAIN)
def _see_ends(moment, shape, tables, known, room, into):  # type: ignore[no-untyped-def]
    """Follow pairs to their ends, until a moment."""
    marks, number, active, pairs, _, watched, _, _, _ = room
    while number[PAIRS] and number[IS_JOINED]:
        first = _first_to_end(moment, active, number)
        if first < 0:
            break
        gone, until = active[ROW, first], active[END, first]
        kept = _unpaired(gone, pairs, number)
        again = kept < number[PAIRS] or is_watched(
            gone, tables[0], tables[1], marks, watched, number
        )
        if again:
            _write(watched[1], 0, number[NODES], number[SINCE], until, number, into)
        number[PAIRS] = kept
        number[ACTIVE] -= 1
        for field in range(RUNNING_FIELDS):
            active[field, first] = active[field, number[ACTIVE]]
        if again and kept:
            # Perhaps those that are left stand alone again.
            number[HELD_BEFORE] = number[HELD]
            if stand_alone(0, until, pairs, shape, tables, known, watched, marks, number):
                _set_apart(until, pairs, number)
            else:
                find_joint(until, pairs, shape, tables, known, watched, marks, number)
    if number[PAIRS] and not number[IS_JOINED] and number[FIRST_END] <= moment:
        _settle(moment, pairs, known[1], number, into)
    if number[PAIRS] == 0 and number[IS_FULL]:
        forget_pairs(known[0], number)


@njit(**PLAIN)
def _see_start(row, start, before, shape, tables, known, room, into):  # type: ignore[no-untyped-def]
    """See to pairs when an outage has begun; those from `before` on are its own."""
    marks, number, _, pairs, _, watched, _, _, _ = room
    hit, nodes = tables[0], tables[1]
    if number[IS_JOINED]:
        if number[PAIRS] == before and not is_watched(row, hit, nodes, marks, watched, number):
            return
        _write(watched[1], 0, number[NODES], number[SINCE], start, number, into)
    else:
        is_apart = before == 0 or not is_held(
            row, before, pairs, known[1], hit, nodes, marks, number
        )
        if is_apart and stand_alone(
            before, start, pairs, shape, tables, known, watched, marks, number
        ):
            return
        _write_pairs(before, start, pairs, known[1], number, into)
        number[IS_JOINED] = 1
    find_joint(start, pairs, shape, tables, known, watched, marks, number)


@njit(**PLAIN)
def _drop_ended(start, active, number):  # type: ignore[no-untyped-def]
    """Drop outages that have ended; count what those that are left take down and is not noted."""
    kept, unnoted = np.int64(0), np.int64(0)
    for place in range(number[ACTIVE]):
        until, size = active[END, place], active[SIZE, place]
        is_unnoted = active[IS_UNNOTED, place]
        # Written in any case: what can be foreseen costs nothing, a wrong guess much.
        active[ROW, kept], active[END, kept] = active[ROW, place], until
        active[SIZE, kept], active[IS_UNNOTED, kept] = size, is_unnoted
        runs = np.int64(until > start)
        unnoted += runs * size * is_unnoted
        kept += runs
    number[ACTIVE], number[UNNOTED], number[LISTED] = kept, unnoted, 0


@njit(**PLAIN)
def _overlapping(row, own, active, meets, over, number):  # type: ignore[no-untyped-def]
    """Note which of the outages that run meet one, and how. How many do."""
    found, listed = np.int64(0), np.int64(0)
    for place in range(number[ACTIVE]):
        other = active[ROW, place]
        how = np.int64((meets[row, other >> 5] >> np.uint64(2 * (other & 31))) & _ANY)
        over[0, found], over[1, found] = place, how
        found += np.int64(how != 0)
        listed += (how & _BOTH) * min(own, active[SIZE, place])
    number[LISTED] = listed
    return found


@njit(**PLAIN)
def _paired(row, start, end, active, over, found, pairs, number):  # type: ignore[no-untyped-def]
    """Note the pairs that meet at a gate; how many take a service down both."""
    both = 0
    for at in range(found):
        place, how = over[0, at], over[1, at]
        if how & JOINT and number[PAIRS] < _MOST_ACTIVE:
            pair, until = number[PAIRS], min(end, active[END, place])
            pairs[0, pair], pairs[1, pair], pairs[2, pair] = row, active[ROW, place], until
            pairs[3, pair], pairs[4, pair] = start, -1
            number[FIRST_END] = min(number[FIRST_END], until)
            number[PAIRS] += 1
        over[0, both] = place
        both += how & _BOTH
    return both


@njit(**PLAIN)
def _settle(moment, pairs, pool, number, into):  # type: ignore[no-untyped-def]
    """Add what pairs that stand alone took down, of those that end until a moment."""
    kept = 0
    number[FIRST_END] = FOREVER
    for pair in range(number[PAIRS]):
        until = pairs[2, pair]
        if until <= moment:
            first = pairs[4, pair] + FACTS
            _write(pool, first, first + pool[first - FACTS], pairs[3, pair], until, number, into)
        else:
            number[FIRST_END] = min(number[FIRST_END], until)
            for field in range(_FIELDS):
                pairs[field, kept] = pairs[field, pair]
            kept += 1
    number[PAIRS] = kept


@njit(**PLAIN)
def _write_pairs(count, until, pairs, pool, number, into):  # type: ignore[no-untyped-def]
    """Add what the first pairs, which stood alone, took down until a moment."""
    for pair in range(count):
        first = pairs[4, pair] + FACTS
        _write(pool, first, first + pool[first - FACTS], pairs[3, pair], until, number, into)


@njit(**PLAIN)
def _first_to_end(moment, active, number):  # type: ignore[no-untyped-def]
    """Place of the outage that ends first, until a moment; -1 if none does."""
    first = -1
    for place in range(number[ACTIVE]):
        if active[END, place] <= moment and (first < 0 or active[END, place] < active[END, first]):
            first = place
    return first


@njit(**PLAIN)
def _unpaired(row, pairs, number):  # type: ignore[no-untyped-def]
    """Drop the pairs of an outage; how many are left."""
    kept = 0
    for pair in range(number[PAIRS]):
        if pairs[0, pair] != row and pairs[1, pair] != row:
            for field in range(_FIELDS):
                pairs[field, kept] = pairs[field, pair]
            kept += 1
    return kept


@njit(**PLAIN)
def _set_apart(moment, pairs, number):  # type: ignore[no-untyped-def]
    """Let pairs stand alone from a moment on."""
    number[IS_JOINED], number[FIRST_END] = 0, FOREVER
    for pair in range(number[PAIRS]):
        pairs[3, pair] = moment
        number[FIRST_END] = min(number[FIRST_END], pairs[2, pair])


@njit(**PLAIN)
def _write(listed, first, last, since, until, number, into):  # type: ignore[no-untyped-def]
    """Add joint downtime of listed nodes; spans that find no room are counted."""
    edges, totals, spanned, spans = into
    year = year_of(since, edges)
    while year < totals.shape[0] and edges[year] < until:
        length = min(until, edges[year + 1]) - max(since, edges[year])
        for at in range(first, last):
            totals[year, listed[at]] += length
        year += 1
    for at in range(first, last if until > since else first):
        if spanned[listed[at]]:
            count = number[SPANS]
            if count < spans.shape[0]:
                spans[count, 0], spans[count, 1], spans[count, 2] = listed[at], since, until
            number[SPANS] += 1
