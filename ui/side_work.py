"""Long work in a process of its own, so that the page stays quick; it tells how far it is.

Run as ``python -m ui.side_work``: reads pickled work from stdin, writes pickled progress, then the
answer, to stdout. Python's own multiprocessing would run the page's script again there.
"""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar

from depgraph.engine.compiled_code import on_first_compilation
from depgraph.errors import DepgraphError

Answer = TypeVar("Answer")
Tell = Callable[[int, int], None]
"""Told what is done, and of how much."""

_GENTLE = 5
_TELL_SECONDS = 0.5


@dataclass(frozen=True)
class Progress:
    """How far work is."""

    done: int
    """What is done."""
    of: int
    """What there is to do; may grow."""
    seconds: float
    """Time since it first told [s]; before that the engine may have been compiled."""
    at_first: int = 0
    """What was done when it first told."""

    @property
    def seconds_left(self) -> float | None:
        """Time that it will take at this pace [s]; None at the start."""
        passed = self.done - self.at_first
        return self.seconds / passed * (self.of - self.done) if passed > 0 else None


@dataclass(frozen=True)
class _Compiling:
    """The engine is being compiled: it will not tell how far the work is for a while."""


@dataclass(frozen=True)
class _Ended(Generic[Answer]):
    """The end of the work."""

    answer: Answer | None
    why: str = ""
    """Why there is no answer."""


class SideWork(Generic[Answer]):
    """One piece of work under way; it ends with the page's server.

    Parameters
    ----------
    work : callable
        Called in the new process with `Tell`; a function of a module, or a `functools.partial` of
        one with what can be pickled.
    """

    def __init__(self, work: Callable[[Tell], Answer]) -> None:
        packed = pickle.dumps(work)
        path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)  # noqa: PTH109 - a text
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-P", "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
        atexit.register(self._process.kill)
        self.answer: Answer | None = None
        """None as long as it is worked on, or where there is none."""
        self.progress: Progress | None = None
        """How far it is; None at the start."""
        self.compiling = False
        """Whether the engine is being compiled, which has to end before the work goes on."""
        self._started = monotonic()
        self.failed = False
        self.why = ""
        """Why it failed, where it is no fault of ours."""
        self.stopped = False
        threading.Thread(target=self._follow, args=(packed,), daemon=True).start()

    @property
    def seconds(self) -> float:
        """Time since it began [s]."""
        return monotonic() - self._started

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.answer is not None or self.failed or self.stopped

    def stop(self) -> None:
        """End it; there will be no answer."""
        self.stopped = self.answer is None
        self._process.kill()

    def cut_short(self) -> None:
        """Have it answer with what is done; for work that takes an interruption."""
        self._process.send_signal(signal.SIGINT)

    def _follow(self, work: bytes) -> None:
        """Hand the work over and take what comes; it is our own, so unpickling it is safe."""
        told: object = None
        try:
            with self._process.stdin or sys.stdin.buffer as given:
                given.write(work)
            while self._process.stdout is not None and not isinstance(told, _Ended):
                told = pickle.load(self._process.stdout)  # noqa: S301 - written by `main` below
                self.compiling = isinstance(told, _Compiling)
                if isinstance(told, Progress):
                    self.progress = told
        except (EOFError, OSError, pickle.UnpicklingError):
            self.failed = not self.stopped
        self._process.wait()
        atexit.unregister(self._process.kill)
        if isinstance(told, _Ended):
            self.answer, self.why = told.answer, told.why
            self.failed = told.answer is None


def main() -> int:
    """Do the work that stdin holds."""
    # A server that was started in the background hands down that interruptions are ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(os, "nice"):
        os.nice(_GENTLE)
    work: Callable[[Tell], object] = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by `SideWork`
    on_first_compilation(lambda: _send(_Compiling()))
    told = monotonic()
    first: tuple[int, float] | None = None

    def tell(done: int, of: int) -> None:
        nonlocal told, first
        now = monotonic()
        first = first or (done, now)
        if now - told > _TELL_SECONDS:
            told = now
            _send(Progress(done, of, now - first[1], first[0]))

    try:
        ended: _Ended[object] = _Ended(work(tell))
    except KeyboardInterrupt:
        return 1
    except DepgraphError as error:
        ended = _Ended(None, str(error))
    _send(ended)
    return 0


def _send(said: object) -> None:
    """Tell the page's server."""
    pickle.dump(said, sys.stdout.buffer)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    # Under its own name, so that what it pickles can be read by whoever imports this module.
    from ui.side_work import main as named_main

    sys.exit(named_main())
