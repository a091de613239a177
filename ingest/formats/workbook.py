"""Cells of an Excel workbook, streamed: each sheet is read once, in bounded memory.

openpyxl opens a workbook either with formulas or with their stored values, and builds an object for
each element; here one pass sees both. Number formats and dates are openpyxl's.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple, NoReturn
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

Start = Callable[[str, dict[str, str]], None]
_CHUNK = 1 << 16
_LAST_COLUMN = 16_384
"""Columns that a sheet can have."""


class Cell(NamedTuple):
    """One cell."""

    value: object
    """Text, number, truth value or time; None where nothing is stored."""
    formula: bool
    """Whether a formula gave the value."""


_EMPTY = Cell(None, formula=False)


@dataclass
class Workbook:
    """What the parts of a workbook share."""

    archive: zipfile.ZipFile
    """The open file."""
    sheets: list[tuple[str, str]] = field(default_factory=list)
    """Title and part of each sheet, in order."""
    strings: list[str] = field(default_factory=list)
    """Texts that cells refer to by number."""
    formats: list[str] = field(default_factory=list)
    """Number format of each cell style."""
    since_1904: bool = False
    """Whether days are counted from 1904."""
    merged: list[str] = field(default_factory=list)
    """Ranges of the sheet read last that are shown as one cell; only the first holds a value."""

    def moment(self, days: float, style: str) -> object:
        """A number as its style shows it: a date, a time, a span, a percentage, or the number."""
        code = self.formats[int(style)] if style and int(style) < len(self.formats) else ""
        if not code:
            return days
        if not is_date_format(code):
            return f"{days:.15g}%" if _writes_percent(code) else days
        epoch = MAC_EPOCH if self.since_1904 else WINDOWS_EPOCH
        try:
            return from_excel(days, epoch, timedelta=is_timedelta_format(code))
        except (OverflowError, ValueError):
            return days


@cache
def _writes_percent(code: str) -> bool:
    """Whether a number format only writes the sign, so that 0.5 shows as 0.5 %, not as 50 %."""
    return bool(re.search(r'"[^"]*%[^"]*"|\\%', code)) and "%" not in re.sub(
        r'"[^"]*"|\\.', "", code
    )


def opened_workbook(archive: zipfile.ZipFile) -> Workbook:
    """Read what the sheets of a workbook share.

    Raises
    ------
    ValueError
        If a part is not as it should be.
    KeyError
        If a part is absent.
    """
    book = Workbook(archive)
    main = next((target for kind, target in _relations(archive, "").values()
                 if kind == "officeDocument"), "xl/workbook.xml")  # fmt: skip
    related = _relations(archive, main)
    entries: list[tuple[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr":
            book.since_1904 = attributes.get("date1904", "0") in {"1", "true"}
        elif name == "sheet":
            number = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
            entries.append((attributes["name"], number))

    _read(archive, main, start)
    book.sheets = [
        (title, related[number][1])
        for title, number in entries
        if number in related and related[number][0] == "worksheet"
    ]
    for kind, target in related.values():
        if kind == "sharedStrings":
            book.strings = _shared_strings(archive, target)
        elif kind == "styles":
            book.formats = _formats(archive, target)
    return book


def sheet_rows(book: Workbook, part: str) -> Iterator[tuple[int, list[Cell]]]:
    """Number and cells of each row of a sheet that is written in it.

    Parameters
    ----------
    book : Workbook
        The open workbook; areas of merged cells are known from it once the sheet is read.
    part : str
        Name of the sheet's file in the archive.

    Yields
    ------
    tuple of (int, list of Cell)
        Number from 1, as spreadsheets count, and the cells; rows that are not written are absent.

    Raises
    ------
    ValueError
        If the sheet is not as it should be.
    """
    book.merged.clear()
    reader = _Sheet(book)
    parser = _parser(reader.start, reader.end, reader.characters)
    with book.archive.open(_entry(book.archive, part)) as content:
        while chunk := content.read(_CHUNK):
            parser.Parse(chunk, False)
            yield from reader.rows
            reader.rows.clear()
    parser.Parse(b"", True)


class _Sheet:
    """Turns the elements of a sheet into rows of cells."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.rows: list[tuple[int, list[Cell]]] = []
        self._number = 0
        self._cells: list[Cell] = []
        self._column = 0
        self._kind, self._style = "", ""
        self._inside = self._formula = self._taking = self._reading = False
        self._pieces: list[str] = []
        self._columns: dict[str, int] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note where an element begins."""
        if name == "c":
            self._inside, self._formula, self._pieces = True, False, []
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._column = self._place(attributes.get("r", ""))
        elif name == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._cells, self._column = [], 0
        elif name == "mergeCell":
            self.book.merged.append(attributes.get("ref", ""))
        elif self._inside:
            self._formula |= name == "f"
            if name == "rPh":
                self._reading = True
            self._taking = name in {"v", "t"} and not self._reading

    def _place(self, reference: str) -> int:
        """Column, from 1, of a cell such as ``AB7``; the next one where it is not said."""
        if not reference:
            return self._column + 1
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = 0
            for letter in letters if letters.isascii() and letters.isalpha() else "":
                column = column * 26 + ord(letter.upper()) - 64
            if not 1 <= column <= _LAST_COLUMN:
                raise ValueError(f"{reference[:20]!r} is no cell")
            self._columns[letters] = column
        return column

    def characters(self, text: str) -> None:
        """Take the text of a value."""
        if self._taking:
            self._pieces.append(text)

    def end(self, name: str) -> None:
        """Close a value, a cell or a row."""
        if name in {"v", "t"}:
            self._taking = False
        elif name == "rPh":
            self._reading = False
        elif name == "c":
            self._inside = False
            # A cell that comes again, or out of order, takes its place.
            while len(self._cells) < self._column:
                self._cells.append(_EMPTY)
            self._cells[self._column - 1] = Cell(self._value("".join(self._pieces)), self._formula)
        elif name == "row":
            self.rows.append((self._number, self._cells))

    def _value(self, text: str) -> object:
        """Value of a cell by its kind."""
        if self._kind == "inlineStr":
            return text
        if not text:
            return None
        if self._kind == "s":
            return self.book.strings[int(text)]
        if self._kind == "n":
            number = float(text) if not text.lstrip("+-").isdecimal() else int(text)
            return self.book.moment(number, self._style)
        return bool(int(text)) if self._kind == "b" else text


def _shared_strings(archive: zipfile.ZipFile, part: str) -> list[str]:
    """Texts of a workbook, without the readings of Japanese ones."""
    found: list[str] = []
    pieces: list[str] = []
    inside = {"t": 0, "rPh": 0}

    def start(name: str, _: dict[str, str]) -> None:
        if name in inside:
            inside[name] += 1
        elif name == "si":
            pieces.clear()

    def end(name: str) -> None:
        if name in inside:
            inside[name] -= 1
        elif name == "si":
            found.append("".join(pieces).replace("x005F_", ""))

    def characters(text: str) -> None:
        if inside["t"] and not inside["rPh"]:
            pieces.append(text)

    _read(archive, part, start, end, characters)
    return found


def _formats(archive: zipfile.ZipFile, part: str) -> list[str]:
    """Number format of each cell style."""
    own: dict[int, str] = {}
    styles: list[int] = []
    inside = [False]

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            own[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            inside[0] = True
        elif name == "xf" and inside[0]:
            styles.append(int(attributes.get("numFmtId", 0)))

    def end(name: str) -> None:
        inside[0] = inside[0] and name != "cellXfs"

    _read(archive, part, start, end)
    return [own.get(number) or BUILTIN_FORMATS.get(number, "") for number in styles]


def _relations(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Kind and part of each thing that a part is related to, by its number."""
    folder, name = posixpath.split(part)
    found: dict[str, tuple[str, str]] = {}

    def start(element: str, attributes: dict[str, str]) -> None:
        if element == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"]))
            kind = attributes["Type"].rpartition("/")[2]
            found[attributes["Id"]] = (kind, target.lstrip("/"))

    held = posixpath.join(folder, "_rels", f"{name}.rels")
    if _entry(archive, held) in archive.NameToInfo:
        _read(archive, held, start)
    return found


def _entry(archive: zipfile.ZipFile, part: str) -> str:
    """Name in the archive of a part; case does not tell parts apart, and some write backslashes."""
    if part in archive.NameToInfo:
        return part
    wanted = part.casefold()
    names = archive.NameToInfo
    return next((n for n in names if n.replace("\\", "/").casefold() == wanted), part)


def _read(
    archive: zipfile.ZipFile,
    part: str,
    start: Start,
    end: Callable[[str], None] | None = None,
    characters: Callable[[str], None] | None = None,
) -> None:
    """Read a part of the archive from its beginning to its end."""
    parser = _parser(start, end or (lambda _: None), characters)
    with archive.open(_entry(archive, part)) as content:
        while chunk := content.read(_CHUNK):
            parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _parser(
    start: Start, end: Callable[[str], None], characters: Callable[[str], None] | None
) -> expat.XMLParserType:
    """A parser that knows elements by their names without prefix, and refuses declarations."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, held: start(name.rpartition(":")[2], held)
    parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    if characters:
        parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(name: str, *_: object) -> NoReturn:
    """End the reading of a part that declares a document type, and so could define entities."""
    raise ValueError(f"a document type {name[:20]!r} is declared")
