"""Overview: every number is the length of its list, and every row leads to its thing."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import streamlit as st

from depgraph.engine.availability import assessed
from depgraph.engine.expiry import expiring_contracts
from depgraph.engine.findings import findings
from depgraph.engine.flow_down import flow_down
from depgraph.engine.flow_down_findings import flow_down_findings
from depgraph.engine.graph import dependency_graph
from depgraph.engine.simulation import simulated
from depgraph.engine.simulation_answer import SimulationAnswer
from depgraph.engine.simulation_options import SimulationOptions
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from ingest import require_estate
from ingest.published import with_published
from sample_data import sample_path
from tests.ui.pages import view
from ui.overview_lists import ABSORBED, CARDS, Asked
from ui.plain_text import link, plain
from ui.session import Compiled
from ui.simulation_text import at_least
from ui.views.overview import document

SAMPLE = str(sample_path("retailer"))


@pytest.mark.parametrize("name", [name for name in CARDS if name != ABSORBED])
def test_a_number_opens_to_its_list_and_rows_to_their_things(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    estate = require_estate(SAMPLE)
    page = view(monkeypatch, "overview", SAMPLE, list=name)
    assert not page.exception
    number = int({m.label: m.value for m in page.metric}[CARDS[name].label])
    [frame] = [f.value for f in page.dataframe]

    assert number == len(frame) > 0
    for address in frame["open"]:
        parts = urlsplit(address)
        query = parse_qs(parts.query)
        if parts.path == "availability":
            assert query["service"][0] in estate.service
        elif parts.path == "explore":
            kind, _, identifier = query["focus"][0].partition(":")
            assert (kind, identifier) in estate.node_kinds(f"{kind}:{identifier}")
        else:
            assert parts.path == "contracts"


def test_numbers_are_those_of_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    estate = require_estate(SAMPLE)
    page = view(monkeypatch, "overview", SAMPLE, days="365")
    shown = {metric.label: int(metric.value) for metric in page.metric}
    answer = assessed(estate)
    whole = with_published(estate)
    today = datetime.now(UTC).date()

    # As in check: of several promises on one service each counts.
    assert shown["Promises not carried"] == sum(
        finding.code == "promise-not-carried" for finding in findings(structure_of(estate), answer)
    )
    assert shown["Flow-down gaps"] == len(flow_down_findings(whole, flow_down(whole, today)))
    assert shown["Expiring contracts"] == len(expiring_contracts(estate, today, 365))
    assert shown["Mutual dependencies"] == len(answer.rings)


def test_a_click_on_a_number_keeps_it_in_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    page = view(monkeypatch, "overview", SAMPLE)
    page.button(key="overview_open_rings").click().run()

    assert page.query_params["list"] == "rings"
    assert page.header[0].value == "Mutual dependencies"


def test_what_is_absorbed_a_year_is_shown_once_somebody_simulated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Before: how to get the figure. After a run on the Simulation view: the run's figure."""
    st.cache_resource.clear()
    text = (sample_path("by_hand") / "estate.yaml").read_text("utf-8")
    (tmp_path / "e.yaml").write_text(text.replace("{id: pay-co,", "{id: pay-co, own: true,"))
    estate = str(tmp_path)
    page = view(monkeypatch, "overview", estate, list=ABSORBED)
    assert "simulate to see" in page.info[0].value
    run = view(monkeypatch, "simulation", estate, years="100")
    run.button(key="simulation_start").click().run()
    deadline = time.monotonic() + 90
    while len(run.metric) == 0 and time.monotonic() < deadline:
        run.run()
    found = {metric.label: metric.value for metric in run.metric}
    page = view(monkeypatch, "overview", estate, list=ABSORBED)
    shown = {metric.label: metric.value for metric in page.metric}

    absorbed = found["We absorb a year"].removesuffix(" EUR")
    assert absorbed.startswith("at least "), "a component of the sample has no figure"
    assert shown[f"{CARDS[ABSORBED].label}, EUR"] == absorbed
    assert float(absorbed.removeprefix("at least ").replace(",", "")) > 0
    contracts = require_estate(estate).contracts
    ours = [contract.id for contract in contracts if contract.supplier == "pay-co"]
    assert page.dataframe[0].value["contract"].tolist() == ours, "what others owe is not ours"
    for address in page.dataframe[0].value["open"]:
        parts = urlsplit(address)
        assert parts.path == "contracts"
        assert parse_qs(parts.query)["contract"][0] in {c.id for c in contracts}


def test_a_list_is_as_urgent_as_its_worst_row() -> None:
    card = CARDS["flow-down"]

    assert card.colour([]) == ""
    assert card.colour([{"level": "note"}]) == ""
    assert card.colour([{"level": "note"}, {"level": "warning"}]) == "orange"
    assert card.colour([{"level": "warning"}, {"level": "error"}]) == "red"
    assert CARDS["not-carried"].colour([{"service": "a"}]) == "red"


def test_an_empty_list_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    st.cache_resource.clear()
    (tmp_path / "e.yaml").write_text("services: [{id: a, availability: 0.9}]")
    page = view(monkeypatch, "overview", str(tmp_path), list="rings")

    assert not page.exception
    assert "the list is empty" in page.success[0].value


def test_an_unknown_list_or_number_of_days_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    page = view(monkeypatch, "overview", SAMPLE, list="<script>", days="-1")

    assert not page.exception
    assert page.header[0].value.startswith("Services against")


def test_links_cannot_be_left_by_values() -> None:
    hostile = "a&focus=b#c/../?javascript:x"

    assert parse_qs(urlsplit(link("explore", focus=hostile)).query) == {"focus": [hostile]}
    assert plain("a\n# b :material/x: $y$") == "a \\# b \\:material/x\\: \\$y\\$"


def _told(data: Compiled, run: SimulationAnswer | None) -> dict[str, str]:
    """Figures of the document of the first list."""
    asked = Asked(data, (), date(2026, 4, 1), 90, run)
    lists = {name: card.rows(asked) for name, card in CARDS.items()}
    return dict(document(asked, lists, "services", lists["services"]).figures)


def test_a_document_says_what_is_absorbed_and_not_how_many_rows_tell_it() -> None:
    held = with_published(require_estate(sample_path("by_hand")))
    ours = [each.replace(own=each.id == "pay-co") for each in held.organizations]
    estate = held.replace(organizations=tuple(ours))
    structure = structure_of(estate)
    data = Compiled(estate, structure, dependency_graph(estate), "v")
    run = simulated(structure, SimulationOptions(years=16, exact=False))
    [liability] = run.own_liability
    told = _told(data, run)

    assert told["Expected absorbed liability a year, EUR"] == (
        f"{at_least(run)}{liability.absorbed.mean:,.2f}"
    )
    assert told["simulated"] == "16 years, seed 1"
    assert _told(data, None)["Expected absorbed liability a year"] == "not simulated"


def test_a_document_counts_nothing_that_is_still_being_worked_out() -> None:
    estate = require_estate(sample_path("by_hand"))
    structure = structure_of(estate)
    told = _told(Compiled(estate, structure, dependency_graph(estate), "v"), None)

    assert told["Services"] == "9"
    assert told["Single points of failure"] == told["All findings"] == "not yet known"


def test_years_without_any_liability_do_not_read_as_none_at_all() -> None:
    """Synthetic: an outage in ten million hours is in none of 16 years."""
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "us", "own": True}, {"id": "them"}],
            "services": [{"id": "a", "provider": "us", "availability": 0.9999999}],
            "contracts": [
                {"id": "k", "supplier": "us", "customer": "them",
                 "slas": [{"id": "k1", "service": "a", "monthly_fee": "100 EUR",
                           "objectives": [{"metric": "availability", "target": 0.999}],
                           "credits": {"tiers": [{"below": 0.999, "credit": 0.1}]}}]}
            ],
        }
    )  # fmt: skip
    structure = structure_of(estate)
    run = simulated(structure, SimulationOptions(years=16, exact=False))
    told = _told(Compiled(estate, structure, dependency_graph(estate), "v"), run)

    assert told["Expected absorbed liability a year, EUR"] == "none seen"
    assert told["Mean of the worst 5 % of years, EUR"] == "none seen"
