"""Everything about one service's availability; of a large estate, first what a moment gives."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from depgraph.engine.availability import Answered, AssessmentOptions, answered, final_figures
from depgraph.engine.availability_answer import ServiceAvailability
from depgraph.engine.cut_sets import CutSetAnswer, minimal_cut_sets
from depgraph.engine.exact import Limits
from depgraph.engine.figures import Figures
from depgraph.engine.importance import ImportanceAnswer, importance
from depgraph.engine.requirement_tree import RequirementTree, requirement_tree
from ui.session import (
    BY_VERSION,
    MANY,
    SECONDS_ALONE,
    Compiled,
    day_of,
    figures_of,
    job,
    show_progress,
)

_FEW_LINES = 60
"""Lines of the requirement tree before the figures of all services are there."""
_LINES = 400
_NARROWED = "availability_narrowed"


@dataclass(frozen=True)
class Detail:
    """Everything the view says about one service."""

    row: ServiceAvailability
    measures: ImportanceAnswer
    cuts: CutSetAnswer
    tree: RequirementTree


def best_row(data: Compiled, service: str) -> ServiceAvailability:
    """The narrowest figures that are there: the same as `depgraph assess --service` once exact."""
    rows = [row_alone(data, service)]
    if not rows[0].unknown and rows[0].availability is None:
        rows += [row for row in (figures_of(data).get(service), _narrowed(data, service)) if row]
    return min(rows, key=lambda row: row.unavailability_high - row.unavailability_low)


def offer_narrowing(data: Compiled, row: ServiceAvailability) -> None:
    """Where time ended the work on a large estate: a longer try beside the page."""
    if len(data.estate.services) <= MANY or row.availability is not None or row.unknown:
        return
    if row.id in st.session_state.get(_NARROWED, ()):
        if job(row.id).answer is None:
            show_progress(row.id)
        return
    if st.button(
        "Narrow it",
        icon=":material/compress:",
        help="An exact figure, or a narrower bracket, within a minute; the page can be used "
        "meanwhile",
        key="availability_narrow",
    ):
        st.session_state[_NARROWED] = {*st.session_state.get(_NARROWED, ()), row.id}
        st.rerun()


def _narrowed(data: Compiled, service: str) -> ServiceAvailability | None:
    """What the longer try gave, if there was one."""
    if service not in st.session_state.get(_NARROWED, ()):
        return None
    answer = job(service).answer
    if answer is None or answer.version != data.version:
        return None
    return answer.assessment.services[0]


def _options(data: Compiled, service: str) -> AssessmentOptions:
    large = len(data.estate.services) > MANY
    limits = Limits(seconds=SECONDS_ALONE) if large else Limits()
    return AssessmentOptions(services=(service,), as_of=day_of(data), limits=limits)


@st.cache_data(
    max_entries=500, show_spinner="Computing availability ...", hash_funcs=BY_VERSION
)  # fmt: skip
def row_alone(data: Compiled, service: str) -> ServiceAvailability:
    """Figures of one service."""
    return _answered(data, service).assessment.services[0]


@st.cache_resource(max_entries=1, show_spinner=False, hash_funcs=BY_VERSION)
def _answered(data: Compiled, service: str) -> Answered:
    """The service looked at last, compiled: what matters most follows from that."""
    return answered(data.estate, _options(data, service), data.structure)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_VERSION)
def _figures(data: Compiled, service: str) -> Figures:
    return final_figures(data.structure, _options(data, service))


@st.cache_data(max_entries=64, show_spinner="Following requirements ...", hash_funcs=BY_VERSION)
def tree_of(data: Compiled, service: str, *, known: bool) -> RequirementTree:
    """What it requires, with figures; shorter where each line's figure must be worked out.

    Parameters
    ----------
    data : Compiled
        The estate, compiled.
    service : str
        The service at the root.
    known : bool
        Whether the figures of all services are there already.

    Returns
    -------
    RequirementTree
        Its lines from the root down (rule A2); it says where it was cut.
    """
    lines = _LINES if known or len(data.estate.services) <= MANY else _FEW_LINES
    figures = _figures(data, service)
    return requirement_tree(data.structure, figures, service, figures_of(data), lines)


@st.cache_data(max_entries=64, show_spinner="Computing importance ...", hash_funcs=BY_VERSION)
def measures_of(data: Compiled, service: str) -> ImportanceAnswer:
    """What matters most."""
    found, limits = _answered(data, service), _options(data, service).limits
    return importance(data.structure, found.figures, service, limits, found.ready.get(service))


@st.cache_data(max_entries=64, show_spinner="Looking for cut sets ...", hash_funcs=BY_VERSION)
def cuts_of(data: Compiled, service: str, order: int) -> CutSetAnswer:
    """What takes it down.

    Parameters
    ----------
    data : Compiled
        The estate, compiled.
    service : str
        The service.
    order : int
        Failures at once, at most; order 1 is always complete (rule A12).

    Returns
    -------
    CutSetAnswer
        Minimal cut sets, with the order up to which they are complete.
    """
    return minimal_cut_sets(data.structure, _figures(data, service), service, max_order=order)
