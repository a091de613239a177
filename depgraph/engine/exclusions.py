"""What does not count against one service level, and when (rules M3, M4, K11, P3).

An exclusion excuses incidents (maintenance, force majeure, the customer's own, a third party's),
or it takes time out whoever is at fault (waiver, suspension, outside service hours).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Literal, NamedTuple

from depgraph.engine.attribution import Responsibility, excused_stretches
from depgraph.engine.downtime import DownSpan
from depgraph.engine.intervals import (
    EMPTY,
    Intervals,
    difference,
    earliest,
    intersection,
    intervals,
    minutes,
    union,
)
from depgraph.engine.periods import day_span
from depgraph.engine.recurrence import service_time, window_time
from depgraph.model.contract import Contract
from depgraph.model.exclusion import Exclusion
from depgraph.model.incident import Incident
from depgraph.model.sla import Objective, Sla

ThirdParty = Literal["as_agreed", "counted", "excluded"]
"""Whether third-party minutes are excluded as the contract says, never, or always."""


class Promise(NamedTuple):
    """One promised level with its place in the contract."""

    contract: Contract
    """The contract."""
    sla: Sla
    """The SLA."""
    objective: Objective
    """The objective."""


@dataclass(frozen=True)
class Excluded:
    """Time that does not count, and why."""

    time: Intervals
    """All of it, within downtime."""
    whole: Intervals
    """Time taken out of the period whether the service was down or not, with `time`."""
    by_ground: Mapping[str, Fraction] = field(default_factory=dict)
    """Minutes by ground; grounds may overlap [min]."""
    over_quota: Mapping[str, Fraction] = field(default_factory=dict)
    """Minutes beyond each quota, which count [min]."""


class ExclusionRules:
    """Applies the exclusions of promises to downtime.

    Parameters
    ----------
    incidents : mapping of str to Incident
        What happened, by id.
    responsibility : Responsibility
        Who answers for what.
    """

    def __init__(self, incidents: Mapping[str, Incident], responsibility: Responsibility) -> None:
        self._incidents = incidents
        self._started = {incident.id: incident.start for incident in incidents.values()}
        self._responsibility = responsibility

    def excluded(
        self,
        promise: Promise,
        spans: Sequence[DownSpan],
        span: tuple[datetime, datetime],
        third_party: ThirdParty = "as_agreed",
    ) -> Excluded:
        """Time that does not count within one period.

        Parameters
        ----------
        promise : Promise
            The level promised.
        spans : sequence of DownSpan
            Downtime within the period.
        span : tuple of datetime
            The period.
        third_party : {'as_agreed', 'counted', 'excluded'}
            What to do with third-party failure; settlement asks for the two other worlds.
        """
        grounds = [
            ground
            for ground in promise.sla.exclusions
            if third_party == "as_agreed" or ground.kind != "third_party"
        ]
        if third_party == "excluded":
            grounds.append(Exclusion(kind="third_party"))
        outside = self._taken_out(promise, span)
        if not grounds and len(outside) == 0:
            return Excluded(EMPTY, EMPTY)
        lost = intersection(outside, intervals((s.start, s.end) for s in spans))
        excused = _Excused(self, promise, spans, span)
        by_ground: dict[str, Fraction] = {}
        over_quota: dict[str, Fraction] = {}
        for place, ground in enumerate(grounds):
            struck = excused.time(ground)
            granted = struck
            if ground.quota_hours is not None:
                granted = earliest(struck, Fraction(ground.quota_hours) * 60)
                if beyond := minutes(struck) - minutes(granted):
                    over_quota[ground.kind] = over_quota.get(ground.kind, Fraction(0)) + beyond
            excused.grant(place, ground, granted)
            if length := minutes(granted):
                by_ground[ground.kind] = by_ground.get(ground.kind, Fraction(0)) + length
        time = excused.all_together() if excused.sole_cause else excused.any_of_them()
        if length := minutes(lost):
            by_ground["outside agreed time"] = length
        time = union(time, lost)
        return Excluded(time, union(time, outside), by_ground, over_quota)

    def _taken_out(self, promise: Promise, span: tuple[datetime, datetime]) -> Intervals:
        """Time out of the agreement: service hours, waivers both sides approved, suspensions."""
        contract, sla, _ = promise
        parts = []
        if sla.service_hours is None and not sla.exclusions:
            return EMPTY
        period = intervals([span])
        if sla.service_hours is not None:
            worked = service_time(sla.service_hours, contract.timezone, contract.start, *span)
            parts.append(difference(period, worked))
        for ground in sla.exclusions:
            if ground.kind not in {"waiver", "suspension"}:
                continue
            if ground.service not in {None, sla.service}:
                continue
            approved = {contract.supplier, contract.customer} <= set(ground.approved_by)
            if ground.kind == "waiver" and not approved:
                continue
            days = intervals([day_span(ground.start, ground.end, contract.timezone)])
            parts.append(intersection(days, period))
        return union(*parts) if parts else EMPTY

    def excuses(self, ground: Exclusion, incident: Incident, promise: Promise) -> bool:
        """Whether a ground covers an incident, its windows and quota apart (rule M3)."""
        if ground.kind in {"planned_maintenance", "emergency_maintenance"}:
            return incident.cause == ground.kind and _announced_in_time(ground, incident)
        if ground.kind == "force_majeure":
            return incident.cause == "force_majeure" and _is_proven(ground, incident)
        if ground.kind == "customer":
            customer, service = promise.contract.customer, promise.sla.service
            return self._responsibility.is_customers(incident.id, service, customer)
        if ground.kind == "third_party":
            return self._responsibility.is_third_party(incident.id, promise.contract.supplier)
        return False


class _Excused:
    """Excused time of one promise in one period, ground by ground."""

    def __init__(
        self,
        rules: ExclusionRules,
        promise: Promise,
        spans: Sequence[DownSpan],
        span: tuple[datetime, datetime],
    ) -> None:
        self._rules = rules
        self._promise = promise
        self._spans = spans
        self._span = span
        self.sole_cause = promise.objective.concurrent == "sole_cause"
        self._granted: dict[int, tuple[Exclusion, Intervals]] = {}

    def _covers(self, ground: Exclusion, incident: str) -> bool:
        return self._rules.excuses(ground, self._rules._incidents[incident], self._promise)  # noqa: SLF001 - one module

    def time(self, ground: Exclusion) -> Intervals:
        """Downtime that a ground covers before its quota."""
        if ground.kind == "third_party" and not self.sole_cause:
            stretches = excused_stretches(
                self._spans,
                lambda incident: self._covers(ground, incident),
                self._rules._started,  # noqa: SLF001 - one module
                self._promise.contract.attribution,
                self._rules._responsibility.party,  # noqa: SLF001 - one module
            )
            return intervals(stretches)
        found = intervals(
            (s.start, s.end)
            for s in self._spans
            if any(self._covers(ground, incident) for incident in s.incidents)
        )
        if ground.windows:
            contract = self._promise.contract
            agreed = window_time(ground.windows, contract.timezone, contract.start, *self._span)
            return intersection(found, agreed)
        return found

    def grant(self, place: int, ground: Exclusion, granted: Intervals) -> None:
        """Remember what a ground takes out after its quota."""
        self._granted[place] = (ground, granted)

    def any_of_them(self) -> Intervals:
        """Minutes in which any excused incident took part (rule M4, ``any_excluded``)."""
        return union(*(granted for _, granted in self._granted.values()))

    def all_together(self) -> Intervals:
        """Minutes in which every incident that took part is excused (rule M4, ``sole_cause``)."""
        found = []
        for span in self._spans:
            left = intervals([(span.start, span.end)])
            for incident in span.incidents:
                granted = [
                    time
                    for ground, time in self._granted.values()
                    if self._covers(ground, incident)
                ]
                left = intersection(left, union(*granted)) if granted else EMPTY
            found.append(left)
        return union(*found) if found else EMPTY


def _announced_in_time(ground: Exclusion, incident: Incident) -> bool:
    """Whether work was announced with the notice that the ground asks for."""
    if ground.notice_hours is None:
        return True
    if incident.announced is None:
        return False
    notice = Fraction(int((incident.start - incident.announced).total_seconds()), 3600)
    return notice >= Fraction(ground.notice_hours)


def _is_proven(ground: Exclusion, incident: Incident) -> bool:
    """Whether force majeure has its evidence, and is an event that the ground covers."""
    if ground.evidence_required and not incident.evidence:
        return False
    covered = {event.casefold() for event in ground.scope}
    return not covered or not incident.root_cause or incident.root_cause.casefold() in covered
