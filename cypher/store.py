"""Estates in the graph database: push, pull, query; one driver for every server.

A push is one transaction: a reader sees the estate as it was or as it is, never half of it, and a
program that dies on the way leaves nothing behind.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self, TypeVar

from neo4j import Driver, ManagedTransaction
from neo4j.exceptions import ClientError, ConstraintError, DriverError, Neo4jError

from cypher.connection import Credentials, connected, sentence
from cypher.folder import Engine
from cypher.origins import KeepOrigins, Origins, ReadOrigins
from cypher.push import Pull, Push, PushReport, chosen_estate
from cypher.rows import Row, node_key
from cypher.scenarios import (
    ListScenarios,
    ReadScenario,
    RemoveScenario,
    SavedScenario,
    SaveScenario,
)
from cypher.statements_text import named_query, schema_statements, statement
from depgraph.collection import collection_paused
from depgraph.errors import StoreError
from depgraph.model.estate import Estate
from depgraph.model.scenario import Scenario

_ATTEMPTS = 8

Answer = TypeVar("Answer")


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
        self._write(_create_schema)

    def push(
        self,
        estate: Estate,
        name: str | None = None,
        *,
        remove_many: bool = False,
        flows_down: Sequence[Row] = (),
        instead_of: Estate | None = None,
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
        instead_of : Estate, optional
            What the database must still hold; anything when None.

        Raises
        ------
        StoreError
            If the database refuses, too much would be removed, or the database holds another
            estate than `instead_of`; nothing is changed then.
        """
        self.prepare()
        chosen = name or estate.name or "estate"
        return self._write(
            Push(
                estate,
                chosen,
                remove_many=remove_many,
                flows_down=flows_down,
                instead_of=instead_of,
            )
        )

    @collection_paused()
    def pull(self, name: str | None = None) -> Estate:
        """Read an estate back, equal to what was pushed.

        Raises
        ------
        StoreError
            If there is no such estate, or several and none is named.
        """
        return self._read(Pull(name))

    def remove(self, name: str) -> None:
        """Remove an estate."""
        self.push(Estate(), name, remove_many=True)
        for beside in ("scenarios_remove", "origins_remove"):
            self._write(_Run(statement(beside), {"estate": name}))
        key = node_key(name, "Estate", name)
        self._write(_Run(statement("estate_remove"), {"key": key}))

    def keep_origins(self, origins: Origins, name: str) -> None:
        """Keep where the values of an estate come from, instead of what was kept.

        Parameters
        ----------
        origins : mapping
            Origins by ``list/id/field``, each with source, place, how.
        name : str
            Name of the estate in the database, which holds it.
        """
        self._write(KeepOrigins(origins, name))

    def origins(self, name: str | None = None) -> dict[str, list[dict[str, str]]]:
        """Where the values of an estate come from; empty where nothing was imported.

        Raises
        ------
        StoreError
            If there is no such estate, or several and none is named.
        """
        return self._read(ReadOrigins(self._read(lambda tx: chosen_estate(tx, name))))

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
        self._write(SaveScenario(scenario, estate or self._read(chosen_estate), replace=replace))

    def scenario(self, name: str, estate: str | None = None) -> SavedScenario:
        """Read a saved scenario back, equal to what was saved.

        Raises
        ------
        StoreError
            If there is none of that name.
        """
        return self._read(ReadScenario(name, estate or self._read(chosen_estate)))

    def scenarios(self, estate: str | None = None) -> list[Row]:
        """Saved scenarios: name, why, incidents, edits, saved, estate_changed."""
        return self._read(ListScenarios(estate or self._read(chosen_estate)))

    def remove_scenario(self, name: str, estate: str | None = None) -> None:
        """Forget a saved scenario.

        Raises
        ------
        StoreError
            If there is none of that name.
        """
        self._write(RemoveScenario(name, estate or self._read(chosen_estate)))

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
            If a parameter is missing or unknown, or the database holds no such estate.
        """
        wanted = named_query(query)
        missing = [p for p in wanted.parameters if p not in parameters]
        unknown = [p for p in parameters if p not in wanted.parameters]
        if missing or unknown:
            faults = [f"needs {p}" for p in missing] + [f"has no {p}" for p in unknown]
            raise StoreError(f"the query {query} {' and '.join(faults)} ({wanted.help})")
        return self._read(_Query(wanted.text, name, parameters))

    def ids(self, name: str | None = None) -> list[str]:
        """Ids of all records of an estate, in order."""
        rows = self._read(_Query(statement("ids"), name, {}))
        return sorted({str(row["id"]) for row in rows})

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
                    raise StoreError(sentence(error)) from None
                # Writers that collide once would collide again without a pause.
                time.sleep(random.uniform(0.05, 0.3) * (number + 1))  # noqa: S311 - no secret
            except (DriverError, Neo4jError, OSError) as error:
                raise StoreError(sentence(error)) from None
        raise StoreError("the database stayed busy; try again")


def _create_schema(tx: ManagedTransaction) -> None:
    for text in schema_statements():
        tx.run(text).consume()


class _Query:
    """A query of one estate, in one transaction with the look whether it is there."""

    def __init__(self, text: str, name: str | None, parameters: Mapping[str, object]) -> None:
        self._text, self._name, self._parameters = text, name, parameters

    def __call__(self, tx: ManagedTransaction) -> list[Row]:
        estate = chosen_estate(tx, self._name)
        return tx.run(self._text, {"estate": estate, **self._parameters}).data()


class _Run:
    """One statement as a unit of work."""

    def __init__(self, text: str, parameters: Mapping[str, object] | None = None) -> None:
        self._text = text
        self._parameters = dict(parameters or {})

    def __call__(self, tx: ManagedTransaction) -> list[Row]:
        return tx.run(self._text, self._parameters).data()


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
    return Store(*connected(address, engine, ask))


def _is_collision(error: Exception) -> bool:
    """Whether another writer made the same key, or changed the same record, at the same time."""
    text = str(error).lower()
    words = ("constraint", "duplicat", "concurrent", "modified", "deadlock", "retry")
    return isinstance(error, ConstraintError) or any(word in text for word in words)
