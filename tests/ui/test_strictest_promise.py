"""Several promises on one service: what counts is shown, and so is the strictest (rule A4)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from depgraph.engine.availability import assessed
from depgraph.engine.availability_answer import Assessment
from depgraph.engine.findings import findings
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from tests.ui.command_line import app
from tests.ui.pages import as_read, view


def _contract(customer: str, target: float) -> dict[str, object]:
    sla = {"id": f"{customer}-sla", "service": "shop",
           "objectives": [{"metric": "availability", "target": target}]}  # fmt: skip
    return {"id": customer, "supplier": "them", "customer": customer, "slas": [sla]}


ESTATE = {
    "organizations": [{"id": "us", "own": True}, {"id": "them"}, {"id": "other"}],
    "services": [
        {"id": "shop", "provider": "them", "availability": 0.999, "depends_on": ["ledger"]},
        {"id": "ledger", "provider": "them", "availability": 0.999},
    ],
    "contracts": [_contract("us", 0.99), _contract("other", 0.9999)],
}
"""Made up: by hand, shop is up 0.998001; 0.9999 allows 4.32 minutes of the 43.2 that ledger takes
and of the 86.3568 that both do."""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "estate.json"
    path.write_text(json.dumps(ESTATE))
    return str(path)


def _answer() -> Assessment:
    return assessed(Estate.model_validate(ESTATE))


def test_each_promise_says_whether_it_is_kept() -> None:
    [row] = [row for row in _answer().services if row.id == "shop"]
    counts, strict = row.commitments

    assert (row.carried, row.met) == (counts.carried, counts.met) == (True, True)
    assert (strict.carried, strict.met) == (False, False)
    assert strict.carried_shortfall_minutes_per_month == pytest.approx(43.2 - 4.32)
    assert strict.met_shortfall_minutes_per_month == pytest.approx(86.3568 - 4.32)
    assert row.strictest == strict


def test_one_promise_or_equal_ones_have_no_strictest() -> None:
    equal = {**ESTATE, "contracts": [_contract("us", 0.99), _contract("other", 0.99)]}
    for estate in (equal, {**ESTATE, "contracts": []}):
        rows = assessed(Estate.model_validate(estate)).services
        assert {row.strictest for row in rows} == {None}


def test_an_own_figure_that_is_a_promise_says_nothing_of_a_stricter_one() -> None:
    services = [{"id": "shop", "provider": "them"}]
    estate = Estate.model_validate({**ESTATE, "services": services})
    [row] = assessed(estate).services

    assert row.basis == "committed"
    assert [(c.met, c.carried) for c in row.commitments] == [(True, True), (None, True)]


def test_check_names_the_promises_that_assess_says_are_not_kept() -> None:
    structure = structure_of(Estate.model_validate(ESTATE))
    answer = _answer()
    missed = {
        c.sla for row in answer.services for c in row.commitments if False in {c.carried, c.met}
    }

    codes = {"promise-not-carried", "promise-not-met"}
    assert {f.subject for f in findings(structure, answer) if f.code in codes} == missed
    assert missed == {"other-sla"}


def test_assess_prints_and_writes_it(file: str) -> None:
    text = CliRunner().invoke(app, ["assess", file], env={"COLUMNS": "200"}).stdout
    [line] = [line.split() for line in text.splitlines() if "other-sla" in line]
    assert line == [
        "shop", "other-sla", "other", "99.9900", "%", "NO", "38.880", "NO", "82.037"
    ]  # fmt: skip

    data = json.loads(CliRunner().invoke(app, ["assess", file, "--json"]).stdout)
    [shop] = [row for row in data["services"] if row["id"] == "shop"]
    assert (shop["committed"], shop["carried"], shop["met"]) == (0.99, True, True)
    assert [c["met"] for c in shop["commitments"]] == [True, False]


def test_the_page_shows_it(monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    page = view(monkeypatch, "availability", file, service="shop")
    assert not page.exception
    said = [text.value.replace("\\", "") for text in page.markdown]
    strict = "the strictest promise, 99.9900 % to other"
    assert any(f"Can its suppliers carry {strict}?** :red[No: 38.880" in text for text in said)
    assert any(f"Is {strict}, met?** :red[No: 82.037" in text for text in said)

    page = view(monkeypatch, "overview", file)
    rows = as_read(page.dataframe[0]).set_index("service")
    assert rows.loc["shop", "strictest promise"] == "99.9900 %"
    assert rows.loc["shop", "strictest kept"] == "NO"
    assert {m.label: m.value for m in page.metric}["Promises not carried"] == "1"
