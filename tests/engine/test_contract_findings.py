"""Faults of contracts on which nothing should be settled."""

from __future__ import annotations

from typing import Any

import pytest

from depgraph.engine.contract_findings import contract_faults
from depgraph.model.estate import Estate


def faults(
    contract: dict[str, Any], terms: dict[str, Any] | None = None, **schedule: Any
) -> list[tuple[str, str, str]]:
    """Code, contract and SLA of every fault of one contract with one SLA."""
    sla = {
        "id": "a", "service": "svc", "monthly_fee": "1000 EUR",
        "objectives": [{"metric": "availability", "target": "0.999"}],
        "credits": {"tiers": [{"below": "0.999", "credit": "0.1"}], **schedule},
        **(terms or {}),
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


def objective(**more: Any) -> dict[str, Any]:
    """An objective for availability."""
    return {"objectives": [{"metric": "availability", "target": "0.999", **more}]}


IDLE = [
    ({}, {"claim": {"within_days": 30}}),
    ({}, {"rolling_cap": {}}),
    ({}, {"rate": "0.1"}),
    ({}, {"shape": "shortfall"}),
    (objective(consecutive_minutes=5), {}),
    (objective(granularity="consecutive_minutes"), {}),
    (objective(measure="threshold_minutes"), {}),
    (objective(error_threshold="0.05"), {}),
    ({"exclusions": [{"kind": "planned_maintenance", "start": "2026-04-01"}]}, {}),
    ({"exclusions": [{"kind": "force_majeure", "notice_hours": 72}]}, {}),
]
BUSY = [
    ({}, {"claim": {"mode": "by_claim", "within_days": 30}}),
    ({}, {"shape": "shortfall", "tiers": [], "rate": "2", "multiplier": "2"}),
    ({}, {"shape": "pool", "at_risk": "0.2", "allocation": "0.5"}),
    (objective(granularity="consecutive_minutes", consecutive_minutes=5), {}),
    (objective(measure="threshold_minutes", error_threshold="0.05", consecutive_minutes=2), {}),
    ({"exclusions": [{"kind": "suspension", "start": "2026-04-01", "service": "svc"}]}, {}),
    ({"exclusions": [{"kind": "planned_maintenance", "notice_hours": 72, "quota_hours": 4}]}, {}),
]


@pytest.mark.parametrize(("terms", "schedule"), IDLE)
def test_terms_without_effect_are_told(terms: dict[str, Any], schedule: dict[str, Any]) -> None:
    """K8 and others: a slip that changes figures, such as days to claim without by_claim."""
    assert ("term-without-effect", "c", "a") in faults({}, terms, **schedule)


@pytest.mark.parametrize(("terms", "schedule"), BUSY)
def test_terms_with_effect_are_not(terms: dict[str, Any], schedule: dict[str, Any]) -> None:
    assert "term-without-effect" not in {code for code, _, _ in faults({}, terms, **schedule)}


def test_rows_by_minutes_are_checked_over_the_promised_period() -> None:
    """K1: 648 minutes are 0.5 % of a quarter of three 30-day months."""
    rows = [{"over_minutes": 648, "credit": "0.1"}]

    assert faults({}, objective(target="0.995", period="quarter"), tiers=rows) == []
