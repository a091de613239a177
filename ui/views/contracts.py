"""Contracts: flow-down matrix, faulty terms, a month settled, schedules drawn as steps."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from depgraph.engine.cap_usage import CapUsage, cap_usage
from depgraph.engine.contract_findings import contract_faults
from depgraph.engine.flow_down import FlowDown, flow_down
from depgraph.engine.settle import settlement
from depgraph.engine.statement import Settlement
from depgraph.engine.structure import structure_of
from depgraph.errors import DepgraphError
from depgraph.model.estate import Estate
from ingest.published import with_published
from ui.answer_workbook import Cover, settlement_workbook
from ui.faulty_terms import fault_notes, touched_faults
from ui.figure_table import plain_table
from ui.followed_address import follow, keep, note, one_of
from ui.report_download import offer_workbook
from ui.session import BY_VERSION, Compiled, compiled
from ui.unknown_ids import tell_unknown
from ui.views.contract_facts import show_contract
from ui.views.contracts_matrix import show_matrix
from ui.views.contracts_month import show_caps, show_month
from ui.views.contracts_schedule import show_schedule
from ui.views.outage_money import tell_faulty


def show() -> None:
    """Draw the view."""
    data = compiled()
    st.title("Contracts")
    if not data.estate.contracts:
        st.info("This estate has no contracts yet.")
        return
    estate = with_published(data.estate)
    told = st.container()
    contract = _contract(estate)
    with told:
        asked = st.query_params.get("contract", "")
        tell_unknown("contract", [asked] if asked not in {"", contract} else [])
    if contract:
        show_contract(estate.contract[contract])
    st.header("Flow-down: what stands behind each promise")
    show_matrix(_flow_of(estate, _flow(data), contract))
    _faults(estate, contract)
    st.header("A period settled")
    period = _period(data)
    answer = _month(data, period)
    if answer is not None:
        tell_faulty(touched_faults(estate, answer, contract))
        show_month(answer, contract)
        show_caps(_caps(data, period), contract)
        notes = fault_notes(touched_faults(estate, answer))
        cover = Cover(f"Settlement of {period}", data.estate.name or "", data.version, notes)
        offer_workbook(lambda: settlement_workbook(cover, answer), f"settlement-{period}")
    st.header("One schedule")
    show_schedule(estate, answer, contract)


@st.cache_data(max_entries=4, show_spinner="Comparing promises ...", hash_funcs=BY_VERSION)
def _flow(data: Compiled) -> FlowDown:
    return flow_down(with_published(data.estate), datetime.now(UTC).date())


def _flow_of(estate: Estate, flow: FlowDown, contract: str) -> FlowDown:
    """Edges of the promises of one contract; all where none is chosen."""
    if not contract:
        return flow
    own = {sla.id for sla in estate.contract[contract].slas}
    edges = [edge for edge in flow.edges if edge.promise in own]
    return flow.replace(edges=tuple(edges))


def _faults(estate: Estate, contract: str) -> None:
    faults = [
        fault
        for fault in contract_faults(estate)
        if fault.level != "note" and contract in {"", fault.contract}
    ]
    if faults:
        st.header("Faulty terms")
        plain_table(
            [
                {
                    "level": f.level, "contract": f.contract, "SLA": f.sla, "fault": f.code,
                    "what was found": f.message, "what to do": f.hint,
                }
                for f in faults
            ],
            hide_index=True,
            width="stretch",
        )  # fmt: skip


def _period(data: Compiled) -> str:
    """The period that the reader writes; the last month with an incident at first.

    The page's address keeps it.
    """
    months = sorted({f"{i.start:%Y-%m}" for i in data.estate.incidents}, reverse=True)
    start = months[0] if months else f"{datetime.now(UTC):%Y-%m}"
    follow("period", "contracts_period", start, lambda text: text or None)
    text = st.text_input(
        "Period",
        key="contracts_period",
        help="A month such as 2026-04, a quarter 2026-Q2, a year 2026, or a span 2026-01..2026-06",
        width=240,
    )
    keep("period", text, start)
    return text


def _contract(estate: Estate) -> str:
    """The contract whose rows are shown, all when empty; the page's address keeps it."""
    ids = ["", *(contract.id for contract in estate.contracts)]
    asked = st.query_params.get("contract", "")
    follow("contract", "contracts_contract", "", one_of(ids))
    chosen = st.selectbox(
        "Contract", ids, key="contracts_contract",
        format_func=lambda name: name or "all contracts", width=320,
    )  # fmt: skip
    if chosen:
        keep("contract", chosen, "")
    elif asked in ids:
        st.query_params.pop("contract", None)
        note("contract", "")
    return chosen


def _month(data: Compiled, period: str) -> Settlement | None:
    """The settlement of a period, or what is wrong with it."""
    try:
        return _answer(data, period)
    except DepgraphError as error:
        st.error("This period cannot be settled.")
        st.text(str(error))
        return None


@st.cache_data(max_entries=32, show_spinner="Settling ...", hash_funcs=BY_VERSION)
def _answer(data: Compiled, period: str) -> Settlement:
    estate = with_published(data.estate)
    structure = data.structure if estate is data.estate else structure_of(estate)
    return settlement(structure, period, datetime.now(UTC))


@st.cache_data(max_entries=32, show_spinner="Adding up caps ...", hash_funcs=BY_VERSION)
def _caps(data: Compiled, period: str) -> tuple[CapUsage, ...]:
    estate = with_published(data.estate)
    structure = data.structure if estate is data.estate else structure_of(estate)
    return cap_usage(structure, period, datetime.now(UTC))
