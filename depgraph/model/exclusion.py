"""What does not count against a service level (rules M3, M4, K11)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

import holidays
from dateutil.rrule import rrulestr
from pydantic import Field, field_validator, model_validator

from depgraph.record import Record, fault
from depgraph.units import Day, Hours, Id, Text

ExclusionKind = Literal[
    "planned_maintenance",
    "emergency_maintenance",
    "force_majeure",
    "customer",
    "third_party",
    "suspension",
    "waiver",
]


class RecurringWindow(Record):
    """Times that come back by an RFC 5545 rule, in the contract's zone."""

    rule: str = Field(min_length=1, max_length=500)
    """Recurrence rule, for example ``FREQ=WEEKLY;BYDAY=SU;BYHOUR=2;BYMINUTE=0``."""
    hours: Hours = Field(gt=0, le=8784)
    """Length of each occurrence, a year at most [h]."""
    since: Day | None = None
    """First day on which the rule may occur; the contract's start when absent."""

    @field_validator("rule")
    @classmethod
    def _is_a_rule(cls, value: str) -> str:
        """Refuse what is no recurrence rule, and rules that occur more often than hourly."""
        hint = "write an RFC 5545 rule such as FREQ=WEEKLY;BYDAY=SU;BYHOUR=2;BYMINUTE=0"
        if "SECONDLY" in value.upper() or "MINUTELY" in value.upper():
            raise fault("bad-recurrence", f"{value!r} occurs more often than hourly", hint)
        try:
            rrulestr(value, dtstart=datetime(2000, 1, 3))  # noqa: DTZ001 - local time of the contract
        except (ValueError, TypeError, KeyError, AttributeError):
            raise fault("bad-recurrence", f"{value!r} is no recurrence rule", hint) from None
        return value


class ServiceHours(Record):
    """When the service must work; outside these hours nothing counts (rule M3)."""

    windows: tuple[RecurringWindow, ...] = Field(min_length=1)
    """Recurring spans that are service time."""
    holidays: str | None = Field(default=None, pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")
    """Country, or country and subdivision, whose public holidays are not service time."""

    @field_validator("holidays")
    @classmethod
    def _has_a_calendar(cls, value: str | None) -> str | None:
        """Refuse places whose public holidays are not known."""
        if value is None:
            return value
        country, _, subdivision = value.partition("-")
        try:
            holidays.country_holidays(country, subdiv=subdivision or None)
        except NotImplementedError:
            raise fault(
                "unknown-holidays",
                f"no public holidays are known for {value!r}",
                "write an ISO 3166 code such as IE or DE-BY",
            ) from None
        return value


class Exclusion(Record):
    """One ground on which downtime does not count."""

    kind: ExclusionKind
    """The ground."""
    notice_hours: Hours | None = None
    """Notice that planned work needs to be excluded [h]."""
    quota_hours: Hours | None = None
    """Most that is excluded per month [h]; the earliest minutes use it up first."""
    windows: tuple[RecurringWindow, ...] = ()
    """Agreed windows outside which planned work counts; any time when empty."""
    evidence_required: bool = True
    """Whether force majeure needs evidence on the incident before it is excluded."""
    scope: tuple[Text, ...] = ()
    """Events that the ground covers, for example ``flood`` or ``telecom failure``."""
    service: Id | None = None
    """Service that a waiver or suspension is limited to; all when absent."""
    start: Day | None = None
    """First day on which a waiver or suspension holds."""
    end: Day | None = None
    """Last day on which a waiver or suspension holds."""
    approved_by: tuple[Id, ...] = ()
    """Organizations that approved a waiver; it excludes only when both parties did (rule K11)."""
    clause: Text = ""
    """Where the contract says so."""

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.start and self.end and self.end < self.start:
            raise fault(
                "ends-before-start", f"the exclusion ends {self.end}, before it starts {self.start}"
            )
        return self
