"""The records of an estate, each valid by itself."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from depgraph.model.contract import Contract
from depgraph.model.conversion import Conversion
from depgraph.model.credits import RecordedClaim
from depgraph.model.incident import Incident, Measurement
from depgraph.model.location import Location
from depgraph.model.organization import Organization
from depgraph.model.service import Function, Service
from depgraph.record import Record
from depgraph.units import Share, Text


class Defaults(Record):
    """Figures assumed where none is given; each result names the ones it rests on (rule A5)."""

    availability: Share | None = None
    """Own availability assumed for services without any figure [1]."""


class EstateRecords(Record):
    """Lists of records whose references may lead anywhere."""

    model_config = ConfigDict(populate_by_name=True)

    schema_uri: Text | None = Field(default=None, alias="$schema", exclude=True, repr=False)
    """Address of the JSON Schema, for editors; not part of the estate."""
    name: Text = ""
    """Name of the estate for people."""
    defaults: Defaults = Defaults()
    """Figures assumed where none is given."""
    organizations: tuple[Organization, ...] = ()
    """Legal entities."""
    locations: tuple[Location, ...] = ()
    """Failure domains."""
    services: tuple[Service, ...] = ()
    """Services."""
    functions: tuple[Function, ...] = ()
    """Business functions."""
    contracts: tuple[Contract, ...] = ()
    """Contracts with their SLAs."""
    incidents: tuple[Incident, ...] = ()
    """What went wrong."""
    measurements: tuple[Measurement, ...] = ()
    """What was measured."""
    claims: tuple[RecordedClaim, ...] = ()
    """Claims filed."""
    conversions: tuple[Conversion, ...] = ()
    """Exchange rates, each with source and date (rule P9)."""
