"""Rows per second to and from the graph database beside a bare driver loop, in one run.

Run ``python -m benchmarks.graph_load``. A server of its own is started in a folder that is thrown
away. The bare loop creates the same nodes and edges from rows made beforehand, in one transaction
of equal batches, and reads the same texts back; it checks, merges and validates nothing.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import get_args

from neo4j import Driver, GraphDatabase, ManagedTransaction

from benchmarks.ratios import Ratio, peak_megabytes, print_ratios, timed
from benchmarks.shapes import layered_estate
from cypher.difference import BATCH
from cypher.edges import edge_rows
from cypher.folder import Engine, ProjectFolder
from cypher.local import DATABASES, credentials, started, stopped
from cypher.rows import Row, node_rows
from cypher.store import opened_store

_ENDS = {
    "provides": ("Organization", "PROVIDES", "Service"),
    "depends_on": ("Service", "DEPENDS_ON", "Service"),
    "located_in": ("Service", "LOCATED_IN", "Location"),
}
"""Edges of a synthetic estate."""
_BARE = "bare"


def ratios(services: int, engine: Engine = "arcadedb") -> list[Ratio]:
    """Rows per second of a first push, of a pull, and of the bare loop's."""
    estate = layered_estate(services)
    nodes = {label: rows for label, rows in node_rows(estate, _BARE) if rows}
    edges = {kind: rows for kind, rows in edge_rows(estate, _BARE) if rows}
    sent = sum(map(len, nodes.values())) + sum(map(len, edges.values()))
    held = sum(map(len, nodes.values()))
    with _server(engine) as driver, opened_store("local", engine) as store:
        # The server compiles its own code first; neither way should pay for that.
        store.push(layered_estate(200), "warm")
        store.pull("warm")
        report, pushed = timed(lambda: store.push(estate, "ours"), perf_counter)
        pulled, pull = timed(lambda: store.pull("ours"), perf_counter)
        assert report.nodes + report.edges == sent
        assert pulled == estate
        with driver.session(database=DATABASES[engine]) as session:
            _, wrote = timed(lambda: session.execute_write(_write, nodes, edges), perf_counter)
            texts, read = timed(lambda: session.execute_read(_read, list(nodes)), perf_counter)
        assert texts == held
    size = f"{services:,} services, {engine}"
    peer = "bare driver loop"
    return [
        Ratio(f"push, {size}", "rows / s", sent / pushed, sent / wrote, peer),
        Ratio(f"pull, {size}", "rows / s", held / pull, held / read, peer),
    ]


def _write(
    tx: ManagedTransaction, nodes: dict[str, list[Row]], edges: dict[str, list[Row]]
) -> None:
    """Create nodes, then edges."""
    for label, rows in nodes.items():
        _batches(tx, f"UNWIND $rows AS row CREATE (n:{label}) SET n = row", rows)
    for kind, rows in edges.items():
        start, edge, end = _ENDS[kind]
        _batches(
            tx,
            f"UNWIND $rows AS row MATCH (a:{start} {{key: row.from}}) "
            f"MATCH (b:{end} {{key: row.to}}) CREATE (a)-[r:{edge}]->(b) SET r = row.properties",
            rows,
        )


def _batches(tx: ManagedTransaction, text: str, rows: list[Row]) -> None:
    for start in range(0, len(rows), BATCH):
        tx.run(text, rows=rows[start : start + BATCH]).consume()


def _read(tx: ManagedTransaction, labels: list[str]) -> int:
    """Number of records read."""
    text = "MATCH (n:{} {{estate: $estate}}) RETURN n.record AS record"
    return sum(
        1 for label in labels for _ in tx.run(text.format(label), estate=_BARE)
    )  # fmt: skip


@contextmanager
def _server(engine: Engine) -> Iterator[Driver]:
    """A server that nothing else uses, in a project folder that is thrown away."""
    before = os.environ.get("DEPGRAPH_HOME")
    with tempfile.TemporaryDirectory() as name:
        folder = ProjectFolder(Path(name) / ".depgraph")
        os.environ["DEPGRAPH_HOME"] = str(folder.path)
        try:
            server = started(engine, folder)
            address = f"bolt://127.0.0.1:{server.port}"
            with GraphDatabase.driver(address, auth=credentials(engine, folder)) as driver:
                yield driver
        finally:
            stopped(engine, folder)
            if before is None:
                del os.environ["DEPGRAPH_HOME"]
            else:
                os.environ["DEPGRAPH_HOME"] = before


def main() -> None:
    """Print rows per second of both, by size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--engine", choices=get_args(Engine), default="arcadedb")
    chosen = parser.parse_args()
    for size in chosen.services:
        print_ratios(ratios(size, chosen.engine))
    print(f"peak memory {peak_megabytes():.0f} MB")


if __name__ == "__main__":
    main()
