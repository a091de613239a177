"""Places that take services with them when they fail: zone in region in country."""

from __future__ import annotations

from typing import Literal

from depgraph.model.component import Component
from depgraph.model.organization import Country
from depgraph.units import Id, Text

LocationKind = Literal["data_centre", "site", "zone", "region", "country", "network"]


class Location(Component):
    """A failure domain (rule A1)."""

    id: Id
    """Identifier, unique among locations."""
    name: Text = ""
    """Name for people."""
    kind: LocationKind = "region"
    """What sort of place it is."""
    country: Country | None = None
    """Country it lies in, ISO 3166-1 alpha-2."""
    within: Id | None = None
    """The larger location that contains it; it fails when that one fails."""
    operator: Id | None = None
    """The organization that runs the place, if known; when it fails as a whole, the place fails."""
