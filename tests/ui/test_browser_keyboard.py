"""What people who use a keyboard, or need contrast, meet: focus, titles, colours, Enter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.ui.browsing import settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

_LEAST_CONTRAST: Final = 4.5
"""Least contrast of text, WCAG 2.2, 1.4.3 (AA)."""

_CONTRAST: Final = r"""(element) => {
    const parts = (text) => {
        const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
        return [r, g, b, a];
    };
    const over = (front, back) =>
        [0, 1, 2].map((i) => front[i] * front[3] + back[i] * (1 - front[3])).concat(1);
    const luminance = (colour) => {
        const [r, g, b] = colour.slice(0, 3).map((value) => {
            const share = value / 255;
            return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const layers = [];
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) {
        const style = getComputedStyle(at);
        opacity *= Number(style.opacity);
        const colour = parts(style.backgroundColor);
        if (colour[3] > 0) layers.unshift(colour);
    }
    const back = layers.reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
    const own = parts(getComputedStyle(element).color);
    own[3] *= opacity;
    const [high, low] = [luminance(over(own, back)), luminance(back)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
}"""


@pytest.fixture(params=["light", "dark"])
def themed(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page in light and in dark mode."""
    opened = browser.new_page(color_scheme=request.param)
    yield opened
    opened.close()


def test_the_tab_key_leads_through_the_views_and_shows_where_it_is(
    page: Page, retailer: str
) -> None:
    page.goto(retailer)
    settled(page)
    page.keyboard.press("Tab")
    for name in ("Overview", "Explore", "Availability"):
        page.keyboard.press("Tab")
        link = page.get_by_role("link", name=name, exact=True)
        expect(link).to_be_focused()
        assert link.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Availability", exact=True)).to_be_visible()


def test_each_view_has_a_title_of_its_own(page: Page, retailer: str) -> None:
    for name in ("overview", "explore", "outage", "edit"):
        page.goto(f"{retailer}/{name}")
        expect(page).to_have_title(f"{name.capitalize()} · depgraph")


def test_captions_and_primary_buttons_can_be_read(themed: Page, retailer: str) -> None:
    themed.goto(f"{retailer}/simulation")
    settled(themed)
    caption = themed.get_by_test_id("stCaptionContainer").first.locator("p").first
    button = themed.get_by_role("button", name="Simulate").locator("p")
    assert caption.evaluate(_CONTRAST) >= _LEAST_CONTRAST
    assert button.evaluate(_CONTRAST) >= _LEAST_CONTRAST


def test_enter_takes_one_of_several_matches(page: Page, retailer: str) -> None:
    page.goto(f"{retailer}/outage")
    settled(page)
    field = page.get_by_role("combobox", name="What fails")
    field.click()
    field.press_sequentially("aws")
    assert page.get_by_role("option").count() > 1
    field.press("Enter")
    expect(page.locator("[data-tag]")).to_have_count(1)


def test_a_sum_in_two_currencies_is_not_cut(page: Page, retailer: str) -> None:
    page.goto(f"{retailer}/outage?down=location:aws-eu-west-1")
    settled(page)
    value = page.get_by_test_id("stMetricValue").last
    value.locator("p").evaluate(
        "e => e.textContent = '132,000.00 EUR, 36,000.00 USD, 1,800.90 GBP'"
    )
    assert value.locator("div").first.evaluate("e => e.scrollWidth <= e.clientWidth")
