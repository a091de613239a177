"""What differs between two estates, record by record and field by field."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from depgraph.model.estate import Estate
from depgraph.record import Record

_NAMED = (
    "organizations", "locations", "services", "functions", "contracts", "incidents",
)  # fmt: skip
_WHOLE = ("name", "defaults")
Kind = Literal["added", "changed", "removed"]


class FieldChange(Record):
    """One field that differs."""

    field: str
    """Its name."""
    before: str | None
    """Value before as JSON; None when the record did not give it."""
    after: str | None
    """Value after as JSON; None when the record does not give it."""


class RecordChange(Record):
    """One record that differs."""

    what: Kind
    """What happens to it."""
    list: str
    """List of the estate that holds it; ``slas`` for SLAs inside contracts."""
    id: str
    """Its id; a text that names it where records have none."""
    fields: tuple[FieldChange, ...]
    """Fields that differ; for added and removed records all that are given."""


def estate_changes(before: Estate, after: Estate) -> tuple[RecordChange, ...]:
    """Compare two estates; the order of records does not count.

    Parameters
    ----------
    before, after : Estate
        The two estates.

    Returns
    -------
    tuple of RecordChange
        List by list in the order of the estate's fields, removed records first, then changed, then
        added. SLAs are compared by themselves, not as a part of their contract.
    """
    old, new = _plain(before), _plain(after)
    found = [
        change
        for name in (*_NAMED, "slas", "measurements", "claims", "conversions")
        for change in _of_list(name, _records(old, name), _records(new, name))
    ]
    whole = _fields(*({k: data[k] for k in _WHOLE if k in data} for data in (old, new)))
    if whole:
        found.append(RecordChange(what="changed", list="estate", id="estate", fields=whole))
    return tuple(found)


def removed_share(before: Estate, changes: Iterable[RecordChange]) -> float:
    """Share of the records before that changes remove [1]; 0 for an estate without records."""
    old = _plain(before)
    names = (*_NAMED, "slas", "measurements", "claims", "conversions")
    total = sum(len(_records(old, name)) for name in names)
    return sum(change.what == "removed" for change in changes) / total if total else 0.0


def _plain(estate: Estate) -> dict[str, Any]:
    """The estate as plain values, defaults left out."""
    return estate.model_dump(mode="json", exclude_defaults=True, by_alias=True)


def _records(data: Mapping[str, Any], name: str) -> dict[str, dict[str, Any]]:
    """Records of one list by id; those without an id by their content, counted."""
    if name == "slas":
        return {
            sla["id"]: {"contract": contract["id"], **sla}
            for contract in data.get("contracts", ())
            for sla in contract.get("slas", ())
        }
    found: dict[str, dict[str, Any]] = {}
    counted: Counter[str] = Counter()
    for record in data.get(name, ()):
        if name in _NAMED:
            found[record["id"]] = {k: v for k, v in record.items() if k != "slas"}
            continue
        text = _json(record)
        counted[text] += 1
        found[text if counted[text] == 1 else f"{text} ({counted[text]})"] = record
    return found


def _of_list(
    name: str, old: Mapping[str, dict[str, Any]], new: Mapping[str, dict[str, Any]]
) -> Iterable[RecordChange]:
    removed = [i for i in old if i not in new]
    changed = [i for i in old if i in new and old[i] != new[i]]
    added = [i for i in new if i not in old]
    kinds: tuple[tuple[Kind, list[str]], ...] = (
        ("removed", removed), ("changed", changed), ("added", added),
    )  # fmt: skip
    for what, ids in kinds:
        for i in ids:
            fields = _fields(old.get(i, {}), new.get(i, {}))
            yield RecordChange(what=what, list=name, id=i, fields=fields)


def _fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Fields that differ."""
    names: Sequence[str] = [*old, *(name for name in new if name not in old)]
    return tuple(
        FieldChange(
            field=name,
            before=_json(old[name]) if name in old else None,
            after=_json(new[name]) if name in new else None,
        )
        for name in names
        if name != "id" and old.get(name, ...) != new.get(name, ...)
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
