"""The rules of the register that can be checked before it is filed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from ingest.dora.gaps import Finder, Gap, key_of
from ingest.dora.logic_checks import logic_gaps
from ingest.dora.reading import is_amount
from ingest.dora.register import Register, RegisterRow
from ingest.dora.taxonomy import Column, Reference, closed_list, templates

_MANDATORY = {
    "B_01.01": {"c0020": "v8872_m", "c0030": "v8873_m", "c0040": "v8874_m", "c0050": "v8875_m",
                "c0060": "v8876_m"},
    "B_01.02": {"c0020": "v8858_m", "c0030": "v8859_m", "c0040": "v8860_m", "c0050": "v8861_m",
                "c0060": "v8862_m", "c0070": "v8863_m", "c0080": "v8864_m", "c0090": "v8865_m"},
    "B_01.03": {"c0030": "v8857_m", "c0040": "v8856_m"},
    "B_02.01": {"c0020": "v8868_m", "c0040": "v8867_m", "c0050": "v8866_m"},
    "B_02.02": {"c0040": "v8869_m", "c0070": "v8870_m", "c0080": "v8871_m"},
    "B_04.01": {"c0030": "e23683_e"},
    "B_05.01": {"c0020": "v8850_m", "c0050": "v8851_m", "c0060": "v8852_m", "c0070": "v8853_m",
                "c0080": "v8854_m", "c0110": "v8855_m"},
    "B_06.01": {"c0020": "v8877_m", "c0030": "v8878_m", "c0050": "v8879_m", "c0070": "v8880_m",
                "c0080": "v8881_m", "c0090": "v8882_m", "c0100": "v8883_m"},
    "B_07.01": {"c0050": "v8884_m", "c0070": "v8885_m", "c0080": "v8886_m", "c0090": "v8887_m",
                "c0100": "v8888_m", "c0110": "e23681_e"},
}  # fmt: skip
"""Columns that every row must fill, with the rule that says so."""
_EXPECTED = {
    "B_01.01": "e23677_e", "B_01.02": "e23676_e", "B_02.01": "e23792_e", "B_02.02": "e23680_e",
    "B_04.01": "e23683_e", "B_05.01": "e23674_e", "B_06.01": "e23682_e",
}  # fmt: skip
"""Templates that a register without them would say nothing, with the rule of their existence."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def register_gaps(register: Register) -> list[Gap]:
    """Every gap of a register's tables: rejects first, then warnings, then advice.

    Parameters
    ----------
    register : Register
        Its tables, from an estate or from a package.
    """
    found: list[Gap] = []
    for code in templates():
        finder = Finder(register, code)
        _keys(finder)
        for reference in finder.template.references:
            _references(finder, reference, register)
        for row in finder.rows:
            _values(finder, row)
            for column, rule in _MANDATORY.get(code, {}).items():
                if column not in row.values and column not in finder.template.key:
                    finder.add(row, column, ("warning", rule), "is missing")
        if code in _EXPECTED and not finder.rows:
            what = f"{code} {finder.template.name}: there is no row"
            finder.found.append(Gap("warning", _EXPECTED[code], what, code))
        found += finder.found
    found += logic_gaps(register)
    order = {"reject": 0, "warning": 1, "advice": 2}
    return sorted(found, key=lambda gap: (order[gap.severity], gap.template))


def _keys(finder: Finder) -> None:
    """Rules 805 and 806, and rows that hold nothing but their key."""
    key = finder.template.key
    if not key:
        for row in finder.rows[1:]:
            finder.found.append(Gap("reject", "806", "the definitions are one row",
                                    finder.template.code, place=row.place))  # fmt: skip
        return
    counted = Counter(key_of(row, key) for row in finder.rows)
    seen: set[tuple[str, ...]] = set()
    for row in finder.rows:
        empty = [column for column in key if not row.values.get(column)]
        for column in empty:
            finder.add(row, column, ("reject", "805"), "is part of the key and is empty")
        values = key_of(row, key)
        if not empty and values in seen:
            what = f"the key {', '.join(values)} occurs {counted[values]} times"
            finder.add(row, key[0], ("reject", "806"), what)
        seen.add(values)
        if not empty and not row.values.keys() - set(key):
            facts = [column for column in finder.template.columns if column not in key]
            what = "the row holds its key alone, and such a row states no fact: fill one of"
            finder.add(row, facts[0], ("reject", "keys-only"), f"{what} {', '.join(facts)}")


def _references(finder: Finder, reference: Reference, register: Register) -> None:
    """Rule 807: foreign keys."""
    target = templates()[reference.table]
    held = {key_of(row, target.key) for row in register.rows[reference.table]}
    for row in finder.rows:
        values = key_of(row, reference.columns)
        if all(values) and not _matches(values, target.key, held, reference):
            what = f"{', '.join(values)} is in no row of {reference.table}"
            finder.add(row, reference.columns[-1], ("reject", "807"), what)


def _matches(
    values: tuple[str, ...],
    key: tuple[str, ...],
    held: set[tuple[str, ...]],
    reference: Reference,
) -> bool:
    """Whether values are a key; a reference names as many columns as the key has."""
    if len(key) != len(reference.columns):
        return any(entry[: len(values)] == values for entry in held)
    return values in held


def _values(finder: Finder, row: RegisterRow) -> None:
    """Rules on the values of one row."""
    for code, text in row.values.items():
        for rule, what in _faults(finder.template.columns[code], text):
            finder.add(row, code, ("reject", rule), what)


def _faults(column: Column, text: str) -> Iterator[tuple[str, str]]:
    """Rule and fault of one value."""
    if _CONTROL.search(text):
        yield "text", "holds a sign that no report can hold"
    if column.type == "d" and not _is_day(text):
        yield "330", f"{text!r} is no date"
    elif column.type == "i" and not re.fullmatch(r"-?[0-9]+", text):
        yield "331", f"{text!r} is no whole number"
    elif column.type == "m" and not is_amount(text):
        yield "305", f"{text!r} is no amount"
    elif column.type == "t" and text != "true":
        yield "333", f"{text!r} is not true"
    elif column.type == "e" and text not in closed_list(column.list).word:
        yield "503", f"{text!r} is not in the closed list"


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False
