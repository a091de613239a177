"""Connecting to a graph database: which one, as whom, and one sentence when it fails."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from neo4j import Driver, GraphDatabase
from neo4j.exceptions import (
    AuthError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
)

from cypher.address import require_graph_address
from cypher.folder import Engine
from cypher.local import DATABASES, credentials, started
from depgraph.errors import StoreError

Credentials = Callable[[], tuple[str, str]]


def connected(
    address: str, engine: Engine, ask: Credentials | None = None
) -> tuple[Driver, str | None]:
    """Driver that reaches its database, and the name of the database.

    Parameters
    ----------
    address : str
        ``local`` for the local graph, started if it is not up; else a Bolt address.
    engine : {"arcadedb", "neo4j"}
        Which local server.
    ask : callable, optional
        Asks for user and password where the environment gives none and the database wants them.

    Raises
    ------
    StoreError
        If the database cannot be reached.
    """
    if require_graph_address(address) == "local":
        server = started(engine)
        uri = f"bolt://127.0.0.1:{server.port}"
        return _verified(uri, credentials(engine)), DATABASES[engine]
    database = os.environ.get("NEO4J_DATABASE")
    found = _from_environment()
    if found is None and ask is not None:
        try:
            # Before anybody is asked: is it there at all, and does it want to know?
            return _verified(address, None), database
        except _RefusedError:
            found = ask()
    return _verified(address, found), database


class _RefusedError(StoreError):
    """The database is there and does not know us."""


def _verified(uri: str, auth: tuple[str, str] | None) -> Driver:
    # Queries may name a kind of edge that an estate has none of; that is no reason to warn. What
    # fails is told once, by us.
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)
    driver = None
    try:
        driver = GraphDatabase.driver(uri, auth=auth, warn_notification_severity="OFF")
        driver.verify_connectivity()
    except (DriverError, Neo4jError, OSError, ValueError) as error:
        if driver is not None:
            driver.close()
        kind = _RefusedError if isinstance(error, AuthError) else StoreError
        tls = "+s" in uri.partition("://")[0] and isinstance(error, ServiceUnavailable)
        hint = "; +s needs a server that speaks TLS" if tls else ""
        raise kind(f"{uri}: {sentence(error)}{hint}") from None
    return driver


def _from_environment() -> tuple[str, str] | None:
    """User and password from the environment."""
    for prefix in ("DEPGRAPH", "NEO4J"):
        user = os.environ.get(f"{prefix}_USERNAME") or os.environ.get(f"{prefix}_USER")
        password = os.environ.get(f"{prefix}_PASSWORD")
        if password:
            return user or "neo4j", password
    return None


def sentence(error: Exception) -> str:
    """What went wrong, for people."""
    if isinstance(error, AuthError):
        return (
            "the database refused the credentials: NEO4J_USERNAME and NEO4J_PASSWORD in the "
            "environment are wrong or not set"
        )
    if isinstance(error, (ServiceUnavailable, OSError)):
        return "the database cannot be reached; check the address and that it is running"
    if isinstance(error, Neo4jError) and "DatabaseNotFound" in (error.code or ""):
        return "the server has no database of that name; check NEO4J_DATABASE"
    said = (error.message if isinstance(error, Neo4jError) else None) or str(error)
    first = said.strip().splitlines()
    return f"the database refused: {first[0][:300] if first else type(error).__name__}"
