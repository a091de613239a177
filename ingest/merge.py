"""A draft into a folder's estate: idempotent, nothing deleted, nothing overwritten unsaid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from depgraph.errors import Problem, RegisterError
from depgraph.model.estate import Estate
from depgraph.wording import counted
from ingest.faults import validation_problems
from ingest.figures_of_two import is_same, is_same_figure, other_figure, without_figure
from ingest.folder import Folder
from ingest.items import joined
from ingest.joining import join_twins, rekey_nameless
from ingest.matching import candidate_pairs
from ingest.mentioned import mentioned
from ingest.provenance import (
    LISTS,
    SHARED,
    Draft,
    ImportReport,
    Origin,
    cleaned_id,
    record_key,
    report_of,
)
from ingest.write import estate_data

MATCHED = ("organizations", "services", "contracts")
"""Lists in which records of two sources are compared."""


def draft_for(folder: Folder, source: str) -> Draft:
    """An empty draft that knows what the folder holds.

    Parameters
    ----------
    folder : Folder
        What earlier imports left.
    source : str
        Format and file.
    """
    names: dict[str, str] = {}
    for service in folder.data.get("services", []):
        name = service.get("name") or service["id"]
        names[name] = SHARED if name in names else service["id"]
    slas = {
        sla["id"]: (contract["id"], sla["service"])
        for contract in folder.data.get("contracts", [])
        for sla in contract.get("slas", [])
    }
    currencies = {
        contract["id"]: contract["currency"]
        for contract in folder.data.get("contracts", [])
        if contract.get("currency")
    }
    return Draft(source, held_names=names, held_slas=slas, held_currencies=currencies)


def merged(folder: Folder, draft: Draft) -> tuple[Estate, ImportReport]:
    """Merge a draft into a folder's content, in memory.

    Parameters
    ----------
    folder : Folder
        What is held; its records, origins and pairs to review become those after the merge.
    draft : Draft
        What one source says; conflicts and what is missing are noted in it.

    Returns
    -------
    tuple of (Estate, ImportReport)
        The estate as a whole, and what became of the source. `write_folder` puts it on disk.

    Raises
    ------
    RegisterError
        With every problem, if the result would be no valid estate; nothing is changed on disk.
    """
    lists = {name: {record_key(name, r): r for r in folder.data.get(name, [])}
             for name in LISTS}  # fmt: skip
    for kind in MATCHED:
        _review(folder, draft, kind, lists[kind])
    _replace_accepted(folder, draft, lists)
    rekey_nameless(draft)
    for name, records in draft.records.items():
        for identifier, record in records.items():
            _merge_record((name, identifier), record, lists[name], (folder, draft))
    _add_missing(folder, lists, draft)
    _mark_stale(folder, draft)
    for (kind, identifier, key), origin in draft.origins.items():
        name = f"{kind}/{identifier}/{key}"
        others = (o for o in folder.origins.get(name, ()) if o.source != draft.source)
        folder.origins[name] = (*others, origin)
    data = {**folder.data, **_settings(folder, draft)}
    data |= {name: list(found.values()) for name, found in lists.items() if found}
    estate = _validated(data, draft)
    folder.data = estate_data(estate)
    return estate, report_of(draft)


def _settings(folder: Folder, draft: Draft) -> dict[str, Any]:
    """Name and defaults of a source, for an estate that holds nothing yet.

    A default would stand in for figures of everything that is there already, so that only the
    user sets it then.
    """
    taken = {}
    for name, (value, place) in draft.settings.items():
        if name not in folder.data and not any(folder.data.get(records) for records in LISTS):
            taken[name] = value
        elif not _is_same_setting(folder.data.get(name), name, value):
            draft.note("left_out", f"{name}: set it in the estate itself", place)
    return taken


def _is_same_setting(held: object, name: str, value: object) -> bool:
    """Whether a setting is what is held, however its numbers are written."""
    try:
        return bool(estate_data(Estate.model_validate({name: value})).get(name) == held)
    except ValidationError:
        return False


def _review(folder: Folder, draft: Draft, kind: str, held: Mapping[str, Any]) -> None:
    """Add fresh pairs to the review list; decided ones stay."""
    known = {(pair.kind, pair.keep, pair.other) for pair in folder.pairs}
    fresh = {
        identifier: record
        for identifier, record in draft.records[kind].items()
        if (origin := draft.origins.get((kind, identifier, "id"))) and origin.how != "defaulted"
    }
    for pair in candidate_pairs(held, fresh, kind):
        seen = {(kind, pair.keep, pair.other), (kind, pair.other, pair.keep)}
        if not seen & known:
            folder.pairs.append(pair)
    for pair in folder.pairs:
        if pair.kind == kind and not pair.decision and pair.other in draft.records[kind]:
            what = f"{pair.other!r} may be {pair.keep!r}: {pair.why}, score {pair.score}"
            draft.note("review", f"{what}; decide in review.json", str(folder.path))


def _replace_accepted(
    folder: Folder, draft: Draft, lists: dict[str, dict[str, dict[str, Any]]]
) -> None:
    """Give accepted twins one id, in the draft and in what is held."""
    for pair in folder.pairs:
        if pair.decision != "accept":
            continue
        for pool in (draft.records, lists):
            join_twins(pool, pair)
        for key in [k for k in draft.origins if k[:2] == (pair.kind, pair.other)]:
            origin = draft.origins.pop(key)
            draft.origins.setdefault((pair.kind, pair.keep, key[2]), origin)
        _rename_origins(folder, f"{pair.kind}/{pair.other}", f"{pair.kind}/{pair.keep}")


def _rename_origins(folder: Folder, old: str, new: str) -> None:
    """Let the record that stays take over where the values of its twin came from."""
    values = folder.origins
    for key in [key for key in values if key.startswith(f"{old}/")]:
        here = new + key.removeprefix(old)
        held = values.get(here, ())
        known = {origin.source for origin in held}
        values[here] = (*held, *(o for o in values.pop(key) if o.source not in known))
    folder.stale.pop(old, None)


def _merge_record(
    key: tuple[str, str],
    record: dict[str, Any],
    held: dict[str, dict[str, Any]],
    context: tuple[Folder, Draft],
) -> None:
    """Join one record's fields; a value of another source stays, and the difference is noted."""
    folder, draft = context
    kind, identifier = key
    ours = held.setdefault(identifier, {"id": identifier} if "id" in record else {})
    record = _with_one_figure(key, record, ours, context)
    for name, value in record.items():
        own = _only_from(folder, f"{kind}/{identifier}/{name}", draft.source)
        origin = draft.origins.get((kind, identifier, name))
        place = origin.place if origin else ""
        if isinstance(value, list):
            found = joined(name, ours.get(name, []), value, own=own)
            ours[name] = found.items
            for what in found.conflicts:
                draft.note("conflict", f"{kind} {identifier}: {what}", place)
            for what in found.absent if own else ():
                text = f"{kind} {identifier}: {what} stands no longer in the source; kept"
                draft.note("stale", text, draft.source)
            for what in found.unstated if own else ():
                text = f"{kind} {identifier}: {what} is not in the source; kept"
                draft.note("stale", text, draft.source)
        elif name not in ours or own:
            ours[name] = value
        elif not is_same(ours[name], value) and (
            name != "name" or value not in ours.get("aliases", ())
        ):
            what = f"{kind} {identifier}: {name} {value!r} is given, {ours[name]!r} is kept"
            draft.note("conflict", what, place)


def _with_one_figure(
    key: tuple[str, str],
    record: dict[str, Any],
    ours: dict[str, Any],
    context: tuple[Folder, Draft],
) -> dict[str, Any]:
    """A record without a figure that is held in another way; what is held by this source goes."""
    folder, draft = context
    ways = other_figure(ours, record)
    if ways is None:
        return record
    held, given = ways
    name = "/".join(key)
    if _only_from(folder, f"{name}/{held}", draft.source):
        for gone in without_figure(ours):
            folder.origins.pop(f"{name}/{gone}", None)
        return record
    origin = draft.origins.get((*key, given))
    if not is_same_figure(ours, record):
        what = f"{' '.join(key)}: {given} {record[given]!r} is given, {held} {ours[held]!r} is kept"
        draft.note("conflict", what, origin.place if origin else "")
    kept = dict(record)
    for gone in without_figure(kept):
        draft.origins.pop((*key, gone), None)
    return kept


def _only_from(folder: Folder, key: str, source: str) -> bool:
    """Whether a value came from this source alone, so that its new value replaces the old."""
    origins = folder.origins.get(key, ())
    return bool(origins) and all(origin.source == source for origin in origins)


def _mark_stale(folder: Folder, draft: Draft) -> None:
    """Mark what this source named before and names no longer."""
    now = {f"{kind}/{identifier}" for kind, identifier, _ in draft.origins}
    fields = {f"{kind}/{identifier}/{name}" for kind, identifier, name in draft.origins}
    stale = folder.stale
    for key, origins in folder.origins.items():
        record, _, name = key.rpartition("/")
        if record in now and key not in fields and _only_from(folder, key, draft.source):
            what = f"{record}: {name} stands no longer in the source; kept"
            draft.note("stale", what, draft.source)
        if any(origin.source == draft.source for origin in origins) and key.endswith("/id"):
            sources = {s for s in stale.get(record, []) if s != draft.source}
            if record not in now:
                sources.add(draft.source)
                draft.note("stale", f"{record} is no longer in the source; kept", draft.source)
            stale[record] = sorted(sources)
    folder.stale = {key: names for key, names in stale.items() if names}


def _add_missing(folder: Folder, lists: dict[str, dict[str, dict[str, Any]]], draft: Draft) -> None:
    """Add what is referred to and described nowhere: a record with its id alone (rule A5)."""
    for kind, name, here in list(mentioned(lists)):
        if not isinstance(name, str):
            continue
        origins = folder.origins.get(f"{kind}/{name}/id", ())
        if any(o.source == draft.source and o.how == "inferred" for o in origins):
            draft.origins.setdefault((kind, name, "id"), Origin(draft.source, here, "inferred"))
            if lists[kind].get(name) == {"id": name}:
                draft.note("missing", _undescribed(kind, name, here))
        if name not in lists[kind] and cleaned_id(name) == name:
            lists[kind][name] = {"id": name}
            draft.origins[kind, name, "id"] = Origin(draft.source, here, "inferred")
            draft.note("missing", _undescribed(kind, name, here))


def _undescribed(kind: str, name: str, here: str) -> str:
    return f"{kind} {name!r} is referred to by {here} and not described"


def _validated(data: dict[str, Any], draft: Draft) -> Estate:
    """The estate, or every problem of it."""
    try:
        return Estate.model_validate(data)
    except ValidationError as error:
        found = validation_problems(error, data)
    except RegisterError as error:
        found = list(error.problems)
    placed = [
        replace(problem, file=_source_of(problem, data, draft), what=_named(problem, data))
        for problem in found
    ]
    raise RegisterError(f"{draft.source} gives {counted(len(placed), 'problem')}", placed)


def _named(problem: Problem, data: dict[str, Any]) -> str:
    """What is wrong, with the field and the record: a row of a table has many."""
    record = _record_of(problem, data)
    fields = [step for step in problem.path[2:] if isinstance(step, str)]
    if not record or not fields or fields[-1] in problem.what:
        return problem.what
    sla = _sla_of(problem, record)
    return f"{fields[-1]} of {(sla or record).get('id', 'a record')}: {problem.what}"


def _source_of(problem: Problem, data: dict[str, Any], draft: Draft) -> str:
    """Place in the source of the record that a problem is about."""
    record = _record_of(problem, data)
    if not record:
        return draft.source
    sla = _sla_of(problem, record)
    if sla and (place := draft.sla_places.get((record["id"], sla.get("id", "")))):
        return place
    kind = str(problem.path[0])
    origin = draft.origins.get((kind, record_key(kind, record), "id"))
    return origin.place if origin else draft.source


def _record_of(problem: Problem, data: dict[str, Any]) -> dict[str, Any]:
    """The record that a problem is about; empty where it is about none."""
    if len(problem.path) < 2 or not isinstance(problem.path[1], int):  # noqa: PLR2004 - list and position
        return {}
    found: dict[str, Any] = data[str(problem.path[0])][problem.path[1]]
    return found


def _sla_of(problem: Problem, record: dict[str, Any]) -> dict[str, Any]:
    """The SLA of a contract that a problem is about; empty where it is about none."""
    match problem.path:
        case ("contracts", _, "slas", int(at), *_):
            found: dict[str, Any] = record["slas"][at]
            return found
    return {}
