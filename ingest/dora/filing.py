"""What a filing is called and what its package says of itself: stated, never made up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from depgraph.model.estate import Estate
from ingest.dora.from_estate import maintainer
from ingest.dora.gaps import Gap
from ingest.dora.register import Register
from ingest.dora.taxonomy import MODULE, closed_list
from ingest.dora.writing import Codes

Scope = Literal["consolidated", "individual"]
SCOPE_CODES: dict[Scope, str] = {"consolidated": "CON", "individual": "IND"}
_NAME = re.compile(
    r"([A-Z0-9]{20})\.(CON|IND)_([A-Z]{2})_([A-Z0-9]+)_DORA_(\d{4}-\d\d-\d\d)_(\d{17})"
)


@dataclass(frozen=True)
class FilingOptions:
    """What the caller says; the estate says the rest."""

    lei: str | None = None
    """LEI of the entity that files."""
    country: str | None = None
    """Country of the entity that files, ISO 3166-1 alpha-2."""
    scope: Scope | None = None
    """Consolidated or individual."""
    reference_date: date | None = None
    """Day that the report is about."""
    base_currency: str | None = None
    """Currency that the report names as its own, ISO 4217."""


@dataclass(frozen=True)
class Filing:
    """Name and parameters of one package."""

    lei: str
    """LEI of the entity that files."""
    country: str
    """Its country."""
    scope: Scope
    """Consolidated or individual."""
    reference_date: date
    """Day that the report is about."""
    base_currency: str
    """Currency that the report names as its own."""
    created: datetime
    """When the package is made."""

    @property
    def name(self) -> str:
        """Name of the package and of the folder in it (rules 103 to 105)."""
        moment = self.created.astimezone(UTC)
        stamp = f"{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}"
        entity = f"{self.lei}.{SCOPE_CODES[self.scope]}"
        return f"{entity}_{self.country}_{MODULE}_DORA_{self.reference_date}_{stamp}"

    @property
    def parameters(self) -> dict[str, str]:
        """``parameters.csv``; amounts are exact, and -3 is what EBA's sample claims of them."""
        return {
            "entityID": f"rs:{self.lei}.{SCOPE_CODES[self.scope]}",
            "refPeriod": self.reference_date.isoformat(),
            "baseCurrency": f"iso4217:{self.base_currency}",
            "decimalsInteger": "0",
            "decimalsMonetary": "-3",
        }


def filing_of(
    estate: Estate, options: FilingOptions, created: datetime
) -> tuple[Filing | None, list[Gap]]:
    """The filing that options and estate describe, or what is missing for it.

    Parameters
    ----------
    estate : Estate
        Its entity with `register_maintenance` says what the options do not.
    options : FilingOptions
        What the caller says.
    created : datetime
        Moment for the name of the package, with a zone.
    """
    held = maintainer(estate)
    stated = held.register_maintenance if held else None
    record = f"organizations/{held.id}" if held else "organizations"
    lei = options.lei or (Codes(estate).lei(held.id)[0] if held else "")
    country = options.country or (held.country if held else None)
    scope = options.scope or (stated.scope if stated else None)
    day = options.reference_date or (stated.reference_date if stated else None)
    currency = options.base_currency or (stated.base_currency if stated else None)
    wrong = [
        Gap("reject", rule, f"{value!r} is no {what}" if value else f"the {what} is missing",
            place=record, fill=f"{record}/{field}, or {option}", value=value)
        for bad, rule, what, field, option, value in (
            (not re.fullmatch(r"[A-Z0-9]{20}", lei), "105",
             "LEI of the entity that files (20 capital letters and digits)", "lei", "--lei", lei),
            (f"eba_GA:{country}" not in closed_list("country").word, "105",
             "country of the entity that files (ISO 3166, such as IE)", "country", "--country",
             country or ""),
            (scope is None, "514", "scope of the register (consolidated or individual)",
             "register_maintenance/scope", "--scope", ""),
            (day is None, "320", "reference date", "register_maintenance/reference_date",
             "--reference-date", ""),
            (f"eba_CU:{currency}" not in closed_list("currency").word, "720",
             "base currency (ISO 4217, such as EUR)", "register_maintenance/base_currency",
             "--currency", currency or ""),
        )
        if bad
    ]  # fmt: skip
    if wrong or not country or scope is None or day is None or not currency:
        return None, wrong
    if held is not None and lei != Codes(estate).lei(held.id)[0]:
        what = f"the filing is by {lei}, and another entity maintains the register in B_01.01"
        gap = Gap("reject", "714", what, "B_01.01", "c0010", record, f"{record}/lei", lei)
        return Filing(lei, country, scope, day, currency, created), [gap]
    return Filing(lei, country, scope, day, currency, created), []


def package_gaps(path: Path, register: Register) -> list[Gap]:
    """Gaps of a package as a file: its name, its folder, its parameters (rules 103 to 720)."""
    place = str(path)
    found = []
    if register.name != path.stem:
        what = f"the folder in the package is {register.name!r}, the file {path.stem!r}"
        found.append(Gap("reject", "103", what, place=place, value=register.name))
    match = _NAME.fullmatch(path.stem)
    if match is None:
        what = "the name is not <LEI>.<CON|IND>_<country>_DORA010100_DORA_<date>_<17 digits>"
        found.append(Gap("reject", "105", what, place=place, value=path.stem))
        return found
    lei, scope, _, module, day, _ = match.groups()
    if module != MODULE:
        what = f"the module is {module}, not {MODULE}"
        found.append(Gap("reject", "106", what, place=place, value=module))
    expected = {"entityID": ("714", f"rs:{lei}.{scope}"), "refPeriod": ("320", day)}
    for name, (rule, wanted) in expected.items():
        value = register.parameters.get(name, "")
        if value != wanted:
            what = f"the parameter {name} is {value!r}, the name says {wanted!r}"
            found.append(Gap("reject", rule, what, place=place, value=value))
    currency = register.parameters.get("baseCurrency", "")
    if currency.replace("iso4217:", "eba_CU:") not in closed_list("currency").word:
        what = f"the parameter baseCurrency is {currency!r}"
        found.append(Gap("reject", "720", what, place=place, value=currency))
    return found
