"""Structurizr workspaces, DSL or JSON: elements are services, relations are needs.

A container inside a system is containment and no edge. Deployment nodes are locations of what
runs on them; of several environments the one called live or production counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from depgraph.errors import Problem, RegisterError
from ingest.formats.structurizr_dsl import Statement, dsl_statements
from ingest.formats.table import refused
from ingest.formats.tree import Cursor, opened_trees, wrong_format
from ingest.provenance import Draft, cleaned_id, slug
from ingest.source import file_text

_SERVICES = {"softwaresystem", "container", "component", "infrastructurenode", "element"}
_INSTANCES = {"containerinstance", "softwaresysteminstance", "instanceof"}
_ELEMENTS = {*_SERVICES, *_INSTANCES, "person", "deploymentnode", "deploymentenvironment"}
_BLOCKS = {"model", "group", "enterprise", "workspace"}
_LIVE = {"live", "production", "prod"}


@dataclass
class _Model:
    """Elements and relations of one workspace."""

    draft: Draft
    file: str
    names: dict[str, str] = field(default_factory=dict)
    """Identifier, full and short → our id; empty for what is no service."""
    relations: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Scope, source, destination, place."""
    placed: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """Environment → service → locations."""


def read_structurizr(path: Path, draft: Draft) -> None:
    """Read a workspace.

    Raises
    ------
    RegisterError
        If the file is none.
    """
    text = file_text(path, str(path))
    if isinstance(text, Problem):
        raise RegisterError(f"{path} cannot be imported", [text])
    model = _Model(draft, str(path))
    if text.lstrip()[:1] in {"{", "["} or path.suffix.lower() == ".json":
        for top in opened_trees(path, draft):
            if not top.at("model").is_container:
                raise wrong_format(path, "there is no model", "export the workspace as JSON")
            _read_json(top.at("model"), model)
            _place(model)
            top.tree.account()
        return
    statements = dsl_statements(text, path)
    if not any(s.words and s.words[0].lower() in {"workspace", "model"} for s in statements):
        raise refused(path, "wrong-format", "no workspace begins in the file")
    _walk(statements, model, ("", "", ""))
    for scope, source, destination, place in model.relations:
        _relate(_resolved(source, scope, model), _resolved(destination, scope, model), place, model)
    _place(model)


def _walk(statements: list[Statement], model: _Model, at: tuple[str, str, str]) -> None:
    """Take statements inside a scope: identifier of the element, location, environment."""
    scope = at[0]
    for statement in statements:
        words = statement.words
        place = f"{model.file}:{statement.line}"
        if not words:
            continue
        if "->" in words[:2]:
            source = words[0] if words[1:2] == ["->"] else "this"
            target = words[words.index("->") + 1 :]
            if target:
                model.relations.append((scope, source, target[0], place))
            if len(target) > 1 or statement.inner:
                model.draft.note("left_out", "description of a relation", place)
            continue
        given, body = (words[0], words[2:]) if words[1:2] == ["="] else ("", words)
        keyword = body[0].lower() if body else ""
        if keyword in _BLOCKS:
            _walk(statement.inner, model, at)
        elif keyword in _ELEMENTS:
            _take_element(statement, (given, keyword, body), model, at)
        elif keyword == "!include":
            model.draft.note("missing", f"{' '.join(body)[:80]}: not followed", place)
        else:
            model.draft.note("left_out", keyword or "an empty assignment", place)


def _take_element(
    statement: Statement, parts: tuple[str, str, list[str]], model: _Model, at: tuple[str, str, str]
) -> None:
    """Take one element and what is in it."""
    given, keyword, body = parts
    scope, location, environment = at
    place = f"{model.file}:{statement.line}"
    name = body[1] if len(body) > 1 else given or keyword
    short = given or slug(name)
    full = f"{scope}.{short}" if scope else short
    if len(body) > 2:  # noqa: PLR2004 - keyword and name come first
        model.draft.note("left_out", f"description, technology or tags of a {keyword}", place)
    if keyword == "deploymentenvironment":
        environment = name
    elif keyword == "deploymentnode":
        own = cleaned_id(f"{environment}/{full}")
        model.draft.put("locations", own, place, "inferred", name=name, kind="site",
                        within=location or None)  # fmt: skip
        model.draft.note("inferred", f"deployment node {name!r} read as a location", place)
        location = own
        model.names[full] = model.names[short] = ""
    elif keyword in _INSTANCES:
        served = _resolved(name, scope, model)
        full = f"{full}#{statement.line}"
        model.names[full] = model.names[short] = served or ""
        _note_place(served, location, environment, model)
    elif keyword == "person":
        model.names[full] = model.names[short] = ""
        model.draft.note("left_out", f"{name!r} is a person, no service", place)
    else:
        identifier = model.draft.put("services", full, place, name=name)
        model.names[full] = identifier
        # The short form is for flat identifiers; the first element that has it keeps it.
        model.names.setdefault(short, identifier)
        if keyword == "infrastructurenode":
            _note_place(identifier, location, environment, model)
        elif scope:
            what = f"{name!r} is inside {scope!r}: containment, no edge"
            model.draft.note("left_out", what, place)
    _walk(statement.inner, model, (full, location, environment))


def _note_place(service: str | None, location: str, environment: str, model: _Model) -> None:
    """Remember where a service runs."""
    if service and location:
        where = model.placed.setdefault(environment, {}).setdefault(service, [])
        if location not in where:
            where.append(location)


def _resolved(name: str, scope: str, model: _Model) -> str | None:
    """Our id for an identifier, looked for from the scope outwards; None where there is none."""
    if name == "this":
        return model.names.get(scope)
    parts = scope.split(".") if scope else []
    for length in range(len(parts), -1, -1):
        full = ".".join([*parts[:length], name])
        if full in model.names:
            return model.names[full]
    return None


def _relate(consumer: str | None, provider: str | None, place: str, model: _Model) -> None:
    """Add an edge between two services."""
    if consumer is None or provider is None:
        model.draft.note("missing", "a relation names an element that is not defined", place)
    elif not consumer or not provider or consumer == provider:
        model.draft.note("left_out", "a relation that joins no two services", place)
    else:
        model.draft.put("services", consumer, place, depends_on=[provider])


def _place(model: _Model) -> None:
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


def _read_json(top: Cursor, model: _Model) -> None:
    """Read the model of a JSON workspace."""
    edges: list[tuple[Cursor, str]] = []
    for person in top.items("people"):
        model.names[person.text("id")] = ""
        model.draft.note("left_out", f"{person.text('name')!r} is a person", person.place)
        person.plain()
    for system in [*top.items("softwareSystems"), *top.items("customElements")]:
        _take_json(system, model, edges)
        for container in system.items("containers"):
            _take_json(container, model, edges)
            for component in container.items("components"):
                _take_json(component, model, edges)
    for node in top.items("deploymentNodes"):
        _take_node(node, model, "", edges)
    for relation, holder in edges:
        source = relation.text("sourceId") or holder
        ends = [model.names.get(i) for i in (source, relation.text("destinationId"))]
        if not relation.text("linkedRelationshipId"):
            _relate(ends[0], ends[1], relation.place, model)


def _take_json(element: Cursor, model: _Model, edges: list[tuple[Cursor, str]]) -> None:
    """Take one element and remember its relations."""
    number = element.text("id")
    known = element.text("properties", "structurizr.dsl.identifier")
    if not number:
        model.draft.note("left_out", "an element without id", element.place)
        return
    model.names[number] = model.draft.put(
        "services", known or number, element.place, name=element.text("name")
    )
    edges += [(relation, number) for relation in element.items("relationships")]


def _take_node(node: Cursor, model: _Model, location: str, edges: list[tuple[Cursor, str]]) -> None:
    """Take a deployment node as a location, with what runs on it."""
    environment, name = node.text("environment"), node.text("name")
    number = node.text("id") or slug(name)
    own = cleaned_id(f"{environment}/{number}")
    model.names[number] = ""
    model.draft.put("locations", own, node.place, "inferred", name=name, kind="site",
                    within=location or None)  # fmt: skip
    for part in node.items("infrastructureNodes"):
        _take_json(part, model, edges)
        _note_place(model.names.get(part.text("id")), own, environment, model)
    for key, reference in (("containerInstances", "containerId"),
                           ("softwareSystemInstances", "softwareSystemId")):  # fmt: skip
        for part in node.items(key):
            served = model.names.get(part.text(reference), "")
            model.names[part.text("id")] = served
            edges += [(relation, part.text("id")) for relation in part.items("relationships")]
            _note_place(served, own, environment, model)
    for inner in node.items("children"):
        _take_node(inner, model, own, edges)
