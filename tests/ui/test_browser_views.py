"""Overview, Availability and Edit in a real browser; login against a provider of our own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ingest import require_estate
from sample_data import sample_path
from tests.estates import HOSTILE
from tests.ui.browsing import served, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

RUNS = [
    "<img src=x onerror=window.ran=1>", "<script>window.ran=1</script>",
    "[x](javascript:window.ran=1)", "javascript:window.ran=1", "<svg onload=window.ran=1>",
    "![x](http://127.0.0.1:1/x.png)", '=HYPERLINK("javascript:window.ran=1")', "{{constructor}}",
]  # fmt: skip


def _hostile(folder: Path) -> str:
    """An estate in which every name and every text would like to run."""
    names = RUNS
    services = [
        {"id": name, "name": name, "availability": 0.9, "criticality": "critical",
         "provider": names[1], "depends_on": [names[2]] if name != names[2] else []}
        for name in names
    ]  # fmt: skip
    contracts = [
        {"id": n, "supplier": names[1], "customer": names[0], "end": "2020-01-01",
         "slas": [{"id": f"sla {n}", "service": n,
                   "objectives": [{"metric": "availability", "target": 0.99}]}]}
        for n in names[:3]
    ]  # fmt: skip
    data = {
        "name": names[0],
        "organizations": [{"id": names[0], "own": True}, {"id": names[1], "name": HOSTILE[0]}],
        "services": services,
        "contracts": contracts,
    }
    file = folder / "hostile.json"
    file.write_text(json.dumps(data))
    return str(file)


def _quiet(shown: Page) -> None:
    """Nothing ran, and no link leads to a script."""
    settled(shown)
    assert shown.evaluate("window.ran") is None
    assert shown.locator("a[href^='javascript' i]").count() == 0
    assert shown.locator("img[src='x']").count() == 0


def _requests(shown: Page) -> list[str]:
    """Everything that the browser asks for, from now on."""
    asked: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    return asked


def test_hostile_names_are_shown_and_never_run(page: Page, tmp_path: Path) -> None:
    asked = _requests(page)
    for address in served(_hostile(tmp_path)):
        for name in ("services", "not-carried", "expiring", "findings", "flow-down"):
            page.goto(f"{address}/?list={name}")
            page.get_by_text("All findings").first.wait_for()
            _quiet(page)
        for name in RUNS[:5]:
            page.goto(address)
            page.goto(f"{address}/availability?service={name.replace('=', '%3D')}")
            page.get_by_text("What would reach a target").wait_for()
            _quiet(page)
        page.goto(f"{address}/edit")
        page.get_by_text("Depends on", exact=True).first.wait_for()
        settled(page)
        page.get_by_role("combobox", name="Record").fill("onerror")
        page.get_by_role("option").first.click()
        expect(page.get_by_role("textbox", name="provider")).to_have_value(RUNS[1])
        _quiet(page)
        assert not [url for url in asked if "127.0.0.1:1/" in url]


def test_a_hostile_upload_is_previewed_and_never_runs(page: Page, tmp_path: Path) -> None:
    estate = tmp_path / "e.yaml"
    estate.write_text("services: [{id: a, availability: 0.9}]\n")
    for address in served(str(estate)):
        page.goto(f"{address}/edit?task=Import+files")
        content = json.dumps({"services": [{"id": n, "depends_on": ["a"]} for n in RUNS]})
        page.locator("input[type=file]").set_input_files(
            {"name": "<img src=x onerror=window.ran=1>.json", "mimeType": "application/json",
             "buffer": content.encode()}
        )  # fmt: skip
        page.get_by_text("ran=1>.json").first.wait_for()
        page.get_by_role("button", name="Preview").click()
        page.get_by_text("Records added").wait_for()
        _quiet(page)
        page.get_by_role("button", name="Apply").click()
        page.get_by_text(f"Applied: {len(RUNS)} record").wait_for()
        _quiet(page)
        assert set(RUNS) <= set(require_estate(estate).service)


def test_a_report_is_one_file_with_the_figures_of_the_view(page: Page, tmp_path: Path) -> None:
    asked = _requests(page)
    for address in served(_hostile(tmp_path)):
        page.goto(f"{address}/availability?service=javascript:window.ran%3D1")
        page.get_by_text("What would reach a target").wait_for()
        composite = page.get_by_test_id("stMetricValue").first.inner_text()
        with page.expect_download() as download:
            page.get_by_role("button", name="Report").click()
        saved = tmp_path / "report.html"
        download.value.save_as(saved)
        asked.clear()
        page.goto(saved.as_uri())
        expect(page.get_by_role("heading", level=1)).to_contain_text("javascript:window.ran=1")
        expect(page.locator("dl")).to_contain_text(composite)
        expect(page.locator(".about")).to_contain_text("sha256:")
        _quiet(page)
        assert asked == [saved.as_uri()]


def test_an_edit_goes_from_the_form_to_the_file_and_back(page: Page, tmp_path: Path) -> None:
    shutil.copytree(sample_path("by_hand"), tmp_path / "e")
    estate = tmp_path / "e"
    former = (estate / "estate.yaml").read_text()
    for address in served(str(estate)):
        page.goto(f"{address}/edit")
        settled(page)
        page.get_by_role("combobox", name="Record").fill("ledger")
        page.get_by_role("option", name="ledger").first.click()
        # The form is drawn from top to bottom: what stands below the name comes later.
        expect(page.get_by_role("textbox", name="provider")).to_have_value("ledger-co")
        settled(page)
        field = page.get_by_role("textbox", name="Name", exact=True)
        field.fill("The ledger")
        field.press("Tab")
        page.get_by_role("button", name="Preview", exact=True).click()
        page.get_by_text("Records changed").wait_for()
        page.get_by_role("button", name="Apply").click()
        page.get_by_text("Applied: 1 record").wait_for()
        assert require_estate(estate).service["ledger"].name == "The ledger"
        page.get_by_role("radio", name="Changes made").click()
        page.get_by_role("button", name="Undo the last change").click()
        page.get_by_text("Undone: 1 record.").wait_for()
    assert (estate / "estate.yaml").read_text() == former


def test_a_link_to_an_outage_stands_in_the_history_with_one_more_entry(
    page: Page, retailer: str
) -> None:
    """One that says when: without it the same link would be another outage tomorrow."""
    page.goto(f"{retailer}/simulation")
    settled(page)
    before = page.evaluate("history.length")
    page.goto(f"{retailer}/outage?down=service:checkout")
    expect(page.get_by_role("heading", name="Who owes whom")).to_be_visible()
    settled(page)

    assert page.evaluate("history.length") == before + 2
    assert "day=" in page.url
