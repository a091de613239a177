"""What-if latency beside reachability of networkx: "what falls if this falls", node by node.

Run ``python -m benchmarks.what_if``. The peer walks up the dependency graph: it knows no
redundancy, so it names more services than fall. That ours are among them is checked each time.
"""

from __future__ import annotations

import argparse
import random
import statistics

import networkx as nx

from benchmarks.ratios import Ratio, peak_megabytes, print_ratios, timed
from benchmarks.shapes import layered_estate
from depgraph.engine.outage import OutageExplorer
from depgraph.engine.structure import Structure, required_services, structure_of


def outage_times(structure: Structure, count: int) -> tuple[list[float], list[float]]:
    """Times of single outages, ours and by networkx [s].

    Half of the services asked for are among what most others rest on.
    """
    services = structure.estate.services
    explorer = OutageExplorer(structure)
    graph: nx.DiGraph[str] = nx.DiGraph()
    for service in services:
        graph.add_node(service.id)
        graph.add_edges_from((provider, service.id) for provider in required_services(service))
    draw = random.Random(1)
    names = [f"s{draw.randrange(max(1, len(services) // 30))}" for _ in range(count // 2)]
    names += [f"s{draw.randrange(len(services))}" for _ in range(count - count // 2)]
    explorer.outage(names[:1])
    ours, theirs = [], []
    for name in names:
        outage, taken = timed(lambda name=name: explorer.outage([name]))  # type: ignore[misc]
        reached, peer = timed(lambda name=name: nx.descendants(graph, name))  # type: ignore[misc]
        assert set(outage.services_down) <= {name, *reached}
        ours.append(taken)
        theirs.append(peer)
    return ours, theirs


def ratios(services: int, outages: int = 200) -> list[Ratio]:
    """Median and slowest click, and the compilation before the first."""
    estate = layered_estate(services)
    structure, compiled = timed(lambda: structure_of(estate))
    ours, theirs = outage_times(structure, outages)
    peer = "networkx descendants, no redundancy"
    return [
        Ratio(f"what falls, median, {services:,} services", "ms",
              statistics.median(ours) * 1e3, statistics.median(theirs) * 1e3, peer),
        Ratio(f"what falls, slowest, {services:,} services", "ms",
              max(ours) * 1e3, max(theirs) * 1e3, peer),
        Ratio(f"compile, {services:,} services", "s", compiled, None, "-"),
    ]  # fmt: skip


def main() -> None:
    """Print one block per size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--outages", type=int, default=200)
    chosen = parser.parse_args()
    for size in chosen.services:
        print_ratios(ratios(size, chosen.outages))
    print(f"peak memory {peak_megabytes():.0f} MB")


if __name__ == "__main__":
    main()
