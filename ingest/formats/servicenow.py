"""ServiceNow CMDB as CSV: `cmdb_rel_ci` (parent, type, child) and `cmdb_ci` tables.

``Depends on::Used by`` reads "parent depends on child, child is used by parent".
"""

from __future__ import annotations

from pathlib import Path

from ingest.formats.table import Row, csv_rows, refused
from ingest.provenance import Draft, cleaned_id, slug

PARENT_NEEDS_CHILD = {
    "depends on::used by", "runs on::runs", "hosted on::hosts", "uses::used by",
    "virtualized by::virtualizes", "consumes::consumed by", "powered by::powers",
    "provided by::provides",
}  # fmt: skip
CHILD_NEEDS_PARENT = {"::".join(reversed(kind.split("::"))) for kind in PARENT_NEEDS_CHILD}


def read_servicenow(path: Path, draft: Draft) -> None:
    """Read relations or configuration items, row by row.

    Raises
    ------
    RegisterError
        If the columns are those of neither.
    """
    for row in csv_rows(path, draft):
        cells = row.cells
        if "parent" in cells or "child" in cells or "parent_sys_id" in cells:
            _take_relation(row, draft)
        elif "sys_id" in cells or "name" in cells:
            _take_item(row, draft)
        else:
            what = f"{row.place} has neither parent and child nor sys_id or name"
            raise refused(path, "wrong-format", what, "export cmdb_rel_ci or cmdb_ci")


def _take_relation(row: Row, draft: Draft) -> None:
    """Take one relation; the type gives the direction."""
    cells = row.cells
    parent, child = (
        _item(cells.get(f"{side}_sys_id") or cells.get(side, ""), draft)
        for side in ("parent", "child")
    )
    kind = (cells.get("type") or cells.get("type_name") or "").lower().strip()
    if not parent or not child or parent == child:
        draft.note("left_out", "a relation that joins no two items", row.place)
    elif kind in PARENT_NEEDS_CHILD:
        _join(parent, child, row.place, draft)
    elif kind in CHILD_NEEDS_PARENT:
        _join(child, parent, row.place, draft)
    else:
        draft.note("left_out", f"relations of type {kind or '(none)'!r}: no dependency", row.place)


def _join(consumer: str, provider: str, place: str, draft: Draft) -> None:
    """Add an edge and both its ends."""
    draft.put("services", provider, place)
    draft.put("services", consumer, place, depends_on=[provider])


def _item(text: str, draft: Draft) -> str:
    """Id of an item given by sys_id or by display name."""
    return cleaned_id(draft.held_names.get(text, text)) if text else ""


def _take_item(row: Row, draft: Draft) -> None:
    """Take one configuration item."""
    cells = row.cells
    name = cells.get("name", "")
    identifier = draft.held_names.get(name) or cells.get("sys_id") or name
    vendor = cells.get("vendor") or cells.get("company") or cells.get("manufacturer") or ""
    draft.put(
        "services", identifier, row.place, name=name, provider=slug(vendor) if vendor else None
    )
    if vendor:
        draft.put("organizations", slug(vendor), row.place, name=vendor)
    for column in cells.keys() - {"name", "sys_id", "vendor", "company", "manufacturer"}:
        draft.note("left_out", f"the column {column!r}", row.place)
