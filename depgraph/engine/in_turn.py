"""Work that is done side by side while its results are taken one after another."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Executor, Future
from itertools import islice
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def in_turn(
    pool: Executor, do: Callable[[_Item], _Result], items: Iterable[_Item], ahead: int
) -> Generator[_Result, None, None]:
    """Results in the order of their items; the pool is shut down with the last one, or when closed.

    Parameters
    ----------
    pool : Executor
        Does the work.
    do : callable
        What is done with each item.
    items : iterable
        Taken as they are needed.
    ahead : int
        How many are in hand at most; more would only take memory.
    """
    coming = iter(items)
    try:
        waiting: deque[Future[_Result]] = deque(
            pool.submit(do, item) for item in islice(coming, ahead)
        )
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(do, item) for item in islice(coming, 1))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
