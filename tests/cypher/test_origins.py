"""Origins of imported values beside an estate: all of them, whoever writes meanwhile."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cypher import origins
from cypher.folder import Engine
from cypher.store import Store
from depgraph.errors import StoreError
from depgraph.model.estate import Estate
from ingest.folder import recorded_origins
from tests.estates import HOSTILE, HOSTILE_IDS
from tests.ui.command_line import app

pytestmark = pytest.mark.store

ESTATE = Estate.model_validate({"services": [{"id": "a", "availability": 0.9}, {"id": "b"}]})


def _origins(ids: Sequence[str] = ("a", "b/c")) -> dict[str, list[dict[str, str]]]:
    """Synthetic."""
    return {
        f"services/{name}/availability": [
            {"source": "cyclonedx:bom.json", "place": HOSTILE[at % len(HOSTILE)], "how": "inferred"},
            {"source": "csv:all.csv", "place": f"all.csv:{at}", "how": "given"},
        ]
        for at, name in enumerate(ids)
    }  # fmt: skip


@pytest.mark.parametrize("size", [1, 7, 5_000])
def test_origins_come_back_equal(store: Store, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(origins, "VALUES", size)
    store.push(ESTATE, "e")
    store.push(ESTATE, "other")
    assert store.origins("e") == {}

    store.keep_origins(_origins(HOSTILE_IDS), "e")
    store.keep_origins(_origins(), "other")

    assert store.origins("e") == _origins(HOSTILE_IDS)
    assert list(store.origins("e")) == sorted(_origins(HOSTILE_IDS))
    assert store.origins("other") == _origins()
    assert store.pull("e") == ESTATE


def test_fewer_origins_leave_nothing_behind(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origins, "VALUES", 2)
    store.push(ESTATE, "e")
    for kept in (_origins(HOSTILE_IDS), _origins(), _origins(), {}):
        store.keep_origins(kept, "e")
        assert store.origins("e") == kept


def test_a_push_of_the_estate_alone_leaves_its_origins(store: Store) -> None:
    store.push(ESTATE, "e")
    store.keep_origins(_origins(), "e")
    report = store.push(ESTATE.replace(services=ESTATE.services[:1]), "e", remove_many=True)

    assert (report.nodes, report.removed) == (0, 1)
    assert store.origins("e") == _origins()


def test_what_was_removed_has_no_origins_when_it_comes_again(store: Store) -> None:
    store.push(ESTATE, "e")
    store.keep_origins(_origins(), "e")
    store.remove("e")
    with pytest.raises(StoreError, match="holds no estate"):
        store.origins("e")
    store.push(ESTATE, "e")

    assert store.origins("e") == {}


def test_half_of_what_somebody_writes_is_never_taken(store: Store) -> None:
    store.push(ESTATE, "e")
    store.keep_origins(_origins(), "e")
    half = "MATCH (n:Origins {estate: 'e'}) SET n.parts = 2"
    store._write(lambda tx: tx.run(half).consume())

    with pytest.raises(StoreError, match="are being written"):
        store.origins("e")


def test_parts_are_as_large_as_is_said(store: Store) -> None:
    many = _origins([str(number) for number in range(origins.VALUES + 1)])
    store.push(ESTATE, "e")
    store.keep_origins(many, "e")

    assert store.origins("e") == many
    [row] = store._read(
        lambda tx: tx.run("MATCH (n:Origins {estate: 'e'}) RETURN count(n) AS parts").data()
    )
    assert row["parts"] == 2


def test_an_imported_estate_has_the_same_quality_from_the_graph(
    store: Store, engine: Engine, tmp_path: Path
) -> None:
    """Synthetic; the bill refers to a service that it does not describe, so that it is inferred."""
    bill = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "services": [{"bom-ref": "a", "name": "shop", "provider": {"name": "Us"}}],
        "dependencies": [{"ref": "a", "dependsOn": ["gone"]}],
    }  # fmt: skip
    file, out = tmp_path / "bom.json", tmp_path / "out"
    file.write_text(json.dumps(bill))
    for command in (
        ["import", "cyclonedx", str(file), "--out", str(out)],
        ["graph", "push", str(out), "--name", "imported", "--engine", engine],
    ):
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, done.output

    kept = store.origins("imported")
    assert kept == recorded_origins(out)
    assert {origin["source"] for found in kept.values() for origin in found} == {
        f"cyclonedx:{file.parent.name}/bom.json"
    }
    if engine == "arcadedb":
        answers = [
            CliRunner().invoke(app, ["quality", *where, "--json"]).stdout
            for where in ([str(out)], ["local", "--name", "imported"])
        ]
        assert answers[0] == answers[1]
        assert json.loads(answers[0])["sources"][0]["source"].startswith("cyclonedx:")
