"""Synthetic estates and fault trees: layered with shared suppliers, or shaped like published trees.

Everything here is invented and seeded; sizes and sharing follow what published fault trees and
real service estates look like.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from depgraph.model.estate import Estate


@dataclass(frozen=True)
class TreeShape:
    """Size and sharing of a fault tree."""

    gates: int
    """Number of gates."""
    events: int
    """Number of basic events."""
    sharing: float
    """Probability that an argument is something already used elsewhere [1]."""
    votes: float = 0.05
    """Share of gates that are "k of n" [1]."""
    reach: int = 30
    """How far back in the list of gates a shared argument may lie."""


TREES: dict[str, TreeShape] = {
    "small": TreeShape(25, 30, 0.2),
    "medium": TreeShape(90, 110, 0.2),
    "wide": TreeShape(300, 500, 0.15, reach=60),
    "large": TreeShape(600, 700, 0.15, reach=40),
    "deep": TreeShape(1_600, 1_500, 0.1, reach=25),
    "hard": TreeShape(1_600, 1_500, 0.3, reach=60),
}
"""Shapes in the range of the published Aralia trees (20 to 2,200 gates)."""


_MOST_JOINT = 3
"""Most arguments of a gate that fails only when all of them do, as in published trees."""


def fault_tree(shape: TreeShape, seed: int) -> Estate:
    """Fault tree as an estate; the service ``top`` is up when the top event does not happen.

    A gate is a service that cannot fail by itself, an event a service with its unavailability.
    Failure of any argument is a plain dependency, failure of all of them "at least 1", failure of
    k of n "at least n - k + 1" (rule A2).
    """
    draw = random.Random(seed)
    arguments: list[list[str]] = [[] for _ in range(shape.gates)]
    for gate in range(1, shape.gates):
        arguments[draw.randrange(max(0, gate - shape.reach), gate)].append(f"g{gate}")
        while draw.random() < shape.sharing:
            other = draw.randrange(max(0, gate - shape.reach), gate)
            if f"g{gate}" not in arguments[other]:
                arguments[other].append(f"g{gate}")
    for event in range(shape.events):
        users = [draw.randrange(shape.gates)]
        while draw.random() < shape.sharing:
            users.append(min(shape.gates - 1, users[0] + draw.randrange(shape.reach)))
        for user in set(users):
            arguments[user].append(f"e{event}")
    services: list[dict[str, Any]] = [{"id": "top", "availability": 1, "depends_on": ["g0"]}]
    for gate, members in enumerate(arguments):
        while len(members) < 2:
            extra = f"e{draw.randrange(shape.events)}"
            if extra not in members:
                members.append(extra)
        services.append(_gate(f"g{gate}", members, draw, shape.votes))
    for number in range(shape.events):
        exponent = draw.uniform(-4, -1.3)
        services.append({"id": f"e{number}", "unavailability": float(f"{10**exponent:.4g}")})
    return Estate.model_validate({"name": "synthetic fault tree", "services": services})


def _gate(name: str, arguments: list[str], draw: random.Random, votes: float) -> dict[str, Any]:
    """One gate; failures of any, of all, or of k of its arguments."""
    gate: dict[str, Any] = {"id": name, "availability": 1}
    kind = draw.random()
    if len(arguments) > 2 and kind < votes:
        gate["depends_on"] = [{"at_least": 2, "of": arguments}]
    elif len(arguments) <= _MOST_JOINT and kind < 0.55:
        gate["depends_on"] = [{"at_least": 1, "of": arguments}]
    else:
        gate["depends_on"] = arguments
    return gate


def layered_estate(services: int, seed: int = 1, *, redundant: float = 0.2) -> Estate:
    """Estate in layers with power-law sharing of providers, vendors and regions.

    Parameters
    ----------
    services : int
        Number of services.
    seed : int
        Seed of the random stream.
    redundant : float
        Share of requirements that are redundancy groups [1].
    """
    draw = random.Random(seed)
    vendors = [f"vendor-{i}" for i in range(max(3, services // 20))]
    regions = [f"region-{i}" for i in range(max(3, min(40, services // 50)))]
    layers = _layers(services)
    records: list[dict[str, Any]] = []
    for depth, (first, last) in enumerate(layers):
        below = (layers[depth - 1][0], layers[depth - 1][1]) if depth else (0, 0)
        records += [
            {
                "id": f"s{number}",
                "provider": vendors[_popular(draw, len(vendors))],
                "unavailability": float(f"{10 ** draw.uniform(-5, -2.5):.4g}"),
                "located_in": [regions[_popular(draw, len(regions))]],
                "depends_on": _requirements(draw, below, redundant) if depth else [],
            }
            for number in range(first, last)
        ]
    _close_rings(draw, records, services // 2_000)
    return Estate.model_validate(
        {
            "name": "synthetic layered estate",
            "organizations": [{"id": v, "name": v} for v in vendors],
            "locations": [{"id": r, "kind": "region", "unavailability": 1e-4} for r in regions],
            "services": records,
        }
    )


def _layers(services: int) -> list[tuple[int, int]]:
    """First and last number of each of eight layers, narrow below and wide above."""
    weights = (1, 2, 4, 8, 16, 24, 24, 21)
    edges = [0]
    for weight in weights[:-1]:
        edges.append(edges[-1] + max(1, services * weight // 100))
    edges.append(max(services, edges[-1] + 1))
    return list(pairwise(edges))


def _popular(draw: random.Random, count: int) -> int:
    """Index with a power-law popularity: a few are used by very many."""
    return min(count - 1, int(draw.paretovariate(0.8)) - 1)


def _requirements(draw: random.Random, below: tuple[int, int], redundant: float) -> list[Any]:
    """About three requirements from the layer below, some of them redundant."""
    first, last = below
    found: list[Any] = []
    chosen: set[str] = set()
    for _ in range(draw.choice((1, 2, 3, 4))):
        size = draw.choice((2, 2, 3)) if draw.random() < redundant else 1
        members = []
        for _ in range(size):
            near = draw.randrange(first, last)
            shared = first + _popular(draw, last - first)
            name = f"s{shared if draw.random() < 0.3 else near}"
            if name not in chosen:
                chosen.add(name)
                members.append(name)
        if len(members) == 1:
            found.append(members[0])
        elif members:
            found.append({"at_least": draw.choice((1, 1, len(members) - 1)), "of": members})
    return found


def _close_rings(draw: random.Random, records: list[dict[str, Any]], count: int) -> None:
    """Make some services depend back on one of their consumers."""
    for _ in range(count):
        consumer = records[draw.randrange(len(records) // 2, len(records))]
        provider = next((p for p in consumer["depends_on"] if isinstance(p, str)), None)
        if provider is not None:
            records[int(provider[1:])]["depends_on"].append(consumer["id"])
