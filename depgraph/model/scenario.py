"""A what-if as data: what fails, and what is changed beforehand (rule W1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import model_serializer, model_validator

from depgraph.model.conversion import Conversion
from depgraph.model.incident import Incident
from depgraph.record import Record, fault
from depgraph.units import Text, shown_number

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
        """Read `replace`, which is a method's name here, and plain values."""
        if not isinstance(value, dict):
            return value
        plain = {name: _plain(item) for name, item in value.items()}
        if "replace" in plain:
            return {"replace_fields": plain.pop("replace"), **plain}
        return plain

    @model_serializer(mode="plain", when_used="json")
    def _written(self) -> dict[str, Any]:
        """Write an edit as in scenario files, with numbers that keep all their digits."""
        if self.add is not None:
            return {"add": _json(self.add)}
        if self.remove is not None:
            return {"remove": _json(self.remove)}
        return {"replace": _json(self.replace_fields)}

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
    conversions: tuple[Conversion, ...] = ()
    """Exchange rates beside those of the estate (rule P9)."""


def _plain(value: object) -> object:
    """Values of an edit as files have them, so that what is saved and read back is equal."""
    if isinstance(value, Record):
        return _plain(value.model_dump(mode="json", exclude_defaults=True, by_alias=True))
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return Decimal(repr(value))
    return value.isoformat() if isinstance(value, date) else value


def _json(value: object) -> object:
    """Plain values as JSON has them: numbers where that loses no digit."""
    if isinstance(value, dict):
        return {key: _json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in value]
    return shown_number(value) if isinstance(value, Decimal) else value
