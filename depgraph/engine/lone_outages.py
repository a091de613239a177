"""Outages one by one: what each takes down by itself, and what is left for the structure (W5).

What a component takes down by itself never changes. It is found once; every outage then adds its
length to those services, and `down_until` sets right what overlaps. Where too much is down at a
time for that, only outages that no other one of the same part of the estate overlaps are summed up
so, and `downtime_words` evaluates the rest. All add whole microseconds: the sum is the same to the
bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from depgraph.engine.diagram import Array
from depgraph.engine.down_until import DownUntil
from depgraph.engine.downtime_words import Downtime, DowntimeWords
from depgraph.engine.outage_order import Parts, by_part, in_order
from depgraph.engine.outage_stretches import Stretch, cut_stretches
from depgraph.engine.reach import Reach, by_key, reach_of
from depgraph.engine.renewal import Outages
from depgraph.engine.word_gates import WordGates


@dataclass(frozen=True)
class Alone:
    """What each component takes down by itself.

    Attributes
    ----------
    parts : Parts
        Rows of the outages by part of the estate.
    offsets, rows : ndarray of int64
        Rows that take service i down by themselves stand at ``rows[offsets[i]:offsets[i + 1]]``.
    """

    parts: Parts
    offsets: Array
    rows: Array


def alone_of(compiled: WordGates, reach: Reach) -> Alone:
    """What each component takes down by itself.

    Parameters
    ----------
    compiled : WordGates
        The estate.
    reach : Reach
        What each component reaches.
    """
    gates, variables = compiled.gates, compiled.variables
    components = np.arange(len(variables), dtype=np.int32)
    counts = np.diff(reach.services[: len(variables) + 1])
    fallen = reach.services[reach.services[0] : reach.services[len(variables)]]
    hitting = by_key(fallen, np.repeat(components, counts), reach.distinct)
    # Node 0 is down whatever fails.
    rows = [
        hitting[hitting[at] : hitting[at + 1]] if node else components
        for node, at in zip(compiled.services.tolist(), reach.served.tolist(), strict=True)
    ]
    offsets = np.concatenate(([0], np.cumsum([len(each) for each in rows], dtype=np.int64)))
    rows_of_all = np.concatenate([np.empty(0, np.int32), *rows])
    return Alone(by_part(parts_of(gates, variables)), offsets, rows_of_all)


def parts_of(gates: tuple[Array, Array, Array], variables: Array) -> Array:
    """Part of each variable: nodes are in one part if gates join them.

    Parameters
    ----------
    gates : tuple of ndarray of int64
        As from `flat_gates`.
    variables : ndarray of int64
        Nodes of the variables.
    """
    need, offsets, arguments = gates
    users = np.repeat(np.arange(len(need)), np.diff(offsets))
    # Nodes 0 and 1 are constants, which join nothing.
    real = arguments > 1
    joined = csr_array(
        (np.ones(int(real.sum()), np.int8), (users[real], arguments[real])),
        shape=(len(need), len(need)),
    )
    labels = connected_components(joined, directed=False)[1]
    part: Array = np.unique(labels[variables], return_inverse=True)[1].astype(np.int64)
    return part


class ServiceDowntime:
    """Downtime of services: outages alone by what they take down, the others by the structure.

    Parameters
    ----------
    compiled : WordGates
        The estate.
    """

    def __init__(self, compiled: WordGates) -> None:
        self._compiled = compiled
        self._reach = reach_of(compiled)
        self.alone = None if self._reach is None else alone_of(compiled, self._reach)
        """What each component takes down by itself; None where it is not kept."""
        place = {int(node): at for at, node in enumerate(compiled.services)}
        self._spanned = [place[int(node)] for node in compiled.spanned]
        self.followed = _followed(self._reach, self._spanned)
        """Follows outages one after another; None where words are evaluated instead."""

    def beside(self) -> ServiceDowntime:
        """Another one, to be used at the same time: the tables are shared, the room to work not."""
        other = copy(self)
        other.__dict__.pop("_words", None)
        other.followed = _followed(self._reach, self._spanned)
        return other

    @cached_property
    def _words(self) -> DowntimeWords:
        return DowntimeWords(self._compiled)

    def downtime(
        self, outages: Outages, length: int, edges: Array, spanned: Sequence[int] | None = None
    ) -> Downtime:
        """Downtime of the services on one timeline, as by `DowntimeWords.downtime`."""
        return self.downtime_over(cut_stretches(outages, length), edges, spanned)

    def downtime_over(
        self, stretches: Iterable[Stretch], edges: Array, spanned: Sequence[int] | None = None
    ) -> Downtime:
        """The same, one stretch of the timeline after another, so that memory stays bounded."""
        wanted = range(len(self._spanned)) if spanned is None else spanned
        totals: Array = np.zeros((len(edges) - 1, len(self._compiled.services)), np.int64)
        spans: list[list[tuple[Array, Array]]] = [[] for _ in wanted]
        for stretch in stretches:
            found = self._at_once(stretch, edges, wanted)
            totals += found.totals
            for own, more in zip(spans, found.spans, strict=True):
                own.append(more)
        joined = (tuple(np.concatenate(each) for each in zip(*own, strict=True)) for own in spans)
        return Downtime(totals, tuple(_joined((starts, ends)) for starts, ends in joined))

    def _at_once(self, stretch: Stretch, edges: Array, wanted: Sequence[int]) -> Downtime:
        alone, outages = self.alone, stretch.outages
        within = stretch.first, stretch.last
        if alone is None or not len(outages.starts):
            return self._words.downtime(outages, within, edges, wanted)
        found = self._one_by_one(outages, alone, edges, wanted)
        if found is not None:
            return found
        lone, others = separated(outages, alone.parts)
        found = self._words.downtime(others, within, edges, wanted)
        _add(
            (alone.offsets, alone.rows),
            _yearly((lone.offsets, lone.starts, lone.ends), edges),
            found.totals,
        )
        services = (self._spanned[each] for each in wanted)
        spans = tuple(
            _together(span, lone, alone.rows[alone.offsets[at] : alone.offsets[at + 1]])
            for at, span in zip(services, found.spans, strict=True)
        )
        return Downtime(found.totals, spans)

    def _one_by_one(
        self, outages: Outages, alone: Alone, edges: Array, wanted: Sequence[int]
    ) -> Downtime | None:
        """Downtime as the sum of all lengths, set right; None where that takes too long."""
        if self.followed is None or self._reach is None:
            return None
        found = self.followed.corrections(outages, alone.parts, edges)
        if found is None:
            # Other timelines of this estate would take too long as well.
            self.followed = None
            return None
        totals, (numbers, starts, ends) = found[0], found[1].T
        lengths = _yearly((outages.offsets, outages.starts, outages.ends), edges)
        _add((alone.offsets, alone.rows), lengths, totals)
        spans = []
        for service in (self._spanned[each] for each in wanted):
            own = alone.rows[alone.offsets[service] : alone.offsets[service + 1]]
            joint = numbers == self._reach.served[service]
            spans.append(_joined(_together((starts[joint], ends[joint]), outages, own)))
        return Downtime(totals, tuple(spans))


def _followed(reach: Reach | None, spanned: Sequence[int]) -> DownUntil | None:
    return None if reach is None else DownUntil(reach, np.array(spanned, np.int64))


def _joined(spans: tuple[Array, Array]) -> tuple[Array, Array]:
    """Spans in the order of their starts as disjoint ones; neighbours are one."""
    starts, ends = spans
    if not len(starts):
        return spans
    until = np.maximum.accumulate(ends)
    apart = starts[1:] > until[:-1]
    return starts[np.concatenate(([True], apart))], until[np.concatenate((apart, [True]))]


def separated(outages: Outages, parts: Parts) -> tuple[Outages, Outages]:
    """Outages that no other one of their part overlaps, and the others.

    Parameters
    ----------
    outages : Outages
        Of the components, on one timeline.
    parts : Parts
        Of these components.
    """
    swept = in_order(outages, parts)
    # Stable: those of one component stay in the order in which they are drawn.
    drawn = np.argsort(swept.rows, kind="stable")
    lone = _lone(swept.starts, swept.ends, parts.part[swept.rows])[drawn]
    counted = np.concatenate(([0], np.cumsum(lone)))
    before = counted[outages.offsets]
    return (
        Outages(before, outages.starts[lone], outages.ends[lone]),
        Outages(outages.offsets - before, outages.starts[~lone], outages.ends[~lone]),
    )


def _together(span: tuple[Array, Array], lone: Outages, rows: Array) -> tuple[Array, Array]:
    """Spans of a service with the lone outages of the rows that take it down, in order."""
    at = [slice(lone.offsets[row], lone.offsets[row + 1]) for row in rows]
    starts = np.concatenate([span[0], *(lone.starts[each] for each in at)])
    ends = np.concatenate([span[1], *(lone.ends[each] for each in at)])
    order = np.argsort(starts)
    return starts[order], ends[order]


@njit(cache=True, nogil=True)
def _lone(starts, ends, part):  # type: ignore[no-untyped-def]  # numba infers types
    """Whether each outage is apart from all others of its part, in order of part and start."""
    lone = np.ones(starts.shape[0], np.bool_)
    longest = 0
    for at in range(1, starts.shape[0]):
        if part[at] != part[longest]:
            longest = at
            continue
        if starts[at] <= ends[longest]:
            lone[at] = False
            lone[longest] = False
        # The one that reaches furthest so far is the one that a later one can meet.
        if ends[at] > ends[longest]:
            longest = at
    return lone


@njit(cache=True, nogil=True)
def _yearly(lone, edges):  # type: ignore[no-untyped-def]
    """Lengths of outages by row and year."""
    offsets, starts, ends = lone
    years = edges.shape[0] - 1
    lengths = np.zeros((offsets.shape[0] - 1, years), np.int64)
    for row in range(offsets.shape[0] - 1):
        year = 0
        for at in range(offsets[row], offsets[row + 1]):
            while year < years and edges[year + 1] <= starts[at]:
                year += 1
            if year < years and edges[year] <= starts[at] and ends[at] <= edges[year + 1]:
                lengths[row, year] += ends[at] - starts[at]
                continue
            here = year
            while here < years and edges[here] < ends[at]:
                begin, finish = max(starts[at], edges[here]), min(ends[at], edges[here + 1])
                lengths[row, here] += finish - begin
                here += 1
    return lengths


@njit(cache=True, nogil=True)
def _add(alone, lengths, totals):  # type: ignore[no-untyped-def]
    """Add the lengths of the rows that take each service down by themselves."""
    offsets, rows = alone
    years = lengths.shape[1]
    summed = np.empty(years, np.int64)
    for service in range(totals.shape[1] if years else 0):
        summed[:] = 0
        for at in range(offsets[service], offsets[service + 1]):
            row = rows[at]
            for year in range(years):
                summed[year] += lengths[row, year]
        for year in range(years):
            totals[year, service] += summed[year]
