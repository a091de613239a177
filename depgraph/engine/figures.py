"""The figure of each component, and where it comes from (rules A4, A5, A13).

A figure is a pair of worlds, low and high: equal where it is known, 0 and 1 where it is not.
Coherent structures are monotone, so the two worlds enclose every answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from depgraph.engine.committed import Commitment
from depgraph.engine.exact import Pair
from depgraph.engine.structure import ComponentKey, Structure
from depgraph.model.component import Component

Basis = Literal["modelled", "committed", "observed"]
Source = Literal["given", "committed", "default", "observed", "unknown", "not modelled"]

_UNKNOWN = (Pair(0.0, 1.0), Pair(1.0, 0.0))
_PERFECT = (Pair(1.0, 0.0), Pair(1.0, 0.0))

World = Literal[0, 1]
"""0 for the low world, 1 for the high one."""


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
    """

    structure: Structure
    worlds: dict[int, tuple[Pair, Pair]] = field(default_factory=dict)
    source: dict[ComponentKey, Source] = field(default_factory=dict)
    pending: dict[str, Commitment] = field(default_factory=dict)
    own: dict[ComponentKey, tuple[Pair, Pair]] = field(default_factory=dict)

    def world(self, side: World) -> dict[int, Pair]:
        """Figures of one world by variable."""
        return {variable: pair[side] for variable, pair in self.worlds.items()}

    def is_unknown(self, variable: int) -> bool:
        """Whether a variable has no figure."""
        return self.source.get(self.structure.component[variable]) == "unknown"

    def perfect(self) -> frozenset[int]:
        """Variables that never fail; not those whose figure is still to be worked out."""
        moving = set(self.pending)
        if moving:
            moving |= {m for v in self.structure.common_cause for m in self._struck(v)}
        return frozenset(
            variable
            for variable, (low, _) in self.worlds.items()
            if low.down == 0.0 and self.structure.component[variable].id not in moving
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
        unavailability exactly: its independent part is what is left, (q - c) / (1 - c).
        """
        struck: dict[ComponentKey, list[int]] = {}
        for variable in self.structure.common_cause:
            key = self.structure.component[variable]
            for member in key.members:
                struck.setdefault(ComponentKey(key.strikes, member), []).append(variable)
        for side in (0, 1):
            for variable, beta in self.structure.common_cause.items():
                key = self.structure.component[variable]
                down = [self.own[ComponentKey(key.strikes, m)][side].down for m in key.members]
                largest = beta * max(down)
                shared = min(largest, *down)
                self._put(variable, side, Pair(1.0 - shared, shared))
            for struck_key, causes in struck.items():
                kept = self.own[struck_key][side].down
                for variable in causes:
                    shared = self.worlds[variable][side].down
                    kept = max(0.0, (kept - shared) / (1.0 - shared)) if shared < 1.0 else 0.0
                self._put(self.structure.variable[struck_key], side, Pair(1.0 - kept, kept))
        for variable in self.structure.common_cause:
            key = self.structure.component[variable]
            members = [self.source[ComponentKey(key.strikes, m)] for m in key.members]
            self.source[key] = "unknown" if "unknown" in members else "given"

    def _put(self, variable: int, side: int, pair: Pair) -> None:
        low, high = self.worlds.get(variable, _UNKNOWN)
        self.worlds[variable] = (pair, high) if side == 0 else (low, pair)


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
    for service_id in services:
        key = ComponentKey("service", service_id)
        given = estate.service[service_id].own_unavailability
        promise = next(iter(committed.get(service_id, ())), None)
        if choice.basis == "observed" and service_id in choice.observed:
            down = choice.observed[service_id]
            figures.set_own(key, Pair(1 - down, down), Pair(1 - down, down), "observed")
        elif promise is not None and (given is None or choice.basis == "committed"):
            target = pair_of(1 - promise.target)
            figures.set_own(key, target, target, "committed")
            if promise.end_to_end:
                figures.pending[service_id] = promise
        elif given is not None:
            figures.set_own(key, pair_of(given), pair_of(given), "given")
        elif default is not None:
            figures.set_own(key, pair_of(1 - default), pair_of(1 - default), "default")
        else:
            figures.set_own(key, *_UNKNOWN, "unknown")
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
