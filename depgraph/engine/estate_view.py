"""Promises, figures, groups and cones of one estate, as bounds and explanations need them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from depgraph.engine.availability import AssessmentOptions
from depgraph.engine.committed import Commitment, commitments
from depgraph.engine.exact import Pair
from depgraph.engine.figures import Figures, first_figures
from depgraph.engine.structure import ComponentKey, required_services, structure_of
from depgraph.errors import DomainError
from depgraph.model.dependency import Redundancy
from depgraph.model.estate import Estate

Node = tuple[str, str]
"""Kind and id: ("service", "checkout"), ("location", …), ("organization", …)."""


class EstateView:
    """Promises, figures and groups of one estate."""

    def __init__(self, estate: Estate, options: AssessmentOptions) -> None:
        self.estate = estate
        self._choice = options.choice
        self._as_of = options.as_of

    @cached_property
    def _committed(self) -> Mapping[str, tuple[Commitment, ...]]:
        if self._as_of is None:
            raise DomainError("a bound needs the day on which promises are in force")
        return commitments(self.estate, self._as_of)

    @cached_property
    def _consumers(self) -> Mapping[str, frozenset[str | None]]:
        found: dict[str, set[str | None]] = {}
        for service in self.estate.services:
            for provider in required_services(service):
                found.setdefault(provider, set()).add(service.provider)
        return {name: frozenset(providers) for name, providers in found.items()}

    @cached_property
    def _figures(self) -> Figures:
        structure = structure_of(self.estate)
        return first_figures(structure, self._committed, self._choice, self.estate.service)

    def promises(self, service: str) -> object:
        """What decides which promise counts; consumers matter only where there are several."""
        promised = self._committed.get(service, ())
        consumers = self._consumers.get(service) if len(promised) > 1 else None
        return promised, consumers

    def is_pending(self, service: str) -> bool:
        """Whether the own figure is an end-to-end promise, divided by what it rests on (A4)."""
        promised = self._committed.get(service, ())
        record = self.estate.service.get(service)
        if record is None or not promised or not promised[0].end_to_end:
            return False
        return record.own_unavailability is None or self._choice.basis == "committed"

    def own(self, service: str) -> Pair | None:
        """Own figure at the low end; None while it is pending."""
        if self.is_pending(service):
            return None
        return self._figures.own[ComponentKey("service", service)][0]

    @cached_property
    def common_causes(self) -> frozenset[tuple[str, str, tuple[str, ...], object]]:
        """Groups with a common cause: kind of the members, consumer, members, beta."""
        return frozenset(
            (kind, service.id, tuple(sorted(group.of)), group.common_cause)
            for service in self.estate.services
            for kind, groups in (
                ("service", service.requirements), ("location", service.placements),
            )
            for group in groups
            if isinstance(group, Redundancy) and group.common_cause
        )  # fmt: skip

    @cached_property
    def pending(self) -> tuple[str, ...]:
        """Services whose own figure is an end-to-end promise."""
        return tuple(s.id for s in self.estate.services if self.is_pending(s.id))

    def hanging_on_consumers(self, consumers: set[str]) -> set[Node]:
        """Services on whose promises it depends who consumes them, when these consumers change."""
        found: set[Node] = set()
        for name in consumers & self.estate.service.keys():
            for provider in required_services(self.estate.service[name]):
                given = self.estate.service[provider].own_unavailability is not None
                decided = given and self._choice.basis == "modelled"
                if not decided and len(self._committed.get(provider, ())) > 1:
                    found.add(("service", provider))
        return found

    def cone(self, service: str) -> set[Node]:
        """Everything that a service rests on, itself included."""
        found: set[Node] = set()
        waiting = [service]
        while waiting:
            name = waiting.pop()
            if ("service", name) in found:
                continue
            found.add(("service", name))
            record = self.estate.service[name]
            found.add(("organization", record.provider or ""))
            for placement in record.placements:
                for start in placement.of:
                    place: str | None = start
                    while place is not None:
                        location = self.estate.location[place]
                        found.add(("location", place))
                        found.add(("organization", location.operator or ""))
                        place = location.within
            waiting += required_services(record)
        return found
