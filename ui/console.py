"""What the command line prints, and how it ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from depgraph.record import Record

FINE, FOUND, WRONG = 0, 1, 2
"""Exit codes: fine; findings at or over the level; wrong input or use."""

_WIDTH_FOR_FILES = 150

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
    """A table for people; columns whose name starts with ``>`` stand to the right."""
    # A title of the table's own would break where the table is narrow.
    output.print(f"[italic]{safe(title)}[/]", soft_wrap=True)
    table = Table(header_style="bold", box=box.SIMPLE_HEAD)
    for column in columns:
        right = column.startswith(">")
        table.add_column(
            column.lstrip(">"), justify="right" if right else "left", overflow="fold", no_wrap=right
        )
    for row in rows:
        table.add_row(*(safe(cell) for cell in row))
    output.print(table)
