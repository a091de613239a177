"""Sums in another currency: by named rates, beside the originals, rounded once (rule P9)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depgraph.engine.conversion import RateTable, converted
from depgraph.engine.settle import settlement
from depgraph.engine.statement import Settlement
from depgraph.engine.structure import structure_of
from depgraph.errors import DomainError, RegisterError
from depgraph.model.conversion import Conversion
from depgraph.model.estate import Estate

NOW = datetime(2026, 6, 1, tzinfo=UTC)
USD = {"from": "USD", "to": "EUR", "rate": "0.92", "source": "ECB", "date": "2026-04-01"}


def estate(rates: list[dict[str, str]], **clause: Any) -> Estate:
    """The reference chain D02 with its supplier paid in dollars."""

    def sla(name: str, service: str, fee: str, target: str) -> dict[str, Any]:
        return {
            "id": name, "service": service, "monthly_fee": fee,
            "objectives": [{"metric": "availability", "target": target}],
            "credits": {"tiers": [{"below": target, "credit": "0.10"}]},
        }  # fmt: skip

    return Estate.model_validate(
        {
            "organizations": [{"id": "C", "own": True}, {"id": "V"}, {"id": "U"}],
            "services": [
                {"id": "app", "provider": "V", "depends_on": ["cloud"]},
                {"id": "cloud", "provider": "U"},
            ],
            "contracts": [
                {"id": "vc", "supplier": "V", "customer": "C", "pass_through": {"clause": "absorb", **clause},
                 "slas": [sla("app-1", "app", "100000 EUR", "0.9995")]},
                {"id": "uv", "supplier": "U", "customer": "V", "slas": [sla("cloud-1", "cloud", "20001 USD", "0.999")]},
            ],
            "incidents": [{"id": "x", "affects": "cloud", "cause": "supplier",
                           "start": "2026-04-10T10:00:00Z", "end": "2026-04-10T10:50:00Z"}],
            "conversions": rates,
        }
    )  # fmt: skip


def settled(rates: list[dict[str, str]], **clause: Any) -> Settlement:
    return settlement(structure_of(estate(rates, **clause)), "2026-04", NOW)


def contract(answer: Settlement, name: str) -> Any:
    return next(row for row in answer.contracts if row.id == name)


def test_without_an_agreed_conversion_it_is_a_currency_gap() -> None:
    answer = settled([USD])
    row = contract(answer, "vc")

    assert (row.owed, row.recovered, row.absorbed) == (Decimal(10000), 0, Decimal(10000))
    assert [gap.gap for gap in row.gaps] == ["CURRENCY"]
    assert "agrees no conversion" in row.gaps[0].text


def test_an_agreed_conversion_counts_by_the_rate_of_its_day() -> None:
    """2,000.10 USD × 0.92 = 1,840.092, rounded once to 1,840.09 EUR."""
    later = {**USD, "rate": "0.90", "date": "2026-05-01"}
    answer = settled([later, USD], convert_on="period_end")
    row = contract(answer, "vc")

    assert (row.recovered, row.absorbed) == (Decimal("1840.09"), Decimal("8159.91"))
    assert [gap.gap for gap in row.gaps] == ["AMOUNT"]
    steps = next(level for level in answer.slas if level.id == "app-1").explanation
    assert any(
        step.rule == "P9" and "1 USD = 0.92 EUR (ECB, 2026-04-01)" in step.text for step in steps
    )


def test_positions_stay_exact_in_each_currency() -> None:
    answer = settled([USD], convert_on="period_end")

    assert answer.net_positions["V"] == {"EUR": Decimal("-10000.00"), "USD": Decimal("2000.10")}
    for currency in ("EUR", "USD"):
        assert sum(held.get(currency, 0) for held in answer.net_positions.values()) == 0


def test_a_clause_that_passes_on_what_is_recovered_uses_the_converted_sum() -> None:
    answer = settled([USD], clause="limited_to_recovered", convert_on="period_end")

    assert contract(answer, "vc").owed == Decimal("1840.09")
    assert contract(answer, "vc").absorbed == 0


def test_a_rate_that_is_not_there_yet_is_no_rate() -> None:
    answer = settled([{**USD, "date": "2026-05-01"}], convert_on="period_end")
    [gap] = contract(answer, "vc").gaps

    assert gap.gap == "CURRENCY"
    assert "no rate is given on or before 2026-04-30" in gap.text
    early = settled([{**USD, "date": "2026-04-15"}], convert_on="period_start")
    assert contract(early, "vc").recovered == 0


def test_one_recovery_over_customers_in_two_currencies_is_never_more_than_recovered() -> None:
    base = estate([USD], convert_on="period_end")
    second = base.contract["vc"].replace(
        id="vd", customer="D", pass_through={"clause": "absorb"},
        slas=[base.contract["vc"].slas[0].replace(
            id="app-2", monthly_fee="100000 USD")],
    )  # fmt: skip
    two = base.replace(
        organizations=[*base.organizations, {"id": "D"}], contracts=[*base.contracts, second]
    )
    answer = settlement(structure_of(two), "2026-04", NOW)
    first, other = contract(answer, "vc"), contract(answer, "vd")

    # Owed 10,000 EUR (10,869.57 USD) and 10,000 USD: of 2,000.10 USD, 1,041.72 and 958.38.
    assert other.recovered == Decimal("958.38")
    assert first.recovered == (Decimal("1041.72") * Decimal("0.92")).quantize(
        Decimal("0.01"), ROUND_HALF_UP
    )


def test_totals_stand_beside_the_originals() -> None:
    answer = settled([USD])
    other = converted(answer, "EUR", RateTable([Conversion.model_validate(USD)]), NOW.date())

    assert other.totals["owed"] == Decimal("11840.09")
    assert [(c.id, c.original, c.owed) for c in other.contracts] == [
        ("vc", "EUR", Decimal("10000.00")), ("uv", "USD", Decimal("1840.09")),
    ]  # fmt: skip
    assert other.net_positions["V"] == Decimal("-8159.91")
    assert other.rounding_difference == 0
    assert [rate.text for rate in other.rates] == ["1 USD = 0.92 EUR (ECB, 2026-04-01)"]
    assert other.model_dump(mode="json")["rates"][0]["from"] == "USD"


def test_the_inverse_is_used_and_named_and_minor_units_are_the_currencys() -> None:
    answer = settled([])
    yen = Conversion.model_validate({"from": "JPY", "to": "USD", "rate": "0.0064", "source": "s", "date": "2026-01-01"})  # fmt: skip
    euro = Conversion.model_validate({"from": "EUR", "to": "JPY", "rate": "171.5", "source": "s", "date": "2026-01-01"})  # fmt: skip
    other = converted(answer, "JPY", RateTable([yen, euro]), NOW.date())

    # 2,000.10 / 0.0064 = 312,515.625; 10,000 × 171.5 = 1,715,000
    assert [c.owed for c in other.contracts] == [Decimal(1715000), Decimal(312516)]
    assert [rate.inverse for rate in other.rates] == [False, True]
    assert "inverse" in other.rates[1].text


def test_the_newest_rate_is_used_and_the_direct_one_of_a_day() -> None:
    """By date whichever way it is given; what was divided by is quoted as it was given (P9)."""
    direct = {**USD, "date": "2026-04-01"}
    inverse = {"from": "EUR", "to": "USD", "rate": "1.25", "source": "s"}

    def used(*rates: dict[str, str]) -> tuple[bool, str]:
        rate = RateTable([Conversion.model_validate(r) for r in rates]).rate(
            "USD", "EUR", NOW.date()
        )
        assert rate is not None
        return rate.inverse, rate.text

    for order in (1, -1):
        newer = {**inverse, "date": "2026-04-02"}
        assert used(*[direct, newer][::order]) == (
            True,
            "1 EUR = 1.25 USD, inverse (s, 2026-04-02)",
        )
        same = {**inverse, "date": "2026-04-01"}
        assert used(*[direct, same][::order]) == (False, "1 USD = 0.92 EUR (ECB, 2026-04-01)")
        older = {**direct, "rate": "0.5", "date": "2026-03-31"}
        assert used(*[direct, older][::order]) == (False, "1 USD = 0.92 EUR (ECB, 2026-04-01)")


def test_a_bonus_alone_is_converted_in_the_positions() -> None:
    """No contract owes anything, and 0.40 USD move all the same (rules K7, P9)."""
    bonus = {
        "tiers": [{"below": "0.9", "credit": "0.1"}],
        "incentives": [{"at_least": "1", "bonus": "0.01"}],
    }
    base = estate([USD])
    quiet = base.replace(
        incidents=[],
        contracts=[base.contract["uv"].replace(
            slas=[base.contract["uv"].slas[0].replace(monthly_fee="40 USD", credits=bonus)]
        )],
    )  # fmt: skip
    answer = settlement(structure_of(quiet), "2026-04", NOW)
    other = converted(answer, "EUR", RateTable([Conversion.model_validate(USD)]), NOW.date())

    assert answer.net_positions["U"] == {"USD": Decimal("0.40")}
    assert dict(other.net_positions) == {"U": Decimal("0.37"), "V": Decimal("-0.37")}
    assert [rate.from_currency for rate in other.rates] == ["USD"]
    assert other.contracts == ()
    with pytest.raises(DomainError, match="converts USD to EUR"):
        converted(answer, "EUR", RateTable([]), NOW.date())


def test_what_has_no_rate_is_named_and_nothing_is_converted() -> None:
    with pytest.raises(DomainError, match="2026-03-31 converts USD to EUR"):
        converted(
            settled([]), "EUR", RateTable([Conversion.model_validate(USD)]), date(2026, 3, 31)
        )


def test_a_rate_names_its_source_and_is_above_zero() -> None:
    for change in ({"source": " "}, {"rate": "0"}, {"rate": "-1"}, {"to": "USD"}, {"to": "euro"}):
        with pytest.raises(ValueError, match="conversions|rate|source|to"):
            estate([{**USD, **change}])
    with pytest.raises(RegisterError, match="has two rates"):
        estate([USD, {**USD, "rate": "0.93"}])


@given(
    amount=st.decimals(0, 10**9, places=2),
    rate=st.decimals("0.0001", "1000", places=4),
)
def test_there_and_back_differs_by_rounding_alone(amount: Decimal, rate: Decimal) -> None:
    """Independent: Decimal quantize against the exact fractions of the engine."""
    from fractions import Fraction  # noqa: PLC0415 - only this law needs it

    from depgraph.engine.credits import rounded  # noqa: PLC0415

    cent = Decimal("0.01")
    table = RateTable([Conversion(**{"from": "USD"}, to="EUR", rate=rate, source="s", date="2026-01-01")])  # fmt: skip
    there = table.rate("USD", "EUR", date(2026, 1, 1))
    back = table.rate("EUR", "USD", date(2026, 1, 1))
    assert there is not None
    assert back is not None

    assert rounded(Fraction(amount) * there.factor, cent) == (amount * rate).quantize(
        cent, ROUND_HALF_UP
    )
    assert Fraction(amount) * there.factor * back.factor == Fraction(amount)
