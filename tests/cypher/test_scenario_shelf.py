"""Saved scenarios through the command line, with the estate in the local graph."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from cypher.store import Store
from depgraph.errors import RegisterError
from depgraph.model.conversion import Conversion
from ingest import require_estate
from sample_data import sample_path
from tests.ui.command_line import app
from ui.scenarios import ScenarioShelf

# `local` is the local graph; the store's own tests run on both servers.
pytestmark = [pytest.mark.store, pytest.mark.parametrize("engine", ["arcadedb"], indirect=True)]

BY_HAND = require_estate(sample_path("by_hand"))
OUTAGE = ("--down", "ledger", "--from", "2026-04-10T10:00:00Z", "--for", "50m")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_a_scenario_is_saved_listed_and_replayed_from_the_graph(store: Store) -> None:
    store.push(BY_HAND, "mine")
    store.push(BY_HAND, "other")
    first = run("whatif", "local", "--name", "mine", *OUTAGE, "--save", "Ledger down", "--json")
    again = run("whatif", "local", "--name", "mine", "--scenario", "Ledger down", "--json")
    listed = json.loads(run("whatif", "local", "--name", "mine", "--scenarios", "--json").stdout)
    queried = json.loads(run("graph", "query", "scenarios", "--name", "mine", "--json").stdout)

    assert json.loads(first.stdout)["contracts"] == json.loads(again.stdout)["contracts"]
    assert [(row["name"], row["state"]) for row in listed] == [("Ledger down", "")]
    assert [row["fails"] for row in queried] == [["ledger"]]
    assert (
        json.loads(run("whatif", "local", "--name", "other", "--scenarios", "--json").stdout) == []
    )


def test_a_query_for_an_id_that_nothing_has_is_refused(store: Store) -> None:
    """No row would read as nobody concerned."""
    store.push(BY_HAND, "mine")
    wrong = run("graph", "query", "blast_radius", "id=Ledgr", "--name", "mine", "--json")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "no record of the estate has the id 'Ledgr' (did you mean 'ledger'?)" in wrong.stderr
    right = run("graph", "query", "blast_radius", "id=shop", "--name", "mine", "--json")
    assert (right.exit_code, json.loads(right.stdout)) == (0, [])


def test_a_scenario_that_no_longer_fits_is_refused_by_name(store: Store) -> None:
    store.push(BY_HAND, "mine")
    run("whatif", "local", "--name", "mine", "--down", "reviews", *OUTAGE[2:], "--save", "R")
    shop = BY_HAND.service["shop"]
    services = [s for s in BY_HAND.services if s.id not in {"reviews", "shop"}]
    without = BY_HAND.replace(services=[shop.replace(depends_on=shop.depends_on[:1]), *services])
    store.push(without, "mine", remove_many=True)
    shelf = ScenarioShelf("local", "mine")

    assert [row.state for row in shelf.listed()] == ["the estate changed since"]
    with pytest.raises(RegisterError, match="the estate changed since") as caught:
        shelf.scenario("R", without)
    assert caught.value.problems[0].value == "reviews"


def test_exchange_rates_come_back_with_the_estate(store: Store) -> None:
    rate = Conversion.model_validate(
        {"from": "USD", "to": "EUR", "rate": "0.9174", "source": "ECB", "date": "2026-04-01"}
    )
    estate = BY_HAND.replace(conversions=[rate])
    store.push(estate, "e")

    assert store.pull("e") == estate
