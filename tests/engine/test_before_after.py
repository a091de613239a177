"""A second ledger under the estate worked by hand: before → after, on paper (rule W3)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from depgraph.engine.play import Played, played
from depgraph.engine.scenario import edited
from depgraph.engine.scenario_summary import scenario_summary
from depgraph.model.scenario import Scenario
from ingest import require_estate
from sample_data import sample_path

NOW = datetime(2026, 5, 1, tzinfo=UTC)
BY_HAND = require_estate(sample_path("by_hand"))
OUTAGE = {
    "id": "x", "affects": "ledger", "start": "2026-04-10T10:00:00Z", "end": "2026-04-10T10:50:00Z",
    "cause": "supplier",
}  # fmt: skip
SECOND = [
    {"add": {"services": [{"id": "ledger-2", "provider": "ledger-co", "availability": 0.999}]}},
    {
        "replace": {
            "dependencies": [
                {"service": "pay-a", "on": "ledger", "with": {"at_least": 1, "of": ["ledger", "ledger-2"]}}
            ]
        }
    },
]  # fmt: skip


def play(**scenario: Any) -> Played:
    made = Scenario.model_validate({"name": "n", **scenario})
    return played((BY_HAND, edited(BY_HAND, made.edits)), made, NOW)


def test_a_second_ledger_keeps_the_promise_and_saves_the_credit() -> None:
    """pay-a: 0.999 × 0.999 becomes 0.999 × (1 − 0.001²); 10,000 EUR are no longer owed."""
    answer = play(incidents=[OUTAGE], edits=SECOND)
    change = answer.before_after
    assert change is not None
    row = next(row for row in change.availability.changes if row.id == "pay-a")
    assert row.before is not None
    assert row.after is not None
    assert row.before.availability == pytest.approx(0.998001, rel=1e-12)
    assert row.after.availability == pytest.approx(0.999 * (1 - 1e-6), rel=1e-12)
    assert row.single_points_removed == ("ledger",)
    assert change.money is not None
    money = {row.id: row for row in change.money}

    assert money["pay-shop"].owed_before == Decimal("10000.00")
    assert money["pay-shop"].owed_after == Decimal("0.00")
    assert money["pay-shop"].absorbed_before == Decimal("8000.00")
    # The ledger was down all the same: its own contract still pays, to nobody's loss.
    assert "ledger-pay" not in money
    assert change.gaps_before <= change.gaps_after


def test_a_new_service_without_a_contract_is_a_gap_that_comes() -> None:
    change = play(edits=[*SECOND, {"remove": {"contracts": ["ledger-pay"]}}]).before_after
    assert change is not None

    availability = [g for g in change.gaps if g.obligation == "availability"]
    assert {(g.service, g.before, g.after) for g in availability} >= {("ledger", None, "MISSING")}
    assert change.money is None


def test_changes_without_an_outage_owe_nothing_and_say_so() -> None:
    answer = play(edits=SECOND)

    assert answer.answer.services_down == ()
    assert answer.answer.settlement.contracts == ()
    assert "nothing fails" in answer.answer.settlement.notes[0]
    assert answer.before_after is not None
    assert answer.before_after.money is None


def test_what_only_the_changes_add_did_not_fail_before() -> None:
    new = {**OUTAGE, "id": "y", "affects": "ledger-2"}
    answer = play(incidents=[OUTAGE, new], edits=SECOND)

    assert answer.before_after is not None
    assert answer.before_after.money is not None
    # Both ledgers are down: pay-a is down before and after.
    assert all(row.id != "pay-shop" for row in answer.before_after.money)
    assert any("did not fail before" in note for note in answer.notes)


def test_money_is_not_compared_with_faulty_terms() -> None:
    """Terms that leave a gap cannot be settled: only the side that was mended is shown."""
    tiers = [{"below": 0.9995, "at_least": 0.995, "credit": 0.1}]
    broken = edited(
        BY_HAND, [{"replace": {"slas": [{"id": "pay-shop-a", "credits": {"tiers": tiers}}]}}]
    )
    mended = [{"below": 0.9995, "credit": 0.1}]
    scenario = Scenario.model_validate(
        {
            "incidents": [OUTAGE],
            "edits": [{"replace": {"slas": [{"id": "pay-shop-a", "credits": {"tiers": mended}}]}}],
        }
    )
    answer = played((broken, edited(broken, scenario.edits)), scenario, NOW)

    assert answer.before_after is not None
    assert answer.before_after.money is None
    assert "pay-shop had faulty terms" in answer.notes[0]


def test_the_summary_is_that_of_the_answer() -> None:
    own = BY_HAND.own_organizations
    plain = scenario_summary(play(incidents=[OUTAGE]), own)
    changed = scenario_summary(play(incidents=[OUTAGE], edits=SECOND), own)

    assert plain.owed_to_us == {"EUR": Decimal("10000.00")}
    assert plain.absorbed == {"EUR": Decimal("10000.00")}
    assert plain.loss == {"EUR": Decimal("5000.00")}
    assert (plain.services_down, plain.service_minutes_down) == (4, 200)
    assert plain.single_points_of_failure is None
    assert changed.owed_to_us == {}
    assert changed.single_points_of_failure is not None
