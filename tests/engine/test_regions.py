"""Downtime as single locations feel it (rule M9).

Synthetic: `web` stands in either of two regions, r1 with its zones z1 and z2, and r2, through z1
and r2. Others run r1 and z1. Minutes of one hour.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from depgraph.engine.regions import RegionalHistory, promised_regions, regions_meet
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate

START = datetime(2026, 4, 10, 10, tzinfo=UTC)
Span = tuple[int, int, tuple[str, ...]]


def estate(*incidents: tuple[str, int, int | None, list[str]], **sla: Any) -> Estate:
    return Estate.model_validate(
        {
            "organizations": [{"id": "S"}, {"id": "C"}, {"id": "O"}, {"id": "R"}],
            "locations": [
                {"id": "r1", "operator": "R"}, {"id": "z1", "within": "r1", "operator": "O"},
                {"id": "z2", "within": "r1"}, {"id": "r2"},
            ],
            "services": [
                {"id": "web", "provider": "S", "located_in": [{"at_least": 1, "of": ["z1", "r2"]}]},
                {"id": "bare", "provider": "S"},
            ],
            "contracts": [
                {"id": "k", "supplier": "S", "customer": "C", "slas": [
                    {"id": "s", "service": "web",
                     "objectives": [{"metric": "availability", "target": "0.999"}], **sla}
                ]}
            ],
            "incidents": [
                {"id": f"{affects}{first}", "affects": affects, "regions": regions,
                 "start": START + timedelta(minutes=first),
                 "end": None if last is None else START + timedelta(minutes=last)}
                for affects, first, last, regions in incidents
            ],
        }
    )  # fmt: skip


def history(*incidents: tuple[str, int, int | None, list[str]], as_of: int = 60) -> RegionalHistory:
    world = estate(*incidents)
    return RegionalHistory(
        structure_of(world), world.incidents, START + timedelta(minutes=as_of)
    )  # fmt: skip


def spans(found: Any) -> list[Span]:
    """First and last minute of each stretch, with its incidents."""
    return [
        (int((s.start - START) / timedelta(minutes=1)), int((s.end - START) / timedelta(minutes=1)),
         tuple(sorted(s.incidents)))
        for s in found
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "felt"), [("z1", {"z1"}), ("r1", {"z1", "r1"}), ("location:r2", {"r2"})]
)
def test_what_fails_in_a_place_is_felt_there_and_inside(place: str, felt: set[str]) -> None:
    """The other region keeps the service up, so that nothing is felt everywhere."""
    found = history((place, 10, 20, []))

    for region in ("z1", "r1", "r2"):
        wanted = [(10, 20, (f"{place}10",))] if region in felt else []
        assert spans(found.spans_in("web", region)) == wanted
    assert spans(found.spans("web", (), "any_down")) == []


@pytest.mark.parametrize(
    ("named", "felt"),
    [([], {"z1", "r1", "r2"}), (["r1"], {"z1", "r1"}), (["z1"], {"z1", "r1"}), (["r2"], {"r2"})],
)
def test_an_incident_is_felt_where_it_is_said_to_be(named: list[str], felt: set[str]) -> None:
    """Named regions, what lies inside of them, and what lies around them."""
    found = history(("web", 10, 20, named))

    assert {place for place in ("z1", "r1", "r2") if found.spans_in("web", place)} == felt


def test_the_operator_of_a_place_fails_with_it() -> None:
    """Rule A1: what runs z1 takes it down, which is felt there, though r2 keeps the service up."""
    world = estate(("O", 10, 20, []), ("R", 30, 40, []), ("S", 50, 55, []))
    found = RegionalHistory(structure_of(world), world.incidents, START + timedelta(minutes=60))
    whole = (50, 55, ("S50",))

    assert spans(found.spans_in("web", "z1")) == [(10, 20, ("O10",)), (30, 40, ("R30",)), whole]
    assert spans(found.spans_in("web", "r1")) == [(30, 40, ("R30",)), whole]
    assert spans(found.spans_in("web", "r2")) == [whole]


def test_what_lies_before_is_not_looked_at() -> None:
    """From minute 30: an outage of the place that was over, two that run on, one of the service."""
    world = estate(("z1", 10, 20, []), ("z1", 25, 40, []), ("web", 28, 35, []), ("web", 5, 30, []))
    end, since = (START + timedelta(minutes=minute) for minute in (60, 30))
    found = RegionalHistory(structure_of(world), world.incidents, end, since)

    both = (30, 35, ("web28", "z125"))
    assert spans(found.spans_in("web", "z1")) == [both, (35, 40, ("z125",))]
    assert spans(found.spans("web", (), "any_down")) == [(30, 35, ("web28",))]


def test_an_incident_of_a_place_without_impact_is_felt_nowhere() -> None:
    world = estate(("r2", 10, 20, []))
    told = [incident.replace(impact=Decimal(0)) for incident in world.incidents]

    found = RegionalHistory(structure_of(world), told, START + timedelta(minutes=60))

    assert found.spans_in("web", "r2") == ()


def test_an_incident_of_a_place_is_felt_in_the_part_of_it_that_is_named() -> None:
    """An outage of r1 that was felt in z2 alone leaves z1 as it was."""
    found = history(("r1", 10, 20, ["z2"]))

    assert [bool(found.spans_in("web", place)) for place in ("z1", "z2", "r1", "r2")] == [
        False, True, True, False,
    ]  # fmt: skip


def test_an_open_incident_of_a_place_ends_with_the_question() -> None:
    found = history(("r2", 10, None, []), ("r2", 50, 55, []), as_of=50)
    first = [(10, 50, ("r210",))]

    assert spans(found.spans_in("web", "r2")) == first
    longer = history(("r2", 10, 70, []), as_of=50)
    assert spans(longer.spans_in("web", "r2")) == first


BOTH = [("web", 10, 30, ["r1"]), ("web", 20, 40, ["r2"])]


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ("all_down", [(20, 30, ("web10", "web20"))]),
        ("any_down", [(10, 20, ("web10",)), (20, 30, ("web10", "web20")), (30, 40, ("web20",))]),
    ],
)
def test_all_and_any_of_several_regions(rule: Any, wanted: list[Span]) -> None:
    assert spans(history(*BOTH).spans("web", ("z1", "r2"), rule)) == wanted


def test_stretches_of_one_cause_are_one_and_gaps_stay() -> None:
    """Half an hour everywhere, cut by nothing; ten minutes later another one."""
    found = history(("web", 0, 30, []), ("bare", 10, 20, []), ("web", 40, 50, []))
    wanted = [(0, 30, ("web0",)), (40, 50, ("web40",))]

    assert spans(found.spans("web", ("z1", "r2"), "all_down")) == wanted
    assert spans(found.spans("web", ("z1", "r2"), "any_down")) == wanted


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [(None, "r2", True), ("r1", None, True), (None, None, True), ("r1", "z1", True),
     ("z1", "r1", True), ("r1", "r1", True), ("r1", "r2", False), ("z1", "r2", False)],
)  # fmt: skip
def test_which_places_meet(one: str | None, other: str | None, meet: bool) -> None:
    assert regions_meet(estate(), one, other) is meet


def test_a_promise_is_measured_in_its_own_places_or_those_of_its_service() -> None:
    own, others = estate(regions=["r1"]), estate()

    assert promised_regions(own, own.sla["s"][1]) == ("r1",)
    assert promised_regions(others, others.sla["s"][1]) == ("z1", "r2")
