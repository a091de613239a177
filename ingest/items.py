"""Items of a record's lists joined: told apart by id or key, nothing overwritten unsaid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from depgraph.model.dependency import Placement, Requirement
from depgraph.model.exclusion import Exclusion
from depgraph.model.register import Branch, ContractUser, IctAssessment, IctUse
from depgraph.model.sla import Sla

_SHAPES: dict[str, TypeAdapter[Any]] = {
    "depends_on": TypeAdapter(Requirement),
    "located_in": TypeAdapter(Placement),
    "slas": TypeAdapter(Sla),
    "exclusions": TypeAdapter(Exclusion),
    "ict_uses": TypeAdapter(IctUse),
    "assessments": TypeAdapter(IctAssessment),
    "used_by": TypeAdapter(ContractUser),
    "branches": TypeAdapter(Branch),
}
"""Fields whose items can be records."""
_KEYS = {
    "ict_uses": ("entity", "provider", "function", "service_type", "provision_country",
                 "storage_country", "processing_country"),
    "assessments": ("provider", "service_type"),
    "used_by": ("entity", "branch"),
    "branches": ("code",),
}  # fmt: skip
"""Fields whose items have no id, with what tells them apart."""


@dataclass
class Joined:
    """A list after joining."""

    items: list[Any] = field(default_factory=list)
    """All items: those held in their order, then fresh ones."""
    conflicts: list[str] = field(default_factory=list)
    """Values of the source that another source's stand against."""
    absent: list[str] = field(default_factory=list)
    """Items held that the source does not name."""
    unstated: list[str] = field(default_factory=list)
    """Fields of items that are held, and that the source, which names the item, does not state."""


def joined(name: str, held: list[Any], fresh: list[Any], *, own: bool) -> Joined:
    """Join what a source says to a list of a record.

    Parameters
    ----------
    name : str
        The field.
    held, fresh : list
        Items of the estate, and of the source.
    own : bool
        Whether all that is held came from this source: its new values then replace old ones.
        Otherwise what is held stays, and differences are told.
    """
    found = Joined()
    new = [_as_held(name, item) for item in fresh]
    named = {str(item) for item in new}
    # Several items of one list may share a key: the first of one is the first of the other.
    keyed = {key: item for key, item in _numbered(name, new) if key is not None}
    for key, item in _numbered(name, held):
        if key in keyed and key is not None:
            stated = keyed.pop(key)
            merged, differences = _merged(item, stated, own=own)
            found.items.append(merged)
            found.conflicts += [f"{name} {key[0]}: {text}" for text in differences]
            found.unstated += [f"{name} {key[0]}: {gone}" for gone in item if gone not in stated]
            continue
        found.items.append(item)
        if str(item) not in named:
            found.absent.append(f"{name} {_shown(item)}")
    seen = {str(item) for item in found.items}
    found.items += keyed.values()
    found.items += [e for e in new if _key(name, e) is None and str(e) not in seen]
    return found


def _merged(held: Mapping[str, Any], fresh: dict[str, Any], *, own: bool) -> tuple[Any, list[str]]:
    """One item with what the source adds or corrects, and what it says against what is held."""
    result, differences = dict(held), []
    for name, value in fresh.items():
        if name == "exclusions" and name in held:
            result[name] = _exclusions(held[name], value, own=own)
        elif own or name not in held:
            result[name] = value
        elif str(held[name]) != str(value):
            differences.append(f"{name} {value!r} is given, {held[name]!r} is kept")
    return result, differences


def _exclusions(held: list[Any], fresh: list[Any], *, own: bool) -> list[Any]:
    """Exclusions of both: told by their clauses; those without are replaced by the source's."""
    named = {(e["kind"], e["clause"]) for e in fresh if e.get("clause")}
    kept = [
        e
        for e in held
        if (e["kind"], e.get("clause")) not in named and (e.get("clause") or not own)
    ]
    return [*kept, *(e for e in fresh if e not in kept)]


def _numbered(name: str, items: list[Any]) -> Iterator[tuple[tuple[object, int] | None, Any]]:
    """Items with what tells each from the others: its key, and how many before have the same."""
    before: Counter[object] = Counter()
    for item in items:
        key = _key(name, item)
        yield (None if key is None else (key, before[key])), item
        before[key] += 1


def _key(name: str, item: object) -> object:
    """What tells one item of a list from the others; None where the whole item does."""
    if not isinstance(item, dict):
        return None
    if "id" in item:
        return item["id"]
    return tuple(item.get(field) for field in _KEYS[name]) if name in _KEYS else None


def _as_held(name: str, item: object) -> Any:  # noqa: ANN401 - any field
    """A record as the estate writes it, so that the same one is found again."""
    if name not in _SHAPES or not isinstance(item, dict):
        return item
    try:
        record = _SHAPES[name].validate_python(item)
    except ValidationError:
        return item
    return _SHAPES[name].dump_python(record, mode="json", exclude_defaults=True, by_alias=True)


def _shown(item: object) -> str:
    """A short name of an item."""
    parts: Iterator[object] = iter((item,))
    if isinstance(item, dict):
        parts = (item[key] for key in ("id", "service", "name") if key in item)
    return repr(next(parts, item))[:100]
