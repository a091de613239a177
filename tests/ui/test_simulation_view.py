"""The view of simulated years: states, and the figures of the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sample_data import sample_path
from tests.ui.command_line import app

from .pages import as_read, view


def test_the_page_has_the_figures_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    estate = str(sample_path("by_hand"))
    page = view(monkeypatch, "simulation", estate, years="100", seed="7")
    assert "Not simulated yet" in page.info[0].value
    page.button(key="simulation_start").click().run()
    for _ in range(200):
        if page.dataframe:
            break
        page.run()

    assert not page.exception
    line = ["simulate", estate, "--years", "100", "--seed", "7", "--json"]
    told = json.loads(CliRunner().invoke(app, line).stdout)
    contracts, services = as_read(page.dataframe[0]), page.dataframe[1].value
    owed = {row["contract"]: row["owed"] for _, row in contracts.iterrows()}
    assert owed == {c["id"]: f"{c['owed']['mean']:,.2f} EUR" for c in told["contracts"]}
    assert any(c["owed"]["mean"] > 0 for c in told["contracts"])
    minutes = {row["service"]: row["mean"] for _, row in services.iterrows()}
    assert minutes == {s["id"]: round(s["downtime_minutes"]["mean"], 2) for s in told["services"]}


def test_what_rests_on_no_figure_is_no_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """The register sample states no availability at all (rule A5): nothing was simulated."""
    page = view(monkeypatch, "simulation", str(sample_path("register")), years="100", seed="1")
    page.button(key="simulation_start").click().run()
    for _ in range(200):
        if page.dataframe:
            break
        page.run()
    values = {metric.label: metric.value for metric in page.metric}

    assert values["We absorb a year"] == "no year had any"
    assert values["Mean of the worst 5 % of years"] == "no year had any"
    assert values["95 % interval of this mean"] == "not known"
    assert "4 components have no figure" in page.warning[0].value


def test_what_would_not_end_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    estate = tmp_path / "synthetic.json"
    services = [{"id": "flicker", "availability": 0.5, "mttr_hours": "0.000000001"}]
    estate.write_text(json.dumps({"services": services}))
    page = view(monkeypatch, "simulation", str(estate), years="100", seed="1")
    page.button(key="simulation_start").click().run()

    assert not page.exception
    assert page.error[0].value == "This cannot be simulated."
    assert "of flicker; state longer times to restore" in page.text[0].value


def test_stopping_keeps_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    page = view(monkeypatch, "simulation", str(sample_path("by_hand")), years="10000", seed="1")
    page.button(key="simulation_start").click().run()
    page.button(key="simulation_stop").click().run()

    assert not page.exception
    assert "Stopped: figures are over" in page.warning[0].value
    assert page.dataframe


def test_another_seed_is_not_answered_with_the_old_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    page = view(monkeypatch, "simulation", str(sample_path("by_hand")), years="100", seed="1")
    page.button(key="simulation_start").click().run()
    page.number_input(key="simulation_seed").set_value(2).run()

    assert "Not simulated yet" in page.info[0].value
    assert not page.dataframe
