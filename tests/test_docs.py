"""The commands of the README and the tutorial are run, and print what is shown."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BROKEN = "services:\n  - {id: a, availability: 99.9}\n"


def _blocks(document: str) -> list[list[tuple[str, list[str]]]]:
    """Console blocks as commands with the lines shown below them."""
    text = (ROOT / document).read_text(encoding="utf-8")
    blocks = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        commands: list[tuple[str, list[str]]] = []
        for line in block.splitlines():
            if line.startswith("$ "):
                commands.append((line[2:], []))
            else:
                commands[-1][1].append(line)
        blocks.append(commands)
    return blocks


def _words(line: str) -> list[str]:
    return line.split()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the documents speak of."""
    shutil.copytree(ROOT / "sample_data", tmp_path / "sample_data")
    tutorial = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    [estate] = re.findall(r"```yaml\n(.*?)```", tutorial, re.DOTALL)
    (tmp_path / "my.yaml").write_text(estate, encoding="utf-8")
    (tmp_path / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    [scenario] = re.findall(r"\n\n((?:    .*\n)+)", tutorial[tutorial.index("`second.yaml`") :])[:1]
    (tmp_path / "second.yaml").write_text(textwrap.dedent(scenario), encoding="utf-8")
    sources = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
    (tmp_path / "files").mkdir()
    for name, kind in (("bom.json", "json"), ("vendors.csv", "csv")):
        content = re.findall(rf"```{kind}\n(.*?)```", sources, re.DOTALL)[0]
        (tmp_path / "files" / name).write_text(content, encoding="utf-8")
    monkeypatch.setenv("DEPGRAPH_HOME", str(tmp_path / ".depgraph"))
    return tmp_path


@pytest.mark.store
@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        *(f"docs/{name}.md" for name in ("tutorial", "what-if", "dora", "import", "improve")),
    ],
)
def test_every_command_runs_and_prints_what_is_shown(document: str, place: Path) -> None:
    blocks = _blocks(document)
    assert blocks
    try:
        for command, shown in (item for block in blocks for item in block):
            program, *arguments = shlex.split(command)
            assert program == "depgraph"
            done = subprocess.run(
                [sys.executable, "-m", "ui.cli", *arguments],
                cwd=place, capture_output=True, text=True, check=False,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip
            assert "Traceback" not in done.stderr, command
            printed = [_words(line) for line in (done.stdout + done.stderr).splitlines()]
            for line in shown:
                assert _words(line) in printed, f"{command}\n{line}\n{done.stdout}{done.stderr}"
    finally:
        subprocess.run([sys.executable, "-m", "ui.cli", "graph", "stop"], cwd=place, check=False)


def test_linked_files_exist() -> None:
    for document in [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *sorted((ROOT / "docs").rglob("*.md")),
    ]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_two_commands_of_the_readme_are_those_of_run_py() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert "python3 run.py demo" in text
    assert "python3 run.py test" in text
