"""The project folder `.depgraph/`: where the local graph keeps its data, lock and password."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import psutil

from depgraph.errors import StoreError

Engine = Literal["arcadedb", "neo4j"]

_LOCK = "server.json"
_PASSWORD = "password"  # noqa: S105 - the name of a file


@dataclass(frozen=True)
class RunningServer:
    """A server that the lock file speaks of."""

    pid: int
    """Process id."""
    created: float
    """When the process started; pids are given to other programs later [s since 1970]."""
    port: int
    """Bolt port on loopback."""
    engine: Engine
    """Which server it is."""

    @property
    def process(self) -> psutil.Process | None:
        """The process, if it still is the one that was started."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < 1.0
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.Error:
            return None


@dataclass(frozen=True)
class ProjectFolder:
    """One `.depgraph/` folder."""

    path: Path
    """Where it is."""

    @classmethod
    def here(cls) -> ProjectFolder:
        """The folder of this project: `DEPGRAPH_HOME`, else `.depgraph` in the working folder."""
        return cls(Path(os.environ.get("DEPGRAPH_HOME", ".depgraph")).resolve())

    def data(self, engine: Engine) -> Path:
        """Data folder of one server; made private on first use."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            ignore = self.path / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
            folder = self.path / engine
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the folder {self.path} cannot be written: {error.strerror}; "
                "set DEPGRAPH_HOME to one that can"
            ) from None
        return folder

    def password(self, engine: Engine) -> str:
        """Password of the local server, made on first use and readable only by its owner."""
        file = self.data(engine) / _PASSWORD
        if not file.exists():
            write_private(file, secrets.token_hex(24))
        return file.read_text(encoding="utf-8")

    def running(self, engine: Engine) -> RunningServer | None:
        """The server that is up; None when there is none, or its lock is stale."""
        try:
            noted = json.loads((self.path / engine / _LOCK).read_text(encoding="utf-8"))
            server = RunningServer(**noted)
        except (OSError, ValueError, TypeError):
            return None
        return server if server.process else None

    def note(self, server: RunningServer) -> None:
        """Write the lock."""
        write_private(self.data(server.engine) / _LOCK, json.dumps(asdict(server)))

    def forget(self, engine: Engine) -> None:
        """Remove the lock."""
        (self.path / engine / _LOCK).unlink(missing_ok=True)

    @contextmanager
    def starting(self, engine: Engine) -> Iterator[None]:
        """Let one program at a time start or stop the server; the others wait."""
        file = self.data(engine) / "starting"
        with file.open("a+b") as handle:
            _lock_file(handle.fileno())
            try:
                yield
            finally:
                _unlock_file(handle.fileno())


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        fresh.replace(file)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise StoreError(f"{file} cannot be written: {error.strerror}") from None


if sys.platform == "win32":
    import msvcrt

    def _lock_file(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)

    def _unlock_file(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock_file(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)

    def _unlock_file(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
