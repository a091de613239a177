"""Records of what a remedy leaves unpaid, and of the most that it can pay (rule K6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from depgraph.record import Record

Nature = Literal["price_adjustment", "liquidated_damages", "sole_remedy"]
"""Legal nature of a credit."""


class ResidualClaim(Record):
    """What is left to claim for one missed service level."""

    sla: str
    """The SLA missed."""
    contract: str
    """Its contract."""
    period: str
    """The period."""
    region: str | None
    """Location, where each region has its own entitlement."""
    customer: str
    """Who may claim."""
    supplier: str
    """From whom."""
    nature: Nature
    """Legal nature of the credit."""
    currency: str
    """ISO 4217 code."""
    credit: Decimal
    """Credit owed."""
    loss: Decimal | None
    """Stated loss of business functions while the service was down; None when none is stated, or
    it is stated in another currency."""
    residual: Decimal | None
    """0 for liquidated damages and sole remedies, else max(0, loss − credit); None when the loss
    is not known."""
    uncompensated: Decimal | None
    """max(0, loss − credit) whatever the nature; None when the loss is not known."""
    text: str
    """How it came about; the same loss may stand against several contracts."""


class Proportionality(Record):
    """One contract's remedies at their most."""

    contract: str
    """The contract."""
    currency: str
    """ISO 4217 code."""
    natures: tuple[str, ...]
    """Legal natures of its credits."""
    most_per_month: Decimal
    """Most that the schedules can pay for one month, rounded as it is paid, caps of the period
    applied; schedules by quarter or year count with their part."""
    most_per_year: Decimal
    """Most for twelve months, rounded as it is paid, every cap applied; a carve-out may lift the
    liability cap, and what begins within a period has one more in its first contract year."""
    annual_value: Decimal | None
    """Value of the contract per year."""
    share_of_annual_value: float | None
    """Most per year as a share of the value [1]."""
    loss_per_hour: Decimal | None
    """Stated loss per hour of our functions that need what is promised; None when none is stated
    in this currency, or we are not the customer."""
    hours_covered: float | None
    """Hours of stated loss that the most per month makes up for [h]."""
    text: str
    """The comparison in a sentence."""
