"""A real server for a real browser, and waiting until the page is done."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

PATIENCE = 60_000
"""Longest wait for anything [ms]: a slow machine is no fault of the page."""
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
_DONE = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    // A saved report has no server behind it.
    return !app || app.dataset.testScriptState === 'notRunning'
      && !document.querySelector('[data-stale=true], [data-testid=stSkeleton]');
}"""
_PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"

expect.set_options(timeout=PATIENCE)


def chromium() -> str:
    """Path of a Chromium; without one the test is skipped, and fails in the CI."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        reason = "no Chromium on this machine; install it to run the browser tests"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def settled(page: Page) -> None:
    """Wait until the script has run, everything is drawn and images had their chance to load."""
    page.wait_for_function(_DONE, timeout=PATIENCE)
    page.wait_for_load_state("networkidle")
    page.evaluate(_PAINTED)


def served(estate: str) -> Iterator[str]:
    """Address of a server on an estate; it ends with the loop."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [sys.executable, "-P", "-m", "ui.serve", f"--server.port={port}",
            "--server.address=127.0.0.1", "--server.headless=true",
            "--browser.gatherUsageStats=false", "--server.fileWatcherType=none"]  # fmt: skip
    server = subprocess.Popen(
        line, env={**os.environ, "DEPGRAPH_ESTATE": estate}, stdout=subprocess.DEVNULL
    )
    try:
        _wait(server, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            # It waits for pages that are still open.
            server.kill()
            server.wait()


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    """Until the server answers; it says so when it died instead."""
    for _ in range(1200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail("the page's server does not answer")
