"""Figures as people read them; never rounded up (rule A9)."""

from __future__ import annotations

from decimal import Decimal
from math import isinf

from depgraph.engine.availability_answer import (
    MINUTES_PER_MONTH,
    ServiceAvailability,
    shown_availability,
)
from depgraph.engine.comparison import ServiceState
from depgraph.engine.importance import ComponentImportance, Measure
from depgraph.units import minor_digits
from depgraph.wording import share_text

_LEAST_MINUTES = 0.001


def availability_text(row: ServiceAvailability) -> str:
    """The composite availability, or its bracket; a bracket of everything says that it is one."""
    if row.low == 0.0 and row.high == 1.0 and row.availability is None:
        return "unknown (0 to 100 %)"
    if row.availability is not None and row.unavailability is not None:
        return shown_availability(row.availability, row.unavailability)
    low = shown_availability(row.low, row.unavailability_high)
    return f"{low} to {shown_availability(row.high, row.unavailability_low)}"


def percent_text(value: float | Decimal | None, complement: float | None = None) -> str:
    """A single availability; a question mark where none is known.

    Parameters
    ----------
    value : float or Decimal, optional
        The figure [1].
    complement : float, optional
        One minus it, where it is known: a float above 0.99999999999999994 is 1 (rule A9).

    >>> percent_text(0.999), percent_text(Decimal("0.9999999999999999999")), percent_text(None)
    ('99.9000 %', '99.999999999999999990 %', '?')
    >>> percent_text(1.0, 1e-18)
    '99.99999999999999990 %'
    """
    if value is None:
        return "?"
    if complement is None:
        # Nine digits of the complement: the rest is noise of the subtraction.
        complement = float(f"{1 - value:.9g}")
    return shown_availability(float(value), complement)


def state_text(state: ServiceState | None) -> str:
    """Availability of a service on one side of a change, or its bracket."""
    if state is None:
        return "not there"
    low = percent_text(state.low, state.unavailability_high)
    if state.availability is not None:
        return low
    return f"{low} to {percent_text(state.high, state.unavailability_low)}"


def component_text(name: str) -> str:
    """A component's name; a common cause (rule A13) in words.

    >>> component_text("common_cause(a, b)")
    'common cause of a, b'
    """
    inside = name.removeprefix("common_cause(")
    return f"common cause of {inside[:-1]}" if inside != name and name.endswith(")") else name


def minutes_text(value: float | None) -> str:
    """Minutes with three decimals; a question mark where only a bracket is known.

    >>> minutes_text(1234.5), minutes_text(4.32e-8), minutes_text(0.0)
    ('1,234.500', '4.32e-08', '0.000')
    """
    if value is None:
        return "?"
    # What is not nothing must not look like it.
    return f"{value:.3g}" if 0 < value < _LEAST_MINUTES else f"{value:,.3f}"


def change_text(minutes: float | None) -> str:
    """Minutes more or less, with their sign; empty where they are not known.

    >>> change_text(1234.5), change_text(-4.32e-14), change_text(-0.0), change_text(None)
    ('+1,234.500', '-4.32e-14', '0.000', '')
    """
    if minutes is None:
        return ""
    sign = "+" if minutes > 0 else "-" if minutes < 0 else ""
    return f"{sign}{minutes_text(abs(minutes))}"


def mean_text(value: float, currency: str) -> str:
    """A mean of sums over simulated years, with the digits that sums of its currency have.

    Parameters
    ----------
    value : float
        The mean [major units]; below 0 for a difference.
    currency : str
        ISO 4217 code.

    >>> mean_text(1234.5678, "EUR"), mean_text(1234.5678, "KWD"), mean_text(1234.5678, "JPY")
    ('1,234.57', '1,234.568', '1,235')
    >>> mean_text(0.25, "JPY"), mean_text(-0.0, "EUR")
    ('0.25', '0.00')
    """
    size = abs(value)
    digits = minor_digits(currency)
    # What is not nothing must not look like it: a mean may be less than the smallest coin.
    small = size > 0 and float(f"{size:.{digits}f}") == 0
    text = f"{size:.3g}" if small else f"{size:,.{digits}f}"
    return f"-{text}" if value < 0 else text


def mean_change_text(value: float, currency: str) -> str:
    """A difference of means, with its sign; `value` and `currency` as for `mean_text`.

    >>> mean_change_text(0.5, "EUR"), mean_change_text(-1234.5, "KWD"), mean_change_text(0, "JPY")
    ('+0.50', '-1,234.500', '0')
    """
    return f"{'+' if value > 0 else ''}{mean_text(value, currency)}"


def minutes_down_text(row: ServiceAvailability) -> str:
    """Minutes down in a month, or their bracket."""
    if row.downtime_minutes_per_month is not None:
        return minutes_text(row.downtime_minutes_per_month)
    ends = (row.unavailability_low, row.unavailability_high)
    least, most = (minutes_text(lost * MINUTES_PER_MONTH) for lost in ends)
    return f"{least} to {most}"


def ends_text(row: ComponentImportance, measure: Measure, spec: str = "") -> str:
    """A measure of importance, or both of its ends; per cent where no form is given."""
    low, high = (
        "∞" if isinf(end) else format(end, spec) if spec else share_text(end, 2)
        for end in row.ends(measure)
    )
    return low if low == high else f"{low} to {high}"


def verdict_text(value: bool | None, *, promised: bool) -> str:  # noqa: FBT001 - a verdict, not a switch
    """Yes, NO, open, or nothing where nothing was promised."""
    if not promised:
        return ""
    return "open" if value is None else "yes" if value else "NO"


def worst_first(row: ServiceAvailability) -> tuple[float, float]:
    """Sort key: the largest miss of a promise first, then the most downtime."""
    missed = max(
        (
            short or 0.0
            for promise in row.commitments
            for short in (
                promise.carried_shortfall_minutes_per_month,
                promise.met_shortfall_minutes_per_month,
            )
        ),
        default=0.0,
    )
    return -missed, -row.unavailability_high
