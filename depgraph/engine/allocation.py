"""One sum spread over several parties, to the cent and without a cent lost (rule P6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Literal

from depgraph.errors import DomainError

AllocationPolicy = Literal["owed", "fee", "priority"]


@dataclass(frozen=True)
class Share:
    """What one customer brings to the spreading of a recovery."""

    owed: Decimal
    """What is owed to the customer before the recovery is known."""
    fee: Decimal = Decimal(0)
    """Fee that the customer pays."""
    priority: int = 0
    """Rank; lower is served first."""


def largest_remainder(
    total: Decimal, weights: Sequence[Decimal], unit: Decimal = Decimal("0.01")
) -> tuple[Decimal, ...]:
    """Spread a sum in proportion to weights, in whole units (rule P6).

    Every part is rounded down; the units left go to the largest remainders, the first one first
    where remainders are equal.

    Parameters
    ----------
    total : Decimal
        Sum to spread, 0 or more and a whole number of units.
    weights : sequence of Decimal
        0 or more each; equal parts when all are 0.
    unit : Decimal
        Smallest unit of the currency.

    Returns
    -------
    tuple of Decimal
        Parts, in the order of `weights`; their sum is `total`.

    Raises
    ------
    DomainError
        If a figure is negative, the total is no whole number of units, or nobody is there.

    Examples
    --------
    >>> [str(part) for part in largest_remainder(Decimal("100.00"), [Decimal(1)] * 3)]
    ['33.34', '33.33', '33.33']
    """
    if not weights:
        raise DomainError("a sum cannot be spread over nobody")
    if total < 0 or min(weights) < 0:
        raise DomainError("a sum to spread and its weights cannot be negative")
    units = Fraction(total) / Fraction(unit)
    if units.denominator != 1:
        raise DomainError(f"{total} is no whole number of {unit}")
    ratios = [weight.as_integer_ratio() for weight in weights]
    common = lcm(*(below for _, below in ratios))
    parts = [above * (common // below) for above, below in ratios]
    if not any(parts):
        parts = [1] * len(weights)
    whole = sum(parts)
    found = [divmod(int(units) * part, whole) for part in parts]
    floors = [floor for floor, _ in found]
    left = int(units) - sum(floors)
    # Sorting keeps the first one first where remainders are equal.
    order = sorted(range(len(parts)), key=lambda place: -found[place][1])
    for place in order[:left]:
        floors[place] += 1
    return tuple(unit * count for count in floors)


def allocated(
    recovery: Decimal,
    shares: Sequence[Share],
    policy: AllocationPolicy = "owed",
    unit: Decimal = Decimal("0.01"),
) -> tuple[Decimal, ...]:
    """Spread one recovery over the customers it stands for (rule P6).

    Parameters
    ----------
    recovery : Decimal
        What was recovered, a whole number of units.
    shares : sequence of Share
        The customers.
    policy : {'owed', 'fee', 'priority'}
        Pro rata to what is owed, pro rata to fees, or rank by rank: each rank is filled up to what
        is owed before the next one gets anything; within a rank pro rata to what is owed. What is
        left when everybody is filled is spread pro rata to what is owed.
    unit : Decimal
        Smallest unit of the currency.

    Returns
    -------
    tuple of Decimal
        Parts, in the order of `shares`; their sum is `recovery`. Where nothing is owed, fees
        decide, and where there are none, the parts are equal.
    """
    owed = [share.owed for share in shares]
    fees = [share.fee for share in shares]
    if policy == "fee" and any(fees):
        return largest_remainder(recovery, fees, unit)
    if not any(owed):
        return largest_remainder(recovery, fees, unit)
    if policy != "priority":
        return largest_remainder(recovery, owed, unit)
    return _by_rank(recovery, shares, unit)


def _by_rank(recovery: Decimal, shares: Sequence[Share], unit: Decimal) -> tuple[Decimal, ...]:
    """Fill rank after rank."""
    parts = [Decimal(0)] * len(shares)
    left = recovery
    for rank in sorted({share.priority for share in shares}):
        members = [place for place, share in enumerate(shares) if share.priority == rank]
        owed = [shares[place].owed for place in members]
        given = min(left, sum(owed, Decimal(0)) // unit * unit)
        if not given:
            continue
        for place, part in zip(members, largest_remainder(given, owed, unit), strict=True):
            parts[place] += part
        left -= given
    rest = largest_remainder(left, [share.owed for share in shares], unit)
    return tuple(part + more for part, more in zip(parts, rest, strict=True))
