"""The controls above Explore's picture; each changes the state, and shows what it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, get_args

import streamlit as st

from depgraph.engine.paths import EDGE_CLASSES, Direction
from depgraph.errors import DepgraphError
from ui.access import Action, require
from ui.catalogue import Catalogue
from ui.explore_session import act, redo, undo
from ui.explore_state import (
    CRITICALITIES,
    LAST_RANK,
    MOST_DEPTH,
    PRESETS,
    STATUSES,
    Collapse,
    ExploreState,
    History,
    SizeBy,
    all_back,
    collapsed,
    preset_of,
    with_field,
)
from ui.figure_table import figure_table
from ui.picture import listed_name, name_of, network_of
from ui.picture_export import csv_text, graphml_bytes, json_text, svg_text, table_rows
from ui.saved_views import MOST_LETTERS, remove_view, save_view, saved_views
from ui.selection import brought

Change = Callable[[ExploreState, Any], ExploreState]


def controls(catalogue: Catalogue, history: History) -> None:
    """Draw the row of controls."""
    state = history.present
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _search(catalogue, state)
        _preset(state)
        _choice("Together by", get_args(Collapse), state.collapse, collapsed)
        _choice("Size by", get_args(SizeBy), state.size_by, lambda s, v: replace(s, size_by=v))
        st.button(
            "", icon=":material/undo:", on_click=undo, disabled=not history.past,
            help="Undo: one step back (Ctrl+Z in the picture)", key="explore_undo",
        )  # fmt: skip
        st.button(
            "", icon=":material/redo:", on_click=redo, disabled=not history.future,
            help="Redo", key="explore_redo",
        )  # fmt: skip
        with st.popover("Filters", icon=":material/filter_list:"):
            _filters(catalogue, state)
        with st.popover("Views", icon=":material/bookmark:"):
            _saved(catalogue, state)
        with st.popover("Export", icon=":material/download:"):
            _bound(
                st.toggle, "Hide names", state.hide_names, lambda s, v: replace(s, hide_names=v),
                help="For screenshots and exports: things keep a number instead",
            )  # fmt: skip
            _exports(catalogue, state)
        if state.hidden:
            st.button(
                f"Show {len(state.hidden)} hidden", on_click=act, args=(all_back,),
                icon=":material/visibility:", key="explore_all_back",
            )  # fmt: skip


def _bound(
    widget: Callable[..., Any],
    label: str,
    value: Any,  # noqa: ANN401 - widgets of any value
    change: Change,
    **given: Any,  # noqa: ANN401 - widgets of any value
) -> None:
    """A control that shows the state and changes it."""
    key = f"explore_{label}"
    st.session_state[key] = value

    def changed() -> None:
        act(lambda state: change(state, st.session_state[key]))

    widget(label, key=key, on_change=changed, **given)


def _choice(label: str, options: Sequence[str], value: str, change: Change) -> None:
    _bound(st.selectbox, label, value, change, options=options, width=128)


def _search(catalogue: Catalogue, state: ExploreState) -> None:
    """Find a thing by name: it is selected, and drawn if it was not."""

    def found() -> None:
        key = st.session_state["explore_search"]
        st.session_state["explore_search"] = None
        if key is None:
            return
        act(lambda s: brought(catalogue, s, key))

    options = catalogue.search_options
    st.selectbox(
        "Search", options, index=None, key="explore_search", on_change=found,
        placeholder="Type a name",
        format_func=partial(listed_name, catalogue, state),
    )  # fmt: skip


def _preset(state: ExploreState) -> None:
    own = "own filters"
    name = preset_of(state)
    options = [*PRESETS, *([] if name else [own])]
    _bound(
        st.selectbox, "Show", name or own,
        lambda s, v: PRESETS[v](s) if v in PRESETS else s, options=options, width=190,
    )  # fmt: skip


def _filters(catalogue: Catalogue, state: ExploreState) -> None:
    """Everything that decides what is drawn."""
    estate = catalogue.estate
    vendors = {s.provider for s in estate.services if s.provider}
    for label, field, known, kind in (
        ("Vendor", "vendors", sorted(vendors), "organization"),
        ("Location", "locations", sorted(estate.location), "location"),
        ("Business function", "functions", sorted(estate.function), "function"),
    ):
        value = getattr(state, field)
        options = list(dict.fromkeys((*known, *value)))

        def name(item: str, kind: str = kind) -> str:
            return name_of(catalogue, state, f"{kind}:{item}")

        _several(
            st.multiselect,
            label,
            field,
            options,
            value,
            format_func=name,
            placeholder="all",
            select_all=False,
        )
    _several(st.pills, "Criticality", "criticality", CRITICALITIES, state.criticality)
    _several(
        st.pills, "Rank: changes of hands away from us", "ranks",
        range(LAST_RANK + 1), state.ranks,
        format_func=lambda rank: f"{rank} or more" if rank == LAST_RANK else str(rank),
    )  # fmt: skip
    _several(st.pills, "State", "statuses", STATUSES, state.statuses)
    _several(st.pills, "Edges", "edges", EDGE_CLASSES, state.edges)
    anchors = list(dict.fromkeys(["", *state.focus[:1], *([state.around] if state.around else [])]))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _bound(
            st.selectbox, "Around", state.around if state.around in anchors else "",
            lambda s, v: replace(s, around=v, only=()), options=anchors, width=190,
            format_func=lambda key: name_of(catalogue, state, key) if key else "everything",
        )  # fmt: skip
        _bound(
            st.selectbox, "Steps", state.depth, lambda s, v: replace(s, depth=v),
            options=list(range(1, MOST_DEPTH + 1)), width=80,
        )  # fmt: skip
        words = {"both": "both ways", "needs": "what it needs", "needed_by": "what needs it"}
        _bound(
            st.selectbox, "Direction", state.direction, lambda s, v: replace(s, direction=v),
            options=get_args(Direction), format_func=words.__getitem__, width=150,
        )  # fmt: skip


def _several(
    widget: Callable[..., Any],
    label: str,
    field: str,
    options: Sequence[Any],
    value: Sequence[Any],
    **given: Any,  # noqa: ANN401 - widgets of any value
) -> None:
    """A control of several choices, in the order of the options."""
    if widget is st.pills:
        given["selection_mode"] = "multi"

    def change(state: ExploreState, chosen: list[Any]) -> ExploreState:
        return with_field(state, field, tuple(o for o in options if o in chosen))

    _bound(widget, label, list(value), change, options=options, **given)


def _saved(catalogue: Catalogue, state: ExploreState) -> None:
    """Keep this view, open another; the address in the browser does the same for one view."""
    estate = catalogue.estate.name or "estate"
    st.caption("The address of this page holds the view as well: copy it to share.")
    try:
        kept = saved_views(estate)
    except DepgraphError as error:
        st.error("The saved views cannot be read.")
        st.text(str(error))
        return

    def opened() -> None:
        name = st.session_state["explore_saved"]
        if name in kept:
            act(lambda _: kept[name])

    def keep() -> None:
        _told(lambda: save_view(estate, st.session_state["explore_save_as"], state))

    def forget() -> None:
        _told(lambda: remove_view(estate, st.session_state["explore_saved"]))

    if kept:
        current = next((name for name, view in kept.items() if view == state), None)
        st.session_state["explore_saved"] = current
        st.selectbox(
            "Open", list(kept), index=None, key="explore_saved", on_change=opened,
            placeholder="Pick a view",
        )  # fmt: skip
        st.button("Forget this one", on_click=forget, disabled=current is None)
    st.text_input("Name", key="explore_save_as", max_chars=MOST_LETTERS)
    st.button("Save this view", on_click=keep)
    told = st.session_state.pop("explore_told", "")
    if told:
        st.text(told)


def _told(action: Callable[[], None]) -> None:
    """Do something that changes a file; say what went wrong."""
    try:
        require(Action.EDIT)
        action()
    except DepgraphError as error:
        st.session_state["explore_told"] = str(error)


def _exports(catalogue: Catalogue, state: ExploreState) -> None:
    """What is drawn, as files."""
    st.caption("What is drawn now; PNG is in the bar of the picture.")
    dark = st.context.theme.type == "dark"
    files: dict[str, tuple[Callable[[], str | bytes], str]] = {
        "SVG": (lambda: svg_text(network_of(catalogue, state), dark=dark), "image/svg+xml"),
        "CSV": (lambda: csv_text(catalogue, state), "text/csv"),
        "JSON": (lambda: json_text(catalogue, state), "application/json"),
        "GraphML": (lambda: graphml_bytes(catalogue, state), "application/xml"),
    }

    for name, (make, mime) in files.items():
        st.download_button(
            name, _exported(make), f"graph.{name.lower()}", mime, key=f"explore_{name}",
            on_click="ignore",
        )  # fmt: skip


def _exported(make: Callable[[], str | bytes]) -> Callable[[], bytes]:
    """A file made when somebody asks for it, and only for whom may have it."""
    require(Action.EXPORT)

    def made() -> bytes:
        content = make()
        return content.encode() if isinstance(content, str) else content

    return made


def table(catalogue: Catalogue, state: ExploreState) -> None:
    """The picture as a table, for screen readers and for reading."""
    with st.expander("The picture as a table", key="explore_table", on_change="rerun") as opened:
        if opened.open:
            figure_table(table_rows(catalogue, state), width="stretch", hide_index=True)
