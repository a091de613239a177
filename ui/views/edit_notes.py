"""What an import or an edit says of itself: notes, problems, and whether it is of this estate."""

from __future__ import annotations

import streamlit as st

from depgraph.model.estate import Estate
from depgraph.wording import counted
from ingest.proposal import Proposal
from ui.figure_table import plain_table

MOST_ROWS = 1_000
"""Rows that a table on the page shows; reports hold all."""


def show_reports(proposal: Proposal) -> None:
    """What foreign formats gave, inferred and left out."""
    notes = [
        {"file": report.source, "kind": note.kind.replace("_", " "), "what": note.what,
         "place": note.place}
        for report in proposal.reports
        for note in report.notes
    ]  # fmt: skip
    lost = sum(note.kind != "inferred" for report in proposal.reports for note in report.notes)
    if notes:
        with st.expander(
            f"What the import says ({len(notes):,}, {lost:,} of them left out or open)",
            expanded=lost > 0,
        ):
            plain_table(notes[:MOST_ROWS], hide_index=True, width="stretch", key="edit_notes")


def show_problems(proposal: Proposal) -> None:
    """What is wrong, with its place and what to do."""
    number = len(proposal.problems)
    mended = "it is" if number == 1 else "they are"
    st.error(f"{counted(number, 'problem')}; nothing can be applied until {mended} mended.")
    plain_table(
        [{"place": p.place, "what is wrong": p.what, "what to do": p.hint}
         for p in proposal.problems],
        hide_index=True, width="stretch", key="edit_problems",
    )  # fmt: skip


def warn_of_another_name(held: Estate, fresh: Estate) -> None:
    """Files of another estate are easily picked by mistake."""
    if held.name and fresh.name != held.name:
        st.warning("The estate would get another name: are the files meant for this one?")
        st.text(f"now {held.name}, then {fresh.name or 'without a name'}")
