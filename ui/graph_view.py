"""A picture of a network that talks back: pyvis is the model, a small component draws it.

The script is the vis-network bundle inside the installed pyvis package, so that nothing comes from
another server. Positions are fixed beforehand; the browser never simulates. What a person does in
the picture comes back once, as a selection or an action.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import streamlit as st
from pyvis.network import Network

ACTIONS: Final = {
    "facts": "Show facts",
    "expand": "Show neighbours too",
    "fold": "Take neighbours back",
    "focus": "Neighbourhood only",
    "only": "This only",
    "hide": "Hide",
    "unpin": "Back to its place",
    "path_from": "Path from here",
    "path_to": "Path to here",
}
"""Entries of the context menu: the action's name and what people read."""
_HINTS: Final = {
    False: "click: facts · double click: neighbourhood, or open a group · right click: menu · "
    "drag: pin · keys: arrows, Enter, Delete, Ctrl+Z, + − 0",
    True: "click: fails, or works again · drag: move the picture · keys: arrows, Enter, + − 0",
}
"""What people can do, by whether a click picks."""
_SILENT: Final = frozenset({"pin", "legend", "pick", "undo", "redo"})
"""Actions that have no entry in the menu."""


@dataclass(frozen=True)
class LegendEntry:
    """One entry of the legend; a click on it filters."""

    group: str
    """What it is about, ``kind`` or ``state``."""
    value: str
    """What it stands for, and what people read."""
    colour: str
    shape: str
    """``dot``, ``square``, ``diamond`` or ``ring``."""
    on: bool
    """Whether such things are drawn."""
    count: int
    """How many there are in the estate."""


@dataclass(frozen=True)
class Drawing:
    """A picture ready to be sent; kept, it costs nothing to send again."""

    text: str
    """JSON with ``nodes``, ``edges`` and ``legend``."""


@dataclass(frozen=True)
class GraphEvent:
    """What a person did in the picture."""

    selected: tuple[str, ...] | None = None
    """Ids of the nodes that were just selected; None when the selection did not change."""
    action: str | None = None
    """One of `ACTIONS`, or ``pin``, ``legend``, ``pick``, ``undo``, ``redo``, when it was just
    chosen; a double click is ``focus``."""
    node: str | None = None
    """The node the action is about."""
    given: Mapping[str, Any] = field(default_factory=dict)
    """What else came with it: ``x`` and ``y`` of a pin, ``group`` and ``value`` of the legend."""


def drawing_of(network: Network, legend: Sequence[LegendEntry] = ()) -> Drawing:
    """A picture ready to be sent.

    Parameters
    ----------
    network : pyvis.network.Network
        Nodes with fixed ``x`` and ``y``; its template is not used. Titles and labels are shown as
        text, never as markup.
    legend : sequence of LegendEntry
        What colours mean.
    """
    picture = {
        "nodes": network.nodes,
        "edges": network.edges,
        "legend": [asdict(entry) for entry in legend],
    }
    return Drawing(json.dumps(picture, separators=(",", ":")))


def graph_picture(
    network: Network | Drawing,
    *,
    key: str,
    height: int = 640,
    picks: bool = False,
    above: int = 290,
) -> None:
    """Draw a network; what is done in it comes to `graph_events` of the same key.

    It stands outside of the fragment that a click runs: then a click draws nothing again.

    Parameters
    ----------
    network : pyvis.network.Network or Drawing
        See `drawing_of`.
    key : str
        Name of the picture; zoom and selection are kept while it stays the same.
    height : int
        Least height of the picture [px]; it is higher where the window is.
    picks : bool
        Whether a click is a ``pick`` of its own, again and again, in place of a selection; then
        nothing can be moved, and there is no menu.
    above : int
        What else of the page stands above and below it, where it is as high as the window [px].
    """
    picture = network if isinstance(network, Drawing) else drawing_of(network)
    # The library is the same at every run, so Streamlit sends it once; not so with the picture.
    with st.container(gap=None):
        _library()(key=f"{key}_library")
        _component()(
            key=key,
            data={
                "name": key,
                "picture": picture.text,
                "height": height,
                "picks": picks,
                "above": above,
                "hint": _HINTS[picks],
            },
        )


def graph_events(
    key: str, react: Callable[[GraphEvent], None], select: Callable[[], Sequence[str]] = tuple
) -> None:
    """Hear what is done in a picture, and say what is selected in it.

    Parameters
    ----------
    key : str
        Name of the picture.
    react : callable
        Called with what was done, before the page or the fragment around this call runs again.
    select : callable
        Nodes to select; they come into view when they differ from the time before.
    """
    name = f"{key}_events"

    def heard() -> None:
        react(_event(st.session_state[name]))

    _listener()(key=name, data={"name": key, "select": list(select())}, on_action_change=heard)


def _event(result: Mapping[str, Any]) -> GraphEvent:
    """What came back; the browser is not trusted to keep to the form."""
    chosen = result.get("action")
    chosen = chosen if isinstance(chosen, dict) else {}
    kind = chosen.get("kind")
    selection = chosen.get("nodes") if kind == "select" else None
    return GraphEvent(
        selected=tuple(map(str, selection)) if isinstance(selection, list) else None,
        action=kind if kind in ACTIONS or kind in _SILENT else None,
        node=str(chosen["node"]) if "node" in chosen else None,
        given=chosen,
    )


def _component() -> Any:  # noqa: ANN401 - the type of a mounted component is not public
    """Register the component; Streamlit keeps one per name."""
    script = (files("ui") / "graph_view.js").read_text("utf-8")
    return st.components.v2.component("depgraph_graph", html=_markup(), css=_style(), js=script)


def _listener() -> Any:  # noqa: ANN401 - the type of a mounted component is not public
    """Register what hears: it has nothing to show."""
    script = (files("ui") / "graph_events.js").read_text("utf-8")
    return st.components.v2.component("depgraph_events", html="<i hidden></i>", js=script)


def _library() -> Any:  # noqa: ANN401 - the type of a mounted component is not public
    """Register the drawing library, for the pictures of the page."""
    return st.components.v2.component("depgraph_library", html="<i hidden></i>", js=_bundle())


@lru_cache(1)
def _vis(name: str) -> str:
    """Read a file of the newest vis-network that pyvis carries."""
    folder = files("pyvis") / "templates" / "lib"
    newest = max(item.name for item in folder.iterdir() if item.name.startswith("vis-"))
    return (folder / newest / name).read_text("utf-8")


@lru_cache(1)
def _bundle() -> str:
    """Wrap the bundle so that it defines no globals but the one that pictures ask for."""
    return (
        "const made = () => { const exports = {}, module = { exports }, define = undefined;\n"
        f"{_vis('vis-network.min.js')}\nreturn module.exports; }};\n"
        f"{(files('ui') / 'graph_library.js').read_text('utf-8')}"
    )


@lru_cache(1)
def _style() -> str:
    return (files("ui") / "graph_view.css").read_text("utf-8")


@lru_cache(1)
def _markup() -> str:
    entries = "".join(
        f'<button role="menuitem" data-kind="{kind}">{text}</button>'
        for kind, text in ACTIONS.items()
    )
    return (
        '<div class="bar" role="toolbar" aria-label="Picture">'
        '<button id="fit" title="Show everything (0)">Fit</button>'
        '<button id="closer" title="Zoom in (+)" aria-label="Zoom in">+</button>'
        '<button id="away" title="Zoom out (-)" aria-label="Zoom out">−</button>'
        '<button id="png" title="Save what is on the screen as a picture">PNG</button>'
        '<div id="legend" role="group" aria-label="Legend; a click filters"></div></div>'
        '<div class="frame"><div id="net" role="application" tabindex="0" '
        'aria-label="Dependency graph. Arrows go from thing to thing, Enter opens the menu, '
        'Delete hides, plus, minus and 0 zoom. The table below has the same content."></div>'
        f'<div id="menu" role="menu">{entries}</div></div>'
        '<div class="hint"></div>'
        '<div id="said" class="unseen" aria-live="polite"></div>'
    )
