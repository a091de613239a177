"""Explore: the graph, what is known about the picked thing, and what lies between two things."""

from __future__ import annotations

import streamlit as st

from ui import explore_state as acts
from ui.catalogue import Catalogue
from ui.explore_controls import controls, table
from ui.explore_panel import panel
from ui.explore_session import act, catalogue, history, redo, undo, write_address
from ui.explore_words import criteria
from ui.graph_view import GraphEvent, graph_view
from ui.picture import drawing, is_group, name_of
from ui.plain_text import plain
from ui.selection import group_of, visible
from ui.session import show_progress

_HEIGHT = 520
_FARTHEST = 1e6
# Our own style, no data: the picture needs the width.
_STYLE = (
    "<style>.stMainBlockContainer { padding-left: 1.5rem; padding-right: 1.5rem; "
    "padding-top: 3.6rem; } .st-key-explore_facts { max-height: max(590px, calc(100vh - 220px)); "
    "overflow-y: auto; }</style>"
)


def show() -> None:
    """Draw the view."""
    data = catalogue()
    st.html(_STYLE)
    held = history()
    controls(data, held)
    if data.by_service is None:
        show_progress()
    _picture_and_panel(data)
    table(data, held.present)


@st.fragment
def _picture_and_panel(data: Catalogue) -> None:
    """The part that a click in the picture draws again."""
    state = history().present
    picture, facts = st.columns([0.7, 0.3], gap="medium")
    with picture:
        seen = visible(data, state)
        st.caption(_said(data, state))
        selected = [key for key in state.focus if key in seen.graph]
        event = graph_view(
            drawing(data, state), key="explore_graph", height=_HEIGHT, select=selected
        )
        for note in seen.notes:
            st.caption(f"Note: {note}.")
        _react(data, event)
    with facts, st.container(key="explore_facts"):
        panel(data, st.session_state["explore_history"].present)


def _said(data: Catalogue, state: acts.ExploreState) -> str:
    """The criteria behind the picture, and how much of the estate they leave."""
    graph = visible(data, state).graph
    things = sum(len(graph.nodes[key]["members"]) for key in graph)
    sentence = criteria(state, lambda key: name_of(data, state, key))
    return (
        f"{plain(sentence)} **{things:,} of {len(data.graph):,} things**, "
        f"{graph.number_of_edges():,} edges; consumers left, providers right."
    )


def _react(data: Catalogue, event: GraphEvent) -> None:
    """Follow what was done in the picture."""
    if event.selected is not None:
        chosen = event.selected
        act(lambda state: acts.focused(state, *chosen))
        write_address()
    elif event.action is not None:
        _follow(data, event)
        st.rerun()


def _follow(data: Catalogue, event: GraphEvent) -> None:
    """Carry out a double click, a key or an entry of the menu."""
    key, given = event.node, event.given
    if event.action == "undo":
        undo()
    elif event.action == "redo":
        redo()
    elif event.action == "legend":
        group, value = str(given.get("group")), str(given.get("value"))
        act(lambda state: acts.toggled(state, group, value))
    elif key is not None and event.action == "fold":
        group = group_of(data, _present(), key)
        act(lambda state: acts.folded(state, key, group))
    elif key is not None and key in visible(data, _present()).graph:
        act(lambda state: _done(state, event, key))


def _present() -> acts.ExploreState:
    state: acts.ExploreState = st.session_state["explore_history"].present
    return state


def _done(state: acts.ExploreState, event: GraphEvent, key: str) -> acts.ExploreState:  # noqa: PLR0911 - one per action
    """The state after an action on one thing; on a selection of several if it is among them."""
    several = state.focus if key in state.focus else (key,)
    match event.action:
        case "hide":
            return acts.hidden(state, *several)
        case "only":
            return acts.only(state, *several)
        case "expand":
            return acts.expanded(state, key)
        case "focus":
            return acts.expanded(state, key) if is_group(key) else acts.around(state, key)
        case "unpin":
            return acts.unpinned(state, key)
        case "path_from":
            return acts.path(state, start=key)
        case "path_to":
            return acts.path(state, end=key)
        case "pin":
            x, y = event.given.get("x"), event.given.get("y")
            if isinstance(x, int | float) and isinstance(y, int | float):
                near = max(abs(x), abs(y)) < _FARTHEST
                return acts.pinned(state, key, x, y) if near else state
    return acts.focused(state, key)
