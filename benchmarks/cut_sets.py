"""Minimal cut sets of every service of a layered estate, with counts per order.

Run ``python -m benchmarks.cut_sets --services 10000 --order 3``: three quarters of an hour of
processor time at that size. The estate is synthetic (`shapes.layered_estate`).
"""

from __future__ import annotations

import argparse
import statistics
from collections import Counter
from functools import partial

from benchmarks.ratios import timed
from benchmarks.shapes import layered_estate
from depgraph.engine.availability import final_figures
from depgraph.engine.cut_sets import minimal_cut_sets
from depgraph.engine.structure import structure_of


def main() -> None:
    """One line for each order, then what was incomplete, and times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=1_000)
    parser.add_argument("--order", type=int, default=3, help="largest order of cut sets")
    chosen = parser.parse_args()
    structure = structure_of(layered_estate(chosen.services))
    figures = final_figures(structure)
    services = list(structure.up)
    minimal_cut_sets(structure, figures, services[0])
    counts: Counter[int] = Counter()
    incomplete: list[str] = []
    times: list[float] = []
    for service in services:
        ask = partial(minimal_cut_sets, structure, figures, service, max_order=chosen.order)
        answer, seconds = timed(ask)
        counts.update(answer.count_by_order)
        times.append(seconds)
        if answer.complete_order < chosen.order:
            incomplete.append(f"{service} (to {answer.complete_order})")
    for order, count in sorted(counts.items()):
        print(f"order {order}: {count:,} minimal cut sets")
    print(f"complete for {len(services) - len(incomplete):,} of {len(services):,} services")
    if incomplete:
        print(f"the others: {', '.join(incomplete)}")
    print(
        f"{sum(times):.1f} s, median {statistics.median(times):.4f} s, slowest {max(times):.1f} s"
    )


if __name__ == "__main__":
    main()
