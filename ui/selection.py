"""Which things and edges a view of Explore draws, with what was left out and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import networkx as nx

from depgraph.engine.graph import Node
from depgraph.engine.paths import EDGE_CLASSES, PathAnswer, neighbourhood, paths_by
from depgraph.engine.roll_up import rolled_up
from depgraph.wording import counted
from ui.catalogue import Catalogue, node_key
from ui.explore_state import Collapse, ExploreState, expanded, focused

MOST_READ = 250
"""Things in one picture whose names can be read; above, they are drawn together unless somebody
asks otherwise."""
MOST_DRAWN = 1_500
"""Things in one picture even where somebody asks for each by itself."""
MOST_EDGES = 2_500
"""Implied edges in one picture; above, the heaviest."""
MOST_GROUPS = 120
"""Groups in one picture; above, the smallest become one."""
MOST_GROUPS_OPENED = 360
"""The same once somebody opened that one."""
MOST_EXPANDED = 30
"""Neighbours that one click on a thing brings in."""
MOST_OPENED = 300
"""Members that an opened group shows."""
MOST_PATHS = 10
GROUPS = {"vendor": "vendor", "location": "place", "function": "function"}
"""Prefix of a group's key, by what things are drawn together by."""


@dataclass(frozen=True, eq=False)
class Visible:
    """What one picture draws."""

    graph: nx.DiGraph[str]
    """Things by key with ``members``; edges with ``classes`` and ``implied``."""
    standing: nx.DiGraph[str]
    """What the layout is computed for: hidden things keep their room, so that nothing moves."""
    added: tuple[str, ...]
    """Things that came in by a click and find a place beside what was there."""
    paths: PathAnswer | None
    """Paths that were asked for."""
    notes: tuple[str, ...]
    """What is left out or drawn together without being asked for."""
    collapse: Collapse
    """What things are drawn together by, in the end."""


def visible(catalogue: Catalogue, state: ExploreState) -> Visible:
    """What a view draws; the same view is worked out once.

    Parameters
    ----------
    catalogue : Catalogue
        The estate.
    state : ExploreState
        The view; what is selected, pinned or named makes no difference.
    """
    plain = ExploreState()
    drawn = replace(state, focus=(), pinned=(), hide_names=plain.hide_names, size_by=plain.size_by)
    return _visible(catalogue, drawn)


@lru_cache(maxsize=64)
def _visible(catalogue: Catalogue, state: ExploreState) -> Visible:
    notes: list[str] = []
    links = catalogue.links(state.edges)
    chosen = _chosen(catalogue, state)
    paths = _paths(catalogue, state)
    on_paths = {node for path in paths.paths for node in path.nodes} if paths else set()
    if state.path_only and on_paths:
        chosen = set()
    added = (_expanded(catalogue, state, notes) | on_paths) - chosen
    collapse = _collapse(catalogue, state, len(chosen | added), notes)
    drawn = links.subgraph(chosen | added)
    group_of = _grouping(catalogue, replace(state, collapse=collapse), drawn, notes)
    asked_for = (*state.expanded, state.around)
    kept = set(on_paths) | {n for key in asked_for if (n := catalogue.node.get(key))}
    whole = rolled_up(drawn, lambda node: node_key(node) if node in kept else group_of(node))
    _thin_out(whole, notes)
    late = tuple(sorted(k for k in map(node_key, added) if k in whole)) if chosen else ()
    graph = whole.subgraph([key for key in whole if key not in state.hidden]).copy()
    standing = whole.subgraph([key for key in whole if key not in late])
    return Visible(graph, standing, late, paths, tuple(notes), collapse)


def _collapse(catalogue: Catalogue, state: ExploreState, things: int, notes: list[str]) -> Collapse:
    """What to draw together by; asked for or, where things are too many to read, our choice."""
    if state.collapse not in {"automatic", "none"}:
        return state.collapse
    if things <= (MOST_READ if state.collapse == "automatic" else MOST_DRAWN):
        return "none"
    chosen: Collapse = "vendor" if _vendors(catalogue) > 1 else "location"
    notes.insert(
        0,
        f"{things:,} things are too many to read, so they are drawn together by {chosen}: "
        "double click a group to open it, or filter",
    )
    return chosen


def _chosen(catalogue: Catalogue, state: ExploreState) -> set[Node]:
    """Things that pass the filters, or were asked for by name."""
    if state.only:
        return set(_nodes_of(catalogue, state.only))
    filtered = any(
        (state.vendors, state.locations, state.functions, state.criticality, state.ranks,
         state.statuses)
    )  # fmt: skip
    found = {node for node in catalogue.graph if _passes(catalogue, state, node)}
    if filtered:
        found = {n for n in found if n.kind == "service" or _own_match(catalogue, state, n)}
        near = _settings(catalogue.links(EDGE_CLASSES), found)
        found |= {node for node in near if node.kind in state.kinds}
    anchor = catalogue.node.get(state.around)
    if anchor is not None:
        within = catalogue.links(state.edges).subgraph(found | {anchor})
        found = set(neighbourhood(within, anchor, state.depth, state.direction).nodes)
    return found


def _settings(links: nx.DiGraph[Node], nodes: Iterable[Node]) -> set[Node]:
    """Places and organizations that things stand in or are provided by, and those around."""
    todo = list(nodes)
    seen: set[Node] = set()
    while todo:
        for other in links.successors(todo.pop()):
            if other.kind != "service" and other not in seen:
                seen.add(other)
                todo.append(other)
    return seen


def _own_match(catalogue: Catalogue, state: ExploreState, node: Node) -> bool:
    """Whether a place passes by itself: only its state can be asked for."""
    return (
        bool(state.statuses)
        and catalogue.status(node) in state.statuses
        and not any(
            (state.vendors, state.locations, state.functions, state.criticality, state.ranks)
        )
    )


def _passes(catalogue: Catalogue, state: ExploreState, node: Node) -> bool:
    """Whether a thing passes every filter; those for services concern services alone."""
    if node.kind not in state.kinds:
        return False
    if node.kind != "service":
        return True
    service = catalogue.estate.service[node.id]
    return (
        (not state.vendors or service.provider in state.vendors)
        and (not state.criticality or service.criticality in state.criticality)
        and (not state.functions or not set(state.functions).isdisjoint(service.supports))
        and (not state.locations or not catalogue.places[node.id].isdisjoint(state.locations))
        and (not state.ranks or catalogue.shown_rank(node) in state.ranks)
        and (not state.statuses or catalogue.status(node) in state.statuses)
    )


def _nodes_of(catalogue: Catalogue, keys: Iterable[str]) -> Iterator[Node]:
    """Things of keys; a group stands for its members."""
    for key in keys:
        if key in catalogue.node:
            yield catalogue.node[key]
            continue
        for by, prefix in GROUPS.items():
            if key.startswith(f"{prefix}:"):
                yield from (n for n in catalogue.graph if _group(catalogue, by, n) == key)


def group_of(catalogue: Catalogue, state: ExploreState, key: str) -> str:
    """Group that a thing is drawn in, or would be; empty where nothing is drawn together."""
    by = visible(catalogue, state).collapse
    node = catalogue.node.get(key)
    return "" if node is None or by == "none" else _group(catalogue, by, node)


def members_of(catalogue: Catalogue, state: ExploreState, key: str) -> tuple[Node, ...]:
    """Things that a key stands for: those drawn as it, or all of it where it is not drawn."""
    graph = visible(catalogue, state).graph
    if key in graph:
        members: tuple[Node, ...] = tuple(graph.nodes[key]["members"])
        return members
    return tuple(_nodes_of(catalogue, [key]))


def brought(catalogue: Catalogue, state: ExploreState, key: str) -> ExploreState:
    """Select a thing that was looked for; it is drawn if it was not."""
    drawn = key in visible(catalogue, state).graph
    return focused(state if drawn else expanded(state, key), key)


def _expanded(catalogue: Catalogue, state: ExploreState, notes: list[str]) -> set[Node]:
    """Neighbours that were asked for, a few of each thing."""
    found: set[Node] = set()
    for key in state.expanded:
        if key in catalogue.node:
            links = catalogue.links(state.edges)
            near = neighbourhood(links, catalogue.node[key], 1, "both", MOST_EXPANDED)
            found |= near.nodes
            if near.left_out:
                shown = len(near.nodes) - 1
                total = shown + near.left_out
                notes.append(f"{shown:,} of {counted(total, 'neighbour')} of one thing are drawn")
    return found


def _paths(catalogue: Catalogue, state: ExploreState) -> PathAnswer | None:
    """Paths that were asked for."""
    start, end = catalogue.node.get(state.path_from), catalogue.node.get(state.path_to)
    if start is None or end is None:
        return None
    links = catalogue.links(state.edges)
    figures = catalogue.own_figures
    return paths_by(links, (start, end), figures, state.path_order, MOST_PATHS)


def _vendors(catalogue: Catalogue) -> int:
    return len({service.provider for service in catalogue.estate.services})


def _group(catalogue: Catalogue, by: str, node: Node) -> str:
    """Group of a thing; its own key where it belongs to none."""
    key = node_key(node)
    if by == "location":
        if node.kind == "location":
            return f"place:{node.id}"
        if node.kind == "service":
            placements = catalogue.estate.service[node.id].placements
            return f"place:{placements[0].of[0]}" if placements else "place:"
    if node.kind != "service":
        return key
    service = catalogue.estate.service[node.id]
    if by == "vendor":
        return f"vendor:{service.provider or ''}"
    if by == "function":
        return f"function:{service.supports[0] if service.supports else ''}"
    return key


def _grouping(
    catalogue: Catalogue, state: ExploreState, drawn: nx.DiGraph[Node], notes: list[str]
) -> Callable[[Node], str]:
    """Group of each thing drawn; opened groups show their members, up to a limit."""
    by = state.collapse
    if by == "none":
        return node_key
    group = {node: _group(catalogue, by, node) for node in drawn}
    sizes: dict[str, list[Node]] = {}
    for node, key in group.items():
        sizes.setdefault(key, []).append(node)
    for key in state.opened:
        members = sorted(sizes.get(key, ()), key=lambda node: (-drawn.degree(node), node))
        group.update((node, node_key(node)) for node in members[:MOST_OPENED])
        if len(members) > MOST_OPENED:
            notes.append(f"{MOST_OPENED} of {len(members):,} members of an opened group are drawn")
    largest = sorted((k for k in sizes if k not in state.opened), key=lambda k: (-len(sizes[k]), k))
    rest = f"rest:{by}"
    small = set(largest[MOST_GROUPS_OPENED if rest in state.opened else MOST_GROUPS :])
    if small:
        notes.append(
            f"the {counted(len(small), 'smallest group is', 'smallest groups are')} drawn as one"
        )
        group.update((n, rest) for n, key in group.items() if key in small)
    return lambda node: group[node]


def _thin_out(graph: nx.DiGraph[str], notes: list[str]) -> None:
    """Keep the edges that stand for most; where all stand for one, those are not too many."""
    total = graph.number_of_edges()
    weight: dict[tuple[str, str], int] = {
        edge: graph.edges[edge]["implied"] for edge in graph.edges
    }
    if total <= MOST_EDGES or max(weight.values()) == 1:
        return
    ranked = sorted(weight, key=lambda edge: (-weight[edge], edge))
    graph.remove_edges_from(ranked[MOST_EDGES:])
    notes.append(f"the {MOST_EDGES:,} heaviest of {counted(total, 'implied edge')} are drawn")
