"""Peers of the simulation: `nthlayer-generate`, and the same estate written for simpy.

Both are dependency group ``benchmark`` and may be absent. A peer runs in processes of its own:
one, which is all that either offers, or several with an equal share of the years each.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Generator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import get_context
from statistics import fmean, stdev
from threading import Barrier
from typing import Any

from depgraph.engine.structure import required_services
from depgraph.model.estate import Estate

MTTR_HOURS = 1.0
SIGMA = 0.5
_HOURS = 365 * 24.0

Work = Callable[[int, int], None]
"""Simulates so many years with a seed."""


@dataclass(frozen=True)
class Rates:
    """Service-years per second."""

    by_clock: float
    """By the clock, all processes together."""
    by_processor: float
    """By the processor time of all processes."""


def nthlayer(estate: Estate) -> Work:
    """An estate for `nthlayer-generate`, ready to be simulated.

    It adds the events of every provider to those of the consumer, so that an outage is carried
    once for each path to it: its cost grows with the number of paths. Downtime is the union.
    """
    from nthlayer_generate.simulate.engine import (  # noqa: PLC0415 - a peer that may be absent
        run_simulation,
    )

    models, edges = _nthlayer_models(estate)

    def work(years: int, seed: int) -> None:
        run_simulation(models, edges, num_runs=years, horizon_days=365, seed=seed)

    return work


def nthlayer_downtime(estate: Estate, years: int) -> tuple[float, float]:
    """Mean downtime of a service by `nthlayer-generate`, and its standard error [min / year]."""
    from nthlayer_generate.simulate.engine import simulate_run  # noqa: PLC0415

    models, edges = _nthlayer_models(estate)
    random.seed(2)
    found = [
        (1.0 - fmean(simulate_run(models, edges, _HOURS).values())) * _HOURS * 60
        for _ in range(years)
    ]
    return fmean(found), stdev(found) / math.sqrt(years)


def _nthlayer_models(estate: Estate) -> tuple[list[Any], list[Any]]:
    """Services and dependencies in the peer's words."""
    from nthlayer_generate.simulate.models import (  # noqa: PLC0415
        DependencyModel,
        ServiceFailureModel,
    )

    models = [
        ServiceFailureModel(s.id, 1 - down, _mtbf(down), MTTR_HOURS, mttr_shape=SIGMA)
        for s in estate.services
        for down in [float(s.own_unavailability or 0)]
    ]
    edges = [DependencyModel(s.id, p, True) for s in estate.services for p in required_services(s)]
    return models, edges


def _mtbf(down: float) -> float:
    """Mean time to failure from unavailability [h]."""
    return MTTR_HOURS * (1 - down) / down


def simpy_processes(estate: Estate) -> Work:
    """The same as processes of simpy: each service counts what is down beneath it."""
    import simpy  # noqa: PLC0415 - a peer that may be absent

    users: dict[str, list[str]] = {s.id: [] for s in estate.services}
    for service in estate.services:
        for provider in required_services(service):
            users[provider].append(service.id)

    def work(years: int, seed: int) -> None:
        draw = random.Random(seed)
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

        def life(name: str, mtbf: float) -> Generator[Any, Any, Any]:
            """Alternate between working and broken."""
            while True:
                yield env.timeout(draw.expovariate(1 / mtbf))
                change(name, 1)
                yield env.timeout(draw.lognormvariate(-SIGMA * SIGMA / 2, SIGMA) * MTTR_HOURS)
                change(name, -1)

        for service in estate.services:
            env.process(life(service.id, _mtbf(float(service.own_unavailability or 0))))
        env.run(until=years * _HOURS)

    return work


PEERS: dict[str, tuple[str, Callable[[Estate], Work]]] = {
    "nthlayer-generate": ("nthlayer_generate", nthlayer),
    "simpy": ("simpy", simpy_processes),
}
"""Module and preparation of each peer."""


def is_installed(peer: str) -> bool:
    """Whether a peer is there."""
    return find_spec(PEERS[peer][0]) is not None


def peer_rates(peer: str, estate: Estate, years: int, processes: int = 1) -> Rates:
    """Service-years per second of a peer, what prepares it left out.

    Parameters
    ----------
    peer : str
        Its name in `PEERS`.
    estate : Estate
        What to simulate.
    years : int
        Years in all; each process does an equal share at least.
    processes : int
        Processes at once.
    """
    context = get_context("spawn")
    share = -(-years // processes)
    ready = (peer, estate, context.Barrier(processes))
    with ProcessPoolExecutor(processes, context, _prepare, ready) as pool:
        done = list(pool.map(_timed, [share] * processes))
    service_years = share * processes * len(estate.services)
    elapsed = max(end for _, end, _ in done) - min(begin for begin, _, _ in done)
    return Rates(service_years / elapsed, service_years / sum(used for _, _, used in done))


_work: list[tuple[Work, int]] = []
"""What this process is to do, and its number."""


def _prepare(peer: str, estate: Estate, all_ready: Barrier) -> None:
    """Get ready, and wait until the others are."""
    work = PEERS[peer][1](estate)
    _work[:] = [(work, all_ready.wait())]


def _timed(years: int) -> tuple[float, float, float]:
    """Begin and end by a clock that all processes share, and processor time [s]."""
    work, number = _work[0]
    began, used = time.perf_counter(), time.process_time()
    work(years, 1 + number)
    return began, time.perf_counter(), time.process_time() - used
