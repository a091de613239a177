"""The answer to one comparison of the flow-down: promised, held, and how it is backed (rule P2)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from pydantic import field_serializer

from depgraph.record import Record

FlowStatus = Literal["MATCH", "WEAKER", "MISSING", "UNKNOWN"]
"""How an obligation is backed (rule P2)."""
STATUSES: tuple[FlowStatus, ...] = ("MATCH", "UNKNOWN", "WEAKER", "MISSING")
"""Statuses, best first."""
Obligation = Literal[
    "availability",
    "measurement",
    "incident_response_hours",
    "resolution_hours",
    "rto_hours",
    "rpo_hours",
    "breach_notice_hours",
    "claim_deadline",
    "audit_right",
    "data_residency",
    "subcontracting",
    "exit_assistance_days",
    "liability_cap",
    "force_majeure",
    "maintenance",
    "term_end",
]
"""What is compared (rule P2)."""
Value = Decimal | bool | str | None
"""A promised or held level; None where there is none, or nobody knows it."""


def exact_number(value: object) -> object:
    """Write a Decimal as a JSON number where that loses nothing, else as text."""
    if not isinstance(value, Decimal):
        return value
    return float(value) if Decimal(repr(float(value))) == value else str(value)


class ObligationMatch(Record):
    """One obligation, as promised and as held."""

    obligation: Obligation
    """What is compared."""
    promised: Value
    """Level promised: a share, hours, days, a sum or a text."""
    held: Value
    """Level held; None where there is none, or nobody knows it."""
    status: FlowStatus
    """How it is backed; UNKNOWN is never a match."""
    difference: Decimal | None = None
    """By how much the held level falls short, in the obligation's unit; 0 or less when it does
    not; None where it cannot be said."""
    promised_clause: str = ""
    """Where the promise stands."""
    held_clause: str = ""
    """Where the held level stands."""
    message: str = ""
    """The comparison in a sentence."""
    rule: str = "P2"
    """Rule it follows from."""

    @field_serializer("promised", "held", "difference", when_used="json")
    def _number(self, value: object) -> object:
        """Numbers for programs, text where a float would lose digits."""
        return exact_number(value)


def worst_status(statuses: Iterator[FlowStatus]) -> FlowStatus:
    """The worst of several statuses; MATCH when there are none."""
    return max(statuses, key=STATUSES.index, default="MATCH")
