"""What a recovery in another currency counts for under a promise (rules P4, P9)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from depgraph.engine.conversion import RateTable, UsedRate
from depgraph.engine.credits import rounded
from depgraph.engine.entries import Entry
from depgraph.engine.periods import local_day
from depgraph.model.estate import Estate
from depgraph.units import minor_unit


class RecoveryRates:
    """Rates by which recoveries are counted, where the contract says how.

    Parameters
    ----------
    estate : Estate
        With the rates given.
    """

    def __init__(self, estate: Estate) -> None:
        self._table = RateTable(estate.conversions)

    def counts(self, user: Entry, held: Entry) -> bool:
        """Whether what `held` pays counts under `user`: one currency, or a rate agreed."""
        return held.currency == user.currency or self.rate(user, held) is not None

    def rate(self, user: Entry, held: Entry) -> UsedRate | None:
        """Rate agreed for what is held; None where none is agreed, or given for its day."""
        if user.contract.pass_through.convert_on is None:
            return None
        return self._table.rate(held.currency, user.currency, conversion_day(user))

    def counted(self, amount: Decimal, user: Entry, held: Entry) -> Decimal:
        """A sum of `held` in the currency of `user`, rounded once, half up."""
        rate = None if held.currency == user.currency else self.rate(user, held)
        if rate is None:
            return amount
        return rounded(Fraction(amount) * rate.factor, minor_unit(user.currency))

    def before(self, amount: Decimal, user: Entry, held: Entry) -> Decimal:
        """A sum of `user` in the currency of `held`, to spread a recovery by."""
        rate = None if held.currency == user.currency else self.rate(user, held)
        if rate is None:
            return amount
        return rounded(Fraction(amount) / rate.factor, minor_unit(held.currency))


def conversion_day(user: Entry) -> date:
    """Day whose rate the contract agrees: the first or the last of the period, in its zone."""
    zone = user.contract.timezone
    if user.contract.pass_through.convert_on == "period_start":
        return local_day(user.period.start, zone)
    return local_day(user.period.end - timedelta(microseconds=1), zone)
