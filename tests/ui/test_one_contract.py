"""Contracts: one contract, a period and a schedule chosen, and what its sums rest on."""

from __future__ import annotations

from pathlib import Path

import pytest

from depgraph.engine.statement import Settlement
from sample_data import sample_path
from tests.ui.pages import as_read, view
from ui.answer_workbook import Cover

RETAILER = str(sample_path("retailer"))


def test_one_contract_shows_its_facts_and_its_rows_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    page = view(monkeypatch, "contracts", RETAILER, contract="payfirst-retail")
    assert not page.exception

    facts = page.markdown[0].value.replace("\\", "")
    assert facts.startswith("**payfirst** supplies **example-retail** · ")
    assert "limited to recovered" in facts
    tables = [as_read(frame) for frame in page.dataframe]
    levels = next(table for table in tables if "promises" in table)
    assert levels["SLA"].tolist() == ["payfirst-gateway"]
    assert "availability 99.9500 % a month" in levels["promises"][0]
    gaps = next(table for table in tables if "in words" in table).to_dict("records")
    assert gaps
    assert {row["promise"] for row in gaps} == {"payfirst-gateway"}
    assert any("0.00 EUR held in all, 600,000.00 EUR exposed" in row["in words"] for row in gaps)
    assert page.selectbox(key="contracts_schedule").options == ["payfirst-gateway"]


def test_a_link_within_the_view_leads_to_another_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    page = view(monkeypatch, "contracts", RETAILER, contract="payfirst-retail")
    page.query_params["contract"] = "retail-brands"
    page.run()

    assert page.selectbox(key="contracts_contract").value == "retail-brands"
    page.selectbox(key="contracts_contract").select("").run()
    assert "contract" not in page.query_params
    assert page.selectbox(key="contracts_contract").value == ""


def test_period_and_schedule_stand_in_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    page = view(monkeypatch, "contracts", RETAILER)
    assert not {"period", "level"} & set(page.query_params)
    page.text_input(key="contracts_period").set_value("2026-04").run()
    page.selectbox(key="contracts_schedule").select("fibreline-stores").run()

    assert page.query_params["period"] == "2026-04"
    assert page.query_params["level"] == "fibreline-stores"
    opened = view(monkeypatch, "contracts", RETAILER, period="2026-04", level="fibreline-stores")
    assert opened.text_input(key="contracts_period").value == "2026-04"
    assert opened.selectbox(key="contracts_schedule").value == "fibreline-stores"


def test_a_period_to_come_is_not_called_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    to_come = view(monkeypatch, "contracts", RETAILER, period="2190-01")
    over = view(monkeypatch, "contracts", RETAILER, period="2026-01")

    assert [each.value for each in to_come.info] == [
        "This period has not begun: nothing can be measured yet."
    ]
    assert [each.value for each in over.info] == [
        "Nothing was down in this period, so nothing is owed."
    ]


def test_a_claim_that_nobody_recorded_in_time_is_not_called_claimable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = view(monkeypatch, "contracts", RETAILER, period="2026-04")
    claims = next(
        table for frame in page.dataframe if "days left" in (table := as_read(frame)).columns
    )

    assert set(claims["days left"]) == {"over"}
    assert set(claims["status"]) == {"none on record"}


def test_sums_on_faulty_terms_are_told_beside_them_and_in_the_workbook(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Synthetic: 0.99 is missed and no row pays for it, which reads as nothing owed."""
    covers: list[Cover] = []

    def kept(cover: Cover, _: Settlement) -> bytes:
        covers.append(cover)
        return b""

    monkeypatch.setattr("ui.views.contracts.settlement_workbook", kept)
    monkeypatch.setattr("ui.views.contracts.offer_workbook", lambda make, _: make())
    (tmp_path / "estate.yaml").write_text(
        """
organizations: [{id: us, own: true}, {id: them}]
services: [{id: a, provider: them, availability: 0.999}]
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
    )
    struck = view(monkeypatch, "contracts", str(tmp_path), period="2026-03")
    quiet = view(monkeypatch, "contracts", str(tmp_path), period="2026-02")

    [told] = [each.value for each in struck.warning]
    assert told.startswith("Some contracts have faulty terms; their sums are not to be relied on")
    assert not quiet.warning
    in_workbook, nothing = (cover.notes for cover in covers)
    assert "k1" in in_workbook[0]
    assert "not to be relied on" in in_workbook[0]
    assert nothing == ()
