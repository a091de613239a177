"""Scenarios saved beside the files of an estate."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depgraph.errors import RegisterError
from depgraph.model.scenario import Scenario
from ingest.read import read_estate, require_estate
from ingest.saved_scenarios import remove_scenario, save_scenario, saved_scenario, scenario_files
from tests.estates import HOSTILE

ESTATE = "services: [{id: a, depends_on: [b]}, {id: b}]\n"
SCENARIO = Scenario.model_validate(
    {
        "name": "b fails",
        "incidents": [{"id": "x", "affects": "b", "start": "2026-04-10T10:00:00Z", "end": "2026-04-10T11:00:00Z"}],
        "edits": [{"add": {"services": [{"id": "b2", "availability": 0.99999999999}]}}],
    }
)  # fmt: skip


def _folder(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "estate.yaml").write_text(ESTATE)
    return tmp_path / "shop"


def test_saved_beside_a_folder_it_is_no_part_of_the_estate(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    before = require_estate(folder)
    path = save_scenario(folder, SCENARIO)

    assert path == folder / "scenarios" / "b-fails.yaml"
    assert read_estate(folder).estate == before
    assert saved_scenario(folder, "b fails", before) == SCENARIO
    assert saved_scenario(folder, "b-fails", before) == SCENARIO


def test_saved_beside_a_file_it_is_no_part_of_the_folder_around(tmp_path: Path) -> None:
    file = _folder(tmp_path) / "estate.yaml"
    path = save_scenario(file, SCENARIO)

    assert path == file.parent / "estate.scenarios" / "b-fails.yaml"
    assert read_estate(file.parent).estate == require_estate(file)
    assert saved_scenario(file, "b fails") == SCENARIO


def test_a_folder_further_down_that_is_called_scenarios_is_read(tmp_path: Path) -> None:
    """Only the one at the top is left out, so that records are not lost unseen."""
    folder = _folder(tmp_path)
    (folder / "more" / "scenarios").mkdir(parents=True)
    (folder / "more" / "scenarios" / "x.yaml").write_text("services: [{id: c}]")

    assert [s.id for s in require_estate(folder).services] == ["a", "b", "c"]


def test_a_name_is_not_written_over_unless_told_to(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    save_scenario(folder, SCENARIO)
    save_scenario(folder, SCENARIO)
    other = SCENARIO.replace(why="another question")
    with pytest.raises(RegisterError, match="--replace"):
        save_scenario(folder, other)
    assert saved_scenario(folder, "b fails") == SCENARIO
    save_scenario(folder, other, replace=True)

    assert saved_scenario(folder, "b fails") == other
    assert len(scenario_files(folder)) == 1


def test_any_name_has_a_file_of_its_own_inside_the_folder(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    names = [
        name
        for name in dict.fromkeys([*HOSTILE, "B fails", "b-fails!", "../b fails"])
        if name.strip()
    ]
    for name in names:
        path = save_scenario(folder, SCENARIO.replace(name=name))
        assert path.resolve().parent == (folder / "scenarios").resolve()

    assert {f.scenario.name for f in scenario_files(folder) if f.scenario} == set(names)
    for name in names:
        assert saved_scenario(folder, name).name == name


@given(number=st.floats(min_value=0, max_value=1, allow_nan=False))
def test_figures_keep_their_digits(tmp_path_factory: pytest.TempPathFactory, number: float) -> None:
    folder = _folder(tmp_path_factory.mktemp("estate"))
    edit = {"replace": {"services": [{"id": "b", "availability": number}]}}
    scenario = SCENARIO.replace(edits=[edit])
    save_scenario(folder, scenario)

    assert saved_scenario(folder, "b fails") == scenario


def test_what_no_longer_fits_the_estate_is_named_with_its_place(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    path = save_scenario(folder, SCENARIO)
    (folder / "estate.yaml").write_text("services: [{id: a}]\n")
    with pytest.raises(RegisterError) as caught:
        saved_scenario(folder, "b fails", require_estate(folder))

    [problem] = caught.value.problems
    assert problem.value == "b"
    assert problem.file == str(path)
    assert problem.line


def test_what_is_not_there_is_said_and_broken_files_are_listed(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    save_scenario(folder, SCENARIO)
    (folder / "scenarios" / "broken.yaml").write_text("name: [")
    with pytest.raises(RegisterError, match="there are: b fails, broken"):
        saved_scenario(folder, "c fails")
    with pytest.raises(RegisterError, match="no scenario called 'c'"):
        remove_scenario(folder, "c")
    with pytest.raises(RegisterError, match="give it one"):
        save_scenario(folder, SCENARIO.replace(name=""))

    assert [bool(file.problems) for file in scenario_files(folder)] == [False, True]
    remove_scenario(folder, "b fails")
    assert [file.path.name for file in scenario_files(folder)] == ["broken.yaml"]
