"""A month settled: levels with claims, sums by contract, what caps took, why sums differ."""

from __future__ import annotations

import streamlit as st

from depgraph.engine.statement import Settlement, SlaStatement
from ui.figures_text import percent_text
from ui.plain_text import plain
from ui.views.outage_money import show_gaps, show_sums

Row = dict[str, object]


def show_month(answer: Settlement) -> None:
    """Draw everything that a settlement says (rules M, K, P)."""
    rows = [row for row in answer.slas if row.down_minutes or row.owed or row.breached]
    if not rows:
        st.info("Nothing was down in this period, so nothing is owed.")
        return
    st.markdown("**Service levels and claims**")
    st.dataframe(level_rows(rows), hide_index=True, width="stretch", key="contracts_levels")
    show_sums(answer, "contracts")
    caps = cap_rows(rows)
    if caps:
        st.markdown("**What caps took**")
        st.dataframe(caps, hide_index=True, width="stretch", key="contracts_caps")
    show_gaps(answer, "contracts")
    rights = [
        {
            "contract": right.contract, "SLA": right.sla, "why": right.reason,
            "notice days": right.notice_days, "until": str(right.expires or "no end"),
        }
        for right in answer.termination_rights
    ]  # fmt: skip
    if rights:
        st.markdown("**Rights to terminate**")
        st.dataframe(rights, hide_index=True, width="stretch", key="contracts_rights")
    for note in answer.notes:
        st.caption(plain(note))


def level_rows(rows: list[SlaStatement]) -> list[Row]:
    """One line for each level: what was measured, what is owed, by when it is claimed."""
    return [
        {
            "SLA": row.id,
            "period": row.period,
            "target": "" if row.target is None else percent_text(row.target),
            "measured": percent_text(row.measured),
            "counted min": row.counted_minutes,
            "excluded min": row.excluded_minutes,
            "missed": "yes" if row.breached else "no",
            "owed": f"{row.owed:,} {row.credit.currency}",
            "claim": row.claim.status.replace("_", " "),
            "from": str(row.claim.earliest or ""),
            "until": str(row.claim.deadline or ""),
            "filed": str(row.claim.filed or ""),
            "source": row.source,
        }
        for row in rows
    ]


def cap_rows(rows: list[SlaStatement]) -> list[Row]:
    """Each cap that took something away, with the credit before and after (rule K4)."""
    return [
        {
            "SLA": row.id,
            "period": row.period,
            "by the schedule": f"{row.credit.raw:,.2f}",
            "cap": cap.cap.replace("_", " "),
            "taken": f"{cap.amount:,}",
            "credit after all caps": f"{row.credit.amount:,}",
            "currency": row.credit.currency,
        }
        for row in rows
        for cap in row.credit.capped_out
    ]
