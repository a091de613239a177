"""What was known on the day of the question: open incidents, claims, earn-back (M1, K7, K8)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depgraph.engine.settle import settlement
from depgraph.engine.statement import Settlement
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

NOW = datetime(2027, 1, 1, tzinfo=UTC)
BY_CLAIM = {"claim": {"mode": "by_claim", "within_days": 30, "counted_from": "incident_end"}}
EARN_BACK = {"earn_back": {"months": 2, "at_least": "0.999"}}


def world(
    incidents: list[dict[str, Any]], credits_: dict[str, Any] | None = None, **terms: Any
) -> dict[str, Any]:
    """One promise of 0.999 a month: a tenth of 1,000 EUR, half of it below 0.95; synthetic."""
    tiers = [
        {"below": "0.999", "at_least": "0.95", "credit": "0.1"}, {"below": "0.95", "credit": "0.5"}
    ]  # fmt: skip
    sla = {
        "id": "s", "service": "app", "monthly_fee": "1000 EUR",
        "objectives": [{"metric": "availability", "target": "0.999"}],
        "credits": {"tiers": tiers, **(credits_ or {})}, **terms.pop("sla", {}),
    }  # fmt: skip
    return {
        "organizations": [{"id": "C"}, {"id": "V"}],
        "services": [{"id": "app", "provider": "V"}],
        "contracts": [{"id": "k", "supplier": "V", "customer": "C", "slas": [sla], **terms}],
        "incidents": incidents,
    }


def down(start: str, end: str | None = None, **more: Any) -> dict[str, Any]:
    row = {"id": f"i{start}", "affects": "app", "start": f"2026-{start}:00:00Z", **more}
    return row if end is None else {**row, "end": f"2026-{end}:00:00Z"}


def settled(estate: dict[str, Any], period: str, as_of: str | None = None) -> Settlement:
    asked = None if as_of is None else datetime.fromisoformat(f"2026-{as_of}:00:00+00:00")
    return settlement(structure_of(Estate.model_validate(estate)), period, NOW, asked)


def level(answer: Settlement, period: str) -> tuple[float, bool, str]:
    """Counted minutes, whether they are provisional, and what is owed."""
    row = next(row for row in answer.slas if row.period == period)
    return row.counted_minutes, row.provisional, str(row.owed)


ACROSS = "04-30T22", "05-01T02"


@pytest.mark.parametrize(
    ("as_of", "april", "may"),
    [
        (None, (120, False, "100.00"), (120, False, "100.00")),
        ("05-02T00", (120, False, "100.00"), (120, True, "100.00")),
        # It ends at two: until then nobody knows that it will.
        ("05-01T01", (120, True, "100.00"), (60, True, "100.00")),
        ("05-01T00", (120, True, "100.00"), (0, True, "0.00")),
        ("04-30T23", (60, True, "100.00"), (0, True, "0.00")),
        ("04-30T22", (0, True, "0.00"), (0, True, "0.00")),
        ("03-01T00", (0, True, "0.00"), (0, True, "0.00")),
    ],
)
def test_an_incident_over_the_border_of_two_months(
    as_of: str | None, april: tuple[float, bool, str], may: tuple[float, bool, str]
) -> None:
    """M1: clipped where the question is asked, and provisional while it lasts."""
    answer = settled(world([down(*ACROSS)]), "2026-04..2026-05", as_of)

    assert (level(answer, "2026-04"), level(answer, "2026-05")) == (april, may)


@pytest.mark.parametrize(
    ("quota", "counted", "owed"), [(None, 0, "0.00"), (2, 180, "100.00"), (8, 0, "0.00")]
)
def test_maintenance_that_is_going_on_uses_its_quota_up(
    quota: int | None, counted: float, owed: str
) -> None:
    """Five hours by the time of the question; what is beyond the quota counts (M1, M3)."""
    ground = {"kind": "planned_maintenance", "quota_hours": quota}
    work = down("04-10T00", cause="planned_maintenance")

    answer = settled(world([work], sla={"exclusions": [ground]}), "2026-04", "04-10T05")

    assert level(answer, "2026-04") == (counted, True, owed)


def claim(answer: Settlement, period: str = "2026-04") -> tuple[str, str | None, str]:
    row = next(row for row in answer.slas if row.period == period)
    return row.claim.status, str(row.claim.deadline), str(row.forfeited)


@pytest.mark.parametrize(
    ("end", "as_of", "found"),
    [
        # 30 days from 20 June.
        ("06-20T00", "07-20T23", ("claimable", "2026-07-20", "0.00")),
        ("06-20T00", "07-21T00", ("not_filed", "2026-07-20", "500.00")),
        ("06-20T00", "06-19T23", ("claimable", "None", "0.00")),
        (None, "12-31T00", ("claimable", "None", "0.00")),
    ],
)
def test_days_from_an_end_do_not_run_before_it(
    end: str | None, as_of: str, found: tuple[str, str | None, str]
) -> None:
    """K8: down since 10 April; nobody is late while it lasts."""
    assert claim(settled(world([down("04-10T00", end)], BY_CLAIM), "2026-04", as_of)) == found


def test_days_are_counted_from_the_incident_that_the_credit_is_for() -> None:
    """K8: maintenance that is excluded on the 28th does not lengthen the time for the 10th."""
    outages = [
        down("04-10T00", "04-10T05"), down("04-28T00", "04-28T05", cause="planned_maintenance")
    ]  # fmt: skip
    estate = world(outages, BY_CLAIM, sla={"exclusions": [{"kind": "planned_maintenance"}]})

    assert claim(settled(estate, "2026-04", "05-11T00")) == ("not_filed", "2026-05-10", "100.00")


@pytest.mark.parametrize(
    ("incidents", "as_of", "state"),
    [
        ([], None, "final"),
        ([], "07-01T00", "final"),
        ([], "06-30T23", "held"),
        ([down("05-10T00", "05-10T05")], "05-31T00", "final"),
    ],
)
@pytest.mark.parametrize("period", ["2026-04", "2026-04..2026-06"])
def test_whether_a_credit_is_held_does_not_hang_on_the_months_asked_for(
    period: str, incidents: list[dict[str, Any]], as_of: str | None, state: str
) -> None:
    """K7: May and June decide, as far as they are over, also where April alone is asked for."""
    estate = world([down("04-10T00", "04-10T05"), *incidents], EARN_BACK)
    first, *_ = settled(estate, period, as_of).ledger

    assert (first.kind, first.period, first.state) == ("credit", "2026-04", state)


@pytest.mark.parametrize(("end", "state"), [("2026-05-31", "final"), ("2026-06-30", "held")])
def test_a_promise_that_ends_leaves_nothing_to_earn_back(end: str, state: str) -> None:
    """K7: two months are asked for; after May there is none any more."""
    for where in ({"end": end}, {"sla": {"valid_to": end}}):
        estate = world([down("04-10T00", "04-10T05")], EARN_BACK, **where)
        assert [entry.state for entry in settled(estate, "2026-04", "05-20T00").ledger] == [state]


def moments(first: int, last: int) -> st.SearchStrategy[datetime]:
    return st.integers(first, last).map(
        lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    )


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[str, Any], datetime]:
    """Outages, maintenance and claims of half a year, and a day within it."""
    incidents = []
    for number in range(draw(st.integers(1, 4))):
        start = draw(moments(0, 4_300))
        end = start + timedelta(hours=draw(st.integers(1, 900)))
        cause = draw(st.sampled_from(["supplier", "planned_maintenance", "force_majeure"]))
        incidents.append(
            {"id": f"i{number}", "affects": "app", "cause": cause, "evidence": "letter",
             "start": start.isoformat(), "end": end.isoformat()}
        )  # fmt: skip
    counted_from = draw(st.sampled_from(["incident_end", "period_end", "quarter_end"]))
    claims = {"mode": "by_claim", "within_days": draw(st.integers(0, 60))}
    terms: dict[str, Any] = {
        **draw(st.sampled_from([{}, EARN_BACK])),
        "claim": {**claims, "counted_from": counted_from},
        "incentives": [{"at_least": "0.9999", "bonus": "0.02", "clawback_if_breached_within_months": 2}],
    }  # fmt: skip
    exclusions = [{"kind": "planned_maintenance", "quota_hours": 5}, {"kind": "force_majeure"}]
    termination = [{"kind": "count", "breaches": 2, "periods": 3}]
    estate = world(
        incidents, terms, sla={"exclusions": exclusions, "termination": termination},
        timezone=draw(st.sampled_from(["UTC", "America/New_York"])),
        anchor_day=draw(st.sampled_from([1, 15])), start="2026-01-01",
    )  # fmt: skip
    months = draw(st.sets(st.integers(1, 6)))
    filed = st.dates(date(2026, 1, 20), date(2026, 9, 1))
    estate["claims"] = [
        {"sla": "s", "period": f"2026-{month:02}", "filed": draw(filed).isoformat()}
        for month in months
    ]
    return estate, draw(moments(0, 4_400))


@given(told=histories(), period=st.sampled_from(["2026-02", "2026-04", "2026-01..2026-06"]))
@settings(max_examples=60, deadline=None)
def test_what_is_recorded_later_changes_no_answer_of_a_day(
    told: tuple[dict[str, Any], datetime], period: str
) -> None:
    """M1, K7, K8: asked as of a day, an estate answers as the one that was on record that day."""
    estate, day = told
    known = [
        {key: value for key, value in row.items() if key != "end" or value <= day.isoformat()}
        for row in estate["incidents"]
        if row["start"] < day.isoformat()
    ]
    then = {
        **estate,
        "incidents": known,
        "claims": [row for row in estate["claims"] if row["filed"] < day.date().isoformat()],
    }
    # Claims of the day itself, in whichever zone, are told in both.
    today = [row for row in estate["claims"] if row["filed"] >= day.date().isoformat()]
    later = [row for row in today if row["filed"] > (day + timedelta(days=1)).date().isoformat()]
    then["claims"] += [row for row in today if row not in later]

    after, before = (
        settlement(structure_of(Estate.model_validate(each)), period, NOW, day)
        for each in (estate, then)
    )

    assert after.model_dump() == before.model_dump()
