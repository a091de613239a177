"""Organizations: who supplies, who is supplied, and who owns whom."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field
from stdnum import lei as lei_number
from stdnum.exceptions import ValidationError as NumberError

from depgraph.model.component import Component
from depgraph.record import fault
from depgraph.units import Id, Text


def _check_lei(value: str) -> str:
    """Check length, characters and check digits (ISO 17442)."""
    try:
        return str(lei_number.validate(value))
    except NumberError as error:
        raise fault(
            "bad-lei",
            f"{value!r} is not a legal entity identifier: {error}",
            "copy the 20 characters from the GLEIF register, or leave the field out",
        ) from None


Lei = Annotated[str, AfterValidator(_check_lei)]
"""Legal entity identifier, ISO 17442, 20 characters with two check digits."""

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2 country code."""


class Organization(Component):
    """A legal entity; it is also a failure domain (rule A1) when its own figure is given."""

    id: Id
    """Identifier, unique among organizations."""
    name: Text = ""
    """Legal name, as in the register."""
    own: bool = False
    """Whether this is our own organization, or belongs to our group."""
    parent: Id | None = None
    """The organization that owns this one, if any."""
    lei: Lei | None = None
    """Legal entity identifier (ISO 17442)."""
    country: Country | None = None
    """Country of registration, ISO 3166-1 alpha-2."""
    domain: Text = ""
    """Internet domain, used to recognise the organization in other sources."""
    aliases: tuple[Text, ...] = ()
    """Other names under which sources list it."""
