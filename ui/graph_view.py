"""A picture of a network that talks back: pyvis is the model, a small component draws it.

The script is the vis-network bundle inside the installed pyvis package, so that nothing comes from
another server. Positions are fixed beforehand; the browser never simulates. What a person does in
the picture comes back as a selection that stays, and as actions that happen once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import streamlit as st
from pyvis.network import Network

ACTIONS: Final = {
    "facts": "Show facts",
    "focus": "Neighbourhood only",
    "hide": "Hide",
    "path_from": "Path from here",
    "path_to": "Path to here",
}
"""Entries of the context menu: the action's name and what people read."""


@dataclass(frozen=True)
class GraphEvent:
    """What a person did in the picture."""

    selected: tuple[str, ...] = ()
    """Ids of the selected nodes."""
    action: str | None = None
    """One of `ACTIONS` when it was just chosen; a double click is ``focus``."""
    node: str | None = None
    """The node the action is about."""


def graph_view(
    network: Network,
    *,
    key: str,
    height: int = 640,
    select: Sequence[str] = (),
) -> GraphEvent:
    """Draw a network and return what was done in it.

    Parameters
    ----------
    network : pyvis.network.Network
        Nodes with fixed ``x`` and ``y``; its options are kept, its template is not used. Titles
        and labels are shown as text, never as markup.
    key : str
        Name of the picture; zoom and selection are kept while it stays the same.
    height : int
        Height of the picture [px].
    select : sequence of str
        Nodes to select and bring into view, when this differs from the time before.
    """
    result = _component()(
        key=key,
        height=height + 40,
        data={
            "nodes": network.nodes,
            "edges": network.edges,
            "select": list(select),
            "height": height,
        },
        default={"selection": []},
        on_selection_change=_nothing,
        on_action_change=_nothing,
    )
    chosen: dict[str, Any] = result.get("action") or {}
    return GraphEvent(
        selected=tuple(map(str, result.get("selection") or ())),
        action=chosen.get("kind") if chosen.get("kind") in ACTIONS else None,
        node=str(chosen["node"]) if "node" in chosen else None,
    )


def _nothing() -> None:
    """Let the page run again; the values are read where the picture is drawn."""


def _component() -> Any:  # noqa: ANN401 - the type of a mounted component is not public
    """Register the component; Streamlit keeps one per name."""
    return st.components.v2.component("depgraph_graph", html=_markup(), css=_style(), js=_script())


@lru_cache(1)
def _vis(name: str) -> str:
    """Read a file of the newest vis-network that pyvis carries."""
    folder = files("pyvis") / "templates" / "lib"
    newest = max(item.name for item in folder.iterdir() if item.name.startswith("vis-"))
    return (folder / newest / name).read_text("utf-8")


@lru_cache(1)
def _script() -> str:
    """Wrap the bundle so that it defines no globals, then our own part."""
    own = (files("ui") / "graph_view.js").read_text("utf-8")
    return (
        "const vis = (function () { const exports = {}, module = { exports }, define = undefined;\n"
        f"{_vis('vis-network.min.js')}\nreturn module.exports; }})();\n{own}"
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
        '<button id="png" title="Save as a picture">PNG</button>'
        '<span class="hint">click: facts · double click: neighbourhood · '
        "right click: menu · arrows, +, −, 0: move and zoom</span></div>"
        '<div class="frame"><div id="net" role="application" tabindex="0" '
        'aria-label="Dependency graph; the same content is in the table below"></div>'
        f'<div id="menu" role="menu">{entries}</div></div>'
    )
