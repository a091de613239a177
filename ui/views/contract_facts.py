"""One contract in facts: the two sides, how long, how much, and what is promised."""

from __future__ import annotations

import streamlit as st

from depgraph.model.contract import Contract
from depgraph.model.sla import Sla
from ui.figure_table import figure_table
from ui.figures_text import percent_text
from ui.plain_text import link, plain

_UNSAID = "–"


def show_contract(contract: Contract) -> None:
    """Draw a contract's facts and its service levels.

    Parameters
    ----------
    contract : Contract
        The contract that was chosen.
    """
    st.markdown(" · ".join(_facts(contract)))
    if not contract.slas:
        st.write("It holds no service level.")
        return
    figure_table(
        sla_rows(contract),
        hide_index=True,
        width="stretch",
        key="contracts_levels",
        column_config={"open": st.column_config.LinkColumn("open", display_text="open")},
    )


def _facts(contract: Contract) -> list[str]:
    """Sides, term, value and clause in words; names are never markup."""
    value = contract.annual_value
    term = f"{contract.start or 'no first day stated'} to {contract.end or 'open-ended'}"
    clause = contract.pass_through.clause.replace("_", " ")
    named = [plain(contract.name)] if contract.name else []
    return [
        *named,
        f"**{plain(contract.supplier)}** supplies **{plain(contract.customer)}**",
        plain(term),
        plain(f"{value.amount:,} {value.currency} a year") if value else "annual value not stated",
        f"failures of its own suppliers: {plain(clause)}",
    ]


def sla_rows(contract: Contract) -> list[dict[str, object]]:
    """Service levels of a contract, as rows."""
    return [
        {
            "SLA": sla.id,
            "service": sla.service,
            "promises": ", ".join(_promises(sla)) or _UNSAID,
            "monthly fee": f"{fee.amount:,} {fee.currency}"
            if (fee := sla.monthly_fee)
            else _UNSAID,
            "credits": "none stated" if sla.credits is None else "stated",
            "open": link("availability", service=sla.service),
        }
        for sla in contract.slas
    ]


def _promises(sla: Sla) -> list[str]:
    """Objectives in words; all but availability are hours."""
    return [
        f"availability {percent_text(float(objective.target))} a {objective.period}"
        if objective.metric == "availability"
        else f"{objective.metric.removesuffix('_hours').replace('_', ' ')} {objective.target} h"
        for objective in sla.objectives
    ]
