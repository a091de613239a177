"""Planned maintenance of components on the simulated timeline (rules M3, W5).

A component is down in the windows that the estate states for it. Every simulated year has the
windows of the calendar year it is laid on; whether they count is for each contract to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
    """Planned maintenance of components on one timeline, component by component.

    Attributes
    ----------
    times : Outages
        When, by row of the renewal processes; windows of one component may overlap.
    notice : ndarray of int64
        How long before each window it is announced [µs]; `UNANNOUNCED` where nobody says.
    """

    times: Outages
    notice: Array


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
    offsets, found = [0], []
    for key in keys:
        spans = [
            (start, end, _notice(window))
            for window in stated.get(key, ())
            for start, end in _on_timeline(window, timeline)
        ]
        found += sorted(spans)
        offsets.append(len(found))
    starts, ends, notice = np.array(found, np.int64).reshape(-1, 3).T
    return Planned(Outages(np.array(offsets, np.int64), starts, ends), notice)


def _notice(window: MaintenanceWindow) -> int:
    hours = window.notice_hours
    return UNANNOUNCED if hours is None else int(hours * MICROSECONDS_PER_HOUR)


def _on_timeline(window: MaintenanceWindow, timeline: Timeline) -> list[tuple[int, int]]:
    """Occurrences of a window, cut off at the ends of the timeline."""
    begins = datetime(timeline.calendar, 1, 1, tzinfo=UTC)
    first = begins - timedelta(microseconds=timeline.before)
    last = begins + timedelta(microseconds=timeline.year + timeline.after)
    times = window_time((window,), window.timezone, None, first, last) - microseconds(begins)
    length = timeline.before + timeline.years * timeline.year + timeline.after
    found = []
    for number in range(timeline.years):
        shift = timeline.before + number * timeline.year
        for start, end in times.tolist():
            in_first, in_last = number == 0, number == timeline.years - 1
            if (start >= 0 or in_first) and (start < timeline.year or in_last):
                found.append((max(0, start + shift), min(length, end + shift)))
    return [(start, end) for start, end in found if start < end]


def with_planned(drawn: Outages, planned: Planned | None) -> Outages:
    """Outages together with planned maintenance: when each component is down, for any reason."""
    return drawn if planned is None else together(drawn, planned.times)


def together(drawn: Outages, more: Outages) -> Outages:
    """Outages of two kinds of the same components, as ordered, disjoint ones."""
    offsets, starts, ends = [0], [], []
    for row in range(len(drawn.offsets) - 1):
        one = slice(drawn.offsets[row], drawn.offsets[row + 1])
        other = slice(more.offsets[row], more.offsets[row + 1])
        begin, finish = drawn.starts[one], drawn.ends[one]
        if other.stop > other.start:
            begin, finish = _union(
                np.concatenate((begin, more.starts[other])),
                np.concatenate((finish, more.ends[other])),
            )
        starts.append(begin)
        ends.append(finish)
        offsets.append(offsets[-1] + len(begin))
    return Outages(np.array(offsets, np.int64), np.concatenate(starts), np.concatenate(ends))


def _union(starts: Array, ends: Array) -> tuple[Array, Array]:
    """Intervals in any order as ordered, disjoint ones."""
    order = np.argsort(starts, kind="stable")
    starts, reach = starts[order], np.maximum.accumulate(ends[order])
    first = np.concatenate(([True], starts[1:] > reach[:-1]))
    last = np.concatenate((first[1:], [True]))
    return starts[first], reach[last]


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
