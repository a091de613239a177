"""`ui` and `demo`: the web page."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cypher.flow_rows import flow_down_rows
from cypher.store import opened_store
from depgraph.engine.availability import assessed
from depgraph.engine.findings import findings
from depgraph.engine.flow_down import flow_down
from depgraph.engine.structure import structure_of
from depgraph.errors import StoreError
from depgraph.model.estate import Estate
from depgraph.wording import counted
from ingest import require_estate
from ingest.published import with_published
from sample_data import sample_path
from ui.console import say, stop
from ui.estates import is_graph_address, require_name_meant
from ui.login_settings import is_configured, is_loopback, login_settings, missing_settings

_DEMO = "retailer"

BrowserOption = Annotated[
    bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")
]
PortOption = Annotated[
    int, typer.Option(min=0, max=65535, help="Port on this machine; 0 picks a free one.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("ui")(ui)
    app.command()(demo)


def ui(
    estate: Annotated[
        str | None,
        typer.Argument(
            metavar="ESTATE", help="File, folder, or graph address; the sample if absent."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Estate in the graph database.")] = None,
    port: PortOption = 0,
    browser: BrowserOption = True,
    host: Annotated[
        str, typer.Option(help="Address to listen on; one that others reach needs login.")
    ] = "127.0.0.1",
) -> None:
    """Open the web page on an estate; it is served to this machine only, unless login is set up.

    Login is OpenID Connect, set up by environment variables: see docs/access.md.

    Example: depgraph ui my-estate/
    """
    missing = missing_settings(os.environ)
    if missing:
        stop(f"login is half set up: {', '.join(missing)} is missing (docs/access.md)")
    if not is_loopback(host) and not is_configured(os.environ):
        stop(
            f"{host} can be reached by other machines, and no login is set up: anybody there could "
            "read and change the estate. Set up login (docs/access.md), or leave --host out"
        )
    shown = estate or str(sample_path(_DEMO))
    require_name_meant(shown, name)
    if not is_graph_address(shown) and not Path(shown).exists():
        stop(f"{shown} does not exist; give a file, a folder, or a graph address")
    _serve(shown, name, port, browser=browser, host=host)


def demo(port: PortOption = 0, browser: BrowserOption = True) -> None:
    """Load the sample estate into the local graph and open the web page.

    Example: depgraph demo
    """
    folder = sample_path(_DEMO)
    estate = require_estate(folder)
    _summarise(estate)
    try:
        with opened_store() as store:
            rows = flow_down_rows(flow_down(with_published(estate), datetime.now(UTC).date()))
            report = store.push(estate, _DEMO, remove_many=True, flows_down=rows)
    except StoreError as error:
        say(f"No local graph here, so the page reads the files directly: {error}")
        _serve(str(folder), None, port, browser=browser)
        return
    state = "already held" if report.unchanged else "now holds"
    say(f"The local graph {state} the sample as {_DEMO!r}; stop it with: depgraph graph stop")
    _serve("local", _DEMO, port, browser=browser)


def _summarise(estate: Estate) -> None:
    structure = structure_of(estate)
    answer = assessed(estate, None, structure)
    found = findings(structure, answer)
    not_carried = sum(p.carried is False for row in answer.services for p in row.commitments)
    spofs = sum(f.code == "single-point-of-failure" for f in found)
    say(
        f"{estate.name or 'Sample'}: {counted(len(estate.services), 'service')} of "
        f"{counted(len(estate.organizations), 'organization')}, "
        f"{counted(len(estate.contracts), 'contract')}"
    )
    say(
        f"{counted(not_carried, 'promise')} that suppliers cannot carry, "
        f"{counted(spofs, 'single point of failure', 'single points of failure')} of critical "
        f"services, {counted(len(structure.rings), 'ring')} of mutual dependency"
    )


def _serve(
    estate: str, name: str | None, port: int, *, browser: bool, host: str = "127.0.0.1"
) -> None:
    """Run the page until it is stopped."""
    # A termination ends like Ctrl-C, so that the server and the secrets' file go too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with login_settings(os.environ) as secrets:
        _serve_with(_Page(estate, name, port or _free_port(), host, secrets), browser=browser)


@dataclass(frozen=True)
class _Page:
    """What to serve, and where."""

    estate: str
    name: str | None
    port: int
    host: str
    secrets: Path | None


def _serve_with(page: _Page, *, browser: bool) -> None:
    """Run the page with its settings."""
    chosen, estate, name = page.port, page.estate, page.name
    address = f"http://{'127.0.0.1' if is_loopback(page.host) else page.host}:{chosen}"
    environment = {**os.environ, "DEPGRAPH_ESTATE": estate, "DEPGRAPH_ESTATE_NAME": name or ""}
    settings = {
        "server.address": page.host,
        "server.port": chosen,
        "server.headless": "true",
        "server.enableXsrfProtection": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "logger.level": "warning",
        "server.maxUploadSize": 50,
    }
    if page.secrets is not None:
        settings["secrets.files"] = str(page.secrets)
    line = [sys.executable, "-P", "-m", "ui.serve"]
    line += [f"--{key}={value}" for key, value in settings.items()]
    with subprocess.Popen(line, env=environment, stdout=subprocess.DEVNULL) as server:  # noqa: S603 - our own command line
        watcher = threading.Thread(
            target=_announce,
            args=((page.host, chosen), address, server),
            kwargs={"browser": browser},
            daemon=True,
        )
        watcher.start()
        try:
            code = server.wait()
        except KeyboardInterrupt:
            server.terminate()
            server.wait()
            say("Stopped.")
            return
    if code:
        stop(f"the page ended with exit code {code}; is port {chosen} taken?")


def _announce(
    place: tuple[str, int], address: str, server: subprocess.Popen[bytes], *, browser: bool
) -> None:
    """Say where the page is once it answers."""
    host, port = place
    reached = "127.0.0.1" if host in {"0.0.0.0", "localhost"} else host  # noqa: S104 - compared only
    while server.poll() is None:
        try:
            socket.create_connection((reached.strip("[]"), port), 0.5).close()
        except OSError:
            time.sleep(0.1)
            continue
        say(f"The page is at {address}  (Ctrl-C stops it)")
        if browser:
            webbrowser.open(address)
        return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
