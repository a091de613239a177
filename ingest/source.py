"""Finding and decoding the files of an estate, within limits (robustness 9)."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_ISREG

from depgraph.errors import Problem

MAX_BYTES = 50 * 1024 * 1024
"""Largest file read, unless `DEPGRAPH_MAX_FILE_MB` allows more."""
SUFFIXES = {".yaml", ".yml", ".json"}
SCENARIOS = "scenarios"
"""Folder of an estate, and ending of a folder beside an estate file, that holds scenarios."""


def scenario_folder(estate: Path) -> Path:
    """Folder in which the scenarios of an estate are saved (rule W1).

    Parameters
    ----------
    estate : Path
        File or folder of the estate.
    """
    return estate / SCENARIOS if estate.is_dir() else estate.with_suffix(f".{SCENARIOS}")


def estate_files(path: Path) -> list[Path] | Problem:
    """Files of an estate: the file itself, or the YAML and JSON files below a folder, sorted.

    Hidden files and folders are left out, and so are saved scenarios: the folder `scenarios` at
    the top and folders whose names end in `.scenarios`. Links out of the folder are not followed.
    """
    try:
        if path.is_file():
            return [path]
        if not path.is_dir():
            if os.path.lexists(path):
                what, hint = "it is neither a file nor a folder", "name what holds the estate"
                return Problem("no-such-file", what, hint, file=str(path))
            return Problem("no-such-file", "it does not exist", "check the path", file=str(path))
        found = [
            Path(folder) / name
            for folder, folders, names in os.walk(path)
            if not _hidden(Path(folder), path, folders)
            for name in names
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")
        ]
    except OSError as error:
        return Problem("unreadable", f"{path} cannot be read: {error.strerror}", file=str(path))
    return _unusable(path, found) or sorted(found)


def _unusable(path: Path, found: list[Path]) -> Problem | None:
    """Why the files of a folder cannot be read; None where they can."""
    for file in found:
        if file.exists() and not file.is_file():
            # A pipe among them would be waited for without end.
            hint = "move it out of the folder"
            return Problem("unreadable", "it is no regular file", hint, file=str(file))
    if found:
        return None
    hint = "put .yaml, .yml or .json files into it"
    return Problem("empty-folder", "the folder holds no estate file", hint, file=str(path))


def _hidden(folder: Path, top: Path, folders: list[str]) -> bool:
    """Whether a folder is hidden; keeps the walk out of what is left out and in a fixed order."""
    folders[:] = sorted(
        name
        for name in folders
        if not name.startswith(".")
        and not name.endswith(f".{SCENARIOS}")
        and not (folder == top and name == SCENARIOS)
    )
    return any(part.startswith(".") for part in folder.relative_to(top).parts)


def named_file(folder: Path, name: str) -> Path:
    """Path that a file names, from its folder; one that cannot be followed leads nowhere."""
    try:
        found = (folder / name).resolve()
        found.is_file()
    except (OSError, ValueError, RuntimeError):
        return Path(os.devnull) / "unreadable"
    return found


def max_bytes() -> int:
    """Largest file read [bytes]: `DEPGRAPH_MAX_FILE_MB`, or `MAX_BYTES` where it is no number."""
    given = os.environ.get("DEPGRAPH_MAX_FILE_MB", "")
    return int(given) * 1024 * 1024 if given.isdecimal() and int(given) else MAX_BYTES


def scaled(limit: int) -> int:
    """A limit on what a file may hold; it grows with what `DEPGRAPH_MAX_FILE_MB` allows."""
    return limit * max(max_bytes(), MAX_BYTES) // MAX_BYTES


def file_text(path: Path, shown: str) -> str | Problem:
    """Text of one file, or why it cannot be had."""
    limit = max_bytes()
    try:
        found = path.stat()
        large = found.st_size > limit
        # The size is no guide to what is no regular file: it says 0, and may have no end.
        raw = b"" if large else _start(path, None if S_ISREG(found.st_mode) else limit + 1)
    except OSError as error:
        return Problem("unreadable", f"the file cannot be read: {error.strerror}", file=shown)
    if large or len(raw) > limit:
        return Problem(
            "too-large",
            f"the file is larger than {limit // (1024 * 1024)} MB",
            "split it, or set DEPGRAPH_MAX_FILE_MB",
            file=shown,
        )
    return _decoded(raw, shown)


def _start(path: Path, length: int | None) -> bytes:
    """Bytes of a file; the first ones where a length is given."""
    with path.open("rb") as file:
        return file.read(length)


def _decoded(raw: bytes, shown: str) -> str | Problem:
    """Decode UTF-8, or UTF-16 that says so; name anything else."""
    encoding = "utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        return Problem(
            "wrong-encoding",
            f"byte {error.start} ({raw[error.start]:#04x}) is not {encoding.removesuffix('-sig')}",
            "save the file as UTF-8",
            file=shown,
            line=before.count(b"\n") + 1,
            column=error.start - (before.rfind(b"\n") + 1) + 1,
        )
    at = text.find("\0")
    if at >= 0:
        return Problem(
            "binary-file",
            "the file holds NUL bytes; it is not text",
            "give a text file",
            file=shown,
            line=text.count("\n", 0, at) + 1,
            column=at - (text.rfind("\n", 0, at) + 1) + 1,
        )
    return text
