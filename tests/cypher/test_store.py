"""The store contract: the same tests on the local graph and on the real Neo4j."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from neo4j import ManagedTransaction

from cypher import push
from cypher.folder import Engine, ProjectFolder
from cypher.local import started
from cypher.statements_text import named_queries
from cypher.store import Store, opened_store
from depgraph.engine.structure import required_services
from depgraph.errors import StoreError
from depgraph.model.estate import Estate
from ingest import require_estate
from sample_data import sample_path
from tests.estates import HOSTILE, HOSTILE_IDS, estates

pytestmark = pytest.mark.store

RETAILER = require_estate(sample_path("retailer"))


def _layered(count: int, *, salt: str = "") -> Estate:
    """A synthetic estate of `count` services, each needing two earlier ones."""
    services = [
        {
            "id": f"s{n}{salt}",
            "availability": 0.999,
            "depends_on": [f"s{m}{salt}" for m in {n // 2, n // 3} if m < n],
        }
        for n in range(count)
    ]
    return Estate.model_validate({"services": services})


def test_what_was_pushed_is_pulled(store: Store) -> None:
    report = store.push(RETAILER, "retailer")

    assert report.nodes > len(RETAILER.services)
    assert store.pull("retailer") == RETAILER


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(estate=estates())
def test_any_estate_comes_back_equal(store: Store, estate: Estate) -> None:
    store.push(estate, "random", remove_many=True)

    assert store.pull("random") == estate


def test_the_same_push_twice_changes_nothing(store: Store) -> None:
    store.push(RETAILER, "retailer")
    again = store.push(RETAILER, "retailer")

    assert again.unchanged
    assert (again.nodes, again.edges, again.removed) == (0, 0, 0)


def test_edits_of_the_same_estate_at_once_lose_nothing(store: Store) -> None:
    seen = _layered(20)
    edits = [_layered(21 + number) for number in range(4)]
    store.push(seen, "edited")

    def edited(fresh: Estate) -> bool:
        try:
            store.push(fresh, "edited", instead_of=seen)
        except StoreError as error:
            if "was changed meanwhile" not in str(error):
                raise
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(edited, edits))

    assert done.count(True) == 1
    assert store.pull("edited") == edits[done.index(True)]


def test_hostile_names_come_back_unchanged(store: Store) -> None:
    assert len(HOSTILE) >= 200
    estate = Estate.model_validate(
        {
            "organizations": [{"id": i, "name": n} for i, n in zip(HOSTILE_IDS, HOSTILE, strict=False)],
            "services": [
                {"id": f"s{n}", "name": text, "provider": HOSTILE_IDS[n % len(HOSTILE_IDS)]}
                for n, text in enumerate(HOSTILE)
            ],
            "locations": [{"id": i, "name": i} for i in HOSTILE_IDS],
            "functions": [{"id": i, "name": "n" * 1_000_000 if n == 0 else i} for n, i in enumerate(HOSTILE_IDS)],
        }
    )  # fmt: skip
    store.push(estate, "hostile ' \" }) //")

    assert store.pull("hostile ' \" }) //") == estate
    assert len(store.estates()) == 1


def test_stale_records_go_with_the_same_push(store: Store) -> None:
    store.push(_layered(20), "e")
    smaller = _layered(18)
    report = store.push(smaller, "e")

    assert report.removed == 2
    assert store.pull("e") == smaller


def test_a_push_that_removes_much_is_refused_and_changes_nothing(store: Store) -> None:
    before = _layered(20)
    store.push(before, "e")
    with pytest.raises(StoreError, match="remove 15 .*nothing was changed"):
        store.push(_layered(5), "e")

    assert store.pull("e") == before
    store.push(_layered(5), "e", remove_many=True)
    assert store.pull("e") == _layered(5)


def test_a_larger_estate_does_not_replace_another_by_its_name(store: Store) -> None:
    """What comes in is no reason to let go of what was there: the name was a slip."""
    mine = Estate.model_validate({"organizations": [{"id": f"o{n}"} for n in range(10)]})
    store.push(mine, "e")
    with pytest.raises(StoreError, match="remove 10 of the 10 records of 'e'; nothing was changed"):
        store.push(_layered(200), "e")

    assert store.pull("e") == mine


def test_estates_live_side_by_side(store: Store) -> None:
    store.push(_layered(10), "a")
    store.push(_layered(7), "b")
    store.remove("a")

    assert [row["id"] for row in store.estates()] == ["b"]
    assert store.pull() == _layered(7)


def test_an_unnamed_pull_of_several_says_which_there_are(store: Store) -> None:
    store.push(_layered(2), "a")
    store.push(_layered(3), "b")
    with pytest.raises(StoreError, match="name the estate.*a, b"):
        store.pull()
    with pytest.raises(StoreError, match="no estate called 'c'"):
        store.pull("c")


def test_an_edit_by_other_means_is_noticed(store: Store) -> None:
    store.push(_layered(3), "e")
    with store._driver.session(database=store._database) as session:
        session.execute_write(
            lambda tx: tx.run(
                "MATCH (n:Service {estate: 'e'}) WHERE n.id = 's2' DETACH DELETE n"
            ).consume()
        )
    with pytest.raises(StoreError, match="by other means"):
        store.pull("e")


def _edited_by_hand(store: Store, text: str) -> None:
    with store._driver.session(database=store._database) as session:
        session.execute_write(lambda tx: tx.run(text).consume())


@pytest.mark.parametrize(
    "edit",
    [
        "MATCH (n:Service {estate: 'e'}) WHERE n.id = 's2' DETACH DELETE n",
        "MATCH (n:Service {estate: 'e'}) WHERE n.id = 's2' SET n.record = '{}'",
        "MATCH (n:Service {estate: 'e'}) WHERE n.id = 's2' SET n.position = 'first'",
        "CREATE (n:Service {estate: 'e', id: 'by hand'})",
        "CREATE (n:Service {estate: 'e', key: 'by hand', id: 'by hand'})",
        'CREATE (n:Organization {estate: \'e\', key: \'["e","Organization","cloudco"]\'})',
    ],
)
def test_a_push_repairs_records_edited_by_hand(store: Store, edit: str) -> None:
    estate = Estate.model_validate(
        {**_layered(10).model_dump(mode="json"), "organizations": [{"id": "cloudco", "own": True}]}
    )
    store.push(estate, "e")
    _edited_by_hand(store, edit)
    with pytest.raises(StoreError, match="by other means"):
        store.pull("e")

    assert not store.push(estate, "e").unchanged
    assert store.pull("e") == estate
    assert store.push(estate, "e").unchanged


@pytest.mark.parametrize(
    "edit",
    [
        "MATCH (n:Service {estate: 'retailer'}) WHERE n.id = 'checkout' SET n.availability = 0.1",
        "MATCH (n:Service {estate: 'retailer'})-[r:DEPENDS_ON]->() WHERE n.id = 'checkout' DELETE r",
        "MATCH (n:Service {estate: 'retailer'})-[r:DEPENDS_ON]->() SET r.hard = false",
        "MATCH (n:Service {estate: 'retailer'})-[r:DEPENDS_ON]->() SET r.key = 7",
        "MATCH (n:Service {estate: 'retailer'}) WHERE n.id = 'checkout' CREATE (n)-[:DEPENDS_ON]->(n)",
        "MATCH (n:Organization {estate: 'retailer'}) SET n:Vendor",
        "MATCH (n:Organization {estate: 'retailer'}) REMOVE n:Vendor",
    ],
)
def test_a_push_repairs_what_only_queries_read(store: Store, edit: str) -> None:
    """What the pull does not need, and the digest does not cover."""
    store.push(RETAILER, "retailer")
    vendors = "MATCH (n:Vendor {estate: 'retailer'}) RETURN count(n) AS vendors"
    with store._driver.session(database=store._database) as session:
        before = session.execute_read(lambda tx: tx.run(vendors).data())
    _edited_by_hand(store, edit)

    assert not store.push(RETAILER, "retailer").unchanged
    assert store.push(RETAILER, "retailer").unchanged
    with store._driver.session(database=store._database) as session:
        assert session.execute_read(lambda tx: tx.run(vendors).data()) == before
    assert before[0]["vendors"] > 0


def test_a_push_writes_only_what_changed(store: Store) -> None:
    estate = _layered(30)
    store.push(estate, "e")
    services = list(estate.services)
    services[4] = services[4].replace(name="renamed")
    services[9] = services[9].replace(depends_on=("s3",))
    changed = estate.replace(services=tuple(services))
    report = store.push(changed, "e")

    assert (report.nodes, report.removed) == (2, 0)
    assert report.edges == 0  # s9 needed s3 and s4 before: one edge less, none new
    assert store.pull("e") == changed


@pytest.mark.parametrize("name", sorted(named_queries()))
def test_every_query_runs_and_says_what_it_is(store: Store, name: str) -> None:
    store.push(RETAILER, "retailer")
    query = named_queries()[name]
    values = {"id": "checkout", "from": "web-shop", "to": "erp", "day": "2026-12-31", "limit": 5}
    rows = store.query(name, "retailer", **{p: values[p] for p in query.parameters})

    assert query.purpose.endswith(".")
    assert isinstance(rows, list)


def test_queries_refuse_wrong_parameters(store: Store) -> None:
    store.push(_layered(3), "e")
    with pytest.raises(StoreError, match="needs id"):
        store.query("blast_radius", "e")
    with pytest.raises(StoreError, match="has no idd"):
        store.query("blast_radius", "e", id="s0", idd="x")
    with pytest.raises(StoreError, match="no query is called 'blast'"):
        store.query("blast", "e")


def test_a_query_of_nothing_says_so(store: Store) -> None:
    with pytest.raises(StoreError, match="no estate: push one first"):
        store.query("orphans")
    store.push(_layered(3), "e")
    with pytest.raises(StoreError, match="no estate called 'f'; it holds: e"):
        store.query("orphans", "f")
    assert {"s0", "s1", "s2"} < set(store.ids("e"))


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(estate=estates())
def test_the_graph_answers_as_the_core_does(store: Store, estate: Estate) -> None:
    """Blast radius, dependencies and direct paths against networkx, for every service."""
    store.push(estate, "random", remove_many=True)
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(estate.service)
    graph.add_edges_from((s.id, p) for s in estate.services for p in required_services(s))
    for service in estate.service:
        steps = nx.single_source_shortest_path_length(graph, service)
        expected = {other: length for other, length in steps.items() if other != service}
        found = store.query("dependencies", "random", id=service)
        assert {row["service"]: row["steps"] for row in found} == expected
        back = nx.single_source_shortest_path_length(graph.reverse(), service)
        radius = store.query("blast_radius", "random", id=service)
        assert {row["service"]: row["steps"] for row in radius} == {
            other: length for other, length in back.items() if other != service
        }


def test_a_soft_dependency_puts_no_function_at_risk(store: Store) -> None:
    """Rule A7: it never takes the consumer down. Synthetic."""
    data = {
        "functions": [{"id": "sales", "critical": True}, {"id": "search"}],
        "services": [
            {"id": "shop", "supports": ["sales"], "depends_on": [{"service": "find", "soft": 0.3}]},
            {"id": "find", "supports": ["search"], "depends_on": ["index"]},
            {"id": "index"},
        ],
    }
    store.push(Estate.model_validate(data), "e")
    for service in ("find", "index"):
        found = store.query("functions_at_risk", "e", id=service)
        assert found == [{"function": "search", "critical": False}]


def test_nth_parties_have_the_shortest_rank(store: Store) -> None:
    store.push(RETAILER, "retailer")
    graph: nx.DiGraph[str] = nx.DiGraph((c.customer, c.supplier) for c in RETAILER.contracts)
    expected = nx.single_source_shortest_path_length(graph, "example-retail")
    del expected["example-retail"]
    found = store.query("nth_parties", "retailer", id="example-retail")

    assert {row["organization"]: row["rank"] for row in found} == expected
    assert max(expected.values()) == 4


def test_writers_at_once_lose_nothing(engine: Engine, store: Store) -> None:
    """Eight writers push different estates and one shared one."""

    def write(number: int) -> None:
        with opened_store("local", engine) as own:
            own.push(_layered(30 + number), f"own-{number}")
            own.push(_layered(40), "shared", remove_many=True)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))

    assert {row["id"] for row in store.estates()} == {"shared", *(f"own-{n}" for n in range(8))}
    assert store.pull("shared") == _layered(40)
    assert all(store.pull(f"own-{n}") == _layered(30 + n) for n in range(8))


def test_a_push_in_the_middle_of_a_pull_is_no_fault(
    engine: Engine, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neo4j shows a transaction what others commit meanwhile."""
    before, after = _layered(20), _layered(30)
    store.push(before, "e")
    texts = push._texts
    pushed: list[str] = []

    def interrupted(tx: ManagedTransaction, label: str, estate: str) -> list[str]:
        if not pushed:
            pushed.append(label)
            with opened_store("local", engine) as other:
                other.push(after, "e", remove_many=True)
        return texts(tx, label, estate)

    monkeypatch.setattr(push, "_texts", interrupted)

    assert store.pull("e") in (before, after)
    assert pushed


def test_a_killed_push_leaves_the_estate_as_it_was(engine: Engine, store: Store) -> None:
    before = _layered(50)
    store.push(before, "e")
    program = textwrap.dedent(
        f"""
        from cypher.store import opened_store
        from tests.cypher.test_store import _layered
        with opened_store("local", "{engine}") as store:
            estate = _layered(4000)
            print("ready", flush=True)
            store.push(estate, "e", remove_many=True)
        """
    )
    for wait in (0.05, 0.3, 0.6):
        pusher = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
        )
        assert pusher.stdout is not None
        pusher.stdout.readline()
        time.sleep(wait)
        pusher.send_signal(signal.SIGKILL)
        pusher.wait()
        assert store.pull("e") in (before, _layered(4000))


def test_a_killed_server_loses_nothing_that_was_committed(engine: Engine, store: Store) -> None:
    store.push(RETAILER, "retailer")
    folder = ProjectFolder(ProjectFolder.here().path)
    server = folder.running(engine)
    assert server is not None
    process = server.process
    assert process is not None
    process.kill()
    process.wait(20)
    again = started(engine, folder)

    assert again.pid != server.pid
    with opened_store("local", engine) as fresh:
        assert fresh.pull("retailer") == RETAILER
