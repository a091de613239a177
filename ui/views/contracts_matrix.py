"""The flow-down matrix: promises by obligations, with what is promised and held in the cells."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import altair as alt
import streamlit as st

from depgraph.engine.flow_down import FlowDown
from depgraph.engine.obligation_match import STATUSES, ObligationMatch
from ui.figures_text import percent_text

_COLOURS = {"MATCH": "#15803d", "UNKNOWN": "#6b7280", "WEAKER": "#c2410c", "MISSING": "#991b1b"}
_SIGNS = {"MATCH": "✓", "UNKNOWN": "?", "WEAKER": "▼", "MISSING": "✗"}
_LONGEST = 14
_ROW = 34
_SUM = re.compile(r"\d+(\.\d+)? [A-Z]{3}")


def show_matrix(flow: FlowDown) -> None:
    """Draw the matrix, and a list of everything that does not match (rule P2)."""
    worst: dict[tuple[str, str], tuple[ObligationMatch, str]] = {}
    for edge in flow.edges:
        for match in edge.obligations:
            place = (edge.promise, match.obligation)
            held = worst.get(place)
            if held is None or _rank(match) > _rank(held[0]):
                worst[place] = match, edge.held or "nothing"
    if not worst:
        st.write("No promise rests on others.")
        return
    cells = [_cell(promise, match, held) for (promise, _), (match, held) in worst.items()]
    st.altair_chart(_chart(cells), width="stretch")
    st.caption(
        "Above: what is promised. Below: what is held for it, from the weakest agreement. "
        "Empty: nothing is required of others."
    )
    rows = [
        {
            "promise": edge.promise, "held": edge.held or "nothing", "service": edge.service,
            "obligation": row.obligation.replace("_", " "),
            "promised": value_text(row, row.promised),
            "held value": value_text(row, row.held), "status": row.status, "in words": row.message,
        }
        for edge in flow.edges
        for row in edge.obligations
        if row.status != "MATCH"
    ]  # fmt: skip
    st.dataframe(rows, hide_index=True, width="stretch", key="contracts_gaps")


def _rank(match: ObligationMatch) -> int:
    return STATUSES.index(match.status)


def _cell(promise: str, match: ObligationMatch, held: str) -> dict[str, Any]:
    """One cell of the matrix."""
    promised, has = value_text(match, match.promised), value_text(match, match.held)
    return {
        "promise": promise,
        "obligation": match.obligation.replace("_", " "),
        "status": match.status,
        "text": f"{_SIGNS[match.status]} {_short(promised)}\n{_short(has) or '–'}",
        "promised": promised,
        "held": f"{has or 'no value'} ({held})",
        "in words": match.message,
    }


def value_text(match: ObligationMatch, value: object) -> str:
    """A level as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if match.obligation == "availability" and isinstance(value, int | float | Decimal):
        return percent_text(float(value))
    if _SUM.fullmatch(str(value)):
        amount, currency = str(value).split()
        return f"{Decimal(amount):,.2f} {currency}"
    unit = match.obligation.rpartition("_")[2]
    text = str(value).replace("_", " ")
    return f"{text} {unit}" if unit in {"hours", "days"} and text.isdigit() else text


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _chart(cells: list[dict[str, Any]]) -> alt.LayerChart:
    """Colour and sign by status, values in the cells."""
    data = alt.Data(values=cells)  # type: ignore[no-untyped-call]  # not annotated by altair
    axis: dict[str, Any] = {"labelOverlap": False, "labelLimit": 200, "labelFlush": False}
    base = alt.Chart(data).encode(
        x=alt.X("obligation:N", title=None, axis=alt.Axis(orient="top", labelAngle=-35, **axis)),
        y=alt.Y("promise:N", title=None, axis=alt.Axis(**axis)),
        tooltip=["promise:N", "obligation:N", "status:N", "promised:N", "held:N", "in words:N"],
    )
    colour = alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values()))
    legend = alt.Legend(orient="bottom", direction="horizontal")
    boxes = base.mark_rect(stroke="white").encode(
        color=alt.Color("status:N", title=None, scale=colour, legend=legend)
    )
    words = base.mark_text(color="white", fontSize=10, lineBreak="\n", baseline="middle", dy=-5)
    chart: alt.LayerChart = boxes + words.encode(text="text:N")
    return chart.properties(height=alt.Step(_ROW))
