"""How concentrated our buying is: HHI, effective number, largest shares (rule D2).

Shares are exact fractions; the index is the sum of their squares, in [0, 1], and its inverse the
number of equal suppliers that would give the same index. What is not known is kept apart: it may be
spread over many, or all belong to the largest, and the index is then a bracket (as rule A5 has it).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Literal, Self

from pydantic import Field, model_validator

from depgraph.engine.exposures import (
    DIMENSIONS,
    Buying,
    CriticalityWeights,
    Dimension,
    Exposure,
    Weight,
)
from depgraph.record import Record, fault

Level = Literal["low", "moderate", "high", "undecided"]


class Thresholds(Record):
    """When a concentration is called moderate or high; configuration, not law.

    The defaults are those of the Merger Guidelines of the US Department of Justice and the Federal
    Trade Commission (2023), 2.1, divided by 10,000: an index above 0.18 is high, from 0.10 on it is
    moderate.
    """

    moderate: float = Field(default=0.10, ge=0, le=1)
    """Index from which a concentration is moderate [1]."""
    high: float = Field(default=0.18, ge=0, le=1)
    """Index above which a concentration is high [1]."""
    largest_share: float = Field(default=0.5, ge=0, le=1)
    """Share of one alone above which a concentration is high [1]."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.moderate > self.high:
            raise fault(
                "bad-thresholds",
                f"moderate {self.moderate} is above high {self.high}",
                "give a moderate threshold that is not above the high one",
            )
        return self

    def level(self, index: tuple[float, float], largest: tuple[float, float]) -> Level:
        """Level of an index and a largest share, each known by its two ends."""
        ends = {self._level(index[end], largest[end]) for end in (0, 1)}
        return ends.pop() if len(ends) == 1 else "undecided"

    def _level(self, index: float, largest: float) -> Level:
        if index > self.high or largest > self.largest_share:
            return "high"
        return "moderate" if index >= self.moderate else "low"


class Holder(Record):
    """One vendor, group, place, country or nth party, and what of our buying lies with it."""

    id: str
    """Its id; for a country its code."""
    share: float
    """Share of the whole weight [1]."""
    weight: str
    """The weight itself, as an exact number or fraction."""
    exposures: tuple[str, ...]
    """What makes it up: ``service: where the weight comes from``."""


class Concentration(Record):
    """Concentration along one dimension by one weight."""

    dimension: Dimension
    """What the shares are of."""
    weight: Weight
    """What they are weighted by."""
    currency: str
    """Currency of the fees; empty for other weights."""
    hhi: float | None
    """Herfindahl–Hirschman index, in [0, 1]; None when part of the weight is not known."""
    hhi_low: float
    """The index is at least this [1]."""
    hhi_high: float
    """The index is at most this [1]."""
    effective_number: float | None
    """1 / HHI; None when only a bracket is known."""
    effective_number_low: float
    """1 / `hhi_high`."""
    effective_number_high: float | None
    """1 / `hhi_low`; None when nothing is known."""
    unknown_share: float
    """Share of the weight of which nobody could say where it lies [1]."""
    unknown: tuple[str, ...]
    """Services and contracts of which it is not known."""
    level: Level
    """Low, moderate or high by the thresholds; undecided where the bracket spans several."""
    holders: tuple[Holder, ...]
    """The largest first."""


def herfindahl(
    weights: Iterable[Fraction], unknown: Fraction = Fraction(0)
) -> tuple[Fraction, Fraction]:
    """Least and greatest index of known weights and an unknown rest.

    Parameters
    ----------
    weights : iterable of Fraction
        Weight of each holder.
    unknown : Fraction
        Weight that may lie with anybody.

    Examples
    --------
    >>> low, high = herfindahl([Fraction(1), Fraction(1), Fraction(1)])
    >>> low == high == Fraction(1, 3)
    True
    """
    known = sorted((w for w in weights if w), reverse=True)
    total = sum(known, Fraction(0)) + unknown
    if not total:
        return Fraction(0), Fraction(1)
    squares = sum((w * w for w in known), Fraction(0))
    largest = known[0] if known else Fraction(0)
    worst = squares - largest**2 + (largest + unknown) ** 2
    return squares / total**2, worst / total**2


def concentrations(
    buying: Buying,
    weights: Sequence[Weight],
    thresholds: Thresholds | None = None,
    levels: CriticalityWeights | None = None,
) -> tuple[Concentration, ...]:
    """Concentration along every dimension by every weight asked for (rule D2).

    Parameters
    ----------
    buying : Buying
        What we buy.
    weights : sequence of Weight
        By what to weigh.
    thresholds : Thresholds, optional
        What counts as moderate and high.
    levels : CriticalityWeights, optional
        How much criticality weighs.
    """
    found = []
    for weight in weights:
        exposures = buying.exposures(weight, levels or CriticalityWeights())
        for currency, rows in sorted(exposures.items()):
            if not any(row.weight for row in rows):
                continue
            for dimension in DIMENSIONS:
                keys = [(row, buying.keys(row, dimension)) for row in rows]
                found.append(
                    _answer((dimension, weight, currency), keys, thresholds or Thresholds())
                )
    return tuple(found)


def _answer(
    what: tuple[Dimension, Weight, str],
    rows: Sequence[tuple[Exposure, tuple[str | None, ...]]],
    thresholds: Thresholds,
) -> Concentration:
    """One dimension by one weight."""
    held: dict[str, Fraction] = {}
    parts: dict[str, list[str]] = {}
    unknown = Fraction(0)
    nowhere = []
    for row, keys in rows:
        if not keys or None in keys:
            unknown += row.weight / (len(keys) or 1)
            nowhere.append(row.service or row.because)
        for key in keys:
            if key is not None:
                held[key] = held.get(key, Fraction(0)) + row.weight / len(keys)
                parts.setdefault(key, []).append(f"{row.service or row.vendor}: {row.because}")
    low, high = herfindahl(held.values(), unknown)
    total = sum(held.values(), Fraction(0)) + unknown
    largest = max(held.values(), default=Fraction(0)) / total
    exact = not unknown
    return Concentration(
        dimension=what[0],
        weight=what[1],
        currency=what[2],
        hhi=float(low) if exact else None,
        hhi_low=float(low),
        hhi_high=float(high),
        effective_number=float(1 / low) if exact else None,
        effective_number_low=float(1 / high),
        effective_number_high=float(1 / low) if low else None,
        unknown_share=float(unknown / total),
        unknown=tuple(nowhere),
        level=thresholds.level(
            (float(low), float(high)), (float(largest), float(largest + unknown / total))
        ),
        holders=_holders(held, parts, total),
    )


def _holders(
    held: Mapping[str, Fraction], parts: Mapping[str, list[str]], total: Fraction
) -> tuple[Holder, ...]:
    """Holders, the largest first."""
    return tuple(
        Holder(id=key, share=float(weight / total), weight=str(weight), exposures=tuple(parts[key]))
        for key, weight in sorted(held.items(), key=lambda pair: (-pair[1], pair[0]))
    )
