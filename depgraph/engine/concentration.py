"""How concentrated our buying is: HHI, effective number, largest shares (rule D2).

Shares are exact fractions; the index is the sum of their squares, in [0, 1], and its inverse the
number of equal suppliers that would give the same index. What is not known is kept apart: it may be
spread over many, or all belong to the largest, and the index is then a bracket (as rule A5 has it).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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
_Rows = Sequence[tuple[Exposure, tuple[str | None, ...]]]
"""What is bought, each with who or where it comes to rest."""


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
    """Share of the whole weight, as far as that is stated [1]."""
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
    """Herfindahl–Hirschman index, in [0, 1]; None when part of the weight is not known, or where
    it lies."""
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
    unpriced: tuple[str, ...]
    """Services and vendors whose fee no contract states: shares are of the stated fees, and the
    index is what it can be whatever these fees are (rule A5)."""
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


def least_index(
    held: Mapping[str, Fraction], unknown: Fraction, growing: Collection[str]
) -> Fraction:
    """Least index when some holders may hold more than is known, however much.

    Whoever holds little is raised to the level at which raising it further helps no more; raising
    one to it raises the level.

    Parameters
    ----------
    held : mapping of str to Fraction
        Known weight of each holder.
    unknown : Fraction
        Weight that may lie with anybody.
    growing : collection of str
        Holders that may hold more; also ones of which nothing is known.

    Examples
    --------
    Two equal ones, and a third that may be equal to them:

    >>> str(least_index({"a": Fraction(1), "b": Fraction(1)}, Fraction(0), ["c"]))
    '1/3'
    """
    squares = sum((weight * weight for weight in held.values()), Fraction(0))
    total = sum(held.values(), unknown)
    raised = 0
    for weight in sorted(held.get(name, Fraction(0)) for name in set(growing)):
        if weight * total >= squares:
            break
        raised += 1
        squares, total = squares - weight * weight, total - weight
    level = squares / total
    return level / (total + raised * level)


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
        unpriced = buying.unpriced() if weight == "fee" else ()
        for currency, rows in sorted(exposures.items()):
            if not any(row.weight for row in rows):
                continue
            for dimension in DIMENSIONS:
                keys = [(row, buying.keys(row, dimension)) for row in rows]
                answer = _answer((dimension, weight, currency), keys, thresholds or Thresholds())
                silent = [(row, buying.keys(row, dimension)) for row in unpriced]
                found.append(_widened(answer, keys, silent, thresholds or Thresholds()))
    return tuple(found)


def _known(rows: _Rows) -> tuple[dict[str, Fraction], Fraction]:
    """Weight by holder, and that of which nobody could say where it lies."""
    held: dict[str, Fraction] = {}
    unknown = Fraction(0)
    for row, keys in rows:
        part = row.weight / (len(keys) or 1)
        unknown += part if not keys or None in keys else 0
        for key in keys:
            if key is not None:
                held[key] = held.get(key, Fraction(0)) + part
    return held, unknown


def _widened(
    answer: Concentration, rows: _Rows, silent: _Rows, thresholds: Thresholds
) -> Concentration:
    """An answer beside what is bought for sums that nobody states: they may be of any size."""
    if not silent:
        return answer
    held, unknown = _known(rows)
    growing = [key for _, keys in silent for key in keys]
    somewhere = all(keys and None not in keys for _, keys in silent)
    known = [key for key in growing if key is not None]
    low = float(least_index(held, unknown, known)) if somewhere else 0.0
    return answer.replace(
        hhi=1.0 if low == 1.0 else None, hhi_low=low, hhi_high=1.0,
        effective_number=1.0 if low == 1.0 else None, effective_number_low=1.0,
        effective_number_high=1 / low if low else None,
        unpriced=tuple(dict.fromkeys(row.service or row.vendor or "" for row, _ in silent)),
        level=thresholds.level((low, 1.0), (0.0, 1.0)),
    )  # fmt: skip


def _answer(
    what: tuple[Dimension, Weight, str], rows: _Rows, thresholds: Thresholds
) -> Concentration:
    """One dimension by one weight."""
    held, unknown = _known(rows)
    parts: dict[str, list[str]] = {}
    nowhere = []
    for row, keys in rows:
        if not keys or None in keys:
            nowhere.append(row.service or row.because)
        for key in keys:
            if key is not None:
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
        unpriced=(),
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
