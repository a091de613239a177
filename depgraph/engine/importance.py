"""Which component matters most for a service (rule A11).

Definitions as in M. Rausand and A. Høyland, "System Reliability Theory" (2004), chapter 5, with Q
the unavailability of the service and q that of the component; only Fussell–Vesely is that of
probabilistic risk assessment, 1 - 1 / RRW, as in NUREG/CR-3385 (1983), and not theirs by cut sets
that have failed. It is the criticality by another name: both are the share of Q that ends when the
component never fails. Where the availability is a bracket, so is every measure (rule A8).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import monotonic
from typing import Literal, NamedTuple

from depgraph.engine.exact import Bounds, Compiled, Limits, Pair, compiled
from depgraph.engine.figures import Figures
from depgraph.engine.structure import Structure
from depgraph.engine.sweep import Sweep, narrowed
from depgraph.record import Record

_CANCELS = 0.1
"""Share of Q below which Q - B q loses digits, so that Q is worked out anew (rule A8)."""

_NARROWED = 25
"""So many components are looked at one by one where the ends of the whole lie far apart."""
_NARROWING_SHARE = 0.25
"""Share of the time allowed that this may take [1]."""
_ROUNDING = 1e-12
"""What a figure may be off by rounding, so that ends of differences stay outside, relative [1]."""

Measure = Literal[
    "birnbaum",
    "criticality",
    "fussell_vesely",
    "risk_achievement_worth",
    "risk_reduction_worth",
    "structural",
]


class ComponentImportance(Record):
    """Importance of one component for one service.

    A measure is None where only its two ends are known; they enclose it for certain.
    """

    component: str
    """The component."""
    unavailability: float
    """Its own unavailability, q; 1 where it is unknown [1]."""
    birnbaum: float | None
    """Change of the service's availability per change of the component's: A(up) - A(down) [1]."""
    birnbaum_low: float
    """At least this [1]."""
    birnbaum_high: float
    """At most this [1]."""
    criticality: float | None
    """Birnbaum × q / Q: share of outages that repairing it ends [1]."""
    criticality_low: float
    """At least this [1]."""
    criticality_high: float
    """At most this [1]."""
    fussell_vesely: float | None
    """(Q - Q given it is up) / Q = 1 - 1 / RRW, the same share as `criticality` [1]."""
    fussell_vesely_low: float
    """At least this [1]."""
    fussell_vesely_high: float
    """At most this [1]."""
    risk_achievement_worth: float | None
    """Q given it is down, over Q; None also where Q is 0."""
    risk_achievement_worth_low: float
    """At least this; 1 where Q may be 0."""
    risk_achievement_worth_high: float | None
    """At most this; None without a limit."""
    risk_reduction_worth: float | None
    """Q over Q given it is up; None also where that is 0 (removing it removes all risk)."""
    risk_reduction_worth_low: float | None
    """At least this; None where removing it removes all risk."""
    risk_reduction_worth_high: float | None
    """At most this; None without a limit."""
    structural: float | None
    """Birnbaum importance with everything that can fail at one half: share of states in which it
    decides [1]."""
    structural_low: float
    """At least this [1]."""
    structural_high: float
    """At most this [1]."""

    def ends(self, measure: Measure) -> tuple[float, float]:
        """Both ends of a measure; infinite where it has no limit."""
        low, high = (getattr(self, f"{measure}_{end}") for end in ("low", "high"))
        return (math.inf if low is None else low), (math.inf if high is None else high)


class ImportanceAnswer(Record):
    """Importance of everything a service rests on."""

    service: str
    """The service."""
    exact: bool
    """Whether the figures are exact; otherwise each is known by its two ends."""
    components: tuple[ComponentImportance, ...]
    """Most critical first: by what is certain, then by what is possible."""


class _Ends(NamedTuple):
    """Two ends of a measure."""

    low: float
    high: float


Figure = Mapping[int, Pair]


@dataclass(frozen=True)
class _Enclosed:
    """Birnbaum importance of every variable, enclosed.

    Both ends of the bracket of A are linear in each variable, so their values given that it is up
    or down follow from their own derivatives; between those lies the true difference.
    """

    ready: Compiled
    worlds: tuple[Figure, Figure]
    """Figures at the low and at the high end."""
    whole: Bounds
    """The service under them."""

    def ends(self) -> dict[int, _Ends]:
        """Both ends, by variable."""
        lows, highs = (self.ready.birnbaum(w, high=bool(s)) for s, w in enumerate(self.worlds))
        return {variable: self._ends(variable, lows, highs) for variable in lows.keys() | highs}

    def _ends(self, variable: int, lows: Mapping[int, float], highs: Mapping[int, float]) -> _Ends:
        first, second = (world[variable] for world in self.worlds)
        lower, upper = lows.get(variable, 0.0), highs.get(variable, 0.0)
        gap = _most_less(self.whole.low.down, self.whole.high.down)
        low = lower * first.down + upper * second.up - gap
        high = lower * first.up + upper * second.down + gap
        return _Ends(min(1.0, max(0.0, low)), min(1.0, max(0.0, high)))


def importance(
    structure: Structure,
    figures: Figures,
    service: str,
    limits: Limits | None = None,
    ready: Compiled | None = None,
) -> ImportanceAnswer:
    """Importance of every component for a service, in one backward pass.

    Unknown figures are anything from 0 to 1 (rule A5); then the measures are brackets, too.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    figures : Figures
        Figures of its components.
    service : str
        Service that the importance is for.
    limits : Limits, optional
        When to give up exactness.
    ready : Compiled, optional
        The service compiled before under these figures (`availability.answered`), to save that.
    """
    figures = figures.apart()
    world = figures.world(0)
    limits = limits or Limits()
    # So much is for narrowing, should the answer be a bracket.
    narrowing = _NARROWING_SHARE * limits.seconds
    until = monotonic() + narrowing
    if ready is None:
        until = monotonic() + limits.seconds
        first = replace(limits, seconds=limits.seconds - narrowing)
        perfect = frozenset(variable for variable, own in world.items() if own.down == 0.0)
        ready = compiled(
            structure.gates, structure.up[service], first, hints=world, perfect=perfect
        )
    variables = {*ready.essential, *ready.variables}
    # Not the source: what a figure leaves to its common causes may hang on one that is unknown.
    is_open = any(low != high for low, high in map(figures.worlds.__getitem__, variables))
    exact = ready.exact and not is_open
    if exact:
        rows = _exact_rows(structure, ready, world)
    else:
        rows = _enclosed_rows(figures, ready, structure.up[service], until)
    rows.sort(key=lambda row: (-row.criticality_low, -row.criticality_high, row.component))
    return ImportanceAnswer(service=service, exact=exact, components=tuple(rows))


def _exact_rows(structure: Structure, ready: Compiled, world: Figure) -> list[ComponentImportance]:
    """Measures of all components where the availability is exact."""
    total = ready.bounds(world).low
    birnbaum = ready.birnbaum(world)
    half = ready.birnbaum(_at_half(world))
    rows = []
    for v in (v for v in birnbaum if world[v].down > 0.0):
        left = max(0.0, total.down - birnbaum[v] * world[v].down)
        if left < _CANCELS * total.down:
            left = ready.bounds({**world, v: Pair(1.0, 0.0)}).low.down
        rows.append(_row(structure.name(v), world[v], (total, left), (birnbaum[v], half[v])))
    return rows


def _at_half(world: Figure) -> dict[int, Pair]:
    """Everything that can fail at one half."""
    return {v: Pair(0.5, 0.5) if own.down > 0.0 else own for v, own in world.items()}


def _row(
    name: str, own: Pair, total_and_left: tuple[Pair, float], birnbaum_and_half: tuple[float, float]
) -> ComponentImportance:
    """All measures of one component from its Birnbaum importance.

    A is linear in each component, so Q given it is up is Q - B q, and given it is down Q + B a.
    """
    total, left = total_and_left
    birnbaum, half = birnbaum_and_half
    share = birnbaum * own.down / total.down if total.down else 0.0
    achieved = (total.down + birnbaum * own.up) / total.down if total.down else None
    reduced = total.down / left if left else None
    return ComponentImportance(
        component=name,
        unavailability=own.down,
        birnbaum=birnbaum,
        birnbaum_low=birnbaum,
        birnbaum_high=birnbaum,
        criticality=share,
        criticality_low=share,
        criticality_high=share,
        fussell_vesely=share,
        fussell_vesely_low=share,
        fussell_vesely_high=share,
        risk_achievement_worth=achieved,
        risk_achievement_worth_low=1.0 if achieved is None else achieved,
        risk_achievement_worth_high=achieved,
        risk_reduction_worth=reduced,
        risk_reduction_worth_low=reduced,
        risk_reduction_worth_high=reduced,
        structural=half,
        structural_low=half,
        structural_high=half,
    )


def _enclosed_rows(
    figures: Figures, ready: Compiled, node: int, until: float
) -> list[ComponentImportance]:
    """Brackets of the measures of all components; those that may matter most are narrowed.

    That stops at the time `until` of the monotonic clock.
    """
    first, second = figures.world(0), figures.world(1)
    raw = Bounds(ready.bounds(first).low, ready.bounds(second).high)
    half = _at_half(first)
    structural = _Enclosed(ready, (half, half), ready.bounds(half)).ends()
    birnbaum = _Enclosed(ready, (first, second), raw).ends()
    whole = narrowed(raw, _quick_bounds(figures, node))
    by_weight = sorted(birnbaum, key=lambda v: -birnbaum[v].high * first[v].down)
    for v in by_weight[:_NARROWED] if not ready.exact else ():
        if monotonic() > until:
            break
        failed, working = (_quick_bounds(figures, node, {v: down}) for down in (1.0, 0.0))
        birnbaum[v] = _Ends(
            max(birnbaum[v].low, -_most_less(working.low.down, failed.high.down)),
            min(birnbaum[v].high, _most_less(failed.low.down, working.high.down)),
        )
    return [
        _enclosed_row(
            figures.structure.name(v), (first[v], second[v]), (whole, birnbaum[v]), structural[v]
        )
        for v in birnbaum
        if first[v].down > 0.0
    ]


def _most_less(first: float, second: float) -> float:
    """One figure less another at most, whatever rounding took from either."""
    return first * (1.0 + _ROUNDING) - second * (1.0 - _ROUNDING)


def _quick_bounds(figures: Figures, node: int, forced: Mapping[int, float] | None = None) -> Bounds:
    """Bounds from states with few failures, some unavailabilities being forced [1]."""
    worlds = {v: (Pair(1.0 - q, q),) * 2 for v, q in (forced or {}).items()}
    changed = replace(figures, worlds={**figures.worlds, **worlds})
    return Sweep(figures.structure, changed).solved(node).bounds


def _enclosed_row(
    name: str, own: tuple[Pair, Pair], whole_and_birnbaum: tuple[Bounds, _Ends], structural: _Ends
) -> ComponentImportance:
    """Brackets of all measures of one component; 1 / (1 - criticality) is its reduction worth."""
    first, second = own
    whole, birnbaum = whole_and_birnbaum
    most, least = whole.low.down, whole.high.down
    low = birnbaum.low * second.down / most if most else 0.0
    high = birnbaum.high * first.down / least if least else 1.0
    if high >= 1.0 - 2 * _ROUNDING:
        high = 1.0
    return ComponentImportance(
        component=name,
        unavailability=first.down,
        birnbaum=None,
        birnbaum_low=birnbaum.low,
        birnbaum_high=birnbaum.high,
        criticality=None,
        criticality_low=low,
        criticality_high=high,
        fussell_vesely=None,
        fussell_vesely_low=low,
        fussell_vesely_high=high,
        risk_achievement_worth=None,
        risk_achievement_worth_low=1.0 + (birnbaum.low * first.up / most if most else 0.0),
        risk_achievement_worth_high=1.0 + birnbaum.high * second.up / least if least else None,
        risk_reduction_worth=None,
        risk_reduction_worth_low=max(1.0, 1.0 / (1.0 - low + _ROUNDING)),
        risk_reduction_worth_high=1.0 / (1.0 - high - _ROUNDING) if high < 1.0 else None,
        structural=None,
        structural_low=structural.low,
        structural_high=structural.high,
    )
