"""The engine's machine code, loaded before anybody waits for it."""

from __future__ import annotations

import threading
from functools import lru_cache

from depgraph.engine.availability import AssessmentOptions, assessed, final_figures
from depgraph.engine.cut_sets import minimal_cut_sets
from depgraph.engine.importance import importance
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate


@lru_cache(1)
def warmed() -> None:
    """Answer for a small estate once, with shared and redundant things in it."""
    estate = Estate.model_validate(
        {
            "locations": [{"id": "place", "availability": 0.999}],
            "services": [
                {"id": name, "availability": 0.99, "located_in": ["place"]} for name in "abc"
            ]
            + [
                {
                    "id": "top",
                    "availability": 0.999,
                    "depends_on": ["a", {"at_least": 1, "of": ["b", "c"]}],
                }
            ],
        }
    )
    structure = structure_of(estate)
    assessed(estate, None, structure)
    options = AssessmentOptions(services=("top",))
    figures = final_figures(structure, options)
    importance(structure, figures, "top", options.limits)
    minimal_cut_sets(structure, figures, "top", max_order=2)


@lru_cache(1)
def warm_in_background() -> threading.Thread:
    """Do it once, while people look at what needs no figures."""
    thread = threading.Thread(target=warmed, daemon=True)
    thread.start()
    return thread
