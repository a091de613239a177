"""Whatever a file holds, an import ends with an estate or with problems, and never otherwise."""

from __future__ import annotations

import os
import random
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from depgraph.errors import Problem, RegisterError
from ingest.folder import opened_folder
from ingest.formats.registry import IMPORTERS, importer
from ingest.merge import merged
from ingest.provenance import Draft
from tests.ingest.formats.fuzz import mutated, seeds, source

SEEDS = seeds()
SHORT = 60
LONG = int(os.environ.get("DEPGRAPH_FUZZ", "3000"))
SLOW = {"xlsx", "ciso-assistant"}


def _import(name: str, file: Path, out: Path) -> bool:
    """Import a file in memory; whether it gave an estate, and not problems with their places."""
    problems = _problems(name, file, out)
    assert all(problem.what and problem.file for problem in problems or ())
    return problems is None


def _problems(name: str, file: Path, out: Path) -> tuple[Problem, ...] | None:
    """Problems of a file; None where it gave an estate."""
    draft = Draft(f"{name}:{file.name}")
    try:
        importer(name)(file, draft)
        merged(opened_folder(out), draft)
    except RegisterError as error:
        return error.problems or (Problem("none", ""),)
    return None


def _fuzz(name: str, folder: Path, runs: int) -> int:
    """Import broken files; how many gave an estate all the same."""
    draw = random.Random(name)
    good = 0
    for run in range(runs):
        ending, content = draw.choice(SEEDS[name])
        broken = mutated(ending, content, draw)
        try:
            good += _import(name, source(folder, ending, broken), folder / "out")
        except Exception as error:
            raise AssertionError(f"{name} run {run}: {broken[:300]!r}") from error
    return good


@pytest.mark.parametrize("name", sorted(SEEDS))
def test_whole_seeds_give_an_estate(tmp_path: Path, name: str) -> None:
    for ending, content in SEEDS[name]:
        assert _import(name, source(tmp_path, ending, content), tmp_path / "out")


def test_every_format_has_a_seed() -> None:
    assert {*SEEDS, "dora"} >= set(IMPORTERS)


@pytest.mark.parametrize("name", sorted(SEEDS))
def test_broken_files_give_an_estate_or_problems(tmp_path: Path, name: str) -> None:
    good = _fuzz(name, tmp_path, SHORT // 6 if name in SLOW else SHORT)

    assert 0 <= good <= SHORT


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(SEEDS))
def test_thousands_of_broken_files(tmp_path: Path, name: str) -> None:
    runs = LONG // 20 if name in SLOW else LONG
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        peak = alone.submit(_fuzzed_peak, name, tmp_path, runs).result()

    assert peak < 1 << 20


def _fuzzed_peak(name: str, folder: Path, runs: int) -> int:
    """Import broken files; the largest size of this process, which does nothing else [kB].

    `getrusage` would count what the process was that started this one.
    """
    _fuzz(name, folder, runs)
    [line] = (
        line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line
    )
    return int(line.split()[1])


@pytest.mark.parametrize("name", sorted(SEEDS))
def test_a_file_of_another_format_is_refused_or_gives_nothing_false(
    tmp_path: Path, name: str
) -> None:
    for other in SEEDS.keys() - {name, "csv", "servicenow", "xlsx", "ciso-assistant"}:
        for ending, content in SEEDS[other]:
            _import(name, source(tmp_path, ending, content), tmp_path / "out")
