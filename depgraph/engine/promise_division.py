"""Own figures that follow from end-to-end promises, divided by what they require (rule A4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from math import isclose

from depgraph.engine.exact import Compiled, Pair
from depgraph.engine.figures import Figures, pair_of
from depgraph.engine.structure import ComponentKey, Structure

_PASSES = 200
_WORKING = Pair(1.0, 0.0)
_ROUNDING = 1e-12
"""Relative change of unavailabilities that is rounding."""
_LEAST = 1e-15
"""Change of an unavailability that is rounding, where it is next to nothing."""


def services_below(structure: Structure, services: Iterable[str]) -> set[str]:
    """Services that some services rest on, themselves included.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    services : iterable of str
        Where to start.
    """
    waiting = [structure.up[service] for service in services]
    below = set(waiting)
    while waiting:
        fresh = set(structure.gates.arguments[waiting.pop()]) - below
        below |= fresh
        waiting += fresh
    keys = (structure.component.get(node) for node in below)
    return {key.id for key in keys if key is not None and key.kind == "service"}


def divide_promises(figures: Figures, compiled: Callable[[int], Compiled]) -> frozenset[str]:
    """Divide end-to-end promises by P(requirements met) until nothing changes (rule A4).

    The requirements are taken in the world where the own component is up, so that rings and common
    causes are no special case. What does not settle lies between the promise and 1, and is left
    open between them (rule A8): the promises of a ring whose members have common causes.

    Parameters
    ----------
    figures : Figures
        Figures of the components; those of `pending` services are entered.
    compiled : callable
        Compiles a node of the structure.

    Returns
    -------
    frozenset of str
        Services whose promise does not settle.
    """
    order = _order(figures)
    loose: set[str] = set()
    while order:
        for _ in range(_PASSES + len(order)):
            moved = _divided_once(figures, compiled, order)
            figures.split_common_causes()
            if not moved:
                return frozenset(loose)
        for service in moved:
            promised = pair_of(1 - figures.pending[service].target)
            figures.set_own(ComponentKey("service", service), promised, _WORKING, "committed")
        figures.split_common_causes()
        loose |= moved
        order = [service for service in order if service not in moved]
    return frozenset(loose)


def _divided_once(
    figures: Figures, compiled: Callable[[int], Compiled], order: Sequence[str]
) -> set[str]:
    """Divide each promise once; what one gets counts for those after it. Tells what changed."""
    structure = figures.structure
    worlds = figures.world(0), figures.world(1)
    moved = set()
    for service in order:
        key = ComponentKey("service", service)
        variable = structure.variable[key]
        ready = compiled(structure.requirements_met[service])
        target = figures.pending[service].target
        left = [world[variable] for world in worlds]
        for world in worlds:
            world[variable] = _WORKING
        low, high = (ready.bounds(world) for world in worlds)
        before, own = figures.own[key], (quotient(target, high.high), quotient(target, low.low))
        if not _are_alike(before, own):
            moved.add(service)
        for world, now in zip(worlds, left if before == own else own, strict=True):
            world[variable] = now
        figures.set_own(key, *own, "committed")
    return moved


def _order(figures: Figures) -> list[str]:
    """Services with a promise to divide, providers first, and in a ring the highest promise.

    What a ring lacks is the fault of its lowest promise: the figures of the others are clipped to 1
    before it rests on them, and so it settles at once.
    """
    structure, pending = figures.structure, figures.pending
    place = {service: number for number, service in enumerate(structure.order)}
    for members in structure.rings:
        place.update(dict.fromkeys(members, min(place[member] for member in members)))
    return sorted(pending, key=lambda service: (place[service], -pending[service].target, service))


def _are_alike(one: Iterable[Pair], other: Iterable[Pair]) -> bool:
    """Whether figures differ by rounding alone."""
    pairs = zip(one, other, strict=True)
    return all(isclose(a.down, b.down, rel_tol=_ROUNDING, abs_tol=_LEAST) for a, b in pairs)


def quotient(target: Decimal, requirements: Pair) -> Pair:
    """Own figure that makes the composite equal to an end-to-end target, clipped to 1 (A4).

    Parameters
    ----------
    target : Decimal
        What is promised [1].
    requirements : Pair
        Probability that the requirements are met, and that they are not [1].
    """
    lost = float(1 - target)
    if requirements.up == 0.0 or requirements.down >= lost:
        return Pair(1.0, 0.0)
    # The smaller side of the requirements carries the digits of the difference.
    up = float(target)
    rest = requirements.up - up if requirements.up < 0.5 else lost - requirements.down  # noqa: PLR2004 - one half
    return Pair(up / requirements.up, rest / requirements.up)
