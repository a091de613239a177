"""What the page shows: the estate, compiled and assessed once, shared by all visitors."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import networkx as nx
import streamlit as st

from cypher.rows import digest
from depgraph.engine.availability import assessed
from depgraph.engine.availability_answer import Assessment, ServiceAvailability
from depgraph.engine.finding import Finding
from depgraph.engine.findings import findings
from depgraph.engine.graph import Node, dependency_graph
from depgraph.engine.structure import Structure, structure_of
from depgraph.errors import DepgraphError, Problem, RegisterError, StoreError
from depgraph.model.estate import Estate
from depgraph.wording import counted
from ingest.estate_files import recovered
from sample_data import sample_path
from ui.access import guard
from ui.assessment_job import Answered, AssessmentJob
from ui.estates import is_graph_address, opened_estate
from ui.figure_table import plain_table
from ui.graph_watch import graph_watch, tell_old
from ui.side_progress import show_running, show_unanswered
from ui.warm import is_compiling

MANY = 400
"""Services above which figures are worked out in a process of their own, while views are used."""
_COMPILING = (
    "Compiling the engine for this machine, once, which takes less than a minute; "
    "figures follow ..."
)
SECONDS_ALONE = 0.2
"""Time for the figures of one service of a large estate, before all are there [s]."""


@dataclass(frozen=True)
class Compiled:
    """An estate, ready for questions."""

    estate: Estate
    structure: Structure
    graph: nx.MultiDiGraph[Node]
    version: str
    """SHA-256 of the estate's content; the same as in the graph database."""


@dataclass(frozen=True)
class Shown(Compiled):
    """An estate with the figures of all its services."""

    assessment: Assessment
    findings: tuple[Finding, ...]
    by_service: Mapping[str, ServiceAvailability]


Answer = TypeVar("Answer", Compiled, Shown)


def address() -> tuple[str, str | None]:
    """Where the estate is, and its name in the graph database."""
    chosen = os.environ.get("DEPGRAPH_ESTATE") or str(sample_path("retailer"))
    return chosen, os.environ.get("DEPGRAPH_ESTATE_NAME") or None


def shown() -> Shown:
    """The estate of this page; ends the run with a clear message where it cannot be had.

    Every view gets its data here, from `known` or from `compiled`, so that nothing is shown to
    whom it must not be. As long as the figures of a large estate are being computed, the run ends
    with how far they are.
    """
    found = _require_services(known())
    if not isinstance(found, Shown):
        show_progress()
        st.stop()
    return found


def opened() -> Compiled:
    """As `known`, but an estate without services is fine: it can still be filled."""
    found = readable()
    if len(found.estate.services) <= MANY:
        return _had(_shown, _COMPILING if is_compiling() else "Computing availability ...")
    answer = job().answer
    if answer is None or answer.version != found.version:
        return found
    return _with_figures(found, answer)


def known() -> Compiled:
    """The estate with all figures where they are there, which can take minutes when it is large."""
    return _require_services(opened())


def tell_whether_old() -> None:
    """Say so where the graph database cannot be asked whether the estate was written again."""
    text, name = address()
    if is_graph_address(text):
        tell_old(text, name)


def readable() -> Compiled:
    """The estate, with services or without; where it cannot be read the run ends, with why."""
    return _had(_compiled, "Reading the estate ...")


def compiled() -> Compiled:
    """As `shown`, without the figures."""
    return _require_services(readable())


def figures_of(data: Compiled) -> Mapping[str, ServiceAvailability]:
    """Figures by service; none as long as those of a large estate are being computed."""
    return data.by_service if isinstance(data, Shown) else {}


def day_of(data: Compiled) -> date:
    """Day on which promises have to be in force: that of the figures, or today."""
    return data.assessment.as_of if isinstance(data, Shown) else datetime.now(UTC).date()


def job(service: str = "") -> AssessmentJob:
    """The assessment of this page's large estate, or of one service; started at the first call."""
    text, name = address()
    return _job(text, name, version_stamp(), service)


def show_progress(service: str = "") -> None:
    """How far a job is, with a way to stop it; the page is drawn anew once the figures are there.

    Parameters
    ----------
    service : str
        The service that is worked out; all when empty.
    """
    work = job(service)
    what = f"Availability of {service or 'all services'}"
    if not work.ended:
        show_running(work, what, "figures_stop")
        return
    text, name = address()
    if work.answer and work.answer.version == _compiled(text, name, version_stamp()).version:
        st.rerun()
    # An answer of another version: the database changed between the two looks at it.
    if work.failed or work.answer:
        st.warning("The figures cannot be computed: the estate changed or can no longer be read.")
    else:
        show_unanswered(work, what)
    if st.button("Compute again", icon=":material/refresh:", key="figures_again"):
        _job.clear()
        st.rerun()


def _had(load: Callable[[str, str | None, str], Answer], wait: str) -> Answer:
    """What a loader gives; where it fails the reason is shown and the run ends."""
    guard()
    text, name = address()
    try:
        with st.spinner(wait, show_time=True):
            _put_right(text)
            return load(text, name, version_stamp())
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
        st.info("This estate has no services yet. Add some in Edit, or to its files, then reload.")
        st.stop()
    return found


def forget() -> None:
    """Read the estate again at the next run, as somebody changed it on the page."""
    text, name = address()
    if is_graph_address(text):
        graph_watch(text, name).expire()
    _compiled.clear()
    _shown.clear()
    _job.clear()


@st.cache_resource(show_spinner=False)
def _put_right(text: str) -> None:
    """Undo, once per start, what a program left half done that died while it wrote the files."""
    if not is_graph_address(text) and Path(text).exists():
        recovered(text)


@st.cache_resource(max_entries=4, show_spinner=False)
def _compiled(text: str, name: str | None, stamp: str) -> Compiled:  # noqa: ARG001 - what the cache goes by
    """Read and compile; `stamp` changes when the estate does.

    Streamlit leaves parameters that start with an underscore out of the key, so this one must not.
    """
    estate = opened_estate(text, name)
    return Compiled(estate, structure_of(estate), dependency_graph(estate), digest(estate))


@st.cache_resource(max_entries=4, show_spinner=False)
def _shown(text: str, name: str | None, stamp: str) -> Shown:
    """Read, compile and assess; `stamp` changes when the estate does."""
    found = _compiled(text, name, stamp)
    assessment = assessed(found.estate, None, found.structure)
    answer = Answered(assessment, findings(found.structure, assessment), found.version)
    return _with_figures(found, answer)


@st.cache_resource(
    max_entries=4, show_spinner=False,
    hash_funcs={Compiled: lambda data: data.version, Answered: lambda answer: answer.version},
)  # fmt: skip
def _with_figures(found: Compiled, answer: Answered) -> Shown:
    """The estate with its figures, kept once."""
    rows = {row.id: row for row in answer.assessment.services}
    return Shown(
        found.estate, found.structure, found.graph, found.version,
        answer.assessment, answer.findings, rows,
    )  # fmt: skip


@st.cache_resource(max_entries=6, show_spinner=False, on_release=AssessmentJob.stop)
def _job(text: str, name: str | None, stamp: str, service: str) -> AssessmentJob:  # noqa: ARG001 - what the cache goes by
    return AssessmentJob(text, name, service)


def version_of(data: Compiled) -> str:
    """What caches go by: two estates of one content have the same answers."""
    return data.version


BY_VERSION: dict[str | type[Any], Callable[[Any], Any]] = {
    Compiled: version_of,
    Shown: lambda data: (data.version, data.assessment.as_of.isoformat()),
}
"""How Streamlit's caches tell estates apart, and whether their figures are there."""


def version_stamp() -> str:
    """What changes when the estate does: the newest time of its files, or the last push."""
    text, name = address()
    if is_graph_address(text):
        return graph_watch(text, name).stamp
    path = Path(text)
    times = [
        p.stat().st_mtime for p in ([path] if path.is_file() else path.rglob("*")) if p.exists()
    ]
    return str(max(times, default=0.0))


def _show_problems(problems: tuple[Problem, ...], text: str) -> None:
    """List every problem of a broken estate, then end the run."""
    count = counted(len(problems), "problem")
    st.error(f"The estate has {count}; nothing can be shown until that is mended.")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(text)
        st.button("Read it again", icon=":material/refresh:", key="estate_again")
    plain_table(
        [{"place": p.place, "what is wrong": p.what, "what to do": p.hint} for p in problems],
        width="stretch",
        hide_index=True,
    )
