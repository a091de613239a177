"""The button that gives the visible view as a document."""

from __future__ import annotations

import re
from collections.abc import Callable

import streamlit as st

from ui.access import Action, require
from ui.report import Document, report_html


def offer_report(document: Callable[[], Document], name: str) -> None:
    """Offer the view as a document, made at the click.

    Streamlit runs what a click makes outside the session, where nobody is known any more; so the
    permission is asked here, and without it there is nothing that could be clicked.
    """
    require(Action.EXPORT)
    st.download_button(
        "Report",
        lambda: report_html(document()),
        file_name=f"{safe_file_name(name)}.html",
        mime="text/html",
        icon=":material/description:",
        on_click="ignore",
        help="This view as one HTML file with its figures and the estate's version; prints well",
    )


def offer_workbook(workbook: Callable[[], bytes], name: str) -> None:
    """Offer figures as a workbook, made at the click; permission as for `offer_report`.

    Parameters
    ----------
    workbook : callable
        What makes it.
    name : str
        Name of the file, without its ending.
    """
    require(Action.EXPORT)
    st.download_button(
        "Excel",
        workbook,
        file_name=f"{safe_file_name(name)}.xlsx",
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        icon=":material/table_view:",
        key=f"workbook_{name}",
        on_click="ignore",
        help="All figures behind this as a workbook: numbers as numbers, with the way to each sum",
    )


def safe_file_name(text: str) -> str:
    """Name that no file system takes for anything else.

    >>> safe_file_name("../a b")
    'a-b'
    """
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-.")[:80] or "report"
