"""Services and the business functions they support."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from depgraph.model.component import Component
from depgraph.model.dependency import Dependency, Placement, Redundancy, Requirement
from depgraph.model.register import Assessed, IctServiceType, Impact
from depgraph.record import Record, fault
from depgraph.units import Day, Hours, Id, Price, Text

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
    ict_service_type: IctServiceType | None = None
    """Type of ICT service in the register of information; None when not known."""

    @property
    def requirements(self) -> tuple[Dependency | Redundancy, ...]:
        """`depends_on` with plain ids written out as hard dependencies."""
        # The ids were validated with the service; estates ask for these by the hundred thousand.
        return tuple(
            Dependency.model_construct(service=item) if isinstance(item, str) else item
            for item in self.depends_on
        )

    @property
    def placements(self) -> tuple[Redundancy, ...]:
        """`located_in` as groups; a single location is 1 of 1."""
        return tuple(
            Redundancy.model_construct(at_least=1, of=(item,)) if isinstance(item, str) else item
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
    rpo_hours: Hours | None = None
    """Recovery point objective of the function [h]."""
    code: Text = ""
    """Function identifier in the register of information, such as F1; the id when absent."""
    entity: Id | None = None
    """The financial entity whose function it is."""
    licensed_activity: str | None = Field(default=None, pattern=r"^eba_TA:q?x[0-9]+$")
    """Licensed activity, a code of the EBA taxonomy."""
    criticality: Assessed | None = None
    """Whether it was assessed as critical or important; follows from `critical` when absent."""
    criticality_reasons: Text = ""
    """Why it is critical or important."""
    assessed: Day | None = None
    """Day of the last assessment of its criticality."""
    impact: Impact | None = None
    """Impact of discontinuing the function."""

    @model_validator(mode="after")
    def _one_criticality(self) -> Self:
        if self.criticality is not None and (self.criticality == "yes") != self.critical:
            raise fault(
                "conflicting-values",
                f"criticality is {self.criticality} and critical is {str(self.critical).lower()}",
                "make them agree",
            )
        return self
