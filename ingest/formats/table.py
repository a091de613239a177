"""Rows of tables, read one by one within limits; here those of CSV files."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from depgraph.errors import Problem, RegisterError
from ingest.provenance import Draft
from ingest.source import max_bytes

MAX_ROWS = 1_000_000
"""Most rows of one table."""
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
"""Largest archive, unpacked; more is a bomb."""
_LONGEST_LINE = 10_000_000


@dataclass(frozen=True)
class Row:
    """One row by its column names."""

    cells: dict[str, str]
    """Column name, as `column_key` writes it → text; empty cells are absent."""
    place: str
    """File, and line or sheet and row."""
    whole: dict[str, str] = field(default_factory=dict)
    """Column name → text with the white space at its end, of cells that an apostrophe begins."""


def column_key(text: str) -> str:
    """Name of a column without case, spaces and signs.

    >>> column_key("Annual value ")
    'annual_value'
    """
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def refused(path: Path | str, code: str, what: str, hint: str = "", line: int = 0) -> RegisterError:
    """The error for a file, or a place in it, that cannot be read.

    Parameters
    ----------
    path : Path or str
        The file, or a place in it as rows name theirs.
    code : str
        Stable short name of the fault, such as ``wrong-format``.
    what, hint : str
        What is wrong, and what to do.
    line : int
        Where; 0 for the whole file.

    Returns
    -------
    RegisterError
        For the caller to raise; it holds this one problem.
    """
    problem = Problem(code, what, hint, file=str(path), line=line)
    return RegisterError(f"{path} cannot be imported", [problem])


def csv_rows(path: Path, draft: Draft) -> Iterator[Row]:
    """Read a CSV file separated by comma, semicolon or tab, in UTF-8, or UTF-16 that says so.

    Parameters
    ----------
    path : Path
        The file.
    draft : Draft
        Where columns and cells that cannot be taken are noted.

    Yields
    ------
    Row
        Each row under the headings, one at a time, so that long files stay out of memory. Faults
        of later rows come after the rows before them.

    Raises
    ------
    RegisterError
        If it is no CSV text, or too large.
    """
    line = 0
    try:
        check_size(path)
        with path.open("rb") as start:
            encoding = "utf-16" if start.read(2) in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
        with path.open(encoding=encoding, newline="") as stream:
            first = stream.readline(_LONGEST_LINE)
            stream.seek(0)
            separator = max(",;\t", key=first.count)
            # Strict: an open quote swallows the rows after it.
            reader = csv.reader(_lines(stream, path), delimiter=separator, strict=True)
            for row in named_rows(_fitting(reader, path), path, draft):
                line = reader.line_num
                yield row
            if not line:
                raise refused(path, "empty-file", "there is no row under the headings")
    except UnicodeDecodeError as error:
        found = f"{error.object[error.start]:#04x}"
        what = f"the byte {found} after line {line} is not {error.encoding}"
        raise refused(path, "wrong-encoding", what, "save the file as UTF-8", line) from None
    except (csv.Error, UnicodeError) as error:
        hint = "close every quote, and double those inside a quoted value"
        raise refused(path, "not-csv", f"this is not CSV: {error}", hint, line) from None
    except OSError as error:
        raise refused(path, "unreadable", f"it cannot be read: {error.strerror}") from None


def _fitting(reader: Any, path: Path) -> Iterator[tuple[str, list[str]]]:  # noqa: ANN401 - csv's own
    """Records with their places; refused in the end where some have more cells than headings.

    A comma inside a value, as in 0,5 without quotes, moves all that follow.
    """
    headings = 0
    problems: list[Problem] = []
    for cells in reader:
        headings = headings or (len(cells) if any(cells) else 0)
        if any(cell.strip() for cell in cells[headings:]):
            what = f"the row has {len(cells)} cells under {headings} headings"
            hint = "put a value that holds the separator in quotes"
            line = reader.line_num
            problems.append(Problem("long-row", what, hint, file=str(path), line=line))
        yield f"{path}:{reader.line_num}", cells
    if problems:
        raise RegisterError(f"{path} cannot be imported", problems)


def _lines(stream: Any, path: Path) -> Iterator[str]:  # noqa: ANN401 - an open text file
    """Lines, refused where they are no text."""
    while text := stream.readline(_LONGEST_LINE):
        if "\0" in text:
            raise refused(path, "binary-file", "the file holds NUL bytes; it is not text")
        if len(text) >= _LONGEST_LINE:
            raise refused(path, "too-large", "a line is longer than 10 million characters")
        yield text


def named_rows(records: Iterator[tuple[str, list[str]]], path: Path, draft: Draft) -> Iterator[Row]:
    """Name the cells of each record by the first one.

    Parameters
    ----------
    records : iterator of (str, list of str)
        Place and cells of each record.
    path : Path
        The file, for messages.
    draft : Draft
        Told of columns with one name, and of cells without any.

    Raises
    ------
    RegisterError
        If there are more rows than are read.
    """
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
        yield Row(found, place, _whole(names, cells, found))
    if not names:
        raise refused(path, "empty-file", "there is no row with the names of the columns")


def _whole(names: list[str], cells: list[str], found: dict[str, str]) -> dict[str, str]:
    """Cells that an apostrophe begins and white space ends, as they stand."""
    return {
        name: cell
        for name, cell in zip(names, cells, strict=False)
        if cell.startswith("'") and cell != cell.rstrip() and found.get(name) == cell.rstrip()
    }


def check_size(path: Path) -> None:
    """Refuse a file that is larger than any we read.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    RegisterError
        If it is.
    """
    limit = max_bytes()
    if path.stat().st_size > limit:
        what = f"the file is larger than {limit >> 20} MB"
        raise refused(path, "too-large", what, "split it, or set DEPGRAPH_MAX_FILE_MB")
