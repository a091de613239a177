"""Values of the estate as the register writes them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from depgraph.model.estate import Estate
from ingest.dora.register import RegisterRow
from ingest.dora.taxonomy import closed_list, templates


class Codes:
    """Codes of organizations in the register."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self.providers: dict[str, None] = {}
        """Organizations that rows name as providers, in their order."""

    def provider(self, name: str) -> tuple[str, str]:
        """Code and kind of a provider, which then needs a row of its own."""
        self.providers[name] = None
        return self.of(name)[0]

    def of(self, name: str) -> list[tuple[str, str]]:
        """Every code with its kind, the one of the register first; an empty one when none is known.

        That is the LEI, unless `identifiers` lists the LEI too: then their order counts.
        """
        organization = self._estate.organization[name]
        listed = [(each.value, each.kind) for each in organization.identifiers]
        lei = organization.lei
        found = [(lei, "lei"), *listed] if lei and (lei, "lei") not in listed else [*listed]
        return [(str(value), str(kind)) for value, kind in found] or [("", "")]

    def lei(self, name: str) -> tuple[str, str]:
        """LEI and the field that holds it; empty when there is none."""
        found = next((value for value, kind in self.of(name) if kind == "lei"), "")
        return found, "lei"


class Maker:
    """One row while it is made."""

    def __init__(self, template: str, record: str) -> None:
        self._template, self._record = templates()[template], record
        self._values: dict[str, str] = {}
        self._fields: dict[str, str] = {}

    def put(self, code: str, value: str | date | Decimal | int | None, field: str) -> None:
        """A value as it is, and the field of the record that it comes from or belongs into."""
        whole = field.split("/", maxsplit=1)[0] in _LISTS
        self._fields[code] = field if whole else f"{self._record}/{field}"
        if value is not None and value != "":
            self._values[code] = shown(value)

    def word(self, code: str, word: str | None, field: str) -> None:
        """A word of the estate as a code of the column's closed list."""
        codes = closed_list(self._template.columns[code].list).code
        # A word that the list does not have stays as it is, for the checks to find.
        self.put(code, codes.get(word, word) if word else None, field)

    def flag(self, code: str, field: str, *, value: bool | None) -> None:
        """A yes or no."""
        self.word(code, None if value is None else "yes" if value else "no", field)

    def row(self) -> RegisterRow:
        """The row."""
        return RegisterRow(self._values, self._record, self._fields)


_LISTS = {"organizations", "contracts", "functions", "services"}


def shown(value: str | date | Decimal | int) -> str:
    """A value as a cell: ISO dates, plain decimals, text as it is.

    >>> shown(Decimal("1E+3")), shown(date(2025, 3, 31)), shown("=1+1")
    ('1000', '2025-03-31', '=1+1')
    """
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)
