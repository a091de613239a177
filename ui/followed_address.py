"""Controls that follow the page's address: links into a view, and the browser's Back within it.

A control keeps its value while the address is what we wrote last. Where it is another one,
somebody followed a link or went back, and the control takes what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import streamlit as st

_SEEN = "address_seen"
"""What the address said when we last looked or wrote, by name."""
_STARTS = "address_starts"
"""Value of each control while the address said nothing, by name."""


def one_of(options: Collection[str]) -> Callable[[str], str | None]:
    """Reader of texts that are one of several; any other is None."""
    return lambda text: text if text in options else None


def follow(
    name: str,
    key: str,
    start: Any,  # noqa: ANN401 - the value of any control
    read: Callable[[str], Any],
    asked: str | None = None,
) -> None:
    """Give a control its value, just before it is drawn, where the address was changed without it.

    Parameters
    ----------
    name : str
        What the address calls it.
    key : str
        Key of the control; it must have no value of its own.
    start : object
        Its value while the address says nothing that can be read.
    read : callable
        Value of a text of the address; None where there is none such.
    asked : str, optional
        What the address says of it, where that is more than one text of this name.
    """
    state = st.session_state
    if asked is None:
        asked = st.query_params.get(name, "")
    seen, starts = state.setdefault(_SEEN, {}), state.setdefault(_STARTS, {})
    held = state.get(key)
    moved = seen.get(name, asked) != asked
    # Nobody chose: what it starts with may be another thing meanwhile.
    unchosen = not asked and name in starts and held == starts[name]
    if held is None or moved or unchosen or read(str(held)) is None:
        found = read(asked)
        state[key] = start if found is None else found
    seen[name], starts[name] = asked, start


def keep(name: str, text: str, start: str) -> None:
    """Write what was chosen into the address.

    The first look writes nothing: it would come to stand in the browser's history beside the view
    before.

    Parameters
    ----------
    name : str
        What the address calls it.
    text : str
        What was chosen.
    start : str
        What is shown while the address says nothing.
    """
    asked = st.query_params.get(name, "")
    if text != asked and (asked or text != start):
        write({name: text})


def write(texts: Mapping[str, str]) -> None:
    """Write texts into the address, in one step of the browser's history.

    Parameters
    ----------
    texts : mapping of str to str
        By what the address calls them.
    """
    if any(st.query_params.get(name) != text for name, text in texts.items()):
        st.query_params.update(texts)
    for name, text in texts.items():
        note(name, text)


def note(name: str, text: str) -> None:
    """Remember what the address says of a control once this view has written to it.

    Parameters
    ----------
    name : str
        As for `follow`.
    text : str
        What it says now.
    """
    st.session_state.setdefault(_SEEN, {})[name] = text
