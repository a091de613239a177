"""The outage over time, and what it uses of each promise."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import altair as alt
import streamlit as st

from depgraph.engine.statement import SlaStatement
from depgraph.engine.whatif import WhatIf
from depgraph.model.scenario import Scenario
from ui.whatif_cells import fallen, fallen_counts

_MOST_ROWS = 40
_LABELS = alt.Axis(labelLimit=320, labelOverlap=False, labelFlush=False)
_ROOM_FOR_WORDS = 140
"""Width of the words after the longest bar [px]."""
_FAILS, _FALLS = "fails", "falls with it"
_MISSED, _MET = "missed", "met"


def show_timeline(answer: WhatIf, scenario: Scenario) -> None:
    """When each service and place is down, in the order in which they fall."""
    if not answer.services_down:
        st.write("No service falls: redundancy holds, or nothing rests on what fails.")
        return
    down = fallen(answer)
    known = {(kind, row.id) for kind, row in down}
    failed = {_named(incident.affects, known) for incident in scenario.incidents}
    rows: list[dict[str, Any]] = [
        {
            "what": incident.affects,
            "from": incident.start.isoformat(),
            "to": (incident.end or incident.start).isoformat(),
            "minutes": ((incident.end or incident.start) - incident.start).total_seconds() / 60,
            "fate": _FAILS,
            "because": incident.cause,
        }
        for incident in scenario.incidents
        if _named(incident.affects, known) not in known
    ]
    rows += [
        {
            "what": row.id,
            "from": row.start.isoformat(),
            "to": row.end.isoformat(),
            "minutes": row.minutes,
            "fate": _FAILS if (kind, row.id) in failed else _FALLS,
            "because": " → ".join(row.because),
        }
        for kind, row in down[:_MOST_ROWS]
    ]
    order = list(dict.fromkeys(str(row["what"]) for row in rows))
    kept = set(order[:_MOST_ROWS])
    chart = (
        alt.Chart(_values([row for row in rows if row["what"] in kept]))
        .mark_bar(cornerRadius=2)
        .encode(
            y=alt.Y("what:N", sort=order, title=None, axis=_LABELS),
            x=alt.X(
                "from:T", title="UTC", scale=alt.Scale(type="utc"),
                axis=alt.Axis(format="%d %b %H:%M", labelOverlap=True),
            ),
            x2="to:T",
            color=alt.Color(
                "fate:N", title=None,
                scale=alt.Scale(domain=[_FAILS, _FALLS], range=["#dc2626", "#f59e0b"]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=["what:N", "fate:N", "minutes:Q", "because:N"],
        )
        .properties(height=alt.Step(18))
    )  # fmt: skip
    st.header("What falls, and when")
    st.altair_chart(chart, width="stretch")
    if len(known) > _MOST_ROWS:
        total = fallen_counts(answer)
        st.caption(f"The first {_MOST_ROWS} of {total}; the table below has more.")


def _named(affects: str, down: Collection[tuple[str, str]]) -> tuple[str, str]:
    """What an incident names, as a kind and an id."""
    kind, found, name = affects.partition(":")
    kinds = {"service": "service", "location": "place"}
    if found and kind in kinds:
        return kinds[kind], name
    return next((each for each in down if each[1] == affects), ("", affects))


def show_meters(levels: Sequence[SlaStatement]) -> None:
    """Downtime counted as a share of what each target allows; over 100 % the level is missed."""
    rows = meter_rows(levels)
    if rows:
        _meters(rows)


def meter_rows(levels: Sequence[SlaStatement]) -> list[dict[str, Any]]:
    """Minutes counted and allowed of each level that was hit, those missed first (rule M5)."""
    rows: list[dict[str, Any]] = []
    for row in sorted(levels, key=lambda row: (not row.breached, row.id)):
        if row.target is None or not row.counted_minutes:
            continue
        allowed = (1 - row.target) * row.length_minutes
        place = f", {row.region}" if row.region else ""
        rows.append(
            {
                "SLA": f"{row.id} ({row.period}{place})",
                "counted": row.counted_minutes,
                "allowed": allowed,
                "end": max(row.counted_minutes, allowed),
                "words": f"{row.counted_minutes:,.4g} of {allowed:,.4g} min",
                "state": _MISSED if row.breached else _MET,
                "measured": f"{row.measured:.9g}",
                "target": f"{row.target:.9g}",
            }
        )
    return rows


def _meters(rows: list[dict[str, Any]]) -> None:
    """Draw the bars with their words."""
    longest = max(max(float(row["counted"]), float(row["allowed"])) for row in rows)
    room: Any = alt.ExprRef(f"{longest!r} * width / max(width - {_ROOM_FOR_WORDS}, width / 3)")
    across = alt.Scale(domainMin=0, domainMax=room, nice=False)
    base = alt.Chart(_values(rows)).encode(
        y=alt.Y("SLA:N", sort=None, title=None, axis=_LABELS),
        tooltip=["SLA:N", "state:N", "counted:Q", "allowed:Q", "measured:N", "target:N"],
    )
    allowed = base.mark_bar(color="#9ca3af", opacity=0.45, cornerRadius=2, height=20).encode(
        x=alt.X("allowed:Q", scale=across, title="minutes")
    )
    counted = base.mark_bar(cornerRadius=2, height=8).encode(
        x=alt.X("counted:Q", scale=across),
        color=alt.Color(
            "state:N", title=None, legend=alt.Legend(orient="top"),
            scale=alt.Scale(domain=[_MISSED, _MET], range=["#dc2626", "#16a34a"]),
        ),
    )  # fmt: skip
    words = base.mark_text(align="left", dx=6, color="#8b93a7").encode(
        x=alt.X("end:Q", scale=across), text="words:N"
    )
    st.header("What it uses of each promise")
    st.caption("Minutes counted, and in grey what the target allows.")
    st.altair_chart((allowed + counted + words).properties(height=alt.Step(26)), width="stretch")


def _values(rows: list[dict[str, Any]]) -> alt.Data:
    """Rows as altair takes them; they stay in the page."""
    return alt.Data(values=rows)  # type: ignore[no-untyped-call]  # not annotated by altair
