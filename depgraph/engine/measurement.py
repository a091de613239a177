"""Service levels measured from incidents and from monitoring figures (rules M1 to M11).

Everything is exact: instants in microseconds, shares as fractions. A level measured by requests is
taken from the figures of its source; where there are none, traffic is taken to be even, so that
an outage fails its impact's share of requests, and the answer says so.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from operator import attrgetter

from depgraph.engine.attribution import Responsibility
from depgraph.engine.downtime import LONG_AGO, DownHistory, DownSpan, cut_weight
from depgraph.engine.exclusions import Excluded, ExclusionRules, Promise, ThirdParty
from depgraph.engine.granularity import BY_OUTAGE, BY_PERIOD, EXACT, granularity_of
from depgraph.engine.intervals import (
    EMPTY,
    MINUTE,
    Intervals,
    difference,
    intersection,
    intervals,
    microseconds,
    minutes,
    union,
    whole_cells,
    whole_minutes,
)
from depgraph.engine.recurrence import service_time
from depgraph.engine.regions import RegionalHistory, measured_regions, promised_regions
from depgraph.engine.request_levels import counted_share, is_whole, rows_within, success_rate
from depgraph.engine.structure import Structure
from depgraph.model.incident import Incident, Measurement
from depgraph.model.sla import Objective, Sla

_BY_TIME = frozenset({"time", "interval_all_fail"})
"""Measures that a stated availability can stand for."""
REQUEST_MEASURES = frozenset({"interval_mean", "request_ratio", "executions"})
"""Measures by requests, not by time (rule M8)."""
INCIDENT_RECORD = "incident record"
"""Source of figures that follow from incidents."""
EVEN_TRAFFIC = "incident record, even traffic assumed"
"""Source of request figures that follow from incidents."""
_start = attrgetter("start")
_end = attrgetter("end")


@dataclass(frozen=True)
class Level:
    """One service level measured in one period."""

    availability: Fraction
    """Availability, unrounded [1]."""
    length: Fraction
    """What downtime is divided by [min]."""
    counted: Fraction
    """Downtime that counts, weighted where the promise says so [min]."""
    counted_time: Intervals
    """When it was."""
    excluded: Fraction
    """Downtime that does not count [min]."""
    down: Fraction
    """Downtime in all: the union of what took the service down [min]."""
    source: str
    """Where the figure comes from (rule M11)."""
    provisional: bool
    """Whether evidence was open or the period had not ended at `as_of` (rule M1)."""
    grounds: Excluded
    """What did not count, and why."""
    spans: tuple[DownSpan, ...] = ()
    """Downtime with its causes, within the period."""
    sources: Mapping[str, Fraction] = field(default_factory=dict)
    """Availability by source, where there are several."""
    untouched: bool = False
    """Whether nothing at all is on record for it: it is perfect."""

    @cached_property
    def incidents(self) -> tuple[str, ...]:
        """Incidents that took part."""
        return tuple(sorted({name for span in self.spans for name in span.incidents}))

    @property
    def causes(self) -> tuple[str, ...]:
        """Incidents that the level is judged by: all that took part where figures alone count."""
        return self.counted_incidents or self.incidents

    @cached_property
    def counted_incidents(self) -> tuple[str, ...]:
        """Incidents that took part in downtime that counts."""
        if not self.counted_time.size:
            return ()
        spans = (
            s
            for s in self.spans
            if intersection(intervals([(s.start, s.end)]), self.counted_time).size
        )
        return tuple(sorted({name for span in spans for name in span.incidents}))


class LevelMeter:
    """Measures the service levels of one estate.

    Parameters
    ----------
    structure : Structure
        The estate compiled: the one source of who was down when.
    incidents : sequence of Incident
        What happened, really or in a scenario.
    measurements : sequence of Measurement
        Figures of monitoring.
    as_of : datetime
        Where open evidence is clipped (rule M1).
    since : datetime, optional
        Downtime before it is not looked at; what began before keeps its beginning.
    """

    def __init__(
        self,
        structure: Structure,
        incidents: Sequence[Incident],
        measurements: Sequence[Measurement],
        as_of: datetime,
        since: datetime = LONG_AGO,
    ) -> None:
        self.structure = structure
        self.as_of = as_of
        self.incidents = {incident.id: incident for incident in incidents}
        self.responsibility = Responsibility(structure.estate, incidents)
        self._impact = {i.id: Fraction(i.impact) for i in incidents}
        self._rules = ExclusionRules(self.incidents, self.responsibility)
        self._history = RegionalHistory(structure, incidents, as_of, since)
        self._quiet: dict[tuple[datetime, datetime, bool], Level] = {}
        self._rows: dict[str, list[Measurement]] = {}
        for row in measurements:
            self._rows.setdefault(row.service, []).append(row)

    @property
    def history(self) -> DownHistory:
        """Downtime of every service, regions apart."""
        return self._history.everywhere

    def has_evidence(self, sla: Sla, start: datetime, end: datetime) -> bool:
        """Whether anything is on record in [start, end) for what an SLA covers, in any region."""
        if any(row.start < end and row.end > start for row in self._rows.get(sla.service, ())):
            return True
        regions = measured_regions(self.structure.estate, sla)
        return any(clipped(felt, start, end) for felt in self.felt(sla.service, regions))

    def felt(self, service: str, regions: Iterable[str]) -> Iterator[Sequence[DownSpan]]:
        """Downtime of a service by the structure, then as it was felt in each of several regions.

        Parameters
        ----------
        service : str
            Its id.
        regions : iterable of str
            Locations that are looked at one by one (rule M9).
        """
        yield self._history.everywhere.spans(service)
        for region in regions:
            yield self._history.spans_in(service, region)

    def versions(self, promise: Promise) -> tuple[Sla, ...]:
        """Versions of a promise, the first one first (rule L1)."""
        return self._rules.versions(promise)

    def excludes_others(self, promise: Promise) -> bool:
        """Whether any version of a promise leaves third parties' failures out (rules M3, L1)."""
        return any(version.excludes_third_party for version in self._rules.versions(promise))

    def is_monitored(self, service: str) -> bool:
        """Whether there are monitoring figures of a service."""
        return service in self._rows

    def level(
        self,
        promise: Promise,
        start: datetime,
        end: datetime,
        *,
        region: str | None = None,
        third_party: ThirdParty = "as_agreed",
    ) -> Level:
        """Measure one level over [start, end).

        Parameters
        ----------
        promise : Promise
            The level promised.
        start, end : datetime
            The period, or a part of it.
        region : str, optional
            Location whose own entitlement is measured (rule M9).
        third_party : {'as_agreed', 'counted', 'excluded'}
            What to do with third-party failure.
        """
        since = self._rules.quotas_from(promise, start)
        spans = clipped(self._spans(promise, region), since, end)
        if not spans and not self.is_monitored(promise.sla.service) and _is_plain(promise):
            return self.untouched(promise, start, end)
        by_source = (
            self._by_source(promise, spans, (start, end)) if third_party == "as_agreed" else {}
        )
        spans = self._of_record(promise, spans)
        level = self._from_incidents(promise, spans, (start, end), third_party)
        rows = self._chosen_rows(promise, (start, end))
        if rows:
            level = self._from_rows(promise, level, rows, (start, end))
        return replace(level, sources=by_source) if by_source else level

    def untouched(self, promise: Promise, start: datetime, end: datetime) -> Level:
        """Level of a period in which nothing happened, shared by all promises."""
        key = (start, end, promise.objective.measure in REQUEST_MEASURES)
        if key not in self._quiet:
            self._quiet[key] = self._quiet_level(*key)
        return self._quiet[key]

    def _quiet_level(self, start: datetime, end: datetime, by_requests: bool) -> Level:  # noqa: FBT001 - a fact, not a switch
        zero = Fraction(0)
        return Level(
            availability=Fraction(1),
            length=minutes(intervals([(start, end)])),
            counted=zero,
            counted_time=EMPTY,
            excluded=zero,
            down=zero,
            source=EVEN_TRAFFIC if by_requests else INCIDENT_RECORD,
            provisional=self.as_of < end,
            grounds=Excluded(EMPTY, EMPTY),
            untouched=True,
        )

    def _spans(self, promise: Promise, region: str | None) -> Sequence[DownSpan]:
        _, sla, objective = promise
        if region is not None:
            return self._history.spans_in(sla.service, region)
        regions = sla.regions
        if objective.regions == "all_down":
            regions = promised_regions(self.structure.estate, sla)
        return self._history.spans(sla.service, regions, objective.regions)

    def _of_record(self, promise: Promise, spans: Sequence[DownSpan]) -> tuple[DownSpan, ...]:
        """Downtime by the source of record: other sources' records of the same service go."""
        wanted = promise.objective.source_of_record
        if not wanted:
            return tuple(spans)
        return self._by(promise, spans, wanted)

    def _by(self, promise: Promise, spans: Sequence[DownSpan], source: str) -> tuple[DownSpan, ...]:
        """Downtime without what other sources say of the very service."""

        def other(incident: str) -> bool:
            record = self.incidents[incident]
            told = record.source not in {"", source}
            return told and record.affects.removeprefix("service:") == promise.sla.service

        return tuple(
            DownSpan(span.start, span.end, cuts) for span in spans if (cuts := span.without(other))
        )

    def _by_source(
        self, promise: Promise, spans: Sequence[DownSpan], period: tuple[datetime, datetime]
    ) -> dict[str, Fraction]:
        """What each source says, kept apart (rule M11); empty when there is but one."""
        length = minutes(intervals([period]))
        figures = {
            source: counted_share(promise, rows, EMPTY, period, length).availability
            for source, rows in self._rows_by_source(promise, period).items()
        }
        told = {
            self.incidents[name].source
            for span in spans
            for name in span.incidents
            if self.incidents[name].affects.removeprefix("service:") == promise.sla.service
        } - {""}
        wanted = promise.objective.source_of_record
        if wanted and (told or any(share < 1 for share in figures.values())):
            # That it says nothing is what it says: no downtime.
            told.add(wanted)
        found = {}
        for source in sorted(told):
            kept = self._by(promise, spans, source)
            found[source] = self._from_incidents(promise, kept, period, "as_agreed").availability
        found |= figures
        return found if len(found) > 1 else {}

    def _from_incidents(
        self,
        promise: Promise,
        spans: tuple[DownSpan, ...],
        period: tuple[datetime, datetime],
        third_party: ThirdParty,
    ) -> Level:
        """Level that follows from incidents; earlier ones of the month use up its quotas."""
        start, end = period
        objective = promise.objective
        since = spans[0].start if spans and spans[0].start < start else None
        grounds = self._rules.excluded(promise, spans, period, third_party, since)
        spans = spans if since is None else clipped(spans, start, end)
        down = intervals((s.start, s.end) for s in spans)
        counted = difference(down, grounds.time)
        counted = self._failing(objective, spans, counted)
        counted = _granular(objective, counted, start)
        weighed = self._weighed(objective, spans, counted)
        length = _denominator(promise, period, grounds)
        return Level(
            availability=_availability(weighed, length),
            length=length,
            counted=weighed,
            counted_time=counted,
            excluded=minutes(intersection(down, grounds.time)),
            down=minutes(down),
            source=EVEN_TRAFFIC if objective.measure in REQUEST_MEASURES else INCIDENT_RECORD,
            provisional=self.as_of < end
            or not all(self.is_over(name) for span in spans for name in span.incidents),
            grounds=grounds,
            spans=spans,
        )

    def is_over(self, incident: str) -> bool:
        """Whether an incident had ended when the question is asked (rule M1)."""
        end = self.incidents[incident].end
        return end is not None and end <= self.as_of

    def _failing(
        self, objective: Objective, spans: Sequence[DownSpan], counted: Intervals
    ) -> Intervals:
        """For `threshold_minutes`: only time in which enough requests failed."""
        if objective.measure != "threshold_minutes" or objective.error_threshold is None:
            return counted
        threshold = Fraction(objective.error_threshold)
        summed = objective.overlap == "sum"
        failing = intervals(
            (s.start, s.end)
            for s in spans
            if cut_weight(s.cuts, self._impact, summed=summed) > threshold
        )
        return intersection(counted, failing)

    def _weighed(
        self, objective: Objective, spans: Sequence[DownSpan], counted: Intervals
    ) -> Fraction:
        """Counted minutes, by impact where the promise or its measure says so (rule M6)."""
        by_impact = objective.partial == "weighted" or objective.measure in REQUEST_MEASURES
        if not by_impact or all(self._impact[n] == 1 for s in spans for n in s.incidents):
            return minutes(counted)
        summed = objective.overlap == "sum"
        return sum(
            (
                minutes(intersection(counted, intervals([(s.start, s.end)])))
                * cut_weight(s.cuts, self._impact, summed=summed)
                for s in spans
            ),
            Fraction(0),
        )

    def unused_figures(self, promise: Promise, start: datetime, end: datetime) -> tuple[str, ...]:
        """Sources whose stated availability is of another span, so that it cannot be used (M11)."""
        if promise.objective.measure not in _BY_TIME:
            return ()
        found = {
            row.source
            for row in self._rows.get(promise.sla.service, ())
            if row.start < end and row.end > start and _is_of_another_span(row, (start, end))
        }
        return tuple(sorted(found))

    def as_stated(self, promise: Promise, start: datetime, end: datetime) -> str:
        """Source that states the level of the whole period; empty where none does (M11)."""
        rows = self._chosen_rows(promise, (start, end))
        return rows[0].source if len(rows) == 1 and is_whole(rows[0], (start, end)) else ""

    def says_nothing(self, promise: Promise, start: datetime, end: datetime) -> bool:
        """Whether the source of record has no record, while another one tells of downtime (M11)."""
        wanted = promise.objective.source_of_record
        if not wanted or self._chosen_rows(promise, (start, end)):
            return False
        told = {
            self.incidents[name].source
            for span in clipped(self._spans(promise, None), start, end)
            for name in span.incidents
            if self.incidents[name].affects.removeprefix("service:") == promise.sla.service
        }
        if told & {"", wanted}:
            return False
        others = self._rows_by_source(promise, (start, end)).values()
        return bool(told) or any(success_rate(row) < 1 for rows in others for row in rows)

    def _rows_by_source(
        self, promise: Promise, period: tuple[datetime, datetime]
    ) -> dict[str, list[Measurement]]:
        """Figures that can measure this promise in a period, by source, in file order."""
        measure = promise.objective.measure
        rows = self._rows.get(promise.sla.service, ())
        found: dict[str, list[Measurement]] = {row.source: [] for row in rows}
        for row in rows_within(rows, *period):
            if measure == "time" and row.availability is None:
                continue
            if measure in _BY_TIME and _is_of_another_span(row, period):
                continue
            found[row.source].append(row)
        return {source: each for source, each in found.items() if each}

    def _chosen_rows(
        self, promise: Promise, period: tuple[datetime, datetime]
    ) -> list[Measurement]:
        """Figures that decide: those of the source of record, else the first source's.

        A level by time is taken from a stated figure only if its source is the one of record.
        """
        found = self._rows_by_source(promise, period)
        wanted = promise.objective.source_of_record
        if wanted:
            return found.get(wanted, [])
        if promise.objective.measure == "time" or not found:
            return []
        return next(iter(found.values()))

    def _from_rows(
        self,
        promise: Promise,
        level: Level,
        rows: Sequence[Measurement],
        period: tuple[datetime, datetime],
    ) -> Level:
        """Level from figures; excluded time is taken out of those finer than the period."""
        measured = counted_share(promise, rows, level.grounds.whole, period, level.length)
        return replace(
            level,
            availability=measured.availability,
            counted=(1 - measured.availability) * level.length,
            counted_time=union(measured.failing, level.counted_time),
            source=rows[0].source,
            provisional=self.as_of < period[1],
        )


def clipped(spans: Sequence[DownSpan], start: datetime, end: datetime) -> tuple[DownSpan, ...]:
    """Parts of spans within [start, end) (rule M1).

    Parameters
    ----------
    spans : sequence of DownSpan
        Downtime, in order and disjoint.
    start, end : datetime
        First instant, and first instant after it.
    """
    first = bisect_right(spans, start, key=_end)
    last = bisect_left(spans, end, lo=first, key=_start)
    return tuple(
        span
        if span.start >= start and span.end <= end
        else DownSpan(max(span.start, start), min(span.end, end), span.cuts)
        for span in spans[first:last]
    )


def _is_of_another_span(row: Measurement, period: tuple[datetime, datetime]) -> bool:
    """Whether a stated availability is that of another time than a period."""
    return row.availability is not None and (row.start, row.end) != period


def _is_plain(promise: Promise) -> bool:
    """Whether the whole period is the denominator, whatever is excluded."""
    return promise.objective.denominator == "full"


def _granular(objective: Objective, counted: Intervals, start: datetime) -> Intervals:
    """Outages as the promise counts them (rule M7)."""
    runs = granularity_of(objective)
    if runs == EXACT:
        return counted
    if runs.begin == BY_PERIOD:
        return whole_cells(counted, microseconds(start), runs.cell // MINUTE)
    return whole_minutes(counted, sliding=runs.begin == BY_OUTAGE, at_least=runs.shortest // MINUTE)


def _denominator(
    promise: Promise, period: tuple[datetime, datetime], grounds: Excluded
) -> Fraction:
    """What downtime is divided by (rule M5)."""
    whole = intervals([period])
    kind = promise.objective.denominator
    if kind == "less_exclusions":
        return minutes(difference(whole, grounds.whole))
    if kind == "service_hours" and promise.sla.service_hours is not None:
        contract = promise.contract
        return minutes(
            service_time(promise.sla.service_hours, contract.timezone, contract.start, *period)
        )
    return minutes(whole)


def _availability(counted: Fraction, length: Fraction) -> Fraction:
    """(T − counted)/T; a period without any time that counts is perfect (rule M8)."""
    return max(Fraction(0), 1 - counted / length) if length else Fraction(1)
