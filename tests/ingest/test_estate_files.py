"""Estates written back into their files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depgraph.engine.changes import estate_changes
from depgraph.errors import DepgraphError
from depgraph.model.estate import Estate
from ingest import estate_files as module
from ingest import require_estate
from ingest.estate_files import JOURNAL, applied, files_edit, recovered, undone
from ingest.proposal import proposal_with_record, proposal_without
from ingest.write import estate_text
from sample_data import sample_path
from tests.estates import estates

SERVICES = """\
# Ours.
services:
  # the shop
  - id: shop
    availability: "99.9%"   # measured
    depends_on: [db]

  # the database
  - {id: db, availability: 0.99}

name: synthetic
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "services.yaml").write_text(SERVICES)
    (tmp_path / "organizations.yaml").write_text("organizations: [{id: a}, {id: b}]\n")
    return tmp_path


def _with(estate: Estate, kind: str, **record: object) -> Estate:
    found = proposal_with_record(estate, kind, record)
    assert found.estate is not None, found.problems
    return found.estate


def test_only_the_record_changes_and_comments_stay(folder: Path) -> None:
    before = require_estate(folder)
    after = _with(before, "services", id="db", availability=0.995)
    edit = files_edit(folder, before, after)
    applied(edit)

    wanted = SERVICES.replace("- {id: db, availability: 0.99}", "- {id: db, availability: 0.995}")
    assert (folder / "services.yaml").read_text() == wanted
    assert require_estate(folder) == after
    assert list(edit.fresh) == [folder / "services.yaml"]
    assert edit.rewritten == ()
    undone(edit)
    assert (folder / "services.yaml").read_text() == SERVICES


def test_a_new_record_stands_at_the_end_of_its_list(folder: Path) -> None:
    before = require_estate(folder)
    after = _with(before, "services", id="cache", availability=0.9)
    applied(files_edit(folder, before, after))

    text = (folder / "services.yaml").read_text()
    assert text.index("id: cache") > text.index("id: db")
    assert text.index("id: cache") < text.index("name: synthetic")
    assert require_estate(folder) == after


def test_a_removed_record_goes_and_its_neighbours_comments_stay(folder: Path) -> None:
    before = require_estate(folder)
    after = proposal_without(before, "services", "shop").estate
    assert after is not None
    applied(files_edit(folder, before, after))

    text = (folder / "services.yaml").read_text()
    assert "# the database" in text
    assert "shop\n" not in text.replace("# the shop\n", "")
    assert require_estate(folder) == after


def test_a_list_on_one_line_is_written_anew_and_that_is_said(folder: Path) -> None:
    before = require_estate(folder)
    after = _with(before, "organizations", id="c", name="C: the third")
    edit = files_edit(folder, before, after)
    applied(edit)

    assert edit.rewritten == (folder / "organizations.yaml",)
    assert require_estate(folder) == after


def test_a_first_record_of_a_list_gets_a_file_of_its_own(folder: Path) -> None:
    before = require_estate(folder)
    after = _with(before, "functions", id="sell", critical=True)
    edit = files_edit(folder, before, after)
    applied(edit)
    assert (folder / "functions.yaml").exists()
    undone(edit)

    assert not (folder / "functions.yaml").exists()
    assert require_estate(folder) == before


def test_files_changed_meanwhile_are_not_overwritten(folder: Path) -> None:
    before = require_estate(folder)
    after = _with(before, "services", id="db", availability=0.5)
    edit = files_edit(folder, before, after)
    (folder / "services.yaml").write_text(SERVICES + "# mine\n")
    with pytest.raises(DepgraphError, match="changed meanwhile"):
        applied(edit)
    assert (folder / "services.yaml").read_text().endswith("# mine\n")

    (folder / "services.yaml").write_text("services: [{id: other}]\n")
    with pytest.raises(DepgraphError, match="changed meanwhile"):
        files_edit(folder, before, after)


def test_an_undo_does_not_undo_what_others_did_since(folder: Path) -> None:
    before = require_estate(folder)
    edit = files_edit(folder, before, _with(before, "services", id="db", availability=0.5))
    applied(edit)
    (folder / "services.yaml").write_text("services: [{id: other}]\n")

    with pytest.raises(DepgraphError, match="changed meanwhile"):
        undone(edit)
    assert (folder / "services.yaml").read_text() == "services: [{id: other}]\n"


def test_a_death_between_two_files_is_put_right(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second file's exchange never happens, nor anything after it, as with a kill."""
    before = require_estate(folder)
    changed = _with(before, "services", id="db", availability=0.5)
    after = _with(changed, "organizations", id="c")
    edit = files_edit(folder, before, after)
    assert len(edit.fresh) == 2
    real = module._write
    done: list[Path] = []

    def dying(path: Path, content: bytes) -> None:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(path)
        real(path, content)

    monkeypatch.setattr(module, "_write", dying)
    with pytest.raises(KeyboardInterrupt):
        applied(edit)
    monkeypatch.undo()
    assert (folder / JOURNAL).exists()
    half = (folder / "services.yaml").read_text(), (folder / "organizations.yaml").read_text()
    assert half[0] != SERVICES or "id: c" in half[1]

    assert recovered(folder)
    assert require_estate(folder) == before
    assert (folder / "services.yaml").read_text() == SERVICES
    assert not recovered(folder)


def test_a_full_disk_leaves_everything_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = require_estate(folder)
    changed = _with(before, "services", id="db", availability=0.5)
    edit = files_edit(folder, before, _with(changed, "organizations", id="c"))
    real = module._write
    calls: list[Path] = []

    def full(path: Path, content: bytes) -> None:
        calls.append(path)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        real(path, content)

    monkeypatch.setattr(module, "_write", full)
    with pytest.raises(DepgraphError, match="No space left on device; all is as it was"):
        applied(edit)
    assert require_estate(folder) == before
    assert sorted(path.name for path in folder.iterdir()) == ["organizations.yaml", "services.yaml"]


def test_a_journal_cannot_lead_out_of_its_folder(folder: Path) -> None:
    (folder / JOURNAL).write_text('{"../outside": "eA=="}')

    with pytest.raises(DepgraphError, match="outside its folder"):
        recovered(folder)
    assert not (folder.parent / "outside").exists()


def test_a_single_file_and_its_journal(tmp_path: Path) -> None:
    file = tmp_path / "e.json"
    file.write_text(estate_text(require_estate(sample_path("by_hand")), "json"))
    before = require_estate(file)
    after = _with(before, "organizations", id="new", name="New")
    edit = files_edit(file, before, after)
    applied(edit)

    assert require_estate(file) == after
    assert [path.name for path in tmp_path.iterdir()] == ["e.json"]


def test_every_service_of_the_sample_can_be_changed_in_place(tmp_path: Path) -> None:
    """The sample is written by hand with comments; each change must touch one file, patched."""
    for source in sample_path("retailer").glob("*.yaml"):
        (tmp_path / source.name).write_text(source.read_text("utf-8"), "utf-8")
    before = require_estate(tmp_path)
    for service in before.services[::9]:
        data = service.model_dump(mode="json", exclude_defaults=True)
        after = _with(before, "services", **{**data, "name": "Renamed: #1"})
        edit = files_edit(tmp_path, before, after)
        assert (len(edit.fresh), edit.rewritten) == (1, ())


@settings(max_examples=40, deadline=None)
@given(estates(), estates(), st.sampled_from(["yaml", "json"]))
def test_any_estate_can_follow_any_other(
    tmp_path_factory: pytest.TempPathFactory, one: Estate, two: Estate, kind: str
) -> None:
    """Law: after the edit the files hold the second estate, after the undo the first again."""
    file = tmp_path_factory.mktemp("e") / f"e.{kind}"
    file.write_text(estate_text(one, kind), "utf-8")  # type: ignore[arg-type]  # the two literals
    edit = files_edit(file, one, two)
    applied(edit)
    assert estate_changes(require_estate(file), two) == ()
    undone(edit)
    assert require_estate(file) == one


def test_records_without_an_id_stay_and_change(tmp_path: Path) -> None:
    file = tmp_path / "estate.yaml"
    file.write_text(
        "services: [{id: a}]\nconversions:\n"
        "  - {from: USD, to: EUR, rate: 0.9, source: synthetic, date: 2026-01-01}\n"
    )
    before = require_estate(file)
    applied(files_edit(file, before, _with(before, "services", id="b")))
    [rate] = require_estate(file).conversions
    without = require_estate(file).replace(conversions=())
    applied(files_edit(file, require_estate(file), without))

    assert str(rate.rate) == "0.9"
    assert require_estate(file).conversions == ()
    assert [service.id for service in require_estate(file).services] == ["a", "b"]
