"""The page in a real browser on a real server: what a visitor sees is what the engine says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from depgraph.engine.availability import assessed
from ingest import require_estate
from sample_data import sample_path
from tests.estates import HOSTILE_IDS
from tests.ui.browsing import served, settled
from ui.figures_text import availability_text, minutes_text

VIEWS = {
    name: name.capitalize()
    for name in (
        "overview", "explore", "availability", "outage", "simulation", "contracts", "diligence",
        "edit",
    )
}  # fmt: skip

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def test_the_overview_opens_on_the_sample(page: Page, retailer: str) -> None:
    page.goto(retailer)
    page.get_by_text("Services against their promises").wait_for()
    expect(page.get_by_text("Promises not carried")).to_be_visible()


@pytest.mark.parametrize("name", list(VIEWS))
def test_the_address_of_each_view_can_be_typed(page: Page, retailer: str, name: str) -> None:
    page.goto(f"{retailer}/{name}")
    expect(page.get_by_role("link", name=VIEWS[name], exact=True)).to_be_visible()
    settled(page)

    expect(page.get_by_text("Page not found")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_the_graph_is_drawn_and_a_click_shows_the_engines_figures(
    page: Page, retailer: str
) -> None:
    estate = require_estate(sample_path("retailer"))
    rows = {row.id: row for row in assessed(estate).services}
    page.goto(f"{retailer}/explore?focus=service:checkout")
    canvas = page.locator("#net[data-drawn]")
    canvas.wait_for()
    metric = page.locator(".st-key-explore_facts").get_by_test_id("stMetricValue")
    expect(metric).to_have_text(availability_text(rows["checkout"]))

    place = canvas.evaluate("e => e.held.net.canvasToDOM(e.held.net.getPosition('service:orders'))")
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + place["x"], box["y"] + place["y"])
    expect(metric).to_have_text(availability_text(rows["orders"]))
    expect(page.get_by_role("heading", name="orders")).to_be_visible()
    assert "focus=service%3Aorders" in page.url.replace(":orders", "%3Aorders")
    assert minutes_text(rows["orders"].downtime_minutes_per_month) == "99.279"


def test_the_address_reopens_the_same_view(page: Page, retailer: str) -> None:
    page.goto(f"{retailer}/explore?focus=service:checkout&depth=1&kind=service")
    page.locator("#net[data-drawn]").wait_for()

    estate = require_estate(sample_path("retailer"))
    things = len([*estate.services, *estate.locations, *estate.organizations])
    expect(page.get_by_text("things,")).to_contain_text(f"8 of {things} things")


def test_nothing_is_fetched_from_elsewhere(page: Page, retailer: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{retailer}/explore")
    page.locator("#net[data-drawn]").wait_for()
    outside = [url for url in asked if url.startswith("http") and not url.startswith(retailer)]

    # Streamlit's own front end asks for its version file; the graph must need nothing.
    assert [url for url in outside if "vis" in url or url.endswith((".js", ".css"))] == []


def test_names_are_shown_and_never_run(page: Page, tmp_path: Path) -> None:
    names = [*HOSTILE_IDS, "<img src=x onerror=window.ran=1>", "[x](javascript:window.ran=1)"]
    file = tmp_path / "hostile.json"
    services = [{"id": name, "name": name, "availability": 0.9} for name in dict.fromkeys(names)]
    file.write_text(json.dumps({"name": "<script>window.ran=1</script>", "services": services}))
    for address in served(str(file)):
        page.goto(address)
        page.get_by_text("Services against their promises").wait_for()
        assert page.evaluate("window.ran") is None
        expect(page.get_by_role("heading", name="<script>window.ran=1</script>")).to_be_visible()
        page.goto(f"{address}/explore?focus=service:<img src=x onerror=window.ran=1>")
        page.locator("#net[data-drawn]").wait_for()
        settled(page)
        assert page.evaluate("window.ran") is None


def test_a_broken_estate_lists_its_problems(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text("services: [{id: a, availability: 99.9}, {id: b, depends_on: [c]}]")
    for address in served(str(file)):
        page.goto(address)
        expect(page.get_by_text("The estate has 2 problems")).to_be_visible()


def test_an_outage_is_picked_and_settled(page: Page) -> None:
    """The outage settled on paper: fail a supplier's supplier, read who is down and who owes."""
    for address in served(str(sample_path("by_hand"))):
        page.goto(f"{address}/outage?down=service:ledger")
        page.get_by_text("From outage to cent: pay-shop-a").wait_for()
        values = page.get_by_test_id("stMetricValue")
        expect(values.nth(0)).to_have_text("4")
        expect(values.nth(2)).to_have_text("10,000.00 EUR")
        drawing = page.get_by_role("img", name="Who owes whom")
        expect(drawing).to_contain_text("absorbs 8,000.00 EUR")
        page.get_by_text("From outage to cent: pay-shop-a").click()
        expect(page.get_by_text("P7 pay-co owes 10000.00 EUR to shop-co")).to_be_visible()


def test_the_address_carries_what_fails(page: Page, retailer: str) -> None:
    page.goto(f"{retailer}/outage")
    page.get_by_text("Pick what fails: in the list").wait_for()
    settled(page)
    page.get_by_role("combobox", name="What fails").fill("aws-eu-west-1")
    page.get_by_role("option", name="location:aws-eu-west-1", exact=True).click()
    page.get_by_text("What is down, and why").wait_for()

    assert "down=location%3Aaws-eu-west-1" in page.url.replace("location:", "location%3A")


def test_back_leads_to_the_view_before_as_it_was(page: Page, retailer: str) -> None:
    page.goto(f"{retailer}/availability?service=checkout")
    settled(page)
    for name in ("Outage", "Simulation"):
        page.get_by_role("link", name=name).click()
        page.get_by_role("heading", name=name).first.wait_for()
        settled(page)
    page.go_back()
    page.get_by_role("heading", name="Outage").first.wait_for()
    settled(page)
    page.go_back()
    page.get_by_role("heading", name="Availability").first.wait_for()

    assert page.url == f"{retailer}/availability?service=checkout"


def test_contracts_show_the_matrix_and_the_staircase(page: Page, retailer: str) -> None:
    page.goto(f"{retailer}/contracts")
    page.get_by_text("One schedule").wait_for()
    charts = page.locator(".stVegaLiteChart canvas, .stVegaLiteChart svg")
    expect(charts.first).to_be_visible()
    expect(charts.nth(1)).to_be_visible()


def test_a_second_provider_before_and_after_saved_and_taken_away(
    page: Page, tmp_path: Path
) -> None:
    """Fail a supplier, add a second one by form, read before → after, save, compare, download."""
    folder = tmp_path / "estate"
    folder.mkdir()
    (folder / "estate.yaml").write_text(
        (sample_path("by_hand") / "estate.yaml").read_text("utf-8"), "utf-8"
    )
    for address in served(str(folder)):
        page.goto(f"{address}/outage?down=service:ledger&hours=0.83333334&day=2026-04-10")
        page.get_by_text("Without the failure of service:ledger").wait_for()
        expect(page.get_by_test_id("stMetricValue").nth(2)).to_have_text("10,000.00 EUR")
        page.get_by_text("Change something first").click()
        page.get_by_role("button", name="Make this change").click()
        page.get_by_role("heading", name="Before → after").wait_for()
        page.get_by_label("Save as").fill("Second provider")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("The scenario is saved.").wait_for()
        page.goto(f"{address}/outage?scenario=Second provider")
        page.get_by_role("heading", name="Before → after").wait_for()
        with page.expect_download() as waited:
            page.get_by_role("button", name="Take away as a document").click()
        written = waited.value.path().read_text("utf-8")
        assert "Second provider" in written
        assert "<script" not in written


def test_what_fails_is_chosen_by_clicking_the_graph(page: Page, retailer: str) -> None:
    """Click a place: it fails, and as many services fall as the engine says; click it again."""
    page.goto(f"{retailer}/outage")
    canvas = page.locator("#net[data-drawn]")
    canvas.wait_for()
    settled(page)
    _click_thing(page, "location:aws-eu-west-1")
    expect(page.get_by_test_id("stMetricValue").first).to_have_text("23")
    settled(page)
    assert "aws-eu-west-1" in page.url
    _click_thing(page, "location:aws-eu-west-1")
    expect(page.get_by_text("Pick what fails:")).to_be_visible()


def _click_thing(page: Page, key: str) -> None:
    """Click on a thing in the picture, wherever it stands."""
    canvas = page.locator("#net[data-drawn]")
    canvas.scroll_into_view_if_needed()
    place = canvas.evaluate("(e, key) => e.held.net.canvasToDOM(e.held.net.getPosition(key))", key)
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + place["x"], box["y"] + place["y"])
