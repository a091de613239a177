"""Service-years per second of the simulation beside its peers, and its cost by estate size.

Run ``python -m benchmarks.simulation``. Peers are skipped with a word where they are not installed
(dependency group ``benchmark``): `nthlayer-generate`'s simulate, and the same estate written for
simpy. All take hard dependencies only, exponential times to failure and lognormal times to
restore; all get the same estate. Ours also answers with percentiles and intervals.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Generator
from typing import Any

import psutil

from benchmarks.ratios import Ratio
from benchmarks.shapes import layered_estate
from depgraph.engine.simulation import Simulation, SimulationOptions, gather, local_blocks
from depgraph.engine.simulation_workers import worker_blocks
from depgraph.engine.structure import required_services, structure_of
from depgraph.model.duration import DurationShape
from depgraph.model.estate import Estate

MTTR_HOURS = 1.0
SIGMA = 0.5
_HOURS = 365 * 24.0


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
                "availability": draw.choice(("0.999", "0.9995", "0.9999")),
                "depends_on": draw.sample(below, min(len(below), draw.choice((0, 1, 1, 2)))),
            }
        )
    return Estate.model_validate({"name": "synthetic hard dependencies", "services": records})


def ours(estate: Estate, years: int, workers: int) -> tuple[float, list[float]]:
    """Service-years per second, and mean downtime of each service [min]."""
    # A first task that is not timed, and several that are.
    years = max(years, 5 * 400_000 // len(estate.services))
    options = SimulationOptions(
        years=years, exact=False, money=False, mttr_hours=MTTR_HOURS,
        repairs=DurationShape(kind="lognormal", shape=SIGMA),
    )  # fmt: skip
    simulation = Simulation(structure_of(estate), options)
    tasks = simulation.tasks()
    results = (
        local_blocks(simulation.task, tasks)
        if workers == 1
        else worker_blocks(simulation.task, tasks, workers)
    )
    # The first task compiles, allocates and starts workers.
    simulation.add(next(results))
    clock = time.process_time if workers == 1 else time.perf_counter
    before, began = simulation.downtime.years, clock()
    gather(simulation, results)
    seconds = clock() - began
    rate = (simulation.downtime.years - before) * len(estate.services) / seconds
    rows = {service: row for row, service in enumerate(simulation.structure.up)}
    return rate, [
        simulation.downtime.total(rows[s.id]) / simulation.downtime.years / 60e6
        for s in estate.services
    ]


def nthlayer(estate: Estate, years: int) -> float:
    """The same by `nthlayer-generate`."""
    from nthlayer_generate.simulate.engine import (  # noqa: PLC0415 - a peer that may be absent
        run_simulation,
    )
    from nthlayer_generate.simulate.models import (  # noqa: PLC0415
        DependencyModel,
        ServiceFailureModel,
    )

    models = [
        ServiceFailureModel(s.id, 1 - down, MTTR_HOURS * (1 - down) / down, MTTR_HOURS)
        for s in estate.services
        for down in [float(s.own_unavailability or 0)]
    ]
    edges = [DependencyModel(s.id, p, True) for s in estate.services for p in required_services(s)]
    began = time.process_time()
    run_simulation(models, edges, num_runs=years, horizon_days=365, seed=1)
    return years * len(estate.services) / (time.process_time() - began)


def simpy_peer(estate: Estate, years: int) -> float:
    """The same as processes of simpy: each service counts what is down beneath it."""
    import simpy  # noqa: PLC0415 - a peer that may be absent

    users: dict[str, list[str]] = {s.id: [] for s in estate.services}
    for service in estate.services:
        for provider in required_services(service):
            users[provider].append(service.id)
    draw = random.Random(1)
    began = time.process_time()
    env = simpy.Environment()
    causes = dict.fromkeys(users, 0)
    since: dict[str, float] = {}
    lost = dict.fromkeys(users, 0.0)

    def change(name: str, step: int) -> None:
        """Spread a change of state to everything above."""
        before = causes[name] > 0
        causes[name] += step
        after = causes[name] > 0
        if before == after:
            return
        if after:
            since[name] = env.now
        else:
            lost[name] += env.now - since.pop(name)
        for user in users[name]:
            change(user, step)

    def life(name: str, down: float) -> Generator[Any, Any, Any]:
        """Alternate between working and broken."""
        while True:
            yield env.timeout(draw.expovariate(down / (MTTR_HOURS * (1 - down))))
            change(name, 1)
            yield env.timeout(draw.lognormvariate(-SIGMA * SIGMA / 2, SIGMA) * MTTR_HOURS)
            change(name, -1)

    for service in estate.services:
        env.process(life(service.id, float(service.own_unavailability or 0)))
    env.run(until=years * _HOURS)
    return years * len(estate.services) / (time.process_time() - began)


def ratios(services: int) -> list[Ratio]:
    """Service-years per second on one worker, beside each peer."""
    estate = hard_estate(services)
    rate = ours(estate, 10_000, 1)[0]
    rows = []
    peers: dict[str, Callable[[Estate, int], float]] = {
        "nthlayer-generate": nthlayer,
        "simpy": simpy_peer,
    }
    for name, peer in peers.items():
        try:
            theirs, said = peer(estate, 10), name
        except ImportError:
            theirs, said = None, f"{name} is not installed"
        measured = f"simulate, {services} services, service-years"
        rows.append(Ratio(measured, "years / s", rate, theirs, said))
    return rows


def main() -> None:
    """Print service-years per second of all, then ours by size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=200)
    parser.add_argument("--peer-years", type=int, default=20)
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 1_000, 10_000])
    parser.add_argument("--service-years", type=int, default=3_000_000)
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    estate = hard_estate(chosen.services)
    print(f"{chosen.services} services, hard dependencies; service-years per second")
    rates: dict[str, float] = {}
    for workers in (1, chosen.workers):
        years = max(64, chosen.service_years * workers * 2 // chosen.services)
        rates[f"depgraph, {workers} worker(s)"] = ours(estate, years, workers)[0]
    peers: dict[str, Callable[[Estate, int], float]] = {
        "nthlayer-generate": nthlayer,
        "simpy": simpy_peer,
    }
    for name, peer in peers.items():
        try:
            rates[name] = peer(estate, chosen.peer_years)
        except ImportError as error:
            print(f"{name} is not installed: {error}")
    best = max(rates.values())
    for name, rate in rates.items():
        print(f"{name:<26}{rate:>14,.0f}{best / rate:>12,.1f} ×")
    _print_sizes(chosen.sizes, chosen.service_years)


def _print_sizes(sizes: list[int], service_years: int) -> None:
    """Our cost by size on one worker."""
    print("one worker; microseconds per service-year, peak memory of this process so far")
    print(f"{'services':>9}{'groups':>10}{'layered':>10}{'MB':>8}")
    for size in sizes:
        years = max(48, service_years // size)
        flat = 1e6 / ours(hard_estate(size), years, 1)[0]
        deep = 1e6 / ours(layered_estate(size), max(48, years // 8), 1)[0]
        memory = psutil.Process().memory_info().rss / 1e6
        print(f"{size:>9}{flat:>10.3f}{deep:>10.3f}{memory:>8.0f}")


if __name__ == "__main__":
    main()
