"""What a benchmark answers: our figure beside a peer's, measured in the same run."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Ratio:
    """One line of the table."""

    measured: str
    """What was measured, with its size."""
    unit: str
    """Unit of both figures: ``s`` or ``ms``, less is better; ``… / s``, more is better."""
    ours: float
    """Our figure."""
    peer: float | None
    """The peer's figure; None when the peer is not installed."""
    peer_name: str
    """What it is compared with."""

    @property
    def times_better(self) -> float | None:
        """How many times better than the peer; below 1 when it is worse."""
        if self.peer is None:
            return None
        return self.ours / self.peer if self.unit.endswith("/ s") else self.peer / self.ours


def timed(
    work: Callable[[], _Answer], clock: Callable[[], float] = time.process_time
) -> tuple[_Answer, float]:
    """What some work answers, and its seconds: by the processor, which a busy machine leaves alone.

    What waits for another process is timed with `time.perf_counter`.
    """
    began = clock()
    answer = work()
    return answer, clock() - began


def peak_megabytes() -> float:
    """Most memory that this process has held [MB]."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def print_ratios(ratios: list[Ratio]) -> None:
    """Print lines without a heading."""
    for row in ratios:
        better = row.times_better
        peer = "-" if row.peer is None else f"{row.peer:,.4g}"
        shown = "-" if better is None else f"{better:,.3g} ×"
        print(
            f"{row.measured:<54}{row.ours:>12,.4g}{peer:>12} {row.unit:<10}"
            f"{shown:>12}  {row.peer_name}",
            flush=True,
        )
