"""Organizations: who supplies, who is supplied, and who owns whom."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from stdnum.exceptions import ValidationError as NumberError

from depgraph.model.component import Component
from depgraph.model.lei import checked_lei
from depgraph.model.register import Branch, FinancialEntity, Identifier, RegisterMaintenance
from depgraph.record import fault
from depgraph.units import Id, Price, Text


def _check_lei(value: str) -> str:
    """Check length, characters and check digits (ISO 17442)."""
    try:
        return checked_lei(value)
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
    latin_name: Text = ""
    """Name in the Latin alphabet, for the register of information."""
    identifiers: tuple[Identifier, ...] = ()
    """Other numbers it is registered under; the first is its code in the register of information
    unless it has a `lei` that is not listed here."""
    person: Literal["legal", "individual"] | None = None
    """Legal person, or individual in business; None when not known."""
    ultimate_parent: Id | None = None
    """Top of its group as the register of information names it, itself where nobody owns it; the
    top of the chain of `parent` when absent."""
    annual_expense: Price | None = None
    """What our group pays it in a year, or an estimate."""
    entity: FinancialEntity | None = None
    """What the register of information says of an entity within its scope."""
    branches: tuple[Branch, ...] = ()
    """Branches that make use of ICT services."""
    register_maintenance: RegisterMaintenance | None = None
    """Set on the entity that maintains our register of information."""
