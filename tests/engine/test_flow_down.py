"""Flow-down against hand-made cases, brute force and laws (rule P2). All synthetic."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depgraph.engine.flow_down import FlowDown, flow_down
from depgraph.engine.obligation_match import STATUSES, ObligationMatch
from depgraph.engine.structure import common_causes
from depgraph.model.estate import Estate

from .brute_force import brute_force, estates

DAY = date(2026, 4, 1)
EXAMPLES = Path(__file__).parents[3] / "shared" / "reference" / "worked_examples.json"


def availability(target: object, **more: object) -> dict[str, Any]:
    return {"metric": "availability", "target": str(target), **more}


def sla(service: str, *objectives: Any, **more: object) -> dict[str, Any]:
    return {"service": service, "objectives": list(objectives), **more}


def world(
    needs: list[Any],
    promise: dict[str, Any],
    held: dict[str, dict[str, Any]],
    **contracts: dict[str, Any],
) -> Estate:
    """V promises shop to C; `held` are SLAs of U to V by id; terms by contract as keywords."""
    return Estate.model_validate(
        {
            "organizations": [{"id": name} for name in "CVUW"],
            "services": [
                {"id": "shop", "provider": "V", "depends_on": needs},
                {"id": "own", "provider": "V", "depends_on": ["a"]},
                {"id": "a", "provider": "U", "rto_hours": 3},
                {"id": "b", "provider": "U"},
                {"id": "deep", "provider": "U", "depends_on": ["w"]},
                {"id": "w", "provider": "W"},
            ],
            "contracts": [
                {
                    "id": "VC", "supplier": "V", "customer": "C",
                    "slas": [{"id": "promise", **promise}], **contracts.get("VC", {}),
                },
                {
                    "id": "UV", "supplier": "U", "customer": "V",
                    "slas": [{"id": name, **terms} for name, terms in held.items()],
                    **contracts.get("UV", {}),
                },
            ],
        }
    )  # fmt: skip


def row(estate: Estate, obligation: str, held: str | None = "held") -> ObligationMatch:
    answer = flow_down(estate, DAY)
    [edge] = [e for e in answer.edges if e.promise == "promise" and e.held == held]
    [match] = [m for m in edge.obligations if m.obligation == obligation]
    return match


def obligations(estate: Estate) -> set[str]:
    return {m.obligation for e in flow_down(estate, DAY).edges for m in e.obligations}


@pytest.mark.parametrize(
    ("needs", "targets", "promised", "low", "high", "status"),
    [
        (["a", "b"], {"a": "0.999", "b": "0.999"}, "0.998", 0.998001, 0.998001, "MATCH"),
        # Pairwise both held targets reach the promise; together they do not.
        (["a", "b"], {"a": "0.999", "b": "0.999"}, "0.999", 0.998001, 0.998001, "WEAKER"),
        ([{"of": ["a", "b"]}], {"a": "0.99", "b": "0.99"}, "0.9999", 0.9999, 0.9999, "MATCH"),
        # One thing, one variable: a twice is not a squared.
        (["a", "own"], {"a": "0.999"}, "0.999", 0.999, 0.999, "MATCH"),
        (["a", "b"], {"a": "0.999"}, "0.99", 0, 0.999, "UNKNOWN"),
        (["a", "b"], {"a": "0.999"}, "0.9999", 0, 0.999, "WEAKER"),
        ([{"of": ["a", "b"]}], {"a": "0.999"}, "0.999", 0.999, 1, "MATCH"),
        (["deep"], {"deep": "0.999"}, "0.99", 0.999, 0.999, "MATCH"),
        ([{"of": ["a", "b"], "common_cause": 0.5}], {"a": "0.9", "b": "0.9"}, "0.95",
         0.95 * (1 - (0.05 / 0.95) ** 2), 0.95 * (1 - (0.05 / 0.95) ** 2), "WEAKER"),
    ],
    ids=["serial", "composite-not-pairwise", "redundant", "shared", "missing-open", "missing-weak",
         "missing-not-needed", "end-to-end", "common-cause"],
)  # fmt: skip
def test_availability_is_the_composite_of_everything_held(
    needs: list[Any],
    targets: dict[str, str],
    promised: str,
    low: float,
    high: float,
    status: str,
) -> None:
    held = {name: sla(name, availability(target)) for name, target in targets.items()}
    answer = flow_down(world(needs, sla("shop", availability(promised)), held), DAY)
    [flow] = [p for p in answer.promises if p.promise == "promise"]
    assert flow.composite_low == pytest.approx(low, abs=1e-12)
    assert flow.composite_high == pytest.approx(high, abs=1e-12)
    shown = {e.held: e.obligations[0] for e in answer.edges if e.promise == "promise"}
    for name, target in targets.items():
        assert shown[name].obligation == "availability"
        assert shown[name].status == status
        assert shown[name].held == Decimal(target)
    if None in shown:
        assert shown[None].status == ("MATCH" if status == "MATCH" else "MISSING")


def test_a_held_target_that_excludes_third_parties_is_only_an_upper_bound() -> None:
    outside = {"exclusions": [{"kind": "third_party"}]}
    for service, expected in (("deep", "UNKNOWN"), ("a", "MATCH")):
        held = {"held": sla(service, availability("0.999"), **outside)}
        estate = world([service], sla("shop", availability("0.99")), held)
        assert row(estate, "availability").status == expected
    estate = world(["a"], sla("shop", availability("0.9999"), **outside), held)
    match = row(estate, "availability")
    assert match.status == "MATCH"
    assert "excluded from the promise" in match.message


def test_what_is_held_further_down_has_an_edge_where_nothing_nearer_is_held() -> None:
    held = {"on-w": sla("w", availability("0.9999")), "on-a": sla("a", availability("0.9999"))}
    answer = flow_down(world(["deep", "a"], sla("shop", availability("0.999")), held), DAY)

    edges = [(edge.service, edge.held) for edge in answer.edges if edge.promise == "promise"]
    assert edges == [("deep", None), ("a", "on-a"), ("w", "on-w")]
    [unbacked] = [each for each in answer.unbacked if each.promise == "promise"]
    assert unbacked.services == ("deep",)
    assert not unbacked.entirely


@pytest.mark.parametrize("when", [{"valid_to": "2026-03-31"}, {"valid_from": "2026-04-02"}])
def test_what_is_held_nearer_and_not_in_force_leaves_room_for_what_is_held_further_down(
    when: dict[str, str],
) -> None:
    held = {
        "on-deep": sla("deep", availability("0.9999"), **when),
        "on-w": sla("w", availability("0.9999")),
    }
    answer = flow_down(world(["deep"], sla("shop", availability("0.999")), held), DAY)

    edges = [edge for edge in answer.edges if edge.promise == "promise"]
    assert [(edge.service, edge.held) for edge in edges] == [("deep", "on-deep"), ("w", "on-w")]
    assert edges[0].status == "MISSING"
    [unbacked] = [each for each in answer.unbacked if each.promise == "promise"]
    assert unbacked.services == ("deep",)
    assert not unbacked.entirely


def test_a_promise_is_not_entirely_unbacked_by_what_is_held_further_down() -> None:
    held = {"on-w": sla("w", availability("0.9999"))}
    for found, entirely in ((held, False), ({}, True)):
        answer = flow_down(world(["deep"], sla("shop", availability("0.999")), found), DAY)
        [unbacked] = [each for each in answer.unbacked if each.promise == "promise"]
        assert unbacked.entirely == entirely


@pytest.mark.parametrize("downstream_buffer", ["VC", "UV"])
def test_claim_deadline_is_worked_example_f05(downstream_buffer: str) -> None:
    def claim(days: int) -> dict[str, Any]:
        return {"claim": {"mode": "by_claim", "within_days": days, "counted_from": "period_end"}}

    estate = world(
        ["a"],
        sla("shop", availability("0.99"), credits=claim(60)),
        {"held": sla("a", availability("0.999"), credits=claim(30))},
        **{downstream_buffer: {"claim_buffer_days": 10}},
    )
    match = row(estate, "claim_deadline")
    assert (match.status, match.difference) == ("WEAKER", Decimal(40))


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the reference cases are not here")
def test_f05_says_so() -> None:
    [case] = [c for c in json.loads(EXAMPLES.read_text())["examples"] if c["id"] == "F05"]
    assert case["expected"] == {"ok": False, "gap_days": 40}


@pytest.mark.parametrize(
    ("ours", "theirs", "status"),
    [
        ({"mode": "by_claim", "within_days": 20}, {"mode": "by_claim", "within_days": 30}, "MATCH"),
        ({"mode": "by_claim", "within_days": 20}, {"mode": "automatic"}, "MATCH"),
        ({"mode": "by_claim"}, {"mode": "by_claim", "within_days": 30}, "WEAKER"),
        ({"mode": "automatic"}, {"mode": "by_claim", "within_days": 30}, "MATCH"),
        ({"mode": "by_claim", "within_days": 30}, {"mode": "by_claim"}, "MATCH"),
        ({"mode": "by_claim", "within_days": 5, "counted_from": "awareness"},
         {"mode": "by_claim", "within_days": 90}, "UNKNOWN"),
        # 30 days from the incident are over at most 30 days after its month.
        ({"mode": "by_claim", "within_days": 30, "counted_from": "incident_end"},
         {"mode": "by_claim", "within_days": 30}, "MATCH"),
        ({"mode": "by_claim", "within_days": 30},
         {"mode": "by_claim", "within_days": 30, "counted_from": "incident_end"}, "UNKNOWN"),
        # Two months after the month: 59 to 62 days.
        ({"mode": "by_claim", "within_days": 59}, {"mode": "by_claim", "billing_cycles": 2}, "MATCH"),
        ({"mode": "by_claim", "within_days": 60}, {"mode": "by_claim", "billing_cycles": 2},
         "UNKNOWN"),
        ({"mode": "by_claim", "within_days": 63}, {"mode": "by_claim", "billing_cycles": 2},
         "WEAKER"),
        ({"mode": "by_claim", "billing_cycles": 2}, {"mode": "by_claim", "billing_cycles": 1},
         "WEAKER"),
    ],
)  # fmt: skip
def test_claim_deadlines(ours: dict[str, Any], theirs: dict[str, Any], status: str) -> None:
    estate = world(
        ["a"],
        sla("shop", availability("0.99"), credits={"claim": ours}),
        {"held": sla("a", availability("0.999"), credits={"claim": theirs})},
    )
    assert row(estate, "claim_deadline").status == status


@pytest.mark.parametrize(
    ("ours", "theirs", "status"),
    [
        # Down on 10 April: ours may be claimed until 30 May, theirs until 14 May (rule M1).
        ((1, 30), (15, 30), "UNKNOWN"),
        ((1, 10), (15, 27), "MATCH"),
        ((1, 30), (15, 13), "WEAKER"),
        ((15, 30), (15, 30), "MATCH"),
        ((15, 31), (15, 30), "WEAKER"),
        ((15, 30), (1, 44), "MATCH"),
    ],
)
def test_claim_deadlines_of_periods_from_other_days(
    ours: tuple[int, int], theirs: tuple[int, int], status: str
) -> None:
    """From day 15, a month ends 17 days before the end of the incident's or 14 after it."""

    def claim(days: int) -> dict[str, Any]:
        return {"claim": {"mode": "by_claim", "within_days": days}}

    estate = world(
        ["a"],
        sla("shop", availability("0.99"), credits=claim(ours[1])),
        {"held": sla("a", availability("0.999"), credits=claim(theirs[1]))},
        VC={"anchor_day": ours[0]},
        UV={"anchor_day": theirs[0]},
    )
    assert row(estate, "claim_deadline").status == status


def hours(metric: str, target: object) -> dict[str, Any]:
    return {"metric": metric, "target": target}


@pytest.mark.parametrize(
    ("promised", "held", "status", "difference"),
    [
        (hours("incident_response_hours", 2), hours("incident_response_hours", 1), "MATCH", -1),
        (hours("resolution_hours", 4), hours("resolution_hours", 8), "WEAKER", 4),
        (hours("breach_notice_hours", 4), hours("resolution_hours", 1), "MISSING", None),
        (hours("rto_hours", 2), hours("resolution_hours", 1), "WEAKER", 1),
        (hours("rpo_hours", 2), hours("resolution_hours", 1), "MISSING", None),
        (hours("rto_hours", 2), hours("rto_hours", 1), "MATCH", -1),
    ],
)
def test_hours(
    promised: dict[str, Any], held: dict[str, Any], status: str, difference: int | None
) -> None:
    match = row(world(["a"], sla("shop", promised), {"held": sla("a", held)}), promised["metric"])
    assert (match.status, match.difference) == (status, difference)
    if status == "WEAKER" and promised["metric"] == "rto_hours":
        assert "not from an SLA" in match.message


@pytest.mark.parametrize(
    ("term", "promised", "held", "status"),
    [
        ("audit_right", True, True, "MATCH"),
        ("audit_right", True, False, "MISSING"),
        ("audit_right", True, None, "UNKNOWN"),
        ("data_residency", ["IE", "DE"], ["IE"], "MATCH"),
        ("data_residency", ["IE"], ["IE", "US"], "WEAKER"),
        ("data_residency", ["IE"], None, "UNKNOWN"),
        ("subcontracting", "consent", "forbidden", "MATCH"),
        ("subcontracting", "consent", "notice", "WEAKER"),
        ("subcontracting", "notice", None, "UNKNOWN"),
        ("exit_assistance_days", 90, 90, "MATCH"),
        ("exit_assistance_days", 90, 30, "WEAKER"),
        ("exit_assistance_days", 90, 0, "MISSING"),
        ("exit_assistance_days", 90, None, "UNKNOWN"),
        ("liability_cap", {"amount": "100 EUR"}, {"amount": "100 EUR"}, "MATCH"),
        ("liability_cap", {"amount": "100 EUR"}, {"amount": "99 EUR"}, "WEAKER"),
        ("liability_cap", {"amount": "100 EUR"}, {"amount": "900 USD"}, "UNKNOWN"),
        ("liability_cap", {"amount": "100 EUR"}, None, "UNKNOWN"),
        ("liability_cap", None, {"amount": "100 EUR"}, "UNKNOWN"),
        ("end", "2027-12-31", "2027-12-31", "MATCH"),
        ("end", "2027-12-31", "2027-12-30", "WEAKER"),
        ("end", None, "2027-12-30", "WEAKER"),
        ("end", "2027-12-31", None, "MATCH"),
    ],
)
def test_contract_terms(term: str, promised: Any, held: Any, status: str) -> None:
    estate = world(["a"], sla("shop"), {"held": sla("a")}, VC={term: promised}, UV={term: held})
    assert row(estate, "term_end" if term == "end" else term).status == status


@pytest.mark.parametrize(
    ("promised", "held", "rule", "at", "status"),
    [
        ([], [], "any_down", [], "MATCH"),
        (["ie"], [], "any_down", [], "MATCH"),
        (["ie"], ["ie"], "any_down", [], "MATCH"),
        (["zone"], ["ie"], "any_down", [], "MATCH"),
        (["ie", "us"], ["ie"], "any_down", [], "WEAKER"),
        (["ie"], ["zone"], "any_down", [], "WEAKER"),
        ([], ["ie"], "any_down", [], "WEAKER"),
        (["ie", "us"], ["ie"], "each", [], "WEAKER"),
        (["ie", "us"], ["ie"], "any_down", ["zone"], "MATCH"),
        ([], ["ie"], "any_down", ["zone"], "MATCH"),
        ([], ["ie"], "any_down", ["us"], "WEAKER"),
        (["ie", "us"], ["us", "ie"], "all_down", [], "MATCH"),
        (["ie", "us"], ["ie"], "all_down", [], "UNKNOWN"),
    ],
)
def test_held_regions_reach_as_far_as_promised_ones(
    promised: list[str], held: list[str], rule: str, at: list[str], status: str
) -> None:
    """Rules P2, M9: downtime of a region that the supplier does not count is ours alone."""
    estate = _in_regions(promised, {"held": held}, rule, at)
    assert row(estate, "measurement").status == status


def test_agreements_for_one_region_each_reach_as_far_together() -> None:
    parts = {"held": ["ie"], "other": ["us"]}
    assert row(_in_regions(["ie", "us"], parts, "any_down", []), "measurement").status == "MATCH"
    everywhere = {"held": ["ie"], "other": []}
    assert row(_in_regions(["us"], everywhere, "any_down", []), "measurement").status == "MATCH"


def _in_regions(
    promised: list[str], held: dict[str, list[str]], rule: str, at: list[str]
) -> Estate:
    """A promise on the shop over regions, and what is held on what it needs, which stands `at`."""
    level = availability("0.9", regions=rule)
    plain = world(
        ["a"],
        sla("shop", level),
        {name: sla("a", level) for name in held},
    ).model_dump(mode="json", exclude_defaults=True)
    plain["locations"] = [{"id": "ie"}, {"id": "us"}, {"id": "zone", "within": "ie"}]
    plain["contracts"][0]["slas"][0]["regions"] = promised
    for terms in plain["contracts"][1]["slas"]:
        terms["regions"] = held[terms["id"]]
    plain["services"][2]["located_in"] = at
    return Estate.model_validate(plain)


def test_no_limit_promised_and_none_held_are_not_compared() -> None:
    """What neither contract states is no row; a limit on the held side alone is one."""
    estate = world(
        ["a"], sla("shop"), {"held": sla("a")}, UV={"liability_cap": {"amount": "9 EUR"}}
    )
    match = row(estate, "liability_cap")
    assert (match.promised, match.held, match.difference) == ("no limit stated", "9 EUR", None)

    [edge] = flow_down(world(["a"], sla("shop"), {"held": sla("a")}), DAY).edges
    assert "liability_cap" not in {match.obligation for match in edge.obligations}


@pytest.mark.parametrize(
    ("obligation", "promised", "held", "status"),
    [
        ("force_majeure", {}, {}, "MATCH"),
        ("force_majeure", {"scope": ["Flood"]}, {"scope": ["flood"]}, "MATCH"),
        ("force_majeure", {"scope": ["flood"]}, {"scope": ["flood", "strike"]}, "WEAKER"),
        ("force_majeure", {"scope": ["flood"]}, {}, "WEAKER"),
        ("force_majeure", None, {}, "WEAKER"),
        ("force_majeure", {}, None, "MATCH"),
        ("maintenance", {"quota_hours": 4, "notice_hours": 72}, {"quota_hours": 4, "notice_hours": 72}, "MATCH"),
        ("maintenance", {"quota_hours": 4}, {"quota_hours": 5}, "WEAKER"),
        ("maintenance", {"quota_hours": 4}, {}, "WEAKER"),
        ("maintenance", {"notice_hours": 72}, {"notice_hours": 24}, "WEAKER"),
        ("maintenance", None, {"quota_hours": 1}, "WEAKER"),
        ("maintenance", {"quota_hours": 4}, None, "MATCH"),
    ],
)  # fmt: skip
def test_exclusions(obligation: str, promised: Any, held: Any, status: str) -> None:
    kind = {"maintenance": "planned_maintenance"}.get(obligation, obligation)

    def exclusions(terms: Any) -> list[Any]:
        return [] if terms is None else [{"kind": kind, **terms}]

    estate = world(
        ["a"],
        sla("shop", exclusions=exclusions(promised)),
        {"held": sla("a", exclusions=exclusions(held))},
    )
    assert row(estate, obligation).status == status


@pytest.mark.parametrize(
    ("promised", "held", "status"),
    [
        ({}, {}, "MATCH"),
        ({}, {"period": "quarter"}, "WEAKER"),
        ({"period": "quarter"}, {}, "MATCH"),
        ({}, {"measure": "request_ratio"}, "UNKNOWN"),
        ({}, {"granularity": "whole_minutes"}, "WEAKER"),
        ({}, {"denominator": "less_exclusions"}, "UNKNOWN"),
        ({"concurrent": "sole_cause"}, {}, "WEAKER"),
        ({}, {"concurrent": "sole_cause"}, "MATCH"),
        ({}, {"regions": "all_down"}, "WEAKER"),
        ({"regions": "each"}, {}, "UNKNOWN"),
        (
            {"granularity": "whole_minutes", "minute_alignment": "sliding"},
            {"granularity": "whole_minutes"},
            "WEAKER",
        ),
        ({"partial": "weighted", "overlap": "sum"}, {"partial": "weighted"}, "WEAKER"),
        (
            {"measure": "threshold_minutes", "error_threshold": "0.05"},
            {"measure": "threshold_minutes", "error_threshold": "0.1"},
            "WEAKER",
        ),
        (
            {"measure": "threshold_minutes", "error_threshold": "0.1"},
            {"measure": "threshold_minutes", "error_threshold": "0.05"},
            "MATCH",
        ),
        (
            {"measure": "threshold_minutes", "error_threshold": "0.1"},
            {"measure": "threshold_minutes"},
            "UNKNOWN",
        ),
        (
            {"measure": "interval_all_fail"},
            {"measure": "interval_all_fail", "interval_minutes": 10},
            "WEAKER",
        ),
        (
            {"measure": "interval_all_fail", "interval_minutes": 10},
            {"measure": "interval_all_fail"},
            "MATCH",
        ),
        (
            {"measure": "interval_all_fail", "interval_minutes": 5},
            {"measure": "interval_all_fail", "interval_minutes": 3},
            "UNKNOWN",
        ),
        ({"measure": "executions"}, {"measure": "executions", "interval_minutes": 10}, "UNKNOWN"),
    ],
)
def test_measurement(promised: dict[str, Any], held: dict[str, Any], status: str) -> None:
    estate = world(
        ["a"],
        sla("shop", availability("0.9", **promised)),
        {"held": sla("a", availability("0.9", **held))},
    )
    assert row(estate, "measurement").status == status


SUNDAYS = {"rule": "FREQ=WEEKLY;BYDAY=SU;BYHOUR=2;BYMINUTE=0", "hours": 4}
FORTNIGHTLY = {"rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;BYHOUR=2;BYMINUTE=0", "hours": 4}


@pytest.mark.parametrize(
    ("window", "terms", "status"),
    [
        (SUNDAYS, {}, "MATCH"),
        (SUNDAYS, {"start": "2020-01-08"}, "MATCH"),
        (SUNDAYS, {"timezone": "America/New_York"}, "UNKNOWN"),
        (FORTNIGHTLY, {"start": "2020-01-01"}, "MATCH"),
        (FORTNIGHTLY, {"start": "2020-01-08"}, "UNKNOWN"),
    ],
)
def test_the_same_words_in_another_zone_are_other_times(
    window: dict[str, Any], terms: dict[str, Any], status: str
) -> None:
    """Two in the night in New York is seven in the morning in London."""
    excused = [{"kind": "planned_maintenance", "windows": [window]}]
    more = {"exclusions": excused, "service_hours": {"windows": [window]}}
    estate = world(
        ["a"],
        sla("shop", availability("0.9"), **more),
        {"held": sla("a", availability("0.9"), **more)},
        VC={"start": "2020-01-01"},
        UV={"start": "2020-01-01", **terms},
    )
    assert row(estate, "maintenance").status == status
    assert row(estate, "measurement").status == status


def test_quotas_are_of_a_month_whatever_the_period() -> None:
    """Rule M3: a quota is used up by month, also where a level is measured by quarter."""
    excused = [{"kind": "planned_maintenance", "quota_hours": 4}]
    ours = sla("shop", availability("0.9", period="quarter"), exclusions=excused)
    held = {"held": sla("a", availability("0.9"), exclusions=excused)}
    assert row(world(["a"], ours, held), "maintenance").status == "MATCH"
    shifted = world(["a"], ours, held, UV={"anchor_day": 15})
    assert row(shifted, "maintenance").status == "UNKNOWN"


@pytest.mark.parametrize(
    ("kind", "promised", "held", "status"),
    [
        ("force_majeure", [["flood"], ["strike"]], [["strike", "flood"]], "MATCH"),
        ("force_majeure", [["flood"]], [["flood"], ["strike"]], "WEAKER"),
        ("force_majeure", [["flood"]], [["flood"], []], "WEAKER"),
        ("planned_maintenance", [4, 2], [2, 4], "MATCH"),
        ("planned_maintenance", [4], [4, None], "UNKNOWN"),
    ],
)
def test_every_exclusion_of_a_kind_counts(
    kind: str, promised: list[Any], held: list[Any], status: str
) -> None:
    field = "scope" if kind == "force_majeure" else "quota_hours"

    def terms(values: list[Any]) -> list[dict[str, Any]]:
        return [{"kind": kind, field: value} for value in values]

    estate = world(
        ["a"],
        sla("shop", exclusions=terms(promised)),
        {"held": sla("a", exclusions=terms(held))},
    )
    obligation = "maintenance" if kind == "planned_maintenance" else kind
    assert row(estate, obligation).status == status


def test_a_period_from_another_day_is_another_window() -> None:
    promise, held = sla("shop", availability("0.9")), {"held": sla("a", availability("0.9"))}
    shifted = world(["a"], promise, held, UV={"anchor_day": 15})
    assert row(shifted, "measurement").status == "UNKNOWN"


def test_nothing_promised_gives_no_row() -> None:
    assert obligations(world(["a"], sla("shop"), {"held": sla("a")})) == {"term_end"}
    everything = {"audit_right": True, "exit_assistance_days": 90}
    estate = world(["a"], sla("shop"), {"held": sla("a", availability("0.9"))}, UV=everything)
    assert obligations(estate) == {"term_end"}


def test_agreements_out_of_term_are_missing_with_the_reason() -> None:
    promise = sla("shop", availability("0.99"))
    old = sla("a", availability("0.999"), valid_to="2026-03-31")
    answer = flow_down(world(["a"], promise, {"held": old}), DAY)
    [edge] = answer.edges
    assert edge.held == "held"
    assert {m.status for m in edge.obligations} == {"MISSING"}
    assert "ended on 2026-03-31" in edge.obligations[0].message
    assert [(u.promise, u.services, u.entirely) for u in answer.unbacked] == [
        ("promise", ("a",), True)
    ]
    new = sla("a", availability("0.999"), valid_from="2026-04-01", supersedes="held")
    replaced = flow_down(world(["a"], promise, {"held": old, "new": new}), DAY)
    assert [edge.held for edge in replaced.edges] == ["new"]
    assert not replaced.unbacked


def test_a_version_that_follows_extends_the_term() -> None:
    versions = {
        "held": sla("a", valid_to="2026-06-30"),
        "next": sla("a", valid_from="2026-07-01", valid_to="2027-12-31", supersedes="held"),
    }
    terms = {"end": "2027-12-31"}
    assert row(world(["a"], sla("shop"), versions, VC=terms), "term_end").status == "MATCH"
    del versions["next"]
    match = row(world(["a"], sla("shop"), versions, VC=terms), "term_end")
    assert match.status == "WEAKER"
    assert match.difference == Decimal(549)


def test_promises_not_in_force_have_no_edges() -> None:
    estate = world(["a"], sla("shop", availability("0.9")), {}, VC={"start": "2026-05-01"})
    assert flow_down(estate, DAY).edges == ()


def test_the_customers_own_services_need_no_backing_where_its_faults_are_excluded() -> None:
    services = [
        {"id": "shop", "provider": "V", "depends_on": ["login"]},
        {"id": "login", "provider": "C"},
    ]
    for exclusions, edges in (([{"kind": "customer"}], 0), ([], 1)):
        promise = {"id": "p", **sla("shop", availability("0.99"), exclusions=exclusions)}
        estate = Estate.model_validate(
            {
                "organizations": [{"id": "C"}, {"id": "V"}],
                "services": services,
                "contracts": [{"id": "k", "supplier": "V", "customer": "C", "slas": [promise]}],
            }
        )
        assert len(flow_down(estate, DAY).edges) == edges


TARGETS = st.sampled_from([None, "0.5", "0.9", "0.999", "0.999999"])


def contracted(base: Estate, targets: list[str | None]) -> Estate:
    """The first service promised by V, every other provider's service held at a target."""
    services = []
    for position, service in enumerate(base.services):
        data = service.model_dump(mode="json", exclude_none=True)
        data.pop("unavailability", None)
        data["provider"] = "V" if position % 2 == 0 else "U"
        services.append({**data, "located_in": []})
    held = [
        {"id": f"h-{s['id']}", **sla(s["id"], availability(t))}
        for s, t in zip(services[1::2], targets, strict=False)
        if t
    ]
    promise = {"id": "promise", **sla(services[0]["id"], availability("0.99"))}
    return Estate.model_validate(
        {
            "organizations": [{"id": name} for name in "CVU"],
            "services": services,
            "contracts": [
                {"id": "VC", "supplier": "V", "customer": "C", "slas": [promise]},
                {"id": "UV", "supplier": "U", "customer": "V", "slas": held},
            ],
        }
    )


def by_brute_force(estate: Estate, held: dict[str, str], unknown: float) -> float:
    """All states of the estate: own ones perfect, others at the held target, nothing beyond."""
    services = []
    for service in estate.services:
        data = service.model_dump(
            mode="json", exclude={"provider", "located_in"}, exclude_none=True
        )
        if service.provider == "U":
            down = 1 - float(held[service.id]) if service.id in held else unknown
            services.append({**data, "unavailability": down, "depends_on": []})
        else:
            services.append({**data, "unavailability": 0})
    stripped = Estate.model_validate({"services": services})
    return 1 - brute_force(stripped).unavailability(estate.services[0].id)


@settings(max_examples=60, deadline=None)
@given(estates(), st.lists(TARGETS, min_size=3, max_size=3))
def test_the_composite_agrees_with_every_state(base: Estate, targets: list[str | None]) -> None:
    estate = contracted(base, targets)
    answer = flow_down(estate, DAY)
    edges = [edge for edge in answer.edges if edge.promise == "promise"]
    held = {e.service: str(e.obligations[0].held) for e in edges if e.held}
    flow = answer.promises[0]
    if not edges:
        assert flow.composite_low is None
        return
    low, high = by_brute_force(estate, held, 1.0), by_brute_force(estate, held, 0.0)
    if struck_in_pairs(estate):
        assert flow.composite_low == pytest.approx(low, abs=1e-12)
        assert flow.composite_high == pytest.approx(high, abs=1e-12)
    assert flow.composite_low is not None
    assert flow.composite_high is not None
    assert flow.composite_low <= low + 1e-12
    assert flow.composite_high >= high - 1e-12


def struck_in_pairs(estate: Estate) -> bool:
    """Whether common causes strike pairs that share no member: there the ends are reached."""
    groups = {tuple(sorted(g.of)) for s in estate.services for g in common_causes(s)}
    members = [member for group in groups for member in group]
    return all(len(g) <= 2 for g in groups) and len(members) == len(set(members))


def rank(answer: FlowDown) -> int:
    return STATUSES.index(answer.promises[0].statuses.get("availability", "MATCH"))


@settings(max_examples=60, deadline=None)
@given(estates(), st.lists(TARGETS, min_size=3, max_size=3), st.integers(0, 2))
def test_less_held_never_improves_and_more_never_worsens(
    base: Estate, targets: list[str | None], place: int
) -> None:
    now = rank(flow_down(contracted(base, targets), DAY))
    dropped = [None if i == place else t for i, t in enumerate(targets)]
    assert rank(flow_down(contracted(base, dropped), DAY)) >= now
    better = ["1" if i == place and t else t for i, t in enumerate(targets)]
    assert rank(flow_down(contracted(base, better), DAY)) <= now
