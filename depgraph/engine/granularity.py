"""How promises count the length of outages, as numbers: one reading for both forms (rule M7).

`measurement` counts sets of time by it, `counted_runs` many simulated periods at once.
"""

from __future__ import annotations

from typing import NamedTuple

from depgraph.engine.intervals import MINUTE
from depgraph.model.sla import Objective

BY_CLOCK, BY_PERIOD, BY_OUTAGE = range(3)
"""Where the cells of a promise begin: at whole minutes, with the period, with each outage."""


class Granularity(NamedTuple):
    """How a promise counts the length of outages.

    Attributes
    ----------
    cell : int
        Length of what counts as a whole or not at all [µs].
    shortest : int
        Length of cells in a row from which they count [µs].
    begin : int
        Where cells begin.
    """

    cell: int
    shortest: int
    begin: int


EXACT = Granularity(1, 1, BY_CLOCK)
"""Every microsecond counts."""


def granularity_of(objective: Objective) -> Granularity:
    """How a promise counts outages that hit all of a service."""
    if objective.measure == "interval_all_fail":
        cell = objective.interval_minutes * MINUTE
        return Granularity(cell, cell, BY_PERIOD)
    by_minutes = objective.granularity != "exact" or objective.measure == "threshold_minutes"
    if not by_minutes or objective.measure not in {"time", "threshold_minutes"}:
        return EXACT
    begin = BY_OUTAGE if objective.minute_alignment == "sliding" else BY_CLOCK
    return Granularity(MINUTE, (objective.consecutive_minutes or 1) * MINUTE, begin)
