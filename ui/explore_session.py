"""Explore's state between runs of the page: its history, and the address that holds it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import streamlit as st

from depgraph.model.estate import Estate
from ui.catalogue import Catalogue, key_of
from ui.explore_query import query_of, state_of_query
from ui.explore_state import ExploreState, History, focused
from ui.selection import GROUPS, brought
from ui.session import Compiled, Shown, figures_of, known
from ui.warm import warm_in_background

_HISTORY = "explore_history"
_WRITTEN = "explore_written"


def catalogue() -> Catalogue:
    """The estate of this page; figures of large estates are missing until they are ready."""
    found = known()
    warm_in_background()
    return _catalogue(found.version, isinstance(found, Shown), found)


@st.cache_resource(max_entries=4, show_spinner=False)
def _catalogue(
    version: str,
    ready: bool,  # noqa: FBT001 - what the cache goes by
    _found: Compiled,
) -> Catalogue:
    """One catalogue per content, and another once the figures are there."""
    rows = figures_of(_found) if ready else None
    findings = _found.findings if isinstance(_found, Shown) else ()
    return Catalogue(_found.estate, _found.structure, _found.graph, rows, findings, version)


@lru_cache(4)
def prepare(found: Catalogue) -> None:
    """Work out what the first click needs, while the browser draws the picture."""
    threading.Thread(target=lambda: (found.dependants, found.rank), daemon=True).start()


def history(found: Catalogue) -> History:
    """Where we are, following the address where somebody changed that."""
    held: History | None = st.session_state.get(_HISTORY)
    names = list(st.query_params)
    read = state_of_query({name: st.query_params.get_all(name) for name in names})
    asked = _by_key(found.estate, read)
    if held is None:
        held = History(_with_focus(found, asked))
    elif names and asked != st.session_state.get(_WRITTEN):
        held = held.done(_with_focus(found, asked))
    wanted = st.session_state.pop("explore_focus", None)
    if wanted:
        held = held.done(focused(held.present, wanted))
    st.session_state[_HISTORY] = held
    write_address()
    return held


def _by_key(estate: Estate, state: ExploreState) -> ExploreState:
    """The view of an address that may name things by their ids alone, as commands do."""
    return replace(
        state,
        focus=tuple(key_of(estate, name) for name in state.focus),
        around=key_of(estate, state.around),
        path_from=key_of(estate, state.path_from),
        path_to=key_of(estate, state.path_to),
    )


def unknown_asked(found: Catalogue, state: ExploreState) -> list[str]:
    """Things, vendors, places and functions that a view names and the estate does not have."""
    estate = found.estate
    keys = [
        *state.focus,
        *state.only,
        *state.expanded,
        state.around,
        state.path_from,
        state.path_to,
    ]
    things = [key for key in keys if key and not _is_group(key) and key not in found.node]
    filters = (
        (state.vendors, estate.organization),
        (state.locations, estate.location),
        (state.functions, {function.id for function in estate.functions}),
    )
    others = [name for names, known in filters for name in names if name not in known]
    return list(dict.fromkeys([*things, *others]))


def _is_group(key: str) -> bool:
    """Whether a key stands for things drawn together, which come and go with the picture."""
    return key.partition(":")[0] in {*GROUPS.values(), "rest"}


def _with_focus(found: Catalogue, asked: ExploreState) -> ExploreState:
    """The view of an address; where that says nothing but what to look at, it is drawn."""
    state = asked
    if replace(asked, focus=()) != ExploreState():
        return asked
    for key in asked.focus:
        if key in found.node:
            state = brought(found, state, key)
    return replace(state, focus=asked.focus)


def write_address() -> None:
    """Keep the whole view in the page's address, so that the address reopens it."""
    state = st.session_state[_HISTORY].present
    if st.session_state.get(_WRITTEN) != state or (not st.query_params and query_of(state)):
        st.query_params.from_dict(query_of(state))
        st.session_state[_WRITTEN] = state


def act(change: Callable[[ExploreState], ExploreState]) -> None:
    """Go one step on."""
    held: History = st.session_state[_HISTORY]
    st.session_state[_HISTORY] = held.done(change(held.present))


def undo() -> None:
    """Go one step back."""
    st.session_state[_HISTORY] = st.session_state[_HISTORY].undone()


def redo() -> None:
    """Take the last undoing back."""
    st.session_state[_HISTORY] = st.session_state[_HISTORY].redone()
