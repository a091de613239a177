"""Our own tables: their columns, and cells to fields and back.

Columns are the fields of the records. Lists are separated by semicolons; what has a structure of
its own, such as credits, is JSON in one cell, so that nothing is lost on the way out and back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from depgraph.model.conversion import Conversion
from depgraph.model.credits import RecordedClaim
from depgraph.model.estate import NAMED_RECORDS, Estate
from depgraph.model.incident import Measurement
from depgraph.record import Record
from depgraph.units import minor_unit
from ingest.document import DocumentError, json_documents
from ingest.formats.table import Row, column_key
from ingest.provenance import KEYS, Draft, record_key
from ingest.write import estate_data

RECORDS: dict[str, type[Record]] = {
    **NAMED_RECORDS,
    "measurements": Measurement,
    "claims": RecordedClaim,
    "conversions": Conversion,
}
"""Table → record of its rows."""
SETTINGS = "estate"
"""Table of what an estate has once."""
TABLES = (*RECORDS, SETTINGS)
"""All tables, in order."""
_SETTINGS = ("name", "defaults")
TARGET_COLUMNS = {
    "availability_target": "Promised availability, such as 99.9%; only this objective: else JSON.",
    "period": "month, quarter or year.",
    "measure": "time, request_ratio, interval_mean …",
}
_POINT = re.compile(r"[1-9]\d{0,2}\.\d{3}\s+([A-Z]{3})")
_COMMA = re.compile(r"(\d+),(\d+)(\s*%|\s+[A-Z]{3})?")
_THOUSANDTH = Decimal("0.001")
_MARKED = re.compile(r"'+[=+\-@\t\r]")
_INTEGER = re.compile(r"^(?!.*tuple\[).*\bint\b")
_BARE = re.compile(r"\d+(\.\d+)?")
_NO_ZONE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?")


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    """Its heading."""
    help: str
    """What to write."""
    is_list: bool = False
    """Whether semicolons separate several values."""
    kind: str = "text"
    """words (free text), text (an id, one of a list, or JSON), number, integer, money, instant or
    day."""


@cache
def columns(table: str) -> tuple[Column, ...]:
    """Columns of a table, in order."""
    found = []
    if table == SETTINGS:
        texts = {name: Estate.model_fields[name].description or "" for name in _SETTINGS}
        kinds = {"name": "words"}
        return tuple(Column(n, text, kind=kinds.get(n, "text")) for n, text in texts.items())
    for key, field in RECORDS[table].model_fields.items():
        name = field.alias or key
        shape = str(field.annotation) + str(field.metadata)
        if not (table == "contracts" and name == "slas"):
            help_text = " ".join((field.description or "").split())
            found.append(Column(name, help_text, "tuple[" in shape, _kind(shape)))
    first = {"id": 0, "name": 1}
    found.sort(key=lambda column: first.get(column.name, 2))
    if table == "slas":
        found.insert(0, Column("contract", "The contract that holds the SLA."))
        found[3:3] = [Column(n, h, kind="number" if "target" in n else "text")
                      for n, h in TARGET_COLUMNS.items()]  # fmt: skip
    return tuple(found)


def _kind(shape: str) -> str:
    """Kind of a column from the type of its field."""
    kinds = {"datetime.datetime": "instant", "datetime.date": "day", "Money": "money",
             "Decimal": "number", "tuple[": "text", "_clean_text": "words"}  # fmt: skip
    found = next((kind for sign, kind in kinds.items() if sign in shape), "text")
    return "integer" if found == "text" and _INTEGER.search(shape) else found


def table_rows(estate: Estate, table: str) -> Iterator[dict[str, str]]:
    """Rows of a table: column → text.

    Parameters
    ----------
    estate : Estate
        What is written.
    table : str
        One of `TABLES`; SLAs have a table of their own and name their contract.

    Yields
    ------
    dict of str to str
        Cells that hold anything, as `take_row` reads them back; lists by semicolons or as JSON.
    """
    data = estate_data(estate)
    if table == SETTINGS:
        held = {name: _cell(data[name]) for name in _SETTINGS if name in data}
        yield from [held] if held else ()
        return
    if table != "slas":
        for record in data.get(table, []):
            yield _cells(table, {k: v for k, v in record.items() if k != "slas"})
        return
    for contract in data.get("contracts", []):
        for sla in contract.get("slas", []):
            row: dict[str, str] = {
                "contract": contract["id"],
                **_cells(table, sla),
            }
            objectives = sla.get("objectives", [])
            if len(objectives) == 1 and objectives[0]["metric"] == "availability" and not (
                objectives[0].keys() - {"metric", "target", "period", "measure"}
            ):  # fmt: skip
                del row["objectives"]
                row["availability_target"] = _cell(objectives[0]["target"])
                row |= {k: objectives[0][k] for k in ("period", "measure") if k in objectives[0]}
            yield row


def _cells(table: str, fields: dict[str, Any]) -> dict[str, str]:
    """Fields as the texts of cells."""
    numbers = {column.name for column in columns(table) if column.kind in {"number", "money"}}
    found = {name: _cell(value) for name, value in fields.items()}
    for name in numbers & found.keys():
        if _thousands(found[name]):
            # A fourth decimal makes the three that could be thousands decimals beyond doubt.
            amount, currency = found[name].split()
            found[name] = f"{amount}0 {currency}"
    return found


def _cell(value: object) -> str:
    """A value as the text of a cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = isinstance(value, list) and value and all(isinstance(item, str) for item in value)
    if plain and isinstance(value, list) and not any(_needs_json(item) for item in value):
        return "; ".join(value)
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _needs_json(text: str) -> bool:
    """Whether a text in a list could be read as something else."""
    return ";" in text or text != text.strip() or text[:1] in {"[", "{", ""}


def is_spaced(text: str, kind: str) -> bool:
    """Whether a text has white space around it that is meant, and needs a mark to be kept.

    People leave spaces in cells by accident, so those of a cell without a mark are left out.

    Parameters
    ----------
    text : str
        The text, whatever marks stand before it.
    kind : str
        Kind of its column; only free text may have white space around it.
    """
    core = text.lstrip("'")
    return kind == "words" and core != core.strip()


def take_row(table: str, row: Row, draft: Draft) -> None:
    """Take one row of a table; what cannot be taken is noted.

    Parameters
    ----------
    table : str
        One of `TABLES`.
    row : Row
        Its cells by column.
    draft : Draft
        Where the record goes. A row of a contract is read before those of its SLAs, whose bare
        amounts are in its currency.
    """
    known = {column.name: column for column in columns(table)}
    fields: dict[str, Any] = {}
    for name, text in row.cells.items():
        column = known.get(name)
        if column is None:
            draft.note("left_out", f"column {name!r} is none of {table}", row.place)
        else:
            whole = row.whole.get(name, text) if column.kind == "words" else text
            value = _value(column, whole, row.place, draft)
            if value is not None:
                fields[name] = value
    if table == "contracts":
        fields = _priced(table, fields, fields.get("currency"), row.place, draft)
    if table == SETTINGS:
        draft.settings |= {name: (value, row.place) for name, value in fields.items()}
    elif table == "slas":
        currency = _currency(fields.get("contract"), draft)
        _take_sla(_priced(table, fields, currency, row.place, draft), row.place, draft)
    elif table not in KEYS and not isinstance(fields.get("id"), str):
        draft.note("missing", f"the id of a row of {table}; left out", row.place)
    elif _stood_before(table, fields, draft):
        draft.note_repeat(table, "rows", row.place)
    elif table in KEYS:
        draft.put(table, record_key(table, fields), row.place, **fields)
    else:
        added = draft.put(table, fields.pop("id"), row.place, **fields)
        draft.put_empty(table, added, row.place, [key for key in fields if fields[key] == []])


def _stood_before(table: str, fields: dict[str, Any], draft: Draft) -> bool:
    """Whether rows before say all that this one does, and it says more than its id."""
    held = draft.records[table].get(record_key(table, fields))
    told = fields.keys() - {"id"}
    return held is not None and bool(told) and all(held.get(k) == fields[k] for k in told)


def _take_sla(fields: dict[str, Any], place: str, draft: Draft) -> None:
    """Put an SLA into its contract."""
    contract = fields.pop("contract", None)
    if not all(isinstance(text, str) for text in (
        contract, fields.get("id"), fields.get("service")
    )):  # fmt: skip
        draft.note("missing", "contract, id or service of an SLA; left out", place)
        return
    target = fields.pop("availability_target", None)
    terms: dict[str, Any] = {k: fields.pop(k) for k in ("period", "measure") if k in fields}
    if target is not None:
        objective: dict[str, Any] = {"metric": "availability", "target": target, **terms}
        fields["objectives"] = [*fields.get("objectives", []), objective]
    draft.sla_places[contract, fields["id"]] = place
    draft.put("contracts", contract, place, slas=[fields])


def _currency(contract: object, draft: Draft) -> object:
    """Currency of a contract, of this source or held; None where it is not known."""
    if not isinstance(contract, str):
        return None
    here = draft.records["contracts"].get(contract, {})
    return here.get("currency") or draft.held_currencies.get(contract)


def _priced(
    table: str, fields: dict[str, Any], currency: object, place: str, draft: Draft
) -> dict[str, Any]:
    """Fields with the contract's currency behind amounts that are bare numbers."""
    if not isinstance(currency, str):
        return fields
    priced = dict(fields)
    for column in columns(table):
        value = fields.get(column.name)
        if column.kind == "money" and isinstance(value, str) and _BARE.fullmatch(value):
            # With a currency it is an amount, whose point may part thousands.
            amount = number_text(f"{value} {currency}", column.name, place, draft)
            priced[column.name] = amount
            if amount is None:
                del priced[column.name]
    return priced


def _value(column: Column, text: str, place: str, draft: Draft) -> Any:  # noqa: ANN401 - any field
    """Value of a cell; what was read in one of several ways is noted."""
    if _MARKED.match(text) or (text[:1] == "'" and is_spaced(text, column.kind)):
        text = text[1:]
    if text[:1] in {"[", "{"} and (column.is_list or column.kind == "text"):
        try:
            [node], repeated = json_documents(text)
        except (DocumentError, ValueError):
            node, repeated = None, []
        if node is not None and not repeated and column.name != "id":
            return node.plain()
    if column.is_list:
        return [part.strip() for part in text.split(";") if part.strip()]
    if column.kind in {"number", "money"}:
        return number_text(text, column.name, place, draft)
    time = _NO_ZONE.fullmatch(text)
    if column.kind == "day" and time and not (time[2] or "").strip("0:."):
        return time[1]
    if column.kind == "instant" and time:
        draft.note("inferred", f"{column.name} {text} has no zone: UTC", place)
        return f"{time[1]}T{time[2] or '00:00'}Z"
    return text


def number_text(text: str, name: str, place: str, draft: Draft) -> str | None:
    """A number with a decimal point; a comma is one only where it can be nothing else.

    An amount as 1.200 EUR is not taken: no cent is told in thousandths, and much of Europe parts
    thousands by a point.

    Parameters
    ----------
    text : str
        A number, a share in per cent, or an amount with its currency.
    name : str
        Column that it stands in.
    place : str
        Where it stands.
    draft : Draft
        Where it is noted how a comma was read, or that the number was left out.

    Returns
    -------
    str or None
        The same with a point; None where comma or point may part thousands.
    """
    if _thousands(text):
        what = (
            f"{name} {text}: the point may part thousands or decimals; write 1200 EUR or 1.20 EUR"
        )
        draft.note("missing", what, place)
        return None
    match = _COMMA.fullmatch(text)
    if match is None:
        return text
    if len(match[2]) == 3 and match[1] != "0":  # noqa: PLR2004 - digits between thousands separators
        what = f"{name} {text}: the comma may part thousands or decimals; write a point"
        draft.note("missing", what, place)
        return None
    draft.note("inferred", f"{name} {text}: decimal comma", place)
    return f"{match[1]}.{match[2]}{match[3] or ''}"


def _thousands(text: str) -> bool:
    """Whether the point of an amount may part thousands."""
    match = _POINT.fullmatch(text)
    return match is not None and minor_unit(match[1]) != _THOUSANDTH


def best_table(names: set[str]) -> str | None:
    """Table whose columns the headings fit, its required ones among them."""
    fits = {
        table: len(names & {column_key(c.name) for c in columns(table)})
        for table, record in RECORDS.items()
        if {f.alias or n for n, f in record.model_fields.items() if f.is_required()} <= names
        and (table != "slas" or "contract" in names)
    }
    best = [table for table in fits if fits[table] == max(fits.values())]
    return best[0] if len(best) == 1 else None
