"""One YAML or JSON text as a tree of nodes that know their line and column.

Scalars are resolved by us, as in YAML 1.2: `NO` is Norway and not false, `012` and dates stay
text, decimal numbers become exact `Decimal` values. Everything is iterative and bounded, so that
no file can exhaust the stack or the memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from sys import intern
from typing import Any, NoReturn

import yaml

from depgraph.errors import Problem
from ingest.source import scaled

MAX_ALIASES = 1_000
MAX_DEPTH_YAML = 50
MAX_DEPTH_JSON = 100
MAX_VALUES = 4_000_000
"""Most keys and values of a document, also after aliases are written out: about 1 GB when read.
More where `DEPGRAPH_MAX_FILE_MB` allows larger files."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,40})")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,4})?")
CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
"""Unquoted words that are no text."""
_CORE_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null")}
_JSON_TOKEN = re.compile(
    r'[ \t\r\n]*(?:([{}\[\],:])|("(?:[^"\\\x00-\x1f]|\\.)*")'
    r"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)|(true|false|null))"
)


@dataclass(slots=True)
class Node:
    """A value and where it stands."""

    line: int
    """Line, from 1."""
    column: int
    """Column, from 1."""
    value: Any = None
    """A scalar, a list of nodes, or a dict of key to (key node, node)."""
    size: int = 1
    """Values inside, aliases written out."""
    shared: bool = False
    """Whether an alias stands for it too."""

    def plain(self) -> Any:  # noqa: ANN401 - any value a file can hold
        """The value without positions; parts used twice are one object."""
        done: dict[int, Any] = {}
        return _plain(self, done)


class DocumentError(Exception):
    """A text that is no document; carries its problem."""

    def __init__(self, code: str, what: str, hint: str, place: tuple[int, int]) -> None:
        super().__init__(what)
        self.code, self.what, self.hint, self.place = code, what, hint, place

    def problem(self, file: str) -> Problem:
        """The fault as a value."""
        line, column = self.place
        return Problem(self.code, self.what, self.hint, file=file, line=line, column=column)


@dataclass
class _Builder:
    """Collects nodes as they open and close."""

    max_depth: int
    max_values: int = field(default_factory=lambda: scaled(MAX_VALUES))
    duplicates: list[DocumentError] = field(default_factory=list)
    roots: list[Node] = field(default_factory=list)
    aliases: int = 0
    _open: list[tuple[Node, Node | None]] = field(default_factory=list)
    _key: Node | None = None
    _count: int = 0

    def open(self, node: Node) -> None:
        if len(self._open) >= self.max_depth:
            raise DocumentError(
                "too-deep",
                f"values are nested more than {self.max_depth} deep",
                "flatten the file",
                (node.line, node.column),
            )
        self._open.append((node, self._key))
        self._key = None

    def close(self) -> None:
        node, self._key = self._open.pop()
        self.add(node)

    def is_open(self, node: Node) -> bool:
        """Whether the end of a value is still to come."""
        return any(node is each for each, _ in self._open)

    @property
    def wants_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1][0].value, dict) and self._key is None

    def add(self, node: Node) -> None:
        """Put a finished value where it belongs."""
        self._count += 1
        if self._count > self.max_values:
            self._refuse(node)
        if not self._open:
            self.roots.append(node)
            return
        holder = self._open[-1][0]
        if isinstance(holder.value, list):
            holder.value.append(node)
        elif self._key is None:
            if isinstance(node.value, (dict, list)):
                raise DocumentError(
                    "bad-key", "a key is a list or a mapping", "", (node.line, node.column)
                )
            self._key = node
            return
        else:
            self._enter(holder, self._key, node)
            self._key = None
        holder.size += node.size
        if holder.size > self.max_values:
            self._refuse(node)

    def _refuse(self, node: Node) -> NoReturn:
        """Refuse a document that would not fit into memory."""
        raise DocumentError(
            "too-large",
            f"more than {self.max_values} keys and values",
            "split it, or set DEPGRAPH_MAX_FILE_MB",
            (node.line, node.column),
        )

    def _enter(self, holder: Node, key: Node, node: Node) -> None:
        key.value = name = intern(str(key.value))
        if name == "<<" and isinstance(node.value, (dict, list)):
            _merge(holder, node)
        elif name in holder.value and name not in getattr(holder, "merged", ()):
            first = holder.value[name][0]
            if first.line == 0:
                holder.value[name] = (key, node)
                return
            self.duplicates.append(
                DocumentError(
                    "duplicate-key",
                    f"the key {name!r} stands twice in one record, first in line {first.line}",
                    "remove one of them",
                    (key.line, key.column),
                )
            )
        else:
            holder.value[name] = (key, node)


def yaml_documents(text: str) -> tuple[list[Node], list[DocumentError]]:
    """Parse YAML; returns documents and repeated keys.

    Raises
    ------
    DocumentError
        If the text is not YAML, or breaks a limit.
    """
    builder = _Builder(MAX_DEPTH_YAML)
    anchors: dict[str, Node] = {}
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            place = _place(event.start_mark)
            if isinstance(event, yaml.AliasEvent):
                builder.add(_aliased(event.anchor, anchors, builder, place))
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                _check_tag(event.tag, place, {"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
                node = Node(*place, {} if isinstance(event, yaml.MappingStartEvent) else [])
                if event.anchor:
                    anchors[event.anchor] = node
                builder.open(node)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                builder.close()
            elif isinstance(event, yaml.ScalarEvent):
                _check_tag(event.tag, place, _CORE_TAGS)
                node = Node(*place, _scalar(event))
                if event.anchor:
                    anchors[event.anchor] = node
                builder.add(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = _place(mark)
        what = ", ".join(filter(None, (error.context, error.problem)))
        hint = "indent with spaces" if "\\t" in what else "check quotes, colons and indentation"
        raise DocumentError("not-yaml", f"this is not YAML: {what}", hint, where) from None
    except yaml.YAMLError as error:
        what = str(error).splitlines()[0]
        raise DocumentError("not-yaml", f"this is not YAML: {what}", "", (1, 1)) from None
    return builder.roots, builder.duplicates


def json_documents(text: str) -> tuple[list[Node], list[DocumentError]]:
    """Parse JSON; returns the document and repeated keys.

    Raises
    ------
    DocumentError
        If the text is not JSON, or breaks a limit.
    """
    builder = _Builder(MAX_DEPTH_JSON)
    closing: list[str] = []
    expected = "value"
    for sign, scalar, place in _tokens(text):
        if sign in {"{", "["} and expected in {"value", "value or ]"}:
            builder.open(Node(*place, {} if sign == "{" else []))
            closing.append("}" if sign == "{" else "]")
            expected = "key or }" if sign == "{" else "value or ]"
        elif sign and closing and sign == closing[-1] and expected in {
            "key or }", "value or ]", ", or end",
        }:  # fmt: skip
            builder.close()
            closing.pop()
            expected = ", or end" if closing else "end of file"
        elif sign == "," and expected == ", or end":
            expected = "key" if closing[-1] == "}" else "value"
        elif sign == ":" and expected == ":":
            expected = "value"
        elif scalar and expected in {"key", "key or }"} and scalar[0] == '"':
            builder.add(Node(*place, _json_scalar(scalar, place)))
            expected = ":"
        elif scalar and expected in {"value", "value or ]"}:
            builder.add(Node(*place, _json_scalar(scalar, place)))
            expected = ", or end" if closing else "end of file"
        else:
            found = sign or scalar[:20] or "the end"
            what = f"this is not JSON: found {found} where {expected} should be"
            raise DocumentError("not-json", what, "", place)
    return builder.roots, builder.duplicates


def _tokens(text: str) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """Yield signs and scalars with their places; ends with an empty token where the text is cut."""
    at, line, line_start = 0, 1, 0
    open_signs = 0
    seen = False
    while True:
        match = _JSON_TOKEN.match(text, at)
        if match is None:
            rest = text[at:]
            stripped = rest.lstrip(" \t\r\n")
            start = len(text) - len(stripped)
            line += text.count("\n", at, start)
            place = (line, start - (text.rfind("\n", 0, start) + 1) + 1)
            if stripped or open_signs or not seen:
                yield "", stripped[:1], place
            return
        start = match.start(match.lastindex or 0)
        fresh = text.count("\n", at, start)
        if fresh:
            line += fresh
            line_start = text.rfind("\n", 0, start) + 1
        sign = match[1] or ""
        open_signs += (sign in {"{", "["}) - (sign in {"}", "]"})
        seen = True
        yield sign, match[2] or match[3] or match[4] or "", (line, start - line_start + 1)
        at = match.end()


def _json_scalar(token: str, place: tuple[int, int]) -> Any:  # noqa: ANN401 - any JSON scalar
    try:
        return json.loads(token, parse_float=_exact)
    except (ValueError, InvalidOperation):
        raise DocumentError(
            "not-json",
            f"this is not a JSON value: {token[:40]}",
            'write a number, "text", true, false or null; NaN and Infinity are none',
            place,
        ) from None


def _exact(token: str) -> Decimal | str:
    """Read a number exactly; one beyond any real figure stays text and is refused later."""
    try:
        return Decimal(token)
    except InvalidOperation:
        return token


def _scalar(event: yaml.ScalarEvent) -> Any:  # noqa: ANN401 - any YAML scalar
    """Resolve one scalar; only unquoted text can be anything but text."""
    text: str = event.value
    if event.tag == "tag:yaml.org,2002:str" or not event.implicit[0]:
        return text
    if text in CONSTANTS:
        return CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return _exact(text) if _DECIMAL.fullmatch(text) and not _leading_zero(text) else text


def _leading_zero(text: str) -> bool:
    """Whether a number starts like 012, which is a code and not a number."""
    digits = text.lstrip("+-")
    return len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()


def _check_tag(tag: str | None, place: tuple[int, int], allowed: set[str]) -> None:
    if tag is not None and tag != "!" and tag not in allowed:
        raise DocumentError(
            "forbidden-tag", f"the tag {tag} is not allowed", "remove it: plain values only", place
        )


def _place(mark: Any) -> tuple[int, int]:  # noqa: ANN401 - two classes of marks, C and Python
    """Line and column from 1."""
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _aliased(
    name: str | None, anchors: dict[str, Node], builder: _Builder, place: tuple[int, int]
) -> Node:
    """Value that an alias stands for."""
    builder.aliases += 1
    if builder.aliases > MAX_ALIASES:
        raise DocumentError(
            "too-many-aliases", f"more than {MAX_ALIASES} aliases", "write the values out", place
        )
    node = anchors.get(name or "")
    if node is None:
        raise DocumentError("unknown-alias", f"no anchor is called {name!r}", "", place)
    if builder.is_open(node):
        raise DocumentError(
            "anchor-cycle", f"the anchor {name!r} contains itself", "remove the alias", place
        )
    node.shared = True
    return node


def _merge(holder: Node, node: Node) -> None:
    """Take the keys of `<<`; keys written in the record itself win."""
    for source in node.value if isinstance(node.value, list) else [node]:
        if isinstance(source.value, dict):
            for name, (_, value) in source.value.items():
                # Line 0 marks a merged key, which an own key of the record may replace.
                holder.value.setdefault(name, (Node(0, 0, name), value))
                holder.size += value.size
                value.shared = True


def _plain(node: Node, done: dict[int, Any]) -> Any:  # noqa: ANN401 - any value a file can hold
    if not isinstance(node.value, (dict, list)):
        return node.value
    if node.shared and id(node) in done:
        return done[id(node)]
    found: Any
    if isinstance(node.value, list):
        found = [_plain(item, done) for item in node.value]
    else:
        found = {name: _plain(item, done) for name, (_, item) in node.value.items()}
    if node.shared:
        done[id(node)] = found
    return found
