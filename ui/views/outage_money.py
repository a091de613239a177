"""Who owes whom on the Outage page, why sums differ, and which clocks start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from depgraph.engine.whatif import WhatIf
from ui.money_flow import money_flow

_FEW = 8
"""Flows drawn at their own size."""


def sums_text(held: Mapping[str, Any]) -> str:
    """Sums by currency; 0 when there are none."""
    return (
        ", ".join(f"{amount:,.2f} {currency}" for currency, amount in held.items() if amount) or "0"
    )


def show_money(answer: WhatIf) -> None:
    """The money as a drawing and as tables, each amount with its chain."""
    st.subheader("Who owes whom")
    settled = answer.settlement
    picture = money_flow(settled.contracts)
    if not picture:
        st.write("No contract owes anything for this outage.")
    else:
        few = sum(bool(c.owed) for c in settled.contracts) <= _FEW
        # A handful of boxes stretched over the page would be as tall as a window.
        st.graphviz_chart(picture, width="content" if few else "stretch")
    st.dataframe(
        [
            {
                "contract": c.id, "supplier": c.supplier, "customer": c.customer,
                "clause": c.clause,
                "owed": str(c.owed), "recovered": str(c.recovered), "absorbed": str(c.absorbed),
                "windfall": str(c.windfall), "forfeited": str(c.forfeited),
                "capped out": str(c.capped_out), "shortfall": str(c.shortfall),
                "currency": c.currency,
            }
            for c in settled.contracts
            if c.owed or c.recovered or c.shortfall or c.forfeited
        ],
        hide_index=True,
        width="stretch",
        key="outage_contracts",
    )  # fmt: skip
    gaps = [(c, gap) for c in settled.contracts for gap in c.gaps]
    if gaps:
        st.subheader("Why sums differ")
        st.dataframe(
            [
                {
                    "SLA": gap.sla, "difference": gap.difference, "gap": gap.gap,
                    "amount": f"{gap.amount} {c.currency}", "reason": gap.text,
                }
                for c, gap in gaps
            ],
            hide_index=True,
            width="stretch",
        )  # fmt: skip
    _show_remedies(answer)
    for row in settled.slas:
        if row.explanation and (row.breached or row.owed):
            with st.expander(f"From outage to cent: {_plain(row.id)}, {row.period}"):
                for step in row.explanation:
                    clause = f"  [{step.clause}]" if step.clause else ""
                    st.text(f"{step.rule:<4} {step.text}{clause}")


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
                "credit": f"{c.credit} {c.currency}", "stated loss": str(c.loss),
                "residual claim": str(c.residual), "uncompensated": str(c.uncompensated),
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


def _plain(text: str) -> str:
    """Text in which Markdown finds nothing to act on."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|<>~$:" else c for c in text)
