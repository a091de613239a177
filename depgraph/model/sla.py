"""Service level agreements: what is promised, how it is measured, what a miss earns."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from depgraph.model.credits import CreditSchedule, PublishedCredits
from depgraph.model.exclusion import Exclusion, ServiceHours
from depgraph.record import Record, fault
from depgraph.units import Day, DayCount, Id, Instant, NotNegative, Price, Share, Text

Metric = Literal[
    "availability",
    "incident_response_hours",
    "resolution_hours",
    "breach_notice_hours",
    "rto_hours",
    "rpo_hours",
    "maintenance_notice_hours",
]
Period = Literal["month", "quarter", "year"]
Measure = Literal[
    "time", "interval_mean", "interval_all_fail", "threshold_minutes", "request_ratio", "executions"
]


class TargetRule(Record):
    """A target that holds for part of the time (rule K10)."""

    start: Instant
    """First instant at which it holds."""
    end: Instant
    """First instant at which it no longer holds."""
    target: Share
    """The target in that time [1]."""
    reason: Text = ""
    """Season, critical period or usage band."""


class Objective(Record):
    """One promised level of one metric."""

    metric: Metric
    """What is promised; all but availability are hours."""
    target: NotNegative
    """The level: a share for availability [1], hours for the others [h]."""
    period: Period = "month"
    """Over what it is measured, in the contract's zone from its anchor day (rule M1)."""
    measure: Measure = "time"
    """How it is measured (rules M5, M7, M8); kinds are never mixed."""
    denominator: Literal["full", "less_exclusions", "service_hours"] = "full"
    """What the downtime is divided by (rule M5)."""
    granularity: Literal["exact", "whole_minutes", "consecutive_minutes"] = "exact"
    """How outages are counted (rule M7)."""
    consecutive_minutes: int | None = Field(default=None, ge=1)
    """Shortest run of whole minutes that counts, for `consecutive_minutes`."""
    minute_alignment: Literal["clock", "sliding"] = "clock"
    """Whether whole minutes are those of the clock, or counted from an outage's own start."""
    interval_minutes: int = Field(default=5, ge=1, le=1440)
    """Length of the clock-aligned intervals of `interval_mean`, `interval_all_fail` and
    `executions` [min]."""
    error_threshold: Share | None = None
    """Error rate above which a minute counts as down, for `threshold_minutes` [1]."""
    partial: Literal["any", "weighted"] = "any"
    """Whether a partial outage counts in full or by its impact (rule M6)."""
    overlap: Literal["max", "sum"] = "max"
    """How overlapping impacts combine (rule M6)."""
    concurrent: Literal["any_excluded", "sole_cause"] = "any_excluded"
    """When fault and exclusion coincide (rule M4)."""
    regions: Literal["each", "all_down", "any_down"] = "any_down"
    """Which regions must be down (rule M9)."""
    source_of_record: Text = ""
    """Whose figure decides when sources differ (rule M11); ours when empty."""
    targets: tuple[TargetRule, ...] = ()
    """Targets for parts of the time, over `target` (rule K10)."""
    clause: Text = ""
    """Where the contract says so."""

    @model_validator(mode="before")
    @classmethod
    def _read_target(cls, value: object) -> object:
        """Read an availability target as a share, so that 99.9 is refused with its fix."""
        if isinstance(value, dict) and value.get("metric") == "availability" and "target" in value:
            return {**value, "target": _ShareReader(target=value["target"]).target}
        return value

    @property
    def availability_target(self) -> Decimal | None:
        """The promised availability [1]; None for other metrics."""
        return self.target if self.metric == "availability" else None


class _ShareReader(Record):
    """Reads one share."""

    target: Share
    """The share."""


class TerminationTrigger(Record):
    """Repeated failure that gives a right to terminate (rule K9)."""

    kind: Literal["count", "consecutive", "rolling_mean", "single_period"]
    """k breaches in n periods; k in a row; mean of n periods below; one period below."""
    breaches: int | None = Field(default=None, ge=1)
    """k, for `count` and `consecutive`."""
    periods: int | None = Field(default=None, ge=1)
    """n, for `count` and `rolling_mean`."""
    below: Share | None = None
    """Availability, for `rolling_mean` and `single_period` [1]."""
    notice_days: DayCount = 0
    """Notice of termination [d]."""
    within_days: DayCount | None = None
    """Days after the event within which the right must be used; no limit when absent."""
    clause: Text = ""
    """Where the contract says so."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs = {
            "count": ("breaches", "periods"),
            "consecutive": ("breaches",),
            "rolling_mean": ("periods", "below"),
            "single_period": ("below",),
        }[self.kind]
        absent = [name for name in needs if getattr(self, name) is None]
        if absent:
            raise fault(
                "incomplete-trigger",
                f"a {self.kind} trigger needs {' and '.join(absent)}",
                "add it",
            )
        return self


def _credits_kind(value: object) -> str:
    """Tell a reference to the library from a schedule written out."""
    if isinstance(value, PublishedCredits) or (isinstance(value, dict) and "published" in value):
        return "published"
    return "schedule"


Credits = Annotated[
    Annotated[CreditSchedule, Tag("schedule")] | Annotated[PublishedCredits, Tag("published")],
    Discriminator(_credits_kind),
]


class Sla(Record):
    """What one contract promises for one service."""

    id: Id
    """Identifier, unique among SLAs of the estate."""
    service: Id
    """The service it covers."""
    name: Text = ""
    """Name for people."""
    monthly_fee: Price | None = None
    """Fee of the service per month."""
    objectives: tuple[Objective, ...] = ()
    """Promised levels."""
    exclusions: tuple[Exclusion, ...] = ()
    """What does not count (rule M3)."""
    service_hours: ServiceHours | None = None
    """When the service must work; always when absent."""
    regions: tuple[Id, ...] = ()
    """Locations that the promise is measured over, for rule M9. When empty, all of the service's
    for `each` and `all_down`; for `any_down` the structure decides, so that a redundant place that
    is down is no breach."""
    credits: Credits | None = None
    """The remedy; None when the contract gives none."""
    termination: tuple[TerminationTrigger, ...] = ()
    """Repeated failures that give a right to terminate (rule K9)."""
    valid_from: Day | None = None
    """First day on which these terms hold; the contract's start when absent (rule L1)."""
    valid_to: Day | None = None
    """Last day on which these terms hold; the contract's end when absent (rule L1)."""
    supersedes: Id | None = None
    """The SLA whose terms these replace (rule L1)."""
    clause: Text = ""
    """Where the contract says so."""

    @property
    def availability_objective(self) -> Objective | None:
        """The promised availability, if any."""
        return next((item for item in self.objectives if item.metric == "availability"), None)

    @property
    def excludes_third_party(self) -> bool:
        """Whether failures of third parties do not count, so that the target is the own figure."""
        return any(item.kind == "third_party" for item in self.exclusions)

    @model_validator(mode="after")
    def _one_objective_per_metric(self) -> Self:
        metrics = [objective.metric for objective in self.objectives]
        repeated = sorted({metric for metric in metrics if metrics.count(metric) > 1})
        if repeated:
            raise fault(
                "repeated-objective",
                f"the SLA promises {', '.join(repeated)} more than once",
                "keep one objective per metric, or write a second SLA",
            )
        return self

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise fault(
                "ends-before-start",
                f"the SLA is valid to {self.valid_to}, before it starts {self.valid_from}",
            )
        return self
