"""Our tables as CSV, in and out, and the empty template.

No text can become a formula: a mark stands before it, and before a text that begins like one with
its mark, so that each is read back as what it was. A text with white space around it has one too.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from depgraph.model.estate import Estate
from ingest.formats.columns import (
    RECORDS,
    TABLES,
    best_table,
    columns,
    is_spaced,
    table_rows,
    take_row,
)
from ingest.formats.table import csv_rows, refused
from ingest.provenance import Draft

STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the start of a formula."""


def read_csv(path: Path, draft: Draft) -> None:
    """Read one of our tables; a column `record` names the table of each row.

    Raises
    ------
    RegisterError
        If the table is none of ours.
    """
    table = path.stem.lower() if path.stem.lower() in RECORDS else None
    for row in csv_rows(path, draft):
        named = row.cells.pop("record", None)
        here = named or table or best_table(set(row.cells))
        if here not in TABLES:
            whose = f"{named!r} is" if named else "this row belongs to"
            what = f"{whose} no table of ours"
            hint = f"name the file, or write in a column record, one of {', '.join(TABLES)}"
            raise refused(row.place, "wrong-format", what, hint)
        table = table or (None if named else here)
        take_row(here, row, draft)


def csv_text(estate: Estate) -> str:
    """All tables in one CSV; the column `record` tells them apart."""
    names = list(dict.fromkeys(c.name for table in TABLES for c in columns(table)))
    out = _Lines()
    writer = csv.DictWriter(out, ["record", *names], lineterminator="\r\n")
    writer.writeheader()
    for table in TABLES:
        kinds = {column.name: column.kind for column in columns(table)}
        for row in table_rows(estate, table):
            shown = {name: _shown(text, kinds[name]) for name, text in row.items()}
            writer.writerow({"record": table, **shown})
    return out.getvalue()


def _shown(text: str, kind: str) -> str:
    """The text of a cell, with a mark where it needs one."""
    marked = text.lstrip("'").startswith(STARTS) or is_spaced(text, kind)
    return f"'{text}" if marked else text


class _Lines(io.StringIO):
    """Rows ended by line feeds; told of both signs, the writer quotes a lone carriage return."""

    def write(self, text: str) -> int:
        """Take one row."""
        return super().write(text.removesuffix("\r\n") + "\n")


def template_csv() -> str:
    """The heading of the CSV to fill in."""
    return csv_text(Estate())
