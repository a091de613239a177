"""ServiceNow CMDB as CSV: `cmdb_rel_ci` (parent, type, child) and `cmdb_ci` tables.

``Depends on::Used by`` reads "parent depends on child, child is used by parent".
"""

from __future__ import annotations

from pathlib import Path

from ingest.formats.table import Row, csv_rows, refused
from ingest.provenance import SHARED, Draft, cleaned_id, slug

PARENT_NEEDS_CHILD = {
    "depends on::used by", "runs on::runs", "hosted on::hosts", "uses::used by",
    "virtualized by::virtualizes", "consumes::consumed by", "powered by::powers",
    "provided by::provides", "instantiates::instantiated by",
    "implement end point to::implement end point from",
}  # fmt: skip
"""Types whose parent needs its child; the halves exchanged mean the opposite."""
CHILD_NEEDS_PARENT = {"::".join(reversed(kind.split("::"))) for kind in PARENT_NEEDS_CHILD}
_HALVES = {kind.partition("::")[0] for kind in PARENT_NEEDS_CHILD}
_TYPES = ("type", "type_name", "type_display_value", "relationship_type", "rel_type")
_CRITICALITY = ("busines_criticality", "business_criticality")
_VENDORS = ("vendor", "vendor_name", "company", "company_name", "manufacturer",
            "manufacturer_name")  # fmt: skip


def read_servicenow(path: Path, draft: Draft) -> None:
    """Read relations or configuration items, row by row.

    Raises
    ------
    RegisterError
        If the columns are those of neither.
    """
    for row in csv_rows(path, draft):
        cells = row.cells
        if any(f"{side}{end}" in cells for side in ("parent", "child") for end in _ENDS):
            _take_relation(row, draft)
        elif "sys_id" in cells or "name" in cells:
            _take_item(row, draft)
        else:
            what = "this row has neither parent and child nor sys_id or name"
            raise refused(row.place, "wrong-format", what, "export cmdb_rel_ci or cmdb_ci")


_ENDS = ("_sys_id", "_value", "", "_ci", "_name", "_display_value")
"""What the column of a relation's side ends with, the surest first."""


def _take_relation(row: Row, draft: Draft) -> None:
    """Take one relation; the type gives the direction."""
    read: set[str] = set(_TYPES)
    parent, child = (_side(row, side, draft, read) for side in ("parent", "child"))
    kind = next((row.cells[name] for name in _TYPES if name in row.cells), "").lower().strip()
    if not parent or not child or parent == child:
        draft.note("left_out", "a relation that joins no two items", row.place)
    elif kind in PARENT_NEEDS_CHILD:
        _join(parent, child, row.place, draft)
    elif kind in CHILD_NEEDS_PARENT:
        _join(child, parent, row.place, draft)
    elif kind in _HALVES:
        draft.note("inferred", f"type {kind!r} read as what the parent does", row.place)
        _join(parent, child, row.place, draft)
    else:
        draft.note("left_out", f"relations of type {kind or '(none)'!r}: no dependency", row.place)
    _note_rest(row, read, draft)


def _side(row: Row, side: str, draft: Draft, read: set[str]) -> str:
    """Id of an item given by sys_id, else by display name; the name is kept where both stand."""
    read.update(f"{side}{end}" for end in _ENDS)
    found = [row.cells[f"{side}{end}"] for end in _ENDS if f"{side}{end}" in row.cells]
    if not found:
        return ""
    known = draft.held_names.get(found[0])
    if known == SHARED:
        what = f"several services are called {found[0]!r}: the relation names none of them"
        draft.note("missing", what, row.place)
    identifier = cleaned_id(known or found[0])
    if len(found) > 1 and found[-1] != found[0]:
        draft.put("services", identifier, row.place, name=found[-1])
    return identifier


def _join(consumer: str, provider: str, place: str, draft: Draft) -> None:
    """Add an edge and both its ends."""
    draft.put("services", provider, place)
    draft.put("services", consumer, place, depends_on=[provider])


def _take_item(row: Row, draft: Draft) -> None:
    """Take one configuration item."""
    cells = row.cells
    name, number = cells.get("name", ""), cells.get("sys_id", "")
    identifier = number or name
    if number and name and draft.held_names.get(name) == cleaned_id(name):
        # A relation named it before its number was known.
        identifier = name
        draft.note("inferred", f"{number!r} read as the item related as {name!r}", row.place)
    if cleaned_id(identifier) in draft.records["services"]:
        what = f"two rows describe {identifier!r}; what the second adds or changes is noted"
        draft.note("conflict", what, row.place)
    vendor = next((cells[column] for column in _VENDORS if column in cells), "")
    provider = slug(vendor) if vendor else None
    draft.put("services", identifier, row.place, name=name, provider=provider)
    _take_criticality(row, identifier, draft)
    if vendor:
        draft.put("organizations", slug(vendor), row.place, name=vendor)
    _note_rest(row, {"name", "sys_id", *_CRITICALITY, *_VENDORS}, draft)


def _take_criticality(row: Row, identifier: str, draft: Draft) -> None:
    """Take how critical an item is to the business: the first two of four classes stand out."""
    text = next((row.cells[name] for name in _CRITICALITY if name in row.cells), "")
    found = {"1": "critical", "2": "important", "3": "standard", "4": "standard"}.get(text[:1])
    if found is None:
        if text:
            draft.note("left_out", f"business criticality {text!r}", row.place)
        return
    draft.put("services", identifier, row.place, "inferred", criticality=found)
    draft.note("inferred", f"business criticality {text!r} read as {found}", row.place)


def _note_rest(row: Row, read: set[str], draft: Draft) -> None:
    """Note the columns that the estate has no place for."""
    for column in sorted(row.cells.keys() - read):
        draft.note("left_out", f"the column {column!r}", row.place)
