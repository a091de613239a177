"""Whether a figure reaches what is promised, and by how much it falls short (rule A4)."""

from __future__ import annotations

from decimal import Decimal

from depgraph.engine.availability_answer import MINUTES_PER_MONTH
from depgraph.engine.committed import Commitment
from depgraph.engine.exact import Bounds

TOLERANCE = 1e-12
"""Relative error of unavailabilities that is rounding, not a shortfall."""


def reached(least: float, most: float, target: Decimal) -> bool | None:
    """Whether a bracket of an unavailability keeps to a target; None when it straddles it.

    Parameters
    ----------
    least, most : float
        Ends of the unavailability [1].
    target : Decimal
        What is promised [1].
    """
    allowed = float(1 - target) * (1 + TOLERANCE)
    if most <= allowed:
        return True
    return False if least > allowed else None


def reaches(bounds: Bounds, target: Decimal | None) -> bool | None:
    """Whether a figure reaches a target; None without one, or when the bracket straddles it.

    Parameters
    ----------
    bounds : Bounds
        The figure, or its bracket.
    target : Decimal, optional
        What is promised [1].
    """
    return None if target is None else reached(bounds.high.down, bounds.low.down, target)


def shortfall(bounds: Bounds, target: Decimal | None) -> float | None:
    """Minutes a month by which the better end of a figure misses a target; None without one.

    Parameters
    ----------
    bounds : Bounds
        The figure, or its bracket.
    target : Decimal, optional
        What is promised [1].
    """
    if target is None:
        return None
    if reaches(bounds, target) is not False:
        return 0.0
    return (bounds.high.down - float(1 - target)) * MINUTES_PER_MONTH


def judged(promise: Commitment, met: Bounds, up: Bounds, *, committed: bool) -> Commitment:
    """A promise with whether it is carried and met (rule A4).

    Parameters
    ----------
    promise : Commitment
        The promise.
    met, up : Bounds
        Availability of the service's requirements, and of the service.
    committed : bool
        Whether the own figure is itself a promise.
    """
    says = promise.counts or not committed
    return promise.replace(
        carried=reaches(met, promise.target),
        met=reaches(up, promise.target) if says else None,
        carried_shortfall_minutes_per_month=shortfall(met, promise.target),
        met_shortfall_minutes_per_month=shortfall(up, promise.target) if says else None,
    )
