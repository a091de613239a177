"""Caps used and left: against sums on paper, and against what the settlement grants."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from depgraph.engine.cap_usage import CapUsage, cap_usage
from depgraph.engine.settle import settlement
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from tests.engine.test_caps import NOW, estate, sla

TWO_CAPS: dict[str, Any] = {
    "annual_value": "10000 EUR",
    "annual_credit_cap": "0.04",
    "liability_cap": {"amount": "350 EUR"},
}


def usage(world: Estate, period: str) -> dict[str, CapUsage]:
    """By name of the cap."""
    return {row.cap: row for row in cap_usage(structure_of(world), period, NOW)}


def test_used_and_left_on_paper() -> None:
    """Three missed months at 100 EUR each, contract years from April: 100 of the new year."""
    world = estate((2, 3, 4), [sla()], start="2025-04-01", **TWO_CAPS)
    before, after = usage(world, "2026-03"), usage(world, "2026-04")

    assert (before["liability_cap"].first_month, before["liability_cap"].last_month) == (
        "2025-04", "2026-03",
    )  # fmt: skip
    assert [str(v) for v in (before["liability_cap"].used, before["liability_cap"].left)] == [
        "200.00", "150.00",
    ]  # fmt: skip
    assert str(before["annual_credit_cap"].limit) == "400.00"
    assert str(after["liability_cap"].used) == "100.00"
    assert after["liability_cap"].first_month == "2026-04"


def test_what_is_left_is_what_the_settlement_still_grants() -> None:
    """Months until the cap is spent: used never passes the limit, and sums to what is owed."""
    world = estate((1, 2, 3, 4, 5), [sla()], start="2026-01-01", **TWO_CAPS)
    for last in range(1, 6):
        row = usage(world, f"2026-{last:02}")["liability_cap"]
        owed = settlement(structure_of(world), f"2026-01..2026-{last:02}", NOW).contracts[0].owed
        assert row.used == owed == min(Decimal(100 * last), Decimal(350))
        assert row.left == row.limit - row.used


def test_a_rolling_cap_forgets_after_twelve_months() -> None:
    world = estate((2, 3), [sla(credits={"rolling_cap": {"amount": "150 EUR"}})])

    assert str(usage(world, "2026-03")["rolling_cap"].left) == "0.00"
    assert str(usage(world, "2027-01")["rolling_cap"].used) == "150.00"
    assert str(usage(world, "2027-02")["rolling_cap"].used) == "50.00"
    assert str(usage(world, "2027-03")["rolling_cap"].used) == "0.00"


def test_contracts_without_caps_or_not_in_force_have_none() -> None:
    assert usage(estate((4,), [sla()]), "2026-04") == {}
    ended = estate((4,), [sla()], start="2025-01-01", end="2025-12-31", **TWO_CAPS)
    assert usage(ended, "2026-04") == {}
