"""Backstage catalog YAML: components, APIs, resources, systems and the groups that own them.

References are ``[kind:][namespace/]name`` without regard to case. An API needs the components
that provide it; belonging to a system is containment and no edge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from depgraph.errors import RegisterError
from ingest.formats.tree import Cursor, fitting_trees
from ingest.provenance import Draft, cleaned_id
from ingest.source import named_file

Key = tuple[str, str, str]
SERVICE_KINDS = ("component", "api", "resource", "system")
MAX_FILES = 1_000
"""Most files followed through locations."""


@dataclass
class _Catalog:
    """Entities of all files, by kind, namespace and name."""

    draft: Draft
    folder: Path
    files: set[Path] = field(default_factory=set)
    entities: dict[Key, Cursor] = field(default_factory=dict)
    trees: list[Cursor] = field(default_factory=list)
    written: dict[Key, str] = field(default_factory=dict)
    """Names as references write them, for what no file describes."""

    def identifier(self, key: Key) -> str:
        """Name; with its kind or namespace only where the name alone says too little."""
        kind, space, name = key
        described = self.entities.get(key)
        shown = described.text("metadata", "name") if described else self.written.get(key, name)
        shown = shown if space == "default" else f"{space}/{shown}"
        if kind in {"group", "user"}:
            return cleaned_id(shown)
        first = next((k for k in SERVICE_KINDS if (k, space, name) in self.entities), kind)
        return cleaned_id(shown if first == kind else f"{kind}:{shown}")


def read_backstage(path: Path, draft: Draft) -> None:
    """Read a catalog file and the files in its folder that its locations name.

    Raises
    ------
    RegisterError
        If the file holds no catalog entity.
    """
    catalog = _Catalog(draft, path.parent.resolve())
    _collect(path, catalog)
    for key, entity in catalog.entities.items():
        if key[0] == "group":
            _take_group(key, entity, catalog)
        else:
            _take_service(key, entity, catalog)
    for top in catalog.trees:
        top.tree.account()


def _collect(path: Path, catalog: _Catalog) -> None:
    """Gather entities of a file, then of the files it points to."""
    catalog.files.add(path.resolve())
    wrong = "no document has an apiVersion of backstage.io", "give a catalog-info.yaml"
    for top in fitting_trees(path, catalog.draft, _fits, wrong):
        kind, name = top.text("kind").lower(), top.text("metadata", "name")
        space = top.text("metadata", "namespace").lower() or "default"
        catalog.trees.append(top)
        key = (kind, space, name.lower())
        if kind == "location":
            _follow(top, path, catalog)
        elif kind not in {*SERVICE_KINDS, "group"} or not name:
            shown = f"a {kind or 'document without kind'} {name!r}"
            catalog.draft.note("left_out", shown, top.place)
        elif key in catalog.entities:
            catalog.draft.note("conflict", f"a second {kind} {name!r}; left out", top.place)
        else:
            catalog.entities[key] = top


def _fits(top: Cursor) -> bool:
    """Whether a document is an entity of a catalog."""
    return top.text("apiVersion").partition("/")[0].endswith("backstage.io")


def _follow(top: Cursor, path: Path, catalog: _Catalog) -> None:
    """Read targets that lie in the folder; addresses and paths out of it are left out."""
    for target in [*top.items("spec", "target"), *top.items("spec", "targets")]:
        text = target.text()
        for file in _targets(text, path):
            _follow_file(file, text, target.place, catalog)


def _targets(text: str, path: Path) -> list[Path]:
    """Files that a target means; a star stands for any name."""
    if not text:
        return []
    if "*" in text and "://" not in text and not text.startswith("/") and ".." not in text:
        try:
            found = sorted(islice(path.parent.glob(text), MAX_FILES))
        except (OSError, ValueError, NotImplementedError):
            found = []
        return [file.resolve() for file in found] or [named_file(path.parent, text)]
    return [named_file(path.parent, text)]


def _follow_file(file: Path, text: str, place: str, catalog: _Catalog) -> None:
    """Read one file that a location names."""
    note = catalog.draft.note
    if "://" in text or not file.is_relative_to(catalog.folder):
        note("left_out", f"location {text!r} is not in the folder", place)
    elif file in catalog.files:
        return
    elif len(catalog.files) >= MAX_FILES or not file.is_file():
        note("missing", f"location {text!r} cannot be read", place)
    else:
        try:
            _collect(file, catalog)
        except RegisterError as error:
            for problem in error.problems:
                note("missing", f"location {text!r}: {problem.what}", place)


def _reference(text: str, kind: str, space: str, catalog: _Catalog) -> Key:
    """Key that a reference means, its kind and namespace filled in."""
    head, colon, rest = text.partition(":")
    if colon:
        kind, text = head.lower(), rest
    head, slash, rest = text.partition("/")
    if slash:
        space, text = head.lower(), rest
    key = (kind, space, text.lower())
    catalog.written.setdefault(key, text)
    return key


def _references(
    entity: Cursor, name: str, kind: str, context: tuple[str, _Catalog]
) -> list[tuple[Key, str]]:
    """References in a list of the specification, with their places."""
    return [
        (_reference(item.text(), kind, *context), item.place)
        for item in entity.items("spec", name)
        if item.text()
    ]


def _take_group(key: Key, entity: Cursor, catalog: _Catalog) -> None:
    """Take a group as an organization."""
    owner = entity.text("spec", "parent")
    catalog.draft.put(
        "organizations", catalog.identifier(key), entity.place,
        name=entity.text("spec", "profile", "displayName") or entity.text("metadata", "title"),
        parent=catalog.identifier(_reference(owner, "group", key[1], catalog)) if owner else None,
    )  # fmt: skip


def _take_service(key: Key, entity: Cursor, catalog: _Catalog) -> None:
    """Take a component, API, resource or system with its edges."""
    draft, space = catalog.draft, key[1]
    owner = entity.text("spec", "owner")
    identifier = draft.put(
        "services", catalog.identifier(key), entity.place,
        name=entity.text("metadata", "title"),
        provider=catalog.identifier(_reference(owner, "group", space, catalog)) if owner else None,
    )  # fmt: skip
    if owner:
        draft.note("inferred", f"owner of {identifier!r} read as its provider", entity.place)
    else:
        draft.note("missing", f"owner of {identifier!r}", entity.place)
    system = entity.text("spec", "system")
    if system:
        what = f"{identifier!r} belongs to {system!r}: containment, no edge"
        draft.note("left_out", what, entity.place)
    needs = _references(entity, "dependsOn", "component", (space, catalog))
    needs += _references(entity, "consumesApis", "api", (space, catalog))
    offers = _references(entity, "dependencyOf", "component", (space, catalog))
    offers += _references(entity, "providesApis", "api", (space, catalog))
    for other, place in needs:
        _join(key, other, place, catalog)
    for other, place in offers:
        _join(other, key, place, catalog)


def _join(consumer: Key, provider: Key, place: str, catalog: _Catalog) -> None:
    """Add an edge between two services."""
    if consumer[0] not in SERVICE_KINDS or provider[0] not in SERVICE_KINDS:
        shown = f"{':'.join(consumer)} → {':'.join(provider)} does not join two services"
        catalog.draft.note("left_out", shown, place)
    elif consumer != provider:
        needed = catalog.identifier(provider)
        catalog.draft.put("services", catalog.identifier(consumer), place, depends_on=[needed])
