"""One server of each kind for the whole run, in a folder of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cypher.folder import Engine, ProjectFolder
from cypher.local import started, stopped
from cypher.store import Store, opened_store
from depgraph.errors import StoreError


def _skip_or_fail(reason: str) -> None:
    """Skip on a user's machine with the reason; in CI nothing may be skipped."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Project folder of this run."""
    folder = tmp_path_factory.mktemp("graph") / ".depgraph"
    before = os.environ.get("DEPGRAPH_HOME")
    os.environ["DEPGRAPH_HOME"] = str(folder)
    yield folder
    for engine in ("arcadedb", "neo4j"):
        if (folder / engine).exists():
            stopped(engine, ProjectFolder(folder))
    if before is None:
        del os.environ["DEPGRAPH_HOME"]
    else:
        os.environ["DEPGRAPH_HOME"] = before


@pytest.fixture(
    scope="session",
    params=["arcadedb", pytest.param("neo4j", marks=pytest.mark.neo4j)],
)
def engine(request: pytest.FixtureRequest, home: Path) -> Engine:
    """Each server in turn, started."""
    name: Engine = request.param
    try:
        started(name, ProjectFolder(home))
    except StoreError as error:
        _skip_or_fail(f"the {name} server is not to be had here: {error}")
    return name


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    """An empty store."""
    with opened_store("local", engine) as opened:
        opened.prepare()
        for row in opened.estates():
            opened.remove(str(row["id"]))
        yield opened
