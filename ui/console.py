"""What the command line prints, and how it ends."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from textwrap import wrap
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
_LEAST_LINE = 20
"""Width below which lines are not made shorter."""

_ON_SCREEN = sys.stdout is not None and sys.stdout.isatty()


class _Stream(Console):
    """Standard output or error, of which whoever reads it may have enough."""

    def on_broken_pipe(self) -> None:
        """Leave it to the command line to end: Rich would end with 1, as findings do."""
        raise BrokenPipeError


output = _Stream(highlight=False, width=None if _ON_SCREEN else _WIDTH_FOR_FILES)
messages = _Stream(stderr=True, highlight=False)


def prepare_streams() -> None:
    """Let standard output and error take whatever is written, wherever they lead.

    Files and pipes get UTF-8, as JSON demands, unless PYTHONIOENCODING says otherwise: Windows
    would take a code page that has no arrow. What an encoding lacks is written as its number.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            # Whoever started us has closed it, and the next file opened must not take its place.
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
        elif isinstance(stream, TextIOWrapper):
            chosen = stream.isatty() or "PYTHONIOENCODING" in os.environ
            encoding = stream.encoding if chosen else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def discard_output() -> None:
    """Send the rest of standard output nowhere: nobody reads it, or nothing holds it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _printable(text: object) -> str:
    """Text without control characters."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in str(text))


def safe(text: object) -> str:
    """Text that neither markup nor control characters can leave."""
    return escape(_printable(text))


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

    Where not even its words have room beside each other, what has none stands below each row.
    """
    # A title of the table's own would break where the table is narrow.
    output.print(f"[italic]{safe(title)}[/]", soft_wrap=True)
    right = [column.startswith(">") for column in columns]
    names = [column.lstrip(">") for column in columns]
    texts = [[name, *(str(row[place]) for row in rows)] for place, name in enumerate(names)]
    # Figures and ids are never broken.
    whole = [
        kept or not any(" " in text for text in column[1:])
        for kept, column in zip(right, texts, strict=True)
    ]
    least = list(map(_least_width, texts, whole))
    if sum(least) + _BESIDE * len(columns) > output.width:
        _print_two_storeys(texts, right)
        return
    table = Table(header_style="bold", box=box.SIMPLE_HEAD)
    for name, kept, unbroken, width in zip(names, right, whole, least, strict=True):
        justify: Literal["left", "right"] = "right" if kept else "left"
        table.add_column(name, justify=justify, overflow="fold", no_wrap=unbroken, min_width=width)
    for row in rows:
        table.add_row(*(safe(cell) for cell in row))
    output.print(table)


def _least_width(texts: Sequence[str], whole: bool) -> int:  # noqa: FBT001 - mapped over columns
    """Width of the widest text, or of the widest word where lines may break."""
    words = (word for text in texts for word in ([text] if whole else text.split()))
    return max(map(len, words), default=0)


def _print_two_storeys(texts: Sequence[Sequence[str]], right: Sequence[bool]) -> None:
    """Columns that have room as a table; below each row the others, each with its name.

    Parameters
    ----------
    texts : sequence of sequence of str
        Columns, each with its name first.
    right : sequence of bool
        Which columns stand to the right.
    """
    widths = [max(map(len, map(_printable, column))) for column in texts]
    room = output.width - _BESIDE
    above: list[int] = []
    for place, width in enumerate(widths):
        # What the rows are about always stands first.
        if not above or width <= room:
            above.append(place)
            room -= width + _BESIDE
    below = [place for place in range(len(texts)) if place not in above]
    for number, row in enumerate(zip(*texts, strict=True)):
        cells = [
            _printable(row[place]).rjust(widths[place])
            if right[place]
            else _printable(row[place]).ljust(widths[place])
            for place in above
        ]
        line = escape((" " * _BESIDE).join(cells).rstrip())
        output.print(f"  {line}" if number else f"\n  [bold]{line}[/]", soft_wrap=True)
        if number:
            named = ((texts[place][0], row[place]) for place in below if row[place])
            for text in _packed([f"{name}: {cell}" if name else cell for name, cell in named]):
                output.print(escape(text), soft_wrap=True)
    output.print()


def _packed(parts: Sequence[str]) -> list[str]:
    """Parts side by side on lines that begin a little to the right; broken only if they must."""
    indent, between = " " * 6, " · "
    lines: list[str] = []
    for part in map(_printable, parts):
        if lines and len(lines[-1] + between + part) <= output.width:
            lines[-1] += between + part
        else:
            lines += wrap(
                part,
                max(output.width, _LEAST_LINE),
                initial_indent=indent,
                subsequent_indent=indent + "  ",
                break_long_words=False,
                break_on_hyphens=False,
            )
    return lines
