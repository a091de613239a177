"""A part of a gate graph told apart by the state of the few leaves that it uses more than once.

A vote over thousands of members has no small diagram. Where what the members share is little, as
three zones under ten thousand machines, the part is solved for each state of what is shared: there
the members are independent, and a vote is a sum (rule A3: total probability).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Protocol

import numpy as np
from numba import njit

from depgraph.engine.diagram import Array
from depgraph.engine.gates import GateGraph
from depgraph.engine.parts import Part
from depgraph.engine.votes import vote, vote_gains

_WIDE = 100_000
"""Nodes of a vote's diagram from which cases are tried."""
_WIDE_ALONE = 5_000
"""The same for a vote over independent things to be summed up."""
_MOST_SHARED = 8


class Solved(Protocol):
    """A part solved without a diagram of its own, or for one state of its shared leaves."""

    def figure(self, up: Array, down: Array) -> tuple[float, float]:
        """Availability and unavailability of the part, by those of the leaves [1]."""

    def gains(self, up: Array, down: Array) -> Array:
        """Birnbaum importance of each leaf; in one state 0 for those that are shared [1]."""


@dataclass(frozen=True)
class Vote:
    """A vote over independent things, summed up."""

    need: int
    """How many must be up."""

    def figure(self, up: Array, down: Array) -> tuple[float, float]:
        """Availability and unavailability [1]."""
        p, q = vote(self.need, up, down)
        return float(p), float(q)

    def gains(self, up: Array, down: Array) -> Array:
        """Birnbaum importance of each thing [1]."""
        found: Array = vote_gains(self.need, up, down)
        return found


@dataclass(frozen=True)
class Cases:
    """All cases of one part.

    Attributes
    ----------
    shared : tuple of int
        Places of the shared leaves among all.
    states : tuple of tuple of bool
        Whether each shared leaf is up, by case.
    solved : tuple of Solved
        The cases.
    """

    shared: tuple[int, ...]
    states: tuple[tuple[bool, ...], ...]
    solved: tuple[Solved, ...]

    def figure(self, up: Array, down: Array) -> tuple[float, float]:
        """Availability and unavailability of the part: sums of positive terms (rule A8)."""
        weights = self._weights(up, down)
        figures = np.array([case.figure(up, down) for case in self.solved])
        p, q = weights @ figures
        return float(p), float(q)

    def gains(self, up: Array, down: Array) -> Array:
        """Birnbaum importance of each leaf (rule A11)."""
        weights = self._weights(up, down)
        found: Array = np.zeros(len(up))
        for weight, case in zip(weights, self.solved, strict=True):
            found += weight * case.gains(up, down)
        figures = {s: c.figure(up, down) for s, c in zip(self.states, self.solved, strict=True)}
        for at, leaf in enumerate(self.shared):
            found[leaf] = sum(self._differences(at, (up, down), figures))
        return found

    def _weights(self, up: Array, down: Array) -> Array:
        """Probability of each case."""
        shared = list(self.shared)
        found: Array = np.where(np.array(self.states), up[shared], down[shared]).prod(axis=1)
        return found

    def _differences(
        self,
        at: int,
        ends: tuple[Array, Array],
        figures: dict[tuple[bool, ...], tuple[float, float]],
    ) -> Iterator[float]:
        """What one shared leaf changes in each state of the others, by their probability."""
        up, down = ends
        others = [leaf for leaf in self.shared if leaf != self.shared[at]]
        for state, (p, q) in figures.items():
            if state[at]:
                rest = state[:at] + state[at + 1 :]
                p_failed, q_failed = figures[*state[:at], False, *state[at + 1 :]]
                weight = np.where(rest, up[others], down[others]).prod()
                # Whichever of p and q is small carries more digits of the difference.
                yield float(weight * (p - p_failed if p < 0.5 else q_failed - q))  # noqa: PLR2004 - one half


def wide_vote(part: Part) -> Vote | None:
    """Vote that a part is, where its diagram would be large; None otherwise."""
    if len(part.gates) != 1 or _largest_diagram(part) < _WIDE_ALONE:
        return None
    inside = part.inside(part.root)
    return Vote(int(part.need[part.root])) if len(set(inside)) == len(inside) else None


def shared_leaves(part: Part) -> tuple[int, ...] | None:
    """Places of the leaves that tell the cases of a part; None where cases would not help."""
    if _largest_diagram(part) < _WIDE:
        return None
    users = np.bincount(part.arguments, minlength=len(part.need))[: len(part.leaves)]
    shared = tuple(np.flatnonzero(users > 1).tolist())
    return shared if len(shared) <= _MOST_SHARED else None


@njit(cache=True)
def _largest_diagram(part):  # type: ignore[no-untyped-def]  # numba infers types
    """Nodes of the diagram of the largest vote among the gates."""
    largest = 0
    for gate in range(part.leaves.shape[0], part.need.shape[0]):
        need, length = part.need[gate], part.offsets[gate + 1] - part.offsets[gate]
        largest = max(largest, need * (length - need + 1))
    return largest


def states_of(shared: Sequence[int]) -> tuple[tuple[bool, ...], ...]:
    """All states of shared leaves."""
    return tuple(product((True, False), repeat=len(shared)))


def alone(part: Part) -> tuple[GateGraph, int]:
    """Copy a part; its leaves are variables, numbered on from `first_leaf`."""
    copy = GateGraph()
    image = [copy.variable() for _ in part.leaves]
    for node in range(len(part.leaves), len(part.need)):
        arguments = [image[argument] for argument in part.inside(node)]
        image.append(copy.at_least(int(part.need[node]), arguments))
    return copy, image[part.root]


first_leaf = GateGraph().variable()
"""Number of the first variable of a graph."""
