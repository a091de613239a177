"""Overview: services against their promises, worst first, and what to look at."""

from __future__ import annotations

import streamlit as st

from depgraph.engine.availability import ServiceAvailability
from ui.figures_text import (
    availability_text,
    minutes_text,
    percent_text,
    verdict_text,
    worst_first,
)
from ui.session import Shown, shown


def show() -> None:
    """Draw the view."""
    data = shown()
    st.title(_plain(data.estate.name or "Estate"))
    _metrics(data)
    st.subheader("Services against their promises, worst first")
    _services(data)
    st.subheader("Findings")
    _findings(data)


def _metrics(data: Shown) -> None:
    """The five numbers that a reviewer asks for first."""
    counts = {
        "Services": (len(data.estate.services), "In the estate"),
        "Not carried": (
            sum(row.carried is False for row in data.assessment.services),
            "What the promised service requires is up less often than promised (rule A4)",
        ),
        "Single points": (
            sum(f.code == "single-point-of-failure" for f in data.findings),
            "Components that alone take a critical service down (rule A12)",
        ),
        "False redundancy": (
            sum(f.code == "redundancy-not-real" for f in data.findings),
            "Groups whose members fall together (rule A3)",
        ),
        "Rings": (
            len(data.structure.rings),
            "Rings that cannot start from cold (rule A6)",
        ),
        "Unknown": (
            sum(f.code == "unknown-availability" for f in data.findings),
            "Components without a figure; results on them are brackets (rule A5)",
        ),
    }
    for column, (label, (count, help_text)) in zip(
        st.columns(len(counts)), counts.items(), strict=True
    ):
        column.metric(label, count, help=help_text, border=True)


def _services(data: Shown) -> None:
    rows = sorted(data.assessment.services, key=worst_first)
    fields = ServiceAvailability.model_fields
    only = st.segmented_control(
        "Show", ["all", "promised", "critical"], default="all", key="overview_filter"
    )
    if only == "promised":
        rows = [row for row in rows if row.committed is not None]
    elif only == "critical":
        rows = [row for row in rows if data.estate.service[row.id].criticality == "critical"]
    table = [
        {
            "service": row.id,
            "provider": data.estate.service[row.id].provider or "",
            "criticality": data.estate.service[row.id].criticality,
            "availability": availability_text(row),
            "minutes a month": minutes_text(row.downtime_minutes_per_month),
            "naive": percent_text(row.naive),
            "worst case": percent_text(row.worst_case),
            "promised": "" if row.committed is None else percent_text(row.committed),
            "carried": verdict_text(row.carried, promised=row.committed is not None),
            "met": verdict_text(row.met, promised=row.committed is not None),
            "single points": len(row.single_points_of_failure),
            "unknown": ", ".join(row.unknown),
        }
        for row in rows
    ]
    text = st.column_config.TextColumn
    picked = st.dataframe(
        table,
        width="stretch",
        height=min(38 + 35 * len(table), 560),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"overview_services_{only}",
        column_config={
            "availability": text(help=fields["availability"].description),
            "minutes a month": text(help=fields["downtime_minutes_per_month"].description),
            "naive": text(help=fields["naive"].description),
            "worst case": text(help=fields["worst_case"].description),
            "promised": text(help=fields["committed"].description),
            "carried": text(help=fields["carried"].description),
            "met": text(help=fields["met"].description),
        },
    )
    chosen = picked["selection"]["rows"]
    if chosen:
        _open(table[chosen[0]]["service"])


def _findings(data: Shown) -> None:
    codes = sorted({finding.code for finding in data.findings})
    kinds = st.multiselect("Kinds", codes, key="overview_kinds", placeholder="All kinds")
    rows = [f for f in data.findings if not kinds or f.code in kinds]
    table = [
        {
            "level": f.level, "kind": f.code, "about": f.subject, "what was found": f.message,
            "what to do": f.hint, "rule": f.rule,
        }
        for f in rows
    ]  # fmt: skip
    picked = st.dataframe(
        table,
        width="stretch",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="overview_findings",
    )
    chosen = picked["selection"]["rows"]
    if chosen:
        finding = rows[chosen[0]]
        services = [s for s in (finding.subject, *finding.also) if s in data.estate.service]
        if services:
            _open(services[0])


def _open(service: object) -> None:
    """Offer the service in the graph."""
    if st.button(f"Show {_plain(str(service))} in Explore", type="primary"):
        st.session_state["explore_focus"] = f"service:{service}"
        st.switch_page(st.session_state["page_explore"])


def _plain(text: str) -> str:
    """Text in which Markdown finds nothing to act on."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|<>~$:" else c for c in text)
