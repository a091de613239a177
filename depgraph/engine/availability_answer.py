"""What an assessment says of each service, and how it is written (rules A1 to A10)."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_DOWN, Decimal, localcontext
from typing import Annotated

from pydantic import ValidatorFunctionWrapHandler, WrapValidator

from depgraph.engine.committed import Commitment
from depgraph.record import Record

_MORE_DIGITS = 5
"""Digits beside the decimals: three before the point, and some to spare."""
MINUTES_PER_MONTH = 30 * 24 * 60
"""Minutes of the 30-day month of rule A10."""
MINUTES_PER_YEAR = 365 * 24 * 60
"""Minutes of the 365-day year of rule A10."""


def _shared(value: object, validated: ValidatorFunctionWrapHandler) -> object:
    """Take a tuple as it is: thousands of services may share one of thousands of names."""
    return value if isinstance(value, tuple) else validated(value)


Names = Annotated[tuple[str, ...], WrapValidator(_shared)]
"""Names of components; those of several answers may be one tuple."""


class ServiceAvailability(Record):
    """What one service can deliver."""

    id: str
    """The service."""
    availability: float | None
    """Composite availability [1]; None when only a bracket is known (rule A5, A8)."""
    unavailability: float | None
    """One minus the composite availability, with all its digits [1]."""
    low: float
    """Composite availability at least this [1]."""
    high: float
    """Composite availability at most this [1]."""
    unavailability_low: float
    """Composite unavailability at least this [1]."""
    unavailability_high: float
    """Composite unavailability at most this [1]."""
    method: str
    """``exact``, or how the bracket came about."""
    naive: float | None
    """Availability if everything it rests on were independent [1]; None where unknown."""
    naive_unavailability: float | None
    """One minus the naive availability, with all its digits [1]."""
    worst_case: float | None
    """Availability if all shared components failed together [1]; None where figures are unknown."""
    worst_case_unavailability: float | None
    """One minus the worst case, with all its digits [1]."""
    own_availability: float | None
    """Availability of the own component, all else working [1] (rule A4)."""
    own_unavailability: float | None
    """One minus the own availability, with all its digits [1]."""
    own_low: float
    """Own availability at least this [1]."""
    own_high: float
    """Own availability at most this [1]."""
    basis: str
    """Where the own figure comes from: modelled, committed, observed, default, unknown."""
    committed: float | None
    """The promised availability that counts [1] (rule A4)."""
    commitments: tuple[Commitment, ...]
    """Every promise in force, the one that counts first, each with whether it is kept."""
    requirements_availability: float | None
    """Probability that its requirements are met [1]; None when only a bracket is known."""
    requirements_unavailability: float | None
    """Probability that its requirements are not met, with all its digits [1]."""
    requirements_low: float
    """Probability that its requirements are met, at least this [1]."""
    requirements_high: float
    """Probability that its requirements are met, at most this [1]."""
    carried: bool | None
    """Whether the suppliers can carry the promise that counts; None without one, or undecided."""
    met: bool | None
    """Whether the composite reaches the promise that counts; None without one, or undecided."""
    carried_shortfall_minutes_per_month: float | None
    """Minutes a month that the requirements fall short of the promise, at best [min]."""
    met_shortfall_minutes_per_month: float | None
    """Minutes a month that the composite falls short of the promise, at best [min]."""
    downtime_minutes_per_month: float | None
    """Expected downtime per 30-day month [min] (rule A10)."""
    downtime_minutes_per_year: float | None
    """Expected downtime per 365-day year [min] (rule A10)."""
    single_points_of_failure: Names
    """Components whose failure alone takes it down, complete (rule A12)."""
    unknown: Names
    """Components without a figure that the result rests on (rule A5)."""
    defaulted: Names
    """Components whose figure is the default (rule A5)."""
    in_ring: bool
    """Whether it takes part in a mutual dependency (rule A6)."""

    @property
    def promised(self) -> Decimal | None:
        """The promised availability that counts, with all its digits [1] (rule A4)."""
        return self.commitments[0].target if self.commitments else None

    @property
    def strictest(self) -> Commitment | None:
        """The highest promise in force, where it is above the one that counts (rule A4)."""
        highest = max(self.commitments, key=lambda promise: promise.target, default=None)
        return None if highest is None or highest.target == self.commitments[0].target else highest


class Assessment(Record):
    """Composite availability of several services."""

    basis: str
    """Which figure led (rule A4)."""
    as_of: date
    """Day on which promises had to be in force."""
    default_availability: float | None
    """Own availability assumed for services without a figure [1]."""
    services: tuple[ServiceAvailability, ...]
    """Answers, in the order of the estate."""
    rings: tuple[tuple[str, ...], ...]
    """Mutual dependencies (rule A6)."""


def shown_availability(availability: float, unavailability: float, digits: int = 4) -> str:
    """Write an availability in per cent, truncated, never rounded up to 100 % (rule A9).

    Parameters
    ----------
    availability, unavailability : float
        The figure and its complement [1].
    digits : int
        Least number of decimals; more are shown where the figure needs them.

    Examples
    --------
    >>> shown_availability(0.9995, 0.0005)
    '99.9500 %'
    >>> shown_availability(1 - 6.25e-14, 6.25e-14)
    '99.9999999999937 %'
    >>> shown_availability(1.0, 0.0)
    '100 %'
    >>> shown_availability(1.0, 1e-31)
    '99.999999999999999999999999999990 %'
    """
    if unavailability == 0.0:
        return "100 %"
    # Twelve significant digits of the unavailability drop binary noise and nothing else.
    if unavailability < availability:
        lost = Decimal(f"{unavailability:.12e}")
    else:
        lost = 1 - Decimal(f"{availability:.12e}")
    places = max(digits, 1 - (lost * 100).adjusted())
    with localcontext() as exactly:
        # The usual 28 digits hold no more than 26 nines.
        exactly.prec = places + _MORE_DIGITS
        shown = (100 - lost * 100).quantize(Decimal(1).scaleb(-places), ROUND_DOWN)
    return f"{shown} %"
