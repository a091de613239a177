"""What the command line prints, and how it ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from depgraph.record import Record

FINE, FOUND, WRONG = 0, 1, 2
"""Exit codes: fine; findings at or over the level; wrong input or use."""

_WIDTH_FOR_FILES = 160
_BESIDE = 3
"""Room beside each column of a table, its lines included."""

output = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH_FOR_FILES)
messages = Console(stderr=True, highlight=False)


def safe(text: object) -> str:
    """Text that neither markup nor control characters can leave."""
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in str(text))
    return escape(shown)


def say(text: str) -> None:
    """A message for people, apart from the answer."""
    messages.print(safe(text), soft_wrap=True)


def stop(text: str, code: int = WRONG) -> NoReturn:
    """End with one clear sentence."""
    messages.print(f"[bold red]error:[/] {safe(text)}", soft_wrap=True)
    raise typer.Exit(code)


def print_json(answer: Record | dict[str, Any] | list[Any]) -> None:
    """One JSON document on standard output."""
    data = answer if isinstance(answer, dict | list) else answer.model_dump(mode="json")
    json.dump(data, sys.stdout, indent=2, ensure_ascii=False, allow_nan=False)
    sys.stdout.write("\n")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table for people; columns whose name starts with ``>`` stand to the right.

    Where not even its words have room beside each other, every row is a record of its own.
    """
    # A title of the table's own would break where the table is narrow.
    output.print(f"[italic]{safe(title)}[/]", soft_wrap=True)
    right = [column.startswith(">") for column in columns]
    names = [column.lstrip(">") for column in columns]
    texts = [[name, *(str(row[place]) for row in rows)] for place, name in enumerate(names)]
    if sum(map(_least_width, texts, right)) + _BESIDE * len(columns) > output.width:
        _print_records(names, rows)
        return
    table = Table(header_style="bold", box=box.SIMPLE_HEAD)
    for name, column, kept in zip(names, texts, right, strict=True):
        # Figures and ids are never broken.
        whole = kept or not any(" " in text for text in column[1:])
        justify: Literal["left", "right"] = "right" if kept else "left"
        table.add_column(name, justify=justify, overflow="fold", no_wrap=whole)
    for row in rows:
        table.add_row(*(safe(cell) for cell in row))
    output.print(table)


def _least_width(texts: Sequence[str], whole: bool) -> int:  # noqa: FBT001 - mapped over columns
    """Width of the widest text, or of the widest word where lines may break."""
    words = (word for text in texts for word in ([text] if whole else text.split()))
    return max(map(len, words), default=0)


def _print_records(names: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Rows one below the other: the first cell, then name and value of each that holds one."""
    output.print()
    for row in rows:
        output.print(f"  [bold]{safe(row[0])}[/]")
        record = Table.grid(padding=(0, 2))
        record.add_column(no_wrap=True)
        record.add_column(overflow="fold")
        for name, cell in zip(names[1:], map(safe, row[1:]), strict=True):
            if cell:
                record.add_row(f"    {safe(name)}", cell)
        output.print(record)
    output.print()
