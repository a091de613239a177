"""Downtime of every service on a simulated timeline, 64 intervals in one machine word (rule W5).

A window of the timeline is cut at every instant at which a component fails or is restored; between
two cuts nothing changes. Each node of the gates has one bit per interval, set where it is down,
and a summary bit per word, set where the word is not zero. Work is done where something is down:
empty words are not visited, nodes without a failing argument not at all, and a node with a single
failing argument is that one's row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numba import njit

from depgraph.engine.diagram import Array
from depgraph.engine.renewal import Outages, Renewal
from depgraph.engine.situations import WORD, flat_gates
from depgraph.engine.structure import Structure
from depgraph.engine.votes import FEW, PLANES, count_bits, counts_reach

_MOST_EDGES = 1 << 15
"""Changes of one window: so many numbers fit beside times of a whole block in one word."""
_USUAL_EDGES = 20_000
_CROWD = 16
"""Changes within a window, by what there is room for, above which they are not sorted first."""
_WORDS_IN_CACHE = 1 << 21
_FEWEST_WORDS, _MOST_WORDS = 16, 320
_SIX = np.uint64(6)
_LINE, _IN_LINE = 8, np.uint64(0xFF)
"""Words of a line of the processor's own memory."""
_ZERO, _ONE = np.uint64(0), np.uint64(1)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
_TOP_SIX = np.uint64(58)


def _bit_places() -> Array:
    """Place of the lowest bit by its product with the de Bruijn number."""
    table = np.zeros(64, np.int64)
    for place in range(64):
        table[((int(_DE_BRUIJN) << place) & int(_ALL)) >> 58] = place
    return table


_PLACE = _bit_places()


@dataclass(frozen=True)
class Downtime:
    """Downtime on one timeline.

    Attributes
    ----------
    totals : ndarray of int64, shape (years, services)
        Downtime of each service in each year [µs].
    spans : tuple of (ndarray, ndarray)
        For each service that was asked for, starts and ends of its downtime [µs], in order.
    """

    totals: Array
    spans: tuple[tuple[Array, Array], ...]


@dataclass(frozen=True)
class WordGates:
    """Gates that services rest on, as arrays that can be sent to another process.

    Attributes
    ----------
    gates : tuple of ndarray of int64
        As from `flat_gates`.
    variables : ndarray of int64
        Node of each failing component, in the order of its processes.
    services : ndarray of int64
        Node of each service, in the order of the structure.
    spanned : ndarray of int64
        Nodes of services whose downtime is wanted span by span as well.
    """

    gates: tuple[Array, Array, Array]
    variables: Array
    services: Array
    spanned: Array


def word_gates(structure: Structure, renewal: Renewal, spans_of: Sequence[str] = ()) -> WordGates:
    """Compile an estate for `DowntimeWords`.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    renewal : Renewal
        Which components fail, in the order of the outages.
    spans_of : sequence of str
        Services whose downtime is wanted span by span as well.
    """
    kept = _needed(structure)
    place = np.full(len(structure.gates.need), -1, np.int64)
    place[kept] = np.arange(len(kept))
    return WordGates(
        gates=flat_gates(structure.gates, kept),
        variables=place[renewal.variables],
        services=place[np.array(list(structure.up.values()), np.int64)],
        spanned=place[np.array([structure.up[s] for s in spans_of], np.int64)],
    )


class _Changes(NamedTuple):
    """What changes within a window."""

    after: Array
    """Place of each component in its outages, behind the window."""
    rows: Array
    """Component of each outage."""
    times: Array
    """Moments at which anything changes, first the start of the window, last its end [µs]."""
    place: Array
    """Moment at which each outage begins and ends, in turn."""

    @property
    def moments(self) -> int:
        """Intervals between them."""
        return len(self.times) - 1


class DowntimeWords:
    """Evaluates one compiled estate on timelines of outages.

    Parameters
    ----------
    compiled : WordGates
        The estate.
    """

    def __init__(self, compiled: WordGates) -> None:
        self._gates = compiled.gates
        self._variables = compiled.variables
        self._services = compiled.services
        self._spanned = compiled.spanned
        nodes = len(self._gates[0])
        self._usual_words = min(
            _MOST_WORDS, max(_FEWEST_WORDS, _WORDS_IN_CACHE // nodes), _USUAL_EDGES // 64
        )
        words = min(_MOST_EDGES // WORD, 2 * self._usual_words)
        self._row: Array = np.empty(nodes, np.int64)
        self._down: Array = np.zeros((nodes, words), np.uint64)
        self._summary: Array = np.zeros((nodes, -(-words // 64)), np.uint64)
        self._done: Array = np.empty(nodes, np.int64)

    def downtime(self, outages: Outages, length: int, edges: Array, first: int = 0) -> Downtime:
        """Downtime of the services on one timeline.

        Parameters
        ----------
        outages : Outages
            Of the components; cut off at `length`.
        length : int
            Length of the timeline [µs].
        edges : ndarray of int64
            Borders of the years, one more than years, rising, within the timeline [µs].
        first : int
            Before which no outage is [µs].
        """
        totals: Array = np.zeros((len(edges) - 1, len(self._services)), np.int64)
        found: list[tuple[Array, Array, Array]] = []
        at = outages.offsets[:-1].copy()
        for start, end in self._windows(outages, first, length):
            self._window(outages, (start, end), at, edges, (totals, found))
        return Downtime(totals, _by_row(len(self._spanned), found))

    def _windows(self, outages: Outages, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Stretches that hold about as many changes as there is room for."""
        parts = max(1, -(-2 * len(outages.starts) // (64 * self._usual_words)))
        borders = [first + (last - first) * part // parts for part in range(parts + 1)]
        yield from pairwise(borders)

    def _window(
        self,
        outages: Outages,
        window: tuple[int, int],
        at: Array,
        edges: Array,
        into: tuple[Array, list[tuple[Array, Array, Array]]],
    ) -> None:
        """Evaluate one window, in halves where it holds too many moments of change."""
        start, end = window
        inner = edges[(edges > start) & (edges < end)]
        room = WORD * self._down.shape[1]
        changes = self._changes(outages, at, window, inner, room)
        if changes is None:
            # Many may be down all the while, or change at one moment.
            all_of_them, within = _counted(
                (outages.offsets, outages.starts, outages.ends), at, window
            )
            if within <= _CROWD * room:
                changes = self._changes(outages, at, window, inner, 2 * all_of_them + len(inner))
        if changes is None or changes.moments > room:
            middle = (start + end) // 2
            self._window(outages, (start, middle), at, edges, into)
            self._window(outages, (middle, end), at, edges, into)
            return
        at[:] = changes.after
        self._evaluated(changes, window, edges, into)

    @staticmethod
    def _changes(
        outages: Outages, at: Array, window: tuple[int, int], inner: Array, room: int
    ) -> _Changes | None:
        """Changes within a window in order of time; None where they are more than there is room."""
        bits = max(1, room - 1).bit_length()
        if (window[1] - window[0]).bit_length() + bits > WORD:
            return None
        packed = np.empty(room, np.uint64)
        rows = np.empty(room // 2, np.int64)
        after = at.copy()
        known = outages.offsets, outages.starts, outages.ends
        number = _packed_changes(known, after, window, (packed, rows), (inner, np.uint64(bits)))
        if number < 0:
            return None
        packed = packed[:number]
        packed.sort()
        times, place = np.empty(number + 2, np.int64), np.empty(number, np.int64)
        moments = _moments(packed, window, np.uint64(bits), times, place)
        return _Changes(after, rows[: (number - len(inner)) // 2], times[: moments + 1], place)

    def _evaluated(
        self,
        changes: _Changes,
        window: tuple[int, int],
        edges: Array,
        into: tuple[Array, list[tuple[Array, Array, Array]]],
    ) -> None:
        """Who is down in which interval of a window, and for how long."""
        times = changes.times
        state = self._row, self._down, self._summary
        _enter_outages(self._variables[changes.rows], changes.place, state)
        _evaluate(*self._gates, state, -(-changes.moments // WORD))
        totals, found = into
        first = max(0, int(np.searchsorted(edges, window[0], "right")) - 1)
        last = int(np.searchsorted(edges, window[1], "left"))
        if last > first:
            year_at = np.searchsorted(times[:-1], edges[first : last + 1])
            years = totals[first:last]
            _measure(self._services, state, (times, year_at), years, self._done)
        if len(self._spanned):
            found.append(_spans(self._spanned, state, times))
        _clear(self._row, self._down, self._summary)


def _needed(structure: Structure) -> list[int]:
    """Nodes that services rest on, rising; requirements alone are nobody's question here."""
    seen = {0, 1, *structure.variable.values(), *structure.up.values()}
    waiting = list(structure.up.values())
    while waiting:
        fresh = [a for a in structure.gates.arguments[waiting.pop()] if a not in seen]
        seen.update(fresh)
        waiting += fresh
    return sorted(seen)


def _by_row(
    number: int, found: Sequence[tuple[Array, Array, Array]]
) -> tuple[tuple[Array, Array], ...]:
    """Spans of each row over all windows; neighbours are one."""
    result = []
    for row in range(number):
        parts = [(starts[rows == row], ends[rows == row]) for rows, starts, ends in found]
        starts = np.concatenate([part[0] for part in parts])
        ends = np.concatenate([part[1] for part in parts])
        apart = starts[1:] > ends[:-1]
        result.append(
            (starts[np.concatenate(([True], apart))], ends[np.concatenate((apart, [True]))])
            if len(starts)
            else (starts, ends)
        )
    return tuple(result)


@njit(cache=True)
def lowest_bit(word):  # type: ignore[no-untyped-def]  # numba infers types
    """Place of the lowest bit that is set."""
    return _PLACE[((word & (~word + _ONE)) * _DE_BRUIJN) >> _TOP_SIX]


@njit(cache=True)
def _packed_changes(outages, at, window, into, borders):  # type: ignore[no-untyped-def]
    """Changes within a window, packed as time and number; how many, or -1 without room."""
    offsets, starts, ends = outages
    start, end = window
    packed, rows = into
    inner, bits = borders
    room = packed.shape[0] - inner.shape[0]
    number = 0
    for row in range(at.shape[0]):
        low, last = at[row], offsets[row + 1]
        while low < last and starts[low] < end:
            if ends[low] > start:
                if number + 2 > room:
                    return -1
                begin, finish = max(starts[low], start) - start, min(ends[low], end) - start
                rows[number // 2] = row
                packed[number] = (np.uint64(begin) << bits) | np.uint64(number)
                packed[number + 1] = (np.uint64(finish) << bits) | np.uint64(number + 1)
                number += 2
            if ends[low] > end:
                break
            low += 1
        at[row] = low
    for border in inner:
        packed[number] = (np.uint64(border - start) << bits) | np.uint64(number)
        number += 1
    return number


@njit(cache=True)
def _counted(outages, at, window):  # type: ignore[no-untyped-def]
    """Outages that overlap a window, and how often one begins or ends inside it."""
    offsets, starts, ends = outages
    start, end = window
    overlap, within = 0, 0
    for row in range(at.shape[0]):
        low = at[row]
        while low < offsets[row + 1] and starts[low] < end:
            overlap += ends[low] > start
            within += start < starts[low]
            within += start < ends[low] < end
            low += 1
    return overlap, within


@njit(cache=True)
def _moments(packed, window, bits, times, place):  # type: ignore[no-untyped-def]
    """Moments of the changes, each once, and which one each change is at; how many follow."""
    ids = (_ONE << bits) - _ONE
    times[0] = window[0]
    moment = 0
    for change in packed:
        time = window[0] + np.int64(change >> bits)
        if time > times[moment]:
            moment += 1
            times[moment] = time
        place[np.int64(change & ids)] = moment
    if window[1] > times[moment]:
        moment += 1
        times[moment] = window[1]
    return moment


@njit(cache=True)
def _enter_outages(nodes, place, state):  # type: ignore[no-untyped-def]
    """Bits of the components that are out, from moment to moment."""
    row, down, summary = state
    row[:] = -1
    for outage in range(nodes.shape[0]):
        node = nodes[outage]
        row[node] = node
        first, last = place[2 * outage], place[2 * outage + 1]
        for word in range(first >> 6, ((last - 1) >> 6) + 1 if last > first else 0):
            bits = _ALL
            if word == first >> 6:
                bits <<= np.uint64(first & 63)
            if word == last >> 6:
                bits &= (_ONE << np.uint64(last & 63)) - _ONE
            down[node, word] |= bits
            summary[node, word >> 6] |= _ONE << np.uint64(word & 63)


@njit(cache=True)
def _evaluate(need, offsets, arguments, state, words):  # type: ignore[no-untyped-def]
    """Fill in the gates, arguments first."""
    row, down, summary = state
    groups = (words + 63) >> 6
    struck = np.empty(max(1, arguments.shape[0]), np.int64)
    counted = np.zeros(FEW + 1, np.uint64)
    planes = np.zeros((_LINE, PLANES), np.uint64)
    for node in range(need.shape[0]):
        k = need[node]
        if k <= 0:
            continue
        low, high = offsets[node], offsets[node + 1]
        falls_with = high - low - k + 1
        number = 0
        for at in range(low, high):
            if row[arguments[at]] >= 0:
                struck[number] = row[arguments[at]]
                number += 1
        if number < falls_with:
            continue
        if number == 1:
            row[node] = struck[0]
            continue
        if falls_with == 1:
            row[node] = node
            for group in range(groups):
                hit = _ZERO
                for at in range(number):
                    bits = summary[struck[at], group]
                    hit |= bits
                    if bits == _ALL:
                        for word in range(group << 6, (group << 6) + 64):
                            down[node, word] |= down[struck[at], word]
                        continue
                    while bits:
                        word = (group << 6) + lowest_bit(bits)
                        down[node, word] |= down[struck[at], word]
                        bits &= bits - _ONE
                summary[node, group] = hit
            continue
        any_hit = False
        for group in range(groups):
            hit = _ZERO
            bits = _ALL if falls_with == number else _ZERO
            for at in range(number):
                if falls_with == number:
                    bits &= summary[struck[at], group]
                else:
                    bits |= summary[struck[at], group]
            if falls_with > FEW:
                hit = _count_group(
                    (node, group, falls_with), struck[:number], bits, (down, summary), planes
                )
                bits = _ZERO
            while bits:
                place = lowest_bit(bits)
                word = (group << 6) + place
                bits &= bits - _ONE
                # counted[j]: at least j of the arguments seen so far are down.
                counted[1:] = _ZERO
                counted[0] = _ALL
                for at in range(number):
                    for j in range(falls_with, 0, -1):
                        counted[j] |= counted[j - 1] & down[struck[at], word]
                falls = counted[falls_with]
                if falls:
                    down[node, word] = falls
                    hit |= _ONE << np.uint64(place)
            summary[node, group] = hit
            any_hit = any_hit or hit != _ZERO
        if any_hit:
            row[node] = node


@njit(cache=True)
def _count_group(vote, struck, bits, state, planes):  # type: ignore[no-untyped-def]
    """Fill in 64 words of a vote, in binary; their summary.

    Words of one line of memory are counted together: rows that are wide are fetched once.
    """
    node, group, falls_with = vote
    down, summary = state
    hit = _ZERO
    for first in range(0, 64, _LINE):
        if not (bits >> np.uint64(first)) & _IN_LINE:
            continue
        begin = (group << 6) + first
        end = min(begin + _LINE, down.shape[1])
        planes[:] = _ZERO
        for source in struck:
            if (summary[source, group] >> np.uint64(first)) & _IN_LINE:
                for word in range(begin, end):
                    if down[source, word]:
                        count_bits(planes[word - begin], down[source, word])
        for word in range(begin, end):
            falls = counts_reach(planes[word - begin], falls_with)
            if falls:
                down[node, word] = falls
                hit |= _ONE << np.uint64(word & 63)
    return hit


@njit(cache=True)
def _measure(services, state, cuts, totals, done):  # type: ignore[no-untyped-def]
    """Add each service's downtime to its years; equal rows are measured once."""
    row, down, summary = state
    times, year_at = cuts
    years = totals.shape[0]
    done[:] = -1
    added = np.zeros((years, services.shape[0]), np.int64)
    for place in range(services.shape[0]):
        source = row[services[place]]
        if source < 0:
            continue
        if done[source] >= 0:
            for year in range(years):
                added[year, place] = added[year, done[source]]
        else:
            done[source] = place
            _measure_row(down[source], summary[source], times, year_at, added, place)
        for year in range(years):
            totals[year, place] += added[year, place]


@njit(cache=True)
def _measure_row(down, summary, times, year_at, added, place):  # type: ignore[no-untyped-def]
    """Downtime of one row by year."""
    years = added.shape[0]
    year = 0
    for group in range(summary.shape[0]):
        bits = summary[group]
        while bits:
            word = (group << 6) + lowest_bit(bits)
            bits &= bits - _ONE
            left = down[word]
            while left:
                first = lowest_bit(left)
                after = ~(left | ((_ONE << np.uint64(first)) - _ONE))
                last = lowest_bit(after) if after else WORD
                left = left & (_ALL << np.uint64(last)) if last < WORD else _ZERO
                low, high = (word << 6) + first, (word << 6) + last
                while year < years and year_at[year + 1] <= low:
                    year += 1
                if year == years:
                    return
                low = max(low, year_at[year])
                while high > year_at[year + 1]:
                    # The run goes on into the next year.
                    added[year, place] += times[year_at[year + 1]] - times[low]
                    low = year_at[year + 1]
                    year += 1
                    if year == years:
                        return
                if high > low:
                    added[year, place] += times[high] - times[low]


@njit(cache=True)
def _spans(nodes, state, times):  # type: ignore[no-untyped-def]
    """Downtime of some nodes span by span: row, start, end."""
    row, down, summary = state
    room = 64
    rows, starts, ends = (
        np.empty(room, np.int64),
        np.empty(room, np.int64),
        np.empty(room, np.int64),
    )
    number = 0
    for place in range(nodes.shape[0]):
        source = row[nodes[place]]
        if source < 0:
            continue
        for group in range(summary.shape[1]):
            bits = summary[source, group]
            while bits:
                word = (group << 6) + lowest_bit(bits)
                bits &= bits - _ONE
                left = down[source, word]
                while left:
                    first = lowest_bit(left)
                    after = ~(left | ((_ONE << np.uint64(first)) - _ONE))
                    last = lowest_bit(after) if after else WORD
                    left = left & (_ALL << np.uint64(last)) if last < WORD else _ZERO
                    begin, finish = times[(word << 6) + first], times[(word << 6) + last]
                    if number == room:
                        room *= 2
                        rows = np.concatenate((rows, np.empty_like(rows)))
                        starts = np.concatenate((starts, np.empty_like(starts)))
                        ends = np.concatenate((ends, np.empty_like(ends)))
                    if finish > begin:
                        rows[number], starts[number], ends[number] = place, begin, finish
                        number += 1
    return rows[:number], starts[:number], ends[:number]


@njit(cache=True)
def _clear(row, down, summary):  # type: ignore[no-untyped-def]
    """Empty every row that was written."""
    for node in range(row.shape[0]):
        if row[node] != node:
            continue
        for group in range(summary.shape[1]):
            bits = summary[node, group]
            while bits:
                down[node, (group << 6) + lowest_bit(bits)] = _ZERO
                bits &= bits - _ONE
            summary[node, group] = _ZERO
