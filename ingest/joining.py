"""Two records that a person found to be one: joined, and named by one id wherever they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.matching import Pair
from ingest.provenance import KEYS, Draft, record_key

Pool = dict[str, dict[str, dict[str, Any]]]
"""List of the estate → id → fields."""
_FIELDS: dict[str, dict[str, tuple[str, ...]]] = {
    "organizations": {"services": ("provider",),
                      "organizations": ("parent", "ultimate_parent", "entity.direct_parent"),
                      "locations": ("operator",), "functions": ("entity",),
                      "contracts": ("supplier", "customer", "other_suppliers", "other_customers",
                                    "used_by.entity", "ict_uses.entity", "ict_uses.provider",
                                    "assessments.provider")},
    "services": {"measurements": ("service",)},
    "contracts": {"contracts": ("master", "linked_contracts")},
}  # fmt: skip
"""Fields that name a record, by the list it is in; after a point, a field of the records inside."""


def rekey_nameless(draft: Draft) -> None:
    """Name records without an id by what tells them apart, however their source writes times."""
    for kind in KEYS:
        names = {old: record_key(kind, record) for old, record in draft.records[kind].items()}
        found: dict[str, dict[str, Any]] = {}
        for old, record in draft.records[kind].items():
            found.setdefault(names[old], record)
        draft.records[kind] = found
        for key in [key for key in draft.origins if key[0] == kind]:
            _, old, name = key
            draft.origins[kind, names.get(old, old), name] = draft.origins.pop(key)


def join_twins(pool: Pool, pair: Pair) -> None:
    """Join a twin to the record that stays: lists grow, first values stay.

    Parameters
    ----------
    pool : dict
        Records by list and id; changed in place.
    pair : Pair
        The accepted pair.
    """
    twin = pool[pair.kind].pop(pair.other, None)
    if twin is not None:
        kept = pool[pair.kind].setdefault(pair.keep, {"id": pair.keep})
        if pair.kind == "organizations":
            _keep_alias(kept, twin)
        for key, value in twin.items():
            if isinstance(value, list) and key in kept:
                _grow(kept[key], value)
            elif key not in {"aliases", "id"}:
                kept.setdefault(key, value)
    _rename_fields(pool, pair)
    if pair.kind == "services":
        _rename_service(pool, pair)


def _rename_fields(pool: Pool, pair: Pair) -> None:
    """Name the record by its new id in plain fields; nothing comes to own itself."""
    shown = f"{pair.kind.removesuffix('s')}:"
    for kind, references in _FIELDS[pair.kind].items():
        for record in pool[kind].values():
            for reference in references:
                field, _, inner = reference.partition(".")
                if isinstance(record.get(field), (list, dict)):
                    record[field] = _renamed_inside(record[field], inner, pair)
                    continue
                if record.get(reference) != pair.other:
                    continue
                if kind == pair.kind and record.get("id") == pair.keep:
                    del record[reference]
                else:
                    record[reference] = pair.keep
    for incident in pool["incidents"].values():
        if incident.get("affects") in {pair.other, shown + pair.other} and (
            ":" in str(incident["affects"]) or pair.kind == "services"
        ):
            incident["affects"] = shown + pair.keep


def _renamed_inside(value: Any, inner: str, pair: Pair) -> Any:  # noqa: ANN401 - any field
    """A list, or the records in a field, with the twin's id replaced."""
    if isinstance(value, list):
        return [_renamed_inside(item, inner, pair) for item in value]
    if isinstance(value, dict):
        return {k: pair.keep if k == inner and v == pair.other else v for k, v in value.items()}
    return pair.keep if value == pair.other and not inner else value


def _keep_alias(kept: dict[str, Any], twin: Mapping[str, Any]) -> None:
    """Keep the twin's names as aliases."""
    alias = twin.get("name")
    known = [*kept.get("aliases", []), *twin.get("aliases", [])]
    if alias and alias != kept.setdefault("name", alias):
        known.append(alias)
    if known:
        kept["aliases"] = list(dict.fromkeys(known))


def _grow(held: list[Any], value: list[Any]) -> None:
    """Add what is not in a list; records inside are told by their ids."""
    seen = {str(item.get("id", item)) if isinstance(item, dict) else str(item) for item in held}
    for item in value:
        shown = str(item.get("id", item)) if isinstance(item, dict) else str(item)
        if shown not in seen:
            held.append(item)


def _rename_service(pool: Pool, pair: Pair) -> None:
    """Name a service by its new id in needs, service levels, incidents and measurements."""
    for record in pool["services"].values():
        if "depends_on" in record:
            needs = [_renamed(need, pair) for need in record["depends_on"]]
            unique = {str(need): need for need in needs if need != record["id"]}
            record["depends_on"] = list(unique.values())
    for contract in pool["contracts"].values():
        for sla in contract.get("slas", []):
            for holder in (sla, *sla.get("exclusions", [])):
                if holder.get("service") == pair.other:
                    holder["service"] = pair.keep
    measured = {
        record_key("measurements", record): record for record in pool["measurements"].values()
    }
    pool["measurements"].clear()
    pool["measurements"].update(measured)


def _renamed(need: Any, pair: Pair) -> Any:  # noqa: ANN401 - an id or a record
    """A need with the twin's id replaced."""
    if isinstance(need, dict):
        found = dict(need)
        if found.get("service") == pair.other:
            found["service"] = pair.keep
        if "of" in found:
            members = [pair.keep if name == pair.other else name for name in found["of"]]
            found["of"] = list(dict.fromkeys(members))
        return found
    return pair.keep if need == pair.other else need
