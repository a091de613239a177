"""The graph of an outage says what the engine says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from depgraph.engine.graph import dependency_graph
from depgraph.engine.structure import structure_of
from depgraph.engine.whatif import WhatIf, what_if
from depgraph.model.incident import Incident
from ingest import require_estate
from sample_data import sample_path
from tests.ui.pages import view
from ui.catalogue import Catalogue
from ui.outage_picture import COLOURS, FAILS, FALLS, STAYS, fates, outage_drawing, picked


@pytest.fixture(scope="module")
def retailer() -> Catalogue:
    estate = require_estate(sample_path("retailer"))
    return Catalogue(estate, structure_of(estate), dependency_graph(estate))


def _answer(catalogue: Catalogue, affects: str) -> WhatIf:
    begin, end = datetime(2026, 4, 10, 10, tzinfo=UTC), datetime(2026, 4, 10, 14, tzinfo=UTC)
    incident = Incident(id="x", affects=affects, start=begin, end=end, cause="supplier")
    return what_if(catalogue.structure, [incident], datetime(2026, 5, 1, tzinfo=UTC))


def _drawn(catalogue: Catalogue, affects: str, *, fallen_only: bool = False) -> dict[str, Any]:
    found = fates({affects}, _answer(catalogue, affects))
    drawing = outage_drawing(catalogue, found, fallen_only=fallen_only)
    picture: dict[str, Any] = json.loads(drawing.text)
    return picture


@pytest.mark.parametrize("failed", ["location:aws-eu-west-1", "organization:northcolo"])
def test_colours_are_what_the_engine_says_is_down(retailer: Catalogue, failed: str) -> None:
    answer = _answer(retailer, failed)
    picture = _drawn(retailer, failed)
    colour = {node["id"]: node["color"]["background"] for node in picture["nodes"]}

    fallen = {key for key, seen in colour.items() if seen == COLOURS[FALLS]}
    down = {f"service:{row.id}" for row in answer.services_down}
    down |= {f"location:{row.id}" for row in answer.places_down}
    assert fallen == down - {failed}
    assert [k for k, seen in colour.items() if seen == COLOURS[FAILS]] == [failed]
    counts = {entry["value"]: entry["count"] for entry in picture["legend"]}
    assert counts == {FAILS: 1, FALLS: len(fallen), STAYS: len(colour) - len(fallen) - 1}


def test_everything_that_a_chain_names_is_drawn_as_fallen(retailer: Catalogue) -> None:
    """A data centre that falls with its operator stood there as if it stayed up."""
    answer = _answer(retailer, "organization:northcolo")
    named = {name for row in answer.services_down for name in row.because}
    picture = _drawn(retailer, "organization:northcolo")
    stays = {
        node["id"].partition(":")[2]
        for node in picture["nodes"]
        if node["color"]["background"] == COLOURS[STAYS]
    }

    assert "northcolo-fra1" in named
    assert named.isdisjoint(stays)


def test_numbers_are_the_order_of_falling(retailer: Catalogue) -> None:
    order = fates(set(), _answer(retailer, "location:aws-eu-west-1")).order
    assert order["location:aws-eu-west-1"] == 1
    for row in _answer(retailer, "location:aws-eu-west-1").services_down:
        chain = [order[f"service:{name}"] for name in row.because if f"service:{name}" in order]
        assert chain == sorted(chain)
    assert sorted(order.values()) == list(range(1, len(order) + 1))


def test_the_picture_can_show_what_falls_alone(retailer: Catalogue) -> None:
    picture = _drawn(retailer, "location:aws-eu-west-1", fallen_only=True)

    assert COLOURS[STAYS] not in {node["color"]["background"] for node in picture["nodes"]}
    drawn = {node["id"] for node in picture["nodes"]}
    assert all({edge["from"], edge["to"]} <= drawn for edge in picture["edges"])
    assert not next(entry for entry in picture["legend"] if entry["value"] == STAYS)["on"]


def test_nothing_moves_when_something_fails(retailer: Catalogue) -> None:
    def places(picture: dict[str, Any]) -> dict[str, tuple[float, float]]:
        return {node["id"]: (node["x"], node["y"]) for node in picture["nodes"]}

    calm = json.loads(outage_drawing(retailer, fates((), None)).text)
    assert places(calm) == places(_drawn(retailer, "service:payments-first"))


def test_the_drawing_is_as_wide_as_the_page(retailer: Catalogue) -> None:
    """A window of 1280 has room for a drawing 2.2 times as wide as high, one of 1920 for 3.4."""
    nodes = _drawn(retailer, "location:aws-eu-west-1")["nodes"]
    across, down = ([node[axis] for node in nodes] for axis in ("x", "y"))

    assert 2.2 < (max(across) - min(across)) / (max(down) - min(down)) < 3.4


def test_a_failed_organization_is_drawn(retailer: Catalogue) -> None:
    nodes = {node["id"]: node for node in _drawn(retailer, "organization:aws")["nodes"]}

    assert nodes["organization:aws"]["color"]["background"] == COLOURS[FAILS]


def test_a_click_on_a_group_picks_what_it_stands_for() -> None:
    keys = {"organization:aws", "location:eu", "service:a"}

    assert picked(keys, "vendor:aws") == "organization:aws"
    assert picked(keys, "place:eu") == "location:eu"
    assert picked(keys, "service:a") == "service:a"
    assert picked(keys, "rest:vendor") is None


def test_a_click_lets_a_thing_fail_and_work_again(monkeypatch: pytest.MonkeyPatch) -> None:
    page = view(monkeypatch, "outage", str(sample_path("by_hand")), down="service:ledger")
    assert page.multiselect(key="outage_down").value == ["service:ledger"]

    page.session_state["outage_clicked"] = "service:pay-a"
    page.run()
    assert not page.exception
    assert page.multiselect(key="outage_down").value == ["service:ledger", "service:pay-a"]
    page.session_state["outage_clicked"] = "service:ledger"
    page.run()
    assert not page.exception
    assert page.multiselect(key="outage_down").value == ["service:pay-a"]
