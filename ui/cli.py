"""The command `depgraph`."""

from __future__ import annotations

import os
import sys
from importlib import import_module, metadata
from typing import Annotated

import typer

from depgraph.errors import DepgraphError, RegisterError
from ui.commands.preparation import tell_of_compiling
from ui.console import WRONG, messages, safe

app = typer.Typer(
    name="depgraph",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="When a supplier's supplier fails: who is down, who owes whom, and how much of it we eat.",
)

COMMAND_MODULES = (
    "assessment", "diligence", "exchange", "flowdown", "graph", "improvement", "page",
    "preparation", "register", "report", "schedules", "settlement", "simulation", "whatif",
)  # fmt: skip
"""Modules of `ui.commands`, each with `register(app)`."""

for _name in COMMAND_MODULES:
    import_module(f"ui.commands.{_name}").register(app)


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"depgraph {metadata.version('depgraph')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and end.", callback=lambda v: _version(wanted=v)
        ),
    ] = False,
) -> None:
    """Take options that stand before the command."""


def main() -> None:
    """Run the command line; user faults end with a sentence and exit code 2."""
    tell_of_compiling()
    try:
        app()
    except RegisterError as error:
        for problem in error.problems or (error,):
            messages.print(f"[bold red]error:[/] {safe(problem)}", soft_wrap=True)
        sys.exit(WRONG)
    except DepgraphError as error:
        messages.print(f"[bold red]error:[/] {safe(error)}", soft_wrap=True)
        sys.exit(WRONG)
    except BrokenPipeError:
        # The reader went away, as `| head` does; what is left has nobody to go to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


if __name__ == "__main__":
    main()
