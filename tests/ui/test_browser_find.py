"""The search of every view in a real browser: typed, picked, and there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.ui.browsing import PATIENCE, served, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LABEL = "Find anything by its name"
MANY = 10_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a page on 10,000 synthetic services."""
    file = Path(tmp_path_factory.mktemp("large")) / "estate.json"
    services = [{"id": f"svc-{n:05}", "availability": 0.999} for n in range(MANY)]
    marked = {"id": "odd", "name": "[Odd](one) *1*"}
    file.write_text(json.dumps({"services": services, "organizations": [marked]}))
    yield from served(str(file))


def _pick(page: Page, typed: str) -> None:
    field = page.get_by_role("combobox", name=LABEL)
    field.click()
    field.press_sequentially(typed)
    expect(page.get_by_role("option").first).to_contain_text(typed)
    field.press("Enter")


def test_each_view_has_it(page: Page, retailer: str) -> None:
    page.goto(retailer)
    settled(page)
    titles = (
        "Explore", "Availability", "Outage", "Simulation", "Contracts", "Diligence", "Edit",
        "Overview",
    )  # fmt: skip
    for title in titles:
        page.get_by_role("link", name=title, exact=True).first.click()
        expect(page).to_have_title(f"{title} · depgraph")
        settled(page)
        expect(page.get_by_role("combobox", name=LABEL)).to_be_enabled()


@pytest.mark.parametrize(("typed", "address"), [
    ("checkout · service", "/availability?service=checkout"),
    ("northcolo-fra1", "/explore?focus=location%3Anorthcolo-fra1"),
    ("gridpower ·", "/explore?focus=organization%3Agridpower"),
    ("payfirst-retail", "/contracts?contract=payfirst-retail"),
])  # fmt: skip
def test_each_kind_gets_to_its_view(page: Page, retailer: str, typed: str, address: str) -> None:
    page.goto(f"{retailer}/availability?service=web-shop")
    settled(page)
    _pick(page, typed)
    expect(page).to_have_url(re.compile(re.escape(address)))
    settled(page)
    expect(page.get_by_text("that this estate does not have")).to_have_count(0)
    expect(page.get_by_role("combobox", name=LABEL)).to_have_value("")


@pytest.mark.parametrize(("view", "kind", "names"), [
    ("availability", "service", ("web-shop", "checkout", "erp")),
    ("contracts", "contract", ("payfirst-retail", "retail-brands", "fibreline-retail")),
])  # fmt: skip
def test_a_second_name_leads_on_within_one_view(
    page: Page, retailer: str, view: str, kind: str, names: tuple[str, ...]
) -> None:
    page.goto(f"{retailer}/{view}?{kind}={names[0]}")
    settled(page)
    for name in names[1:]:
        _pick(page, f"{name} · {kind}")
        expect(page).to_have_url(re.compile(f"{kind}={name}$"))
        settled(page)
        field = page.get_by_role("combobox", name=kind.capitalize(), exact=True)
        expect(field).to_have_value(name)


@pytest.mark.parametrize("view", ["outage", "explore"])
def test_the_keyboard_reaches_it_and_a_phone_shows_it(page: Page, retailer: str, view: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{retailer}/{view}")
    settled(page)
    field = page.get_by_role("combobox", name=LABEL)
    for _ in range(15):
        page.keyboard.press("Tab")
        if field.evaluate("e => e === document.activeElement"):
            break
    expect(field).to_be_focused()
    header = page.get_by_test_id("stHeader").bounding_box()
    box = page.locator(".st-key-find").bounding_box()
    assert header is not None
    assert box is not None
    assert box["y"] >= header["y"] + header["height"]
    assert box["x"] + box["width"] <= 390
    page.keyboard.type("fraudscope-payfirst")
    expect(page.get_by_role("option").first).to_contain_text("fraudscope-payfirst")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/contracts\\?contract=fraudscope-payfirst"))


def test_it_covers_no_link_to_a_view(page: Page, retailer: str) -> None:
    page.goto(retailer)
    settled(page)
    for width in (1200, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        box = page.locator(".st-key-find").bounding_box()
        last = page.get_by_role("link", name="Edit", exact=True).bounding_box()
        title = page.get_by_role("heading", level=1).bounding_box()
        assert box is not None
        assert last is not None
        assert title is not None
        assert last["x"] + last["width"] < box["x"]
        assert box["y"] + box["height"] <= title["y"]


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_of_ten_thousand_names_those_typed_are_looked_for(
    browser: Browser, large: str, scheme: str
) -> None:
    """None is sent before; one that is meant is gone to, of several one is picked."""
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]  # one of two literals
    page.set_default_timeout(PATIENCE)
    page.goto(f"{large}/outage")
    settled(page)
    field = page.get_by_role("textbox", name=LABEL)
    field.fill("svc-012")
    field.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("100 names")).to_be_visible()
    settled(page)
    found = Axe().run(page).response["violations"]
    assert [(f["id"], f["nodes"][0]["html"][:200]) for f in found] == []
    dialog.get_by_role("link", name="svc-01203").click()
    expect(page).to_have_url(re.compile("/availability\\?service=svc-01203$"))
    field.fill("SVC-09999")
    field.press("Enter")
    expect(page).to_have_url(re.compile("service=svc-09999$"))
    field.fill("*1*")
    field.press("Enter")
    expect(page).to_have_url(re.compile("focus=organization%3Aodd"))
    field.fill("no such [thing](x)")
    field.press("Enter")
    expect(page.get_by_text("Nothing in this estate has “no such [thing](x)”")).to_be_visible()
    page.close()
