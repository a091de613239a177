"""Saved scenarios in the graph: the same tests on the local graph and on the real Neo4j."""

from __future__ import annotations

import pytest

from cypher.store import Store
from depgraph.engine.scenario import edited
from depgraph.errors import StoreError
from depgraph.model.estate import Estate
from depgraph.model.scenario import Scenario
from tests.estates import HOSTILE

pytestmark = pytest.mark.store

ESTATE = Estate.model_validate(
    {
        "organizations": [{"id": "o"}],
        "locations": [{"id": "west"}],
        "services": [
            {"id": "a", "availability": 0.999, "depends_on": ["b"], "located_in": ["west"]},
            {"id": "b", "provider": "o", "availability": 0.99},
            {"id": "c", "availability": 0.9},
            {"id": "d"},
            {"id": "e"},
            {"id": "f"},
        ],
    }
)
SCENARIO = Scenario.model_validate(
    {
        "name": "Second b",
        "why": "what if a had two?",
        "incidents": [
            {"id": "x", "affects": "b", "start": "2026-04-10T10:00:00Z", "end": "2026-04-10T11:00:00Z", "impact": "0.1"},
            {"id": "y", "affects": "location:west", "start": "2026-04-10T10:00:00Z", "end": "2026-04-10T11:00:00Z"},
        ],
        "edits": [
            {"add": {"services": [{"id": "b2", "availability": 0.99999999999}]}},
            {"replace": {"dependencies": [{"service": "a", "on": "b", "with": {"at_least": 1, "of": ["b", "b2"]}}]}},
            {"remove": {"services": ["c"]}},
        ],
    }
)  # fmt: skip


def test_a_saved_scenario_comes_back_equal_and_replays(store: Store) -> None:
    store.push(ESTATE, "e")
    store.save_scenario(SCENARIO, "e")
    back = store.scenario("Second b", "e")

    assert back.scenario == SCENARIO
    assert not back.estate_changed
    assert edited(ESTATE, back.scenario.edits) == edited(ESTATE, SCENARIO.edits)


def test_hostile_names_and_reasons_come_back(store: Store) -> None:
    store.push(ESTATE, "e")
    for name in HOSTILE[:40]:
        if name.strip():
            store.save_scenario(SCENARIO.replace(name=name, why=name), "e")

    for name in HOSTILE[:40]:
        if name.strip():
            assert store.scenario(name, "e").scenario.why == name


def test_scenarios_are_listed_and_queried_with_what_they_fail(store: Store) -> None:
    store.push(ESTATE, "e")
    store.save_scenario(SCENARIO, "e")
    [listed] = store.scenarios("e")
    [queried] = store.query("scenarios", "e")

    assert (listed["name"], listed["incidents"], listed["edits"]) == ("Second b", 2, 3)
    assert listed["estate_changed"] is False
    assert sorted(queried["fails"]) == ["b", "west"]
    assert (queried["scenario"], queried["edits"]) == ("Second b", 3)


def test_a_scenario_without_incidents_is_saved_too(store: Store) -> None:
    store.push(ESTATE, "e")
    store.save_scenario(SCENARIO.replace(incidents=()), "e")

    assert store.scenario("Second b", "e").scenario.incidents == ()
    assert store.query("scenarios", "e")[0]["fails"] == []


def test_a_name_is_not_written_over_unless_told_to(store: Store) -> None:
    store.push(ESTATE, "e")
    store.save_scenario(SCENARIO, "e")
    store.save_scenario(SCENARIO, "e")
    other = SCENARIO.replace(why="another question", incidents=SCENARIO.incidents[:1])
    with pytest.raises(StoreError, match="saved already.*--replace"):
        store.save_scenario(other, "e")
    assert store.scenario("Second b", "e").scenario == SCENARIO

    store.save_scenario(other, "e", replace=True)
    assert store.scenario("Second b", "e").scenario == other
    assert store.query("scenarios", "e")[0]["fails"] == ["b"]


def test_the_estate_did_not_change_with_the_day_of_a_push(store: Store) -> None:
    """What flows down hangs on the day of the push, and is part of what the push compares."""
    two = {"slas": [{"id": "x", "service": "a"}, {"id": "y", "service": "a"}]}
    contract = {"id": "k", "supplier": "us", "customer": "them", **two}
    parties = [{"id": "us"}, {"id": "them"}]
    estate = Estate.model_validate(
        {"organizations": parties, "services": [{"id": "a"}], "contracts": [contract]}
    )
    row = {"from": "x", "to": "y", "obligation": "term_end", "promised": "", "held": ""}
    scenario = Scenario(name="s")
    for status in ("MATCH", "WEAKER"):
        store.push(estate, "e", flows_down=[{**row, "status": status}])
        store.save_scenario(scenario, "e")
    assert not store.scenario("s", "e").estate_changed
    store.push(estate, "e", flows_down=[{**row, "status": "MISSING"}])

    assert not store.scenario("s", "e").estate_changed
    assert not store.scenarios("e")[0]["estate_changed"]


def test_scenarios_outlive_a_push_and_say_that_the_estate_changed(store: Store) -> None:
    store.push(ESTATE, "e")
    store.save_scenario(SCENARIO, "e")
    without = ESTATE.replace(services=[s for s in ESTATE.services if s.id not in {"a", "b"}])
    store.push(without, "e", remove_many=True)

    assert store.scenario("Second b", "e").estate_changed
    assert store.scenario("Second b", "e").scenario == SCENARIO
    assert store.query("scenarios", "e")[0]["fails"] == ["west"]
    store.push(ESTATE, "e")
    assert not store.scenario("Second b", "e").estate_changed
    assert sorted(store.query("scenarios", "e")[0]["fails"]) == ["b", "west"]
    assert store.pull("e") == ESTATE


def test_scenarios_of_several_estates_stay_apart(store: Store) -> None:
    store.push(ESTATE, "one")
    store.push(ESTATE, "two")
    store.save_scenario(SCENARIO, "one")
    store.save_scenario(SCENARIO.replace(why="in two"), "two")
    store.remove_scenario("Second b", "one")

    assert store.scenarios("one") == []
    assert store.scenario("Second b", "two").scenario.why == "in two"
    store.remove("two")
    store.push(ESTATE, "two")
    assert store.scenarios("two") == []


def test_what_is_not_there_is_said(store: Store) -> None:
    store.push(ESTATE, "e")
    store.save_scenario(SCENARIO, "e")
    with pytest.raises(StoreError, match="no scenario called 'Second'.*there are: Second b"):
        store.scenario("Second", "e")
    with pytest.raises(StoreError, match="no scenario called"):
        store.remove_scenario("Second", "e")
    with pytest.raises(StoreError, match="no estate called 'f'.*push it first"):
        store.save_scenario(SCENARIO, "f")
    with pytest.raises(StoreError, match="give it one"):
        store.save_scenario(SCENARIO.replace(name=" "), "e")
