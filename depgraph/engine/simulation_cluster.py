"""Simulated blocks on a Dask cluster: reduced on the workers, lost workers survived (rule W5).

Each task is a pure function of the compiled estate and block numbers, so the scheduler does it
again when its worker is lost. Its years are tallied where they were simulated, tallies are merged
in pairs on the workers, and one tally per round travels back: the scheduler never holds samples.
"""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

from depgraph.engine.simulation_blocks import (
    BlockSimulator,
    SimulationTask,
    YearTallies,
    merged_tallies,
    tallies_of,
)
from depgraph.errors import DepgraphError

_TASKS_IN_ROUND = 64
_RETRIES = 5

_here = threading.local()
"""The simulator of each thread of a worker, with the digest of its task."""


def cluster_tallies(
    task: SimulationTask, tasks: Sequence[range], years: int, address: str
) -> Iterator[YearTallies]:
    """Do tasks on a cluster, round by round.

    Parameters
    ----------
    task : SimulationTask
        What to simulate.
    tasks : sequence of range
        Blocks of each task.
    years : int
        Years wanted in all.
    address : str
        Address of the scheduler, such as ``tcp://host:8786``.

    Raises
    ------
    DepgraphError
        If Dask is not installed, or the scheduler cannot be reached.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
        from distributed.comm.addressing import get_address_host_port  # noqa: PLC0415 - an extra
    except ImportError:
        raise DepgraphError(
            "--cluster needs Dask: install depgraph with its extra `cluster`, "
            "pip install '.[cluster]' in the clone"
        ) from None
    try:
        # A client given no port complains once more, with a traceback, when it is thrown away.
        read: Callable[[str], Any] = get_address_host_port
        read(address)
    except ValueError as error:
        raise DepgraphError(
            f"--cluster {address!r} is no address of a scheduler: {error}; write tcp://host:8786"
        ) from None
    try:
        connect: Callable[..., Any] = Client
        client = connect(address, set_as_default=False, timeout="10s")
    except (OSError, ValueError, TimeoutError) as error:
        raise DepgraphError(f"no Dask scheduler answers at {address}: {error}") from None
    return _rounds(client, task, tasks, years)


def _rounds(
    client: Any,  # noqa: ANN401 - Dask has no types
    task: SimulationTask,
    tasks: Sequence[range],
    years: int,
) -> Iterator[YearTallies]:
    """One merged tally per round; the next round is under way while one is waited for."""
    with client:
        packed = pickle.dumps(task)
        # A submitted task can be done again elsewhere; scattered data would be lost with a worker.
        held = client.submit(_held, packed, hashlib.sha256(packed).hexdigest(), pure=False)
        names = count()
        waiting: list[Any] = []
        for first in range(0, len(tasks), _TASKS_IN_ROUND):
            parts = [
                client.submit(
                    _tallied, held, blocks, years, key=f"depgraph-{held.key}-{next(names)}",
                    retries=_RETRIES,
                )
                for blocks in tasks[first : first + _TASKS_IN_ROUND]
            ]  # fmt: skip
            waiting.append(_reduced(client, parts, f"depgraph-{held.key}", names))
            if len(waiting) > 1:
                yield waiting.pop(0).result()
        while waiting:
            yield waiting.pop(0).result()


def _reduced(client: Any, parts: list[Any], name: str, names: Iterator[int]) -> Any:  # noqa: ANN401
    """Merge tallies in pairs on the workers."""
    while len(parts) > 1:
        pairs = [parts[place : place + 2] for place in range(0, len(parts), 2)]
        parts = [
            pair[0]
            if len(pair) == 1
            else client.submit(merged_tallies, *pair, key=f"{name}-{next(names)}", retries=_RETRIES)
            for pair in pairs
        ]
    return parts[0]


def _held(packed: bytes, digest: str) -> tuple[bytes, str]:
    """Keep a task on the workers that need it."""
    return packed, digest


def _tallied(held: tuple[bytes, str], blocks: range, years: int) -> YearTallies:
    """Do one task on a worker and tally its years."""
    packed, digest = held
    if getattr(_here, "digest", None) != digest:
        _here.simulator = BlockSimulator(pickle.loads(packed))  # noqa: S301 - our own client's
        _here.digest = digest
    simulator: BlockSimulator = _here.simulator
    return tallies_of(simulator, blocks, years)
