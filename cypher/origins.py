"""Origins of imported values in the graph: where each stood in its source, and how sure it is.

They stand beside the estate, as in a folder of files, in texts of some thousand values each: a push
of the estate changes none of them.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence

from neo4j import ManagedTransaction

from cypher.rows import Row, canonical, node_key, text_digest
from cypher.statements_text import statement
from depgraph.errors import StoreError

Origins = Mapping[str, Sequence[Mapping[str, str]]]
"""Origins by ``list/id/field``, each with source, place, how."""

VALUES = 5_000
"""Values of one node: a text of about a megabyte."""
_PARTS = ("source", "place", "how")
_MOST_READINGS = 10
"""Readings into which others may write."""


class KeepOrigins:
    """The transaction that keeps the origins of an estate, instead of those that were kept.

    Parameters
    ----------
    origins : mapping
        All of them; none forgets those that were kept.
    estate : str
        Name of the estate in the database.
    """

    def __init__(self, origins: Origins, estate: str) -> None:
        self._estate = estate
        values = [
            [key, [[each[part] for part in _PARTS] for each in origins[key]]]
            for key in sorted(origins)
        ]
        texts = [canonical(values[at : at + VALUES]) for at in range(0, len(values), VALUES)]
        self._version = text_digest("\n".join(texts))
        self._rows: list[Row] = [
            {
                "key": node_key(estate, "Origins", str(number)),
                "estate": estate,
                "version": self._version,
                "parts": len(texts),
                "position": number,
                "record": text,
            }
            for number, text in enumerate(texts)
        ]

    def __call__(self, tx: ManagedTransaction) -> None:
        """Take the estate's lock, and write where something differs."""
        key = node_key(self._estate, "Estate", self._estate)
        tx.run(statement("estate_lock"), key=key, tag=uuid.uuid4().hex).consume()
        held = tx.run(statement("origins_held"), estate=self._estate).data()
        if [row["version"] for row in held] == [self._version] * len(self._rows):
            return
        tx.run(statement("origins_remove"), estate=self._estate).consume()
        for row in self._rows:
            tx.run(statement("origins_write"), row=row).consume()


class ReadOrigins:
    """The transaction that reads the origins of an estate.

    Parameters
    ----------
    estate : str
        Name of the estate in the database.
    """

    def __init__(self, estate: str) -> None:
        self._estate = estate

    def __call__(self, tx: ManagedTransaction) -> dict[str, list[dict[str, str]]]:
        """Read them; a server may show half of what another one writes, then once more."""
        for _ in range(_MOST_READINGS):
            rows = tx.run(statement("origins_read"), estate=self._estate).data()
            if len({row["version"] for row in rows}) <= 1 and all(
                row["parts"] == len(rows) for row in rows
            ):
                return {
                    key: [dict(zip(_PARTS, each, strict=True)) for each in found]
                    for row in sorted(rows, key=lambda row: int(row["position"]))
                    for key, found in json.loads(row["record"])
                }
        raise StoreError(
            f"the origins of values of {self._estate!r} are being written; try again, or push it "
            "again from its files"
        )
