"""The most that remedies can pay is never passed, to the last unit (rules K2 to K4, K6)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depgraph.engine.proportionality import proportionality
from depgraph.engine.remedy_limits import Proportionality
from depgraph.engine.settle import settlement
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

NOW = datetime(2028, 1, 1, tzinfo=UTC)
CURRENCIES = ("JPY", "EUR", "KWD")
"""No minor unit, hundredths, thousandths."""
PLACES = ("r1", "r2", "r3")


def world(
    currency: str, levels: list[dict[str, Any]], incidents: list[dict[str, Any]], **terms: Any
) -> Estate:
    """One contract from January 2026 over a service in three places; synthetic."""
    group = {"at_least": 1, "of": list(PLACES)}
    return Estate.model_validate(
        {
            "organizations": [{"id": "S"}, {"id": "C", "own": True}],
            "locations": [{"id": place} for place in PLACES],
            "services": [{"id": "svc", "provider": "S", "located_in": [group]}],
            "contracts": [
                {"id": "k", "supplier": "S", "customer": "C", "start": "2026-01-01",
                 "currency": currency, "slas": levels, **terms},
            ],
            "incidents": incidents,
        }
    )  # fmt: skip


def level(name: str, credits_: dict[str, Any], fee: str, **objective: Any) -> dict[str, Any]:
    return {
        "id": name, "service": "svc", "monthly_fee": fee, "credits": credits_,
        "objectives": [{"metric": "availability", "target": "0.999", **objective}],
    }  # fmt: skip


def most(estate: Estate) -> Proportionality:
    [row] = proportionality(estate)
    return row


def paid(estate: Estate) -> dict[str, Decimal]:
    """Owed by month of 2026 in which a period closes, and in the year."""
    found = {"year": Decimal(0)}
    for row in settlement(structure_of(estate), "2026", NOW).slas:
        found[row.period] = found.get(row.period, Decimal(0)) + row.owed
        found["year"] += row.owed
    return found


def down(start: str, end: str, **more: Any) -> dict[str, Any]:
    return {"id": f"i{start}{more}", "affects": "svc", "start": start, "end": end, **more}


ALL_YEAR = [down("2026-01-01T00:00:00Z", "2027-01-02T00:00:00Z")]
TENTH = {"tiers": [{"below": "0.999", "credit": "0.1"}]}
HALF_PAID = {**TENTH, "period_cap": "0.05"}


def test_each_region_is_rounded_for_itself() -> None:
    """Fee 15, a tenth, three regions: 0.5 each is 1 in yen: 3 a month and 36 a year, not 1.5."""
    estate = world("JPY", [level("a", TENTH, "15 JPY", regions="each")], ALL_YEAR)

    row = most(estate)

    assert (str(row.most_per_month), str(row.most_per_year)) == ("3", "36")
    assert [paid(estate)[each] for each in ("2026-03", "year")] == [3, 36]


def test_each_level_and_month_is_rounded_for_itself() -> None:
    """Two levels that owe 0.5 yen a month each: 1 and 1, 24 a year; together unrounded 12."""
    levels = [level(name, TENTH, "5 JPY") for name in "ab"]
    estate = world("JPY", levels, ALL_YEAR, stacking="all")

    row = most(estate)

    assert (str(row.most_per_month), str(row.most_per_year)) == ("2", "24")
    assert paid(estate)["year"] == 24


def test_what_is_rounded_down_is_less_over_the_year() -> None:
    """A third of 1 dinar is 0.333 each month: 3.996 a year, where 12 thirds are 4."""
    third = {"tiers": [{"below": "0.999", "credit": "0.333333333"}], "rounding": "down"}
    estate = world("KWD", [level("a", third, "1 KWD")], ALL_YEAR)

    assert (str(most(estate).most_per_year), str(paid(estate)["year"])) == ("3.996", "3.996")


def test_a_month_of_31_days_has_more_hours_than_one_of_30() -> None:
    """1 % an hour: 744 hours of January are 744 % of the fee; 745 where clocks are turned back."""
    hourly = {"shape": "per_time_unit", "rate": "0.01", "unit_hours": 1}
    estate = world("EUR", [level("a", hourly, "100 EUR")], ALL_YEAR)

    assert (str(most(estate).most_per_month), str(paid(estate)["2026-01"])) == ("745.00", "744.00")


def test_another_target_in_a_season_may_be_missed_by_more() -> None:
    """Target 0.5, in June 0.9: 0.9 × 100 when all of June is lost (K10)."""
    june = {"start": "2026-06-01T00:00:00Z", "end": "2026-07-01T00:00:00Z", "target": "0.9"}
    terms = level("a", {"shape": "shortfall"}, "100 EUR", target="0.5", targets=[june])
    estate = world("EUR", [terms], ALL_YEAR)

    assert paid(estate)["2026-06"] == 90
    assert most(estate).most_per_month >= 90


def test_a_fixed_sum_is_paid_for_each_part_of_a_month() -> None:
    """10 EUR whatever is missed, another target from the 11th to the 20th: three parts (K10)."""
    part = {"start": "2026-06-11T00:00:00Z", "end": "2026-06-21T00:00:00Z", "target": "0.99"}
    fixed = {"tiers": [{"below": "0.999", "amount": "10 EUR"}]}
    estate = world("EUR", [level("a", fixed, "100 EUR", targets=[part])], ALL_YEAR)

    assert [paid(estate)["2026-06"], most(estate).most_per_month] == [30, Decimal("30.01")]


def test_incidents_add_up_to_the_cap_of_the_period() -> None:
    """10 % an incident, at most 25 % a month: three of them earn 25, where one earns 10 (K2)."""
    severe = {
        "shape": "severity_duration", "period_cap": "0.25",
        "tiers": [{"severity": "P1", "credit": "0.1"}],
    }  # fmt: skip
    outages = [
        down(f"2026-03-{day}T00:00:00Z", f"2026-03-{day}T09:00:00Z", severity="P1")
        for day in (10, 11, 12)
    ]
    estate = world("EUR", [level("a", severe, "100 EUR")], outages)

    assert paid(estate)["2026-03"] == most(estate).most_per_month == 25


def test_incidents_without_a_cap_of_the_period_reach_those_of_the_year() -> None:
    severe = {"shape": "severity_duration", "tiers": [{"severity": "P1", "credit": "0.1"}]}
    limit = {"liability_cap": {"amount": "5000 EUR"}}
    estate = world("EUR", [level("a", severe, "100 EUR")], [], **limit)

    assert str(most(estate).most_per_year) == "5000.00"
    assert "each further one earns its own" in most(estate).text


def test_what_suppliers_pay_is_passed_on_besides() -> None:
    """P4: what is passed back to back knows no schedule."""
    clause = {"pass_through": {"clause": "back_to_back"}}
    estate = world("EUR", [level("a", TENTH, "100 EUR")], [], **clause)

    assert "passed on in full" in most(estate).text
    assert "passed on" not in most(world("EUR", [level("a", TENTH, "100 EUR")], [])).text


def test_the_fee_before_may_be_the_dearer_one() -> None:
    """K3: from July 50 % of the preceding month's fee; June's was 200, July's is 100."""
    first = {**level("a", TENTH, "200 EUR"), "valid_to": "2026-06-30"}
    half = {"tiers": [{"below": "0.999", "credit": "0.5"}], "base_period": "preceding"}
    later = {**level("b", half, "100 EUR"), "valid_from": "2026-07-01", "supersedes": "a"}
    estate = world("EUR", [first, later], ALL_YEAR)

    assert paid(estate)["2026-07"] == most(estate).most_per_month == 100


amounts = st.integers(1, 2_000).map(lambda n: f"{n}")
shares = st.sampled_from(["0.1", "0.333", "0.05", "0.5", "0.125", "1"])


@st.composite
def schedules(draw: st.DrawFn, currency: str) -> dict[str, Any]:
    """Remedies of all shapes, with and without minimum and caps."""
    shape = draw(st.sampled_from(
        ["step", "day_credits", "per_time_unit", "continuous", "shortfall", "marginal", "flat", "points", "pool"]
    ))  # fmt: skip
    first, second = draw(shares), draw(shares)
    rows: dict[str, Any] = {
        "tiers": [{"below": "0.999", "at_least": "0.97", "credit": first}, {"below": "0.97", "credit": second}]
    }  # fmt: skip
    if shape == "day_credits":
        rows = {
            "tiers": [
                {"over_minutes": draw(st.sampled_from([60, 44_000])), "days": 1},
                {"below": "0.9", "amount": f"7 {currency}"},
            ]
        }
    elif shape == "points":
        rows = {
            "tiers": [{"below": "0.9", "points": 3}],
            "rate": "0.013",
            "repeat_multiplier": "1.5",
        }
    elif shape == "per_time_unit":
        rounding = draw(st.sampled_from(["floor", "ceil", "exact"]))
        rows = {"rate": "0.0033", "unit_hours": "1.5", "unit_rounding": rounding}
    elif shape in {"continuous", "shortfall"}:
        rows = {"multiplier": draw(st.sampled_from(["1", "3.7"]))}
    elif shape == "flat":
        rows = {"rate": first}
    elif shape == "pool":
        rows |= {"at_risk": "0.15", "allocation": second}
    caps: dict[str, Any] = {
        "period_cap": draw(shares),
        "rolling_cap": {"months_of_fee": draw(st.sampled_from(["0.7", "2.5"]))},
        "minimum": f"{draw(st.integers(0, 30))} {currency}",
        "rounding": draw(st.sampled_from(["half_up", "half_even", "down"])),
    }
    kept = draw(st.sets(st.sampled_from(sorted(caps))))
    return {"shape": shape, **rows, **{name: caps[name] for name in kept}}


@st.composite
def contracts(draw: st.DrawFn) -> Estate:
    currency = draw(st.sampled_from(CURRENCIES))
    levels = []
    for place in range(draw(st.integers(1, 3))):
        objective: dict[str, Any] = {
            "period": draw(st.sampled_from(["month", "month", "quarter", "year"])),
            "regions": draw(st.sampled_from(["any_down", "each"])),
        }
        if draw(st.booleans()):
            objective["targets"] = [
                {"start": "2026-02-11T00:00:00Z", "end": "2026-02-20T00:00:00Z", "target": "0.9999"},
                {"start": "2026-05-03T00:00:00Z", "end": "2026-08-20T00:00:00Z", "target": "0.9"},
            ]  # fmt: skip
        fee = f"{draw(amounts)} {currency}"
        levels.append(level(f"s{place}", draw(schedules(currency)), fee, **objective))
    months = draw(st.sets(st.integers(1, 12)))
    incidents = [
        down(f"2026-{m:02}-03T00:00:00Z", f"2026-{m:02}-{draw(st.integers(4, 28)):02}T00:00:00Z")
        for m in months
    ]
    terms: dict[str, Any] = {
        "annual_value": f"{draw(amounts)} {currency}",
        "annual_credit_cap": draw(shares),
        "liability_cap": {"share_of_annual_value": draw(shares)},
        "timezone": draw(st.sampled_from(["UTC", "Europe/Dublin"])),
        "stacking": draw(st.sampled_from(["all", "highest_per_contract"])),
    }
    kept = draw(st.sets(st.sampled_from(sorted(terms))))
    happened = draw(st.sampled_from([incidents, ALL_YEAR]))
    return world(currency, levels, happened, **{name: terms[name] for name in kept})


@given(estate=contracts())
@settings(max_examples=60, deadline=None)
def test_nothing_that_is_paid_passes_the_most(estate: Estate) -> None:
    """Law: month by month and over the year, whatever fails, in currencies of 0, 2 and 3 digits."""
    row, owed = most(estate), paid(estate)

    assert owed["year"] <= row.most_per_year
    for label, amount in owed.items():
        if label.count("-") == 1 and "Q" not in label:
            assert amount <= row.most_per_month


@pytest.mark.parametrize("currency", CURRENCIES)
def test_the_most_is_reached_where_everything_fails(currency: str) -> None:
    """The bound is no larger than it has to be: a level and a region each, all down all year."""
    levels = [level("a", HALF_PAID, f"77 {currency}", regions="each"), level("b", TENTH, f"5 {currency}")]  # fmt: skip
    estate = world(currency, levels, ALL_YEAR, stacking="all")

    assert paid(estate)["year"] == most(estate).most_per_year
    assert paid(estate)["2026-02"] == most(estate).most_per_month
