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


def test_what_a_region_does_not_recover_is_explained_by_the_agreement_below() -> None:
    """Rule P8: r1 fails as a place, r2 keeps both services up; 5,000 owed, 1,000 recovered."""
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "C"}, {"id": "V"}, {"id": "U"}],
            "locations": [{"id": "r1", "operator": "U"}, {"id": "r2"}],
            "services": [
                {"id": "app", "provider": "V", "depends_on": ["cloud"]},
                {"id": "cloud", "provider": "U", "located_in": [{"at_least": 1, "of": ["r1", "r2"]}]},
            ],
            "contracts": [
                {"id": "vc", "supplier": "V", "customer": "C", "slas": [sla("app-1", "app", "100000 EUR")]},
                {"id": "uv", "supplier": "U", "customer": "V", "slas": [sla("cloud-1", "cloud", "20000 EUR")]},
            ],
            "incidents": [{"id": "x", "affects": "r1", "cause": "supplier",
                           "start": "2026-04-10T10:00:00Z", "end": "2026-04-10T14:00:00Z"}],
        }
    )  # fmt: skip
    above, _ = settlement(structure_of(estate), "2026-04", NOW).contracts

    assert (int(above.owed), int(above.recovered)) == (5000, 1000)
    assert [(gap.gap, gap.held, int(gap.amount)) for gap in above.gaps] == [
        ("AMOUNT", "cloud-1", 4000)
    ]


def test_a_region_missed_twice_in_a_row_doubles_its_points() -> None:
    """Rules K2 and M9: the other region kept the service up, and still r1 was missed in March.

    Half the fee stands for r1: 1 point at a tenth of 500 EUR, twice as many in April.
    """
    schedule = {
        "shape": "points", "rate": "0.1", "repeat_multiplier": "2",
        "tiers": [{"below": "0.999", "points": "1"}],
    }  # fmt: skip
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "C"}, {"id": "V"}],
            "locations": [{"id": "r1"}, {"id": "r2"}],
            "services": [{"id": "app", "provider": "V",
                          "located_in": [{"at_least": 1, "of": ["r1", "r2"]}]}],
            "contracts": [{"id": "vc", "supplier": "V", "customer": "C",
                           "slas": [{**sla("app-1", "app", "1000 EUR"), "credits": schedule}]}],
            "incidents": [
                {"id": month, "affects": "r1", "cause": "supplier",
                 "start": f"2026-{month}-10T10:00:00Z", "end": f"2026-{month}-10T14:00:00Z"}
                for month in ("03", "04")
            ],
        }
    )  # fmt: skip
    rows = settlement(structure_of(estate), "2026-03..2026-04", NOW).slas

    assert {r.when: int(r.owed) for r in rows} == {
        "2026-03 r1": 50, "2026-03 r2": 0, "2026-04 r1": 100, "2026-04 r2": 0,
    }  # fmt: skip
