"""Contracts with one contract chosen: its facts, and its rows alone."""

from __future__ import annotations

import pytest

from sample_data import sample_path
from tests.ui.pages import as_read, view

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
