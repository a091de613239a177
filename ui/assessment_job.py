"""Figures of a large estate, worked out in a process of its own, so that the page stays quick."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping
from multiprocessing.connection import Connection

from depgraph.engine.availability import ServiceAvailability, assessed
from depgraph.errors import DepgraphError
from ui.estates import opened_estate

Rows = Mapping[str, ServiceAvailability]


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
        context = multiprocessing.get_context("spawn")
        self._answer, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_assess, args=(address, name, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._rows: Rows | None = None
        self.failed = False

    def rows(self) -> Rows | None:
        """Figures by service; None as long as they are being computed, or cannot be."""
        if self._rows is None and not self.failed and self._answer.poll():
            try:
                self._rows = self._answer.recv()
            except EOFError:
                self.failed = True
            self.failed |= self._rows is None
        return self._rows


def _assess(address: str, name: str | None, answer: Connection) -> None:
    """Send the figures of all services, or None where the estate can no longer be read."""
    try:
        estate = opened_estate(address, name)
        answer.send({row.id: row for row in assessed(estate).services})
    except DepgraphError:
        answer.send(None)
