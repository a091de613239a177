"""Figures of a large estate, worked out in a process of its own, so that the page stays quick.

Run as ``python -m ui.assessment_job ESTATE NAME SERVICE``, the last two empty for the only estate
and all services: writes pickled progress, then the answer, to stdout. Python's own multiprocessing
would run the page's script again in the new process.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import threading
from dataclasses import dataclass
from time import monotonic

from cypher.rows import digest
from depgraph.engine.availability import Assessment, AssessmentOptions, assessed
from depgraph.engine.findings import Finding, findings
from depgraph.engine.structure import structure_of
from depgraph.errors import DepgraphError
from ui.estates import opened_estate

_GENTLE = 5
_TELL_SECONDS = 0.5


@dataclass(frozen=True)
class Answered:
    """Figures of all services, and what to look at."""

    assessment: Assessment
    findings: tuple[Finding, ...]
    version: str
    """SHA-256 of the estate's content that they are of."""


@dataclass(frozen=True)
class Progress:
    """How far a job is."""

    done: int
    """Services answered."""
    of: int
    """Services to answer; grows while hard ones are answered again."""
    seconds: float
    """Time that it took [s]."""

    @property
    def seconds_left(self) -> float | None:
        """Time that it will take at this pace [s]; None at the start."""
        return self.seconds / self.done * (self.of - self.done) if self.done else None


class AssessmentJob:
    """One assessment under way; it ends with the page's server.

    Parameters
    ----------
    address : str
        The estate, as on the command line.
    name : str or None
        Its name in the graph database.
    service : str
        The service to answer for, as exactly as a minute allows; all when empty.
    """

    def __init__(self, address: str, name: str | None, service: str = "") -> None:
        line = [sys.executable, "-P", "-m", __name__, address, name or "", service]
        path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)  # noqa: PTH109 - a text
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            line, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
        )
        atexit.register(self._process.kill)
        self.answer: Answered | None = None
        """None as long as figures are being computed, or cannot be."""
        self.progress: Progress | None = None
        """How far it is; None as long as the estate is being read."""
        self.failed = False
        self.stopped = False
        threading.Thread(target=self._wait, daemon=True).start()

    def stop(self) -> None:
        """End it; there will be no answer."""
        self.stopped = True
        self._process.kill()

    def _wait(self) -> None:
        """Take what the process writes; it is our own, so unpickling it is safe."""
        stream = self._process.stdout
        told: object = None
        try:
            while stream is not None and not isinstance(told, Answered):
                told = pickle.load(stream)  # noqa: S301 - written by `main` below
                if isinstance(told, Progress):
                    self.progress = told
        except (EOFError, pickle.UnpicklingError):
            self.failed = not self.stopped
        self._process.wait()
        atexit.unregister(self._process.kill)
        if isinstance(told, Answered):
            self.answer = told


def main() -> int:
    """Write progress and the figures of all services; 1 where the estate cannot be read."""
    if hasattr(os, "nice"):
        os.nice(_GENTLE)
    address, name, service = sys.argv[1:]
    try:
        estate = opened_estate(address, name or None)
    except DepgraphError:
        return 1
    started = told = monotonic()

    def tell(done: int, of: int) -> None:
        nonlocal told
        if monotonic() - told > _TELL_SECONDS:
            told = monotonic()
            pickle.dump(Progress(done, of, told - started), sys.stdout.buffer)
            sys.stdout.buffer.flush()

    structure = structure_of(estate)
    options = AssessmentOptions(services=(service,) if service else ())
    assessment = assessed(estate, options, structure, tell)
    found = () if service else findings(structure, assessment)
    answer = Answered(assessment, found, digest(estate))
    pickle.dump(answer, sys.stdout.buffer)
    return 0


if __name__ == "__main__":
    # Under its own name, so that what it pickles can be read by whoever imports this module.
    from ui.assessment_job import main as named_main

    sys.exit(named_main())
