"""A register of information as its 15 tables, whatever file it came from or goes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.dora.taxonomy import templates


@dataclass(frozen=True)
class RegisterRow:
    """One row of a template."""

    values: Mapping[str, str]
    """Column code → value as the package writes it; empty cells are absent."""
    place: str = ""
    """File and line, sheet and row, or the record of the estate."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Column code → field of the estate that it comes from, such as ``organizations/a/lei``."""


@dataclass
class Register:
    """All tables of a register, and what its package says of it."""

    rows: dict[str, list[RegisterRow]] = field(
        default_factory=lambda: {code: [] for code in templates()}
    )
    """Template → rows."""
    parameters: dict[str, str] = field(default_factory=dict)
    """``parameters.csv`` as it stands."""
    name: str = ""
    """Name of the package's root folder."""
    absent: tuple[str, ...] = ()
    """Templates that the source does not hold at all."""

    def values(self, template: str) -> list[dict[str, str]]:
        """The rows of a template, without where they came from."""
        return [dict(row.values) for row in self.rows[template]]
