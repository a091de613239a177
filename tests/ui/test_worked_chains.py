"""Worked examples B, C, D, E and F through estate files and the command line, to the cent."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from tests.ui.command_line import app

START = datetime(2026, 4, 10, 10, tzinfo=UTC)


def ladder(target: str) -> dict[str, Any]:
    return {"tiers": [
        {"below": target, "at_least": "0.99", "credit": "10%"},
        {"below": "0.99", "at_least": "0.95", "credit": "25%"},
        {"below": "0.95", "credit": "100%"},
    ]}  # fmt: skip


def contract(name: str, parties: str, service: str, fee: str, target: str) -> dict[str, Any]:
    """One contract; parties are supplier and customer."""
    level = {"metric": "availability", "target": target}
    sla = {"id": f"{name}.1", "service": service, "monthly_fee": fee, "objectives": [level],
           "credits": ladder(target)}  # fmt: skip
    return {"id": name, "supplier": parties[0], "customer": parties[1], "slas": [sla]}


def outage(
    name: str, service: str, minutes: float, after: float = 0, **more: str
) -> dict[str, Any]:
    start = START + timedelta(minutes=after)
    end = start + timedelta(minutes=minutes)
    return {
        "id": name,
        "affects": service,
        "start": start.isoformat(),
        "end": end.isoformat(),
        **more,
    }


def chain(minutes: float) -> dict[str, Any]:
    """The reference chain: U under V under C; the month's cap is 30 % above, 100 % below."""
    above = contract("V_C", "VC", "app", "100000 EUR", "0.9995")
    above["slas"][0]["credits"]["period_cap"] = "0.3"
    return {
        "organizations": [{"id": name} for name in "CVU"],
        "services": [{"id": "app", "provider": "V", "depends_on": ["db"]}, {"id": "db", "provider": "U"}],
        "contracts": [above, contract("U_V", "UV", "db", "20000 EUR", "0.999")],
        "incidents": [outage("x", "db", minutes)],
    }  # fmt: skip


def alone(*incidents: dict[str, Any], fee: str = "100000 EUR", **terms: Any) -> dict[str, Any]:
    """One contract on one service; terms change its SLA, its objective and its credits."""
    found = contract("k", "VC", "app", fee, terms.pop("target", "0.9995"))
    sla = found["slas"][0]
    sla["objectives"][0].update(terms.pop("objective", {}))
    sla.update(terms)
    services = [{"id": "app", "provider": "V"}]
    return {"organizations": [{"id": "C"}, {"id": "V"}], "services": services,
            "contracts": [found], "incidents": list(incidents)}  # fmt: skip


def settled(folder: Path, estate: dict[str, Any], period: str = "2026-04") -> dict[str, Any]:
    """Write the estate to a file and settle it as a user does."""
    file = folder / "estate.yaml"
    # Through JSON, so that YAML writes no anchors.
    file.write_text(yaml.safe_dump(json.loads(json.dumps(estate))), "utf-8")
    done = CliRunner().invoke(app, ["settle", str(file), "--period", period, "--json"])
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize(
    ("minutes", "percent", "owed", "capped_out", "recovered", "absorbed", "gaps"),
    [
        pytest.param(40, "99.907407", "10000.00", "0.00", "0.00", "10000.00", {"TARGET"}, id="D01"),
        pytest.param(50, "99.884259", "10000.00", "0.00", "2000.00", "8000.00", {"AMOUNT"}, id="D02"),
        pytest.param(500, "98.842593", "25000.00", "0.00", "5000.00", "20000.00", {"AMOUNT"}, id="D03"),
        pytest.param(2500, "94.212963", "30000.00", "70000.00", "20000.00", "10000.00",
                     {"AMOUNT", "CAP"}, id="D04"),
    ],
)  # fmt: skip
def test_chain_of_two(
    tmp_path: Path, minutes: int, percent: str, owed: str, capped_out: str, recovered: str,
    absorbed: str, gaps: set[str],
) -> None:  # fmt: skip
    answer = settled(tmp_path, chain(minutes))
    above = answer["contracts"][0]

    assert f"{answer['slas'][0]['measured'] * 100:.6f}" == percent
    assert [above[key] for key in ("owed", "capped_out", "recovered", "absorbed")] == [
        owed, capped_out, recovered, absorbed,
    ]  # fmt: skip
    assert {gap["gap"] for gap in above["gaps"]} == gaps


def test_d05_limited_to_recovered(tmp_path: Path) -> None:
    estate = chain(50)
    estate["contracts"][0]["pass_through"] = {"clause": "limited_to_recovered", "share": 1}
    above = settled(tmp_path, estate)["contracts"][0]

    assert (above["owed"], above["absorbed"], above["shortfall"]) == ("2000.00", "0.00", "8000.00")


def test_d07_an_exclusion_below_is_a_windfall(tmp_path: Path) -> None:
    estate = chain(50)
    estate["contracts"][0]["slas"][0]["exclusions"] = [{"kind": "third_party"}]
    above = settled(tmp_path, estate)["contracts"][0]

    assert (above["owed"], above["recovered"], above["windfall"], above["shortfall"]) == (
        "0.00", "2000.00", "2000.00", "10000.00",
    )  # fmt: skip


def test_d08_a_late_claim_is_forfeited(tmp_path: Path) -> None:
    estate = chain(50)
    estate["contracts"][1]["slas"][0]["credits"]["claim"] = {"mode": "by_claim", "within_days": 30}
    estate["claims"] = [{"sla": "U_V.1", "period": "2026-04", "filed": "2026-06-15"}]
    above = settled(tmp_path, estate)["contracts"][0]

    assert (above["owed"], above["recovered"], above["forfeited"], above["absorbed"]) == (
        "10000.00", "0.00", "2000.00", "10000.00",
    )  # fmt: skip


def test_d09_three_hops(tmp_path: Path) -> None:
    estate = {
        "organizations": [{"id": name} for name in "CVRU"],
        "services": [
            {"id": "v", "provider": "V", "depends_on": ["r"]},
            {"id": "r", "provider": "R", "depends_on": ["u"]}, {"id": "u", "provider": "U"},
        ],
        "contracts": [
            contract("C<-V", "VC", "v", "100000 EUR", "0.9995"),
            contract("V<-R", "RV", "r", "40000 EUR", "0.999"),
            contract("R<-U", "UR", "u", "10000 EUR", "0.999"),
        ],
        "incidents": [outage("x", "u", 50)],
    }  # fmt: skip
    answer = settled(tmp_path, estate)

    assert [row["owed"] for row in answer["contracts"]] == ["10000.00", "4000.00", "1000.00"]
    assert answer["net_positions"] == {
        "C": {"EUR": "10000.00"}, "R": {"EUR": "-3000.00"}, "U": {"EUR": "-1000.00"},
        "V": {"EUR": "-6000.00"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "own_minutes"),
    [("equal_split", 45), ("first_cause", 30), ("sole_cause_only", 60), ("but_for", 60)],
)
def test_d13_attribution_limits_exclusions_only(
    tmp_path: Path, policy: str, own_minutes: int
) -> None:
    """X (a third party) 10:00–11:00, Y (the supplier's own) 10:30–11:30; U answers for its 60."""
    estate = chain(60)
    estate["incidents"].append(outage("y", "app", 60, after=30))
    estate["contracts"][0]["attribution"] = policy
    estate["contracts"][0]["slas"][0]["exclusions"] = [{"kind": "third_party"}]
    above, below = settled(tmp_path, estate)["slas"]

    assert above["down_minutes"] == 90
    assert above["counted_minutes"] == own_minutes
    assert below["counted_minutes"] == 60


@pytest.mark.parametrize(("rule", "counted"), [("any_excluded", 60), ("sole_cause", 120)])
def test_d14_fault_and_force_majeure_at_once(tmp_path: Path, rule: str, counted: int) -> None:
    flood = outage("flood", "app", 120, after=60, cause="force_majeure", evidence="letter")
    terms: dict[str, Any] = {
        "objective": {"concurrent": rule},
        "exclusions": [{"kind": "force_majeure"}],
    }
    [level] = settled(tmp_path, alone(outage("x", "app", 120), flood, **deepcopy(terms)))["slas"]

    assert level["counted_minutes"] == counted


@pytest.mark.parametrize(
    ("denominator", "percent"),
    [pytest.param("full", "99.722222", id="B01"), ("less_exclusions", "99.721448")],
)
def test_b01_union_less_maintenance(tmp_path: Path, denominator: str, percent: str) -> None:
    first, second = outage("a", "app", 60), outage("b", "app", 60, after=30)
    third = outage("c", "app", 90, after=9 * 1440 + 930)
    work = outage("w", "app", 120, after=9 * 1440 + 960, cause="planned_maintenance",
                  announced="2026-04-01T00:00:00Z")  # fmt: skip
    terms: dict[str, Any] = {"objective": {"denominator": denominator},
             "exclusions": [{"kind": "planned_maintenance", "notice_hours": 72}]}  # fmt: skip
    [level] = settled(tmp_path, alone(first, second, third, work, **terms))["slas"]

    assert level["counted_minutes"] == 120
    assert f"{level['measured'] * 100:.6f}" == percent


@pytest.mark.parametrize(
    ("minutes", "credit"),
    [(20, "0.00"), (21.6, "0.00"), (59, "0.00"), (239, "3000.00"), (1500, "20000.00")],
)
def test_c13_whole_hours(tmp_path: Path, minutes: float, credit: str) -> None:
    terms: dict[str, Any] = {
        "shape": "per_time_unit",
        "rate": "0.01",
        "unit_hours": 1,
        "period_cap": "0.2",
    }
    [level] = settled(tmp_path, alone(outage("x", "app", minutes), credits=terms))["slas"]

    assert level["owed"] == credit


@pytest.mark.parametrize(("minutes", "credit"), [(216, "0.00"), (217, "100.00")])
def test_c14_a_day_of_fee(tmp_path: Path, minutes: int, credit: str) -> None:
    terms: dict[str, Any] = {"shape": "day_credits", "tiers": [{"over_minutes": 216, "days": 1}]}
    estate = alone(outage("x", "app", minutes), fee="3000.00 USD", target="0.995", credits=terms)

    assert settled(tmp_path, estate)["slas"][0]["owed"] == credit


@pytest.mark.parametrize(
    ("multiplier", "credit"), [(1, "439.81"), (10, "4398.15"), (25, "10995.37")]
)
def test_c11_in_proportion_to_downtime(tmp_path: Path, multiplier: int, credit: str) -> None:
    terms: dict[str, Any] = {"shape": "continuous", "multiplier": multiplier}
    estate = alone(outage("x", "app", 190), target="1", credits=terms)

    assert settled(tmp_path, estate)["slas"][0]["owed"] == credit


def test_c16_target_less_actual(tmp_path: Path) -> None:
    terms: dict[str, Any] = {"target": "0.98", "credits": {"shape": "shortfall"}}
    [level] = settled(tmp_path, alone(outage("x", "app", 10_800), **terms))["slas"]

    assert (level["measured"], level["owed"]) == (0.75, "23000.00")


@pytest.mark.parametrize(("rounding", "owed"), [("half_up", "123.43"), ("half_even", "123.42")])
def test_e01_rounded_once(tmp_path: Path, rounding: str, owed: str) -> None:
    terms: dict[str, Any] = {"credits": {**ladder("0.9995"), "rounding": rounding}}
    estate = alone(outage("x", "app", 60), fee="1234.25 EUR", **terms)

    assert settled(tmp_path, estate)["slas"][0]["owed"] == owed


@pytest.mark.parametrize(("minutes", "breached"), [(21.6, False), (21.6001, True)])
def test_e03_compared_unrounded(tmp_path: Path, minutes: float, breached: bool) -> None:
    [level] = settled(tmp_path, alone(outage("x", "app", minutes)))["slas"]

    assert level["breached"] is breached


def test_f01_two_billing_cycles(tmp_path: Path) -> None:
    terms: dict[str, Any] = {
        "credits": {**ladder("0.9995"), "claim": {"mode": "by_claim", "billing_cycles": 2}}
    }
    incident = outage("x", "app", 172)
    incident |= {"start": "2025-10-20T07:00:00Z", "end": "2025-10-20T09:52:00Z"}
    [level] = settled(tmp_path, alone(incident, **terms), "2025-10")["slas"]

    assert level["claim"]["deadline"] == "2025-12-31"
