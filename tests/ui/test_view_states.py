"""States that every view of ours must bear: empty, broken, no database, very large, hostile."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from depgraph.engine.availability import assessed
from depgraph.model.estate import Estate
from ingest.estate_files import JOURNAL
from sample_data import sample_path
from tests.estates import HOSTILE, HOSTILE_IDS
from tests.ui.pages import as_read, as_visitor, view
from ui import session
from ui.assessment_job import Answered
from ui.session import MANY

OURS = [
    "overview", "explore", "availability", "outage", "simulation", "contracts", "diligence", "edit",
]  # fmt: skip
FILLED = [name for name in OURS if name != "edit"]
"""Edit fills an empty estate."""
_LARGE = 10_000


@pytest.fixture(autouse=True)
def _fresh() -> None:
    st.cache_resource.clear()


@pytest.mark.parametrize("name", OURS)
def test_a_broken_estate_lists_its_problems(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "e.yaml").write_text("services: [{id: a, availability: 99.9}]")
    page = view(monkeypatch, name, str(tmp_path))

    assert not page.exception
    assert "1 problem;" in page.error[0].value
    assert page.dataframe[0].value["place"].tolist() == [f"{tmp_path / 'e.yaml'}:1:34"]


@pytest.mark.parametrize("name", OURS)
def test_a_database_that_is_down_offers_another_try(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    page = view(monkeypatch, name, "bolt://127.0.0.1:1")

    assert not page.exception
    assert "cannot be read" in page.error[0].value
    assert page.button[0].label == "Try again"
    page.button[0].click().run()
    assert "cannot be read" in page.error[0].value


@pytest.mark.parametrize("name", FILLED)
def test_an_empty_estate_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "e.yaml").write_text("organizations: [{id: a}]")
    page = view(monkeypatch, name, str(tmp_path))

    assert not page.exception
    assert "no services yet" in page.info[0].value


@pytest.mark.parametrize("name", OURS)
def test_hostile_names_break_no_view(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    services = [
        {"id": i, "name": t, "availability": 0.9, "depends_on": HOSTILE_IDS[1:3] if not n else []}
        for n, (i, t) in enumerate(zip(HOSTILE_IDS, HOSTILE, strict=False))
    ]
    data = {"name": "![x](http://127.0.0.1/x.png)", "services": services}
    (tmp_path / "e.json").write_text(json.dumps(data), "utf-8")
    page = view(monkeypatch, name, str(tmp_path), service=HOSTILE_IDS[0])

    assert not page.exception
    for element in page.markdown:
        assert "![x]" not in element.value
        assert "<img" not in element.value.replace("\\<", "")


def _large() -> dict[str, Any]:
    """Services in layers of a hundred, each needing two of the layer below (synthetic)."""
    services: list[dict[str, Any]] = []
    for n in range(_LARGE):
        below = [f"s{n - 100}", f"s{n - 100 + (7 if n % 100 < 90 else -7)}"] if n >= 100 else []
        services.append({"id": f"s{n}", "availability": 0.99999, "depends_on": below[: 1 + n % 2]})
    return {"services": services}


@pytest.mark.parametrize("name", OURS)
def test_nobody_without_a_role_sees_a_view(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with as_visitor(monkeypatch, []) as nobody:
        page = view(monkeypatch, name, str(sample_path("by_hand")), nobody)

    assert not page.exception
    assert "You may not" in page.error[0].value
    assert not page.dataframe
    assert not page.metric


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An estate of ten thousand services in a file."""
    file = tmp_path_factory.mktemp("large") / "e.json"
    file.write_text(json.dumps(_large()))
    return str(file)


@pytest.mark.parametrize(
    "name",
    [
        "overview",
        "explore",
        "availability",
        "outage",
        "simulation",
        "contracts",
        "diligence",
        "edit",
    ],
)
def test_a_very_large_estate_opens_before_all_its_figures_are_there(
    monkeypatch: pytest.MonkeyPatch, large: str, name: str
) -> None:
    page = view(monkeypatch, name, large, service="s9999")

    assert not page.exception
    assert not page.error
    if name == "overview":
        shown = {metric.label: metric.value for metric in page.metric}
        assert shown["Services"] == f"{_LARGE:,}"
        assert shown["Promises not carried"] == "…"
        assert "figures_stop" in [button.key for button in page.button]


def test_figures_of_a_large_estate_can_be_stopped_and_taken_up_again(
    monkeypatch: pytest.MonkeyPatch, large: str
) -> None:
    page = view(monkeypatch, "overview", large)
    page.button(key="figures_stop").click().run()
    page.run()

    assert "it was stopped" in page.info[0].value
    page.button(key="figures_again").click().run()
    assert "figures_stop" in [button.key for button in page.button]


def test_figures_of_a_large_estate_arrive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """More services than are assessed at once: worked out beside the page."""
    services = [{"id": f"s{n}", "availability": 0.999} for n in range(MANY + 1)]
    (tmp_path / "e.json").write_text(json.dumps({"services": services}))
    page = view(monkeypatch, "overview", str(tmp_path))
    deadline = time.monotonic() + 60
    while page.metric[1].value == "…" and time.monotonic() < deadline:
        time.sleep(0.3)
        page.run()

    shown = {metric.label: metric.value for metric in page.metric}
    assert shown["Promises not carried"] == "0"
    assert as_read(page.dataframe[0])["availability"].tolist() == ["99.9000 %"] * (MANY + 1)


def test_figures_of_another_version_are_never_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A database may change between the two looks at it: then there are no figures, and no loop."""
    services = [{"id": f"s{n}", "availability": 0.999} for n in range(MANY + 1)]
    (tmp_path / "e.json").write_text(json.dumps({"services": services}))
    other = assessed(Estate.model_validate({"services": [{"id": "s0", "availability": 0.5}]}))

    class Ended:
        """A job that answered for what the estate was before."""

        answer = Answered(other, (), "another version")
        progress = None
        failed = stopped = False
        ended = True

    monkeypatch.setattr(session, "job", lambda _service="": Ended())
    page = view(monkeypatch, "overview", str(tmp_path))

    assert not page.exception
    assert "cannot be computed" in page.warning[0].value
    assert page.metric[1].value == "…"


def test_a_half_done_change_is_put_right_when_the_page_opens(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "e.yaml").write_text("services: [{id: half, availability: 0.9}]")
    (tmp_path / JOURNAL).write_text(
        json.dumps({"e.yaml": "c2VydmljZXM6IFt7aWQ6IHdob2xlLCBhdmFpbGFiaWxpdHk6IDAuOX1d"})
    )
    page = view(monkeypatch, "overview", str(tmp_path))

    assert page.dataframe[0].value["service"].tolist() == ["whole"]
    assert not (tmp_path / JOURNAL).exists()


def test_a_change_of_the_files_is_seen_at_the_next_look(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "e.yaml"
    for name in ("first", "second"):
        file.write_text(f"services: [{{id: {name}, availability: 0.9}}]")
        page = view(monkeypatch, "overview", str(tmp_path))
        assert page.dataframe[0].value["service"].tolist() == [name]
