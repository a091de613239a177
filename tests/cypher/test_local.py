"""The local server: found again, one at a time, and one clear sentence when it cannot be."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from cypher import arcadedb, local
from cypher.folder import ProjectFolder, RunningServer
from cypher.local import started, stopped
from depgraph.errors import StoreError


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder(tmp_path / ".depgraph")


def test_the_folder_ignores_itself_and_keeps_secrets(folder: ProjectFolder) -> None:
    password = folder.password("arcadedb")

    assert (folder.path / ".gitignore").read_text() == "*\n"
    assert folder.password("arcadedb") == password
    assert stat.S_IMODE((folder.path / "arcadedb" / "password").stat().st_mode) == 0o600
    assert password not in " ".join(arcadedb.command(folder, 1))


def test_a_stale_lock_is_no_server(folder: ProjectFolder) -> None:
    finished = subprocess.Popen([sys.executable, "-c", ""])
    finished.wait()
    folder.note(RunningServer(finished.pid, 0.0, 1, "arcadedb"))

    assert folder.running("arcadedb") is None


def test_a_pid_given_to_another_program_is_no_server(folder: ProjectFolder) -> None:
    mine = psutil.Process()
    folder.note(RunningServer(mine.pid, mine.create_time() - 100, 1, "arcadedb"))

    assert folder.running("arcadedb") is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}', json.dumps({"other": 1})])
def test_a_broken_lock_is_no_server(folder: ProjectFolder, text: str) -> None:
    (folder.data("arcadedb") / "server.json").write_text(text)

    assert folder.running("arcadedb") is None


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written.*DEPGRAPH_HOME"):
        ProjectFolder(tmp_path / "file" / ".depgraph").data("arcadedb")


def test_a_platform_without_the_package_gets_the_alternatives(
    folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arcadedb, "find_spec", lambda _: None)
    with pytest.raises(StoreError, match="--engine neo4j"):
        arcadedb.command(folder, 1)


def test_a_server_that_ends_at_once_is_explained_and_leaves_no_lock(
    folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_folder: ProjectFolder, _port: int) -> list[str]:
        return [sys.executable, "-c", "import sys; sys.exit('No space left on device')"]

    monkeypatch.setitem(local._COMMANDS, "arcadedb", broken)
    with pytest.raises(StoreError, match="is full"):
        started("arcadedb", folder)

    assert not (folder.path / "arcadedb" / "server.json").exists()


def test_a_server_of_a_program_that_still_runs_is_stopped(folder: ProjectFolder) -> None:
    """Its parent does not look, so it stays a zombie: gone, but never to be waited for."""
    parent = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        server = psutil.Process(int(program.stdout.readline()))
        folder.note(RunningServer(server.pid, server.create_time(), 1, "arcadedb"))

        assert stopped("arcadedb", folder)
        assert server.status() == psutil.STATUS_ZOMBIE
        assert program.poll() is None


@pytest.mark.store
def test_two_starters_get_one_server_and_a_second_program_is_named(folder: ProjectFolder) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: started("arcadedb", folder), range(2))
    try:
        assert first == second
        folder.forget("arcadedb")
        with pytest.raises(StoreError, match=f"process {first.pid}.*holds the data"):
            started("arcadedb", folder)
        folder.note(first)
    finally:
        assert stopped("arcadedb", folder)
    assert not stopped("arcadedb", folder)
