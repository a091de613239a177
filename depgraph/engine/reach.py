"""What falls with each component, and with each redundant gate, by itself (rules A2, W5).

A redundant gate is one that no single argument takes down. All other gates fall with any of their
arguments; so what is down follows from what components and redundant gates take down by
themselves, and from which arguments of redundant gates each of them takes down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from depgraph.engine.diagram import Array
from depgraph.engine.word_gates import WordGates

_MOST_ENTRIES = 1 << 25
"""Entries of the lists of one estate, of 4 bytes each."""
_ROOM = 1 << 12
MASK_BITS = 8
"""Arguments of a gate that fit into a mask."""

Lists = Array
"""Lists in one array: list i stands at ``lists[lists[i]:lists[i + 1]]``."""


@dataclass(frozen=True)
class Redundant:
    """Redundant gates; those with few arguments first.

    Attributes
    ----------
    few : int
        How many of them have at most `MASK_BITS` arguments.
    falls : ndarray of int64
        How many arguments of each have to fall for it to fall.
    first : ndarray of int64
        First slot of each, and the end of the last one's: there is a slot for each argument.
    gate : ndarray of int64
        Gate of each slot.
    """

    few: int
    falls: Array
    first: Array
    gate: Array


@dataclass(frozen=True)
class Reach:
    """What falls with each cause by itself: the components first, then the redundant gates.

    Attributes
    ----------
    components : int
        How many there are.
    services : Lists
        Services that each cause takes down, rising; those that rest on one node are one, numbered
        as in `served`.
    served : ndarray of int64
        Number of each service there.
    touched : Lists
        Gates of few arguments of which each cause takes some down, as
        ``gate << MASK_BITS | mask`` of these; neither gates that it takes down itself, nor such as
        change nothing while it lasts.
    touched_wide : Lists
        Of other gates, the slots of the arguments that each cause takes down.
    redundant : Redundant
        The redundant gates.
    """

    components: int
    services: Lists
    served: Array
    touched: Lists
    touched_wide: Lists
    redundant: Redundant

    @property
    def distinct(self) -> int:
        """How many services there are, as numbered in `served`."""
        return int(self.served.max(initial=-1)) + 1


def reach_of(compiled: WordGates) -> Reach | None:
    """Compile what each cause reaches; None where that is more than is worth keeping.

    Parameters
    ----------
    compiled : WordGates
        The estate.
    """
    need, offsets, arguments = compiled.gates
    count, rows = len(need), len(compiled.variables)
    counts = np.diff(offsets)
    falls: Array = np.where(need > 0, counts - need + 1, 0)
    nodes = np.flatnonzero(falls > 1)
    nodes = nodes[np.argsort(counts[nodes] > MASK_BITS, kind="stable")]
    redundant = _redundant(counts[nodes], falls[nodes])
    number: Array = np.full(count, -1)
    number[nodes] = np.arange(len(nodes))
    distinct, served = np.unique(compiled.services, return_inverse=True)
    service: Array = np.full(count, -1)
    service[distinct] = np.arange(len(distinct))
    users = by_key(arguments, np.repeat(np.arange(count), counts), count)
    found = _reached(
        np.concatenate((compiled.variables, nodes)),
        (offsets, arguments, falls),
        (users, service),
        (number, redundant.few, redundant.first),
        _MOST_ENTRIES,
    )
    if found is None:
        return None
    causes = rows + len(nodes)
    (services, fallen_by), (touched, touched_by), (wide, wide_by) = found
    return Reach(
        components=rows,
        services=_rising(services, fallen_by, len(distinct), causes),
        served=served,
        touched=by_key(touched_by, touched, causes),
        touched_wide=by_key(wide_by, wide, causes),
        redundant=redundant,
    )


def _redundant(arguments: Array, falls: Array) -> Redundant:
    """Redundant gates, and room for their arguments."""
    first = np.concatenate(([0], np.cumsum(arguments)))
    gate = np.repeat(np.arange(len(falls)), arguments)
    return Redundant(int((arguments <= MASK_BITS).sum()), falls, first, gate)


def by_key(keys: Array, values: Array, number: int) -> Lists:
    """Values listed by key, in their order."""
    lists: Array = np.empty(number + 1 + len(values), np.int32)
    lists[0] = number + 1
    lists[1 : number + 1] = number + 1 + np.cumsum(np.bincount(keys, minlength=number))
    _fill(keys, values, lists[:number].copy(), lists)
    return lists


def _rising(values: Array, keys: Array, most: int, number: int) -> Lists:
    """Values listed by key, rising: they are listed by value first."""
    by_value = by_key(values, keys, most)
    rising = np.repeat(np.arange(most, dtype=np.int32), np.diff(by_value[: most + 1]))
    return by_key(by_value[most + 1 :], rising, number)


@njit(cache=True)
def _fill(keys, values, at, lists):  # type: ignore[no-untyped-def]  # numba infers types
    """Write values to the lists of their keys, from given places on."""
    for i in range(keys.shape[0]):
        lists[at[keys[i]]] = values[i]
        at[keys[i]] += 1


@njit(cache=True)
def _reached(causes, gates, above, redundant, most):  # type: ignore[no-untyped-def]
    """What each cause takes down and touches, as in `Reach`, each with its cause.

    None if there is more than may be kept.
    """
    offsets, arguments, falls = gates
    users, service = above
    number, few, first = redundant
    nodes = falls.shape[0]
    fallen = np.full(nodes, -1, np.int64)
    seen, counted = np.full(nodes, -1, np.int64), np.zeros(nodes, np.int64)
    waiting, met = np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    services, touched, wide = _room(), _room(), _room()
    entries, touches, slots = 0, 0, 0
    for cause in range(causes.shape[0]):
        waiting[0] = causes[cause]
        fallen[causes[cause]] = cause
        done, last, gates_met = 0, 1, 0
        while done < last:
            node = waiting[done]
            done += 1
            for at in range(users[node], users[node + 1]):
                gate = users[at]
                if fallen[gate] == cause:
                    continue
                if seen[gate] != cause:
                    seen[gate], counted[gate] = cause, 0
                    if number[gate] >= 0:
                        met[gates_met] = gate
                        gates_met += 1
                counted[gate] += 1
                if counted[gate] >= falls[gate]:
                    fallen[gate] = cause
                    waiting[last] = gate
                    last += 1
        services = _with_room(services, entries + last)
        for at in range(last):
            if service[waiting[at]] >= 0:
                services[0, entries], services[1, entries] = service[waiting[at]], cause
                entries += 1
        touched = _with_room(touched, touches + gates_met)
        for at in range(gates_met):
            gate = met[at]
            if fallen[gate] == cause or _is_spent(gate, cause, fallen, users, service):
                continue
            low, high = offsets[gate], offsets[gate + 1]
            mask = 0
            if number[gate] < few:
                for place in range(low, high):
                    mask |= np.int64(fallen[arguments[place]] == cause) << (place - low)
                touched[0, touches] = (number[gate] << MASK_BITS) | mask
                touched[1, touches] = cause
                touches += 1
                continue
            wide = _with_room(wide, slots + high - low)
            for place in range(low, high):
                if fallen[arguments[place]] == cause:
                    wide[0, slots] = first[number[gate]] + place - low
                    wide[1, slots] = cause
                    slots += 1
        if max(entries, touches, slots) > most:
            return None
    return (
        (services[0, :entries], services[1, :entries]),
        (touched[0, :touches], touched[1, :touches]),
        (wide[0, :slots], wide[1, :slots]),
    )


@njit(cache=True)
def _room():  # type: ignore[no-untyped-def]
    """Room for entries and their causes."""
    return np.empty((2, _ROOM), np.int32)


@njit(cache=True)
def _with_room(entries, number):  # type: ignore[no-untyped-def]
    """The entries, with room for so many."""
    size = entries.shape[1]
    if number <= size:
        return entries
    larger = np.empty((2, max(number, 2 * size)), np.int32)
    larger[:, :size] = entries
    return larger


@njit(cache=True)
def _is_spent(gate, cause, fallen, users, service):  # type: ignore[no-untyped-def]
    """Whether the state of a gate changes nothing any more: all that use it are down."""
    spent = service[gate] < 0
    for at in range(users[gate], users[gate + 1]):
        spent = spent and fallen[users[at]] == cause
    return spent
