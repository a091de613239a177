"""Explore beside plain pyvis in one run: time to the first picture, and from click to answer.

Run ``python -m benchmarks.page``. Needs Chromium. Plain pyvis is what its tutorial shows: a network
with its own physics, written into a Streamlit page by ``components.html``; it has no answer to a
click, and it is stopped at a time limit. What it asks of other servers is refused at once.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, sync_playwright
from playwright.sync_api import TimeoutError as TooLong

from benchmarks.shapes import layered_estate

APP = Path(__file__).parents[1] / "ui" / "app.py"
PLAIN = """
import os
import streamlit as st
from pyvis.network import Network
from ingest import require_estate

estate = require_estate(os.environ["DEPGRAPH_ESTATE"])
network = Network(directed=True, cdn_resources="in_line")
for service in estate.services:
    network.add_node(service.id)
for service in estate.services:
    for need in service.requirements:
        for other in getattr(need, "of", None) or [need.service]:
            network.add_edge(service.id, other)
said = "network.once('stabilizationIterationsDone', () => { document.body.dataset.drawn = '1'; });"
st.components.v1.html(network.generate_html().replace("return network;", said + "return network;"),
                      height=640)
"""
"""The page that the peer is measured on."""


def main() -> None:
    """Print seconds of both and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1_000, 5_000, 20_000])
    parser.add_argument("--limit", type=float, default=60.0, help="stop plain pyvis here [s]")
    parser.add_argument("--clicks", type=int, default=7)
    chosen = parser.parse_args()
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print("services  first[s]  again[s]  click[ms] median max  in the whole picture  "
          "plain pyvis[s]  plain/ours")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        plain = Path(folder) / "plain.py"
        plain.write_text(PLAIN)
        for size in chosen.sizes:
            estate = Path(folder) / f"{size}.json"
            data = layered_estate(size).model_dump_json(exclude_defaults=True)
            estate.write_text(data)
            first, again, near, whole = ours(browser, estate, chosen.clicks)
            peer = theirs(browser, plain, estate, chosen.limit)
            stopped = peer is None
            ratio = (chosen.limit if peer is None else peer) / again
            print(
                f"{size:8}  {first:8.2f}  {again:8.2f}  {statistics.median(near):16.0f} "
                f"{max(near):3.0f}  {statistics.median(whole):20.0f}  "
                f"{'over ' if stopped else ''}{chosen.limit if peer is None else peer:.1f}  "
                f"{'over ' if stopped else ''}{ratio:.1f}",
                flush=True,
            )
        browser.close()


def ours(
    browser: Browser, estate: Path, clicks: int
) -> tuple[float, float, list[float], list[float]]:
    """Seconds to the first picture, cold and warm; milliseconds from click to answer.

    Clicks go to services in a neighbourhood, then to what stands in the whole picture, where large
    estates are drawn together.
    """
    with served(APP, estate) as address:
        page = opened_page(browser)
        first = first_picture(page, f"{address}/explore")
        _stop_figures(page)
        page.close()
        page = opened_page(browser)
        again = first_picture(page, f"{address}/explore")
        whole = [click(page, place) for place in range(clicks)]
        first_picture(page, f"{address}/explore?around=service:s0&depth=1&kind=service")
        near = [click(page, place) for place in range(clicks)]
        page.close()
    return first, again, near, whole


def first_picture(page: Page, address: str) -> float:
    """Seconds from asking until the picture is drawn."""
    started = time.perf_counter()
    page.goto(address)
    page.locator("#net[data-drawn]").wait_for(timeout=300_000)
    taken = time.perf_counter() - started
    page.wait_for_timeout(1_500)
    return taken


def _stop_figures(page: Page) -> None:
    """End the assessment of all services: each click then works out its own service."""
    stop = page.locator(".st-key-figures_stop button")
    if stop.is_visible():
        stop.click()
        page.get_by_text("it was stopped").wait_for(timeout=60_000)


def click(page: Page, number: int) -> float:
    """Milliseconds from a click on a thing until the panel shows what it is and its figures."""
    where = page.locator("#net").evaluate(
        """(box, number) => {
            const { net, nodes } = box.held;
            const inside = ({ x, y }) =>
              x > 5 && y > 5 && x < box.clientWidth - 5 && y < box.clientHeight - 5;
            // A thing that is selected already would be answered at once.
            const held = net.getSelectedNodes();
            const seen = nodes.get().filter((node) => !held.includes(node.id))
              .map((node) => ({ node, at: net.canvasToDOM(net.getPosition(node.id)) }))
              .filter(({ node, at }) => inside(at) && net.getNodeAt(at) === node.id)
              .sort((a, b) => a.node.id < b.node.id ? -1 : 1);
            const { node, at } = seen[(number * 3) % seen.length];
            const rect = box.getBoundingClientRect();
            return { id: node.id, x: rect.x + at.x, y: rect.y + at.y };
        }""",
        number,
    )
    kind, _, name = where["id"].partition(":")
    if kind == "rest":
        name = "the smallest"
    panel = page.locator(".st-key-explore_facts")
    heading = panel.get_by_role("heading", name=name, exact=True)
    answered = panel.get_by_text(
        "Composite availability" if where["id"].startswith("service:") else "drawn together"
    )
    if where["id"].startswith("location:"):
        answered = panel.get_by_text("Services that rest on it")
    started = time.perf_counter()
    page.mouse.click(where["x"], where["y"])
    heading.wait_for(timeout=60_000)
    answered.first.wait_for(timeout=60_000)
    taken = (time.perf_counter() - started) * 1_000
    page.wait_for_timeout(600)
    return taken


def theirs(browser: Browser, plain: Path, estate: Path, limit: float) -> float | None:
    """Seconds until plain pyvis shows its picture; None when it takes longer than the limit."""
    with served(plain, estate) as address:
        warm = opened_page(browser)
        warm.goto(address)
        warm.locator("iframe").first.wait_for(timeout=300_000)
        warm.close()
        page = opened_page(browser)
        started = time.perf_counter()
        page.goto(address)
        try:
            drawn = page.frame_locator("iframe").first.locator("body[data-drawn]")
            drawn.wait_for(state="attached", timeout=limit * 1_000)
            return time.perf_counter() - started
        except TooLong:
            return None
        finally:
            page.close()


def opened_page(browser: Browser) -> Page:
    """A page that reaches this machine and nothing else."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.route(lambda url: "127.0.0.1" not in url, _refused)
    return page


def _refused(route: Route) -> None:
    route.abort()


@contextmanager
def served(app: Path, estate: Path) -> Iterator[str]:
    """Address of a Streamlit server on an estate."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start = ["-P", "-m", "ui.serve"] if app == APP else ["-m", "streamlit", "run", str(app)]
    line = [sys.executable, *start, f"--server.port={port}", "--server.address=127.0.0.1",
            "--server.headless=true", "--browser.gatherUsageStats=false",
            "--server.fileWatcherType=none", "--logger.level=error"]  # fmt: skip
    environment = {**os.environ, "DEPGRAPH_ESTATE": str(estate), "PYTHONPATH": str(APP.parents[1])}
    with subprocess.Popen(  # noqa: S603 - our own command line
        line, env=environment, stdout=subprocess.DEVNULL
    ) as server:
        try:
            for _ in range(600):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
