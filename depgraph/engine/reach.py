"""What each component reaches: what falls with it, and where it meets others (rules A2, W5).

Two outages at one time have to be looked at together only where they meet: at a service that
either takes down, or at a redundant gate that neither takes down and that loses different
arguments to each. Where no two outages meet at such a gate, what is down is what each takes down
alone. Proof: take the lowest gate that is down and that none of them takes down alone. All its
arguments that are down are down by single outages; no single one covers enough of them, so two
outages each cover an argument that the other one does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from depgraph.engine.diagram import Array
from depgraph.engine.situations import WORD, each_failed_alone
from depgraph.engine.word_gates import WordGates
from depgraph.engine.word_rows import lowest_bit

_ONE, _TWO = np.uint64(1), np.uint64(2)
_CHUNK = 8 * WORD
_MOST_ARGUMENTS = 62
"""Arguments of a gate that are told apart; wider gates count as met by all that touch them."""
MASK_BITS = 8
UNMASKED = 255
"""Mask of a gate with too many arguments for one; one with all of 8 would take the gate down."""
_FEW_GATES = 32
"""Gates up to which two lists are compared entry by entry."""
_MOST_ENTRIES = 1 << 25
"""Entries of the lists of one estate, of 4 bytes each."""
_MOST_HIT_BYTES = 1 << 25
"""Room for the bits of nodes; where they would take more, lists are searched."""
_MOST_MEETS_BYTES = 1 << 19
"""Room for the table of who meets whom: one that is not next to the processor answers too late."""
_MOST_DENSE_BYTES = 1 << 24
_MOST_MEETINGS = 1 << 30
"""Pairs of outages that are looked at while compiling."""

Lists = Array
"""Lists in one array: list i stands at ``lists[lists[i]:lists[i + 1]]``."""


@dataclass(frozen=True)
class Reach:
    """What each component reaches by itself, as tables.

    Attributes
    ----------
    gates : Lists
        How many arguments of each node have to fall for it to fall, then the arguments.
    users : Lists
        Gates that use each node.
    hit : ndarray of uint64, shape (components, words)
        Bit n of a row is set where the component alone takes node n down; no rows where that is
        more than is worth keeping.
    nodes : Lists
        The same as lists, rising.
    redundant : ndarray of int64
        Nodes of the gates that no single argument takes down.
    partial : Lists
        Of those, by place: the ones that each component touches and does not take down, where that
        matters, in order. Each as ``place << 8 | mask`` of the arguments it takes down;
        `UNMASKED` for gates of more than 8 arguments.
    dense_at : ndarray of int64
        Row of `dense` for a component with many of them; -1 for others.
    dense : ndarray of uint8, shape (rows, redundant gates)
        Their masks, 0 where a gate is not touched.
    meets : ndarray of uint64, shape (components, words)
        Two bits for each other component: both take a service down; they meet at a gate. No rows
        where that is more than is worth keeping.
    """

    gates: Lists
    users: Lists
    hit: Array
    nodes: Lists
    redundant: Array
    partial: Lists
    dense_at: Array
    dense: Array
    meets: Array


def reach_of(compiled: WordGates, nodes: Lists, hitting: Lists) -> Reach | None:
    """Compile what each component reaches; None where that is more than is worth keeping.

    Parameters
    ----------
    compiled : WordGates
        The estate.
    nodes, hitting : Lists
        As from `nodes_hit` and `rows_hitting`.
    """
    gates, rows, count = compiled.gates, len(compiled.variables), len(compiled.gates[0])
    hit = _bits(nodes, rows, count)
    users = by_key(gates[2], np.repeat(np.arange(count), np.diff(gates[1])), count)
    services_at = by_key(compiled.services, np.arange(len(compiled.services)), count)
    pairs = int((np.diff(hitting[: count + 1]).astype(np.int64)[compiled.services] ** 2).sum())
    is_kept = rows * rows // 4 <= _MOST_MEETS_BYTES and pairs <= _MOST_MEETINGS
    meets = np.zeros((rows if is_kept else 0, -(-2 * rows // WORD)), np.uint64)
    if is_kept:
        _meet_at_services(np.unique(compiled.services), hitting, meets)
    met = _meet_at_gates(gates, users, services_at, hitting, (hit, nodes), meets)
    if met is None:
        return None
    redundant, partial = met[0], by_key(met[1], met[2], rows)
    dense_at, dense = _dense(partial, rows, len(redundant))
    return Reach(
        gates=_failing(gates),
        users=users,
        hit=hit,
        nodes=nodes,
        redundant=redundant,
        partial=partial,
        dense_at=dense_at,
        dense=dense,
        meets=meets,
    )


def nodes_hit(gates: tuple[Array, Array, Array], variables: Array) -> Lists | None:
    """Nodes that each component takes down by itself, rising; None if they are too many.

    Parameters
    ----------
    gates : tuple of ndarray of int64
        As from `flat_gates`.
    variables : ndarray of int64
        Node of each component.
    """
    words, rows, entries = -(-len(gates[0]) // WORD), len(variables), 0
    counts, places = [np.zeros(1, np.int64)], []
    for first in range(0, rows, _CHUNK):
        struck = variables[first : first + _CHUNK]
        up = each_failed_alone(gates, struck, _CHUNK // WORD, without_constant=True)
        hit: Array = np.zeros((len(struck), words), np.uint64)
        _transpose(up, hit)
        counts.append(_counted(hit))
        entries += int(counts[-1].sum())
        if entries > _MOST_ENTRIES:
            return None
        places.append(np.empty(counts[-1].sum(), np.int32))
        _list_bits(hit, places[-1])
    offsets = np.cumsum(np.concatenate(counts)) + rows + 1
    return np.concatenate((offsets.astype(np.int32), *places))


def _bits(nodes: Lists, rows: int, count: int) -> Array:
    """Bits of the nodes listed for each component; no rows where they would take too much."""
    words = -(-count // WORD)
    is_kept = 8 * rows * words <= _MOST_HIT_BYTES
    hit: Array = np.zeros((rows if is_kept else 0, words), np.uint64)
    _set_bits(nodes, hit)
    return hit


def rows_hitting(nodes: Lists, rows: int, count: int) -> Lists:
    """Components that take each node down by themselves, rising.

    Parameters
    ----------
    nodes : Lists
        As from `nodes_hit`.
    rows, count : int
        Number of components, and of nodes.
    """
    counts = np.diff(nodes[: rows + 1])
    return by_key(nodes[rows + 1 :], np.repeat(np.arange(rows, dtype=np.int32), counts), count)


def by_key(keys: Array, values: Array, number: int) -> Lists:
    """Values listed by key, in their order."""
    lists: Array = np.empty(number + 1 + len(values), np.int32)
    lists[0] = number + 1
    lists[1 : number + 1] = number + 1 + np.cumsum(np.bincount(keys, minlength=number))
    _fill(keys, values, lists[:number].copy(), lists)
    return lists


def _failing(gates: tuple[Array, Array, Array]) -> Lists:
    """Gates as lists: how many arguments have to fall, then the arguments."""
    need, offsets, arguments = gates
    nodes = np.arange(len(need))
    falls = np.where(need > 0, np.diff(offsets) - need + 1, 0)
    users = np.repeat(nodes, np.diff(offsets))
    return by_key(np.concatenate((nodes, users)), np.concatenate((falls, arguments)), len(need))


def _dense(partial: Lists, rows: int, gates: int) -> tuple[Array, Array]:
    """Masks of the components that touch many redundant gates, gate by gate."""
    many = np.flatnonzero(np.diff(partial[: rows + 1]) > _FEW_GATES)
    at: Array = np.full(rows, -1, np.int64)
    at[many] = np.arange(len(many))
    if len(many) * gates > _MOST_DENSE_BYTES:
        return np.full(rows, -1, np.int64), np.zeros((0, gates), np.uint8)
    masks: Array = np.zeros((len(many), gates), np.uint8)
    for place, row in enumerate(many):
        entries = partial[partial[row] : partial[row + 1]]
        masks[place, entries >> 8] = entries & UNMASKED
    return at, masks


@njit(cache=True)
def _transpose(up, hit):  # type: ignore[no-untyped-def]  # numba infers types
    """Set the bits of nodes that are not up, by component."""
    for node in range(up.shape[0]):
        for word in range(up.shape[1]):
            down = ~up[node, word]
            while down:
                row = (word << 6) + lowest_bit(down)
                down &= down - _ONE
                hit[row, node >> 6] |= _ONE << np.uint64(node & 63)


@njit(cache=True)
def _counted(hit):  # type: ignore[no-untyped-def]
    """Number of bits set in each row."""
    counts = np.zeros(hit.shape[0], np.int64)
    for row in range(hit.shape[0]):
        for word in hit[row]:
            left = word
            while left:
                left &= left - _ONE
                counts[row] += 1
    return counts


@njit(cache=True)
def _list_bits(hit, places):  # type: ignore[no-untyped-def]
    """Write the places of the bits that are set."""
    at = 0
    for row in range(hit.shape[0]):
        for word in range(hit.shape[1]):
            left = hit[row, word]
            while left:
                places[at] = (word << 6) + lowest_bit(left)
                left &= left - _ONE
                at += 1


@njit(cache=True)
def _fill(keys, values, at, lists):  # type: ignore[no-untyped-def]
    """Write values to the lists of their keys, from given places on."""
    for i in range(keys.shape[0]):
        lists[at[keys[i]]] = values[i]
        at[keys[i]] += 1


@njit(cache=True)
def _set_bits(nodes, hit):  # type: ignore[no-untyped-def]
    """Set the bits of listed nodes."""
    for row in range(hit.shape[0]):
        for at in range(nodes[row], nodes[row + 1]):
            hit[row, nodes[at] >> 6] |= _ONE << np.uint64(nodes[at] & 63)


@njit(cache=True)
def is_hit(hit, nodes, row, node):  # type: ignore[no-untyped-def]
    """Whether a component takes a node down by itself."""
    if hit.shape[0]:
        return (hit[row, node >> 6] >> np.uint64(node & 63)) & _ONE != 0
    at = found_at(nodes, row, node)
    return at < nodes[row + 1] and nodes[at] == node


@njit(cache=True)
def found_at(lists, row, value):  # type: ignore[no-untyped-def]
    """Where a value stands in a rising list, or would stand."""
    low, high = np.int64(lists[row]), np.int64(lists[row + 1])
    while low < high:
        middle = (low + high) >> 1
        if lists[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True)
def _note(meets, one, other, bit):  # type: ignore[no-untyped-def]
    """Note that two components meet, in both their rows."""
    meets[one, other >> 5] |= bit << np.uint64(2 * (other & 31))
    meets[other, one >> 5] |= bit << np.uint64(2 * (one & 31))


@njit(cache=True)
def _meet_at_services(nodes, touched, meets):  # type: ignore[no-untyped-def]
    """Note who takes a service down together with whom."""
    for node in nodes:
        for at in range(touched[node], touched[node + 1]):
            for before in range(touched[node], at):
                _note(meets, touched[at], touched[before], _ONE)


@njit(cache=True)
def _is_spent(node, row, taken, users, services_at):  # type: ignore[no-untyped-def]
    """Whether the state of a gate changes nothing any more: all that use it are down."""
    if services_at[node + 1] > services_at[node]:
        return False
    spent = True
    for at in range(users[node], users[node + 1]):
        spent = spent and is_hit(taken[0], taken[1], row, users[at])
    return spent


@njit(cache=True)
def _meet_at_gates(gates, users, services_at, touched, taken, meets):  # type: ignore[no-untyped-def]
    """Note who meets whom at redundant gates, where that is kept.

    The gates; components with the gates that they touch and how, as in `Reach.partial`. None if
    they are too many, or if too many pairs of components would have to be looked at.
    """
    need, offsets, arguments = gates
    room, number, looked = 1 << 12, 0, 0
    rows, found = np.empty(room, np.int64), np.empty(room, np.int64)
    hit, nodes = taken
    masks = np.zeros(nodes[0] - 1, np.uint64)
    redundant, gate_count = np.empty(need.shape[0], np.int64), 0
    for gate in range(need.shape[0]):
        low, high = offsets[gate], offsets[gate + 1]
        if need[gate] <= 0 or need[gate] == high - low:
            continue
        first = number
        redundant[gate_count] = gate
        gate_count += 1
        for at in range(low, high):
            node = arguments[at]
            bit = _ONE << np.uint64(min(at - low, _MOST_ARGUMENTS))
            for place in range(touched[node], touched[node + 1]):
                row = touched[place]
                if masks[row] == 0:
                    is_down = is_hit(hit, nodes, row, gate)
                    if is_down or _is_spent(gate, row, taken, users, services_at):
                        continue
                    if number == room:
                        room *= 2
                        rows = np.concatenate((rows, np.empty_like(rows)))
                        found = np.concatenate((found, np.empty_like(found)))
                    rows[number] = row
                    number += 1
                masks[row] |= bit
        looked += (number - first) ** 2 if meets.shape[0] else 0
        if looked > _MOST_MEETINGS or number > _MOST_ENTRIES:
            return None
        is_wide = high - low > _MOST_ARGUMENTS
        for at in range(first, number if meets.shape[0] else first):
            one = masks[rows[at]]
            for before in range(first, at):
                other = masks[rows[before]]
                both = one & other
                if is_wide or (both != one and both != other):
                    _note(meets, rows[at], rows[before], _TWO)
        for at in range(first, number):
            mask = np.int64(masks[rows[at]]) if high - low <= MASK_BITS else UNMASKED
            found[at] = ((gate_count - 1) << MASK_BITS) | mask
            masks[rows[at]] = 0
    return redundant[:gate_count], rows[:number], found[:number]
