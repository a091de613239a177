"""Planned maintenance in simulated years: known answers by the calendar, and by contract terms."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from depgraph.engine import outage_stretches
from depgraph.engine.availability import AssessmentOptions
from depgraph.engine.outage_union import together
from depgraph.engine.planned import Planned, Timeline, planned_maintenance
from depgraph.engine.renewal import Outages, outages
from depgraph.engine.simulation import Simulation, simulated
from depgraph.engine.simulation_blocks import (
    _LENGTH,
    AFTER,
    BEFORE,
    BLOCK_YEARS,
    YEAR,
    BlockSimulator,
)
from depgraph.engine.simulation_options import SimulationOptions
from depgraph.engine.structure import ComponentKey, structure_of
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
    windows = task.planned.between(0, _LENGTH)
    both = together(drawn, windows)
    moments = np.random.default_rng(1).integers(0, _LENGTH, 20_000)

    def within(times: Outages) -> np.ndarray:
        return np.array([((times.starts <= m) & (m < times.ends)).any() for m in moments])

    assert (within(both) == (within(drawn) | within(windows))).all()
    assert (both.starts[1:] > both.ends[:-1]).all()
    assert BLOCK_YEARS * YEAR < _LENGTH


DAILY = {"rule": "FREQ=DAILY;BYHOUR=23;BYMINUTE=0;BYSECOND=0", "hours": 2, "timezone": "Asia/Tokyo"}
NEW_YEAR = {"rule": "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;BYHOUR=0;BYMINUTE=0;BYSECOND=0",
            "hours": 40, "timezone": "America/Lima", "notice_hours": 24}  # fmt: skip


def several(calendar: int = 2026) -> Planned:
    """Synthetic: calendars that are shared, overlap, and cross the borders of a year; and none."""
    windows: list[list[dict[str, Any]]] = [
        [SUNDAYS], [], [DAILY, SUNDAYS, NEW_YEAR], [SUNDAYS], [MONTHLY], [NEW_YEAR],
    ]  # fmt: skip
    services = [{"id": f"s{n}", "maintenance": each} for n, each in enumerate(windows)]
    structure = structure_of(Estate.model_validate({"services": services}))
    keys = [ComponentKey("service", f"s{n}") for n in range(len(windows))]
    found = planned_maintenance(structure, keys, Timeline(calendar, 3, YEAR, BEFORE, AFTER))
    assert found is not None
    return found


def laid_out(calendar: int = 2026) -> list[list[tuple[int, int]]]:
    """The same by a second computation: day after day of three such years, with their margins."""
    hour = 3_600_000_000
    day, origin = timedelta(days=1), datetime(calendar, 1, 1, tzinfo=UTC)
    kinds: list[list[tuple[int, int]]] = [[], [], [], []]
    for number in range(3):
        begins, ends = 0 if number else -BEFORE, YEAR + (AFTER if number == 2 else 0)
        shift = BEFORE + number * YEAR
        for n in range(-4, 400):
            local = origin + n * day
            starts = [
                (local.weekday() == 6, local.replace(hour=2), 2),
                (True, local.replace(hour=23, tzinfo=ZoneInfo("Asia/Tokyo")), 2),
                (local.day == 5, local.replace(hour=2, tzinfo=ZoneInfo("Europe/Dublin")), 3),
                (local.month == local.day == 1, local.replace(tzinfo=ZoneInfo("America/Lima")), 40),
            ]
            for kind, (applies, moment, hours) in enumerate(starts):
                start = (moment.astimezone(UTC) - origin) // timedelta(microseconds=1)
                start, end = max(start, begins), min(start + hours * hour, ends)
                if applies and start < end:
                    kinds[kind].append((start + shift, end + shift))
    sundays, daily, monthly, new_year = kinds
    return [sundays, [], sorted(daily + sundays + new_year), sundays, monthly, new_year]


def overlapping(planned: Planned, first: int, last: int) -> list[list[tuple[int, int]]]:
    times = planned.between(first, last)
    flat = list(zip(times.starts.tolist(), times.ends.tolist(), strict=True))
    return [sorted(flat[a:b]) for a, b in pairwise(times.offsets.tolist())]


@pytest.mark.parametrize("calendar", [2024, 2026])
def test_any_part_of_the_timeline_has_the_windows_that_overlap_it(calendar: int) -> None:
    planned, expected = several(calendar), laid_out(calendar)
    length = BEFORE + 3 * YEAR + AFTER
    assert overlapping(planned, 0, length) == expected
    assert planned.number >= sum(map(len, expected)) - 6 * 100

    draw = np.random.default_rng(3)
    for first in draw.integers(0, length, 60).tolist():
        last = first + int(draw.choice([1, YEAR // 9, YEAR, length]))
        inside = [[w for w in row if w[0] < last and w[1] > first] for row in expected]
        assert overlapping(planned, first, last) == inside


@pytest.mark.parametrize("most", [1, 7, 300, 100_000])
def test_between_cuts_at_most_so_many_begin(most: int) -> None:
    starts = np.array(sorted(start for row in laid_out() for start, _ in row))

    borders = [0, *several().cuts(most), BEFORE + 3 * YEAR + AFTER]

    assert (np.diff(borders) > 0).all()
    for first, last in pairwise(borders):
        begun = starts[(starts >= first) & (starts < last)]
        # Those that begin at one instant stay together, at most one of each row.
        assert len(begun) <= most + 6
    assert (len(borders) == 2) == (len(starts) < most)


def test_many_windows_are_settled_year_by_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """Components that never fail, whose windows are too many at once: the figures stay."""
    excluded = {"kind": "planned_maintenance", "quota_hours": 3}
    kept = {"maintenance": [MONTHLY, DAILY, NEW_YEAR]}
    for terms in ({}, {"exclusions": [excluded]}):
        task = Simulation(structure_of(estate(kept, **terms)), OPTIONS).task
        usual = BlockSimulator(task).years(0)
        with monkeypatch.context() as patch:
            patch.setattr(outage_stretches, "_MOST_AT_ONCE", 50)
            assert not outage_stretches.fit_at_once(task.renewal, _LENGTH, task.planned)
            found = BlockSimulator(task).years(0)
        assert (found.downtime == usual.downtime).all()
        assert (found.money == usual.money).all()
        assert usual.money.any()


def test_every_year_has_the_windows_of_its_calendar_year() -> None:
    """Wednesdays, 23:00 to 1:00, in 2026: an hour of that of 31 December 2025, and 52 more."""
    wednesdays = {"rule": "FREQ=WEEKLY;BYDAY=WE;BYHOUR=23;BYMINUTE=0;BYSECOND=0", "hours": 2}
    [shop] = simulated(structure_of(estate({"maintenance": [wednesdays]})), OPTIONS).services
    down = shop.downtime_minutes
    assert down.mean == down.p50 == down.tail_mean == 60 + 52 * 120


def test_windows_after_new_year_fall_on_their_own_weekday() -> None:
    """The contract's December lasts until 14 January 2027, whose Sundays are those of 2027."""
    kept = {"kind": "planned_maintenance", "windows": [SUNDAYS]}
    data = estate({"maintenance": [SUNDAYS]}, exclusions=[kept])
    anchored = data.replace(contracts=[data.contracts[0].replace(anchor_day=15)])
    [contract] = simulated(structure_of(anchored), OPTIONS).contracts
    assert contract.breaches.mean == contract.breaches.tail_mean == 0

    counted = anchored.contracts[0].slas[0].replace(exclusions=())
    bare = anchored.replace(contracts=[anchored.contracts[0].replace(slas=[counted])])
    task = Simulation(structure_of(bare), OPTIONS).task
    assert len(np.unique(BlockSimulator(task).years(0).money, axis=0)) == 1


def test_notice_longer_than_any_time_is_notice_enough() -> None:
    """No number of the machine holds it: the simulation ended in an error of the compiler."""
    endless = {**MONTHLY, "notice_hours": "12345678901234567890.5"}
    agreed = {"kind": "planned_maintenance", "notice_hours": 1000}
    answer = simulated(
        structure_of(estate({"maintenance": [endless]}, exclusions=[agreed])), OPTIONS
    )
    [shop], [owed] = answer.services, answer.contracts
    assert shop.downtime_minutes.mean == 12 * 3 * 60
    assert owed.breaches.mean == 0


def test_maintenance_that_runs_into_the_year_keeps_its_notice() -> None:
    """22:00 to 3:00 with 23 h of notice, where 24 h are agreed: both months miss their target."""
    late = {"rule": "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31;BYHOUR=22;BYMINUTE=0;BYSECOND=0",
            "hours": 5, "notice_hours": 23}  # fmt: skip
    agreed = {"kind": "planned_maintenance", "notice_hours": 24}
    answer = simulated(structure_of(estate({"maintenance": [late]}, exclusions=[agreed])), OPTIONS)
    [contract] = answer.contracts
    assert contract.breaches.mean == contract.breaches.p50 == 2
