"""The zero-setup local graph: started on demand, found again, stopped on request."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from neo4j import GraphDatabase
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from cypher import arcadedb, neo4j_server
from cypher.folder import Engine, ProjectFolder, RunningServer
from depgraph.errors import StoreError

_PATIENCE_SECONDS = 120.0
_PATIENCE_WITH_RUNNING_SECONDS = 20.0
"""A server that is noted was ready when it was noted."""
_STOP_SECONDS = 30.0

_COMMANDS: dict[Engine, Callable[[ProjectFolder, int], list[str]]] = {
    "arcadedb": arcadedb.command,
    "neo4j": neo4j_server.command,
}
USERS: dict[Engine, str] = {"arcadedb": arcadedb.USER, "neo4j": neo4j_server.USER}
DATABASES: dict[Engine, str] = {"arcadedb": arcadedb.DATABASE, "neo4j": neo4j_server.DATABASE}


def started(engine: Engine = "arcadedb", folder: ProjectFolder | None = None) -> RunningServer:
    """Server of the project folder: the one that is up, else a new one.

    Parameters
    ----------
    engine : {"arcadedb", "neo4j"}
        Which server.
    folder : ProjectFolder, optional
        Where its data is; this project's by default.

    Raises
    ------
    StoreError
        If it cannot be started; says why in one sentence, and nothing is lost.
    """
    folder = folder or ProjectFolder.here()
    with folder.starting(engine):
        running = folder.running(engine)
        patience = _PATIENCE_WITH_RUNNING_SECONDS
        if running is not None and _answers(running, folder, patience=patience):
            return running
        if running is not None:
            raise StoreError(
                f"the {engine} server (process {running.pid}) does not answer; "
                f"stop it with `depgraph graph stop --engine {engine}`"
            )
        _refuse_orphan(folder, engine)
        return _launched(engine, folder)


def stopped(engine: Engine = "arcadedb", folder: ProjectFolder | None = None) -> bool:
    """Stop the server; whether one was up."""
    folder = folder or ProjectFolder.here()
    with folder.starting(engine):
        running = folder.running(engine)
        if running is not None and not _ended(running, psutil.Process.terminate):
            _ended(running, psutil.Process.kill)
        folder.forget(engine)
    return running is not None


def _ended(server: RunningServer, end: Callable[[psutil.Process], None]) -> bool:
    """Whether a server is gone soon after it was told to end.

    Not `Process.wait`: where another program that still runs started the server, it stays a zombie
    until that program looks, and the wait is in vain.
    """
    with suppress(psutil.NoSuchProcess):
        if (process := server.process) is not None:
            end(process)
    until = time.monotonic() + _STOP_SECONDS
    while server.process is not None:
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def credentials(engine: Engine, folder: ProjectFolder | None = None) -> tuple[str, str]:
    """User and password of the local server."""
    return USERS[engine], (folder or ProjectFolder.here()).password(engine)


def _launched(engine: Engine, folder: ProjectFolder) -> RunningServer:
    """Start a server and wait until it answers; nothing is left behind when it does not."""
    port = _free_port()
    line = _COMMANDS[engine](folder, port)
    log = folder.data(engine) / "server.log"
    own_session: dict[str, Any] = (
        {"creationflags": 0x00000208} if os.name == "nt" else {"start_new_session": True}
    )
    try:
        with log.open("ab") as stream:
            process = subprocess.Popen(  # noqa: S603 - our own command line
                line, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL,
                cwd=folder.data(engine), **own_session,
            )  # fmt: skip
    except OSError as error:
        raise StoreError(f"the {engine} server cannot be started: {error.strerror}") from None
    created = psutil.Process(process.pid).create_time()
    server = RunningServer(process.pid, created, port, engine)
    try:
        folder.note(server)
        if _answers(
            server, folder, patience=_PATIENCE_SECONDS, alive=lambda: process.poll() is None
        ):
            return server
    except BaseException:
        _end(process, folder, engine)
        raise
    _end(process, folder, engine)
    raise StoreError(_why_not(engine, folder, log))


def _end(process: subprocess.Popen[bytes], folder: ProjectFolder, engine: Engine) -> None:
    """End a server that we started and that is of no use."""
    process.kill()
    process.wait()
    folder.forget(engine)


def _answers(
    server: RunningServer,
    folder: ProjectFolder,
    *,
    patience: float,
    alive: Callable[[], bool] | None = None,
) -> bool:
    """Whether the server answers a query before patience ends."""
    until = time.monotonic() + patience
    still = alive or (lambda: server.process is not None)
    while (left := until - time.monotonic()) > 0 and still():
        if _port_open(server.port) and _answers_now(server, folder, left):
            return still()
        time.sleep(0.1)
    return False


def _answers_now(server: RunningServer, folder: ProjectFolder, patience: float) -> bool:
    """Whether one query gets its answer.

    Raises
    ------
    StoreError
        If the server refuses our password: waiting would not help.
    """
    address, auth = f"bolt://127.0.0.1:{server.port}", credentials(server.engine, folder)
    try:
        with (
            GraphDatabase.driver(
                address, auth=auth, connection_timeout=patience,
                connection_acquisition_timeout=patience, max_transaction_retry_time=0,
            ) as driver,
            driver.session(database=DATABASES[server.engine]) as session,
        ):  # fmt: skip
            session.execute_read(lambda tx: tx.run("RETURN 1 AS one").consume())
    except AuthError:
        file = folder.path / server.engine / "password"
        raise StoreError(
            f"the {server.engine} server refuses the password in {file}; it was set at the first "
            f"start: put the old one back, or move {file.parent} away and push again"
        ) from None
    except (DriverError, Neo4jError, OSError):
        return False
    return True


def _port_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _refuse_orphan(folder: ProjectFolder, engine: Engine) -> None:
    """Say who holds the data folder when a server runs on it that no lock speaks of."""
    data = str(folder.data(engine))
    for process in psutil.process_iter(["pid", "name", "cmdline"]):
        line = process.info["cmdline"] or []
        if any(data in part for part in line) and "java" in (process.info["name"] or ""):
            raise StoreError(
                f"another server (process {process.pid}) holds the data in {data}; "
                "end that process, or set DEPGRAPH_HOME to another folder"
            )


def _why_not(engine: Engine, folder: ProjectFolder, log: Path) -> str:
    """One sentence from what the server wrote last."""
    try:
        last = log.read_bytes()[-20_000:].decode(errors="replace")
    except OSError:
        last = ""
    if "No space left" in last:
        return f"the disk that holds {folder.path} is full; free some space and start again"
    if "locked" in last.lower() and "lock" in last.lower():
        return f"another program holds the data in {folder.data(engine)}; end it and start again"
    if "OutOfMemory" in last:
        return "the graph server ran out of memory; raise DEPGRAPH_GRAPH_MEMORY_MB"
    return f"the {engine} server did not start; what it said is in {log}"
