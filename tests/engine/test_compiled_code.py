"""Compiled code: where it is kept, when it is thrown away, and that the user hears of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.shapes import TREES, fault_tree, layered_estate
from depgraph.engine.compiled_code import first_writable, stamp_of
from ingest.write import estate_text


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
from depgraph.engine.votes import vote
import numpy as np
print(round(vote(1, np.array([0.5, 0.5]), np.array([0.5, 0.5]))[0], 3))
print(round(vote(1, np.array([0, 0]), np.array([1, 1]))[0], 3))
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


SUNDAYS = {"rule": "FREQ=WEEKLY;BYDAY=SU;BYHOUR=2;BYMINUTE=0;BYSECOND=0", "hours": 2}
EVERYTHING: dict[str, Any] = {
    "organizations": [{"id": "us", "own": True}, {"id": "them"}],
    "locations": [{"id": name, "availability": 0.99} for name in ("x", "y", "z")],
    "services": [
        {"id": "a", "provider": "them", "availability": 0.9, "time_to_failure": "weibull:1.5",
         "located_in": [{"at_least": 2, "of": ["x", "y", "z"], "common_cause": 0.1}]},
        {"id": "b", "provider": "them", "availability": 0.9, "maintenance": [SUNDAYS]},
        {"id": "c", "availability": 0.9, "mttr_hours": 20, "time_to_restore": "lognormal:1"},
        {"id": "d", "availability": 0.9, "depends_on": [{"at_least": 1, "of": ["a", "b"]}]},
        {"id": "shop", "provider": "us", "availability": 0.99, "time_to_restore": "fixed",
         "depends_on": [{"at_least": 2, "of": ["a", "b", "c"], "common_cause": 0.1}, "d"]},
    ],
    "contracts": [
        {"id": f"k-{service}", "supplier": supplier, "customer": customer, "slas": [
            {"id": f"k-{service}-1", "service": service, "monthly_fee": "100 EUR",
             "objectives": [{"metric": "availability", "target": 0.999}],
             "exclusions": [{"kind": "planned_maintenance"}, {"kind": "third_party"}],
             "credits": {"tiers": [{"below": 0.999, "credit": 0.1}]}}]}
        for service, supplier, customer in (("shop", "us", "them"), ("a", "them", "us"))
    ],
}  # fmt: skip
"""Synthetic: layers of redundancy, common causes, maintenance, families of times, money."""
CHANGE = """name: another
why: to compare
edits:
  - add: {services: [{id: e, availability: 0.99}]}
  - replace: {dependencies: [{service: d, on: a, with: e}]}
"""
WORDS = """
import sys
from ingest import require_estate
from pathlib import Path
from depgraph.engine.compiled_code import on_first_compilation
from depgraph.engine.simulation import Simulation
from depgraph.engine.simulation_options import SimulationOptions
from depgraph.engine.simulation_blocks import BlockSimulator
from depgraph.engine.structure import structure_of

on_first_compilation(lambda: print("Compiling the engine", file=sys.stderr))
options = SimulationOptions(years=16)
simulation = Simulation(structure_of(require_estate(Path(sys.argv[1]))), options)
block = BlockSimulator(simulation.task)
block._services.followed = None
block.years(0)
"""


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_after_warming_up_nothing_is_left_to_compile(tmp_path: Path) -> None:
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    estate, change, large = (tmp_path / name for name in ("a.json", "change.yaml", "large.json"))
    estate.write_text(json.dumps(EVERYTHING))
    change.write_text(CHANGE)
    large.write_text(estate_text(layered_estate(600), "json"))
    by_hand, retailer = "sample_data/by_hand", "sample_data/retailer"
    hard = tmp_path / "hard.json"
    hard.write_text(estate_text(fault_tree(TREES["large"], 1), "json"))

    def ran(*command: object) -> str:
        whole = [sys.executable, *map(str, command)]
        return subprocess.run(whole, env=env, capture_output=True, text=True, check=True).stderr

    assert "Compiling the engine" in ran("-m", "ui.cli", "prepare")
    for command in (
        ("simulate", by_hand, "--years", 20),
        ("simulate", estate, "--years", 20, "--workers", 2),
        ("simulate", estate, "--years", 20, "--failures", "weibull:2", "--repairs", "lognormal:1"),
        ("simulate", retailer, "--years", 20, "--accept", "schedule-gap"),
        ("simulate", large, "--years", 20),
        ("simulate", hard, "--years", 16, "--no-exact"),
        ("whatif", estate, change, "--years", 20),
        ("whatif", by_hand, "--down", "ledger"),
        ("settle", by_hand, "--period", "2026-04"),
        ("assess", retailer),
        ("assess", large),
        ("assess", estate, "--service", "shop", "--max-order", 3),
        ("assess", hard, "--service", "top", "--seconds", 4),
        ("improve", retailer, "--service", "point-of-sale", "--target", "0.999",
         "--options", "sample_data/offers/retailer.yaml", "--seconds", 20),
        ("quality", retailer),
    ):  # fmt: skip
        assert "Compiling the engine" not in ran("-m", "ui.cli", *command), command
    assert "Compiling the engine" not in ran("-c", WORDS, estate)
