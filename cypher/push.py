"""The transaction that writes an estate, and the one that reads it back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from neo4j import ManagedTransaction
from pydantic import ValidationError

from cypher.difference import Difference, Wanted, difference
from cypher.edges import edge_rows
from cypher.rows import (
    NODE_LISTS,
    Row,
    canonical,
    digest,
    joined_text,
    node_key,
    node_rows,
    own_record,
    text_digest,
)
from cypher.scenarios import link_scenarios
from cypher.statements_text import statement
from depgraph.errors import StoreError
from depgraph.model.estate import Estate
from depgraph.record import Record
from depgraph.wording import counted

MOST_REMOVED = 0.2
"""Share of an estate's records that one push may remove without being told to."""
_MOST_READINGS = 10
"""Readings of an estate into which pushes of others may come."""


class PushReport(Record):
    """What a push did."""

    estate: str
    """Name of the estate in the database."""
    nodes: int
    """Records written: the new ones and those that changed."""
    edges: int
    """Edges written: the new ones and those that changed."""
    removed: int
    """Records removed because the estate no longer has them."""
    unchanged: bool
    """Whether the database held the same estate already."""


class Push:
    """The transaction that writes an estate.

    Parameters
    ----------
    estate : Estate
        What to write.
    name : str
        Its name in the database.
    remove_many : bool
        Allow the removal of more than a fifth of the records that were there.
    flows_down : sequence of dict
        Flow-down edges between SLAs.
    instead_of : Estate, optional
        What the database must hold; anything when None.
    """

    def __init__(
        self,
        estate: Estate,
        name: str,
        *,
        remove_many: bool,
        flows_down: Sequence[Row],
        instead_of: Estate | None = None,
    ) -> None:
        self._name, self._shown = name, estate.name or name
        self._expected = None if instead_of is None else digest(instead_of)
        self._remove_many = remove_many
        nodes = {
            label: {row["key"]: row for row in rows} for label, rows in node_rows(estate, name)
        }
        edges = dict(edge_rows(estate, name, flows_down))
        self._wanted = Wanted(nodes, _roles(estate, name), edges)
        self._own = own_record(estate)
        texts = {
            field: [row["record"] for row in nodes[label].values()]
            for label, field in NODE_LISTS.items()
            if label != "SLA"
        }
        self._digest = text_digest(joined_text(self._own, texts))
        if flows_down:
            # What is in force changes with the day, so these edges count as well as the estate.
            self._digest += f"+{text_digest(canonical(list(flows_down)))}"

    def __call__(self, tx: ManagedTransaction) -> PushReport:
        """Take the lock, compare, write the difference."""
        key = node_key(self._name, "Estate", self._name)
        tag = uuid.uuid4().hex
        [before] = tx.run(statement("estate_lock"), key=key, tag=tag).data()
        if self._expected not in {None, (before["digest"] or "").split("+")[0]}:
            raise StoreError(
                f"the estate {self._name!r} was changed meanwhile; read it again, then repeat the "
                "change"
            )
        steps = difference(tx, self._name, self._wanted)
        unchanged = steps.empty and before["digest"] == self._digest
        if not unchanged:
            self._guard(steps)
            steps.apply(tx, self._name)
            link_scenarios(tx, self._name)
            tx.run(
                statement("estate_write"),
                key=key, id=self._name, name=self._shown, tag=tag,
                digest=self._digest, record=self._own, pushed=datetime.now(UTC).isoformat(),
            ).consume()  # fmt: skip
        return PushReport(
            estate=self._name,
            nodes=sum(map(len, (*steps.new_nodes.values(), *steps.changed_nodes.values()))),
            edges=sum(map(len, steps.new_edges.values())),
            removed=steps.stale,
            unchanged=unchanged,
        )

    def _guard(self, steps: Difference) -> None:
        """Refuse to remove suspiciously much, however much comes in its place."""
        if steps.stale > MOST_REMOVED * steps.held and not self._remove_many:
            raise StoreError(
                f"this push would remove {steps.stale} of the {counted(steps.held, 'record')} of "
                f"{self._name!r}; nothing was changed. Push under another --name, or with "
                "--remove-many if that is meant"
            )


def _roles(estate: Estate, name: str) -> dict[str, frozenset[str]]:
    """Role labels of suppliers: vendors supply our own, subcontractors supply others."""
    found: dict[str, set[str]] = {}
    for contract in estate.contracts:
        own = estate.organization[contract.customer].own
        key = node_key(name, "Organization", contract.supplier)
        found.setdefault(key, set()).add("Vendor" if own else "Subcontractor")
    return {key: frozenset(roles) for key, roles in found.items()}


def chosen_estate(tx: ManagedTransaction, name: str | None = None) -> str:
    """Name of the estate that is meant: the one named, else the only one.

    Raises
    ------
    StoreError
        If it is not there, or none is named and there are several.
    """
    held = sorted(str(row["id"]) for row in tx.run(statement("estate_list")).data())
    if name in held:
        return name
    if not held:
        wanted = "no estate" if name is None else f"no estate called {name!r}, and no other"
        raise StoreError(f"the database holds {wanted}: push one first")
    if name is not None:
        raise StoreError(
            f"the database holds no estate called {name!r}; it holds: {', '.join(held)}"
        )
    if len(held) > 1:
        raise StoreError(f"name the estate with --name; the database holds: {', '.join(held)}")
    return held[0]


class Pull:
    """The transaction that reads an estate.

    A server may show it what another one commits meanwhile; then it reads again.

    Parameters
    ----------
    name : str, optional
        Name of the estate in the database; the only one when None.
    """

    def __init__(self, name: str | None) -> None:
        self._name = name

    def __call__(self, tx: ManagedTransaction) -> Estate:
        """Read the records, and check that they are the ones that were pushed."""
        name = chosen_estate(tx, self._name)
        head = _head(tx, name)
        for _ in range(_MOST_READINGS):
            text = _joined(tx, name, head["record"])
            if text_digest(text) == head["digest"].split("+")[0]:
                return _as_pushed(name, text)
            before, head = head, _head(tx, name)
            if head == before:
                break
        raise StoreError(
            f"the estate {name!r} was changed in the database by other means than push; "
            "push it again from its files"
        )


def _head(tx: ManagedTransaction, name: str) -> Row:
    """What a push notes of an estate: its own record, and the digest of all."""
    found = tx.run(statement("estate_read"), key=node_key(name, "Estate", name)).data()
    if not found:
        raise StoreError(f"the estate {name!r} was removed just now")
    return found[0]


def _joined(tx: ManagedTransaction, name: str, record: str) -> str:
    """All records of an estate as one text; empty where they are none."""
    texts = {
        field: _texts(tx, label, name) for label, field in NODE_LISTS.items() if label != "SLA"
    }
    try:
        return joined_text(record, texts)
    except (TypeError, ValueError, AttributeError):
        return ""


def _as_pushed(name: str, text: str) -> Estate:
    try:
        return Estate.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        raise StoreError(
            f"the estate {name!r} was pushed by another version of this program, whose rules "
            f"were others ({first['msg']}); push it again from its files"
        ) from None


def _texts(tx: ManagedTransaction, label: str, estate: str) -> list[str]:
    """Texts of the records of a label, in order."""
    found = tx.run(statement(f"read_{label.lower()}"), estate=estate)
    rows = [row for bucket in found for row in bucket["rows"]]
    # A node that somebody added by hand may have neither; the digest tells.
    rows.sort(key=lambda row: row[0] if isinstance(row[0], int) else -1)
    return [str(text) for _, text in rows]
