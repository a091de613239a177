"""The graph on the Outage page: click what fails, see what falls."""

from __future__ import annotations

from hashlib import sha256

import streamlit as st

from depgraph.engine.graph import dependency_graph
from depgraph.engine.structure import Structure
from depgraph.engine.whatif import WhatIf
from depgraph.model.scenario import Scenario
from ui.catalogue import Catalogue
from ui.graph_view import Drawing, GraphEvent, graph_events, graph_picture
from ui.outage_picture import STAYS, Fates, fates, outage_drawing, picked
from ui.session import BY_VERSION, Compiled
from ui.views.outage_choice import Happening, click, node_options

_GRAPH = "outage_graph"
_HEIGHT = 520
_FALLEN_ONLY = "outage_fallen_only"


def show_graph(
    data: Compiled, what: Happening, scenario: Scenario, played: tuple[Structure, WhatIf | None]
) -> None:
    """Draw what fails and what falls; a click lets a thing fail, or work again.

    Parameters
    ----------
    data : Compiled
        The estate as it is.
    what : Happening
        What happens; only what was picked can be picked in the graph.
    scenario : Scenario
        The same with its times and changes.
    played : tuple of Structure and WhatIf
        The estate with its changes made, and what follows; None where nothing fails.
    """
    structure, answer = played
    keys = frozenset(_key(structure, incident.affects) for incident in scenario.incidents)
    found = fates(keys, answer)
    only = bool(st.session_state.get(_FALLEN_ONLY)) and bool(keys)
    edits = _edits_key(scenario)
    catalogue = _catalogue(data, edits, structure)
    graph_picture(
        _drawing((data, edits), found, only, catalogue),
        key=_GRAPH,
        height=_HEIGHT,
        picks=what.scenario is None,
    )


def hear_graph(data: Compiled) -> None:
    """Hear clicks in the graph; it stands where a click draws the whole page again."""

    def react(event: GraphEvent) -> None:
        if event.action == "legend" and event.given.get("value") == STAYS:
            st.session_state[_FALLEN_ONLY] = not st.session_state.get(_FALLEN_ONLY)
        if event.action == "pick" and event.node is not None:
            thing = picked(node_options(data.estate), event.node)
            if thing is None:
                st.toast("Several things drawn as one: search for one of them above.")
            else:
                click(thing)

    graph_events(_GRAPH, react)


def _key(structure: Structure, affects: str) -> str:
    """Key of what an incident names, with or without its kind."""
    kind, found, _ = affects.partition(":")
    if found and kind in {"service", "location", "organization"}:
        return affects
    kinds = structure.estate.node_kinds(affects)
    return f"{kinds[0][0]}:{affects}" if kinds else affects


def _edits_key(scenario: Scenario) -> str:
    """What makes two edited estates the same."""
    return scenario.replace(name="", why="", incidents=()).model_dump_json()


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_VERSION)
def _catalogue(data: Compiled, edits: str, _structure: Structure) -> Catalogue:  # noqa: ARG001 - what the cache goes by
    """The estate with its changes made, ready to be drawn."""
    if _structure.estate is data.estate:
        return Catalogue(data.estate, data.structure, data.graph)
    return Catalogue(_structure.estate, _structure, dependency_graph(_structure.estate))


def _fates_key(found: Fates) -> str:
    """Digest of the fates: Streamlit would hash each of thousands by itself."""
    text = repr((sorted(found.failed), sorted(found.order.items())))
    return sha256(text.encode()).hexdigest()


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs={**BY_VERSION, Fates: _fates_key})
def _drawing(
    estate: tuple[Compiled, str],  # noqa: ARG001 - what the cache goes by
    found: Fates,
    fallen_only: bool,  # noqa: FBT001 - what the cache goes by
    _catalogue: Catalogue,
) -> Drawing:
    return outage_drawing(_catalogue, found, fallen_only=fallen_only)
