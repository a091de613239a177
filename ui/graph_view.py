"""The graph on the page: pyvis is the model, a small component draws it, clicks come back.

pyvis brings the vis-network bundle, so that nothing is fetched from elsewhere; its own page
template is not used. Positions are fixed beforehand: a physics simulation in the browser took two
minutes for a thousand nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import streamlit as st
from pyvis.network import Network

_HTML = """
<div class="graph-bar" role="toolbar" aria-label="Picture">
  <button class="graph-fit" title="Show everything">Fit</button>
  <button class="graph-png" title="Save the picture">PNG</button>
</div>
<div class="graph-canvas" tabindex="0" role="img"
     aria-label="Dependency graph; the table below holds the same"></div>
"""
_CSS = """
.graph-bar { height: 36px; }
.graph-bar button {
  background: var(--st-secondary-background-color); color: var(--st-text-color);
  border: 1px solid var(--st-border-color); border-radius: 6px; padding: 3px 12px; cursor: pointer;
}
.graph-canvas {
  width: 100%; box-sizing: border-box; border: 1px solid var(--st-border-color); border-radius: 8px;
  background: var(--st-background-color);
}
div.vis-tooltip {
  position: absolute; visibility: hidden; padding: 5px 8px; white-space: pre; pointer-events: none;
  background: var(--st-secondary-background-color); color: var(--st-text-color);
  border: 1px solid var(--st-border-color); border-radius: 6px; font: 13px sans-serif; z-index: 5;
}
"""


@dataclass(frozen=True)
class Picked:
    """What the visitor did in the picture."""

    selected: tuple[str, ...]
    """Nodes that are selected."""
    opened: str | None
    """Node that was just double-clicked."""


@cache
def _script() -> str:
    """The drawing library that pyvis ships, and our part behind it, as one module."""
    library = next(
        item
        for item in (files("pyvis") / "templates" / "lib").iterdir()
        if item.name.startswith("vis-")
    )
    bundle = (library / "vis-network.min.js").read_text(encoding="utf-8")
    own = (files("ui") / "graph_view.js").read_text(encoding="utf-8")
    # The bundle looks for a module system first; given one of its own, it touches no globals.
    before = "const vis = (function () { const module = { exports: {} }; "
    before += "const exports = module.exports; const define = undefined;\n"
    wrapped = f"{before}{bundle}\n; return module.exports; }})();\n"
    return wrapped + own


@st.cache_resource
def _component() -> Any:  # noqa: ANN401 - Streamlit's component has no public type
    return st.components.v2.component("depgraph_graph", html=_HTML, css=_CSS, js=_script())


def graph_view(
    network: Network, *, key: str, picture: str, height: int = 620, focus: str | None = None
) -> Picked:
    """Draw a network and tell what was clicked.

    Parameters
    ----------
    network : pyvis.network.Network
        Nodes with ``x`` and ``y``, and edges; labels and titles are shown as plain text.
    key : str
        Streamlit key; the same key keeps zoom and selection from run to run.
    picture : str
        Names what is drawn; when it changes, the view fits itself to the new content.
    height : int
        Height of the picture [px].
    focus : str, optional
        Node to select and bring to the middle.
    """
    edges = [
        {**edge, "id": edge.get("id", f"{edge['from']}|{edge['to']}|{number}")}
        for number, edge in enumerate(network.edges)
    ]
    answer = _component()(
        key=key,
        height=height,
        data={
            "nodes": network.nodes,
            "edges": edges,
            "focus": focus,
            "height": height,
            "picture": picture,
        },
        default={"selected": []},
        on_selected_change=lambda: None,
        on_opened_change=lambda: None,
    )
    return Picked(tuple(answer.selected or ()), answer.opened)
