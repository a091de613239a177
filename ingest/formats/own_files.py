"""Our own YAML and JSON, merged into an estate like any other source."""

from __future__ import annotations

from pathlib import Path

from ingest.provenance import LISTS, Draft, record_key
from ingest.read import require_estate
from ingest.write import estate_data


def read_own(path: Path, draft: Draft) -> None:
    """Read an estate's records.

    Raises
    ------
    RegisterError
        With every problem of the file.
    """
    for name, content in estate_data(require_estate(path)).items():
        if name not in LISTS:
            draft.settings[name] = content, f"{path} #/{name}"
            continue
        for at, record in enumerate(content):
            fields = dict(record)
            identifier = fields.pop("id", None) or record_key(name, record)
            place = f"{path} #/{name}/{at}"
            known = draft.put(name, identifier, place, **fields)
            draft.put_empty(name, known, place, [key for key in fields if fields[key] == []])
