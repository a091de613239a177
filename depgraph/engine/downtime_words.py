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

from depgraph.engine.diagram import Array
from depgraph.engine.renewal import Outages
from depgraph.engine.situations import WORD
from depgraph.engine.word_gates import WordGates
from depgraph.engine.word_rows import (
    clear_rows,
    counted_changes,
    enter_outages,
    evaluate_rows,
    measure_rows,
    moments_of,
    packed_changes,
    spans_of_rows,
)

_MOST_EDGES = 1 << 15
"""Changes of one window: so many numbers fit beside times of a whole block in one word."""
_USUAL_EDGES = 20_000
_CROWD = 16
"""Changes within a window, by what there is room for, above which they are not sorted first."""
_WORDS_IN_CACHE = 1 << 21
_FEWEST_WORDS, _MOST_WORDS = 16, 320


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

    def downtime(
        self,
        outages: Outages,
        within: tuple[int, int],
        edges: Array,
        spanned: Sequence[int] | None = None,
    ) -> Downtime:
        """Downtime of the services on one timeline.

        Parameters
        ----------
        outages : Outages
            Of the components; cut off where the timeline ends.
        within : tuple of int
            Start, before which no outage is, and end of the timeline [µs].
        edges : ndarray of int64
            Borders of the years, one more than years, rising, within the timeline [µs].
        spanned : sequence of int, optional
            Which services are wanted span by span, by their place among those compiled for it; all
            of them if not given.
        """
        totals: Array = np.zeros((len(edges) - 1, len(self._services)), np.int64)
        found: list[tuple[Array, Array, Array]] = []
        at = outages.offsets[:-1].copy()
        for start, end in self._windows(outages, *within):
            self._window(outages, (start, end), at, edges, (totals, found))
        wanted = range(len(self._spanned)) if spanned is None else spanned
        return Downtime(totals, _by_row(wanted, found))

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
            all_of_them, within = counted_changes(
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
        number = packed_changes(known, after, window, (packed, rows), (inner, np.uint64(bits)))
        if number < 0:
            return None
        packed = packed[:number]
        packed.sort()
        times, place = np.empty(number + 2, np.int64), np.empty(number, np.int64)
        moments = moments_of(packed, window, np.uint64(bits), times, place)
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
        enter_outages(self._variables[changes.rows], changes.place, state)
        evaluate_rows(*self._gates, state, -(-changes.moments // WORD))
        totals, found = into
        first = max(0, int(np.searchsorted(edges, window[0], "right")) - 1)
        last = int(np.searchsorted(edges, window[1], "left"))
        if last > first:
            year_at = np.searchsorted(times[:-1], edges[first : last + 1])
            years = totals[first:last]
            measure_rows(self._services, state, (times, year_at), years, self._done)
        if len(self._spanned):
            found.append(spans_of_rows(self._spanned, state, times))
        clear_rows(self._row, self._down, self._summary)


def _by_row(
    wanted: Sequence[int], found: Sequence[tuple[Array, Array, Array]]
) -> tuple[tuple[Array, Array], ...]:
    """Spans of each row that is wanted over all windows; neighbours are one."""
    result = []
    for row in wanted:
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
