"""What would reach a target: the part of the availability view that answers it (rule L14)."""

from __future__ import annotations

from decimal import Decimal, localcontext

import streamlit as st
from pydantic import ValidationError

from depgraph.engine.availability import AssessmentOptions
from depgraph.engine.availability_answer import ServiceAvailability, shown_availability
from depgraph.engine.carrying import feasibility
from depgraph.engine.feasibility_answer import Feasibility
from depgraph.model.improvement import ServiceTarget
from ingest.faults import validation_problems
from ui.figure_table import figure_table
from ui.figures_text import component_text, minutes_text
from ui.followed_address import follow, keep
from ui.session import BY_VERSION, Compiled, day_of

Row = dict[str, object]
_USUAL = "99.95 %"
_MANY = 1_000
"""Services above which the question is answered on request only."""


def target_section(data: Compiled, row: ServiceAvailability) -> Feasibility | None:
    """Draw the section; the target stands in the page's address.

    Returns
    -------
    Feasibility or None
        The answer shown; None where there is none.
    """
    st.header("What would reach a target")
    service, promised = row.id, row.committed
    start = _USUAL if promised is None else f"{promised * 100:.10g} %"
    follow("target", "availability_target", start, lambda text: text or None)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Target", key="availability_target", help="Availability, such as 99.95 % or 0.9995",
            width=220,
        )  # fmt: skip
        keep("target", text, start)
        wanted = len(data.estate.services) <= _MANY or st.toggle("Work it out")
    if not wanted:
        return None
    target = _target(service, text)
    if target is None:
        return None
    answer = _answer(data, target)
    _verdict(answer)
    tables = target_rows(answer)
    for number, (title, rows) in enumerate(tables.items()):
        if rows:
            st.markdown(f"**{title}**")
            figure_table(
                rows, hide_index=True, width="stretch", key=f"target_{number}",
                column_config={"probability": st.column_config.NumberColumn(format="%.3g")},
            )  # fmt: skip
    return answer


def _target(service: str, text: str) -> ServiceTarget | None:
    """Read the target, or say what is wrong with it."""
    given = {"service": service, "availability": text.strip()}
    try:
        return ServiceTarget.model_validate(given)
    except ValidationError as error:
        for problem in validation_problems(error, given):
            st.error("This is no availability.")
            st.text(f"{problem.what}. {problem.hint}")
        return None


@st.cache_data(max_entries=64, show_spinner="Looking for what binds ...", hash_funcs=BY_VERSION)
def _answer(data: Compiled, target: ServiceTarget) -> Feasibility:
    return feasibility(data.estate, target, AssessmentOptions(as_of=day_of(data)))


def _verdict(answer: Feasibility) -> None:
    """Reached, or how much is missing and whether the requirements allow it at all.

    What rests on a bracket's low end is not called missed or impossible: it may be better (A5).
    """
    percent = shown_availability(float(answer.target), float(1 - answer.target))
    if answer.unknown:
        st.text(f"Without a figure, taken as down in all of this: {', '.join(answer.unknown)}")
    elif not answer.exact:
        st.text("All of this goes by the low end of the bracket.")
    if answer.reached:
        st.success(f"{percent} is reached.", icon=":material/check:")
        return
    missed = "is missed by" if answer.exact else "may be missed by up to"
    short = minutes_text(answer.shortfall_minutes_per_month)
    lead = f"{percent} {missed} {short} minutes of downtime a month"
    carried = shown_availability(answer.carried, answer.carried_unavailability)
    if answer.carries:
        st.warning(f"{lead}; a better own component can do.")
    elif answer.exact:
        st.error(f"{lead}, and no own component can reach it: its requirements carry {carried}.")
    else:
        st.warning(f"{lead}: its requirements carry at least {carried}.")


def target_rows(answer: Feasibility) -> dict[str, list[Row]]:
    """The answer as tables: what binds, what each component would need, second providers."""
    if answer.reached:
        return {}
    return {
        "What it needs directly, the weakest first": [
            {
                "requirement": row.requirement,
                "kind": row.kind,
                "availability": shown_availability(row.availability, row.unavailability),
                "minutes down a month that it alone misses by": minutes_text(
                    row.shortfall_minutes_per_month
                ),
                "service if it never failed": shown_availability(
                    row.ceiling, row.ceiling_unavailability
                ),
                "alone makes it impossible": _yes(row.impossible),
                "would suffice": _yes(row.would_suffice),
                "binds": _yes(row.binding),
            }
            for row in answer.requirements
        ],
        "Own availability that each component would need, all else as it is": [
            {
                "component": component_text(row.component),
                "now": "no figure"
                if row.component in answer.unknown
                else shown_availability(1 - row.unavailability, row.unavailability),
                "needed": _needed(row.needed_availability, row.needed_unavailability),
                "service if it never failed": shown_availability(
                    row.ceiling, row.ceiling_unavailability
                ),
                "minutes down a month that would end": minutes_text(row.minutes_per_month),
                "single point": _yes(row.single_point_of_failure),
            }
            for row in answer.components
        ],
        "What an independent second provider would bring": [
            {
                "service": row.service,
                "needed of the second": "an end-to-end promise hides it"
                if row.under_promise
                else _needed(row.needed_availability, row.needed_unavailability),
                "service if it never failed": shown_availability(
                    row.ceiling, row.ceiling_unavailability
                ),
            }
            for row in answer.second_providers
        ],
        "Combinations that alone make it impossible": [
            {
                "combination": ", ".join(map(component_text, row.components)),
                "probability": row.probability,
            }
            for row in answer.cut_sets
        ],
    }


def _needed(availability: float | None, unavailability: float | None) -> str:
    """The figure needed, shown so that it suffices: rounded up, never down."""
    if availability is None or unavailability is None:
        return "no figure suffices"
    lost = Decimal(f"{unavailability:.12e}")
    if not lost:
        return "100 %"
    places = max(4, 1 - (lost * 100).adjusted())
    step = Decimal(1).scaleb(-places)
    with localcontext() as exactly:
        exactly.prec = places + 5
        shown = (100 - lost * 100).quantize(step, "ROUND_CEILING")
    return f"{shown} %"


def _yes(value: bool) -> str:  # noqa: FBT001 - a verdict, not a switch
    return "yes" if value else ""
