"""Change records inside a YAML text and leave every other line, comment and space as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.document import DocumentError, Node, yaml_documents
from ingest.write import estate_text

_ITEM = re.compile(r"\s*-\s+")
_EMPTY = re.compile(r"\s*(#.*)?")

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class ListEdit:
    """What happens to one list of a file."""

    replaced: Mapping[str, Raw] = field(default_factory=dict)
    """New record by id."""
    removed: frozenset[str] = frozenset()
    """Ids of records that go."""
    added: Sequence[Raw] = ()
    """Records that come."""


def spliced(text: str, edits: Mapping[str, ListEdit]) -> str | None:
    """The text with some records changed; None where its layout does not allow that.

    Only lists in block layout can be edited so: each record on lines of its own after a dash.

    Parameters
    ----------
    text : str
        One YAML document.
    edits : mapping of str to ListEdit
        What to do, by list.
    """
    try:
        documents, duplicates = yaml_documents(text)
    except DocumentError:
        return None
    if len(documents) != 1 or duplicates or not isinstance(documents[0].value, dict):
        return None
    # Only line feeds count as ends of lines, as for the positions that the reader gives.
    lines = text.removesuffix("\n").split("\n")
    end = "\r" if lines[0].endswith("\r") else ""
    keys = sorted(key.line for key, _ in documents[0].value.values())
    patches: list[tuple[int, int, list[str]]] = []
    tail: list[str] = []
    for name, edit in edits.items():
        if name not in documents[0].value:
            tail += [f"{name}:", *(line for record in edit.added for line in _item(record, 0))]
            continue
        found = _patches(lines, documents[0].value[name][1], keys, edit)
        if found is None:
            return None
        patches += found
    for start, after, fresh in sorted(patches, key=lambda patch: patch[:2], reverse=True):
        lines[start:after] = [line + end for line in fresh]
    return "\n".join([*lines, *(line + end for line in tail)]) + "\n"


def _patches(
    lines: Sequence[str], listed: Node, keys: Sequence[int], edit: ListEdit
) -> list[tuple[int, int, list[str]]] | None:
    """First line, line after the last, and new lines of each change, from 0."""
    spans = _spans(lines, listed, keys)
    if not spans:
        return None
    patches: list[tuple[int, int, list[str]]] = []
    indent = len(lines[spans[0][1]]) - len(lines[spans[0][1]].lstrip())
    for identifier, start, end in spans:
        if identifier in edit.removed:
            patches.append((start, end, []))
        elif identifier in edit.replaced:
            patches.append((start, end, _item(edit.replaced[identifier], indent)))
    fresh = [line for record in edit.added for line in _item(record, indent)]
    if fresh:
        patches.append((spans[-1][2], spans[-1][2], fresh))
    return patches


def _spans(
    lines: Sequence[str], listed: Node, keys: Sequence[int]
) -> list[tuple[str, int, int]] | None:
    """Id, first line and line after the last of every record; None for any other layout."""
    if not isinstance(listed.value, list) or not listed.value:
        return None
    starts = [node.line - 1 for node in listed.value]
    for node, start in zip(listed.value, starts, strict=True):
        before = lines[start][: node.column - 1] if start < len(lines) else ""
        if (
            not isinstance(node.value, dict)
            or "id" not in node.value
            or not _ITEM.fullmatch(before)
        ):
            return None
    if len(set(starts)) != len(starts):
        return None
    after = min((line - 1 for line in keys if line - 1 > starts[-1]), default=len(lines))
    spans = []
    for node, start, following in zip(listed.value, starts, [*starts[1:], after], strict=True):
        end = following
        # Comments and empty lines before the next record belong to it.
        while end > start + 1 and _EMPTY.fullmatch(lines[end - 1]):
            end -= 1
        spans.append((str(node.value["id"][1].value), start, end))
    return spans


def _item(record: Raw, indent: int) -> list[str]:
    """Lines of one record, its id first."""
    written = estate_text({"x": [{"id": record["id"], **record}]}).splitlines()[1:]
    return [" " * indent + line for line in written]
