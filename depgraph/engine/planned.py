"""Planned maintenance of components on the simulated timeline (rules M3, W5).

A component is down in the windows that the estate states for it. Every simulated year has the
windows of the calendar year it is laid on; whether they count is for each contract to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Literal

import numpy as np

from depgraph.engine.diagram import Array
from depgraph.engine.intervals import microseconds
from depgraph.engine.recurrence import window_time
from depgraph.engine.renewal import MICROSECONDS_PER_HOUR, Outages
from depgraph.engine.structure import ComponentKey, Structure
from depgraph.model.component import Component, MaintenanceWindow

_Kind = Literal["service", "location", "organization"]
UNANNOUNCED = -1
"""Stands for maintenance of which no notice is stated."""
_ENDLESS_HOURS = Decimal(8_766_000)
"""Longest notice that is told apart: 1,000 years, which a calendar can still go back [h]."""
_NONE: Array = np.empty(0, np.int64)
_NO_WINDOW: Array = np.empty((0, 3), np.int64)


@dataclass(frozen=True)
class Timeline:
    """Years one after another, with margins, each laid on one calendar year.

    Attributes
    ----------
    calendar : int
        The calendar year.
    years : int
        Years on the timeline.
    year, before, after : int
        Length of a year and of the margins [µs].
    """

    calendar: int
    years: int
    year: int
    before: int
    after: int


@dataclass(frozen=True)
class Planned:
    """Planned maintenance of components: calendars of one year, and who keeps to which.

    Laid on the timeline it may be many times as much, so that is only done for parts of it.

    Attributes
    ----------
    timeline : Timeline
        Where it is laid.
    calendar_of : ndarray of int64
        Calendar of each row of the renewal processes; the first one is empty.
    times : Outages
        Windows by calendar, in time from the beginning of the year [µs]; they may overlap, and
        reach into the margins.
    notice : ndarray of int64
        How long before each window it is announced [µs]; `UNANNOUNCED` where nobody says.
    """

    timeline: Timeline
    calendar_of: Array
    times: Outages
    notice: Array

    @cached_property
    def number(self) -> int:
        """Windows on the whole timeline."""
        counts = np.diff(self.times.offsets)[self.calendar_of]
        return int(counts.sum()) * self.timeline.years

    def between(self, first: int, last: int) -> Outages:
        """Windows that overlap a part of the timeline, by row and start.

        Those of a year are cut off where it begins and ends, so that every year has the same.

        Parameters
        ----------
        first, last : int
            The part [µs].
        """
        found = [
            tuple(part[(ends > first) & (starts < last)] for part in (places, starts, ends))
            for places, starts, ends in self._years()
        ]
        places, starts, ends = (np.concatenate([_NONE, *each]) for each in zip(*found, strict=True))
        calendars = len(self.times.offsets) - 1
        calendar = np.searchsorted(self.times.offsets, places, "right") - 1
        order = np.argsort(calendar, kind="stable")
        offsets = np.concatenate(([0], np.cumsum(np.bincount(calendar, minlength=calendars))))
        by_row, at = _repeated(offsets, self.calendar_of)
        chosen = order[at]
        return Outages(by_row, starts[chosen], ends[chosen])

    def of_a_year(self) -> Iterator[tuple[int, int, int, int]]:
        """Windows in and around one year by the calendar: row, start, end, notice [µs]."""
        times = self.times
        for row, calendar in enumerate(self.calendar_of.tolist()):
            for at in range(int(times.offsets[calendar]), int(times.offsets[calendar + 1])):
                yield row, int(times.starts[at]), int(times.ends[at]), int(self.notice[at])

    def runs_on(self, first: int, last: int) -> bool:
        """Whether the years beside a year have, near it, the windows that it has there itself.

        Parameters
        ----------
        first, last : int
            How far one looks, in time from the beginning of the year [µs].
        """
        year = self.timeline.year
        return self._same(first, 0, -year) and self._same(year, last, year)

    def _same(self, first: int, last: int, shift: int) -> bool:
        """Whether a neighbour's windows, laid so much later, are the year's own in some part."""
        starts, ends = self.times.starts, self.times.ends
        next_starts = np.maximum(starts, 0) + shift
        next_ends = np.minimum(ends, self.timeline.year) + shift
        row = np.repeat(np.arange(len(self.times.offsets) - 1), np.diff(self.times.offsets))
        own, next_one = (
            {
                *zip(
                    row[near].tolist(),
                    np.maximum(begun[near], first).tolist(),
                    np.minimum(over[near], last).tolist(),
                    strict=True,
                )
            }
            for begun, over in ((starts, ends), (next_starts, next_ends))
            for near in [(over > np.maximum(begun, first)) & (begun < last)]
        )
        return own == next_one

    def cuts(self, most: int) -> list[int]:
        """Instants between which about so many windows begin at most; none if all are fewer.

        Parameters
        ----------
        most : int
            So many; those that begin at one instant stay together.
        """
        kept_by = np.bincount(self.calendar_of, minlength=len(self.times.offsets) - 1)
        weight = np.repeat(kept_by, np.diff(self.times.offsets))
        order = np.argsort(self.times.starts, kind="stable")
        begun, cuts = 0, list[int]()
        for kept, starts, _ in self._years(order):
            so_far = begun + np.concatenate(([0], np.cumsum(weight[kept])))
            full = np.flatnonzero(np.diff(so_far // most))
            cuts += starts[full].tolist()
            begun = int(so_far[-1])
        return sorted({cut for cut in cuts if cut > 0})

    def _years(self, order: Array | None = None) -> Iterator[tuple[Array, Array, Array]]:
        """Windows of each year of the timeline, in an order: place, start and end on it."""
        line = self.timeline
        order = np.arange(len(self.times.starts)) if order is None else order
        starts, ends = self.times.starts[order], self.times.ends[order]
        for number in range(line.years):
            first = 0 if number else -line.before
            last = line.year + (0 if number < line.years - 1 else line.after)
            kept = (ends > first) & (starts < last)
            shift = line.before + number * line.year
            yield (
                order[kept],
                np.maximum(starts[kept], first) + shift,
                np.minimum(ends[kept], last) + shift,
            )


def _repeated(offsets: Array, chosen: Array) -> tuple[Array, Array]:
    """Offsets and places of groups that are taken in a given order, each any number of times."""
    counts = np.diff(offsets)[chosen]
    result = np.concatenate(([0], np.cumsum(counts)))
    places = np.arange(result[-1]) + np.repeat(offsets[chosen] - result[:-1], counts)
    return result, places


def maintained(structure: Structure) -> dict[ComponentKey, tuple[MaintenanceWindow, ...]]:
    """Components with planned maintenance of their own."""
    estate = structure.estate
    pools: tuple[tuple[_Kind, Mapping[str, Component]], ...] = (
        ("service", estate.service),
        ("location", estate.location),
        ("organization", estate.organization),
    )
    return {
        key: component.maintenance
        for kind, pool in pools
        for name, component in pool.items()
        if component.maintenance and (key := ComponentKey(kind, name)) in structure.variable
    }


def planned_maintenance(
    structure: Structure, keys: Sequence[ComponentKey], timeline: Timeline
) -> Planned | None:
    """Maintenance of the components of an estate; None where none is stated.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    keys : sequence of ComponentKey
        Components, in the order of their renewal processes.
    timeline : Timeline
        Where it is laid.
    """
    stated = maintained(structure)
    if not stated:
        return None
    calendars: dict[tuple[MaintenanceWindow, ...], int] = {(): 0}
    calendar_of = [calendars.setdefault(stated.get(key, ()), len(calendars)) for key in keys]
    windows = dict.fromkeys(window for calendar in calendars for window in calendar)
    laid = {window: _in_a_year(window, timeline) for window in windows}
    # Those of one calendar by start, end and notice.
    each = [
        parts[np.lexsort(parts.T[::-1])]
        for calendar in calendars
        for parts in [np.concatenate([_NO_WINDOW, *(laid[window] for window in calendar)])]
    ]
    starts, ends, notice = np.concatenate(each).T.copy()
    offsets = np.concatenate(([0], np.cumsum([len(parts) for parts in each]))).astype(np.int64)
    return Planned(
        timeline, np.array(calendar_of, np.int64), Outages(offsets, starts, ends), notice
    )


def _notice(window: MaintenanceWindow) -> int:
    hours = window.notice_hours
    return UNANNOUNCED if hours is None else int(min(hours, _ENDLESS_HOURS) * MICROSECONDS_PER_HOUR)


def _in_a_year(window: MaintenanceWindow, timeline: Timeline) -> Array:
    """Occurrences in the calendar year and in the margins: start, end, notice [µs]."""
    begins = datetime(timeline.calendar, 1, 1, tzinfo=UTC)
    first = begins - timedelta(microseconds=timeline.before)
    last = begins + timedelta(microseconds=timeline.year + timeline.after)
    times = window_time((window,), window.timezone, None, first, last) - microseconds(begins)
    return np.column_stack((times.reshape(-1, 2), np.full(len(times), _notice(window))))


def services_resting_on(structure: Structure, variables: Sequence[int]) -> dict[str, list[int]]:
    """Variables among some given ones that each service rests on; services without any left out."""
    if not variables:
        return {}
    gates, found = structure.gates, dict[int, set[int]]()
    for node in range(len(gates.need)):
        below = [found[a] for a in gates.arguments[node] if a in found]
        if node in variables:
            found[node] = {node}
        elif below:
            found[node] = below[0] if len(below) == 1 else set().union(*below)
    return {service: sorted(found[node]) for service, node in structure.up.items() if node in found}
