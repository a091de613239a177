"""Explore's form for paths between two things, and what was found."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import get_args

import streamlit as st

from depgraph.engine.availability_answer import shown_availability
from depgraph.engine.paths import EDGE_CLASSES, EdgeClass, Path, PathOrder
from depgraph.wording import counted
from ui import explore_state as acts
from ui.catalogue import Catalogue, node_key
from ui.explore_session import act
from ui.explore_state import ExploreState
from ui.figure_table import plain_table
from ui.picture import listed_name, name_of
from ui.selection import visible


def paths_section(catalogue: Catalogue, state: ExploreState, key: str) -> None:
    """Both ends, swap, order and edges; the paths as a table; `key` is what is selected."""
    st.markdown("**Path between two things**")
    _end(catalogue, state, "From", "path_from")
    _end(catalogue, state, "To", "path_to")
    with st.container(horizontal=True, gap="small"):
        for label, change in (
            ("Swap", acts.swapped),
            ("From this", lambda s: acts.path(s, start=key)),
            ("To this", lambda s: acts.path(s, end=key)),
            ("Clear", lambda s: replace(acts.path(s, start="", end=""), path_only=False)),
        ):
            if (key or "this" not in label) and st.button(label, key=f"explore_path_{label}"):
                act(change)
                st.rerun()
    _settings(state)
    if state.path_from and state.path_to:
        _found(catalogue, state)


def _end(catalogue: Catalogue, state: ExploreState, label: str, field: str) -> None:
    """One end of the path."""
    key = f"explore_{field}"
    value = getattr(state, field)
    st.session_state[key] = value if value in catalogue.node else None

    def changed() -> None:
        act(lambda s: acts.with_field(s, field, st.session_state[key] or ""))

    st.selectbox(
        label, catalogue.search_options, index=None, key=key, on_change=changed,
        placeholder="Type a name",
        format_func=partial(listed_name, catalogue, state),
    )  # fmt: skip


def _settings(state: ExploreState) -> None:
    """Order of the paths, edges they follow, and whether to draw them alone."""
    words: dict[PathOrder, str] = {"shortest": "shortest first", "fragile": "most fragile first"}
    st.session_state["explore_order"] = state.path_order
    st.session_state["explore_path_edges"] = list(state.edges)
    st.session_state["explore_path_only"] = state.path_only
    held = st.session_state

    def edges() -> tuple[EdgeClass, ...]:
        return tuple(e for e in EDGE_CLASSES if e in held["explore_path_edges"])

    st.segmented_control(
        "Order", get_args(PathOrder), key="explore_order", format_func=words.__getitem__,
        on_change=lambda: act(
            lambda s: replace(s, path_order=held["explore_order"] or s.path_order)
        ),
        help="Most fragile: the lowest probability that everything on the way works",
    )  # fmt: skip
    st.pills(
        "Edges", EDGE_CLASSES, selection_mode="multi", key="explore_path_edges",
        on_change=lambda: act(lambda s: replace(s, edges=edges())),
    )  # fmt: skip
    st.toggle(
        "Draw the paths alone", key="explore_path_only",
        on_change=lambda: act(lambda s: replace(s, path_only=held["explore_path_only"])),
    )  # fmt: skip


def _found(catalogue: Catalogue, state: ExploreState) -> None:
    """The paths, or that there are none."""
    answer = visible(catalogue, state).paths
    if answer is None:
        st.warning("One end of the path does not exist in this estate.")
        return
    if not answer.paths:
        st.info(
            "Nothing leads from the first to the second along these edges. Swap asks the other way."
            if answer.complete
            else "None was found before the search gave up; choose fewer edges."
        )
        return
    plain_table(
        [
            {
                "steps": len(path.nodes) - 1,
                "availability": path_text(path),
                "path": " → ".join(name_of(catalogue, state, node_key(n)) for n in path.nodes),
            }
            for path in answer.paths
        ],
        hide_index=True,
        width="stretch",
    )
    more = "there are more"
    if answer.complete:
        more = "it is the only one" if len(answer.paths) == 1 else "these are all"
    st.caption(
        f"{counted(len(answer.paths), 'path')}; {more}. Availability: probability that "
        "everything on the path works by itself, each thing once (rules A3, A4); "
        "a bracket where a figure is unknown (A5)."
    )


def path_text(path: Path) -> str:
    """Availability of a path, or its bracket."""
    ends = [
        shown_availability(path.availability_low, path.unavailability_high),
        shown_availability(path.availability_high, path.unavailability_low),
    ]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)
