"""One schedule as steps: where they lie, and what the credit is counted in. All synthetic."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from depgraph.engine.settle import settlement
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from depgraph.model.sla import Sla
from ui.views.contracts_schedule import Staircase, staircase

STEP = {"tiers": [{"below": 0.999, "credit": 0.1}, {"below": 0.95, "credit": 0.25}]}
NOW = datetime(2026, 6, 1, tzinfo=UTC)
PER_HOUR = {"shape": "per_time_unit", "rate": 0.05, "unit_hours": 1}


def _sla(terms: dict[str, Any], **objective: Any) -> Sla:
    return Sla.model_validate(
        {
            "id": "s",
            "service": "a",
            "monthly_fee": "1000 EUR",
            "objectives": [{"metric": "availability", "target": 0.999, **objective}],
            "credits": terms,
        }
    )


def _drawn(terms: dict[str, Any], **objective: Any) -> Staircase:
    drawn = staircase(_sla(terms, **objective))
    assert drawn is not None
    return drawn


def _at(drawn: Staircase, minutes: float) -> float:
    """Credit that a reader sees at some minutes down."""
    return [credit for place, credit in drawn.steps if place <= minutes][-1]


@pytest.mark.parametrize(
    ("terms", "objective", "seen"),
    [
        (STEP, {}, {43.2: 0, 43.21: 10, 2_159: 10, 2_161: 25}),
        (STEP, {"period": "quarter"}, {129.6: 0, 129.7: 10}),
        (STEP, {"period": "year"}, {525.6: 0, 525.7: 10}),
        ({"tiers": [{"below": 0.999, "amount": "500 EUR"}]}, {}, {43.2: 0, 43.3: 500}),
        ({"tiers": [{"below": 0.999, "days": 3}]}, {}, {43.3: 10}),
        (
            {"tiers": [{"from_minutes": 120, "to_minutes": 600, "credit": 0.1},
                       {"over_minutes": 600, "credit": 0.5}]},
            {}, {119: 0, 120: 10, 600: 10, 601: 50},
        ),
        (PER_HOUR, {}, {59: 0, 61: 5, 121: 10, 601: 50}),
        (PER_HOUR, {"period": "quarter"}, {121: 0, 181: 15}),
    ],
)  # fmt: skip
def test_steps_lie_where_the_terms_put_them(
    terms: dict[str, Any], objective: dict[str, Any], seen: dict[float, float]
) -> None:
    """By hand: 0.1 % of 30, 90 and 365 days are 43.2, 129.6 and 525.6 minutes."""
    drawn = _drawn(terms, **objective)

    assert {minutes: pytest.approx(_at(drawn, minutes)) for minutes in seen} == seen


def test_a_fixed_sum_is_no_share_of_the_fee() -> None:
    assert _drawn({"tiers": [{"below": 0.999, "amount": "500 EUR"}]}).unit == "EUR"
    assert _drawn(STEP).unit == "%"


def test_what_severity_decides_is_not_drawn_as_nothing() -> None:
    rows = [{"severity": "1", "over_minutes": 30, "credit": 0.1}]

    assert staircase(_sla({"shape": "severity_duration", "tiers": rows})) is None


@pytest.mark.parametrize(
    "terms", [STEP, PER_HOUR, {"tiers": [{"below": 0.999, "amount": "500 EUR"}]}]
)
@pytest.mark.parametrize(("period", "when"), [("month", "2026-03"), ("quarter", "2026-Q1")])
def test_what_was_measured_lies_on_the_steps(terms: dict[str, Any], period: str, when: str) -> None:
    sla = _sla(terms, period=period).replace(id="k1")
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "us", "own": True}, {"id": "them"}],
            "services": [{"id": "a", "provider": "them"}],
            "contracts": [
                {"id": "k", "supplier": "them", "customer": "us", "start": "2025-01-01",
                 "slas": [sla.model_dump(mode="json", exclude_defaults=True)]}
            ],
            "incidents": [
                {"id": "i", "affects": "a", "cause": "supplier",
                 "start": "2026-03-02T10:00:00Z", "end": "2026-03-02T15:10:00Z"}
            ],
        }
    )  # fmt: skip
    [row] = settlement(structure_of(estate), when, NOW).slas
    drawn = _drawn(terms, period=period)
    minutes, credit = drawn.point(row)

    assert row.breached
    assert credit > 0
    assert credit == pytest.approx(_at(drawn, minutes))
