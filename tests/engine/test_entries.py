"""Which terms govern which days, and what a level is a share of (rules L1, K2, K3, K10).

Synthetic: one service for 1,000 a month, a tenth of it for a miss; outages of two hours at 10:00.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from depgraph.engine.settle import settlement
from depgraph.engine.statement import SlaStatement
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

NOW = datetime(2030, 1, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


def sla(name: str, *, objective: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    credit = {"tiers": [{"below": "0.999", "credit": "0.1"}], **more.pop("credits", {})}
    return {
        "id": name, "service": "app", "monthly_fee": "1000 EUR", "credits": credit,
        "objectives": [{"metric": "availability", "target": "0.999", **(objective or {})}], **more,
    }  # fmt: skip


def outage(day: str, until: str = "12:00", **more: Any) -> dict[str, Any]:
    return {
        "id": f"i{day}", "affects": "app", "start": f"{day}T10:00:00Z", "end": f"{day}T{until}:00Z",
        **more,
    }  # fmt: skip


def settled(
    slas: list[Any], incidents: list[Any], period: str = "2026-04", **terms: Any
) -> list[SlaStatement]:
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "S"}, {"id": "C"}],
            "services": [{"id": "app", "provider": "S"}],
            "contracts": [{"id": "k", "supplier": "S", "customer": "C", "slas": slas, **terms}],
            "incidents": incidents,
        }
    )
    return list(settlement(structure_of(estate), period, NOW).slas)


def owed(slas: list[Any], incidents: list[Any], period: str = "2026-04") -> dict[str, str]:
    return {r.id: str(r.owed) for r in settled(slas, incidents, period) if r.owed}


@pytest.mark.parametrize(
    ("contract", "terms", "days"),
    [
        ({}, {}, (1, 30)),
        ({"end": "2026-04-15"}, {}, (1, 15)),
        ({"end": "2026-05-15"}, {}, (1, 30)),
        ({}, {"valid_to": "2026-04-20"}, (1, 20)),
        ({"end": "2026-04-15"}, {"valid_to": "2026-04-20"}, (1, 15)),
        ({"end": "2026-04-25"}, {"valid_to": "2026-04-20"}, (1, 20)),
        ({"start": "2026-04-10"}, {"valid_from": "2026-04-05"}, (10, 30)),
        ({"start": "2026-04-02"}, {"valid_from": "2026-04-05"}, (5, 30)),
        ({"end": "2026-03-31"}, {}, None),
        ({}, {"valid_to": "2026-03-31"}, None),
        ({"start": "2026-05-01"}, {}, None),
    ],
)
def test_a_level_is_measured_over_the_days_that_its_terms_hold(
    contract: dict[str, Any], terms: dict[str, Any], days: tuple[int, int] | None
) -> None:
    rows = settled([sla("a", **terms)], [], **contract)

    found = [(row.start.day, (row.end - row.start).days + row.start.day - 1) for row in rows]
    assert found == ([] if days is None else [days])
    assert all(row.credit.base == 1000 for row in rows)


@pytest.mark.parametrize(
    ("last", "first", "april"),
    [("2026-03-31", "2026-04-01", "new"), ("2026-04-01", "2026-04-02", "old"),
     ("2026-04-30", "2026-05-01", "old")],
)  # fmt: skip
def test_the_terms_at_the_start_of_a_period_govern_all_of_it(
    last: str, first: str, april: str
) -> None:
    """L1: also those that are replaced on its second day, and not those replaced on its eve."""
    slas = [sla("old", valid_to=last), sla("new", valid_from=first, supersedes="old")]
    [row] = settled(slas, [])

    assert (row.id, row.start) == (april, APRIL)
    assert row.length_minutes == 43_200


@pytest.mark.parametrize(
    ("last", "first", "days"),
    [
        ("2026-03-31", "2026-04-15", {"new": (15, 30)}),
        ("2026-03-10", "2026-04-30", {"new": (30, 30)}),
        ("2026-04-01", "2026-04-15", {"old": (1, 30)}),
        ("2026-04-10", "2026-04-30", {"old": (1, 30)}),
        ("2026-04-10", "2026-05-01", {"old": (1, 10)}),
        ("2026-04-10", "2026-05-20", {"old": (1, 10)}),
        ("2026-03-10", "2026-05-20", {}),
    ],
)
def test_days_between_two_versions_are_promised_by_neither(
    last: str, first: str, days: dict[str, tuple[int, int]]
) -> None:
    """L1: what begins after a gap counts from there; what nothing follows in April ends with it."""
    slas = [sla("old", valid_to=last), sla("new", valid_from=first, supersedes="old")]
    rows = settled(slas, [])

    assert {
        row.id: (row.start.day, (row.end - row.start).days + row.start.day - 1) for row in rows
    } == days


def test_of_several_versions_that_begin_in_a_period_after_a_gap_the_first_governs() -> None:
    slas = [
        sla("v1", valid_to="2026-03-20"),
        sla("v2", valid_from="2026-04-05", valid_to="2026-04-10", supersedes="v1"),
        sla("v3", valid_from="2026-04-11", valid_to="2026-04-15", supersedes="v2"),
        sla("v4", valid_from="2026-04-16", supersedes="v3"),
    ]
    [row] = settled(slas, [])

    assert (row.id, row.start.day, row.end) == ("v2", 5, datetime(2026, 5, 1, tzinfo=UTC))


def test_an_outage_after_a_gap_is_owed_and_one_in_it_is_not() -> None:
    slas = [
        sla("old", valid_to="2026-04-10"),
        sla("new", valid_from="2026-06-10", supersedes="old"),
    ]

    assert owed(slas, [outage("2026-04-20")]) == {}
    assert owed(slas, [outage("2026-06-05")], "2026-06") == {}
    assert owed(slas, [outage("2026-06-20")], "2026-06") == {"new": "100.00"}


PRECEDING = {"base_period": "preceding"}


@pytest.mark.parametrize(
    ("month", "amount"),
    [("02", "100.00"), ("03", "100.00"), ("04", "200.00"), ("05", "300.00"), ("06", "300.00")],
)
def test_the_fee_of_the_period_before_is_that_of_its_own_terms(month: str, amount: str) -> None:
    """K3: 1,000 to the end of February, 2,000 in March, 3,000 from April."""
    slas = [
        sla("v1", valid_to="2026-02-28", credits=PRECEDING),
        sla("v2", valid_from="2026-03-01", valid_to="2026-03-31", supersedes="v1",
            credits=PRECEDING, monthly_fee="2000 EUR"),
        sla("v3", valid_from="2026-04-01", supersedes="v2", credits=PRECEDING,
            monthly_fee="3000 EUR"),
    ]  # fmt: skip
    found = owed(slas, [outage(f"2026-{month}-10")], f"2026-{month}")

    assert list(found.values()) == [amount]


def test_terms_that_began_within_the_period_before_did_not_govern_it() -> None:
    """K3 with L1: the old terms governed all of March, though replaced on the 10th."""
    slas = [
        sla("old", valid_to="2026-03-09", credits=PRECEDING),
        sla("new", valid_from="2026-03-10", supersedes="old", credits=PRECEDING,
            monthly_fee="2000 EUR"),
    ]  # fmt: skip

    assert owed(slas, [outage("2026-04-10")]) == {"new": "100.00"}
    assert owed(slas, [outage("2026-05-10")], "2026-05") == {"new": "200.00"}


@pytest.mark.parametrize(
    ("last", "first", "amount"),
    [("2026-02-10", "2026-03-10", "200.00"), ("2026-03-05", "2026-03-20", "100.00"),
     ("2026-02-10", "2026-04-10", "200.00")],
)  # fmt: skip
def test_the_fee_before_a_gap_is_that_of_what_held_in_the_period_before(
    last: str, first: str, amount: str
) -> None:
    """K3 with L1: 1,000 until the gap, 2,000 after it; asked in April."""
    slas = [
        sla("old", valid_to=last, credits=PRECEDING),
        sla("new", valid_from=first, supersedes="old", credits=PRECEDING, monthly_fee="2000 EUR"),
    ]

    assert owed(slas, [outage("2026-04-20")]) == {"new": amount}


@pytest.mark.parametrize(
    ("before", "amount"),
    [("2026-03-05", "60.00"), ("2026-03-20", "20.00"), ("2026-02-05", "20.00"), (None, "20.00")],
)
def test_points_multiply_when_any_part_of_the_period_before_was_missed(
    before: str | None, amount: str
) -> None:
    """K2 with K10: the second half of March has a target that two hours do not miss."""
    late = {"start": "2026-03-16T00:00:00Z", "end": "2026-04-01T00:00:00Z", "target": "0.9"}
    points = {"shape": "points", "rate": "0.01", "repeat_multiplier": "3",
              "tiers": [{"below": "0.999", "points": "2"}]}  # fmt: skip
    terms = sla("a", objective={"targets": [late]}, credits=points)
    incidents = [outage(day) for day in (before, "2026-04-10") if day]

    assert owed([terms], incidents) == {"a": amount}


def test_points_of_a_pool_multiply_as_well() -> None:
    """K2: 2 points at 10 % of a fifth of the fee each, three times as many after a miss."""
    pool = {"shape": "pool", "at_risk": "0.2", "rate": "0.1", "repeat_multiplier": "3",
            "tiers": [{"below": "0.999", "points": "2"}]}  # fmt: skip
    terms = sla("a", credits=pool)

    assert owed([terms], [outage("2026-04-10")]) == {"a": "40.00"}
    assert owed([terms], [outage("2026-03-10"), outage("2026-04-10")]) == {"a": "120.00"}


def test_each_incident_has_its_own_minutes_of_downtime_that_counts() -> None:
    """K2: 40 minutes of P1 earn 100, 100 minutes of P2 earn 50; maintenance earns nothing."""
    rows = [
        {"severity": "P1", "over_minutes": 30, "credit": "0.1"},
        {"severity": "P1", "over_minutes": 60, "credit": "0.9"},
        {"severity": "P2", "over_minutes": 90, "credit": "0.05"},
    ]
    incidents = [
        outage("2026-04-10", "10:40", severity="P1"),
        outage("2026-04-11", "11:40", severity="P2"),
        outage("2026-04-12", "13:00", severity="P1", cause="planned_maintenance"),
    ]
    terms = sla(
        "a",
        credits={"shape": "severity_duration", "tiers": rows},
        exclusions=[{"kind": "planned_maintenance"}],
    )

    assert owed([terms], incidents) == {"a": "150.00"}


@pytest.mark.parametrize("beside", [[], [outage("2026-04-10", "10:40", severity="P1")]])
def test_an_incident_that_does_not_count_earns_no_row_of_its_severity(
    beside: list[dict[str, Any]],
) -> None:
    """K2, M3: rows without minutes; 100 for what counts, and nothing for excluded maintenance."""
    work = outage("2026-04-12", "13:00", severity="P1", cause="planned_maintenance")
    terms = sla(
        "a",
        credits={"shape": "severity_duration", "tiers": [{"severity": "P1", "credit": "0.1"}]},
        exclusions=[{"kind": "planned_maintenance"}],
    )

    assert owed([terms], [*beside, work]) == ({"a": "100.00"} if beside else {})


def test_a_target_of_its_own_that_is_just_met_earns_nothing() -> None:
    """K10, M10: 0.9 for the whole of April, and exactly that is measured; the row would pay."""
    whole = {"start": "2026-04-01T00:00:00Z", "end": "2026-05-01T00:00:00Z", "target": "0.9"}
    long = outage("2026-04-10") | {"end": "2026-04-13T10:00:00Z"}
    terms = sla("a", objective={"targets": [whole]})
    [row] = settled([terms], [long])

    assert (row.measured, row.target, row.breached, str(row.owed)) == (0.9, 0.9, False, "0.00")
    usual = sla("a", objective={"target": "0.9"})
    assert owed([usual], [long]) == {"a": "100.00"}


def test_without_a_remedy_a_miss_earns_nothing() -> None:
    [row] = settled([sla("a") | {"credits": None}], [outage("2026-04-10")])

    assert row.breached
    assert not row.credit.raw
    assert not row.owed
