"""Search from every view: type a name, get to where it is told about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from depgraph.engine.graph import Node
from depgraph.model.estate import Estate
from depgraph.wording import counted
from ui.catalogue import node_key
from ui.plain_text import plain
from ui.session import BY_VERSION, Compiled

MOST_LISTED = 2_000
"""Names up to which all are sent to the browser, which filters them while somebody types; above,
what was typed is looked for here."""
MOST_FOUND = 30
"""Names shown of those that were found."""
_BOX, _LIST, _TEXT, _GO = "find", "find_list", "find_text", "find_go"
_LABEL = "Find anything by its name"
_PLACEHOLDER = "Find a service, vendor, contract …"


class Target(NamedTuple):
    """Something that has a name, and where it is told about."""

    name: str
    """Its id, with its name for people if it has another, and what it is."""
    view: str
    """The view."""
    query: Mapping[str, str]
    """What that view's address says then."""
    id: str
    """Its id."""


Pages = Mapping[str, StreamlitPage]
"""Views by name."""


def targets(estate: Estate) -> list[Target]:
    """Everything with a name, services first, in the order of the estate."""
    return [*_services(estate), *_settings(estate), *_contracts(estate)]


def matches(found: Sequence[Target], typed: str) -> list[Target]:
    """Targets whose name holds every word typed: those it is, then starts, then holds.

    Parameters
    ----------
    found : sequence of Target
        Where to look.
    typed : str
        What somebody typed; upper and lower case are the same.
    """
    whole = typed.strip().casefold()
    words = whole.split()
    if not words:
        return []
    ranked = [
        ((target.id.casefold() != whole, not target.id.casefold().startswith(whole)), place)
        for place, target in enumerate(found)
        if all(word in target.name.casefold() for word in words)
    ]
    return [found[place] for _, place in sorted(ranked)]


def find_box(data: Compiled, pages: Pages) -> None:
    """Draw the search, and lead to what was picked.

    Parameters
    ----------
    data : Compiled
        The estate; one without anything to find has no search.
    pages : mapping of str to StreamlitPage
        Views by name.
    """
    found = _targets(data)
    if found:
        _box(found, pages)


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=BY_VERSION)
def _targets(data: Compiled) -> list[Target]:
    return targets(data.estate)


@st.fragment
def _box(found: list[Target], pages: Pages) -> None:
    """The field; typing in it draws no view anew."""
    with st.container(key=_BOX):
        if len(found) <= MOST_LISTED:
            st.selectbox(
                _LABEL, range(len(found)), index=None, key=_LIST, placeholder=_PLACEHOLDER,
                format_func=lambda place: found[place].name, label_visibility="collapsed",
                on_change=lambda: _keep(_LIST),
            )  # fmt: skip
        else:
            st.text_input(
                _LABEL, key=_TEXT, placeholder=f"{_PLACEHOLDER} then Enter",
                label_visibility="collapsed", icon=":material/search:",
                on_change=lambda: _keep(_TEXT),
            )  # fmt: skip
    wanted = st.session_state.pop(_GO, None)
    if isinstance(wanted, int) and wanted < len(found):
        _go(found[wanted], pages)
    elif isinstance(wanted, str) and wanted.strip():
        _looked_up(found, wanted, pages)


def _keep(key: str) -> None:
    """Remember what was asked for, and empty the field for the next question."""
    st.session_state[_GO] = st.session_state[key]
    st.session_state[key] = None if key == _LIST else ""


def _looked_up(found: list[Target], typed: str, pages: Pages) -> None:
    """Go to the one thing that was meant, or show what may be."""
    hits = matches(found, typed)
    exact = [hit for hit in hits if hit.id.casefold() == typed.strip().casefold()]
    if len(hits) == 1 or len(exact) == 1:
        _go((exact or hits)[0], pages)
    _hits(typed, hits, pages)


@st.dialog("Found")
def _hits(typed: str, hits: list[Target], pages: Pages) -> None:
    """What may be meant, each with its way there."""
    if not hits:
        st.text(f"Nothing in this estate has “{typed}” in its name.")
        return
    more = f", the first {MOST_FOUND} listed; type more to narrow it" if hits[MOST_FOUND:] else ""
    st.caption(f"{counted(len(hits), 'name')} with “{plain(typed)}”{more}")
    for hit in hits[:MOST_FOUND]:
        st.page_link(pages[hit.view], label=plain(hit.name), query_params=dict(hit.query))


def _go(target: Target, pages: Pages) -> None:
    st.switch_page(pages[target.view], query_params=dict(target.query))


def _services(estate: Estate) -> Iterator[Target]:
    for service in estate.services:
        name = _named(service.id, service.name, "service")
        yield Target(name, "availability", {"service": service.id}, service.id)


def _settings(estate: Estate) -> Iterator[Target]:
    """Organizations, places and business functions, which Explore shows."""
    for organization in estate.organizations:
        name = _named(organization.id, organization.name, "organization")
        focus = node_key(Node("organization", organization.id))
        yield Target(name, "explore", {"focus": focus}, organization.id)
    for location in estate.locations:
        name = _named(location.id, location.name, "place")
        focus = node_key(Node("location", location.id))
        yield Target(name, "explore", {"focus": focus}, location.id)
    for function in estate.functions:
        name = _named(function.id, function.name, "business function")
        yield Target(name, "explore", {"function": function.id}, function.id)


def _contracts(estate: Estate) -> Iterator[Target]:
    """Contracts and their service levels."""
    for contract in estate.contracts:
        query = {"contract": contract.id}
        sides = f"contract, {contract.supplier} to {contract.customer}"
        yield Target(f"{contract.id} · {sides}", "contracts", query, contract.id)
        for sla in contract.slas:
            yield Target(f"{sla.id} · SLA of {contract.id}", "contracts", query, sla.id)


def _named(identifier: str, name: str, kind: str) -> str:
    """An id, with its name for people where that says more, and what it is."""
    said = [identifier, name] if name and name != identifier else [identifier]
    return " · ".join([*said, kind])
