"""Overview: the estate's health in numbers, each with the list behind it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import streamlit as st

from depgraph.engine.availability_answer import ServiceAvailability
from depgraph.engine.finding import Finding
from depgraph.engine.flow_down import flow_down
from depgraph.engine.flow_down_findings import flow_down_findings
from depgraph.wording import counted
from ingest.published import with_published
from ui.figure_table import figure_table
from ui.followed_address import follow, one_of, write
from ui.overview_lists import ABSORBED, CARDS, Asked, Row
from ui.plain_text import plain
from ui.report import Document, Table
from ui.report_download import offer_report
from ui.session import BY_VERSION, Compiled, Shown, day_of, known, show_progress
from ui.simulation_text import last_run, liability_figures, liability_texts

_DAYS = ["30", "90", "180", "365"]
_IN_A_ROW = 5
_MOST_ROWS = 1_000
# Our own style, no data: the list below shall be seen without scrolling.
_STYLE = (
    "<style>[class*=st-key-overview_card_] { padding: 0.6rem 0.9rem; } "
    "[class*=st-key-overview_card_] button { min-height: 1.5rem; padding: 0; }</style>"
)


def show() -> None:
    """Draw the view."""
    data = known()
    st.html(_STYLE)
    st.title(plain(data.estate.name or "Estate"))
    ready = isinstance(data, Shown)
    if not ready:
        show_progress()
    asked = _asked(data)
    lists = _lists(asked)
    chosen = _chosen()
    _liability(asked, chosen)
    _cards(lists, chosen, ready=ready)
    card, rows = CARDS[chosen], lists[chosen]
    st.header(_heading(chosen, ready=ready))
    if ready or chosen != "services":
        st.caption(card.help)
    if card.waits and not ready:
        st.info("This list follows once the figures of all services are there.")
        return
    if chosen == ABSORBED and asked.simulated is None:
        st.info("Nobody simulated this estate yet: simulate to see.", icon=":material/casino:")
        return
    rows = _filtered(asked, chosen, rows)
    _list(chosen, rows)
    offer_report(lambda: document(asked, lists, chosen, rows), f"overview-{chosen}")


def _heading(chosen: str, *, ready: bool = True) -> str:
    if chosen == "services":
        return "Services against their promises, worst first" if ready else "Services"
    return CARDS[chosen].label


def _asked(data: Compiled) -> Asked:
    """What the lists are made from, with the days from the page's address."""
    query = st.query_params
    asked = query.get("days", "90")
    days = asked if asked in _DAYS else "90"
    today = datetime.now(UTC).date()
    return Asked(data, _flow_gaps(data, today), today, int(days), last_run(data.version))


@st.cache_data(max_entries=4, show_spinner="Comparing promises ...", hash_funcs=BY_VERSION)
def _flow_gaps(data: Compiled, today: date) -> tuple[Finding, ...]:
    estate = with_published(data.estate)
    return flow_down_findings(estate, flow_down(estate, today))


def _asked_key(asked: Asked) -> tuple[object, ...]:
    """What makes the lists the same; a simulation is known by its years and seed."""
    run = asked.simulated
    simulated = None if run is None else (run.years, run.seed)
    days = asked.as_of.isoformat(), asked.within_days
    return asked.data.version, isinstance(asked.data, Shown), days, simulated


@st.cache_resource(max_entries=8, show_spinner="Counting ...", hash_funcs={Asked: _asked_key})
def _lists(asked: Asked) -> dict[str, list[Row]]:
    """Every list, made once per estate, day and choice of days; nobody changes them."""
    return {name: card.rows(asked) for name, card in CARDS.items()}


def _chosen() -> str:
    """The list that is open; the page's address keeps it."""
    asked = st.query_params.get("list", "services")
    return asked if asked in CARDS else "services"


def _liability(asked: Asked, chosen: str) -> None:
    """What we absorb in a year, from the last simulation of this estate."""
    card = CARDS[ABSORBED]
    with st.container(border=True, gap="xsmall", key=f"overview_card_{ABSORBED}"):
        run = asked.simulated
        if run is None:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{card.label}**: simulate to see", help=card.help)
                st.markdown("[Open Simulation](simulation)")
            return
        if not run.own_liability:
            st.markdown(f"**{card.label}**: nothing; no organization of ours promises anything")
        for ours in run.own_liability:
            mean, in_worst = liability_texts(run, ours)
            columns = st.columns([3, 2, 2], vertical_alignment="bottom")
            columns[0].metric(f"{card.label}, {ours.currency}", mean, help=card.help)
            worst = f"Mean of the worst 5 % of years, {ours.currency}"
            columns[1].metric(worst, in_worst)
            columns[2].caption(f"{counted(run.years, 'simulated year')}, seed {run.seed}")
        _open_button(ABSORBED, chosen, "by contract")


def _cards(lists: dict[str, list[Row]], chosen: str, *, ready: bool) -> None:
    """Every number; one that waits for figures shows that it does."""
    names = [name for name in CARDS if name != ABSORBED]
    for start in range(0, len(names), _IN_A_ROW):
        columns = st.columns(_IN_A_ROW)
        for column, name in zip(columns, names[start : start + _IN_A_ROW], strict=False):
            card = CARDS[name]
            with column.container(border=True, gap=None, key=f"overview_card_{name}"):
                there = ready or not card.waits
                rows = lists[name]
                st.metric(card.label, f"{len(rows):,}" if there else "…", help=card.help)
                colour = card.colour(rows)
                words = "nothing" if there and not rows else "show list"
                _open_button(name, chosen, f":{colour}[{words}]" if colour else words)


def _open_button(name: str, chosen: str, words: str) -> None:
    """The way from a number to its list."""
    if st.button(
        "listed below" if name == chosen else words,
        key=f"overview_open_{name}",
        type="tertiary",
        icon=":material/arrow_downward:",
        disabled=name == chosen,
    ):
        st.query_params["list"] = name
        st.rerun()


def _filtered(asked: Asked, chosen: str, rows: list[Row]) -> list[Row]:
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
        codes = sorted({finding.code for finding in asked.findings})
        kinds = st.multiselect(
            "Kinds", codes, key="overview_kinds", placeholder="All kinds", select_all=False
        )
        return [row for row in rows if not kinds or row["kind"] in kinds]
    elif chosen == "expiring":
        held = str(asked.within_days)
        follow("days", "overview_days", "90", one_of(_DAYS))
        days = st.segmented_control("Within days", _DAYS, key="overview_days", required=True)
        if days and days != held:
            write({"days": days})
            st.rerun()
    return rows


def _list(chosen: str, rows: list[Row]) -> None:
    if not rows:
        st.success("Nothing: the list is empty.", icon=":material/check:")
        return
    listed = rows[:_MOST_ROWS]
    if len(rows) > len(listed):
        st.caption(f"The first {len(listed):,} of {len(rows):,} are listed; Report holds all.")
    fields = ServiceAvailability.model_fields
    helps = {
        "availability": "availability", "min down a month": "downtime_minutes_per_month",
        "naive": "naive", "worst case": "worst_case", "promised": "committed",
        "carried": "carried", "met": "met", "unknown": "unknown",
        "single points": "single_points_of_failure",
    }  # fmt: skip
    column = st.column_config.Column
    figure_table(
        listed,
        width="stretch",
        height=min(38 + 35 * len(rows), 560),
        hide_index=True,
        key=f"overview_list_{chosen}",
        column_order=["open", *(name for name in rows[0] if name != "open")],
        column_config={
            **{name: column(help=fields[field].description) for name, field in helps.items()},
            "open": st.column_config.LinkColumn("open", display_text="open", width="small"),
        },
    )


def document(asked: Asked, lists: dict[str, list[Row]], chosen: str, rows: list[Row]) -> Document:
    """The view as a document: all numbers, and the open list as it is narrowed."""
    shown_rows = [{k: v for k, v in row.items() if k != "open"} for row in rows]
    ready = isinstance(asked.data, Shown)
    figures = [
        (
            CARDS[name].label,
            f"{len(found):,}" if ready or not CARDS[name].waits else "not yet known",
        )
        for name, found in lists.items()
        if name != ABSORBED
    ]
    return Document(
        title=f"Overview: {asked.data.estate.name or 'Estate'}",
        estate=asked.data.estate.name,
        version=asked.data.version,
        as_of=day_of(asked.data),
        figures=(
            *liability_figures(asked.simulated),
            *figures,
            ("contracts listed when they end within", counted(asked.within_days, "day")),
        ),
        parts=(Table(_heading(chosen), shown_rows),),
    )
