"""Where numba keeps what it has compiled, and a word before it compiles.

Compiling takes long enough to be noticed, so it is done once and kept. numba looks only at the file
of a function when it asks whether what it kept is still good, not at the functions that it calls;
so the folder carries a stamp of all compiled sources, and code of an older version is never run.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from numba import config
from numba.core import event

_MARK = b"\n@njit"
_COMPILE = "numba:compile"
_SETTING = "CACHE_DIR"
_private: list[tempfile.TemporaryDirectory[str]] = []


def keep_compiled_code() -> Path:
    """Choose the folder for compiled code; called when the engine is first imported.

    The first of these that can be written: ``NUMBA_CACHE_DIR`` where it is set, ``__pycache__``
    beside the engine, the user's cache folder. Where none can, a folder of this process alone.

    Returns
    -------
    Path
        The folder, which carries the stamp of the compiled sources.
    """
    here = Path(__file__).resolve().parent
    name = f"depgraph-{stamp_of(here)}"
    folder = first_writable(base / name for base in _bases(here))
    if folder is None:
        # Nobody else may put code there: the folder is new, private, and goes with the process.
        _private.append(tempfile.TemporaryDirectory(prefix="depgraph-", ignore_cleanup_errors=True))
        folder = Path(_private[-1].name)
    setattr(config, _SETTING, str(folder))
    return folder


def kept_in() -> Path:
    """Folder that was chosen."""
    return Path(getattr(config, _SETTING))


def stamp_of(package: Path) -> str:
    """Stamp of all sources of a package that hold compiled functions."""
    digest = hashlib.sha256()
    for source in sorted(package.glob("*.py")):
        text = source.read_bytes()
        if _MARK in text:
            digest.update(source.name.encode() + b"\0" + text + b"\0")
    return digest.hexdigest()[:16]


def first_writable(folders: Iterable[Path]) -> Path | None:
    """First folder that can be made and written to; None where there is none."""
    for folder in folders:
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
            return folder
    return None


def on_first_compilation(tell: Callable[[], None]) -> None:
    """Call `tell` once, right before the first function is compiled that was not kept.

    Parameters
    ----------
    tell : callable
        Says so to the user.
    """
    event.register(_COMPILE, _Once(tell))  # type: ignore[no-untyped-call]  # numba has no types


class _Once(event.Listener):
    """Passes on the first start of an event."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell: Callable[[], None] | None = tell

    def on_start(self, event: event.Event) -> None:  # noqa: ARG002 - numba's interface
        """Tell, if nobody was told yet."""
        tell, self._tell = self._tell, None
        if tell is not None:
            tell()

    def on_end(self, event: event.Event) -> None:
        """Leave the end of an event alone."""


def _bases(here: Path) -> Iterable[Path]:
    asked = getattr(config, _SETTING)
    if asked:
        yield Path(asked)
    yield here / "__pycache__"
    with suppress(RuntimeError):  # there may be no home
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
