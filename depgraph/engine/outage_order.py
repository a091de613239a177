"""Outages of many components in the order of their starts, part by part (rule W5).

What is sorted are single words: start, and the component's place in its part. Outages of one
component are in order as they are drawn, so that a word need not tell which of them it stands for.
Outages spread over time, so that buckets of time leave little to sort.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from depgraph.engine.diagram import Array
from depgraph.engine.renewal import Outages
from depgraph.engine.situations import WORD

ROOM = 4
"""Words for each outage that are written to."""
_PER_BUCKET = 2
_MOST_IN_BUCKET = 64
"""Outages of one bucket that are put in order one by one; more of them are left to NumPy."""


@dataclass(frozen=True)
class Parts:
    """Components by part of the estate; parts do not meet in any gate.

    Attributes
    ----------
    part : ndarray of int64
        Part of each component.
    rows : ndarray of int64
        Components part by part.
    first : ndarray of int64
        Where each part begins among them.
    place : ndarray of int64
        Place of each component in its part.
    """

    part: Array
    rows: Array
    first: Array
    place: Array


@dataclass(frozen=True)
class InOrder:
    """Outages by part and start; those that start at one time by component.

    Attributes
    ----------
    rows : ndarray of int64
        Component of each; those of one component are in the order in which they are drawn.
    starts, ends : ndarray of int64
        First instant, and first instant after it [µs].
    """

    rows: Array
    starts: Array
    ends: Array


def by_part(part: Array) -> Parts:
    """Components by part.

    Parameters
    ----------
    part : ndarray of int64
        Part of each component, numbered from 0 without gaps.
    """
    rows = np.argsort(part, kind="stable")
    first = np.searchsorted(part[rows], np.arange(int(part.max(initial=-1)) + 1))
    place = np.empty_like(rows)
    place[rows] = np.arange(len(rows)) - first[part[rows]]
    return Parts(part, rows, first, place)


def in_order(outages: Outages, parts: Parts, room: Array | None = None) -> InOrder:
    """Outages by part and start.

    Parameters
    ----------
    outages : Outages
        Of the components, on one timeline.
    parts : Parts
        Of these components.
    room : ndarray of int64, shape (4, at least as many as there are outages), optional
        Where to write: memory taken anew for each timeline costs more than the order itself.
    """
    starts, count = outages.starts, len(outages.starts)
    into = np.empty((ROOM, count), np.int64) if room is None else room[:, :count]
    keys, result = into[0].view(np.uint64), InOrder(*into[1:])
    if not count:
        return result
    base, longest = int(starts.min()), int(starts.max() - starts.min())
    place_bits = int(parts.place.max()).bit_length()
    bits = max(0, longest.bit_length() + place_bits - WORD), place_bits
    drawn, of_parts = (outages.offsets, starts, outages.ends), (parts.rows, parts.first)
    begins: Array = np.concatenate(([0], np.cumsum(np.diff(outages.offsets)[parts.rows])))
    begins = begins[np.append(parts.first, len(parts.rows))]
    buckets = np.diff(begins) // _PER_BUCKET
    first = np.cumsum(buckets + 1) - buckets - 1
    until = np.zeros(first[-1] + buckets[-1] + 2, np.int32)
    by_time = first, buckets / (longest + 1), until
    fullest = _keys_by_time(drawn, parts.part, parts.place, base, bits, by_time, keys)
    for part in range(len(buckets) if fullest > _MOST_IN_BUCKET else 0):
        keys[begins[part] : begins[part + 1]].sort()
    if bits[0]:
        _taken_and_put_right(keys, drawn, of_parts, begins, place_bits, tuple(into[1:]))
    else:
        _taken(keys, drawn, of_parts, begins, base, place_bits, tuple(into[1:]))
    return result


@njit(cache=True, nogil=True)
def _keys_by_time(drawn, part, place, base, bits, by_time, keys):  # type: ignore[no-untyped-def]  # numba infers types
    """Start and place of the component in its part, of each outage in one word, nearly in order.

    Each part has buckets of equal time, with two outages each on average; within a bucket they are
    in no order. How many the fullest one holds.
    """
    offsets, starts, _ = drawn
    shift, place_bits = bits
    first, scale, until = by_time
    for row in range(part.shape[0]):
        own, own_scale = first[part[row]] + 1, scale[part[row]]
        for at in range(offsets[row], offsets[row + 1]):
            until[own + np.int64((starts[at] - base) * own_scale)] += 1
    fullest = 0
    for bucket in range(1, until.shape[0]):
        fullest = max(fullest, until[bucket])
        until[bucket] += until[bucket - 1]
    for row in range(part.shape[0]):
        own, own_scale = first[part[row]], scale[part[row]]
        for at in range(offsets[row], offsets[row + 1]):
            since = starts[at] - base
            bucket = own + np.int64(since * own_scale)
            moment = np.uint64(since >> shift) << np.uint64(place_bits)
            keys[until[bucket]] = moment | np.uint64(place[row])
            until[bucket] += 1
    return fullest


@njit(cache=True, nogil=True)
def _taken(keys, drawn, parts, begins, base, place_bits, into):  # type: ignore[no-untyped-def]
    """Put keys in order where they are not; take the next outage of each component in turn."""
    offsets, _, ends = drawn
    of_part, first = parts
    rows, sorted_starts, sorted_ends = into
    low = np.uint64(place_bits)
    mask = (np.uint64(1) << low) - np.uint64(1)
    following = offsets.copy()
    for part in range(first.shape[0]):
        _insert(keys[begins[part] : begins[part + 1]])
        own = np.uint64(first[part])
        # Counted without sign: numba does not ask then whether they count from the end.
        for at in range(np.uint64(begins[part]), np.uint64(begins[part + 1])):
            row = np.uint64(of_part[own + (keys[at] & mask)])
            rows[at] = row
            # The key has the start, which need not be fetched from afar.
            sorted_starts[at] = base + np.int64(keys[at] >> low)
            sorted_ends[at] = ends[np.uint64(following[row])]
            following[row] += 1


@njit(cache=True, nogil=True)
def _taken_and_put_right(keys, drawn, parts, begins, place_bits, into):  # type: ignore[no-untyped-def]
    """The same where starts were cut off to fit into keys: those with equal keys are compared."""
    offsets, starts, ends = drawn
    of_part, first = parts
    rows, sorted_starts, sorted_ends = into
    low = np.uint64(place_bits)
    mask = (np.uint64(1) << low) - np.uint64(1)
    following = offsets.copy()
    for part in range(first.shape[0]):
        begin = begins[part]
        _insert(keys[begin : begins[part + 1]])
        for at in range(begin, begins[part + 1]):
            row = of_part[first[part] + np.int64(keys[at] & mask)]
            place = following[row]
            following[row] += 1
            start, here = starts[place], at
            while (
                here > begin
                and (keys[here - 1] ^ keys[at]) >> low == 0
                and sorted_starts[here - 1] > start
            ):
                rows[here], sorted_starts[here] = rows[here - 1], sorted_starts[here - 1]
                sorted_ends[here] = sorted_ends[here - 1]
                here -= 1
            rows[here], sorted_starts[here], sorted_ends[here] = row, start, ends[place]


@njit(cache=True, nogil=True)
def _insert(keys):  # type: ignore[no-untyped-def]
    """Put keys in order that nearly are."""
    for at in range(1, keys.shape[0]):
        key, here = keys[at], at
        while here > 0 and keys[here - 1] > key:
            keys[here] = keys[here - 1]
            here -= 1
        keys[here] = key
