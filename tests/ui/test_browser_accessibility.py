"""Each view by axe-core, and on a phone: nothing that people with other eyes or screens would miss."""

from __future__ import annotations

from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.ui.browsing import PATIENCE, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

VIEWS: Final = (
    "", "explore?focus=service:checkout", "availability?service=payments-first",
    "outage?down=aws-eu-west-1", "simulation", "contracts", "diligence", "edit",
)  # fmt: skip

_GROUND: Final = """() => getComputedStyle(
    document.querySelector('[data-testid=stApp]')).backgroundColor"""
_BEYOND: Final = """() => {
    const width = document.documentElement.clientWidth;
    const main = document.querySelector('[data-testid=stMain]');
    // Tables and drawings move by themselves inside their frames.
    const moves = (element) => {
        for (let at = element.parentElement; at && at !== main; at = at.parentElement)
            if (/auto|scroll|hidden/.test(getComputedStyle(at).overflowX)) return true;
        return false;
    };
    const beyond = [...main.querySelectorAll('*')].filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 0 && box.right > width + 1 && !moves(element);
    });
    return [main.scrollWidth - main.clientWidth, beyond.map((e) => e.textContent.slice(0, 40))];
}"""


def _open(page: Page, address: str) -> None:
    page.goto(address)
    settled(page)
    page.wait_for_function("!document.querySelector('[data-testid=stSpinner]')")


def _violations(page: Page) -> list[tuple[str, str, str]]:
    found = Axe().run(page).response["violations"]
    return [(f["impact"], f["id"], f["nodes"][0]["html"][:200]) for f in found]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_for_everybody(browser: Browser, retailer: str, view: str) -> None:
    """Axe finds nothing, light and dark; nothing lies beyond the edge of a phone."""
    page = browser.new_page(color_scheme="light", viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE)
    _open(page, f"{retailer}/{view}")
    assert _violations(page) == []
    light = page.evaluate(_GROUND)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"light => ({_GROUND})() !== light", arg=light)
    settled(page)
    assert _violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    _open(page, f"{retailer}/{view}")
    assert page.evaluate(_BEYOND) == [0, []]
    page.close()


def test_figures_stand_two_in_a_row_on_a_phone(page: Page, retailer: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    _open(page, retailer)
    boxes = [card.bounding_box() for card in page.locator("[class*=st-key-overview_card_]").all()]
    _, services, promises, risks, *_ = [box for box in boxes if box is not None]

    assert services["y"] == promises["y"] < risks["y"]
    assert services["x"] + services["width"] < promises["x"]


_IN_SIGHT: Final = """(box, key) => {
    const { x, y } = box.held.net.canvasToDOM(box.held.net.getPosition(key));
    return x > 0 && y > 0 && x < box.clientWidth && y < box.clientHeight;
}"""


@pytest.mark.parametrize(
    ("view", "thing"),
    [
        ("outage?down=aws-eu-west-1", "location:aws-eu-west-1"),
        ("outage", "service:web-shop"),
        ("explore", "service:web-shop"),
    ],
)
def test_a_phone_opens_a_picture_where_names_can_be_read(
    page: Page, retailer: str, view: str, thing: str
) -> None:
    """All of it is one button away, and stays when the window changes its size."""
    readable = 10 / 19  # of letters 19 high
    page.set_viewport_size({"width": 390, "height": 844})
    _open(page, f"{retailer}/{view}")
    net = page.locator("#net")
    net.locator("canvas").wait_for()
    scale = "box => box.held.net.getScale()"

    assert net.evaluate(scale) >= readable
    assert net.evaluate(_IN_SIGHT, thing)
    page.get_by_role("button", name="Fit", exact=True).click()
    assert net.evaluate(scale) < readable
    page.set_viewport_size({"width": 392, "height": 800})
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 300)))")
    assert net.evaluate(scale) < readable
