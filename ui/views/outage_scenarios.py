"""Scenarios saved, compared side by side, and taken away as a document (rule W1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from depgraph.engine.play import Played, played
from depgraph.engine.scenario import edited
from depgraph.engine.scenario_summary import scenario_summaries
from depgraph.errors import DepgraphError
from depgraph.model.estate import Estate
from depgraph.model.scenario import Scenario
from ingest.published import with_published
from ingest.rates import with_rates
from ui.access import Action, allowed, require, visitor
from ui.answer_workbook import Cover, outage_workbook
from ui.faulty_terms import with_fault_notes
from ui.figure_table import plain_table
from ui.report_download import offer_workbook
from ui.scenarios import ScenarioShelf
from ui.session import Compiled
from ui.whatif_cells import side_by_side
from ui.whatif_report import what_if_html

_MOST_COLUMNS = 6


def show_scenarios(
    data: Compiled, shelf: ScenarioShelf, current: tuple[Scenario, Played] | None
) -> None:
    """Save what is shown, compare it with what was saved, take it away.

    Parameters
    ----------
    data : Compiled
        The estate as it is.
    shelf : ScenarioShelf
        Where its scenarios are saved.
    current : tuple of Scenario and Played, optional
        What is shown now.
    """
    estate = data.estate
    st.header("Scenarios")
    if current is not None and allowed(Action.EDIT, visitor()):
        _save(shelf, current[0])
    try:
        names = [row.name for row in shelf.listed()]
    except DepgraphError as error:
        st.text(str(error))
        names = []
    if current is None and not names:
        st.caption("None is saved yet. Pick what fails or change something; then give it a name.")
    pairs = [current] if current else []
    chosen = (
        st.multiselect(
            "Compare with" if current else "Compare", names, key="outage_compare",
            max_selections=_MOST_COLUMNS,
            placeholder="Saved scenarios", select_all=False,
        )
        if names
        else []
    )  # fmt: skip
    for name in chosen:
        try:
            pairs.append(_replayed(estate, shelf.scenario(name, estate)))
        except DepgraphError as error:
            st.text("\n".join(map(str, getattr(error, "problems", ()))) or str(error))
    if chosen and pairs:
        _side_by_side(estate, pairs)
    if pairs:
        require(Action.EXPORT)
        with st.container(horizontal=True):
            _take_away(data, pairs, workbook=current is not None)


def _take_away(data: Compiled, pairs: Sequence[tuple[Scenario, Played]], *, workbook: bool) -> None:
    """Buttons that give what is shown as files; who may not export never gets here."""
    estate = data.estate
    st.download_button(
        "Take away as a document",
        data=lambda: what_if_html(
            estate, [p[0] for p in pairs], [p[1] for p in pairs], f"sha256:{data.version}"
        ),
        file_name="what-if.html",
        mime="text/html",
        key="outage_document",
        icon=":material/download:",
        on_click="ignore",
        help="What is shown and compared here as one HTML file that prints well",
    )
    if workbook:
        scenario, found = pairs[0]
        title = f"What if: {scenario.name or 'an outage'}"
        cover = Cover(title, estate.name or "", data.version, found.notes)
        offer_workbook(lambda: outage_workbook(cover, scenario, found), "what-if")


def _save(shelf: ScenarioShelf, scenario: Scenario) -> None:
    """Save what is shown under a name."""
    with st.form("outage_save_form", border=False):
        one, two, three = st.columns([5, 2, 1], vertical_alignment="bottom")
        name = one.text_input(
            "Save as", key="outage_save_name", placeholder="Name of the scenario"
        ).strip()
        replace = two.checkbox("Replace the one of this name", key="outage_save_replace")
        wanted = three.form_submit_button("Save", key="outage_save", width="stretch")
    if not wanted:
        return
    if not name:
        st.warning("Give the scenario a name first.")
        return
    try:
        require(Action.EDIT)
        shelf.save(scenario.replace(name=name), replace=replace)
    except DepgraphError as error:
        st.error("It was not saved.", icon=":material/error:")
        st.text(str(error))
    else:
        st.toast("The scenario is saved.", icon=":material/check:")


def _replayed(estate: Estate, scenario: Scenario) -> tuple[Scenario, Played]:
    """A saved scenario played on the estate as it is now."""
    before = with_rates(with_published(estate), scenario.conversions)
    after = with_published(edited(before, scenario.edits))
    return scenario, with_fault_notes(played((before, after), scenario, datetime.now(UTC)), after)


def _side_by_side(estate: Estate, pairs: list[tuple[Scenario, Played]]) -> None:
    """One column per scenario."""
    summaries = scenario_summaries([answer for _, answer in pairs], estate.own_organizations)
    heads = ["figure"]
    for number, summary in enumerate(summaries):
        name = summary.name or f"scenario {number + 1}"
        heads.append(name if name not in heads else f"{name} ({number + 1})")
    plain_table(
        [dict(zip(heads, row, strict=True)) for row in side_by_side(summaries)],
        hide_index=True, width="stretch", key="outage_side_by_side",
    )  # fmt: skip
