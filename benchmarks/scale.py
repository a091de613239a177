"""Scale: whole estates of 1,000 to 100,000 services, processor time and memory, beside networkx.

Run ``python -m benchmarks.scale``. Everything is synthetic (`shapes.layered_estate`). The peer for
outages is a walk of networkx up the dependency graph: it knows no redundancy, so it names more
services than fall; ours is right and is timed with the same question.
"""

from __future__ import annotations

import argparse
import math
import resource
import statistics
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.ratios import timed
from benchmarks.shapes import layered_estate
from benchmarks.what_if import outage_times
from depgraph.engine.availability import AssessmentOptions, assessed
from depgraph.engine.availability_answer import Assessment
from depgraph.engine.exact import Limits
from depgraph.engine.outage import OutageExplorer
from depgraph.engine.situations import Situations
from depgraph.engine.structure import Structure, required_services, structure_of

_OUTAGES = 50


@dataclass(frozen=True)
class _Measured:
    """Times of one size [s]."""

    services: int
    compile: float
    assess: float
    outage: float
    peer_outage: float
    sweep: float


def main() -> None:
    """One block per size, then the slopes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", nargs="*", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--seconds", type=float, default=60.0, help="time for hard services")
    chosen = parser.parse_args()
    _warm()
    rows = [_measured(size, chosen.seconds) for size in chosen.services]
    for before, after in pairwise(rows):
        grown = math.log(after.services / before.services)
        print(f"slope from {before.services} to {after.services} services (1 is linear):", end="")
        for name in ("compile", "assess", "outage", "sweep"):
            ratio = getattr(after, name) / getattr(before, name)
            print(f"  {name} {math.log(ratio) / grown:.2f}", end="")
        print()


def _warm() -> None:
    """Load compiled code before the clock starts."""
    estate = layered_estate(200)
    structure = structure_of(estate)
    assessed(estate, AssessmentOptions(limits=Limits(seconds=1.0)), structure)
    OutageExplorer(structure).outage(["s0"])
    list(Situations(structure).single_outages())


def _measured(size: int, seconds: float) -> _Measured:
    estate = layered_estate(size)
    structure, compile_time = timed(lambda: structure_of(estate))
    edges = sum(len(list(required_services(s))) + len(s.placements) for s in estate.services)
    print(
        f"{size} services, {edges} dependencies, {len(structure.gates.need)} gates and components"
    )
    print(f"  compile            {compile_time:9.2f} s")
    options = AssessmentOptions(limits=Limits(seconds=seconds))
    answer, assess_time = timed(lambda: assessed(estate, options, structure))
    print(f"  assess all         {assess_time:9.2f} s   {_described(answer)}")
    ours, theirs = _outages(structure)
    print(f"  outage, median     {ours * 1e3:9.2f} ms  networkx {theirs * 1e3:.2f} ms,", end="")
    print(f" {theirs / ours:.1f} x ours")
    situations = Situations(structure)
    counts, sweep_time = timed(lambda: list(situations.single_outages()))
    print(f"  all {len(counts)} single outages {sweep_time:.2f} s,", end="")
    print(f" {len(counts) / sweep_time:,.0f} a second; networkx would take", end="")
    print(f" {theirs * len(counts) / sweep_time:,.0f} x as long")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"  peak memory        {peak:9d} MB", flush=True)
    return _Measured(size, compile_time, assess_time, ours, theirs, sweep_time)


def _described(answer: Assessment) -> str:
    """How many are exact, and how wide the brackets are, relative to the unavailability."""
    kinds = dict(Counter(row.method for row in answer.services))
    wide = sorted(
        1 - row.unavailability_low / row.unavailability_high
        for row in answer.services
        if row.method != "exact"
    )
    if wide:
        places = (len(wide) // 2, len(wide) * 9 // 10, len(wide) - 1)
        median, most, widest = (wide[place] for place in places)
        return f"{kinds}, width median {median:.1e}, 90 % {most:.1e}, widest {widest:.1e}"
    return str(kinds)


def _outages(structure: Structure) -> tuple[float, float]:
    """Median time of "what falls if this falls", ours and by networkx [s]."""
    ours, theirs = outage_times(structure, _OUTAGES)
    print(f"  outage, slowest    {max(ours) * 1e3:9.2f} ms  networkx {max(theirs) * 1e3:.2f} ms")
    return statistics.median(ours), statistics.median(theirs)


if __name__ == "__main__":
    main()
