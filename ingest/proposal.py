"""What an estate would become: uploaded files or one edited record, validated, nothing written."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from depgraph.errors import DepgraphError, Problem, RegisterError
from depgraph.model.estate import Estate
from ingest.faults import validation_problems
from ingest.folder import Folder
from ingest.formats.registry import importer
from ingest.merge import draft_for, merged
from ingest.provenance import ImportReport
from ingest.read import MergedFiles
from ingest.source import SUFFIXES
from ingest.write import estate_data, estate_text

HELD = "the estate as it is"
"""Name under which places in records speak that were there before."""

How = Literal["add", "replace"]
"""Put records beside those of the estate, those of one id in their place; or start anew."""


@dataclass(frozen=True)
class Upload:
    """One uploaded file."""

    name: str
    """Name that it had; shown in places, never used as a path."""
    content: bytes
    """What is in it."""


@dataclass(frozen=True)
class Proposal:
    """An estate that could be, or why it cannot."""

    estate: Estate | None
    """The whole estate after the change; None when there are problems."""
    problems: tuple[Problem, ...] = ()
    """Everything that is wrong, with its place."""
    reports: tuple[ImportReport, ...] = ()
    """What foreign formats gave, inferred and left out."""


def proposal_from_files(held: Estate, uploads: Sequence[Upload], how: How) -> Proposal:
    """Estate that files of our own format make of the one that is there.

    Parameters
    ----------
    held : Estate
        The estate as it is.
    uploads : sequence of Upload
        YAML and JSON files.
    how : {"add", "replace"}
        Whether the records that are there stay. A record with an id that is there already takes
        its place.
    """
    wrong = [_wrong_suffix(upload) for upload in uploads if _suffix(upload) not in SUFFIXES]
    if wrong or not uploads:
        return Proposal(None, tuple(wrong) or (Problem("no-file", "no file is given"),))
    with tempfile.TemporaryDirectory() as folder:
        fresh = _taken(Path(folder), uploads)
        if fresh.problems:
            return Proposal(None, tuple(fresh.problems))
        if how == "replace":
            estate, problems = fresh.validated()
        else:
            rest = estate_text_without(held, fresh.data)
            kept = [Upload(HELD, rest.encode())] if rest.strip() != "{}" else []
            both = _taken(Path(folder), [*kept, *uploads])
            estate, problems = both.validated()
    if problems or estate is None:
        return Proposal(None, tuple(problems))
    return Proposal(_each_once(estate))


def proposal_from_foreign(held: Estate, format_name: str, uploads: Sequence[Upload]) -> Proposal:
    """Estate that files of a foreign format make of the one that is there.

    Parameters
    ----------
    held : Estate
        The estate as it is; nothing in it is removed.
    format_name : str
        Name of the format, as for `depgraph import`.
    uploads : sequence of Upload
        The files.
    """
    estate = held
    reports: list[ImportReport] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, upload in enumerate(uploads):
            path = Path(folder) / f"{number}{_suffix(upload)}"
            path.write_bytes(upload.content)
            state = Folder(Path(folder), data=estate_data(estate))
            source = f"{format_name}:{_base_name(upload)}"
            draft = draft_for(state, source)
            try:
                importer(format_name)(path, draft)
                estate, report = merged(state, draft)
            except DepgraphError as error:
                problems = error.problems if isinstance(error, RegisterError) else ()
                found = problems or (Problem("not-read", str(error), file=str(path)),)
                return Proposal(None, tuple(_shown(p, path, upload) for p in found))
            reports.append(report)
    return Proposal(estate, (), tuple(reports))


def proposal_with_record(held: Estate, kind: str, record: Mapping[str, Any]) -> Proposal:
    """Estate with one record added, or in the place of the one with its id.

    Parameters
    ----------
    held : Estate
        The estate as it is.
    kind : str
        List of the estate: ``services``, ``contracts`` …
    record : mapping
        The record as plain values; SLAs that a contract has are kept unless given.
    """
    data = estate_data(held)
    records = data.setdefault(kind, [])
    place = next((n for n, r in enumerate(records) if r["id"] == record.get("id")), len(records))
    records[place : place + 1] = [dict(record)]
    return _validated(data)


def proposal_without(held: Estate, kind: str, identifier: str) -> Proposal:
    """Estate without one record; what still refers to it is a problem.

    Parameters
    ----------
    held : Estate
        The estate as it is.
    kind : str
        List of the estate: ``services``, ``contracts`` …
    identifier : str
        Id of the record.

    Returns
    -------
    Proposal
        The estate, or the problems that stand in the way.

    Raises
    ------
    DepgraphError
        If there is no such record.
    """
    data = estate_data(held)
    records = data.get(kind, [])
    data[kind] = [record for record in records if record["id"] != identifier]
    if len(data[kind]) == len(records):
        raise DepgraphError(f"{kind} holds no record with the id {identifier!r}")
    return _validated(data)


def estate_text_without(held: Estate, fresh: Mapping[str, Any]) -> str:
    """The estate as YAML, without what fresh data brings itself."""
    data = estate_data(held)
    for name, value in fresh.items():
        if name not in data:
            continue
        if not isinstance(value, list) or not isinstance(data[name], list):
            del data[name]
            continue
        ids = {item["id"] for item in value if isinstance(item, dict) and "id" in item}
        data[name] = [item for item in data[name] if item.get("id") not in ids]
    # What is left may refer to records that come with the files, so it is no estate by itself.
    return estate_text(data)


def _validated(data: dict[str, Any]) -> Proposal:
    """Validate plain values; problems are placed by their path."""
    try:
        return Proposal(Estate.model_validate(data))
    except RegisterError as error:
        return Proposal(None, error.problems)
    except ValidationError as error:
        return Proposal(None, tuple(validation_problems(error, data)))


def _taken(folder: Path, uploads: Sequence[Upload]) -> MergedFiles:
    """Merge files; they lie under numbers, so that no name can lead anywhere."""
    files = MergedFiles()
    for number, upload in enumerate(uploads):
        suffix = ".yaml" if upload.name == HELD else _suffix(upload)
        path = folder / f"{number}{suffix}"
        path.write_bytes(upload.content)
        files.take(path, _base_name(upload))
    return files


def _each_once(estate: Estate) -> Estate:
    """Measurements, claims and rates have no id: equal ones are one."""
    lists = {
        name: tuple(dict.fromkeys(getattr(estate, name)))
        for name in ("measurements", "claims", "conversions")
    }
    same = all(len(kept) == len(getattr(estate, name)) for name, kept in lists.items())
    return estate if same else estate.replace(**lists)


def _shown(problem: Problem, path: Path, upload: Upload) -> Problem:
    """A problem that speaks of the upload, not of where it lay for a moment."""
    name = _base_name(upload)
    texts = {
        key: getattr(problem, key).replace(str(path), name) for key in ("what", "hint", "file")
    }
    return replace(problem, **texts, also=tuple(a.replace(str(path), name) for a in problem.also))


def _base_name(upload: Upload) -> str:
    """Last part of a name, whatever system it comes from."""
    return upload.name.replace("\\", "/").rpartition("/")[2] or "file"


def _suffix(upload: Upload) -> str:
    """Ending of a name, if it is a plain one."""
    _, dot, ending = _base_name(upload).rpartition(".")
    return f".{ending.lower()}" if dot and ending.isascii() and ending.isalnum() else ""


def _wrong_suffix(upload: Upload) -> Problem:
    return Problem(
        "not-an-estate-file",
        f"{_base_name(upload)!r} is no YAML or JSON file",
        "choose its format in the list, or give .yaml, .yml or .json",
        file=_base_name(upload),
    )
