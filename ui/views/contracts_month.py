"""A period settled: levels with claims, sums by contract, what caps took, why sums differ."""

from __future__ import annotations

from datetime import date

import streamlit as st

from depgraph.engine.cap_usage import CapUsage
from depgraph.engine.statement import Settlement, SlaStatement
from depgraph.units import minor_digits
from depgraph.wording import share_text
from ui.figure_table import figure_table, plain_table
from ui.figures_text import percent_text
from ui.plain_text import plain
from ui.views.outage_money import show_gaps, show_sums

Row = dict[str, object]


def show_month(answer: Settlement, contract: str = "") -> None:
    """Draw everything that a settlement says (rules M, K, P).

    Parameters
    ----------
    answer : Settlement
        The settlement.
    contract : str
        The contract whose rows are shown; all when empty.
    """
    answer = _of_contract(answer, contract) if contract else answer
    rows = [row for row in answer.slas if row.down_minutes or row.owed or row.breached]
    if not rows:
        st.info(_nothing_text(answer, f" under {plain(contract)}" if contract else ""))
        return
    st.markdown("**Service levels**")
    today = answer.as_of.date()
    figure_table(
        level_rows(rows, today), hide_index=True, width="stretch", key="contracts_levels",
        column_config={
            "budget used": st.column_config.Column(
                help="What was lost, as a share of what the target lets be lost; over 100 % it "
                "was missed"
            )
        },
    )  # fmt: skip
    claims = claim_rows(rows, today)
    if claims:
        st.markdown("**Claims**: credits that have to be asked for, the next deadline first (K8)")
        figure_table(claims, hide_index=True, width="stretch", key="contracts_claims")
    show_sums(answer, "contracts")
    caps = cap_rows(rows)
    if caps:
        st.markdown("**What caps took**")
        plain_table(caps, hide_index=True, width="stretch", key="contracts_caps")
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
        plain_table(rights, hide_index=True, width="stretch", key="contracts_rights")
    for note in answer.notes:
        st.caption(plain(note))


def _nothing_text(answer: Settlement, where: str) -> str:
    """Why there is no row: nothing was down, or it cannot be known yet."""
    if answer.slas and all(row.start >= answer.as_of for row in answer.slas):
        return "This period has not begun: nothing can be measured yet."
    so_far = " so far" if any(row.end > answer.as_of for row in answer.slas) else ""
    return f"Nothing was down in this period{where}{so_far}, so nothing is owed."


def level_rows(rows: list[SlaStatement], today: date) -> list[Row]:
    """One line for each level: what was measured, what is owed, by when it is claimed."""
    return [
        {
            "SLA": row.id,
            "period": row.when,
            "target": "" if row.target is None else percent_text(row.target),
            "measured": percent_text(row.measured),
            "budget used": "" if row.budget_used is None else share_text(row.budget_used, 1),
            "counted min": row.counted_minutes,
            "excluded min": row.excluded_minutes,
            "missed": "yes" if row.breached else "no",
            "owed": f"{row.owed:,} {row.credit.currency}",
            "claim": _claim_text(row, today),
            "source": row.source,
        }
        for row in rows
    ]


def claim_rows(rows: list[SlaStatement], today: date) -> list[Row]:
    """Credits that somebody has to claim, with the days on which that is possible."""
    open_first = sorted(
        (row for row in rows if row.claim.mode == "by_claim" and row.entitled),
        key=lambda row: (row.claim.filed is not None, row.claim.deadline or date.max, row.id),
    )
    return [
        {
            "SLA": row.id,
            "contract": row.contract,
            "period": row.when,
            "credit": f"{row.entitled:,} {row.credit.currency}",
            "status": _claim_text(row, today),
            "from": str(row.claim.earliest or ""),
            "until": str(row.claim.deadline or "no end"),
            "days left": _days_left(row, today),
            "filed": str(row.claim.filed or ""),
        }
        for row in open_first
    ]


def _claim_text(row: SlaStatement, today: date) -> str:
    """Where a claim stands; one that nobody recorded in time may have been made all the same."""
    deadline = row.claim.deadline
    if row.claim.status == "claimable" and deadline is not None and deadline < today:
        return "none on record"
    return row.claim.status.replace("_", " ")


def _days_left(row: SlaStatement, today: date) -> str:
    """Days until the deadline; nothing where the claim is filed or has no end."""
    if row.claim.filed is not None or row.claim.deadline is None:
        return ""
    days = (row.claim.deadline - today).days
    return str(days) if days >= 0 else "over"


def show_caps(usages: tuple[CapUsage, ...], contract: str = "") -> None:
    """What caps that look at more than one period leave (rule K4)."""
    st.markdown(
        "**Caps used and left**",
        help="Caps over a contract year or over twelve months, at the end of the period chosen. "
        "Caps of one period are among what caps took.",
    )
    rows = usage_rows([row for row in usages if contract in {"", row.contract}])
    if not rows:
        st.caption("No contract in force has a cap that looks at more than one period.")
        return
    figure_table(
        rows,
        hide_index=True,
        width="stretch",
        key="contracts_cap_usage",
        column_config={
            "share used [%]": st.column_config.ProgressColumn(
                format="%.1f %%", min_value=0.0, max_value=100.0
            )
        },
    )


def usage_rows(usages: list[CapUsage]) -> list[Row]:
    """Each cap with its limit, what was used of it and what is left."""
    return [
        {
            "contract": row.contract,
            "SLA": row.sla,
            "cap": row.cap.replace("_", " "),
            "from": row.first_month,
            "to": row.last_month,
            "limit": f"{row.limit:,}",
            "used": f"{row.used:,}",
            "left": f"{row.left:,}",
            "currency": row.currency,
            "share used [%]": float(row.used / row.limit * 100) if row.limit else 100.0,
        }
        for row in usages
    ]


def _of_contract(answer: Settlement, contract: str) -> Settlement:
    """The part of a settlement that one contract is about."""
    return answer.replace(
        slas=tuple(row for row in answer.slas if row.contract == contract),
        contracts=tuple(row for row in answer.contracts if row.id == contract),
        termination_rights=tuple(
            right for right in answer.termination_rights if right.contract == contract
        ),
    )


def cap_rows(rows: list[SlaStatement]) -> list[Row]:
    """Each cap that took something away, with the credit before and after (rule K4)."""
    return [
        {
            "SLA": row.id,
            "period": row.when,
            "by the schedule": f"{row.credit.raw:,.{minor_digits(row.credit.currency)}f}",
            "cap": cap.cap.replace("_", " "),
            "taken": f"{cap.amount:,}",
            "credit after all caps": f"{row.credit.amount:,}",
            "currency": row.credit.currency,
        }
        for row in rows
        for cap in row.credit.capped_out
    ]
