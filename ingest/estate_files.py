"""Write a changed estate back into its files: all or nothing, and what it was can come back.

Records stay in the file that holds them, and only files with changed records are written. Where
the layout allows it the other lines of a file, comments included, stay as they are. The former
contents go to a journal first: if the program dies while files are being exchanged, the next one
that looks finds the journal and puts everything back.
"""

from __future__ import annotations

import json
import os
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from depgraph.engine.changes import estate_changes
from depgraph.errors import DepgraphError, Problem
from depgraph.model.estate import Estate
from ingest.document import json_documents, yaml_documents
from ingest.read import MergedFiles, read_estate
from ingest.source import estate_files, file_text
from ingest.splice import ListEdit, spliced
from ingest.write import estate_data, estate_text

JOURNAL = ".depgraph-journal.json"
_NO_IDS = ("measurements", "claims", "conversions")
_WHOLE = ("name", "defaults")


@dataclass(frozen=True)
class FilesEdit:
    """A change of an estate's files, with the way back."""

    top: Path
    """File or folder of the estate."""
    former: Mapping[Path, bytes | None]
    """Content of each file before; None for files that were not there."""
    fresh: Mapping[Path, bytes | None]
    """Content of each file after."""
    rewritten: tuple[Path, ...] = ()
    """Files that could not be patched: their comments go."""


def files_edit(top: str | Path, before: Estate, after: Estate) -> FilesEdit:
    """What to write so that the files hold another estate; nothing is written yet.

    Parameters
    ----------
    top : str or Path
        File or folder of the estate.
    before, after : Estate
        The estate that the files hold, and the one that they are to hold.

    Raises
    ------
    DepgraphError
        If the files cannot be read, or no longer hold `before`.
    """
    path = Path(top)
    held = read_estate(path)
    if held.estate is None or estate_changes(held.estate, before):
        raise DepgraphError(
            f"the files of {path} were changed meanwhile; reload the page and try again"
        )
    files = estate_files(path)
    if isinstance(files, Problem):
        raise DepgraphError(str(files))
    plan = _Plan(path, files, before, after)
    edit = plan.edit(patching=True)
    if not _holds(files, edit, after):
        edit = plan.edit(patching=False)
        if not _holds(files, edit, after):
            raise DepgraphError(f"the files of {path} cannot be written so that they read back")
    return edit


def applied(edit: FilesEdit) -> None:
    """Exchange the files.

    Raises
    ------
    DepgraphError
        If a file is not as it was, or cannot be written; then all of them are as they were.
    """
    recovered(edit.top)
    for path, content in edit.former.items():
        if (path.read_bytes() if path.exists() else None) != content:
            raise DepgraphError(f"{path.name} was changed meanwhile; reload the page and try again")
    journal = _journal(edit.top)
    try:
        _write(journal, _journal_bytes(journal.parent, edit.former))
        _exchange(edit.fresh)
        journal.unlink()
    except OSError as error:
        recovered(edit.top)
        why = error.strerror or str(error)
        raise DepgraphError(f"the files cannot be written: {why}; all is as it was") from None


def undone(edit: FilesEdit) -> None:
    """Put back what was there before an edit.

    Raises
    ------
    DepgraphError
        If somebody changed one of the files since.
    """
    applied(FilesEdit(edit.top, former=edit.fresh, fresh=edit.former))


def recovered(top: str | Path) -> bool:
    """Put back what a program left half done that died while it exchanged files; whether it had.

    Parameters
    ----------
    top : str or Path
        The estate: a file, or its folder.

    Raises
    ------
    DepgraphError
        If what was there cannot be read, or cannot be put back.
    """
    journal = _journal(Path(top))
    if not journal.exists():
        return False
    try:
        held = json.loads(journal.read_text("utf-8"))
        former = {journal.parent / n: None if t is None else b64decode(t) for n, t in held.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise DepgraphError(f"{journal} cannot be read: {error}; restore it or remove it") from None
    if any(journal.parent.resolve() not in path.resolve().parents for path in former):
        raise DepgraphError(f"{journal} names a file outside its folder; remove it")
    try:
        _exchange(former)
        journal.unlink()
    except OSError as error:
        raise DepgraphError(
            f"a change was left half done and cannot be put back: {error.strerror}; make room or "
            f"give the right to write, then try again ({journal.name} holds what was there)"
        ) from None
    return True


@dataclass
class _Plan:
    """Which record goes to which file."""

    top: Path
    files: list[Path]
    before: Estate
    after: Estate
    _raw: dict[Path, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._raw = {path: _plain(path) for path in self.files}
        self._old, self._new = estate_data(self.before), estate_data(self.after)

    def edit(self, *, patching: bool) -> FilesEdit:
        """Content of every file that changes."""
        edits = self._edits()
        fresh: dict[Path, bytes | None] = {}
        rewritten = []
        whole = self._whole_values()
        for path in dict.fromkeys([*edits, *whole]):
            text = _text(path) if path.exists() else ""
            patched = None
            is_yaml = path.suffix.lower() != ".json"
            if patching and is_yaml and text and path not in whole:
                patched = spliced(text, edits.get(path, {}))
            if patched is None:
                patched = self._written(path, edits.get(path, {}), whole.get(path, {}))
                rewritten += [path] if path.exists() else []
            fresh[path] = patched.encode()
        former = {path: path.read_bytes() if path.exists() else None for path in fresh}
        return FilesEdit(self.top, former, fresh, tuple(rewritten))

    def _edits(self) -> dict[Path, dict[str, ListEdit]]:
        """Changed records by file and list."""
        found: dict[Path, dict[str, ListEdit]] = {}
        for name in Estate.model_fields:
            if name in {*_NO_IDS, *_WHOLE, "schema_uri"}:
                continue
            old = {record["id"]: record for record in self._old.get(name, ())}
            new = {record["id"]: record for record in self._new.get(name, ())}
            for path, raw in self._raw.items():
                ids = {record["id"] for record in raw.get(name) or ()}
                replaced = {i: new[i] for i in ids & new.keys() if new[i] != old[i]}
                removed = frozenset(ids - new.keys())
                if replaced or removed:
                    found.setdefault(path, {})[name] = ListEdit(replaced, removed)
            added = [record for i, record in new.items() if i not in old]
            if added:
                path = self._home(name)
                edit = found.setdefault(path, {}).get(name, ListEdit())
                found[path][name] = ListEdit(edit.replaced, edit.removed, added)
        return found

    def _whole_values(self) -> dict[Path, dict[str, Any]]:
        """Values without ids that changed, by file; they go to the first file that has them."""
        found: dict[Path, dict[str, Any]] = {}
        for name in (*_NO_IDS, *_WHOLE):
            if self._old.get(name) == self._new.get(name):
                continue
            holders = [path for path, raw in self._raw.items() if name in raw]
            first = holders[0] if holders else self.files[0]
            for path in holders[1:]:
                found.setdefault(path, {})[name] = None
            found.setdefault(first, {})[name] = self._new.get(name)
        return found

    def _home(self, name: str) -> Path:
        """File for new records of a list: the last one that has any, else the only one, or its own.

        An estate of one file stays one; of several, each list has a file of its own.
        """
        holders = [path for path, raw in self._raw.items() if raw.get(name)]
        if holders:
            return holders[-1]
        return self.files[0] if len(self.files) == 1 else self.top / f"{name}.yaml"

    def _written(self, path: Path, edits: Mapping[str, ListEdit], whole: Mapping[str, Any]) -> str:
        """The file written anew."""
        data = {name: value for name, value in self._raw.get(path, {}).items() if value is not None}
        for name, edit in edits.items():
            kept = [r for r in data.get(name, ()) if r["id"] not in edit.removed]
            data[name] = [edit.replaced.get(r["id"], r) for r in kept] + list(edit.added)
        data.update(whole)
        data = {name: value for name, value in data.items() if value not in (None, [], {})}
        kind = "json" if path.suffix.lower() == ".json" else "yaml"
        return estate_text(_writable(data) or {"services": []}, kind)  # type: ignore[arg-type]  # the two literals


def _plain(path: Path) -> dict[str, Any]:
    """Content of one file, which is known to be readable, its documents joined."""
    text = _text(path)
    parse = json_documents if path.suffix.lower() == ".json" else yaml_documents
    found: dict[str, Any] = {}
    for node in parse(text)[0]:
        for name, value in (node.plain() or {}).items():
            if isinstance(value, list) and isinstance(found.get(name), list):
                found[name] = [*found[name], *value]
            else:
                found[name] = value
    return found


def _text(path: Path) -> str:
    """Text of a file that was readable a moment ago."""
    text = file_text(path, str(path))
    if isinstance(text, Problem):
        raise DepgraphError(str(text))
    return text


def _writable(value: Any) -> Any:  # noqa: ANN401 - any value a file can hold
    """Numbers that our reader made exact, as numbers where that loses nothing, else as text."""
    if isinstance(value, dict):
        return {key: _writable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_writable(item) for item in value]
    if isinstance(value, Decimal):
        return float(value) if Decimal(repr(float(value))) == value else str(value)
    return value


def _holds(files: list[Path], edit: FilesEdit, wanted: Estate) -> bool:
    """Whether the files would read back as an estate once the edit is applied."""
    merged = MergedFiles()
    with tempfile.TemporaryDirectory() as folder:
        for number, path in enumerate(dict.fromkeys([*files, *edit.fresh])):
            content = edit.fresh.get(path)
            place = path
            if content is not None:
                place = Path(folder) / f"{number}{path.suffix}"
                place.write_bytes(content)
            merged.take(place, str(path))
    estate, problems = merged.validated()
    faults = problems or merged.problems
    return estate is not None and not faults and not estate_changes(estate, wanted)


def _journal(top: Path) -> Path:
    """Where the journal of an estate lies."""
    return top.with_name(f".{top.name}{JOURNAL}") if top.is_file() else top / JOURNAL


def _journal_bytes(folder: Path, former: Mapping[Path, bytes | None]) -> bytes:
    held = {
        os.path.relpath(path, folder): None if content is None else b64encode(content).decode()
        for path, content in former.items()
    }
    return json.dumps(held).encode()


def _exchange(contents: Mapping[Path, bytes | None]) -> None:
    """Write each file beside itself, then put all in place."""
    for path, content in contents.items():
        if content is None:
            path.unlink(missing_ok=True)
        else:
            _write(path, content)


def _write(path: Path, content: bytes) -> None:
    """Replace one file so that a reader sees the old or the new one, never a part."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            Path(name).chmod(path.stat().st_mode & 0o777)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
