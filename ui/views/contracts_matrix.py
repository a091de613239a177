"""The flow-down matrix: promises by obligations, with what is promised and held in the cells."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import altair as alt
import streamlit as st

from depgraph.engine.flow_down import FlowDown
from depgraph.engine.obligation_match import STATUSES, ObligationMatch
from depgraph.units import minor_digits
from ui.figure_table import plain_table
from ui.figures_text import percent_text

_COLOURS = {"MATCH": "#15803d", "UNKNOWN": "#6b7280", "WEAKER": "#c2410c", "MISSING": "#991b1b"}
_SIGNS = {"MATCH": "✓", "UNKNOWN": "?", "WEAKER": "▼", "MISSING": "✗"}
_ROW, _COLUMN = 34, 124
"""Size of a cell where there is room for it [px]."""
_NARROW = 40
"""Width of a cell under which no value can be read in it [px]."""
_WIDE = 8
"""Obligations from which on the matrix takes the width there is."""
_NUMBER = re.compile(r"\d+(\.\d+)?")
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
        st.write("No promise here rests on others.")
        return
    cells = [_cell(promise, match, held) for (promise, _), (match, held) in worst.items()]
    wide = len({cell["obligation"] for cell in cells}) >= _WIDE
    st.altair_chart(_chart(cells, wide=wide), width="stretch" if wide else "content")
    st.caption(
        "Above: what is promised. Below: what is held for it, from the weakest agreement. "
        "Empty: nothing is required of others. ✓ MATCH: what is held suffices. ▼ WEAKER: it does "
        "not. ✗ MISSING: nothing is held. ? UNKNOWN: one side says nothing, which is never a match."
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
    plain_table(rows, hide_index=True, width="stretch", key="contracts_gaps")


def _rank(match: ObligationMatch) -> int:
    return STATUSES.index(match.status)


def _cell(promise: str, match: ObligationMatch, held: str) -> dict[str, Any]:
    """One cell of the matrix."""
    promised, has = value_text(match, match.promised), value_text(match, match.held)
    return {
        "promise": promise,
        "obligation": match.obligation.replace("_", " "),
        "status": match.status,
        "sign": _SIGNS[match.status],
        "above": f"{_SIGNS[match.status]} {promised}",
        "below": has or "–",
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
        return f"{Decimal(amount):,.{minor_digits(currency)}f} {currency}"
    unit = match.obligation.rpartition("_")[2]
    text = str(value).replace("_", " ")
    if unit not in {"hours", "days"} or not _NUMBER.fullmatch(text):
        return text
    return f"{text} {unit.removesuffix('s') if text == '1' else unit}"


def _chart(cells: list[dict[str, Any]], *, wide: bool) -> alt.LayerChart:
    """Colour and sign by status, values in the cells as far as these are wide."""
    data = alt.Data(values=cells)  # type: ignore[no-untyped-call]  # not annotated by altair
    axis: dict[str, Any] = {"labelOverlap": False, "labelLimit": 200, "labelFlush": False}
    # Cells stand apart: a line around them would have to change with the page's ground.
    apart = alt.Scale(paddingInner=0.03)
    upright: Any = alt.ExprRef(f"bandwidth('x') < {_NARROW} ? -90 : -35")
    across = alt.Axis(orient="top", labelAngle=upright, labelAlign="left", **axis)
    base = alt.Chart(data).encode(
        x=alt.X("obligation:N", title=None, axis=across, scale=apart),
        y=alt.Y("promise:N", title=None, axis=alt.Axis(**axis), scale=apart),
        tooltip=["promise:N", "obligation:N", "status:N", "promised:N", "held:N", "in words:N"],
    )
    colour = alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values()))
    columns: Any = alt.ExprRef(f"bandwidth('x') < {_NARROW} ? 2 : 4")
    legend = alt.Legend(
        orient="bottom", direction="horizontal", symbolStrokeWidth=0, columns=columns
    )
    boxes = base.mark_rect().encode(
        color=alt.Color("status:N", title=None, scale=colour, legend=legend)
    )
    fit: Any = alt.ExprRef("bandwidth('x') - 8")
    # Where no value would fit, as on a phone, the sign alone is left.
    seen: Any = alt.ExprRef(f"bandwidth('x') < {_NARROW} ? 0 : 1")
    alone: Any = alt.ExprRef(f"bandwidth('x') < {_NARROW} ? 1 : 0")
    words: dict[str, Any] = {"color": "white", "fontSize": 11}
    above = base.mark_text(dy=-7, limit=fit, opacity=seen, **words).encode(text="above:N")
    below = base.mark_text(dy=7, limit=fit, opacity=seen, **words).encode(text="below:N")
    sign = base.mark_text(opacity=alone, **words).encode(text="sign:N")
    chart: alt.LayerChart = boxes + above + below + sign
    size: dict[str, Any] = {} if wide else {"width": alt.Step(_COLUMN)}
    return chart.properties(height=alt.Step(_ROW), **size)
