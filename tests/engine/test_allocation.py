"""Spreading sums: worked example E02, ranks, and the laws of an allocation."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depgraph.engine.allocation import AllocationPolicy, Share, allocated, largest_remainder
from depgraph.errors import DomainError

cents = st.integers(0, 10**9).map(lambda n: Decimal(n).scaleb(-2))
shares = st.lists(
    st.builds(Share, owed=cents, fee=cents, priority=st.integers(0, 2)), min_size=1, max_size=6
)
policies = st.sampled_from(["owed", "fee", "priority"])


def test_e02_a_hundred_in_three() -> None:
    parts = largest_remainder(Decimal("100.00"), [Decimal(1)] * 3)

    assert [str(part) for part in parts] == ["33.34", "33.33", "33.33"]


def test_yen_have_no_cents() -> None:
    parts = largest_remainder(Decimal(100), [Decimal(1), Decimal(2)], unit=Decimal(1))

    assert parts == (Decimal(33), Decimal(67))


def test_pro_rata_to_what_is_owed() -> None:
    owed = [Share(Decimal(6000)), Share(Decimal(2000))]

    assert allocated(Decimal("1000.00"), owed) == (Decimal(750), Decimal(250))


def test_a_lower_rank_waits_until_the_first_is_filled() -> None:
    owed = [Share(Decimal(600), priority=2), Share(Decimal(500), priority=1)]

    assert allocated(Decimal("700.00"), owed, "priority") == (Decimal(200), Decimal(500))


def test_what_is_left_when_all_are_filled_is_spread() -> None:
    owed = [Share(Decimal(100), priority=2), Share(Decimal(300), priority=1)]

    assert allocated(Decimal("800.00"), owed, "priority") == (Decimal(200), Decimal(600))


def test_fees_decide_where_nothing_is_owed() -> None:
    owed = [Share(Decimal(0), fee=Decimal(3)), Share(Decimal(0), fee=Decimal(1))]

    assert allocated(Decimal("100.00"), owed) == (Decimal(75), Decimal(25))


@given(cents, shares, policies)
def test_nothing_is_lost_and_nothing_allocated_twice(
    total: Decimal, members: list[Share], policy: AllocationPolicy
) -> None:
    parts = allocated(total, members, policy)

    assert sum(parts) == total
    assert min(parts) >= 0


@given(cents, st.lists(cents, min_size=1, max_size=6))
def test_each_part_is_within_a_cent_of_its_exact_share(
    total: Decimal, weights: list[Decimal]
) -> None:
    parts = largest_remainder(total, weights)
    whole = sum(weights)

    for part, weight in zip(parts, weights, strict=True):
        exact = total * weight / whole if whole else total / len(weights)
        assert abs(part - exact) < Decimal("0.01")


@pytest.mark.parametrize(
    ("total", "weights"),
    [
        pytest.param("1.00", [], id="nobody"),
        pytest.param("-1.00", ["1"], id="negative sum"),
        pytest.param("1.00", ["-1"], id="negative weight"),
        pytest.param("1.005", ["1"], id="half a cent"),
    ],
)
def test_what_cannot_be_spread_is_refused(total: str, weights: list[str]) -> None:
    with pytest.raises(DomainError):
        largest_remainder(Decimal(total), [Decimal(weight) for weight in weights])
