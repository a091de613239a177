"""When each component is down: steady state from the first instant on (rule W5). Synthetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from depgraph.engine.availability import final_figures
from depgraph.engine.renewal import Outages, Renewal, outages, renewal_of, stream_key
from depgraph.engine.structure import structure_of
from depgraph.model.duration import duration_shape
from depgraph.model.estate import Estate

HOUR = 3_600_000_000
KEY = stream_key(11)
SUNDAYS = {"rule": "FREQ=WEEKLY;BYDAY=SU;BYHOUR=2;BYMINUTE=0;BYSECOND=0", "hours": 4}


def processes(
    services: list[dict[str, Any]], failures: str = "exponential", repairs: str = "exponential",
    **more: Any,
) -> Renewal:  # fmt: skip
    structure = structure_of(Estate.model_validate({"services": services, **more}))
    shapes = duration_shape(failures), duration_shape(repairs)
    return renewal_of(structure, final_figures(structure).world(1), shapes, 1.0)


def first_of(found: Outages, row: int) -> tuple[int, int] | None:
    """First outage of a row."""
    at = int(found.offsets[row])
    return None if at == found.offsets[row + 1] else (int(found.starts[at]), int(found.ends[at]))


@pytest.mark.parametrize("failures", ["exponential", "fixed", "weibull:3"])
@pytest.mark.parametrize("repairs", ["exponential", "fixed", "lognormal:1"])
def test_at_every_instant_the_share_that_is_down_is_the_unavailability(
    failures: str, repairs: str
) -> None:
    """At the start, at the end and between, of 4,000 timelines; by four standard deviations."""
    renewal = processes([{"id": "a", "unavailability": 0.3, "mttr_hours": 3}], failures, repairs)
    length = 17 * HOUR
    moments = {0: 0, 2 * HOUR: 0, 9 * HOUR: 0, length - 1: 0}
    for block in range(4_000):
        found = outages(renewal, KEY, block, length)
        for moment in moments:
            moments[moment] += int(((found.starts <= moment) & (moment < found.ends)).sum())

    error = 4 * (0.3 * 0.7 / 4_000) ** 0.5
    assert {m: n / 4_000 for m, n in moments.items()} == pytest.approx(
        dict.fromkeys(moments, 0.3), abs=error
    )


def test_an_outage_that_is_running_at_the_start_is_cut_as_renewal_theory_has_it() -> None:
    """Of a fixed repair of 3 hours anything from nothing to all is left, with a mean of half."""
    renewal = processes([{"id": "a", "unavailability": 0.5, "mttr_hours": 3}], repairs="fixed")
    left = []
    for block in range(2_000):
        found = first_of(outages(renewal, KEY, block, 100 * HOUR), 0)
        if found is not None and found[0] == 0:
            left.append(found[1] / HOUR)

    assert max(left) <= 3.0
    assert np.mean(left) == pytest.approx(1.5, abs=4 * 3 / 12**0.5 / len(left) ** 0.5)
    assert np.mean(np.array(left) < 0.75) == pytest.approx(0.25, abs=0.06)


def test_rates_are_those_of_the_long_run() -> None:
    """A share down of 1 in 10 in outages of 5 hours: 1 in 50 hours; none of what never changes."""
    renewal = processes(
        [
            {"id": "a", "unavailability": 0.1, "mttr_hours": 5},
            {"id": "ever", "unavailability": 1},
            {"id": "kept", "unavailability": 0, "maintenance": [SUNDAYS]},
            {"id": "never", "unavailability": 0},
        ]
    )
    rates = {key.id: rate for key, rate in zip(renewal.keys, renewal.rate, strict=True)}

    assert rates.keys() == {"a", "ever", "kept"}
    assert rates["a"] * HOUR == pytest.approx(1 / 50)
    assert rates["ever"] == rates["kept"] == 0
    found = outages(renewal, KEY, 0, 100_000 * HOUR)
    assert len(found.starts) - 1 == pytest.approx(2_000, abs=4 * 2_000**0.5)


def test_what_is_ever_down_is_down_throughout_and_what_is_only_kept_never() -> None:
    services = [
        {"id": "ever", "unavailability": 1},
        {"id": "kept", "unavailability": 0, "maintenance": [SUNDAYS]},
        {"id": "both", "unavailability": 0.5, "maintenance": [SUNDAYS]},
    ]
    renewal = processes(services)
    found = outages(renewal, KEY, 0, 50 * HOUR)
    rows = {key.id: row for row, key in enumerate(renewal.keys)}

    assert rows.keys() == {"ever", "kept", "both"}
    assert first_of(found, rows["ever"]) == (0, 50 * HOUR)
    assert first_of(found, rows["kept"]) is None
    assert first_of(found, rows["both"]) is not None


def test_outages_stand_apart_and_within_the_timeline() -> None:
    """Also where the time between two is mostly less than a microsecond."""
    seams = {"id": "seams", "unavailability": "0.99999999999", "mttr_hours": 30}
    renewal = processes([seams, {"id": "a", "unavailability": 0.5, "mttr_hours": 0.001}])
    length = 20_000 * HOUR
    found = outages(renewal, KEY, 0, length)

    assert found.ends.max() <= length
    for row in range(2):
        part = slice(found.offsets[row], found.offsets[row + 1])
        starts, ends = found.starts[part], found.ends[part]
        assert (starts < ends).all()
        assert (starts[1:] > ends[:-1]).all()


def test_blocks_and_seeds_are_timelines_of_their_own() -> None:
    renewal = processes([{"id": "a", "unavailability": 0.5, "mttr_hours": 1}])
    drawn = {
        tuple(outages(renewal, stream_key(seed), block, 1000 * HOUR).starts[1:4])
        for seed in (1, 2)
        for block in (0, 1)
    }

    assert len(drawn) == 4


def test_common_causes_of_services_and_of_places_with_the_same_ids_are_independent() -> None:
    """A3: two causes, two streams; a common cause takes the longest repair of its members."""
    group = {"at_least": 1, "of": ["x", "y"], "common_cause": 0.5}
    services = [
        {"id": "a", "unavailability": 0, "depends_on": [group], "located_in": [group]},
        {"id": "x", "unavailability": 0.1, "mttr_hours": 2},
        {"id": "y", "unavailability": 0.1, "mttr_hours": 7},
    ]
    places = [{"id": "x", "unavailability": 0.1}, {"id": "y", "unavailability": 0.1}]
    renewal = processes(services, locations=places)
    causes = [row for row, key in enumerate(renewal.keys) if key.kind == "common_cause"]

    assert len(causes) == 2
    assert len(set(renewal.streams)) == len(renewal.keys) == 6
    hours = {renewal.keys[row].strikes: renewal.down_scale[row] / HOUR for row in causes}
    assert hours == {"service": 7, "location": 1}


def test_families_that_a_component_does_not_state_are_those_of_the_simulation() -> None:
    renewal = processes(
        [{"id": "a", "unavailability": 0.2, "mttr_hours": 4}], "weibull:2", "lognormal:0.5"
    )
    failures, repairs = duration_shape("weibull:2"), duration_shape("lognormal:0.5")

    assert renewal.shape.tolist() == [[2, 0.5]]
    assert renewal.up_scale[0] == failures.scale(16 * HOUR)
    assert renewal.down_scale[0] == repairs.scale(4 * HOUR)
    assert renewal.kinds[0, 0] != renewal.kinds[0, 1]
