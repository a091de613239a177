"""Rules between the columns of a row, and between the rows of several templates."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from depgraph.model.lei import is_lei
from ingest.dora.gaps import Finder, Gap, Severity
from ingest.dora.reading import is_amount
from ingest.dora.register import Register, RegisterRow

_LEI = re.compile(r"[A-Z0-9]{18}[0-9]{2}")
_LEI_COLUMNS = {
    "B_01.01": ("c0010",), "B_01.02": ("c0010", "c0060"), "B_01.03": ("c0020",),
    "B_02.02": ("c0020",), "B_03.01": ("c0020",), "B_03.03": ("c0020",), "B_04.01": ("c0020",),
    "B_06.01": ("c0040",),
}  # fmt: skip
_CODE_TYPES = {
    "B_02.02": {"c0030": "c0040"}, "B_03.02": {"c0020": "c0030"},
    "B_05.01": {"c0010": "c0020", "c0030": "c0040", "c0110": "c0120"},
    "B_05.02": {"c0030": "c0040", "c0060": "c0070"}, "B_07.01": {"c0020": "c0030"},
}  # fmt: skip
"""Columns with a code, and the column with its type."""
_LEI_TYPE, _EUID_TYPE = "eba_qCO:qx2000", "eba_qCO:qx2002"
_YES = "eba_BT:x28"
_NO_FINANCIAL_ENTITY = {"eba_CT:x317", "eba_CT:x318"}
_HARD_TO_REPLACE = {"eba_ZZ:x959", "eba_ZZ:x960"}
_REASONS_LENGTH = 300
_FUNCTION = re.compile(r"F[0-9]+")
_CRITICAL_COLUMNS = ("c0100", "c0110", "c0120", "c0140", "c0180")
_WARNING: Severity = "warning"
_ADVICE: Severity = "advice"


def logic_gaps(register: Register) -> list[Gap]:
    """Gaps that need more than one cell to see."""
    found: list[Gap] = []
    for template in ("B_01.01", "B_01.02", "B_01.03", "B_02.01", "B_02.02", "B_03.01", "B_03.02",
                     "B_03.03", "B_04.01", "B_05.01", "B_05.02", "B_06.01", "B_07.01"):  # fmt: skip
        finder = Finder(register, template)
        for row in finder.rows:
            _codes(finder, row)
            _RULES.get(template, _nothing)(finder, row)
        found += finder.found
    return [*found, *_types_of_code(register), *_critical(register), *_chains(register)]


def _nothing(finder: Finder, row: RegisterRow) -> None:
    """Templates whose rows stand each for themselves."""
    del finder, row


def _codes(finder: Finder, row: RegisterRow) -> None:
    """LEIs: their form, and their check digits; codes without a type."""
    columns = [*_LEI_COLUMNS.get(finder.template.code, ())]
    for code, kind in _CODE_TYPES.get(finder.template.code, {}).items():
        if row.values.get(kind) == _LEI_TYPE:
            columns.append(code)
        if code in row.values and kind not in row.values:
            finder.add(row, kind, (_WARNING, "code-type"), "is missing beside a code")
    for column in columns:
        text = row.values.get(column, "")
        if text and not _LEI.fullmatch(text):
            rule = "v8826_m" if (finder.template.code, column) == ("B_01.02", "c0060") else "lei"
            finder.add(row, column, (_WARNING, rule), f"{text!r} has not the form of a LEI")
        elif text and not is_lei(text):
            finder.add(row, column, (_WARNING, "lei"), f"the check digits of {text} are wrong")


def _entity(finder: Finder, row: RegisterRow) -> None:
    held = row.values
    if "c0110" in held and "c0100" not in held:
        finder.add(row, "c0100", (_WARNING, "v8803_m"), "is missing beside total assets")
    if "c0110" not in held and held.get("c0040", "") not in {*_NO_FINANCIAL_ENTITY, ""}:
        finder.add(row, "c0110", (_WARNING, "v8804_m"), "is missing for a financial entity")
    _not_negative(finder, row, "c0110", "v22913_s")


def _arrangement(finder: Finder, row: RegisterRow) -> None:
    if row.values.get("c0020") == "eba_CO:x3" and "c0030" not in row.values:
        what = "is missing for a subsequent arrangement"
        finder.add(row, "c0030", (_WARNING, "v22912_m"), what)
    _not_negative(finder, row, "c0050", "v23716_s")


def _use(finder: Finder, row: RegisterRow) -> None:
    start, end = row.values.get("c0070", ""), row.values.get("c0080", "")
    if start and end and end <= start:
        what = f"{end} is not after the start {start} (a rule that is switched off)"
        finder.add(row, "c0080", (_ADVICE, "v8816_m"), what)
    if row.values.get("c0140") == _YES and "c0170" not in row.values:
        finder.add(row, "c0170", (_ADVICE, "ITS"), "is missing where data are stored")


def _provider(finder: Finder, row: RegisterRow) -> None:
    held = row.values
    if held.get("c0070") == "eba_CT:x212" and held.get("c0020") not in {_LEI_TYPE, _EUID_TYPE}:
        what = "a legal person has a LEI or an EUID (a rule that is switched off)"
        finder.add(row, "c0020", (_ADVICE, "v8817_m"), what)
    _not_negative(finder, row, "c0100", "ITS")


def _function(finder: Finder, row: RegisterRow) -> None:
    if len(row.values.get("c0060", "")) > _REASONS_LENGTH:
        what = f"is longer than {_REASONS_LENGTH} characters"
        finder.add(row, "c0060", (_WARNING, "ITS"), what)
    if not _FUNCTION.fullmatch(row.values.get("c0010", "F1")):
        what = f"{row.values['c0010']!r} is not the letter F and a number"
        finder.add(row, "c0010", (_ADVICE, "ITS"), what)
    for column in ("c0080", "c0090"):
        if row.values.get(column) == "0":
            finder.add(row, column, (_ADVICE, "ITS"), "0 says that none is defined")


def _assessment(finder: Finder, row: RegisterRow) -> None:
    if row.values.get("c0050") in _HARD_TO_REPLACE and "c0060" not in row.values:
        what = "is missing where the provider can hardly be replaced"
        finder.add(row, "c0060", (_WARNING, "v8825_m"), what)
    if row.values.get("c0110") == _YES and "c0120" not in row.values:
        finder.add(row, "c0120", (_ADVICE, "ITS"), "is missing where alternatives exist")


_RULES = {
    "B_01.02": _entity, "B_02.01": _arrangement, "B_02.02": _use, "B_05.01": _provider,
    "B_06.01": _function, "B_07.01": _assessment,
}  # fmt: skip


def _not_negative(finder: Finder, row: RegisterRow, column: str, rule: str) -> None:
    text = row.values.get(column, "")
    if text and is_amount(text) and Decimal(text) < 0:
        finder.add(row, column, (_WARNING, rule), f"{text} is negative")


def _types_of_code(register: Register) -> list[Gap]:
    """One type for each code: that of B_05.01."""
    stated = {
        row.values["c0010"]: row.values.get("c0020", "")
        for row in register.rows["B_05.01"] if "c0010" in row.values
    }  # fmt: skip
    found = []
    for template, pairs in _CODE_TYPES.items():
        finder = Finder(register, template)
        for row in finder.rows:
            for code, kind in pairs.items():
                text, given = row.values.get(code, ""), row.values.get(kind, "")
                if given and stated.get(text, given) not in {given, ""}:
                    what = f"{given} beside {stated[text]} in B_05.01"
                    finder.add(row, kind, (_WARNING, "code-type"), what)
        found += finder.found
    return found


def _critical(register: Register) -> list[Gap]:
    """What the Regulation asks where a function is critical or important, and of who is direct."""
    critical = {
        (row.values.get("c0010", ""), row.values.get("c0040", ""))
        for row in register.rows["B_06.01"] if row.values.get("c0050") == _YES
    }  # fmt: skip
    assessed = {
        tuple(row.values.get(column, "") for column in ("c0010", "c0020", "c0040"))
        for row in register.rows["B_07.01"]
    }
    uses = Finder(register, "B_02.02")
    direct = set()
    for row in uses.rows:
        held = row.values
        direct.add(held.get("c0030", ""))
        if (held.get("c0050", ""), held.get("c0020", "")) not in critical:
            continue
        for column in _CRITICAL_COLUMNS:
            if column not in held:
                what = "is missing where the function is critical"
                uses.add(row, column, (_ADVICE, "ITS"), what)
        if (held.get("c0010"), held.get("c0030"), held.get("c0060")) not in assessed:
            what = f"B_07.01 has no assessment of {held.get('c0060', 'this service')} by"
            uses.add(row, "c0060", (_ADVICE, "ITS"), f"{what} {held.get('c0030', 'the provider')}")
            if row.fields:
                uses.found[-1] = replace(uses.found[-1], fill=f"{row.place}/assessments")
    providers = Finder(register, "B_05.01")
    for row in providers.rows:
        if row.values.get("c0010") in direct and "c0100" not in row.values:
            providers.add(row, "c0100", (_ADVICE, "ITS"), "is missing for a direct provider")
    return [*uses.found, *providers.found]


def _chains(register: Register) -> list[Gap]:
    """Rank 1 receives its own; rank n works for a provider at rank n - 1 of the same chain."""
    finder = Finder(register, "B_05.02")
    held = {
        tuple(row.values.get(column, "") for column in ("c0010", "c0020", "c0030", "c0050"))
        for row in finder.rows
    }
    for row in finder.rows:
        contract, kind = row.values.get("c0010", ""), row.values.get("c0020", "")
        rank, recipient = row.values.get("c0050", ""), row.values.get("c0060", "")
        if not re.fullmatch(r"[0-9]{1,9}", rank) or not recipient:
            continue
        if int(rank) <= 1:
            if recipient != row.values.get("c0030") or rank != "1":
                what = "at rank 1 the code of the provider is repeated"
                finder.add(row, "c0060", (_WARNING, "chain"), what)
        elif (contract, kind, recipient, str(int(rank) - 1)) not in held:
            what = f"{recipient} has no row at rank {int(rank) - 1} of this chain"
            finder.add(row, "c0060", (_WARNING, "chain"), what)
    return finder.found
