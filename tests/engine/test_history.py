"""Histories of service levels."""

from __future__ import annotations

from datetime import UTC, datetime

from depgraph.engine.history import histories
from depgraph.engine.settle import settlement
from depgraph.engine.structure import structure_of
from depgraph.engine.systemic import breach_probability
from depgraph.model.estate import Estate


def test_runs_pattern_and_p_value() -> None:
    months = (1, 2, 3, 5)
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "C"}, {"id": "V"}],
            "services": [{"id": "app", "provider": "V"}],
            "contracts": [{"id": "k", "supplier": "V", "customer": "C", "slas": [
                {"id": "s", "service": "app", "monthly_fee": "10 EUR",
                 "objectives": [{"metric": "availability", "target": "0.9999"}],
                 "credits": {"tiers": [{"below": "0.9999", "credit": "0.1"}]}}]}],
            "incidents": [
                {"id": str(m), "affects": "app", "start": f"2026-{m:02}-10T10:00:00Z",
                 "end": f"2026-{m:02}-10T10:30:00Z", "root_cause": "certificate"}
                for m in months
            ],
        }
    )  # fmt: skip
    answer = settlement(structure_of(estate), "2026-01..2026-06", datetime(2026, 11, 1, tzinfo=UTC))

    [history] = histories(estate, answer)

    assert history.breached == ("2026-01", "2026-02", "2026-03", "2026-05")
    assert history.longest_run == 3
    assert history.test.mttr_hours == 0.5
    assert history.test.p_value < 0.01
    assert history.test.systemic
    assert {(r.kind, r.id, len(r.periods)) for r in history.test.recurring} == {
        ("root_cause", "certificate", 4),
        ("party", "V", 4),
    }


def test_only_what_counts_is_tested() -> None:
    """A window of 24 service hours a month, and a mean over outages that count, not over excluded."""
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "C"}, {"id": "V"}],
            "services": [{"id": "app", "provider": "V"}],
            "contracts": [{"id": "k", "supplier": "V", "customer": "C", "slas": [
                {"id": "s", "service": "app",
                 "objectives": [{"metric": "availability", "target": "0.95",
                                 "denominator": "service_hours"}],
                 "exclusions": [{"kind": "planned_maintenance"}],
                 "service_hours": {"windows": [{"rule": "FREQ=MONTHLY;BYMONTHDAY=10", "hours": 24}]}}]}],
            "incidents": [
                {"id": "fault", "affects": "app", "root_cause": "disk",
                 "start": "2026-01-10T10:00:00Z", "end": "2026-01-10T12:00:00Z"},
                *({"id": f"work-{h}", "affects": "app", "cause": "planned_maintenance",
                   "start": f"2026-01-10T{h}:00:00Z", "end": f"2026-01-10T{h}:30:00Z"}
                  for h in (14, 16, 18)),
            ],
        }
    )  # fmt: skip
    answer = settlement(structure_of(estate), "2026-01", datetime(2026, 11, 1, tzinfo=UTC))

    [history] = histories(estate, answer)

    assert history.test.mttr_hours == 2.0
    assert history.test.p_value == breach_probability(0.95, 0.95, 24.0, 2.0)
