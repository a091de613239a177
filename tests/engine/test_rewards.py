"""Bonuses, clawback and earn-back on one contract over several months (rule K7). All synthetic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from depgraph.engine.statement import Settlement
from depgraph.model.estate import Estate

from .test_caps import estate, settled, sla

BONUSES = [{"at_least": "0.999", "bonus": "0.02"}, {"at_least": "0.9999", "bonus": "0.05"}]


def booked(answer: Settlement) -> list[tuple[str, str, str]]:
    return [(entry.kind, entry.period, str(entry.amount)) for entry in answer.ledger]


def down(world: Estate, *outages: tuple[int, float]) -> Estate:
    """The same estate with outages of so many minutes, on the 10th of a month each."""
    starts = [(datetime(2026, month, 10, tzinfo=UTC), minutes) for month, minutes in outages]
    return world.replace(
        incidents=[
            {"id": f"i{start.month}", "affects": "app", "start": start,
             "end": start + timedelta(minutes=minutes)}
            for start, minutes in starts
        ]
    )  # fmt: skip


@pytest.mark.parametrize("bonuses", [BONUSES, BONUSES[::-1]])
@pytest.mark.parametrize(
    ("minutes", "expected"),
    # April has 43,200 minutes: 4.32 of them are 0.9999 exactly, 43.2 are 0.999; edges included.
    [(0, "50.00"), (4.32, "50.00"), (5, "20.00"), (43.2, "20.00"), (43.3, None)],
)
def test_the_best_bonus_that_was_reached_is_earned(
    bonuses: list[dict[str, str]], minutes: float, expected: str | None
) -> None:
    world = estate((), [sla(credits={"incentives": bonuses})])
    answer = settled(down(world, (4, minutes)) if minutes else world, "2026-04")

    bonus = [] if expected is None else [("incentive", "2026-04", expected)]
    assert [row for row in booked(answer) if row[0] != "credit"] == bonus


@pytest.mark.parametrize(
    ("within", "missed", "expected"),
    [
        (1, 3, [("clawback", "2026-03")]),
        (1, 4, []),
        (2, 4, [("clawback", "2026-04")]),
        (2, 1, []),
        (None, 3, []),
    ],
)
def test_a_bonus_is_clawed_back_within_its_months_only(
    within: int | None, missed: int, expected: list[tuple[str, str]]
) -> None:
    """February's bonus, and a month missed before or after it."""
    terms: dict[str, Any] = {"at_least": "1", "bonus": "0.05"}
    if within is not None:
        terms["clawback_if_breached_within_months"] = within
    others = tuple(month for month in range(1, 6) if month != 2)
    world = estate((missed,), [sla(credits={"incentives": [terms]})], start="2026-01-01")
    # In the other months a minute is lost: no bonus, and no breach.
    world = down(world, *((month, 60 if month == missed else 1) for month in others))
    rows = booked(settled(world, "2026-01..2026-05"))

    assert [row for row in rows if row[0] == "incentive"] == [("incentive", "2026-02", "50.00")]
    assert [row[:2] for row in rows if row[0] == "clawback"] == expected


def test_no_bonus_is_booked_for_a_month_that_is_not_over() -> None:
    world = estate((), [sla(credits={"incentives": BONUSES})], start="2026-03-01")
    answer = settled(world, "2026-03..2026-04", datetime(2026, 4, 15, tzinfo=UTC))

    assert booked(answer) == [("incentive", "2026-03", "50.00")]


@pytest.mark.parametrize(("minutes", "back"), [(43.2, True), (43.21, False)])
def test_a_credit_is_earned_back_at_the_level_itself(minutes: float, back: bool) -> None:
    """0.999 of April is 43.2 minutes lost, which is enough (rules K7, M10)."""
    terms = [sla(credits={"earn_back": {"months": 1, "at_least": "0.999"}})]
    world = down(estate((), terms, start="2026-01-01"), (3, 60), (4, minutes))
    answer = settled(world, "2026-03..2026-05")
    march = [(e.kind, e.period, e.state) for e in answer.ledger][: 2 if back else 1]

    assert march[0] == ("credit", "2026-03", "final")
    assert ("earn_back", "2026-04", "100.00") in booked(answer) or not back
    assert ("earn_back", "2026-04", "100.00") not in booked(answer) or back


def test_a_credit_is_held_until_the_last_of_its_months_is_over() -> None:
    """Of February's two months to do better in, March is over and April is not (rules K7, M1)."""
    terms = [sla(credits={"earn_back": {"months": 2, "at_least": "0.9999"}})]
    world = estate((2,), terms, start="2026-01-01")
    early = settled(world, "2026-02..2026-04", datetime(2026, 4, 15, tzinfo=UTC))

    assert [(e.kind, e.period, e.state) for e in early.ledger] == [("credit", "2026-02", "held")]
    failed = down(world, (2, 60), (3, 10))
    lost = settled(failed, "2026-02..2026-04", datetime(2026, 4, 15, tzinfo=UTC))
    assert [(e.kind, e.state) for e in lost.ledger] == [("credit", "final")]


def test_the_credit_of_a_later_part_of_a_period_is_booked() -> None:
    """Half of April has a lower target, which is met; the other half is missed (rule K10)."""
    season = {
        "metric": "availability", "target": "0.999",
        "targets": [{"start": "2026-04-01T00:00:00Z", "end": "2026-04-08T00:00:00Z", "target": "0.9"}],
    }  # fmt: skip
    answer = settled(estate((4,), [sla(objectives=[season])]), "2026-04")

    assert [row.breached for row in answer.slas] == [False, True]
    assert booked(answer) == [("credit", "2026-04", str(answer.slas[1].owed))]


def test_a_missed_target_earns_no_bonus() -> None:
    """K7: the bonus asks for 0.99, the target is 0.999; 0.9972 is a miss, and 1 is not."""
    world = estate((), [sla(credits={"incentives": [{"at_least": "0.99", "bonus": "0.02"}]})])

    assert booked(settled(down(world, (4, 120)), "2026-04")) == [("credit", "2026-04", "100.00")]
    assert booked(settled(world, "2026-04")) == [("incentive", "2026-04", "20.00")]
