"""When each component is down: alternating renewal in steady state (rule W5).

A component works and is broken in turn. The simulated timeline is a window on a process that has
run forever: a component is down at its start with the probability of its unavailability.
Components are independent; what fails together is a component of its own (rules A3, A13).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numba import njit

from depgraph.engine.diagram import Array
from depgraph.engine.exact import Pair
from depgraph.engine.outage_lengths import (
    KINDS,
    STATE_SIZE,
    open_stream,
    remaining,
    uniform,
    write_durations,
)
from depgraph.engine.structure import ComponentKey, Structure
from depgraph.model.component import Component
from depgraph.model.duration import DurationShape

MICROSECONDS_PER_HOUR = 3_600_000_000
_NEVER = 4.0e18
"""Longer than any timeline [µs]."""
_ROOM = 1 << 16
_MOST_EXPECTED = 1 << 24
"""Outages for which room is made before they are drawn."""
_BATCH = 16
"""Durations drawn at a time."""


@dataclass(frozen=True)
class Renewal:
    """Processes of all components that can fail, as arrays in one order.

    Attributes
    ----------
    keys : tuple of ComponentKey
        What each row is.
    variables : ndarray of int64
        Its variable in the gates.
    streams : ndarray of uint64
        Name of its stream: a digest of kind and id, so that it survives edits of the estate.
    unavailability : ndarray of float64
        Long-run share of time down [1].
    rate : ndarray of float64
        Outages in the long run, of what is neither always up nor always down [1/µs].
    up_scale, down_scale : ndarray of float64
        Scales of the two distributions [µs].
    kinds : ndarray of int64, shape (rows, 2)
        Families of times to failure and times to restore.
    shape : ndarray of float64, shape (rows, 2)
        Their shapes; 1 where a family has none.
    """

    keys: tuple[ComponentKey, ...]
    variables: Array
    streams: Array
    unavailability: Array
    rate: Array
    up_scale: Array
    down_scale: Array
    kinds: Array
    shape: Array


def renewal_of(
    structure: Structure,
    figures: Mapping[int, Pair],
    shapes: tuple[DurationShape, DurationShape],
    mttr_hours: float,
) -> Renewal:
    """Processes of the components that are ever down, planned maintenance included.

    Parameters
    ----------
    structure : Structure
        Components.
    figures : mapping of int to Pair
        Availability and unavailability by variable [1].
    shapes : tuple of DurationShape
        Families of times to failure and of times to restore of components that state none.
    mttr_hours : float
        Mean time to restore of components that state none [h]. A common cause takes the longest
        one of its members.
    """
    failing = [
        variable
        for variable, pair in figures.items()
        if pair.down > 0.0 or _is_maintained(structure, structure.component[variable])
    ]
    keys = tuple(structure.component[variable] for variable in failing)
    down = np.array([figures[variable].down for variable in failing])
    up = np.array([figures[variable].up for variable in failing])
    hours = np.array([stated_mttr_hours(structure, key) or mttr_hours for key in keys])
    mean_down = hours * MICROSECONDS_PER_HOUR
    never = np.full(len(failing), _NEVER)
    mean_up = mean_down * np.divide(up, down, out=never, where=down > 0.0)
    families = [stated_shapes(structure, key, shapes) for key in keys]
    return Renewal(
        keys=keys,
        variables=np.array(failing, np.int64),
        streams=np.array([_stream(key) for key in keys], np.uint64),
        unavailability=down,
        rate=np.where(down < 1.0, down / mean_down, 0.0),
        up_scale=np.array(
            [own[0].scale(float(mean)) for own, mean in zip(families, mean_up, strict=True)]
        ),
        down_scale=np.array(
            [own[1].scale(float(mean)) for own, mean in zip(families, mean_down, strict=True)]
        ),
        kinds=np.array(
            [[KINDS.index(each.kind) for each in own] for own in families], np.int64
        ).reshape(-1, 2),
        shape=np.array([[each.shape or 1.0 for each in own] for own in families]).reshape(-1, 2),
    )


def stated_mttr_hours(structure: Structure, key: ComponentKey) -> float | None:
    """Mean time to restore that the estate gives for a component [h]; None where it gives none."""
    if key.kind == "common_cause":
        members = [stated_mttr_hours(structure, ComponentKey(key.strikes, m)) for m in key.members]
        return max((hours for hours in members if hours is not None), default=None)
    hours_given = _component(structure, key).mttr_hours
    return float(hours_given) if hours_given else None


def stated_shapes(
    structure: Structure, key: ComponentKey, otherwise: tuple[DurationShape, DurationShape]
) -> tuple[DurationShape, DurationShape]:
    """Families of times to failure and to restore of a component; a common cause states none."""
    if key.kind == "common_cause":
        return otherwise
    component = _component(structure, key)
    return component.time_to_failure or otherwise[0], component.time_to_restore or otherwise[1]


def _is_maintained(structure: Structure, key: ComponentKey) -> bool:
    """Whether a component has planned maintenance of its own."""
    return key.kind != "common_cause" and bool(_component(structure, key).maintenance)


def _component(structure: Structure, key: ComponentKey) -> Component:
    """Record of a component that is no common cause."""
    estate = structure.estate
    pools: dict[str, Mapping[str, Component]] = {
        "service": estate.service,
        "location": estate.location,
        "organization": estate.organization,
    }
    return pools[key.kind][key.id]


def _stream(key: ComponentKey) -> int:
    """64-bit name of a component's stream."""
    name = f"{key.kind}\0{key.strikes}\0{key.id}".encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "little")


def stream_key(seed: int) -> Array:
    """Key of the generator for a seed, well mixed by NumPy's `SeedSequence`."""
    key: Array = np.random.SeedSequence(seed).generate_state(2, np.uint64)
    return key


@dataclass(frozen=True)
class Outages:
    """Outages of all components on one timeline.

    Attributes
    ----------
    offsets : ndarray of int64
        Outages of row i stand at ``offsets[i]:offsets[i + 1]``, in order, apart from each other.
    starts, ends : ndarray of int64
        First instant, and first instant after it [µs].
    """

    offsets: Array
    starts: Array
    ends: Array


def outages(renewal: Renewal, key: Array, block: int, length: int) -> Outages:
    """Draw the outages of every component on one timeline.

    Parameters
    ----------
    renewal : Renewal
        The processes.
    key : ndarray of uint64
        From `stream_key`.
    block : int
        Number of the block of years; each is a timeline of its own.
    length : int
        Length of the timeline [µs].
    """
    rows = len(renewal.keys)
    expected = float(renewal.rate.sum()) * length
    # What is expected as a rule suffices: to begin small and to double would touch memory twice.
    room = _ROOM + int(min(1.05 * expected, _MOST_EXPECTED))
    starts, ends = np.empty(room, np.int64), np.empty(room, np.int64)
    offsets = np.zeros(rows + 1, np.int64)
    law, cursors = law_of(renewal), new_cursors(1)
    done = 0
    while done < rows:
        done = draw(law, key, (block, length, 0, length, done), cursors, (offsets, starts, ends))
        if done < rows:
            starts = np.concatenate((starts, np.empty_like(starts)))
            ends = np.concatenate((ends, np.empty_like(ends)))
    return Outages(offsets, starts[: offsets[-1]], ends[: offsets[-1]])


def law_of(renewal: Renewal) -> tuple[Array, ...]:
    """What `draw` needs of the processes."""
    return (
        renewal.streams, renewal.unavailability, renewal.up_scale, renewal.down_scale,
        renewal.kinds, renewal.shape,
    )  # fmt: skip


Cursors = tuple[Array, Array, Array]
"""How far each process is drawn: its stream; until when, and durations that are drawn and not used
yet; how many of them are used, and the end of an outage that was cut off."""


def new_cursors(rows: int) -> Cursors:
    """Cursors of so many processes; one alone serves all where nothing is to be carried on."""
    return (
        np.empty((rows, STATE_SIZE), np.uint64),
        np.empty((rows, 1 + 2 * _BATCH)),
        np.zeros((rows, 2), np.int64),
    )


@njit(cache=True, nogil=True)
def draw(law, key, window, cursors, into):  # type: ignore[no-untyped-def]
    """Outages within a window, row by row from a given one, cut off at its ends.

    Parameters
    ----------
    law : tuple of ndarray
        From `law_of`.
    key : ndarray of uint64
        From `stream_key`.
    window : tuple of int
        Block; length of its timeline; start and end of the window [µs]; first row. The window
        begins where the one before it ended, the first one at 0.
    cursors : Cursors
        Where the window before it left them.
    into : tuple of ndarray of int64
        Offsets, starts and ends as in `Outages`, filled from the first row on.

    Returns
    -------
    int
        Number of rows done; fewer than there are when the room is full. The row at which that
        happened can be drawn again in the first window, where it begins anew.
    """
    streams, unavailability, up_scale, down_scale, kinds, shapes = law
    block, length, first, last, first_row = window
    offsets, starts, ends = into
    words = np.empty(_BATCH, np.uint64)
    rows, own, place = streams.shape[0], cursors[0].shape[0] > 1, 0
    state, marks = cursors[0][0], cursors[2][0]
    working, broken = cursors[1][0, 1 : 1 + _BATCH], cursors[1][0, 1 + _BATCH :]
    for row in range(first_row, rows):
        at = offsets[row]
        down = unavailability[row]
        if down <= 0.0:
            offsets[row + 1] = at
            continue
        if down >= 1.0:
            if at + 1 > starts.shape[0]:
                return row
            starts[at], ends[at] = first, last
            cursors[2][row if own else 0, 1] = length
            offsets[row + 1] = at + 1
            continue
        up_law = kinds[row, 0], shapes[row, 0], up_scale[row]
        down_law = kinds[row, 1], shapes[row, 1], down_scale[row]
        if own:
            place = row
            state, marks = cursors[0][row], cursors[2][row]
            working, broken = cursors[1][row, 1 : 1 + _BATCH], cursors[1][row, 1 + _BATCH :]
        running, left = False, 0.0
        if first == 0:
            open_stream(state, key, streams[row], np.uint64(block))
            # The first outage is the one that is running, or ends what is left of working.
            running = uniform(state) < down
            if running:
                now, left = 0.0, remaining(state, *down_law)
            else:
                now = remaining(state, *up_law)
            used, until = _BATCH, np.int64(0)
        else:
            now, used, until = cursors[1][place, 0], marks[0], marks[1]
        if until > first:
            if at >= starts.shape[0]:
                return row
            starts[at], ends[at] = first, min(until, last)
            at += 1
        # What begins where an outage ends is one with it, also beyond the window.
        while now < last or (until > last and now < length and np.int64(now + 0.5) <= until):
            if used == _BATCH:
                write_durations(state, down_law, words, broken)
                write_durations(state, up_law, words, working)
                used = 0
            begin = np.int64(now + 0.5)
            now += left if running else broken[used]
            running = False
            until = min(np.int64(min(now, _NEVER) + 0.5), length)
            finish = min(until, last)
            if finish > begin:
                if at >= starts.shape[0]:
                    return row
                if at > offsets[row] and begin <= ends[at - 1]:
                    ends[at - 1] = finish
                else:
                    starts[at], ends[at] = begin, finish
                    at += 1
            now += working[used]
            used += 1
        offsets[row + 1] = at
        cursors[1][place, 0], marks[0], marks[1] = now, used, until
    return rows
