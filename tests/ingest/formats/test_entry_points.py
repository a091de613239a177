"""A format of another package: one file and an entry point, found and used by the command line."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest import require_estate
from ingest.formats.registry import EXPORTERS, IMPORTERS, exporter_names, importer_names
from tests.ui.command_line import app

MODULE = "synthetic_status"
[EXAMPLE] = re.findall(
    r"```python\n(.*?)```",
    (Path(__file__).parents[3] / "docs" / "import.md").read_text(encoding="utf-8"),
    re.DOTALL,
)
"""The importer of the how-to page: services as lines name=availability."""
CODE = f"""{EXAMPLE}

def status_text(estate):
    return "".join(f"{{s.id}}={{s.availability}}\\n" for s in estate.services)


NO_FUNCTION = 7
"""
POINTS = f"""[depgraph.importers]
status = {MODULE}:read_status
broken = {MODULE}:absent
number = {MODULE}:NO_FUNCTION
csv = {MODULE}:read_status

[depgraph.exporters]
status = {MODULE}:status_text
"""
RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install a distribution for the time of a test."""
    site = tmp_path / "site"
    about = site / "synthetic_status-1.0.dist-info"
    about.mkdir(parents=True)
    (site / f"{MODULE}.py").write_text(CODE, encoding="utf-8")
    head = "Metadata-Version: 2.1\nName: synthetic-status\nVersion: 1.0\n"
    (about / "METADATA").write_text(head, encoding="utf-8")
    (about / "entry_points.txt").write_text(POINTS, encoding="utf-8")
    monkeypatch.syspath_prepend(str(site))
    yield
    sys.modules.pop(MODULE, None)


def test_an_installed_format_is_imported_and_exported(tmp_path: Path) -> None:
    file, out = tmp_path / "status.txt", tmp_path / "out"
    file.write_text("shop=0.999\nmail=99.5%\n# a note\n", encoding="utf-8")
    done = RUNNER.invoke(app, ["import", "status", str(file), "--out", str(out), "--json"])
    [report] = json.loads(done.stdout)["reports"]
    again = RUNNER.invoke(app, ["export", "status", str(out)])

    assert done.exit_code == 0
    assert report["taken"] == {"services": 2}
    assert [note["what"] for note in report["left_out"]] == ["the line '# a note'"]
    estate = require_estate(out / "estate.yaml")
    assert {s.id: str(s.availability) for s in estate.services} == {
        "shop": "0.999",
        "mail": "0.995",
    }
    assert again.stdout == "shop=0.999\nmail=0.995\n"


def test_a_file_it_refuses_and_a_value_the_estate_refuses(tmp_path: Path) -> None:
    for text, why in (("nothing\n", "no line is name"), ("shop=9\n", "outside [0, 1]")):
        file = tmp_path / "status.txt"
        file.write_text(text, encoding="utf-8")
        done = RUNNER.invoke(app, ["import", "status", str(file), "--out", str(tmp_path / "out")])

        assert done.exception is not None
        assert why in str(done.exception)
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "why"), [("broken", "AttributeError"), ("number", "it is no function")]
)
def test_a_format_that_cannot_be_loaded_is_named(tmp_path: Path, name: str, why: str) -> None:
    file = tmp_path / "status.txt"
    file.write_text("shop=1\n", encoding="utf-8")
    done = RUNNER.invoke(app, ["import", name, str(file), "--out", str(tmp_path / "out")])

    text = str(done.exception)
    assert f"the format {name!r} of synthetic-status cannot be loaded" in text
    assert why in text


def test_names_are_listed_and_ours_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "services.csv"
    file.write_text("id\nshop\n", encoding="utf-8")
    done = RUNNER.invoke(app, ["import", "csv", str(file), "--out", str(tmp_path / "out")])

    assert {"status", *IMPORTERS} <= set(importer_names())
    assert {"status", *EXPORTERS} <= set(exporter_names())
    assert done.exit_code == 0
    assert {s.id for s in require_estate(tmp_path / "out" / "estate.yaml").services} == {"shop"}
