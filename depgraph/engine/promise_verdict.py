"""Whether a figure reaches what is promised, and by how much it falls short (rule A4)."""

from __future__ import annotations

from decimal import Decimal

from depgraph.engine.availability_answer import MINUTES_PER_MONTH
from depgraph.engine.exact import Bounds

_TOLERANCE = 1e-12
"""Relative error of unavailabilities that is rounding, not a shortfall."""


def reaches(bounds: Bounds, target: Decimal | None) -> bool | None:
    """Whether a figure reaches a target; None without one, or when the bracket straddles it.

    Parameters
    ----------
    bounds : Bounds
        The figure, or its bracket.
    target : Decimal, optional
        What is promised [1].
    """
    if target is None:
        return None
    allowed = float(1 - target) * (1 + _TOLERANCE)
    if bounds.low.down <= allowed:
        return True
    return False if bounds.high.down > allowed else None


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
