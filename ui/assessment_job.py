"""Figures of a large estate, worked out in a process of its own, so that the page stays quick.

Run as ``python -m ui.assessment_job ESTATE [NAME]``: writes the pickled figures to stdout. Python's
own multiprocessing would run the page's script again in the new process.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Mapping

from depgraph.engine.availability import ServiceAvailability, assessed
from depgraph.errors import DepgraphError
from ui.estates import opened_estate

Rows = Mapping[str, ServiceAvailability]
_GENTLE = 5


class AssessmentJob:
    """One assessment under way; it ends with the page's server.

    Parameters
    ----------
    address : str
        The estate, as on the command line.
    name : str or None
        Its name in the graph database.
    """

    def __init__(self, address: str, name: str | None) -> None:
        line = [sys.executable, "-m", __name__, address, *([name] if name else [])]
        path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)  # noqa: PTH109 - a text
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            line, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
        )
        atexit.register(self._process.kill)
        self._rows: Rows | None = None
        self.failed = False
        threading.Thread(target=self._wait, daemon=True).start()

    def rows(self) -> Rows | None:
        """Figures by service; None as long as they are being computed, or cannot be."""
        return self._rows

    def _wait(self) -> None:
        """Take what the process writes; it is our own, so unpickling it is safe."""
        written, _ = self._process.communicate()
        atexit.unregister(self._process.kill)
        if self._process.returncode == 0:
            self._rows = pickle.loads(written)  # noqa: S301 - written by `main` below
        else:
            self.failed = True


def main() -> int:
    """Write the figures of all services; 1 where the estate can no longer be read."""
    if hasattr(os, "nice"):
        os.nice(_GENTLE)
    address, *name = sys.argv[1:]
    try:
        estate = opened_estate(address, next(iter(name), None))
    except DepgraphError:
        return 1
    pickle.dump({row.id: row for row in assessed(estate).services}, sys.stdout.buffer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
