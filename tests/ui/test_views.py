"""Each view's states, without a browser."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from depgraph.engine.statement import ContractStatement
from sample_data import sample_path
from tests.ui.pages import as_read, as_visitor, view
from ui.money_flow import money_flow

APP = str(Path(__file__).parents[2] / "ui" / "app.py")


def _opened(monkeypatch: pytest.MonkeyPatch, estate: str) -> AppTest:
    monkeypatch.setenv("DEPGRAPH_ESTATE", estate)
    monkeypatch.delenv("DEPGRAPH_ESTATE_NAME", raising=False)
    return AppTest.from_file(APP, default_timeout=60).run()


def test_the_sample_opens_with_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    page = _opened(monkeypatch, str(sample_path("retailer")))

    assert not page.exception
    assert {metric.label: metric.value for metric in page.metric}["Services"] == "77"


def test_an_empty_estate_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text("organizations: [{id: a}]")
    page = _opened(monkeypatch, str(tmp_path))

    assert not page.exception
    assert "no services yet" in page.info[0].value


def test_a_broken_estate_lists_its_problems(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "e.yaml").write_text("services: [{id: a, availability: 99.9}]")
    page = _opened(monkeypatch, str(tmp_path))

    assert not page.exception
    assert "has 1 problem;" in page.error[0].value

    (tmp_path / "e.yaml").write_text("services: [{id: a, availability: 0.999}]")
    page.button(key="estate_again").click().run()
    assert not page.error
    assert page.metric[0].value == "1"


def test_a_database_that_is_down_offers_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    page = _opened(monkeypatch, "bolt://127.0.0.1:1")

    assert not page.exception
    assert "cannot be read" in page.error[0].value
    assert page.button[0].label == "Try again"


def _view(monkeypatch: pytest.MonkeyPatch, view: str, estate: str) -> AppTest:
    """One view by itself."""
    monkeypatch.setenv("DEPGRAPH_ESTATE", estate)
    monkeypatch.delenv("DEPGRAPH_ESTATE_NAME", raising=False)
    script = f"from ui.views import {view}\n{view}.show()\n"
    return AppTest.from_string(script, default_timeout=60).run()


def test_an_outage_shows_who_is_down_and_who_owes_whom(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outage settled on paper, on the page."""
    page = _view(monkeypatch, "outage", str(sample_path("by_hand")))
    assert not page.exception
    assert "Pick what fails" in page.info[0].value

    page.multiselect(key="outage_down").select("service:ledger")
    page.number_input(key="outage_hours").set_value(0.8334)
    page.run()

    assert not page.exception
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures["Services down"] == "4"
    assert figures["Owed to us"] == "10,000.00 EUR"


def test_contracts_show_flow_down_and_the_month(monkeypatch: pytest.MonkeyPatch) -> None:
    page = _view(monkeypatch, "contracts", str(sample_path("by_hand")))

    assert not page.exception
    assert page.text_input(key="contracts_period").value == "2026-04"
    tables = [as_read(frame) for frame in page.dataframe]
    owed = [table["owed"].tolist() for table in tables if "owed" in table]
    assert "10,000.00 EUR" in owed[0]


def test_contracts_of_an_estate_without_any(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "e.yaml").write_text("services: [{id: a, availability: 0.999}]")
    page = _view(monkeypatch, "contracts", str(tmp_path))

    assert "no contracts yet" in page.info[0].value


def test_a_period_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    page = _view(monkeypatch, "contracts", str(sample_path("by_hand")))
    page.text_input(key="contracts_period").set_value("April").run()

    assert not page.exception
    assert "cannot be settled" in page.error[0].value


def test_names_cannot_leave_the_drawing_of_money() -> None:
    """Markup and quotes in names stay text."""
    zero = Decimal(0)
    hostile = '"><b>x</b>'
    contract = ContractStatement(
        id="k", supplier=hostile, customer="b", clause="absorb", owed=Decimal(1), recovered=zero,
        absorbed=zero, windfall=zero, forfeited=zero, capped_out=zero, shortfall=zero,
        currency="EUR",
    )  # fmt: skip

    assert "&lt;b&gt;" in money_flow([contract])
    assert "<b>" not in money_flow([contract])
    assert money_flow([contract.replace(owed=zero)]) == ""


@pytest.fixture
def own_estate(tmp_path: Path) -> str:
    """The estate worked by hand, in a folder where scenarios can be saved."""
    folder = tmp_path / "estate"
    folder.mkdir()
    shutil.copy(sample_path("by_hand") / "estate.yaml", folder)
    return str(folder)


def _cells(page: AppTest, *columns: str) -> dict[str, list[str]]:
    """Rows of the table that starts with these columns, by their first cell."""
    frame = next(f for f in page.dataframe if tuple(f.value.columns[: len(columns)]) == columns)
    return {str(row[0]): [str(cell) for cell in row[1:]] for row in frame.value.to_numpy().tolist()}


def test_a_second_provider_is_added_by_form_and_shown_before_and_after(
    monkeypatch: pytest.MonkeyPatch, own_estate: str
) -> None:
    page = _view(monkeypatch, "outage", own_estate)
    page.multiselect(key="outage_down").select("service:ledger").run()
    page.number_input(key="outage_hours").set_value(0.8334).run()
    page.selectbox(key="outage_second_service").select("pay-a").run()
    assert page.selectbox(key="outage_second_need").value == "ledger"
    page.button(key="outage_edit_make").click().run()

    assert not page.exception
    totals = _cells(page, "", "before")
    assert totals["services"] == ["9", "10"]
    changed = _cells(page, "service", "availability")
    assert changed["pay-a"][2] == "2 → 1"
    money = _cells(page, "contract", "supplier → customer")
    assert money["pay-shop (EUR)"][1] == "10000.00 → 0.00"
    page.button(key="outage_edit_back").click().run()
    assert not any("before" in f.value.columns for f in page.dataframe)


def test_a_target_and_a_place_are_changed_by_form(
    monkeypatch: pytest.MonkeyPatch, own_estate: str
) -> None:
    page = _view(monkeypatch, "outage", own_estate)
    page.selectbox(key="outage_edit_kind").select("Change a target").run()
    page.text_input(key="outage_target_pay-shop-a").set_value("99%").run()
    page.button(key="outage_edit_make").click().run()
    page.selectbox(key="outage_edit_kind").select("Move a service").run()
    page.selectbox(key="outage_move_service").select("ledger").run()
    page.multiselect(key="outage_move_places").select("region").run()
    page.button(key="outage_edit_make").click().run()

    assert not page.exception
    changed = _cells(page, "service", "availability")
    assert "ledger" in changed
    assert _cells(page, "", "before")["promises not backed"] != ["", ""]
    assert len(page.session_state["outage_edits"]) == 2


def test_a_scenario_is_saved_compared_and_reopened(
    monkeypatch: pytest.MonkeyPatch, own_estate: str
) -> None:
    page = _view(monkeypatch, "outage", own_estate)
    page.multiselect(key="outage_down").select("service:ledger").run()
    page.number_input(key="outage_hours").set_value(0.8334).run()
    page.text_input(key="outage_save_name").set_value("Ledger <b>down</b>")
    page.button(key="outage_save").click().run()
    page.multiselect(key="outage_compare").select("Ledger <b>down</b>").run()

    assert not page.exception
    both = _cells(page, "figure")
    assert both["owed to us"] == ["10,000.00 EUR", "10,000.00 EUR"]
    page.segmented_control(key="outage_kind").set_value("A saved scenario").run()
    assert page.selectbox(key="outage_saved").value == "Ledger <b>down</b>"
    assert {m.label: m.value for m in page.metric}["Owed to us"] == "10,000.00 EUR"
    assert Path(own_estate, "scenarios").is_dir()


def test_whoever_may_not_edit_saves_no_scenario(
    monkeypatch: pytest.MonkeyPatch, own_estate: str
) -> None:
    """The role is asked where it is written: the form of an editor is no way round it."""
    with as_visitor(monkeypatch, ["editor"]) as editor:
        page = view(monkeypatch, "outage", own_estate, visitor=editor, down="service:ledger")
        page.text_input(key="outage_save_name").set_value("mine")
        page.user["roles"] = ["viewer"]
        page.button(key="outage_save").click().run()
        assert not Path(own_estate, "scenarios").exists()
        assert "outage_save" not in [button.key for button in page.button]


def test_a_scenario_without_a_name_is_not_saved(
    monkeypatch: pytest.MonkeyPatch, own_estate: str
) -> None:
    page = view(monkeypatch, "outage", own_estate, down="service:ledger")
    page.button(key="outage_save").click().run()

    assert "name" in page.warning[-1].value
    assert not Path(own_estate, "scenarios").exists()


def test_sums_have_their_currency_and_an_unstated_loss_is_no_zero(
    monkeypatch: pytest.MonkeyPatch, own_estate: str
) -> None:
    page = view(monkeypatch, "outage", own_estate, down="service:reviews")
    values = {metric.label: metric.value for metric in page.metric}
    assert [values[name] for name in ("Owed to us", "We absorb", "We lose")] == ["0 EUR"] * 3

    file = Path(own_estate, "estate.yaml")
    text = file.read_text("utf-8")
    assert ', loss_per_hour: "6000 EUR"' in text
    file.write_text(text.replace(', loss_per_hour: "6000 EUR"', ""), "utf-8")
    page = view(monkeypatch, "outage", own_estate, down="service:ledger")
    assert {metric.label: metric.value for metric in page.metric}["We lose"] == "not stated"


def test_a_real_outage_that_nothing_matches_says_so(
    monkeypatch: pytest.MonkeyPatch, own_estate: str
) -> None:
    page = _view(monkeypatch, "outage", own_estate)
    page.segmented_control(key="outage_kind").set_value("A real outage").run()
    assert not page.exception
    assert any("aim" in text.value for text in page.text)

    page.multiselect(key="outage_aim").select("service:ledger").run()
    assert not page.exception
    assert int({m.label: m.value for m in page.metric}["Services down"]) >= 4


_CAPPED = """
organizations: [{id: us, own: true}, {id: them}]
services: [{id: app, provider: them, availability: 0.999}]
contracts:
  - id: k
    supplier: them
    customer: us
    start: 2026-01-01
    liability_cap: {amount: "150 EUR"}
    slas:
      - id: app-sla
        service: app
        monthly_fee: "1000 EUR"
        objectives: [{metric: availability, target: 0.999}]
        credits:
          tiers: [{below: 0.999, credit: 0.1}]
          claim: {mode: by_claim, within_days: 36500}
  - {id: other, supplier: them, customer: us}
incidents:
  - {id: one, affects: app, start: 2026-02-10T10:00:00Z, end: 2026-02-10T11:00:00Z}
  - {id: two, affects: app, start: 2026-03-10T10:00:00Z, end: 2026-03-10T11:00:00Z}
"""
"""Synthetic: two missed months at 100 EUR under a cap of 150 EUR a year."""


def test_contracts_show_caps_used_and_left_and_claims_with_dates(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "e.yaml").write_text(_CAPPED)
    page = _view(monkeypatch, "contracts", str(tmp_path))
    assert not page.exception
    caps = next(as_read(f) for f in page.dataframe if "share used [%]" in f.value.columns)
    row = caps.to_dict("records")[0]
    assert (row["limit"], row["used"], row["left"]) == ("150.00", "150.00", "0.00")
    assert (row["from"], row["to"]) == ("2026-01", "2026-12")
    claims = next(as_read(f) for f in page.dataframe if "days left" in f.value.columns)
    assert claims["credit"].tolist() == ["50.00 EUR"]
    assert claims["until"][0] > "2100"

    page.selectbox(key="contracts_contract").select("other").run()
    assert "under other" in page.info[0].value
    assert page.query_params["contract"] == "other"
