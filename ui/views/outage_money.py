"""Who owes whom on the Outage page, why sums differ, and which clocks start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from depgraph.engine.contract_findings import ContractFault
from depgraph.engine.statement import Settlement
from depgraph.engine.whatif import WhatIf
from ui.drawing_view import drawing_view
from ui.figure_table import figure_table, plain_table
from ui.money_flow import money_flow
from ui.plain_text import plain
from ui.whatif_cells import sum_rows

_MEANINGS = {
    "clause": "What the contract says about failures of the supplier's own suppliers (rule P4)",
    "owed": "By the supplier to the customer, as the schedule and the caps have it",
    "recovered": "By the supplier from its own suppliers, for the same failure",
    "absorbed": "Owed and not recovered: the supplier bears it",
    "windfall": "Recovered beyond what is owed",
    "forfeited": "Entitled to, and not claimed in time (rule K8)",
    "capped out": "What the schedule gives beyond a cap (rule K4)",
    "shortfall": "What the schedule alone would give, and the customer does not get (rule P7)",
}
_RIGHT = frozenset(_MEANINGS) - {"clause"}
_COLUMNS: dict[str, Any] = {
    name: st.column_config.Column(
        help=meaning, alignment="right" if name in _RIGHT else "left"
    )
    for name, meaning in _MEANINGS.items()
}  # fmt: skip
_CLAIM_COLUMNS: dict[str, Any] = {
    name: st.column_config.Column(help=meaning, alignment="right")
    for name, meaning in (
        ("credit", "What the contract pays"),
        ("stated loss", "Minutes down times the loss per hour that the business functions state"),
        (
            "residual claim",
            "What may still be claimed: nothing where the credit is the only remedy",
        ),
        ("uncompensated", "Loss that neither credit nor claim makes good"),
    )
}


def tell_faulty(faults: Sequence[ContractFault]) -> None:
    """Say which of the sums rest on faulty terms."""
    if faults:
        st.warning("Some contracts have faulty terms; their sums are not to be relied on.")
        plain_table(
            [
                {"contract": f.contract, "SLA": f.sla, "fault": f.message, "what to do": f.hint}
                for f in faults
            ],
            hide_index=True,
            width="stretch",
        )


def show_money(answer: WhatIf) -> None:
    """The money as a drawing and as tables, each amount with its chain."""
    st.header("Who owes whom")
    settled = answer.settlement
    show_sums(settled, "outage")
    show_gaps(settled, "outage")
    _show_remedies(answer)
    for row in settled.slas:
        if row.explanation and (row.breached or row.owed):
            with st.expander(f"From outage to cent: {plain(row.id)}, {plain(row.when)}"):
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
        figure_table(
            rows, hide_index=True, width="stretch", key=f"{place}_contracts",
            column_config={name: _COLUMNS[name] for name in rows[0] if name in _COLUMNS},
        )  # fmt: skip


def show_gaps(settled: Settlement, place: str) -> None:
    """Why sums differ, gap by gap with its amount (rule P8); `place` names the view."""
    rows = [
        {
            "contract": c.id, "SLA": gap.sla, "difference": gap.difference.replace("_", " "),
            "gap": gap.gap.replace("_", " ").lower(), "amount": f"{gap.amount:,} {c.currency}",
            "reason": gap.text,
        }
        for c in settled.contracts
        for gap in c.gaps
    ]  # fmt: skip
    if rows:
        st.header("Why sums differ")
        figure_table(rows, hide_index=True, width="stretch", key=f"{place}_why")


def _show_remedies(answer: WhatIf) -> None:
    """What the loss leaves to claim (rule K6)."""
    known = [claim for claim in answer.settlement.residual_claims if claim.loss]
    if not known:
        return
    st.header("Loss beyond the credit")
    figure_table(
        [
            {
                "SLA": c.sla, "period": c.period, "nature": c.nature.replace("_", " "),
                "credit": f"{c.credit:,} {c.currency}", "stated loss": f"{c.loss:,} {c.currency}",
                "residual claim": f"{c.residual:,} {c.currency}",
                "uncompensated": f"{c.uncompensated:,} {c.currency}", "how": c.text,
            }
            for c in known
        ],
        hide_index=True,
        width="stretch",
        column_config=_CLAIM_COLUMNS,
    )  # fmt: skip
    st.caption("An input to counsel, not advice.")


def show_clocks(answer: WhatIf) -> None:
    """Regulatory clocks that start."""
    if not answer.clocks:
        return
    st.header("Regulatory clocks, where the law applies to you")
    plain_table(
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
