"""First and last day of a claim, and where it stands (rule K8).

Synthetic terms; days by the calendar of the contract's zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from depgraph.engine.claims import AUTOMATIC, claim_status, claim_window, in_time
from depgraph.engine.contract_findings import contract_faults
from depgraph.engine.periods import period_from
from depgraph.model.contract import Contract
from depgraph.model.credits import Claim
from depgraph.model.incident import Incident

from .test_caps import estate, settled, sla

DUBLIN = Contract(id="k", supplier="S", customer="C", timezone="Europe/Dublin")
APRIL = period_from("month", 2026 * 12 + 3, DUBLIN.timezone, 1)
FIRST: dict[str, Any] = {
    "start": "2026-04-02T10:00:00Z", "aware": "2026-04-03T10:00:00Z", "end": "2026-04-04T23:30:00Z",
}  # fmt: skip
"""Known a day later, and over in Dublin's 5 April."""
SECOND: dict[str, Any] = {"start": "2026-04-01T10:00:00Z", "end": "2026-04-01T11:00:00Z"}
OPEN: dict[str, Any] = {"start": "2026-04-20T10:00:00Z"}
LATER: dict[str, Any] = {"start": "2026-04-20T10:00:00Z", "end": "2026-07-01T00:00:01Z"}
NOW = datetime(2026, 7, 1, tzinfo=UTC)


def claim(**terms: Any) -> Claim:
    return Claim.model_validate({"mode": "by_claim", **terms})


def window(terms: Claim, *incidents: dict[str, Any]) -> tuple[date | None, date | None]:
    records = [
        Incident.model_validate({"id": f"i{n}", "affects": "app", **row})
        for n, row in enumerate(incidents)
    ]
    return claim_window(terms, DUBLIN, APRIL, records, NOW)


@pytest.mark.parametrize(
    ("terms", "incidents", "last"),
    [
        ({"counted_from": "period_end"}, [FIRST], date(2026, 5, 10)),
        ({"counted_from": "quarter_end"}, [FIRST], date(2026, 7, 10)),
        ({"counted_from": "incident_end"}, [FIRST, SECOND], date(2026, 4, 15)),
        ({"counted_from": "incident_end"}, [SECOND, OPEN], None),
        ({"counted_from": "incident_end"}, [OPEN], None),
        ({"counted_from": "incident_end"}, [FIRST, LATER], None),
        ({"counted_from": "incident_end"}, [], date(2026, 5, 10)),
        ({"counted_from": "awareness"}, [FIRST, SECOND], date(2026, 4, 13)),
        ({"counted_from": "awareness"}, [SECOND], date(2026, 4, 11)),
        ({"counted_from": "awareness"}, [OPEN], date(2026, 4, 30)),
    ],
)
def test_what_the_days_are_counted_from(
    terms: dict[str, Any], incidents: list[dict[str, Any]], last: date | None
) -> None:
    """The last of several incidents decides; while one lasts, no days run from its end."""
    assert window(claim(within_days=10, **terms), *incidents) == (None, last)


def test_billing_cycles_end_with_their_month() -> None:
    assert window(claim(billing_cycles=2), FIRST) == (None, date(2026, 6, 30))
    assert window(claim(billing_cycles=0, earliest_days=3)) == (date(2026, 5, 3), date(2026, 4, 30))


def test_a_claim_without_a_limit_is_never_too_late() -> None:
    first, last = window(claim(earliest_days=5))

    assert (first, last) == (date(2026, 5, 5), None)
    assert claim_status(claim(), (first, last), date(2030, 1, 1), None).status == "filed"
    assert claim_status(claim(), (first, last), None, date(2030, 1, 1)).status == "claimable"


@pytest.mark.parametrize(
    ("filed", "as_of", "status"),
    [
        (None, None, "claimable"),
        (None, 20, "claimable"),
        (None, 21, "not_filed"),
        (9, None, "late"),
        (10, None, "filed"),
        (20, 31, "filed"),
        (21, None, "late"),
    ],
)
def test_the_first_and_the_last_day_belong_to_the_window(
    filed: int | None, as_of: int | None, status: str
) -> None:
    terms = claim(within_days=1, earliest_days=1)
    days = [None if day is None else date(2026, 5, day) for day in (filed, as_of)]
    found = claim_status(terms, (date(2026, 5, 10), date(2026, 5, 20)), *days)

    assert (found.mode, found.status, found.filed) == ("by_claim", status, days[0])
    assert (found.earliest, found.deadline) == (date(2026, 5, 10), date(2026, 5, 20))


def test_an_automatic_credit_is_not_claimed() -> None:
    nothing = (None, date(2026, 5, 20))

    assert claim_status(Claim(), nothing, date(2026, 6, 1), date(2026, 7, 1)) == AUTOMATIC


def test_of_several_claims_the_first_in_time_counts() -> None:
    days = [date(2026, 5, day) for day in (1, 12, 15, 30)]
    window_ = (date(2026, 5, 10), date(2026, 5, 20))

    assert in_time(window_, days) == date(2026, 5, 12)
    assert in_time((None, date(2026, 4, 30)), days) == date(2026, 5, 1)
    assert in_time((None, None), days[3:]) == date(2026, 5, 30)
    assert in_time(window_, []) is None


TERMS = {"claim": {"mode": "by_claim", "within_days": 10}}


@pytest.mark.parametrize(
    ("claims", "owed"),
    [
        ([("s", "2026-05-11")], "0.00"),
        # A second letter takes nothing away, in whatever order they are written down.
        ([("s", "2026-05-10"), ("s", "2026-05-11")], "100.00"),
        ([("s", "2026-05-11"), ("s", "2026-05-10")], "100.00"),
        # The promise is the same one after its amendment.
        ([("older", "2026-05-10")], "100.00"),
    ],
)
def test_which_claim_counts(claims: list[tuple[str, str]], owed: str) -> None:
    older = sla("older", credits=TERMS, valid_to="2026-03-31")
    newer = sla("s", credits=TERMS, valid_from="2026-04-01", supersedes="older")
    filed = [{"sla": name, "period": "2026-04", "filed": day} for name, day in claims]
    answer = settled(estate((4,), [older, newer], claims=filed), "2026-04")

    assert str(answer.contracts[0].owed) == owed


@pytest.mark.parametrize("period", ["2026-04", "2026"])
def test_a_claim_for_another_kind_of_period_is_told(period: str) -> None:
    """By quarter: a claim for April would count as none, and 300 EUR be lost unsaid (K8)."""
    quarter = {"metric": "availability", "target": "0.999", "period": "quarter"}
    filed = [{"sla": "s", "period": period, "filed": "2026-05-10"}]
    terms = sla(credits=TERMS) | {"objectives": [quarter]}
    [fault] = contract_faults(estate((4,), [terms], claims=filed))

    assert (fault.code, fault.level, fault.sla) == ("claim-of-another-period", "error", "s")
    assert f"is for {period}, which is no quarter" in fault.message
    filed[0]["period"] = "2026-Q2"
    assert not contract_faults(estate((4,), [terms], claims=filed))
