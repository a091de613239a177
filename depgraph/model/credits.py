"""Service credits as contracts write them: shapes, bases, caps, claims (rules K1 to K8).

A schedule is kept as published, even where it is faulty: gaps and overlaps are findings of the
schedule check (rule K1), not reasons to refuse the contract.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from depgraph.record import Record, fault
from depgraph.units import Day, DayCount, Factor, Id, NotNegative, Price, Share, Text

CreditShape = Literal[
    "step",
    "marginal",
    "continuous",
    "per_time_unit",
    "flat",
    "day_credits",
    "points",
    "pool",
    "severity_duration",
    "shortfall",
]


class CreditTier(Record):
    """One row of a schedule: the measured values it covers, and what they earn.

    Bounds on availability say whether they include their edge; bounds on minutes serve schedules
    by cumulative downtime.
    """

    below: Share | None = None
    """Availability below which the row applies, edge excluded [1]."""
    at_or_below: Share | None = None
    """Availability up to which the row applies, edge included [1]."""
    at_least: Share | None = None
    """Availability from which the row applies, edge included [1]."""
    above: Share | None = None
    """Availability above which the row applies, edge excluded [1]."""
    over_minutes: NotNegative | None = None
    """Cumulative downtime above which the row applies, edge excluded [min]."""
    from_minutes: NotNegative | None = None
    """Cumulative downtime from which the row applies, edge included [min]."""
    to_minutes: NotNegative | None = None
    """Cumulative downtime up to which the row applies, edge included [min]."""
    severity: Text | None = None
    """Severity of the incident that the row is for; any when absent."""
    credit: Share | None = None
    """Share of the base credited [1]."""
    days: NotNegative | None = None
    """Days of fee credited, each 1/30 of the monthly base [d]."""
    points: NotNegative | None = None
    """Points accrued."""
    amount: Price | None = None
    """Fixed sum credited."""

    @model_validator(mode="after")
    def _pays_one_way(self) -> Self:
        paid = [
            name
            for name in ("credit", "days", "points", "amount")
            if getattr(self, name) is not None
        ]
        if len(paid) != 1:
            raise fault(
                "tier-without-credit" if not paid else "tier-with-two-credits",
                f"a tier gives {' and '.join(paid) or 'nothing'}",
                "give exactly one of credit, days, points, amount",
            )
        if self.below is not None and self.at_or_below is not None:
            raise fault("two-bounds", "a tier has both below and at_or_below", "keep one of them")
        if self.at_least is not None and self.above is not None:
            raise fault("two-bounds", "a tier has both at_least and above", "keep one of them")
        return self


class Claim(Record):
    """How a credit is obtained, and until when (rule K8)."""

    mode: Literal["automatic", "by_claim"] = "automatic"
    """Automatic, or only on a claim filed in time."""
    within_days: DayCount | None = None
    """Days after `counted_from` until which a claim may be filed."""
    counted_from: Literal["incident_end", "period_end", "quarter_end", "awareness"] = "period_end"
    """What the days are counted from."""
    billing_cycles: int | None = Field(default=None, ge=0, le=1200)
    """Claim until the end of this many billing cycles after the incident's, instead of days."""
    earliest_days: DayCount = 0
    """Days after `counted_from` before which a claim is not accepted."""


class RollingCap(Record):
    """Most that can be credited over the last twelve months (rule K4)."""

    months_of_fee: NotNegative | None = None
    """In months of fee."""
    share_of_annual_value: NotNegative | None = None
    """As a share of the contract's annual value [1]."""
    amount: Price | None = None
    """As a sum."""


class Incentive(Record):
    """A bonus for beating a target (rule K7)."""

    at_least: Share
    """Availability from which the bonus is earned, edge included [1]."""
    bonus: Share
    """Share of the base earned [1]."""
    clawback_if_breached_within_months: int | None = Field(default=None, ge=1)
    """The bonus is clawed back when the target is missed within so many months."""


class EarnBack(Record):
    """Credits held and given back when the service then does better (rule K7)."""

    months: int = Field(ge=1)
    """Consecutive months after the breach that must reach `at_least`."""
    at_least: Share
    """Availability that must be reached in each of them [1]."""


class CreditSchedule(Record):
    """The remedy for a missed service level."""

    shape: CreditShape = "step"
    """How the tiers are read (rule K2)."""
    tiers: tuple[CreditTier, ...] = ()
    """Rows as published."""
    rate: Factor | None = None
    """Share of the base per unit: of time (`per_time_unit`), of downtime (`continuous`), or of
    points (`points`) [1]."""
    unit_hours: NotNegative | None = Field(default=None, ge=Decimal("0.0001"))
    """Length of the unit of time for `per_time_unit` [h]."""
    unit_rounding: Literal["floor", "ceil", "exact"] = "floor"
    """Whether part of a unit counts (rule K2)."""
    multiplier: Factor = Decimal(1)
    """Factor on a continuous credit."""
    repeat_multiplier: Factor = Decimal(1)
    """Factor on points when the same service level was also missed in the period before."""
    at_risk: NotNegative | None = None
    """Pool at risk as a share of the base (`pool`) [1]."""
    allocation: Share | None = None
    """Share of the pool allotted to this service level (`pool`) [1]."""
    overlap: Literal["most_severe", "first", "sum"] = "most_severe"
    """Which row pays when published rows overlap."""
    base: Literal["service", "resource", "region", "contract"] = "service"
    """Whose fee the credit is a share of (rule K3)."""
    base_fee: Price | None = None
    """Monthly fee of the base when it is not the SLA's monthly fee."""
    base_period: Literal["incident", "preceding"] = "incident"
    """Fee of the incident's period, or of the one before (rule K3). They differ where these terms
    replaced others in between."""
    minimum: Price | None = None
    """Credits of this sum or less are not issued (rule K4)."""
    period_cap: NotNegative | None = None
    """Most that is credited per period, as a share of the period's base [1] (rule K4)."""
    rolling_cap: RollingCap | None = None
    """Most that is credited over the last twelve months (rule K4)."""
    rounding: Literal["half_up", "half_even", "down"] = "half_up"
    """How the amount is rounded, once, to the currency's minor unit (rule K4)."""
    claim: Claim = Claim()
    """How the credit is obtained (rule K8)."""
    nature: Literal["price_adjustment", "liquidated_damages", "sole_remedy"] = "sole_remedy"
    """Legal nature; decides whether a residual claim stays (rule K6)."""
    incentives: tuple[Incentive, ...] = ()
    """Bonuses for beating the target (rule K7)."""
    earn_back: EarnBack | None = None
    """Whether a credit can be earned back (rule K7)."""
    clause: Text = ""
    """Where the contract says so."""


class PublishedCredits(Record):
    """A reference to a schedule of the library of published SLAs."""

    published: Id
    """Name in the library, for example ``aws-ec2-region``."""


class RecordedClaim(Record):
    """A claim that was filed."""

    sla: Id
    """The SLA under which it was filed."""
    period: str = Field(pattern=r"^\d{4}(-\d{2}|-Q[1-4])?$")
    """Period that it is for: 2026-04, 2026-Q2 or 2026."""
    filed: Day
    """Day on which the supplier received it."""
