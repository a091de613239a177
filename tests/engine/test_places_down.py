"""Places that fall with what fails (rules A1, W2)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from depgraph.engine.outage import OutageExplorer
from depgraph.engine.places_down import places_down
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from depgraph.model.incident import Incident
from depgraph.model.service import Service
from ingest import require_estate
from sample_data import sample_path


def at(hour: int) -> datetime:
    return datetime(2026, 4, 10, hour, tzinfo=UTC)


def incident(affects: str, start: int = 10, end: int = 11, **given: Any) -> Incident:
    return Incident(id=f"{affects} {start}", affects=affects, start=at(start), end=at(end), **given)


ESTATE = Estate.model_validate({
    "organizations": [{"id": "colo"}, {"id": "hall"}],
    "locations": [
        {"id": "region"},
        {"id": "zone", "within": "region"},
        {"id": "hall", "within": "zone", "operator": "colo"},
        {"id": "apart"},
    ],
    "services": [{"id": "app"}],
})  # fmt: skip


def chains(*incidents: Incident) -> dict[str, tuple[str, ...]]:
    return {row.id: row.because for row in places_down(ESTATE, incidents)}


@pytest.mark.parametrize("sample", ["retailer", "by_hand", "gaps", "register"])
def test_a_place_is_down_when_a_service_that_stands_in_it_alone_is(sample: str) -> None:
    """The engine's gates say the same as the records, for every single outage."""
    estate = require_estate(sample_path(sample))
    probes = tuple(Service(id=f"in {p.id}", located_in=(p.id,)) for p in estate.locations)
    probed = estate.replace(services=(*estate.services, *probes))
    explorer = OutageExplorer(structure_of(probed))
    for kind, records in (("location", estate.locations), ("organization", estate.organizations)):
        for record in records:
            failed = f"{kind}:{record.id}"
            found = {row.id for row in places_down(estate, [incident(failed)])}
            said = explorer.services_down([failed])
            assert found == {name[3:] for name in said if name.startswith("in ")}


def test_what_fails_is_first_in_the_chain_and_the_outer_place_before_the_inner() -> None:
    assert chains(incident("region")) == {
        "region": ("region",),
        "zone": ("region", "zone"),
        "hall": ("region", "zone", "location:hall"),
    }
    assert chains(incident("colo")) == {"hall": ("colo", "location:hall")}


def test_of_two_causes_the_nearer_explains() -> None:
    assert chains(incident("region"), incident("colo"))["hall"] == ("colo", "location:hall")


def test_stretches_that_touch_are_one_and_those_apart_are_two() -> None:
    rows = places_down(ESTATE, [
        incident("colo", 10, 11), incident("zone", 11, 12), incident("colo", 14, 15),
    ])  # fmt: skip
    hall = [row for row in rows if row.id == "hall"]

    assert [(r.start, r.end, r.minutes) for r in hall] == [
        (at(10), at(12), 120), (at(14), at(15), 60)
    ]  # fmt: skip
    assert [r.incidents for r in hall] == [("colo 10", "zone 11"), ("colo 14",)]


def test_what_has_no_impact_takes_no_place_down() -> None:
    assert places_down(ESTATE, [incident("region", impact=0)]) == ()
    assert places_down(ESTATE, [incident("app")]) == ()


def test_the_first_to_fall_comes_first() -> None:
    rows = places_down(ESTATE, [incident("apart", 12, 13), incident("region", 11, 13)])

    assert [row.id for row in rows] == ["region", "zone", "hall", "apart"]
