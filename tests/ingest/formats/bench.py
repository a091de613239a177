"""What the tests of the formats share: one import into a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from depgraph.model.estate import Estate
from ingest.folder import opened_folder, write_folder
from ingest.formats.registry import importer
from ingest.merge import draft_for, merged
from ingest.provenance import ImportReport

SAMPLES = Path(__file__).parents[4] / "shared" / "samples"


def imported(name: str, file: Path, out: Path) -> tuple[Estate, ImportReport]:
    """Import one file, as the command does."""
    folder = opened_folder(out)
    draft = draft_for(folder, f"{name}:{file.name}")
    importer(name)(file, draft)
    estate, report = merged(folder, draft)
    write_folder(folder)
    return estate, report


def written(folder: Path, name: str, text: str) -> Path:
    """A synthetic file."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def sample(name: str) -> Path:
    """A real sample file; skips where the folder of samples is absent."""
    if not (SAMPLES / name).exists():
        pytest.skip(f"the sample {name} is not beside this checkout")
    return SAMPLES / name


def whats(report: ImportReport, kind: str) -> str:
    """All notes of a kind as one text."""
    return "\n".join(note.what for note in report.notes if note.kind == kind)
