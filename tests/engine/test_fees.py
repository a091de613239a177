"""Fees that credits are shares of, and their currency (rules K3, P9). Synthetic."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from depgraph.engine.fees import currency_of, is_fee_of_region, monthly_base, summed_fees
from depgraph.model.contract import Contract

STEP: dict[str, Any] = {"tiers": [{"below": "0.999", "credit": "0.1"}]}


def sla(name: str, service: str = "app", **terms: Any) -> dict[str, Any]:
    return {"id": name, "service": service, "credits": STEP, **terms}


def contract(*slas: dict[str, Any], **terms: Any) -> Contract:
    return Contract.model_validate(
        {"id": "k", "supplier": "S", "customer": "C", "slas": slas, **terms}
    )


@pytest.mark.parametrize(
    ("slas", "terms", "base"),
    [
        pytest.param([sla("a", monthly_fee="300 EUR")], {"annual_value": "1200 EUR"}, 300, id="its fee"),
        pytest.param([sla("a")], {"annual_value": "1200 EUR"}, 100, id="a twelfth of the value"),
        pytest.param([sla("a"), sla("b")], {"annual_value": "1200 EUR"}, 100, id="one service"),
        pytest.param([sla("a"), sla("b", "db")], {"annual_value": "1200 EUR"}, 0, id="two services"),
        pytest.param([sla("a")], {}, 0, id="not known"),
        pytest.param(
            [sla("a", monthly_fee="300 EUR", credits={**STEP, "base": "contract"})],
            {"annual_value": "1200 EUR"}, 100, id="the contract's",
        ),
        pytest.param(
            [sla("a", monthly_fee="300 EUR", credits={**STEP, "base": "contract"})], {}, 700,
            id="the contract's fees, where no value is stated",
        ),
        pytest.param(
            [sla("a", monthly_fee="300 EUR", credits={**STEP, "base": "contract", "base_fee": "50 EUR"})],
            {"annual_value": "1200 EUR"}, 50, id="a fee of the base",
        ),
        pytest.param(
            [sla("a", monthly_fee="300 EUR") | {"credits": None}], {}, 300, id="without a remedy"
        ),
    ],
)  # fmt: skip
def test_the_base_of_a_credit(slas: list[Any], terms: dict[str, Any], base: int) -> None:
    agreement = contract(*slas, **terms)

    assert monthly_base(agreement, agreement.slas[0], Fraction(700)) == base


def test_a_contract_of_which_nothing_is_known_has_no_base() -> None:
    agreement = contract(sla("a", credits={**STEP, "base": "contract"}))

    assert monthly_base(agreement, agreement.slas[0]) == 0


def test_each_service_counts_once_with_its_largest_fee() -> None:
    """K3 with L1: successive terms name different fees for one service."""
    agreement = contract(
        sla("a", monthly_fee="300 EUR"), sla("b", monthly_fee="500 EUR"),
        sla("c", monthly_fee="400 EUR"), sla("d", "db", monthly_fee="70 EUR"), sla("e", "db"),
    )  # fmt: skip

    assert summed_fees(agreement.slas) == 570
    assert summed_fees(()) == 0


@pytest.mark.parametrize(
    ("terms", "of_region"),
    [({}, False), ({"base": "region"}, False), ({"base_fee": "5 EUR"}, False),
     ({"base": "region", "base_fee": "5 EUR"}, True)],
)  # fmt: skip
def test_what_one_region_costs(terms: dict[str, Any], of_region: bool) -> None:
    agreement = contract(sla("a", credits={**STEP, **terms}), sla("b") | {"credits": None})

    assert [is_fee_of_region(each) for each in agreement.slas] == [of_region, False]


@pytest.mark.parametrize(
    ("slas", "terms", "currency"),
    [
        ([sla("a"), sla("b", monthly_fee="5 USD")], {"annual_value": "9 EUR"}, ("EUR", "EUR")),
        ([sla("a"), sla("b", monthly_fee="5 USD")], {}, ("USD", "")),
        ([sla("a", credits={**STEP, "base_fee": "5 CHF"})], {}, ("CHF", "CHF")),
        ([sla("a", credits={"tiers": [{"below": "0.9", "amount": "5 GBP"}]})], {}, ("GBP", "GBP")),
        ([sla("a")], {"currency": "SEK"}, ("SEK", "SEK")),
        ([sla("a", monthly_fee="5 USD")], {"currency": "USD"}, ("USD", "USD")),
        ([sla("a")], {}, ("", "")),
    ],
)  # fmt: skip
def test_the_currency_of_a_contract_and_of_its_first_level(
    slas: list[Any], terms: dict[str, Any], currency: tuple[str, str]
) -> None:
    agreement = contract(*slas, **terms)

    assert (currency_of(agreement), currency_of(agreement, agreement.slas[0])) == currency
