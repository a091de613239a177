"""Rows per second to and from the graph database beside bare driver loops, in one run.

Run ``python -m benchmarks.graph_load``. A server of its own is started in a folder that is thrown
away, and ended with the benchmark, also when that is killed.

Two bare loops write the same nodes and edges from rows made beforehand, in one transaction of equal
batches: one creates them, the other merges them, as a push must be repeatable. Neither compares,
checks or removes anything. Two bare loops read the same texts back, row by row: one leaves it at
that, the other validates the estate.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import get_args

from neo4j import Driver, GraphDatabase, ManagedTransaction, Session

from benchmarks.ratios import Ratio, peak_megabytes, print_ratios, timed
from benchmarks.shapes import layered_estate
from cypher.difference import BATCH
from cypher.edges import edge_rows
from cypher.folder import Engine, ProjectFolder
from cypher.local import DATABASES, credentials, started
from cypher.rows import NODE_LISTS, Row, joined_text, node_rows, own_record
from cypher.store import Store, opened_store
from depgraph.model.estate import Estate

_ENDS = {
    "provides": ("Organization", "PROVIDES", "Service"),
    "depends_on": ("Service", "DEPENDS_ON", "Service"),
    "located_in": ("Service", "LOCATED_IN", "Location"),
}
"""Edges of a synthetic estate."""
_MERGES_AT_MOST = 2_000
"""Services up to which the merging loop is run: its time grows with the square."""

_TURNS = 3
_Rows = dict[str, list[Row]]


def ratios(services: int, engine: Engine = "arcadedb") -> list[Ratio]:
    """Rows per second of a first push, of the same again, of a pull, and of the bare loops.

    Each is done three times in turn, and the quickest counts: the server compiles its own code
    first, and other programs come between.
    """
    estate = layered_estate(services)
    nodes, edges = (sum(map(len, part.values())) for part in _rows(estate, ""))
    with (
        _server(engine) as driver,
        opened_store("local", engine) as store,
        driver.session(database=DATABASES[engine]) as session,
    ):
        seconds: dict[str, float] = {}
        for turn in range(_TURNS):
            for kind, one in {**_ours(store, estate, turn), **_bare(session, estate, turn)}.items():
                seconds[kind] = min(one, seconds.get(kind, one))
    size = f"{services:,} services, {engine}"

    def ratio(ours: str, rows: int, peer: str, peer_name: str) -> Ratio:
        theirs = rows / seconds[peer] if peer in seconds else None
        return Ratio(f"{ours}, {size}", "rows / s", rows / seconds[ours], theirs, peer_name)

    return [
        ratio("push", nodes + edges, "create", "bare creates"),
        ratio("push", nodes + edges, "merge", "bare merges"),
        ratio("push again", nodes + edges, "", "compares all"),
        ratio("pull", nodes, "read", "bare rows"),
        ratio("pull", nodes, "validate", "bare rows, validated"),
    ]


def _ours(store: Store, estate: Estate, turn: int) -> dict[str, float]:
    """Seconds of ours."""
    name = f"ours {turn}"
    report, push = timed(lambda: store.push(estate, name), perf_counter)
    assert report.nodes + report.edges > len(estate.services)
    again, repeated = timed(lambda: store.push(estate, name), perf_counter)
    assert again.unchanged
    pulled, pull = timed(lambda: store.pull(name), perf_counter)
    assert pulled == estate
    return {"push": push, "push again": repeated, "pull": pull}


def _rows(estate: Estate, name: str) -> tuple[_Rows, _Rows]:
    """Rows of nodes and of edges."""
    nodes = {label: rows for label, rows in node_rows(estate, name) if rows}
    return nodes, {kind: rows for kind, rows in edge_rows(estate, name) if rows}


def _bare(session: Session, estate: Estate, turn: int) -> dict[str, float]:
    """Seconds of every bare loop."""
    seconds = {}
    for how in ("create", "merge"):
        if how == "create" or len(estate.services) <= _MERGES_AT_MOST:
            nodes, edges = _rows(estate, f"{how} {turn}")
            began = perf_counter()
            session.execute_write(_write, nodes, edges, how.upper())
            seconds[how] = perf_counter() - began
    for how, own in (("read", None), ("validate", own_record(estate))):
        began = perf_counter()
        found = session.execute_read(_read, f"create {turn}", own)
        seconds[how] = perf_counter() - began
        assert found in (estate, sum(map(len, _rows(estate, "")[0].values())))
    return seconds


def _write(tx: ManagedTransaction, nodes: _Rows, edges: _Rows, how: str) -> None:
    """Create or merge nodes, then edges."""
    for label, rows in nodes.items():
        names = {name for row in rows for name in row}
        text = f"CREATE (n:{label} {{{_listed(names, 'row')}}})"
        if how == "MERGE":
            text = f"MERGE (n:{label} {{key: row.key}}) SET n = row"
        _batches(tx, f"UNWIND $rows AS row {text}", rows)
    for kind, rows in edges.items():
        start, edge, end = _ENDS[kind]
        names = {name for row in rows for name in row["properties"]}
        text = f"CREATE (a)-[r:{edge} {{{_listed(names, 'row.properties')}}}]->(b)"
        if how == "MERGE":
            text = f"MERGE (a)-[r:{edge} {{key: row.properties.key}}]->(b) SET r = row.properties"
        ends = f"MATCH (a:{start} {{key: row.from}}) MATCH (b:{end} {{key: row.to}})"
        _batches(tx, f"UNWIND $rows AS row {ends} {text}", rows)


def _listed(names: set[str], row: str) -> str:
    """Properties one by one: half the time of ``SET n = row`` on the local graph."""
    return ", ".join(f"{name}: {row}.{name}" for name in sorted(names))


def _batches(tx: ManagedTransaction, text: str, rows: list[Row]) -> None:
    for start in range(0, len(rows), BATCH):
        tx.run(text, rows=rows[start : start + BATCH]).consume()


def _read(tx: ManagedTransaction, name: str, own: str | None) -> Estate | int:
    """Texts of the records row by row: how many, or the estate that they make."""
    text = "MATCH (n:{} {{estate: $estate}}) RETURN n.position AS position, n.record AS record"
    texts = {}
    for label, field in NODE_LISTS.items():
        if label != "SLA":
            rows = [(row[0], row[1]) for row in tx.run(text.format(label), estate=name)]
            texts[field] = [record for _, record in sorted(rows)]
    if own is None:
        return sum(map(len, texts.values()))
    return Estate.model_validate_json(joined_text(own, texts))


_WATCHER = """
import shutil, sys
from pathlib import Path
from cypher.folder import ProjectFolder
from cypher.local import stopped
sys.stdin.read()
stopped(sys.argv[1], ProjectFolder(Path(sys.argv[2])))
shutil.rmtree(sys.argv[2], ignore_errors=True)
"""
"""Waits until the benchmark has ended, in whichever way, and ends its server."""


@contextmanager
def _server(engine: Engine) -> Iterator[Driver]:
    """A server that nothing else uses, in a project folder that is thrown away."""
    before = os.environ.get("DEPGRAPH_HOME")
    folder = ProjectFolder(Path(tempfile.mkdtemp()))
    os.environ["DEPGRAPH_HOME"] = str(folder.path)
    line = [sys.executable, "-c", _WATCHER, engine, str(folder.path)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, start_new_session=True):  # noqa: S603 - ours
        try:
            server = started(engine, folder)
            address = f"bolt://127.0.0.1:{server.port}"
            with GraphDatabase.driver(address, auth=credentials(engine, folder)) as driver:
                yield driver
        finally:
            if before is None:
                del os.environ["DEPGRAPH_HOME"]
            else:
                os.environ["DEPGRAPH_HOME"] = before


def main() -> None:
    """Print rows per second of all, by size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--engine", choices=get_args(Engine), default="arcadedb")
    chosen = parser.parse_args()
    for size in chosen.services:
        print_ratios(ratios(size, chosen.engine))
    print(f"peak memory {peak_megabytes():.0f} MB")


if __name__ == "__main__":
    main()
