"""The contract between the two servers: the same questions get the same answers (robustness 1-6).

The short form runs in CI. The long form, `pytest -m long tests/cypher`, asks and kills far more;
the figures of its last run stand in `docs/robustness.md`.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from cypher.folder import Engine, ProjectFolder
from cypher.local import started
from cypher.rows import digest
from cypher.statements_text import named_queries
from cypher.store import Store, opened_store
from depgraph.errors import StoreError
from depgraph.model.estate import Estate
from ingest import require_estate
from sample_data import sample_path

pytestmark = [pytest.mark.store, pytest.mark.neo4j]

RETAILER = require_estate(sample_path("retailer"))
IDS = [
    r.id
    for records in (RETAILER.services, RETAILER.organizations, RETAILER.locations)
    for r in records
]


@pytest.fixture(scope="module")
def both(home: Path) -> Iterator[tuple[Store, Store]]:
    """A store on each server, holding the sample."""
    assert str(home) == os.environ["DEPGRAPH_HOME"]
    stores = []
    for engine in ("arcadedb", "neo4j"):
        try:
            store = opened_store("local", engine)
        except StoreError as error:
            if os.environ.get("CI"):
                pytest.fail(str(error))
            pytest.skip(f"the {engine} server is not to be had here: {error}")
        store.push(RETAILER, "contract", remove_many=True)
        stores.append(store)
    yield stores[0], stores[1]
    for store in stores:
        store.remove("contract")
        store.__exit__(None, None, None)


def _questions(chance: random.Random, count: int) -> Iterator[tuple[str, dict[str, object]]]:
    """Queries with every id in turn, then pairs of ids and odd values by chance."""
    values: dict[str, object]
    queries = named_queries()
    for name, query in queries.items():
        if query.parameters == ("id",):
            for value in (*IDS, "absent", "' OR 1=1 //", ""):
                values = {"id": value}
                yield name, values
        elif not query.parameters:
            yield name, {}
    for day in ("2025-01-01", "2026-06-30", "2026-12-31", "9999-12-31", ""):
        yield "expiring_contracts", {"day": day}
    for limit in (0, 1, 7, 1_000):
        yield "most_needed", {"limit": limit}
    services = [service.id for service in RETAILER.services]
    for _ in range(count):
        yield "paths", {"from": chance.choice(services), "to": chance.choice(services)}


def _compare(both: tuple[Store, Store], count: int) -> int:
    asked = 0
    for name, values in _questions(random.Random(1), count):
        first, second = (store.query(name, "contract", **values) for store in both)
        assert first == second, (name, values)
        asked += 1
    return asked


def test_both_servers_answer_alike(both: tuple[Store, Store]) -> None:
    assert _compare(both, 40) >= 250


def test_random_pushes_leave_both_servers_alike(both: tuple[Store, Store]) -> None:
    _random_pushes(both, 12)


def _random_pushes(both: tuple[Store, Store], count: int) -> None:
    """Grow and shrink an estate by chance; after each push both hold the same."""
    chance = random.Random(2)
    services: list[dict[str, object]] = []
    for number in range(count):
        services = [s for s in services if chance.random() > 0.15]
        known = [str(s["id"]) for s in services]
        services = [
            {**s, "depends_on": [d for d in s["depends_on"] if d in known]}  # type: ignore[attr-defined]  # a list
            for s in services
        ]
        for extra in range(chance.randint(1, 8)):
            needs = chance.sample(known, min(len(known), chance.randint(0, 3)))
            services.append({"id": f"s{number}-{extra}", "depends_on": needs})
        estate = Estate.model_validate({"services": services})
        for store in both:
            store.push(estate, "random", remove_many=True)
        pulled = [store.pull("random") for store in both]
        assert pulled[0] == pulled[1] == estate
        for name in ("most_needed", "orphans"):
            values: dict[str, object] = {"limit": 50} if name == "most_needed" else {}
            first, second = (store.query(name, "random", **values) for store in both)
            assert first == second
    for store in both:
        store.remove("random")


def _kill_pushes(engine: Engine, cycles: int) -> None:
    """Kill a pushing program at a random moment; the estate is the old or the new one, whole."""
    chance = random.Random(3)
    program = textwrap.dedent(
        f"""
        import sys
        from cypher.store import opened_store
        from tests.cypher.test_store import _layered
        with opened_store("local", "{engine}") as store:
            print("ready", flush=True)
            for number in range(1000):
                store.push(_layered(300 + number % 7), "killed", remove_many=True)
        """
    )
    with opened_store("local", engine) as store:
        from tests.cypher.test_store import _layered  # noqa: PLC0415 - the same estates as the program's

        possible = {digest(_layered(300 + n)) for n in range(7)}
        store.push(_layered(300), "killed", remove_many=True)
        for _ in range(cycles):
            pusher = subprocess.Popen(
                [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
            )
            assert pusher.stdout is not None
            pusher.stdout.readline()
            time.sleep(chance.uniform(0.05, 1.0))
            pusher.send_signal(signal.SIGKILL)
            pusher.wait()
            assert digest(store.pull("killed")) in possible
        store.remove("killed")


def _kill_servers(engine: Engine, cycles: int) -> None:
    """Kill the server with a push in flight; what was committed is there after a restart."""
    from tests.cypher.test_store import _layered  # noqa: PLC0415 - shared with the other suite

    chance = random.Random(4)
    folder = ProjectFolder.here()
    for number in range(cycles):
        before = _layered(200 + number % 5)
        with opened_store("local", engine) as store:
            store.push(before, "crash", remove_many=True)
        program = (
            "from cypher.store import opened_store\n"
            "from tests.cypher.test_store import _layered\n"
            f"with opened_store('local', '{engine}') as store:\n"
            "    print('ready', flush=True)\n"
            "    store.push(_layered(2500), 'crash', remove_many=True)\n"
        )
        pusher = subprocess.Popen(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert pusher.stdout is not None
        pusher.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.8))
        server = folder.running(engine)
        assert server is not None
        process = server.process
        assert process is not None
        process.kill()
        process.wait(20)
        pusher.kill()
        pusher.wait()
        started(engine, folder)
        with opened_store("local", engine) as store:
            assert digest(store.pull("crash")) in {digest(before), digest(_layered(2500))}


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_long_both_servers_answer_alike(both: tuple[Store, Store]) -> None:
    asked = _compare(both, int(os.environ.get("DEPGRAPH_LONG_READS", "4600")))
    _random_pushes(both, int(os.environ.get("DEPGRAPH_LONG_PUSHES", "600")))
    assert asked >= 250


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(
    ("engine", "what"), list(product(("arcadedb", "neo4j"), ("program", "server")))
)
@pytest.mark.usefixtures("home")
def test_long_kills_lose_nothing(engine: Engine, what: str) -> None:
    cycles = int(os.environ.get("DEPGRAPH_LONG_KILLS", "100"))
    (_kill_pushes if what == "program" else _kill_servers)(engine, cycles)
