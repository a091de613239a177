"""Faults of contracts on which nothing should be settled."""

from __future__ import annotations

from typing import Any

import pytest

from depgraph.engine.contract_findings import contract_faults
from depgraph.model.estate import Estate


def faults(contract: dict[str, Any], **schedule: Any) -> list[tuple[str, str, str]]:
    """Code, contract and SLA of every fault of one contract with one SLA."""
    sla = {
        "id": "a", "service": "svc", "monthly_fee": "1000 EUR",
        "objectives": [{"metric": "availability", "target": "0.999"}],
        "credits": {"tiers": [{"below": "0.999", "credit": "0.1"}], **schedule},
    }  # fmt: skip
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "S"}, {"id": "C"}],
            "services": [{"id": "svc", "provider": "S"}],
            "contracts": [{"id": "c", "supplier": "S", "customer": "C", "slas": [sla], **contract}],
        }
    )
    return [(fault.code, fault.contract, fault.sla) for fault in contract_faults(estate)]


@pytest.mark.parametrize(
    ("contract", "schedule", "sla"),
    [
        ({"liability_cap": {"share_of_annual_value": 1}}, {}, ""),
        ({"annual_credit_cap": "0.1"}, {}, ""),
        ({}, {"rolling_cap": {"share_of_annual_value": "0.1"}}, "a"),
    ],
)
def test_a_share_of_an_unstated_value_caps_nothing(
    contract: dict[str, Any], schedule: dict[str, Any], sla: str
) -> None:
    """K4: settling without the cap would owe too much."""
    assert faults(contract, **schedule) == [("cap-without-value", "c", sla)]
    assert faults({**contract, "annual_value": "12000 EUR"}, **schedule) == []


def test_a_cap_as_a_sum_needs_no_value() -> None:
    assert faults({"liability_cap": {"amount": "10 EUR"}}) == []
