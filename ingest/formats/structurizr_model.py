"""What a Structurizr workspace holds: elements by name, relations, and where services run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from ingest.formats.structurizr_dsl import Statement
from ingest.provenance import Draft

_LIVE = {"live", "production", "prod"}


@dataclass
class Model:
    """Elements and relations of one workspace."""

    draft: Draft
    file: str
    names: dict[str, str] = field(default_factory=dict)
    """Identifier, full and short → our id; empty for what is no service."""
    relations: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Scope, source, destination, place."""
    placed: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """Environment → service → locations."""
    constants: dict[str, str] = field(default_factory=dict)
    """Constants and variables of the DSL."""
    archetypes: dict[str, str] = field(default_factory=dict)
    """Keywords that the workspace defines → those they stand for."""
    files: list[Path] = field(default_factory=list)
    """Files of the DSL that are open or were read; the first is the workspace."""

    def words(self, statement: Statement) -> list[str]:
        """Words of a statement, constants written out."""
        return [
            re.sub(r"\$\{([^}]+)\}", lambda m: self.constants.get(m[1], m[0]), word)
            if "${" in word
            else word
            for word in statement.words
        ]


def note_place(service: str | None, location: str, environment: str, model: Model) -> None:
    """Remember where a service runs."""
    if service and location:
        where = model.placed.setdefault(environment, {}).setdefault(service, [])
        if location not in where:
            where.append(location)


def relate(consumer: str | None, provider: str | None, place: str, model: Model) -> None:
    """Add an edge between two services."""
    if consumer is None or provider is None:
        model.draft.note("missing", "a relation names an element that is not defined", place)
    elif not consumer or not provider or consumer == provider:
        model.draft.note("left_out", "a relation that joins no two services", place)
    else:
        model.draft.put("services", consumer, place, depends_on=[provider])


def place_services(model: Model) -> None:
    """Put services into the locations of the environment that counts."""
    live = [name for name in model.placed if name.lower() in _LIVE]
    chosen = live[0] if live else next(iter(model.placed), None)
    if chosen is None or (not live and len(model.placed) > 1):
        if chosen is not None:
            what = "several environments and none is called live or production: no placement"
            model.draft.note("missing", what, model.file)
        return
    for name in model.placed:
        if name != chosen:
            model.draft.note("left_out", f"placements of environment {name!r}", model.file)
    for service, locations in model.placed[chosen].items():
        if len(locations) == 1:
            model.draft.put("services", service, model.file, located_in=locations)
        else:
            what = f"{service!r} runs on {len(locations)} nodes: one of them is enough"
            model.draft.note("inferred", what, model.file)
            group = {"at_least": 1, "of": locations}
            model.draft.put("services", service, model.file, "inferred", located_in=[group])
