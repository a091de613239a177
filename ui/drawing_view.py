"""A drawing of our own on the page, in the page's colours; `st.html` leaves drawings out."""

from __future__ import annotations

from typing import Final

import streamlit as st

_SCRIPT: Final = """
// Only shapes and words come through: nothing that could run or fetch.
const SHAPES = new Set(['svg', 'path', 'rect', 'text']);
const harmless = (item) => SHAPES.has(item.localName)
  && [...item.attributes].every(({ name }) => !/^on|href/i.test(name));
export default function ({ data, parentElement }) {
  const drawn = new DOMParser().parseFromString(data.svg, 'image/svg+xml').documentElement;
  drawn.querySelectorAll('*').forEach((item) => { if (!harmless(item)) item.remove(); });
  const box = parentElement.querySelector('#drawing');
  box.replaceChildren(...(harmless(drawn) ? [document.importNode(drawn, true)] : []));
}
"""
_STYLE: Final = (
    "#drawing { color: var(--st-text-color); overflow-x: auto; } "
    "#drawing text { paint-order: stroke; stroke: var(--st-background-color); stroke-width: 3px; }"
)


def drawing_view(svg: str, *, key: str) -> None:
    """Show an SVG of paths, rectangles and words.

    Parameters
    ----------
    svg : str
        The drawing, with its namespace; names in it are escaped.
    key : str
        Name of the drawing on the page.
    """
    component = st.components.v2.component(
        "depgraph_drawing", html='<div id="drawing" tabindex="0"></div>', css=_STYLE, js=_SCRIPT
    )
    component(key=key, data={"svg": svg})
