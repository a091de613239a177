"""A YAML or JSON source that remembers which of its elements were read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from depgraph.errors import Problem, RegisterError
from ingest.document import DocumentError, Node, json_documents, yaml_documents
from ingest.provenance import Draft
from ingest.source import file_text

Step = str | int


@dataclass
class Tree:
    """One document, and the elements of it that were used."""

    file: str
    """File, as shown in reports."""
    root: Node
    """Its content."""
    draft: Draft
    """Where notes go."""
    used: set[int] = field(default_factory=set)
    """Nodes that were read as a whole."""
    opened: set[int] = field(default_factory=set)
    """Nodes of which parts were read."""

    def account(self) -> None:
        """Note every element that nobody read."""
        stack: list[tuple[Node, tuple[Step, ...]]] = [(self.root, ())]
        while stack:
            node, path = stack.pop()
            if id(node) in self.used or node.value is None:
                continue
            if id(node) not in self.opened or not isinstance(node.value, (dict, list)):
                shown = "/".join("*" if isinstance(step, int) else step for step in path)
                self.draft.note("left_out", shown or "the document", f"{self.file}:{node.line}")
                continue
            if isinstance(node.value, dict):
                stack += [(inner, (*path, key)) for key, (_, inner) in node.value.items()]
            else:
                stack += [(inner, (*path, at)) for at, inner in enumerate(node.value)]


@dataclass(frozen=True)
class Cursor:
    """A place in a tree; reading through it marks what was used."""

    tree: Tree
    node: Node
    path: tuple[Step, ...] = ()

    @property
    def place(self) -> str:
        """File, line and JSON pointer."""
        return f"{self.tree.file}:{self.node.line} #/{'/'.join(map(str, self.path))}"

    def __contains__(self, key: str) -> bool:
        return isinstance(self.node.value, dict) and key in self.node.value

    def at(self, *keys: str) -> Cursor:
        """The element under nested keys; an empty one where there is none."""
        here = self
        for key in keys:
            self.tree.opened.add(id(here.node))
            if key not in here:
                return Cursor(self.tree, Node(here.node.line, 1), (*here.path, key))
            here = Cursor(self.tree, here.node.value[key][1], (*here.path, key))
        self.tree.opened.add(id(here.node))
        return here

    def items(self, *keys: str) -> list[Cursor]:
        """Elements of a list; one value alone counts as a list of one."""
        found = self.at(*keys)
        if not isinstance(found.node.value, list):
            return [] if found.node.value is None else [found]
        cursors = [
            Cursor(self.tree, node, (*found.path, at)) for at, node in enumerate(found.node.value)
        ]
        self.tree.opened.update(id(cursor.node) for cursor in cursors if cursor.is_container)
        return cursors

    def entries(self, *keys: str) -> Iterator[tuple[str, Cursor]]:
        """Keys and values of a mapping."""
        found = self.at(*keys)
        if isinstance(found.node.value, dict):
            for key in found.node.value:
                yield key, found.at(key)

    @property
    def is_container(self) -> bool:
        """Whether it is a mapping or a list."""
        return isinstance(self.node.value, (dict, list))

    def plain(self, *keys: str) -> Any:  # noqa: ANN401 - any value a file can hold
        """The value, used as a whole."""
        found = self.at(*keys)
        self.tree.used.add(id(found.node))
        return found.node.plain()

    def text(self, *keys: str) -> str:
        """A scalar as text; empty where there is none, or something nested."""
        found = self.at(*keys)
        if found.is_container or found.node.value is None:
            return ""
        self.tree.used.add(id(found.node))
        return str(found.node.value).strip()


def opened_trees(path: Path, draft: Draft) -> list[Cursor]:
    """Read a YAML or JSON file; lists of documents are spread out.

    Raises
    ------
    RegisterError
        With the problem, if the file cannot be read.
    """
    text = file_text(path, str(path))
    if isinstance(text, Problem):
        raise RegisterError(f"{path} cannot be imported", [text])
    if text.lstrip()[:1] == "<":
        raise wrong_format(path, "this is XML or HTML", "export the file as JSON or YAML")
    suffix = path.suffix.lower()
    looks_json = suffix == ".json" or (
        suffix not in {".yaml", ".yml"} and re.match(r"\s*[{\[]", text) is not None
    )
    try:
        documents, repeated = (json_documents if looks_json else yaml_documents)(text)
    except DocumentError as error:
        raise RegisterError(f"{path} cannot be imported", [error.problem(str(path))]) from None
    if repeated:
        raise RegisterError(
            f"{path} cannot be imported", [error.problem(str(path)) for error in repeated]
        )
    cursors = []
    for node in documents:
        for item in node.value if isinstance(node.value, list) else [node]:
            if isinstance(item.value, dict):
                cursors.append(Cursor(Tree(str(path), item, draft), item))
            elif item.value is not None:
                draft.note("left_out", f"{item.value!r:.60} is no record", f"{path}:{item.line}")
    if not cursors:
        problem = Problem("empty-file", "the file holds no record", file=str(path))
        raise RegisterError(f"{path} cannot be imported", [problem])
    return cursors


def fitting_trees(
    path: Path, draft: Draft, fits: Callable[[Cursor], bool], wrong: tuple[str, str]
) -> list[Cursor]:
    """Documents of a file that are of a format; others beside them are left out and noted.

    Parameters
    ----------
    path : Path
        The file.
    draft : Draft
        Where notes go.
    fits : callable
        Whether a document is of the format.
    wrong : tuple of str
        What is wrong, and the hint, where no document is.

    Raises
    ------
    RegisterError
        If the file cannot be read, or no document is of the format.
    """
    found, shown = [], ""
    for top in opened_trees(path, draft):
        if fits(top):
            found.append(top)
        else:
            shown = top.text("apiVersion") or top.text("kind") or "unknown"
            draft.note("left_out", f"a document of another format: {shown[:60]}", top.place)
    if not found:
        raise wrong_format(path, f"{wrong[0]}; it is {shown[:60]!r}", wrong[1])
    return found


def wrong_format(path: Path, what: str, hint: str = "") -> RegisterError:
    """The error for a file that is not what the format asks for."""
    return RegisterError(
        f"{path} cannot be imported", [Problem("wrong-format", what, hint, file=str(path))]
    )
