"""What a settlement answers: levels measured, credits, contract by contract, gaps, positions.

Sums are `Decimal` in major units, rounded to the currency's minor unit; times are UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from depgraph.engine.remedy_limits import ResidualClaim
from depgraph.record import Record

GapClass = Literal[
    "TARGET",
    "AMOUNT",
    "CAP",
    "WINDOW",
    "EXCLUSION",
    "MEASUREMENT",
    "CLAIM_FORFEITED",
    "NO_CONTRACT",
    "TERM",
    "CURRENCY",
]
"""Why what is owed and what is recovered differ (rule P8)."""


class Step(Record):
    """One line of an explanation."""

    rule: str
    """Rule it follows from, such as ``K4``."""
    text: str
    """What was done, with its figures."""
    clause: str = ""
    """Where the contract says so."""


class SourceFigure(Record):
    """What one source says about one service level (rule M11)."""

    source: str
    """The source; empty for records that name none."""
    measured: float
    """Availability by it [1]."""
    counted_minutes: float
    """Downtime that counts by it [min]."""
    decides: bool
    """Whether it is the source of record."""


class CappedOut(Record):
    """What one cap took away (rule K4)."""

    cap: Literal[
        "stacking", "minimum", "period_cap", "rolling_cap", "annual_credit_cap", "liability_cap"
    ]
    """The cap."""
    amount: Decimal
    """Sum that it took away."""


class ClaimStatus(Record):
    """Whether a credit was claimed in time (rule K8)."""

    mode: Literal["automatic", "by_claim"]
    """How the credit is obtained."""
    status: Literal["automatic", "claimable", "filed", "late", "not_filed"]
    """Where it stands; `late` and `not_filed` forfeit the credit."""
    earliest: date | None = None
    """First day on which a claim is accepted."""
    deadline: date | None = None
    """Last day on which a claim is accepted."""
    filed: date | None = None
    """Day on which it was filed."""


class Credit(Record):
    """What a missed service level earns by the contract's own schedule."""

    amount: Decimal
    """Credit after caps and rounding, before the pass-through clause."""
    currency: str
    """ISO 4217 code; empty when the contract names no sum."""
    raw: Decimal
    """Credit before caps, unrounded."""
    base: Decimal
    """Fee that it is a share of."""
    capped_out: tuple[CappedOut, ...] = ()
    """What each cap took away."""


class SlaStatement(Record):
    """One service level in one period."""

    id: str
    """The SLA."""
    contract: str
    """Its contract."""
    service: str
    """The service it covers."""
    period: str
    """Label of the period: 2026-04, 2026-Q2 or 2026."""
    start: datetime
    """First instant of the period, or of its part where targets change."""
    end: datetime
    """First instant after it."""
    region: str | None = None
    """Location, where each region has its own entitlement (rule M9)."""
    measure: str
    """How it is measured."""
    target: float | None
    """Promised availability [1]."""
    measured: float
    """Availability measured, unrounded [1]."""
    counted_minutes: float
    """Downtime that counts [min]."""
    excluded_minutes: float
    """Downtime that does not count [min]."""
    down_minutes: float
    """Downtime in all [min]."""
    length_minutes: float
    """What downtime is divided by: the period, or what of it counts (rule M5) [min]."""
    breached: bool
    """Whether the level was missed (rule M10)."""
    provisional: bool
    """Whether evidence was still open or the period had not ended (rule M1)."""
    source: str
    """Where the figure comes from (rule M11)."""
    sources: tuple[SourceFigure, ...] = ()
    """What each source says, where there are several."""
    discrepancy_minutes: float = 0.0
    """Largest difference between sources [min]."""
    credit: Credit
    """What it earns by the schedule."""
    entitled: Decimal
    """Credit after the pass-through clause; owed unless forfeited."""
    owed: Decimal
    """What the supplier owes for it."""
    recovered: Decimal
    """What the supplier recovers from its own suppliers for it."""
    forfeited: Decimal
    """What the customer lost by not claiming in time."""
    shortfall: Decimal
    """What the customer would have got with third-party minutes counted and no pass-through
    clause, less what is owed."""
    claim: ClaimStatus
    """Whether it was claimed in time."""
    incidents: tuple[str, ...] = ()
    """Incidents that took part."""
    counted_incidents: tuple[str, ...] = ()
    """Those of them in downtime that counts."""
    explanation: tuple[Step, ...] = ()
    """From outage to cent."""

    @property
    def when(self) -> str:
        """Its period, with the region where each has its own entitlement (rule M9)."""
        return self.period if self.region is None else f"{self.period} {self.region}"

    @property
    def budget_used(self) -> float | None:
        """What was lost, as a share of what the target lets be lost [1]; over 1: missed (M10).

        None where the target lets nothing be lost, or there is none.
        """
        if self.target is None or self.target >= 1:
            return None
        return (1 - self.measured) / (1 - self.target)


class Gap(Record):
    """One reason why two sums differ (rule P8)."""

    gap: GapClass
    """The class."""
    amount: Decimal
    """Part of the difference that it explains."""
    difference: Literal["absorbed", "shortfall", "capped_out", "recovered"]
    """Which difference it explains."""
    sla: str
    """The promise concerned."""
    held: str | None = None
    """The SLA held below it, where there is one."""
    service: str | None = None
    """The service or place that failed below it."""
    text: str
    """The reason in words."""


class LedgerEntry(Record):
    """One sum that came to be owed; entries are added, never edited (rule K7)."""

    kind: Literal["credit", "incentive", "clawback", "earn_back"]
    """What it is."""
    contract: str
    """The contract."""
    sla: str
    """The SLA."""
    period: str
    """Period that it is for."""
    payer: str
    """Who owes."""
    payee: str
    """To whom."""
    amount: Decimal
    """How much."""
    currency: str
    """ISO 4217 code."""
    state: Literal["final", "held"] = "final"
    """Held while it can still be earned back."""


class TerminationRight(Record):
    """A right to terminate that repeated failure gave (rule K9)."""

    contract: str
    """The contract."""
    sla: str
    """The SLA."""
    period: str
    """Period in which it arose."""
    reason: str
    """What triggered it, with its figures."""
    notice_days: int
    """Notice of termination [d]."""
    expires: date | None
    """Last day on which it can be used."""
    clause: str = ""
    """Where the contract says so."""


class ContractStatement(Record):
    """One contract over the periods that were asked for."""

    id: str
    """The contract."""
    supplier: str
    """Who promises."""
    customer: str
    """Who is promised to."""
    clause: str
    """Pass-through clause (rule P4)."""
    owed: Decimal
    """What the supplier owes the customer."""
    recovered: Decimal
    """What the supplier recovers from its own suppliers for it."""
    absorbed: Decimal
    """max(0, owed − recovered): what the supplier bears."""
    windfall: Decimal
    """max(0, recovered − owed)."""
    forfeited: Decimal
    """Lost by not claiming in time: on this contract, and on those below it for its sake."""
    capped_out: Decimal
    """Taken away by caps."""
    shortfall: Decimal
    """What the customer bears although the schedule, taken alone, would pay it."""
    currency: str
    """ISO 4217 code."""
    gaps: tuple[Gap, ...] = ()
    """What explains the differences."""


class Settlement(Record):
    """Who owes whom, for the periods that were asked for."""

    period: str
    """Periods that were asked for."""
    as_of: datetime
    """Where open evidence is clipped."""
    slas: tuple[SlaStatement, ...]
    """Every service level in every period."""
    contracts: tuple[ContractStatement, ...]
    """Every contract."""
    ledger: tuple[LedgerEntry, ...]
    """Every sum owed."""
    net_positions: Mapping[str, Mapping[str, Decimal]]
    """Received less paid, by organization and currency; each currency sums to exactly zero."""
    termination_rights: tuple[TerminationRight, ...] = ()
    """Rights to terminate that arose."""
    residual_claims: tuple[ResidualClaim, ...] = ()
    """What is left to claim for each level that was missed (rule K6)."""
    notes: tuple[str, ...] = ()
    """What a reader must know about the figures."""
