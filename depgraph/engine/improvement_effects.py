"""What sets of improvements do to the availability of services: the exact oracle (rule L14)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from depgraph.engine.availability import AssessmentOptions, final_figures
from depgraph.engine.exact import Bounds, compiled
from depgraph.engine.scenario import edited
from depgraph.engine.structure import structure_of
from depgraph.errors import Problem, RegisterError
from depgraph.model.estate import Estate
from depgraph.model.improvement import ImprovementOptions, ServiceTarget
from depgraph.model.scenario import Edit

Chosen = frozenset[int]
"""Positions of the options of a set."""


def allowed_unavailability(target: ServiceTarget) -> float:
    """Unavailability that a target leaves [1]."""
    return float(1 - target.availability)


def enclosed(
    estate: Estate, services: tuple[str, ...], options: AssessmentOptions
) -> tuple[Bounds, ...]:
    """Availability of services, unknown figures taken as 0 (rules A5, A8).

    The two ends are equal unless the diagrams outgrow the limits.
    """
    structure = structure_of(estate)
    world = final_figures(structure, replace(options, services=services)).world(0)
    perfect = frozenset(variable for variable, own in world.items() if own.down == 0.0)
    return tuple(
        compiled(
            structure.gates, structure.up[service], options.limits, hints=world, perfect=perfect
        ).bounds(world)
        for service in services
    )


def option_problems(
    estate: Estate, options: ImprovementOptions, services: Sequence[str] = ()
) -> list[Problem]:
    """What of each option does not fit an estate; each is tried with what it requires.

    Parameters
    ----------
    estate : Estate
        The estate before.
    options : ImprovementOptions
        What is on offer.
    services : sequence of str
        Services that no option may remove.
    """
    problems: list[Problem] = []
    for place, improvement in enumerate(options.improvements):
        members = sorted(options.with_required(frozenset({place})))
        spots = [
            (member, number)
            for member in members
            for number in range(len(options.improvements[member].edits))
        ]
        try:
            after = edited(estate, _edits(options, members))
        except RegisterError as error:
            problems += [_placed(problem, spots, place) for problem in error.problems]
            continue
        problems += [
            Problem(
                "target-removed",
                f"{improvement.id!r} removes {service!r}, for which a target is set",
                "leave it out",
                value=service,
                path=("improvements", place),
            )
            for service in services
            if service in estate.service and service not in after.service
        ]
    # An option that others require brings its faults up again with each of them.
    return list(dict.fromkeys(problems))


def _edits(options: ImprovementOptions, members: Iterable[int]) -> list[Edit]:
    """Changes of several options, in file order."""
    return [edit for member in members for edit in options.improvements[member].edits]


def _placed(problem: Problem, spots: list[tuple[int, int]], place: int) -> Problem:
    """Path of a problem within the list of options."""
    path = problem.path
    if len(path) > 1 and path[0] == "edits" and isinstance(path[1], int):
        member, number = spots[path[1]]
        return replace(problem, path=("improvements", member, "edits", number, *path[2:]))
    return replace(problem, path=("improvements", place))


@dataclass
class Effects:
    """Evaluates sets of options; every figure comes from the estate with their changes made.

    Attributes
    ----------
    estate : Estate
        The estate before.
    options : ImprovementOptions
        What is on offer.
    services : tuple of str
        Services to answer for.
    assessment : AssessmentOptions
        Basis, day and limits.
    evaluations : int
        Estates evaluated so far.
    """

    estate: Estate
    options: ImprovementOptions
    services: tuple[str, ...]
    assessment: AssessmentOptions

    def __post_init__(self) -> None:
        self.evaluations = 0
        self._known: dict[Chosen, tuple[Bounds, ...] | None] = {}
        self._after: dict[Chosen, Estate | None] = {frozenset(): self.estate}

    def after(self, chosen: Chosen) -> Estate | None:
        """The estate with the changes of a set made, in file order; None if they do not fit."""
        if chosen not in self._after:
            try:
                made = edited(self.estate, _edits(self.options, sorted(chosen)))
            except RegisterError:
                made = None
            gone = made is None or any(service not in made.service for service in self.services)
            self._after[chosen] = None if gone else made
        return self._after[chosen]

    def availability(self, chosen: Chosen) -> tuple[Bounds, ...] | None:
        """Availability of each service with a set; None if its changes do not fit together."""
        if chosen not in self._known:
            after = self.after(chosen)
            self._known[chosen] = None if after is None else self.evaluated(after)
        return self._known[chosen]

    def evaluated(self, estate: Estate) -> tuple[Bounds, ...]:
        """Availability of each service in an estate; counted."""
        self.evaluations += 1
        return enclosed(estate, self.services, self.assessment)

    def exclusive_pairs(self) -> frozenset[tuple[int, int]]:
        """Pairs that do not go together: declared so, or their changes do not fit the estate."""
        declared = self.options.exclusive_pairs()
        named = [named_in(self.options, place) for place in range(len(self.options.improvements))]
        found = set(declared)
        for one, other in combinations(range(len(named)), 2):
            if (one, other) in declared or not named[one] & named[other]:
                continue
            if self.after(self.options.with_required(frozenset({one, other}))) is None:
                found.add((one, other))
        return frozenset(found)


def named_in(options: ImprovementOptions, place: int) -> set[str]:
    """Every text that the edits of an option hold: without a common one, two always fit."""
    found: set[str] = set()
    waiting: list[object] = [
        part
        for edit in options.improvements[place].edits
        for part in (edit.add, edit.remove, edit.replace_fields)
    ]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, (list, tuple)):
            waiting += item
        elif isinstance(item, str):
            found.add(item)
    return found
