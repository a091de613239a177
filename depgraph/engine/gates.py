"""Monotone gate graphs: "at least k of n arguments are up" over independent components.

A node is a constant, a variable (a component) or a gate. Equal gates are one node (rule A3), and
constants never survive inside a gate. Everything is iterative: estates may be long chains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain
from typing import NamedTuple

import numpy as np

FALSE = 0
TRUE = 1
_CONSTANT = -1
_VARIABLE = 0


class FlatGraph(NamedTuple):
    """Gates as arrays of int64: the arguments of node i stand at ``offsets[i]:offsets[i + 1]``.

    Arguments have smaller numbers than the gates that use them.
    """

    need: np.ndarray
    offsets: np.ndarray
    arguments: np.ndarray


class GateGraph:
    """A growing set of nodes; nodes 0 and 1 are the constants down and up.

    Attributes
    ----------
    need : list of int
        Per node: how many arguments must be up; 0 for variables, -1 for constants.
    arguments : list of tuple of int
        Per node: its arguments; empty for variables and constants.
    """

    def __init__(self) -> None:
        self.need: list[int] = [_CONSTANT, _CONSTANT]
        self.arguments: list[tuple[int, ...]] = [(), ()]
        self._all: dict[frozenset[int], int] = {}
        self._any: dict[frozenset[int], int] = {}
        self._votes: dict[tuple[int, tuple[int, ...]], int] = {}
        nothing = np.empty(0, np.int64)
        self._flat = FlatGraph(nothing, np.zeros(1, np.int64), nothing)

    def variable(self) -> int:
        """Add a component and return its node."""
        self.need.append(_VARIABLE)
        self.arguments.append(())
        return len(self.need) - 1

    def variables(self, count: int) -> range:
        """Add several components and return their nodes."""
        first = len(self.need)
        self.need += [_VARIABLE] * count
        self.arguments += [()] * count
        return range(first, first + count)

    def flat(self) -> FlatGraph:
        """All nodes as arrays, not to be written to; only nodes added since are looked at."""
        need, offsets, arguments = self._flat
        fresh = self.arguments[len(need) :]
        if fresh:
            ends = np.cumsum(np.fromiter(map(len, fresh), np.int64, len(fresh))) + offsets[-1]
            added = np.fromiter(chain.from_iterable(fresh), np.int64, ends[-1] - offsets[-1])
            self._flat = FlatGraph(
                np.concatenate((need, np.array(self.need[len(need) :], np.int64))),
                np.concatenate((offsets, ends)),
                np.concatenate((arguments, added)),
            )
        return self._flat

    def is_variable(self, node: int) -> bool:
        """Whether a node is a component."""
        return self.need[node] == _VARIABLE

    def all_of(self, arguments: Sequence[int]) -> int:
        """Node that is up when all arguments are."""
        each = frozenset(arguments)
        if FALSE in each:
            return FALSE
        if TRUE in each:
            return self.all_of([a for a in arguments if a != TRUE])
        return self._joined(self._all, arguments, each) if each else TRUE

    def all_with(self, fresh: int, others: Sequence[int]) -> int:
        """The same as `all_of` for a variable that no gate uses yet, and so quicker, and others."""
        each = {fresh, *others}
        if len(each) <= len(others) or FALSE in each or TRUE in each:
            return self.all_of([fresh, *others])
        return self._added(len(each), (fresh, *others)) if others else fresh

    def any_of(self, arguments: Sequence[int]) -> int:
        """Node that is up when any argument is."""
        each = frozenset(arguments)
        if TRUE in each:
            return TRUE
        if FALSE in each:
            return self.any_of([a for a in arguments if a != FALSE])
        return self._joined(self._any, arguments, each) if each else FALSE

    def at_least(self, need: int, arguments: Sequence[int]) -> int:
        """Node that is up when at least `need` arguments are (rule A2).

        An argument that stands twice counts twice.
        """
        if need == 1:
            return self.any_of(arguments)
        need -= arguments.count(TRUE)
        open_ones = tuple(a for a in arguments if a > TRUE)
        if need <= 0:
            return TRUE
        if need == 1:
            return self.any_of(open_ones)
        if need >= len(open_ones):
            return self.all_of(open_ones) if need == len(open_ones) else FALSE
        key = (need, tuple(sorted(open_ones)))
        node = self._votes.get(key)
        if node is None:
            node = self._votes[key] = self._added(need, open_ones)
        return node

    def _joined(
        self, known: dict[frozenset[int], int], arguments: Sequence[int], each: frozenset[int]
    ) -> int:
        """Find or add the gate that needs all, or any, of what holds no constant."""
        if len(each) == 1:
            return arguments[0]
        node = known.get(each)
        if node is None:
            once = arguments if len(each) == len(arguments) else dict.fromkeys(arguments)
            need = 1 if known is self._any else len(each)
            node = known[each] = self._added(need, tuple(once))
        return node

    def _added(self, need: int, arguments: tuple[int, ...]) -> int:
        self.need.append(need)
        self.arguments.append(arguments)
        return len(self.need) - 1

    def below(self, root: int, leaves: AbstractSet[int] = frozenset()) -> list[int]:
        """Nodes that `root` rests on, arguments first, `root` last.

        Parameters
        ----------
        root : int
            Where to start.
        leaves : set of int
            Nodes other than `root` whose arguments are not entered.
        """
        order: list[int] = []
        seen = {root}
        stack = [(root, 0)]
        while stack:
            node, position = stack.pop()
            arguments = self.arguments[node] if node == root or node not in leaves else ()
            while position < len(arguments) and arguments[position] in seen:
                position += 1
            if position < len(arguments):
                stack.append((node, position + 1))
                seen.add(arguments[position])
                stack.append((arguments[position], 0))
            else:
                order.append(node)
        return order


def simplified(
    graph: GateGraph, root: int, fixed: Mapping[int, int] | None = None
) -> tuple[GateGraph, int, dict[int, int]]:
    """Copy what `root` rests on, with fixed components put in and nested gates of a kind merged.

    Parameters
    ----------
    graph : GateGraph
        Source; unchanged.
    root : int
        Node to copy.
    fixed : mapping of int to int, optional
        Variables to replace by `TRUE` or `FALSE`.

    Returns
    -------
    tuple of (GateGraph, int, dict of int to int)
        The copy, its root, and the original variable of each variable of the copy.
    """
    fixed = fixed or {}
    order = graph.below(root)
    users: dict[int, int] = dict.fromkeys(order, 0)
    for node in order:
        for argument in graph.arguments[node]:
            users[argument] += 1
    copy = GateGraph()
    image: dict[int, int] = {FALSE: FALSE, TRUE: TRUE}
    origin: dict[int, int] = {}
    merged: dict[int, int] = {}
    for node in order:
        if graph.need[node] == _CONSTANT:
            continue
        if graph.is_variable(node):
            image[node] = fixed[node] if node in fixed else copy.variable()
            if node not in fixed:
                origin[image[node]] = node
            continue
        image[node] = _copied_gate(graph, copy, node, image, merged)
        if users[node] == 1:
            merged[image[node]] = merged.get(image[node], 0) + 1
    return copy, image[root], origin


def _copied_gate(
    graph: GateGraph, copy: GateGraph, node: int, image: dict[int, int], merged: dict[int, int]
) -> int:
    """Copy one gate; arguments of its own kind that nothing else uses dissolve into it."""
    need, source = graph.need[node], graph.arguments[node]
    arguments = [image[argument] for argument in source]
    if need not in {1, len(source)}:
        return copy.at_least(need, arguments)
    serial = need == len(source)
    flat: list[int] = []
    for argument in arguments:
        inner = copy.arguments[argument]
        same_kind = inner and copy.need[argument] == (len(inner) if serial else 1)
        flat.extend(inner if same_kind and argument in merged else (argument,))
    return copy.all_of(flat) if serial else copy.any_of(flat)
