"""The folder that imports fill: the estate, where each value comes from, and the review list.

It holds `estate.yaml`, or the files that somebody made there, and in `.provenance/`
`provenance.json` (where each value comes from, what is stale, and what `estate.yaml` was when it
was last written here) and `review.json` (pairs that may be one; write accept or reject).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import Any

from depgraph.errors import Problem, RegisterError
from depgraph.model.estate import Estate
from ingest.estate_files import applied, files_edit
from ingest.matching import Pair
from ingest.provenance import Origin
from ingest.read import require_estate
from ingest.source import estate_files
from ingest.write import estate_data, yaml_pieces


@dataclass
class Folder:
    """What earlier imports left in a folder."""

    path: Path
    """The folder."""
    data: dict[str, Any] = field(default_factory=dict)
    """The estate as plain values."""
    origins: dict[str, tuple[Origin, ...]] = field(default_factory=dict)
    """Origins by ``list/id/field``."""
    stale: dict[str, list[str]] = field(default_factory=dict)
    """Sources that name a record no longer, by ``list/id``."""
    pairs: list[Pair] = field(default_factory=list)
    """The review list."""
    held: Estate | None = None
    """The estate as files hold it that a person may have written; None where nothing is there, or
    only the `estate.yaml` that the last import left."""


@dataclass(frozen=True)
class Written:
    """Files of the estate that an import wrote."""

    files: tuple[Path, ...]
    """All of them."""
    kept: dict[Path, Path] = field(default_factory=dict)
    """Former text of those whose comments and order could not be kept, by file."""


def opened_folder(path: Path) -> Folder:
    """Read what is there; an empty or absent folder is fine.

    Raises
    ------
    RegisterError
        If the estate or the review list in it cannot be read.
    """
    folder = Folder(path)
    files = estate_files(path)
    if not isinstance(files, Problem):
        estate = require_estate(path)
        folder.data = estate_data(estate)
        folder.held = None if _is_ours(path, files) else estate
    folder.origins, folder.stale = _recorded(path)
    try:
        folder.pairs = [Pair(**entry) for entry in _read_json(path, "review.json", [])]
    except TypeError as error:
        raise _unreadable(path, "review.json", str(error)) from None
    unknown = [p for p in folder.pairs if p.decision not in {"accept", "reject", ""}]
    if unknown:
        raise _unreadable(path, "review.json", f"decision {unknown[0].decision!r}")
    return folder


def recorded_origins(path: Path) -> dict[str, list[dict[str, str]]]:
    """Origins of imported values by ``list/id/field``; empty where nothing was imported.

    Raises
    ------
    RegisterError
        If the record of origins cannot be read.
    """
    if not path.is_dir():
        return {}
    return {key: [asdict(origin) for origin in found] for key, found in _recorded(path)[0].items()}


def write_folder(folder: Folder) -> Written:
    """Write the estate and what belongs to it.

    What a person wrote is changed where its records stand, and keeps its comments and order.
    """
    notes = folder.path / ".provenance"
    notes.mkdir(parents=True, exist_ok=True)
    written = Written((folder.path / "estate.yaml",))
    mark = {}
    if folder.held is None:
        [file] = written.files
        former = _digest(file) if file.exists() else ""
        _write(file, yaml_pieces(folder.data))
        mark = {"estate.yaml": _digest(file)}
        if mark["estate.yaml"] == former:
            written = Written(())
    else:
        edit = files_edit(folder.path, folder.held, Estate.model_validate(folder.data))
        written = Written(
            tuple(edit.fresh), {f: notes / f"{f.name}.former" for f in edit.rewritten}
        )
        for file, kept in written.kept.items():
            kept.write_bytes(edit.former[file] or b"")
        applied(edit)
    encoder = json.JSONEncoder(indent=1, ensure_ascii=False, sort_keys=True, default=asdict)
    for name, content in (
        ("provenance.json", {"values": folder.origins, "stale": folder.stale, "written": mark}),
        ("review.json", folder.pairs),
    ):
        _write(notes / name, encoder.iterencode(content))
    return written


def _is_ours(path: Path, files: list[Path]) -> bool:
    """Whether all there is is the `estate.yaml` that the last import left, nobody's words in it."""
    estate = path / "estate.yaml"
    if files != [estate]:
        return False
    marks = _read_json(path, "provenance.json", {}).get("written")
    return isinstance(marks, dict) and marks.get("estate.yaml") == _digest(estate)


def _digest(path: Path) -> str:
    """Digest of a file's content."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _recorded(path: Path) -> tuple[dict[str, tuple[Origin, ...]], dict[str, list[str]]]:
    """Origins of values, and what is stale, as an earlier import wrote them."""
    held = _read_json(path, "provenance.json", {})
    same: dict[Origin, Origin] = {}
    try:
        origins = {
            str(key): tuple(same.setdefault(o, o) for o in (Origin(**entry) for entry in found))
            for key, found in held.get("values", {}).items()
        }
        stale = {str(key): [str(s) for s in names] for key, names in held.get("stale", {}).items()}
    except (TypeError, AttributeError) as error:
        raise _unreadable(path, "provenance.json", repr(error)) from None
    return origins, stale


def _read_json(path: Path, name: str, default: Any) -> Any:  # noqa: ANN401 - two shapes of file
    file = path / ".provenance" / name
    if not file.exists():
        return default
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, name, str(error)) from None
    if type(found) is not type(default):
        raise _unreadable(path, name, "another shape than we write")
    return found


def _unreadable(path: Path, name: str, why: str) -> RegisterError:
    file = str(path / ".provenance" / name)
    problem = Problem("bad-review", f"{name} cannot be used: {why}", "correct it", file=file)
    return RegisterError(f"{file} cannot be used", [problem])


def _write(path: Path, pieces: Iterable[str]) -> None:
    """Replace a file in one step; its text is never held as a whole."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("w", encoding="utf-8") as file:
        for piece in pieces:
            file.write(piece)
        file.write("\n" if path.suffix == ".json" else "")
    fresh.replace(path)
