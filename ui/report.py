"""A view as one self-contained, printable HTML file: no script, nothing fetched, text escaped."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from ui.cell_class import cell_class

_LINKS = frozenset({"open", "fill"})
"""Columns that lead somewhere on the page, and nowhere in a file."""


@dataclass(frozen=True)
class Table:
    """Rows under a heading; every row has the same keys."""

    title: str
    """Heading."""
    rows: list[dict[str, object]]
    """Cells by column."""
    kind: str = "table"
    """Which part of the template draws it."""


@dataclass(frozen=True)
class Bar:
    """One bar."""

    label: str
    """What it is about."""
    share: float
    """Length, as a share of the width [1]."""
    text: str
    """The figure in words."""


@dataclass(frozen=True)
class Bars:
    """Bars under a heading."""

    title: str
    """Heading."""
    bars: list[Bar]
    """The bars, in order."""
    kind: str = "bars"
    """Which part of the template draws it."""


@dataclass(frozen=True)
class Document:
    """What a report says."""

    title: str
    """Heading."""
    estate: str
    """Name of the estate."""
    version: str
    """SHA-256 of the estate's content."""
    as_of: date
    """Day on which promises had to be in force."""
    figures: tuple[tuple[str, str], ...] = ()
    """Name and value of the figures at the top; those without a value are left out."""
    parts: tuple[Table | Bars, ...] = ()
    """Tables and bars below."""
    made: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When it was made."""


def report_html(document: Document) -> str:
    """Write a document as HTML that prints well.

    Parameters
    ----------
    document : Document
        What it says; every text in it may be hostile and is escaped.
    """
    return _template().render(document=document, cell=_cell, cell_class=cell_class, links=_LINKS)


def _cell(value: object) -> str:
    """A value as text; floats with all their digits."""
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)


@lru_cache(1)
def _template() -> Template:
    """Read the template; names end with .html, so that everything is escaped."""
    environment = Environment(
        loader=PackageLoader("ui"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")
