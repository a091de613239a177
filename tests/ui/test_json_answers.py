"""Every command answers in JSON; standard output then holds one document and nothing else."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from ingest import require_estate
from tests.ui.command_line import app
from ui.commands import graph

_PAGES = {"ui", "demo"}
"""They serve a page until they are ended."""


def _leaves(command: Any, name: str = "") -> list[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        return [(name, command)]
    return [leaf for key, each in below.items() for leaf in _leaves(each, f"{name} {key}".strip())]


def test_every_command_that_answers_has_json() -> None:
    leaves = _leaves(typer.main.get_command(app))
    without = {
        name for name, command in leaves
        if not any("--json" in parameter.opts for parameter in command.params)
    }  # fmt: skip
    assert len(leaves) > len(_PAGES)
    assert without == _PAGES


def _answer(*words: str) -> dict[str, object]:
    found = CliRunner().invoke(app, [*words, "--json"])
    assert found.exit_code == 0, found.stderr
    answer: dict[str, object] = json.loads(found.stdout)
    return answer


@pytest.fixture
def estate(tmp_path: Path) -> str:
    path = tmp_path / "estate.yaml"
    path.write_text("organizations: [{id: us, own: true}]\nservices: [{id: shop, provider: us}]\n")
    return str(path)


def test_what_was_written_is_told(estate: str, tmp_path: Path) -> None:
    dot, pack, table = (str(tmp_path / name) for name in ("e.dot", "p.html", "t.csv"))
    assert _answer("export", "dot", estate, "--out", dot)["written"] == dot
    assert _answer("report", "diligence-pack", estate, "--out", pack) == {
        "kind": "diligence-pack", "organization": None, "written": pack,
    }  # fmt: skip
    assert _answer("import", "yaml", estate, "--out", str(tmp_path / "in"))["written"] == [
        str(tmp_path / "in" / "estate.yaml")
    ]
    assert _answer("template", "csv", "--out", table) == {"format": "csv", "written": table}
    assert all(Path(each).stat().st_size for each in (dot, pack, table))


def test_what_was_pulled_and_forgotten_is_told(
    estate: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file named .yaml holds YAML, also where the answer about it is JSON."""
    held = SimpleNamespace(pull=lambda _name: require_estate(estate))
    monkeypatch.setattr(graph, "_store", lambda *_: nullcontext(held))
    file = tmp_path / "copy.yaml"
    pulled = _answer("graph", "pull", "--name", "mine", "--out", str(file))
    assert pulled == {"estate": "mine", "written": str(file)}
    assert file.read_text().startswith("organizations:\n")

    _answer("whatif", estate, "--down", "shop", "--save", "Shop down")
    assert _answer("whatif", estate, "--forget", "Shop down")["removed"] == "Shop down"


@pytest.mark.parametrize("words", [("export", "dot"), ("template", "csv")])
def test_two_documents_on_one_output_are_refused(words: tuple[str, ...], estate: str) -> None:
    line = [*words, *([estate] if words[0] == "export" else []), "--json"]
    found = CliRunner().invoke(app, line)
    assert found.exit_code == 2
    assert found.stdout == ""
    assert "name a file with --out" in found.stderr


def test_the_schema_is_json_either_way() -> None:
    assert _answer("schema") == json.loads(CliRunner().invoke(app, ["schema"]).stdout)


def test_the_local_graph_tells_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "started", lambda _engine: SimpleNamespace(port=7687))
    monkeypatch.setattr(graph, "stopped", lambda _engine: True)
    assert _answer("graph", "start")["address"] == "bolt://127.0.0.1:7687"
    assert _answer("graph", "stop") == {"engine": "arcadedb", "was_running": True}
