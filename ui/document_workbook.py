"""Documents as workbooks: a sheet for each section; texts and numbers, no formula."""

from __future__ import annotations

import io

from openpyxl import Workbook

from ui.document import Document
from ui.workbook_cells import append_row, column_values, set_print, set_widths, sheet_name


def document_workbook(document: Document) -> bytes:
    """The document as a workbook: a sheet for each section."""
    book = Workbook()
    first = book.worksheets[0]
    first.title = "Read me"
    for text in (document.title, document.subtitle, *document.introduction):
        append_row(first, (text,))
    first.column_dimensions["A"].width = 100
    for section in document.sections:
        sheet = book.create_sheet(sheet_name(section.title, book.sheetnames))
        said = section.text if section.statements else f"{section.text} Nothing is listed.".strip()
        if said:
            append_row(first, (f"{sheet.title}: {said}",))
        append_row(sheet, (*section.columns, "evidence"), bold=True)
        columns = [
            column_values(texts)
            for texts in zip(*(r.cells for r in section.statements), strict=True)
        ]
        for row, values in zip(section.statements, zip(*columns, strict=True), strict=True):
            shown = "; ".join(
                f"{each.text} [{each.record}]" if each.record else each.text
                for each in row.evidence
            )
            append_row(sheet, (*values, shown))
        sheet.freeze_panes = "A2"
        set_widths(sheet)
    for sheet in book.worksheets:
        set_print(sheet, document.title)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
