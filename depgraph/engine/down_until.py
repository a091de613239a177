"""Outages one after another, by until when each service is down (rules A2, W5).

A service's downtime is first taken as the sum of the lengths of all outages that take it down by
themselves. Two things set that right: what several of them take down at once is down once only,
and some services fall only with several together.

Outages are taken in the order of their starts, and what is kept of a node is until when those that
have begun hold it down. That is all there is to know: each of them lasts from now to its end, so a
component is down from now until the last of its outages ends, and a gate that falls with so many
of its arguments is down from now until fewer than that are left. Whatever is down now is up again
at one moment, which later outages can only put off. By how much they do tells what to add or to
take off. Nothing has to be asked about which outages run, and everything is whole microseconds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numba.core.options import DefaultOptions

from depgraph.engine.diagram import Array
from depgraph.engine.outage_order import ROOM, Parts, in_order
from depgraph.engine.reach import MASK_BITS, Reach
from depgraph.engine.renewal import Outages

_WORK, _SPANS, _DOWN_ALREADY = range(3)
"""What is counted: what is looked at, spans, and services that were down already."""
_OFTEN = 12
"""Of so many services that are looked at one is down already: from there on it is quicker to
change all sums, most of them by nothing, than to ask for each; as measured."""
_FIRST = 10_000
"""Outages for which may be looked at more than what is given to all."""
_MASK = np.int64((1 << MASK_BITS) - 1)
_NEVER = np.int64(-(1 << 62))
"""A moment before all others."""
_LEAST_WORK, _SERVICES_PER_WORK = 250, 2
"""What may be looked at per outage before evaluating words is quicker, as measured: so much, and
one more for so many services."""
_WEIGHING, _ADDING = 20, 3
"""What it costs to weigh a gate, and to add to a service that falls with a gate, in services that
an outage takes down; as measured."""
_UNCOUNTED = {"_nrt": False} if hasattr(DefaultOptions, "_nrt") else {}
_PLAIN: dict[str, Any] = {"cache": True, "nogil": True, **_UNCOUNTED}
"""For what makes no arrays: references to them are not counted, which takes time. The option is
numba's own; a version without it gives the same figures more slowly."""


class DownUntil:
    """Sets sums of lengths right, on timelines of one estate.

    Parameters
    ----------
    reach : Reach
        What each component reaches.
    spanned : ndarray of int64
        Services whose joint downtime is wanted span by span as well.
    """

    def __init__(self, reach: Reach, spanned: Array) -> None:
        self._reach = reach
        services, gates = reach.distinct, reach.redundant
        self._spanned: Array = np.zeros(services, np.bool_)
        self._spanned[reach.served[spanned]] = True
        self.patience: int = _LEAST_WORK + services // _SERVICES_PER_WORK
        """What may be looked at per outage, on average, before it is given up."""
        self.changes_all: bool = False
        """Whether sums of all services are changed; which of the two changes no figure."""
        self._number: Array = np.zeros(3, np.int64)
        self._until: tuple[Array, ...] = (
            np.empty(services, np.int64),
            np.empty(len(gates.gate), np.int64),
            np.empty(len(gates.falls), np.int64),
            np.empty(len(gates.falls), np.int64),
        )
        widest = int(np.diff(gates.first).max(initial=0))
        self._room: tuple[Array, Array] = (
            np.empty(len(gates.falls) + 1, np.int64),
            np.empty(widest, np.int64),
        )
        self._spans: Array = np.empty((64, 3), np.int64)
        self._swept: Array = np.empty((ROOM, 0), np.int64)

    def corrections(
        self, outages: Outages, parts: Parts, edges: Array
    ) -> tuple[Array, Array] | None:
        """What to add to the sums of lengths; None if evaluating words is quicker.

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
        tuple of ndarray of int64 or None
            Corrections, shape (years, services) [µs]; and what redundant gates add to the downtime
            of services that are spanned, shape (spans, 3): number of the service in
            `Reach.served`, start and end [µs], in no order.
        """
        reach, number, gates = self._reach, self._number, self._reach.redundant
        count = len(outages.starts)
        if count > self._swept.shape[1]:
            self._swept = np.empty((ROOM, count + count // 8), np.int64)
        swept = in_order(outages, parts, self._swept)
        while True:
            number[:] = 0
            totals: Array = np.zeros((len(edges) - 1, len(self._spanned)), np.int64)
            is_done = _sweep(
                (swept.rows, swept.starts, swept.ends),
                parts.part,
                (reach.components, reach.services, reach.touched, reach.touched_wide),
                (gates.falls, gates.first, gates.gate),
                self._until,
                (number, *self._room),
                (self.patience, self.changes_all),
                (edges, totals, self._spanned, self._spans),
            )
            if not is_done:
                return None
            self.changes_all |= bool(_OFTEN * number[_DOWN_ALREADY] > number[_WORK])
            if number[_SPANS] <= len(self._spans):
                return totals[:, reach.served], self._spans[: number[_SPANS]].copy()
            self._spans = np.empty((2 * int(number[_SPANS]), 3), np.int64)


@njit(**_PLAIN)
def _sweep(outages, part, lists, gates, until, room, way, into):  # type: ignore[no-untyped-def]  # numba infers types
    """Take the outages one after another; false when it takes too long."""
    rows, starts, ends = outages
    number, edges, years = room[0], into[0], into[1].shape[0]
    has_gates = gates[0].shape[0] > 0
    for each in until:
        each[:] = _NEVER
    year, current = 0, np.int64(-1)
    running = lone = lone_start = lone_end = _NEVER
    for at in range(rows.shape[0]):
        row, start, end = rows[at], starts[at], ends[at]
        if part[row] != current:
            current, running, lone, year = part[row], _NEVER, _NEVER, 0
        if running <= start:
            # Of an outage that nothing else overlaps nothing has to be kept.
            running, lone, lone_start, lone_end = end, row, start, end
            continue
        if lone != _NEVER:
            _hold_down(lone, lone_end, lists[1], until[0])
            if has_gates:
                _touch(lone, lone_start, lone_end, 0, lists, gates, until, room)
            lone = _NEVER
        while year + 1 < years and edges[year + 1] <= start:
            year += 1
        running = max(end, running)
        _take_off(row, start, end, year, way[1], lists[1], until[0], number, into)
        number[_WORK] += lists[1][row + 1] - lists[1][row]
        if has_gates:
            fallen = _touch(row, start, end, 0, lists, gates, until, room)
            if fallen > 0:
                _follow(fallen, start, year, lists, gates, until, room, into)
        if number[_WORK] > way[0] * (_FIRST + at):
            return False
    return True


@njit(**_PLAIN)
def _follow(fallen, start, year, lists, gates, until, room, into):  # type: ignore[no-untyped-def]
    """Take down what falls with redundant gates that have fallen, and with those that fall then."""
    components, services = lists[0], lists[1]
    number, waiting, _ = room
    while fallen > 0:
        fallen -= 1
        gate = waiting[fallen]
        end, cause = until[2][gate], components + gate
        _add_joint(cause, start, end, year, services, until[0], number, into)
        fallen = _touch(cause, start, end, fallen, lists, gates, until, room)
        number[_WORK] += _WEIGHING + _ADDING * (services[cause + 1] - services[cause])


@njit(**_PLAIN)
def _hold_down(cause, end, services, until):  # type: ignore[no-untyped-def]
    """Keep what falls with a cause down until its end."""
    for at in range(np.uint64(services[cause]), np.uint64(services[cause + 1])):
        service = np.uint64(services[at])
        until[service] = max(end, until[service])


@njit(**_PLAIN, forceinline=True)
def _take_off(cause, start, end, year, changes_all, services, until, number, into):  # type: ignore[no-untyped-def]
    """The same; take off what an outage adds to services that are down already."""
    edges, totals, _, _ = into
    if year < totals.shape[0] and edges[year] <= start and end <= edges[year + 1]:
        # Counted without sign: numba does not ask then whether they count from the end.
        first, last = np.uint64(services[cause]), np.uint64(services[cause + 1])
        summed, found = totals[year], np.int64(0)
        if changes_all:
            for at in range(first, last):
                service = np.uint64(services[at])
                before = until[service]
                until[service] = max(end, before)
                summed[service] -= max(np.int64(0), min(end, before) - start)
        else:
            for at in range(first, last):
                service = np.uint64(services[at])
                before = until[service]
                until[service] = max(end, before)
                if before > start:
                    summed[service] -= min(end, before) - start
                    found += 1
        number[_DOWN_ALREADY] += found
    else:
        for at in range(services[cause], services[cause + 1]):
            service = services[at]
            _add(-1, service, start, min(end, until[service]), year, edges, totals)
        _hold_down(cause, end, services, until)


@njit(**_PLAIN)
def _add_joint(cause, start, end, year, services, until, number, into):  # type: ignore[no-untyped-def]
    """Keep what falls with a gate down until its end; add what that adds, and list it."""
    edges, totals, spanned, spans = into
    for at in range(services[cause], services[cause + 1]):
        service = services[at]
        since = max(start, until[service])
        if since < end:
            until[service] = end
            _add(1, service, since, end, year, edges, totals)
            if spanned[service]:
                # Spans without room are counted.
                count = number[_SPANS]
                if count < spans.shape[0]:
                    spans[count, 0], spans[count, 1], spans[count, 2] = service, since, end
                number[_SPANS] += 1


@njit(**_PLAIN)
def _add(sign, service, start, end, year, edges, totals):  # type: ignore[no-untyped-def]
    """Add or take off a span, year by year."""
    while year < totals.shape[0] and edges[year] < end:
        since, until = max(start, edges[year]), min(end, edges[year + 1])
        if since < until:
            totals[year, service] += sign * (until - since)
        year += 1


@njit(**_PLAIN, forceinline=True)
def _touch(cause, start, end, fallen, lists, gates, until, room):  # type: ignore[no-untyped-def]
    """Keep arguments of redundant gates down until the end of a cause; how many gates wait then.

    Of a gate with few arguments one word is kept: until when any of them is down, and which ones
    the cause that lasts longest takes down. Only where causes meet, each argument is looked at.
    """
    touched, wide, latest = lists[2], lists[3], until[3]
    now, last = (start << MASK_BITS) | _MASK, end << MASK_BITS
    for at in range(np.uint64(touched[cause]), np.uint64(touched[cause + 1])):
        entry = np.int64(touched[at])
        gate = np.uint64(entry >> MASK_BITS)
        word = last | (entry & _MASK)
        if latest[gate] > now:
            fallen = _meet(np.int64(gate), start, word, fallen, gates, until, room)
        else:
            latest[gate] = word
    room[0][_WORK] += touched[cause + 1] - touched[cause] + wide[cause + 1] - wide[cause]
    for at in range(wide[cause], wide[cause + 1]):
        fallen = _touch_wide(wide[at], start, end, fallen, gates, until, room)
    return fallen


@njit(**_PLAIN)
def _meet(gate, start, word, fallen, gates, until, room):  # type: ignore[no-untyped-def]
    """Touch a gate of which arguments are down already."""
    before = until[3][gate]
    _hold_slots(gate, before, gates, until)
    _hold_slots(gate, word, gates, until)
    until[3][gate] = max(before, word)
    return _weigh(gate, start, fallen, gates, until, room)


@njit(**_PLAIN)
def _hold_slots(gate, word, gates, until):  # type: ignore[no-untyped-def]
    """Keep the arguments in a mask down until the end beside it."""
    of_slot, slot = until[1], gates[1][gate]
    end, mask = word >> MASK_BITS, word & _MASK
    while mask:
        if mask & 1:
            of_slot[slot] = max(end, of_slot[slot])
        mask >>= 1
        slot += 1


@njit(**_PLAIN)
def _touch_wide(slot, start, end, fallen, gates, until, room):  # type: ignore[no-untyped-def]
    """Keep an argument of a gate with many of them down until the end of a cause."""
    of_slot, latest = until[1], until[3]
    gate = gates[2][slot]
    of_slot[slot] = max(end, of_slot[slot])
    before = latest[gate]
    latest[gate] = max(end, before)
    return _weigh(gate, start, fallen, gates, until, room) if before > start else fallen


@njit(**_PLAIN)
def _weigh(gate, start, fallen, gates, until, room):  # type: ignore[no-untyped-def]
    """Let a gate wait to be followed upwards if it is down for longer now; how many wait then."""
    of_gate, waiting = until[2], room[1]
    held = _held_until(gate, start, gates, until[1], room)
    if held > max(start, of_gate[gate]):
        is_new = True
        for at in range(fallen if of_gate[gate] > start else 0):
            is_new = is_new and waiting[at] != gate
        of_gate[gate] = held
        if is_new:
            waiting[fallen] = gate
            fallen += 1
    return fallen


@njit(**_PLAIN)
def _held_until(gate, start, gates, of_slot, room):  # type: ignore[no-untyped-def]
    """Until when enough arguments of a gate are down that it is; `_NEVER` if they are not now."""
    falls, first, _ = gates
    number, _, ends = room
    running = np.int64(0)
    for slot in range(first[gate], first[gate + 1]):
        ends[running] = of_slot[slot]
        running += np.int64(of_slot[slot] > start)
    number[_WORK] += _WEIGHING + first[gate + 1] - first[gate]
    if running < falls[gate]:
        return _NEVER
    # It is down until so many are left over that they are not enough.
    enough = running - falls[gate] + 1
    for done in range(enough):
        least = done
        for at in range(done + 1, running):
            if ends[at] < ends[least]:
                least = at
        ends[done], ends[least] = ends[least], ends[done]
    number[_WORK] += running * (enough - 1)
    return ends[enough - 1]
