"""Sums in another currency, beside the originals and never in their place (rule P9).

A rate holds from its date until a later one of its pair; nothing is converted by a rate that is not
given. Where the opposite direction alone is given, or is the newer one, its inverse is used, and
named as one. No rate is made by way of a third currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pydantic import ConfigDict, Field

from depgraph.engine.credits import rounded
from depgraph.engine.statement import ContractStatement, Settlement
from depgraph.errors import DomainError
from depgraph.model.conversion import Conversion
from depgraph.record import Record
from depgraph.units import minor_unit

_SUMS = ("owed", "recovered", "absorbed", "windfall", "forfeited", "capped_out", "shortfall")
_ZERO = Decimal(0)


class UsedRate(Record):
    """A rate as it was used."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    from_currency: str = Field(alias="from")
    """Currency converted."""
    to: str
    """Currency that it becomes."""
    rate: Decimal
    """The rate as published; for an inverse, that of the opposite direction."""
    source: str
    """Who published it."""
    date: date
    """Day that it is for."""
    inverse: bool = False
    """Whether sums were divided by the rate, which is given for the opposite direction."""

    @property
    def factor(self) -> Fraction:
        """What a sum is multiplied by."""
        return 1 / Fraction(self.rate) if self.inverse else Fraction(self.rate)

    @property
    def text(self) -> str:
        """The rate in words, with source and date."""
        pair = (self.to, self.from_currency) if self.inverse else (self.from_currency, self.to)
        way = ", inverse" if self.inverse else ""
        return f"1 {pair[0]} = {self.rate} {pair[1]}{way} ({self.source}, {self.date})"


class RateTable:
    """Rates by pair of currencies and day.

    Parameters
    ----------
    conversions : iterable of Conversion
        Rates as given.
    """

    def __init__(self, conversions: Iterable[Conversion]) -> None:
        self._held: dict[tuple[str, str], list[Conversion]] = {}
        for each in conversions:
            self._held.setdefault((each.from_currency, each.to), []).append(each)

    def rate(self, source: str, target: str, day: date) -> UsedRate | None:
        """Newest rate of a pair on a day; None where none is given for it or an earlier one.

        Parameters
        ----------
        source, target : str
            ISO 4217 codes.
        day : date
            Day on which it must hold.
        """
        known = [
            (each, inverse)
            for pair, inverse in (((source, target), False), ((target, source), True))
            for each in self._held.get(pair, ())
            if each.date <= day
        ]
        if not known:
            return None
        # Of two for one day the direct one is used.
        last, inverse = max(known, key=lambda found: (found[0].date, not found[1]))
        return UsedRate(
            from_currency=source, to=target, rate=last.rate, source=last.source,
            date=last.date, inverse=inverse,
        )  # fmt: skip


class ConvertedContract(Record):
    """One contract's sums in the currency asked for, each rounded once."""

    id: str
    """The contract."""
    original: str
    """Its own currency."""
    owed: Decimal
    """What the supplier owes."""
    recovered: Decimal
    """What it recovers."""
    absorbed: Decimal
    """What it bears."""
    windfall: Decimal
    """What it recovers in excess."""
    forfeited: Decimal
    """Lost by not claiming in time."""
    capped_out: Decimal
    """Taken away by caps."""
    shortfall: Decimal
    """What the customer bears."""


class Converted(Record):
    """A settlement in one currency; the settlement itself stays as it is."""

    currency: str
    """Currency asked for."""
    rates: tuple[UsedRate, ...]
    """Every rate used."""
    contracts: tuple[ConvertedContract, ...]
    """Contracts that moved anything."""
    totals: Mapping[str, Decimal]
    """Sums over all contracts: converted exactly, added, then rounded once; so they may differ by
    cents from the sum of the rounded rows."""
    net_positions: Mapping[str, Decimal]
    """Received less paid by organization, rounded once; exact only in the original currencies."""
    rounding_difference: Decimal
    """What the rounded net positions sum to; the originals sum to exactly zero."""
    rounding: str
    """How was rounded."""


def converted(settled: Settlement, currency: str, rates: RateTable, day: date) -> Converted:
    """Convert the sums of a settlement.

    Parameters
    ----------
    settled : Settlement
        The settlement.
    currency : str
        ISO 4217 code.
    rates : RateTable
        Rates given.
    day : date
        Day whose rates are used: the newest that are not later.

    Raises
    ------
    DomainError
        Naming every currency for which no rate is given; nothing is converted then.
    """
    moved = [c for c in settled.contracts if any(getattr(c, name) for name in _SUMS)]
    wanted = {c.currency for c in moved}
    wanted |= {name for held in settled.net_positions.values() for name in held}
    used = {name: rates.rate(name, currency, day) for name in sorted(wanted - {currency})}
    absent = [name for name, rate in used.items() if rate is None]
    if absent:
        raise DomainError(
            f"no rate on or before {day} converts {' and '.join(absent)} to {currency}: add it "
            "with its source and date to `conversions`, or give --rates FILE"
        )
    factors = {name: rate.factor for name, rate in used.items() if rate is not None}
    factors[currency] = Fraction(1)
    unit = minor_unit(currency)
    net = {
        organization: sum((Fraction(a) * factors[c] for c, a in held.items()), Fraction(0))
        for organization, held in settled.net_positions.items()
    }
    shown = {name: _signed(value, unit) for name, value in net.items()}
    return Converted(
        currency=currency,
        rates=tuple(rate for rate in used.values() if rate is not None),
        contracts=tuple(_contract(c, factors[c.currency], unit) for c in moved),
        totals={
            name: rounded(sum((Fraction(getattr(c, name)) * factors[c.currency] for c in moved),
                              Fraction(0)), unit)
            for name in _SUMS
        },
        net_positions=shown,
        rounding_difference=sum(shown.values(), _ZERO),
        rounding=f"each figure once, half up, to {unit} {currency}",
    )  # fmt: skip


def _contract(contract: ContractStatement, factor: Fraction, unit: Decimal) -> ConvertedContract:
    sums: dict[str, Any] = {
        name: rounded(Fraction(getattr(contract, name)) * factor, unit) for name in _SUMS
    }
    return ConvertedContract(id=contract.id, original=contract.currency, **sums)


def _signed(value: Fraction, unit: Decimal) -> Decimal:
    """Round half up by size, so that what one gains the other loses."""
    size = rounded(abs(value), unit)
    return -size if value < 0 else size
