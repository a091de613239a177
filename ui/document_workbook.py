"""Documents as workbooks: a sheet for each section, texts only, no formula."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from ui.documents import Document

_SHEET_NAME = 31
_MOST_CELL = 32_767
_WIDTHS = (12, 70)


def document_workbook(document: Document) -> bytes:
    """The document as a workbook: a sheet for each section."""
    book = Workbook()
    first = book.worksheets[0]
    first.title = "Read me"
    for text in (document.title, document.subtitle, *document.introduction):
        _append(first, (text,))
    first.column_dimensions["A"].width = 100
    for section in document.sections:
        sheet = book.create_sheet(_sheet_name(section.title, book.sheetnames))
        _append(sheet, (*section.columns, "evidence"), bold=True)
        for row in section.statements:
            shown = "; ".join(
                f"{each.text} [{each.record}]" if each.record else each.text
                for each in row.evidence
            )
            _append(sheet, (*row.cells, shown))
        sheet.freeze_panes = "A2"
        _set_widths(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _append(sheet: Worksheet, texts: Sequence[str], *, bold: bool = False) -> None:
    """A row of texts that no spreadsheet takes for formulas."""
    row = sheet.max_row + 1 if sheet.max_row > 1 or sheet.cell(1, 1).value is not None else 1
    for column, text in enumerate(texts, start=1):
        clean = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)[:_MOST_CELL]
        cell = sheet.cell(row, column)
        cell.value = clean
        cell.data_type = "s"
        cell.quotePrefix = clean.startswith(("=", "+", "-", "@", "\t", "\r"))
        cell.font = Font(bold=bold)
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _sheet_name(title: str, taken: Sequence[str]) -> str:
    """Title cut to what a sheet may be called."""
    name = re.sub(r"[\\/*?:\[\]]", " ", title)[:_SHEET_NAME].strip().strip("'") or "Sheet"
    number = 2
    while name.casefold() in {each.casefold() for each in taken}:
        name = f"{name[: _SHEET_NAME - 4].strip()} {number}"
        number += 1
    return name


def _set_widths(sheet: Worksheet) -> None:
    least, most = _WIDTHS
    for column in sheet.columns:
        longest = max(len(str(cell.value or "")) for cell in column)
        letter = str(column[0].column_letter)  # type: ignore[union-attr]  # no merged cells here
        sheet.column_dimensions[letter].width = min(max(longest + 2, least), most)
