"""Every state of a small estate, evaluated straight from its records: an independent second way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from hypothesis import strategies as st

from depgraph.model.dependency import Redundancy
from depgraph.model.estate import Estate

Array = np.ndarray
Key = tuple[str, str]


@dataclass
class BruteForce:
    """Up or down of every service in all 2^n states of the n things that can fail."""

    keys: list[Key]
    """What can fail by itself: (kind, id), and ("common_cause", "a + b")."""
    states: dict[Key, Array]
    """Whether each works, by state."""
    down: dict[Key, float]
    """Unavailability of each, common causes split off."""
    up: dict[str, Array]
    """Whether each service is up, by state."""

    def unavailability(self, service: str, fixed: dict[Key, float] | None = None) -> float:
        """Probability of the states in which a service is down."""
        down = {**self.down, **(fixed or {})}
        weight = np.ones(len(self.states[self.keys[0]]))
        for key in self.keys:
            weight = weight * np.where(self.states[key], 1 - down[key], down[key])
        return float(weight[~self.up[service]].sum())

    def without(self, service: str, failed: set[Key]) -> bool:
        """Whether a service is up when exactly these have failed."""
        wanted = np.ones(len(self.states[self.keys[0]]), bool)
        for key in self.keys:
            wanted &= self.states[key] != (key in failed)
        return bool(self.up[service][wanted][0])


Group = tuple[str, ...]


def brute_force(estate: Estate) -> BruteForce:
    """Evaluate all states of an estate; rings by iteration from "all up" (rule A6)."""
    groups = _groups(estate)
    down = _unavailabilities(estate, groups)
    keys = [key for key in down if down[key] > 0 or key[0] != "organization"]
    number = np.arange(1 << len(keys))
    states = {key: (number >> place) & 1 == 1 for place, key in enumerate(keys)}
    always = np.ones(len(number), bool)
    up = dict.fromkeys(estate.service, always)
    while True:
        fresh = {}
        for service in estate.services:
            parts = [states["service", service.id]]
            parts += [states[_cause(m)] for m in groups if service.id in m]
            parts.append(states.get(("organization", service.provider or ""), always))
            for placement in service.placements:
                held = sum(_place_up(estate, states, p).astype(int) for p in placement.of)
                parts.append(held >= placement.at_least)
            for requirement in service.requirements:
                if isinstance(requirement, Redundancy):
                    held = sum(up[member].astype(int) for member in requirement.of)
                    parts.append(held >= requirement.at_least)
                elif requirement.soft is None:
                    parts.append(up[requirement.service])
            fresh[service.id] = reduce(np.logical_and, parts)
        if all((fresh[s] == up[s]).all() for s in up):
            return BruteForce(keys, states, down, up)
        up = fresh


def _groups(estate: Estate) -> dict[Group, float]:
    """Beta factor by members; the same members share one cause."""
    groups: dict[Group, float] = {}
    for service in estate.services:
        for requirement in service.requirements:
            if isinstance(requirement, Redundancy) and requirement.common_cause:
                members = tuple(sorted(requirement.of))
                beta = float(requirement.common_cause)
                groups[members] = max(groups.get(members, 0.0), beta)
    return groups


def _cause(members: Group) -> Key:
    return "common_cause", " + ".join(members)


def _unavailabilities(estate: Estate, groups: dict[Group, float]) -> dict[Key, float]:
    """Own figures with common causes split off (rule A13)."""
    down: dict[Key, float] = {}
    for kind, records in (
        ("service", estate.services),
        ("location", estate.locations),
        ("organization", estate.organizations),
    ):
        for record in records:
            given = record.own_unavailability
            down[kind, record.id] = float(given) if given is not None else 0.0
    whole = dict(down)
    asked: dict[Group, float] = {}
    for members, beta in groups.items():
        q = [whole["service", member] for member in members]
        asked[members] = min([beta * max(q), *q])
    for members in groups:
        shared = asked[members]
        for member in members:
            total = sum(asked[group] for group in groups if member in group)
            if total > whole["service", member]:
                shared = min(shared, asked[members] * whole["service", member] / total)
        down[_cause(members)] = shared
        for member in members:
            left = (down["service", member] - shared) / (1 - shared) if shared < 1 else 0.0
            down["service", member] = max(0.0, left)
    return down


def _place_up(estate: Estate, states: dict[Key, Array], place: str) -> Array:
    location = estate.location[place]
    own: Array = states["location", place]
    own = own & states.get(("organization", location.operator or ""), np.ones(len(own), bool))
    within = location.within
    return own if within is None else own & _place_up(estate, states, within)


figures = st.sampled_from([0.0, 1e-13, 1e-6, 0.001, 0.03, 0.2, 0.5])


@st.composite
def estates(draw: st.DrawFn) -> Estate:
    """Small estates with sharing, redundancy, places, common causes, rings and soft edges."""
    names = [f"s{i}" for i in range(draw(st.integers(2, 6)))]
    places = [f"l{i}" for i in range(draw(st.integers(0, 2)))]
    companies = [f"o{i}" for i in range(draw(st.integers(0, 2)))]
    services = []
    for position, name in enumerate(names):
        # A draw over all services gives rings, over later ones none.
        pool = [n for n in names if n != name] if draw(st.booleans()) else names[position + 1 :]
        services.append(
            {
                "id": name,
                "unavailability": draw(figures),
                "provider": draw(st.sampled_from(companies)) if companies else None,
                "located_in": _placements(draw, places),
                "depends_on": [_requirement(draw, pool) for _ in range(draw(st.integers(0, 2)))]
                if pool
                else [],
            }
        )
    return Estate.model_validate(
        {
            "organizations": [
                {"id": c, "name": c, "unavailability": draw(figures)} for c in companies
            ],
            "locations": [
                {
                    "id": p,
                    "unavailability": draw(figures),
                    "within": places[0] if i else None,
                    "operator": draw(st.sampled_from([None, *companies])),
                }
                for i, p in enumerate(places)
            ],
            "services": services,
        }
    )


def _placements(draw: st.DrawFn, places: list[str]) -> list[Any]:
    kind = draw(st.integers(0, 3))
    if not places or kind == 0:
        return []
    if len(places) == 2 and kind == 1:
        return [{"at_least": 1, "of": places}]
    return [draw(st.sampled_from(places))]


def _requirement(draw: st.DrawFn, pool: list[str]) -> Any:
    members = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=4, unique=True))
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return {"service": members[0], "soft": 0.5}
    if len(members) == 1:
        return members[0]
    group: dict[str, Any] = {"at_least": draw(st.integers(1, len(members))), "of": members}
    if kind == 1:
        group["common_cause"] = draw(st.sampled_from([0.05, 0.5, 1.0]))
    return group
