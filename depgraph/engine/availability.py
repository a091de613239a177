"""Composite availability of services: exact, or enclosed and said to be (rules A1 to A10)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from time import monotonic

import numpy as np

from depgraph.engine.availability_answer import (
    MINUTES_PER_MONTH,
    MINUTES_PER_YEAR,
    Assessment,
    ServiceAvailability,
)
from depgraph.engine.committed import commitments
from depgraph.engine.exact import Bounds, Compiled, Limits, Pair, compiled, serial
from depgraph.engine.figures import FigureChoice, Figures, first_figures
from depgraph.engine.naive import Comparison
from depgraph.engine.promise_division import divide_promises, services_below
from depgraph.engine.promise_verdict import judged, reaches, shortfall
from depgraph.engine.structure import ComponentKey, Structure, structure_of
from depgraph.engine.sweep import Solved, Sweep, narrowed
from depgraph.errors import DomainError, LimitError
from depgraph.model.estate import Estate
from depgraph.wording import unknown_ids

_SHARED_NODES = 8_000
_SHARED_SECONDS = 2.0
_QUICK_NODES = 500
_QUICK_OPERATIONS = 1 << 19
_MANY = 500
_NARROW = 0.01
_SAMPLED = 16
_KEPT = 16
"""So many services asked for by name stay compiled, each with a diagram of up to 256 MB."""
_MOST_NAMED = 200_000_000
"""Most single points of failure in all answers together: each takes eight bytes, or more."""
_ENCLOSED = "enclosing decision diagrams and states with few failures"
_FEW_FAILURES = "states with few failures, the rest bounded"
_UNSETTLED = "end-to-end promises of a ring that do not settle, taken as the own figure and as 1"


@dataclass(frozen=True)
class AssessmentOptions:
    """What to assess, and how."""

    services: tuple[str, ...] = ()
    """Services to answer for; all when empty."""
    choice: FigureChoice = field(default_factory=FigureChoice)
    """Which own figures to use (rule A4)."""
    as_of: date | None = None
    """Day on which promises must be in force; today when None."""
    limits: Limits = field(default_factory=Limits)
    """When to give a bracket instead of an exact figure."""


@dataclass(frozen=True)
class Answered:
    """An assessment, and what was worked out on the way."""

    assessment: Assessment
    """The answers."""
    figures: Figures
    """Figures of every component that they rest on, promises divided out (rule A4)."""
    ready: Mapping[str, Compiled]
    """Services asked for by name, ready to be evaluated; not all of them where time was short."""


def assessed(
    estate: Estate,
    options: AssessmentOptions | None = None,
    structure: Structure | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Assessment:
    """Assess services of an estate; parameters and errors are those of `answered`."""
    return answered(estate, options, structure, progress).assessment


def answered(
    estate: Estate,
    options: AssessmentOptions | None = None,
    structure: Structure | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Answered:
    """Assess services of an estate, and keep what further questions about them need.

    Parameters
    ----------
    estate : Estate
        What to assess.
    options : AssessmentOptions, optional
        Services, basis, day, limits.
    structure : Structure, optional
        The estate compiled before, to save the work.
    progress : callable, optional
        Told after each answer how many there are and how many will be; hard ones are answered
        twice, so the second number can grow.

    Returns
    -------
    Answered
        One record per service, the figures, and the services asked for by name, compiled.

    Raises
    ------
    DomainError
        If a service does not exist.
    LimitError
        If the answers for many services would not fit into memory.
    """
    options = options or AssessmentOptions()
    absent = [service for service in options.services if service not in estate.service]
    if absent:
        raise DomainError(f"no service has the id {unknown_ids(absent, estate.service)}")
    structure = structure or structure_of(estate)
    work = _Work(structure, options)
    ids = options.services or tuple(service.id for service in estate.services)
    default = options.choice.default_availability
    default = estate.defaults.availability if default is None else default
    assessment = Assessment(
        basis=options.choice.basis,
        as_of=work.as_of,
        default_availability=None if default is None else float(default),
        services=work.answers(ids, progress or _nothing),
        rings=structure.rings,
    )
    up = {service: structure.up[service] for service in options.services}
    ready = {service: work.kept[node] for service, node in up.items() if node in work.kept}
    return Answered(assessment, work.figures, ready)


def final_figures(structure: Structure, options: AssessmentOptions | None = None) -> Figures:
    """Figures of every component that the wanted services rest on, promises divided out (A4)."""
    return _Work(structure, options or AssessmentOptions()).figures


def _nothing(_done: int, _of: int) -> None:
    """Tell nobody."""


class _Work:
    """Figures and bounds for the wanted services."""

    def __init__(self, structure: Structure, options: AssessmentOptions) -> None:
        self.structure = structure
        self.options = options
        self.as_of = options.as_of or datetime.now(UTC).date()
        self.committed = commitments(structure.estate, self.as_of)
        self.wanted = list(options.services or structure.up)
        self.figures = first_figures(structure, self.committed, options.choice, structure.up)
        self._unsettled: frozenset[str] = frozenset()
        if self.figures.pending:
            cone = services_below(structure, self.wanted)
            self.figures.pending = {s: p for s, p in self.figures.pending.items() if s in cone}
        self.ring_members = {member for ring in structure.rings for member in ring}
        self._essential: dict[int, tuple[int, ...]] = {}
        self._deadline = monotonic() + options.limits.seconds
        self._ready: dict[int, Compiled] = {}
        self.kept: dict[int, Compiled] = {}
        self._quick = len(self.figures.pending) > 1
        self._many = len(self.wanted) > 1
        self._waiting = 1
        self._all_exact = True
        self._by_diagrams = False
        self._worlds = self.figures.both()
        self._perfect = self.figures.perfect()
        if self.figures.pending:
            self._unsettled = divide_promises(self.figures, self._compiled)
            self._worlds = self.figures.both()
        low, high = self._worlds
        first = Comparison(structure.gates, low)
        self.comparisons = first, first if low is high else Comparison(structure.gates, high)
        self._sweep: Sweep | None = None
        self._swept: dict[int, Solved] = {}
        self._refined = len(self.wanted) <= _MANY
        self._names: dict[int, str] = {}
        self._named: tuple[bytes, tuple[str, ...]] = b"", ()
        self._lacking: tuple[bytes, tuple[str, ...], tuple[str, ...]] = b"-", (), ()
        self._figureless = frozenset(self.figures.source.values())

    def _compiled(self, node: int) -> Compiled:
        """Compile a node once, within the time that is left."""
        ready = self._ready.get(node)
        if ready is None:
            ready = self._ready[node] = compiled(
                self.structure.gates,
                node,
                self._limits(),
                hints=self._worlds[0],
                perfect=self._perfect,
            )
            self._all_exact &= ready.exact
        return ready

    def _limits(self) -> Limits:
        """Share the time left among what is still to be done; first a quick look at everything."""
        limits = self.options.limits
        left = max(0.0, self._deadline - monotonic())
        if self._quick:
            return replace(
                limits,
                seconds=min(left, _SHARED_SECONDS),
                operations=min(limits.operations, _QUICK_OPERATIONS),
                bracket_nodes=min(limits.bracket_nodes, _QUICK_NODES),
            )
        nodes = limits.bracket_nodes if self._waiting == 1 else _SHARED_NODES
        nodes = min(limits.bracket_nodes, nodes)
        seconds = left if self._waiting == 1 else min(left / self._waiting, _SHARED_SECONDS)
        return replace(limits, seconds=seconds, bracket_nodes=nodes)

    def answers(
        self, services: Sequence[str], progress: Callable[[int, int], None]
    ) -> tuple[ServiceAvailability, ...]:
        """Answer for all; the hard ones wait until the easy ones are done, and share the time."""
        self._quick = len(services) > 1
        self._require_room(services)
        found: dict[str, ServiceAvailability] = {}
        hard: dict[str, float] = {}
        ahead = self._ahead(services)
        for service in services:
            if ahead is not None:
                self._swept[self.structure.requirements_met[service]] = next(ahead)
            found[service] = self.answer(service)
            if not self._all_exact:
                hard[service] = _width_of(found[service])
            self._swept.clear()
            progress(len(found), len(services))
        if self._quick:
            self._quick, self._refined = False, True
            # What is found from here on stands in for what is there: it must not be wider.
            self._quickly().deadline = math.inf
            if len(hard) > _MANY:
                hard = {service: wide for service, wide in hard.items() if wide > _NARROW}
            for place, service in enumerate(sorted(hard, key=lambda s: -hard[s])):
                if monotonic() > self._deadline:
                    break
                self._waiting = len(hard) - place + 1
                found[service] = self.answer(service)
                self._swept.clear()
                progress(len(services) + place + 1, len(services) + len(hard))
        return tuple(found[service] for service in services)

    def _require_room(self, services: Sequence[str]) -> None:
        """Refuse what could not be written down: all that each link of a long chain rests on."""
        if self._refined:
            return
        met = self.structure.requirements_met
        sample = services[:: -(-len(services) // _SAMPLED)]
        named = sum(len(self._quickly().solved(met[service]).essential) for service in sample)
        expected = named / len(sample) * len(services)
        if expected > _MOST_NAMED:
            raise LimitError(
                f"the answers for {len(services):,} services would name about {expected:,.0f} "
                "single points of failure; ask for some of them only, as with assess --service"
            )

    def _bounds(self, node: int) -> Bounds:
        """Enclose a node under the final figures."""
        if not self._refined or self._is_late():
            swept = self._solved(node)
            self._all_exact &= swept.exact
            return swept.bounds
        self._by_diagrams = True
        ready = self._compiled(node)
        self._ready.pop(node, None)
        if 0 < len(self.options.services) <= _KEPT:
            self.kept[node] = ready
        self._essential[node] = ready.essential
        low, high = self._worlds
        found = ready.bounds(low)
        if low is not high and any(low[v] != high[v] for v in (*ready.essential, *ready.variables)):
            found = Bounds(found.low, ready.bounds(high).high)
        return found if ready.exact else narrowed(found, self._solved(node).bounds)

    def _is_late(self) -> bool:
        """Whether time is up while others wait: what is quickly found has to do for the rest."""
        return self._many and monotonic() > self._deadline

    def _ahead(self, services: Sequence[str]) -> Iterator[Solved] | None:
        """Requirements of many services in turn, solved the quick way on all cores."""
        if self._refined:
            return None
        met = self.structure.requirements_met
        return self._quickly().in_turn(met[service] for service in services)

    def _quickly(self) -> Sweep:
        """The quick way, under the final figures."""
        if self._sweep is None:
            deadline = self._deadline if self._many else math.inf
            self._sweep = Sweep(self.structure, self.figures, deadline=deadline)
        return self._sweep

    def _solved(self, node: int) -> Solved:
        """Solve a node the quick way, once."""
        solved = self._swept.get(node)
        if solved is None:
            solved = self._swept[node] = self._quickly().solved(node)
        return solved

    def _up_bounds(self, service: str, met: Bounds) -> Bounds:
        """Enclose a service, given the bounds of its requirements."""
        own = self.structure.own[service]
        gates, up = self.structure.gates, self.structure.up[service]
        rest = self.structure.requirements_met[service]
        alone = ({*gates.arguments[up]} or {up}) - {rest, *gates.arguments[rest]} == {own}
        if service in self.ring_members or not alone:
            return self._bounds(up)
        low, high = map(serial, zip(self.figures.worlds[own], (met.low, met.high), strict=True))
        bounds = Bounds(low, high)
        if rest in self._essential:
            self._essential[up] = (*self._essential[rest], own)
        if rest in self.kept:
            kept = self.kept.pop(rest)
            self.kept[up] = replace(kept, essential=(*kept.essential, own))
        below = self._swept.get(rest)
        if below is not None:
            essential, variables = (np.append(v, own) for v in (below.essential, below.variables))
            self._swept[up] = replace(
                below, bounds=bounds, essential=essential, variables=variables
            )
        return bounds

    def answer(self, service: str) -> ServiceAvailability:
        """Answer for one service."""
        self._all_exact, self._by_diagrams = True, False
        up = self.structure.up[service]
        met = self._bounds(self.structure.requirements_met[service])
        bounds = self._up_bounds(service, met)
        own = self.figures.own[ComponentKey("service", service)]
        source = self.figures.source[ComponentKey("service", service)]
        promises = self.committed.get(service, ())
        target = promises[0].target if promises else None
        unknown, defaulted = self._without_figure(up)
        exact = bounds.low == bounds.high
        if not exact and (behind := self._behind_causes(up)):
            unknown = tuple(sorted({*unknown, *behind}))
        loose = not exact and self._rests_on_unsettled(service)
        naive = self._compared(Comparison.naive, up)
        worst = self._compared(Comparison.worst_case, up)
        return ServiceAvailability(
            id=service,
            availability=bounds.low.up if exact else None,
            unavailability=bounds.low.down if exact else None,
            low=bounds.low.up,
            high=bounds.high.up,
            unavailability_low=bounds.high.down,
            unavailability_high=bounds.low.down,
            method="exact" if exact else self._bracket(unknown=bool(unknown), unsettled=loose),
            naive=naive.up if naive else None,
            naive_unavailability=naive.down if naive else None,
            worst_case=worst.up if worst else None,
            worst_case_unavailability=worst.down if worst else None,
            own_availability=own[0].up if own[0] == own[1] else None,
            own_unavailability=own[0].down if own[0] == own[1] else None,
            own_low=own[0].up,
            own_high=own[1].up,
            basis="modelled" if source == "given" else source,
            committed=None if target is None else float(target),
            commitments=tuple(
                judged(promise, met, bounds, committed=source == "committed")
                for promise in promises
            ),
            requirements_availability=met.low.up if met.low == met.high else None,
            requirements_unavailability=met.low.down if met.low == met.high else None,
            requirements_low=met.low.up,
            requirements_high=met.high.up,
            carried=reaches(met, target),
            met=reaches(bounds, target),
            carried_shortfall_minutes_per_month=shortfall(met, target),
            met_shortfall_minutes_per_month=shortfall(bounds, target),
            downtime_minutes_per_month=bounds.low.down * MINUTES_PER_MONTH if exact else None,
            downtime_minutes_per_year=bounds.low.down * MINUTES_PER_YEAR if exact else None,
            single_points_of_failure=self._spofs(up),
            unknown=unknown,
            defaulted=defaulted,
            in_ring=service in self.ring_members,
        )

    def _rests_on_unsettled(self, service: str) -> bool:
        """Whether a service rests on a promise that does not settle."""
        if not self._unsettled:
            return False
        return not self._unsettled.isdisjoint(services_below(self.structure, [service]))

    def _bracket(self, *, unknown: bool, unsettled: bool) -> str:
        """Name everything that made an answer a bracket (rules A5, A8)."""
        causes = []
        if unknown:
            causes.append("components without a figure taken as 0 and as 1")
        if unsettled:
            causes.append(_UNSETTLED)
        if not ((unknown or unsettled) and self._all_exact):
            causes.append(_ENCLOSED if self._by_diagrams else _FEW_FAILURES)
        return f"bracket: {'; '.join(causes)}"

    def _spofs(self, node: int) -> tuple[str, ...]:
        """Names of essential components that can fail."""
        essential = self._essential.get(node)
        found = self._solved(node).essential if essential is None else np.array(essential, np.int64)
        key = np.sort(found).tobytes()
        # Members of a ring have the same ones, and there may be thousands.
        if self._named[0] != key:
            can_fail = (v for v in found.tolist() if self.figures.worlds[v][0].down > 0.0)
            self._named = key, tuple(sorted(map(self._name, can_fail)))
        return self._named[1]

    def _name(self, variable: int) -> str:
        """Name of a component, worked out once."""
        name = self._names.get(variable)
        if name is None:
            name = self._names[variable] = self.structure.name(variable)
        return name

    def _without_figure(self, node: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names of components below a node that are unknown, and that stand on the default."""
        found: dict[str, list[str]] = {"unknown": [], "default": []}
        if self._figureless.isdisjoint(found):
            return (), ()
        swept = self._swept.get(node)
        below = swept.variables if swept else np.array(self.structure.gates.below(node), np.int64)
        variables = np.sort(below)
        # As with single points of failure, members of a ring have the same ones.
        if self._lacking[0] != (key := variables.tobytes()):
            for variable in variables.tolist():
                component = self.structure.component.get(variable)
                source = self.figures.source.get(component) if component is not None else None
                if source in found and component is not None and component.kind != "common_cause":
                    found[source].append(self._name(variable))
            self._lacking = key, tuple(sorted(found["unknown"])), tuple(sorted(found["default"]))
        return self._lacking[1:]

    def _behind_causes(self, node: int) -> set[str]:
        """Names of members without a figure on which common causes below a node hang."""
        behind = {cause: keys for cause, keys in self.figures.behind.items() if keys}
        if not behind:
            return set()
        variable, component = self.structure.variable, self.structure.component
        below = (component.get(v) for v in self.structure.gates.below(node))
        found = {key for cause in below if cause in behind for key in behind[cause]}
        return {self._name(variable[key]) for key in found}

    def _compared(self, figure: Callable[[Comparison, int], Pair], node: int) -> Pair | None:
        """Naive or worst-case figure; None where the worlds differ."""
        first, second = self.comparisons
        low = figure(first, node)
        high = low if first is second else figure(second, node)
        return low if low == high else None


def _width_of(answer: ServiceAvailability) -> float:
    """Width of an answer's bracket, relative to its unavailability [1]."""
    high = answer.unavailability_high
    return 1.0 - answer.unavailability_low / high if high > 0.0 else 0.0
