"""One incident, one remedy: which credits of a contract compete (rule K4).

Synthetic. An outage of the platform takes both applications down, each promised by its own SLAs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from depgraph.engine.settle import settlement
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

NOW = datetime(2030, 1, 1, tzinfo=UTC)
HALVES = [
    {"start": "2026-04-01T00:00:00Z", "end": "2026-04-16T00:00:00Z", "target": "0.9999"},
]  # fmt: skip
"""April in two stretches of fifteen days, of two targets."""


def sla(name: str, credit: str, service: str = "one", **objective: Any) -> dict[str, Any]:
    return {
        "id": name, "service": service, "monthly_fee": "1000 EUR",
        "objectives": [{"metric": "availability", "target": "0.999", **objective}],
        "credits": {"tiers": [{"below": "0.9999", "credit": credit}]},
    }  # fmt: skip


def paid(slas: list[Any], incidents: list[Any], **terms: Any) -> dict[str, list[str]]:
    """What each SLA is owed in April, part by part."""
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "S"}, {"id": "C"}],
            "locations": [{"id": "r1"}, {"id": "r2"}],
            "services": [
                {"id": name, "provider": "S", "depends_on": ["platform"],
                 "located_in": [{"at_least": 1, "of": ["r1", "r2"]}]}
                for name in ("one", "two")
            ] + [{"id": "platform", "provider": "S"},
                 {"id": "above", "provider": "S", "depends_on": ["one", "two"]}],
            "contracts": [{"id": "k", "supplier": "S", "customer": "C", "slas": slas, **terms}],
            "incidents": incidents,
        }
    )  # fmt: skip
    found: dict[str, list[str]] = {}
    for row in settlement(structure_of(estate), "2026-04", NOW).slas:
        found.setdefault(row.id, []).append(str(row.owed))
    return found


def outage(start: str, end: str, affects: str = "platform", **more: Any) -> dict[str, Any]:
    return {
        "id": f"{affects} {start} {more}", "affects": affects,
        "start": f"2026-04-{start}:00:00Z", "end": f"2026-04-{end}:00:00Z", **more,
    }  # fmt: skip


BOTH = [outage("10T10", "10T12")]


@pytest.mark.parametrize(
    ("rule", "amounts"),
    [
        ("highest_per_service", ("0.00", "200.00", "50.00")),
        ("highest_per_contract", ("0.00", "200.00", "0.00")),
        ("all", ("100.00", "200.00", "50.00")),
    ],
)
def test_what_competes_is_agreed(rule: str, amounts: tuple[str, ...]) -> None:
    slas = [sla("a", "0.1"), sla("b", "0.2"), sla("c", "0.05", "two")]

    assert paid(slas, BOTH, stacking=rule) == {
        name: [amount] for name, amount in zip("abc", amounts, strict=True)
    }


def test_levels_missed_by_different_incidents_do_not_compete() -> None:
    """Each service by an outage of its own; only a common one makes them compete."""
    slas = [sla("a", "0.1"), sla("c", "0.05", "two")]
    apart = [outage("10T10", "10T12", "one"), outage("11T10", "11T12", "two")]
    terms = {"stacking": "highest_per_contract"}

    assert paid(slas, apart, **terms) == {"a": ["100.00"], "c": ["50.00"]}
    assert paid(slas, [*apart, *BOTH], **terms) == {"a": ["100.00"], "c": ["0.00"]}


def test_what_counts_for_neither_does_not_make_them_compete() -> None:
    """Each service by an outage of its own, beside maintenance of the platform, which is excluded."""
    work = {"exclusions": [{"kind": "planned_maintenance"}]}
    slas = [sla("a", "0.1") | work, sla("c", "0.05", "two") | work]
    apart = [outage("10T10", "10T12", "one"), outage("11T10", "11T12", "two")]
    both = outage("20T10", "20T12", cause="planned_maintenance")
    found = paid(slas, [*apart, both], stacking="highest_per_contract")

    assert found == {"a": ["100.00"], "c": ["50.00"]}


def test_what_gave_way_makes_nothing_else_give_way() -> None:
    """b, above both, gives way to a for the first outage; c has only the second, as b has."""
    slas = [sla("a", "0.2", "one"), sla("b", "0.15", "above"), sla("c", "0.1", "two")]
    incidents = [outage("10T10", "10T12", "one"), outage("11T10", "11T12", "two")]

    found = paid(slas, incidents, stacking="highest_per_contract")
    assert found == {"a": ["200.00"], "b": ["0.00"], "c": ["100.00"]}


def test_stretches_of_two_levels_compete_where_they_meet_in_time() -> None:
    """An outage over the border of two targets: each half of one level meets its like alone."""
    over_border = [outage("15T22", "16T02")]
    slas = [sla("a", "0.2", targets=HALVES), sla("b", "0.1", targets=HALVES)]
    assert paid(slas, over_border) == {"a": ["100.00", "100.00"], "b": ["0.00", "0.00"]}

    # The rest of the month, from the 16th, has its own dearer row in b; the first half does not.
    late = sla("c", "0.3") | {"valid_from": "2026-04-16"}
    found = paid([sla("a", "0.2", targets=HALVES), late], over_border)
    assert found == {"a": ["100.00", "0.00"], "c": ["300.00"]}


def test_regions_compete_with_their_like_and_with_what_is_promised_everywhere() -> None:
    """M9: r1 is felt down; the level of all places meets both regions' levels."""
    each = {"regions": "each"}
    felt = [outage("10T10", "10T12", "one", regions=["r1", "r2"])]
    two = [sla("a", "0.2", **each), sla("b", "0.1", **each)]
    wide = [sla("a", "0.2", **each), sla("w", "0.15")]

    assert paid(two, felt) == {"a": ["100.00", "100.00"], "b": ["0.00", "0.00"]}
    # 150 for the whole service is more than 100 for one region, and takes the place of both.
    assert paid(wide, felt) == {"a": ["0.00", "0.00"], "w": ["150.00"]}


def test_different_regions_do_not_compete() -> None:
    """M9: one incident felt in both regions; each SLA is measured in a region of its own."""
    felt = [outage("10T10", "10T12", "one", regions=["r1", "r2"])]
    first, second = (
        sla(name, share, regions="each") | {"regions": [place]}
        for name, share, place in (("a", "0.2", "r1"), ("b", "0.1", "r2"))
    )

    assert paid([first, second], felt) == {"a": ["200.00"], "b": ["100.00"]}
