"""Services and the business functions they support."""

from __future__ import annotations

from typing import Literal

from depgraph.model.component import Component
from depgraph.model.dependency import Dependency, Placement, Redundancy, Requirement
from depgraph.record import Record
from depgraph.units import Hours, Id, Price, Text

Criticality = Literal["critical", "important", "standard"]


class Service(Component):
    """Something one organization provides and others consume."""

    id: Id
    """Identifier, unique among services."""
    name: Text = ""
    """Name for people."""
    provider: Id | None = None
    """The organization that provides it; None when nobody could say."""
    criticality: Criticality = "standard"
    """How much the business depends on it."""
    supports: tuple[Id, ...] = ()
    """Business functions it supports."""
    located_in: tuple[Placement, ...] = ()
    """Locations it needs, each as a requirement; a group for redundant placement (rule A2)."""
    depends_on: tuple[Requirement, ...] = ()
    """What it needs: ids, soft dependencies, redundancy groups (rules A1, A2)."""
    rto_hours: Hours | None = None
    """Recovery time objective [h]."""
    rpo_hours: Hours | None = None
    """Recovery point objective [h]."""

    @property
    def requirements(self) -> tuple[Dependency | Redundancy, ...]:
        """`depends_on` with plain ids written out as hard dependencies."""
        return tuple(
            Dependency(service=item) if isinstance(item, str) else item for item in self.depends_on
        )

    @property
    def placements(self) -> tuple[Redundancy, ...]:
        """`located_in` as groups; a single location is 1 of 1."""
        return tuple(
            Redundancy(at_least=1, of=(item,)) if isinstance(item, str) else item
            for item in self.located_in
        )


class Function(Record):
    """A business function that services support."""

    id: Id
    """Identifier, unique among functions."""
    name: Text = ""
    """Name for people."""
    critical: bool = False
    """Whether it is critical or important in the sense of DORA Article 3(22)."""
    loss_per_hour: Price | None = None
    """Loss while the function is down, per hour."""
    rto_hours: Hours | None = None
    """Recovery time objective of the function [h]."""
