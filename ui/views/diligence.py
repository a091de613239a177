"""Due diligence: suppliers and theirs, concentration, terms, gaps, data quality, documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import altair as alt
import streamlit as st

from depgraph.engine.concentration import Concentration, Thresholds
from depgraph.engine.diligence import Diligence, DiligenceOptions, diligence, total_value
from depgraph.engine.nth_parties import NthParty
from depgraph.engine.structure import structure_of
from depgraph.errors import DepgraphError
from ingest.articles import article_map
from ingest.published import with_published
from ui.access import Action, require
from ui.commands.diligence import origins_of
from ui.diligence_pack import diligence_pack, index_text
from ui.documents import Document, html_text, workbook_bytes
from ui.session import Shown, address, known, shown, version_stamp
from ui.vendor_letters import disclosure_request, questionnaire
from ui.views.diligence_register import REGISTER, show_register

_STATUS = {"present": "#16a34a", "absent": "#dc2626", "unknown": "#9ca3af"}
_FULL = 260
_MOST_BARS = 12
_DOCUMENTS = "Documents"


def show() -> None:
    """Draw the view; of its parts only the one that is open."""
    st.title("Due diligence")
    data = known()
    part = _part()
    if part == REGISTER:
        show_register(data)
        return
    whole = shown()
    try:
        answer = _answer(whole, _limits())
    except DepgraphError as error:
        st.info("There is no supplier to look at yet.")
        st.text(str(error))
        return
    _metrics(answer)
    if part == _DOCUMENTS:
        _documents(whole, answer)
    else:
        _PARTS[part](answer)


def _part() -> str:
    """The part that is open; the page's address keeps it."""
    names = [*_PARTS, REGISTER, _DOCUMENTS]
    asked = st.query_params.get("part", "")
    first = asked if asked in names else names[0]
    part = st.segmented_control(
        "Part", names, default=first, key="diligence_part", label_visibility="collapsed"
    )
    part = part or first
    if part != asked and (asked or part != names[0]):
        st.query_params["part"] = part
    return part


def _limits() -> Thresholds:
    """Thresholds that the reader sets."""
    defaults = Thresholds()
    with st.popover("Thresholds"):
        moderate = st.number_input("Moderate from", 0.0, 1.0, defaults.moderate, 0.01,
                                   key="diligence_moderate")  # fmt: skip
        high = st.number_input("High above", 0.0, 1.0, defaults.high, 0.01, key="diligence_high")
        share = st.number_input("One alone above", 0.0, 1.0, defaults.largest_share, 0.05,
                                key="diligence_share")  # fmt: skip
    return Thresholds(moderate=min(moderate, high), high=high, largest_share=share)


def _content(data: Shown) -> tuple[str, float]:
    """What the answer depends on: the content, and where in the files it stands."""
    return data.version, version_stamp(address()[0])


@st.cache_data(max_entries=8, show_spinner="Following suppliers ...", hash_funcs={Shown: _content})
def _answer(data: Shown, limits: Thresholds, organization: str | None = None) -> Diligence:
    estate = with_published(data.estate)
    structure = data.structure if estate is data.estate else structure_of(estate)
    options = DiligenceOptions(
        organization=organization,
        thresholds=limits,
        obligations=tuple(article_map().values()),
        origins=origins_of(address()[0]),
    )
    return diligence(structure, options, data.assessment)


def _metrics(answer: Diligence) -> None:
    parties = answer.nth_parties
    columns = st.columns(4)
    high = sum(row.level == "high" for row in answer.concentrations)
    shares = [d.critical_share for d in answer.dominators if d.critical_share is not None]
    counts = {
        "Organizations we rest on": str(len(parties.parties)),
        "Undisclosed": str(len(parties.undisclosed)),
        "High concentrations": str(high),
        "Critical functions through one": f"{max(shares, default=0):.0%}",
    }
    for column, (label, value) in zip(columns, counts.items(), strict=True):
        column.metric(label, value, border=True)


def _parties(answer: Diligence) -> None:
    parties = answer.nth_parties
    st.dataframe(
        [
            {
                "rank": p.rank, "organization": p.organization, "name": p.name,
                "country": p.country, "disclosed": p.disclosed, "ways": p.paths_count,
                "only through": p.only_through or "",
                "critical functions": list(p.critical_functions),
                "services": list(p.services),
            }
            for p in parties.parties
        ],
        hide_index=True, width="stretch", key="diligence_parties",
    )  # fmt: skip
    if parties.contracts_not_in_force:
        st.text(f"Not in force: {', '.join(parties.contracts_not_in_force)}")
    names = [p.organization for p in parties.parties]
    if not names:
        return
    name = st.selectbox("Every way to", names, index=len(names) - 1, key="diligence_party")
    _ways(next(p for p in parties.parties if p.organization == name))


def _ways(party: NthParty) -> None:
    """Every listed way to one party, and what shows it."""
    count = f"{'' if party.paths_count_exact else 'at least '}{party.paths_count}"
    st.caption(f"{count} way(s), {len(party.paths)} listed, the shortest first")
    st.dataframe(
        [
            {
                "links": len(path.organizations),
                "way": " → ".join(("us", *path.organizations)),
                "known by": [f"{link.kind} {link.id}" for step in path.links for link in step],
            }
            for path in party.paths
        ],
        hide_index=True, width="stretch", key="diligence_ways",
    )  # fmt: skip
    st.dataframe(
        [{"evidence": e.kind, "record": e.id, "note": e.note} for e in party.evidence],
        hide_index=True, width="stretch", key="diligence_evidence",
    )  # fmt: skip


def _concentration(answer: Diligence) -> None:
    rows = answer.concentrations
    if not rows:
        st.write("Nothing is bought from anybody.")
        return
    st.altair_chart(_indexes(rows, answer.thresholds), width="stretch")
    labels = {_label(row): row for row in rows}
    chosen = labels[st.selectbox("Shares of", list(labels), key="diligence_dimension")]
    st.text(f"{index_text(chosen)}: {chosen.level}")
    st.altair_chart(_shares(chosen, answer.thresholds), width="stretch")
    if chosen.unknown:
        st.text(f"Nobody could say for {', '.join(chosen.unknown)}")
    st.subheader("What functions must pass through")
    st.caption(
        "Must pass: down when it alone fails, redundancy respected. Only through it: every path"
        " runs through it, redundancy not asked about."
    )
    st.dataframe(
        [
            {
                "kind": d.kind, "id": d.id, "of critical functions": d.critical_share,
                "must pass": list(d.must_pass), "rest on it": list(d.rests_on),
                "services down": len(d.services_down), "only through it": len(d.gate_of),
            }
            for d in answer.dominators
            if d.must_pass or d.gate_of
        ],
        hide_index=True, width="stretch", key="diligence_points",
        column_config={"of critical functions": st.column_config.NumberColumn(format="percent")},
    )  # fmt: skip


def _label(row: Concentration) -> str:
    return f"{row.dimension.replace('_', ' ')} by {row.weight} {row.currency}".strip()


def _values(rows: list[dict[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=rows)


def _indexes(rows: tuple[Concentration, ...], limits: Thresholds) -> alt.LayerChart:
    """Every index as a bar; brackets from their least to their greatest."""
    data = [
        {"of": _label(row), "low": row.hhi_low, "high": row.hhi_high, "level": row.level,
         "zero": 0, "index": index_text(row)}
        for row in rows
    ]  # fmt: skip
    names = alt.Y("of:N", title=None, sort=None, axis=alt.Axis(labelLimit=_FULL))
    colours = alt.Scale(
        domain=["low", "moderate", "high", "undecided"],
        range=["#16a34a", "#d97706", "#dc2626", "#9ca3af"],
    )
    base = alt.Chart(_values(data)).encode(y=names, tooltip=["of:N", "index:N", "level:N"])
    bars = base.mark_bar().encode(
        x=alt.X("zero:Q", title="HHI", scale=alt.Scale(domain=[0, 1])), x2="low:Q",
        color=alt.Color("level:N", title=None, scale=colours),
    )  # fmt: skip
    brackets = base.mark_rule(strokeWidth=3).encode(x="low:Q", x2="high:Q")
    chart: alt.LayerChart = bars + brackets + _lines((limits.moderate, limits.high))
    return chart


def _lines(at: tuple[float, ...]) -> alt.Chart:
    """Thresholds as dashed lines."""
    rules = alt.Chart(_values([{"threshold": value} for value in at])).mark_rule(strokeDash=[4, 4])
    chart: alt.Chart = rules.encode(x="threshold:Q", tooltip=["threshold:Q"])
    return chart


def _shares(row: Concentration, limits: Thresholds) -> alt.LayerChart:
    """Shares of the largest holders."""
    data = [{"who": h.id, "share": h.share} for h in row.holders[:_MOST_BARS]]
    bars = (
        alt.Chart(_values(data))
        .mark_bar()
        .encode(
            y=alt.Y("who:N", title=None, sort=None, axis=alt.Axis(labelLimit=_FULL)),
            x=alt.X("share:Q", title="share", axis=alt.Axis(format="%")),
            tooltip=["who:N", alt.Tooltip("share:Q", format=".2%")],
        )
    )
    chart: alt.LayerChart = bars + _lines((limits.largest_share,))
    return chart


def _terms(answer: Diligence) -> None:
    """Contracts by articles, as a heat map; what is absent as a list."""
    needed = [(c, r) for c in answer.contracts for r in c.rows if r.requirement == "required"]
    if not needed:
        st.write("We hold no contract in force.")
        return
    regulations = list(dict.fromkeys(row.regulation for _, row in needed))
    chosen = st.segmented_control("Law", regulations, default=regulations[0], key="diligence_law")
    cells = [
        {"contract": c.contract, "article": f"{r.article} {r.obligation}", "status": r.status,
         "asks for": r.in_words, "found": r.note}
        for c, r in needed
        if r.regulation == chosen
    ]  # fmt: skip
    scale = alt.Scale(domain=list(_STATUS), range=list(_STATUS.values()))
    chart = alt.Chart(_values(cells)).mark_rect(stroke="white")
    st.altair_chart(
        chart.encode(
            x=alt.X("article:N", title=None, sort=None,
                    axis=alt.Axis(orient="top", labelAngle=-60, labelLimit=_FULL)),
            y=alt.Y("contract:N", title=None, axis=alt.Axis(labelLimit=_FULL)),
            color=alt.Color("status:N", title=None, scale=scale),
            tooltip=["contract:N", "article:N", "asks for:N", "status:N", "found:N"],
        ),
        width="stretch",
    )  # fmt: skip
    st.caption("Which of these laws apply to you is yours to say. Unknown: nobody has looked.")
    st.dataframe(
        [
            {"contract": c.contract, "law": r.regulation, "article": r.article,
             "asks for": r.in_words, "status": r.status, "found": r.note, "clause": r.clause}
            for c, r in needed
            if r.status == "absent"
        ],
        hide_index=True, width="stretch", key="diligence_absent",
    )  # fmt: skip


def _gaps(answer: Diligence) -> None:
    assessed = [
        {"supplier": v.organization, **row.model_dump(mode="json", exclude={"place"})}
        for v in answer.vendors
        for row in v.assessments
    ]
    if assessed:
        st.caption("Assessed, as in the register of information (template B_07.01)")
        st.dataframe(
            assessed, hide_index=True, width="stretch", key="diligence_assessments"
        )  # fmt: skip
    st.dataframe(
        [
            {
                "supplier": v.organization, "critical": g.critical, "gap": g.code,
                "what is missing": g.message, "where to write it": g.record,
                "a year": total_value(v.annual_value), "alternatives": list(v.alternatives),
                "ends": str(v.last_end or ""),
            }
            for v in answer.vendors
            for g in v.gaps
        ],
        hide_index=True, width="stretch", key="diligence_gaps",
    )  # fmt: skip


def _quality(answer: Diligence) -> None:
    weak = [row for row in answer.quality.results if row.width or row.score < 1]
    st.dataframe(
        [
            {
                "result": r.kind, "of": r.subject, "score": r.score, "width": r.width,
                "missing": list(r.missing), "defaulted": list(r.defaulted),
                "inferred": list(r.inferred),
                "would help most": r.best_fact.component if r.best_fact else "",
                "narrows at least": r.best_fact.narrows_at_least if r.best_fact else None,
            }
            for r in weak
        ],
        hide_index=True, width="stretch", key="diligence_results",
        column_config={"score": st.column_config.NumberColumn(format="percent")},
    )  # fmt: skip
    st.dataframe(
        [s.model_dump() for s in answer.quality.sources],
        hide_index=True, width="stretch", key="diligence_sources",
    )  # fmt: skip


def _documents(data: Shown, answer: Diligence) -> None:
    """The pack, and letters to one supplier."""
    st.subheader("The whole estate")
    _downloads("Diligence pack", "pack", lambda: diligence_pack(data.estate, answer))
    names = [v.organization for v in answer.vendors]
    if not names:
        return
    st.subheader("One supplier")
    name = st.selectbox("Supplier", names, key="diligence_supplier", width=320)
    narrowed = _answer(data, answer.thresholds, name)
    _downloads("Pack of this supplier", "supplier", lambda: diligence_pack(data.estate, narrowed))
    _downloads(
        "Disclosure request", "disclosure", lambda: disclosure_request(data.estate, narrowed)
    )
    _downloads("Questionnaire", "questionnaire", lambda: questionnaire(data.estate, narrowed))


def _downloads(label: str, name: str, document: Callable[[], Document]) -> None:
    """A document as page and as workbook, made at the click."""
    require(Action.EXPORT)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{label}**", width=240)
        st.download_button(
            "HTML", lambda: html_text(document()), f"{name}.html", "text/html",
            key=f"diligence_{name}_html", icon=":material/description:", on_click="ignore",
            help="One page that prints well",
        )  # fmt: skip
        st.download_button(
            "XLSX", lambda: workbook_bytes(document()), f"{name}.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            key=f"diligence_{name}_xlsx", icon=":material/table:", on_click="ignore",
            help="One workbook, a sheet for each section",
        )  # fmt: skip


_PARTS: Mapping[str, Callable[[Diligence], None]] = {
    "Suppliers and theirs": _parties,
    "Concentration": _concentration,
    "Contract terms": _terms,
    "What is missing": _gaps,
    "Data quality": _quality,
}
