"""Simulated blocks on several threads or processes of this machine (rule W5).

Downtime is found by compiled code, which lets other threads run meanwhile: threads share their
tables and need no start. Contracts are settled in Python, which only other processes speed up.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from queue import SimpleQueue

from depgraph.engine.in_turn import in_turn
from depgraph.engine.simulation_blocks import (
    BlockSimulator,
    BlockYears,
    SimulationTask,
    outages_in_hand,
)

_AHEAD = 2
"""Tasks in hand for each worker; more would only take memory."""

_MOST_THREADS = 4
_MOST_OUTAGES = 4_000_000
"""Outages that all threads have in hand at one time, some hundred bytes each."""

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
    return in_turn(pool, _done, tasks, _AHEAD * workers)


def thread_blocks(
    simulator: BlockSimulator, tasks: Sequence[range], threads: int
) -> Generator[list[BlockYears], None, None]:
    """Do tasks without money on several threads; results come in the order of the tasks.

    Parameters
    ----------
    simulator : BlockSimulator
        What to simulate.
    tasks : sequence of range
        Blocks of each task.
    threads : int
        How many, as by `useful_threads`.
    """
    free: SimpleQueue[BlockSimulator] = SimpleQueue()
    for each in (simulator, *(simulator.beside() for _ in range(1, threads))):
        free.put(each)

    def done(blocks: range) -> list[BlockYears]:
        """Do one task by what no other thread works with."""
        own = free.get()
        try:
            return [own.years(block) for block in blocks]
        finally:
            free.put(own)

    return in_turn(ThreadPoolExecutor(threads), done, tasks, _AHEAD * threads)


def useful_threads(task: SimulationTask) -> int:
    """How many threads speed a task up within the memory that they need."""
    if task.money is not None:
        return 1
    within = int(_MOST_OUTAGES // max(1.0, outages_in_hand(task)))
    return max(1, min(os.cpu_count() or 1, _MOST_THREADS, within))


def _prepare(task: SimulationTask) -> None:
    """Set a worker up; Ctrl-C is for the process that gathers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _simulator[:] = [BlockSimulator(task)]


def _done(blocks: range) -> list[BlockYears]:
    """Do one task."""
    return [_simulator[0].years(block) for block in blocks]
