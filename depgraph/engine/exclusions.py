"""What does not count against one service level, and when (rules M3, M4, K11, P3).

An exclusion excuses incidents (maintenance, force majeure, the customer's own, a third party's),
or it takes time out whoever is at fault (waiver, suspension, outside service hours).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
from depgraph.engine.periods import day_span, months_over
from depgraph.engine.recurrence import service_time, window_time
from depgraph.engine.versions import amended, version_at
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


class _Ground(NamedTuple):
    """One ground, with the version of the terms that it stands in."""

    exclusion: Exclusion
    """The ground."""
    version: Sla | None
    """Terms under which an incident must have begun; None where there is but one version."""

    def follows(self, other: _Ground) -> bool:
        """Whether another version had the same ground, so that both share a quota."""
        versions = self.version, other.version
        same = self.exclusion.kind == other.exclusion.kind
        return same and None not in versions and versions[0] is not versions[1]


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
        self._amended: dict[str, Mapping[str, tuple[Sla, ...]]] = {}

    def versions(self, promise: Promise) -> tuple[Sla, ...]:
        """Versions of a promise (rule L1), the first one first; itself where it was not amended."""
        contract, sla, _ = promise
        if contract.id not in self._amended:
            self._amended[contract.id] = amended(contract)
        return self._amended[contract.id].get(sla.id, (sla,))

    def quotas_from(self, promise: Promise, start: datetime) -> datetime:
        """Where the months begin whose quotas a stretch from `start` shares (rule M3)."""
        contract, versions = promise.contract, self.versions(promise)
        if not any(ground.quota_hours is not None for v in versions for ground in v.exclusions):
            return start
        month = next(months_over(contract, start, start + timedelta(microseconds=1)))
        days = [day for day in (contract.start, versions[0].valid_from) if day]
        begins = [day_span(day, None, contract.timezone)[0] for day in days]
        return min(start, max([month.start, *begins]))

    def excluded(
        self,
        promise: Promise,
        spans: Sequence[DownSpan],
        span: tuple[datetime, datetime],
        third_party: ThirdParty = "as_agreed",
        since: datetime | None = None,
    ) -> Excluded:
        """Time that does not count within one period or a part of it.

        Parameters
        ----------
        promise : Promise
            The level promised.
        spans : sequence of DownSpan
            Downtime from `since` to the end of the period.
        span : tuple of datetime
            The period, or the part of it.
        third_party : {'as_agreed', 'counted', 'excluded'}
            What to do with third-party failure; settlement asks for the two other worlds.
        since : datetime, optional
            Where the months begin whose quotas earlier minutes use up, from `quotas_from`.
        """
        grounds = self._grounds(promise, third_party)
        outside = self._taken_out(promise, span)
        if not grounds and len(outside) == 0:
            return Excluded(EMPTY, EMPTY)

        def here(time: Intervals) -> Intervals:
            """Only earlier minutes of a month lie outside the span."""
            return time if since is None else intersection(time, intervals([span]))

        lost = intersection(outside, intervals((s.start, s.end) for s in spans))
        excused = _Excused(self, promise, spans, (since or span[0], span[1]))
        by_ground: dict[str, Fraction] = {}
        over_quota: dict[str, Fraction] = {}
        for ground in grounds:
            struck = excused.time(ground)
            granted = excused.grant(ground, struck)
            kind = ground.exclusion.kind
            limited = ground.exclusion.quota_hours is not None
            if limited and (beyond := minutes(here(difference(struck, granted)))):
                over_quota[kind] = over_quota.get(kind, Fraction(0)) + beyond
            if length := minutes(here(granted)):
                by_ground[kind] = by_ground.get(kind, Fraction(0)) + length
        time = excused.all_together() if excused.sole_cause else excused.any_of_them()
        if length := minutes(lost):
            by_ground["outside agreed time"] = length
        time = union(here(time), lost)
        return Excluded(time, union(time, outside), by_ground, over_quota)

    def _grounds(self, promise: Promise, third_party: ThirdParty) -> list[_Ground]:
        """Grounds of every version; each holds for the incidents that began under it (rule L1)."""
        versions = self.versions(promise)
        grounds = [
            _Ground(exclusion, version if len(versions) > 1 else None)
            for version in versions
            for exclusion in version.exclusions
            if third_party == "as_agreed" or exclusion.kind != "third_party"
        ]
        if third_party == "excluded":
            grounds.append(_Ground(Exclusion(kind="third_party"), None))
        return grounds

    def version_at(self, promise: Promise, incident: str) -> Sla:
        """Terms in force when an incident began; those of the period where none were."""
        versions = self.versions(promise)
        return version_at(promise.contract, versions, self._started[incident]) or promise.sla

    def _taken_out(self, promise: Promise, span: tuple[datetime, datetime]) -> Intervals:
        """Time out of the agreement: service hours, waivers both sides approved, suspensions."""
        contract, sla, _ = promise
        versions = self.versions(promise)
        parts = []
        if sla.service_hours is None and not any(each.exclusions for each in versions):
            return EMPTY
        period = intervals([span])
        if sla.service_hours is not None:
            worked = service_time(sla.service_hours, contract.timezone, contract.start, *span)
            parts.append(difference(period, worked))
        for version in versions:
            terms = day_span(version.valid_from, version.valid_to, contract.timezone)
            held = intersection(period, intervals([terms])) if len(versions) > 1 else period
            parts += [
                intersection(intervals([day_span(g.start, g.end, contract.timezone)]), held)
                for g in version.exclusions
                if _takes_out(g, promise)
            ]
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
        self._granted: list[tuple[_Ground, Intervals]] = []

    def _covers(self, ground: _Ground, incident: str) -> bool:
        rules = self._rules
        if ground.version is not None:
            governing = rules.version_at(self._promise, incident)
            if governing.id != ground.version.id:
                return False
        return rules.excuses(ground.exclusion, rules._incidents[incident], self._promise)  # noqa: SLF001 - one module

    def time(self, ground: _Ground) -> Intervals:
        """Downtime that a ground covers before its quota."""
        if ground.exclusion.kind == "third_party" and not self.sole_cause:
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
        if ground.exclusion.windows:
            contract = self._promise.contract
            agreed = window_time(
                ground.exclusion.windows, contract.timezone, contract.start, *self._span
            )
            return intersection(found, agreed)
        return found

    def grant(self, ground: _Ground, struck: Intervals) -> Intervals:
        """What a ground takes out after its quota of each month, and remember it.

        What an earlier version of the terms took out on the same ground uses the quota up as well.
        """
        granted = struck
        if ground.exclusion.quota_hours is not None:
            most = Fraction(ground.exclusion.quota_hours) * 60
            used = union(*(time for other, time in self._granted if ground.follows(other)), EMPTY)
            parts = []
            for month in months_over(self._promise.contract, *self._span):
                within = intervals([(month.start, month.end)])
                room = most - minutes(intersection(used, within))
                parts.append(earliest(intersection(struck, within), max(room, Fraction(0))))
            granted = union(*parts)
        self._granted.append((ground, granted))
        return granted

    def any_of_them(self) -> Intervals:
        """Minutes in which any excused incident took part (rule M4, ``any_excluded``)."""
        return union(*(granted for _, granted in self._granted), EMPTY)

    def all_together(self) -> Intervals:
        """Minutes in which every incident that took part is excused (rule M4, ``sole_cause``)."""
        found = []
        for span in self._spans:
            left = intervals([(span.start, span.end)])
            for incident in span.incidents:
                granted = [time for ground, time in self._granted if self._covers(ground, incident)]
                left = intersection(left, union(*granted)) if granted else EMPTY
            found.append(left)
        return union(*found) if found else EMPTY


def _takes_out(ground: Exclusion, promise: Promise) -> bool:
    """Whether a ground takes its days out of the agreement, whoever is at fault (rule K11)."""
    if ground.kind not in {"waiver", "suspension"} or ground.service not in {
        None,
        promise.sla.service,
    }:
        return False
    contract = promise.contract
    approved = {contract.supplier, contract.customer} <= set(ground.approved_by)
    return ground.kind == "suspension" or approved


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
