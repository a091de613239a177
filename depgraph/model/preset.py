"""Real outages as data, ready to be aimed at an estate (rule W1)."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Self

from pydantic import model_validator

from depgraph.model.incident import Cause
from depgraph.record import Record, fault
from depgraph.units import Id, Instant, Share, Text


class KnownProvider(Record):
    """A provider, and the names under which estates list it."""

    id: Id
    """Short name."""
    name: Text
    """Name for people."""
    aliases: tuple[Text, ...] = ()
    """Other names."""
    domains: tuple[Text, ...] = ()
    """Internet domains."""


class OutageVariant(Record):
    """Another end that is defensible."""

    name: Id
    """Name to choose it by."""
    end: Instant
    """First instant after the outage by this account."""
    why: Text
    """What had happened by then."""


class NamedService(Record):
    """A service that was hit, with its own window where it is known."""

    name: Text
    """Name as the provider uses it."""
    start: Instant | None = None
    """First instant; the outage's when absent."""
    end: Instant | None = None
    """First instant after it; the outage's when absent."""
    note: Text = ""
    """What of it was hit."""


class OutagePhase(Record):
    """A part of an outage with its own cause."""

    start: Instant
    """First instant."""
    end: Instant
    """First instant after it."""
    cause: Cause
    """Class of the cause, seen by the provider's customers."""
    note: Text = ""
    """What happened in it."""


class OutagePreset(Record):
    """One real outage: facts, source, and how sure they are."""

    id: Id
    """Name in the library."""
    provider: KnownProvider
    """Whose outage it was."""
    start: Instant
    """First instant."""
    end: Instant | None = None
    """First instant after it; None when there is no single end."""
    variants: tuple[OutageVariant, ...] = ()
    """Other ends that are defensible."""
    regions: tuple[tuple[Text, ...], ...] = ()
    """Regions hit, each with its other names; everywhere when empty."""
    services: tuple[NamedService, ...] = ()
    """Services hit, as the provider names them."""
    phases: tuple[OutagePhase, ...] = ()
    """Parts with causes of their own; one part when empty."""
    hits: Literal["provider", "region", "named"]
    """What falls where no service matches by name: all of the provider, all of the region, or
    nothing else."""
    impact: Share = Decimal(1)
    """Share of traffic hit [1] (rule M6)."""
    cause: Cause = "supplier"
    """Class of the cause, seen by the provider's customers."""
    root_cause: Text = ""
    """Root cause in a word (rule W6)."""
    summary: Text
    """What happened, in our words."""
    source: Text
    """Where the facts come from."""
    confidence: Literal["high", "flagged"]
    """Whether the facts can be shown as such."""
    doubt: Text = ""
    """What is not sure."""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if (self.confidence == "flagged") != bool(self.doubt):
            raise fault("bad-preset", f"{self.id}: flagged rows, and only these, state a doubt")
        windows = [(self.start, self.end)]
        windows += [(self.start, variant.end) for variant in self.variants]
        windows += [(s.start or self.start, s.end or self.end) for s in self.services]
        windows += [(phase.start, phase.end) for phase in self.phases]
        if any(end is not None and end <= start for start, end in windows):
            raise fault("ends-before-start", f"{self.id} has a window that ends before it starts")
        return self
