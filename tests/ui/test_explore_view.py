"""Explore's page: what it says where it draws together, and long and hostile names."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.ui.pages import view
from ui.selection import MOST_READ
from ui.session import MANY

LONG = "location-" + "y" * 180
MARKUP = "<img src=x onerror=window.ran=1> **b** [l](javascript:x) مزود 🚀"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    st.cache_resource.clear()


def test_groups_that_nobody_asked_for_are_said_and_opened_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    services = [{"id": f"s{n}", "provider": f"v{n % 3}", "availability": 0.999}
                for n in range(MOST_READ + 1)]  # fmt: skip
    vendors = [{"id": f"v{n}"} for n in range(3)]
    file = tmp_path / "e.json"
    file.write_text(json.dumps({"organizations": vendors, "services": services}))
    page = view(monkeypatch, "explore", str(file))
    assert any("Drawn together by vendor" in caption.value for caption in page.caption)

    page.button(key="explore_ungroup").click().run()

    assert not page.exception
    assert page.query_params["by"] in ("none", ["none"])
    assert "explore_ungroup" not in [button.key for button in page.button]
    assert any("each thing by itself" in caption.value for caption in page.caption)
    page.button(key="explore_undo").click().run()
    assert "explore_ungroup" in [button.key for button in page.button]


def test_an_address_of_one_thing_draws_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Other views lead to organizations, which are not drawn at first."""
    file = tmp_path / "e.json"
    given = {"organizations": [{"id": "v"}],
             "services": [{"id": "a", "provider": "v", "availability": 0.9}]}  # fmt: skip
    file.write_text(json.dumps(given))

    page = view(monkeypatch, "explore", str(file), focus="organization:v")

    assert any("2 of 2 things" in caption.value for caption in page.caption)


def test_long_and_hostile_names_stay_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "e.json"
    given = {"locations": [{"id": LONG, "availability": 0.99}],
             "services": [{"id": MARKUP, "located_in": [LONG], "unavailability": "1e-12"}]}  # fmt: skip
    file.write_text(json.dumps(given))
    page = view(monkeypatch, "explore", str(file), focus=f"location:{LONG}")
    assert not page.exception
    assert page.header[0].value.endswith("…")

    page = view(monkeypatch, "explore", str(file), focus=f"service:{MARKUP}")

    assert not page.exception
    heading = page.header[0].value
    assert not any(sign in heading.replace(f"\\{sign}", "") for sign in "<>*[]")


def test_the_picture_keeps_its_place_when_figures_arrive(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where its place on the page changes, the browser begins it anew, without the zoom."""
    services = [{"id": f"s{n}", "availability": 0.999} for n in range(MANY + 1)]
    file = tmp_path / "e.json"
    file.write_text(json.dumps({"services": services}))
    page = view(monkeypatch, "explore", str(file), around="service:s0")
    assert "figures_stop" in [button.key for button in page.button]
    before = _place_of_columns(page)
    deadline = time.monotonic() + 60
    while "figures_stop" in [button.key for button in page.button]:
        assert time.monotonic() < deadline
        time.sleep(0.3)
        page.run()

    assert _place_of_columns(page) == before


def _place_of_columns(page: AppTest) -> int:
    """Place, among the parts of the page, of the one with columns: picture and panel."""
    return next(
        place for place, part in page.main.children.items()
        if any(inner.type == "column" for inner in getattr(part, "children", {}).values())
    )  # fmt: skip


def test_what_is_known_of_a_thing_is_in_words_of_the_estate(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Synthetic: b has no figure, so that a is known between two ends alone."""
    file = tmp_path / "e.json"
    needs = ["b", {"at_least": 2, "of": ["b", "c"]}]
    given = {"organizations": [{"id": "v"}], "functions": [{"id": "f"}, {"id": "g"}],
             "services": [{"id": "a", "provider": "v", "availability": 0.9, "supports": ["f", "g"],
                           "depends_on": needs}, {"id": "b"}, {"id": "c"}]}  # fmt: skip
    file.write_text(json.dumps(given))
    page = view(monkeypatch, "explore", str(file), focus="service:a")
    labels = [each.label.replace("\\", "") for each in page.expander]
    page.segmented_control(key="explore_section").set_value("Needs").run()
    how = next(frame.value["how"] for frame in page.dataframe if "how" in frame.value)
    page.segmented_control(key="explore_section").set_value("Record").run()
    record = next(frame.value for frame in page.dataframe if "field" in frame.value)
    values = dict(zip(record["field"], record["value"], strict=True))

    assert "Minutes down a month: **4,320.000 to 43,200.000**" in labels
    assert "provided by" in how.tolist()
    assert values["supports"] == "f, g"
    assert json.loads(values["depends_on"]) == needs
