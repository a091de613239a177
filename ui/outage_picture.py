"""The graph of an outage: what fails, what falls with it and in which order, what stays up."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from depgraph.engine.whatif import WhatIf
from ui.catalogue import Catalogue
from ui.explore_state import ExploreState
from ui.graph_view import Drawing, LegendEntry, drawing_of
from ui.picture import network_of
from ui.selection import visible
from ui.whatif_cells import fallen

FAILS, FALLS, STAYS = "fails", "falls with it", "stays up"
COLOURS: Mapping[str, str] = {FAILS: "#dc2626", FALLS: "#f59e0b", STAYS: "#9aa3af"}
"""Fill by fate; the timeline has the same."""
_BORDERS: Mapping[str, str] = {FAILS: "#7f1d1d", FALLS: "#b45309", STAYS: "#9aa3af"}
"""Outline by fate: of small dots it is all that is seen."""
_EDGE = "#f59e0b"
_ASPECT = 2.4
"""Width of the drawing by its height: nearly fills a window of 1280, and most of one of 1920."""
_STRETCH = 2.5
"""Most that columns are drawn apart: a handful of things stays together."""
_PICKED = {"place": "location", "vendor": "organization"}


@dataclass(frozen=True)
class Fates:
    """What an outage does to the things of an estate."""

    failed: frozenset[str]
    """Keys of what fails by itself."""
    order: Mapping[str, int]
    """Place in the order of falling, from 1, of each service and location that falls, by key."""

    def of(self, key: str) -> str:
        """The fate of one thing."""
        return FAILS if key in self.failed else FALLS if key in self.order else STAYS


def fates(failed: Collection[str], answer: WhatIf | None) -> Fates:
    """What an outage does (rule W2).

    Parameters
    ----------
    failed : collection of str
        Keys of what fails, such as ``service:ledger``.
    answer : WhatIf, optional
        What follows; None where nothing fails yet.
    """
    order: dict[str, int] = {}
    for kind, row in fallen(answer) if answer else ():
        key = f"{_PICKED.get(kind, kind)}:{row.id}"
        if key not in failed:
            order.setdefault(key, len(order) + 1)
    return Fates(frozenset(failed), order)


def outage_drawing(catalogue: Catalogue, found: Fates, *, fallen_only: bool = False) -> Drawing:
    """The estate as Explore draws it, coloured by fate.

    Parameters
    ----------
    catalogue : Catalogue
        The estate; a large one is drawn by vendor, as in Explore.
    found : Fates
        What the outage does.
    fallen_only : bool
        Whether what stays up is left out.
    """
    state = _state(catalogue, found)
    members = visible(catalogue, state).graph.nodes
    network = network_of(catalogue, state)
    _widen(network.nodes)
    counts = dict.fromkeys(COLOURS, 0)
    fate: dict[str, str] = {}
    for node in network.nodes:
        keys = [f"{member.kind}:{member.id}" for member in members[node["id"]]["members"]]
        fates_here = [found.of(key) for key in keys]
        fate[node["id"]] = next(name for name in COLOURS if name in fates_here)
        for name in fates_here:
            counts[name] += 1
        _coloured(node, fate[node["id"]], found.order.get(node["id"]))
        if len(keys) > 1:
            down = len(keys) - fates_here.count(STAYS)
            node["title"] = f"{node['title']}\n{down} of {len(keys)} fall"
    if fallen_only:
        network.nodes = [n for n in network.nodes if fate[n["id"]] != STAYS]
    drawn = {node["id"] for node in network.nodes}
    network.edges = [e for e in network.edges if {e["from"], e["to"]} <= drawn]
    for edge in network.edges:
        if STAYS not in {fate[edge["from"]], fate[edge["to"]]}:
            edge["color"] = {"color": _EDGE, "highlight": _EDGE, "opacity": 0.9}
    return drawing_of(network, _legend(counts, fallen_only=fallen_only))


def _state(catalogue: Catalogue, found: Fates) -> ExploreState:
    """Services and places, and organizations where one of them fails."""
    kinds = ["service"]
    if catalogue.estate.locations:
        kinds.append("location")
    if any(key.startswith("organization:") for key in found.failed):
        kinds.append("organization")
    return ExploreState(kinds=tuple(kinds), collapse="none")


def _widen(nodes: list[dict[str, Any]]) -> None:
    """Draw columns further apart where the picture would leave the sides of the page empty."""
    across, down = ({node[axis] for node in nodes} for axis in ("x", "y"))
    if len(across) > 1 and len(down) > 1:
        width, height = (max(places) - min(places) for places in (across, down))
        factor = min(max(_ASPECT * height / width, 1), _STRETCH)
        for node in nodes:
            node["x"] *= factor


def _coloured(node: dict[str, object], fate: str, place: int | None) -> None:
    """Colour one thing and number it."""
    colour = COLOURS[fate]
    node["color"] = {"background": colour, "border": _BORDERS[fate]}
    node["borderWidth"] = 1.5 if fate == STAYS else 3
    # A window too narrow for everything opens with these.
    node["matters"] = {FAILS: 2, FALLS: 1, STAYS: 0}[fate]
    node["opacity"] = 0.45 if fate == STAYS else 1
    if place is not None:
        node["label"] = f"{place}. {node['label']}"
    node["title"] = f"{str(node['title']).splitlines()[0]}\n{fate}"


def _legend(counts: Mapping[str, int], *, fallen_only: bool) -> list[LegendEntry]:
    """What the colours mean; a click on what stays up leaves it out."""
    return [
        LegendEntry("fate", name, colour, "dot", not (fallen_only and name == STAYS), counts[name])
        for name, colour in COLOURS.items()
    ]


def picked(estate_keys: Collection[str], key: str) -> str | None:
    """What a click on a thing, or on things drawn together, picks; None where it picks nothing."""
    kind, _, name = key.partition(":")
    wanted = f"{_PICKED.get(kind, kind)}:{name}"
    return wanted if wanted in estate_keys else None
