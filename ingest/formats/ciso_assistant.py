"""CISO Assistant workbook: entities, solutions and contracts, joined by `ref_id`.

A contract covers the solutions it lists; its customer stands in no column of the template, so a
placeholder takes the customer's place until a person names it.
"""

from __future__ import annotations

import re
from pathlib import Path

from depgraph.wording import counted
from ingest.dora.taxonomy import closed_list
from ingest.formats.columns import number_text
from ingest.formats.sheets import xlsx_sheets
from ingest.formats.table import Row, column_key, refused
from ingest.provenance import Draft, cleaned_id, slug

_OWNER = ("parent_entity_ref_id", "parent_ref_id", "parent_entity", "parent")
_PROVIDER = ("provider_entity_ref_id", "provider_ref_id", "provider_entity", "provider")
_CUSTOMER = ("beneficiary_entity_ref_id", "beneficiary_ref_id", "beneficiary_entity",
             "recipient_entity_ref_id", "beneficiary")  # fmt: skip


def read_ciso_assistant(path: Path, draft: Draft) -> None:
    """Read the sheets Entities, Solutions and Contracts.

    Raises
    ------
    RegisterError
        If the workbook has none of them.
    """
    found = 0
    takers = {"entities": _take_entity, "solutions": _take_solution, "contracts": _take_contract}
    for title, rows in xlsx_sheets(path, draft):
        taker = takers.get(column_key(title))
        if taker is None:
            draft.note(
                "left_out",
                f"the sheet {title!r}: {counted(sum(1 for _ in rows), 'row')}",
                str(path),
            )
            continue
        found += 1
        for row in rows:
            read: set[str] = set()
            taker(row, draft, read)
            for name in sorted(row.cells.keys() - read):
                draft.note("left_out", f"{column_key(title)}/{name}", row.place)
    if not found:
        hint = "it needs Entities, Solutions or Contracts"
        raise refused(path, "wrong-format", "no sheet is one of CISO Assistant's", hint)


def _first(row: Row, names: tuple[str, ...], read: set[str]) -> str:
    """The first of several columns that is filled."""
    read.update(names)
    return next((row.cells[name] for name in names if name in row.cells), "")


def _reference(row: Row, draft: Draft, read: set[str]) -> str:
    """Id of the row's own record: its reference, else its name."""
    given = _first(row, ("ref_id",), read)
    name = row.cells.get("name", "")
    if not given and name:
        draft.note("inferred", f"{name!r} has no ref_id: its name taken", row.place)
    if not given and not name:
        draft.note("missing", "ref_id and name of a row; left out", row.place)
    return given or name


def _take_entity(row: Row, draft: Draft, read: set[str]) -> None:
    """Take an entity as an organization."""
    identifier = _reference(row, draft, read)
    if not identifier:
        return
    owner = _first(row, _OWNER, read)
    country = _first(row, ("country",), read)
    lei = _first(row, ("lei", "legal_identifier_lei"), read)
    countries = closed_list("country")
    iso = countries.word.get(countries.found(country) or "") if country else None
    if country and iso is None:
        draft.note("left_out", f"country {country!r} is none that we know", row.place)
    elif country and iso != country:
        draft.note("inferred", f"country {country!r} read as {iso}", row.place)
    draft.put(
        "organizations", identifier, row.place, name=_first(row, ("name",), read), country=iso,
        lei=lei, parent=cleaned_id(owner) if owner and owner != identifier else None,
    )  # fmt: skip


def _take_solution(row: Row, draft: Draft, read: set[str]) -> None:
    """Take a solution as a service of its provider."""
    identifier = _reference(row, draft, read)
    if not identifier:
        return
    provider = _first(row, _PROVIDER, read)
    if not provider:
        draft.note("missing", f"provider of {identifier!r}", row.place)
    draft.put(
        "services", identifier, row.place, name=_first(row, ("name",), read),
        provider=cleaned_id(provider) if provider else None,
    )  # fmt: skip


def _take_contract(row: Row, draft: Draft, read: set[str]) -> None:
    """Take a contract between two entities."""
    identifier = _reference(row, draft, read)
    if not identifier:
        return
    supplier, customer = _first(row, _PROVIDER, read), _first(row, _CUSTOMER, read)
    solutions = _solutions(row, identifier, draft, read)
    if not supplier or supplier == customer:
        draft.note("missing", f"two parties of contract {identifier!r}; left out", row.place)
        return
    if not customer:
        customer = draft.put(
            "organizations", f"customer-{slug(draft.source)}", row.place, "defaulted",
            name="customer of these contracts, not stated",
        )  # fmt: skip
        draft.note("missing", f"customer of contract {identifier!r}: a placeholder", row.place)
    value = _first(row, ("annual_expense", "annual_value"), read)
    currency = _first(row, ("currency",), read)
    if value and not currency:
        draft.note("missing", f"currency of {identifier!r}: its value is left out", row.place)
    amount = None
    if value and currency:
        amount = number_text(f"{value} {currency}", "annual_expense", row.place, draft)
    draft.put(
        "contracts", identifier, row.place, name=_first(row, ("name",), read),
        supplier=cleaned_id(supplier), customer=cleaned_id(customer),
        start=_day(row, "start_date", draft, read), end=_day(row, "end_date", draft, read),
        annual_value=amount,
        slas=[{"id": cleaned_id(f"{identifier}-{name}"), "service": cleaned_id(name)}
              for name in solutions],
    )  # fmt: skip


def _solutions(row: Row, identifier: str, draft: Draft, read: set[str]) -> list[str]:
    """References of the solutions that a contract covers."""
    given = _first(row, ("solution_ref_id", "solutions", "solution"), read)
    found = [part.strip() for part in re.split(r"[\n\r|,]+", given) if part.strip()]
    if found:
        what = f"contract {identifier!r} covers its solutions: an SLA without objectives for each"
        draft.note("inferred", what, row.place)
    else:
        draft.note("missing", f"solutions that contract {identifier!r} covers", row.place)
    return found


def _day(row: Row, name: str, draft: Draft, read: set[str]) -> str | None:
    """A day in ISO 8601; a day of another form is left out and said."""
    text = _first(row, (name,), read)
    if text and re.fullmatch(r"\d{4}-\d\d-\d\d([T ].*)?", text) is None:
        draft.note("left_out", f"{name} {text!r} is not written YYYY-MM-DD", row.place)
        return None
    return text[:10]
