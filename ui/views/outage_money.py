"""Who owes whom on the Outage page, why sums differ, and which clocks start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from depgraph.engine.statement import Settlement
from depgraph.engine.whatif import WhatIf
from ui.drawing_view import drawing_view
from ui.money_flow import money_flow
from ui.plain_text import plain

_LOST = ("recovered", "absorbed", "windfall", "forfeited", "capped_out", "shortfall")


def sums_text(held: Mapping[str, Any]) -> str:
    """Sums by currency; 0 when there are none."""
    return (
        ", ".join(f"{amount:,.2f} {currency}" for currency, amount in held.items() if amount) or "0"
    )


def show_money(answer: WhatIf) -> None:
    """The money as a drawing and as tables, each amount with its chain."""
    st.subheader("Who owes whom")
    settled = answer.settlement
    show_sums(settled, "outage")
    show_gaps(settled, "outage")
    _show_remedies(answer)
    for row in settled.slas:
        if row.explanation and (row.breached or row.owed):
            with st.expander(f"From outage to cent: {plain(row.id)}, {row.period}"):
                for step in row.explanation:
                    clause = f"  [{step.clause}]" if step.clause else ""
                    st.text(f"{step.rule:<4} {step.text}{clause}")


def show_sums(settled: Settlement, place: str) -> None:
    """Who owes whom, as a drawing and as a table; `place` names the view."""
    picture = money_flow(settled.contracts)
    if not picture:
        st.write("No contract owes anything for it.")
    else:
        drawing_view(picture, key=f"{place}_flow")
    rows = sum_rows(settled)
    if rows:
        st.dataframe(rows, hide_index=True, width="stretch", key=f"{place}_contracts")


def sum_rows(settled: Settlement) -> list[dict[str, str]]:
    """One line for each contract that owes, recovers or loses; columns of zeros are left out."""
    moved = [
        c
        for c in settled.contracts
        if c.owed or c.recovered or c.shortfall or c.forfeited or c.capped_out
    ]
    kept = ["owed", *(name for name in _LOST if any(getattr(c, name) for c in moved))]
    return [
        {
            "contract": c.id, "supplier": c.supplier, "customer": c.customer,
            "clause": c.clause.replace("_", " "),
            **{name.replace("_", " "): f"{getattr(c, name):,}" for name in kept},
            "currency": c.currency,
        }
        for c in moved
    ]  # fmt: skip


def show_gaps(settled: Settlement, place: str) -> None:
    """Why sums differ, gap by gap with its amount (rule P8); `place` names the view."""
    rows = [
        {
            "contract": c.id, "SLA": gap.sla, "difference": gap.difference.replace("_", " "),
            "gap": gap.gap, "amount": f"{gap.amount:,} {c.currency}", "reason": gap.text,
        }
        for c in settled.contracts
        for gap in c.gaps
    ]  # fmt: skip
    if rows:
        st.subheader("Why sums differ")
        st.dataframe(rows, hide_index=True, width="stretch", key=f"{place}_why")


def _show_remedies(answer: WhatIf) -> None:
    """What the loss leaves to claim (rule K6)."""
    known = [claim for claim in answer.settlement.residual_claims if claim.loss]
    if not known:
        return
    st.subheader("Loss beyond the credit")
    st.dataframe(
        [
            {
                "SLA": c.sla, "period": c.period, "nature": c.nature.replace("_", " "),
                "credit": f"{c.credit:,} {c.currency}", "stated loss": f"{c.loss:,}",
                "residual claim": f"{c.residual:,}", "uncompensated": f"{c.uncompensated:,}",
                "how": c.text,
            }
            for c in known
        ],
        hide_index=True,
        width="stretch",
    )  # fmt: skip
    st.caption("An input to counsel, not advice.")


def show_clocks(answer: WhatIf) -> None:
    """Regulatory clocks that start."""
    if not answer.clocks:
        return
    st.subheader("Regulatory clocks, where the law applies to you")
    st.dataframe(
        [
            {
                "law": c.regulation, "duty": c.duty,
                "due": f"{c.due:%Y-%m-%d %H:%M}Z" if c.due else f"after {c.anchor}",
                "counted from": c.anchor, "article": c.article,
            }
            for c in answer.clocks
        ],
        hide_index=True,
        width="stretch",
    )  # fmt: skip
