"""What each organization gains or loses, per currency; the world as a whole gains nothing (P7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from depgraph.errors import DepgraphError


class Payment(NamedTuple):
    """A sum that one organization owes another."""

    payer: str
    """Who owes."""
    payee: str
    """To whom."""
    amount: Decimal
    """How much."""
    currency: str
    """In which currency."""


class ConservationError(DepgraphError):
    """Money was made or lost in the computation: a fault of the program, never of the data."""


def net_positions(payments: Iterable[Payment]) -> Mapping[str, Mapping[str, Decimal]]:
    """Sum what each organization receives less what it pays (rule P7).

    Parameters
    ----------
    payments : iterable of Payment
        Every sum owed.

    Returns
    -------
    mapping of str to mapping of str to Decimal
        Amount by organization and currency, for every organization that takes part.

    Raises
    ------
    ConservationError
        If the positions of one currency do not sum to exactly zero.
    """
    positions: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for payment in payments:
        positions[payment.payer][payment.currency] -= payment.amount
        positions[payment.payee][payment.currency] += payment.amount
    check_conservation(positions)
    return {
        organization: dict(sorted(positions[organization].items()))
        for organization in sorted(positions)
    }


def check_conservation(positions: Mapping[str, Mapping[str, Decimal]]) -> None:
    """Refuse positions that do not sum to exactly zero in every currency (rule P7).

    Raises
    ------
    ConservationError
        Naming the currency and the sum.
    """
    total: dict[str, Decimal] = defaultdict(Decimal)
    for held in positions.values():
        for currency, amount in held.items():
            total[currency] += amount
    for currency, amount in total.items():
        if amount:
            raise ConservationError(f"net positions in {currency} sum to {amount}, not to zero")
