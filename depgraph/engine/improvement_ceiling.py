"""What no completion of a set of improvements can exceed: a rigorous upper bound (rule L14).

Nothing is assumed about whether an option helps. The bound is the exact availability of an
optimistic estate: whatever an undecided option may change is taken away (a requirement), or takes
the best figure that it can have. Gates are monotone, so no choice among the undecided is better.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from depgraph.engine.estate_view import EstateView, Node
from depgraph.engine.exact import Bounds, Pair
from depgraph.engine.improvement_effects import Chosen, Effects
from depgraph.errors import DomainError
from depgraph.model.component import Component
from depgraph.model.estate import Estate
from depgraph.model.service import Service

_FIGURE_FIELDS = {"availability", "unavailability", "mtbf_hours", "mttr_hours"}
_PLAIN_FIELDS = {"id", "name", "availability", "unavailability"}
_PERFECT: dict[str, Any] = {
    "availability": None,
    "unavailability": Decimal(0),
    "mtbf_hours": None,
}


@dataclass
class _Footprint:
    """What one option, with all it requires, may change."""

    needs: set[str] = field(default_factory=set)
    """Services whose requirements it may change."""
    reassigned: set[str] = field(default_factory=set)
    """Services whose provider it changes."""
    changed: dict[str, set[int]] = field(default_factory=dict)
    """Positions in `depends_on` that it changes, by service."""
    moved: dict[str, set[int]] = field(default_factory=dict)
    """Positions in `located_in` that it changes, by service."""
    figure: dict[str, Pair | None] = field(default_factory=dict)
    """Own figure of services that it may change: what it becomes; None where that depends."""
    explicit: set[str] = field(default_factory=set)
    """Services whose own figure it gives outright."""
    nodes: set[Node] = field(default_factory=set)
    """Locations and organizations that it may change."""
    struck: set[Node] = field(default_factory=set)
    """Members of groups with a common cause that it may change."""
    unbounded: bool = False
    """Whether it changes more than the bound can follow."""


class Ceiling:
    """Upper bounds for the sets of one list of options."""

    def __init__(self, effects: Effects) -> None:
        self._effects = effects
        self._base = effects.estate
        options = effects.options
        self._known: dict[tuple[Chosen, Chosen], tuple[Bounds, ...] | None] = {}
        self._needed = [options.with_required(frozenset({p})) for p in range(len(options.place))]
        self._exclusive = options.exclusive_pairs()

    @cached_property
    def _footprints(self) -> list[_Footprint]:
        before = EstateView(self._base, self._effects.assessment)
        return [self._footprint(before, place) for place in range(len(self._needed))]

    def availability(self, decided: Chosen, undecided: Chosen) -> tuple[Bounds, ...] | None:
        """Availability that `decided` with any part of `undecided` cannot exceed, by service.

        None where no bound can be given.
        """
        if not undecided:
            return self._effects.availability(decided)
        key = decided, undecided
        if key not in self._known:
            estate = self._optimistic(decided, undecided)
            self._known[key] = None if estate is None else self._effects.evaluated(estate)
        return self._known[key]

    def _footprint(self, before: EstateView, place: int) -> _Footprint:
        """What an option changes, and what its edits name."""
        found = _Footprint()
        estate = self._effects.after(self._needed[place])
        if estate is None:
            raise DomainError("an option that does not fit the estate has no bound")
        after = EstateView(estate, self._effects.assessment)
        for member in self._needed[place]:
            for edit in self._effects.options.improvements[member].edits:
                for lists in (edit.add, edit.remove, edit.replace_fields):
                    for kind, items in (lists or {}).items():
                        for item in items:
                            self._name(found, kind, item, estate)
        for service in [*before.estate.services, *after.estate.services]:
            self._compare(found, service.id, before, after)
        found.struck |= {
            (kind, member)
            for kind, _, members, _ in before.common_causes ^ after.common_causes
            for member in members
        }
        return found

    def _name(self, found: _Footprint, kind: str, item: Any, after: Estate) -> None:  # noqa: ANN401 - raw edit
        """Enter what an edit names, whether or not it changes it."""
        fields = item if isinstance(item, Mapping) else {}
        name = str(fields.get("id", item))
        if kind == "dependencies":
            found.needs.add(str(fields["service"]))
        elif kind == "services":
            found.needs.add(name)
            if not fields or _FIGURE_FIELDS & fields.keys() or name not in self._base.service:
                found.figure[name] = None
            if {"availability", "unavailability"} & {k for k, v in fields.items() if v is not None}:
                found.explicit.add(name)
        elif kind in {"locations", "organizations"}:
            found.nodes.add((kind[:-1], name))
            known = name in (self._base.organization if kind == "organizations" else ())
            found.unbounded |= known and bool(fields.keys() - _PLAIN_FIELDS)
        elif kind in {"slas", "contracts"}:
            for estate in (self._base, after):
                for sla, (contract, record) in estate.sla.items():
                    if name == (sla if kind == "slas" else contract.id):
                        found.figure[record.service] = None

    def _compare(
        self, found: _Footprint, service: str, before: EstateView, after: EstateView
    ) -> None:
        """Enter what differs of one service, and what its own figure becomes."""
        one, other = before.estate.service.get(service), after.estate.service.get(service)
        if one is None or other is None or one.provider != other.provider:
            found.needs.add(service)
            found.reassigned.add(service)
        if one is not None and other is not None:
            found.changed[service] = _absent(one.requirements, other.requirements)
            found.moved[service] = _absent(one.placements, other.placements)
            if one.requirements != other.requirements or one.placements != other.placements:
                found.needs.add(service)
        if before.promises(service) != after.promises(service):
            found.figure[service] = None
        if service in found.figure and other is not None and not before.is_pending(service):
            found.figure[service] = after.own(service)

    def _optimistic(self, decided: Chosen, undecided: Chosen) -> Estate | None:
        """The estate that no completion can beat."""
        estate = self._effects.after(decided)
        open_ones = [self._footprints[place] for place in sorted(undecided)]
        if estate is None or any(each.unbounded for each in open_ones):
            return None
        in_play = sorted(decided | undecided)
        view = EstateView(estate, self._effects.assessment)
        needs = set().union(*(each.needs for each in open_ones))
        figures = {name for each in open_ones for name in each.figure}
        flawless = set().union(*(each.nodes | each.struck for each in open_ones))
        flawless |= view.hanging_on_consumers(needs)
        _spread(view, flawless, {("service", name) for name in needs | figures}, figures)
        services, given = [], set()
        for service in estate.services:
            fresh = service
            if service.id in needs:
                fresh = self._least_needs(service, in_play)
            if ("service", service.id) in flawless:
                fresh = fresh.model_copy(update=_PERFECT)
                given.add(service.id)
            elif service.id in figures:
                fresh = fresh.model_copy(update=self._best_figure(service.id, in_play))
                given.add(service.id)
            services.append(fresh)
        return _rebuilt(estate, services, given, flawless)

    def _least_needs(self, service: Service, in_play: Iterable[int]) -> Service:
        """A service with only what every completion requires."""
        base = self._base.service.get(service.id)
        feet = [self._footprints[place] for place in in_play]
        if base is None:
            nothing: dict[str, Any] = {"depends_on": (), "located_in": (), "provider": None}
            return service.model_copy(update=nothing)
        changed = set().union(*(each.changed.get(service.id, set()) for each in feet))
        moved = set().union(*(each.moved.get(service.id, set()) for each in feet))
        reassigned = any(service.id in each.reassigned for each in feet)
        return service.model_copy(
            update={
                "depends_on": tuple(
                    item for place, item in enumerate(base.depends_on) if place not in changed
                ),
                "located_in": tuple(
                    item for place, item in enumerate(base.located_in) if place not in moved
                ),
                "provider": None if reassigned else base.provider,
            }
        )

    def _best_figure(self, service: str, in_play: Iterable[int]) -> dict[str, Any]:
        """The best own figure that a completion can give; perfect where several interact."""
        places = [place for place in in_play if service in self._footprints[place].figure]
        pairs = [self._footprints[place].figure[service] for place in places]
        apart = all(
            (one, other) in self._exclusive for one in places for other in places if one < other
        )
        outright = all(service in self._footprints[place].explicit for place in places)
        known: list[Pair | None] = [pair for pair in pairs if pair is not None]
        base = EstateView(self._base, self._effects.assessment)
        if len(known) < len(pairs) or not (apart or outright) or base.is_pending(service):
            return _PERFECT
        if service in self._base.service:
            known.append(base.own(service))
        return {**_PERFECT, "unavailability": Decimal(min(pair.down for pair in known if pair))}


def _absent(before: tuple[Any, ...], after: tuple[Any, ...]) -> set[int]:
    """Positions of what is no longer there."""
    return {place for place, item in enumerate(before) if item not in after}


def _spread(view: EstateView, flawless: set[Node], touched: set[Node], figures: set[str]) -> None:
    """Take as flawless also what changes with the rest: promises above, and common causes.

    A promise that is divided by what it rests on gives way when that gets better; another own
    figure of one member changes what a common cause leaves to the others.
    """
    size = -1
    while size < len(flawless):
        size = len(flawless)
        flawless |= {
            ("service", service)
            for service in view.pending
            if view.cone(service) & (touched | flawless)
        }
        moving = flawless | {("service", name) for name in figures}
        for kind, _, members, _ in view.common_causes:
            group = {(kind, member) for member in members}
            flawless |= group if group & moving else set()


def _rebuilt(
    estate: Estate, services: list[Service], given: set[str], flawless: set[Node]
) -> Estate:
    """The estate with other services; promises on those whose figure is `given` no longer count.

    Parts of sound records are only left out, so that nothing needs to be validated again.
    """
    fields = {name: getattr(estate, name) for name in type(estate).model_fields}
    fields["services"] = tuple(services)
    fields["contracts"] = tuple(
        contract.model_copy(
            update={"slas": tuple(sla for sla in contract.slas if sla.service not in given)}
        )
        for contract in estate.contracts
    )
    fields["locations"] = _flawless(estate.locations, "location", flawless)
    fields["organizations"] = _flawless(estate.organizations, "organization", flawless)
    return Estate.model_construct(**fields)


def _flawless(records: tuple[Any, ...], kind: str, flawless: set[Node]) -> tuple[Component, ...]:
    """Places and organizations, those named without any failure."""
    alone = {"within": None, "operator": None} if kind == "location" else {}
    return tuple(
        record.model_copy(update={**_PERFECT, **alone}) if (kind, record.id) in flawless else record
        for record in records
    )
