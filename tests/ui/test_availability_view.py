"""Availability of one service on the page: the figures are those of the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from depgraph.engine.availability import assessed
from ingest import require_estate
from sample_data import sample_path
from tests.ui.command_line import app
from tests.ui.pages import as_read, view
from ui.figures_text import availability_text, component_text, minutes_text, percent_text
from ui.target_section import _needed


def _assessed(*arguments: str) -> dict[str, Any]:
    found = CliRunner().invoke(app, ["assess", *arguments, "--json"])
    assert found.exit_code == 0, found.output
    answer: dict[str, Any] = json.loads(found.stdout)["services"][0]
    return answer


def _table(page: AppTest, column: str) -> list[dict[str, Any]]:
    [frame] = [f.value for f in page.dataframe if column in f.value]
    rows: list[dict[str, Any]] = frame.to_dict("records")
    return rows


@pytest.mark.parametrize("service", ["checkout", "payments-first", "web-shop", "orders"])
def test_every_figure_is_that_of_the_command_line(
    monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    sample = str(sample_path("retailer"))
    wanted = _assessed(sample, "--service", service)
    page = view(monkeypatch, "availability", sample, service=service)
    assert not page.exception

    digits = {row["way"]: row["availability"] for row in _table(page, "assumes")}
    assert digits["exact"] == wanted["availability"]
    assert digits["naive"] == wanted["naive"]
    assert digits["worst case"] == wanted["worst_case"]
    assert digits.get("promised") == wanted["committed"]
    measures = {row["component"]: row for row in _table(page, "birnbaum")}
    assert measures == {
        (name := component_text(row["component"])): {**row, "component": name}
        for row in wanted["importance"]
    }
    cuts = [(row["fails together"], row["probability"]) for row in _table(page, "fails together")]
    assert cuts == [
        (", ".join(map(component_text, cut["components"])), cut["probability"])
        for cut in wanted["cut_sets"]["cut_sets"]
    ]
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures["Composite"] == availability_text_of(sample, service)
    assert figures["Min down a month"] == minutes_text(wanted["downtime_minutes_per_month"])
    assert figures["Naive product"] == percent_text(wanted["naive"])


def availability_text_of(sample: str, service: str) -> str:
    rows = {row.id: row for row in assessed(require_estate(sample)).services}
    return availability_text(rows[service])


def test_the_tree_begins_with_the_service_and_has_its_figure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sample = str(sample_path("retailer"))
    page = view(monkeypatch, "availability", sample, service="checkout")
    rows = _table(page, "own component")

    assert rows[0]["requirement"] == "checkout"
    assert rows[0]["availability"] == availability_text_of(sample, "checkout")
    assert rows[1]["requirement"].strip("\u2003") == "└ basket"
    assert rows[1]["open"] == "availability?service=basket"


def test_a_promise_that_is_not_carried_says_by_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = str(sample_path("retailer"))
    wanted = _assessed(sample, "--service", "payments-first")
    page = view(monkeypatch, "availability", sample, service="payments-first")
    text = " ".join(element.value for element in page.markdown).replace("\\", "")

    short = minutes_text(wanted["carried_shortfall_minutes_per_month"])
    assert f"No: {short} minutes of downtime a month" in text


def test_a_bracket_is_shown_as_one_with_what_is_unknown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    st.cache_resource.clear()
    (tmp_path / "e.yaml").write_text(
        "services: [{id: a, availability: 0.9, depends_on: [b]}, {id: b}]"
    )
    page = view(monkeypatch, "availability", str(tmp_path), service="a")

    assert not page.exception
    assert {m.label: m.value for m in page.metric}["Composite, between"] == "0.0000 % to 90.0000 %"
    assert "bracket" in page.warning[0].value
    assert "Without a figure: b" in [text.value for text in page.text]
    ways = {row["way"]: row["availability"] for row in _table(page, "assumes")}
    assert (ways["at least"], ways["at most"]) == (0.0, 0.9)


def test_nothing_is_called_missed_on_account_of_what_has_no_figure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "e.yaml").write_text(
        "services: [{id: a, availability: 0.99, depends_on: [b]}, {id: b}]"
    )
    page = view(monkeypatch, "availability", str(tmp_path), service="a", target="0.98")

    assert not page.exception
    assert not page.error
    assert "may be missed by up to 42,336.000 minutes" in page.warning[-1].value
    assumed = "Without a figure, taken as down in all of this: b"
    assert assumed in [text.value for text in page.text]


def test_the_address_chooses_and_an_unknown_service_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = view(monkeypatch, "availability", str(sample_path("by_hand")), service="absent")

    assert not page.exception
    assert "names 1 service that this estate does not have" in page.warning[0].value
    assert page.text[0].value == "absent"
    assert page.query_params["service"] in require_estate(sample_path("by_hand")).service


def test_the_order_of_cut_sets_is_in_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = str(sample_path("retailer"))
    page = view(monkeypatch, "availability", sample, service="checkout", order="1")

    single = _assessed(sample, "--service", "checkout", "--max-order", "1")["cut_sets"]["cut_sets"]
    assert {cut["order"] for cut in single} == {1}
    assert len(_table(page, "fails together")) == len(single)
    page = view(monkeypatch, "availability", sample, service="checkout", order="nine")
    assert not page.exception


def test_what_a_component_would_need_suffices_when_it_has_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By hand: 0.99 × b ≥ 0.985 needs b ≥ 0.98494949…; the figure shown is never below it."""
    st.cache_resource.clear()
    (tmp_path / "e.yaml").write_text(
        "services: [{id: a, availability: 0.99, depends_on: [b]}, {id: b, availability: 0.98}]"
    )
    page = view(monkeypatch, "availability", str(tmp_path), service="a", target="0.98")
    [frame] = [table for table in map(as_read, page.dataframe) if "needed" in table]
    rows = {row["component"]: row for row in frame.to_dict("records")}

    assert rows["b"]["needed"] == "98.9899 %"
    shown = float(re.sub(r"[ %]", "", rows["b"]["needed"])) / 100
    assert shown * 0.99 >= 0.98 > (shown - 1e-5) * 0.99
    page = view(monkeypatch, "availability", str(tmp_path), service="a", target="99.9")
    assert "no availability" in page.error[0].value
    page = view(monkeypatch, "availability", str(tmp_path), service="a", target="0.9")
    assert "is reached" in page.success[0].value


def test_needed_figures_are_rounded_up() -> None:
    assert _needed(0.98989898989, 0.01010101011) == "98.9899 %"
    assert _needed(1.0, 0.0) == "100 %"
    assert _needed(None, None) == "no figure suffices"


@pytest.mark.parametrize(
    ("measure", "marks"),
    [
        ("criticality", [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        ("birnbaum", [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        ("structural", [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        ("risk_achievement_worth", None),
    ],
)
def test_the_axis_of_a_share_ends_at_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, measure: str, marks: list[float] | None
) -> None:
    """Rule A11: what alone takes itself down has the share 1; its figure stands beside the bar."""
    st.cache_resource.clear()
    (tmp_path / "e.yaml").write_text("services: [{id: a, availability: 0.99}]")
    page = view(monkeypatch, "availability", str(tmp_path), service="a")
    page.selectbox(key="availability_measure").set_value(measure).run()
    [chart] = page.get("vega_lite_chart")
    across = [layer["encoding"]["x"] for layer in json.loads(chart.proto.spec)["layer"]]

    assert across[0]["axis"].get("values") == marks
