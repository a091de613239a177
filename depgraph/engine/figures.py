"""The figure of each component, and where it comes from (rules A4, A5, A13).

A figure is a pair of worlds, low and high: equal where it is known, 0 and 1 where it is not.
Coherent structures are monotone, so the two worlds enclose every answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

import networkx as nx

from depgraph.engine.committed import Commitment
from depgraph.engine.exact import Pair
from depgraph.engine.structure import ComponentKey, Structure
from depgraph.model.component import Component

Basis = Literal["modelled", "committed", "observed"]
Source = Literal["given", "committed", "default", "observed", "unknown", "not modelled"]
_Entry = tuple[tuple[Pair, Pair], Source]

_UNKNOWN = (Pair(0.0, 1.0), Pair(1.0, 0.0))
_PERFECT = (Pair(1.0, 0.0), Pair(1.0, 0.0))

World = Literal[0, 1]
"""0 for the low world, 1 for the high one."""
_SIDES: tuple[World, World] = (0, 1)


@dataclass
class Figures:
    """Figures of the components of one structure.

    Attributes
    ----------
    structure : Structure
        What the figures are for.
    worlds : dict of int to (Pair, Pair)
        Low and high figure by variable.
    source : dict of ComponentKey to Source
        Where each figure comes from.
    pending : dict of str to Commitment
        Services whose end-to-end promise still has to be divided by P(requirements met).
    own : dict of ComponentKey to (Pair, Pair)
        Own figure by component, common causes included.
    behind : dict of ComponentKey to set of ComponentKey
        Members without a figure on which a common cause hangs, also by groups that it overlaps.
    """

    structure: Structure
    worlds: dict[int, tuple[Pair, Pair]] = field(default_factory=dict)
    source: dict[ComponentKey, Source] = field(default_factory=dict)
    pending: dict[str, Commitment] = field(default_factory=dict)
    own: dict[ComponentKey, tuple[Pair, Pair]] = field(default_factory=dict)
    behind: dict[ComponentKey, set[ComponentKey]] = field(default_factory=dict)

    def world(self, side: World) -> dict[int, Pair]:
        """Figures of one world by variable."""
        return {variable: pair[side] for variable, pair in self.worlds.items()}

    def both(self) -> tuple[dict[int, Pair], dict[int, Pair]]:
        """Figures of the low and of the high world; the same object where they are equal."""
        low = self.world(0)
        alike = all(one is other or one == other for one, other in self.worlds.values())
        return low, low if alike else self.world(1)

    def is_unknown(self, variable: int) -> bool:
        """Whether a variable has no figure."""
        return self.source.get(self.structure.component[variable]) == "unknown"

    def perfect(self) -> frozenset[int]:
        """Variables that never fail; not those whose figure is still to be worked out."""
        moving = set(self.pending)
        if moving:
            moving |= {m for v in self.structure.common_cause for m in self._struck(v)}
        # A common cause may leave nothing in one world and something in the other.
        never = [v for v, (low, high) in self.worlds.items() if low.down == high.down == 0.0]
        component = self.structure.component
        return (
            frozenset(v for v in never if component[v].id not in moving)
            if moving
            else frozenset(never)
        )

    def _struck(self, variable: int) -> set[str]:
        """Ids whose figures a common cause shares, its own included."""
        key = self.structure.component[variable]
        return {key.id, *key.members}

    def set_own(self, key: ComponentKey, low: Pair, high: Pair, source: Source) -> None:
        """Enter the own figure of a component, and what common causes leave of it."""
        self.own[key] = (low, high)
        self.source[key] = source
        variable = self.structure.variable.get(key)
        if variable is not None:
            self.worlds[variable] = (low, high)

    def split_common_causes(self) -> None:
        """Divide own figures into an independent part and shared causes (rule A13).

        A common cause over members with unavailabilities q strikes with probability
        min(beta * max q, min q); with equal members that is beta * q. Each member keeps its own
        unavailability exactly: its independent part is what is left, (q - c) / (1 - c). Causes that
        together ask a member for more than its q get shares in proportion.

        A pair with a member of no figure is monotone in that figure, so the two worlds enclose it.
        Larger or overlapping groups are not: there cause and remainder move apart, each between
        its ends, which encloses every figure that the unknown member may have (rule A5).
        """
        causes, members = self.structure.common_cause, self._members()
        if not causes:
            return
        for side in _SIDES:
            left = {key: self.own[key][side].down for key in members}
            asked = {variable: self._asked(variable, side) for variable in causes}
            room = {
                key: left[key] / total if (total := sum(asked[v] for v in struck)) else 1.0
                for key, struck in members.items()
            }
            for variable in causes:
                keys = self._keys(variable)
                shared = asked[variable] * min(1.0, *(room[key] for key in keys))
                self._put(variable, side, shared)
                for key in keys:
                    left[key] = _remainder(left[key], shared)
            for key, down in left.items():
                self._put(self.structure.variable[key], side, down)
        for variables in self._loose_causes(pairs=False):
            self.worlds.update(self._ends(variables))
        for joined in self._joined_causes():
            struck = {key for variable in joined for key in self._keys(variable)}
            without = {key for key in struck if self.source[key] == "unknown"}
            for variable in joined:
                # What it gets depends on the causes beside it, and on their members.
                cause = self.structure.component[variable]
                self.source[cause] = "unknown" if without else "given"
                self.behind[cause] = without

    def apart(self) -> Figures:
        """The same with every variable between its own two ends, pairs as well (rule A5).

        What is no monotone function of the variables, as their importance, needs that.
        """
        worlds = dict(self.worlds)
        for variables in self._loose_causes(pairs=True):
            worlds.update(self._ends(variables))
        return replace(self, worlds=worlds)

    def _asked(self, variable: int, side: World) -> float:
        """Probability of a common cause by its beta factor and members alone."""
        down = [self.own[key][side].down for key in self._keys(variable)]
        return min(self.structure.common_cause[variable] * max(down), *down)

    def _keys(self, variable: int) -> tuple[ComponentKey, ...]:
        """Members that a common cause strikes."""
        cause = self.structure.component[variable]
        return tuple(ComponentKey(cause.strikes, member) for member in cause.members)

    def _members(self) -> dict[ComponentKey, list[int]]:
        """Common causes by the member that they strike."""
        found: dict[ComponentKey, list[int]] = {}
        for variable in self.structure.common_cause:
            for key in self._keys(variable):
                found.setdefault(key, []).append(variable)
        return found

    def _joined_causes(self) -> list[set[int]]:
        """Causes that have members in common, directly or by others between them."""
        causes: nx.Graph[int] = nx.Graph()
        causes.add_nodes_from(self.structure.common_cause)
        for variables in self._members().values():
            nx.add_path(causes, variables)
        return list(nx.connected_components(causes))

    def _loose_causes(self, *, pairs: bool) -> list[set[int]]:
        """Causes joined by members, with an open figure among them; single pairs if asked for."""
        return [
            joined
            for joined in self._joined_causes()
            if (pairs or len(joined) > 1 or any(len(self._keys(v)) > 2 for v in joined))  # noqa: PLR2004 - a pair
            and any(self.own[k][0] != self.own[k][1] for v in joined for k in self._keys(v))
        ]

    def _ends(self, variables: set[int]) -> dict[int, tuple[Pair, Pair]]:
        """Ends of each cause and of each remainder, whatever the open figures are (rule A5)."""
        found: dict[int, tuple[Pair, Pair]] = {}
        most: dict[ComponentKey, list[float]] = {}
        for variable in variables:
            high, low = (self._asked(variable, side) for side in _SIDES)
            found[variable] = _pair(high), _pair(0.0 if len(variables) > 1 else low)
            for key in self._keys(variable):
                most.setdefault(key, []).append(high)
        for key, shares in most.items():
            least = self.own[key][1].down
            for shared in shares:
                least = _remainder(least, shared)
            found[self.structure.variable[key]] = _pair(self.own[key][0].down), _pair(least)
        return found

    def _put(self, variable: int, side: World, down: float) -> None:
        low, high = self.worlds.get(variable, _UNKNOWN)
        self.worlds[variable] = (_pair(down), high) if side == 0 else (low, _pair(down))


def _pair(down: float) -> Pair:
    return Pair(1.0 - down, down)


def _remainder(down: float, shared: float) -> float:
    """Unavailability that is left beside a shared cause, never below zero."""
    return max(0.0, (down - shared) / (1.0 - shared)) if shared < 1.0 else 0.0


@lru_cache(maxsize=1 << 12)
def pair_of(unavailability: Decimal) -> Pair:
    """Cross from decimal records to floats, once, without losing small unavailabilities."""
    return Pair(float(1 - unavailability), float(unavailability))


@dataclass(frozen=True)
class FigureChoice:
    """How own figures are chosen (rule A4)."""

    basis: Basis = "modelled"
    """Which figure leads where there are several."""
    default_availability: Decimal | None = None
    """Own availability of services without any figure; the estate's default when None."""
    observed: Mapping[str, float] = field(default_factory=dict)
    """Measured own unavailability by service, for the basis ``observed`` [1]."""


def first_figures(
    structure: Structure,
    committed: Mapping[str, tuple[Commitment, ...]],
    choice: FigureChoice,
    services: Iterable[str],
) -> Figures:
    """Enter every figure that needs no computation; list promises that do as pending.

    Parameters
    ----------
    structure : Structure
        Components.
    committed : mapping
        Promises by service, the one that counts first.
    choice : FigureChoice
        Basis and default.
    services : iterable of str
        Services to enter.
    """
    figures = Figures(structure)
    estate = structure.estate
    for key in structure.variable:
        if key.kind in {"location", "organization"}:
            record = (
                estate.location[key.id] if key.kind == "location" else estate.organization[key.id]
            )
            _enter_place(figures, key, record)
    default = choice.default_availability
    default = estate.defaults.availability if default is None else default
    fallback: _Entry = _UNKNOWN, "unknown"
    if default is not None:
        fallback = (pair_of(1 - default),) * 2, "default"
    measured = choice.observed if choice.basis == "observed" else {}
    records, variables, component = dict(estate.service), structure.own, structure.component
    # Many services share few figures; equal ones are one object, which compares at once.
    known: dict[Decimal, _Entry] = {}
    for service_id in services:
        entry = fallback
        given = records[service_id].own_unavailability
        promise = committed[service_id][0] if service_id in committed else None
        if service_id in measured:
            down = measured[service_id]
            entry = (Pair(1 - down, down),) * 2, "observed"
        elif promise is not None and (given is None or choice.basis == "committed"):
            entry = (pair_of(1 - promise.target),) * 2, "committed"
            if promise.end_to_end:
                figures.pending[service_id] = promise
        elif given is not None:
            if given not in known:
                known[given] = (pair_of(given),) * 2, "given"
            entry = known[given]
        variable = variables[service_id]
        key = component[variable]
        figures.worlds[variable] = figures.own[key] = entry[0]
        figures.source[key] = entry[1]
    figures.split_common_causes()
    return figures


def _enter_place(figures: Figures, key: ComponentKey, record: Component) -> None:
    """Enter a location's or an organization's own figure.

    A location without a figure is unknown (rule A5). An organization without one is a failure
    domain that outages can strike, but nothing is claimed about how often.
    """
    given = record.own_unavailability
    if given is not None:
        figures.set_own(key, pair_of(given), pair_of(given), "given")
    elif key.kind == "location":
        figures.set_own(key, *_UNKNOWN, "unknown")
    else:
        figures.set_own(key, *_PERFECT, "not modelled")
