"""Rows of workbooks: numbers and times as what they are, texts never as formulas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

_SHEET_NAME = 31
_MOST_CELL = 32_767
_WIDTHS = (12, 70)
_PLAIN = re.compile(r"(?=[-\d.]{1,16}$)-?(0|[1-9]\d*)(\.\d+)?")
"""A number of at most 15 digits, which a spreadsheet keeps; no id with noughts before it."""
_SHARE = re.compile(r"(?=[-\d.]{1,16} %$)(-?(?:0|[1-9]\d*)(?:\.(\d+))?) %")
_SUM = re.compile(r"(-?(?:\d{1,3}(?:,\d{3})*|\d+)(?:\.(\d+))?) ([A-Z]{3})")
_DIGITS_KEPT = 15


class Written(NamedTuple):
    """A number that is written with its unit, as 31.4 % or 900.00 EUR."""

    value: Decimal
    """The number; of a percentage, the share."""
    form: str
    """Number format that writes it as people read it."""


Value = str | float | Decimal | bool | date | Written | None
"""What a cell may hold; an int is a float to the type checker."""


def append_row(sheet: Worksheet, values: Sequence[Value], *, bold: bool = False) -> None:
    """Add a row; texts that a spreadsheet would take for formulas stay texts.

    Parameters
    ----------
    sheet : Worksheet
        Where to.
    values : sequence
        Cells; instants are written in UTC, as spreadsheets know no zones.
    bold : bool
        Whether it is a heading.
    """
    row = sheet.max_row + 1 if sheet.max_row > 1 or sheet.cell(1, 1).value is not None else 1
    for column, value in enumerate(values, start=1):
        cell = sheet.cell(row, column)
        cell.font = Font(bold=bold)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if isinstance(value, str):
            clean = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)[:_MOST_CELL]
            cell.value = clean
            cell.data_type = "s"
            cell.quotePrefix = clean.startswith(("=", "+", "-", "@", "\t", "\r"))
        elif isinstance(value, datetime):
            cell.value = value.astimezone(UTC).replace(tzinfo=None)
            cell.number_format = "yyyy-mm-dd hh:mm:ss"
        elif isinstance(value, Written):
            cell.value, cell.number_format = value.value, value.form
        elif isinstance(value, Decimal):
            cell.value = value
            exponent = value.as_tuple().exponent
            places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
            cell.number_format = f"#,##0.{'0' * places}" if places else "#,##0"
        elif value is not None:
            cell.value = value


def column_values(texts: Sequence[str]) -> Sequence[Value]:
    """Cells of a column: numbers where each text is one that a spreadsheet keeps, else texts.

    Percentages and sums of money are numbers that keep their unit in sight.

    >>> column_values(["12", "", "0.9995"])
    (Decimal('12'), None, Decimal('0.9995'))
    >>> column_values(["12", "007"])
    ['12', '007']
    >>> column_values(["31.4 %", "100 %"])[0]
    Written(value=Decimal('0.314'), form='0.0 %')
    >>> column_values(["1,200.50 EUR", ""])[0]
    Written(value=Decimal('1200.50'), form='#,##0.00 "EUR"')
    """
    for read in (_plain, _share, _sum):
        found = [read(text) if text else None for text in texts]
        if all(value is not None for value, text in zip(found, texts, strict=True) if text):
            return tuple(found)
    return texts


def _plain(text: str) -> Decimal | None:
    """A bare number."""
    return Decimal(text) if _PLAIN.fullmatch(text) else None


def _share(text: str) -> Written | None:
    """A percentage, as the share that it is."""
    found = _SHARE.fullmatch(text)
    if found is None:
        return None
    places = "." + "0" * len(found[2]) if found[2] else ""
    return Written(Decimal(found[1]) / 100, f"0{places} %")


def _sum(text: str) -> Written | None:
    """A sum of money in one currency."""
    found = _SUM.fullmatch(text)
    if found is None or sum(sign.isdigit() for sign in found[1]) > _DIGITS_KEPT:
        return None
    places = "." + "0" * len(found[2]) if found[2] else ""
    return Written(Decimal(found[1].replace(",", "")), f'#,##0{places} "{found[3]}"')


def sheet_name(title: str, taken: Sequence[str]) -> str:
    """Title cut to what a sheet may be called, at a word's end, unlike those that are taken.

    >>> sheet_name("Substitution, exit, audit: what is missing", [])
    'Substitution, exit, audit what'
    """
    name = " ".join(re.sub(r"[\\/*?:\[\]]", " ", title).split())
    if len(name) > _SHEET_NAME and " " in name[: _SHEET_NAME + 1]:
        name = name[: _SHEET_NAME + 1].rpartition(" ")[0]
    name = name[:_SHEET_NAME].strip().strip("'") or "Sheet"
    number = 2
    while name.casefold() in {each.casefold() for each in taken}:
        name = f"{name[: _SHEET_NAME - 4].strip()} {number}"
        number += 1
    return name


def set_print(sheet: Worksheet, about: str) -> None:
    """Print a sheet as wide as a page, its headings on each, with what it is about below.

    Parameters
    ----------
    sheet : Worksheet
        What is printed.
    about : str
        For the left of the foot; the pages are counted on its right.
    """
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if sheet.freeze_panes:
        sheet.print_title_rows = "1:1"
    # The sign begins a code there. A foot holds 255 characters.
    foot = sheet.oddFooter
    foot.left.text = about.replace("&", "&&")[:150]  # type: ignore[union-attr]  # always there
    foot.right.text = "&P / &N"  # type: ignore[union-attr]  # likewise


def set_widths(sheet: Worksheet) -> None:
    """Columns as wide as their longest cell, within limits."""
    least, most = _WIDTHS
    for column in sheet.columns:
        longest = max(len("" if cell.value is None else str(cell.value)) for cell in column)
        letter = str(column[0].column_letter)  # type: ignore[union-attr]  # no merged cells here
        sheet.column_dimensions[letter].width = min(max(longest + 2, least), most)
