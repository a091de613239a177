"""A register from a workbook with a sheet per template: the final layout, and the 2024 dry run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.dora.register import Register
from ingest.dora.tables import column_code, take_table
from ingest.dora.taxonomy import templates
from ingest.formats.sheets import xlsx_records
from ingest.formats.table import MAX_ROWS, refused
from ingest.provenance import Draft

_TITLE = re.compile(r"(?:b|rt)[_. ]?(\d\d)[_. ](\d\d)", re.IGNORECASE)
_SEARCHED_ROWS = 30


def read_workbook(path: Path, draft: Draft) -> Register:
    """Read a workbook.

    Parameters
    ----------
    path : Path
        The .xlsx file.
    draft : Draft
        What the notes go to.

    Raises
    ------
    RegisterError
        If it is no workbook, or no sheet is a template.
    """
    register = Register()
    found = set()
    for title, records in xlsx_records(path, draft):
        match = _TITLE.search(title)
        code = f"B_{match[1]}.{match[2]}" if match else ""
        if code not in templates() or code in found:
            draft.note("left_out", f"the sheet {title!r} is no template of its own", str(path))
            continue
        found.add(code)
        take_table(templates()[code], _from_codes(records, path), register, draft, lenient=True)
    if not found:
        hint = "name the sheets B_01.01 … B_99.01"
        raise refused(path, "wrong-format", "no sheet is a template of the register", hint)
    register.absent = tuple(code for code in templates() if code not in found)
    for code in register.absent:
        draft.note("missing", f"{code} {templates()[code].name}: no such sheet", str(path))
    return register


def _from_codes(
    records: Iterator[tuple[str, list[str]]], path: Path
) -> Iterator[tuple[str, list[str]]]:
    """Rows from the one with the column codes on."""
    started = False
    for number, (place, cells) in enumerate(records):
        if number > MAX_ROWS:
            raise refused(path, "too-large", f"more than {MAX_ROWS} rows", "split it")
        filled = [cell for cell in cells if cell.strip()]
        if not started and (
            number >= _SEARCHED_ROWS or not filled or any(not column_code(c) for c in filled)
        ):
            continue
        started = True
        yield place, cells
