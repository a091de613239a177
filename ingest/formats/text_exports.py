"""Our own files, written back."""

from __future__ import annotations

from depgraph.model.estate import Estate
from ingest.write import estate_text


def yaml_text(estate: Estate) -> str:
    """The estate as our YAML."""
    return estate_text(estate, "yaml")


def json_text(estate: Estate) -> str:
    """The estate as our JSON."""
    return estate_text(estate, "json")
