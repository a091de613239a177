"""Terms that settlement does not look at are told, and those that it uses are not (K2, K4, K8, M)."""

from __future__ import annotations

from typing import Any

import pytest

from depgraph.engine.idle_terms import idle_terms
from depgraph.model.sla import Sla

ROW = {"below": "0.999", "credit": "0.1"}
RATED: dict[str, Any] = {"rate": "0.1", "tiers": []}


def told(
    credits_: dict[str, Any] | None = None,
    objective: dict[str, Any] | None = None,
    exclusion: dict[str, Any] | None = None,
) -> list[str]:
    """First words of what is told of one SLA."""
    sla = Sla.model_validate(
        {
            "id": "s", "service": "app",
            "objectives": [{"metric": "availability", "target": "0.999", **(objective or {})}],
            "exclusions": [exclusion] if exclusion else [],
            "credits": {"tiers": [ROW], **(credits_ or {})},
        }
    )  # fmt: skip
    return [term.message.split(";")[0] for term in idle_terms(sla)]


@pytest.mark.parametrize(
    ("credits_", "idle"),
    [
        ({"rate": "0.1"}, "rate"),
        ({"multiplier": "2"}, "multiplier"),
        ({"repeat_multiplier": "2"}, "repeat_multiplier"),
        ({"repeat_multiplier": "2", "rate": "0.1", "tiers": [{"below": "0.999", "points": 1}]},
         "repeat_multiplier"),
        ({"unit_hours": 1, "at_risk": "0.2", "allocation": "0.5"},
         "unit_hours and at_risk and allocation"),
        ({"shape": "continuous"}, "tiers"),
        ({"shape": "shortfall", "rate": "0.1"}, "tiers"),
        ({"shape": "per_time_unit", **RATED, "multiplier": "2"}, "multiplier"),
        ({"shape": "flat", "rate": "0.1", "tiers": [{"credit": "0.1"}]}, "rate"),
    ],
)  # fmt: skip
def test_a_term_of_another_shape_has_no_effect(credits_: dict[str, Any], idle: str) -> None:
    shape = credits_.get("shape", "step")

    assert told(credits_) == [f"{idle} has no effect with shape: {shape}"]


@pytest.mark.parametrize(
    "credits_",
    [
        {},
        {"shape": "continuous", **RATED, "multiplier": "2"},
        {"shape": "shortfall", **RATED, "multiplier": "2"},
        {"shape": "per_time_unit", **RATED, "unit_hours": 1},
        {"shape": "flat", **RATED},
        {"shape": "flat", "tiers": [{"credit": "0.1"}]},
        {"shape": "points", "rate": "0.1", "repeat_multiplier": "2",
         "tiers": [{"below": "0.999", "points": 1}]},
        {"shape": "pool", "at_risk": "0.2", "allocation": "0.5"},
        # Points are worth their rate in whatever rows they stand.
        {"rate": "0.1", "tiers": [{"below": "0.999", "points": 1}]},
        {"shape": "pool", "at_risk": "0.2", "rate": "0.1", "repeat_multiplier": "2",
         "tiers": [{"below": "0.999", "points": 1}]},
        {"shape": "flat", "rate": "0.1", "tiers": [{"points": 1}]},
        {"shape": "severity_duration", "tiers": [ROW | {"severity": "P1"}]},
        {"shape": "marginal"},
        {"rolling_cap": {"amount": "1 EUR"}},
        {"rolling_cap": {"months_of_fee": 1}},
        {"rolling_cap": {"share_of_annual_value": 1}},
        {"claim": {"mode": "by_claim", "within_days": 30, "earliest_days": 1}},
    ],
)  # fmt: skip
def test_terms_that_are_used_are_not_told(credits_: dict[str, Any]) -> None:
    assert told(credits_) == []


@pytest.mark.parametrize(
    ("credits_", "message"),
    [
        ({"tiers": [ROW | {"severity": "P1"}]},
         "severity has no effect with shape: step: rows pay for every incident"),
        ({"shape": "flat"}, "flat pays its first row for any miss"),
        ({"shape": "flat", "tiers": [{"over_minutes": 5, "credit": "0.1"}]},
         "flat pays its first row for any miss"),
        ({"shape": "flat", "tiers": [{"credit": "0.1"}, {"credit": "0.2"}]},
         "flat pays its first row for any miss"),
        ({"shape": "marginal", "tiers": [{"below": "0.999", "amount": "5 EUR"}]},
         "rows without credit pay nothing with shape: marginal, which pays shares"),
        ({"shape": "marginal", "tiers": [ROW | {"to_minutes": 5}]},
         "bounds in minutes have no effect with shape: marginal, whose bands are shares"),
        ({"rolling_cap": {}}, "rolling_cap names no limit, and caps nothing"),
        ({"claim": {"within_days": 30}},
         "the time to claim has no effect: credits are automatic unless mode says by_claim"),
        ({"claim": {"billing_cycles": 2}},
         "the time to claim has no effect: credits are automatic unless mode says by_claim"),
        ({"claim": {"earliest_days": 2}},
         "the time to claim has no effect: credits are automatic unless mode says by_claim"),
    ],
)  # fmt: skip
def test_rows_caps_and_claims_without_effect(credits_: dict[str, Any], message: str) -> None:
    assert told(credits_) == [message]


RUNS = "granularity is consecutive_minutes, and nothing says how many"
WITHOUT = "consecutive_minutes counts only with granularity: consecutive_minutes"


@pytest.mark.parametrize(
    ("objective", "messages"),
    [
        ({"consecutive_minutes": 5}, [WITHOUT]),
        ({"granularity": "consecutive_minutes"}, [RUNS]),
        ({"granularity": "consecutive_minutes", "consecutive_minutes": 5}, []),
        ({"measure": "threshold_minutes", "error_threshold": "0.1", "consecutive_minutes": 5}, []),
        ({"measure": "threshold_minutes"},
         ["measure: threshold_minutes means nothing without error_threshold"]),
        ({"error_threshold": "0.1"},
         ["error_threshold means nothing without measure: threshold_minutes"]),
    ],
)  # fmt: skip
def test_measures_without_what_they_need(objective: dict[str, Any], messages: list[str]) -> None:
    assert told(objective=objective) == messages


@pytest.mark.parametrize(
    ("exclusion", "idle"),
    [
        ({"kind": "waiver", "start": "2026-04-01", "end": "2026-04-30", "service": "app"}, ""),
        ({"kind": "suspension", "quota_hours": 2}, "quota_hours"),
        ({"kind": "waiver", "notice_hours": 2, "scope": ["flood"]}, "notice_hours and scope"),
        ({"kind": "planned_maintenance", "notice_hours": 2, "quota_hours": 2}, ""),
        ({"kind": "planned_maintenance", "start": "2026-04-01", "service": "app"},
         "start and service"),
        ({"kind": "emergency_maintenance", "notice_hours": 2}, ""),
        ({"kind": "force_majeure", "scope": ["flood"], "quota_hours": 2}, ""),
        ({"kind": "third_party", "notice_hours": 2, "end": "2026-04-30"}, "end and notice_hours"),
    ],
)  # fmt: skip
def test_exclusions_with_terms_of_others(exclusion: dict[str, Any], idle: str) -> None:
    wanted = [f"{idle} of {exclusion['kind']} has no effect"] if idle else []

    assert told(exclusion=exclusion) == wanted
