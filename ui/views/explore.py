"""Explore: the graph, what is known about the picked thing, and what lies between two things."""

from __future__ import annotations

from functools import partial

import streamlit as st

from depgraph.wording import counted
from ui import explore_state as acts
from ui.catalogue import Catalogue
from ui.explore_controls import controls, table
from ui.explore_panel import panel
from ui.explore_session import (
    act,
    catalogue,
    history,
    prepare,
    redo,
    undo,
    unknown_asked,
    write_address,
)
from ui.explore_words import criteria
from ui.graph_view import GraphEvent, graph_events, graph_picture
from ui.picture import drawing, is_group, name_of
from ui.plain_text import plain
from ui.selection import MOST_DRAWN, group_of, visible
from ui.session import show_progress
from ui.unknown_ids import tell_unknown

_GRAPH, _CHANGED = "explore_graph", "explore_changed"
_HEIGHT = 480
_ABOVE, _ROW = 290, 56
"""Height of what stands around the picture, and of a further line [px]."""
_FARTHEST = 1e6
# Our own style, no data: the picture needs the width.
_STYLE = (
    "<style>.stMainBlockContainer { padding-left: 1.5rem; padding-right: 1.5rem; "
    "padding-top: 3.6rem; } "
    "@media (max-width: 1199px) { .stMainBlockContainer { padding-top: 4.25rem; } } "
    ".st-key-explore_facts { max-height: max(590px, calc(100vh - 220px)); "
    "overflow-y: auto; } .st-key-explore_preload { display: none; } "
    # Seen by screen readers alone: the picture needs the height.
    ".st-key-explore_heading { position: absolute; width: 1px; height: 1px; "
    "overflow: hidden; clip-path: inset(50%); }</style>"
)


def show() -> None:
    """Draw the view."""
    data = catalogue()
    st.html(_STYLE)
    with st.container(key="explore_heading"):
        st.title("Explore", anchor=False)
    held = history(data)
    tell_unknown("thing", unknown_asked(data, held.present))
    controls(data, held)
    # A place that stays: else the picture below would begin anew, as a whole, once this is gone.
    with st.container(gap=None):
        if data.by_service is None:
            show_progress()
    picture, facts = st.columns([0.7, 0.3], gap="medium")
    with picture:
        _picture(data)
    with facts:
        _facts(data)
    table(data, held.present)
    _preload()
    prepare(data)


def _preload() -> None:
    """Let the browser load, unseen, what the panel of the first click is made of."""
    with st.container(key="explore_preload"):
        st.header("-", divider="gray")
        st.caption("-")
        st.segmented_control("-", ["-"], key="explore_preload_choice")
        st.metric("-", "-", border=True, help="-")
        with st.expander("-"):
            st.dataframe([{"-": "-"}], hide_index=True)
        st.link_button("-", "availability")


def _picture(data: Catalogue) -> None:
    """The picture; a click in it leaves it as it is."""
    state = history(data).present
    st.caption(_said(data, state))
    with st.container(gap=None):
        gathered = _gathered(data, state)
    above = _ABOVE + _ROW * (gathered + (data.by_service is None))
    graph_picture(drawing(data, state), key=_GRAPH, height=_HEIGHT, above=above)
    # The first note says the same.
    for note in visible(data, state).notes[int(gathered) :]:
        st.caption(f"Note: {note}.")


def _gathered(data: Catalogue, state: acts.ExploreState) -> bool:
    """Say that we drew things together without being asked, if so, and offer each by itself."""
    seen = visible(data, state)
    if state.collapse != "automatic" or seen.collapse == "none":
        return False
    things = sum(len(seen.graph.nodes[key]["members"]) for key in seen.graph)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if things <= MOST_DRAWN:
            st.button(
                f"Draw all {things:,} one by one",
                icon=":material/unfold_more:",
                key="explore_ungroup",
                on_click=act,
                args=(partial(acts.collapsed, by="none"),),
                help="Each thing by itself; Undo goes back to groups",
            )
        st.caption(
            f"Drawn together by {seen.collapse}, as so many could not be read. "
            "Double click a group to open it."
        )
    return True


@st.fragment
def _facts(data: Catalogue) -> None:
    """The part that a click in the picture draws again; what changes the picture draws it all."""
    if st.session_state.pop(_CHANGED, False):
        st.rerun()
    with st.container(gap=None):
        graph_events(_GRAPH, partial(_react, data), partial(_selected, data))
        with st.container(key="explore_facts"):
            panel(data, _present())


def _selected(data: Catalogue) -> list[str]:
    """What is selected and drawn."""
    state = _present()
    drawn = visible(data, state).graph
    return [key for key in state.focus if key in drawn]


def _said(data: Catalogue, state: acts.ExploreState) -> str:
    """The criteria behind the picture, and how much of the estate they leave."""
    graph = visible(data, state).graph
    things = sum(len(graph.nodes[key]["members"]) for key in graph)
    sentence = criteria(state, lambda key: name_of(data, state, key))
    return (
        f"{plain(sentence)} **{things:,} of {counted(len(data.graph), 'thing')}**, "
        f"{counted(graph.number_of_edges(), 'edge')}; consumers left, providers right."
    )


def _react(data: Catalogue, event: GraphEvent) -> None:
    """Follow what was done in the picture, before anything is drawn again."""
    if event.selected is not None:
        chosen = event.selected
        act(lambda state: acts.focused(state, *chosen))
        write_address()
    elif event.action is not None:
        _follow(data, event)
        st.session_state[_CHANGED] = True


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
