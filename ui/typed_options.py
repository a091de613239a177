"""What was typed on the command line: which options, and paths that are written to."""

from __future__ import annotations

from pathlib import Path

import typer


def typed_parameters(context: typer.Context) -> dict[str, str]:
    """Parameters that were typed, apart from those that have their defaults.

    Parameters
    ----------
    context : typer.Context
        The command as it was called.

    Returns
    -------
    dict of str to str
        By the name of the parameter, what a reader knows it by: ``--out`` or ``NAME``.
    """
    typed = {}
    for parameter in context.command.params:
        name = parameter.name or ""
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            shown = parameter.opts[0]
            # Arguments have no dashes: help shows them by another word.
            typed[name] = shown if shown.startswith("-") else parameter.metavar or name
    return typed


def path_to_write(text: str) -> Path:
    """The path of an option that names what to write.

    A path of no characters is the working folder: a variable that is not set would be written to
    it.

    Parameters
    ----------
    text : str
        What was typed.

    Raises
    ------
    typer.BadParameter
        If it is empty.
    """
    if not text.strip():
        raise typer.BadParameter("it is empty, like a variable that is not set; write a path")
    return Path(text)
