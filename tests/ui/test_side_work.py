"""Work beside the page: progress, answers, faults, stopping, and what people see of it."""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
import streamlit as st
from numba import njit
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from depgraph.engine.comparison import compared
from depgraph.errors import DepgraphError
from ingest import require_estate
from sample_data import sample_path
from tests.ui.command_line import app
from tests.ui.pages import view
from ui import expected_absorbed, warm
from ui.side_progress import progress_text
from ui.side_work import Progress, SideWork, Tell

EDITS = """
name: A second ledger
why: synthetic
edits:
  - add:
      services: [{id: ledger-2, availability: 0.999}]
  - replace:
      dependencies:
        - {service: pay-a, on: ledger, with: {at_least: 1, of: [ledger, ledger-2]}}
"""


def steps(number: int, seconds: float, tell: Tell) -> int:
    """Take a while; told to tests in another process."""
    for step in range(number):
        tell(step, number)
        time.sleep(seconds)
    return number


def cut(tell: Tell) -> str:
    """Work that answers with what is done."""
    try:
        steps(1_000, 0.2, tell)
    except KeyboardInterrupt:
        return "cut short"
    return "whole"


def test_time_left_goes_by_what_was_done_since_work_first_told() -> None:
    """The engine is compiled before that: a minute for the first of a hundred is no pace."""
    assert Progress(1, 100, 0.0, 1).seconds_left is None
    assert Progress(11, 100, 5.0, 1).seconds_left == pytest.approx(44.5)


def test_years_left_do_not_count_the_time_before_the_first_block(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 60.0, 63.0, 66.0])
    monkeypatch.setattr(expected_absorbed, "monotonic", lambda: next(clock))
    tell = expected_absorbed.years_progress(160)

    tell(16, "")
    tell(32, "")
    tell(48, ", more")

    # Sixteen years take three seconds; the minute before them was for the compiler.
    assert capsys.readouterr().err.splitlines() == [
        "16 of 160 years",
        "32 of 160 years, about 0:00:24 left",
        "48 of 160 years, about 0:00:21 left, more",
    ]


def test_what_is_compiled_already_is_not_compiled_beside_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(warm, "is_warm", lambda: True)
    assert warm.warm_beside() is None

    monkeypatch.setattr(warm, "is_warm", lambda: False)
    begun: list[object] = []
    monkeypatch.setattr(warm, "SideWork", begun.append)
    warm.warm_beside()
    assert begun == [warm.compile_all]


def doubled(number: int) -> int:
    """Something to compile."""
    return 2 * number


def compiled(_tell: Tell) -> int:
    """Work that needs code which nobody has kept."""
    found: int = njit()(doubled)(21)
    time.sleep(2)
    return found


def fault(_tell: Tell) -> str:
    """Work that cannot be done."""
    raise DepgraphError("no such thing")


def until(done: Callable[[], object]) -> None:
    """Wait for something, a minute at most."""
    for _ in range(600):
        if done():
            return
        time.sleep(0.1)
    pytest.fail("it never happened")


def test_work_tells_how_far_it_is_and_answers() -> None:
    work = SideWork(partial(steps, 4, 0.6))
    until(lambda: work.progress)
    until(lambda: work.ended)

    assert (work.answer, work.failed, work.stopped) == (4, False, False)
    assert work.progress is not None
    assert work.progress.of == 4


def test_people_are_told_that_the_engine_is_being_compiled() -> None:
    """With a cold cache there is no count for most of a minute."""
    work = SideWork(compiled)
    until(lambda: work.compiling)
    text = progress_text("Everything", work)
    assert text.startswith("Everything: the engine is being compiled")
    assert "s so far" in text
    until(lambda: work.ended)

    assert (work.answer, work.compiling) == (42, False)


def test_work_is_stopped_or_cut_short() -> None:
    stopped, short = SideWork(partial(steps, 1_000, 0.2)), SideWork(cut)
    until(lambda: stopped.progress and short.progress)
    stopped.stop()
    short.cut_short()
    until(lambda: short.ended)

    assert (stopped.answer, stopped.stopped, stopped.failed) == (None, True, False)
    assert short.answer == "cut short"


def test_a_server_started_in_the_background_can_cut_work_short() -> None:
    """A shell lets what it starts in the background ignore interruptions; that is inherited."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        short = SideWork(cut)
    finally:
        signal.signal(signal.SIGINT, before)
    until(lambda: short.progress)
    short.cut_short()
    until(lambda: short.ended)

    assert short.answer == "cut short"


def test_a_fault_is_told() -> None:
    work = SideWork(fault)
    until(lambda: work.ended)

    assert (work.answer, work.failed, work.why) == (None, True, "no such thing")


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    st.cache_resource.clear()
    shutil.copytree(sample_path("by_hand"), tmp_path / "e")
    return tmp_path / "e"


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch, estate: Path, tmp_path: Path) -> AppTest:
    """The page with a saved scenario that changes something."""
    file = tmp_path / "change.yaml"
    file.write_text(EDITS)
    saved = CliRunner().invoke(app, ["whatif", str(estate), str(file), "--save", "second"])
    assert saved.exit_code == 0, saved.output
    return view(monkeypatch, "outage", str(estate), scenario="second")


def answered(page: AppTest, column: str) -> list[dict[str, object]]:
    """Rows of the table with a column, once it is there."""
    for _ in range(300):
        for table in page.dataframe:
            if column in table.value.columns:
                rows: list[dict[str, object]] = table.value.to_dict("records")
                return rows
        time.sleep(0.2)
        page.run()
        assert not page.exception
    pytest.fail(f"no table has a column {column!r}")


def test_what_is_absorbed_before_and_after_is_that_of_the_command_line(
    changed: AppTest, estate: Path, tmp_path: Path
) -> None:
    """One seed, one answer (rules W3, W5)."""
    changed.selectbox(key="outage_years_asked").set_value("100").run()
    changed.number_input(key="outage_years_seed").set_value(7).run()
    changed.button(key="outage_years_start").click().run()
    rows = answered(changed, "difference")
    line = ["whatif", str(estate), str(tmp_path / "change.yaml"), "--years", "100", "--seed", "7"]
    told = json.loads(CliRunner().invoke(app, [*line, "--json"]).stdout)
    expected = told["before_after"]["expected_absorbed"]
    figures = [*expected["own_liability"], *expected["organizations"]]

    assert len(rows) == len(figures) > 0
    for row, figure in zip(rows, figures, strict=True):
        before, after = figure["before"]["mean"], figure["after"]["mean"]
        assert row["before → after, a year"] == f"{before:,.2f} → {after:,.2f}"
        assert row["difference"] == f"{figure['difference']:+,.2f}"
        ends = f"{figure['ci_low']:+,.2f} to {figure['ci_high']:+,.2f}"
        assert row["95 % interval of the difference"] == ends
    assert any(figure["difference"] < 0 for figure in figures)
    changed.number_input(key="outage_years_seed").set_value(8).run()
    assert not any("difference" in table.value.columns for table in changed.dataframe)


def test_years_are_stopped_and_what_is_done_is_kept(changed: AppTest) -> None:
    changed.selectbox(key="outage_years_asked").set_value("10000").run()
    changed.button(key="outage_years_start").click().run()
    about, work = changed.session_state["outage_years_work"]
    until(lambda: work.progress)
    changed.run()
    changed.button(key="outage_years_stop").click().run()
    until(lambda: work.ended)
    changed.run()

    assert not changed.exception
    assert about
    assert "Stopped: figures are over" in changed.warning[0].value


def test_before_and_after_of_an_edit_of_a_large_estate_runs_beside_the_page(
    monkeypatch: pytest.MonkeyPatch, estate: Path
) -> None:
    """The small estate counts as large here; the change can be applied without the figures."""
    monkeypatch.setattr("ui.views.edit.MANY", 1)
    page = view(monkeypatch, "edit", str(estate))
    page.selectbox(key="edit_record_services").select("ledger").run()
    [field] = [f for f in page.text_input if f.label == "Availability"]
    field.set_value("99%")
    next(b for b in page.button if b.label == "Preview").click().run()
    assert "Promises not backed" not in [metric.label for metric in page.metric]
    assert "Apply" in [button.label for button in page.button]

    page.button(key="edit_compare_start").click().run()
    assert "edit_compare_stop" in [button.key for button in page.button]
    page.button(key="edit_compare_stop").click().run()
    page.run()
    assert any("it was stopped" in info.value for info in page.info)
    page.button(key="edit_compare_start").click().run()
    rows = answered(page, "promise before")
    before = require_estate(estate)
    services = tuple(
        s.replace(availability=Decimal("0.99")) if s.id == "ledger" else s for s in before.services
    )
    wanted = compared(before, before.replace(services=services)).changes

    assert [row["service"] for row in rows] == [change.id for change in wanted]
    assert "ledger" in [row["service"] for row in rows]
    assert not page.exception


def test_before_and_after_of_a_large_estate_waits_for_a_button_and_can_be_stopped(
    monkeypatch: pytest.MonkeyPatch, estate: Path, tmp_path: Path
) -> None:
    """The small estate counts as large here."""
    monkeypatch.setattr("ui.views.outage.MANY", 1)
    file = tmp_path / "change.yaml"
    file.write_text(EDITS)
    CliRunner().invoke(app, ["whatif", str(estate), str(file), "--save", "second"])
    page = view(monkeypatch, "outage", str(estate), scenario="second")
    assert not any("before" in table.value.columns for table in page.dataframe)
    page.button(key="outage_compare_all_start").click().run()
    page.session_state["outage_compare_all_work"][1].stop()
    page.run()
    assert any("it was stopped" in info.value for info in page.info)
    page.button(key="outage_compare_all_start").click().run()
    rows = answered(page, "single points of failure")
    line = ["whatif", str(estate), str(file), "--json"]
    told = json.loads(CliRunner().invoke(app, line).stdout)

    assert [row["service"] for row in rows] == [
        change["id"] for change in told["before_after"]["availability"]["changes"]
    ]
