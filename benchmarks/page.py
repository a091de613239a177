"""Explore beside plain pyvis in one run: time to the first picture, and from click to answer.

Run ``python -m benchmarks.page``. Needs Chromium. Plain pyvis is what its tutorial shows: a network
with its own physics, written into a Streamlit page by ``components.html``; it has no answer to a
click, and it is stopped at a time limit. What it asks of other servers is refused at once.
"""

from __future__ import annotations

import argparse
import math
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
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, sync_playwright
from playwright.sync_api import TimeoutError as TooLong

from benchmarks.shapes import layered_estate
from sample_data import sample_path

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
    heads = "services  first[s]  again[s]  click[ms] median max  server[ms]"
    print(f"{heads}  whole picture[ms] median max  plain pyvis[s]  plain/ours")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        print(f"the sample, from answering to its first figures: {sample(browser):.2f} s")
        plain = Path(folder) / "plain.py"
        plain.write_text(PLAIN)
        for size in chosen.sizes:
            estate = Path(folder) / f"{size}.json"
            data = layered_estate(size).model_dump_json(exclude_defaults=True)
            estate.write_text(data)
            found = ours(browser, estate, chosen.clicks)
            peer = theirs(browser, plain, estate, chosen.limit)
            stopped = peer is None
            ratio = (chosen.limit if peer is None else peer) / found.again
            median = statistics.median
            print(
                f"{size:8}  {found.first:8.2f}  {found.again:8.2f}  {median(found.near):16.0f} "
                f"{max(found.near):3.0f}  {found.server:10.0f}  {median(found.whole):24.0f} "
                f"{max(found.whole):3.0f}  {'over ' if stopped else ''}"
                f"{chosen.limit if peer is None else peer:.1f}  "
                f"{'over ' if stopped else ''}{ratio:.1f}",
                flush=True,
            )
        browser.close()


@dataclass(frozen=True)
class Found:
    """What one estate took."""

    first: float
    """First picture, cold [s]."""
    again: float
    """The same once more [s]."""
    near: list[float]
    """From click to answer in a neighbourhood [ms]."""
    server: float
    """Processor time of the server for one of them, mean; nan where the system does not tell
    [ms]."""
    whole: list[float]
    """From click to answer in the whole picture, where large estates are drawn together [ms]."""


def ours(browser: Browser, estate: Path, clicks: int) -> Found:
    """Measure our page: clicks in the whole picture, then in a neighbourhood."""
    with served(APP, estate) as (address, server):
        page = opened_page(browser)
        first = first_picture(page, f"{address}/explore")
        _stop_figures(page)
        page.close()
        page = opened_page(browser)
        again = first_picture(page, f"{address}/explore")
        whole = [click(page, place) for place in range(clicks)]
        first_picture(page, f"{address}/explore?around=service:s0&depth=1&kind=service")
        before = processor_seconds(server)
        near = [click(page, place) for place in range(clicks)]
        used = (processor_seconds(server) - before) * 1_000 / clicks
        page.close()
    return Found(first, again, near, used, whole)


def sample(browser: Browser) -> float:
    """Seconds from the moment the server answers until the sample's figures stand there."""
    with served(APP, sample_path("retailer")) as (address, _):
        started = time.perf_counter()
        page = opened_page(browser)
        page.goto(address)
        page.get_by_text("Services against their promises").wait_for(timeout=300_000)
        taken = time.perf_counter() - started
        page.close()
    return taken


def processor_seconds(process: int) -> float:
    """Processor time that a process has used so far [s]."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return math.nan
    user, system = text.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


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
        # It may have ended by itself in this moment.
        stop.wait_for(state="hidden", timeout=60_000)


def click(page: Page, number: int) -> float:
    """Milliseconds from a click on a thing until the panel shows what it is and its figures."""
    where = page.locator("#net").evaluate(
        """(box, number) => {
            const { net, nodes } = box.held;
            const rect = box.getBoundingClientRect();
            const lowest = Math.min(box.clientHeight, window.innerHeight - rect.y);
            const inside = ({ x, y }) =>
              x > 5 && y > 5 && x < box.clientWidth - 5 && y < lowest - 5;
            // A thing that is selected already would be answered at once.
            const held = net.getSelectedNodes();
            const seen = nodes.get().filter((node) => !held.includes(node.id))
              .map((node) => ({ node, at: net.canvasToDOM(net.getPosition(node.id)) }))
              .filter(({ node, at }) => inside(at) && net.getNodeAt(at) === node.id)
              .sort((a, b) => a.node.id < b.node.id ? -1 : 1);
            const { node, at } = seen[(number * 3) % seen.length];
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
    with served(plain, estate) as (address, _):
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
def served(app: Path, estate: Path) -> Iterator[tuple[str, int]]:
    """Address and process of a Streamlit server on an estate."""
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
            yield f"http://127.0.0.1:{port}", server.pid
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
