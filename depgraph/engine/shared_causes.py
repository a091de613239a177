"""Whether one outage took part in the downtime of two services, without looking for cuts (P6).

A recovery goes to those whose downtime it has a cause in common with. Most cases are plain: a
component that takes both services down by itself failed at the time, or nothing did that both
rest on. What is not plain is left to the reference form.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numba import njit

from depgraph.engine.diagram import Array
from depgraph.engine.lone_outages import Alone
from depgraph.engine.renewal import Outages, Renewal
from depgraph.engine.situations import evaluate_gates
from depgraph.engine.word_gates import WordGates

Moment = tuple[int, int]
"""A stretch of the timeline, [start, end) [µs]."""
Spans = tuple[Array, Array]
"""Starts and ends of stretches, in order and disjoint [µs]."""


_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_MOST_BESIDE = 6
"""Outages of which all sets fit the bits of a word."""
_SETS = tuple(
    np.uint64(sum(1 << bit for bit in range(64) if not bit >> place & 1))
    for place in range(_MOST_BESIDE)
)
"""Bits of the sets in which each of them is up."""


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
        self._fatal: dict[int, frozenset[int]] = {}
        self._joint: dict[int, frozenset[int]] = {}
        self._known: dict[tuple[int, int, frozenset[int]], bool] = {}
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
            both = self.rests_on(services[0]) & self.rests_on(services[1])
            fatal = self._takes_down(services[0]) & self._takes_down(services[1]) & self._single
            self._pairs[services] = (
                np.array(sorted(fatal), np.int64),
                np.array(sorted(both), np.int64),
            )
        fatal_rows, common_rows = self._pairs[services]
        failures, all_down = outages
        if len(_rows_within(fatal_rows, *within, *_arrays(failures))):
            return True
        result: bool | None = False
        for row in _rows_within(common_rows, *within, *_arrays(all_down)).tolist():
            for moment in _overlapping(_of_row(all_down, row), within):
                # What was down while either service was up took no part in its downtime.
                if not all(_overlaps(spans, moment) for spans in down):
                    continue
                if not all(
                    self._takes_part(s, row, moment, all_down) is not False for s in services
                ):
                    continue
                inside = max(moment[0], within[0]), min(moment[1], within[1])
                is_one = row in self._single and _same(failures, all_down, row)
                if is_one and all(self._takes_part(s, row, inside, all_down) for s in services):
                    return True
                result = None
        return result

    def _takes_part(self, service: int, row: int, moment: Moment, all_down: Outages) -> bool | None:
        """Whether an outage that lasts for a moment is in a smallest set that takes a service down.

        What takes it down alone is in no larger one: others have to be down at the time as well.
        None where it is not plain.
        """
        if row in self._takes_down(service) and row in self._single:
            return True
        others = {
            other: spans
            for other in self._not_fatal(service)
            if other != row and (spans := list(_overlapping(_of_row(all_down, other), moment)))
        }
        if not others:
            return row in self._takes_down(service)
        if not self._single.issuperset({row, *others}):
            return None
        edges = {edge for spans in others.values() for span in spans for edge in span}
        found: bool | None = False
        for time in {moment[0], *(edge for edge in edges if moment[0] < edge < moment[1])}:
            beside = frozenset(
                other
                for other, spans in others.items()
                if any(start <= time < end for start, end in spans)
            )
            tips = self._tips(service, row, beside)
            if tips:
                return True
            found = found if tips is False else None
        return found

    def _not_fatal(self, service: int) -> frozenset[int]:
        """Components below a service that do not take it down alone; common causes always."""
        if service not in self._joint:
            fatal = self._takes_down(service) & self._single
            self._joint[service] = self.rests_on(service) - fatal
        return self._joint[service]

    def _tips(self, service: int, row: int, beside: frozenset[int]) -> bool | None:
        """Whether a component takes a service down together with some of others, and not they."""
        if len(beside) > _MOST_BESIDE:
            return None
        key = service, row, beside
        if key not in self._known:
            gates, variables = self._compiled.gates, self._compiled.variables
            up = np.full((len(gates[0]), 2), _ALL, np.uint64)
            up[0] = 0
            # Each bit is a set of the others; the second word has the component down as well.
            for place, other in enumerate(sorted(beside)):
                up[variables[other]] = _SETS[place]
            up[variables[row], 1] = 0
            evaluate_gates(*gates, up)
            without, with_it = (int(word) for word in up[self._compiled.services[service]])
            self._known[key] = bool(without & ~with_it)
        return self._known[key]

    def _takes_down(self, service: int) -> frozenset[int]:
        """Components that take a service down by themselves."""
        if self._alone is None:
            return frozenset()
        if service not in self._fatal:
            first, last = self._alone.offsets[service : service + 2]
            self._fatal[service] = frozenset(self._alone.rows[first:last].tolist())
        return self._fatal[service]

    def rests_on(self, service: int) -> frozenset[int]:
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


def _arrays(outages: Outages) -> tuple[Array, Array, Array]:
    """Outages as arrays."""
    return outages.offsets, outages.starts, outages.ends


@njit(cache=True)
def _rows_within(rows, since, until, offsets, starts, ends):  # type: ignore[no-untyped-def]  # numba infers types
    """Those of several components that are down at any time in [since, until)."""
    found = np.empty(rows.shape[0], np.int64)
    count = 0
    for row in rows:
        first, last = offsets[row], offsets[row + 1]
        at = first + np.searchsorted(ends[first:last], since, "right")
        if at < last and starts[at] < until:
            found[count] = row
            count += 1
    return found[:count]


def _of_row(outages: Outages, row: int) -> Spans:
    """Outages of one component."""
    first, last = outages.offsets[row], outages.offsets[row + 1]
    return outages.starts[first:last], outages.ends[first:last]


def _same(one: Outages, other: Outages, row: int) -> bool:
    """Whether a component's outages are the same in both."""
    return all(
        np.array_equal(a, b) for a, b in zip(_of_row(one, row), _of_row(other, row), strict=True)
    )


def _overlapping(spans: Spans, within: Moment) -> Iterator[Moment]:
    """Spans that reach into a stretch."""
    starts, ends = spans
    at = int(ends.searchsorted(within[0], "right"))
    while at < len(starts) and starts[at] < within[1]:
        yield int(starts[at]), int(ends[at])
        at += 1


def _overlaps(spans: Spans, within: Moment) -> bool:
    """Whether any span reaches into a stretch."""
    starts, ends = spans
    at = int(ends.searchsorted(within[0], "right"))
    return at < len(starts) and bool(starts[at] < within[1])
