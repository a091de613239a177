"""Our tables as a workbook, in and out, and the empty template.

No text can become a formula: a text is stored as text. Numbers and days are stored as such where
a spreadsheet holds them without loss; instants stay texts, as it knows no zones.
"""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from depgraph.errors import LimitError
from depgraph.model.estate import Estate
from ingest.formats.columns import TABLES, columns, is_spaced, table_rows, take_row
from ingest.formats.own_tables import STARTS
from ingest.formats.sheets import xlsx_sheets
from ingest.formats.table import refused
from ingest.provenance import Draft

MAX_CELL = 32_767
"""Longest text of a cell in Excel."""
_EXACT_DIGITS = 15
"""Digits of a number that a spreadsheet keeps."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_FIRST_DAY = "1901-01-01"
"""Spreadsheets count days from 1900, with one that never was."""
_README = "Read me"


def read_xlsx(path: Path, draft: Draft) -> None:
    """Read the sheets named like our tables.

    Raises
    ------
    RegisterError
        If the file is no workbook, or no sheet is ours.
    """
    ours = 0
    for title, rows in xlsx_sheets(path, draft):
        table = title.strip().lower()
        if table in TABLES:
            ours += 1
            for row in rows:
                take_row(table, row, draft)
        elif title != _README:
            draft.note("left_out", f"the sheet {title!r}", str(path))
    if not ours:
        hint = f"name sheets {', '.join(TABLES)}"
        raise refused(path, "wrong-format", "no sheet is named like our tables", hint)


def xlsx_bytes(estate: Estate) -> bytes:
    """A workbook with a sheet per table.

    Raises
    ------
    LimitError
        If a value is longer than a cell can be.
    """
    book = Workbook()
    guide = book.worksheets[0]
    guide.title = _README
    _write_guide(guide)
    for table in TABLES:
        sheet = book.create_sheet(table)
        names = [column.name for column in columns(table)]
        for at, column in enumerate(columns(table), start=1):
            cell = sheet.cell(1, at, column.name)
            cell.font = Font(bold=True)
            cell.comment = Comment(column.help, "depgraph")
            sheet.column_dimensions[get_column_letter(at)].width = max(12, len(column.name) + 2)
        sheet.freeze_panes = "A2"
        kinds = [column.kind for column in columns(table)]
        for number, row in enumerate(table_rows(estate, table), start=2):
            for name, text in row.items():
                at = names.index(name)
                cell = sheet.cell(number, at + 1)
                if not _is_written(cell, text, kinds[at]):
                    _write_text(cell, text, kinds[at])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def template_bytes() -> bytes:
    """The workbook to fill in."""
    return xlsx_bytes(Estate())


def _write_guide(sheet: Worksheet) -> None:
    """List every column with what to write."""
    sheet.append(["table", "column", "what to write"])
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
    for table in TABLES:
        for column in columns(table):
            several = " Several: separated by semicolons." if column.is_list else ""
            sheet.append([table, column.name, column.help + several])
    for letter, width in (("A", 16), ("B", 28), ("C", 100)):
        sheet.column_dimensions[letter].width = width


def _is_written(cell: Cell | MergedCell, text: str, kind: str) -> bool:
    """Write a number or a day as what it is; false where that would lose something."""
    if kind in {"number", "integer"} and _NUMBER.fullmatch(text):
        number = Decimal(text)
        if len(number.as_tuple().digits) > _EXACT_DIGITS:
            return False
        cell.value = number
        return True
    if kind == "day" and text >= _FIRST_DAY:
        cell.value = date.fromisoformat(text)
        cell.number_format = "yyyy-mm-dd"
        return True
    return False


def _write_text(cell: Cell | MergedCell, text: str, kind: str) -> None:
    """Write a text as text, whatever it starts with."""
    clean = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)
    like_marked = clean.startswith("'") and clean.lstrip("'").startswith(STARTS)
    if like_marked or is_spaced(clean, kind):
        # Read back, an apostrophe would be taken for the mark that keeps a text of a CSV from being
        # a formula, and spaces without one for slips.
        clean = f"'{clean}"
    if len(clean) > MAX_CELL:
        sheet = cell.parent
        raise LimitError(
            f"{sheet.title} row {cell.row}: a value has more than {MAX_CELL} characters"
        )
    cell.value = clean
    cell.data_type = "s"
    cell.quotePrefix = clean.startswith(STARTS)
