"""Outages drawn in stretches: what one draw gives, to the microsecond, however small the stretches."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from benchmarks.shapes import layered_estate
from depgraph.engine import outage_stretches
from depgraph.engine.availability import AssessmentOptions, final_figures
from depgraph.engine.outage_stretches import Stretch, drawn_stretches, drawn_windows, within
from depgraph.engine.renewal import Outages, Renewal, outages, renewal_of, stream_key
from depgraph.engine.simulation import Simulation, gather, local_blocks
from depgraph.engine.simulation_blocks import DAY, YEAR, BlockSimulator
from depgraph.engine.simulation_options import SimulationOptions
from depgraph.engine.structure import structure_of
from depgraph.model.duration import DurationShape, duration_shape
from depgraph.model.estate import Estate
from tests.engine.test_simulation import random_estate

SUNDAYS = {"rule": "FREQ=WEEKLY;BYDAY=SU;BYHOUR=2;BYMINUTE=0;BYSECOND=0", "hours": 2}
KEY = stream_key(5)
LENGTH = 3 * YEAR


def processes(failures: str = "exponential", repairs: str = "lognormal:1") -> Renewal:
    """Synthetic: components of all kinds; ever up, ever down, for a year, for a microsecond.

    Outages of "seams" mostly begin in the microsecond in which the one before ends: they are one.
    """
    services: list[dict[str, Any]] = [
        {"id": "up", "availability": 1, "maintenance": [SUNDAYS]},
        {"id": "down", "unavailability": 1},
        {"id": "long", "unavailability": 0.5, "mttr_hours": 9_000},
        {"id": "short", "unavailability": 0.1, "mttr_hours": 20},
        {"id": "instant", "unavailability": 1e-11, "mttr_hours": "2.5e-10"},
        {"id": "seams", "unavailability": "0.99999999999", "mttr_hours": 30},
        {"id": "rare", "unavailability": 0.001, "mttr_hours": 1},
        {"id": "fixed", "mtbf_hours": 100, "mttr_hours": 10, "time_to_restore": "fixed"},
    ]
    structure = structure_of(Estate.model_validate({"services": services}))
    shapes = duration_shape(failures), duration_shape(repairs)
    return renewal_of(structure, final_figures(structure).world(1), shapes, 1.0)


def same(one: Outages, other: Outages) -> bool:
    """Whether two say the same, component by component."""
    pairs = (one.offsets, other.offsets), (one.starts, other.starts), (one.ends, other.ends)
    return all(np.array_equal(*pair) for pair in pairs)


def drawn(renewal: Renewal, most: int, monkeypatch: pytest.MonkeyPatch) -> list[Stretch]:
    monkeypatch.setattr(outage_stretches, "_MOST_AT_ONCE", most)
    return list(drawn_stretches(renewal, KEY, 4, LENGTH))


@pytest.mark.parametrize("failures", ["exponential", "weibull:0.2", "lognormal:3", "fixed"])
@pytest.mark.parametrize("repairs", ["weibull:0.5", "lognormal:1", "exponential"])
@pytest.mark.parametrize("most", [1, 40, 300])
def test_stretches_hold_what_one_draw_gives(
    failures: str, repairs: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewal = processes(failures, repairs)
    whole = outages(renewal, KEY, 4, LENGTH)
    assert len(whole.starts) > 300

    found = drawn(renewal, most, monkeypatch)

    assert len(found) > len(whole.starts) // max(most, len(renewal.keys))
    assert (found[0].first, found[-1].last) == (0, LENGTH)
    assert all(one.last == other.first for one, other in pairwise(found))
    for stretch in found:
        assert same(stretch.outages, within(whole, stretch.first, stretch.last))
        assert len(stretch.outages.starts) <= max(most, len(renewal.keys))


@pytest.mark.parametrize("failures", ["exponential", "weibull:0.2", "fixed"])
@pytest.mark.parametrize("repairs", ["weibull:0.5", "lognormal:3"])
def test_windows_hold_all_of_what_overlaps_them(failures: str, repairs: str) -> None:
    """Each window overlaps the next one, or follows it, or leaves something out."""
    renewal = processes(failures, repairs)
    whole = outages(renewal, KEY, 4, LENGTH)
    spans = [(0, YEAR // 2), (YEAR // 3, YEAR), (YEAR, YEAR + 1), (2 * YEAR, LENGTH)]
    spans[2:2] = [(YEAR // 3 + day * DAY, YEAR) for day in range(1, 30)]

    found = drawn_windows(renewal, KEY, 4, LENGTH, spans)

    for (first, last), drawn in zip(spans, found, strict=True):
        inside = (whole.ends > first) & (whole.starts < last)
        before = np.concatenate(([0], np.cumsum(inside)))[whole.offsets]
        assert same(drawn, Outages(before, whole.starts[inside], whole.ends[inside]))


def test_what_fits_is_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    renewal = processes()
    [only] = drawn(renewal, int(renewal.rate.sum() * LENGTH) + 1, monkeypatch)
    assert (only.first, only.last) == (0, LENGTH)
    assert same(only.outages, outages(renewal, KEY, 4, LENGTH))


def test_the_rate_is_that_of_what_is_drawn() -> None:
    """Renewal theory: a process in steady state has its long-run rate from the start."""
    renewal = processes()
    found = outages(renewal, KEY, 4, 400 * YEAR)
    expected = renewal.rate * 400 * YEAR
    for row, key in enumerate(renewal.keys):
        number = int(found.offsets[row + 1] - found.offsets[row])
        if key.id in {"up", "down"}:
            assert renewal.rate[row] == 0
        # Many of the others end within the microsecond in which they, or the next ones, begin.
        elif key.id not in {"instant", "seams"}:
            assert abs(number - expected[row]) < 5 * expected[row] ** 0.5


def maintained() -> Estate:
    """Layered and redundant, some of it maintained on Sundays; synthetic."""
    estate = layered_estate(80, 3, redundant=0.5)
    services = [
        service.model_dump(mode="json") | ({"maintenance": [SUNDAYS]} if number % 9 == 0 else {})
        for number, service in enumerate(estate.services)
    ]
    return Estate.model_validate({**estate.model_dump(mode="json"), "services": services})


@pytest.mark.parametrize("estate", [random_estate(1), random_estate(8), maintained()])
def test_a_block_in_stretches_gives_the_same_bits(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = SimulationOptions(
        money=False, mttr_hours=4, assessment=AssessmentOptions(as_of=date(2026, 4, 1))
    )
    task = Simulation(structure_of(estate), options).task
    usual = BlockSimulator(task).years(2).downtime
    monkeypatch.setattr(outage_stretches, "_MOST_AT_ONCE", 200)
    assert len(list(drawn_stretches(task.renewal, task.key, 2, 16 * YEAR))) > 1

    assert (BlockSimulator(task).years(2).downtime == usual).all()
    assert usual.any()


def test_a_simulation_in_stretches_gives_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Members that are often down, and a vote over them: outages meet all the time."""
    members = [{"id": f"m{n}", "unavailability": 0.2, "mttr_hours": 30} for n in range(40)]
    group = {"at_least": 30, "of": [member["id"] for member in members]}
    top = {"id": "top", "availability": 1, "depends_on": [group]}
    structure = structure_of(Estate.model_validate({"services": [*members, top]}))
    options = SimulationOptions(years=32, repairs=DurationShape(kind="weibull", shape=0.5))
    answers = []
    for most in (10**9, 3_000):
        monkeypatch.setattr(outage_stretches, "_MOST_AT_ONCE", most)
        simulation = Simulation(structure, options)
        gather(simulation, local_blocks(simulation.simulator(), simulation.tasks()))
        answers.append(simulation.answer())
    assert answers[0] == answers[1]


def test_a_stretch_holds_what_overlaps_it_cut_off_at_its_ends() -> None:
    rows = Outages(np.array([0, 2, 2, 4]), np.array([0, 50, 10, 90]), np.array([20, 60, 40, 95]))

    found = within(rows, 15, 55)

    assert found.offsets.tolist() == [0, 2, 2, 3]
    assert found.starts.tolist() == [15, 50, 15]
    assert found.ends.tolist() == [20, 55, 40]
