"""What a regulator would reject or question in a register, with the record and field to fill.

Rule codes and severities are those of the EBA filing rules and validation rules, as far as public
sources agree on them; ``docs/decisions/0016-dora-register.md`` says where they do not.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from ingest.dora.register import Register, RegisterRow
from ingest.dora.taxonomy import templates

Severity = Literal["reject", "warning", "advice"]
SEVERITIES: tuple[Severity, ...] = ("reject", "warning", "advice")


@dataclass(frozen=True)
class Gap:
    """One thing that is wrong or missing."""

    severity: Severity
    """reject: the filing rules refuse the file; warning: a validation rule of the taxonomy; advice:
    asked for by the Regulation, or a rule that is switched off."""
    rule: str
    """Code of the rule."""
    what: str
    """What is wrong."""
    template: str = ""
    """Template."""
    column: str = ""
    """Column."""
    place: str = ""
    """Record of the estate, or file and line."""
    fill: str = ""
    """Field of the estate to fill or correct, such as ``organizations/cloudco/lei``."""
    value: str = ""
    """The value that is there."""

    def data(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


class Finder:
    """Gathers gaps of the rows of one template."""

    def __init__(self, register: Register, template: str) -> None:
        self.template = templates()[template]
        self.rows = register.rows[template]
        self.found: list[Gap] = []

    def add(self, row: RegisterRow, column: str, rule: tuple[Severity, str], what: str) -> None:
        """A gap in one cell."""
        name = self.template.columns[column].name
        self.found.append(
            Gap(
                rule[0], rule[1], f"{name}: {what}", self.template.code, column, row.place,
                row.fields.get(column, ""), row.values.get(column, ""),
            )
        )  # fmt: skip


def key_of(row: RegisterRow, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Values of some columns, empty where there is none.

    Parameters
    ----------
    row : RegisterRow
        A row of the register.
    columns : tuple of str
        Codes of the columns, such as ``c0010``.

    Returns
    -------
    tuple of str
        One text a column, in their order: two rows with the same one have the same key.
    """
    return tuple(row.values.get(column, "") for column in columns)
