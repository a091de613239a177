"""All benchmarks in one run: one table of ratios beside peers, kept in a history file.

Run ``python -m benchmarks``; ``--full`` for the sizes of the documentation. Each benchmark runs in
a process of its own, so that its peak memory is its own and a fault in one leaves the others.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module, metadata
from multiprocessing import get_context
from pathlib import Path

from benchmarks.ratios import Ratio, peak_megabytes, print_ratios

BENCHMARKS: dict[str, tuple[int, int]] = {
    "exact_engine": (2, 6),
    "what_if": (2_000, 100_000),
    "settlement": (500, 5_000),
    "simulation": (200, 200),
    "graph_load": (1_000, 10_000),
    "cmdb_import": (5_000, 100_000),
}
"""Modules with a function `ratios`, each with its small and its full size."""
HISTORY = Path(".depgraph") / "benchmarks.jsonl"
"""Where lines are added, in the project folder that Git ignores."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print and keep; 1 when a benchmark failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS))
    parser.add_argument("--full", action="store_true", help="large sizes; minutes")
    parser.add_argument("--history", type=Path, default=HISTORY, help="file of JSON lines")
    chosen = parser.parse_args(arguments)
    heading = f"{'measured':<54}{'ours':>12}{'peer':>12} {'unit':<10}{'better':>12}  peer"
    print(heading, flush=True)
    failed = 0
    for name in chosen.only:
        work = import_module(f"benchmarks.{name}").ratios
        size = BENCHMARKS[name][chosen.full]
        try:
            rows, peak = _alone(work, size)
        except Exception as error:  # noqa: BLE001 - whatever it was, the others still run
            print(f"{name} failed: {error}", flush=True)
            failed += 1
            continue
        print_ratios(rows)
        print(f"    {name}: peak memory {peak:.0f} MB", flush=True)
        _keep(chosen.history, name, rows, peak)
    return 1 if failed else 0


def _alone(work: Callable[[int], list[Ratio]], size: int) -> tuple[list[Ratio], float]:
    """Run in a fresh process; its answer and its peak memory [MB]."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, size).result(), pool.submit(peak_megabytes).result()


def _keep(history: Path, name: str, rows: Sequence[Ratio], peak: float) -> None:
    """Append one JSON line per figure."""
    history.parent.mkdir(parents=True, exist_ok=True)
    run = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": metadata.version("depgraph"),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "benchmark": name,
        "peak_megabytes": round(peak, 1),
    }
    with history.open("a", encoding="utf-8") as file:
        for row in rows:
            line = {**run, **asdict(row), "times_better": row.times_better}
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
