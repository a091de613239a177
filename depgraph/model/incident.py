"""Incidents and measurements: what went wrong, and what was measured, each with its source."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Self

from pydantic import model_validator

from depgraph.record import Record, fault
from depgraph.units import Id, Instant, NotNegative, Share, Text

Cause = Literal[
    "supplier",
    "customer",
    "third_party",
    "force_majeure",
    "planned_maintenance",
    "emergency_maintenance",
    "unknown",
]


class Incident(Record):
    """Something was down, wholly or in part."""

    id: Id
    """Identifier, unique among incidents."""
    affects: Id
    """The service, location or organization that was down; ``service:x``, ``location:x`` or
    ``organization:x`` where one id names several kinds."""
    start: Instant
    """First instant of the outage."""
    end: Instant | None = None
    """First instant after the outage; None while it lasts (rule M1)."""
    cause: Cause = "unknown"
    """Class of the cause."""
    impact: Share = Decimal(1)
    """Share of traffic, users or capacity hit [1] (rule M6)."""
    impact_by: Literal["traffic", "users", "capacity"] = "traffic"
    """What the share is of (rule M6)."""
    regions: tuple[Id, ...] = ()
    """Locations in which it was felt; all when empty (rule M9)."""
    source: Text = ""
    """Where the record comes from (rule M11)."""
    severity: Text = ""
    """Severity, in the contract's words."""
    announced: Instant | None = None
    """When planned work was announced (rule M3)."""
    aware: Instant | None = None
    """When we became aware of it (rule D4)."""
    classified: Instant | None = None
    """When it was classified as major (rule D4)."""
    evidence: Text = ""
    """Evidence for force majeure (rule M3)."""
    root_cause: Text = ""
    """Root cause, in a word that recurs when the cause does (rule W6)."""
    note: Text = ""
    """Anything else."""

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.end is not None and self.end <= self.start:
            raise fault(
                "ends-before-start",
                f"the incident ends {self.end.isoformat()}, not after its start "
                f"{self.start.isoformat()}",
                "swap start and end, or leave end out while it lasts",
            )
        return self


class Measurement(Record):
    """Figures measured for one service over one span, from one source (rules M8, M11)."""

    service: Id
    """The service measured."""
    start: Instant
    """First instant of the span."""
    end: Instant
    """First instant after the span."""
    source: Text
    """Where the figures come from (rule M11)."""
    good: NotNegative | None = None
    """Requests or executions that succeeded."""
    valid: NotNegative | None = None
    """Requests or executions that count; 0 means that there were none (rule M8)."""
    availability: Share | None = None
    """Availability as the source states it, where it gives no counts [1]."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.end <= self.start:
            raise fault("ends-before-start", "the measurement ends before it starts")
        if (self.good is None) != (self.valid is None) or (
            (self.good is None) == (self.availability is None)
        ):
            raise fault(
                "bad-measurement",
                "a measurement needs either good and valid, or availability",
                "give one of the two forms",
            )
        if self.good is not None and self.valid is not None and self.good > self.valid:
            raise fault("bad-measurement", f"good {self.good} is more than valid {self.valid}")
        return self
