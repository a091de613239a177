"""Structurizr workspaces, DSL or JSON: elements are services, relations are needs.

Of the DSL: elements, groups, relations, deployments, constants, archetypes, `!element`, and the
files of the same folder that `!include` and `extends` name.

A container inside a system is containment and no edge. Deployment nodes are locations of what
runs on them; of several environments the one called live or production counts.
"""

from __future__ import annotations

import re
from pathlib import Path

from depgraph.errors import Problem, RegisterError
from ingest.formats.structurizr_dsl import Statement, dsl_statements
from ingest.formats.structurizr_json import read_json
from ingest.formats.structurizr_model import Model, note_place, place_services, relate
from ingest.formats.table import refused
from ingest.formats.tree import opened_trees, wrong_format
from ingest.provenance import Draft, cleaned_id, slug
from ingest.source import file_text, named_file

_SERVICES = {"softwaresystem", "container", "component", "infrastructurenode", "element"}
_INSTANCES = {"containerinstance", "softwaresysteminstance", "instanceof"}
_ELEMENTS = {*_SERVICES, *_INSTANCES, "person", "deploymentnode", "deploymentenvironment"}
_BLOCKS = {"model", "group", "enterprise", "workspace"}
_REOPENED = {"!element", "!extend", "!ref", "!relationship"}
_CONSTANTS = {"!const", "!constant", "!var"}
_ARROW = re.compile(r"->|--\S+->")
MAX_FILES = 1_000
"""Most files read through includes."""


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
    model = Model(draft, str(path), files=[path.resolve()])
    if text.lstrip()[:1] in {"{", "["} or path.suffix.lower() == ".json":
        for top in opened_trees(path, draft):
            if not top.at("model").is_container:
                raise wrong_format(path, "there is no model", "export the workspace as JSON")
            read_json(top.at("model"), model)
            place_services(model)
            top.tree.account()
        return
    statements = dsl_statements(text, path)
    if not any(s.words and s.words[0].lower() in {"workspace", "model"} for s in statements):
        raise refused(path, "wrong-format", "no workspace begins in the file")
    _walk(statements, model, ("", "", ""))
    for scope, source, destination, place in model.relations:
        relate(_resolved(source, scope, model), _resolved(destination, scope, model), place, model)
    place_services(model)


def _walk(statements: list[Statement], model: Model, at: tuple[str, str, str]) -> None:
    """Take statements inside a scope: identifier of the element, location, environment."""
    for statement in statements:
        words = model.words(statement)
        if not words:
            continue
        if any(_ARROW.fullmatch(word) for word in words[:2]):
            _take_relation(statement, words, model, at[0])
            continue
        given, body = (words[0], words[2:]) if words[1:2] == ["="] else ("", words)
        keyword = body[0].lower() if body else ""
        keyword = model.archetypes.get(keyword, keyword)
        if keyword in _BLOCKS:
            if keyword == "workspace" and body[1:2] == ["extends"]:
                _follow(" ".join(body[2:3]), statement, model, at)
            _walk(statement.inner, model, at)
        elif keyword in _ELEMENTS:
            _take_element(statement, (given, keyword, body), model, at)
        else:
            _take_directive(statement, (keyword, body), model, at)


def _take_directive(
    statement: Statement, parts: tuple[str, list[str]], model: Model, at: tuple[str, str, str]
) -> None:
    """Take what is neither an element nor a relation."""
    keyword, body = parts
    if keyword == "!include" and len(body) > 1:
        _follow(body[1], statement, model, at)
    elif keyword in _CONSTANTS and len(body) > 2:  # noqa: PLR2004 - keyword, name and value
        model.constants[body[1]] = body[2]
    elif keyword == "archetypes":
        _note_archetypes(statement, model)
    elif keyword in _REOPENED and len(body) > 1:
        _reopen(statement, body[1], model, at)
    elif "-/>" in body[:2]:
        model.draft.note("left_out", "a relation taken out of one environment", statement.place)
        _walk(statement.inner, model, at)
    else:
        model.draft.note("left_out", keyword or "an empty assignment", statement.place)


def _take_relation(statement: Statement, words: list[str], model: Model, scope: str) -> None:
    """Remember a relation until all elements are known."""
    at = next(at for at, word in enumerate(words) if _ARROW.fullmatch(word))
    source, target = words[0] if at else "this", words[at + 1 :]
    if target:
        model.relations.append((scope, source, target[0], statement.place))
    else:
        model.draft.note("missing", "a relation without destination", statement.place)
    if len(target) > 1 or statement.inner:
        model.draft.note("left_out", "description of a relation", statement.place)


def _note_archetypes(statement: Statement, model: Model) -> None:
    """Remember the keywords that a workspace defines."""
    for inner in statement.inner:
        words = model.words(inner)
        if words[1:2] == ["="] and len(words) > 2 and not _ARROW.fullmatch(words[2]):  # noqa: PLR2004 - name, sign, base
            base = words[2].lower()
            model.archetypes[words[0].lower()] = model.archetypes.get(base, base)


def _reopen(statement: Statement, name: str, model: Model, at: tuple[str, str, str]) -> None:
    """Take what is added to an element defined before."""
    full = _full_name(name, at[0], model)
    if full is None:
        model.draft.note("missing", f"the element {name!r} is not defined", statement.place)
    else:
        _walk(statement.inner, model, (full, at[1], at[2]))


def _follow(target: str, statement: Statement, model: Model, at: tuple[str, str, str]) -> None:
    """Take the statements of a file, or of a folder's files, within the workspace's folder."""
    note = model.draft.note
    path = named_file(statement.file.parent, target)
    if "://" in target or not path.is_relative_to(model.files[0].parent):
        note("missing", f"{target[:80]!r} is not in the folder: not followed", statement.place)
        return
    found = sorted(path.rglob("*.dsl")) if path.is_dir() else [path]
    for file in found:
        text = file_text(file, str(file)) if file.is_file() else None
        if not isinstance(text, str) or file.suffix.lower() == ".json":
            note("missing", f"{target[:80]!r} cannot be read as DSL", statement.place)
        elif file.resolve() in model.files or len(model.files) >= MAX_FILES:
            note("left_out", f"{target[:80]!r} is included a second time", statement.place)
        else:
            model.files.append(file.resolve())
            _walk(dsl_statements(text, file), model, at)


def _take_element(
    statement: Statement, parts: tuple[str, str, list[str]], model: Model, at: tuple[str, str, str]
) -> None:
    """Take one element and what is in it."""
    given, keyword, body = parts
    scope, location, environment = at
    place = statement.place
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
        note_place(served, location, environment, model)
    elif keyword == "person":
        model.names[full] = model.names[short] = ""
        model.draft.note("left_out", f"{name!r} is a person, no service", place)
    else:
        identifier = model.draft.put("services", full, place, name=name)
        model.names[full] = identifier
        # The short form is for flat identifiers; the first element that has it keeps it.
        model.names.setdefault(short, identifier)
        if keyword == "infrastructurenode":
            note_place(identifier, location, environment, model)
        elif scope:
            what = f"{name!r} is inside {scope!r}: containment, no edge"
            model.draft.note("left_out", what, place)
    _walk(statement.inner, model, (full, location, environment))


def _resolved(name: str, scope: str, model: Model) -> str | None:
    """Our id for an identifier, looked for from the scope outwards; None where there is none."""
    full = _full_name(name, scope, model)
    return None if full is None else model.names[full]


def _full_name(name: str, scope: str, model: Model) -> str | None:
    """Full identifier of an element, looked for from the scope outwards."""
    if name == "this":
        return scope if scope in model.names else None
    parts = scope.split(".") if scope else []
    candidates = (".".join([*parts[:length], name]) for length in range(len(parts), -1, -1))
    return next((full for full in candidates if full in model.names), None)
