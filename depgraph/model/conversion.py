"""Exchange rates, each with its source and date (rule P9)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from depgraph.record import Record, fault
from depgraph.units import Currency, Day, NotNegative, Text


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise fault("bad-rate", f"a rate of {value} converts nothing", "write a rate above 0")
    return value


def _named(value: str) -> str:
    if not value.strip():
        raise fault("missing-source", "a rate needs its source", "say who published it")
    return value


class Conversion(Record):
    """One rate: 1 unit of `from` is `rate` units of `to`."""

    model_config = ConfigDict(populate_by_name=True)

    from_currency: Currency = Field(alias="from")
    """ISO 4217 code of the currency converted."""
    to: Currency
    """ISO 4217 code of the currency that it becomes."""
    rate: Annotated[NotNegative, AfterValidator(_positive)]
    """Units of `to` for one unit of `from`, both in major units."""
    source: Annotated[Text, AfterValidator(_named)]
    """Who published the rate."""
    date: Day
    """Day that it is for; it holds until a later one."""

    @model_validator(mode="after")
    def _two_currencies(self) -> Self:
        if self.from_currency == self.to:
            raise fault("bad-rate", f"{self.to} needs no rate to itself", "remove it")
        return self
