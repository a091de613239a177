"""Overview: the estate's health in numbers, each with the list behind it."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from depgraph.engine.availability import ServiceAvailability
from depgraph.engine.findings import Finding
from depgraph.engine.flow_down import flow_down
from depgraph.engine.flow_down_findings import flow_down_findings
from ingest.published import with_published
from ui.overview_lists import CARDS, Asked, Row
from ui.plain_text import plain
from ui.report import Document, Table
from ui.report_download import offer_report
from ui.session import Shown, shown, version_of

_DAYS = ["30", "90", "180", "365"]
_IN_A_ROW = 5


def show() -> None:
    """Draw the view."""
    data = shown()
    st.title(plain(data.estate.name or "Estate"))
    asked = _asked(data)
    lists = {name: card.rows(asked) for name, card in CARDS.items()}
    chosen = _cards(lists)
    card, rows = CARDS[chosen], lists[chosen]
    st.subheader(_heading(chosen))
    st.caption(card.help)
    rows = _filtered(data, chosen, rows)
    _list(chosen, rows)
    offer_report(lambda: document(asked, lists, chosen, rows), f"overview-{chosen}")


def _heading(chosen: str) -> str:
    if chosen == "services":
        return "Services against their promises, worst first"
    return CARDS[chosen].label


def _asked(data: Shown) -> Asked:
    """What the lists are made from, with the days from the page's address."""
    query = st.query_params
    asked = query.get("days", "90")
    days = asked if asked in _DAYS else "90"
    return Asked(data, _flow_gaps(data), datetime.now(UTC).date(), int(days))


@st.cache_data(max_entries=4, show_spinner="Comparing promises ...", hash_funcs={Shown: version_of})
def _flow_gaps(data: Shown) -> tuple[Finding, ...]:
    estate = with_published(data.estate)
    return flow_down_findings(estate, flow_down(estate, datetime.now(UTC).date()))


def _cards(lists: dict[str, list[Row]]) -> str:
    """Every number, and the one whose list is open; the page's address keeps it."""
    asked = st.query_params.get("list", "services")
    chosen = asked if asked in CARDS else "services"
    names = list(CARDS)
    for start in range(0, len(names), _IN_A_ROW):
        columns = st.columns(_IN_A_ROW)
        for column, name in zip(columns, names[start : start + _IN_A_ROW], strict=False):
            card = CARDS[name]
            with column.container(border=True, gap="xsmall"):
                st.metric(card.label, len(lists[name]), help=card.help)
                if st.button(
                    "Listed below" if name == chosen else "List",
                    key=f"overview_open_{name}",
                    type="primary" if name == chosen else "secondary",
                    disabled=name == chosen,
                    width="stretch",
                ):
                    st.query_params["list"] = name
                    st.rerun()
    return chosen


def _filtered(data: Shown, chosen: str, rows: list[Row]) -> list[Row]:
    """The open list, narrowed by the control that fits it."""
    if chosen == "services":
        only = st.segmented_control(
            "Show", ["all", "promised", "critical"], default="all", key="overview_filter"
        )
        if only == "promised":
            return [row for row in rows if row["promised"]]
        if only == "critical":
            return [row for row in rows if row["criticality"] == "critical"]
    elif chosen == "findings":
        codes = sorted({finding.code for finding in data.findings})
        kinds = st.multiselect("Kinds", codes, key="overview_kinds", placeholder="All kinds")
        return [row for row in rows if not kinds or row["kind"] in kinds]
    elif chosen == "expiring":
        held = st.query_params.get("days", "90")
        held = held if held in _DAYS else "90"
        days = st.segmented_control("Within days", _DAYS, default=held) or held
        if days != held:
            st.query_params["days"] = days
            st.rerun()
    return rows


def _list(chosen: str, rows: list[Row]) -> None:
    if not rows:
        st.success("Nothing: the list is empty.", icon=":material/check:")
        return
    fields = ServiceAvailability.model_fields
    helps = {
        "availability": "availability", "minutes a month": "downtime_minutes_per_month",
        "naive": "naive", "worst case": "worst_case", "promised": "committed",
        "carried": "carried", "met": "met",
    }  # fmt: skip
    text = st.column_config.TextColumn
    st.dataframe(
        rows,
        width="stretch",
        height=min(38 + 35 * len(rows), 560),
        hide_index=True,
        key=f"overview_list_{chosen}",
        column_order=["open", *(name for name in rows[0] if name != "open")],
        column_config={
            **{name: text(help=fields[field].description) for name, field in helps.items()},
            "open": st.column_config.LinkColumn("open", display_text="open", width="small"),
        },
    )


def document(asked: Asked, lists: dict[str, list[Row]], chosen: str, rows: list[Row]) -> Document:
    """The view as a document: all numbers, and the open list as it is narrowed."""
    shown_rows = [{k: v for k, v in row.items() if k != "open"} for row in rows]
    figures = [(CARDS[name].label, str(len(found))) for name, found in lists.items()]
    return Document(
        title=f"Overview: {asked.data.estate.name or 'Estate'}",
        estate=asked.data.estate.name,
        version=asked.data.version,
        as_of=asked.data.assessment.as_of,
        figures=(*figures, ("contracts listed when they end within", f"{asked.within_days} days")),
        parts=(Table(_heading(chosen), shown_rows),),
    )
