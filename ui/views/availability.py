"""Availability: one service, what it requires, what matters most, what takes it down."""

from __future__ import annotations

from typing import Any

import altair as alt
import streamlit as st

from depgraph.engine.availability_answer import (
    MINUTES_PER_MONTH,
    ServiceAvailability,
)
from depgraph.engine.cut_sets import CutSetAnswer
from depgraph.engine.importance import ImportanceAnswer, Measure
from depgraph.engine.requirement_tree import RequirementTree
from depgraph.wording import counted
from ui.availability_document import document
from ui.availability_rows import (
    MOST_BARS,
    bar_rows,
    comparison_rows,
    cut_rows,
    importance_rows,
    own_text,
    tree_rows,
    verdicts,
)
from ui.figure_table import plain_table
from ui.figures_text import (
    availability_text,
    minutes_down_text,
    percent_text,
    worst_first,
)
from ui.followed_address import follow, keep, one_of
from ui.plain_text import plain
from ui.report_download import offer_report
from ui.service_answer import Detail, best_row, cuts_of, measures_of, offer_narrowing, tree_of
from ui.session import Compiled, Shown, figures_of, known
from ui.target_section import target_section
from ui.unknown_ids import tell_unknown

_ORDER = "2"
"""Failures at once that are looked at until others are asked for."""
_SHORT = 10
"""Signs of a figure that fit beside five others."""
_TINY = 0.001
_BAR = "#5b7cf0"
"""Told apart from a light and from a dark page."""
_MEASURES: dict[Measure, str] = {
    "criticality": "share of its downtime that ends if this never fails",
    "birnbaum": "change of its availability per change of this one's",
    "risk_achievement_worth": "times its downtime grows while this is down",
    "structural": "share of situations in which this decides",
}
_SHARES: frozenset[Measure] = frozenset({"criticality", "birnbaum", "structural"})
"""Measures that lie within [0, 1] (rule A11)."""
_UP_TO_ONE = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
"""Marks of an axis that ends at 1."""


def show() -> None:
    """Draw the view; each part appears as soon as it is worked out."""
    data = known()
    st.title("Availability")
    service, order = _choice(data)
    row = best_row(data, service)
    _headline(row)
    _promise(row)
    offer_narrowing(data, row)
    _compared(row)
    st.header("What it requires")
    tree = tree_of(data, service, known=isinstance(data, Shown))
    _tree(tree)
    left, right = st.columns([0.42, 0.58], gap="large")
    with left:
        st.header("What matters most")
        measures = measures_of(data, service)
        _importance(measures)
    with right:
        st.header("What takes it down")
        cuts = cuts_of(data, service, order)
        _cut_sets(cuts)
    target = target_section(data, row)
    detail = Detail(row, measures, cuts, tree)
    offer_report(lambda: document(data, detail, target), f"availability-{service}")


def _choice(data: Compiled) -> tuple[str, int]:
    """The service and the order of cut sets, from the page's address and the controls."""
    ids = [service.id for service in data.estate.services]
    asked = st.query_params.get("service", "")
    tell_unknown("service", [asked] if asked and asked not in data.estate.service else [])
    start = asked if asked in data.estate.service else _worst(data)
    orders = ["1", "2", "3", "4"]
    follow("service", "availability_service", start, one_of(ids))
    follow("order", "availability_order", _ORDER, one_of(orders))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        service = st.selectbox("Service", ids, key="availability_service")
        order = st.segmented_control(
            "Failures at once, at most", orders, key="availability_order", required=True
        )
    keep("service", service, start)
    order = order or _ORDER
    keep("order", order, _ORDER)
    return service, int(order)


def _worst(data: Compiled) -> str:
    """The service that a reviewer would open first; the first one before figures are there."""
    rows = figures_of(data).values()
    return min(rows, key=worst_first).id if rows else data.estate.services[0].id


def _headline(row: ServiceAvailability) -> None:
    """Exact, naive and worst case side by side."""
    fields = ServiceAvailability.model_fields
    exact = row.availability is not None
    figures = {
        "Composite" if exact else "Composite, between": (availability_text(row), "availability"),
        "Min down a month": (minutes_down_text(row), "downtime_minutes_per_month"),
        "Naive product": (percent_text(row.naive, row.naive_unavailability), "naive"),
        "Worst case": (percent_text(row.worst_case, row.worst_case_unavailability), "worst_case"),
        f"Own, {row.basis}": (own_text(row), "own_availability"),
        "Promised": (
            "nothing" if row.committed is None else percent_text(row.promised),
            "committed",
        ),
    }
    short = all(len(value) <= _SHORT for value, _ in figures.values())
    columns = st.columns(6) if short else [*st.columns(3), *st.columns(3)]
    for column, (label, (value, name)) in zip(columns, figures.items(), strict=True):
        column.metric(label, value, help=fields[name].description, border=True)


def _promise(row: ServiceAvailability) -> None:
    """Committed, carried, met; and why there is only a bracket."""
    for question, answer, colour in verdicts(row):
        st.markdown(f"**{plain(question)}** :{colour}[{plain(answer)}]")
    if row.availability is None:
        st.warning(f"Only a bracket is known ({row.method}).", icon=":material/straighten:")
    if row.unknown:
        st.text(f"Without a figure: {', '.join(row.unknown)}")
    if row.defaulted:
        st.text(f"On the default figure: {', '.join(row.defaulted)}")
    if row.in_ring:
        st.info("It takes part in a mutual dependency (rule A6).", icon=":material/cycle:")


def _compared(row: ServiceAvailability) -> None:
    with st.expander("All digits, and what each figure assumes"):
        digits = st.column_config.NumberColumn(format="%.16g")
        plain_table(
            comparison_rows(row),
            hide_index=True,
            width="stretch",
            key="availability_compared",
            column_config={"availability": digits},
        )


def _tree(tree: RequirementTree) -> None:
    rows = tree_rows(tree)
    plain_table(
        rows,
        hide_index=True,
        width="stretch",
        height=min(38 + 35 * len(rows), 520),
        key="availability_tree",
        column_config={
            "requirement": st.column_config.TextColumn(width="large"),
            "open": st.column_config.LinkColumn("open", display_text="open", width="small"),
        },
    )
    if not tree.complete:
        st.caption(f"Cut after {len(rows)} lines; open a requirement to see what lies below it.")


def _importance(measures: ImportanceAnswer) -> None:
    """Bars of the components that matter most."""
    if not measures.components:
        st.write("Nothing that it rests on can fail.")
        return
    name = st.selectbox(
        "Measure",
        list(_MEASURES),
        format_func=lambda m: f"{m.replace('_', ' ')}: {_MEASURES[m]}",
        key="availability_measure",
    )
    rows = bar_rows(measures.components, name)
    shown_rows = rows[:MOST_BARS]
    # The figure beside the longest bar needs room as well.
    widest = 1.3 * max((float(row["high"]) for row in shown_rows), default=1.0) or 1.0
    # That room is not part of a share: its axis ends at 1.
    ends_at_one = widest > 1.0 and name in _SHARES
    axis = alt.Axis(values=_UP_TO_ONE) if ends_at_one else alt.Axis()
    bars = alt.Chart(alt.Data(values=shown_rows)).encode(  # type: ignore[no-untyped-call]  # not annotated by altair
        y=alt.Y("component:N", sort=None, title=None, axis=alt.Axis(labelLimit=220)),
        x=alt.X(
            "low:Q",
            title=name.replace("_", " "),
            axis=axis,
            scale=alt.Scale(domain=[0, widest], nice=False),
        ),
        tooltip=["component:N", alt.Tooltip("shown:N", title=name.replace("_", " "))],
    )
    chart: Any = bars.mark_bar(color=_BAR)
    if not measures.exact:
        chart += bars.mark_bar(color=_BAR, opacity=0.45).encode(x2="high:Q")
    chart += bars.mark_text(align="left", dx=4).encode(
        x="high:Q", text="shown:N", color=alt.value("#747b8d")
    )
    st.altair_chart(chart.properties(height=alt.Step(24)), width="stretch")
    st.caption(
        f"{len(shown_rows):,} of {counted(len(rows), 'component')}; "
        f"{'exact' if measures.exact else 'full to at least, pale to at most this'}."
    )
    with st.expander("All measures as a table"):
        plain_table(
            importance_rows(measures.components),
            hide_index=True,
            width="stretch",
            key="availability_importance",
            placeholder="–",
        )


def _cut_sets(cuts: CutSetAnswer) -> None:
    number = st.column_config.NumberColumn
    rows = cut_rows(cuts)
    # Three decimals would show what is not nothing as nothing.
    tiny = any(0 < (cut.probability or 0.0) * MINUTES_PER_MONTH < _TINY for cut in cuts.cut_sets)
    counts = ", ".join(f"{n} of order {order}" for order, n in cuts.count_by_order.items())
    st.caption(
        f"{counts or 'None'}; complete up to order {cuts.complete_order}. "
        "Each is a smallest combination of failures that takes the service down (rule A12)."
    )
    plain_table(
        rows,
        placeholder="–",
        hide_index=True,
        width="stretch",
        height=min(38 + 35 * len(rows), 560),
        key="availability_cuts",
        column_config={
            "probability": number(format="%.3g"),
            "minutes down a month": number(format="%.3g" if tiny else "%.3f"),
        },
    )
