"""Simulated years while their money is looked up, and the downtime that it is looked up by.

Downtime is in microseconds on the timeline of a block of years; sums are in minor units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from depgraph.engine.diagram import Array
from depgraph.engine.entries import Entry
from depgraph.engine.level_tables import excludes_others, is_but_for
from depgraph.engine.own_worlds import OwnWorlds
from depgraph.engine.renewal import Outages
from depgraph.engine.shared_causes import SharedCauses, Spans


@dataclass(frozen=True)
class BlockCauses:
    """Causes that services have in common on one timeline.

    Attributes
    ----------
    causes : SharedCauses
        Of the compiled estate.
    place : mapping of str to int
        Place of each service among the compiled ones.
    outages : tuple of Outages
        Failures of the components; the same with planned maintenance.
    down : mapping of str to (ndarray, ndarray)
        Starts and ends of the downtime of each service [µs].
    length : int
        Length of the timeline [µs].
    worlds : OwnWorlds, optional
        Tells suppliers' own downtime; without it, it is not known.
    """

    causes: SharedCauses
    place: Mapping[str, int]
    outages: tuple[Outages, Outages]
    down: Mapping[str, Spans]
    length: int
    worlds: OwnWorlds | None = None
    _own: dict[str, dict[str, Spans | None]] = field(default_factory=dict)

    def own(self, service: str, supplier: str) -> Spans | None:
        """Downtime of a service by its supplier's own failures; None where it cannot be told."""
        if self.worlds is None:
            return None
        if supplier not in self._own:
            found = self.worlds.spans(supplier, self.outages[1], self.length, self.causes)
            self._own[supplier] = found
        return self._own[supplier][service]

    def shared(self, services: tuple[str, str], within: tuple[int, int]) -> bool | None:
        """Whether an outage took part in the downtime of both; None where it is not plain."""
        one, other = services
        places, down = (self.place[one], self.place[other]), (self.down[one], self.down[other])
        return self.causes.shared(places, down, within, self.outages)


@dataclass
class Years:
    """Years while they are settled; figures by year and entry, sums in minor units.

    Attributes
    ----------
    start : ndarray of int64
        Where each year begins [µs].
    down : mapping of str to Spans
        Downtime of the services [µs].
    causes : BlockCauses, optional
        Which outages services have in common.
    struck, lost : ndarray of int64
        Downtime of the service, and the part of it that counts [µs].
    settled, over_border : ndarray of bool
        Whether each year holds; whether it does not for what may pass from year to year alone.
    scheduled, owed, recovered, for_cause : ndarray of int64
        Credit by the schedule; what is owed after the clause; what is recovered for it; the part
        of that which has a cause in common.
    missed : ndarray of bool
        Whether the target is missed.
    alone : dict of int to ndarray of int64
        Downtime by the supplier's own failures, by entry, where it was asked for [µs].
    """

    start: Array
    down: Mapping[str, Spans]
    causes: BlockCauses | None
    struck: Array
    lost: Array
    settled: Array
    over_border: Array
    scheduled: Array
    owed: Array
    recovered: Array
    for_cause: Array
    missed: Array
    alone: dict[int, Array | None] = field(default_factory=dict)

    @classmethod
    def empty(
        cls, start: Array, entries: int, down: Mapping[str, Spans], causes: BlockCauses | None
    ) -> Years:
        """Nothing known yet."""
        struck, lost, scheduled, owed, recovered, for_cause = (
            np.zeros((len(start), entries), np.int64) for _ in range(6)
        )
        missed = np.zeros((len(start), entries), np.bool_)
        settled, over = np.ones(len(start), np.bool_), np.zeros(len(start), np.bool_)
        figures = struck, lost, settled, over, scheduled, owed, recovered, for_cause, missed
        return cls(start, down, causes, *figures)

    def counted(self, entry: Entry) -> Spans | None:
        """When downtime of an entry counts; None where it cannot be told."""
        return self.own(entry) if excludes_others(entry) else self.down[entry.sla.service]

    def own(self, entry: Entry) -> Spans | None:
        """Downtime by the supplier's own failures; None where it cannot be told."""
        if self.causes is None or not is_but_for(entry):
            return None
        return self.causes.own(entry.sla.service, entry.contract.supplier)


def downtime_within(down: tuple[Array, Array], start: Array, end: Array) -> Array:
    """Length of ordered, disjoint intervals within each of several windows [start, end).

    Parameters
    ----------
    down : tuple of ndarray of int64
        Starts and ends of the intervals [µs].
    start, end : ndarray of int64, of one shape
        Starts and ends of the windows [µs]; one that ends before its start is empty.

    Returns
    -------
    ndarray of int64
        Downtime in each window [µs].
    """
    starts, ends = down
    if not len(starts):
        return np.zeros(np.shape(start), np.int64)
    summed = np.concatenate(([0], np.cumsum(ends - starts)))

    def until(moment: Array) -> Array:
        """Downtime before a moment."""
        begun = np.searchsorted(starts, moment, "left")
        last = np.maximum(begun - 1, 0)
        cut = np.where(begun > 0, np.maximum(0, ends[last] - moment), 0)
        before: Array = summed[begun] - cut
        return before

    lost: Array = np.maximum(0, until(np.maximum(start, end)) - until(start))
    return lost
