"""Links that name what the estate does not have: each view says so, and shows the rest."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st

from sample_data import sample_path
from tests.ui.pages import view

BY_HAND = str(sample_path("by_hand"))


@pytest.fixture(autouse=True)
def _fresh() -> None:
    st.cache_resource.clear()


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("explore", {"focus": "service:gone"}),
        ("explore", {"focus": "gone"}),
        ("explore", {"around": "gone", "depth": "2"}),
        ("explore", {"from": "service:gone", "to": "service:shop"}),
        ("explore", {"vendor": "gone"}),
        ("explore", {"hidden": "gone", "expanded": "service:gone"}),
        ("availability", {"service": "gone"}),
        ("outage", {"down": "service:gone"}),
        ("outage", {"preset": "gone"}),
        ("contracts", {"contract": "gone"}),
        ("edit", {"task": "Change a record", "kind": "services", "record": "gone"}),
    ],
)
def test_an_id_that_the_estate_does_not_have_is_told(
    monkeypatch: pytest.MonkeyPatch, name: str, query: dict[str, Any]
) -> None:
    page = view(monkeypatch, name, BY_HAND, **query)
    assert not page.exception
    told = [text.value for text in page.warning if "does not have" in text.value]
    assert len(told) == 1
    assert any("gone" in text.value for text in page.text)


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("explore", {"focus": "service:shop", "expanded": "vendor:"}),
        ("explore", {"focus": "shop"}),
        ("explore", {"from": "ledger", "to": "shop"}),
        ("availability", {"service": "shop"}),
        ("outage", {"down": "service:shop"}),
        ("outage", {"down": "shop"}),
        ("contracts", {"contract": "pay-shop"}),
        ("edit", {"task": "Change a record", "kind": "services", "record": "shop"}),
    ],
)
def test_known_ids_need_no_word(
    monkeypatch: pytest.MonkeyPatch, name: str, query: dict[str, Any]
) -> None:
    page = view(monkeypatch, name, BY_HAND, **query)
    assert not [text for text in page.warning if "does not have" in text.value]


def test_the_word_goes_once_something_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    page = view(monkeypatch, "outage", BY_HAND, down="service:gone")
    page.multiselect(key="outage_down").select("service:ledger").run()
    assert not [text for text in page.warning if "does not have" in text.value]
    assert page.query_params["down"] in ("service:ledger", ["service:ledger"])


def test_an_id_alone_is_enough_in_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on the command line: `--down ledger`."""
    page = view(monkeypatch, "outage", BY_HAND, down="ledger")
    assert page.multiselect(key="outage_down").value == ["service:ledger"]
