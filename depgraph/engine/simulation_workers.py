"""Simulated blocks on several processes of this machine (rule W5)."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor

from depgraph.engine.simulation_blocks import BlockSimulator, BlockYears, SimulationTask

_AHEAD = 2
"""Tasks in hand for each worker; more would only take memory."""

_simulator: list[BlockSimulator] = []
"""The simulator of this worker process."""


def worker_blocks(
    task: SimulationTask, tasks: Sequence[range], workers: int
) -> Generator[list[BlockYears], None, None]:
    """Do tasks on several processes; results come in the order of the tasks.

    Parameters
    ----------
    task : SimulationTask
        What to simulate.
    tasks : sequence of range
        Blocks of each task.
    workers : int
        Processes.
    """
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_prepare,
        initargs=(task,),
    )
    waiting: deque[Future[list[BlockYears]]] = deque()
    try:
        for blocks in tasks:
            waiting.append(pool.submit(_done, blocks))
            if len(waiting) >= _AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _prepare(task: SimulationTask) -> None:
    """Set a worker up; Ctrl-C is for the process that gathers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _simulator[:] = [BlockSimulator(task)]


def _done(blocks: range) -> list[BlockYears]:
    """Do one task."""
    return [_simulator[0].years(block) for block in blocks]
