"""How the page's server is started."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from ui import serve


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """What the server sets for its own process does not outlive the test."""
    yield
    gc.unfreeze()


def test_no_link_sends_a_fault_to_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's default shows such links where the page is reached as localhost."""
    asked: list[list[str]] = []
    monkeypatch.setattr(serve, "_load_first", lambda: None)
    monkeypatch.setattr(serve, "_PAUSE_SECONDS", 3_600.0)
    monkeypatch.setattr("ui.serve.cli.main", asked.append)
    monkeypatch.setattr("sys.argv", ["serve", "--server.port=1"])
    serve.main()

    [line] = asked
    assert "--client.showErrorLinks=false" in line
    assert line[-1] == "--server.port=1"
