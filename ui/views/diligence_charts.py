"""Concentration and contract terms of the Diligence view, as charts with their tables."""

from __future__ import annotations

from typing import Any

import altair as alt
import streamlit as st

from depgraph.engine.concentration import Concentration, Thresholds
from depgraph.engine.diligence import Diligence
from depgraph.wording import share_text
from ui.diligence_pack import index_text
from ui.figure_table import figure_table, plain_table
from ui.plain_text import plain

_STATUS = {"present": "#16a34a", "absent": "#dc2626", "unknown": "#6b7280"}
_SIGN = {"present": "✓", "absent": "✗", "unknown": "?"}
_NAMES = alt.Axis(labelLimit=260, labelOverlap=False, labelFlush=False)
_PERCENT = alt.Axis(labelExpr="format(datum.value * 100, '~r') + ' %'")
_MOST_BARS = 12
_LINE = "#8b93a7"
"""Seen on light and on dark ground."""


def show_concentration(answer: Diligence) -> None:
    """Indexes against thresholds, shares of the largest, and what functions must pass through."""
    rows = answer.concentrations
    if not rows:
        st.write("Nothing is bought from anybody.")
        return
    st.header("How concentrated it is")
    st.caption(
        "Herfindahl-Hirschman index (HHI): the sum of squared shares, near 0 when spread evenly, 1 "
        "when one has everything. Dashed: thresholds. A line to the right: the index may be that "
        "high, depending on what is not known (rule D2)."
    )
    st.altair_chart(_indexes(rows, answer.thresholds), width="stretch")
    labels = {_label(row): row for row in rows}
    chosen = labels[st.selectbox("Shares of", list(labels), key="diligence_dimension")]
    st.text(f"{index_text(chosen)}: {chosen.level}")
    st.altair_chart(_shares(chosen, answer.thresholds), width="stretch")
    if chosen.unknown:
        st.text(f"Nobody could say for {', '.join(chosen.unknown)}")
    st.header("What functions must pass through")
    st.caption(
        "Must pass: down when it alone fails, redundancy respected. Only through it: every path"
        " runs through it, redundancy not asked about."
    )
    figure_table(
        [
            {
                "kind": d.kind, "id": d.id,
                "of critical functions": (
                    "" if d.critical_share is None else share_text(d.critical_share)
                ),
                "must pass": list(d.must_pass), "rest on it": list(d.rests_on),
                "services down": len(d.services_down), "only through it": len(d.gate_of),
            }
            for d in answer.dominators
            if d.must_pass or d.gate_of
        ],
        hide_index=True, width="stretch", key="diligence_points",
    )  # fmt: skip


def _label(row: Concentration) -> str:
    return f"{row.dimension.replace('_', ' ')} by {row.weight} {row.currency}".strip()


def _values(rows: list[dict[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=rows)


def _indexes(rows: tuple[Concentration, ...], limits: Thresholds) -> alt.LayerChart:
    """Every index as a bar; brackets from their least to their greatest."""
    data = [
        {"of": _label(row), "low": row.hhi_low, "high": row.hhi_high, "level": row.level,
         "zero": 0, "index": index_text(row)}
        for row in rows
    ]  # fmt: skip
    names = alt.Y("of:N", title=None, sort=None, axis=_NAMES)
    colours = alt.Scale(
        domain=["low", "moderate", "high", "undecided"],
        range=["#16a34a", "#d97706", "#dc2626", "#9ca3af"],
    )
    base = alt.Chart(_values(data)).encode(y=names, tooltip=["of:N", "index:N", "level:N"])
    bars = base.mark_bar().encode(
        x=alt.X("zero:Q", title="HHI", scale=alt.Scale(domain=[0, 1])), x2="low:Q",
        color=alt.Color("level:N", title=None, scale=colours),
    )  # fmt: skip
    brackets = base.mark_rule(strokeWidth=3, color=_LINE).encode(x="low:Q", x2="high:Q")
    chart: alt.LayerChart = bars + brackets + _lines((limits.moderate, limits.high))
    return chart


def _lines(at: tuple[float, ...]) -> alt.Chart:
    """Thresholds as dashed lines."""
    rules = alt.Chart(_values([{"threshold": value} for value in at])).mark_rule(
        strokeDash=[4, 4], color=_LINE
    )
    chart: alt.Chart = rules.encode(x="threshold:Q", tooltip=["threshold:Q"])
    return chart


def _shares(row: Concentration, limits: Thresholds) -> alt.LayerChart:
    """Shares of the largest holders."""
    data = [
        {"who": h.id, "share": h.share, "of all": share_text(h.share, 2)}
        for h in row.holders[:_MOST_BARS]
    ]
    bars = (
        alt.Chart(_values(data))
        .mark_bar()
        .encode(
            y=alt.Y("who:N", title=None, sort=None, axis=_NAMES),
            x=alt.X("share:Q", title="share", axis=_PERCENT),
            tooltip=["who:N", alt.Tooltip("of all:N", title="share")],
        )
    )
    chart: alt.LayerChart = bars + _lines((limits.largest_share,))
    return chart


def show_terms(answer: Diligence) -> None:
    """Contracts by articles, as a heat map; what is absent as a list."""
    needed = [(c, r) for c in answer.contracts for r in c.rows if r.requirement == "required"]
    if not needed:
        st.write("We hold no contract in force.")
        return
    regulations = list(dict.fromkeys(row.regulation for _, row in needed))
    chosen = st.segmented_control(
        "Law", regulations, default=regulations[0], key="diligence_law", required=True
    )
    cells = [
        {"contract": c.contract, "article": f"{r.article} {r.obligation}", "status": r.status,
         "sign": _SIGN[r.status], "asks for": r.in_words, "found": r.note}
        for c, r in needed
        if r.regulation == chosen
    ]  # fmt: skip
    scale = alt.Scale(domain=list(_STATUS), range=list(_STATUS.values()))
    apart = alt.Scale(paddingInner=0.06)
    base = alt.Chart(_values(cells)).encode(
            x=alt.X("article:N", title=None, sort=None, scale=apart,
                    axis=alt.Axis(orient="top", labelAngle=-60, labelOverlap=False,
                                  labelExpr="split(datum.label, ' ')[0]")),
            y=alt.Y("contract:N", title=None, axis=_NAMES, scale=apart),
            tooltip=["contract:N", "article:N", "asks for:N", "status:N", "found:N"],
    )  # fmt: skip
    legend = alt.Legend(orient="bottom", direction="horizontal")
    boxes = base.mark_rect().encode(
        color=alt.Color("status:N", title=None, scale=scale, legend=legend)
    )
    signs = base.mark_text(color="white", fontSize=11).encode(text="sign:N")
    st.altair_chart((boxes + signs).properties(height=alt.Step(22)), width="stretch")
    st.caption(
        "Which of these laws apply to you is yours to say. Unknown (?): nobody has looked. Empty: "
        "not asked of this contract. Rest on a cell to read what the article asks for."
    )
    st.markdown(f"**Absent, {plain(str(chosen))}**")
    plain_table(
        [
            {"contract": c.contract, "article": r.article, "asks for": r.in_words,
             "status": r.status, "found": r.note, "clause": r.clause}
            for c, r in needed
            if r.status == "absent" and r.regulation == chosen
        ],
        hide_index=True, width="stretch", key="diligence_absent",
    )  # fmt: skip
