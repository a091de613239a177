"""Every service level of every contract in every period: the rows that a settlement works on.

A row holds what was measured and what the schedule pays in three worlds (rules P3, P4): as agreed,
with third-party minutes counted (what the customer would otherwise get), and with third-party
minutes excluded (what the supplier owes for its own failures).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from itertools import pairwise

from depgraph.engine.credits import USES_REPEATS, Outcome, RawCredit, raw_credit
from depgraph.engine.exclusions import Promise, ThirdParty
from depgraph.engine.fees import currency_of, is_fee_of_region, monthly_base, summed_fees
from depgraph.engine.intervals import intersection, intervals, minutes
from depgraph.engine.measurement import Level, LevelMeter
from depgraph.engine.periods import MONTHS, Period, day_span, local_day, period_from
from depgraph.engine.regions import promised_regions
from depgraph.engine.versions import first_versions
from depgraph.model.contract import Contract
from depgraph.model.credits import CreditSchedule
from depgraph.model.estate import Estate
from depgraph.model.sla import Objective, Sla


@dataclass
class Entry:
    """One level of one SLA in one period, or in one part of it or one region."""

    promise: Promise
    """What is promised."""
    period: Period
    """The period."""
    start: datetime
    """First instant measured."""
    end: datetime
    """First instant after it."""
    region: str | None
    """Location, where each region has its own entitlement."""
    target: Fraction | None
    """Promised availability in this stretch [1]."""
    base: Fraction
    """Fee that the credit is a share of, in major units (rule K3)."""
    months: Fraction
    """Months of fee that the base holds; less in a part of a period or in one region [1]."""
    currency: str
    """ISO 4217 code; empty when the contract names no sum."""
    level: Level
    """As agreed."""
    credit: RawCredit
    """By the schedule, as agreed."""
    counted_credit: Fraction
    """By the schedule, with third-party minutes counted."""
    own_credit: Fraction
    """By the schedule, for the supplier's own failures alone."""
    lineage: str
    """First version of the promise: what looks back does so over amendments too (rule L1)."""
    amended: bool
    """Whether there are several versions of it."""
    known_on: date
    """Day of the question, in the contract's zone: later findings are not known."""
    held: list[tuple[str, Entry]] = field(default_factory=list)
    """Entries of the agreements that stand behind it, each with the service they cover."""

    @property
    def contract(self) -> Contract:
        """The contract."""
        return self.promise.contract

    @property
    def sla(self) -> Sla:
        """The SLA."""
        return self.promise.sla

    @property
    def schedule(self) -> CreditSchedule | None:
        """The remedy, written out."""
        found = self.promise.sla.credits
        return found if isinstance(found, CreditSchedule) else None

    @property
    def breached(self) -> bool:
        """Whether the level was missed (rule M10)."""
        return self.target is not None and self.level.availability < self.target

    @property
    def key(self) -> tuple[str, str, datetime, str]:
        """What tells it from others."""
        return self.sla.id, self.period.label, self.start, self.region or ""


class EntryMaker:
    """Makes the entries of an estate.

    Parameters
    ----------
    estate : Estate
        Contracts, with every schedule written out.
    meter : LevelMeter
        Measures the levels.
    """

    def __init__(self, estate: Estate, meter: LevelMeter) -> None:
        self._estate = estate
        self._meter = meter
        self._first = first_versions(sla for _, sla in estate.sla.values())
        self._following = {sla.supersedes: sla for _, sla in estate.sla.values() if sla.supersedes}
        self._bases: dict[tuple[str, int], Fraction] = {}
        self._currencies: dict[str, str] = {}
        self._untouched: dict[tuple[str, Fraction, Fraction, bool], RawCredit] = {}

    def entries(self, contract: Contract, sla: Sla, period: Period) -> Iterator[Entry]:
        """Entries of one SLA in one period; none where these terms do not hold.

        Terms are those that hold at the start of the period (rule L1); where none do, those that
        begin within it are measured from their beginning.
        """
        objective = sla.availability_objective
        span = self._span(contract, sla, period)
        if objective is None or span is None:
            return
        promise = Promise(contract, sla, objective)
        regions: Sequence[str | None] = [None]
        if objective.regions == "each":
            regions = promised_regions(self._estate, sla) or [None]
        for start, end, target in _segments(objective, *span):
            # Each stretch and each region answers for its part of the fee.
            part = _part((start, end), span)
            for region in regions:
                yield self._entry(
                    promise, period, (start, end, target), region, part / len(regions)
                )

    def missed(
        self, contract: Contract, sla: Sla, period: Period, region: str | None = None
    ) -> bool:
        """Whether a level was missed in any part of a period, nothing else asked."""
        objective, span = sla.availability_objective, self._span(contract, sla, period)
        if objective is None or span is None:
            return False
        if not self._meter.has_evidence(sla, *span):
            return False
        promise = Promise(contract, sla, objective)
        return any(
            self._meter.level(promise, start, end, region=region).availability < target
            for start, end, target in _segments(objective, *span)
        )

    def _entry(
        self,
        promise: Promise,
        period: Period,
        stretch: tuple[datetime, datetime, Fraction],
        region: str | None,
        part: Fraction,
    ) -> Entry:
        start, end, target = stretch
        contract, sla, _ = promise

        def level(third_party: ThirdParty) -> Level:
            return self._meter.level(promise, start, end, region=region, third_party=third_party)

        agreed = level("as_agreed")
        third = [
            name
            for name in agreed.incidents
            if self._meter.responsibility.is_third_party(name, contract.supplier)
        ]
        counted = level("counted") if third and self._meter.excludes_others(promise) else agreed
        own = agreed
        if third:
            spared = len(third) == len(agreed.incidents) and self._may_spare(sla)
            own = self._meter.untouched(promise, start, end) if spared else level("excluded")
        months = MONTHS[period.kind] * part
        base = self._base(contract, sla, period) * months
        if region is not None and is_fee_of_region(sla):
            base *= len(promised_regions(self._estate, sla))
        repeat = self._repeats(promise, period, region)
        credit = self._credit(promise, agreed, target, base, repeat=repeat)
        # Where no third party took part the three worlds are one.
        earned = {
            id(found): self._credit(promise, found, target, base, repeat=repeat).amount
            for found in (counted, own)
            if found is not agreed
        }
        return Entry(
            promise=promise,
            period=period,
            start=start,
            end=end,
            region=region,
            target=target,
            base=base,
            months=months,
            currency=self._currency(contract, sla),
            level=agreed,
            credit=credit,
            counted_credit=earned.get(id(counted), credit.amount),
            own_credit=earned.get(id(own), credit.amount),
            lineage=self._first[sla.id],
            known_on=local_day(self._meter.as_of, contract.timezone),
            amended=sla.supersedes is not None or self._is_replaced(sla),
        )

    def _may_spare(self, sla: Sla) -> bool:
        """Whether nothing at all is left of a level once all its incidents are others' (P3).

        Monitoring figures are not told by incidents, and rows by severity look at each of them.
        """
        by_severity = getattr(sla.credits, "shape", "") == "severity_duration"
        return not by_severity and not self._meter.is_monitored(sla.service)

    def _credit(
        self, promise: Promise, level: Level, target: Fraction, base: Fraction, *, repeat: bool
    ) -> RawCredit:
        """Credit of a level; that of periods in which nothing happened is worked out once."""
        if not level.untouched:
            return self._earned(promise, level, target, base, repeat=repeat)
        key = (promise.sla.id, target, base, repeat)
        if key not in self._untouched:
            self._untouched[key] = self._earned(promise, level, target, base, repeat=repeat)
        return self._untouched[key]

    def _earned(
        self, promise: Promise, level: Level, target: Fraction, base: Fraction, *, repeat: bool
    ) -> RawCredit:
        schedule = promise.sla.credits
        if not isinstance(schedule, CreditSchedule):
            return RawCredit(Fraction(0), "the contract gives no credit")
        if target != Fraction(promise.objective.target) and level.availability >= target:
            # Rows are written for the usual target; where another holds and is met, nothing is due.
            return RawCredit(Fraction(0), "the target of this part of the period is met")
        severities: list[tuple[str, Fraction]] = []
        if schedule.shape == "severity_duration":
            severities = self._durations(level)
        months = MONTHS[promise.objective.period]
        outcome = Outcome(level.availability, target, level.counted, severities, repeat, months)
        return raw_credit(schedule, outcome, base)

    def _durations(self, level: Level) -> list[tuple[str, Fraction]]:
        """Severity and counted minutes of each incident; one that does not count earns nothing."""
        found = []
        for name in level.incidents:
            spans = intervals((s.start, s.end) for s in level.spans if name in s.incidents)
            length = minutes(intersection(spans, level.counted_time))
            if length:
                found.append((self._meter.incidents[name].severity, length))
        return found

    def _repeats(self, promise: Promise, period: Period, region: str | None) -> bool:
        """Whether points multiply because the period before was missed as well (rule K2)."""
        contract, schedule = promise.contract, promise.sla.credits
        if not isinstance(schedule, CreditSchedule) or schedule.shape not in USES_REPEATS:
            return False
        before = self._preceding(contract, period)
        return any(
            self.missed(contract, version, before, region)
            for version in self._meter.versions(promise)
        )

    def _span(
        self, contract: Contract, sla: Sla, period: Period
    ) -> tuple[datetime, datetime] | None:
        """Part of a period in which these terms govern (rule L1)."""
        zone = contract.timezone
        starts = [day_span(day, None, zone)[0] for day in (contract.start, sla.valid_from) if day]
        start = max([period.start, *starts])
        end = period.end
        if contract.end is not None:
            end = min(end, day_span(None, contract.end, zone)[1])
        if sla.valid_to is not None:
            last = day_span(None, sla.valid_to, zone)[1]
            # Terms that hold at the start of the period govern all of it when others follow in it.
            if last <= period.start or not self._is_followed_within(sla, period, zone):
                end = min(end, last)
        if start > period.start and self._replaces_within(sla, period, zone):
            return None
        return (start, end) if start < end else None

    def _is_replaced(self, sla: Sla) -> bool:
        return sla.id in self._following

    def _is_followed_within(self, sla: Sla, period: Period, zone: str) -> bool:
        """Whether the terms after these begin before the period ends."""
        newer = self._following.get(sla.id)
        if newer is None or newer.valid_from is None:
            return False
        return day_span(newer.valid_from, None, zone)[0] < period.end

    def _replaces_within(self, sla: Sla, period: Period, zone: str) -> bool:
        """Whether the terms before these held on a day of this period, so that they govern it."""
        if sla.supersedes is None:
            return False
        older = self._estate.sla[sla.supersedes][1]
        return older.valid_to is None or day_span(None, older.valid_to, zone)[1] > period.start

    def _base(self, contract: Contract, sla: Sla, period: Period) -> Fraction:
        """Monthly fee that a credit is a share of (rule K3); 0 where no fee is known."""
        if getattr(sla.credits, "base_period", "") == "preceding":
            sla = self._terms_before(contract, sla, period)
            period = self._preceding(contract, period)
        whole = getattr(sla.credits, "base", "") == "contract"
        key = sla.id, period.first_month if whole else 0
        if key not in self._bases:
            fees = self._fees(contract, period) if whole else None
            self._bases[key] = monthly_base(contract, sla, fees)
        return self._bases[key]

    def _fees(self, contract: Contract, period: Period) -> Fraction:
        """Monthly fees of a contract by the terms that govern a period; of all where none do."""
        governing = [sla for sla in contract.slas if self._span(contract, sla, period)]
        return summed_fees(governing or contract.slas)

    def _preceding(self, contract: Contract, period: Period) -> Period:
        first = period.first_month - MONTHS[period.kind]
        return period_from(period.kind, first, contract.timezone, contract.anchor_day)

    def _terms_before(self, contract: Contract, sla: Sla, period: Period) -> Sla:
        """Terms that governed the preceding period; these ones where none are on record."""
        before = self._preceding(contract, period)
        holder, terms = contract, sla
        seen = {sla.id}
        while self._span(holder, terms, before) is None:
            if terms.supersedes is None or terms.supersedes in seen:
                return sla
            holder, terms = self._estate.sla[terms.supersedes]
            seen.add(terms.id)
        return terms

    def _currency(self, contract: Contract, sla: Sla) -> str:
        if sla.id not in self._currencies:
            self._currencies[sla.id] = currency_of(contract, sla)
        return self._currencies[sla.id]


def _part(stretch: tuple[datetime, datetime], whole: tuple[datetime, datetime]) -> Fraction:
    """Share of a whole stretch of time that one within it makes up [1]."""
    if stretch == whole:
        return Fraction(1)
    return Fraction(
        int((stretch[1] - stretch[0]).total_seconds()), int((whole[1] - whole[0]).total_seconds())
    )


def _segments(
    objective: Objective, start: datetime, end: datetime
) -> list[tuple[datetime, datetime, Fraction]]:
    """Parts of a period with one target each (rule K10)."""
    if not objective.targets:
        return [(start, end, Fraction(objective.target))]
    edges = {start, end}
    for rule in objective.targets:
        edges |= {moment for moment in (rule.start, rule.end) if start < moment < end}
    times = sorted(edges)
    found = []
    for first, last in pairwise(times):
        target = objective.target
        for rule in objective.targets:
            if rule.start <= first < rule.end:
                target = rule.target
        found.append((first, last, Fraction(target)))
    return found
