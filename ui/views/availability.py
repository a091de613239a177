"""Availability: one service, what it requires, what matters most, what takes it down."""

from __future__ import annotations

from math import isfinite
from typing import Any

import altair as alt
import streamlit as st

from depgraph.engine.availability_answer import (
    MINUTES_PER_MONTH,
    ServiceAvailability,
    shown_availability,
)
from depgraph.engine.cut_sets import CutSetAnswer
from depgraph.engine.feasibility_answer import Feasibility
from depgraph.engine.importance import ComponentImportance, ImportanceAnswer, Measure
from depgraph.engine.requirement_tree import Requirement, RequirementTree
from depgraph.wording import counted
from ui.figure_table import plain_table
from ui.figures_text import (
    availability_text,
    component_text,
    ends_text,
    minutes_down_text,
    minutes_text,
    percent_text,
    worst_first,
)
from ui.plain_text import link, plain
from ui.report import Bar, Bars, Document, Table
from ui.report_download import offer_report
from ui.service_answer import Detail, best_row, cuts_of, measures_of, offer_narrowing, tree_of
from ui.session import Compiled, Shown, day_of, figures_of, known
from ui.target_section import target_rows, target_section
from ui.unknown_ids import tell_unknown

_MOST_BARS = 15
_SHORT = 10
"""Signs of a figure that fit beside five others."""
_MOST_CUTS = 200
_TINY = 0.001
_BAR = "#5b7cf0"
"""Told apart from a light and from a dark page."""
_MEASURES: dict[Measure, str] = {
    "criticality": "share of its downtime that ends if this never fails",
    "birnbaum": "change of its availability per change of this one's",
    "risk_achievement_worth": "times its downtime grows while this is down",
    "structural": "share of situations in which this decides",
}


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
    query = st.query_params
    ids = [service.id for service in data.estate.services]
    asked = query.get("service", "")
    tell_unknown("service", [asked] if asked and asked not in data.estate.service else [])
    start = asked if asked in data.estate.service else _worst(data)
    orders = ["1", "2", "3", "4"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        service = st.selectbox("Service", ids, index=ids.index(start))
        wanted = query.get("order", "2")
        order = st.segmented_control(
            "Failures at once, at most", orders, default=wanted if wanted in orders else "2"
        )
    # The first look writes no address: it would come to stand in the history of the view before.
    if service != asked and (asked or service != start):
        query["service"] = service
    order = order or "2"
    if order != wanted:
        query["order"] = order
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
        "Naive product": (percent_text(row.naive), "naive"),
        "Worst case": (percent_text(row.worst_case), "worst_case"),
        f"Own, {row.basis}": (_own(row), "own_availability"),
        "Promised": (
            "nothing" if row.committed is None else percent_text(row.committed),
            "committed",
        ),
    }
    short = all(len(value) <= _SHORT for value, _ in figures.values())
    columns = st.columns(6) if short else [*st.columns(3), *st.columns(3)]
    for column, (label, (value, name)) in zip(columns, figures.items(), strict=True):
        column.metric(label, value, help=fields[name].description, border=True)


def _own(row: ServiceAvailability) -> str:
    """Own availability, or its bracket."""
    if row.own_availability is not None:
        return percent_text(row.own_availability)
    return f"{percent_text(row.own_low)} to {percent_text(row.own_high)}"


def verdicts(row: ServiceAvailability) -> tuple[tuple[str, str, str], ...]:
    """Question, answer and colour of both promises' verdicts (rule A4)."""
    if row.committed is None:
        return ()
    asked = (
        ("Can its suppliers carry it?", row.carried, row.carried_shortfall_minutes_per_month),
        ("Is it met?", row.met, row.met_shortfall_minutes_per_month),
    )
    found = []
    for question, verdict, short in asked:
        if verdict is None:
            found.append((question, "Open: the bracket straddles the promise.", "orange"))
        elif verdict:
            found.append((question, "Yes.", "green"))
        else:
            text = f"No: at least {minutes_text(short)} minutes of downtime a month too many."
            found.append((question, text, "red"))
    return tuple(found)


def _promise(row: ServiceAvailability) -> None:
    """Committed, carried, met; and why there is only a bracket."""
    for question, answer, colour in verdicts(row):
        st.markdown(f"**{question}** :{colour}[{plain(answer)}]")
    if row.availability is None:
        st.warning(f"Only a bracket is known ({row.method}).", icon=":material/straighten:")
    if row.unknown:
        st.text(f"Without a figure: {', '.join(row.unknown)}")
    if row.defaulted:
        st.text(f"On the default figure: {', '.join(row.defaulted)}")
    if row.in_ring:
        st.info("It takes part in a mutual dependency (rule A6).", icon=":material/cycle:")


def comparison_rows(row: ServiceAvailability) -> list[dict[str, object]]:
    """The three ways to the figure, with what each assumes and all digits."""
    naive = "everything it rests on fails independently, even what is shared"
    worst = "everything shared fails together"
    rows: list[dict[str, object]] = []
    if row.availability is not None:
        text = "shared causes counted once (rule A3)"
        rows.append({"way": "exact", "availability": row.availability, "assumes": text})
    else:
        rows.append({"way": "at least", "availability": row.low, "assumes": row.method})
        rows.append({"way": "at most", "availability": row.high, "assumes": row.method})
    rows.append({"way": "naive", "availability": row.naive, "assumes": naive})
    rows.append({"way": "worst case", "availability": row.worst_case, "assumes": worst})
    if row.committed is not None:
        by = row.commitments[0].sla
        rows.append(
            {"way": "promised", "availability": row.committed, "assumes": f"by the SLA {by}"}
        )
    return rows


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


def tree_rows(tree: RequirementTree) -> list[dict[str, object]]:
    """The requirement tree as rows; depth shows as indentation."""
    return [
        {
            "requirement": "\u2003" * row.depth + ("└ " if row.depth else "") + row.id,
            "kind": row.kind,
            "how": row.relation + (", see above" if row.repeated else ""),
            "availability": _shown(row.low, row.high, row),
            "own component": _own_shown(row),
            "open": link("availability", service=row.id)
            if row.kind == "service"
            else link("explore", focus=f"{row.kind}:{row.id}")
            if row.kind != "group"
            else "",
        }
        for row in tree.rows
    ]


def _shown(low: float | None, high: float | None, row: Requirement) -> str:
    """Availability of one line, or its bracket; nothing for soft requirements."""
    if low is None or high is None:
        return ""
    least, most = row.unavailability_low, row.unavailability_high
    if least is None or most is None:
        return ""
    first = shown_availability(low, most)
    return first if most == least else f"{first} to {shown_availability(high, least)}"


def _own_shown(row: Requirement) -> str:
    if row.own_low is None or row.own_high is None:
        return ""
    first = percent_text(row.own_low)
    return first if row.own_low == row.own_high else f"{first} to {percent_text(row.own_high)}"


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
    shown_rows = rows[:_MOST_BARS]
    # The figure beside the longest bar needs room as well.
    widest = 1.3 * max((float(row["high"]) for row in shown_rows), default=1.0) or 1.0
    bars = alt.Chart(alt.Data(values=shown_rows)).encode(  # type: ignore[no-untyped-call]  # not annotated by altair
        y=alt.Y("component:N", sort=None, title=None, axis=alt.Axis(labelLimit=220)),
        x=alt.X("low:Q", title=name.replace("_", " "), scale=alt.Scale(domain=[0, widest])),
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


def bar_rows(
    components: tuple[ComponentImportance, ...], measure: Measure
) -> list[dict[str, float | str]]:
    """Both ends of one measure, largest first; a bar without an upper limit ends at its lower."""
    rows: list[dict[str, float | str]] = []
    for row in components:
        low, high = row.ends(measure)
        if isfinite(low):
            rows.append({"component": component_text(row.component), "low": low,
                         "high": high if isfinite(high) else low,
                         "shown": ends_text(row, measure, ".3g")})  # fmt: skip
    rows.sort(key=lambda r: (-float(r["low"]), -float(r["high"]), r["component"]))
    return rows


def importance_rows(components: tuple[ComponentImportance, ...]) -> list[dict[str, object]]:
    """Every measure of every component."""
    return [
        {**row.model_dump(mode="json"), "component": component_text(row.component)}
        for row in components
    ]


def cut_rows(cuts: CutSetAnswer) -> list[dict[str, object]]:
    """Minimal cut sets, the most probable first, each with its chain."""
    return [
        {
            "fails together": ", ".join(map(component_text, cut.components)),
            "probability": cut.probability,
            "minutes down a month": None
            if cut.probability is None
            else cut.probability * MINUTES_PER_MONTH,
            "how it reaches the service": " → ".join(map(component_text, cut.chain)),
        }
        for cut in cuts.cut_sets[:_MOST_CUTS]
    ]


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


def document(data: Compiled, detail: Detail, target: Feasibility | None) -> Document:
    """The view as a document."""
    row = detail.row
    bars = [
        Bar(component_text(m.component), m.criticality_high, ends_text(m, "criticality"))
        for m in detail.measures.components[:_MOST_BARS]
    ]
    hidden = {"open"}
    tree = [{k: v for k, v in r.items() if k not in hidden} for r in tree_rows(detail.tree)]
    return Document(
        title=f"Availability of {row.id}",
        estate=data.estate.name,
        version=data.version,
        as_of=day_of(data),
        figures=(
            ("composite availability", availability_text(row)),
            ("minutes down a month", minutes_down_text(row)),
            ("naive product", percent_text(row.naive)),
            ("worst case", percent_text(row.worst_case)),
            (f"own component ({row.basis})", _own(row)),
            ("promised", "" if row.committed is None else percent_text(row.committed)),
            *((question, answer) for question, answer, _ in verdicts(row)),
            ("without a figure", ", ".join(row.unknown)),
            ("method", row.method),
        ),
        parts=(
            Table("The figures with all digits", comparison_rows(row)),
            Table("What it requires", tree),
            Bars(
                "What matters most: share of its downtime that ends if this never fails"
                f"{'' if detail.measures.exact else ' (bar: at most)'}",
                bars,
            ),
            Table("What takes it down: minimal cut sets", cut_rows(detail.cuts)),
            *(
                Table(f"To reach {target.target}: {title}", rows)
                for title, rows in (target_rows(target) if target else {}).items()
                if rows and target
            ),
        ),
    )
