"""Changes applied from the page: permission, one transaction, a log, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import streamlit as st

import sample_data
from cypher.flow_rows import flow_down_rows
from cypher.push import MOST_REMOVED
from cypher.rows import digest
from cypher.store import Store, opened_store
from depgraph.engine.changes import RecordChange, estate_changes, removed_share
from depgraph.engine.flow_down import flow_down
from depgraph.errors import DepgraphError, StoreError
from depgraph.model.estate import Estate
from ingest.estate_files import FilesEdit, applied, files_edit, undone
from ingest.published import with_published
from ui.access import Action, Visitor, require
from ui.estates import is_graph_address


@dataclass(frozen=True)
class LoggedChange:
    """One change made on the page since the server started."""

    when: datetime
    """When."""
    who: str
    """Who made it."""
    what: str
    """``applied``, ``undone`` or ``made again``."""
    changes: tuple[RecordChange, ...]
    """Records that it touched."""
    former: Estate
    """The estate before."""
    fresh: Estate
    """The estate after."""
    edit: FilesEdit | None
    """What was written; None for a graph database."""


@dataclass
class Changes:
    """The log of one estate; `undoable` is its last part that can still be undone."""

    log: list[LoggedChange] = field(default_factory=list)
    undoable: list[LoggedChange] = field(default_factory=list)
    redoable: list[LoggedChange] = field(default_factory=list)
    """Changes undone, the last one first to be made again; another change ends that."""
    lock: Lock = field(default_factory=Lock)


@dataclass(frozen=True)
class Place:
    """Where an estate is."""

    address: str
    """File, folder, or address of a graph database."""
    name: str | None
    """Its name in the graph database."""


@st.cache_resource(show_spinner=False)
def changes_of(place: Place) -> Changes:  # noqa: ARG001 - what the cache goes by
    """The log of an estate, shared by all visitors."""
    return Changes()


def apply_change(place: Place, held: Estate, fresh: Estate) -> LoggedChange:
    """Make an estate another one, in one transaction.

    Parameters
    ----------
    place : Place
        Where it is.
    held, fresh : Estate
        What the visitor saw, and what it is to become.

    Raises
    ------
    DepgraphError
        If the visitor may not, the estate was changed meanwhile, or it cannot be written; nothing
        is changed then.
    """
    who = require(Action.EDIT)
    changes = estate_changes(held, fresh)
    if not changes:
        raise DepgraphError("nothing would change")
    if removed_share(held, changes) > MOST_REMOVED:
        who = require(Action.REMOVE_MANY)
    _refuse_the_sample(place)
    history = changes_of(place)
    with history.lock:
        made = _made(place, who, (held, fresh), "applied")
        history.undoable.append(made)
        history.redoable.clear()
    return made


def redo_change(place: Place) -> LoggedChange:
    """Make the last change again that was undone.

    Raises
    ------
    DepgraphError
        If the visitor may not, there is none, or somebody changed the estate since.
    """
    who = require(Action.EDIT)
    history = changes_of(place)
    with history.lock:
        if not history.redoable:
            raise DepgraphError("there is no change to make again")
        last = history.redoable[-1]
        if removed_share(last.former, last.changes) > MOST_REMOVED:
            who = require(Action.REMOVE_MANY)
        made = _made(place, who, (last.former, last.fresh), "made again")
        history.redoable.pop()
        history.undoable.append(made)
    return made


def _made(place: Place, who: Visitor, estates: tuple[Estate, Estate], what: str) -> LoggedChange:
    """Write a change and log it."""
    edit = None
    if is_graph_address(place.address):
        _push(place, *estates)
    else:
        edit = files_edit(place.address, *estates)
        applied(edit)
    made = _logged(who, what, estates, edit)
    changes_of(place).log.append(made)
    return made


def undo_change(place: Place) -> LoggedChange:
    """Undo the last change that was applied and not undone.

    Raises
    ------
    DepgraphError
        If the visitor may not, there is none, or somebody changed the estate since.
    """
    who = require(Action.EDIT)
    history = changes_of(place)
    with history.lock:
        if not history.undoable:
            raise DepgraphError("there is no change to undo")
        last = history.undoable[-1]
        if last.edit is None:
            _push(place, last.fresh, last.former)
        else:
            undone(last.edit)
        history.redoable.append(history.undoable.pop())
        back = _logged(who, "undone", (last.fresh, last.former), None)
        history.log.append(back)
    return back


def change_log(place: Place) -> tuple[LoggedChange, ...]:
    """Every change made on the page since the server started, the last one first."""
    require(Action.AUDIT)
    return tuple(reversed(changes_of(place).log))


def is_sample(place: Place) -> bool:
    """Whether an estate is one of those that come with the program, which stay as they are."""
    if is_graph_address(place.address):
        return False
    home = Path(sample_data.__file__).parent.resolve()
    return home in Path(place.address).resolve().parents


def _refuse_the_sample(place: Place) -> None:
    if is_sample(place):
        raise DepgraphError(
            "this is the sample that comes with the program; copy its folder and open the copy: "
            "depgraph ui my-estate/"
        )


def _logged(
    who: Visitor, what: str, estates: tuple[Estate, Estate], edit: FilesEdit | None
) -> LoggedChange:
    changes = estate_changes(*estates)
    return LoggedChange(datetime.now(UTC), who.name, what, changes, *estates, edit)


def _push(place: Place, held: Estate, fresh: Estate) -> None:
    """Replace an estate in the graph database, if it still is what was seen."""
    rows = flow_down_rows(flow_down(with_published(fresh), datetime.now(UTC).date()))
    with opened_store(place.address) as store:
        name = place.name or _only_name(store)
        if digest(store.pull(name)) != digest(held):
            raise StoreError("the estate was changed meanwhile; reload the page and try again")
        store.push(fresh, name, remove_many=True, flows_down=rows, instead_of=held)


def _only_name(store: Store) -> str:
    names = [str(row["id"]) for row in store.estates()]
    if len(names) != 1:
        raise StoreError(f"name the estate; the database holds {', '.join(names) or 'none'}")
    return names[0]
