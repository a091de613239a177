"""The figures of a thing in Explore's panel; each opens to how it came about."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from depgraph.engine.availability import AssessmentOptions, assessed, final_figures
from depgraph.engine.availability_answer import MINUTES_PER_MONTH, ServiceAvailability
from depgraph.engine.cut_sets import CutLimits, CutSetAnswer, minimal_cut_sets
from depgraph.engine.exact import Limits
from depgraph.engine.graph import Node
from depgraph.model.dependency import Redundancy
from ui.catalogue import Catalogue
from ui.explore_state import ExploreState
from ui.figure_table import plain_table
from ui.figures_text import (
    availability_text,
    component_text,
    minutes_down_text,
    minutes_text,
    percent_text,
    verdict_text,
)
from ui.picture import name_of
from ui.plain_text import link, plain
from ui.session import SECONDS_ALONE

_METHOD = (
    "It is up when its own component is up and every requirement is met (rule A2). Each thing is "
    "one variable however often it is reached (A3). Where no exact figure can be had, both ends of "
    "the bracket are certain (A8)."
)
_NAIVE = (
    "As if everything were independent wherever it is reached (rule A8). The difference to the "
    "composite is what shared things do."
)
_MET = "Probability that everything it needs is there, each shared thing counted once."
_CUT_ORDER = 2
_MOST_CUTS = 5_000


def row_of(catalogue: Catalogue, node: Node) -> ServiceAvailability | None:
    """Figures of a service if they are there."""
    return (catalogue.by_service or {}).get(node.id) if node.kind == "service" else None


def figures(catalogue: Catalogue, state: ExploreState, node: Node) -> None:
    """Draw the figures of one thing."""
    if node.kind != "service":
        _own(catalogue, node)
        return
    row = row_of(catalogue, node)
    if row is None:
        # One service takes a moment; all of a large estate take minutes.
        row = _alone(catalogue.version, node.id, catalogue)
        st.caption("Computed for this service alone, within a time limit.")
    st.metric(
        "Composite availability", availability_text(row), border=True,
        help=type(row).model_fields["availability"].description,
    )  # fmt: skip
    for label, value, explained in _rows(row):
        with st.expander(f"{label}: **{plain(value)}**"):
            st.write(explained)
    _requirements(catalogue, state, row)
    _promises(row, hide=state.hide_names)
    _single_points(state, row)
    _cuts(catalogue, state, row)
    if not state.hide_names:
        st.link_button("Everything about its availability", link("availability", service=node.id))


@st.cache_data(max_entries=500, show_spinner=False)
def _alone(version: str, service: str, _catalogue: Catalogue) -> ServiceAvailability:  # noqa: ARG001 - what the cache goes by
    """Figures of one service."""
    options = AssessmentOptions(services=(service,), limits=Limits(seconds=SECONDS_ALONE))
    return assessed(_catalogue.estate, options, _catalogue.structure).services[0]


def _rows(row: ServiceAvailability) -> Iterator[tuple[str, str, str]]:
    """Label, value and derivation of each single figure."""
    down = row.unavailability
    yield (
        "How it was found",
        row.method,
        _METHOD,
    )
    yield (
        "Minutes down a month",
        minutes_down_text(row),
        "Only a bracket is known."
        if down is None
        else f"Unavailability {down:.6g} × {MINUTES_PER_MONTH:,} minutes of a 30-day month "
        f"(rule A10); a 365-day year: {minutes_text(row.downtime_minutes_per_year)}.",
    )
    basis = {
        "modelled": "the figure given in its record", "committed": "the promise in force",
        "observed": "what was measured", "default": "the default of the estate",
        "unknown": "nothing: it counts as anything from 0 to 1",
    }.get(row.basis, row.basis)  # fmt: skip
    yield (
        "Own component",
        percent_text(row.own_availability, row.own_unavailability),
        f"All else working (rule A4). Rests on {basis}.",
    )
    yield (
        "Requirements met",
        percent_text(row.requirements_availability, row.requirements_unavailability),
        f"{_MET} Between {row.requirements_low:.12g} and {row.requirements_high:.12g}.",
    )
    yield (
        "Naive product",
        percent_text(row.naive, row.naive_unavailability),
        _NAIVE,
    )
    yield (
        "Worst case",
        percent_text(row.worst_case, row.worst_case_unavailability),
        "As if everything shared failed together (rule A8).",
    )
    if row.unknown or row.defaulted:
        names = ", ".join((*row.unknown, *row.defaulted))
        yield (
            "Without a figure",
            str(len(row.unknown) + len(row.defaulted)),
            plain(f"The result is a bracket, or rests on a default (rule A5): {names}"),
        )


def _requirements(catalogue: Catalogue, state: ExploreState, row: ServiceAvailability) -> None:
    """Direct requirements with their figures."""
    service = catalogue.estate.service[row.id]
    groups: list[tuple[str, str, tuple[str, ...]]] = []
    for requirement in service.requirements:
        if isinstance(requirement, Redundancy):
            how = f"{requirement.at_least} of {len(requirement.of)} {requirement.name}".strip()
            groups.append((how, "service", requirement.of))
        else:
            soft = requirement.soft
            how = "must be up" if soft is None else f"soft {soft}: never takes it down (A7)"
            groups.append((how, "service", (requirement.service,)))
    groups += [
        (f"{place.at_least} of {len(place.of)} places", "location", place.of)
        for place in service.placements
    ]
    rows = []
    for how, kind, members in groups:
        for member in members:
            other = (catalogue.by_service or {}).get(member) if kind == "service" else None
            rows.append(
                {
                    "how": how,
                    "id": name_of(catalogue, state, f"{kind}:{member}"),
                    "availability": availability_text(other) if other else "",
                }
            )
    if rows:
        with st.expander(f"Requirements: **{len(groups)}**"):
            plain_table(rows, hide_index=True, width="stretch")


def _promises(row: ServiceAvailability, *, hide: bool) -> None:
    """What is promised, and whether that can be."""
    if row.committed is None:
        return
    target = percent_text(row.promised)
    with st.expander(f"Promised: **{plain(target)}**"):
        st.write("The promise that counts comes first (rule A4).")
        if not hide:
            plain_table(
                [
                    {"SLA": c.sla, "to": c.customer, "target": percent_text(c.target),
                     "end to end": c.end_to_end, "counts": c.counts,
                     "carried": verdict_text(c.carried, promised=True),
                     "met": verdict_text(c.met, promised=True)}
                    for c in row.commitments
                ],
                hide_index=True, width="stretch",
            )  # fmt: skip
    for label, verdict, short, what in (
        ("Carried by suppliers", row.carried, row.carried_shortfall_minutes_per_month,
         "what it requires"),
        ("Met", row.met, row.met_shortfall_minutes_per_month, "the composite"),
    ):  # fmt: skip
        with st.expander(f"{label}: **{verdict_text(verdict, promised=True)}**"):
            least = "" if row.availability is not None else "at least "
            missed = f" Missed by {least}{minutes_text(short)} minutes of downtime a month."
            st.write(f"Compares {what} with {target} (rule A4).{missed if short else ''}")


def _single_points(state: ExploreState, row: ServiceAvailability) -> None:
    """Components that take it down alone."""
    names = row.single_points_of_failure
    with st.expander(f"Single points of failure: **{len(names)}**"):
        st.write("Each takes it down alone; the list is complete (rule A12).")
        if names and not state.hide_names:
            rows = [{"component": component_text(name)} for name in names]
            plain_table(rows, hide_index=True, width="stretch")


def _cuts(catalogue: Catalogue, state: ExploreState, row: ServiceAvailability) -> None:
    """Cut sets, worked out when somebody asks."""
    if state.hide_names:
        return
    with st.expander(
        "What takes it down, most probable first", key=f"explore_cuts_{row.id}", on_change="rerun"
    ) as opened:
        if not opened.open:
            return
        answer = _cut_sets(catalogue.version, row.id, catalogue)
        plain_table(
            [
                {
                    "together": " + ".join(map(component_text, cut.components)),
                    "probability": "?" if cut.probability is None else f"{cut.probability:.3g}",
                    "chain": " → ".join(map(component_text, cut.chain)),
                }
                for cut in answer.cut_sets[:100]
            ],
            hide_index=True,
            width="stretch",
        )
        st.caption(
            f"Minimal cut sets, complete up to {answer.complete_order} at once (rule A12); "
            f"{min(100, len(answer.cut_sets))} of {len(answer.cut_sets)} are listed."
        )


@st.cache_data(max_entries=200, show_spinner="Looking for cut sets ...")
def _cut_sets(version: str, service: str, _catalogue: Catalogue) -> CutSetAnswer:  # noqa: ARG001 - what the cache goes by
    options = AssessmentOptions(services=(service,), limits=Limits(seconds=2))
    known = final_figures(_catalogue.structure, options)
    return minimal_cut_sets(
        _catalogue.structure,
        known,
        service,
        max_order=_CUT_ORDER,
        limits=CutLimits(sets=_MOST_CUTS),
    )


def _own(catalogue: Catalogue, node: Node) -> None:
    """The own figure of a place or an organization."""
    records = (
        catalogue.estate.location if node.kind == "location" else catalogue.estate.organization
    )
    down = records[node.id].own_unavailability
    if down is not None:
        st.metric("Own availability", percent_text(1 - down, float(down)), border=True)
        st.write("The figure given in its record, all else working (rule A4).")
    elif node.kind == "location":
        st.metric("Own availability", "unknown", border=True)
        st.write("No figure is given: results that rest on it are brackets (rule A5).")
    else:
        st.write("No figure is given: it can be failed as a whole, but nothing is claimed (A4).")
    direct = catalogue.failures.in_degree(node)
    st.metric("Services that rest on it", f"{catalogue.dependants[node]:,}", border=True)
    st.caption(f"{direct:,} directly; redundancy is not considered here.")
