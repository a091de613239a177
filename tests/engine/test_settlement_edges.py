"""Edges of settlement: who shares a recovery, caps on what is passed on, sources, claims.

All of it is synthetic; sums are by hand.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from depgraph.engine.settle import settlement
from depgraph.engine.statement import ContractStatement, SlaStatement
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

from .test_caps import estate, settled, sla
from .test_gaps import answered, contract, outage
from .test_settlement import NOW
from .test_settlement import sla as level


def promises(**clauses: dict[str, Any]) -> list[dict[str, Any]]:
    """V promises the app to each customer for 100,000, with that customer's clause."""
    return [
        {"id": f"V_{c}", "supplier": "V", "customer": c, "pass_through": clause,
         "slas": [level(f"V_{c}.app", "app", "100000", "0.9995")]}
        for c, clause in clauses.items()
    ]  # fmt: skip


def sums(row: ContractStatement, *names: str) -> list[str]:
    return [str(getattr(row, name)) for name in names]


def test_who_is_owed_nothing_for_others_has_no_part_of_a_recovery() -> None:
    """Pro rata to what is owed: D's clause excludes third parties, so C's promise has it all (P6)."""
    answer = answered(
        customers="CD",
        contracts=promises(C={"clause": "absorb"}, D={"clause": "excluded_if_third_party"}),
    )

    assert sums(contract(answer), "recovered") == ["2000.00"]
    assert sums(contract(answer, "V_D"), "recovered", "owed", "windfall") == ["0.00"] * 3


def test_own_failures_weigh_in_a_recovery_as_far_as_they_are_owed() -> None:
    """V's own 400 minutes earn D a tenth, 10,000; C is owed a quarter for all 470, 25,000 (P6)."""
    answer = answered(
        customers="CD",
        contracts=promises(C={"clause": "absorb"}, D={"clause": "excluded_if_third_party"}),
        incidents=[outage("x", "db", 70), outage("own", "app", 400, day=20)],
    )

    # Of 2,000: 25/35 and 10/35, by largest remainder.
    assert sums(contract(answer), "owed", "recovered") == ["25000.00", "1428.57"]
    assert sums(contract(answer, "V_D"), "owed", "recovered") == ["10000.00", "571.43"]


@pytest.mark.parametrize(
    ("cap", "owed", "windfall"),
    [("5", "2000.00", "0.00"), ("0.3", "1500.00", "500.00"), ("0.05", "250.00", "1750.00")],
)
def test_what_is_passed_on_back_to_back_stays_within_the_caps(
    cap: str, owed: str, windfall: str
) -> None:
    """2,000 recovered where a tenth of 5,000 is scheduled; caps bind what is owed (K4, P4)."""
    upper = level("V_C.app", "app", "5000", "0.9995", credits={"period_cap": cap})
    terms = {
        "id": "V_C",
        "supplier": "V",
        "customer": "C",
        "pass_through": {"clause": "back_to_back"},
    }
    answer = answered(contracts=[{**terms, "slas": [upper]}])  # fmt: skip
    row = contract(answer)

    assert sums(row, "owed", "windfall", "shortfall", "absorbed") == [
        owed,
        windfall,
        "0.00",
        "0.00",
    ]
    [statement] = [each for each in answer.slas if each.id == "V_C.app"]
    assert str(statement.shortfall) == "0.00"


def test_a_sum_that_does_not_count_leaves_the_others_to_be_recovered() -> None:
    """The first of two suppliers pays in dollars without a rate, the second in euros (P9)."""
    services = [
        {"id": "app", "provider": "V", "depends_on": ["cdn", "db"]},
        {"id": "cdn", "provider": "U"}, {"id": "db", "provider": "U"},
    ]  # fmt: skip
    dollars = {**level("U_V.cdn", "cdn", "20000", "0.999"), "monthly_fee": "20000 USD"}
    for held in (
        [dollars, level("U_V.db", "db", "20000", "0.999")],
        [level("U_V.db", "db", "20000", "0.999"), dollars],
    ):
        outages = [outage("x", "cdn", 70), outage("y", "db", 70, day=12)]
        answer = answered(services=services, held=held, incidents=outages)
        found = sums(contract(answer), "owed", "recovered", "absorbed")
        assert found == ["10000.00", "2000.00", "8000.00"]


@pytest.mark.parametrize(("day", "status"), [(14, "claimable"), (15, "filed"), (31, "filed")])
def test_a_claim_is_known_from_the_day_on_which_it_was_filed(day: int, status: str) -> None:
    """Rules K8, M1: filed on 15 May; asked the day before, nobody has filed it yet."""
    terms = [sla(credits={"claim": {"mode": "by_claim", "within_days": 30}})]
    claims = [{"sla": "s", "period": "2026-04", "filed": "2026-05-15"}]
    answer = settled(estate((4,), terms, claims), "2026-04", datetime(2026, 5, day, 12, tzinfo=UTC))

    assert answer.slas[0].claim.status == status
    assert str(answer.slas[0].owed) == "100.00"


def sourced(*figures: tuple[str, str], record: str = "") -> SlaStatement:
    """April's level, with availabilities stated by sources."""
    objective = {"metric": "availability", "target": "0.999"}
    if record:
        objective["source_of_record"] = record
    world = estate((), [sla(objectives=[objective])])
    rows = [
        {"service": "app", "source": source, "availability": share,
         "start": "2026-04-01T00:00:00Z", "end": "2026-05-01T00:00:00Z"}
        for source, share in figures
    ]  # fmt: skip
    data = {**world.model_dump(mode="json", by_alias=True, exclude_none=True), "measurements": rows}
    return settlement(structure_of(Estate.model_validate(data)), "2026-04", NOW).slas[0]


def test_sources_are_told_apart_with_their_minutes_and_discrepancy() -> None:
    """Of April's 43,200 minutes 0.99 loses 432 and 0.995 loses 216 (rule M11)."""
    row = sourced(("probe", "0.99"), ("vendor", "0.995"), record="vendor")
    found = {s.source: (s.measured, s.counted_minutes, s.decides) for s in row.sources}

    assert found == {"probe": (0.99, 432.0, False), "vendor": (0.995, 216.0, True)}
    assert row.discrepancy_minutes == 216.0
    assert row.counted_minutes == 216.0
    assert str(row.owed) == "100.00"
