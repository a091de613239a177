"""Renew the pictures in `docs/screenshots/`: `python docs/make_screenshots.py [VIEW ...]`.

Each view, or those named, light and dark, 1280 and 1920 wide. Needs Chromium.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
VIEWS = {
    # First, so that the overview has what it found.
    "simulation": ("/simulation", "text=Services, minutes down a year"),
    "overview": ("/", "text=Services against their promises"),
    "availability": ("/availability?service=payments-first", "text=What would reach a target"),
    "edit": ("/edit", "text=depends on"),
    "outage": ("/outage?down=location:aws-eu-west-1", "text=From outage to cent"),
    "contracts": ("/contracts", "text=One schedule"),
    "diligence": ("/diligence", "text=Due diligence"),
    "explore": ("/explore?focus=service:checkout", "#net[data-drawn]"),
}

_PATIENCE = 600_000
"""As long as compiling the engine may take on a busy machine [ms]."""


def main() -> None:
    """Take each view, light and dark, 1280 and 1920 wide."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [sys.executable, "-P", "-m", "ui.serve", f"--server.port={port}",
            "--server.address=127.0.0.1", "--server.headless=true", "--client.toolbarMode=minimal",
            "--browser.gatherUsageStats=false"]  # fmt: skip
    estate = str(ROOT / "sample_data" / "retailer")
    with subprocess.Popen(line, env={**os.environ, "DEPGRAPH_ESTATE": estate}) as server:
        try:
            _wait(port)
            _take(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()


def _take(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for scheme in ("light", "dark"):
            for width, height in ((1280, 860), (1920, 1080)):
                page = browser.new_page(
                    viewport={"width": width, "height": height}, color_scheme=scheme
                )  # type: ignore[arg-type]  # the two literals
                for name in sys.argv[1:] or VIEWS:
                    path, ready = VIEWS[name]
                    _one(page, address + path, ready, f"{name}-{scheme}-{width}.png")
                page.close()
        browser.close()


def _one(page: Page, address: str, ready: str, file: str) -> None:
    page.goto(address)
    if file.startswith("simulation"):
        page.get_by_role("button", name="Simulate").click()
    page.locator(ready).first.wait_for(timeout=_PATIENCE)
    time.sleep(2.5)
    # What is still being worked out spins; the first time, that takes as long as compiling.
    page.wait_for_function(
        "!document.querySelector('[data-testid=\"stSpinner\"]')", timeout=_PATIENCE
    )
    time.sleep(0.5)
    page.screenshot(path=ROOT / "docs" / "screenshots" / file)


def _wait(port: int) -> None:
    for _ in range(1200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


if __name__ == "__main__":
    main()
