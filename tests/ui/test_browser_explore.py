"""Explore as a visitor uses it: filter, hide, undo, share, take away."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.ui.browsing import served, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

HOSTILE_NAME = "<img src=x onerror=window.ran=1>"


def _opened(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#net[data-drawn]").wait_for()
    settled(page)


def _drawn(page: Page) -> int:
    things: int = page.locator("#net").evaluate("box => box.held.nodes.length")
    return things


def test_a_filter_is_undone_and_its_address_reopens_it(page: Page, retailer: str) -> None:
    _opened(page, f"{retailer}/explore")
    everything = _drawn(page)
    page.get_by_role("button", name="promise not carried").click()
    expect(page.locator("#net")).not_to_have_attribute("data-things", str(everything))
    settled(page)
    filtered, address = _drawn(page), page.url
    assert filtered < everything
    assert "state=" in address
    page.locator(".st-key-explore_undo button").first.click()
    expect(page.locator("#net")).to_have_attribute("data-things", str(everything))
    _opened(page, address)

    assert _drawn(page) == filtered


def test_the_view_does_not_move_when_a_thing_is_clicked(page: Page, retailer: str) -> None:
    _opened(page, f"{retailer}/explore")
    where = "box => [box.held.net.getScale(), box.held.net.getViewPosition()]"
    before = page.locator("#net").evaluate(where)
    place = page.locator("#net").evaluate(
        "box => box.held.net.canvasToDOM(box.held.net.getPosition('service:web-shop'))"
    )
    frame = page.locator("#net").bounding_box()
    assert frame is not None
    page.mouse.click(frame["x"] + place["x"], frame["y"] + place["y"])
    expect(page.get_by_role("heading", name="web-shop")).to_be_visible()
    settled(page)

    assert page.locator("#net").evaluate(where) == before
    selected = page.locator("#net").evaluate("box => box.held.net.getSelectedNodes()")
    assert selected == ["service:web-shop"], "what was clicked stays marked"


def test_the_first_click_waits_for_no_further_script(page: Page, retailer: str) -> None:
    """What the panel is made of is loaded while the picture is looked at."""
    _opened(page, f"{retailer}/explore")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    place = page.locator("#net").evaluate(
        "box => box.held.net.canvasToDOM(box.held.net.getPosition('service:web-shop'))"
    )
    frame = page.locator("#net").bounding_box()
    assert frame is not None
    page.mouse.click(frame["x"] + place["x"], frame["y"] + place["y"])
    expect(page.get_by_text("Composite availability")).to_be_visible()
    settled(page)

    assert [address for address in asked if address.endswith((".js", ".css"))] == []


def test_the_picture_is_one_stop_for_the_keyboard(page: Page, retailer: str) -> None:
    _opened(page, f"{retailer}/explore?focus=service:checkout")
    active = """() => {
        let e = document.activeElement;
        while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
        return { name: e.getAttribute('aria-label') || e.innerText || e.title, id: e.id };
    }"""
    page.locator("#net").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="checkout", exact=True)).to_have_count(0)
    settled(page)
    assert page.evaluate(active)["id"] == "net"
    page.keyboard.press("Tab")

    assert page.evaluate(active)["name"].strip(), "the next stop has a name"


def test_no_view_asks_another_server_for_anything(page: Page, retailer: str) -> None:
    """A named icon of the page had been fetched from one at every visit."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("", "explore?focus=service:web-shop", "availability", "contracts"):
        page.goto(f"{retailer}/{path}")
        settled(page)

    assert asked
    own = (retailer, retailer.replace("http", "ws", 1), "data:", "blob:")
    assert [address for address in asked if not address.startswith(own)] == []


def test_what_is_drawn_is_taken_away_without_names(
    page: Page, retailer: str, tmp_path: Path
) -> None:
    _opened(page, f"{retailer}/explore?names=hidden")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as waited:
        page.get_by_role("button", name="JSON", exact=True).click()
    saved = tmp_path / "graph.json"
    waited.value.save_as(saved)
    json.loads(saved.read_text("utf-8"))
    with page.expect_download() as waited:
        page.get_by_role("button", name="CSV", exact=True).click()
    table = tmp_path / "graph.csv"
    waited.value.save_as(table)
    assert len(list(csv.reader(table.read_text("utf-8").splitlines()))) == _drawn(page) + 1


def test_hostile_names_never_run_in_pictures_and_tables(page: Page, tmp_path: Path) -> None:
    """Outage, contracts and diligence draw names in pictures of several kinds."""
    other = "javascript:window.ran=1"
    estate = {
        "name": HOSTILE_NAME,
        "organizations": [{"id": HOSTILE_NAME, "own": True}, {"id": other}],
        "services": [
            {"id": HOSTILE_NAME, "provider": HOSTILE_NAME, "availability": 0.9,
             "criticality": "critical", "depends_on": [other]},
            {"id": other, "provider": other, "availability": 0.9},
        ],
        "contracts": [
            {"id": "k", "supplier": other, "customer": HOSTILE_NAME, "start": "2020-01-01",
             "annual_value": "1200 EUR",
             "slas": [{"id": HOSTILE_NAME, "service": other, "monthly_fee": "100 EUR",
                       "objectives": [{"metric": "availability", "target": 0.99}],
                       "credits": {"shape": "step",
                                   "tiers": [{"below": 0.99, "credit": 0.5}]}}]}
        ],
    }  # fmt: skip
    file = tmp_path / "hostile.json"
    file.write_text(json.dumps(estate))
    for address in served(str(file)):
        for path, ready in (
            (f"outage?down=service:{other}&hours=200", "Who owes whom"),
            ("contracts", "One schedule"),
            ("diligence", "Due diligence"),
        ):
            page.goto(f"{address}/{path}")
            page.get_by_role("heading", name=ready).first.wait_for()
            settled(page)
            assert page.evaluate("window.ran") is None
            assert page.locator("img[src='x']").count() == 0
            assert page.locator("a[href^='javascript' i]").count() == 0
