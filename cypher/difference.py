"""What the database holds of an estate, what it should hold, and the steps from one to the other.

A push writes the difference only: what is new is created, not merged. A merge looks for an edge
among all that leave its node, which takes forever at a supplier with thousands of services, and a
repeated push would write everything again. It also finds and repairs what was edited by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from neo4j import ManagedTransaction

from cypher.edges import EDGE_KINDS
from cypher.rows import NODE_LISTS, Row
from cypher.statements_text import statement

BATCH = 10_000
"""Rows per statement; the fastest size measured."""
ROLES = ("Vendor", "Subcontractor")
"""Labels of organizations that follow from contracts."""

_Edge = tuple[str, str]
"""Key of the start, and type with key of the edge."""


@dataclass(frozen=True)
class Wanted:
    """What the database should hold of an estate."""

    nodes: Mapping[str, Mapping[str, Row]]
    """Properties of the nodes of each label, by key."""
    roles: Mapping[str, frozenset[str]]
    """Role labels of the organizations that have any, by key."""
    edges: Mapping[str, Sequence[Row]]
    """Rows of every kind of edge."""


@dataclass(frozen=True)
class _Held:
    """What the database holds of an estate."""

    nodes: Mapping[str, Sequence[Row]]
    """Properties of the nodes of each label."""
    roles: Mapping[str, frozenset[str]]
    """Role labels of the organizations, by key."""
    edges: Mapping[str, Sequence[tuple[str, str, str | None, Row]]]
    """Start, type with key, end and properties of the edges, by label of the start."""


@dataclass
class Difference:
    """The steps from what the database holds to what it should hold, in their order."""

    removed_edges: dict[str, list[_Edge]] = field(default_factory=dict)
    """Edges to remove, by label of the start."""
    removed_nodes: dict[str, list[str]] = field(default_factory=dict)
    """Keys of nodes to remove, by label."""
    keyless: bool = False
    """Whether there are nodes without a key to remove."""
    changed_nodes: dict[str, list[Row]] = field(default_factory=dict)
    """Nodes that get other properties, by label."""
    new_nodes: dict[str, list[Row]] = field(default_factory=dict)
    """Nodes to create, by label."""
    roles: dict[str, frozenset[str]] = field(default_factory=dict)
    """Organizations that get other role labels, by key."""
    new_edges: dict[str, list[Row]] = field(default_factory=dict)
    """Edges to create, by kind."""
    stale: int = 0
    """Nodes that the estate does not have."""
    held: int = 0
    """Nodes that the database holds."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        steps = (
            self.removed_edges, self.removed_nodes, self.changed_nodes, self.new_nodes,
            self.roles, self.new_edges,
        )  # fmt: skip
        return not self.keyless and not any(steps)

    def apply(self, tx: ManagedTransaction, estate: str) -> None:
        """Write it."""
        for label, edges in self.removed_edges.items():
            by_start: dict[str, list[str]] = {}
            for start, edge in edges:
                by_start.setdefault(start, []).append(edge)
            rows = [{"from": start, "edges": gone} for start, gone in by_start.items()]
            _run(tx, f"remove_edges_{label.lower()}", rows)
        for label, keys in self.removed_nodes.items():
            _run(tx, f"remove_{label.lower()}", keys)
        if self.keyless:
            tx.run(statement("remove_keyless"), estate=estate).consume()
        for label, nodes in self.changed_nodes.items():
            _run(tx, f"change_{label.lower()}", nodes)
        for label, nodes in self.new_nodes.items():
            _run(tx, f"nodes_{label.lower()}", nodes)
        # Before the edges: a change of labels moves a node with all of them.
        _run(tx, "roles_clear", list(self.roles))
        for role in ROLES:
            keys = [key for key, roles in self.roles.items() if role in roles]
            _run(tx, f"roles_{role.lower()}", keys)
        for kind, edges_of_kind in self.new_edges.items():
            _run(tx, f"edges_{kind}", edges_of_kind)


def difference(tx: ManagedTransaction, estate: str, wanted: Wanted) -> Difference:
    """Compare what the database holds of an estate with what it should hold."""
    held = _held(tx, estate)
    steps = Difference()
    # Nodes of one key twice are removed and made again, and their edges with them.
    remade = {key for label in NODE_LISTS for key in _compare_nodes(label, held, wanted, steps)}
    for label in dict.fromkeys(kind.start for kind in EDGE_KINDS.values()):
        _compare_edges(label, held, wanted, (steps, remade))
    made = {row["key"] for row in steps.new_nodes.get("Organization", ())}
    known = held.roles.keys() | wanted.roles.keys()
    none: frozenset[str] = frozenset()
    for key in sorted(known & wanted.nodes["Organization"].keys()):
        before = none if key in made else held.roles.get(key, none)
        if before != wanted.roles.get(key, none):
            steps.roles[key] = wanted.roles.get(key, none)
    return steps


def _held(tx: ManagedTransaction, estate: str) -> _Held:
    nodes = {}
    roles: dict[str, frozenset[str]] = {}
    for label in NODE_LISTS:
        rows = _collected(tx, f"held_{label.lower()}", estate)
        if label == "Organization":
            for properties, *has in rows:
                named = frozenset(role for role, is_one in zip(ROLES, has, strict=True) if is_one)
                roles[properties.get("key", "")] = named
            rows = [properties for properties, *_ in rows]
        nodes[label] = rows
    starts = dict.fromkeys(kind.start for kind in EDGE_KINDS.values())
    edges = {label: _collected(tx, f"held_edges_{label.lower()}", estate) for label in starts}
    return _Held(nodes, roles, edges)


def _collected(tx: ManagedTransaction, name: str, estate: str) -> list:  # type: ignore[type-arg]  # rows of any form
    return [row for bucket in tx.run(statement(name), estate=estate) for row in bucket["rows"]]


def _compare_nodes(label: str, held: _Held, wanted: Wanted, steps: Difference) -> Iterator[str]:
    """Compare the nodes of a label; yields keys of nodes that are removed and made again."""
    wants = wanted.nodes[label]
    found: dict[str, Row] = {}
    twice: set[str] = set()
    for properties in held.nodes[label]:
        key = properties.get("key")
        if key is None:
            steps.keyless = True
            steps.stale += 1
            steps.held += 1
        elif key in found:
            twice.add(key)
        else:
            found[key] = properties
    stale = [key for key in found if key not in wants]
    again = [key for key in twice if key in wants]
    steps.stale += len(stale)
    steps.held += len(found)
    _note(steps.removed_nodes, label, [*stale, *again])
    changed = (
        row for key, row in wants.items()
        if key in found and key not in twice and found[key] != row
    )  # fmt: skip
    _note(steps.changed_nodes, label, changed)
    new = (row for key, row in wants.items() if key not in found or key in twice)
    _note(steps.new_nodes, label, new)
    yield from again


def _compare_edges(
    label: str, held: _Held, wanted: Wanted, into: tuple[Difference, set[str]]
) -> None:
    """Compare the edges that leave the nodes of a label; one that differs is made again."""
    steps, remade = into
    found: dict[_Edge, tuple[str | None, Row] | None] = {}
    for start, edge, end, properties in held.edges[label]:
        here = (start, edge)
        found[here] = None if here in found else (end, properties)
    kept: set[_Edge] = set()
    for kind, described in EDGE_KINDS.items():
        if described.start != label:
            continue
        fresh: dict[_Edge, Row] = {}
        for row in wanted.edges[kind]:
            here = (row["from"], f"{described.type} {row['properties']['key']}")
            same = found.get(here) == (row["to"], row["properties"])
            if same and row["from"] not in remade and row["to"] not in remade:
                kept.add(here)
            else:
                fresh[here] = row
        _note(steps.new_edges, kind, fresh.values())
    _note(steps.removed_edges, label, (here for here in found if here not in kept))


def _note(steps: dict[str, list], name: str, rows: Iterable) -> None:  # type: ignore[type-arg]  # rows of any form
    listed = list(rows)
    if listed:
        steps[name] = listed


def _run(tx: ManagedTransaction, name: str, rows: Sequence[object]) -> None:
    for first in range(0, len(rows), BATCH):
        tx.run(statement(name), rows=rows[first : first + BATCH]).consume()
