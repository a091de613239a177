"""Documents as data: sections of statements, each with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Evidence:
    """What a statement rests on."""

    text: str
    """In words."""
    record: str = ""
    """Record that shows it, as ``list/id``; a link when the document holds that record."""


@dataclass(frozen=True)
class Statement:
    """A row of a section."""

    cells: tuple[str, ...]
    """Texts, one for each column."""
    evidence: tuple[Evidence, ...] = ()
    """What it rests on."""
    level: str = ""
    """``bad``, ``warn``, ``good`` or nothing; a colour beside the words."""


@dataclass(frozen=True)
class Section:
    """A heading with statements below."""

    title: str
    """The heading."""
    columns: tuple[str, ...]
    """Names of the columns."""
    statements: tuple[Statement, ...]
    """The rows."""
    text: str = ""
    """What to know before reading them."""


@dataclass(frozen=True)
class Document:
    """A document for people."""

    title: str
    """Its title."""
    subtitle: str
    """What it is about, and of when."""
    sections: tuple[Section, ...]
    """Its sections."""
    introduction: tuple[str, ...] = ()
    """Paragraphs before the first section."""
    records: dict[str, str] = field(default_factory=dict)
    """Records that evidence points to, by ``list/id``, as text."""
