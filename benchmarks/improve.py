"""The cheapest set of improvements beside plain enumeration of all sets, in one run.

Run ``python -m benchmarks.improve``. The peer makes the changes of every set and evaluates the
estate exactly, as a script around `assess` would. It is timed on a sample of the sets where there
are too many, and scaled up; where it looked at all of them, the prices are compared.
"""

from __future__ import annotations

import argparse
import random
import time
from datetime import date
from decimal import Decimal
from itertools import compress, product
from typing import Any

from benchmarks.shapes import layered_estate
from depgraph.engine.availability import AssessmentOptions, assessed
from depgraph.engine.feasibility import PlanSettings, improvement_plan
from depgraph.engine.scenario import edited
from depgraph.engine.structure import required_services
from depgraph.errors import RegisterError
from depgraph.model.estate import Estate
from depgraph.model.improvement import ImprovementOptions, ServiceTarget
from depgraph.model.scenario import Edit

_MOST_SETS = 300


def main() -> None:
    """Print seconds of both and their ratio, by number of options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=300)
    parser.add_argument("--options", type=int, nargs="+", default=[8, 12, 20, 30, 40])
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--frontier", action="store_true", help="also the whole frontier")
    chosen = parser.parse_args()
    print(f"{chosen.services} services; seconds for the cheapest set and its proof")
    print(f"{'options':>8}{'ours':>9}{'evaluated':>11}{'proven':>8}{'peer':>14}{'peer / ours':>14}")
    for count in chosen.options:
        estate, options, target = question(chosen.services, count)
        settings = PlanSettings(
            assessment=AssessmentOptions(as_of=date(2026, 4, 1)),
            seconds=chosen.seconds,
            frontier=chosen.frontier,
        )
        began = time.perf_counter()
        answer = improvement_plan(estate, [target], options, settings)
        ours = time.perf_counter() - began
        theirs, best = enumerated(estate, options, target)
        if best is not None:
            assert answer.plan is not None
            assert answer.plan.price == best
        print(
            f"{count:>8}{ours:>9.2f}{answer.evaluations:>11}{answer.optimal!s:>8}"
            f"{theirs:>14.4g}{theirs / ours:>14.4g}"
        )


def question(
    services: int, count: int, seed: int = 1
) -> tuple[Estate, ImprovementOptions, ServiceTarget]:
    """Offers for the service that rests on most, half better tiers and half second providers."""
    draw = random.Random(seed)
    estate = layered_estate(services, seed)
    below: dict[str, set[str]] = {}
    for service in estate.services:
        waiting, seen = [service.id], set[str]()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += required_services(estate.service[name])
        below[service.id] = seen
    top = max(below, key=lambda name: len(below[name]))
    pool = sorted(below[top])
    rows: list[dict[str, Any]] = []
    while len(rows) < count:
        service = estate.service[draw.choice(pool)]
        plain = [item for item in service.depends_on if isinstance(item, str)]
        number = len(rows)
        row: dict[str, Any] = {"id": f"i{number}", "price_per_year": f"{draw.randint(1, 99)}00 EUR"}
        if number % 2 and plain:
            on = draw.choice(plain)
            group = {"at_least": 1, "of": [on, f"n{number}"]}
            row["edits"] = [
                {"add": {"services": [{"id": f"n{number}", "availability": "0.999"}]}},
                {"replace": {"dependencies": [{"service": service.id, "on": on, "with": group}]}},
            ]
        else:
            change = {"id": service.id, "unavailability": "0.00001"}
            row["edits"] = [{"replace": {"services": [change]}}]
        rows.append(row)
    options = ImprovementOptions.model_validate({"improvements": rows})
    [now] = assessed(estate, AssessmentOptions(services=(top,))).services
    edits: list[Edit] = []
    for each in options.improvements:
        try:
            edited(estate, [*edits, *each.edits])
        except RegisterError:
            continue
        edits += each.edits
    [most] = assessed(edited(estate, edits), AssessmentOptions(services=(top,))).services
    # Halfway, in minutes, between what is there and what all of them give.
    share = 1 - Decimal((now.unavailability_high + most.unavailability_high) / 2)
    target = ServiceTarget(service=top, availability=round(share, 6))
    return estate, options, target


def enumerated(
    estate: Estate, options: ImprovementOptions, target: ServiceTarget
) -> tuple[float, Decimal | None]:
    """Seconds of plain enumeration, and the cheapest price if it saw every set."""
    count = len(options.improvements)
    every = 1 << count
    sets = list(product([False, True], repeat=count)) if every <= _MOST_SETS else None
    draw = random.Random(2)
    sample = sets or [
        tuple(draw.random() < 0.5 for _ in range(count)) for _ in range(_MOST_SETS // 10)
    ]
    best: Decimal | None = None
    began = time.perf_counter()
    for held in sample:
        taken = list(compress(options.improvements, held))
        try:
            after = edited(estate, [edit for each in taken for edit in each.edits])
        except RegisterError:
            continue
        [row] = assessed(after, AssessmentOptions(services=(target.service,))).services
        price = sum((each.price_per_year.amount for each in taken), Decimal(0))
        if row.low >= float(target.availability) and (best is None or price < best):
            best = price
    seconds = (time.perf_counter() - began) * every / len(sample)
    return seconds, best if sets else None


if __name__ == "__main__":
    main()
