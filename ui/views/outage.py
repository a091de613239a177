"""Outage: pick what fails and how long; see who is down, who owes whom, which clocks start."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import altair as alt
import streamlit as st

from depgraph.engine.contract_findings import contract_faults
from depgraph.engine.structure import structure_of
from depgraph.engine.whatif import WhatIf, what_if
from depgraph.errors import DepgraphError
from depgraph.model.incident import Incident
from ingest.published import with_published
from ui.money_flow import money_flow
from ui.session import Shown, shown

_CAUSES = [
    "supplier", "third_party", "force_majeure", "planned_maintenance", "emergency_maintenance",
    "customer", "unknown",
]  # fmt: skip


def show() -> None:
    """Draw the view."""
    data = shown()
    st.title("Outage")
    incidents = _chosen(data)
    if not incidents:
        st.info("Pick what fails. The answer is what this outage alone would do.")
        return
    try:
        answer = _answer(data, tuple(incidents))
    except DepgraphError as error:
        st.error("This outage cannot be settled.", icon=":material/error:")
        st.text(str(error))
        return
    _metrics(data, answer)
    _faulty_terms(data)
    _down(answer)
    _money(answer)
    _clocks(answer)


def _chosen(data: Shown) -> list[Incident]:
    """What fails, from the controls; the address line holds the choice."""
    options = [
        *(f"location:{record.id}" for record in data.estate.locations),
        *(f"organization:{record.id}" for record in data.estate.organizations),
        *(f"service:{record.id}" for record in data.estate.services),
    ]
    given = [name for name in st.query_params.get_all("down") if name in options]
    names = st.multiselect(
        "What fails", options, default=given, key="outage_down", placeholder="Type to search"
    )
    st.query_params["down"] = names
    day, clock, hours, cause = st.columns(4)
    started = day.date_input("From", value=_day(), key="outage_day")
    at = clock.time_input("at (UTC)", value=time(10), key="outage_time")
    length = hours.number_input(
        "Hours", min_value=0.05, max_value=8_760.0, value=4.0, step=0.5, key="outage_hours"
    )
    kind = cause.selectbox("Cause", _CAUSES, key="outage_cause")
    begin = datetime.combine(started if isinstance(started, date) else _day(), at, UTC)
    end = begin + timedelta(seconds=round(length * 3600))
    return [
        Incident.model_validate(
            {"id": f"what-if-{n + 1}", "affects": name, "start": begin, "end": end, "cause": kind}
        )
        for n, name in enumerate(names)
    ]


def _day() -> date:
    return datetime.now(UTC).date()


@st.cache_data(max_entries=32, show_spinner="Settling ...", hash_funcs={Shown: id})
def _answer(data: Shown, incidents: tuple[Incident, ...]) -> WhatIf:
    """The answer, computed once per choice."""
    estate = with_published(data.estate)
    structure = data.structure if estate is data.estate else structure_of(estate)
    return what_if(structure, incidents, datetime.now(UTC))


def _metrics(data: Shown, answer: WhatIf) -> None:
    own = data.estate.own_organizations
    settled = answer.settlement
    received: dict[str, Any] = {}
    borne: dict[str, Any] = {}
    for contract in settled.contracts:
        if contract.customer in own:
            received[contract.currency] = received.get(contract.currency, 0) + contract.owed
        if contract.supplier in own:
            borne[contract.currency] = borne.get(contract.currency, 0) + contract.absorbed
    losses: dict[str, Any] = {}
    for function in answer.functions:
        if function.loss is not None:
            losses[function.currency] = losses.get(function.currency, 0) + function.loss
    counts = {
        "Services down": str(len({row.id for row in answer.services_down})),
        "Service levels missed": str(sum(row.breached for row in settled.slas)),
        "Owed to us": _sums(received),
        "We absorb": _sums(borne),
        "We lose": _sums(losses),
    }
    columns = st.columns([2, 2, 3, 3, 3])
    for column, (label, value) in zip(columns, counts.items(), strict=True):
        column.metric(label, value, border=True)


def _sums(held: dict[str, Any]) -> str:
    return (
        ", ".join(f"{amount:,.2f} {currency}" for currency, amount in held.items() if amount) or "0"
    )


def _faulty_terms(data: Shown) -> None:
    """Say which figures rest on faulty terms."""
    faults = [f for f in contract_faults(with_published(data.estate)) if f.level == "error"]
    if faults:
        st.warning("Some contracts have faulty terms; their sums are not to be relied on.")
        st.dataframe(
            [
                {"contract": f.contract, "SLA": f.sla, "fault": f.message, "what to do": f.hint}
                for f in faults
            ],
            hide_index=True,
            width="stretch",
        )


def _down(answer: WhatIf) -> None:
    st.subheader("Who is down, and why")
    rows = [
        {
            "service": row.id,
            "from": f"{row.start:%Y-%m-%d %H:%M}Z",
            "to": f"{row.end:%Y-%m-%d %H:%M}Z",
            "minutes": row.minutes,
            "because": " → ".join(row.because),
        }
        for row in answer.services_down
    ]
    st.dataframe(rows, hide_index=True, width="stretch", key="outage_services")
    if answer.functions:
        st.subheader("Business functions")
        st.dataframe(
            [
                {
                    "function": f.id, "minutes": f.minutes,
                    "loss": "not stated" if f.loss is None else f"{f.loss:,.2f} {f.currency}",
                    "services": ", ".join(f.services),
                }
                for f in answer.functions
            ],
            hide_index=True,
            width="stretch",
        )  # fmt: skip


def _money(answer: WhatIf) -> None:
    st.subheader("Who owes whom")
    settled = answer.settlement
    picture = money_flow(settled.contracts)
    if not picture:
        st.write("No contract owes anything for this outage.")
    else:
        st.graphviz_chart(picture, width="stretch")
    missed = [row for row in settled.slas if row.breached]
    if missed:
        _meters(missed)
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
    for row in settled.slas:
        if row.explanation and (row.breached or row.owed):
            with st.expander(f"From outage to cent: {_plain(row.id)}, {row.period}"):
                for step in row.explanation:
                    clause = f"  [{step.clause}]" if step.clause else ""
                    st.text(f"{step.rule:<4} {step.text}{clause}")


def _meters(missed: list[Any]) -> None:
    """Downtime counted beside what each target allows."""
    rows = [
        {
            "SLA": row.id,
            "minutes": minutes,
            "what": what,
        }
        for row in missed
        for what, minutes in (
            ("counted", row.counted_minutes),
            ("allowed", (1 - row.target) * (row.end - row.start).total_seconds() / 60),
        )
    ]
    chart = (
        alt.Chart(_values(rows))
        .mark_bar()
        .encode(
            y=alt.Y("SLA:N", title=None),
            x=alt.X("minutes:Q", title="minutes in the period"),
            yOffset="what:N",
            color=alt.Color("what:N", title=None, scale=alt.Scale(range=["#94a3b8", "#dc2626"])),
            tooltip=["SLA:N", "what:N", "minutes:Q"],
        )
    )
    st.altair_chart(chart, width="stretch")


def _clocks(answer: WhatIf) -> None:
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


def _values(rows: list[dict[str, Any]]) -> alt.Data:
    """Rows as altair takes them; they stay in the page."""
    return alt.Data(values=rows)  # type: ignore[no-untyped-call]  # not annotated by altair
