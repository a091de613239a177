"""Measurement: worked examples B01, B02, B05, B06, B08, D14, E03, and the rules M1 to M11."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from depgraph.engine.exclusions import Promise
from depgraph.engine.measurement import Level, LevelMeter
from depgraph.engine.periods import period_from
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

APRIL = (datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))


def outage(name: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "affects": "web", "start": start, "end": end, "cause": "supplier", **more}


def april(name: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    return outage(name, f"2026-04-{start}:00Z", f"2026-04-{end}:00Z", **more)


def measured(
    incidents: list[dict[str, Any]],
    period: tuple[datetime, datetime] = APRIL,
    *,
    objective: dict[str, Any] | None = None,
    sla: dict[str, Any] | None = None,
    measurements: list[dict[str, Any]] | None = None,
    as_of: datetime = datetime(2027, 1, 1, tzinfo=UTC),
) -> Level:
    """Level of one service that one supplier promises."""
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "V"}, {"id": "C", "own": True}, {"id": "U"}],
            "locations": [{"id": "r1"}, {"id": "r2"}],
            "services": [{"id": "web", "provider": "V"}],
            "contracts": [
                {
                    "id": "k", "supplier": "V", "customer": "C",
                    "slas": [
                        {
                            "id": "s", "service": "web", "monthly_fee": "100 EUR",
                            "objectives": [
                                {"metric": "availability", "target": "0.999", **(objective or {})}
                            ],
                            **(sla or {}),
                        }
                    ],
                }
            ],
            "incidents": incidents,
            "measurements": measurements or [],
        }
    )  # fmt: skip
    contract, agreement = estate.sla["s"]
    promised = agreement.availability_objective
    assert promised is not None
    meter = LevelMeter(structure_of(estate), estate.incidents, estate.measurements, as_of)
    return meter.level(Promise(contract, agreement, promised), *period)


MAINTENANCE = {"exclusions": [{"kind": "planned_maintenance"}]}
B01 = [
    april("a", "10T10:00", "10T11:00"),
    april("b", "10T10:30", "10T11:30"),
    april("c", "20T01:30", "20T03:00"),
    april("m", "20T02:00", "20T04:00", cause="planned_maintenance"),
]


def test_b01_union_less_maintenance_over_the_full_period() -> None:
    level = measured(B01, sla=MAINTENANCE)

    assert level.counted == 120
    assert level.excluded == 120
    assert round(float(level.availability) * 100, 6) == 99.722222


def test_b01_over_the_period_less_exclusions() -> None:
    level = measured(B01, sla=MAINTENANCE, objective={"denominator": "less_exclusions"})

    assert level.length == 43200 - 120
    assert round(float(level.availability) * 100, 6) == 99.721448


def test_b02_interval_mean_and_request_ratio_differ() -> None:
    first = datetime(2026, 4, 10, tzinfo=UTC)
    rows = [
        {"service": "web", "start": APRIL[0], "end": first, "source": "lb", "good": 2592 * 100, "valid": 2592 * 100},
        {"service": "web", "start": first, "end": first + timedelta(hours=1), "source": "lb", "good": 0, "valid": 12_000},
        {"service": "web", "start": first + timedelta(hours=1), "end": APRIL[1], "source": "lb", "good": 6036 * 100, "valid": 6036 * 100},
    ]  # fmt: skip

    mean = measured([], measurements=rows, objective={"measure": "interval_mean"})
    ratio = measured([], measurements=rows, objective={"measure": "request_ratio"})

    assert round(float(mean.availability) * 100, 6) == 99.861111
    assert round(float(ratio.availability) * 100, 6) == 98.628258
    assert mean.source == "lb"


@pytest.mark.parametrize(
    ("impact", "partial", "counted"),
    [("0.5", "weighted", 37.5), ("0.04", "weighted", 3), ("0.5", "any", 75)],
)
def test_b05_partial_impact(impact: str, partial: str, counted: float) -> None:
    june = (datetime(2022, 6, 1, tzinfo=UTC), datetime(2022, 7, 1, tzinfo=UTC))
    hit = outage("cf", "2022-06-21T06:27:00Z", "2022-06-21T07:42:00Z", impact=impact)

    assert measured([hit], june, objective={"partial": partial}).counted == counted


@pytest.mark.parametrize(
    ("offset", "alignment", "counted"), [(0, "clock", 2), (40, "clock", 1), (40, "sliding", 2)]
)
def test_b06_whole_minutes(offset: int, alignment: str, counted: int) -> None:
    start = datetime(2026, 4, 10, 10, 0, offset, tzinfo=UTC)
    hit = outage("g", start.isoformat(), (start + timedelta(seconds=120)).isoformat())
    objective = {"granularity": "whole_minutes", "minute_alignment": alignment}

    assert measured([hit], objective=objective).counted == counted


def test_b08_an_outage_over_the_month_boundary_is_clipped_to_each() -> None:
    hit = [outage("leap", "2012-02-29T00:00:00Z", "2012-03-01T10:15:00Z")]
    first, turn, last = (datetime(2012, month, 1, tzinfo=UTC) for month in (2, 3, 4))

    february, march = measured(hit, (first, turn)), measured(hit, (turn, last))

    assert [february.counted, march.counted] == [1440, 615]
    assert round(float(february.availability) * 100, 6) == 96.551724
    assert round(float(march.availability) * 100, 6) == 98.622312


@pytest.mark.parametrize(("policy", "counted"), [("any_excluded", 60), ("sole_cause", 120)])
def test_d14_fault_and_force_majeure_at_once(policy: str, counted: int) -> None:
    both = [
        april("fault", "10T10:00", "10T12:00"),
        april("flood", "10T11:00", "10T13:00", cause="force_majeure", evidence="met office"),
    ]
    sla = {"exclusions": [{"kind": "force_majeure"}]}

    assert measured(both, sla=sla, objective={"concurrent": policy}).counted == counted


def test_e03_levels_are_compared_unrounded() -> None:
    start = datetime(2026, 4, 10, tzinfo=UTC)
    end = start + timedelta(seconds=21 * 60 + 36, microseconds=6_000)

    level = measured([outage("e", start.isoformat(), end.isoformat())])

    assert level.counted == Fraction("21.6001")
    assert round(float(level.availability) * 100, 9) == 99.949999769
    assert level.availability < Fraction("0.9995")


def test_force_majeure_without_evidence_counts() -> None:
    flood = april("flood", "10T11:00", "10T13:00", cause="force_majeure")

    assert measured([flood], sla={"exclusions": [{"kind": "force_majeure"}]}).counted == 120


def test_minutes_beyond_a_quota_count_and_the_earliest_use_it_up() -> None:
    works = [
        april(str(day), f"{day}T01:00", f"{day}T03:00", cause="planned_maintenance")
        for day in (11, 12)
    ]
    sla = {"exclusions": [{"kind": "planned_maintenance", "quota_hours": 3}]}

    level = measured(works, sla=sla)

    assert level.counted == 60
    assert level.excluded == 180
    assert level.counted_time[0, 0] == datetime(2026, 4, 12, 2, tzinfo=UTC).timestamp() * 1e6


def test_planned_work_needs_its_notice_and_its_window() -> None:
    late = april("m", "12T01:00", "12T03:00", cause="planned_maintenance", announced="2026-04-11T12:00:00Z")  # fmt: skip
    sundays = {"rule": "FREQ=WEEKLY;BYDAY=SU;BYHOUR=2;BYMINUTE=0;BYSECOND=0", "hours": 4}

    def counted(**terms: Any) -> Fraction:
        sla = {"exclusions": [{"kind": "planned_maintenance", **terms}]}
        return measured([late], sla=sla).counted

    assert counted(notice_hours=12) == 0
    assert counted(notice_hours=24) == 120
    assert counted(windows=[sundays]) == 60


def test_waivers_need_both_sides() -> None:
    hit = [april("a", "10T10:00", "10T11:00")]

    def counted(approved: list[str]) -> Fraction:
        waiver = {"kind": "waiver", "start": "2026-04-10", "end": "2026-04-10", "approved_by": approved}  # fmt: skip
        return measured(hit, sla={"exclusions": [waiver]}).counted

    assert counted(["V", "C"]) == 0
    assert counted(["V"]) == 60


def test_service_hours_and_their_denominator() -> None:
    office = {"windows": [{"rule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0;BYSECOND=0", "hours": 8}]}  # fmt: skip
    hit = [april("a", "10T16:00", "10T20:00")]

    level = measured(hit, sla={"service_hours": office}, objective={"denominator": "service_hours"})

    assert level.counted == 60
    assert level.length == 22 * 8 * 60


def test_clock_changes_change_the_length_of_a_period() -> None:
    march = period_from("month", 2026 * 12 + 2, "Europe/Dublin")

    assert measured([], (march.start, march.end)).length == 743 * 60


def test_an_open_incident_makes_the_figure_provisional() -> None:
    running = {**april("a", "10T10:00", "10T11:00"), "end": None}

    level = measured([running], as_of=datetime(2026, 4, 10, 12, tzinfo=UTC))

    assert level.provisional
    assert level.counted == 120


def test_intervals_count_only_if_they_fail_entirely() -> None:
    hit = [april("a", "10T10:02", "10T10:16")]
    objective = {"measure": "interval_all_fail", "interval_minutes": 5}

    assert measured(hit, objective=objective).counted == 10


def test_short_runs_do_not_count() -> None:
    hits = [april("a", "10T10:00", "10T10:04"), april("b", "11T10:00", "11T10:05")]
    objective = {"granularity": "consecutive_minutes", "consecutive_minutes": 5}

    assert measured(hits, objective=objective).counted == 5


@pytest.mark.parametrize(("rule", "counted"), [("any_down", 120), ("all_down", 30)])
def test_regions_any_and_all(rule: str, counted: int) -> None:
    hits = [
        april("a", "10T10:00", "10T11:00", regions=["r1"]),
        april("b", "10T10:30", "10T12:00", regions=["r2"]),
    ]

    assert (
        measured(hits, sla={"regions": ["r1", "r2"]}, objective={"regions": rule}).counted
        == counted
    )


def test_sources_are_kept_apart_and_the_agreed_one_decides() -> None:
    told = [
        april("p", "10T10:00", "10T11:00", source="probe"),
        april("v", "10T10:05", "10T10:50", source="vendor"),
    ]

    ours = measured(told, objective={"source_of_record": "probe"})
    theirs = measured(told, objective={"source_of_record": "vendor"})

    assert [ours.counted, theirs.counted] == [60, 45]
    assert {name: 43200 * (1 - share) for name, share in ours.sources.items()} == {
        "probe": 60,
        "vendor": 45,
    }


def test_time_without_requests_is_available() -> None:
    rows = [{"service": "web", "start": APRIL[0], "end": APRIL[1], "source": "lb", "good": 0, "valid": 0}]  # fmt: skip

    assert measured([], measurements=rows, objective={"measure": "interval_mean"}).availability == 1
