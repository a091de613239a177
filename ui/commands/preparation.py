"""`prepare`: compile the engine ahead of the first answer."""

from __future__ import annotations

from time import monotonic

import typer

from depgraph.engine.warm_up import warm_up
from ui.console import say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(prepare)


def prepare() -> None:
    """Compile the engine now (about a minute), so that no later command has to wait for it.

    Example: depgraph prepare
    """
    began = monotonic()
    warm_up()
    say(f"The engine is compiled; this took {monotonic() - began:.0f} s.")
