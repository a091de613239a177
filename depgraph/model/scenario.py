"""A what-if as data: what fails, and what is changed beforehand (rule W1)."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import model_validator

from depgraph.model.incident import Incident
from depgraph.record import Record, fault
from depgraph.units import Text

EditedList = Literal[
    "organizations",
    "locations",
    "services",
    "functions",
    "contracts",
    "slas",
    "incidents",
    "dependencies",
]
"""What edits speak of; a dependency is named by its `service` and what that is `on`."""


class Edit(Record):
    """One change of the estate; exactly one of add, remove, replace."""

    add: dict[EditedList, tuple[dict[str, Any], ...]] | None = None
    """Records to add, written as in estate files; an SLA names its `contract`, a dependency its
    `service` and what that is to rest `on`: an id, or a group."""
    remove: dict[EditedList, tuple[Any, ...]] | None = None
    """Ids to remove; a dependency as `{service: x, on: y}`, where y may be a member of a group."""
    replace_fields: dict[EditedList, tuple[dict[str, Any], ...]] | None = None
    """Fields to put in place of those of the record with the same `id` (`replace` in files); null
    takes a field back to its default; a dependency names what it becomes under `with`."""

    @model_validator(mode="before")
    @classmethod
    def _read_replace(cls, value: object) -> object:
        """Read `replace`, which is a method's name here."""
        if isinstance(value, dict) and "replace" in value:
            rest = {name: item for name, item in value.items() if name != "replace"}
            return {**rest, "replace_fields": value["replace"]}
        return value

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        given = [part for part in (self.add, self.remove, self.replace_fields) if part is not None]
        if len(given) != 1:
            raise fault(
                "bad-edit",
                "an edit needs exactly one of add, remove, replace",
                "write one edit for each",
            )
        return self


class Scenario(Record):
    """What fails, from when, how long, and what is changed beforehand."""

    name: Text = ""
    """Name for people."""
    why: Text = ""
    """Why it is asked."""
    incidents: tuple[Incident, ...] = ()
    """What fails; as in estate files."""
    edits: tuple[Edit, ...] = ()
    """Changes of the estate, in order."""
