"""Outages of many components in the order of their starts, part by part (rule W5).

What is sorted are single words: part, start, and the component's place in its part. Outages of one
component are in order as they are drawn, so that a word need not tell which of them it stands for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from depgraph.engine.diagram import Array
from depgraph.engine.renewal import Outages
from depgraph.engine.situations import WORD


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
    places : ndarray of int64
        Where each stands among the outages as drawn.
    rows : ndarray of int64
        Its component.
    starts, ends : ndarray of int64
        First instant, and first instant after it [µs].
    """

    places: Array
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
    into = np.empty((4, count), np.int64) if room is None else room[:, :count]
    result = InOrder(*into)
    if not count:
        return result
    base = int(starts.min())
    place_bits = int(parts.place.max()).bit_length()
    start_bits = (int(starts.max()) - base).bit_length()
    part_bits = (len(parts.first) - 1).bit_length()
    shift = max(0, part_bits + start_bits + place_bits - WORD)
    bits = shift, place_bits, start_bits - shift
    keys = _keys(outages.offsets, starts, parts.part, parts.place, base, bits)
    keys.sort()
    drawn = outages.offsets, starts, outages.ends
    _taken(keys, drawn, (parts.rows, parts.first), bits, tuple(into))
    return result


@njit(cache=True)
def _keys(offsets, starts, part, place, base, bits):  # type: ignore[no-untyped-def]  # numba infers types
    """Part, start and place of the component in its part, of each outage in one word."""
    shift, place_bits, start_bits = bits
    keys = np.empty(starts.shape[0], np.uint64)
    for row in range(part.shape[0]):
        before, own = part[row] << start_bits, np.uint64(place[row])
        for at in range(offsets[row], offsets[row + 1]):
            moment = np.uint64(before | ((starts[at] - base) >> shift))
            keys[at] = (moment << np.uint64(place_bits)) | own
    return keys


@njit(cache=True)
def _taken(keys, drawn, parts, bits, into):  # type: ignore[no-untyped-def]
    """Take the next outage of each component in turn; put right what was cut off of its start."""
    offsets, starts, ends = drawn
    of_part, first = parts
    shift, place_bits, start_bits = bits
    places, rows, sorted_starts, sorted_ends = into
    low, high = np.uint64(place_bits), np.uint64(place_bits + start_bits)
    mask = (np.uint64(1) << low) - np.uint64(1)
    following = offsets.copy()
    for at in range(keys.shape[0]):
        part = np.int64(keys[at] >> high) if first.shape[0] > 1 else 0
        row = of_part[first[part] + np.int64(keys[at] & mask)]
        place = following[row]
        following[row] += 1
        start, here = starts[place], at
        if shift > 0:
            while (
                here > 0
                and (keys[here - 1] ^ keys[at]) >> low == 0
                and sorted_starts[here - 1] > start
            ):
                places[here], rows[here] = places[here - 1], rows[here - 1]
                sorted_starts[here], sorted_ends[here] = (
                    sorted_starts[here - 1],
                    sorted_ends[here - 1],
                )
                here -= 1
        places[here], rows[here] = place, row
        sorted_starts[here], sorted_ends[here] = start, ends[place]
