"""Hours, excuses and planned work, as promised and as held (rule P2). All synthetic."""

from __future__ import annotations

from typing import Any

import pytest

from depgraph.engine.sla_obligations import claim_text
from depgraph.model.sla import Sla

from .test_flow_down import availability, obligations, row, sla, world

SUNDAY = {"rule": "FREQ=WEEKLY;BYDAY=SU;BYHOUR=2;BYMINUTE=0", "hours": 4}


def notice(hours: int) -> dict[str, Any]:
    return {"metric": "maintenance_notice_hours", "target": str(hours)}


def planned(**terms: Any) -> list[dict[str, Any]]:
    return [{"kind": "planned_maintenance", **terms}]


@pytest.mark.parametrize(
    ("promised", "held", "status"), [(4, 4, "MATCH"), (4, 5, "WEAKER"), (5, 4, "MATCH")]
)
def test_as_many_hours_as_promised_are_enough(promised: int, held: int, status: str) -> None:
    def hours(count: int) -> dict[str, Any]:
        return {"metric": "resolution_hours", "target": str(count)}

    match = row(world(["a"], sla("shop", hours(promised)), {"held": sla("a", hours(held))}),
                "resolution_hours")  # fmt: skip

    assert match.status == status
    assert match.difference == held - promised
    assert match.message == f"{promised} h promised, {held} h held"


@pytest.mark.parametrize("hours", [0, 2])
@pytest.mark.parametrize("metric", ["rto_hours", "rpo_hours"])
def test_recovery_figures_of_a_record_say_that_no_sla_holds_them(metric: str, hours: int) -> None:
    """Zero hours are a figure as any other (rule L13)."""
    promise = sla("shop", {"metric": metric, "target": "3"})
    base = world(["a"], promise, {"held": sla("a", availability("0.9"))})
    services = [
        s.replace(**{metric: hours}) if s.id == "a" else s for s in base.services
    ]  # fmt: skip
    match = row(base.replace(services=services), metric)

    assert (match.status, match.held) == ("MATCH", hours)
    assert match.message == f"3 h promised, {hours} h held; from the record of a, not from an SLA"


@pytest.mark.parametrize(
    ("ours", "theirs", "status", "message"),
    [
        (["flood"], None, "MATCH", "what excuses the supplier excuses us too"),
        (["Flood", "war"], ["flood"], "MATCH", "what excuses the supplier excuses us too"),
        (["flood"], ["war"], "WEAKER", "war excuses the supplier, but not us"),
        (["flood"], [], "WEAKER", "any force majeure excuses the supplier, but not us"),
        ([], ["war"], "MATCH", "what excuses the supplier excuses us too"),
        (None, ["war"], "WEAKER", "force majeure excuses the supplier, but not us"),
    ],
)
def test_force_majeure_excuses_the_supplier_only_where_it_excuses_us(
    ours: list[str] | None, theirs: list[str] | None, status: str, message: str
) -> None:
    def terms(scope: list[str] | None) -> list[dict[str, Any]]:
        return [] if scope is None else [{"kind": "force_majeure", "scope": scope}]

    held = {"held": sla("a", exclusions=terms(theirs))}
    match = row(world(["a"], sla("shop", exclusions=terms(ours)), held), "force_majeure")

    assert (match.status, match.message) == (status, message)
    for scope, value in ((ours, match.promised), (theirs, match.held)):
        assert value == ("not excused" if scope is None else ", ".join(scope) or "any event")


def test_other_exclusions_are_no_excuse_and_no_planned_work() -> None:
    held = {"held": sla("a", exclusions=[{"kind": "customer"}])}
    found = obligations(world(["a"], sla("shop", availability("0.9")), held))

    assert found.isdisjoint({"force_majeure", "maintenance"})


@pytest.mark.parametrize(
    ("ours", "theirs", "status", "message"),
    [
        # Notice without any exclusion: from the objectives alone.
        (sla("shop", notice(24)), sla("a"), "WEAKER", "0 h notice held, 24 h promised"),
        (sla("shop", notice(24)), sla("a", notice(48)), "MATCH", "the supplier's planned work fits into ours"),
        (sla("shop", notice(24)), sla("a", notice(24)), "MATCH", "the supplier's planned work fits into ours"),
        (
            sla("shop", exclusions=planned(windows=[SUNDAY])), sla("a", exclusions=planned()),
            "WEAKER", "the supplier may work at any time, we only in our windows",
        ),
        (
            sla("shop", exclusions=planned(windows=[SUNDAY])),
            sla("a", exclusions=planned(windows=[SUNDAY])),
            "MATCH", "the supplier's planned work fits into ours",
        ),
        (
            sla("shop", exclusions=planned(quota_hours=4)), sla("a", exclusions=planned()),
            "WEAKER", "no limit of planned work held, 4 h promised",
        ),
        (
            sla("shop", exclusions=planned(quota_hours=4)), sla("a", exclusions=planned(quota_hours=6)),
            "WEAKER", "6 h of planned work held, 4 h promised",
        ),
    ],
)  # fmt: skip
def test_planned_work_fits_into_ours(
    ours: dict[str, Any], theirs: dict[str, Any], status: str, message: str
) -> None:
    match = row(world(["a"], ours, {"held": theirs}), "maintenance")

    assert (match.status, match.message) == (status, message)


@pytest.mark.parametrize(
    ("credits_", "text"),
    [
        (None, "no credits"),
        ({}, "automatic"),
        ({"claim": {"mode": "by_claim"}}, "no deadline"),
        ({"claim": {"mode": "by_claim", "within_days": 30, "counted_from": "period_end"}}, "30 days from period_end"),
        ({"claim": {"mode": "by_claim", "billing_cycles": 2}}, "end of billing cycle 2 after the incident's"),
    ],
)  # fmt: skip
def test_how_credits_are_claimed_in_words(credits_: dict[str, Any] | None, text: str) -> None:
    terms = {"id": "s", "service": "a", "credits": credits_}

    assert claim_text(Sla.model_validate(terms)) == text
