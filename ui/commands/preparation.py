"""`prepare`: compile the engine ahead of the first answer."""

from __future__ import annotations

from time import monotonic

import typer

from depgraph.engine.warm_up import warm_up
from ui.commands.assessment import JsonOption
from ui.console import print_json, say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(prepare)


def prepare(as_json: JsonOption = False) -> None:
    """Compile the engine now (about a minute), so that no later command has to wait for it.

    Example: depgraph prepare
    """
    began = monotonic()
    warm_up()
    seconds = monotonic() - began
    say(f"The engine is compiled; this took {seconds:.0f} s.")
    if as_json:
        print_json({"compiled": True, "seconds": round(seconds, 1)})
