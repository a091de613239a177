"""What one service requires, step by step, each step with its figure (rules A1 to A4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from depgraph.engine.availability_answer import ServiceAvailability
from depgraph.engine.exact import Bounds, Limits, Pair, compiled
from depgraph.engine.figures import Figures
from depgraph.engine.structure import ComponentKey, Structure
from depgraph.errors import DomainError
from depgraph.model.dependency import Redundancy
from depgraph.record import Record
from depgraph.wording import unknown_ids

_QUICK = Limits(seconds=2.0)

RequirementKind = Literal["service", "group", "location", "organization"]


class Requirement(Record):
    """One line of the tree."""

    depth: int
    """Steps from the service that was asked for; that one has 0."""
    kind: RequirementKind
    """What is required."""
    id: str
    """Its id; for a group its name, or its members."""
    relation: str
    """How it is required: ``must be up``, ``at least 1 of 2``, ``member``, ``soft 0.1``."""
    counts: bool
    """Whether its failure can take the consumer down; soft requirements cannot (rule A7)."""
    low: float | None
    """Availability with everything it requires, at least this [1]; None for soft requirements."""
    high: float | None
    """Availability with everything it requires, at most this [1]."""
    unavailability_low: float | None
    """One minus `high`, with all its digits [1]."""
    unavailability_high: float | None
    """One minus `low`, with all its digits [1]."""
    own_low: float | None
    """Availability of its own component, at least this [1]; None for groups."""
    own_high: float | None
    """Availability of its own component, at most this [1]."""
    own_unavailability_low: float | None
    """One minus `own_high`, with all its digits [1]."""
    own_unavailability_high: float | None
    """One minus `own_low`, with all its digits [1]."""
    repeated: bool
    """Whether what it requires stands further up already and is not written out again."""


class RequirementTree(Record):
    """The requirements of one service."""

    service: str
    """The service."""
    rows: tuple[Requirement, ...]
    """The service first, each requirement after what requires it."""
    complete: bool
    """Whether everything is listed; False when the limit was reached."""


def requirement_tree(
    structure: Structure,
    figures: Figures,
    service: str,
    known: Mapping[str, ServiceAvailability],
    most: int = 400,
) -> RequirementTree:
    """Write out what a service requires.

    What is required twice is written out once; later lines say so. That also ends rings (rule A6).

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    figures : Figures
        Final figures of the components that the service rests on.
    service : str
        The service.
    known : mapping of str to ServiceAvailability
        Answers for all services that it rests on.
    most : int
        Most lines.

    Raises
    ------
    DomainError
        If the service does not exist.
    """
    if service not in structure.up:
        raise DomainError(f"no service has the id {unknown_ids([service], structure.up)}")
    tree = _Tree(structure, figures, known)
    rows: list[Requirement] = []
    complete = True
    for row in tree.rows(service):
        if len(rows) == most:
            complete = False
            break
        rows.append(row)
    return RequirementTree(service=service, rows=tuple(rows), complete=complete)


@dataclass(frozen=True)
class _Step:
    """One line still to be written."""

    depth: int
    kind: RequirementKind
    id: str
    relation: str
    counts: bool = True
    group: Redundancy | None = None
    places: bool = False


@dataclass
class _Tree:
    """Walks the requirements; depth first, without recursion, as estates may be long chains."""

    structure: Structure
    figures: Figures
    known: Mapping[str, ServiceAvailability]
    _written: set[tuple[str, str]] = field(default_factory=set)
    _bounded: dict[int, Bounds] = field(default_factory=dict)
    _struck_by: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, variable in self.structure.variable.items():
            if key.kind == "common_cause" and key.strikes == "location":
                for place in key.members:
                    self._struck_by.setdefault(place, []).append(variable)

    def rows(self, service: str) -> Iterator[Requirement]:
        """Lines in the order of the tree."""
        waiting = [_Step(0, "service", service, "")]
        while waiting:
            step = waiting.pop()
            below = list(self._below(step)) if step.counts else []
            seen = step.kind != "group" and (step.kind, step.id) in self._written
            if step.kind != "group" and step.counts:
                self._written.add((step.kind, step.id))
            yield self._row(step, repeated=seen and bool(below))
            waiting += [] if seen else reversed(below)

    def _below(self, step: _Step) -> Iterator[_Step]:
        """What one line requires."""
        estate, depth = self.structure.estate, step.depth + 1
        if step.group is not None:
            kind: RequirementKind = "location" if step.places else "service"
            for member in step.group.of:
                yield _Step(depth, kind, member, "member")
        elif step.kind == "location":
            location = estate.location[step.id]
            if location.within is not None:
                yield _Step(depth, "location", location.within, "within")
            if location.operator is not None and self._can_fail(location.operator):
                yield _Step(depth, "organization", location.operator, "operated by")
        elif step.kind == "service":
            yield from self._of_service(step.id, depth)

    def _of_service(self, service: str, depth: int) -> Iterator[_Step]:
        record = self.structure.estate.service[service]
        for requirement in record.requirements:
            if isinstance(requirement, Redundancy):
                yield _grouped(depth, requirement, places=False)
            elif requirement.soft is None:
                yield _Step(depth, "service", requirement.service, "must be up")
            else:
                relation = f"soft {requirement.soft}"
                yield _Step(depth, "service", requirement.service, relation, counts=False)
        for placement in record.placements:
            yield _grouped(depth, placement, places=True)
        if record.provider is not None and self._can_fail(record.provider):
            yield _Step(depth, "organization", record.provider, "provided by")

    def _can_fail(self, organization: str) -> bool:
        """Whether an organization can fail as a whole: only with a figure of its own."""
        variable = self.structure.variable.get(ComponentKey("organization", organization))
        return variable is not None and self.figures.worlds[variable][0].down > 0.0

    def _row(self, step: _Step, *, repeated: bool) -> Requirement:
        bounds = self._bounds(step) if step.counts else None
        own = self._own(step)
        return Requirement(
            depth=step.depth,
            kind=step.kind,
            id=step.id,
            relation=step.relation,
            counts=step.counts,
            low=bounds.low.up if bounds else None,
            high=bounds.high.up if bounds else None,
            unavailability_low=bounds.high.down if bounds else None,
            unavailability_high=bounds.low.down if bounds else None,
            own_low=own[0].up if own else None,
            own_high=own[1].up if own else None,
            own_unavailability_low=own[1].down if own else None,
            own_unavailability_high=own[0].down if own else None,
            repeated=repeated,
        )

    def _own(self, step: _Step) -> tuple[Pair, Pair] | None:
        """Own figure of a component."""
        if step.kind == "group" or not step.counts:
            return None
        return self.figures.own.get(ComponentKey(step.kind, step.id))

    def _bounds(self, step: _Step) -> Bounds:
        """Enclose one line's availability."""
        answer = self.known.get(step.id) if step.kind == "service" else None
        if answer is not None:
            return Bounds(
                Pair(answer.low, answer.unavailability_high),
                Pair(answer.high, answer.unavailability_low),
            )
        node = self._node(step)
        if node not in self._bounded:
            low, high = self.figures.world(0), self.figures.world(1)
            ready = compiled(
                self.structure.gates, node, _QUICK, hints=low, perfect=self.figures.perfect()
            )
            ends = ready.bounds(low), ready.bounds(high)
            self._bounded[node] = Bounds(ends[0].low, ends[1].high)
        return self._bounded[node]

    def _node(self, step: _Step) -> int:
        """Gate of one line."""
        if step.kind == "service":
            return self.structure.up[step.id]
        if step.group is not None:
            kind: RequirementKind = "location" if step.places else "service"
            members = [
                self._node(replace(step, kind=kind, id=m, group=None)) for m in step.group.of
            ]
            return self.structure.gates.at_least(step.group.at_least, members)
        if step.kind == "location":
            return self._location(step.id)
        return self.structure.variable[ComponentKey("organization", step.id)]

    def _location(self, place: str) -> int:
        """Gate of a place, its operators and all around it, with the causes that strike them."""
        needed = []
        here: str | None = place
        while here is not None:
            needed.append(self.structure.variable[ComponentKey("location", here)])
            needed += self._struck_by.get(here, ())
            location = self.structure.estate.location[here]
            if location.operator is not None:
                key = ComponentKey("organization", location.operator)
                needed.append(self.structure.variable[key])
            here = location.within
        return self.structure.gates.all_of(needed)


def _grouped(depth: int, group: Redundancy, *, places: bool) -> _Step:
    """Line of a group; a group of one is its member."""
    if len(group.of) == 1:
        kind: RequirementKind = "location" if places else "service"
        return _Step(depth, kind, group.of[0], "located in" if places else "must be up")
    name = group.name or ", ".join(group.of)
    relation = f"at least {group.at_least} of {len(group.of)}"
    return _Step(depth, "group", name, relation, group=group, places=places)
