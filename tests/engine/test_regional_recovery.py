"""A recovery for one region serves the promise on that region (rules M9, P6)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from depgraph.engine.settle import settlement
from depgraph.engine.statement import SlaStatement
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def sla(name: str, service: str, fee: str, **objective: Any) -> dict[str, Any]:
    return {
        "id": name, "service": service, "monthly_fee": fee, "regions": ["r1", "r2"],
        "objectives": [{"metric": "availability", "target": "0.999", "regions": "each", **objective}],
        "credits": {"tiers": [{"below": "0.999", "credit": "0.10"}]},
    }  # fmt: skip


def levels(
    held: dict[str, Any], hit: list[str], **promise: Any
) -> dict[tuple[str, str | None], SlaStatement]:
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "C"}, {"id": "V"}, {"id": "U"}],
            "locations": [{"id": "r1"}, {"id": "r1-a", "within": "r1"}, {"id": "r2"}],
            "services": [
                {"id": "app", "provider": "V", "depends_on": ["cloud"]},
                {"id": "cloud", "provider": "U"},
            ],
            "contracts": [
                {"id": "vc", "supplier": "V", "customer": "C", "slas": [{**sla("app-1", "app", "100000 EUR"), **promise}]},
                {"id": "uv", "supplier": "U", "customer": "V", "slas": [held]},
            ],
            "incidents": [
                {"id": f"i-{place}", "affects": "cloud", "regions": [place], "cause": "supplier",
                 "start": f"2026-04-1{n}T10:00:00Z", "end": f"2026-04-1{n}T12:00:00Z"}
                for n, place in enumerate(hit)
            ],
        }
    )  # fmt: skip
    rows = settlement(structure_of(estate), "2026-04", NOW).slas
    return {(row.id, row.region): row for row in rows}


def test_one_region_down_recovers_for_that_region_alone() -> None:
    """Half of each fee stands for each region: 5,000 owed and 1,000 recovered, in r1."""
    rows = levels(sla("cloud-1", "cloud", "20000 EUR"), ["r1"])

    assert (rows["app-1", "r1"].owed, rows["app-1", "r1"].recovered) == (
        Decimal(5000),
        Decimal(1000),
    )
    assert (rows["app-1", "r2"].owed, rows["app-1", "r2"].recovered) == (Decimal(0), Decimal(0))


def test_both_regions_down_keep_their_recoveries_apart() -> None:
    """r2 is held by half the fee less: pooled, both would recover the same."""
    held = sla("cloud-1", "cloud", "20000 EUR")
    rows = levels(held, ["r1", "r2"])

    assert rows["app-1", "r1"].recovered == rows["app-1", "r2"].recovered == Decimal(1000)
    only = levels({**held, "regions": ["r1"]}, ["r1", "r2"])
    assert only["app-1", "r1"].recovered == Decimal(2000)
    assert only["app-1", "r2"].recovered == 0
    assert only["app-1", "r2"].owed == 5000


def test_a_zone_lies_in_its_region_and_a_promise_everywhere_takes_all() -> None:
    zone = levels({**sla("cloud-1", "cloud", "20000 EUR"), "regions": ["r1-a"]}, ["r1-a"])
    whole = levels(sla("cloud-1", "cloud", "20000 EUR", regions="any_down"), ["r2"])

    assert zone["app-1", "r1"].recovered == Decimal(2000)
    assert zone["app-1", "r2"].recovered == 0
    assert whole["app-1", "r2"].recovered == Decimal(2000)
    assert whole["app-1", "r1"].recovered == 0
