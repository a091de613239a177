"""Everything Explore asks of an estate, compiled once: things by key, places, ranks, states."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import networkx as nx

from depgraph.engine.availability import AssessmentOptions, final_figures
from depgraph.engine.availability_answer import ServiceAvailability
from depgraph.engine.exact import Limits
from depgraph.engine.finding import Finding
from depgraph.engine.graph import Node, failure_graph
from depgraph.engine.paths import EDGE_CLASSES, EdgeClass, OwnFigures, class_graph, own_figures
from depgraph.engine.ranks import ranks
from depgraph.engine.structure import Structure
from depgraph.model.estate import Estate
from ui.explore_state import LAST_RANK, Status

_FIGURE_SECONDS = 2.0


def node_key(node: Node) -> str:
    """Key of a node in the picture and in the page's address."""
    return f"{node.kind}:{node.id}"


def key_of(estate: Estate, reference: str) -> str:
    """Key of what a link names, as ``shop`` or ``service:shop``; unchanged if that is not plain."""
    kinds = estate.node_kinds(reference)
    return ":".join(kinds[0]) if len(kinds) == 1 else reference


@dataclass(eq=False)
class Catalogue:
    """An estate as Explore reads it.

    Parameters
    ----------
    estate, structure, graph
        What was compiled.
    by_service : mapping, optional
        Figures by service; None as long as they are being computed.
    findings : tuple of Finding
        What to look at; none as long as figures are being computed.
    version : str
        Digest of the estate's content.
    """

    estate: Estate
    structure: Structure
    graph: nx.MultiDiGraph[Node]
    by_service: Mapping[str, ServiceAvailability] | None = None
    findings: tuple[Finding, ...] = ()
    version: str = ""
    _links: dict[frozenset[EdgeClass], nx.DiGraph[Node]] = field(default_factory=dict)

    @cached_property
    def node(self) -> Mapping[str, Node]:
        """Things by key."""
        return {node_key(node): node for node in self.graph}

    @cached_property
    def alias(self) -> Mapping[str, str]:
        """Names that tell nothing, for screenshots: the same thing keeps its number."""
        found: dict[str, str] = {}
        for kind in ("service", "location", "organization"):
            keys = sorted(key for key in self.node if key.startswith(f"{kind}:"))
            found.update((key, f"{kind} {number}") for number, key in enumerate(keys, 1))
        functions = sorted(self.estate.function)
        found.update((f"function:{f}", f"function {n}") for n, f in enumerate(functions, 1))
        for key in list(found):
            kind, _, name = key.partition(":")
            group = {"organization": "vendor", "location": "place"}.get(kind)
            if group:
                found[f"{group}:{name}"] = found[key].replace(kind, group)
        return found

    @cached_property
    def search_options(self) -> list[str]:
        """Keys of everything, services first, in the order people look for them."""
        order = {"service": 0, "location": 1, "organization": 2}
        return sorted(self.node, key=lambda key: (order[self.node[key].kind], key))

    @cached_property
    def rank(self) -> Mapping[Node, int]:
        """Changes of hands away from us (rule D1)."""
        return ranks(self.estate, self.links(EDGE_CLASSES))

    @cached_property
    def places(self) -> Mapping[str, frozenset[str]]:
        """Locations of each service, with those around them."""
        around: dict[str, frozenset[str]] = {}
        for location in self.estate.locations:
            chain, here = [location.id], location.within
            while here is not None and here not in chain:
                chain.append(here)
                here = self.estate.location[here].within
            around[location.id] = frozenset(chain)
        return {
            service.id: frozenset().union(
                *(around[place] for group in service.placements for place in group.of)
            )
            for service in self.estate.services
        }

    @cached_property
    def own_figures(self) -> OwnFigures:
        """Own figures of everything that can fail (rule A4)."""
        options = AssessmentOptions(limits=Limits(seconds=_FIGURE_SECONDS))
        return own_figures(final_figures(self.structure, options))

    @cached_property
    def failures(self) -> nx.DiGraph[Node]:
        """Edges along which a failure can spread."""
        return failure_graph(self.graph)

    @cached_property
    def dependants(self) -> Mapping[Node, int]:
        """How many services need each thing, directly or through others."""
        whole: nx.DiGraph[int] = nx.condensation(self.failures)
        services = [node for node in self.failures if node.kind == "service"]
        bit = {node: 1 << place for place, node in enumerate(services)}
        component = whole.graph["mapping"]
        own = {c: sum(bit.get(n, 0) for n in whole.nodes[c]["members"]) for c in whole}
        above: dict[int, int] = {}
        for c in nx.topological_sort(whole):
            above[c] = own[c]
            for consumer in whole.predecessors(c):
                above[c] |= above[consumer]
        return {
            node: (above[component[node]] & ~bit.get(node, 0)).bit_count() for node in self.failures
        }

    @cached_property
    def single_point_for(self) -> Mapping[str, int]:
        """How many services each component takes down alone, by the structure's name (A12)."""
        found: dict[str, int] = {}
        for row in (self.by_service or {}).values():
            for name in row.single_points_of_failure:
                found[name] = found.get(name, 0) + 1
        return found

    def links(self, classes: Collection[EdgeClass]) -> nx.DiGraph[Node]:
        """Edges of some classes; worked out once."""
        chosen = frozenset(classes)
        if chosen not in self._links:
            self._links[chosen] = class_graph(self.graph, chosen)
        return self._links[chosen]

    def shown_rank(self, node: Node) -> int | None:
        """Rank as the filter offers it; None for what we do not reach."""
        rank = self.rank.get(node)
        return None if rank is None else min(rank, LAST_RANK)

    def status(self, node: Node) -> Status:
        """State that the outline shows and the legend filters."""
        if node.kind == "location":
            given = self.estate.location[node.id].own_unavailability
            return "unknown figure" if given is None else "fine"
        if node.kind == "organization":
            return "fine"
        if self.by_service is None:
            return "being computed"
        row = self.by_service[node.id]
        if any(promise.carried is False for promise in row.commitments):
            return "promise not carried"
        if any(promise.met is False for promise in row.commitments):
            return "promise not met"
        return "unknown figure" if row.unknown else "fine"
