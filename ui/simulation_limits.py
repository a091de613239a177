"""What of a simulation the command line refuses, and how many processes it starts."""

from __future__ import annotations

import os

from depgraph.engine.simulation_options import SimulationOptions
from depgraph.wording import counted
from ui.console import say, stop


def require_simulable(options: SimulationOptions) -> None:
    """Refuse what cannot be simulated, by the names of the options on the command line."""
    if problems := options.problems():
        stop(
            "; ".join(
                f"--{str(each.path[0]).replace('_', '-')} {each.what}"
                + (f" ({each.hint})" if each.hint else "")
                for each in problems
            )
        )


def workers_here(asked: int) -> int:
    """How many processes to start: no more than this machine has processors.

    More would only take memory and wait for each other, and the figures do not depend on it; so a
    command that was written for a larger machine is cut, and that is said.

    Parameters
    ----------
    asked : int
        What --workers says.
    """
    most = os.cpu_count() or 1
    if asked <= most:
        return asked
    say(
        f"--workers {asked:,} is more than this machine has processors, and would be no faster: "
        f"{counted(most, 'process is', 'processes are')} used, for the same figures."
    )
    return most
