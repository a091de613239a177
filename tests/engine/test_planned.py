"""Planned maintenance in simulated years: known answers by the calendar, and by contract terms."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from depgraph.engine.availability import AssessmentOptions
from depgraph.engine.planned import with_planned
from depgraph.engine.renewal import Outages, outages
from depgraph.engine.simulation import Simulation, SimulationOptions, simulated
from depgraph.engine.simulation_blocks import _LENGTH, BLOCK_YEARS, YEAR, BlockSimulator
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from tests.engine.test_simulated_money import both_forms

OPTIONS = SimulationOptions(years=16, seed=2, assessment=AssessmentOptions(as_of=date(2026, 4, 1)))
SUNDAYS = {"rule": "FREQ=WEEKLY;BYDAY=SU;BYHOUR=2;BYMINUTE=0;BYSECOND=0", "hours": 2}
MONTHLY = {"rule": "FREQ=MONTHLY;BYMONTHDAY=5;BYHOUR=2;BYMINUTE=0;BYSECOND=0", "hours": 3,
           "timezone": "Europe/Dublin", "notice_hours": 72}  # fmt: skip


def estate(service: dict[str, Any], **sla: Any) -> Estate:
    """Synthetic: one promise of ours on one service that may be maintained."""
    return Estate.model_validate(
        {
            "organizations": [{"id": "us", "own": True}, {"id": "them"}],
            "services": [{"id": "shop", "provider": "us", "availability": 1, **service}],
            "contracts": [
                {"id": "k", "supplier": "us", "customer": "them",
                 "slas": [{"id": "k1", "service": "shop", "monthly_fee": "100 EUR",
                           "objectives": [{"metric": "availability", "target": 0.999}],
                           "credits": {"tiers": [{"below": 0.999, "credit": 0.1}]}, **sla}]},
            ],
        }
    )  # fmt: skip


def test_a_service_is_down_in_its_windows() -> None:
    """2026 has 52 Sundays: 52 × 120 min in every simulated year, and nothing else."""
    answer = simulated(structure_of(estate({"maintenance": [SUNDAYS]})), OPTIONS)
    [shop] = answer.services
    down = shop.downtime_minutes
    assert down.mean == down.p50 == down.tail_mean == 52 * 120
    assert shop.maintenance == ("shop",)
    assert shop.agrees is None
    assert any("planned maintenance as stated for 1" in text for text in answer.assumptions)


@pytest.mark.parametrize("place", ["locations", "organizations"])
def test_places_and_organizations_take_services_with_them(place: str) -> None:
    data: dict[str, Any] = {
        "organizations": [{"id": "us"}],
        "locations": [{"id": "site"}],
        "services": [{"id": "a", "provider": "us", "located_in": ["site"], "availability": 1}],
    }
    data[place][0]["maintenance"] = [SUNDAYS]
    options = SimulationOptions(years=16, exact=False, assessment=OPTIONS.assessment)
    [row] = simulated(structure_of(Estate.model_validate(data)), options).services
    assert row.downtime_minutes.mean == 52 * 120


def test_a_redundant_member_in_maintenance_takes_nothing_down() -> None:
    members = [
        {"id": "a", "availability": 1, "maintenance": [SUNDAYS]},
        {"id": "b", "availability": 1},
    ]
    group = {"id": "g", "availability": 1, "depends_on": [{"at_least": 1, "of": ["a", "b"]}]}
    found = simulated(structure_of(Estate.model_validate({"services": [*members, group]})), OPTIONS)
    assert [row.downtime_minutes.mean for row in found.services] == [52 * 120, 0, 0]


@pytest.mark.parametrize(
    ("exclusion", "breaches"),
    [
        (None, 12),
        ({"kind": "planned_maintenance"}, 0),
        ({"kind": "planned_maintenance", "notice_hours": 72}, 0),
        ({"kind": "planned_maintenance", "notice_hours": 73}, 12),
        ({"kind": "planned_maintenance", "quota_hours": 1}, 12),
        ({"kind": "emergency_maintenance"}, 12),
    ],
)
def test_whether_it_counts_is_for_the_contract_to_say(
    exclusion: dict[str, Any] | None, breaches: int
) -> None:
    """Rule M3: three hours a month against a budget of 43 minutes."""
    terms = {"exclusions": [exclusion]} if exclusion else {}
    answer = simulated(structure_of(estate({"maintenance": [MONTHLY]}, **terms)), OPTIONS)
    [contract] = answer.contracts
    assert contract.breaches.mean == breaches
    assert contract.owed.mean == pytest.approx(10 * breaches)


@pytest.mark.parametrize("excluded", [True, False])
def test_both_forms_agree_beside_failures(excluded: bool) -> None:
    terms = {"exclusions": [{"kind": "planned_maintenance", "quota_hours": 3}]} if excluded else {}
    failing = {"availability": "0.999", "mttr_hours": 2, "maintenance": [MONTHLY]}
    task = Simulation(structure_of(estate(failing, **terms)), OPTIONS).task
    fast, settled, reference = both_forms(BlockSimulator(task), 0)
    assert (fast[settled] == reference[settled]).all()
    assert settled.any() != excluded
    assert reference.sum() > 0


def test_failures_and_windows_together_are_the_union() -> None:
    """A second computation: at random instants, down if either is."""
    failing = {"availability": "0.9", "mttr_hours": 5, "maintenance": [SUNDAYS, MONTHLY]}
    task = Simulation(structure_of(estate(failing)), OPTIONS).task
    assert task.planned is not None
    drawn = outages(task.renewal, task.key, 0, _LENGTH)
    both = with_planned(drawn, task.planned)
    moments = np.random.default_rng(1).integers(0, _LENGTH, 20_000)

    def within(times: Outages) -> np.ndarray:
        return np.array([((times.starts <= m) & (m < times.ends)).any() for m in moments])

    assert (within(both) == (within(drawn) | within(task.planned.times))).all()
    assert (both.starts[1:] > both.ends[:-1]).all()
    assert BLOCK_YEARS * YEAR < _LENGTH
