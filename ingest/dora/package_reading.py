"""A register from an xBRL-CSV report package, within limits: no archive is trusted."""

from __future__ import annotations

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from depgraph.errors import Problem, RegisterError
from ingest.dora.register import Register
from ingest.dora.tables import column_code, take_table
from ingest.dora.taxonomy import templates
from ingest.formats.table import MAX_ROWS, MAX_UNPACKED_BYTES, refused
from ingest.provenance import Draft

MAX_PARTS = 1_000
"""Most files in a package; it needs 19."""
MAX_CELL = 131_072
"""Longest cell; Python's own limit can be moved by other libraries in the process."""
_OTHERS = {"reportpackage.json", "report.json", "parameters.csv", "filingindicators.csv"}


def read_package(path: Path, draft: Draft) -> Register:
    """Read a package.

    Parameters
    ----------
    path : Path
        The zip file.
    draft : Draft
        What the notes go to.

    Raises
    ------
    RegisterError
        With every problem of an archive or a table that cannot be read.
    """
    register = Register()
    problems: list[Problem] = []
    try:
        with zipfile.ZipFile(path) as archive:
            parts = _parts(archive, path, draft)
            register.name = _root(parts)
            for name, part in parts.items():
                try:
                    _take_part(name, _text(archive, part, path, draft), register, draft)
                except RegisterError as error:
                    problems += error.problems
                except csv.Error as error:
                    problems.append(_problem(path, name, "not-csv", f"this is not CSV: {error}"))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError) as error:
        hint = "give the .zip of the register, or its .xlsx"
        raise refused(path, "not-zip", f"this is no package: {str(error)[:200]}", hint) from None
    except OSError as error:
        raise refused(path, "unreadable", f"it cannot be read: {error.strerror}") from None
    if problems:
        raise RegisterError(f"{path} cannot be imported", problems)
    register.absent = tuple(t.code for t in templates().values() if t.file not in parts)
    for code in register.absent:
        draft.note("missing", f"{code} {templates()[code].name}: no such file", str(path))
    return register


def _parts(archive: zipfile.ZipFile, path: Path, draft: Draft) -> dict[str, zipfile.ZipInfo]:
    """The files that a package needs, by their lower-case names without folders."""
    infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
    if len(infos) > MAX_PARTS:
        raise refused(path, "too-large", f"the package holds more than {MAX_PARTS} files")
    if sum(info.file_size for info in infos) > MAX_UNPACKED_BYTES:
        most = MAX_UNPACKED_BYTES >> 20
        raise refused(path, "too-large", f"the package unpacks to more than {most} MB")
    known = _OTHERS | {template.file for template in templates().values()}
    found: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name = PurePosixPath(info.filename.replace("\\", "/")).name.lower()
        if name not in known:
            draft.note("left_out", f"the file {info.filename!r} is none of a register", str(path))
        elif name in found:
            draft.note("conflict", f"two files are called {name}; the first counts", str(path))
        else:
            found[name] = info
    if not any(template.file in found for template in templates().values()):
        hint = "it needs reports/b_01.01.csv … reports/b_99.01.csv"
        raise refused(path, "wrong-format", "no file is a table of the register", hint)
    for name in sorted(_OTHERS - found.keys()):
        draft.note("missing", f"the file {name} of the package", str(path))
    return found


def _root(parts: dict[str, zipfile.ZipInfo]) -> str:
    """Name of the folder that holds everything; empty when there is none."""
    tops = {PurePosixPath(info.filename.replace("\\", "/")).parts[0] for info in parts.values()}
    [top] = tops if len(tops) == 1 else [""]
    return "" if top.lower() in parts or top.lower() in {"reports", "meta-inf"} else top


def _text(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, path: Path, draft: Draft
) -> tuple[str, str]:
    """Place and text of a file, read no further than it says it is long."""
    place = f"{path} {part.filename}"
    try:
        with archive.open(part) as stream:
            raw = stream.read(part.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        what = f"{part.filename}: {str(error)[:200]}"
        raise refused(path, "broken-zip", what, "copy the file again") from None
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise refused(
            path, "wrong-encoding", f"{part.filename} is UTF-16 (rule 306)", "save it as UTF-8"
        )
    if raw.startswith(b"\xef\xbb\xbf"):
        draft.note("inferred", "a byte order mark is skipped; a package has none", place)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = f"{part.filename}: byte {raw[error.start]:#04x} is not UTF-8 (rule 306)"
        raise refused(path, "wrong-encoding", what, "save it as UTF-8", line) from None
    if "\0" in text:
        raise refused(path, "binary-file", f"{part.filename} holds NUL bytes; it is not text")
    return place, text


def _take_part(name: str, content: tuple[str, str], register: Register, draft: Draft) -> None:
    """Take one file of a package."""
    place, text = content
    by_file = {template.file: template for template in templates().values()}
    if name in by_file:
        take_table(by_file[name], _records(place, text), register, draft)
    elif name == "parameters.csv":
        rows = [row for _, row in _cells(place, text)]
        register.parameters = {row[0]: row[1] for row in rows[1:] if len(row) == 2}  # noqa: PLR2004 - name, value
    elif name == "filingindicators.csv":
        for at, row in _cells(place, text):
            if len(row) == 2 and row[0] in templates() and row[1] != "true":  # noqa: PLR2004 - template, reported
                draft.note("conflict", f"{row[0]} is not reported as true (rule 808)", at)
    else:
        _check_json(name, text, place, draft)


def _check_json(name: str, text: str, place: str, draft: Draft) -> None:
    """Note a metadata file that is none; the tables can be read without it."""
    wanted = "report-package/2023" if name == "reportpackage.json" else "2021/xbrl-csv"
    try:
        kind = str(json.loads(text)["documentInfo"]["documentType"])
    except (ValueError, KeyError, TypeError, RecursionError):
        kind = ""
    if not kind.endswith(wanted):
        draft.note("conflict", f"{name} does not say that it is {wanted}", place)


def _records(place: str, text: str) -> Iterator[tuple[str, list[str]]]:
    """Rows of a table; a table that no column fits is a problem."""
    for number, (at, row) in enumerate(_cells(place, text)):
        if number == 0 and not any(column_code(cell) for cell in row):
            hint = "separate by commas" if ";" in "".join(row) else "write c0010,c0020,…"
            raise csv.Error(f"it does not start with column codes (rule 801): {hint}")
        yield at, row


def _cells(place: str, text: str) -> Iterator[tuple[str, list[str]]]:
    """Place and cells of each row of CSV."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    for number, row in enumerate(reader):
        if number > MAX_ROWS:
            raise csv.Error(f"more than {MAX_ROWS} rows")
        if any(len(cell) > MAX_CELL for cell in row):
            raise csv.Error(f"line {reader.line_num}: a cell is longer than {MAX_CELL} characters")
        if row:
            yield f"{place}:{reader.line_num}", row


def _problem(path: Path, name: str, code: str, what: str) -> Problem:
    return Problem(code, f"{name}: {what}", file=str(path))
