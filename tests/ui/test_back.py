"""The browser's Back within a view: controls take what the address said before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from sample_data import sample_path
from tests.ui.browsing import served, settled
from tests.ui.pages import view

BY_HAND = str(sample_path("by_hand"))
Query = dict[str, Any]


@pytest.fixture(autouse=True)
def _fresh() -> None:
    st.cache_resource.clear()


def _query(page: AppTest) -> Query:
    """The address, one text a name."""
    return {k: v[0] if isinstance(v, list) else v for k, v in page.query_params.items()}


def _went_to(page: AppTest, query: Query) -> AppTest:
    """The page after the browser went back or on to an address."""
    page.query_params.clear()
    for name, text in query.items():
        page.query_params[name] = text
    return page.run()


def _held(page: AppTest, control: str, key: str) -> Any:
    return getattr(page, control)(key=key).value


@pytest.mark.parametrize(
    ("name", "query", "control", "key", "later"),
    [
        ("availability", {"service": "shop"}, "selectbox", "availability_service", "ledger"),
        ("availability", {}, "selectbox", "availability_service", "ledger"),
        ("availability", {"order": "3"}, "segmented_control", "availability_order", "1"),
        ("availability", {"service": "shop"}, "text_input", "availability_target", "0.9"),
        ("simulation", {"years": "1000"}, "selectbox", "simulation_years", "10000"),
        ("simulation", {"seed": "7"}, "number_input", "simulation_seed", 8),
        ("contracts", {"period": "2026-04"}, "text_input", "contracts_period", "2026-05"),
        ("contracts", {}, "text_input", "contracts_period", "2026-05"),
        ("contracts", {"contract": "pay-shop"}, "selectbox", "contracts_contract", "ledger-pay"),
        ("contracts", {"contract": "none such"}, "selectbox", "contracts_contract", "ledger-pay"),
        ("availability", {"service": "none such"}, "selectbox", "availability_service", "ledger"),
        ("contracts", {"level": "pay-shop-a"}, "selectbox", "contracts_schedule", "ledger-pay-1"),
        ("diligence", {}, "segmented_control", "diligence_part", "Concentration"),
        ("overview", {"list": "expiring"}, "segmented_control", "overview_days", "365"),
        ("edit", {}, "segmented_control", "edit_task", "Changes made"),
        ("edit", {"kind": "services", "record": "shop"}, "selectbox", "edit_record_services",
         "ledger"),
        ("edit", {"kind": "services", "record": "shop"}, "selectbox", "edit_kind", "contracts"),
        ("outage", {"down": "service:ledger"}, "multiselect", "outage_down", ["service:shop"]),
        ("outage", {"down": "service:ledger"}, "segmented_control", "outage_kind",
         "A real outage"),
        ("outage", {"preset": "aws-ddb-2025-10-20"}, "selectbox", "outage_preset",
         "github-2018-10-21"),
        ("outage", {"down": "service:ledger", "hours": "2"}, "number_input", "outage_hours", 80.0),
        ("outage", {"down": "service:ledger", "cause": "customer"}, "selectbox", "outage_cause",
         "supplier"),
    ],
)  # fmt: skip
def test_back_shows_the_choice_before_and_forward_the_later_one(
    monkeypatch: pytest.MonkeyPatch, name: str, query: Query, control: str, key: str, later: Any
) -> None:
    page = view(monkeypatch, name, BY_HAND, **query)
    first, before = _held(page, control, key), _query(page)
    getattr(page, control)(key=key).set_value(later).run()
    after = _query(page)
    assert not page.exception
    assert _held(page, control, key) == later != first
    assert after != before
    _went_to(page, before)

    assert not page.exception
    assert _held(page, control, key) == first
    # Written anew, the address would take the way forward from the browser.
    assert _query(page) == before
    _went_to(page, after)
    assert _held(page, control, key) == later
    assert _query(page) == after


def test_back_in_an_outage_brings_its_slider_back_too(monkeypatch: pytest.MonkeyPatch) -> None:
    page = view(monkeypatch, "outage", BY_HAND, down="service:ledger", hours="2")
    before = _query(page)
    page.slider(key="outage_length").set_value(5.0).run()
    assert page.number_input(key="outage_hours").value == 5.0
    _went_to(page, before)

    assert page.number_input(key="outage_hours").value == 2.0
    assert page.slider(key="outage_length").value == 2.0


@pytest.mark.parametrize(
    ("name", "query", "key"),
    [
        ("contracts", {"contract": "ledger-pay"}, "contracts_contract"),
        ("availability", {"service": "ledger"}, "availability_service"),
        ("edit", {"kind": "services", "record": "ledger"}, "edit_record_services"),
    ],
)
def test_back_from_another_view_shows_the_choice(
    monkeypatch: pytest.MonkeyPatch, name: str, query: Query, key: str
) -> None:
    """Controls of a view that is left are forgotten, what was written into the address is not."""
    monkeypatch.setenv("DEPGRAPH_ESTATE", BY_HAND)
    page = AppTest.from_string(
        f"import streamlit as st\nfrom ui.views import {name}, diligence\n"
        f"dict(one={name}, other=diligence)[st.session_state['shown']].show()\n",
        default_timeout=120,
    )
    for shown, address in (("one", query), ("other", {}), ("one", query)):
        page.session_state["shown"] = shown
        _went_to(page, address)
        assert not page.exception

    assert page.selectbox(key=key).value == [*query.values()][-1]
    assert _query(page) == query


def test_a_choice_after_going_back_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    page = view(monkeypatch, "availability", BY_HAND, service="shop")
    before = _query(page)
    box: Callable[[], Any] = lambda: page.selectbox(key="availability_service")  # noqa: E731 - drawn anew each time
    box().set_value("ledger").run()
    _went_to(page, before)
    box().set_value("pay-a").run()

    assert box().value == _query(page)["service"] == "pay-a"
    box().set_value("shop").run()
    assert box().value == _query(page)["service"] == "shop"


def test_back_and_forward_in_the_browser(page: Page) -> None:
    for address in served(BY_HAND):
        page.goto(f"{address}/availability?service=shop")
        settled(page)
        box = page.get_by_role("combobox", name="Service")
        for service in ("ledger", "pay-a"):
            box.fill(service)
            page.get_by_role("option", name=service, exact=True).click()
            expect(page).to_have_url(f"{address}/availability?service={service}")
            settled(page)
        for step, service in (
            (page.go_back, "ledger"), (page.go_back, "shop"), (page.go_forward, "ledger"),
        ):  # fmt: skip
            step()
            expect(box).to_have_value(service)
            settled(page)
            assert page.url == f"{address}/availability?service={service}"
