"""One browser for all browser tests, a fresh page for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from sample_data import sample_path
from tests.ui.browsing import PATIENCE, QUIET, chromium, served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium without a window."""
    path = chromium()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def retailer() -> Iterator[str]:
    """Address of a page on the sample."""
    yield from served(str(sample_path("retailer")))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own, without anything from an earlier one."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(PATIENCE)
    yield opened
    opened.close()
