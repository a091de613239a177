"""What a service needs: another service, or at least k of several (rules A2, A7, A13)."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, Tag, model_validator

from depgraph.record import Record, fault
from depgraph.units import Id, Share, Text


class Dependency(Record):
    """One provider; hard unless `soft` is given."""

    service: Id
    """The service that is needed."""
    soft: Share | None = None
    """Impact weight when the provider is down [1]; a soft dependency never takes the consumer down
    (rule A7). Absent: the dependency is hard."""


class Redundancy(Record):
    """At least k of n members must be up (rule A2)."""

    at_least: int = Field(default=1, ge=1, strict=True)
    """How many members must be up."""
    of: tuple[Id, ...] = Field(min_length=1)
    """The members, each named once."""
    name: Text = ""
    """Name of the group for people."""
    common_cause: Share | None = None
    """Beta factor: share of a member's unavailability that strikes the whole group [1] (A13)."""

    @model_validator(mode="after")
    def _satisfiable(self) -> Self:
        repeated = sorted({member for member in self.of if self.of.count(member) > 1})
        if repeated:
            raise fault(
                "bad-redundancy",
                f"{', '.join(repeated)} is named more than once in one group",
                "a thing cannot be redundant with itself: name each member once",
            )
        if self.at_least > len(self.of):
            raise fault(
                "bad-redundancy",
                f"at least {self.at_least} of {len(self.of)} members can never be met",
                f"lower at_least to {len(self.of)} or add members",
            )
        return self


def _kind(value: Any) -> str:  # noqa: ANN401 - raw input of any type
    """Tell the three ways of writing a requirement apart, so that errors speak of the one meant."""
    if isinstance(value, Redundancy) or (
        isinstance(value, dict) and not value.keys().isdisjoint({"at_least", "of", "common_cause"})
    ):
        return "group"
    return "dependency" if isinstance(value, (Dependency, dict)) else "id"


Requirement = Annotated[
    Annotated[Id, Tag("id")]
    | Annotated[Dependency, Tag("dependency")]
    | Annotated[Redundancy, Tag("group")],
    Discriminator(_kind),
]
"""An id (hard), a `Dependency`, or a `Redundancy`."""

Placement = Annotated[
    Annotated[Id, Tag("id")] | Annotated[Redundancy, Tag("group")],
    Discriminator(lambda value: "group" if isinstance(value, (Redundancy, dict)) else "id"),
]
"""A location that must be up, or at least k of several."""
