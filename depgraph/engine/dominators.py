"""What everything must pass through: two notions, both named (rule D2).

*Gate*: every path from us to a thing runs through it (a dominator of the graph; redundancy is not
asked about). *Single point*: it fails alone, and the thing is down (a minimal cut set of order 1;
redundancy is respected). "Rests on" is weaker than both: some path leads there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import networkx as nx

from depgraph.engine.essential import essential_components
from depgraph.engine.graph import Node, dependency_graph, failure_graph
from depgraph.engine.outage import OutageExplorer
from depgraph.engine.structure import Structure
from depgraph.engine.supply_chain import surroundings, ultimate_owner
from depgraph.model.estate import Estate
from depgraph.record import Record

PointKind = Literal["service", "location", "organization", "group", "country"]


class Dominator(Record):
    """One thing that business functions must pass through, or rest on."""

    kind: PointKind
    """What it is; a group is all organizations under one ultimate owner, a country all the
    locations in it."""
    id: str
    """Its id; for a group that of the ultimate owner, for a country its code."""
    members: tuple[str, ...]
    """Ids that fail with it: of a group, of a country; itself otherwise."""
    must_pass: tuple[str, ...]
    """Functions that are down when it fails alone, redundancy respected (order-1 cut set)."""
    must_pass_critical: tuple[str, ...]
    """Those of them that are critical."""
    critical_share: float | None
    """Share of all critical functions that must pass through it [1]; None without critical ones."""
    rests_on: tuple[str, ...]
    """Functions with some path to it, redundancy and soft dependencies not asked about."""
    services_down: tuple[str, ...]
    """Services that are down when it fails alone."""
    gate_of: tuple[str, ...]
    """Things that functions reach only through it, on every path, as ``kind:id``; empty for groups
    and countries."""


class _Points:
    """Candidates with their members."""

    def __init__(self, estate: Estate, own: frozenset[str]) -> None:
        self.groups: dict[str, list[str]] = {}
        for organization in estate.organizations:
            if organization.id not in own:
                top = ultimate_owner(estate, organization.id)
                self.groups.setdefault(top, []).append(organization.id)
        self.countries: dict[str, list[str]] = {}
        for location in estate.locations:
            country = next(
                (p.country for p in surroundings(estate, location.id) if p.country), None
            )
            if country is not None:
                self.countries.setdefault(country, []).append(location.id)


def dominators(structure: Structure, own: frozenset[str]) -> tuple[Dominator, ...]:
    """What business functions must pass through, those that hold most of them first (rule D2).

    A function is down when any service that supports it is down.

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    own : frozenset of str
        Our own organizations; they are no point to concentrate on.
    """
    estate = structure.estate
    explorer = OutageExplorer(structure)
    work = _Reach(estate)
    singles = _single_points(structure)
    found = []
    for (kind, name), services in singles.items():
        if not (kind == "organization" and name in own):
            found.append(work.point(kind, name, (name,), services))
    points = _Points(estate, own)
    for top, members in points.groups.items():
        if len(members) > 1:
            down = explorer.services_down(_references(estate, "organization", members))
            found.append(work.point("group", top, tuple(members), down))
    for country, places in points.countries.items():
        down = explorer.services_down(_references(estate, "location", places))
        found.append(work.point("country", country, tuple(places), down))
    kept = [row for row in found if row.must_pass or row.rests_on or row.gate_of]
    kept.sort(key=lambda row: (-len(row.must_pass_critical), -len(row.must_pass),
                               -len(row.services_down), row.kind, row.id))  # fmt: skip
    return tuple(kept)


def _references(estate: Estate, kind: str, names: Iterable[str]) -> list[str]:
    """References that name things beyond doubt."""
    return [n if len(estate.node_kinds(n)) == 1 else f"{kind}:{n}" for n in names]


def _single_points(structure: Structure) -> Mapping[tuple[PointKind, str], tuple[str, ...]]:
    """Services that each thing takes down alone; things that take nothing down have none."""
    essential = essential_components(structure.gates, structure.up.values())
    found: dict[tuple[PointKind, str], list[str]] = {
        (key.kind, key.id): [] for key in structure.variable if key.kind != "common_cause"
    }
    for service in structure.estate.services:
        for variable in essential[structure.up[service.id]]:
            key = structure.component[variable]
            if key.kind != "common_cause":
                found[key.kind, key.id].append(service.id)
    return {point: tuple(services) for point, services in found.items()}


class _Reach:
    """Which functions rest on what, and what is reached only through what."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.critical = [f.id for f in estate.functions if f.critical]
        whole = failure_graph(dependency_graph(estate), soft=True)
        self.below: dict[str, set[Node]] = {}
        root = Node("organization", "")
        start: nx.DiGraph[Node] = whole.copy()
        for function in estate.functions:
            roots = [Node("service", s.id) for s in estate.services if function.id in s.supports]
            self.below[function.id] = {n for r in roots for n in nx.descendants(whole, r)} | {
                *roots
            }
            start.add_edges_from((root, service) for service in roots)
        self.gated: dict[Node, list[str]] = {}
        if root in start:
            above = nx.immediate_dominators(start, root)
            for node in above:
                self._note_gates(node, root, above)

    def _note_gates(self, node: Node, root: Node, above: Mapping[Node, Node]) -> None:
        """Enter a node under everything that dominates it."""
        gate = above[node]
        while gate not in {root, node} and node != root:
            self.gated.setdefault(gate, []).append(f"{node.kind}:{node.id}")
            if gate == above[gate]:
                break
            gate = above[gate]

    def point(
        self, kind: PointKind, name: str, members: tuple[str, ...], down: Iterable[str]
    ) -> Dominator:
        """Answer for one candidate."""
        fallen = tuple(down)
        lost = {f for service in fallen for f in self.estate.service[service].supports}
        nodes = {
            Node(
                "location" if kind == "country" else "organization" if kind == "group" else kind, m
            )
            for m in members
        }
        hit = tuple(f.id for f in self.estate.functions if f.id in lost)
        critical = tuple(f for f in hit if f in self.critical)
        return Dominator(
            kind=kind,
            id=name,
            members=members,
            must_pass=hit,
            must_pass_critical=critical,
            critical_share=len(critical) / len(self.critical) if self.critical else None,
            rests_on=tuple(
                f.id for f in self.estate.functions if not self.below[f.id].isdisjoint(nodes)
            ),
            services_down=fallen,
            gate_of=tuple(sorted(self.gated.get(next(iter(nodes)), ())))
            if len(nodes) == 1 and kind not in {"group", "country"}
            else (),
        )
