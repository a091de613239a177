"""Sums on faulty terms are called so in every document that holds them (rule K1)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from depgraph.engine.play import Played
from depgraph.model.scenario import Scenario
from ingest import require_estate
from tests.ui.command_line import app
from tests.ui.pages import view
from ui.answer_workbook import Cover
from ui.whatif_report import what_if_html

TOLD = "sums not to be relied on, as terms are faulty: "
DAY = ("--from", "2026-03-02T10:00:00Z", "--for", "24h")
ACCEPTED = ("--accept", "schedule-gap:k1")
# Synthetic: a day down is 0.968 of March, below 0.999, and no row of the schedule pays for it.
ESTATE = """
organizations: [{id: us, own: true}, {id: them}]
services:
- {id: a, provider: them, availability: 0.999}
- {id: b, provider: us, availability: 0.999}
contracts:
- id: k
  supplier: them
  customer: us
  start: 2025-01-01
  slas:
  - id: k1
    service: a
    monthly_fee: 100 EUR
    objectives: [{metric: availability, target: 0.999}]
    credits: {tiers: [{below: 0.999, at_least: 0.995, credit: 0.1}]}
incidents:
- {id: i, affects: a, cause: supplier, start: 2026-03-02T10:00:00Z, end: 2026-03-03T10:00:00Z}
"""


@pytest.fixture
def estate(tmp_path: Path) -> str:
    file = tmp_path / "estate.yaml"
    file.write_text(ESTATE)
    return str(file)


def _run(*line: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, [*line, *ACCEPTED, "--json"])
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _read_me(file: Path) -> str:
    sheet = load_workbook(file)["Read me"]
    return "\n".join(" ".join(map(str, row)) for row in sheet.iter_rows(values_only=True))


def test_an_outage_that_touches_them_says_so_in_every_form(estate: str, tmp_path: Path) -> None:
    book, page = tmp_path / "w.xlsx", tmp_path / "w.html"
    told = _run("whatif", estate, "--down", "a", *DAY, "--xlsx", str(book), "--html", str(page))
    text = page.read_text("utf-8")

    [note] = [note for note in told["notes"] if note.startswith(TOLD)]
    assert "k1" in note
    assert TOLD in _read_me(book)
    assert text.count(TOLD) == 1
    # Whoever reads from the top meets it before the sums it is about.
    assert text.index(TOLD) < text.index("What is down, and why")


def test_an_outage_that_leaves_them_alone_says_nothing(estate: str, tmp_path: Path) -> None:
    book, page = tmp_path / "w.xlsx", tmp_path / "w.html"
    told = _run("whatif", estate, "--down", "b", *DAY, "--xlsx", str(book), "--html", str(page))

    assert TOLD not in " ".join(told["notes"])
    assert TOLD not in _read_me(book)
    assert TOLD not in page.read_text("utf-8")


def test_a_settlement_that_was_accepted_says_so_in_its_workbook(
    estate: str, tmp_path: Path
) -> None:
    struck, quiet = tmp_path / "struck.xlsx", tmp_path / "quiet.xlsx"
    _run("settle", estate, "--period", "2026-03", "--xlsx", str(struck))
    _run("settle", estate, "--period", "2026-02", "--xlsx", str(quiet))

    assert TOLD in _read_me(struck)
    assert TOLD not in _read_me(quiet)


def test_what_the_outage_page_gives_away_says_so(
    monkeypatch: pytest.MonkeyPatch, estate: str
) -> None:
    covers: list[Cover] = []
    shown: list[tuple[Scenario, Played]] = []

    def kept(cover: Cover, scenario: Scenario, found: Played) -> bytes:
        covers.append(cover)
        shown.append((scenario, found))
        return b""

    monkeypatch.setattr("ui.views.outage_scenarios.outage_workbook", kept)
    monkeypatch.setattr("ui.views.outage_scenarios.offer_workbook", lambda make, _: make())
    page = view(monkeypatch, "outage", estate, down="service:a")
    [(scenario, found)] = shown

    assert not page.exception
    assert page.warning[0].value.startswith("Some contracts have faulty terms")
    assert [note.startswith(TOLD) for note in covers[0].notes] == [True]
    assert TOLD in what_if_html(require_estate(estate), [scenario], [found])


def test_saved_scenarios_beside_each_other_say_so_too(
    monkeypatch: pytest.MonkeyPatch, estate: str
) -> None:
    _run("whatif", estate, "--down", "a", *DAY, "--save", "a day")
    given: list[tuple[Scenario, Played]] = []
    monkeypatch.setattr(
        "ui.views.outage_scenarios._take_away", lambda _, pairs, **__: given.extend(pairs)
    )
    page = view(monkeypatch, "outage", estate)
    page.multiselect(key="outage_compare").select("a day").run()

    assert not page.exception
    assert [note.startswith(TOLD) for note in given[-1][1].notes] == [True]
