"""What an estate carries for a target, and what binds (rules L14, A11, A12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from scipy.optimize import brentq

from depgraph.engine.availability import AssessmentOptions, final_figures
from depgraph.engine.availability_answer import MINUTES_PER_MONTH
from depgraph.engine.cut_sets import minimal_cut_sets
from depgraph.engine.estate_view import EstateView
from depgraph.engine.exact import Bounds, Pair, compiled
from depgraph.engine.feasibility_answer import (
    ComponentRow,
    CutRow,
    Feasibility,
    RequirementKind,
    RequirementRow,
    SecondProviderRow,
)
from depgraph.engine.gates import FALSE, TRUE, GateGraph
from depgraph.engine.improvement_effects import allowed_unavailability, enclosed
from depgraph.engine.promise_verdict import TOLERANCE
from depgraph.engine.structure import ComponentKey, structure_of
from depgraph.model.dependency import Dependency
from depgraph.model.estate import Estate
from depgraph.model.improvement import ServiceTarget
from depgraph.model.service import Service

_MOST_COMPONENTS = 40
_MOST_PROBED = 12
_MOST_SECOND_PROVIDERS = 25
_SAFE = 1 - 1e-12
_MOST_STEPS = 60
_NO_NEEDS: dict[str, Any] = {"provider": None, "located_in": (), "depends_on": ()}


def feasibility(estate: Estate, target: ServiceTarget, options: AssessmentOptions) -> Feasibility:
    """What an estate can carry for one target, and what binds.

    Parameters
    ----------
    estate : Estate
        The estate as it is.
    target : ServiceTarget
        Service and availability asked for.
    options : AssessmentOptions
        Basis, day, limits; the day must be given.
    """
    return _Carrying(estate, target, options).answer()


class _Carrying:
    """Works out one answer."""

    def __init__(self, estate: Estate, target: ServiceTarget, options: AssessmentOptions) -> None:
        self._estate = estate
        self._target = target
        self._service = target.service
        self._options = replace(options, services=(target.service,))
        self._allowed = allowed_unavailability(target)
        self._structure = structure_of(estate)
        self._figures = final_figures(self._structure, self._options)
        self._world = self._figures.world(0)
        self._ready = compiled(
            self._structure.gates,
            self._structure.up[self._service],
            options.limits,
            hints=self._world,
            perfect=frozenset(v for v, own in self._world.items() if own.down == 0.0),
        )
        self._now = self._ready.bounds(self._world).low
        self._view = EstateView(estate, options)
        self._unknown = tuple(
            sorted(
                self._structure.name(v)
                for v in (*self._ready.essential, *self._ready.variables)
                if self._figures.is_unknown(v)
                and self._structure.component[v].kind != "common_cause"
            )
        )

    def answer(self) -> Feasibility:
        """Everything about one target."""
        high = self._ready.bounds(self._figures.world(1)).high
        carried = self._low(self._with(self._service, {"unavailability": Decimal(0)}))
        components, left_out = self._components()
        missing = max(0.0, self._now.down - self._allowed) * MINUTES_PER_MONTH
        return Feasibility(
            service=self._service,
            target=self._target.availability,
            availability=self._now.up,
            unavailability=self._now.down,
            high=high.up,
            exact=self._ready.exact and not self._unknown,
            unknown=self._unknown,
            reached=self._reaches(self._now.down),
            shortfall_minutes_per_month=0.0 if self._reaches(self._now.down) else missing,
            carried=carried.up,
            carried_unavailability=carried.down,
            carries=self._reaches(carried.down),
            requirements=self._requirements(carried),
            components=components,
            components_left_out=left_out,
            cut_sets=self._cut_sets(),
            second_providers=self._second_providers(components),
        )

    def _reaches(self, down: float) -> bool:
        return down <= self._allowed * (1 + TOLERANCE)

    def _low(self, estate: Estate) -> Pair:
        """Low end of the service's availability in another estate."""
        return enclosed(estate, (self._service,), self._options)[0].low

    def _with(self, service: str, changes: dict[str, Any]) -> Estate:
        """The estate with one service changed; an own figure takes the place of its promises."""
        return _changed(self._estate, "services", service, changes)

    def _requirements(self, carried: Pair) -> tuple[RequirementRow, ...]:
        """What the service needs: each alone, and the service without it."""
        service = self._estate.service[self._service]
        own = self._figures.own[ComponentKey("service", self._service)]
        parts = list(_parts(service))
        flawless = {**_NO_NEEDS, "availability": None, "unavailability": Decimal(0)}
        probes = [
            service.model_copy(
                update={**flawless, "mtbf_hours": None, **alone, "id": f"{place} {service.id}"}
            )
            for place, (_, _, alone, _) in enumerate(parts)
        ]
        fields = {name: getattr(self._estate, name) for name in Estate.model_fields}
        fields["services"] = (*self._estate.services, *probes)
        names = tuple(probe.id for probe in probes)
        probed = Estate.model_construct(**fields)
        bounds = enclosed(probed, names, self._options) if names else ()
        found = [self._row("own component", "own", Bounds(*own), carried)]
        for (name, kind, _, rest), each in zip(
            parts, self._open(probed, bounds, names), strict=True
        ):
            without = self._low(self._with_needs(rest))
            found.append(self._row(name, kind, each, without))
        most = min(found, key=lambda row: row.ceiling_unavailability)
        found = [row.replace(binding=row is most) for row in found]
        return tuple(sorted(found, key=lambda row: (-row.unavailability, row.requirement)))

    def _open(
        self, probed: Estate, bounds: tuple[Bounds, ...], names: tuple[str, ...]
    ) -> tuple[Bounds, ...]:
        """Bounds whose high end takes what has no figure as perfect (rule A5)."""
        if not self._unknown or not names:
            return bounds
        choice = replace(self._options.choice, default_availability=Decimal(1))
        best = enclosed(probed, names, replace(self._options, choice=choice))
        return tuple(Bounds(a.low, b.high) for a, b in zip(bounds, best, strict=True))

    def _with_needs(self, changes: dict[str, Any]) -> Estate:
        """The estate with other requirements of the service; its own figure stays as it is."""
        own = self._figures.own[ComponentKey("service", self._service)][0]
        return self._with(self._service, {**changes, "unavailability": Decimal(own.down)})

    def _row(
        self, name: str, kind: RequirementKind, bounds: Bounds, without: Pair
    ) -> RequirementRow:
        alone = bounds.low
        reaches = self._reaches(alone.down)
        missing = 0.0 if reaches else (alone.down - self._allowed) * MINUTES_PER_MONTH
        return RequirementRow(
            requirement=name,
            kind=kind,
            availability=alone.up,
            unavailability=alone.down,
            shortfall_minutes_per_month=missing,
            impossible=not self._reaches(bounds.high.down),
            ceiling=without.up,
            ceiling_unavailability=without.down,
            would_suffice=self._reaches(without.down),
            binding=False,
        )

    def _components(self) -> tuple[tuple[ComponentRow, ...], int]:
        """What each component costs, and the own figure at which the target would be reached."""
        birnbaum = self._ready.birnbaum(self._world)
        cost = {v: b * self._world[v].down for v, b in birnbaum.items() if self._world[v].down}
        essential = set(self._ready.essential)
        ranked = sorted(cost, key=lambda v: (-cost[v], self._structure.name(v)))
        listed = [
            v
            for place, v in enumerate(ranked)
            if place < _MOST_COMPONENTS
            or (v in essential and not self._reaches(self._world[v].down))
        ]
        rows = [
            self._component(v, birnbaum[v], probe=place < _MOST_PROBED)
            for place, v in enumerate(listed)
        ]
        rows.sort(key=lambda row: (row.ceiling_unavailability, row.component))
        return tuple(rows), len(ranked) - len(listed)

    def _component(self, variable: int, birnbaum: float, *, probe: bool) -> ComponentRow:
        """One component; probed estate by estate where its figure moves others."""
        own = self._world[variable]
        essential = variable in self._ready.essential
        key = self._structure.component[variable]
        flawless = max(0.0, self._now.down - birnbaum * own.down)
        moving = (key.kind, key.id) in self._moving and key.kind != "common_cause"
        needed: float | None = None
        if moving and probe:
            flawless = self._with_own(key, 0.0)
            needed = self._needed_by_probe(key, own.down) if self._reaches(flawless) else None
        elif not moving and key.kind != "common_cause" and self._reaches(flawless) and birnbaum:
            needed = min(max(0.0, (self._allowed - flawless) / birnbaum * _SAFE), 1.0)
        if self._reaches(self._now.down):
            needed = None
        whole = self._figures.own.get(key, (own, own))[0].down
        return ComponentRow(
            component=self._structure.name(variable),
            unavailability=whole,
            single_point_of_failure=essential,
            impossible=essential and not self._reaches(self._figures.worlds[variable][1].down),
            ceiling=1.0 - flawless,
            ceiling_unavailability=flawless,
            minutes_per_month=max(0.0, self._now.down - flawless) * MINUTES_PER_MONTH,
            needed_availability=None if needed is None else 1.0 - needed,
            needed_unavailability=needed,
        )

    @cached_property
    def _moving(self) -> set[tuple[str, str]]:
        """Components whose figure moves others: below an end-to-end promise, or with a cause."""
        found: set[tuple[str, str]] = set()
        for service in self._view.pending:
            found |= self._view.cone(service) - {("service", service)}
        for kind, _, members, _ in self._view.common_causes:
            found |= {(kind, member) for member in members}
        return found

    def _with_own(self, key: ComponentKey, down: float) -> float:
        """Unavailability of the service if a component failed so much by itself."""
        changes = {"unavailability": Decimal(down)}
        return self._low(_changed(self._estate, f"{key.kind}s", key.id, changes)).down

    def _needed_by_probe(self, key: ComponentKey, now: float) -> float | None:
        """Largest own unavailability found at which the target is reached."""
        return _largest(lambda down: self._with_own(key, down) - self._allowed, now)

    def _cut_sets(self) -> tuple[CutRow, ...]:
        """Cut sets up to order 2 that are more probable than the target allows."""
        found = minimal_cut_sets(self._structure, self._figures, self._service, max_order=2)
        return tuple(
            CutRow(components=cut.components, probability=cut.probability)
            for cut in found.cut_sets
            if cut.probability is not None and not self._reaches(cut.probability)
        )

    def _second_providers(
        self, components: Iterable[ComponentRow]
    ) -> tuple[SecondProviderRow, ...]:
        """Services that an independent second provider could stand in for."""
        below = self._view.cone(self._service)
        direct = [
            item.service
            for item in self._estate.service[self._service].requirements
            if isinstance(item, Dependency) and item.soft is None
        ]
        heavy = [row.component for row in components if ("service", row.component) in below]
        names = [name for name in dict.fromkeys([*direct, *heavy]) if name != self._service]
        promised = {
            node for s in self._view.pending for node in self._view.cone(s) - {("service", s)}
        }
        rows = [
            self._second(name, under_promise=("service", name) in promised)
            for name in names[:_MOST_SECOND_PROVIDERS]
        ]
        return tuple(sorted(rows, key=lambda row: (row.ceiling_unavailability, row.service)))

    def _second(self, name: str, *, under_promise: bool) -> SecondProviderRow:
        """Availability is linear in the second provider's: with it up, the service cannot miss."""
        nodes = {node for node, service in self._structure.service_of.items() if service == name}
        graph, root, origin = without_nodes(
            self._structure.gates, self._structure.up[self._service], nodes
        )
        world = {copy: self._world[source] for copy, source in origin.items()}
        best = compiled(graph, root, self._options.limits, hints=world).bounds(world).low
        if under_promise:
            best = self._low(self._with(name, {**_NO_NEEDS, "unavailability": Decimal(0)}))
        needed = None
        if not self._reaches(self._now.down) and self._reaches(best.down) and not under_promise:
            lost = (self._allowed - best.down) / (self._now.down - best.down)
            needed = min(max(0.0, lost * _SAFE), 1.0)
        return SecondProviderRow(
            service=name,
            ceiling=best.up,
            ceiling_unavailability=best.down,
            needed_availability=None if needed is None else 1.0 - needed,
            needed_unavailability=needed,
            under_promise=under_promise,
        )


def without_nodes(
    gates: GateGraph, root: int, nodes: set[int]
) -> tuple[GateGraph, int, dict[int, int]]:
    """Copy of what a root rests on, with some nodes always up.

    Parameters
    ----------
    gates : GateGraph
        The graph.
    root : int
        Node to copy, with all below it.
    nodes : set of int
        Nodes that are up.

    Returns
    -------
    tuple of (GateGraph, int, dict of int to int)
        The copy, its root, and the original variable of each variable of the copy.
    """
    graph = GateGraph()
    copy: dict[int, int] = {FALSE: FALSE, TRUE: TRUE, **dict.fromkeys(nodes, TRUE)}
    origin: dict[int, int] = {}
    for node in gates.below(root, nodes):
        if node in copy:
            continue
        if gates.is_variable(node):
            copy[node] = graph.variable()
            origin[copy[node]] = node
        else:
            members = [copy[argument] for argument in gates.arguments[node]]
            copy[node] = graph.at_least(gates.need[node], members)
    return graph, copy[root], origin


def _parts(
    service: Service,
) -> Iterable[tuple[str, RequirementKind, dict[str, Any], dict[str, Any]]]:
    """Each requirement: name, kind, fields of a service with only it, and of one without it."""
    if service.provider is not None:
        yield service.provider, "organization", {"provider": service.provider}, {"provider": None}
    for place, (item, group) in enumerate(zip(service.located_in, service.placements, strict=True)):
        rest = service.located_in[:place] + service.located_in[place + 1 :]
        name = group.name or " or ".join(group.of)
        yield name, "location", {"located_in": (item,)}, {"located_in": rest}
    for place, requirement in enumerate(service.requirements):
        item_alone = {"depends_on": (requirement,)}
        rest_needs = service.depends_on[:place] + service.depends_on[place + 1 :]
        without = {"depends_on": rest_needs}
        if isinstance(requirement, Dependency):
            if requirement.soft is None:
                yield requirement.service, "dependency", item_alone, without
        else:
            name = requirement.name or " or ".join(requirement.of)
            yield name, "group", item_alone, without


def _changed(estate: Estate, kind: str, name: str, changes: dict[str, Any]) -> Estate:
    """The estate with fields of one record changed; promises on a service give way to its figure.

    Only figures change and requirements go, so that nothing needs to be validated again.
    """
    fields = {field: getattr(estate, field) for field in Estate.model_fields}
    clear = {"availability": None, "mtbf_hours": None}
    fields[kind] = tuple(
        record.model_copy(update={**clear, **changes}) if record.id == name else record
        for record in fields[kind]
    )
    if kind == "services":
        fields["contracts"] = tuple(
            contract.model_copy(
                update={"slas": tuple(sla for sla in contract.slas if sla.service != name)}
            )
            for contract in estate.contracts
        )
    return Estate.model_construct(**fields)


def _largest(excess: Callable[[float], float], now: float) -> float | None:
    """Largest value between 0 and `now` found at which an excess is not above 0, verified."""
    if excess(now) <= 0.0:
        return now
    if excess(0.0) >= 0.0:
        return 0.0
    found = float(brentq(excess, 0.0, now, xtol=1e-18, rtol=1e-12, maxiter=_MOST_STEPS))
    for _ in range(_MOST_STEPS):
        if excess(found) <= 0.0:
            return found
        found *= 1 - 1e-9
    return None
