"""Downtime region by region: each its own, all down, or any down (rule M9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise, product
from typing import Literal

from depgraph.engine.downtime import LONG_AGO, Cuts, DownHistory, DownSpan, smallest_cuts
from depgraph.engine.structure import Structure
from depgraph.model.estate import Estate
from depgraph.model.incident import Incident
from depgraph.model.sla import Sla


class RegionalHistory:
    """Downtime of services everywhere, or as it was felt in single locations.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    incidents : sequence of Incident
        What happened.
    as_of : datetime
        Where open incidents are clipped.
    since : datetime, optional
        Downtime before it is not looked at.
    """

    def __init__(
        self,
        structure: Structure,
        incidents: Sequence[Incident],
        as_of: datetime,
        since: datetime = LONG_AGO,
    ) -> None:
        self._structure = structure
        self._incidents = tuple(incidents)
        self._as_of = as_of
        self._since = since
        self.everywhere = DownHistory(structure, incidents, as_of, since)
        self._by_region: dict[str, DownHistory] = {}

    def spans(
        self, service: str, regions: Sequence[str], rule: Literal["each", "all_down", "any_down"]
    ) -> tuple[DownSpan, ...]:
        """Downtime of a service over the regions of a promise.

        Parameters
        ----------
        service : str
            Its id.
        regions : sequence of str
            Locations that the promise is measured over; when empty, the structure alone decides,
            so that a redundant location that is down is nobody's breach (rule P3). ``all_down``
            asks for those of the service where the promise names none.
        rule : {'each', 'all_down', 'any_down'}
            `each` is asked region by region with `spans_in`; here it counts like `any_down`.
        """
        if not regions:
            return self.everywhere.spans(service)
        felt = [self.spans_in(service, region) for region in regions]
        return combined(felt, every=rule == "all_down")

    def spans_in(self, service: str, region: str) -> tuple[DownSpan, ...]:
        """Downtime of a service as felt in one location.

        Incidents that name regions are felt there and inside; an incident of the location itself,
        of one around it, or of who operates either (rule A1), is felt there whatever redundancy
        lies elsewhere.
        """
        places = around(self._structure.estate, region)
        if region not in self._by_region:
            felt = [i for i in self._incidents if self._is_felt(i, region, places)]
            self._by_region[region] = DownHistory(self._structure, felt, self._as_of, self._since)
        direct = [
            (
                DownSpan(
                    max(i.start, self._since),
                    min(i.end or self._as_of, self._as_of),
                    (frozenset([i.id]),),
                ),
            )
            for i in self._incidents
            if i.impact > 0
            and i.start < self._as_of
            and (i.end is None or i.end > self._since)
            and self._takes_down(i, places)
            and self._is_felt(i, region, places)
        ]
        return combined([self._by_region[region].spans(service), *direct], every=False)

    def _takes_down(self, incident: Incident, places: frozenset[str]) -> bool:
        """Whether an incident is that of one of several places, or of who operates one."""
        estate = self._structure.estate
        kind, name = estate.node_kinds(incident.affects)[0]
        if kind == "location":
            return name in places
        return kind == "organization" and any(estate.location[p].operator == name for p in places)

    def _is_felt(self, incident: Incident, region: str, places: frozenset[str]) -> bool:
        if not incident.regions:
            return True
        return any(
            named in places or region in around(self._structure.estate, named)
            for named in incident.regions
        )


def promised_regions(estate: Estate, sla: Sla) -> tuple[str, ...]:
    """Locations that a promise is measured over: its own, else those of its service (rule M9)."""
    placements = estate.service[sla.service].placements
    return sla.regions or tuple(dict.fromkeys(place for group in placements for place in group.of))


def measured_regions(estate: Estate, sla: Sla) -> tuple[str, ...]:
    """Locations that are looked at one by one; none where the structure alone decides (M9)."""
    objective = sla.availability_objective
    if objective is None or objective.regions == "any_down":
        return sla.regions
    return promised_regions(estate, sla)


def regions_meet(estate: Estate, one: str | None, other: str | None) -> bool:
    """Whether two entitlements speak of one place: equal, nested, or either of them everywhere.

    Parameters
    ----------
    estate : Estate
        Its locations.
    one, other : str, optional
        Locations; None is everywhere.
    """
    if one is None or other is None:
        return True
    return one in around(estate, other) or other in around(estate, one)


def around(estate: Estate, place: str) -> frozenset[str]:
    """A location and everything it lies within."""
    found = []
    here: str | None = place
    while here is not None:
        found.append(here)
        here = estate.location[here].within
    return frozenset(found)


def combined(lists: Sequence[Sequence[DownSpan]], *, every: bool) -> tuple[DownSpan, ...]:
    """Downtime in any list, or in every one; cuts say what explains it."""
    lists = [spans for spans in lists if spans or every]
    if len(lists) == 1:
        return tuple(lists[0])
    times = sorted({moment for spans in lists for s in spans for moment in (s.start, s.end)})
    found: list[DownSpan] = []
    for start, end in pairwise(times):
        active = [_cuts_at(spans, start) for spans in lists]
        if every and not all(active):
            continue
        if every:
            cuts = smallest_cuts(frozenset().union(*chosen) for chosen in product(*active))
        else:
            cuts = smallest_cuts(cut for cuts in active for cut in cuts)
        if cuts and found and found[-1].end == start and found[-1].cuts == cuts:
            found[-1] = DownSpan(found[-1].start, end, cuts)
        elif cuts:
            found.append(DownSpan(start, end, cuts))
    return tuple(found)


def _cuts_at(spans: Sequence[DownSpan], moment: datetime) -> Cuts:
    return next((span.cuts for span in spans if span.start <= moment < span.end), ())
