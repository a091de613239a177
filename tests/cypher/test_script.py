"""The exported Cypher script, run statement by statement by the driver on a real server."""

from __future__ import annotations

from pathlib import Path

import pytest
from neo4j import GraphDatabase, Session

from cypher.folder import Engine, ProjectFolder
from cypher.local import DATABASES, credentials, started
from cypher.store import Store
from depgraph.model.estate import Estate
from ingest import require_estate
from ingest.formats.cypher_script import cypher_text
from ingest.formats.graph_exports import estate_graph
from sample_data import sample_path

pytestmark = pytest.mark.store
HOSTILE = """a'}) DETACH DELETE n // \\ "b" \n\u2028 \U0001f4a3 {x}"""
LABELS = ("Organization", "Location", "Service", "Function", "Contract", "SLA")


def _estate() -> Estate:
    data = require_estate(sample_path("by_hand")).model_dump(mode="json", exclude_defaults=True)
    data["services"] = [*data["services"], {"id": "odd", "name": HOSTILE.replace("\n", " ")}]
    return Estate.model_validate(data)


def _number(session: Session, query: str) -> int:
    row = session.run(query).single()
    assert row is not None
    return int(row[0])


def _counts(session: Session) -> dict[str, int]:
    nodes = {
        label: _number(session, f"MATCH (n:{label}) WHERE n.id IS NOT NULL RETURN count(n)")
        for label in LABELS
    }
    edges = sum(_number(session, f"MATCH (:{label})-[r]->() RETURN count(r)") for label in LABELS)
    return {**nodes, "edges": edges}


def test_the_script_builds_the_graph_and_twice_is_once(
    engine: Engine, store: Store, home: Path
) -> None:
    assert list(store.estates()) == []
    estate, folder = _estate(), ProjectFolder(home)
    graph, lines = estate_graph(estate), cypher_text(estate).splitlines()
    address = f"bolt://127.0.0.1:{started(engine, folder).port}"
    with (
        GraphDatabase.driver(address, auth=credentials(engine, folder)) as driver,
        driver.session(database=DATABASES[engine]) as session,
    ):
        session.run("MATCH (n) DETACH DELETE n").consume()
        found = []
        for _ in range(2):
            for line in lines:
                session.run(line).consume()
            found.append(_counts(session))
        names = {
            row["id"]: row["name"]
            for row in session.run("MATCH (s:Service) RETURN s.id AS id, s.name AS name")
        }
        targets = {
            row["id"]: row["target"]
            for row in session.run("MATCH (s:SLA) RETURN s.id AS id, s.target AS target")
        }
        session.run("MATCH (n) DETACH DELETE n").consume()

    kinds = [properties["kind"] for _, properties in graph.nodes(data=True)]
    covers = len(estate.sla)
    expected = {label: kinds.count(label.lower()) for label in LABELS[:-1]} | {
        "SLA": covers, "edges": graph.number_of_edges() + covers,
    }  # fmt: skip
    assert found[0] == found[1] == expected
    assert names == {s.id: s.name or s.id for s in estate.services}
    assert targets == {
        identifier: float(sla.availability_objective.target) if sla.availability_objective else None
        for identifier, (_, sla) in estate.sla.items()
    }
