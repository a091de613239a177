"""Templates, columns, keys and closed lists of the register, from the EBA taxonomy tables.

The facts stand in ``taxonomy.json`` with their source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from holidays.registry import COUNTRIES

from ingest.formats.table import column_key

MODULE = "DORA010100"
"""Module of the taxonomy that registers are reported in from reference date 2025-03-31."""


@dataclass(frozen=True)
class Column:
    """One column of a template."""

    code: str
    """Such as ``c0010``."""
    name: str
    """What it holds."""
    type: str
    """s text, e closed list, d date, m monetary, i integer, t only ``true``."""
    list: str = ""
    """Its closed list, for type e."""


@dataclass(frozen=True)
class Reference:
    """Columns that must match a row of a table."""

    columns: tuple[str, ...]
    """Columns here."""
    table: str
    """Template whose primary key they match, in the order of its key."""


@dataclass(frozen=True)
class Template:
    """One of the 15 templates."""

    code: str
    """Such as ``B_01.01``."""
    name: str
    """What it lists."""
    columns: Mapping[str, Column]
    """Columns by code, in order."""
    key: tuple[str, ...]
    """Primary key; empty for the definitions."""
    references: tuple[Reference, ...]
    """Foreign keys."""

    @property
    def file(self) -> str:
        """Name of its file in a package."""
        return f"{self.code.lower()}.csv"


@dataclass(frozen=True)
class ClosedList:
    """The values that a column may have."""

    word: Mapping[str, str]
    """Word of the estate by code."""
    code: Mapping[str, str]
    """Code by word."""
    label: Mapping[str, str]
    """Label by code."""
    by_label: Mapping[str, str]
    """Code by label, word and bare code, as `column_key` writes them."""

    def found(self, text: str) -> str | None:
        """Code for a code, a word or a label as spreadsheets have them; None when there is none."""
        if text in self.word:
            return text
        if text in self.code:
            return self.code[text]
        spellings = _spellings(column_key(text))
        return next((self.by_label[key] for key in spellings if key in self.by_label), None)


def _spellings(key: str) -> Iterator[str]:
    """Ways in which workbooks write a label: numbered, after its code, with a country before."""
    yield key
    yield re.sub(r"^\d+_", "", key)
    yield re.sub(r"^(s\d\d)_.*", r"\1", key)
    yield re.sub(r"^[a-z]{2}_(crn|vat|pnr|nin)$", r"country_code_\1", key)


@cache
def _data() -> dict[str, Any]:
    text = (Path(__file__).parent / "taxonomy.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@cache
def templates() -> Mapping[str, Template]:
    """All templates by code, in the order of the Regulation.

    Examples
    --------
    >>> templates()["B_05.02"].key
    ('c0010', 'c0020', 'c0030', 'c0050', 'c0060')
    """
    found = {}
    for code, raw in _data()["templates"].items():
        columns = {c["code"]: Column(**c) for c in raw["columns"]}
        references = tuple(Reference(tuple(r["columns"]), r["table"]) for r in raw["references"])
        name = str(raw["name"])
        found[code] = Template(code, name, columns, tuple(raw["key"]), references)
    return MappingProxyType(found)


@cache
def closed_list(name: str) -> ClosedList:
    """A closed list by its name.

    Examples
    --------
    >>> closed_list("substitutability").code["not_substitutable"]
    'eba_ZZ:x959'
    """
    raw = _data()["lists"][name]
    word = {code: entry[0] for code, entry in raw.items()}
    label = {code: entry[-1] for code, entry in raw.items()}
    by_label: dict[str, str] = {}
    for code in raw:
        for text in (label[code], word[code], code, code.rpartition(":")[2]):
            by_label.setdefault(column_key(text), code)
    for text, code in (
        _country_names() if name == "country" else _OTHER_LABELS.get(name, {})
    ).items():
        by_label.setdefault(text, code)
    return ClosedList(word, {w: code for code, w in word.items()}, label, by_label)


def _country_names() -> dict[str, str]:
    """Codes of countries by English name and by ISO 3166-1 alpha-3."""
    codes = {name: str(known[1]) for name, known in COUNTRIES.items()}
    codes |= {str(known[2]).lower(): str(known[1]) for known in COUNTRIES.values()}
    codes |= {"czech_republic": "CZ", "united_states_of_america": "US", "the_netherlands": "NL",
              "uk": "GB"}  # fmt: skip
    return {name: f"eba_GA:{code}" for name, code in codes.items()}


_OTHER_LABELS = {
    "code_type": {
        "legal_entity_identfier_lei": "eba_qCO:qx2000",
        "legal_entity_identifier": "eba_qCO:qx2000",
        "euid_european_unique_identifier": "eba_qCO:qx2002",
        "country_code_crn": "eba_qCO:qx2003",
        "country_code_vat": "eba_qCO:qx2004",
        "country_code_pnr": "eba_qCO:qx2005",
        "country_code_nin": "eba_qCO:qx2001",
    },
    "person": {
        "legal_person": "eba_CT:x212",
        "legal_person_excluding_individuals_acting_in_business_capacity": "eba_CT:x212",
        "individual_acting_in_business_capacity": "eba_CT:x213",
    },
    "yes_no": {"true": "eba_BT:x28", "false": "eba_BT:x29"},
}
"""Labels that files have beside those of the list, one of them with a slip of the pen."""
