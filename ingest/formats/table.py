"""Rows of CSV files and Excel sheets, read one by one within limits.

A formula in a workbook counts by the value stored beside it, and the report says so.
"""

from __future__ import annotations

import csv
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any
from xml.parsers import expat

from openpyxl.utils import get_column_letter

from depgraph.errors import Problem, RegisterError
from ingest.formats.workbook import Workbook, opened_workbook, sheet_rows
from ingest.provenance import Draft, NoteKind
from ingest.source import max_bytes

MAX_ROWS = 1_000_000
"""Most rows of one table."""
MAX_CELLS = 50_000_000
"""Most cells of one sheet, empty ones between filled ones included."""
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
"""Largest workbook, unpacked; more is a bomb."""
MAX_RATIO = 100
"""Most bytes that one byte of a workbook may unpack to."""
_BROKEN_ARCHIVE = (zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError)
_LONGEST_LINE = 10_000_000


@dataclass(frozen=True)
class Row:
    """One row by its column names."""

    cells: dict[str, str]
    """Column name, as `column_key` writes it → text; empty cells are absent."""
    place: str
    """File, and line or sheet and row."""


def column_key(text: str) -> str:
    """Name of a column without case, spaces and signs.

    >>> column_key("Annual value ")
    'annual_value'
    """
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def refused(path: Path, code: str, what: str, hint: str = "", line: int = 0) -> RegisterError:
    """The error for a file that cannot be read."""
    problem = Problem(code, what, hint, file=str(path), line=line)
    return RegisterError(f"{path} cannot be imported", [problem])


def csv_rows(path: Path, draft: Draft) -> Iterator[Row]:
    """Read a CSV file separated by comma, semicolon or tab, in UTF-8, or UTF-16 that says so.

    Raises
    ------
    RegisterError
        If it is no CSV text, or too large.
    """
    line = 0
    try:
        _check_size(path)
        with path.open("rb") as start:
            encoding = "utf-16" if start.read(2) in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
        with path.open(encoding=encoding, newline="") as stream:
            first = stream.readline(_LONGEST_LINE)
            stream.seek(0)
            separator = max(",;\t", key=first.count)
            reader = csv.reader(_lines(stream, path), delimiter=separator)
            records = ((f"{path}:{reader.line_num}", cells) for cells in reader)
            for row in _rows(records, path, draft):
                line = reader.line_num
                yield row
            if not line:
                raise refused(path, "empty-file", "there is no row under the headings")
    except UnicodeDecodeError as error:
        found = f"{error.object[error.start]:#04x}"
        what = f"the byte {found} after line {line} is not {error.encoding}"
        raise refused(path, "wrong-encoding", what, "save the file as UTF-8", line) from None
    except (csv.Error, UnicodeError) as error:
        raise refused(path, "not-csv", f"this is not CSV: {error}", "", line) from None
    except OSError as error:
        raise refused(path, "unreadable", f"it cannot be read: {error.strerror}") from None


def _lines(stream: Any, path: Path) -> Iterator[str]:  # noqa: ANN401 - an open text file
    """Lines, refused where they are no text."""
    while text := stream.readline(_LONGEST_LINE):
        if "\0" in text:
            raise refused(path, "binary-file", "the file holds NUL bytes; it is not text")
        if len(text) >= _LONGEST_LINE:
            raise refused(path, "too-large", "a line is longer than 10 million characters")
        yield text


def _rows(records: Iterator[tuple[str, list[str]]], path: Path, draft: Draft) -> Iterator[Row]:
    """Name the cells of each record by the first one."""
    names: list[str] = []
    filled = 0
    for place, cells in records:
        texts = [cell.strip() for cell in cells]
        if not any(texts):
            continue
        filled += 1
        if filled > MAX_ROWS + 1:
            raise refused(path, "too-large", f"more than {MAX_ROWS} rows", "split it")
        if not names:
            names = [column_key(text) for text in texts]
            for name in sorted({n for n in names if n and names.count(n) > 1}):
                draft.note("conflict", f"two columns are called {name!r}; the first counts", place)
            continue
        found: dict[str, str] = {}
        for name, text in zip_longest(names, texts, fillvalue=""):
            if text and not name:
                draft.note("left_out", "a cell in a column without name", place)
            elif text:
                found.setdefault(name, text)
        yield Row(found, place)
    if not names:
        raise refused(path, "empty-file", "there is no row with the names of the columns")


def xlsx_sheets(path: Path, draft: Draft) -> Iterator[tuple[str, Iterator[Row]]]:
    """Read each sheet of a workbook, its first filled row being the headings.

    Raises
    ------
    RegisterError
        If it is no workbook, or unpacks to too much.
    """
    for title, records in xlsx_records(path, draft):
        yield title, _sheet_rows(records, path, draft)


def xlsx_records(path: Path, draft: Draft) -> Iterator[tuple[str, Iterator[tuple[str, list[str]]]]]:
    """Read the cells of each sheet of a workbook as texts, row by row with the place.

    Raises
    ------
    RegisterError
        If it is no workbook, or unpacks to too much.
    """
    _check_archive(path)
    with _unreadable_told(path), zipfile.ZipFile(path) as archive:
        book = opened_workbook(archive)
        for title, part in book.sheets:
            yield title, _sheet_records(book, (title, part), draft, path)


def _sheet_rows(
    records: Iterator[tuple[str, list[str]]], path: Path, draft: Draft
) -> Iterator[Row]:
    """Rows of a sheet; none where it is empty."""
    try:
        yield from _rows(records, path, draft)
    except RegisterError as error:
        if error.problems[0].code != "empty-file":
            raise


@contextmanager
def _unreadable_told(path: Path) -> Iterator[None]:
    """Tell the faults of a workbook as problems."""
    try:
        yield
    except (*_BROKEN_ARCHIVE, expat.ExpatError, LookupError, ValueError, RuntimeError,
            NotImplementedError, OSError) as error:  # fmt: skip
        what = f"this is no readable workbook: {str(error)[:200]}"
        raise refused(path, "not-xlsx", what, "save it again as .xlsx") from None


def _check_size(path: Path) -> None:
    """Refuse a file that is larger than any we read."""
    limit = max_bytes()
    if path.stat().st_size > limit:
        what = f"the file is larger than {limit >> 20} MB"
        raise refused(path, "too-large", what, "split it, or set DEPGRAPH_MAX_FILE_MB")


def _check_archive(path: Path) -> None:
    """Refuse what is no archive, is cut, unpacks to too much, or defines XML entities."""
    try:
        _check_size(path)
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if size > MAX_UNPACKED_BYTES:
                what = f"the workbook unpacks to more than {MAX_UNPACKED_BYTES >> 20} MB"
                raise refused(path, "too-large", what, "split it")
            if size > max(1 << 20, MAX_RATIO * path.stat().st_size):
                what = f"the workbook unpacks to more than {MAX_RATIO} times its size"
                raise refused(path, "too-large", what, "save it again as .xlsx")
            for part in parts:
                with archive.open(part) as content:
                    if b"<!" in content.read(2_000).replace(b"<!--", b""):
                        what = f"{part.filename!r} defines entities"
                        raise refused(path, "forbidden-xml", what, "save it again as .xlsx")
    except (*_BROKEN_ARCHIVE, NotImplementedError, RuntimeError, ValueError) as error:
        what = f"this is no workbook: {str(error)[:200]}"
        raise refused(path, "not-xlsx", what, "save it as .xlsx") from None
    except OSError as error:
        raise refused(path, "unreadable", f"it cannot be read: {error.strerror}") from None


def _sheet_records(
    book: Workbook, sheet: tuple[str, str], draft: Draft, path: Path
) -> Iterator[tuple[str, list[str]]]:
    """Texts of each row; values that formulas gave are noted."""
    title, part = sheet
    cells_read = 0
    with _unreadable_told(path):
        for number, cells in sheet_rows(book, part):
            place = f"{path} {title}!{number}"
            cells_read += len(cells)
            if cells_read > MAX_CELLS:
                raise refused(path, "too-large", f"more than {MAX_CELLS} cells", "split it")
            for column, cell in enumerate(cells, start=1):
                if cell.formula:
                    kind: NoteKind = "missing" if cell.value is None else "inferred"
                    what = "its stored value" if cell.value is not None else "no value is stored"
                    where = f"{get_column_letter(column)}{number}"
                    draft.note(kind, f"a formula in {where}: {what}", place)
            yield place, [cell_text(cell.value) for cell in cells]


def cell_text(value: object) -> str:
    """A cell as text: dates in ISO 8601, numbers without binary noise."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1 << 53 else repr(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value)
