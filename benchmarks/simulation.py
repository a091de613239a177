"""Service-years per second of the simulation beside its peers, and its cost by estate size.

Run ``python -m benchmarks.simulation``. Peers are skipped with a word where they are not installed
(dependency group ``benchmark``). All take hard dependencies only, exponential times to failure and
lognormal times to restore; all get the same estate and their mean downtimes are compared. Ours
also answers with percentiles and intervals.

Two figures of each: time of the processor in one process, and time by the clock on all cores. Both
peers are single processes; the clock is given with one process, as they come, and with as many
processes as ours has threads, each with its share of the years, which the peers do not offer.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

import psutil

from benchmarks.ratios import Ratio
from benchmarks.shapes import layered_estate
from benchmarks.simulation_peers import (
    MTTR_HOURS,
    PEERS,
    SIGMA,
    Rates,
    is_installed,
    nthlayer_downtime,
    peer_rates,
)
from depgraph.engine.availability import assessed
from depgraph.engine.simulation import Simulation, blocks_here, gather
from depgraph.engine.simulation_options import SimulationOptions
from depgraph.engine.structure import structure_of
from depgraph.model.duration import DurationShape
from depgraph.model.estate import Estate

_AVAILABILITIES = ("0.999", "0.9995", "0.9999")
_TASK = 400_000
_LAYERS = 8
_MINUTES = 365 * 24 * 60
_OURS = "depgraph"
_UNIT = "years / s"


def hard_estate(services: int, seed: int = 1) -> Estate:
    """Services in groups of 50: hard dependencies on a few earlier ones of the same group.

    Growing it adds groups, so that what one service rests on does not grow: the cost per service
    is then the engine's own.
    """
    draw = random.Random(seed)
    records: list[dict[str, Any]] = []
    for number in range(services):
        first = number - number % 50
        below = [f"s{n}" for n in range(first, number)]
        records.append(
            {
                "id": f"s{number}",
                "availability": draw.choice(_AVAILABILITIES),
                "depends_on": draw.sample(below, min(len(below), draw.choice((0, 1, 1, 2)))),
            }
        )
    return Estate.model_validate({"name": "synthetic hard dependencies", "services": records})


def hard_layers(services: int, seed: int = 1) -> Estate:
    """Eight layers of equal width: two or three hard dependencies on the layer just below.

    A service at the top has some 600 paths to the bottom. `nthlayer-generate` carries an outage
    once for each path, so that its cost grows with the paths; this is the shape on which it
    reaches the 3,400 service-years a second that a goal of a thousand times was set by. Growing
    it widens the layers: a service then rests on more different ones, by as many paths.
    """
    draw = random.Random(seed)
    width = -(-services // _LAYERS)
    records: list[dict[str, Any]] = []
    for number in range(services):
        first = (number // width - 1) * width
        below = range(max(0, first), first + width)
        availability = draw.choice(_AVAILABILITIES)
        needed = draw.sample(below, min(len(below), draw.choice((2, 3))))
        records.append(
            {
                "id": f"s{number}",
                "availability": availability,
                "depends_on": [f"s{n}" for n in needed],
            }
        )
    return Estate.model_validate({"name": "synthetic hard layers", "services": records})


SHAPES: dict[str, Callable[[int], Estate]] = {
    "groups": hard_estate,
    "hard layers": hard_layers,
    "layered": layered_estate,
}
"""Estates by name; peers take the first two."""
_PEER_SHAPES = ("groups", "hard layers")


@dataclass(frozen=True)
class Ours:
    """Rates of ours, and what it found."""

    rates: Rates
    downtime: list[float]
    """Mean downtime of each service [min / year]."""


def ours(estate: Estate, years: int, threads: int) -> Ours:
    """Simulate so many years at least, compiling and the first tasks left out."""
    # A first task that is not timed, and several that are for each thread.
    tasks_timed = 5 if threads == 1 else 12 * threads
    years = max(years, tasks_timed * _TASK // len(estate.services))
    options = SimulationOptions(
        years=years, exact=False, money=False, mttr_hours=MTTR_HOURS,
        repairs=DurationShape(kind="lognormal", shape=SIGMA),
    )  # fmt: skip
    simulation = Simulation(structure_of(estate), options)
    results = blocks_here(simulation, threads)
    # The first task of each thread compiles and allocates. What the others have begun by then
    # counts as ours, at most one task in twelve.
    for _ in range(threads):
        simulation.add(next(results))
    done = simulation.downtime.years
    used, began = time.process_time(), time.perf_counter()
    gather(simulation, results)
    elapsed, used = time.perf_counter() - began, time.process_time() - used
    service_years = (simulation.downtime.years - done) * len(estate.services)
    rows = {service: row for row, service in enumerate(simulation.structure.up)}
    totals = [simulation.downtime.total(rows[s.id]) for s in estate.services]
    return Ours(
        Rates(service_years / elapsed, service_years / used),
        [total / simulation.downtime.years / 60e6 for total in totals],
    )


def ratios(services: int) -> list[Ratio]:
    """Service-years per second beside each peer: by the processor and by the clock."""
    rows = []
    for shape in _PEER_SHAPES:
        estate = SHAPES[shape](services)
        one, two = (ours(estate, 1, threads).rates for threads in (1, 2))
        measured = f"simulate {shape}, {services} services"
        for peer in PEERS:
            if not is_installed(peer):
                said = f"{peer} is not installed"
                rows.append(Ratio(f"{measured}, 1 thread", _UNIT, one.by_processor, None, said))
                continue
            alone, both = peer_rates(peer, estate, 20), peer_rates(peer, estate, 40, 2)
            rows += [
                Ratio(f"{measured}, 1 thread", _UNIT, one.by_processor, alone.by_processor, peer),
                Ratio(
                    f"{measured}, 2 threads, clock", _UNIT, two.by_clock, both.by_clock,
                    f"{peer}, 2 processes",
                ),
                Ratio(
                    f"{measured}, 2 threads, clock", _UNIT, two.by_clock, alone.by_clock,
                    f"{peer}, as it comes",
                ),
            ]  # fmt: skip
    return rows


def main() -> None:
    """Print rates beside the peers, mean downtimes, then our cost by size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=200)
    parser.add_argument("--peer-years", type=int, default=20, help="years for each process")
    parser.add_argument("--rounds", type=int, default=3, help="rounds in turn; medians are printed")
    parser.add_argument("--sizes", type=int, nargs="*", default=[200, 1_000, 10_000])
    parser.add_argument("--service-years", type=int, default=3_000_000)
    parser.add_argument("--agreement-years", type=int, default=100)
    chosen = parser.parse_args()
    for peer in PEERS:
        if not is_installed(peer):
            print(f"{peer} is not installed")
    for shape in _PEER_SHAPES:
        _print_rates(shape, chosen.services, chosen.peer_years, chosen.rounds)
        if chosen.agreement_years:
            _print_agreement(shape, chosen.services, chosen.agreement_years)
    if chosen.sizes:
        _print_sizes(chosen.sizes, chosen.service_years)


def _print_rates(shape: str, services: int, peer_years: int, rounds: int) -> None:
    """Rates of ours and of the peers, measured in turn."""
    estate = SHAPES[shape](services)
    found: dict[tuple[str, int], list[Rates]] = {}
    for _ in range(rounds):
        for processes in (1, 2):
            mine = ours(estate, 1, processes).rates
            found.setdefault((_OURS, processes), []).append(mine)
            for peer in filter(is_installed, PEERS):
                theirs = peer_rates(peer, estate, processes * peer_years, processes)
                found.setdefault((peer, processes), []).append(theirs)
    print(f"{shape}, {services} services; service-years per second: median of {rounds} (range);")
    print(f"times: ours on as many cores over it; by the clock: ours on two; load {_load():.1f}")
    print(f"{'':<20}{'cores':>10}{'by the processor':>50}{'by the clock':>50}")
    best = median(rates.by_clock for rates in found[_OURS, 2])
    for (name, processes), measured in found.items():
        same = median(rates.by_processor for rates in found[_OURS, processes])
        used = _shown([rates.by_processor for rates in measured], same)
        clock = _shown([rates.by_clock for rates in measured], best)
        print(f"{name:<20}{processes:>10}{used:>50}{clock:>50}", flush=True)


def _shown(rates: Sequence[float], ours: float) -> str:
    """Median and range of rates, and how many times faster ours is."""
    middle = median(rates)
    return f"{middle:,.0f} ({min(rates):,.0f} to {max(rates):,.0f}){ours / middle:>9,.1f} ×"


def _load() -> float:
    """Processes that wanted to run, on average over the last minute."""
    return psutil.getloadavg()[0]


def _print_agreement(shape: str, services: int, years: int) -> None:
    """Mean downtime of a service: exact, ours, and the peer's."""
    estate = SHAPES[shape](services)
    exact = fmean(1.0 - answer.low for answer in assessed(estate).services) * _MINUTES
    found = fmean(ours(estate, 1, 1).downtime)
    print(f"  mean downtime, minutes a year: exact {exact:.3f}, ours {found:.3f}", end="")
    if is_installed("nthlayer-generate"):
        theirs, error = nthlayer_downtime(estate, years)
        print(f", nthlayer-generate {theirs:.2f} ± {1.96 * error:.2f} (95 %)", end="")
    print(flush=True)


def _print_sizes(sizes: list[int], service_years: int) -> None:
    """Our cost by size on one thread, and how it grows from the first size on."""
    print("one thread; microseconds per service-year by the processor (times the first size)")
    print(f"{'services':>9}" + "".join(f"{shape:>20}" for shape in SHAPES) + f"{'MB so far':>12}")
    first: dict[str, float] = {}
    for size in sizes:
        print(f"{size:>9}", end="")
        for shape, made in SHAPES.items():
            cost = 1e6 / ours(made(size), max(48, service_years // size), 1).rates.by_processor
            grown = cost / first.setdefault(shape, cost)
            print(f"{cost:>11.3f} ({grown:5.2f})", end="", flush=True)
        print(f"{psutil.Process().memory_info().rss / 1e6:>12.0f}", flush=True)


if __name__ == "__main__":
    main()
