"""Documents written out, as HTML, Markdown or XLSX.

HTML escapes everything; Markdown escapes what has a meaning in it; spreadsheets hold text only.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ui.cell_class import cell_class
from ui.document import Document


def html_text(document: Document) -> str:
    """The document as one self-contained page, ready to print."""
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(autoescape=True, undefined=StrictUndefined, loader=loader)
    anchors = {name: f"record-{at}" for at, name in enumerate(document.records)}
    return environment.get_template("document.html.jinja").render(
        document=document, anchors=anchors, shown=_visible, cell_class=cell_class
    )


def _visible(text: str) -> str:
    """Control and direction characters written out, so that no name can hide or turn text."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)


def markdown_text(document: Document) -> str:
    """The document as Markdown (GitHub's tables)."""
    lines = [f"# {_plain(document.title)}", "", _plain(document.subtitle), ""]
    for paragraph in document.introduction:
        lines += [_plain(paragraph), ""]
    for section in document.sections:
        lines += [f"## {_plain(section.title)}", ""]
        if section.text:
            lines += [_plain(section.text), ""]
        if section.statements:
            lines.append("| " + " | ".join(map(_plain, section.columns)) + " |")
            lines.append("|" + "---|" * len(section.columns))
            lines += [f"| {' | '.join(map(_plain, row.cells))} |" for row in section.statements]
            lines.append("")
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Text without a meaning in Markdown or HTML, on one line."""
    one_line = " ".join(_visible(text).split())
    escaped = re.sub(r"([\\`*_{}\[\]()#+!|~$:@=-])", r"\\\1", one_line)
    return html.escape(escaped, quote=False)


def workbook_bytes(document: Document) -> bytes:
    """The document as a workbook: a sheet for each section; texts and numbers, no formula."""
    from ui.document_workbook import (  # noqa: PLC0415 - openpyxl loads only when needed
        document_workbook,
    )

    return document_workbook(document)


WRITERS: dict[str, Callable[[Document], str | bytes]] = {
    ".html": html_text,
    ".htm": html_text,
    ".md": markdown_text,
    ".xlsx": workbook_bytes,
}
"""What writes a file, by its ending."""


def written(document: Document, path: Path) -> None:
    """Write a document as its file name says: .html, .md or .xlsx.

    Raises
    ------
    ValueError
        If the name ends in something else.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise ValueError(f"{path.name} ends in {path.suffix!r}; write .html, .md or .xlsx")
    made = writer(document)
    path.write_bytes(made if isinstance(made, bytes) else made.encode("utf-8"))
