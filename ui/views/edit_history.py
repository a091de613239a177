"""Changes made on the page: what they were, and the way back and forth."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from depgraph.errors import DepgraphError, StoreError
from depgraph.wording import counted
from ui.access import Action, allowed, visitor
from ui.change_preview import change_rows
from ui.estate_changes import (
    LoggedChange,
    Place,
    change_log,
    changes_of,
    redo_change,
    undo_change,
)
from ui.figure_table import plain_table
from ui.plain_text import plain
from ui.session import forget

DONE = "edit_done"
"""Where the session keeps what was just done, to be said at the next run."""
_MOST_NAMES = 5


def show_history(place: Place) -> None:
    """What was applied since the server started, and the way back."""
    history = changes_of(place)
    with st.container(horizontal=True, vertical_alignment="center"):
        if history.undoable:
            if st.button(
                "Undo the last change", icon=":material/undo:", help=_told(history.undoable[-1])
            ):
                _turned(undo_change, place, "Undone")
            st.caption(f"Changes since the server started that can be undone: "
                       f"{len(history.undoable)}, the last first.")  # fmt: skip
        if history.redoable and st.button(
            "Redo", icon=":material/redo:", help=_told(history.redoable[-1])
        ):
            _turned(redo_change, place, "Made again")
    if not allowed(Action.AUDIT, visitor()):
        st.caption("The log of changes is for approvers and auditors.")
        return
    log = change_log(place)
    if not log:
        st.info("No change was made since the server started.")
        return
    plain_table(
        [{"when": f"{entry.when:%Y-%m-%d %H:%M:%S} UTC", "who": entry.who, "done": entry.what,
          **row} for entry in log for row in change_rows(entry.changes)],
        hide_index=True, width="stretch", key="edit_log",
    )  # fmt: skip


def _turned(turn: Callable[[Place], LoggedChange], place: Place, said: str) -> None:
    """Undo or redo, or say why not."""
    try:
        made = turn(place)
    except DepgraphError as error:
        show_failure("It was not done; everything is as it was.", error)
        return
    forget()
    st.session_state[DONE] = f"{said}: {counted(len(made.changes), 'record')}."
    st.rerun()


def _told(change: LoggedChange) -> str:
    """One change in a line, for whoever is about to turn it."""
    names = ", ".join(f"{c.list}/{c.id}" for c in change.changes[:_MOST_NAMES])
    more = len(change.changes) - _MOST_NAMES
    return plain(
        f"{change.when:%H:%M} UTC by {change.who}: {names}{f' and {more:,} more' * (more > 0)}"
    )


def show_failure(text: str, error: DepgraphError) -> None:
    """Say that something was not done, and why; names in it are never markup."""
    st.error(text, icon=":material/cloud_off:" if isinstance(error, StoreError) else None)
    st.text(str(error))
