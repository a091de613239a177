"""Caps used and left: against sums on paper, and against what the settlement grants."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

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


@pytest.mark.parametrize(
    ("term", "runs"),
    [
        ({"start": "2026-04-30"}, True),
        ({"start": "2026-05-01"}, False),
        ({"start": "2025-12-31"}, True),
        ({"end": "2026-04-01"}, True),
        ({"end": "2026-03-31"}, False),
        ({"end": "2027-01-01"}, True),
        ({}, True),
    ],
)
def test_caps_of_contracts_in_force_in_a_part_of_the_month(
    term: dict[str, Any], runs: bool
) -> None:
    assert bool(usage(estate((), [sla()], **term, **TWO_CAPS), "2026-04")) is runs


def test_each_level_has_a_rolling_cap_of_its_own_over_twelve_named_months() -> None:
    """Rule K4: what another level earned uses none of it, and one without a cap has none."""
    capped = {"rolling_cap": {"amount": "150 EUR"}}
    levels = [sla("plain"), sla("one", credits=capped), sla("two", monthly_fee="300 EUR", credits=capped)]  # fmt: skip
    rows = cap_usage(structure_of(estate((2,), levels, stacking="all")), "2026-03", NOW)

    assert [(row.sla, str(row.used), str(row.left)) for row in rows] == [
        ("one", "100.00", "50.00"), ("two", "30.00", "120.00"),
    ]  # fmt: skip
    assert {(row.first_month, row.last_month) for row in rows} == {("2025-04", "2026-03")}


def test_a_quarter_uses_a_cap_when_it_closes() -> None:
    level = {"metric": "availability", "target": "0.9999", "period": "quarter"}
    tiers = {"tiers": [{"below": "0.9999", "credit": "0.1"}]}
    world = estate((4,), [sla(objectives=[level], credits=tiers)], **TWO_CAPS)

    assert str(usage(world, "2026-05")["liability_cap"].used) == "0.00"
    assert str(usage(world, "2026-06")["liability_cap"].used) == "300.00"


def test_all_of_the_cap_is_left_beside_what_a_finding_carves_out() -> None:
    """A carve-out stands outside the cap, however much is owed for it (rule K5)."""
    terms: dict[str, Any] = {
        "liability_cap": {"amount": "50 EUR", "carve_outs": ["gross_negligence"]},
        "findings": [{"kind": "gross_negligence", "incident": "i4", "decided": "2026-06-01"}],
    }
    row = usage(estate((4,), [sla()], **terms), "2026-04")["liability_cap"]

    assert (str(row.used), str(row.left)) == ("0.00", "50.00")


def test_what_a_finding_carves_out_uses_no_liability_cap_up() -> None:
    """K5: 100 for April are owed beyond the cap of 150; so May still has 100 of it, and June 50."""
    cap = {"amount": "150 EUR", "carve_outs": ["wilful_default"]}
    finding = {"kind": "wilful_default", "incident": "i4", "decided": "2026-06-01"}
    terms: dict[str, Any] = {"liability_cap": cap, "start": "2026-01-01"}
    world = estate((4, 5, 6), [sla()], findings=[finding], **terms)
    without = estate((4, 5, 6), [sla()], **terms)

    def owed(estate_: Estate) -> list[str]:
        rows = settlement(structure_of(estate_), "2026-04..2026-06", NOW).slas
        return [str(row.owed) for row in rows]

    assert owed(world) == ["100.00", "100.00", "50.00"]
    assert owed(without) == ["100.00", "50.00", "0.00"]
    assert str(usage(world, "2026-06")["liability_cap"].used) == "150.00"
    assert str(usage(world, "2026-05")["liability_cap"].left) == "50.00"


def test_what_a_finding_carves_out_uses_the_cap_on_credits_up() -> None:
    """K5 lifts the cap on liability alone: of 400 a year for credits, 250 are used."""
    cap = {"amount": "150 EUR", "carve_outs": ["wilful_default"]}
    finding = {"kind": "wilful_default", "incident": "i4", "decided": "2026-06-01"}
    terms: dict[str, Any] = {**TWO_CAPS, "liability_cap": cap, "start": "2026-01-01"}
    world = estate((4, 5, 6), [sla()], findings=[finding], **terms)

    assert str(usage(world, "2026-06")["annual_credit_cap"].used) == "250.00"
