"""Addresses and credentials: what is wrong in one sentence, and no password in it."""

from __future__ import annotations

import socket

import pytest

from cypher.folder import Engine, ProjectFolder, write_private
from cypher.local import credentials
from cypher.store import Store, opened_store
from depgraph.errors import StoreError


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for prefix in ("DEPGRAPH", "NEO4J"):
        for name in ("USERNAME", "USER", "PASSWORD", "DATABASE"):
            monkeypatch.delenv(f"{prefix}_{name}", raising=False)


def _never() -> tuple[str, str]:
    raise AssertionError("asked for credentials before it was known who wants them")


@pytest.mark.parametrize("address", ["foo://x", "127.0.0.1:7687", "Local", ""])
def test_what_is_no_address_is_told_before_anything_is_asked(address: str) -> None:
    with pytest.raises(StoreError, match=r"not a graph address: write local, bolt://"):
        opened_store(address, ask=_never)


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(StoreError, match="leave user and password out") as caught:
        opened_store("bolt://user:secret@127.0.0.1:1", ask=_never)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("scheme", "hint"), [("bolt", "running$"), ("bolt+s", "speaks TLS$")])
def test_nobody_is_asked_for_credentials_of_what_is_not_there(scheme: str, hint: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        with pytest.raises(StoreError, match=f"cannot be reached.*{hint}"):
            opened_store(f"{scheme}://127.0.0.1:{port}", ask=_never)


@pytest.mark.store
def test_a_server_asks_only_who_has_to_say(
    store: Store, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ProjectFolder.here().running(engine)
    assert store.estates() == []
    assert server is not None
    address = f"bolt://127.0.0.1:{server.port}"
    asked: list[int] = []

    def ask() -> tuple[str, str]:
        asked.append(1)
        return credentials(engine)

    with opened_store(address, ask=ask) as opened:
        assert opened.estates() == []
    assert asked == [1]
    user, password = credentials(engine)
    monkeypatch.setenv("NEO4J_USERNAME", user)
    monkeypatch.setenv("NEO4J_PASSWORD", "wrong-secret")
    with pytest.raises(StoreError, match="refused the credentials") as caught:
        opened_store(address, ask=_never)
    assert "wrong-secret" not in str(caught.value)
    monkeypatch.setenv("NEO4J_PASSWORD", password)
    monkeypatch.setenv("NEO4J_DATABASE", "nowhere")
    with (
        pytest.raises(StoreError, match="no database of that name; check NEO4J_DATABASE"),
        opened_store(address) as opened,
    ):
        opened.estates()


@pytest.mark.store
def test_a_lost_local_password_is_told_at_once(engine: Engine) -> None:
    folder = ProjectFolder.here()
    file = folder.data(engine) / "password"
    kept = folder.password(engine)
    write_private(file, "another")
    try:
        with pytest.raises(StoreError, match="refuses the password in .*password; it was set"):
            opened_store("local", engine)
    finally:
        write_private(file, kept)
    with opened_store("local", engine) as opened:
        opened.estates()
