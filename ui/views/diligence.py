"""Due diligence: suppliers and theirs, concentration, terms, gaps, data quality, documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from depgraph.engine.concentration import Thresholds
from depgraph.engine.diligence import Diligence, DiligenceOptions, diligence, total_value
from depgraph.engine.nth_parties import NthParty
from depgraph.engine.structure import structure_of
from depgraph.errors import DepgraphError
from depgraph.wording import counted, share_text
from ingest.articles import article_map
from ingest.published import with_published
from ui.access import Action, require
from ui.diligence_pack import diligence_pack
from ui.document import Document
from ui.documents import html_text, workbook_bytes
from ui.estates import origins_of
from ui.figure_table import figure_table, plain_table
from ui.followed_address import follow, keep, one_of
from ui.session import Shown, address, known, shown, version_stamp
from ui.vendor_letters import disclosure_request, questionnaire
from ui.views.diligence_charts import show_concentration, show_terms
from ui.views.diligence_register import REGISTER, show_register

_DOCUMENTS = "Documents"
_WITHOUT_LIMITS = frozenset({REGISTER, _DOCUMENTS})
"""Parts that no threshold changes."""


def show() -> None:
    """Draw the view; of its parts only the one that is open."""
    st.title("Due diligence")
    data = known()
    with st.container(horizontal=True, vertical_alignment="center"):
        part = _part()
        limits = Thresholds() if part in _WITHOUT_LIMITS else _limits()
    if part == REGISTER:
        show_register(data)
        return
    whole = shown()
    try:
        answer = _answer(whole, limits)
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
    follow("part", "diligence_part", names[0], one_of(names))
    part = st.segmented_control(
        "Part", names, key="diligence_part", label_visibility="collapsed", required=True
    )
    part = part or names[0]
    keep("part", part, names[0])
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


def _content(data: Shown) -> tuple[str, str]:
    """What the answer depends on: the content, and where in the files it stands."""
    return data.version, version_stamp()


@st.cache_data(max_entries=8, show_spinner="Following suppliers ...", hash_funcs={Shown: _content})
def _answer(data: Shown, limits: Thresholds, organization: str | None = None) -> Diligence:
    estate = with_published(data.estate)
    structure = data.structure if estate is data.estate else structure_of(estate)
    options = DiligenceOptions(
        organization=organization,
        thresholds=limits,
        obligations=tuple(article_map().values()),
        origins=origins_of(*address()),
    )
    return diligence(structure, options, data.assessment)


def _metrics(answer: Diligence) -> None:
    parties = answer.nth_parties
    columns = st.columns(4)
    high = sum(row.level == "high" for row in answer.concentrations)
    shares = [d.critical_share for d in answer.dominators if d.critical_share is not None]
    counts = {
        "Organizations we rest on": (
            str(len(parties.parties)), "Suppliers and their suppliers, at any rank (rule D1)",
        ),
        "Undisclosed": (
            str(len(parties.undisclosed)), "Found in the graph, but shown by no contract on record",
        ),
        "High concentrations": (
            str(high), "Indexes above the threshold for high; see Concentration",
        ),
        "Critical functions through one": (
            share_text(max(shares, default=0)),
            "Largest share of the critical functions that go down when one thing alone fails",
        ),
    }  # fmt: skip
    for column, (label, (value, meaning)) in zip(columns, counts.items(), strict=True):
        column.metric(label, value, border=True, help=meaning)


def _parties(answer: Diligence) -> None:
    parties = answer.nth_parties
    plain_table(
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
        column_config={
            "rank": st.column_config.NumberColumn(help="1: our own supplier; 2: its supplier; …"),
            "disclosed": st.column_config.CheckboxColumn(
                help="Whether a contract on record shows it, and not the graph alone"
            ),
            "ways": st.column_config.NumberColumn(help="Chains of supply from us to it"),
            "only through": st.column_config.TextColumn(
                help="The one supplier that every way to it runs through"
            ),
        },
    )  # fmt: skip
    if parties.contracts_not_in_force:
        st.text(f"Contracts not in force: {', '.join(parties.contracts_not_in_force)}")
    names = [p.organization for p in parties.parties]
    if not names:
        return
    name = st.selectbox("Every way to", names, index=len(names) - 1, key="diligence_party")
    _ways(next(p for p in parties.parties if p.organization == name))


def _ways(party: NthParty) -> None:
    """Every listed way to one party, and what shows it."""
    least = "" if party.paths_count_exact else "at least "
    st.caption(
        f"{least}{counted(party.paths_count, 'way')}, {len(party.paths):,} listed, "
        "the shortest first"
    )
    plain_table(
        [
            {
                "links": len(path.organizations),
                "way": " → ".join(("us", *path.organizations)),
                "known by": list(
                    dict.fromkeys(f"{link.kind} {link.id}" for step in path.links for link in step)
                ),
            }
            for path in party.paths
        ],
        hide_index=True, width="stretch", key="diligence_ways",
    )  # fmt: skip
    plain_table(
        [{"evidence": e.kind, "record": e.id, "note": e.note} for e in party.evidence],
        hide_index=True, width="stretch", key="diligence_evidence",
    )  # fmt: skip


def _gaps(answer: Diligence) -> None:
    assessed = [
        {
            "supplier": v.organization,
            **{
                name.replace("_", " "): value.replace("_", " ") if isinstance(value, str) else value
                for name, value in row.model_dump(mode="json", exclude={"place"}).items()
            },
        }
        for v in answer.vendors
        for row in v.assessments
    ]
    if assessed:
        st.caption("Assessed, as in the register of information (template B_07.01)")
        plain_table(assessed, hide_index=True, width="stretch", key="diligence_assessments")
    rows = [
        {
            "supplier": v.organization, "critical": g.critical, "gap": g.code.replace("-", " "),
            "what is missing": g.message, "contracts a year": total_value(v.annual_value),
            "last contract ends": str(v.last_end or ""), "where to write it": g.record,
            "alternatives": list(v.alternatives),
        }
        for v in answer.vendors
        for g in v.gaps
    ]  # fmt: skip
    if not rows:
        st.success("Nothing is missing on any supplier.", icon=":material/check:")
        return
    st.caption(
        "What is not on record about our suppliers, those of critical functions first, and the "
        "field of the estate that would say it."
    )
    plain_table(
        rows, hide_index=True, width="stretch", key="diligence_gaps",
        column_config={
            "contracts a year": st.column_config.TextColumn(
                alignment="right", help="Annual value of all contracts with this supplier"
            ),
            "last contract ends": st.column_config.TextColumn(
                help="When the last contract with it ends"
            ),
            "alternatives": st.column_config.ListColumn(
                help="Others that stand beside it in a group"
            ),
        },
    )  # fmt: skip


def _quality(answer: Diligence) -> None:
    weak = [row for row in answer.quality.results if row.width or row.score < 1]
    st.header("Results that rest on missing or assumed values")
    if not weak:
        st.success("Every result rests on values that were given.", icon=":material/check:")
    else:
        st.caption(
            "Score: share of the values needed that were given. Width: distance between the ends "
            "of the bracket that is left (rule A5). Worst first."
        )
        figure_table(
            [
                {
                    "result": r.kind, "of": r.subject, "score": share_text(r.score),
                    "width": r.width,
                    "would help most": str(r.best_fact) if r.best_fact else "",
                    "missing": list(r.missing), "defaulted": list(r.defaulted),
                    "inferred": list(r.inferred),
                }
                for r in weak
            ],
            hide_index=True, width="stretch", key="diligence_results",
            column_config={
                "width": st.column_config.NumberColumn(format="%.4g"),
                "would help most": st.column_config.TextColumn(
                    width="medium",
                    help="The one value that narrows the bracket most"
                ),
            },
        )  # fmt: skip
    st.header("Sources")
    st.caption("How many values each source gave, and how many were inferred or set by default.")
    figure_table(
        [s.model_dump() | {"score": share_text(s.score)} for s in answer.quality.sources],
        hide_index=True, width="stretch", key="diligence_sources",
    )  # fmt: skip


def _documents(data: Shown, answer: Diligence) -> None:
    """The pack, and letters to one supplier."""
    st.header("The whole estate")
    st.caption(
        "The diligence pack holds every part of this view: suppliers and theirs, concentration, "
        "contract terms, what is missing, data quality."
    )
    _downloads("Diligence pack", "pack", lambda: diligence_pack(data.estate, answer))
    names = [v.organization for v in answer.vendors]
    if not names:
        return
    st.header("One supplier")
    name = st.selectbox("Supplier", names, key="diligence_supplier", width=320)
    st.caption(
        "The pack tells all we have on record. The disclosure request asks the supplier for its "
        "own suppliers; the questionnaire for the terms and figures that are missing here."
    )
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
    "Concentration": show_concentration,
    "Contract terms": show_terms,
    "What is missing": _gaps,
    "Data quality": _quality,
}
