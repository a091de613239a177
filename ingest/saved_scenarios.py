"""Scenarios saved beside the files of an estate (rule W1).

An estate in a folder keeps them in its folder `scenarios`, one in a single file `shop.yaml` in
`shop.scenarios` beside it. Neither is read as part of an estate.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from depgraph.errors import Problem, RegisterError
from depgraph.model.estate import Estate
from depgraph.model.scenario import Scenario
from ingest.provenance import slug
from ingest.scenario import read_scenario
from ingest.source import SUFFIXES, scenario_folder
from ingest.write import record_yaml

_LONGEST_NAME = 60


@dataclass(frozen=True)
class SavedFile:
    """A scenario file and what it holds."""

    path: Path
    """The file."""
    scenario: Scenario | None
    """The scenario; None when the file has problems."""
    problems: tuple[Problem, ...] = ()
    """Its problems."""


def scenario_files(estate: Path) -> tuple[SavedFile, ...]:
    """Scenarios saved beside an estate, in the order of their names.

    Parameters
    ----------
    estate : Path
        File or folder of the estate.
    """
    return tuple(sorted(_read(estate), key=lambda file: _name(file) or str(file.path)))


def _read(estate: Path) -> Iterator[SavedFile]:
    folder = scenario_folder(estate)
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
            continue
        try:
            yield SavedFile(path, read_scenario(path))
        except RegisterError as error:
            yield SavedFile(path, None, error.problems)


def _name(file: SavedFile) -> str:
    """Name of a scenario; that of its file where it gives none."""
    return (file.scenario.name if file.scenario else "") or file.path.stem


def saved_scenario(estate: Path, name: str, records: Estate | None = None) -> Scenario:
    """Read the scenario of a name.

    Parameters
    ----------
    estate : Path
        File or folder of the estate.
    name : str
        Its name, or the name of its file.
    records : Estate, optional
        The estate, to look up what the scenario names.

    Raises
    ------
    RegisterError
        If there is none, or two, or it has problems, or it names what the estate no longer has.
    """
    files = scenario_files(estate)
    found = [f for f in files if _name(f) == name] or [f for f in files if f.path.stem == name]
    if len(found) == 1:
        made = read_scenario(found[0].path, records)
        return made if made.name else made.replace(name=found[0].path.stem)
    if found:
        problem = Problem(
            "duplicate-id",
            f"{len(found)} saved scenarios are called {name!r}",
            "rename one of them",
            value=name,
            file=str(found[0].path),
            also=tuple(str(file.path) for file in found[1:]),
        )
    else:
        known = ", ".join(_name(file) for file in files) or "none"
        what = f"no scenario called {name!r} is saved; there are: {known}"
        problem = Problem("unknown-reference", what, "see --scenarios", value=name)
    raise RegisterError(problem.what, [problem])


def save_scenario(estate: Path, scenario: Scenario, *, replace: bool = False) -> Path:
    """Save a scenario beside an estate, under its name.

    Parameters
    ----------
    estate : Path
        File or folder of the estate.
    scenario : Scenario
        With its name.
    replace : bool
        Whether a scenario of that name may be written over.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    RegisterError
        If it has no name, another one has it, or the file cannot be written.
    """
    if not scenario.name.strip():
        raise RegisterError("a scenario is saved under its name: give it one")
    held = [file for file in scenario_files(estate) if _name(file) == scenario.name]
    if held and held[0].scenario == scenario:
        return held[0].path
    if held and not replace:
        raise RegisterError(
            f"{held[0].path} holds a scenario called {scenario.name!r} already, with other "
            "content; take another name, or replace it with --replace"
        )
    path = held[0].path if held else _free_path(scenario_folder(estate), scenario.name)
    data = scenario.model_dump(mode="json", exclude_defaults=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        fresh.write_text(record_yaml(data), encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise RegisterError(f"{path} cannot be written: {error.strerror}") from None
    return path


def remove_scenario(estate: Path, name: str) -> Path:
    """Remove the file of a saved scenario.

    Raises
    ------
    RegisterError
        If there is none of that name, or it cannot be removed.
    """
    found = [file for file in scenario_files(estate) if _name(file) == name]
    if not found:
        saved_scenario(estate, name)
    try:
        found[0].path.unlink()
    except OSError as error:
        raise RegisterError(f"{found[0].path} cannot be removed: {error.strerror}") from None
    return found[0].path


def _free_path(folder: Path, name: str) -> Path:
    """A file name that no other scenario has; names that only look alike get a digest."""
    short = slug(name)[:_LONGEST_NAME]
    plain = short if short.isascii() and short.replace("-", "").isalnum() else ""
    path = folder / f"{plain}.yaml"
    if plain and not path.exists():
        return path
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return folder / f"{plain or 'scenario'}-{mark}.yaml"
