"""Caps in their order, carve-outs, claims, and rewards, on one contract over several months."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from depgraph.engine.contract_findings import contract_faults
from depgraph.engine.settle import settlement
from depgraph.engine.statement import Settlement
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

NOW = datetime(2027, 1, 1, tzinfo=UTC)


def sla(name: str = "s", **more: Any) -> dict[str, Any]:
    credit = {"tiers": [{"below": "0.999", "credit": "0.1"}], **more.pop("credits", {})}
    return {
        "id": name, "service": "app", "monthly_fee": "1000 EUR",
        "objectives": [{"metric": "availability", "target": "0.999"}], "credits": credit, **more,
    }  # fmt: skip


def estate(
    months: tuple[int, ...], slas: list[dict[str, Any]], claims: list[Any] | None = None, **contract: Any
) -> Estate:  # fmt: skip
    """One supplier whose service is down for an hour on the 10th of each month given."""
    return Estate.model_validate(
        {
            "organizations": [{"id": "C"}, {"id": "V"}],
            "services": [{"id": "app", "provider": "V"}],
            "contracts": [{"id": "k", "supplier": "V", "customer": "C", "slas": slas, **contract}],
            "incidents": [
                {"id": f"i{m}", "affects": "app", "start": f"2026-{m:02}-10T10:00:00Z",
                 "end": f"2026-{m:02}-10T11:00:00Z"}
                for m in months
            ],
            "claims": claims or [],
        }
    )  # fmt: skip


def settled(world: Estate, period: str, as_of: datetime | None = None) -> Settlement:
    return settlement(structure_of(world), period, NOW, as_of)


def owed(answer: Settlement) -> list[str]:
    return [str(row.owed) for row in answer.slas]


def taken(answer: Settlement) -> list[tuple[str, str]]:
    return [(cut.cap, str(cut.amount)) for row in answer.slas for cut in row.credit.capped_out]


def test_the_caps_bite_in_their_order() -> None:
    """Fee 1000, credit 60 %: the period cap leaves 300, the rolling one 250, the annual one 200."""
    schedule = {
        "tiers": [{"below": "0.999", "credit": "0.6"}], "period_cap": "0.3",
        "rolling_cap": {"amount": "250 EUR"},
    }  # fmt: skip
    world = estate(
        (4,), [sla(credits=schedule)], annual_value="10000 EUR", annual_credit_cap="0.02",
        liability_cap={"amount": "150 EUR"},
    )  # fmt: skip
    answer = settled(world, "2026-04")

    assert owed(answer) == ["150.00"]
    assert taken(answer) == [
        ("period_cap", "300.00"), ("rolling_cap", "50.00"),
        ("annual_credit_cap", "50.00"), ("liability_cap", "50.00"),
    ]  # fmt: skip
    assert str(answer.contracts[0].capped_out) == "450.00"


def test_a_finding_on_what_does_not_count_lifts_no_cap() -> None:
    """Gross negligence in maintenance that is excluded: the credit is for the outage of the 10th."""
    capped = {"amount": "50 EUR", "carve_outs": ["gross_negligence"]}
    work = {
        "id": "work", "affects": "app", "cause": "planned_maintenance",
        "start": "2026-04-20T10:00:00Z", "end": "2026-04-20T12:00:00Z",
    }  # fmt: skip
    terms = sla(exclusions=[{"kind": "planned_maintenance"}])
    world = estate((4,), [terms], liability_cap=capped)
    world = world.replace(incidents=[*world.incidents, work])
    [contract] = world.contracts
    found = {"kind": "gross_negligence", "incident": "work", "decided": "2026-04-25"}
    told = world.replace(contracts=[contract.replace(findings=[found])])

    assert owed(settled(told, "2026-04")) == ["50.00"]


def test_a_recorded_finding_lifts_the_liability_cap_and_nothing_else() -> None:
    terms: dict[str, Any] = {
        "liability_cap": {"amount": "50 EUR", "carve_outs": ["gross_negligence"]},
        "findings": [{"kind": "gross_negligence", "incident": "i4", "decided": "2026-06-01"}],
    }
    lifted = settled(estate((4,), [sla()], **terms), "2026-04")
    capped = settled(estate((4,), [sla()], liability_cap=terms["liability_cap"]), "2026-04")

    assert owed(lifted) == ["100.00"]
    assert owed(capped) == ["50.00"]


def test_the_liability_cap_counts_the_contract_year() -> None:
    world = estate((2, 3, 4), [sla()], start="2025-04-01", liability_cap={"amount": "150 EUR"})

    assert owed(settled(world, "2026-02..2026-04")) == ["100.00", "50.00", "100.00"]


def test_one_incident_earns_the_highest_remedy_only() -> None:
    two = [sla("a"), sla("b", credits={"tiers": [{"below": "0.999", "credit": "0.25"}]})]
    once = settled(estate((4,), two), "2026-04")
    both = settled(estate((4,), two, stacking="all"), "2026-04")

    assert owed(once) == ["0.00", "250.00"]
    assert taken(once) == [("stacking", "100.00")]
    assert owed(both) == ["100.00", "250.00"]


@pytest.mark.parametrize(("least", "amount"), [("100 EUR", "0.00"), ("99.99 EUR", "100.00")])
def test_sums_up_to_the_minimum_are_not_issued(least: str, amount: str) -> None:
    assert owed(settled(estate((4,), [sla(credits={"minimum": least})]), "2026-04")) == [amount]


def test_claims_that_nobody_recorded_lapse_when_asked_later() -> None:
    terms = [sla(credits={"claim": {"mode": "by_claim", "within_days": 30}})]
    world = estate((4,), terms)

    open_answer = settled(world, "2026-04")
    assert open_answer.slas[0].claim.status == "claimable"
    assert any("claimed in time" in note for note in open_answer.notes)
    assert owed(settled(world, "2026-04", datetime(2026, 5, 30, tzinfo=UTC))) == ["100.00"]
    late = settled(world, "2026-04", datetime(2026, 5, 31, tzinfo=UTC))
    assert (late.slas[0].claim.status, owed(late)) == ("not_filed", ["0.00"])
    assert str(late.contracts[0].forfeited) == "100.00"


def test_a_claim_in_time_counts_and_one_too_early_does_not() -> None:
    terms = [sla(credits={"claim": {"mode": "by_claim", "within_days": 30, "earliest_days": 5}})]

    def filed(day: str) -> str:
        claims = [{"sla": "s", "period": "2026-04", "filed": day}]
        return settled(estate((4,), terms, claims), "2026-04").slas[0].claim.status

    assert [filed(day) for day in ("2026-05-04", "2026-05-05", "2026-05-30", "2026-05-31")] == [
        "late", "filed", "filed", "late",
    ]  # fmt: skip


def test_a_bonus_is_clawed_back_when_the_target_is_then_missed() -> None:
    bonus = {
        "incentives": [{"at_least": "1", "bonus": "0.05", "clawback_if_breached_within_months": 1}]
    }
    answer = settled(estate((4,), [sla(credits=bonus)], start="2026-02-01"), "2026-02..2026-04")
    entries = [(e.kind, e.period, e.payer, str(e.amount)) for e in answer.ledger]

    assert sorted(entries) == [
        ("clawback", "2026-04", "V", "50.00"), ("credit", "2026-04", "V", "100.00"),
        ("incentive", "2026-02", "C", "50.00"), ("incentive", "2026-03", "C", "50.00"),
    ]  # fmt: skip
    assert answer.net_positions == {"C": {"EUR": Decimal("50.00")}, "V": {"EUR": Decimal("-50.00")}}


def test_a_credit_is_earned_back_by_good_months() -> None:
    terms = [sla(credits={"earn_back": {"months": 2, "at_least": "0.9999"}})]
    good = settled(estate((2,), terms, start="2026-01-01"), "2026-02..2026-04")
    bad = settled(estate((2, 4), terms, start="2026-01-01"), "2026-02..2026-04")

    assert [(e.kind, e.period, str(e.amount)) for e in good.ledger] == [
        ("credit", "2026-02", "100.00"), ("earn_back", "2026-04", "100.00"),
    ]  # fmt: skip
    assert [e.kind for e in bad.ledger] == ["credit", "credit"]
    assert all(amounts["EUR"] == 0 for amounts in good.net_positions.values())


def test_what_comes_after_the_months_asked_for_is_not_booked_yet() -> None:
    """February's credit was earned back by April, whose entry that is; July has no say (K7)."""
    terms = [sla(credits={"earn_back": {"months": 2, "at_least": "0.9999"}})]
    answer = settled(estate((2, 7), terms, start="2026-01-01"), "2026-02")

    assert [(e.kind, e.period, e.state) for e in answer.ledger] == [("credit", "2026-02", "final")]


def test_the_minimum_strikes_before_the_caps_only() -> None:
    """Rule K4: 100 is above the minimum of 60; the period cap leaves 50, which stays owed."""
    terms = sla(credits={"minimum": "60 EUR", "period_cap": "0.05"})

    assert owed(settled(estate((4,), [terms]), "2026-04")) == ["50.00"]


def test_months_of_fee_are_whole_months_in_parts_of_a_period() -> None:
    """Rules K4, K10: a target of its own for half of April does not halve the rolling cap."""
    season = {
        "metric": "availability", "target": "0.999",
        "targets": [{"start": "2026-04-16T00:00:00Z", "end": "2026-05-01T00:00:00Z", "target": "0.9"}],
    }  # fmt: skip
    credit = {
        "tiers": [{"below": "0.999", "credit": "0.8"}],
        "rolling_cap": {"months_of_fee": "0.3"},
    }
    terms = sla(objectives=[season], credits=credit)

    # Half the fee, 500, earns 400; 0.3 of the whole month's 1000 is left of it, not 0.3 of 500.
    assert owed(settled(estate((4,), [terms]), "2026-04")) == ["300.00", "0.00"]


@pytest.mark.parametrize(("period", "asked"), [("quarter", "2026-Q2"), ("year", "2026")])
def test_a_day_of_fee_is_the_same_in_longer_periods(period: str, asked: str) -> None:
    """Rule K2: n days are n × fee / 30, and the fee is a month's."""
    level = {"metric": "availability", "target": "0.99999", "period": period}
    days = {"shape": "day_credits", "tiers": [{"below": "0.99999", "days": 3}]}
    answer = settled(estate((4,), [sla(objectives=[level], credits=days)]), asked)

    assert owed(answer) == ["100.00"]


def test_targets_that_change_within_a_period_are_measured_apart() -> None:
    season = {
        "metric": "availability", "target": "0.999",
        "targets": [{"start": "2026-04-01T00:00:00Z", "end": "2026-04-16T00:00:00Z", "target": "0.99"}],
    }  # fmt: skip
    rows = settled(estate((4,), [sla(objectives=[season])]), "2026-04").slas

    found = [(r.target, r.breached, str(r.credit.base), str(r.owed)) for r in rows]
    assert found == [(0.99, False, "500", "0.00"), (0.999, False, "500", "0.00")]


def test_terms_that_are_replaced_govern_the_period_in_which_it_happens() -> None:
    """Rule L1: the version valid at the start of the period."""
    old = sla("old", valid_to="2026-04-15")
    new = sla("new", valid_from="2026-04-16", supersedes="old", monthly_fee="2000 EUR")
    rows = settled(estate((4, 5), [old, new]), "2026-04..2026-05").slas

    assert [(row.id, row.period, str(row.owed)) for row in rows] == [
        ("old", "2026-04", "100.00"), ("new", "2026-05", "200.00"),
    ]  # fmt: skip


def test_a_share_of_an_unknown_fee_is_a_fault() -> None:
    terms = {**sla(), "monthly_fee": None}

    assert [fault.code for fault in contract_faults(estate((4,), [terms]))] == ["missing-fee"]
    assert contract_faults(estate((4,), [terms], annual_value="12000 EUR")) == ()


def test_steps_show_sums_to_the_unit_of_their_currency() -> None:
    """K4, P9: a thousandth of a dinar is money, and a yen has no hundredths."""

    def steps(fee: str) -> str:
        terms = sla(credits={"period_cap": "0.05"}) | {"monthly_fee": fee}
        return "; ".join(
            step.text for step in settled(estate((4,), [terms]), "2026-04").slas[0].explanation
        )

    dinars, yen = steps("12.345 KWD"), steps("1000 JPY")

    assert "base 12.345 KWD" in dinars
    assert "the period cap takes 0.617 KWD" in dinars
    assert "owes 0.617 KWD" in dinars
    assert "base 1000 JPY" in yen
    assert "the period cap takes 50 JPY" in yen
