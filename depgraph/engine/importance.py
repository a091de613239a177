"""Which component matters most for a service (rule A11).

Definitions as in M. Rausand and A. Høyland, "System Reliability Theory" (2004), chapter 5, with Q
the unavailability of the service and q that of the component.
"""

from __future__ import annotations

from depgraph.engine.exact import Compiled, Limits, Pair, compiled
from depgraph.engine.figures import Figures
from depgraph.engine.structure import Structure
from depgraph.record import Record

_CANCELS = 0.1
"""Share of Q below which Q - B q loses digits, so that Q is worked out anew (rule A8)."""


class ComponentImportance(Record):
    """Importance of one component for one service."""

    component: str
    """The component."""
    unavailability: float
    """Its own unavailability, q [1]."""
    birnbaum: float
    """Change of the service's availability per change of the component's: A(up) - A(down) [1]."""
    criticality: float
    """Birnbaum × q / Q: share of outages that repairing it ends [1]."""
    fussell_vesely: float
    """(Q - Q given it is up) / Q: share of the unavailability that it takes part in [1]."""
    risk_achievement_worth: float | None
    """Q given it is down, over Q; None where Q is 0."""
    risk_reduction_worth: float | None
    """Q over Q given it is up; None where that is 0 (removing it removes all risk)."""
    structural: float
    """Birnbaum importance with everything that can fail at one half: share of states in which it
    decides [1]."""


class ImportanceAnswer(Record):
    """Importance of everything a service rests on."""

    service: str
    """The service."""
    exact: bool
    """Whether the figures are exact; otherwise they belong to the lower end of the bracket."""
    components: tuple[ComponentImportance, ...]
    """Most critical first."""


def importance(
    structure: Structure, figures: Figures, service: str, limits: Limits | None = None
) -> ImportanceAnswer:
    """Importance of every component for a service, in one backward pass.

    Unknown figures are taken at the low end of their bracket (rule A5).

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    figures : Figures
        Figures of its components.
    service : str
        Service that the importance is for.
    limits : Limits, optional
        When to give up exactness.
    """
    world = figures.world(0)
    perfect = frozenset(variable for variable, own in world.items() if own.down == 0.0)
    ready = compiled(structure.gates, structure.up[service], limits, hints=world, perfect=perfect)
    total = ready.bounds(world).low
    birnbaum = ready.birnbaum(world)
    half = ready.birnbaum(dict.fromkeys(world, Pair(0.5, 0.5)))
    rows = []
    for v in (v for v in birnbaum if world[v].down > 0.0):
        left = max(0.0, total.down - birnbaum[v] * world[v].down)
        if left < _CANCELS * total.down:
            left = ready.bounds({**world, v: Pair(1.0, 0.0)}).low.down
        rows.append(_row(structure.name(v), world[v], (total, left), (birnbaum[v], half[v])))
    unknown = any(figures.is_unknown(v) for v in birnbaum)
    rows.sort(key=lambda row: (-row.criticality, row.component))
    return ImportanceAnswer(
        service=service, exact=_exact(ready, unknown=unknown), components=tuple(rows)
    )


def _exact(ready: Compiled, *, unknown: bool) -> bool:
    return ready.exact and not unknown


def _row(
    name: str, own: Pair, total_and_left: tuple[Pair, float], birnbaum_and_half: tuple[float, float]
) -> ComponentImportance:
    """All measures of one component from its Birnbaum importance.

    A is linear in each component, so Q given it is up is Q - B q, and given it is down Q + B a.
    """
    total, left = total_and_left
    birnbaum, half = birnbaum_and_half
    share = birnbaum * own.down / total.down if total.down else 0.0
    return ComponentImportance(
        component=name,
        unavailability=own.down,
        birnbaum=birnbaum,
        criticality=share,
        fussell_vesely=share,
        risk_achievement_worth=(
            (total.down + birnbaum * own.up) / total.down if total.down else None
        ),
        risk_reduction_worth=total.down / left if left else None,
        structural=half,
    )
