"""Whether the estate in a graph database is still the one that the page shows."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock

import streamlit as st

from depgraph.errors import StoreError

_SECONDS = 3.0
"""Time between two looks: each costs a click some hundredths of a second."""
_SECONDS_AFTER_FAULT = 30.0
"""Time after a look that failed: waiting for a server that is gone takes long."""


class GraphWatch:
    """When an estate was last written to its graph database.

    Parameters
    ----------
    look : callable
        Asks the database.
    clock : callable
        Seconds that pass.
    """

    def __init__(
        self, look: Callable[[], str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._look, self._clock = look, clock
        self._lock = Lock()
        self._stamp, self._fault = "", ""
        self._next = float("-inf")
        self._seen: datetime | None = None

    @property
    def stamp(self) -> str:
        """Differs once the estate was written again; empty as long as nothing could be read."""
        with self._lock:
            if self._clock() >= self._next:
                self._ask()
            return self._stamp

    @property
    def fault(self) -> str:
        """Why what was read before may be old; empty where it is not."""
        if not self._fault or self._seen is None:
            return ""
        return f"{self._fault}; what is shown was read by {self._seen:%Y-%m-%d %H:%M} UTC"

    def expire(self) -> None:
        """Look again at the next question, as somebody wrote."""
        self._next = float("-inf")

    def _ask(self) -> None:
        try:
            self._stamp, self._fault = self._look(), ""
            self._seen = datetime.now(UTC)
        except StoreError as error:
            self._fault = str(error)
        wait = _SECONDS_AFTER_FAULT if self._fault else _SECONDS
        self._next = self._clock() + wait


@st.cache_resource(show_spinner=False)
def graph_watch(address: str, name: str | None) -> GraphWatch:
    """The watch on an estate in a graph database, shared by all visitors."""
    from cypher.folder import ProjectFolder  # noqa: PLC0415 - only for graph databases
    from cypher.store import opened_store  # noqa: PLC0415 - the driver loads only when needed

    read_once = False

    def look() -> str:
        nonlocal read_once
        # Who stopped the local graph does not want it back at the next click.
        if read_once and address == "local" and ProjectFolder.here().running("arcadedb") is None:
            raise StoreError("the local graph was stopped (depgraph graph start)")
        with opened_store(address) as store:
            rows = store.estates()
        read_once = True
        return "|".join(f"{r['id']} {r['pushed']}" for r in rows if name in {None, r["id"]})

    return GraphWatch(look)


def tell_old(address: str, name: str | None) -> None:
    """Say that the database cannot be asked whether what is shown is old, where that is so."""
    if fault := graph_watch(address, name).fault:
        st.warning("The graph database does not answer:", icon=":material/cloud_off:")
        st.text(fault)
