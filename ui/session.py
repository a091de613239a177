"""What the page shows: the estate, compiled and assessed once, shared by all visitors."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import networkx as nx
import streamlit as st

from cypher.rows import digest
from depgraph.engine.availability import Assessment, ServiceAvailability, assessed
from depgraph.engine.findings import Finding, findings
from depgraph.engine.graph import Node, dependency_graph
from depgraph.engine.structure import Structure, structure_of
from depgraph.errors import DepgraphError, Problem, RegisterError, StoreError
from depgraph.model.estate import Estate
from ingest.estate_files import recovered
from sample_data import sample_path
from ui.access import guard
from ui.estates import is_graph_address, opened_estate


@dataclass(frozen=True)
class Compiled:
    """An estate, ready for questions."""

    estate: Estate
    structure: Structure
    graph: nx.MultiDiGraph[Node]
    version: str
    """SHA-256 of the estate's content; the same as in the graph database."""


@dataclass(frozen=True)
class Shown:
    """An estate with the answers that every view needs."""

    estate: Estate
    structure: Structure
    assessment: Assessment
    findings: tuple[Finding, ...]
    graph: nx.MultiDiGraph[Node]
    by_service: dict[str, ServiceAvailability] = field(default_factory=dict)
    version: str = ""
    """SHA-256 of the estate's content; the same as in the graph database."""


Answer = TypeVar("Answer", Compiled, Shown)


def address() -> tuple[str, str | None]:
    """Where the estate is, and its name in the graph database."""
    chosen = os.environ.get("DEPGRAPH_ESTATE") or str(sample_path("retailer"))
    return chosen, os.environ.get("DEPGRAPH_ESTATE_NAME") or None


def shown() -> Shown:
    """The estate of this page; ends the run with a clear message where it cannot be had.

    Every view gets its data here or from `compiled`, so that nothing is shown to whom it must
    not be.
    """
    return _require_services(opened())


def opened() -> Shown:
    """As `shown`, but an estate without services is fine: it can still be filled."""
    return _had(_shown, "Reading the estate and computing availability ...")


def compiled() -> Compiled:
    """As `shown`, without the figures, which can take minutes for thousands of services."""
    return _require_services(_had(_compiled, "Reading the estate ..."))


def _had(load: Callable[[str, str | None, float], Answer], wait: str) -> Answer:
    """What a loader gives; where it fails the reason is shown and the run ends."""
    guard()
    text, name = address()
    try:
        with st.spinner(wait):
            _put_right(text)
            return load(text, name, version_stamp(text))
    except RegisterError as error:
        _show_problems(error.problems, text)
    except StoreError as error:
        st.error("The graph database cannot be read.", icon=":material/cloud_off:")
        st.text(str(error))
        if st.button("Try again"):
            st.rerun()
    except DepgraphError as error:
        st.error("The estate cannot be shown.", icon=":material/error:")
        st.text(str(error))
    return st.stop()


def _require_services(found: Answer) -> Answer:
    """End the run where there is nothing to see yet."""
    if not found.estate.services:
        st.info("This estate has no services yet. Add some to its files, then reload.")
        st.stop()
    return found


def forget() -> None:
    """Read the estate again at the next run, as somebody changed it on the page."""
    _compiled.clear()
    _shown.clear()


@st.cache_resource(show_spinner=False)
def _put_right(text: str) -> None:
    """Undo, once per start, what a program left half done that died while it wrote the files."""
    if not is_graph_address(text) and Path(text).exists():
        recovered(text)


@st.cache_resource(max_entries=4, show_spinner=False)
def _compiled(text: str, name: str | None, stamp: float) -> Compiled:  # noqa: ARG001 - what the cache goes by
    """Read and compile; `stamp` changes when the files do.

    Streamlit leaves parameters that start with an underscore out of the key, so this one must not.
    """
    estate = opened_estate(text, name)
    return Compiled(estate, structure_of(estate), dependency_graph(estate), digest(estate))


@st.cache_resource(max_entries=4, show_spinner=False)
def _shown(text: str, name: str | None, stamp: float) -> Shown:
    """Read, compile and assess; `stamp` changes when the files do."""
    found = _compiled(text, name, stamp)
    assessment = assessed(found.estate, None, found.structure)
    return Shown(
        found.estate,
        found.structure,
        assessment,
        findings(found.structure, assessment),
        found.graph,
        {row.id: row for row in assessment.services},
        found.version,
    )


def version_of(data: Shown) -> str:
    """What caches go by: two estates of one content have the same answers."""
    return data.version


def version_stamp(text: str) -> float:
    """Newest change of the files; 0 for a graph database, which is read once per start."""
    if is_graph_address(text):
        return 0.0
    path = Path(text)
    times = [
        p.stat().st_mtime for p in ([path] if path.is_file() else path.rglob("*")) if p.exists()
    ]
    return max(times, default=0.0)


def _show_problems(problems: tuple[Problem, ...], text: str) -> None:
    """List every problem of a broken estate, then end the run."""
    st.error(
        f"The estate has {len(problems)} problems; nothing can be shown until they are mended."
    )
    st.text(text)
    st.dataframe(
        [{"place": p.place, "what is wrong": p.what, "what to do": p.hint} for p in problems],
        width="stretch",
        hide_index=True,
    )
