"""A word to the user before the engine is compiled."""

from __future__ import annotations

from depgraph.engine.compiled_code import on_first_compilation
from ui.console import say


def tell_of_compiling() -> None:
    """Say on standard error when this command has to compile what was not kept."""
    on_first_compilation(
        lambda: say(
            "Compiling the engine for this machine, once: 10 s for a small estate, about a minute "
            "for more than 500 services or a simulation ..."
        )
    )
