"""Caps that look back: twelve months, contract years, several limits, carve-outs (rules K4, K5).

Synthetic: one service, 1,000 a month, an hour down on the 10th of each month named, a tenth credited.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from depgraph.engine.caps import look_back_limit
from depgraph.engine.linked_entries import Question
from depgraph.engine.periods import requested
from depgraph.engine.settle import settlement
from depgraph.engine.settlement import Books
from depgraph.engine.statement import Settlement
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def estate(months: list[str], slas: list[dict[str, Any]], **terms: Any) -> Estate:
    return Estate.model_validate(
        {
            "organizations": [{"id": "S"}, {"id": "C"}],
            "services": [{"id": "app", "provider": "S"}],
            "contracts": [{"id": "k", "supplier": "S", "customer": "C", "slas": slas, **terms}],
            "incidents": [
                {"id": f"i{month}", "affects": "app", "start": f"{month}-10T10:00:00Z",
                 "end": f"{month}-10T11:00:00Z"}
                for month in months
            ],
        }
    )  # fmt: skip


def sla(name: str = "s", objective: dict[str, Any] | None = None, **credit: Any) -> dict[str, Any]:
    return {
        "id": name, "service": "app", "monthly_fee": "1000 EUR",
        "objectives": [{"metric": "availability", "target": "0.999", **(objective or {})}],
        "credits": {"tiers": [{"below": "0.999", "credit": "0.1"}], **credit},
    }  # fmt: skip


def answer(
    months: list[str], slas: list[Any], period: str, as_of: datetime | None = None, **terms: Any
) -> Settlement:
    return settlement(structure_of(estate(months, slas, **terms)), period, NOW, as_of)


def owed(*args: Any, **terms: Any) -> list[str]:
    return [str(row.owed) for row in answer(*args, **terms).slas]


@pytest.mark.parametrize(("last", "amount"), [("2027-03", "50.00"), ("2027-04", "100.00")])
def test_twelve_months_end_with_the_period(last: str, amount: str) -> None:
    """April 2026 is one of the twelve months up to March 2027, not of those up to April."""
    terms = sla(rolling_cap={"amount": "150 EUR"})

    assert owed(["2026-04", last], [terms], last) == [amount]


def test_a_rolling_cap_counts_its_own_level_alone() -> None:
    """Two levels with 150 each: what one was granted leaves the other's room as it is."""
    slas = [
        sla("a", rolling_cap={"amount": "150 EUR"}),
        sla("b", rolling_cap={"amount": "150 EUR"}),
    ]
    found = owed(["2026-04", "2026-05"], slas, "2026-05", stacking="all")

    assert found == ["50.00", "50.00"]


@pytest.mark.parametrize(
    ("limits", "amount"),
    [
        ({"amount": "90 EUR", "months_of_fee": "0.08", "share_of_annual_value": "0.007"}, "70.00"),
        ({"amount": "60 EUR", "months_of_fee": "0.08", "share_of_annual_value": "0.007"}, "60.00"),
        ({"amount": "90 EUR", "months_of_fee": "0.05", "share_of_annual_value": "0.007"}, "50.00"),
        ({"share_of_annual_value": "0.003"}, "30.00"),
        ({}, "100.00"),
    ],
)
def test_the_least_of_several_limits_binds(limits: dict[str, Any], amount: str) -> None:
    terms = sla(rolling_cap=limits)

    assert owed(["2026-04"], [terms], "2026-04", annual_value="10000 EUR") == [amount]


def test_a_share_of_a_value_that_is_not_stated_limits_nothing() -> None:
    share = sla(rolling_cap={"share_of_annual_value": "0.003"})

    assert owed(["2026-04"], [share], "2026-04") == ["100.00"]
    assert owed(["2026-04"], [sla()], "2026-04", annual_credit_cap="0.001") == ["100.00"]
    liability = {"share_of_annual_value": "0.001"}
    assert owed(["2026-04"], [sla()], "2026-04", liability_cap=liability) == ["100.00"]


@pytest.mark.parametrize(
    "terms",
    [
        {"annual_credit_cap": "0.015"},
        {"liability_cap": {"share_of_annual_value": "0.015"}},
        {"liability_cap": {"amount": "150 EUR"}},
    ],
)
def test_yearly_caps_are_used_up_within_the_contract_year(terms: dict[str, Any]) -> None:
    """The year runs from March: 100, then what is left of 150, then nothing; the next is new."""
    months = ["2026-02", "2026-03", "2026-04", "2027-02", "2027-03"]
    found = owed(
        months, [sla()], "2026-02..2027-03", start="2025-03-01", annual_value="10000 EUR", **terms
    )

    assert [amount for amount in found if amount != "0.00"] == [
        "100.00",
        "100.00",
        "50.00",
        "100.00",
    ]


def test_without_a_start_the_contract_year_is_the_calendar_year() -> None:
    cap = {"amount": "150 EUR"}
    months = ["2025-12", "2026-01", "2026-02"]

    found = owed(months, [sla()], "2025-12..2026-02", liability_cap=cap)
    assert found == ["100.00", "100.00", "50.00"]


@pytest.mark.parametrize(
    ("finding", "amount"),
    [
        ({"kind": "gross_negligence", "incident": "i2026-04"}, "100.00"),
        ({"kind": "wilful_default", "incident": "i2026-04"}, "60.00"),
        ({"kind": "gross_negligence", "incident": "i2026-03"}, "60.00"),
    ],
)
@pytest.mark.parametrize("day", [1, 2])
def test_a_carve_out_needs_its_own_finding(finding: dict[str, Any], amount: str, day: int) -> None:
    """K5: of a kind that is carved out, on an incident of this period, and decided by that day."""
    cap = {"amount": "60 EUR", "carve_outs": ["gross_negligence"]}
    found = answer(
        ["2026-03", "2026-04"], [sla()], "2026-04", datetime(2026, 6, day, 12, tzinfo=UTC),
        liability_cap=cap, findings=[finding | {"decided": "2026-06-02"}], start="2026-04-01",
    )  # fmt: skip

    [row] = found.slas
    assert str(row.owed) == (amount if day == 2 else "60.00")


def test_what_the_minimum_takes_is_told_as_such() -> None:
    """K4: the minimum takes 100, and no cap has anything left to take."""
    terms = sla(minimum="100 EUR", period_cap="0.05")
    [row] = answer(["2026-04"], [terms], "2026-04").slas

    assert [(cut.cap, str(cut.amount)) for cut in row.credit.capped_out] == [("minimum", "100.00")]


@pytest.mark.parametrize(
    ("credit", "terms", "limit"),
    [
        ({}, {}, None),
        ({"rolling_cap": {"amount": "90 EUR"}}, {"liability_cap": {"amount": "80 EUR"}}, 80),
        ({"rolling_cap": {"amount": "70 EUR"}}, {"liability_cap": {"amount": "80 EUR"}}, 70),
        ({}, {"annual_credit_cap": "0.5", "annual_value": "100 EUR"}, 50),
    ],
)
def test_the_least_cap_that_looks_back(
    credit: dict[str, Any], terms: dict[str, Any], limit: int | None
) -> None:
    structure = structure_of(estate(["2026-04"], [sla(**credit)], **terms))
    books = Books(Question(structure, structure.estate.incidents, requested("2026-04"), None, NOW))
    [row] = books.rows()

    assert look_back_limit(row.entry) == limit


def test_parts_of_one_period_share_its_rolling_cap() -> None:
    """K4 with K10: an outage over the border of two targets; half the fee each, 50 in all."""
    halves = [
        {"start": "2026-04-01T00:00:00Z", "end": "2026-04-10T10:30:00Z", "target": "0.9999"}
    ]  # fmt: skip
    terms = sla(objective={"targets": halves}, rolling_cap={"amount": "50 EUR"})

    assert owed(["2026-04"], [terms], "2026-04") == ["31.46", "18.54"]


def test_what_a_finding_let_through_leaves_the_room_as_it_was() -> None:
    """K5: 100 in March outside the cap of 60; in April all of the 60 are left, and no more."""
    cap = {"amount": "60 EUR", "carve_outs": ["data_breach"]}
    found = [{"kind": "data_breach", "incident": "i2026-03", "decided": "2026-03-20"}]
    months = ["2026-03", "2026-04"]

    paid = owed(months, [sla()], "2026-03..2026-04", liability_cap=cap, findings=found)
    assert paid == ["100.00", "60.00"]


def test_the_minimum_takes_nothing_from_what_gave_way() -> None:
    """K4: of two remedies one falls away; the minimum of its schedule has nothing to take."""
    slas = [sla("a", minimum="150 EUR"), sla("b")]
    slas[1]["credits"]["tiers"] = [{"below": "0.999", "credit": "0.2"}]
    first, second = answer(["2026-04"], slas, "2026-04").slas

    assert [cut.cap for cut in first.credit.capped_out] == ["stacking"]
    assert str(second.owed) == "200.00"


def test_a_minimum_of_less_than_one() -> None:
    small = sla(minimum="0.60 EUR") | {"monthly_fee": "5 EUR"}

    assert owed(["2026-04"], [small], "2026-04") == ["0.00"]


def shared(
    months: list[str], first: dict[str, Any], second: dict[str, Any], **more: Any
) -> dict[tuple[str, str], tuple[str, str]]:
    """Owed and recovered by level and period: V promises twice what it buys from U for 100 EUR."""
    promise = {"supplier": "V", "recovery_allocation": "owed"}
    world = Estate.model_validate(
        {
            "organizations": [{"id": each} for each in ("U", "V", "A", "B")],
            "services": [
                {"id": "app", "provider": "V", "depends_on": ["cloud"]},
                {"id": "cloud", "provider": "U"},
            ],
            "contracts": [
                {**promise, "id": "a", "customer": "A", "slas": [sla("s-a")], **first},
                {**promise, "id": "b", "customer": "B", "slas": [sla("s-b")], **second},
                {"id": "u", "supplier": "U", "customer": "V",
                 "slas": [{**sla("s-u"), "service": "cloud"}], **more},
            ],
            "incidents": [
                {"id": f"i{month}", "affects": "cloud", "start": f"{month}-10T10:00:00Z",
                 "end": f"{month}-10T11:00:00Z"}
                for month in months
            ],
        }
    )  # fmt: skip
    rows = settlement(structure_of(world), f"{months[0]}..{months[-1]}", NOW).slas
    return {(row.id, row.period): (str(row.owed), str(row.recovered)) for row in rows}


CAPPED = {"liability_cap": {"amount": "130 EUR"}}


@pytest.mark.parametrize("swapped", [False, True])
def test_a_recovery_is_spread_by_what_earlier_periods_left_to_owe(swapped: bool) -> None:
    """Rule P6: of 130 a year 30 are left in April and nothing in May, so that B has the rest."""
    terms = ({}, CAPPED) if swapped else (CAPPED, {})
    one, other = ("s-b", "s-a") if swapped else ("s-a", "s-b")

    rows = shared(["2026-03", "2026-04", "2026-05"], *terms)

    assert [rows[one, f"2026-0{m}"] for m in (3, 4, 5)] == [
        ("100.00", "50.00"), ("30.00", "23.08"), ("0.00", "0.00"),
    ]  # fmt: skip
    assert [rows[other, f"2026-0{m}"] for m in (3, 4, 5)] == [
        ("100.00", "50.00"), ("100.00", "76.92"), ("100.00", "100.00"),
    ]  # fmt: skip


def test_what_a_rolling_cap_leaves_counts_over_other_zones_too() -> None:
    """April of the platform meets two anchored months of A; the first one used its cap up."""
    rolling = {"anchor_day": 15, "slas": [sla("s-a", rolling_cap={"amount": "100 EUR"})]}

    rows = shared(["2026-03", "2026-04", "2026-05"], rolling, {})

    # 10 March lies in A's February, 10 April in its March: each month has one outage.
    assert [rows["s-a", f"2026-0{m}"] for m in (3, 4)] == [("0.00", "0.00"), ("0.00", "0.00")]
    assert [rows["s-b", f"2026-0{m}"] for m in (3, 4, 5)] == [
        ("100.00", "50.00"), ("100.00", "100.00"), ("100.00", "100.00"),
    ]  # fmt: skip


def test_levels_of_a_quarter_beside_months_weigh_by_what_was_known_before() -> None:
    """The quarter ends last and would hang on its own months: only what lay before them counts.

    In April 100 : 130 : 100, as the cap of 130 leaves the quarter's 300; in May 30 : 30 : 100.
    """
    quarter = sla("s-q", {"period": "quarter", "target": "0.9999"},
                  tiers=[{"below": "0.9999", "credit": "0.1"}])  # fmt: skip
    first = {"stacking": "all", "slas": [sla("s-a"), quarter], **CAPPED}

    rows = shared(["2026-04", "2026-05"], first, {})

    assert [[rows[name, f"2026-0{m}"][1] for name in ("s-a", "s-b")] for m in (4, 5)] == [
        ["30.30", "30.30"], ["18.75", "62.50"],
    ]  # fmt: skip
