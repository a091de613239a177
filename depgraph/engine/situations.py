"""Who is up in many situations at once, 64 of them in one machine word.

The gates of an estate are evaluated bit by bit in parallel; what-if, simulation and measurement
all ask here. One pass over the gates, in the order in which they were made: arguments first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numba import njit

from depgraph.engine.gates import GateGraph
from depgraph.engine.structure import ComponentKey, Structure
from depgraph.engine.votes import FEW, PLANES, count_bits, counts_reach

Array = np.ndarray

WORD = 64
"""Situations in one word."""
_CHUNK_WORDS = 16
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@njit(cache=True, nogil=True)
def _evaluate_vote(node, need, inside, up):  # type: ignore[no-untyped-def]  # numba infers types
    """Fill in a vote of many, word by word, counting in binary."""
    planes = np.zeros(PLANES, np.uint64)
    for w in range(up.shape[1]):
        planes[:] = 0
        for argument in inside:
            count_bits(planes, up[argument, w])
        up[node, w] = counts_reach(planes, need)


@njit(cache=True, nogil=True)
def evaluate_gates(need, offsets, arguments, up):  # type: ignore[no-untyped-def]
    """Fill in every gate, word by word; `up` has a row per node."""
    words = up.shape[1]
    for node in range(need.shape[0]):
        first, last = offsets[node], offsets[node + 1]
        count = last - first
        k = need[node]
        if k <= 0:
            continue
        if k == count:
            for w in range(words):
                up[node, w] = up[arguments[first], w]
            for at in range(first + 1, last):
                for w in range(words):
                    up[node, w] &= up[arguments[at], w]
        elif k == 1:
            for w in range(words):
                up[node, w] = up[arguments[first], w]
            for at in range(first + 1, last):
                for w in range(words):
                    up[node, w] |= up[arguments[at], w]
        else:
            if k > FEW:
                _evaluate_vote(node, k, arguments[first:last], up)
                continue
            # counted[j]: at least j of the arguments seen so far are up.
            counted = np.zeros(k + 1, np.uint64)
            for w in range(words):
                counted[1:] = 0
                counted[0] = np.uint64(0xFFFFFFFFFFFFFFFF)
                for at in range(first, last):
                    for j in range(k, 0, -1):
                        counted[j] |= counted[j - 1] & up[arguments[at], w]
                up[node, w] = counted[k]


@njit(cache=True, nogil=True)
def _count_down(rows, up, counts, words):  # type: ignore[no-untyped-def]
    """Add, per situation, how many of the given rows are down."""
    for row in rows:
        for w in range(words):
            down = ~up[row, w]
            if down:
                for bit in range(64):
                    counts[w * 64 + bit] += np.int64((down >> np.uint64(bit)) & np.uint64(1))


class Situations:
    """Evaluates one compiled estate in many situations at once.

    Parameters
    ----------
    structure : Structure
        The estate compiled.

    Attributes
    ----------
    components : tuple of ComponentKey
        Row order of what goes in.
    services : tuple of str
        Row order of what comes out.
    """

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.components: tuple[ComponentKey, ...] = tuple(structure.variable)
        self.services: tuple[str, ...] = tuple(structure.up)
        self.need, self.offsets, self.arguments = flat_gates(structure.gates)
        self._variables = np.array(list(structure.variable.values()), np.int64)
        self._nodes = np.array([structure.up[service] for service in self.services], np.int64)

    def services_up(self, components_up: Array) -> Array:
        """Which services are up (rules A2, A6).

        Parameters
        ----------
        components_up : ndarray of uint64, shape (components, words)
            Bit b of word w is set where a component works in situation 64 w + b.

        Returns
        -------
        ndarray of uint64, shape (services, words)
            The same for the services.
        """
        result = np.empty((len(self.services), components_up.shape[1]), np.uint64)
        for first in range(0, components_up.shape[1], _CHUNK_WORDS):
            chunk = components_up[:, first : first + _CHUNK_WORDS]
            result[:, first : first + _CHUNK_WORDS] = self.nodes_up(chunk)[self._nodes]
        return result

    def nodes_up(self, components_up: Array) -> Array:
        """Which gates are up, shape (nodes, words); inner detail for explanations."""
        up = self._blank(components_up.shape[1])
        up[self._variables] = components_up
        evaluate_gates(self.need, self.offsets, self.arguments, up)
        return up

    def single_outages(self) -> Iterator[tuple[ComponentKey, int]]:
        """Every component with the number of services that fall when it alone fails."""
        for first in range(0, len(self.components), _CHUNK_WORDS * WORD):
            struck = self._variables[first : first + _CHUNK_WORDS * WORD]
            words = -(-len(struck) // WORD)
            up = self._blank(words)
            up[self._variables] = _ALL
            place = np.arange(len(struck))
            up[struck, place // WORD] ^= np.uint64(1) << (place % WORD).astype(np.uint64)
            evaluate_gates(self.need, self.offsets, self.arguments, up)
            counts = np.zeros(words * WORD, np.int64)
            _count_down(self._nodes, up, counts, words)
            yield from zip(self.components[first:], map(int, counts[: len(struck)]), strict=False)

    def _blank(self, words: int) -> Array:
        """Room for every node, with the constant "up" set."""
        up = np.zeros((len(self.need), words), np.uint64)
        up[1] = _ALL
        return up


def each_failed_alone(
    gates: tuple[Array, Array, Array], nodes: Array, words: int, *, without_constant: bool = False
) -> Array:
    """Who is up where each of some nodes fails in a situation of its own.

    Parameters
    ----------
    gates : tuple of ndarray of int64
        As from `flat_gates`.
    nodes : ndarray of int64
        What fails; the bit of a situation is the place here.
    words : int
        Words for the situations, at least one bit for each of `nodes`.
    without_constant : bool
        Whether node 0, which is down in every situation, is left out of what falls.

    Returns
    -------
    ndarray of uint64, shape (nodes of the estate, words)
        A bit per node and situation.
    """
    up = np.full((len(gates[0]), words), _ALL, np.uint64)
    up[0] = _ALL if without_constant else 0
    place = np.arange(len(nodes))
    up[nodes, place // WORD] ^= np.uint64(1) << (place % WORD).astype(np.uint64)
    evaluate_gates(*gates, up)
    return up


def flat_gates(gates: GateGraph, kept: Sequence[int] | None = None) -> tuple[Array, Array, Array]:
    """Gates as arrays: how many arguments are needed, offsets, arguments.

    Parameters
    ----------
    gates : GateGraph
        Source.
    kept : sequence of int, optional
        Nodes to keep, closed under arguments, each after its own; they are numbered from 0 in
        this order. All when None.

    Returns
    -------
    tuple of ndarray of int64
        Shapes (nodes,), (nodes + 1,), (arguments,); the arguments of node i stand at
        ``offsets[i]:offsets[i + 1]``. Arguments have smaller numbers than the gates that use them.
    """
    if kept is None:
        return gates.flat()
    place = {node: number for number, node in enumerate(kept)}
    flat = [place[argument] for node in kept for argument in gates.arguments[node]]
    sizes = [len(gates.arguments[node]) for node in kept]
    offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    return (
        np.array([gates.need[node] for node in kept], np.int64),
        offsets,
        np.array(flat, np.int64),
    )
