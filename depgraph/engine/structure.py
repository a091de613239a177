"""The estate compiled once: which components each service needs (rules A1 to A3, A6, A13).

Everything that asks "who is down when" reads this. A service's node is up when its own component
is up and its requirements are met; locations and organization-wide failure are requirements too.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Literal, NamedTuple, Self

from depgraph.collection import collection_paused
from depgraph.engine.gates import TRUE, GateGraph
from depgraph.engine.rings import ring_nodes, strongly_connected
from depgraph.model.dependency import Redundancy
from depgraph.model.estate import Estate
from depgraph.model.service import Service

ComponentKind = Literal["service", "location", "organization", "common_cause"]


class ComponentKey(NamedTuple):
    """Names one component: what can fail by itself."""

    kind: ComponentKind
    """What it is."""
    id: str
    """Its id; for a common cause the members, joined by `` + ``."""
    members: tuple[str, ...] = ()
    """Ids that a common cause strikes."""
    strikes: Literal["service", "location"] = "service"
    """Kind of the members of a common cause."""

    @classmethod
    def of_services(cls, ids: Iterable[str]) -> list[Self]:
        """Name services' own components, many at once in a third of the time."""
        fields = zip(repeat("service"), ids, repeat(()), repeat("service"))
        return list(map(tuple.__new__, repeat(cls), fields))


@dataclass
class Structure:
    """Gates of an estate.

    Attributes
    ----------
    estate : Estate
        What was compiled.
    gates : GateGraph
        All nodes.
    component : dict of int to ComponentKey
        What each variable stands for.
    variable : dict of ComponentKey to int
        The variable of each component.
    up : dict of str to int
        Node that is up when a service is, by service id.
    requirements_met : dict of str to int
        Node that is up when a service's requirements are met, by service id.
    rings : tuple of tuple of str
        Mutual dependencies, each as the services in it.
    """

    estate: Estate
    gates: GateGraph = field(default_factory=GateGraph)
    component: dict[int, ComponentKey] = field(default_factory=dict)
    variable: dict[ComponentKey, int] = field(default_factory=dict)
    up: dict[str, int] = field(default_factory=dict)
    requirements_met: dict[str, int] = field(default_factory=dict)
    own: dict[str, int] = field(default_factory=dict)
    """Variable of each service's own component, by service id."""
    common_cause: dict[int, float] = field(default_factory=dict)
    """Beta factor of each common-cause variable (rule A13)."""
    service_of: dict[int, str] = field(default_factory=dict)
    """Service by node, for every node that stands for a service, also inside rings."""
    place_of: dict[int, str] = field(default_factory=dict)
    """Location by node, for those that may fall by more than their own component."""
    order: tuple[str, ...] = ()
    """Services, providers before consumers."""
    rings: tuple[tuple[str, ...], ...] = ()

    def name(self, variable: int) -> str:
        """Id of a component; with its kind where the id alone would be ambiguous."""
        return self.name_of_key(self.component[variable])

    def name_of_key(self, key: ComponentKey) -> str:
        """Id of what a key stands for, as in `name`."""
        if key.kind == "common_cause":
            return f"common_cause({', '.join(key.members)})"
        name, estate = key.id, self.estate
        alike = (name in estate.service) + (name in estate.location) + (name in estate.organization)
        return name if alike == 1 else f"{key.kind}:{name}"


@collection_paused()
def structure_of(estate: Estate) -> Structure:
    """Compile an estate.

    Hard dependencies, redundancy groups, placements and the provider organization become gates;
    soft dependencies never take a service down (rule A7). Rings are greatest fixed points (A6).
    """
    return _Compiler(estate).run()


class _Compiler:
    """Builds the gates of one estate, providers first."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.structure = Structure(estate)
        self.gates = self.structure.gates
        self.struck_by: dict[tuple[str, str], list[ComponentKey]] = {}
        self.beta: dict[ComponentKey, float] = {}
        self.locations: dict[str, int] = {}
        self.organizations: dict[str, int] = {}
        self.requires: dict[str, list[str]] = {}
        self.services = dict(estate.service)
        self.placed: dict[str, Service] = {}
        for service in estate.services:
            self._look_at(service)

    def _look_at(self, service: Service) -> None:
        """Note what a service needs, and what its common causes strike."""
        # Reading a field of a record takes long: each once.
        name, places = service.id, service.located_in
        self.requires[name], groups = _hard_requirements(service)
        for group in groups:
            if group.common_cause:
                self._note_common_cause(group, "service")
        if places or service.provider is not None:
            self.placed[name] = service
            for place in places:
                if not isinstance(place, str) and place.common_cause:
                    self._note_common_cause(place, "location")

    def run(self) -> Structure:
        """Build every service's nodes."""
        structure, requires = self.structure, self.requires
        groups = strongly_connected(requires)
        structure.order = tuple(chain.from_iterable(groups))
        self._add_own()
        rings: list[tuple[str, ...]] = []
        for group in groups:
            service = group[0]
            if len(group) > 1 or service in requires[service]:
                rings.append(tuple(group))
                self._add_ring(group)
            else:
                self._add_single(service)
        structure.rings = tuple(rings)
        return structure

    def _add_own(self) -> None:
        """Add the own components of all services at once, providers first."""
        structure = self.structure
        keys = ComponentKey.of_services(structure.order)
        variables = self.gates.variables(len(keys))
        structure.own.update(zip(structure.order, variables, strict=True))
        structure.variable.update(zip(keys, variables, strict=True))
        structure.component.update(zip(variables, keys, strict=True))

    def _add_single(self, service: str) -> None:
        """Add the nodes of a service in no ring; everything it requires has its own."""
        structure, gates = self.structure, self.gates
        up, met = structure.own[service], TRUE
        if self.requires[service] or service in self.placed or self.struck_by:
            needed = self._needed(service, structure.up)
            met = needed[0] if len(needed) == 1 else gates.all_of(needed)
            if self.struck_by:
                needed = [*self._causes(service), *needed]
            up = gates.all_with(up, needed)
        structure.up[service] = up
        structure.requirements_met[service] = met
        structure.service_of[up] = service

    def _add_ring(self, ring: list[str]) -> None:
        structure, inside = self.structure, set(ring)
        up, requires = structure.up, self.requires

        def condition(service: str, required: Mapping[str, int]) -> int:
            """Gate of a service with the ring's gates put in."""
            known = {p: up[p] for p in requires[service] if p not in inside}
            needed = self._needed(service, {**known, **required})
            node = self._with_own(service, needed)
            structure.service_of[node] = service
            return node

        known = ChainMap(ring_nodes(ring, requires, condition, TRUE), up)
        needs = {service: self._needed(service, known) for service in ring}
        for service, needed in needs.items():
            structure.requirements_met[service] = self.gates.all_of(needed)
            node = structure.up[service] = self._with_own(service, needed)
            structure.service_of[node] = service

    def _with_own(self, service: str, needed: list[int]) -> int:
        """Node of a service in a ring, which may be there already."""
        own = self.structure.own[service]
        return self.gates.all_of([own, *self._causes(service), *needed])

    def _causes(self, service: str) -> Iterator[int]:
        """Common causes that strike a service."""
        return map(self._common_cause, self.struck_by.get(("service", service), ()))

    def _needed(self, service: str, known: Mapping[str, int]) -> list[int]:
        """Nodes that a service rests on, given those of everything it requires."""
        placed = self.placed.get(service)
        needed = [] if placed is None else self._surroundings(placed)
        for requirement in self.services[service].depends_on:
            if isinstance(requirement, str):
                needed.append(known[requirement])
            elif isinstance(requirement, Redundancy):
                members = [known[member] for member in requirement.of]
                needed.append(self.gates.at_least(requirement.at_least, members))
            elif requirement.soft is None:
                needed.append(known[requirement.service])
        return needed

    def _surroundings(self, service: Service) -> list[int]:
        """Nodes of a service's provider and places."""
        needed: list[int] = []
        if service.provider is not None:
            needed.append(self._organization(service.provider))
        for placement in service.located_in:
            if isinstance(placement, str):
                needed.append(self._location(placement))
            else:
                members = [self._location(place) for place in placement.of]
                needed.append(self.gates.at_least(placement.at_least, members))
        return needed

    def _location(self, place: str) -> int:
        """Node of a location: its own component, its operator, and every location around it.

        Rule A1: an organization that fails as a whole takes the places with it that it runs.
        """
        known = self.locations.get(place)
        if known is not None:
            return known
        chain = []
        around: str | None = place
        while around is not None:
            chain.append(self._variable(ComponentKey("location", around)))
            struck_by = self.struck_by.get(("location", around), ())
            chain += [self._common_cause(key) for key in struck_by]
            location = self.estate.location[around]
            if location.operator is not None:
                chain.append(self._organization(location.operator))
            around = location.within
        node = self.locations[place] = self.gates.all_of(chain)
        if len(chain) > 1:
            self.structure.place_of[node] = place
        return node

    def _organization(self, organization: str) -> int:
        known = self.organizations.get(organization)
        if known is None:
            key = ComponentKey("organization", organization)
            known = self.organizations[organization] = self._variable(key)
        return known

    def _note_common_cause(
        self, group: Redundancy, strikes: Literal["service", "location"]
    ) -> None:
        """Remember what a common cause strikes; the same members have one cause (rule A3)."""
        members = tuple(sorted(group.of))
        key = ComponentKey("common_cause", " + ".join(members), members, strikes)
        self.beta[key] = max(self.beta.get(key, 0.0), float(group.common_cause or 0))
        for member in members:
            causes = self.struck_by.setdefault((strikes, member), [])
            if key not in causes:
                causes.append(key)

    def _common_cause(self, key: ComponentKey) -> int:
        node = self._variable(key)
        self.structure.common_cause[node] = self.beta[key]
        return node

    def _variable(self, key: ComponentKey) -> int:
        known = self.structure.variable.get(key)
        return self._added(key) if known is None else known

    def _added(self, key: ComponentKey) -> int:
        node = self.structure.variable[key] = self.gates.variable()
        self.structure.component[node] = key
        return node


def required_services(service: Service) -> list[str]:
    """Services that a service requires, alone or in a group; soft ones are not required."""
    return _hard_requirements(service)[0]


def common_causes(service: Service) -> Iterator[Redundancy]:
    """Groups of services that a service needs and one cause can strike (rule A13)."""
    return (group for group in _hard_requirements(service)[1] if group.common_cause)


def _hard_requirements(service: Service) -> tuple[list[str], list[Redundancy]]:
    """Services that a service requires, alone or in a group, and the groups (rule A7)."""
    required: list[str] = []
    groups: list[Redundancy] = []
    for requirement in service.depends_on:
        # Strings first: to ask whether they are records is ten times as slow.
        if isinstance(requirement, str):
            required.append(requirement)
        elif isinstance(requirement, Redundancy):
            required += requirement.of
            groups.append(requirement)
        elif requirement.soft is None:
            required.append(requirement.service)
    return required, groups
