"""Rows of words with their summaries: 64 intervals at once, empty words not visited (rule W5).

Compiled steps of `downtime_words`. A row is what one node is down in: a bit per interval, and a
summary bit for each word that is not zero.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from depgraph.engine.diagram import Array
from depgraph.engine.situations import WORD
from depgraph.engine.votes import FEW, PLANES, count_bits, counts_reach

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


@njit(cache=True, nogil=True)
def lowest_bit(word):  # type: ignore[no-untyped-def]  # numba infers types
    """Place of the lowest bit that is set."""
    return _PLACE[((word & (~word + _ONE)) * _DE_BRUIJN) >> _TOP_SIX]


@njit(cache=True, nogil=True)
def packed_changes(outages, at, window, into, borders):  # type: ignore[no-untyped-def]
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


@njit(cache=True, nogil=True)
def counted_changes(outages, at, window):  # type: ignore[no-untyped-def]
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


@njit(cache=True, nogil=True)
def moments_of(packed, window, bits, times, place):  # type: ignore[no-untyped-def]
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


@njit(cache=True, nogil=True)
def enter_outages(nodes, place, state):  # type: ignore[no-untyped-def]
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


@njit(cache=True, nogil=True)
def evaluate_rows(need, offsets, arguments, state, words):  # type: ignore[no-untyped-def]
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def measure_rows(services, state, cuts, totals, done):  # type: ignore[no-untyped-def]
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def spans_of_rows(nodes, state, times):  # type: ignore[no-untyped-def]
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


@njit(cache=True, nogil=True)
def clear_rows(row, down, summary):  # type: ignore[no-untyped-def]
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
