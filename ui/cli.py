"""The command `depgraph`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from errno import EFBIG, EIO, ENOSPC
from importlib import import_module, metadata
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from depgraph.errors import DepgraphError, RegisterError
from ui.console import WRONG, discard_output, messages, prepare_streams, safe, stop

COMMANDS = {
    "demo": ("page", "Load the sample into the local graph and open the page."),
    "ui": ("page", "Open the page on an estate."),
    "check": ("assessment", "Validate an estate, then list what to look at."),
    "assess": ("assessment", "Composite availability, exact with shared suppliers."),
    "settle": ("settlement", "Who owes whom for a period, to the cent."),
    "whatif": ("whatif", "Play an outage or a change: who is down, what is owed."),
    "flowdown": ("flowdown", "Whether what is held backs what is promised."),
    "improve": ("improvement", "What a target needs, and the cheapest way to it."),
    "simulate": ("simulation", "Years of outages: downtime, breaches, money."),
    "diligence": ("diligence", "Whom we rest on, how concentrated, what is missing."),
    "quality": ("diligence", "Which conclusions rest on missing or assumed facts."),
    "register": ("register", "What is wrong in the DORA register of information."),
    "report": ("report", "Write a diligence pack, a request or a questionnaire."),
    "import": ("exchange", "Read foreign files into an estate folder."),
    "export": ("exchange", "Write an estate in another format."),
    "template": ("exchange", "Write the empty tables that import reads."),
    "schedules": ("schedules", "List published credit schedules."),
    "schema": ("assessment", "Print the JSON Schema of estate files, for editors."),
    "graph": ("graph", "The graph database: the local one, or any Neo4j."),
    "prepare": ("preparation", "Compile the engine now, so that no later answer waits."),
}
"""Every command: the module of `ui.commands` that adds it, and what it does in one line."""
_FULL = frozenset({ENOSPC, EFBIG, EIO})
"""What a disk says that takes no more of the answer."""


@contextmanager
def _answering() -> Iterator[None]:
    """End with a sentence where standard output is full, and in peace where nobody reads it."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Typer would end with 1, as findings do. The reader went away, as `| head` does; what
        # is left has nobody to go to.
        discard_output()
        raise typer.Exit from None
    except OSError as error:
        if error.errno not in _FULL:
            raise
        discard_output()
        stop(f"the answer cannot be written: {error.strerror}")


class _Commands(TyperGroup):
    """Commands whose refusals of a value repeat it; a reader that goes away is no finding."""

    def make_context(self, *args: Any, **extra: Any) -> Any:  # noqa: ANN401 - Typer's own types are not public
        """Read what stands before a command; help and version are answers too."""
        with _answering():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer's own types are not public
        """Run a command."""
        try:
            with _answering():
                return super().invoke(ctx)
        except typer.BadParameter as error:
            # Only a slip needs it: a list of commands loads none of what answers them.
            from pydantic import ValidationError  # noqa: PLC0415

            # Typer tells what a value should be, and not what it is.
            if isinstance(error.__cause__, ValidationError):
                first = error.__cause__.errors()[0]
                fault = first["msg"].removeprefix("Value error, ")
                error.message = fault if "not one of" in fault else f"{first['input']}: {fault}"
            raise


def program(command: str = "") -> typer.Typer:
    """Build the command line.

    Parameters
    ----------
    command : str
        The only command that is wanted, so that nothing else has to be loaded; all of them when
        there is none of that name.
    """
    app = _empty()
    wanted = [COMMANDS[command]] if command in COMMANDS else COMMANDS.values()
    for module in dict.fromkeys(module for module, _ in wanted):
        import_module(f"ui.commands.{module}").register(app)
    return app


def listing() -> typer.Typer:
    """Build a command line that only tells which commands there are; it loads none of them."""
    app = _empty()
    for name, (_, summary) in COMMANDS.items():
        app.command(name, help=summary)(lambda: None)
    return app


def _empty() -> typer.Typer:
    app = typer.Typer(
        name="depgraph",
        cls=_Commands,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help="When a supplier's supplier fails: who is down, who owes whom, and how much of it we "
        "eat.",
    )
    app.callback()(_options)
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


def _asked(environment: Mapping[str, str]) -> str:
    """The command that was typed, or that a shell wants completed; empty where there is none."""
    completed = environment.get("_TYPER_COMPLETE_ARGS") or environment.get("COMP_WORDS") or ""
    words = completed.split()[1:] if "_DEPGRAPH_COMPLETE" in environment else sys.argv[1:]
    return next((word for word in words if not word.startswith("-")), "")


def main() -> None:
    """Run the command line; user faults end with a sentence and exit code 2."""
    prepare_streams()
    command = _asked(os.environ)
    try:
        if command in COMMANDS:
            # What this loads takes longer than a list of commands shall take.
            import_module("ui.compiling").tell_of_compiling()
            program(command)(prog_name="depgraph")
        else:
            listing()(prog_name="depgraph")
    except RegisterError as error:
        for problem in error.problems or (error,):
            messages.print(f"[bold red]error:[/] {safe(problem)}", soft_wrap=True)
        sys.exit(WRONG)
    except DepgraphError as error:
        messages.print(f"[bold red]error:[/] {safe(error)}", soft_wrap=True)
        sys.exit(WRONG)


if __name__ == "__main__":
    main()
