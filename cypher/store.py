"""Estates in the graph database: push, pull, query; one driver for every server.

A push is one transaction: a reader sees the estate as it was or as it is, never half of it, and a
program that dies on the way leaves nothing behind. Measured on both local servers up to 100,000
services with 300,000 dependencies.
"""

from __future__ import annotations

import json
import logging
import os
import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from types import TracebackType
from typing import Any, Self, TypeVar

from neo4j import Driver, GraphDatabase, ManagedTransaction
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConstraintError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
)

from cypher.folder import Engine
from cypher.local import DATABASES, credentials, started
from cypher.rows import NODE_LISTS, Row, digest, edge_rows, node_key, node_rows, own_record
from cypher.scenarios import (
    ListScenarios,
    ReadScenario,
    RemoveScenario,
    SavedScenario,
    SaveScenario,
    link_scenarios,
)
from cypher.statements_text import named_query, schema_statements, statement
from depgraph.errors import StoreError
from depgraph.model.estate import Estate
from depgraph.model.scenario import Scenario
from depgraph.record import Record

BATCH = 10_000
"""Rows per statement; the fastest size measured."""
MOST_REMOVED = 0.2
"""Share of an estate's records that one push may remove without being told to."""
_ATTEMPTS = 8

Answer = TypeVar("Answer")
Credentials = Callable[[], tuple[str, str]]


class PushReport(Record):
    """What a push did."""

    estate: str
    """Name of the estate in the database."""
    nodes: int
    """Records written."""
    edges: int
    """Edges written."""
    removed: int
    """Records removed because the estate no longer has them."""
    unchanged: bool
    """Whether the database held the same estate already."""


class Store:
    """A graph database.

    Parameters
    ----------
    driver : Driver
        Connected driver; closed with the store.
    database : str, optional
        Database to use; the server's default when None.
    """

    def __init__(self, driver: Driver, database: str | None = None) -> None:
        self._driver = driver
        self._database = database

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._driver.close()

    def prepare(self) -> None:
        """Create constraints and indexes; safe to repeat."""
        for text in schema_statements():
            self._write(_Run(text))

    def push(
        self,
        estate: Estate,
        name: str | None = None,
        *,
        remove_many: bool = False,
        flows_down: Sequence[Row] = (),
    ) -> PushReport:
        """Write an estate, all or nothing.

        Parameters
        ----------
        estate : Estate
            What to write.
        name : str, optional
            Name in the database; the estate's own name, else ``estate``.
        remove_many : bool
            Allow the removal of more than a fifth of the records that were there.
        flows_down : sequence of dict
            Flow-down edges between SLAs: from, to, obligation, promised, held, status.

        Raises
        ------
        StoreError
            If the database refuses, or too much would be removed; nothing is changed then.
        """
        self.prepare()
        push = _Push(estate, name or estate.name or "estate", remove_many, flows_down)
        return self._write(push)

    def pull(self, name: str | None = None) -> Estate:
        """Read an estate back, equal to what was pushed.

        Raises
        ------
        StoreError
            If there is no such estate, or several and none is named.
        """
        return self._read(_Pull(name))

    def remove(self, name: str) -> None:
        """Remove an estate."""
        self.push(Estate(), name, remove_many=True)
        self._write(_Run(statement("scenarios_remove"), {"estate": name}))
        key = node_key(name, "Estate", name)
        self._write(_Run(statement("estate_remove"), {"key": key}))

    def estates(self) -> list[Row]:
        """Estates that the database holds: id, name, time of the push."""
        rows = self._read(_Run(statement("estate_list")))
        return sorted(rows, key=lambda row: str(row["id"]))

    def save_scenario(
        self, scenario: Scenario, estate: str | None = None, *, replace: bool = False
    ) -> None:
        """Save a scenario beside its estate, under its name (rule W1).

        Raises
        ------
        StoreError
            If it has no name, another one has it and `replace` is not set, or the estate is not
            there.
        """
        if not scenario.name.strip():
            raise StoreError("a scenario is saved under its name: give it one")
        self.prepare()
        self._write(SaveScenario(scenario, estate or self._read(_only_estate), replace=replace))

    def scenario(self, name: str, estate: str | None = None) -> SavedScenario:
        """Read a saved scenario back, equal to what was saved.

        Raises
        ------
        StoreError
            If there is none of that name.
        """
        return self._read(ReadScenario(name, estate or self._read(_only_estate)))

    def scenarios(self, estate: str | None = None) -> list[Row]:
        """Saved scenarios: name, why, incidents, edits, saved, estate_changed."""
        return self._read(ListScenarios(estate or self._read(_only_estate)))

    def remove_scenario(self, name: str, estate: str | None = None) -> None:
        """Forget a saved scenario.

        Raises
        ------
        StoreError
            If there is none of that name.
        """
        self._write(RemoveScenario(name, estate or self._read(_only_estate)))

    def query(self, query: str, name: str | None = None, **parameters: object) -> list[Row]:
        """Run a documented query.

        Parameters
        ----------
        query : str
            Name of the query.
        name : str, optional
            Estate; the only one when absent.
        **parameters
            What the query needs.

        Raises
        ------
        StoreError
            If a parameter is missing or unknown.
        """
        wanted = named_query(query)
        missing = [p for p in wanted.parameters if p not in parameters]
        unknown = [p for p in parameters if p not in wanted.parameters]
        if missing or unknown:
            faults = [f"needs {p}" for p in missing] + [f"has no {p}" for p in unknown]
            raise StoreError(f"the query {query} {' and '.join(faults)} ({wanted.help})")
        estate = name or self._read(_only_estate)
        return self._read(_Run(wanted.text, {"estate": estate, **parameters}))

    def _read(self, work: Callable[[ManagedTransaction], Answer]) -> Answer:
        return self._managed(lambda: self._session_read(work))

    def _write(self, work: Callable[[ManagedTransaction], Answer]) -> Answer:
        return self._managed(lambda: self._session_write(work))

    def _session_read(self, work: Callable[[ManagedTransaction], Answer]) -> Answer:
        with self._driver.session(database=self._database) as session:
            return session.execute_read(work)

    def _session_write(self, work: Callable[[ManagedTransaction], Answer]) -> Answer:
        with self._driver.session(database=self._database) as session:
            return session.execute_write(work)

    def _managed(self, attempt: Callable[[], Answer]) -> Answer:
        """Run a transaction; writers that collide try again, faults get a sentence."""
        for number in range(_ATTEMPTS):
            try:
                return attempt()
            except (ConstraintError, ClientError) as error:
                last = number + 1 == _ATTEMPTS
                if last or not _is_collision(error):
                    raise StoreError(_sentence(error)) from None
                # Writers that collide once would collide again without a pause.
                time.sleep(random.uniform(0.05, 0.3) * (number + 1))  # noqa: S311 - no secret
            except (DriverError, Neo4jError, OSError) as error:
                raise StoreError(_sentence(error)) from None
        raise StoreError("the database stayed busy; try again")


class _Run:
    """One statement as a unit of work."""

    def __init__(self, text: str, parameters: Mapping[str, object] | None = None) -> None:
        self._text = text
        self._parameters = dict(parameters or {})

    def __call__(self, tx: ManagedTransaction) -> list[Row]:
        return tx.run(self._text, self._parameters).data()


class _Push:
    """The transaction that writes an estate."""

    def __init__(
        self,
        estate: Estate,
        name: str,
        remove_many: bool,  # noqa: FBT001 - handed through
        flows_down: Sequence[Row],
    ) -> None:
        self._estate, self._name, self._remove_many = estate, name, remove_many
        self._flows = [
            {
                **row,
                "from": node_key(name, "SLA", row["from"]),
                "to": node_key(name, "SLA", row["to"]),
            }
            for row in flows_down
        ]
        # What is in force changes with the day, so the edges count as well as the estate.
        flows = sha256(json.dumps(self._flows, sort_keys=True).encode()).hexdigest()
        self._digest = digest(estate) + (f"+{flows}" if self._flows else "")

    def __call__(self, tx: ManagedTransaction) -> PushReport:
        key = node_key(self._name, "Estate", self._name)
        tag = uuid.uuid4().hex
        [before] = tx.run(statement("estate_lock"), key=key, tag=tag).data()
        if before["digest"] == self._digest:
            return PushReport(estate=self._name, nodes=0, edges=0, removed=0, unchanged=True)
        nodes = edges = 0
        for label, rows in node_rows(self._estate, self._name):
            nodes += self._batches(tx, f"nodes_{label.lower()}", rows, tag)
        for kind, rows in edge_rows(self._estate, self._name):
            edges += self._batches(tx, f"edges_{kind}", rows, tag)
        edges += self._batches(tx, "edges_flows_down", self._flow_rows(), tag)
        removed = self._remove_stale(tx, tag)
        link_scenarios(tx, self._name)
        for role in ("roles_clear", "roles_vendor", "roles_subcontractor"):
            tx.run(statement(role), estate=self._name).consume()
        tx.run(
            statement("estate_write"),
            key=key, id=self._name, name=self._estate.name or self._name, tag=tag,
            digest=self._digest, record=own_record(self._estate),
            pushed=datetime.now(UTC).isoformat(),
        ).consume()  # fmt: skip
        return PushReport(
            estate=self._name, nodes=nodes, edges=edges, removed=removed, unchanged=False
        )

    def _flow_rows(self) -> list[Row]:
        rows = []
        for flow in self._flows:
            key = json.dumps([flow["from"], flow["to"], flow["obligation"]])
            shown = {k: flow[k] for k in ("obligation", "promised", "held", "status")}
            kept = {k: v for k, v in shown.items() if v is not None}
            rows.append(
                {
                    "from": flow["from"],
                    "to": flow["to"],
                    "key": key,
                    "properties": {"key": key, **kept},
                }
            )
        return rows

    @staticmethod
    def _batches(tx: ManagedTransaction, name: str, rows: Sequence[Row], tag: str) -> int:
        for start in range(0, len(rows), BATCH):
            tx.run(statement(name), rows=list(rows[start : start + BATCH]), tag=tag).consume()
        return len(rows)

    def _remove_stale(self, tx: ManagedTransaction, tag: str) -> int:
        """Remove what this push did not write, unless that is suspiciously much."""
        total = stale = 0
        for label in NODE_LISTS:
            [row] = tx.run(statement(f"count_{label.lower()}"), estate=self._name, tag=tag).data()
            total += int(row["total"])
            stale += int(row["stale"])
        fresh = total - stale
        if stale > MOST_REMOVED * max(total, 1) and not self._remove_many:
            raise StoreError(
                f"this push would remove {stale} of the records of {self._name!r} and keep or add "
                f"{fresh}; nothing was changed. Push with --remove-many if that is meant"
            )
        for name in _stale_statements():
            tx.run(statement(name), estate=self._name, tag=tag).consume()
        return stale


def _stale_statements() -> tuple[str, ...]:
    """Statements that remove what a push did not write, edges first."""
    edges = (
        "provides", "depends_on", "located_in", "within", "owned_by", "supplied_by", "supplied_to",
        "holds", "covers", "flows_down", "supports", "affects",
    )  # fmt: skip
    return (*(f"stale_edges_{e}" for e in edges), *(f"stale_{n.lower()}" for n in NODE_LISTS))


def _only_estate(tx: ManagedTransaction) -> str:
    names = [str(row["id"]) for row in tx.run(statement("estate_list")).data()]
    if len(names) != 1:
        listed = ", ".join(sorted(names)) or "none; push one first"
        raise StoreError(f"name the estate with --name; the database holds: {listed}")
    return names[0]


class _Pull:
    """The transaction that reads an estate; one transaction, so that it is one moment."""

    def __init__(self, name: str | None) -> None:
        self._name = name

    def __call__(self, tx: ManagedTransaction) -> Estate:
        name = self._name or _only_estate(tx)
        found = tx.run(statement("estate_read"), key=node_key(name, "Estate", name)).data()
        if not found:
            raise StoreError(f"the database holds no estate called {name!r}")
        data: dict[str, Any] = json.loads(found[0]["record"])
        for label, field in NODE_LISTS.items():
            if label == "SLA":
                continue
            buckets = tx.run(statement(f"read_{label.lower()}"), estate=name).data()
            rows = [row for bucket in buckets for row in bucket["rows"]]
            data[field] = [json.loads(text) for _, text in sorted(rows, key=lambda row: row[0])]
        estate = Estate.model_validate(data)
        if digest(estate) != found[0]["digest"].split("+")[0]:
            raise StoreError(
                f"the estate {name!r} was changed in the database by other means than push; "
                "push it again from its files"
            )
        return estate


def opened_store(
    address: str = "local", engine: Engine = "arcadedb", ask: Credentials | None = None
) -> Store:
    """Connect to a graph database.

    Parameters
    ----------
    address : str
        ``local`` for the local graph, started if it is not up; else a Bolt address.
    engine : {"arcadedb", "neo4j"}
        Which local server.
    ask : callable, optional
        Asks for user and password where the environment gives none.

    Raises
    ------
    StoreError
        If the database cannot be reached.
    """
    uri: str
    auth: tuple[str, str] | None
    database: str | None
    if address == "local":
        server = started(engine)
        uri, auth, database = (
            f"bolt://127.0.0.1:{server.port}", credentials(engine), DATABASES[engine],
        )  # fmt: skip
    else:
        uri, auth, database = address, _remote_credentials(ask), os.environ.get("NEO4J_DATABASE")
    # Queries may name a kind of edge that an estate has none of; that is no reason to warn.
    logging.getLogger("neo4j.notifications").setLevel(logging.ERROR)
    try:
        driver = GraphDatabase.driver(uri, auth=auth, warn_notification_severity="OFF")
        driver.verify_connectivity()
    except (DriverError, Neo4jError, OSError, ValueError) as error:
        raise StoreError(f"{_without_password(uri)}: {_sentence(error)}") from None
    return Store(driver, database)


def _remote_credentials(ask: Credentials | None) -> tuple[str, str] | None:
    """User and password from the environment, else by asking, else none."""
    for prefix in ("DEPGRAPH", "NEO4J"):
        user = os.environ.get(f"{prefix}_USERNAME") or os.environ.get(f"{prefix}_USER")
        password = os.environ.get(f"{prefix}_PASSWORD")
        if password:
            return user or "neo4j", password
    return ask() if ask else None


def _without_password(uri: str) -> str:
    scheme, _, rest = uri.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _is_collision(error: Exception) -> bool:
    """Whether another writer made the same key, or changed the same record, at the same time."""
    text = str(error).lower()
    words = ("constraint", "duplicat", "concurrent", "modified", "deadlock", "retry")
    return isinstance(error, ConstraintError) or any(word in text for word in words)


def _sentence(error: Exception) -> str:
    """What went wrong, for people."""
    if isinstance(error, AuthError):
        return (
            "the database refused the credentials; set NEO4J_USERNAME and NEO4J_PASSWORD "
            "in the environment"
        )
    if isinstance(error, (ServiceUnavailable, OSError)):
        return "the database cannot be reached; check the address and that it is running"
    first = str(error).strip().splitlines()
    return f"the database refused: {first[0][:300] if first else type(error).__name__}"
