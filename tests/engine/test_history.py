"""Histories of service levels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

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


NOW = datetime(2026, 11, 1, tzinfo=UTC)


def world(slas: list[dict[str, Any]], affects: str, *months: int) -> Estate:
    """Four hours down on the tenth of some months, at a service in either of two places."""
    return Estate.model_validate(
        {
            "organizations": [{"id": "C"}, {"id": "V"}],
            "locations": [{"id": "r1"}, {"id": "r2"}],
            "services": [{"id": "app", "provider": "V",
                          "located_in": [{"at_least": 1, "of": ["r1", "r2"]}]}],
            "contracts": [{"id": "k", "supplier": "V", "customer": "C", "slas": slas}],
            "incidents": [
                {"id": str(m), "affects": affects, "start": f"2026-{m:02}-10T10:00:00Z",
                 "end": f"2026-{m:02}-10T14:00:00Z"}
                for m in months
            ],
        }
    )  # fmt: skip


def level(name: str, **more: Any) -> dict[str, Any]:
    objective = {"metric": "availability", "target": "0.999", **more.pop("objective", {})}
    return {"id": name, "service": "app", "objectives": [objective], **more}


def test_a_run_of_breaches_goes_on_over_an_amendment() -> None:
    """Rule L1: an amended promise is the same one, under the name of its last terms."""
    slas = [
        level("v1", valid_to="2026-02-28"),
        level("v2", valid_from="2026-03-01", supersedes="v1"),
    ]
    estate = world(slas, "app", 1, 2, 3, 4)

    [history] = histories(estate, settlement(structure_of(estate), "2026-01..2026-06", NOW))

    assert (history.sla, history.longest_run) == ("v2", 4)
    assert (history.test.breaches, history.test.periods) == (4, 6)


def test_each_region_has_its_own_history() -> None:
    """Rule M9: r1 was missed, though r2 kept the service up."""
    estate = world([level("s", objective={"regions": "each"})], "r1", 1, 2)

    [history] = histories(estate, settlement(structure_of(estate), "2026-01..2026-03", NOW))

    assert (history.region, history.breached) == ("r1", ("2026-01", "2026-02"))


def test_parts_of_a_period_count_by_the_time_that_they_are_measured_over() -> None:
    """Rule K10: 10 and 20 April are service time, and another target holds from the 15th on.

    Four of 48 hours are lost, whatever the calendar says of the two parts.
    """
    segments = [{"start": "2026-04-15T00:00:00Z", "end": "2026-05-01T00:00:00Z", "target": "0.99"}]
    hours = {"windows": [{"rule": "FREQ=MONTHLY;BYMONTHDAY=10,20", "hours": 24}]}
    objective = {"denominator": "service_hours", "targets": segments}
    estate = world([level("s", objective=objective, service_hours=hours)], "app", 4)

    [history] = histories(estate, settlement(structure_of(estate), "2026-04", NOW))

    assert history.measured["2026-04"] == pytest.approx(1 - 4 / 48)
