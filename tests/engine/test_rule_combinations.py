"""Two or three rules at once, on estates small enough to work out by hand.

Synthetic. Expected figures follow from rules L1, M3, M9, K3, K4, K7, K9, K10, P3 and P9 by the
arithmetic in each test.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from depgraph.engine.conversion import RateTable
from depgraph.engine.proportionality import proportionality
from depgraph.engine.settle import settlement
from depgraph.engine.statement import Settlement
from depgraph.engine.structure import structure_of
from depgraph.model.conversion import Conversion
from depgraph.model.estate import Estate

NOW = datetime(2030, 1, 1, tzinfo=UTC)
REGIONS: dict[str, Any] = {
    "locations": [{"id": "r1"}, {"id": "r2"}],
    "services": [
        {"id": "svc", "provider": "S", "located_in": [{"at_least": 1, "of": ["r1", "r2"]}]}
    ],
}
"""One service in either of two regions."""
STRICT = [{"start": "2026-04-10T00:00:00Z", "end": "2026-04-20T00:00:00Z", "target": "0.9995"}]
"""April in three segments: 9, 10 and 11 days."""


def sla(name: str, **more: Any) -> dict[str, Any]:
    """SLA of 0.999 for 1,000 a month that credits a tenth for a miss."""
    objective = {"metric": "availability", "target": "0.999", **more.pop("objective", {})}
    remedy = {"tiers": [{"below": "0.999", "credit": "0.1"}], **more.pop("credits", {})}
    return {
        "id": name, "service": "svc", "monthly_fee": "1000 EUR",
        "objectives": [objective], "credits": remedy, **more,
    }  # fmt: skip


def outage(day: str, hours: float = 2, cause: str = "supplier", affects: str = "svc") -> Any:
    """Incident from 00:00 UTC of a day."""
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    end = start + timedelta(hours=hours)
    return {
        "id": f"{affects}-{day}",
        "affects": affects,
        "start": start,
        "end": end,
        "cause": cause,
    }


def estate(slas: list[Any], incidents: list[Any], **more: Any) -> Estate:
    """One contract between S and C."""
    terms = more.pop("terms", {})
    return Estate.model_validate(
        {
            "organizations": [{"id": "S"}, {"id": "C", "own": True}, {"id": "T"}, {"id": "U"}],
            "services": [{"id": "svc", "provider": "S"}],
            "contracts": [{"id": "c", "supplier": "S", "customer": "C", "slas": slas, **terms}],
            "incidents": incidents,
            **more,
        }
    )


def settled(
    *args: Any, period: str = "2026-04", as_of: datetime | None = None, **more: Any
) -> Settlement:
    return settlement(structure_of(estate(*args, **more)), period, NOW, as_of)


def owed(answer: Settlement) -> dict[str, str]:
    """What is owed by SLA, zeros left out."""
    return {row.id: str(row.owed) for row in answer.slas if row.owed}


def test_regions_are_no_periods_in_a_row() -> None:
    """K9 with M9: one month missed in two regions is one period, in each of them."""
    trigger = {"kind": "consecutive", "breaches": 2}
    terms = sla("a", objective={"regions": "each"}, termination=[trigger])
    once = settled([terms], [outage("2026-04-03")], **REGIONS)
    twice = settled(
        [terms], [outage("2026-04-03"), outage("2026-05-03")], period="2026-05", **REGIONS
    )

    assert once.termination_rights == ()
    assert [right.reason for right in twice.termination_rights] == [
        "2 breaches in a row in r1",
        "2 breaches in a row in r2",
    ]


def test_segments_are_no_periods_in_a_row() -> None:
    """K9 with K10: two segments missed are one month missed; its mean is over the whole month."""
    triggers = [{"kind": "consecutive", "breaches": 2}, {"kind": "single_period", "below": "0.995"}]
    terms = sla("a", objective={"targets": STRICT}, termination=triggers)
    answer = settled([terms], [outage("2026-04-03"), outage("2026-04-12")])

    # 240 of 43,200 minutes: 0.99444…, though each segment alone is 0.990… and 0.991…
    assert [r.reason for r in answer.termination_rights] == ["0.994444444 is below 0.995"]


def test_repeated_failure_counts_over_an_amendment() -> None:
    """K9 with L1: an amended promise is still the same promise."""
    trigger = {"kind": "consecutive", "breaches": 2}
    old = sla("old", valid_to="2026-04-30")
    new = sla("new", valid_from="2026-05-01", supersedes="old", termination=[trigger])
    answer = settled([old, new], [outage("2026-04-03"), outage("2026-05-03")], period="2026-05")

    assert [(r.sla, r.reason) for r in answer.termination_rights] == [
        ("new", "2 breaches in a row")
    ]


def test_a_rolling_mean_looks_back_as_far_as_it_says() -> None:
    """K9: 23 perfect months before 19 days down in April: mean 1 − 27,360/43,200/24."""
    trigger = {"kind": "rolling_mean", "periods": 24, "below": "0.999"}
    answer = settled([sla("a", termination=[trigger])], [outage("2026-04-01", 19 * 24)])

    assert [right.reason for right in answer.termination_rights] == [
        "mean of 24 periods is 0.973611111, below 0.999"
    ]


def test_one_incident_earns_one_remedy_also_where_terms_begin_on_different_days() -> None:
    """K4 with L1: the second SLA begins on the 10th; the incident of the 15th misses both."""
    late = sla(
        "b", valid_from="2026-04-10", credits={"tiers": [{"below": "0.999", "credit": "0.2"}]}
    )

    assert owed(settled([sla("a"), late], [outage("2026-04-15")])) == {"b": "200.00"}


def test_one_incident_earns_one_remedy_also_across_segments() -> None:
    """K4 with K10: the segment's 333.33 × 10 % gives way to the other SLA's 100."""
    parts = sla("a", objective={"targets": STRICT})

    assert owed(settled([parts, sla("b")], [outage("2026-04-15")])) == {"b": "100.00"}


def test_segments_of_one_level_do_not_compete() -> None:
    """K4 with K10: each segment is evaluated by itself; 10 % of 9/30 and of 10/30 of 1,000."""
    through = outage("2026-04-09", 48)
    answer = settled([sla("a", objective={"targets": STRICT})], [through])

    assert [str(row.owed) for row in answer.slas] == ["30.00", "33.33", "0.00"]


def test_the_contracts_fee_counts_each_service_once() -> None:
    """K3 with L1: replaced terms are no part of the contract's fee: 10 % of 1,200, not of 2,200."""
    whole = {"base": "contract"}
    old = sla("old", valid_to="2026-02-28", credits=whole)
    new = sla(
        "new", monthly_fee="1200 EUR", valid_from="2026-03-01", supersedes="old", credits=whole
    )

    assert owed(settled([old, new], [outage("2026-04-15")])) == {"new": "120.00"}


def test_the_preceding_fee_of_the_contract_is_that_of_the_terms_before() -> None:
    """K3 with L1: in March the base is February's fee, 10 % of 1,000."""
    whole = {"base": "contract", "base_period": "preceding"}
    old = sla("old", valid_to="2026-02-28", credits=whole)
    new = sla(
        "new", monthly_fee="1200 EUR", valid_from="2026-03-01", supersedes="old", credits=whole
    )
    answer = settled([old, new], [outage("2026-03-15")], period="2026-03")

    assert owed(answer) == {"new": "100.00"}


def test_the_fee_of_a_region_is_not_divided_by_regions() -> None:
    """K3 with M9: 300 is what each region costs; without it, regions share the service's fee."""
    each = {"objective": {"regions": "each"}}
    stated = sla("a", credits={"base": "region", "base_fee": "300 EUR"}, **each)
    shared = sla("a", **each)

    for terms, amount in ((stated, "30.00"), (shared, "50.00")):
        answer = settled([terms], [outage("2026-04-03")], **REGIONS)
        assert [(row.region, str(row.owed)) for row in answer.slas] == [
            ("r1", amount),
            ("r2", amount),
        ]


def test_successive_versions_do_not_add_up_to_what_a_month_can_cost() -> None:
    """K6 with L1: at most 10 % of 1,200 a month."""
    old = sla("old", valid_to="2026-02-28")
    new = sla("new", monthly_fee="1200 EUR", valid_from="2026-03-01", supersedes="old")

    assert proportionality(estate([old, new], []))[0].most_per_month == 120


def test_a_rolling_cap_looks_over_an_amendment() -> None:
    """K4 with L1: 100 granted in April under the old terms use up the twelve months' 150."""
    cap = {"rolling_cap": {"amount": "150 EUR"}}
    old = sla("old", valid_to="2026-04-30", credits=cap)
    new = sla("new", valid_from="2026-05-01", supersedes="old", credits=cap)
    incidents = [outage("2026-04-03"), outage("2026-05-03")]

    assert owed(settled([old, new], incidents, period="2026-05")) == {"new": "50.00"}


def test_days_before_the_first_whole_period_belong_to_the_first_contract_year() -> None:
    """K4 with M1: from 10 January, periods from the 15th; both credits share the year's 150."""
    terms = {"start": "2026-01-10", "anchor_day": 15, "liability_cap": {"amount": "150 EUR"}}
    incidents = [outage("2026-01-12"), outage("2026-01-20")]
    answer = settled([sla("a")], incidents, period="2025-12..2026-01", terms=terms)

    assert [str(row.owed) for row in answer.slas] == ["100.00", "50.00"]


def test_a_quarter_ends_before_the_anchor_day() -> None:
    """K8 with M1: from the 15th, the second quarter runs to 14 July."""
    claim = {"mode": "by_claim", "within_days": 30, "counted_from": "quarter_end"}
    answer = settled(
        [sla("a", credits={"claim": claim})], [outage("2026-04-20")], terms={"anchor_day": 15}
    )

    assert answer.slas[0].claim.deadline == date(2026, 8, 13)


@pytest.mark.parametrize(
    ("earn_back", "objective", "incidents", "expected"),
    [
        pytest.param(
            {"months": 3, "at_least": "0.999"}, {"period": "quarter"}, [outage("2026-04-05", 8)],
            [("credit", "2026-Q2"), ("earn_back", "2026-Q3")], id="three months are one quarter",
        ),
        pytest.param(
            {"months": 1, "at_least": "0.999"}, {"targets": STRICT},
            [outage("2026-04-05"), outage("2026-05-05", 9)],
            [("credit", "2026-04"), ("credit", "2026-05"), ("earn_back", "2026-06")],
            id="a segment is no month",
        ),
    ],
)  # fmt: skip
def test_earn_back_counts_months(
    earn_back: Any, objective: Any, incidents: list[Any], expected: list[tuple[str, str]]
) -> None:
    """K7 with M1 and K10."""
    terms = sla("a", objective=objective, credits={"earn_back": earn_back})
    answer = settled([terms], incidents, period="2026-04..2026-09")

    assert [(entry.kind, entry.period) for entry in answer.ledger] == expected


def test_nothing_is_earned_back_before_the_month_is_over() -> None:
    """K7 with M1: on 20 May, May has gone well so far; the credit stays held."""
    terms = sla("a", credits={"earn_back": {"months": 1, "at_least": "0.999"}})
    args = [terms], [outage("2026-04-05")]
    held = settled(*args, period="2026-04..2026-05", as_of=datetime(2026, 5, 20, tzinfo=UTC))
    final = settled(*args, period="2026-04..2026-05")

    assert [(e.kind, e.state) for e in held.ledger] == [("credit", "held")]
    assert [(e.kind, e.state) for e in final.ledger] == [
        ("credit", "final"),
        ("earn_back", "final"),
    ]


def test_three_causes_split_a_minute_in_three() -> None:
    """P3 with M3: of 180 minutes two thirds are the two third parties'; 60 count."""
    services = [
        {"id": "svc", "provider": "S", "depends_on": ["t", "u"]},
        {"id": "t", "provider": "T"},
        {"id": "u", "provider": "U"},
    ]
    incidents = [outage("2026-04-05", 3, affects=name) for name in ("svc", "t", "u")]
    answer = settled(
        [sla("a", exclusions=[{"kind": "third_party"}])], incidents,
        services=services, terms={"attribution": "equal_split"},
    )  # fmt: skip

    assert answer.slas[0].counted_minutes == pytest.approx(60)


def test_the_newest_rate_of_a_pair_holds_whichever_way_it_is_given() -> None:
    """P9: a rate holds until a later one."""
    old = {"from": "USD", "to": "EUR", "rate": "0.5", "source": "x", "date": "2020-01-01"}
    new = {"from": "EUR", "to": "USD", "rate": "1.25", "source": "x", "date": "2026-01-01"}
    table = RateTable(Conversion.model_validate(each) for each in (old, new))

    def rate(day: date) -> Decimal:
        found = table.rate("USD", "EUR", day)
        assert found is not None
        return Decimal(found.factor.numerator) / found.factor.denominator

    assert rate(date(2025, 12, 31)) == Decimal("0.5")
    assert rate(date(2026, 1, 1)) == Decimal("0.8")


def planned(quota: str) -> list[dict[str, Any]]:
    """Planned work is excluded up to so many hours a month."""
    return [{"kind": "planned_maintenance", "quota_hours": quota}]


def test_segments_of_a_month_share_its_quota() -> None:
    """M3 with K10: one hour a month; two hours on the 5th use it up, two on the 12th count whole."""
    terms = sla("a", objective={"targets": STRICT}, exclusions=planned("1"))
    work = [outage(day, cause="planned_maintenance") for day in ("2026-04-05", "2026-04-12")]

    assert [row.counted_minutes for row in settled([terms], work).slas] == [60, 120, 0]


def test_a_quota_is_one_of_each_month() -> None:
    """M3 with M1: one hour in April and one in May leave 60 and 60 of the quarter."""
    terms = sla("a", objective={"period": "quarter"}, exclusions=planned("1"))
    work = [outage(day, cause="planned_maintenance") for day in ("2026-04-05", "2026-05-12")]
    answer = settled([terms], work, period="2026-Q2")

    assert [(r.counted_minutes, r.excluded_minutes) for r in answer.slas] == [(120, 120)]


def test_work_before_the_terms_began_uses_up_no_quota() -> None:
    """M3 with L1: the terms begin on 10 April."""
    terms = sla("a", valid_from="2026-04-10", exclusions=planned("1"))
    work = [outage(day, cause="planned_maintenance") for day in ("2026-04-05", "2026-04-12")]

    assert [row.counted_minutes for row in settled([terms], work).slas] == [60]


def test_exclusions_are_those_in_force_when_the_incident_began() -> None:
    """L1 with M3: amended on 15 April; work of the 5th counts, that of the 20th is excluded."""
    old = sla("old", valid_to="2026-04-14")
    new = sla("new", valid_from="2026-04-15", supersedes="old", exclusions=planned("10"))
    work = [
        outage("2026-04-05", cause="planned_maintenance"),
        outage("2026-04-20", 5, cause="planned_maintenance"),
    ]
    answer = settled([old, new], work)

    assert [(r.id, r.counted_minutes, r.excluded_minutes) for r in answer.slas] == [
        ("old", 120, 300)
    ]


def test_work_that_began_under_the_old_terms_keeps_them() -> None:
    """L1 with M3: work from 23:00 on 30 April to 03:00 on 1 May is the old terms', to its end."""
    old = sla("old", valid_to="2026-04-30", exclusions=planned("10"))
    new = sla("new", valid_from="2026-05-01", supersedes="old")
    start = datetime(2026, 4, 30, 23, tzinfo=UTC)
    work = outage("2026-04-30", cause="planned_maintenance") | {
        "start": start, "end": start + timedelta(hours=4),
    }  # fmt: skip
    answer = settled([old, new], [work], period="2026-04..2026-05")

    assert [(r.id, r.counted_minutes, r.excluded_minutes) for r in answer.slas] == [
        ("old", 0, 60),
        ("new", 0, 180),
    ]


def test_an_amendment_does_not_renew_the_months_quota() -> None:
    """L1 with M3: two hours a month before and after 15 April; two used up on the 5th."""
    old = sla("old", valid_to="2026-04-14", exclusions=planned("2"))
    new = sla("new", valid_from="2026-04-15", supersedes="old", exclusions=planned("3"))
    work = [outage(day, cause="planned_maintenance") for day in ("2026-04-05", "2026-04-20")]

    # The new terms' three hours less the two that are used up leave one.
    assert [row.excluded_minutes for row in settled([old, new], work).slas] == [180]


def test_a_waiver_of_an_amendment_holds_from_its_first_day() -> None:
    """L1 with K11: agreed by both on 15 April for that month."""
    waiver = {
        "kind": "waiver",
        "start": "2026-04-01",
        "end": "2026-04-30",
        "approved_by": ["S", "C"],
    }
    old = sla("old", valid_to="2026-04-14")
    new = sla("new", valid_from="2026-04-15", supersedes="old", exclusions=[waiver])
    answer = settled([old, new], [outage("2026-04-05"), outage("2026-04-20")])

    assert [(r.counted_minutes, r.excluded_minutes) for r in answer.slas] == [(120, 120)]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_the_ends_of_the_calendar_stand_for_always(zone: str) -> None:
    """M1: 9999-12-31 is how registers write "open-ended"."""
    always = {"start": "0001-01-01", "end": "9999-12-31"}
    suspended = sla("a", exclusions=[{"kind": "suspension", **always}])
    terms = {**always, "timezone": zone}

    assert owed(settled([sla("a")], [outage("2026-04-15")], terms=terms)) == {"a": "100.00"}
    assert owed(settled([suspended], [outage("2026-04-15")], terms=terms)) == {}


def test_a_quota_beyond_all_time_excludes_everything() -> None:
    """M3."""
    work = outage("2026-04-05", cause="planned_maintenance")

    assert settled([sla("a", exclusions=planned("1e30"))], [work]).slas[0].counted_minutes == 0


@pytest.mark.parametrize(
    "terms",
    [
        {"credits": {"claim": {"mode": "by_claim", "within_days": 9_999_999}}},
        {"credits": {"claim": {"mode": "by_claim", "billing_cycles": 999_999}}},
        {"termination": [{"kind": "consecutive", "breaches": 1, "within_days": 9_999_999}]},
        {"exclusions": [{"kind": "planned_maintenance", "windows": [{"rule": "FREQ=DAILY", "hours": "1e20"}]}]},
        {"monthly_fee": "99999999999999999999999999 EUR"},
        {"credits": {"shape": "continuous", "rate": "1e30"}},
    ],
)  # fmt: skip
def test_figures_beyond_any_contract_are_refused(terms: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"less than or equal|more than any contract"):
        estate([sla("a", **terms)], [])


def test_a_silent_source_of_record_is_said() -> None:
    """M11: the vendor tells of nothing, a probe of two hours: no downtime, and both are shown."""
    told = outage("2026-04-15") | {"source": "probe"}
    answer = settled([sla("a", objective={"source_of_record": "vendor"})], [told])
    [row] = answer.slas

    assert row.counted_minutes == 0
    assert row.discrepancy_minutes == pytest.approx(120)
    assert [(s.source, s.decides) for s in row.sources] == [("probe", False), ("vendor", True)]
    assert any("has no record of downtime" in note for note in answer.notes)


def test_a_stated_figure_of_another_span_is_said_to_be_left_out() -> None:
    """M11 with M1: the vendor's month is UTC's, the contract's begins an hour earlier."""
    figure = {
        "service": "svc", "source": "vendor", "availability": "0.99",
        "start": "2026-04-01T00:00:00Z", "end": "2026-05-01T00:00:00Z",
    }  # fmt: skip
    terms = sla("a", objective={"source_of_record": "vendor"})
    aside = settled([terms], [], measurements=[figure], terms={"timezone": "Europe/Dublin"})
    used = settled([terms], [], measurements=[figure])

    assert aside.slas[0].measured == 1
    assert any("spans another time" in note for note in aside.notes)
    assert (used.slas[0].measured, used.notes) == (0.99, ())


def test_a_stated_figure_beside_excluded_time_is_said_to_be_taken_as_it_is() -> None:
    """M11 with M3: 99 % for April is a miss, also beside two hours of maintenance."""
    figure = {
        "service": "svc", "source": "vendor", "availability": "0.99",
        "start": "2026-04-01T00:00:00Z", "end": "2026-05-01T00:00:00Z",
    }  # fmt: skip
    work = outage("2026-04-10", cause="planned_maintenance")
    terms = sla(
        "a",
        objective={"source_of_record": "vendor"},
        exclusions=[{"kind": "planned_maintenance"}],
    )
    answer = settled([terms], [work], measurements=[figure])

    assert owed(answer) == {"a": "100.00"}
    assert [note for note in answer.notes if "taken as they are" in note and "a in 2026-04" in note]
    assert settled([terms], [], measurements=[figure]).notes == ()


def test_points_multiply_over_an_amendment() -> None:
    """K2 with L1: 2 points × 3 at 1 % of 1,000 a point, as April was missed as well."""
    points = {"shape": "points", "rate": "0.01", "repeat_multiplier": "3",
              "tiers": [{"below": "0.999", "points": "2"}]}  # fmt: skip
    old = sla("old", valid_to="2026-04-30", credits=points)
    new = sla("new", valid_from="2026-05-01", supersedes="old", credits=points)
    incidents = [outage("2026-04-03"), outage("2026-05-03")]

    assert owed(settled([old, new], incidents, period="2026-05")) == {"new": "60.00"}


@pytest.mark.parametrize("named", [[], ["r1", "r2"]])
def test_all_down_asks_for_every_place_of_the_service(named: list[str]) -> None:
    """M9: felt in one of two regions for two hours, in both for one."""
    felt = [
        outage("2026-04-05") | {"regions": ["r1"]},
        outage("2026-04-12", 1) | {"regions": ["r1", "r2"]},
    ]
    terms = sla("a", objective={"regions": "all_down"}, regions=named)

    assert settled([terms], felt, **REGIONS).slas[0].counted_minutes == 60


def test_what_came_later_was_not_known_on_the_day() -> None:
    """K5, K8 with L1: asked on 10 May, a finding and a late claim of June are not known yet."""
    claim = {"mode": "by_claim", "within_days": 30}
    terms = {
        "liability_cap": {"amount": "40 EUR", "carve_outs": ["gross_negligence"]},
        "findings": [
            {"kind": "gross_negligence", "incident": "svc-2026-04-15", "decided": "2026-06-01"}
        ],
    }
    args: Any = [sla("a", credits={"claim": claim})], [outage("2026-04-15")]
    filed = [{"sla": "a", "period": "2026-04", "filed": "2026-06-15"}]

    def row(day: datetime, **more: Any) -> tuple[str, str]:
        [found] = settled(*args, as_of=day, **more).slas
        return str(found.owed), found.claim.status

    may, july = datetime(2026, 5, 10, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    assert row(may, claims=filed) == ("100.00", "claimable")
    assert row(july, claims=filed) == ("0.00", "late")
    assert row(may, terms=terms) == ("40.00", "claimable")
    early = filed[0] | {"filed": "2026-05-20"}
    assert row(july, terms=terms, claims=[early]) == ("100.00", "filed")


def test_a_figure_of_a_month_that_is_not_over_is_not_known() -> None:
    """M1 with M11: asked on 20 April, April's stated figure cannot be there."""
    figure = {
        "service": "svc", "source": "vendor", "availability": "0.99",
        "start": "2026-04-01T00:00:00Z", "end": "2026-05-01T00:00:00Z",
    }  # fmt: skip
    args: Any = [sla("a", objective={"source_of_record": "vendor"})], []
    early = settled(*args, measurements=[figure], as_of=datetime(2026, 4, 20, tzinfo=UTC))
    on_time = settled(*args, measurements=[figure], as_of=datetime(2026, 5, 1, tzinfo=UTC))

    assert [s.slas[0].measured for s in (early, on_time)] == [1, 0.99]


def test_a_credit_is_earned_back_over_an_amendment() -> None:
    """K7 with L1: missed in April under the old terms, reached in May under the new ones."""
    earn_back = {"earn_back": {"months": 1, "at_least": "0.999"}}
    old = sla("old", valid_to="2026-04-30", credits=earn_back)
    new = sla("new", valid_from="2026-05-01", supersedes="old", credits=earn_back)
    answer = settled([old, new], [outage("2026-04-05")], period="2026-04..2026-05")

    assert [(e.kind, e.sla, e.period) for e in answer.ledger] == [
        ("credit", "old", "2026-04"),
        ("earn_back", "new", "2026-05"),
    ]
    assert all(not sum(held.values()) for held in answer.net_positions.values())


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_no_cent_hangs_on_the_order_of_the_file(order: tuple[int, int, int]) -> None:
    """P6: 100.00 over three equal promises; the odd cent goes to the first by id."""
    services: list[dict[str, Any]] = [{"id": "svc", "provider": "S"}]
    services += [{"id": f"app{n}", "provider": "C", "depends_on": ["svc"]} for n in range(3)]
    above = [
        {"id": f"k{n}", "supplier": "C", "customer": "T",
         "slas": [sla(f"a{n}") | {"service": f"app{n}"}]}
        for n in order
    ]  # fmt: skip
    world = estate([sla("held")], [outage("2026-04-15")], services=services)
    world = Estate.model_validate(
        world.model_dump(mode="json") | {"contracts": [*above, world.contracts[0]]}
    )
    answer = settlement(structure_of(world), "2026-04", NOW)

    assert {row.id: str(row.recovered) for row in answer.slas if row.id != "held"} == {
        "a0": "33.34", "a1": "33.33", "a2": "33.33",
    }  # fmt: skip


@pytest.mark.parametrize("capped", ["a", "b"])
def test_of_equal_remedies_the_one_that_pays_more_is_kept(capped: str) -> None:
    """K4: both credit 100; the caps of one leave 50 of it, whichever id it has."""
    cap = {"period_cap": "0.05"}
    terms = [sla(name, credits=cap if name == capped else {}) for name in ("a", "b")]
    other = "b" if capped == "a" else "a"

    assert owed(settled(terms, [outage("2026-04-15")])) == {other: "100.00"}


def test_severities_are_words_in_any_capitals() -> None:
    """K2: two hours of "p1" earn what the schedule gives for over an hour of "P1"."""
    rows = [{"severity": "P1", "over_minutes": "60", "credit": "0.1"}]
    terms = sla("a", credits={"shape": "severity_duration", "tiers": rows})

    assert owed(settled([terms], [outage("2026-04-15") | {"severity": "p1"}])) == {"a": "100.00"}
