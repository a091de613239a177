"""Smallest sets of failed components that take services down, found once for all services (P3)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from itertools import combinations, product
from typing import TypeVar

from depgraph.engine.structure import ComponentKey, Structure
from depgraph.errors import LimitError

ComponentCuts = tuple[frozenset[ComponentKey], ...]
"""Smallest sets of components that take a node down."""

_MOST_CUTS = 20_000
_Member = TypeVar("_Member", bound=Hashable)


class CutFinder:
    """Cuts of every node of one estate among the components that ever fail.

    A bit stands for each component that ever fails, so that each node knows in one number what can
    reach it. What was found at a node serves every service that rests on it.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    struck : iterable of ComponentKey
        Components that ever fail; those that nothing rests on have no effect.
    """

    def __init__(self, structure: Structure, struck: Iterable[ComponentKey]) -> None:
        self._structure = structure
        self._keys = [key for key in struck if key in structure.variable]
        self._bit = {key: 1 << place for place, key in enumerate(self._keys)}
        self._reach = self._reached()
        self._known: dict[tuple[int, int], ComponentCuts] = {}

    def _reached(self) -> list[int]:
        """Bits of what can reach each node; nodes are numbered arguments first."""
        reach = [0] * len(self._structure.gates.need)
        for key, bit in self._bit.items():
            reach[self._structure.variable[key]] = bit
        for node, arguments in enumerate(self._structure.gates.arguments):
            for argument in arguments:
                reach[node] |= reach[argument]
        return reach

    def struck(self, service: str) -> Iterator[ComponentKey]:
        """Components that ever fail and that a service rests on."""
        left = self._reach[self._structure.up[service]]
        while left:
            yield self._keys[(left & -left).bit_length() - 1]
            left &= left - 1

    def cuts(self, service: str, failed: Iterable[ComponentKey]) -> ComponentCuts:
        """Smallest sets among the failed components that take a service down.

        Raises
        ------
        LimitError
            If there are too many.
        """
        active = 0
        for key in failed:
            active |= self._bit.get(key, 0)
        root = self._structure.up[service]
        found = self._known.get((root, self._reach[root] & active))
        return self._searched(root, active) if found is None else found

    def _searched(self, root: int, active: int) -> ComponentCuts:
        """Depth first over the gates that failures can reach, without recursion."""
        stack = [root]
        while stack:
            node = stack[-1]
            key = (node, self._reach[node] & active)
            waiting = () if key in self._known else self._unknown_below(node, active)
            stack.extend(waiting)
            if not waiting:
                if key not in self._known:
                    self._known[key] = self._at(node, active)
                stack.pop()
        return self._known[root, self._reach[root] & active]

    def _fallen(self, node: int, active: int) -> list[int]:
        """Arguments of a gate that failures can reach; none where it can spare them all."""
        gates = self._structure.gates
        arguments = gates.arguments[node]
        reached = [argument for argument in arguments if self._reach[argument] & active]
        return reached if len(reached) > len(arguments) - gates.need[node] else []

    def _unknown_below(self, node: int, active: int) -> list[int]:
        return [
            argument
            for argument in self._fallen(node, active)
            if (argument, self._reach[argument] & active) not in self._known
        ]

    def _at(self, node: int, active: int) -> ComponentCuts:
        """Cuts of one node from those of its arguments."""
        gates = self._structure.gates
        if gates.is_variable(node):
            key = self._structure.component[node]
            return (frozenset([key]),) if self._bit.get(key, 0) & active else ()
        below = (self._known[a, self._reach[a] & active] for a in self._fallen(node, active))
        struck = [cuts for cuts in below if cuts]
        # The gate falls when more of its arguments fall than it can spare.
        falls_with = len(gates.arguments[node]) - gates.need[node] + 1
        if len(struck) == 1 == falls_with:
            return struck[0]
        return smallest(
            frozenset[ComponentKey]().union(*chosen)
            for group in combinations(struck, falls_with)
            for chosen in product(*group)
        )


def smallest(candidates: Iterable[frozenset[_Member]]) -> tuple[frozenset[_Member], ...]:
    """Sets that contain no other one.

    Raises
    ------
    LimitError
        If there are too many candidates.
    """
    seen = set()
    for candidate in candidates:
        seen.add(candidate)
        if len(seen) > _MOST_CUTS:
            raise LimitError(
                f"more than {_MOST_CUTS} combinations of simultaneous incidents take one service "
                "down: merge incidents that describe one event"
            )
    if len(seen) == 1:
        return tuple(seen)
    kept: list[frozenset[_Member]] = []
    for candidate in sorted(seen, key=len):
        if not any(other <= candidate for other in kept):
            kept.append(candidate)
    return tuple(kept)
