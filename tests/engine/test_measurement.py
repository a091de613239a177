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
    meter, promise = metered(incidents, objective, sla, measurements, as_of)
    return meter.level(promise, *period)


def metered(
    incidents: list[dict[str, Any]],
    objective: dict[str, Any] | None = None,
    sla: dict[str, Any] | None = None,
    measurements: list[dict[str, Any]] | None = None,
    as_of: datetime = datetime(2027, 1, 1, tzinfo=UTC),
) -> tuple[LevelMeter, Promise]:
    """Meter of one service that one supplier promises, and the promise."""
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
    return meter, Promise(contract, agreement, promised)


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


THRESHOLD = {"measure": "threshold_minutes", "error_threshold": "0.05"}


@pytest.mark.parametrize(
    ("impacts", "overlap", "counted"),
    [
        (("0.05",), "max", 0),
        (("0.051",), "max", 60),
        (("0.03", "0.03"), "max", 0),
        (("0.03", "0.03"), "sum", 60),
        (("0.02", "0.03"), "sum", 0),
        (("0.9", "0.9"), "sum", 60),
    ],
)
def test_minutes_over_a_threshold_by_incidents(
    impacts: tuple[str, ...], overlap: str, counted: int
) -> None:
    """M7 with M6: only time in which more than the threshold failed, at its full length."""
    incidents = [
        april(f"i{n}", "10T10:00", "10T11:00", impact=share) for n, share in enumerate(impacts)
    ]

    assert measured(incidents, objective={**THRESHOLD, "overlap": overlap}).counted == counted


def test_minutes_over_a_threshold_are_whole_and_in_runs() -> None:
    """M7: 10:00:30 to 10:04:30 holds three minutes of the clock, and four from its own start."""
    times = {"start": "2026-04-10T10:00:30Z", "end": "2026-04-10T10:04:30Z"}
    incident = april("i", "10T10:00", "10T10:01") | times

    def minutes(**more: Any) -> Fraction:
        return measured([incident], objective={**THRESHOLD, **more}).counted

    assert minutes() == 3
    assert minutes(consecutive_minutes=3) == 3
    assert minutes(consecutive_minutes=4) == 0
    assert minutes(consecutive_minutes=4, minute_alignment="sliding") == 4


def figures(*rows: tuple[str, str, int]) -> list[dict[str, Any]]:
    """Good ones of 100 requests, from one time of 10 April to another."""
    return [
        {"service": "web", "source": "lb", "start": f"2026-04-10T{start}Z",
         "end": f"2026-04-10T{end}Z", "good": good, "valid": 100}
        for start, end, good in rows
    ]  # fmt: skip


def test_minutes_over_a_threshold_by_figures() -> None:
    """M7, M8: 95 of 100 is at the threshold; 94 is over it, for three minutes and for one."""
    rows = figures(
        ("10:00:00", "10:02:00", 95), ("10:02:00", "10:05:00", 94), ("10:07:00", "10:08:00", 0)
    )  # fmt: skip

    level = measured([], measurements=rows, objective=THRESHOLD)
    assert (1 - level.availability) * 43_200 == 4
    runs = measured([], measurements=rows, objective={**THRESHOLD, "consecutive_minutes": 2})
    assert (1 - runs.availability) * 43_200 == 3
    assert level.source == "lb"


@pytest.mark.parametrize(
    ("overlap", "counted"),
    [("max", "0.3 × 30 + 0.6 × 60"), ("sum", "0.3 × 30 + 0.9 × 30 + 0.6 × 30")],
)
@pytest.mark.parametrize("terms", [{"partial": "weighted"}, {"measure": "request_ratio"}])
def test_partial_outages_that_overlap(overlap: str, counted: str, terms: dict[str, Any]) -> None:
    """M6: 30 % from 10:00 to 11:00 and 60 % from 10:30 to 11:30, each stretch by its share."""
    both = [
        april("a", "10T10:00", "10T11:00", impact="0.3"),
        april("b", "10T10:30", "10T11:30", impact="0.6"),
    ]
    wanted = sum(
        Fraction(share) * int(length)
        for share, length in (part.split(" × ") for part in counted.split(" + "))
    )

    assert measured(both, objective={**terms, "overlap": overlap}).counted == wanted


def test_impacts_never_add_up_to_more_than_all() -> None:
    both = [april(name, "10T10:00", "10T11:00", impact="0.7") for name in "ab"]
    terms = {"partial": "weighted", "overlap": "sum"}

    assert measured(both, objective=terms).counted == 60
    mixed = [both[0], april("b", "10T11:00", "10T12:00")]
    assert measured(mixed, objective=terms).counted == 42 + 60


@pytest.mark.parametrize(
    ("measure", "source"),
    [("time", "incident record"), ("request_ratio", "incident record, even traffic assumed")],
)
@pytest.mark.parametrize("incidents", [[], [april("a", "10T10:00", "10T11:00")]])
def test_a_figure_says_where_it_comes_from(
    measure: str, source: str, incidents: list[dict[str, Any]]
) -> None:
    """M11, M8: requests that nobody counted are taken to come evenly."""
    assert measured(incidents, objective={"measure": measure}).source == source


@pytest.mark.parametrize(
    ("as_of", "end", "provisional"),
    [(APRIL[1], "10T11:00", False), (APRIL[1] - timedelta(seconds=1), "10T11:00", True),
     (APRIL[1], None, True)],
)  # fmt: skip
@pytest.mark.parametrize("others", [[], [april("b", "12T10:00", "12T11:00")]])
def test_provisional_until_the_period_and_its_incidents_are_over(
    as_of: datetime, end: str | None, provisional: bool, others: list[dict[str, Any]]
) -> None:
    """M1: the last instant belongs to the period; an incident that is not over may grow."""
    incident = april("a", "10T10:00", end or "10T11:00")
    if end is None:
        del incident["end"]

    assert measured([incident, *others], as_of=as_of).provisional is provisional
    assert measured([], as_of=as_of).provisional is (as_of < APRIL[1])


def test_which_incidents_count_is_told() -> None:
    """M2, M3: maintenance took part, and no downtime of it counts."""
    level = measured([*B01, april("z", "01T00:00", "01T01:00")][::-1], sla=MAINTENANCE)

    assert level.incidents == ("a", "b", "c", "m", "z")
    assert level.counted_incidents == ("a", "b", "c", "z")
    assert measured([B01[3]], sla=MAINTENANCE).counted_incidents == ()


def test_what_each_ground_took_and_what_was_too_much_is_told() -> None:
    """M3: four hours of maintenance of which three are agreed; an hour of force majeure."""
    terms = {
        "exclusions": [
            {"kind": "planned_maintenance", "quota_hours": 3},
            {"kind": "force_majeure", "evidence_required": False},
        ]
    }
    incidents = [
        april("m", "10T10:00", "10T12:00", cause="planned_maintenance"),
        april("n", "11T10:00", "11T12:00", cause="planned_maintenance"),
        april("f", "12T10:00", "12T11:00", cause="force_majeure"),
        april("s", "13T10:00", "13T10:30"),
    ]
    level = measured(incidents, sla=terms)

    assert dict(level.grounds.by_ground) == {"planned_maintenance": 180, "force_majeure": 60}
    assert dict(level.grounds.over_quota) == {"planned_maintenance": 60}
    assert level.excluded == 240
    assert level.counted == 90


def test_time_outside_agreed_hours_is_told() -> None:
    """M3: of an outage from 10:00 to 14:00, the office is open until noon."""
    hours = {"windows": [{"rule": "FREQ=DAILY;BYHOUR=8;BYMINUTE=0;BYSECOND=0", "hours": 4}]}
    level = measured([april("a", "10T10:00", "10T14:00")], sla={"service_hours": hours})

    assert dict(level.grounds.by_ground) == {"outside agreed time": 120}
    assert level.counted == 120


@pytest.mark.parametrize(
    ("ground", "incident", "excused"),
    [
        ({}, {"cause": "force_majeure", "evidence": "report"}, True),
        ({}, {"cause": "force_majeure"}, False),
        ({}, {"cause": "supplier", "evidence": "report"}, False),
        ({"evidence_required": False}, {"cause": "supplier"}, False),
        ({"evidence_required": False}, {"cause": "force_majeure"}, True),
        ({"scope": ["Flood"]}, {"cause": "force_majeure", "evidence": "report"}, True),
        ({"scope": ["Flood"]},
         {"cause": "force_majeure", "evidence": "report", "root_cause": "flood"}, True),
        ({"scope": ["Flood"]},
         {"cause": "force_majeure", "evidence": "report", "root_cause": "strike"}, False),
        ({}, {"cause": "force_majeure", "evidence": "report", "root_cause": "strike"}, True),
    ],
)  # fmt: skip
def test_force_majeure_is_an_event_of_its_scope_with_its_evidence(
    ground: dict[str, Any], incident: dict[str, Any], excused: bool
) -> None:
    terms = {"exclusions": [{"kind": "force_majeure", **ground}]}
    level = measured([april("f", "10T10:00", "10T11:00", **incident)], sla=terms)

    assert level.excluded == (60 if excused else 0)


@pytest.mark.parametrize("kind", ["planned_maintenance", "emergency_maintenance"])
def test_maintenance_is_excused_as_what_it_is(kind: str) -> None:
    """M3: each kind for its own ground; work of which nobody was told lacks its notice."""
    other = {"planned_maintenance": "emergency_maintenance"}.get(kind, "planned_maintenance")

    def excluded(ground: dict[str, Any], **incident: Any) -> Fraction:
        work = april("m", "10T10:00", "10T11:00", **incident)
        return measured([work], sla={"exclusions": [{"kind": kind, **ground}]}).excluded

    assert excluded({}, cause=kind) == 60
    assert excluded({}, cause=other) == 0
    assert excluded({"notice_hours": 1}, cause=kind) == 0
    told = "2026-04-10T09:00:00Z"
    assert excluded({"notice_hours": 1}, cause=kind, announced=told) == 60
    assert excluded({"notice_hours": "1.01"}, cause=kind, announced=told) == 0


@pytest.mark.parametrize(
    ("kind", "service", "approved", "excluded"),
    [
        ("waiver", None, ["V", "C"], 60),
        ("waiver", "web", ["C", "V", "U"], 60),
        ("waiver", None, ["V", "U"], 0),
        ("suspension", None, [], 60),
        ("suspension", "web", [], 60),
    ],
)
def test_days_out_of_the_agreement(
    kind: str, service: str | None, approved: list[str], excluded: int
) -> None:
    """K11: a waiver by both parties, or a suspension; an hour of two days lies in them."""
    ground = {"kind": kind, "start": "2026-04-10", "end": "2026-04-10", "service": service,
              "approved_by": approved}  # fmt: skip
    level = measured([april("a", "10T23:00", "11T01:00")], sla={"exclusions": [ground]})

    assert level.excluded == excluded
    assert level.counted == 120 - excluded


def test_regions_of_their_own_without_any_place_are_the_service() -> None:
    """M9: nothing says where it stands, so that there is one entitlement."""
    level = measured([april("a", "10T10:00", "10T11:00")], objective={"regions": "each"})

    assert level.counted == 60


STATED = {"service": "web", "source": "vendor", "start": APRIL[0], "end": APRIL[1]}
OFFICE = {"service_hours": {"windows": [{"rule": "FREQ=DAILY;BYHOUR=8;BYMINUTE=0;BYSECOND=0", "hours": 4}]}}  # fmt: skip


@pytest.mark.parametrize("denominator", ["full", "less_exclusions", "service_hours"])
@pytest.mark.parametrize("terms", [MAINTENANCE, OFFICE])
@pytest.mark.parametrize(
    ("measure", "figure"),
    [("time", {"availability": "0.99"}), ("interval_mean", {"good": 99, "valid": 100}),
     ("request_ratio", {"good": 99, "valid": 100})],
)  # fmt: skip
def test_a_figure_of_the_whole_period_is_taken_as_it_is_stated(
    measure: str, figure: dict[str, Any], terms: dict[str, Any], denominator: str
) -> None:
    """M11: an excluded hour does not make the agreed source's 99 % a perfect month."""
    rows = [{**STATED, **figure}]
    agreed = {"measure": measure, "source_of_record": "vendor", "denominator": denominator}
    level = measured([B01[3]], sla=terms, measurements=rows, objective=agreed)

    assert level.availability == Fraction("0.99")
    assert level.counted == level.length / 100


@pytest.mark.parametrize(
    ("hours", "denominator", "lost"),
    [(24, "full", "0.1 × 1320"), (24, "less_exclusions", "0.1 × 1320"), (2, "full", "0"),
     (3, "full", "0.1 × 60")],
)  # fmt: skip
def test_figures_that_are_excluded_in_part(hours: int, denominator: str, lost: str) -> None:
    """M3, M8: maintenance from 02:00 to 04:00; what is left of longer figures counts at its rate."""
    start = datetime(2026, 4, 20, 0 if hours == 24 else 2, tzinfo=UTC)
    row = {"service": "web", "source": "lb", "start": start, "end": start + timedelta(hours=hours),
           "good": 90, "valid": 100}  # fmt: skip
    terms = {"measure": "interval_mean", "denominator": denominator}
    level = measured([B01[3]], sla=MAINTENANCE, measurements=[row], objective=terms)

    share, _, minutes = lost.partition(" × ")
    wanted = Fraction(share) * int(minutes or 0)
    assert level.length == (43_200 if denominator == "full" else 43_080)
    assert (1 - level.availability) * level.length == wanted


def test_a_ratio_counts_the_requests_of_the_part_that_is_not_excluded() -> None:
    """M8: a day of which 22 of 24 hours count, and a day that is whole."""
    rows = [
        {"service": "web", "source": "lb", "start": f"2026-04-{day}T00:00:00Z",
         "end": f"2026-04-{day + 1}T00:00:00Z", "good": good, "valid": 2400}
        for day, good in ((20, 1200), (21, 2400))
    ]  # fmt: skip
    level = measured(
        [B01[3]], sla=MAINTENANCE, measurements=rows, objective={"measure": "request_ratio"}
    )  # fmt: skip

    assert level.availability == Fraction(1100 + 2400, 2200 + 2400)


@pytest.mark.parametrize(("until", "left_out"), [("03:00", False), ("02:05", True)])
def test_an_interval_that_is_excluded_in_part_is_left_out(until: str, left_out: bool) -> None:
    """M8: maintenance begins at 02:00; of five minutes from 01:58, or of an hour from there."""
    row = {"service": "web", "source": "lb", "start": "2026-04-20T01:58:00Z",
           "end": f"2026-04-20T{until}:00Z", "good": 0, "valid": 100}  # fmt: skip
    terms = {"measure": "interval_mean", "interval_minutes": 10}
    level = measured([B01[3]], sla=MAINTENANCE, measurements=[row], objective=terms)

    assert (1 - level.availability) * level.length == (0 if left_out else 2)


def test_one_source_beside_records_of_nobody_is_no_second_source() -> None:
    """M11: a record without a source stands for every source."""
    told = [april("a", "10T10:00", "10T11:00"), april("p", "12T10:00", "12T11:00", source="probe")]

    assert measured(told).sources == {}
    assert measured(told).counted == 120


@pytest.mark.parametrize(
    ("good", "incidents", "shown", "silent"),
    [
        (50, [], {"probe": 43_200, "lb": 21_600}, True),
        (100, [], {}, False),
        (50, [april("p", "10T10:00", "10T11:00", source="probe")],
         {"probe": 43_140, "lb": 21_600}, False),
        (50, [april("a", "10T10:00", "10T11:00")], {"probe": 43_140, "lb": 21_600}, False),
    ],
)  # fmt: skip
def test_a_source_of_record_that_is_silent_beside_figures_of_another_is_told(
    good: int, incidents: list[dict[str, Any]], shown: dict[str, int], silent: bool
) -> None:
    """M11: the agreed probe decides; that another source counted failures is shown beside it."""
    rows = [{**STATED, "source": "lb", "good": good, "valid": 100}]
    agreed = {"measure": "request_ratio", "source_of_record": "probe"}
    meter, promise = metered(incidents, agreed, measurements=rows)
    level = meter.level(promise, *APRIL)

    assert level.counted == 60 * len(incidents)
    assert {source: share * 43_200 for source, share in level.sources.items()} == shown
    assert meter.says_nothing(promise, *APRIL) is silent


@pytest.mark.parametrize(
    ("sources", "silent"),
    [([""], False), (["vendor"], True), (["", "vendor"], False), (["probe", "vendor"], False)],
)
def test_a_source_of_record_is_silent_only_beside_another(sources: list[str], silent: bool) -> None:
    told = [
        april(f"i{day}", f"{day}T10:00", f"{day}T11:00", **({"source": name} if name else {}))
        for day, name in enumerate(sources, start=10)
    ]
    meter, promise = metered(told, {"source_of_record": "probe"})

    assert meter.says_nothing(promise, *APRIL) is silent


def test_a_stated_availability_decides_a_level_by_time_only_where_it_is_agreed() -> None:
    """M11: what a vendor says of April does not take the place of an outage on record."""
    rows = [{**STATED, "availability": "0.5"}]
    outages = [april("a", "10T10:00", "10T11:00")]

    assert measured(outages, measurements=rows).counted == 60
    agreed = {"source_of_record": "vendor"}
    assert measured(outages, measurements=rows, objective=agreed).counted == 21_600


@pytest.mark.parametrize(
    ("start", "end", "unused"),
    [
        ("2026-04-01", "2026-05-01", ()),
        ("2026-05-01", "2026-06-01", ()),
        ("2026-03-01", "2026-04-01", ()),
        ("2026-04-30", "2026-05-02", ("vendor",)),
        ("2026-03-31", "2026-04-02", ("vendor",)),
    ],
)
def test_a_stated_availability_of_another_span_is_told_where_it_overlaps(
    start: str, end: str, unused: tuple[str, ...]
) -> None:
    row = {**STATED, "start": f"{start}T00:00:00Z", "end": f"{end}T00:00:00Z"}
    meter, promise = metered([], measurements=[{**row, "availability": "0.9"}])

    assert meter.unused_figures(promise, *APRIL) == unused


def test_intervals_that_fail_are_told_by_counts_too() -> None:
    """M7: of two intervals of five minutes, one failed entirely."""
    rows = figures(("10:00:00", "10:05:00", 0), ("10:05:00", "10:10:00", 1))
    level = measured([], measurements=rows, objective={"measure": "interval_all_fail"})

    assert (1 - level.availability) * 43_200 == 5


def test_the_first_source_of_the_file_is_taken_where_none_is_agreed() -> None:
    """M11: in every month the same, whichever has the earliest figure in it."""
    late, early = figures(("10:00:00", "10:05:00", 50), ("09:00:00", "09:05:00", 90))
    rows = [{**late, "source": "first"}, {**early, "source": "second"}]
    level = measured([], measurements=rows, objective={"measure": "request_ratio"})

    assert (level.source, level.availability) == ("first", Fraction(1, 2))


def test_outages_that_only_touch_a_period_take_no_part_in_it() -> None:
    """M1: half-open on both sides."""
    before = outage("b", "2026-03-31T23:00:00Z", "2026-04-01T00:00:00Z")
    after = outage("c", "2026-05-01T00:00:00Z", "2026-05-01T01:00:00Z")

    for level in (measured([before, after]), measured([before, after], sla=MAINTENANCE)):
        assert level.incidents == ()
        assert level.untouched


DAY_OUT = {"exclusions": [{"kind": "suspension", "start": "2026-04-10", "end": "2026-04-10"}]}


@pytest.mark.parametrize("incidents", [[], [april("a", "10T23:00", "11T01:00")]])
def test_a_day_out_of_the_agreement_is_none_of_the_period_whether_down_or_not(
    incidents: list[dict[str, Any]],
) -> None:
    """M5: 29 days are left to divide by, though at most an hour of the day was downtime."""
    level = measured(incidents, sla=DAY_OUT, objective={"denominator": "less_exclusions"})

    assert level.length == 29 * 1440
    assert level.counted == 60 * len(incidents)


def test_figures_of_a_day_out_of_the_agreement_do_not_count() -> None:
    """M3, M8: also where no incident tells of downtime on it."""
    rows = figures(("10:00:00", "10:05:00", 0))
    terms = {"measure": "request_ratio"}

    assert measured([], measurements=rows, sla=DAY_OUT, objective=terms).availability == 1
    assert measured([], measurements=rows, objective=terms).availability == 0


def test_a_period_of_which_nothing_is_left_is_perfect() -> None:
    """M8 with M5: a suspension over all of April."""
    ground = {"kind": "suspension", "start": "2026-04-01", "end": "2026-04-30"}
    level = measured(
        [april("a", "10T10:00", "10T11:00")], sla={"exclusions": [ground]},
        objective={"denominator": "less_exclusions"},
    )  # fmt: skip

    assert level.length == 0
    assert level.availability == 1


@pytest.mark.parametrize(("seconds", "provisional"), [(0, False), (-1, True)])
def test_figures_are_provisional_until_the_period_is_over(seconds: int, provisional: bool) -> None:
    level = measured(
        [], measurements=figures(("10:00:00", "10:05:00", 50)),
        objective={"measure": "request_ratio"}, as_of=APRIL[1] + timedelta(seconds=seconds),
    )  # fmt: skip

    assert level.provisional is provisional
