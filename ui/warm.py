"""The engine's machine code, loaded before anybody waits for it."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any

from depgraph.engine.availability import AssessmentOptions, assessed, final_figures
from depgraph.engine.compiled_code import on_first_compilation
from depgraph.engine.cut_sets import minimal_cut_sets
from depgraph.engine.exact import Limits
from depgraph.engine.importance import importance
from depgraph.engine.structure import structure_of
from depgraph.engine.warm_up import is_warm, warm_up
from depgraph.model.estate import Estate
from ui.side_work import SideWork, Tell

_compiling = threading.Event()
"""Set once something has to be compiled that was not kept."""


@lru_cache(1)
def warmed() -> None:
    """Answer for a small estate once, with shared and redundant things in it."""
    ring = "abcdef"
    # Neighbours back each other up, so that nothing falls into independent parts.
    pairs = [{"at_least": 1, "of": [a, b]} for a, b in zip(ring, ring[1:] + ring[0], strict=True)]
    services: list[dict[str, Any]] = [
        {"id": name, "availability": 0.99, "located_in": ["place"]} for name in ring
    ]
    services.append({"id": "top", "availability": 0.999, "depends_on": pairs})
    places = [{"id": "place", "availability": 0.999}]
    estate = Estate.model_validate({"locations": places, "services": services})
    structure = structure_of(estate)
    assessed(estate, None, structure)
    # Without time an answer is a bracket, which takes a way of its own.
    hurried = AssessmentOptions(
        services=("top",), limits=Limits(seconds=0.0, operations=1, bracket_nodes=8)
    )
    assessed(estate, hurried, structure)
    options = AssessmentOptions(services=("top",))
    figures = final_figures(structure, options)
    importance(structure, figures, "top", options.limits)
    minimal_cut_sets(structure, figures, "top", max_order=2)


def warm_beside() -> SideWork[bool] | None:
    """Compile the rest, such as the simulation, in a process beside the page; None if it is there.

    What is compiled is kept on disk, where the page's simulation, a process of its own, finds it.
    """
    return None if is_warm() else SideWork(compile_all)


def compile_all(_tell: Tell) -> bool:
    """Compile everything; run in a process of its own."""
    warm_up()
    return True


@lru_cache(1)
def warm_in_background() -> threading.Thread:
    """Do it once, while people look at what needs no figures."""
    on_first_compilation(_compiling.set)
    thread = threading.Thread(target=warmed, daemon=True)
    thread.start()
    return thread


def is_compiling() -> bool:
    """Whether answers have to wait for the compiler, once on a machine."""
    return warm_in_background().is_alive() and _compiling.is_set()
