"""The systemic-failure test on simulated series: its false alarms are what it says (rule W6)."""

from __future__ import annotations

import numpy as np

from depgraph.engine.availability import final_figures
from depgraph.engine.renewal import outages, renewal_of, stream_key
from depgraph.engine.simulation_blocks import YEAR
from depgraph.engine.structure import structure_of
from depgraph.engine.systemic import ObservedPeriod, breach_probability, systemic_test
from depgraph.model.duration import DurationShape
from depgraph.model.estate import Estate

SERVICES = 400
MONTHS = 12
MONTH = YEAR // MONTHS
HOURS = 730.0
SIGNIFICANCE = 0.05


def histories(unavailability: float, seed: int) -> np.ndarray:
    """Downtime of independent services in minutes, month by month of a simulated year."""
    services = [
        {"id": f"s{n}", "unavailability": unavailability, "mttr_hours": 1} for n in range(SERVICES)
    ]
    structure = structure_of(Estate.model_validate({"services": services}))
    shapes = DurationShape(), DurationShape()
    renewal = renewal_of(structure, final_figures(structure).world(1), shapes, 1.0)
    found = outages(renewal, stream_key(seed), 0, YEAR)
    result = np.zeros((SERVICES, MONTHS))
    for row in range(SERVICES):
        part = slice(found.offsets[row], found.offsets[row + 1])
        for month in range(MONTHS):
            begin = np.maximum(found.starts[part], month * MONTH)
            finish = np.minimum(found.ends[part], (month + 1) * MONTH)
            result[row, month] = np.maximum(0, finish - begin).sum() / 60e6
    return result


def alarms(minutes: np.ndarray, target: float) -> tuple[int, float]:
    """Services called systemic, and the share of months that missed the target."""
    budget = (1 - target) * HOURS * 60
    called = 0
    for row in minutes:
        periods = [
            ObservedPeriod(period=f"2026-{n + 1:02}", hours=HOURS, target=target, breached=lost > budget, down_minutes=lost)
            for n, lost in enumerate(row)
        ]  # fmt: skip
        called += systemic_test(periods, 1.0, SIGNIFICANCE).systemic
    return called, float((minutes > budget).mean())


def test_false_alarms_are_no_more_than_stated() -> None:
    """Services that keep their word are called systemic at most as often as the level says.

    Fixed seed; with a true rate of 5 % more than 40 of 400 occur less than once in 30,000 times.
    """
    called, missed = alarms(histories(0.002, 1), 0.998)
    expected = breach_probability(0.998, 0.998, HOURS, 1.0)

    assert called <= 40
    assert called > 0
    # The breach probability is exact for this model: 4,800 months, five standard errors.
    assert abs(missed - expected) < 5 * (expected * (1 - expected) / (SERVICES * MONTHS)) ** 0.5


def test_services_that_break_their_word_are_found() -> None:
    called, _ = alarms(histories(0.006, 2), 0.998)
    assert called > 0.9 * SERVICES
