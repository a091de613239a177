"""Simulation on a Dask cluster: the same bits as alone, also after a worker is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from benchmarks.shapes import layered_estate
from depgraph.engine.simulation import Simulation, gather, simulated
from depgraph.engine.simulation_cluster import cluster_tallies
from depgraph.engine.simulation_options import SimulationOptions
from depgraph.engine.structure import structure_of
from depgraph.errors import DepgraphError

distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

YEARS = 6_400


@contextmanager
def _running(*arguments: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Dask process; it holds nothing of worth, so it is killed at the end, not asked to stop."""
    code = "import sys; from distributed.cli.{0} import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code.format(arguments[0]), *arguments[1:]],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers, each a process of its own."""
    note = tmp_path / "scheduler.json"
    local = ("--host", "127.0.0.1", "--no-dashboard")
    joins = ("--scheduler-file", str(note), "--nthreads", "1", "--no-nanny")
    with ExitStack() as running:
        running.enter_context(
            _running(
                "dask_scheduler", *local, "--scheduler-file", str(note), "--port", "0",
                "--no-jupyter", folder=tmp_path,
            )
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while not note.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        workers = [
            running.enter_context(_running("dask_worker", *local, *joins, folder=tmp_path))
            for _ in range(2)
        ]
        with distributed.Client(scheduler_file=str(note), set_as_default=False) as client:
            client.wait_for_workers(2, timeout=90)
            address = client.scheduler.address
        yield address, workers


def test_a_lost_worker_changes_no_bit(
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
) -> None:
    address, workers = cluster
    structure = structure_of(layered_estate(120, 3))
    options = SimulationOptions(years=YEARS, seed=8, exact=False, money=False)
    simulation = Simulation(structure, options)
    tasks = [range(n, n + 2) for n in range(0, YEARS // 16, 2)]
    lost: list[int] = []

    def lose_one(_: Simulation) -> None:
        if not lost:
            os.kill(workers[0].pid, signal.SIGKILL)
            lost.append(workers[0].wait(timeout=30))

    gather(simulation, cluster_tallies(simulation.task, tasks, YEARS, address), lose_one)

    assert lost == [-signal.SIGKILL]
    assert simulation.downtime.years == YEARS
    assert simulation.answer() == simulated(structure, options)


def test_an_unreachable_scheduler_is_a_clear_error() -> None:
    simulation = Simulation(structure_of(layered_estate(5)), SimulationOptions(years=16))
    with pytest.raises(DepgraphError, match="no Dask scheduler answers"):
        cluster_tallies(simulation.task, simulation.tasks(), 16, "tcp://127.0.0.1:9")


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("address", ["nowhere", "foo://127.0.0.1:1", "tcp://127.0.0.1:port"])
def test_an_address_without_a_port_or_known_scheme_is_refused_with_the_form(address: str) -> None:
    simulation = Simulation(structure_of(layered_estate(5)), SimulationOptions(years=16))
    with pytest.raises(DepgraphError, match="is no address of a scheduler.*write tcp://host:8786"):
        cluster_tallies(simulation.task, simulation.tasks(), 16, address)


def test_without_dask_the_way_to_install_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    simulation = Simulation(structure_of(layered_estate(5)), SimulationOptions(years=16))
    with pytest.raises(DepgraphError, match="extra `cluster`"):
        cluster_tallies(simulation.task, simulation.tasks(), 16, "tcp://127.0.0.1:9")
