"""Columns of a source's table to columns of a template, whatever their order and layout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from depgraph.wording import counted
from ingest.dora.register import Register, RegisterRow
from ingest.dora.taxonomy import Template, closed_list
from ingest.provenance import Draft

_CODE = re.compile(r"(?:(?:b|rt)[_. ]?\d\d[_.]\d\d[_.: ]*)?c?(\d{2,4})", re.IGNORECASE)
_DRY_RUN_PROVIDERS = {
    "c0030": "c0050", "c0040": "c0070", "c0050": "c0080", "c0060": "c0090", "c0070": "c0100",
    "c0080": "c0110", "c0090": "c0120",
}  # fmt: skip
"""Columns of B_05.01 in the dry run of 2024, which had no second code and no Latin name."""


def column_code(text: str) -> str | None:
    """Column code of a heading; None when it is none.

    >>> column_code("B_05.01.0010"), column_code("c0010"), column_code("10"), column_code("LEI")
    ('c0010', 'c0010', 'c0010', None)
    """
    match = _CODE.fullmatch(text.strip())
    return f"c{int(match[1]):04d}" if match else None


def take_table(
    template: Template,
    records: Iterable[tuple[str, Sequence[str]]],
    register: Register,
    draft: Draft,
    *,
    lenient: bool = False,
) -> None:
    """Add a table's rows to a register.

    Parameters
    ----------
    template : Template
        Which one it is.
    records : iterable
        Place and cells of each row, the one with the column codes first.
    register, draft : Register, Draft
        What the rows and the notes go to.
    lenient : bool
        Whether labels and dates as spreadsheets have them are read too.
    """
    headings: list[str | None] = []
    for place, cells in records:
        if not headings:
            headings = _headings(template, [column_code(c) or c for c in cells], place, draft)
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if not lenient and len(cells) != len(headings):
            found = f"{counted(len(cells), 'cell')} under {counted(len(headings), 'heading')}"
            draft.count(template.code, rows=1, rows_left_out=1)
            draft.note("left_out", f"{template.code}: a row has {found} (rule 802)", place)
            continue
        if lenient and _repeats_names(template, headings, cells):
            continue
        row = _row(template, headings, cells, place, draft, lenient=lenient)
        register.rows[template.code].append(row)


def _headings(template: Template, codes: list[str], place: str, draft: Draft) -> list[str | None]:
    """Column of the template for each column of the source; None for what it has not."""
    last = {"c0100", "c0110", "c0120"} & set(codes)
    if template.code == "B_05.01" and "c0030" in codes and not last:
        draft.note("inferred", "B_05.01 has the columns of the 2024 dry run", place)
        codes = [_DRY_RUN_PROVIDERS.get(code, code) for code in codes]
    if template.code == "B_03.03" and "c0031" not in codes:
        codes = ["c0031" if code == "c0030" else code for code in codes]
    found: list[str | None] = []
    for code in codes:
        if code not in template.columns:
            if code:
                what = f"{template.code}: the column {code!r} is none of the template"
                draft.note("left_out", what, place)
            found.append(None)
        elif code in found:
            what = f"{template.code}: two columns are called {code}; the first counts (rule 809)"
            draft.note("conflict", what, place)
            found.append(None)
        else:
            found.append(code)
    for code in template.columns.keys() - set(found):
        draft.note("missing", f"{template.code}: the column {code} (rule 801)", place)
    return found


def _row(  # noqa: PLR0913 - the parts of one row
    template: Template,
    headings: Sequence[str | None],
    cells: Sequence[str],
    place: str,
    draft: Draft,
    *,
    lenient: bool,
) -> RegisterRow:
    values: dict[str, str] = {}
    for code, cell in zip(headings, cells, strict=False):
        text = cell.strip() if lenient else unescaped(cell)
        if code is None or not text:
            if text:
                draft.count(template.code, fields=1, fields_left_out=1)
            continue
        column = template.columns[code]
        if lenient:
            shown = _from_sheet(column.type, column.list, text)
            if shown != text and column.type == "e":
                draft.count(template.code, fields_inferred=1)
            text = shown
        values[code] = text
    return RegisterRow(values, place)


def unescaped(cell: str) -> str:
    """Value of a cell of a package, where ``#`` starts special values (xBRL-CSV 1.0).

    >>> unescaped("##1"), unescaped("#none"), unescaped("a")
    ('#1', '', 'a')
    """
    if cell.startswith("##"):
        return cell[1:]
    return "" if cell in {"#none", "#empty", "#nil"} else cell


def escaped(value: str) -> str:
    """A value as a cell of a package; no other sign is changed, a leading ``=`` neither.

    >>> escaped("#1"), escaped("=1+1")
    ('##1', '=1+1')
    """
    return f"#{value}" if value.startswith("#") else value


def _from_sheet(kind: str, list_name: str, text: str) -> str:
    """A cell as the package would write it, where that is clear."""
    if kind == "e":
        return closed_list(list_name).found(text) or text
    if kind == "d":
        return re.sub(r"^(\d{4}-\d\d-\d\d)[T ]00:00:00$", r"\1", text)
    if kind == "t":
        yes = closed_list("yes_no").found(text) == "eba_BT:x28"
        return "true" if yes else text
    return text


def _repeats_names(
    template: Template, headings: Sequence[str | None], cells: Sequence[str]
) -> bool:
    """Whether a row holds the names of the columns again, as workbooks have them for people."""
    pairs = [(c, t) for c, t in zip(headings, cells, strict=False) if c and t.strip()]
    alike = [1 for code, text in pairs if _alike(template.columns[code].name, text)]
    return bool(pairs) and len(alike) * 2 > len(pairs)


def _alike(name: str, text: str) -> bool:
    """Whether a text begins like a column's name."""
    start = name.lower().split()[:2]
    return text.lower().split()[: len(start)] == start
