"""Compiled code: where it is kept, when it is thrown away, and that the user hears of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from depgraph.engine.compiled_code import first_writable, stamp_of


def test_a_folder_that_cannot_be_written_is_passed_over(tmp_path: Path) -> None:
    # Below a file no folder can be made, whoever asks.
    (tmp_path / "file").touch()
    closed, open_ = tmp_path / "file" / "cache", tmp_path / "cache"

    assert first_writable([closed, open_]) == open_
    assert list(open_.iterdir()) == []
    assert first_writable([closed]) is None


def test_the_stamp_follows_every_compiled_source_and_no_other(tmp_path: Path) -> None:
    caller, callee, plain = tmp_path / "caller.py", tmp_path / "callee.py", tmp_path / "plain.py"
    for source in (caller, callee):
        source.write_text("from numba import njit\n\n@njit(cache=True)\ndef f(): ...\n")
    plain.write_text("A = 1\n")
    first = stamp_of(tmp_path)
    plain.write_text("A = 2\n")
    assert stamp_of(tmp_path) == first

    callee.write_text(callee.read_text() + "# changed\n")

    assert stamp_of(tmp_path) != first


SCRIPT = """
from pathlib import Path
import depgraph.engine.compiled_code as c
from numba import config
if {closed!r}:
    config.CACHE_DIR = ""
    c._bases = lambda here: [Path({closed!r})]
    c.keep_compiled_code()
told = []
c.on_first_compilation(lambda: told.append(1))
from depgraph.engine.naive import vote
import numpy as np
print(round(vote(1, np.array([0.5, 0.5]), np.array([0.5, 0.5]))[0], 3))
print(round(vote(1, np.array([0, 0]), np.array([0, 0]))[0], 3))
print(len(told), config.CACHE_DIR)
"""


def _run(closed: str, cache: Path | str) -> list[str]:
    """Output of a process of its own that compiles one function for two types."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(closed=closed)],
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_the_user_hears_of_compiling_once_and_never_again(tmp_path: Path) -> None:
    first, second = _run("", tmp_path), _run("", tmp_path)

    assert first[:3] == ["0.75", "0.0", "1"]
    assert second[:3] == ["0.75", "0.0", "0"]
    assert first[3] == second[3]
    assert Path(first[3]).parent == tmp_path


def test_where_nothing_can_be_written_the_answer_comes_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    first, second = (_run(str(tmp_path / "file" / "cache"), "") for _ in range(2))

    assert first[:3] == second[:3] == ["0.75", "0.0", "1"]
    assert not Path(first[3]).exists()


@pytest.mark.long
def test_after_warming_up_nothing_is_left_to_compile(tmp_path: Path) -> None:
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "ui.cli", *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stderr

    assert "Compiling the engine" in run("prepare")
    assert "Compiling the engine" not in run("simulate", "sample_data/by_hand", "--years", "20")
    assert "Compiling the engine" not in run("assess", "sample_data/retailer")
