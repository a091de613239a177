"""The launch line of the local graph: ArcadeDB from its wheel, on loopback, with durable commits.

Defaults of the server bite: it binds every address and does not sync in development mode.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from cypher.folder import ProjectFolder, write_private
from depgraph.errors import StoreError

USER = "root"
DATABASE = "depgraph"


def command(folder: ProjectFolder, port: int) -> list[str]:
    """Command that starts the server on a Bolt port.

    Raises
    ------
    StoreError
        If this platform has no wheel.
    """
    package = _package()
    data = folder.data("arcadedb")
    # The server reads the password file at its first start only, and its user file later.
    password = data / "rootpw"
    if not password.exists():
        write_private(password, folder.password("arcadedb"))
    settings = {
        "server.rootPath": data,
        "server.databaseDirectory": data / "databases",
        "server.logsDirectory": data / "log",
        "server.mode": "production",
        "server.httpIncomingHost": "127.0.0.1",
        "server.httpIncomingPort": 0,
        "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        "bolt.host": "127.0.0.1",
        "bolt.port": port,
        "bolt.defaultDatabase": DATABASE,
        "server.defaultDatabases": f"{DATABASE}[]",
        "server.rootPasswordPath": password,
        "txWalFlush": 2,
        "command.timeout": 600_000,
        "bolt.maxMessageSize": 1 << 28,
        "bolt.packstream.maxValueLength": 1 << 28,
        "bolt.packstream.maxElements": 1 << 24,
        "queryMaxHeapElementsAllowedPerOp": 10_000_000,
        "opencypher.loadCsv.allowFileUrls": "false",
        "opencypher.loadCsv.allowRemoteUrls": "false",
    }
    java = package / "jre" / "bin" / ("java.exe" if os.name == "nt" else "java")
    return [
        str(java),
        f"-Xmx{os.environ.get('DEPGRAPH_GRAPH_MEMORY_MB', '1024')}m",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "--add-modules",
        "jdk.incubator.vector",
        "--add-exports",
        "java.management/sun.management=ALL-UNNAMED",
        "--enable-native-access=ALL-UNNAMED",
        "-Djava.awt.headless=true",
        "-cp",
        str(package / "jars" / "*"),
        *(f"-Darcadedb.{name}={value}" for name, value in settings.items()),
        "com.arcadedb.server.ArcadeDBServer",
    ]


def _package() -> Path:
    spec = find_spec("arcadedb_embedded")
    if spec is None or spec.origin is None:
        raise StoreError(
            "the local graph has no package for this platform; use the real Neo4j "
            "(`depgraph graph start --engine neo4j`) or a graph address such as bolt://…"
        )
    return Path(spec.origin).parent
