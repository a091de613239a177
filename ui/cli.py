"""The command `depgraph`."""

from __future__ import annotations

import os
import sys
from importlib import import_module, metadata
from typing import Annotated

import typer

from depgraph.errors import DepgraphError, RegisterError
from ui.compiling import tell_of_compiling
from ui.console import WRONG, messages, safe

COMMANDS = {
    "assessment": ("assess", "check", "schema"),
    "diligence": ("diligence", "quality"),
    "exchange": ("export", "import", "template"),
    "flowdown": ("flowdown",),
    "graph": ("graph",),
    "improvement": ("improve",),
    "page": ("demo", "ui"),
    "preparation": ("prepare",),
    "register": ("register",),
    "report": ("report",),
    "schedules": ("schedules",),
    "settlement": ("settle",),
    "simulation": ("simulate",),
    "whatif": ("whatif",),
}
"""Modules of `ui.commands`, each with `register(app)`, and the commands that it adds."""


def program(command: str = "") -> typer.Typer:
    """Build the command line.

    Parameters
    ----------
    command : str
        The only command that is wanted, so that nothing else has to be loaded; all of them when
        there is none of that name.
    """
    app = typer.Typer(
        name="depgraph",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help="When a supplier's supplier fails: who is down, who owes whom, and how much of it we "
        "eat.",
    )
    app.callback()(_options)
    asked = [module for module, commands in COMMANDS.items() if command in commands]
    for module in asked or COMMANDS:
        import_module(f"ui.commands.{module}").register(app)
    return app


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"depgraph {metadata.version('depgraph')}")
        raise typer.Exit


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
        program(*sys.argv[1:2])(prog_name="depgraph")
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
