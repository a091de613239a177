"""Views kept under a name: nothing is lost, and a broken file is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from cypher.folder import ProjectFolder
from depgraph.errors import StoreError
from ui.explore_state import ExploreState
from ui.saved_views import MOST_LETTERS, remove_view, save_view, saved_views

VIEW = ExploreState(focus=("service:a",), vendors=("é & <b>",), hide_names=True)


def test_what_is_kept_is_what_comes_back(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path / "deep" / ".depgraph")
    assert saved_views("e", folder) == {}
    save_view("e", " Monday ", VIEW, folder)
    save_view("e", "plain", ExploreState(), folder)
    save_view("other", "Monday", ExploreState(), folder)

    assert saved_views("e", folder) == {"Monday": VIEW, "plain": ExploreState()}
    save_view("e", "Monday", ExploreState(), folder)
    assert saved_views("e", folder)["Monday"] == ExploreState()
    remove_view("e", "Monday", folder)
    remove_view("e", "never there", folder)
    assert list(saved_views("e", folder)) == ["plain"]
    assert list(saved_views("other", folder)) == ["Monday"]
    assert [file.name for file in folder.path.iterdir()] == ["views.json"], "nothing left behind"


@pytest.mark.parametrize("name", ["", "  ", "x" * (MOST_LETTERS + 1)])
def test_a_view_needs_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="needs a name"):
        save_view("e", name, VIEW, ProjectFolder(tmp_path))


@pytest.mark.parametrize("text", ["{", "[]", '{"e": {"v": {"focus": "x"}}}', '{"e": 1}'])
def test_a_broken_file_is_named_and_not_overwritten(tmp_path: Path, text: str) -> None:
    (tmp_path / "views.json").write_text(text)
    folder = ProjectFolder(tmp_path)

    with pytest.raises(StoreError, match=r"views\.json"):
        saved_views("e", folder)
    with pytest.raises(StoreError, match=r"views\.json"):
        save_view("e", "v", VIEW, folder)
    assert (tmp_path / "views.json").read_text() == text


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="DEPGRAPH_HOME"):
        save_view("e", "v", VIEW, ProjectFolder(tmp_path / "file" / ".depgraph"))
