"""How Explore's picture looks: shapes, colours, sizes and the legend; the page only draws it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from pyvis.network import Network

from depgraph.engine.graph import Node
from depgraph.wording import counted
from ui.catalogue import Catalogue, node_key
from ui.explore_state import KINDS, STATUSES, ExploreState
from ui.figures_text import availability_text
from ui.graph_view import Drawing, LegendEntry, drawing_of
from ui.layout import Point, Spacing, layered_positions
from ui.layout_beside import beside
from ui.selection import GROUPS, Visible, visible

KIND_COLOURS: Mapping[str, str] = {
    "service": "#4c8bf5",
    "location": "#2aa876",
    "organization": "#b07cc6",
    "group": "#8899aa",
}
"""Fill by kind; chosen to stay apart for colour-blind readers and on dark ground."""
STATE_COLOURS: Mapping[str, str] = {
    "promise not carried": "#d93025",
    "promise not met": "#f29900",
    "unknown figure": "#9334e6",
    "fine": "#5f6368",
    "being computed": "#5f6368",
}
"""Outline by state."""
SHAPES: Mapping[str, str] = {
    "service": "dot", "location": "square", "organization": "diamond", "group": "hexagon"
}  # fmt: skip
ROOM = Spacing(column=168.0, row=74.0, max_rows=13, close_row=28.0)
_ROOM_LARGE = Spacing(column=168.0, row=74.0, close_row=28.0)
_ROOM_GROUPS = Spacing(column=190.0, row=94.0, max_rows=11, close_row=32.0)
_LARGE = 150
_LINE = 15
_LONG_LINE = 22
_MOST_WIDTH = 5.0
_LARGEST_GROUP = 24.0


def kind_of(key: str) -> str:
    """What a key names: a kind of thing, or ``group``."""
    prefix = key.partition(":")[0]
    return prefix if prefix in KINDS else "group"


def name_of(catalogue: Catalogue, state: ExploreState, key: str) -> str:
    """What people read for a key; nothing telling where names are hidden."""
    prefix, _, name = key.partition(":")
    if prefix == "rest":
        return "the smallest"
    if not name:
        return {"vendor": "no vendor", "place": "no location", "function": "no function"}.get(
            prefix, key
        )
    return catalogue.alias.get(key, "gone") if state.hide_names else name


def listed_name(catalogue: Catalogue, state: ExploreState, key: str) -> str:
    """A name in a list of things of every kind."""
    name = name_of(catalogue, state, key)
    return name if state.hide_names else f"{name} · {kind_of(key)}"


@lru_cache(maxsize=64)
def positions(catalogue: Catalogue, state: ExploreState) -> Mapping[str, Point]:
    """Place of everything drawn; selections, pins and names left out of `state` save work."""
    seen = visible(catalogue, state)
    room = ROOM if len(seen.standing) <= _LARGE else _ROOM_LARGE
    if seen.collapse != "none":
        room = _ROOM_GROUPS
    points = layered_positions(seen.standing, room)
    return beside(seen.graph, points, [key for key in seen.added if key in seen.graph], room)


def network_of(catalogue: Catalogue, state: ExploreState) -> Network:
    """The picture as a pyvis network."""
    seen = visible(catalogue, state)
    points = dict(positions(catalogue, replace(state, focus=(), pinned=(), hide_names=False)))
    points.update({pin.key: Point(pin.x, pin.y) for pin in state.pinned if pin.key in points})
    marked = _on_paths(seen)
    network = Network(directed=True)
    for key in seen.graph:
        look = _Look(catalogue, state, seen, key)
        side = points[key].side
        faded = bool(marked) and key not in marked
        network.add_node(
            key,
            label=look.line if side else look.label,
            title=look.title,
            shape=SHAPES[look.kind],
            size=look.size,
            borderWidth=3 if look.status in _LOUD else 1.5,
            color={"background": KIND_COLOURS[look.kind], "border": STATE_COLOURS[look.status]},
            opacity=0.3 if faded else 1,
            x=points[key].x,
            y=points[key].y,
            **({"side": side} if side else {}),
        )
    steps = set(_steps(seen))
    network.edges = [_edge(a, b, d, steps) for a, b, d in seen.graph.edges(data=True)]
    for edge in network.edges:
        if points[str(edge["from"])].x == points[str(edge["to"])].x:
            # A straight line would run through everything between the two.
            edge["bend"] = True
    return network


_LOUD = frozenset({"promise not carried", "promise not met", "unknown figure"})


def _edge(
    start: str, end: str, data: Mapping[str, object], steps: set[tuple[str, str]]
) -> dict[str, object]:
    """One edge as pyvis keeps it; its own check for repeated nodes takes quadratic time."""
    classes = data["classes"]
    dashes: object = (
        [2, 4] if classes == {"soft"} else [8, 4] if classes == {"redundant"} else False
    )
    implied = data["implied"]
    width = 1 + math.log2(implied) if isinstance(implied, int) else 1
    edge: dict[str, object] = {"from": start, "to": end, "dashes": dashes, "arrows": "to"}
    if width > 1:
        edge["width"] = round(min(width, _MOST_WIDTH), 1)
    if steps:
        edge["mark"] = "path" if (start, end) in steps else "faded"
    return edge


@dataclass(frozen=True)
class _Look:
    """How one thing looks."""

    catalogue: Catalogue
    state: ExploreState
    seen: Visible
    key: str

    @property
    def members(self) -> tuple[Node, ...]:
        members: tuple[Node, ...] = self.seen.graph.nodes[self.key]["members"]
        return members

    @property
    def kind(self) -> str:
        return kind_of(self.key)

    @property
    def status(self) -> str:
        """The worst state of its members."""
        found = {self.catalogue.status(node) for node in self.members}
        return next(status for status in STATUSES if status in found)

    @property
    def label(self) -> str:
        """Name below the thing, on two lines at most."""
        return _wrapped(name_of(self.catalogue, self.state, self.key), self._count)

    @property
    def line(self) -> str:
        """Name beside the thing, on one line."""
        name = name_of(self.catalogue, self.state, self.key)
        short = name if len(name) <= _LONG_LINE else name[: _LONG_LINE - 1] + "…"
        return short + self._count

    @property
    def _count(self) -> str:
        return f" ({len(self.members):,})" if self.kind == "group" else ""

    @property
    def title(self) -> str:
        """Text beside the pointer: the whole name, its figure, its state."""
        lines = [f"{self.kind} {name_of(self.catalogue, self.state, self.key)}"]
        if self.kind == "group":
            lines.append(
                f"{counted(len(self.members), 'thing')} drawn as one; double click opens it"
            )
        row = (self.catalogue.by_service or {}).get(self.members[0].id)
        if row is not None and self.kind == "service":
            lines.append(availability_text(row))
        return "\n".join([*lines, self.status] if self.status != "fine" else lines)

    @property
    def size(self) -> float:
        """Size by what was asked for; a group by how much it stands for."""
        if self.kind == "group":
            return min(9 + 2 * math.log2(len(self.members)), _LARGEST_GROUP)
        node = self.members[0]
        if self.state.size_by == "dependants":
            return 8 + 3 * math.log2(1 + self.catalogue.dependants[node])
        if self.state.size_by == "single points":
            name = node.id
            if len(self.catalogue.estate.node_kinds(name)) > 1:
                name = self.key
            return 8 + 3 * math.log2(1 + self.catalogue.single_point_for.get(name, 0))
        if node.kind != "service":
            return 9
        sizes = {"critical": 15, "important": 11, "standard": 8}
        return sizes[self.catalogue.estate.service[node.id].criticality]


def _wrapped(name: str, count: str) -> str:
    """A name on two lines at most, of lengths as even as its words allow."""
    if len(name) > _LINE:
        breaks = [i + 1 for i, sign in enumerate(name[:_LINE]) if sign in "-_. /"]
        cut = min(breaks, key=lambda at: (max(at, len(name) - at), at), default=_LINE)
        rest = name[cut:]
        name = f"{name[:cut]}\n{rest if len(rest) <= _LINE else rest[: _LINE - 1] + '…'}"
    return name + count


def _steps(seen: Visible) -> Iterable[tuple[str, str]]:
    """Edges on the paths, by key."""
    for path in seen.paths.paths if seen.paths else ():
        keys = [node_key(node) for node in path.nodes]
        yield from pairwise(keys)


def _on_paths(seen: Visible) -> set[str]:
    return {key for step in _steps(seen) for key in step}


@lru_cache(maxsize=64)
def _drawing(catalogue: Catalogue, state: ExploreState) -> Drawing:
    return drawing_of(network_of(catalogue, state), legend(catalogue, state))


def drawing(catalogue: Catalogue, state: ExploreState) -> Drawing:
    """The picture as the browser gets it; a mere selection finds it ready."""
    return _drawing(catalogue, replace(state, focus=()))


def legend(catalogue: Catalogue, state: ExploreState) -> tuple[LegendEntry, ...]:
    """What colours mean, how many there are in the estate, and what is filtered out."""
    nodes = catalogue.graph.nodes
    entries = [
        LegendEntry("kind", kind, KIND_COLOURS[kind], SHAPES[kind], kind in state.kinds,
                    sum(node.kind == kind for node in nodes))
        for kind in KINDS
    ]  # fmt: skip
    counts: dict[str, int] = {}
    for node in nodes:
        status = catalogue.status(node)
        counts[status] = counts.get(status, 0) + (node.kind != "organization")
    entries += [
        LegendEntry("state", status, STATE_COLOURS[status], "ring",
                    not state.statuses or status in state.statuses, counts[status])
        for status in STATUSES
        if counts.get(status)
    ]  # fmt: skip
    return tuple(entries)


def is_group(key: str) -> bool:
    """Whether a key names things drawn together."""
    return key.partition(":")[0] in {*GROUPS.values(), "rest"}
