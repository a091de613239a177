"""Explore's state between runs of the page: its history, and the address that holds it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import streamlit as st

from depgraph.engine.availability import AssessmentOptions, assessed
from depgraph.engine.exact import Limits
from ui.assessment_job import AssessmentJob, Rows
from ui.catalogue import Catalogue
from ui.explore_query import query_of, state_of_query
from ui.explore_state import ExploreState, History, focused
from ui.session import Compiled, address, compiled, shown, version_stamp

MOST_AT_ONCE = 400
"""Services whose figures are worked out before the picture is drawn; more come later."""
_HISTORY = "explore_history"
_WRITTEN = "explore_written"


def catalogue() -> Catalogue:
    """The estate of this page; figures of large estates are missing until they are ready."""
    found = compiled()
    if len(found.estate.services) <= MOST_AT_ONCE:
        whole = shown()
        return _catalogue(found.version, True, found, whole.by_service)
    _warmed(found.version, found)
    rows = job().rows()
    return _catalogue(found.version, rows is not None, found, rows)


def job() -> AssessmentJob:
    """The assessment of this page's large estate; started at the first call."""
    text, name = address()
    return _job(text, name, version_stamp(text))


@st.cache_resource(max_entries=2, show_spinner=False)
def _job(text: str, name: str | None, stamp: float) -> AssessmentJob:  # noqa: ARG001 - what the cache goes by
    return AssessmentJob(text, name)


@st.cache_resource(max_entries=2, show_spinner=False)
def _warmed(version: str, _found: Compiled) -> None:  # noqa: ARG001 - what the cache goes by
    """Load the engine's machine code while people look at the picture, not at their first click."""
    first = _found.estate.services[0].id
    options = AssessmentOptions(services=(first,), limits=Limits(seconds=0.1))
    work = partial(assessed, _found.estate, options, _found.structure)
    threading.Thread(target=work, daemon=True).start()


@st.cache_resource(max_entries=4, show_spinner=False)
def _catalogue(
    version: str,
    ready: bool,  # noqa: FBT001, ARG001 - what the cache goes by
    _found: Compiled,
    _rows: Rows | None,
) -> Catalogue:
    """One catalogue per content, and another once the figures are there."""
    findings = shown().findings if len(_found.estate.services) <= MOST_AT_ONCE else ()
    return Catalogue(_found.estate, _found.structure, _found.graph, _rows, findings, version)


def history() -> History:
    """Where we are, following the address where somebody changed that."""
    held: History | None = st.session_state.get(_HISTORY)
    names = list(st.query_params)
    asked = state_of_query({name: st.query_params.get_all(name) for name in names})
    if held is None:
        held = History(asked)
    elif names and asked != st.session_state.get(_WRITTEN):
        held = held.done(asked)
    wanted = st.session_state.pop("explore_focus", None)
    if wanted:
        held = held.done(focused(held.present, wanted))
    st.session_state[_HISTORY] = held
    write_address()
    return held


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
