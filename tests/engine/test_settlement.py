"""Settlement: worked examples D01 to D09 and E01, clauses, caps, rings, laws."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from depgraph.engine.settle import settlement
from depgraph.engine.statement import ContractStatement, Settlement
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

START = datetime(2026, 4, 10, 10, tzinfo=UTC)
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def sla(name: str, service: str, fee: str, target: str, **more: Any) -> dict[str, Any]:
    """SLA with the ladder 10/25/100 at target, 99.0 and 95."""
    tiers = [
        {"below": target, "credit": "0.10"},
        {"below": "0.99", "credit": "0.25"},
        {"below": "0.95", "credit": "1"},
    ]
    credit = {"tiers": tiers, "period_cap": "1", **more.pop("credits", {})}
    return {
        "id": name, "service": service, "monthly_fee": f"{fee} EUR",
        "objectives": [{"metric": "availability", "target": target}],
        "credits": credit, **more,
    }  # fmt: skip


def chain(
    minutes: float, *, above: dict[str, Any] | None = None, below: dict[str, Any] | None = None,
    clause: dict[str, Any] | None = None, claims: list[dict[str, Any]] | None = None,
) -> Settlement:  # fmt: skip
    """C holds a promise of V, whose service rests on one of U; U's service fails."""
    upper = {"credits": {"period_cap": "0.3"}, **(above or {})}
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "C", "own": True}, {"id": "V"}, {"id": "U"}],
            "services": [
                {"id": "app", "provider": "V", "depends_on": ["db"]},
                {"id": "db", "provider": "U"},
            ],
            "contracts": [
                {"id": "V_C", "supplier": "V", "customer": "C", "pass_through": clause or {"clause": "absorb"},
                 "slas": [sla("V_C.app", "app", "100000", "0.9995", **upper)]},
                {"id": "U_V", "supplier": "U", "customer": "V",
                 "slas": [sla("U_V.db", "db", "20000", "0.999", **(below or {}))]},
            ],
            "incidents": [{"id": "x", "affects": "db", "start": START,
                           "end": START + timedelta(minutes=minutes), "cause": "supplier"}],
            "claims": claims or [],
        }
    )  # fmt: skip
    return settlement(structure_of(estate), "2026-04", NOW)


def upper(answer: Settlement) -> ContractStatement:
    return next(c for c in answer.contracts if c.id == "V_C")


def gaps(contract: ContractStatement) -> dict[tuple[str, str], Decimal]:
    return {(gap.difference, gap.gap): gap.amount for gap in contract.gaps}


@pytest.mark.parametrize(
    ("case", "minutes", "measured", "owed", "capped_out", "recovered", "absorbed", "explained"),
    [
        ("D01", 40, 99.907407, "10000.00", "0.00", "0.00", "10000.00", "TARGET"),
        ("D02", 50, 99.884259, "10000.00", "0.00", "2000.00", "8000.00", "AMOUNT"),
        ("D03", 500, 98.842593, "25000.00", "0.00", "5000.00", "20000.00", "AMOUNT"),
        ("D04", 2500, 94.212963, "30000.00", "70000.00", "20000.00", "10000.00", "AMOUNT"),
    ],
)  # fmt: skip
def test_chain_of_two(
    case: str, minutes: int, measured: float, owed: str, capped_out: str, recovered: str,
    absorbed: str, explained: str,
) -> None:  # fmt: skip
    answer = chain(minutes)
    contract = upper(answer)

    assert round(answer.slas[0].measured * 100, 6) == measured, case
    found = (contract.owed, contract.capped_out, contract.recovered, contract.absorbed)
    assert [str(value) for value in found] == [owed, capped_out, recovered, absorbed]
    assert gaps(contract)["absorbed", explained] == Decimal(absorbed)
    if case == "D04":
        assert gaps(contract)["capped_out", "CAP"] == Decimal(70000)


def test_d05_limited_to_recovered() -> None:
    contract = upper(chain(50, clause={"clause": "limited_to_recovered", "share": "1"}))

    assert str(contract.owed) == "2000.00"
    assert str(contract.absorbed) == "0.00"
    assert str(contract.shortfall) == "8000.00"


def test_d07_third_party_exclusion_is_a_windfall() -> None:
    contract = upper(chain(50, above={"exclusions": [{"kind": "third_party"}]}))

    assert str(contract.owed) == "0.00"
    assert str(contract.recovered) == "2000.00"
    assert str(contract.windfall) == "2000.00"
    assert str(contract.shortfall) == "10000.00"
    assert gaps(contract)["shortfall", "EXCLUSION"] == 10000


def test_d08_a_late_claim_is_forfeited() -> None:
    claim = {"credits": {"claim": {"mode": "by_claim", "within_days": 30}}}
    late = [{"sla": "U_V.db", "period": "2026-04", "filed": "2026-06-15"}]
    answer = chain(50, below=claim, claims=late)
    contract = upper(answer)

    assert str(contract.owed) == "10000.00"
    assert str(contract.recovered) == "0.00"
    assert str(contract.forfeited) == "2000.00"
    assert str(contract.absorbed) == "10000.00"
    assert gaps(contract)["absorbed", "CLAIM_FORFEITED"] == 2000
    assert gaps(contract)["absorbed", "AMOUNT"] == 8000


def test_d09_three_hops_sum_to_zero() -> None:
    estate = Estate.model_validate(
        {
            "organizations": [{"id": name} for name in "CVRU"],
            "services": [
                {"id": "v", "provider": "V", "depends_on": ["r"]},
                {"id": "r", "provider": "R", "depends_on": ["u"]},
                {"id": "u", "provider": "U"},
            ],
            "contracts": [
                {"id": "C<-V", "supplier": "V", "customer": "C", "slas": [sla("1", "v", "100000", "0.9995")]},
                {"id": "V<-R", "supplier": "R", "customer": "V", "slas": [sla("2", "r", "40000", "0.999")]},
                {"id": "R<-U", "supplier": "U", "customer": "R", "slas": [sla("3", "u", "10000", "0.999")]},
            ],
            "incidents": [{"id": "x", "affects": "u", "start": START, "end": START + timedelta(minutes=50)}],
        }
    )  # fmt: skip
    answer = settlement(structure_of(estate), "2026-04", NOW)

    assert [str(c.owed) for c in answer.contracts] == ["10000.00", "4000.00", "1000.00"]
    assert {o: str(m["EUR"]) for o, m in answer.net_positions.items()} == {
        "C": "10000.00", "R": "-3000.00", "U": "-1000.00", "V": "-6000.00",
    }  # fmt: skip


def test_e01_amounts_are_rounded_once_half_up() -> None:
    for rounding, amount in (("half_up", "123.43"), ("half_even", "123.42")):
        below = {"credits": {"rounding": rounding}, "monthly_fee": "1234.25 EUR"}
        answer = chain(50, below=below)
        assert str(answer.slas[1].credit.amount) == amount


@pytest.mark.parametrize(
    ("clause", "owed", "shortfall"),
    [
        ({"clause": "absorb"}, "10000.00", "0.00"),
        ({"clause": "back_to_back"}, "2000.00", "8000.00"),
        ({"clause": "limited_to_recovered", "share": "0.5"}, "1000.00", "9000.00"),
        ({"clause": "share", "share": "0.4"}, "4000.00", "6000.00"),
        ({"clause": "excluded_if_third_party"}, "0.00", "10000.00"),
    ],
)
def test_every_clause(clause: dict[str, Any], owed: str, shortfall: str) -> None:
    contract = upper(chain(50, clause=clause))

    assert (str(contract.owed), str(contract.shortfall)) == (owed, shortfall)
    assert contract.owed - contract.recovered == contract.absorbed - contract.windfall


def test_gaps_explain_all_that_is_absorbed() -> None:
    for minutes in (30, 40, 50, 500, 2500):
        contract = upper(chain(minutes))
        explained = sum(g.amount for g in contract.gaps if g.difference == "absorbed")
        assert explained == contract.absorbed


@pytest.mark.parametrize(
    ("below", "explained"),
    [
        ({"exclusions": [{"kind": "customer"}, {"kind": "suspension", "start": "2026-04-10", "end": "2026-04-10"}]}, "EXCLUSION"),
        ({"objectives": [{"metric": "availability", "target": "0.999", "measure": "interval_all_fail", "interval_minutes": 60}]}, "MEASUREMENT"),
        ({"objectives": [{"metric": "availability", "target": "0.999", "period": "quarter"}]}, "WINDOW"),
        ({"valid_to": "2026-03-31"}, "TERM"),
        ({"credits": {"period_cap": "0.05"}}, "CAP"),
        ({"monthly_fee": "20000 USD"}, "CURRENCY"),
    ],
)  # fmt: skip
def test_gap_classes(below: dict[str, Any], explained: str) -> None:
    contract = upper(chain(50, below=below))

    assert ("absorbed", explained) in gaps(contract)


def test_without_an_agreement_below_the_gap_is_no_contract() -> None:
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "C"}, {"id": "V"}, {"id": "U"}],
            "services": [{"id": "app", "provider": "V", "depends_on": ["db"]}, {"id": "db", "provider": "U"}],
            "contracts": [{"id": "V_C", "supplier": "V", "customer": "C", "slas": [sla("1", "app", "1000", "0.9995")]}],
            "incidents": [{"id": "x", "affects": "db", "start": START, "end": START + timedelta(minutes=50)}],
        }
    )  # fmt: skip
    contract = settlement(structure_of(estate), "2026-04", NOW).contracts[0]

    assert gaps(contract) == {("absorbed", "NO_CONTRACT"): Decimal(100)}


@pytest.mark.parametrize(
    ("on", "owed", "recovered"),
    [("net", "750.00", "750.00"), ("host", "750.00", "750.00"), ("other", "0.00", "0.00")],
)
def test_what_is_held_further_down_is_recovered_where_nothing_nearer_is_held(
    on: str, owed: str, recovered: str
) -> None:
    """By hand: 60 minutes of April are 0.139 %. The promise (99.9 %) would pay 5 % of 40,000.

    The held level (99.95 %, below 99.9 % 30 % of 3,000, at most a quarter) pays 750, whether it is
    on what the promise requires or on what that requires; and the clause passes on no more.
    """
    promise = {
        **sla("promise", "shop", "40000", "0.999"),
        "credits": {"tiers": [{"below": 0.999, "credit": 0.05}]},
    }
    held = {
        **sla("held", on, "3000", "0.9995"),
        "credits": {"tiers": [{"below": 0.999, "credit": 0.3}], "period_cap": 0.25},
    }
    services = [
        {"id": "shop", "provider": "V", "depends_on": ["host"]},
        {"id": "host", "provider": "U", "depends_on": ["net"]},
        {"id": "net", "provider": "U"},
        {"id": "other", "provider": "U", "depends_on": ["net"]},
    ]
    contracts = [
        {"id": "V_C", "supplier": "V", "customer": "C", "slas": [promise],
         "pass_through": {"clause": "limited_to_recovered"}},
        {"id": "U_V", "supplier": "U", "customer": "V", "slas": [held]},
    ]  # fmt: skip
    end = START + timedelta(minutes=60)
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "C"}, {"id": "V"}, {"id": "U"}],
            "services": services,
            "contracts": contracts,
            "incidents": [{"id": "x", "affects": "net", "start": START, "end": end}],
        }
    )
    contract = upper(settlement(structure_of(estate), "2026-04", NOW))

    assert (str(contract.owed), str(contract.recovered)) == (owed, recovered)
    assert str(contract.absorbed) == "0.00"
    assert contract.shortfall == 2000 - contract.owed


def beside_a_nearer_one(
    terms: dict[str, str] | None, period: str = "month", claim: dict[str, Any] | None = None
) -> ContractStatement:
    """V promises shop (10 % of 1,000), which needs host, which needs net; net fails for an hour.

    V holds an SLA on net (30 % of 100) and, where terms are given, one on host (10 % of 50).
    """
    contracts: list[dict[str, Any]] = [
        {"id": "V_C", "supplier": "V", "customer": "C", "slas": [sla("promise", "shop", "1000", "0.999")]},
        {"id": "U_V", "supplier": "U", "customer": "V",
         "slas": [sla("further", "net", "100", "0.999", credits={
             "tiers": [{"below": "0.999", "credit": "0.3"}], "claim": claim or {}})]},
    ]  # fmt: skip
    promise = contracts[0]["slas"][0]
    promise["objectives"] = [{"metric": "availability", "target": "0.999", "period": period}]
    promise["credits"]["tiers"] = [{"below": "0.99999", "credit": "0.10"}]
    if terms is not None:
        nearer = sla("nearer", "host", "50", "0.999")
        contracts.append(
            {"id": "U_V2", "supplier": "U", "customer": "V", "slas": [nearer], **terms}
        )
    estate = Estate.model_validate(
        {
            "organizations": [{"id": name} for name in "CVU"],
            "services": [
                {"id": "shop", "provider": "V", "depends_on": ["host"]},
                {"id": "host", "provider": "U", "depends_on": ["net"]},
                {"id": "net", "provider": "U"},
            ],
            "contracts": contracts,
            "incidents": [{"id": "x", "affects": "net", "start": START,
                           "end": START + timedelta(minutes=60)}],
        }
    )  # fmt: skip
    asked = "2026-04" if period == "month" else "2026"
    as_of = datetime(2027, 2, 1, tzinfo=UTC)
    return upper(settlement(structure_of(estate), asked, as_of, as_of))


@pytest.mark.parametrize(
    ("terms", "period", "recovered"),
    [
        ({}, "month", "5.00"),
        ({"end": "2026-03-31"}, "month", "30.00"),
        ({"start": "2026-05-01"}, "month", "30.00"),
        ({"end": "2026-04-20"}, "month", "5.00"),
        ({"end": "2026-03-31"}, "year", "30.00"),
        ({"start": "2026-05-01"}, "year", "30.00"),
    ],
)
def test_an_agreement_that_is_not_in_force_keeps_nothing_from_what_is_held_further_down(
    terms: dict[str, str], period: str, recovered: str
) -> None:
    """By hand: the hour is 0.139 % of April. Host pays 10 % of 50, or net 30 % of 100.

    In a year the months of net count in which host is not held.
    """
    contract = beside_a_nearer_one(terms, period)

    assert str(contract.recovered) == recovered
    assert contract.absorbed == contract.owed - contract.recovered > 0


def test_what_was_lost_further_down_is_a_gap_of_its_own() -> None:
    """By hand: 100 are owed; 30 would have come from net, had it been claimed."""
    by_claim = {"mode": "by_claim", "within_days": 5}

    assert gaps(beside_a_nearer_one(None, claim=by_claim)) == {
        ("absorbed", "CLAIM_FORFEITED"): Decimal(30),
        ("absorbed", "NO_CONTRACT"): Decimal(70),
    }
    assert gaps(beside_a_nearer_one({"end": "2026-03-31"}, claim=by_claim)) == {
        ("absorbed", "CLAIM_FORFEITED"): Decimal(30),
        ("absorbed", "TERM"): Decimal(70),
    }


def test_what_begins_on_the_day_after_a_period_is_not_in_force_in_it() -> None:
    """The gap is one of terms, not of an agreement that promises no availability."""
    contract = beside_a_nearer_one({"start": "2026-05-01"})

    assert gaps(contract) == {("absorbed", "TERM"): Decimal(70)}


def test_a_redundant_member_that_is_down_is_nobodys_breach() -> None:
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "C"}, {"id": "V"}, {"id": "U"}],
            "services": [
                {"id": "app", "provider": "V", "depends_on": [{"at_least": 1, "of": ["db", "db2"]}]},
                {"id": "db", "provider": "U"}, {"id": "db2", "provider": "U"},
            ],
            "contracts": [{"id": "V_C", "supplier": "V", "customer": "C", "slas": [sla("1", "app", "1000", "0.9995")]}],
            "incidents": [{"id": "x", "affects": "db", "start": START, "end": START + timedelta(minutes=50)}],
        }
    )  # fmt: skip
    answer = settlement(structure_of(estate), "2026-04", NOW)

    assert not answer.slas[0].breached
    assert answer.contracts[0].owed == 0


def test_a_ring_of_limited_clauses_takes_the_least_fixed_point() -> None:
    """Each passes on only what it recovers; what U pays goes round no more than once."""
    ring = [
        {"id": "A_B", "supplier": "A", "customer": "B", "pass_through": {"clause": "limited_to_recovered"},
         "slas": [sla("ab", "a", "1000", "0.999")]},
        {"id": "B_A", "supplier": "B", "customer": "A", "pass_through": {"clause": "limited_to_recovered"},
         "slas": [sla("ba", "b", "1000", "0.999")]},
    ]  # fmt: skip
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "A"}, {"id": "B"}, {"id": "U"}],
            "services": [
                {"id": "a", "provider": "A", "depends_on": ["b", "u"]},
                {"id": "b", "provider": "B", "depends_on": ["a"]},
                {"id": "u", "provider": "U"},
            ],
            "contracts": [*ring, {"id": "U_A", "supplier": "U", "customer": "A", "slas": [sla("ua", "u", "300", "0.999")]}],
            "incidents": [{"id": "x", "affects": "u", "start": START, "end": START + timedelta(minutes=50)}],
        }
    )  # fmt: skip
    answer = settlement(structure_of(estate), "2026-04", NOW)
    owed = {contract.id: contract.owed for contract in answer.contracts}

    assert owed["U_A"] == 30
    assert owed["A_B"] <= 100
    assert owed["B_A"] <= 100
    again = {c.id: c for c in answer.contracts}
    assert again["A_B"].owed == min(Decimal(100), again["A_B"].recovered)
    assert again["B_A"].owed == min(Decimal(100), again["B_A"].recovered)


def test_the_rolling_cap_looks_back_twelve_months() -> None:
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "C"}, {"id": "V"}],
            "services": [{"id": "app", "provider": "V"}],
            "contracts": [{"id": "k", "supplier": "V", "customer": "C", "slas": [
                sla("1", "app", "1000", "0.999", credits={"rolling_cap": {"amount": "150 EUR"}})]}],
            "incidents": [
                {"id": str(month), "affects": "app", "start": f"2026-{month:02}-10T10:00:00Z", "end": f"2026-{month:02}-10T11:00:00Z"}
                for month in (1, 2, 3)
            ],
        }
    )  # fmt: skip
    answer = settlement(structure_of(estate), "2026-01..2026-03", NOW)

    assert [str(row.owed) for row in answer.slas] == ["100.00", "50.00", "0.00"]
    single = settlement(structure_of(estate), "2026-02", NOW)
    assert [str(row.owed) for row in single.slas] == ["50.00"]


def test_every_owed_sum_explains_itself() -> None:
    row = chain(50).slas[0]
    rules = [step.rule for step in row.explanation]

    assert rules == sorted(
        rules, key=["M2", "P3", "M3", "M5", "M10", "K2", "K4", "P6", "P4", "K8", "P7"].index
    )
    assert "10000.00 EUR" in row.explanation[-1].text


def spread(
    recovered: str, *above: dict[str, Any], own_minutes: int = 0
) -> dict[str, ContractStatement]:
    """V's promises rest on what U pays for; synthetic. Each names its clause and its fees.

    A fee of 1,000 EUR is owed 100 EUR by schedule. The day after, V itself fails for some minutes.
    """
    promises = [
        {
            "id": f"V-{place}", "supplier": "V", "customer": f"C{place}",
            "pass_through": terms["clause"],
            "slas": [
                sla(f"a{place}-{n}", "app", fee, "0.9995", **terms.get("more", {}))
                for n, fee in enumerate(terms["fees"])
            ],
        }
        for place, terms in enumerate(above)
    ]  # fmt: skip
    held = sla("db", "db", "1", "0.999", credits={"tiers": [{"below": "0.999", "amount": recovered}],
                                                  "period_cap": None})  # fmt: skip
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "V"}, {"id": "U"}, {"id": "C0"}, {"id": "C1"}],
            "services": [
                {"id": "app", "provider": "V", "depends_on": ["db"]},
                {"id": "db", "provider": "U"},
            ],
            "contracts": [
                *promises,
                {"id": "U-V", "supplier": "U", "customer": "V", "slas": [held]},
            ],
            "incidents": [
                {"id": name, "affects": affects, "start": start,
                 "end": start + timedelta(minutes=minutes), "cause": "supplier"}
                for name, affects, start, minutes in (
                    ("x", "db", START, 120), ("y", "app", START + timedelta(days=1), own_minutes)
                ) if minutes
            ],
        }
    )  # fmt: skip
    return {each.id: each for each in settlement(structure_of(estate), "2026-04", NOW).contracts}


def test_what_gives_way_to_a_higher_remedy_takes_no_part_of_a_recovery() -> None:
    """Rules K4 and P6: only 100 is owed, so all of the 100 recovered is for it.

    The level of 600 owes nothing; with a part by its own schedule 37.50 were said to be absorbed.
    """
    found = spread(
        "100 EUR", {"clause": {"clause": "limited_to_recovered"}, "fees": ["1000", "600"]}
    )
    above = found["V-0"]

    sums = above.owed, above.recovered, above.absorbed, above.windfall
    assert [int(each) for each in sums] == [100, 100, 0, 0]


def test_a_recovery_is_spread_by_what_a_share_clause_owes() -> None:
    """Rule P6: 100 and half of 100 are owed, whatever comes in; 150 covers both."""
    found = spread(
        "150 EUR",
        {"clause": {"clause": "absorb"}, "fees": ["1000"]},
        {"clause": {"clause": "share", "share": "0.5"}, "fees": ["1000"]},
    )

    for name, owed in (("V-0", 100), ("V-1", 50)):
        above = found[name]
        sums = above.owed, above.recovered, above.absorbed, above.windfall
        assert [int(each) for each in sums] == [owed, owed, 0, 0]


def test_own_failures_too_small_to_be_issued_take_no_part_of_a_recovery() -> None:
    """Rules K4 and P6: without third parties 100 EUR are left, which are not issued."""
    more = {"credits": {"minimum": "100 EUR", "tiers": [{"below": "1", "amount": "100 EUR"},
                                                        {"below": "0.998", "amount": "200 EUR"}]}}  # fmt: skip
    found = spread(
        "90 EUR",
        {"clause": {"clause": "absorb"}, "fees": ["1000"]},
        {"clause": {"clause": "excluded_if_third_party"}, "fees": ["1000"], "more": more},
        own_minutes=1,
    )

    assert found["V-1"].owed == 0
    assert [found[name].recovered for name in ("V-0", "V-1")] == [90, 0]


@pytest.mark.parametrize(
    ("own_minutes", "recovered", "owed", "cut"),
    [
        (0, "250 EUR", "250.00", "0.00"),  # within the cap of 300
        (0, "1000 EUR", "300.00", "700.00"),
        # Fifty hours of its own are 1,000 by the schedule; caps take that part and what is passed on.
        (3000, "250 EUR", "300.00", "950.00"),
    ],
)
def test_caps_take_from_what_is_passed_back_to_back(
    own_minutes: int, recovered: str, owed: str, cut: str
) -> None:
    """Rule K4: without the cap the customer would get the supplier's own part and what comes in."""
    terms = {"clause": {"clause": "back_to_back"}, "fees": ["1000"],
             "more": {"credits": {"period_cap": "0.3"}}}  # fmt: skip
    above = spread(recovered, terms, own_minutes=own_minutes)["V-0"]

    assert (str(above.owed), str(above.capped_out)) == (owed, cut)
    found = sum((g.amount for g in above.gaps if g.difference == "capped_out"), Decimal(0))
    assert found == above.capped_out
