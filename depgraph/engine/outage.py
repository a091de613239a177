"""What falls when something fails, and through which chain (rules W1, W2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numba import njit

from depgraph.engine.diagram import Array
from depgraph.engine.situations import Situations, evaluate_gates, flat_gates
from depgraph.engine.structure import ComponentKey, Structure
from depgraph.errors import DomainError

_FAR = np.iinfo(np.int64).max // 2
_LONGEST_CHAIN = 64


@dataclass(frozen=True)
class Outage:
    """What one set of failures takes down."""

    failed: tuple[str, ...]
    """What fails by itself."""
    services_down: tuple[str, ...]
    """Services that are down, in the order of the estate."""
    because: Callable[[str], tuple[str, ...]]
    """Shortest chain that explains a service that is down: the failed thing first, then places
    that it takes with it, then services, the asked one last. Of more than 64 links the middle is
    left out and shown as ``…``. Chains are walked when they are asked for: one failure may take
    down a hundred thousand services."""


@njit(cache=True)
def _causes(need, offsets, arguments, up, is_service):  # type: ignore[no-untyped-def]
    """For each node that is down: the argument through which the chain is shortest, else -1."""
    cause = np.full(need.shape[0], -1, np.int64)
    far = np.full(need.shape[0], _FAR, np.int64)
    for node in range(2, need.shape[0]):
        if up[node] & 1:
            continue
        if need[node] == 0:
            far[node] = 0
        for at in range(offsets[node], offsets[node + 1]):
            argument = arguments[at]
            if not up[argument] & 1 and far[argument] + is_service[node] < far[node]:
                far[node] = far[argument] + is_service[node]
                cause[node] = argument
    return cause


@njit(cache=True)
def _labels_below(node, cause, labels):  # type: ignore[no-untyped-def]
    """Labels met on the way from a node to what failed, that first; none twice in a row."""
    found = np.empty(labels.shape[0], np.int64)
    count = 0
    while node >= 0:
        if labels[node] >= 0 and (count == 0 or found[count - 1] != labels[node]):
            found[count] = labels[node]
            count += 1
        node = cause[node]
    return found[:count][::-1]


@njit(cache=True)
def _fallen_nodes(failed, need, offsets, users, users_from):  # type: ignore[no-untyped-def]
    """Which nodes are down when these variables fail: each that is tells those that use it.

    The users of node i stand at ``users_from[i]:users_from[i + 1]`` of `users`; they have larger
    numbers, so one walk is enough.
    """
    down = np.zeros(need.shape[0], np.bool_)
    lost = np.zeros(need.shape[0], np.int32)
    down[failed] = True
    for node in range(need.shape[0]):
        if lost[node] > 0 and offsets[node + 1] - offsets[node] - lost[node] < need[node]:
            down[node] = True
        if down[node]:
            for at in range(users_from[node], users_from[node + 1]):
                lost[users[at]] += 1
    return down


class OutageExplorer:
    """Answers "what falls if this falls" quickly and repeatedly for one estate.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    """

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.situations = Situations(structure)
        gates = self.situations
        gate_of = np.repeat(np.arange(len(gates.need)), np.diff(gates.offsets))
        self._users = gate_of[np.argsort(gates.arguments, kind="stable")]
        uses = np.bincount(gates.arguments, minlength=len(gates.need))
        self._users_from = np.concatenate(([0], np.cumsum(uses))).astype(np.int64)
        self._nodes = np.array([structure.up[s] for s in self.situations.services], np.int64)
        self._is_service = np.zeros(len(self.situations.need), np.int64)
        self._is_service[list(structure.service_of)] = 1
        order = {s.id: place for place, s in enumerate(structure.estate.services)}
        self._order = np.array([order[s] for s in self.situations.services], np.int64)

    def services_down(self, failed: Iterable[str]) -> tuple[str, ...]:
        """Services that are down when these nodes fail, in the order of the estate.

        Parameters
        ----------
        failed : iterable of str
            Ids of services, locations or organizations; ``kind:id`` where an id is ambiguous.

        Raises
        ------
        DomainError
            If an id names nothing, or more than one thing.
        """
        return self._services(self._down(failed))

    def outage(self, failed: Iterable[str]) -> Outage:
        """What falls when these nodes fail, and the chain that explains each.

        Parameters
        ----------
        failed : iterable of str
            As in `services_down`.
        """
        failed = tuple(failed)
        down = self._down(failed)
        return Outage(failed, self._services(down), self._chains(down))

    def _keys(self, failed: Iterable[str]) -> list[ComponentKey]:
        """Components that references mean."""
        keys = []
        for reference in failed:
            kinds = self.structure.estate.node_kinds(reference)
            if len(kinds) != 1:
                meant = " or ".join(f"{kind}:{name}" for kind, name in kinds)
                hint = f"write {meant}" if kinds else "no service, location or organization has it"
                raise DomainError(f"cannot tell what {reference!r} is: {hint}")
            keys.append(ComponentKey(kinds[0][0], kinds[0][1]))
        return keys

    def _down(self, failed: Iterable[str]) -> Array:
        """Whether each node is down when these nodes fail."""
        variable = self.structure.variable
        # A place or organization that nothing uses has no variable and takes nothing down.
        struck = [variable[key] for key in self._keys(failed) if key in variable]
        gates = self.situations
        found: Array = _fallen_nodes(
            np.array(struck, np.int64), gates.need, gates.offsets, self._users, self._users_from
        )
        return found

    def _services(self, down: Array) -> tuple[str, ...]:
        """Services whose node is down, in the order of the estate."""
        rows = np.flatnonzero(down[self._nodes])
        ordered = rows[np.argsort(self._order[rows])].tolist()
        return tuple(self.situations.services[row] for row in ordered)

    def _chains(self, down: Array) -> _Chains:
        """Chains, whose causes are looked for when the first one is asked for."""
        gates = self.situations

        @cache
        def causes() -> list[int]:
            up = (~down).astype(np.uint64)
            found: list[int] = _causes(
                gates.need, gates.offsets, gates.arguments, up, self._is_service
            ).tolist()
            return found

        return _Chains(self.structure, lambda node: causes()[node])


class CutExplanation:
    """Explains how failed components reach one service; looks only at what it rests on.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    service : str
        The service to explain.
    """

    def __init__(self, structure: Structure, service: str) -> None:
        self._structure = structure
        self._service = service
        self._nodes = [0, 1, *sorted(set(structure.gates.below(structure.up[service])) - {0, 1})]
        self._place = {node: number for number, node in enumerate(self._nodes)}
        self._gates = flat_gates(structure.gates, self._nodes)
        self._is_service = np.array([n in structure.service_of for n in self._nodes], np.int64)
        self._variables = [p for n, p in self._place.items() if structure.gates.is_variable(n)]
        names = [_name_of(structure, node) for node in self._nodes]
        self._names = [*dict.fromkeys(name for name in names if name is not None)]
        label = {name: number for number, name in enumerate(self._names)}
        self._labels = np.array([-1 if n is None else label[n] for n in names], np.int64)
        labelled = [*zip(self._nodes, self._labels.tolist(), strict=True)]
        self._component = {at: key for n, at in labelled if (key := structure.component.get(n))}
        self._place_at = {at: p for n, at in labelled if (p := structure.place_of.get(n))}

    @property
    def size(self) -> int:
        """Nodes that are looked at for each chain."""
        return len(self._nodes)

    def chain(self, failed: Iterable[int]) -> tuple[str, ...]:
        """Shortest chain from failed variables to the service; empty when it stays up."""
        up = np.zeros((len(self._nodes), 1), np.uint64)
        up[1] = up[self._variables] = 1
        up[[self._place[variable] for variable in failed]] = 0
        evaluate_gates(*self._gates, up)
        if up[self._place[self._structure.up[self._service]], 0] & np.uint64(1):
            return ()
        cause = _causes(*self._gates, up[:, 0], self._is_service)
        top = self._place[self._structure.up[self._service]]
        labels = _labels_below(top, cause, self._labels).tolist()
        found = [self._names[label] for label in labels]
        if len(labels) > 1 and (place := self._place_at.get(labels[1])) is not None:
            found[1:2] = _places_between(self._structure, self._component[labels[0]], place)
        if len(found) <= _LONGEST_CHAIN:
            return tuple(found)
        half = _LONGEST_CHAIN // 2
        return (*found[:half], "…", *found[half + 1 - _LONGEST_CHAIN :])


def _name_of(structure: Structure, node: int) -> str | None:
    """What a chain calls a node: the service, component or place that it is; None for others."""
    name = structure.service_of.get(node)
    if name is None and node in structure.component:
        return structure.name(node)
    if name is None and node in structure.place_of:
        return structure.name_of_key(ComponentKey("location", structure.place_of[node]))
    return name


def _places_between(structure: Structure, failed: ComponentKey, place: str) -> list[str]:
    """Places through which a failure takes a place down, the outermost first, the place last.

    Rule A1: an organization takes the places that it runs, a place those within it.
    """
    location = structure.estate.location
    path: list[str] = []
    around: str | None = place
    while around is not None:
        if failed.kind == "location" and failed.id == around:
            break
        path.append(around)
        struck = failed.strikes == "location" and around in failed.members
        if struck or (failed.kind == "organization" and failed.id == location[around].operator):
            break
        around = location[around].within
    return [structure.name_of_key(ComponentKey("location", each)) for each in reversed(path)]


class _Chains:
    """Follows causes from a service down to what failed; shared tails are walked once."""

    def __init__(self, structure: Structure, cause: Callable[[int], int]) -> None:
        self._structure = structure
        self._cause = cause
        self._known: dict[int, tuple[str, ...]] = {}

    def __call__(self, service: str) -> tuple[str, ...]:
        """Chain of one service, the failed thing first."""
        node = self._structure.up[service]
        walked = []
        while node not in self._known:
            walked.append(node)
            following = self._cause(node)
            if following < 0:
                break
            node = following
        for node in reversed(walked):
            before = self._known.get(self._cause(node), ())
            self._known[node] = self._with(before, node)
        return self._known[self._structure.up[service]]

    def _with(self, before: tuple[str, ...], node: int) -> tuple[str, ...]:
        """Chain up to a node: it grows at failed components, at places and at services."""
        place = self._structure.place_of.get(node)
        if place is not None:
            failed = self._structure.component[self._cause(node)]
            return (*before, *_places_between(self._structure, failed, place))
        name = _name_of(self._structure, node)
        if name is None or before[-1:] == (name,):
            return before
        if len(before) >= _LONGEST_CHAIN:
            half = _LONGEST_CHAIN // 2
            before = (*before[:half], "…", *before[half + 2 :])
        return (*before, name)
