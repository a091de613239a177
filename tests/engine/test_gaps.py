"""Why owed and recovered differ: gap classes, their amounts, and that they add up (rules P6, P8)."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depgraph.engine.credits import rounded
from depgraph.engine.gaps import GapReader
from depgraph.engine.linked_entries import Question
from depgraph.engine.periods import requested
from depgraph.engine.settle import settlement
from depgraph.engine.settlement import Books
from depgraph.engine.statement import ContractStatement, Gap, GapClass, Settlement
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from depgraph.units import minor_unit
from tests.engine import test_settlement_laws as random_chains
from tests.engine.test_settlement import NOW, sla

START = datetime(2026, 5, 10, 10, tzinfo=UTC)
QUARTER = {"objectives": [{"metric": "availability", "target": "0.9995", "period": "quarter"}]}
BY_CLAIM = {"mode": "by_claim", "within_days": 30}


def outage(name: str, service: str, minutes: float, **more: Any) -> dict[str, Any]:
    day = more.pop("day", 10)
    start = START.replace(day=day)
    ends = {"start": start, "end": start + timedelta(minutes=minutes)}
    return {"id": name, "affects": service, "cause": "supplier", **ends, **more}


def answered(
    *, above: dict[str, Any] | None = None, below: dict[str, Any] | None = None,
    held: list[dict[str, Any]] | None = None, customers: str = "C", period: str = "2026-05",
    **world: Any,
) -> Settlement:  # fmt: skip
    """V promises the app to each customer, for 100,000; U promises V the database, for 20,000."""
    base: dict[str, Any] = {
        "organizations": [{"id": name} for name in ("V", "U", *customers)],
        "services": [
            {"id": "app", "provider": "V", "depends_on": ["db"]},
            {"id": "db", "provider": "U"},
        ],
        "contracts": [
            {"id": f"V_{c}", "supplier": "V", "customer": c,
             "slas": [sla(f"V_{c}.app", "app", "100000", "0.9995", **dict(above or {}))]}
            for c in customers
        ],
        "incidents": [outage("x", "db", 70)],
    }  # fmt: skip
    held = held or [sla("U_V.db", "db", "20000", "0.999", **dict(below or {}))]
    estate = {**base, **world}
    estate["contracts"] = [
        *estate["contracts"],
        {"id": "U_V", "supplier": "U", "customer": "V", "slas": held},
    ]
    return settlement(structure_of(Estate.model_validate(estate)), period, NOW)


def contract(answer: Settlement, name: str = "V_C") -> ContractStatement:
    return next(c for c in answer.contracts if c.id == name)


def reasons(answer: Settlement, name: str = "V_C") -> list[tuple[str, str, Decimal]]:
    return [(gap.difference, gap.gap, gap.amount) for gap in contract(answer, name).gaps]


def test_a_month_in_which_nothing_failed_explains_nothing_of_a_quarter() -> None:
    """70 of 131,040 minutes miss the quarter; only May's agreement has to do with it (P8)."""
    gaps = contract(answered(above=QUARTER, period="2026-Q2")).gaps

    assert [(gap.gap, gap.amount) for gap in gaps] == [("AMOUNT", Decimal(28000))]
    assert gaps[0].text == "U_V.db in 2026-05 earns 2000.00 on a base of 20000.00 EUR"


@pytest.mark.parametrize(
    ("below", "claims", "gap"),
    [
        ({"claim": BY_CLAIM}, [{"sla": "U_V.db", "period": "2026-05", "filed": "2026-07-15"}], "CLAIM_FORFEITED"),
        ({"tiers": [{"below": "0.999", "credit": "0.20"}], "period_cap": "0.10"}, [], "CAP"),
    ],
)  # fmt: skip
def test_what_was_lost_below_is_shared_by_those_who_would_have_shared_it(
    below: dict[str, Any], claims: list[Any], gap: GapClass
) -> None:
    """2,000 lost once, behind two promises alike: a thousand each, not two thousand (P6, P8)."""
    answer = answered(below={"credits": below}, claims=claims, customers="CD")

    for name in ("V_C", "V_D"):
        parts = {each.gap: each for each in contract(answer, name).gaps}
        assert parts[gap].amount == 1000
        assert f"1000.00 EUR of it for {name}.app" in parts[gap].text
        assert sum(each.amount for each in parts.values()) == contract(answer, name).absorbed
    alone = {g.gap: g for g in contract(answered(below={"credits": below}, claims=claims)).gaps}
    assert alone[gap].amount == 2000
    assert "of it" not in alone[gap].text


def test_a_claim_on_more_than_the_schedule_leaves_no_larger_shortfall_than_it() -> None:
    """Back to back passes on 2,000 where the schedule alone pays 500; the customer misses 500."""
    upper = sla("V_C.app", "app", "5000", "0.9995", credits={"claim": BY_CLAIM})
    above = {
        "id": "V_C",
        "supplier": "V",
        "customer": "C",
        "pass_through": {"clause": "back_to_back"},
    }
    answer = answered(
        contracts=[{**above, "slas": [upper]}],
        claims=[{"sla": "V_C.app", "period": "2026-05", "filed": "2026-07-15"}],
    )  # fmt: skip
    row = contract(answer)

    assert (row.forfeited, row.shortfall) == (Decimal(2000), Decimal(500))
    assert reasons(answer) == [("shortfall", "CLAIM_FORFEITED", Decimal(500))]


def test_a_member_that_failed_apart_from_the_promise_explains_nothing() -> None:
    """The spare cache was down on another day, nobody promises it, and the app stayed up."""
    answer = answered(
        services=[
            {"id": "app", "provider": "V", "depends_on": [{"at_least": 1, "of": ["one", "two"]}, "db"]},
            {"id": "one", "provider": "U"}, {"id": "two", "provider": "U"}, {"id": "db", "provider": "U"},
        ],
        incidents=[outage("x", "db", 70), outage("y", "one", 500, day=20)],
    )  # fmt: skip

    assert reasons(answer) == [("absorbed", "AMOUNT", Decimal(8000))]


@pytest.mark.parametrize(
    ("excluded", "gap"), [(10, "EXCLUSION"), (4.64, "TARGET"), (4.65, "EXCLUSION"), (2, "TARGET")]
)
def test_excluded_minutes_explain_only_what_they_decide(excluded: float, gap: str) -> None:
    """May lets 44.64 minutes of 44,640 be lost; 40 count, and the rest is the customer's doing."""
    answer = answered(
        below={"exclusions": [{"kind": "customer"}]},
        incidents=[outage("x", "db", 40), outage("y", "db", excluded, cause="customer", day=20)],
    )

    assert reasons(answer) == [("absorbed", gap, Decimal(10000))]


@pytest.mark.parametrize(
    ("terms", "gap"),
    [
        ({"measure": "interval_all_fail", "interval_minutes": 60}, "MEASUREMENT"),
        ({"period": "quarter"}, "WINDOW"),
    ],
)
def test_measure_and_period_explain_what_they_decide_to_the_second(
    terms: dict[str, Any], gap: str
) -> None:
    """44 min 38.4 s of May are 0.999 exactly: met by either measure, in either period (M10)."""
    below = {"objectives": [{"metric": "availability", "target": "0.999", **terms}]}
    for minutes, explained in ((44.64, "TARGET"), (44.65, gap)):
        answer = answered(below=below, incidents=[outage("x", "db", minutes)])
        assert reasons(answer) == [("absorbed", explained, Decimal(10000))]


def test_an_agreement_that_is_missed_and_pays_nothing_is_a_gap_of_amounts() -> None:
    below = {"credits": {"tiers": [{"below": "0.9", "credit": "0.1"}]}}
    [gap] = contract(answered(below=below)).gaps

    assert (gap.gap, gap.amount) == ("AMOUNT", Decimal(10000))
    assert f"was missed (measured {1 - 70 / 44640:.9g} against 0.999)" in gap.text


def test_an_agreement_without_an_availability_is_a_gap_of_targets() -> None:
    silent = {**sla("U_V.db", "db", "20000", "0.999"), "objectives": [], "credits": None}
    [gap] = contract(answered(held=[silent])).gaps

    assert (gap.gap, gap.amount, gap.held) == ("TARGET", Decimal(10000), "U_V.db")
    assert gap.text == "U_V.db promises no availability for db"


@pytest.mark.parametrize(
    ("held", "gap"),
    [
        ({"valid_to": "2026-05-20"}, "AMOUNT"),
        ({"valid_from": "2026-05-05"}, "AMOUNT"),
        ({"valid_to": "2026-04-30"}, "TERM"),
        ({"valid_from": "2026-06-02"}, "TERM"),
    ],
)
def test_an_agreement_in_force_at_either_end_of_the_period_is_no_gap_of_terms(
    held: dict[str, str], gap: str
) -> None:
    assert [name for _, name, _ in reasons(answered(below=held))] == [gap]


def test_own_failures_need_no_reason_below() -> None:
    """Both failed: what V's own 70 minutes cost is no gap between contracts (P3)."""
    own = outage("own", "app", 70, day=20)
    assert reasons(answered(incidents=[own])) == []
    # 140 minutes earn the same tenth as 70: nothing is owed for others alone.
    assert reasons(answered(incidents=[own, outage("x", "db", 70)])) == []


@given(random_chains.worlds(), st.data())
@random_chains.laws
def test_gaps_add_up_to_the_differences(world: dict[str, Any], data: st.DataObject) -> None:
    """Absorbed for others, capped out, and missing to the customer, row by row (rules P7, P8)."""
    world["claims"] = []
    for each in world["contracts"]:
        level = each["slas"][0]
        level["objectives"][0]["period"] = data.draw(st.sampled_from(["month", "quarter"]))
        if data.draw(st.booleans()):
            level["credits"]["claim"] = BY_CLAIM
            world["claims"] += [
                {"sla": level["id"], "period": label, "filed": "2027-01-01"}
                for label in ("2026-01", "2026-02", "2026-03", "2026-Q1")
            ]
    structure = structure_of(Estate.model_validate(world))
    asked = requested("2026-01..2026-06")
    books = Books(Question(structure, structure.estate.incidents, asked, None, random_chains.NOW))
    reader = GapReader(books)
    left: dict[str, Decimal] = defaultdict(Decimal)
    for row in books.rows():
        left[row.entry.sla.id] += row.forfeited
    for row in books.rows():
        unit = minor_unit(row.entry.currency)
        gaps = reader.gaps(row)
        absorbed = max(Decimal(0), row.owed - row.recovered)
        absorbed -= min(absorbed, rounded(row.own, unit, "down"))
        cut = sum((rounded(amount, unit) for _, amount in row.taken), Decimal(0))
        assert all(gap.amount > 0 for gap in gaps)
        assert summed(gaps, "absorbed") == absorbed
        assert summed(gaps, "capped_out") == cut
        assert summed(gaps, "shortfall") == max(Decimal(0), row.would_pay - row.owed)
        for gap in gaps:
            if (gap.difference, gap.gap) == ("absorbed", "CLAIM_FORFEITED"):
                left[str(gap.held)] -= gap.amount
    assert all(amount >= 0 for amount in left.values())


def summed(gaps: tuple[Gap, ...], difference: str) -> Decimal:
    return sum((gap.amount for gap in gaps if gap.difference == difference), Decimal(0))


@pytest.mark.parametrize(
    ("clause", "gap"),
    [("excluded_if_third_party", "EXCLUSION"), ("limited_to_recovered", "AMOUNT")],
)
def test_a_clause_below_that_leaves_nothing_is_named(clause: str, gap: GapClass) -> None:
    """Rule P8: W's power fails, of which W buys nothing back: its schedule pays, its clause not."""
    promise = {"supplier": "V", "customer": "C", "slas": [sla("a", "app", "100000", "0.9995")]}
    below = {"supplier": "W", "customer": "V", "pass_through": {"clause": clause},
             "slas": [sla("b", "db", "20000", "0.999")]}  # fmt: skip
    answer = answered(
        organizations=[{"id": name} for name in ("V", "U", "W", "P", "C")],
        services=[
            {"id": "app", "provider": "V", "depends_on": ["db"]},
            {"id": "db", "provider": "W", "depends_on": ["power"]},
            {"id": "power", "provider": "P"},
            {"id": "other", "provider": "U"},
        ],
        contracts=[{"id": "V_C", **promise}, {"id": "W_V", **below}],
        held=[sla("o", "other", "1", "0.999")],
        incidents=[outage("x", "power", 70)],
    )  # fmt: skip

    [found] = contract(answer).gaps

    assert (found.gap, found.held, found.amount) == (gap, "b", Decimal(10000))
    assert found.text == (
        f"b in 2026-05 would pay 2000.00 EUR by its schedule, of which its clause {clause} leaves "
        "nothing"
    )


@pytest.mark.parametrize(
    ("clause", "paid", "found"),
    [
        # The cap of 1,000 takes half of the schedule's 2,000, and all of that counts.
        ("absorb", "500 EUR", {"CAP": 1000, "AMOUNT": 8000}),
        # 500 come in, which the clause passes on with or without the cap.
        ("limited_to_recovered", "500 EUR", {"AMOUNT": 9500}),
        # Of 1,600 that come in the cap lets 1,000 through.
        ("limited_to_recovered", "1600 EUR", {"CAP": 600, "AMOUNT": 8400}),
        ("back_to_back", "1600 EUR", {"CAP": 600, "AMOUNT": 8400}),
    ],
)
def test_a_cap_below_explains_what_would_have_come_without_it(
    clause: str, paid: str, found: dict[str, int]
) -> None:
    """Rule P8: V owes 10,000 for W's power, and the cap of W's promise is not all that limits."""
    promise = {"supplier": "V", "customer": "C", "slas": [sla("a", "app", "100000", "0.9995")]}
    below = {"supplier": "W", "customer": "V", "pass_through": {"clause": clause},
             "slas": [sla("b", "db", "20000", "0.999", credits={"period_cap": "0.05"})]}  # fmt: skip
    power = {"tiers": [{"below": "0.999", "amount": paid}], "period_cap": None}
    answer = answered(
        organizations=[{"id": name} for name in ("V", "U", "W", "P", "C")],
        services=[
            {"id": "app", "provider": "V", "depends_on": ["db"]},
            {"id": "db", "provider": "W", "depends_on": ["power"]},
            {"id": "power", "provider": "P"},
            {"id": "other", "provider": "U"},
        ],
        contracts=[
            {"id": "V_C", **promise},
            {"id": "W_V", **below},
            {"id": "P_W", "supplier": "P", "customer": "W",
             "slas": [sla("p", "power", "1", "0.999", credits=power)]},
        ],
        held=[sla("o", "other", "1", "0.999")],
        incidents=[outage("x", "power", 70)],
    )  # fmt: skip

    assert {gap.gap: int(gap.amount) for gap in contract(answer).gaps} == found
