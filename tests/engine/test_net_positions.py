"""Net positions: worked example D09, and the law that the world gains nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depgraph.engine.net_positions import (
    ConservationError,
    Payment,
    check_conservation,
    net_positions,
)

payments = st.lists(
    st.builds(
        Payment,
        payer=st.sampled_from("abcd"),
        payee=st.sampled_from("abcd"),
        amount=st.decimals(0, 10**6, places=2),
        currency=st.sampled_from(["EUR", "JPY"]),
    )
)


def test_d09_three_hops() -> None:
    owed = [("V", "C", 10000), ("R", "V", 4000), ("U", "R", 1000)]

    net = net_positions(Payment(a, b, Decimal(n), "EUR") for a, b, n in owed)

    assert net == {
        "C": {"EUR": 10000}, "V": {"EUR": -6000}, "R": {"EUR": -3000}, "U": {"EUR": -1000},
    }  # fmt: skip


@given(payments)
def test_positions_sum_to_zero(paid: list[Payment]) -> None:
    net = net_positions(paid)

    for currency in ("EUR", "JPY"):
        assert sum(held.get(currency, Decimal(0)) for held in net.values()) == 0


def test_a_cent_from_nowhere_is_noticed() -> None:
    with pytest.raises(ConservationError, match=r"EUR sum to 0\.01"):
        check_conservation({"a": {"EUR": Decimal("1.01")}, "b": {"EUR": Decimal("-1.00")}})
