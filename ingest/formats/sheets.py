"""Rows of Excel sheets, read one by one within limits.

A formula in a workbook counts by the value stored beside it, and the report says so.
"""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from xml.parsers import expat

from openpyxl.utils import get_column_letter

from depgraph.errors import RegisterError
from ingest.formats.table import MAX_UNPACKED_BYTES, Row, check_size, named_rows, refused
from ingest.formats.workbook import Workbook, opened_workbook, sheet_rows
from ingest.provenance import Draft, NoteKind

MAX_CELLS = 50_000_000
"""Most cells of one sheet, empty ones between filled ones included."""
MAX_RATIO = 100
"""Most bytes that one byte of a workbook may unpack to."""
_MERGED_NAMED = 5
_BROKEN_ARCHIVE = (zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError)


def xlsx_sheets(path: Path, draft: Draft) -> Iterator[tuple[str, Iterator[Row]]]:
    """Read each sheet of a workbook, its first filled row being the headings.

    Parameters
    ----------
    path : Path
        The workbook.
    draft : Draft
        Where cells that cannot be taken, and formulas read by their stored value, are noted.

    Yields
    ------
    tuple of (str, iterator of Row)
        Title and rows; read the rows before the next sheet.

    Raises
    ------
    RegisterError
        If it is no workbook, or unpacks to too much.
    """
    for title, records in xlsx_records(path, draft):
        yield title, _sheet_rows(records, path, draft)


def xlsx_records(path: Path, draft: Draft) -> Iterator[tuple[str, Iterator[tuple[str, list[str]]]]]:
    """Read the cells of each sheet of a workbook as texts, row by row with the place.

    Parameters
    ----------
    path, draft
        As for `xlsx_sheets`.

    Yields
    ------
    tuple of (str, iterator of (str, list of str))
        Title, and the place and cells of each row, headings as well.

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
        yield from named_rows(records, path, draft)
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


def _check_archive(path: Path) -> None:
    """Refuse what is no archive, is cut, unpacks to too much, or defines XML entities."""
    try:
        check_size(path)
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
    if book.merged:
        some = ", ".join(book.merged[:_MERGED_NAMED]) + (
            " …" if book.merged[_MERGED_NAMED:] else ""
        )
        what = f"merged cells {some}: only the first of each counts; write the value in every cell"
        draft.note("missing", what, f"{path} {title}")


def cell_text(value: object) -> str:
    """A cell as text: dates in ISO 8601, numbers without binary noise.

    Excel keeps and compares 15 digits of a number: what comes after them nobody wrote.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1 << 53 else f"{value:.15g}"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value)
