"""Whether one outage took part in the downtime of two services, without looking for cuts (P6).

A recovery goes to those whose downtime it has a cause in common with. Most cases are plain: a
component that takes both services down by itself failed at the time, or nothing did that both
rest on. What is not plain is left to the reference form.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from depgraph.engine.diagram import Array
from depgraph.engine.downtime_words import WordGates
from depgraph.engine.lone_outages import Alone
from depgraph.engine.renewal import Outages, Renewal

Moment = tuple[int, int]
"""A stretch of the timeline, [start, end) [µs]."""
Spans = tuple[Array, Array]
"""Starts and ends of stretches, in order and disjoint [µs]."""


class SharedCauses:
    """Tells causes that services of one compiled estate have in common.

    Parameters
    ----------
    compiled : WordGates
        The estate.
    alone : Alone, optional
        What each component takes down by itself; where it is not known, less is plain.
    renewal : Renewal
        Components, in the order of the outages.
    """

    def __init__(self, compiled: WordGates, alone: Alone | None, renewal: Renewal) -> None:
        self._compiled = compiled
        self._alone = alone
        # A common cause is one incident per member: who shares which is not plain.
        self._single = {row for row, key in enumerate(renewal.keys) if key.kind != "common_cause"}
        self._row = {int(node): row for row, node in enumerate(compiled.variables)}
        self._below: dict[int, frozenset[int]] = {}
        self._pairs: dict[tuple[int, int], tuple[Array, Array]] = {}

    def shared(
        self,
        services: tuple[int, int],
        down: tuple[Spans, Spans],
        within: Moment,
        outages: tuple[Outages, Outages],
    ) -> bool | None:
        """Whether an outage took part in the downtime of both services.

        Parameters
        ----------
        services : tuple of int
            The two services, by their place among the compiled ones.
        down : tuple of (ndarray, ndarray)
            Starts and ends of the downtime of each [µs].
        within : tuple of int
            Where the two periods meet [µs].
        outages : tuple of Outages
            Failures of the components, and the same with planned maintenance.

        Returns
        -------
        bool or None
            None where it takes the cuts to tell.
        """
        if services not in self._pairs:
            both = self._rests_on(services[0]) & self._rests_on(services[1])
            fatal = self._takes_down(services[0]) & self._takes_down(services[1]) & self._single
            self._pairs[services] = (np.array(sorted(fatal)), np.array(sorted(both)))
        fatal_rows, common_rows = self._pairs[services]
        failures, all_down = outages
        if any(_overlaps(_of_row(failures, row), within) for row in fatal_rows):
            return True
        # What was down while either service was up took no part in its downtime.
        for row in common_rows:
            for moment in _overlapping(_of_row(all_down, row), within):
                if all(_overlaps(spans, moment) for spans in down):
                    return None
        return False

    def _takes_down(self, service: int) -> set[int]:
        """Components that take a service down by themselves."""
        if self._alone is None:
            return set()
        first, last = self._alone.offsets[service : service + 2]
        return set(self._alone.rows[first:last].tolist())

    def _rests_on(self, service: int) -> frozenset[int]:
        """Components below a service that are ever down."""
        if service not in self._below:
            _, offsets, arguments = self._compiled.gates
            waiting = [int(self._compiled.services[service])]
            seen = set(waiting)
            while waiting:
                node = waiting.pop()
                fresh = set(arguments[offsets[node] : offsets[node + 1]].tolist()) - seen
                seen |= fresh
                waiting += fresh
            self._below[service] = frozenset(self._row[node] for node in seen & self._row.keys())
        return self._below[service]


def _of_row(outages: Outages, row: int) -> Spans:
    """Outages of one component."""
    first, last = outages.offsets[row], outages.offsets[row + 1]
    return outages.starts[first:last], outages.ends[first:last]


def _overlapping(spans: Spans, within: Moment) -> Iterator[Moment]:
    """Spans that reach into a stretch."""
    starts, ends = spans
    at = int(np.searchsorted(ends, within[0], "right"))
    while at < len(starts) and starts[at] < within[1]:
        yield int(starts[at]), int(ends[at])
        at += 1


def _overlaps(spans: Spans, within: Moment) -> bool:
    """Whether any span reaches into a stretch."""
    return next(_overlapping(spans, within), None) is not None
