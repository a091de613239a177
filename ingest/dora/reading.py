"""The cells of one row, each read once and accounted for: taken, inferred or left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from depgraph.model.lei import is_lei
from depgraph.record import Record
from ingest.dora.register import RegisterRow
from ingest.dora.taxonomy import Template, closed_list
from ingest.provenance import Draft

_CURRENCY = re.compile(r"[A-Z]{3}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Cells:
    """One row while it is taken into an estate."""

    def __init__(self, template: Template, row: RegisterRow, draft: Draft) -> None:
        self.template, self.row, self.draft = template, row, draft
        self.place = row.place
        self._left_out: set[str] = set()
        self._read: set[str] = set()

    def text(self, code: str) -> str:
        """A cell as it stands; empty when it is."""
        self._read.add(code)
        return self.row.values.get(code, "")

    def word(self, code: str) -> str | None:
        """Word of the estate for a value of a closed list."""
        text = self.text(code)
        if not text:
            return None
        word = closed_list(self.template.columns[code].list).word.get(text)
        if word is None:
            self.drop(code, f"{text!r} is not in the closed list (rule 503)")
        return word

    def yes(self, code: str) -> bool | None:
        """A yes or no."""
        word = self.word(code)
        return None if word is None else word == "yes"

    def day(self, code: str) -> str | None:
        """A date in ISO 8601."""
        text = self.text(code)
        if not text:
            return None
        try:
            if _DAY.fullmatch(text):
                return date.fromisoformat(text).isoformat()
        except ValueError:
            pass
        self.drop(code, f"{text!r} is no date (rule 330)")
        return None

    def integer(self, code: str) -> int | None:
        """A whole number of 0 or more."""
        text = self.text(code)
        if not text:
            return None
        if re.fullmatch(r"[0-9]{1,9}", text):
            return int(text)
        self.drop(code, f"{text!r} is no whole number (rule 331)")
        return None

    def amount(self, code: str) -> str | None:
        """An amount, as it stands."""
        text = self.text(code)
        if not text:
            return None
        if is_amount(text):
            if not text.startswith("-"):
                return text
            self.drop(code, f"{text!r} is negative")
            return None
        self.drop(code, f"{text!r} is no amount (rule 305)")
        return None

    def money(self, amount: str, currency: str) -> str | None:
        """An amount with its currency; without one it is left out, and a currency alone too."""
        number, word = self.amount(amount), self.currency(currency)
        if number is not None and word is None:
            self.drop(amount, f"{number} has no currency in {currency}")
        if number is None and word is not None:
            self.drop(currency, f"the currency {word} has no amount")
        return f"{Decimal(number):f} {word}" if number is not None and word is not None else None

    def currency(self, code: str) -> str | None:
        """An ISO 4217 code; the list has one entry more, for currencies that it does not name."""
        word = self.word(code)
        if word is not None and not _CURRENCY.fullmatch(word):
            self.drop(code, f"{word}: the estate needs a currency of three letters (ISO 4217)")
            return None
        return word

    def country(self, code: str) -> str | None:
        """An ISO 3166-1 code; for organizations, which are in one country."""
        word = self.word(code)
        if word == "other":
            self.drop(code, "other countries: the estate needs one of two letters")
            return None
        return word

    def drop(self, code: str, why: str) -> None:
        """Leave out one cell."""
        self._left_out.add(code)
        name = self.template.columns[code].name
        what = f"{self.template.code}.{code} {name}: {why}"
        self.draft.note("left_out", what, self.place)

    def leave_out(self, why: str) -> None:
        """Leave out the whole row and count it."""
        self.draft.note("left_out", f"a row of {self.template.code}: {why}", self.place)
        number = len(self.row.values)
        self.draft.count(
            self.template.code, rows=1, rows_left_out=1, fields=number, fields_left_out=number
        )

    def done(self) -> None:
        """Count the row; what nobody read is left out."""
        for code in self.row.values.keys() - self._read:
            self.drop(code, "the estate has no place for it")
        number, lost = len(self.row.values), len(self._left_out & self.row.values.keys())
        self.draft.count(
            self.template.code, rows=1, rows_taken=1, fields=number,
            fields_taken=number - lost, fields_left_out=lost,
        )  # fmt: skip


def is_amount(text: str) -> bool:
    """Whether a text is a decimal number as XBRL writes it.

    >>> is_amount("-1200.50"), is_amount("1,200"), is_amount("NaN")
    (True, False, False)
    """
    if not re.fullmatch(r"[-+]?[0-9]{1,30}(\.[0-9]{1,9})?", text):
        return False
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that hold anything."""
    return {key: value for key, value in fields.items() if value not in (None, "", [], {})}


def plain(record: Record) -> dict[str, object]:
    """A record as the estate writes it, so that importing it again changes nothing."""
    return record.model_dump(mode="json", exclude_defaults=True)


def identifier_fields(value: str, kind: str | None, cells: Cells, code: str) -> dict[str, Any]:
    """Where an organization's code goes: a valid LEI to `lei`, all else to `identifiers`.

    What is inferred, missing or in conflict is noted with the place of the row.

    Parameters
    ----------
    value : str
        The code.
    kind : str, optional
        Its type of code; where the register does not say, only a valid LEI is taken.
    cells : Cells
        The row.
    code : str
        Column of the code, such as ``c0020``.

    Returns
    -------
    dict
        Fields of the organization; empty where the code is nothing but an id.
    """
    if kind is None and is_lei(value):
        cells.draft.note("inferred", f"{value} is a valid LEI: taken as one", cells.place)
        kind = "lei"
    if kind is None:
        what = f"type of the code {value!r}: it is kept as an id alone"
        cells.draft.note("missing", what, cells.place)
        return {}
    if kind == "lei" and is_lei(value):
        return {"lei": value}
    if kind == "lei":
        what = f"{value!r} in {cells.template.code}.{code} is no valid LEI; kept as an identifier"
        cells.draft.note("conflict", what, cells.place)
    return {"identifiers": [{"kind": kind, "value": value}]}
