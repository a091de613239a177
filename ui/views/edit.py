"""Edit: forms and files → what is wrong, or what would change → apply → undo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from depgraph.errors import DepgraphError, StoreError
from depgraph.model.contract import Contract
from depgraph.model.estate import Estate
from depgraph.model.location import Location
from depgraph.model.organization import Organization
from depgraph.model.service import Function, Service
from depgraph.model.sla import Sla
from depgraph.record import Record
from ingest.formats.registry import importer_names
from ingest.proposal import (
    How,
    Proposal,
    Upload,
    proposal_from_files,
    proposal_from_foreign,
    proposal_with_record,
    proposal_without,
)
from ui.access import Action, allowed, guard, visitor
from ui.change_preview import change_rows, finding_rows, preview, service_rows
from ui.estate_changes import (
    Place,
    apply_change,
    change_log,
    changes_of,
    is_sample,
    undo_change,
)
from ui.record_form import entered_record, form_fields
from ui.report import Document, Table
from ui.report_download import offer_report
from ui.session import Shown, address, forget, opened

_MODELS: dict[str, type[Record]] = {
    "services": Service, "organizations": Organization, "locations": Location,
    "functions": Function, "contracts": Contract, "slas": Sla,
}  # fmt: skip
_TASKS = ["Change a record", "Import files", "Changes made"]
_OWN = "YAML or JSON estate files"
_PROPOSAL = "edit_proposal"
_DONE = "edit_done"


@dataclass(frozen=True)
class Proposed:
    """A proposal, and the estate that it was made for."""

    proposal: Proposal
    version: str


def show() -> None:
    """Draw the view."""
    guard(Action.EDIT)
    data = opened()
    place = Place(*address())
    st.title("Edit")
    done = st.session_state.pop(_DONE, None)
    if done:
        st.success(done, icon=":material/check:")
    if is_sample(place):
        st.info(
            "This is the sample that comes with the program: changes can be tried and previewed "
            "here, and are applied to a copy of your own."
        )
    asked = st.query_params.get("task", "")
    task = st.segmented_control("Task", _TASKS, default=asked if asked in _TASKS else _TASKS[0])
    if task and task != asked:
        st.query_params["task"] = task
    if task == _TASKS[1]:
        _files(data)
    elif task == _TASKS[2]:
        _made(place)
        return
    else:
        _record(data)
    _preview(data, place)


def _record(data: Shown) -> None:
    """One record in a form made from its schema."""
    left, right = st.columns(2)
    kind = left.selectbox("Kind", list(_MODELS), key="edit_kind")
    held = _held(data.estate, kind)
    chosen = right.selectbox(
        "Record", ["", *held], format_func=lambda i: i or "a new one", key=f"edit_record_{kind}"
    )
    given = held.get(chosen, {})
    with st.form(f"edit_form_{kind}_{chosen}", border=True):
        fields = form_fields(_MODELS[kind])
        contract = _contract_of_new_sla(data.estate, kind, chosen)
        try:
            record = entered_record(fields, given, f"edit_{kind}_{chosen}_{data.version[:8]}")
            wrong = ""
        except DepgraphError as error:
            record, wrong = {}, str(error)
        with st.container(horizontal=True):
            preview_wanted = st.form_submit_button("Preview", type="primary")
            removal_wanted = bool(chosen) and st.form_submit_button("Preview its removal")
    if preview_wanted and wrong:
        st.error("This value cannot be read:")
        st.text(wrong)
    elif preview_wanted:
        _propose(data, _with_record(data.estate, kind, record, contract))
    elif removal_wanted:
        _propose(data, _without_record(data.estate, kind, chosen))


def _held(estate: Estate, kind: str) -> dict[str, dict[str, Any]]:
    """Records of a kind by id, as plain values, defaults left out."""
    records: list[Record] = (
        [sla for _, sla in estate.sla.values()] if kind == "slas" else list(getattr(estate, kind))
    )
    plain = [
        record.model_dump(mode="json", exclude_defaults=True, by_alias=True) for record in records
    ]
    return {record["id"]: record for record in plain}


def _contract_of_new_sla(estate: Estate, kind: str, chosen: str) -> str | None:
    """The contract that holds an SLA; a new one needs it chosen."""
    if kind != "slas":
        return None
    if chosen:
        return estate.sla[chosen][0].id
    return st.selectbox("contract *", list(estate.contract), help="The contract that promises it.")


def _with_record(
    estate: Estate, kind: str, record: dict[str, Any], contract: str | None
) -> Proposal:
    """Estate with a record of any kind; SLAs stand in their contract."""
    if kind != "slas":
        return proposal_with_record(estate, kind, record)
    if contract is None:
        return Proposal(None, ())
    slas = [r for r in _plain_slas(estate, contract) if r["id"] != record.get("id")]
    return _with_slas(estate, contract, [*slas, record])


def _without_record(estate: Estate, kind: str, identifier: str) -> Proposal:
    if kind != "slas":
        return proposal_without(estate, kind, identifier)
    contract = estate.sla[identifier][0].id
    slas = [r for r in _plain_slas(estate, contract) if r["id"] != identifier]
    return _with_slas(estate, contract, slas)


def _plain_slas(estate: Estate, contract: str) -> list[dict[str, Any]]:
    held: list[dict[str, Any]] = _held(estate, "contracts")[contract].get("slas", [])
    return held


def _with_slas(estate: Estate, contract: str, slas: list[dict[str, Any]]) -> Proposal:
    record = {**_held(estate, "contracts")[contract], "slas": slas}
    return proposal_with_record(estate, "contracts", record)


def _files(data: Shown) -> None:
    """Uploaded files of our own or of a foreign format."""
    foreign = [name for name in importer_names() if name not in {"yaml", "json"}]
    with st.form("edit_files"):
        format_name = st.selectbox("Format", [_OWN, *foreign])
        replaces = st.toggle(
            "Start anew: everything that is not in the files goes",
            help="Otherwise records are added, and one with an id that is there takes its place. "
            "Only for estate files.",
        )
        files = st.file_uploader("Files", accept_multiple_files=True)
        wanted = st.form_submit_button("Preview", type="primary")
    if not wanted:
        return
    uploads = [Upload(file.name, file.getvalue()) for file in files or ()]
    how: How = "replace" if replaces else "add"
    with st.spinner("Reading the files ..."):
        if format_name == _OWN:
            _propose(data, proposal_from_files(data.estate, uploads, how))
        else:
            _propose(data, proposal_from_foreign(data.estate, format_name, uploads))


def _propose(data: Shown, proposal: Proposal) -> None:
    st.session_state[_PROPOSAL] = Proposed(proposal, data.version)


def _preview(data: Shown, place: Place) -> None:
    """What the proposal would do, and the buttons that do it."""
    proposed: Proposed | None = st.session_state.get(_PROPOSAL)
    if proposed is None:
        return
    st.subheader("Preview")
    _reports(proposed.proposal)
    if proposed.version != data.version:
        st.warning("The estate was changed meanwhile; preview again.")
        return
    fresh = proposed.proposal.estate
    if fresh is None:
        _problems(proposed.proposal)
        return
    found = preview(data, fresh)
    if not found.changes:
        st.info("Nothing would change.")
        return
    counts = {
        what: sum(c.what == what for c in found.changes) for what in ("added", "changed", "removed")
    }
    before, after = found.comparison.before, found.comparison.after
    with st.container(horizontal=True):
        for what, number in counts.items():
            st.metric(f"Records {what}", number, border=True)
        st.metric(
            "Promises not backed", len(after.unbacked),
            delta=len(after.unbacked) - len(before.unbacked), delta_color="inverse", border=True,
        )  # fmt: skip
        st.metric(
            "Single points", after.single_points_of_failure,
            delta=after.single_points_of_failure - before.single_points_of_failure,
            delta_color="inverse", border=True,
        )  # fmt: skip
    tables = {
        "Records": change_rows(found.changes),
        "Availability before → after": service_rows(found.comparison),
        "Findings before → after": finding_rows(found.findings),
    }
    for number, (title, rows) in enumerate(tables.items()):
        st.markdown(f"**{title}** ({len(rows)})")
        if rows:
            st.dataframe(rows, hide_index=True, width="stretch", key=f"edit_preview_{number}")
    with st.container(horizontal=True):
        if st.button("Apply", type="primary", icon=":material/done_all:"):
            _apply(data, place, fresh)
        if st.button("Discard"):
            del st.session_state[_PROPOSAL]
            st.rerun()
        offer_report(lambda: _document(data, tables), "change")


def _reports(proposal: Proposal) -> None:
    """What foreign formats gave, inferred and left out."""
    notes = [
        {"file": report.source, "kind": note.kind.replace("_", " "), "what": note.what,
         "place": note.place}
        for report in proposal.reports
        for note in report.notes
    ]  # fmt: skip
    if notes:
        with st.expander(f"What the import says ({len(notes)})"):
            st.dataframe(notes, hide_index=True, width="stretch", key="edit_notes")


def _problems(proposal: Proposal) -> None:
    st.error(f"{len(proposal.problems)} problems; nothing can be applied until they are mended.")
    st.dataframe(
        [{"place": p.place, "what is wrong": p.what, "what to do": p.hint}
         for p in proposal.problems],
        hide_index=True, width="stretch", key="edit_problems",
    )  # fmt: skip


def _apply(data: Shown, place: Place, fresh: Estate) -> None:
    """Apply, or say why not."""
    try:
        made = apply_change(place, data.estate, fresh)
    except DepgraphError as error:
        _failed("It was not applied; everything is as it was.", error)
        return
    forget()
    del st.session_state[_PROPOSAL]
    anew = len(made.edit.rewritten) if made.edit else 0
    lost = f" {anew} file(s) were written anew, without their comments." if anew else ""
    st.session_state[_DONE] = f"Applied: {len(made.changes)} record(s).{lost}"
    st.rerun()


def _made(place: Place) -> None:
    """What was applied since the server started, and the way back."""
    undoable = changes_of(place).undoable
    st.caption(f"{len(undoable)} change(s) since the server started can be undone, the last first.")
    if undoable and st.button("Undo the last change", icon=":material/undo:"):
        try:
            undo_change(place)
        except DepgraphError as error:
            _failed("It was not undone; everything is as it was.", error)
            return
        forget()
        st.session_state[_DONE] = "Undone."
        st.rerun()
    if not allowed(Action.AUDIT, visitor()):
        st.caption("The log of changes is for approvers and auditors.")
        return
    log = change_log(place)
    if not log:
        st.info("No change was made since the server started.")
        return
    st.dataframe(
        [{"when": f"{entry.when:%Y-%m-%d %H:%M:%S} UTC", "who": entry.who, "what": entry.what,
          **row} for entry in log for row in change_rows(entry.changes)],
        hide_index=True, width="stretch", key="edit_log",
    )  # fmt: skip


def _failed(text: str, error: DepgraphError) -> None:
    st.error(text, icon=":material/cloud_off:" if isinstance(error, StoreError) else None)
    st.text(str(error))


def _document(data: Shown, tables: dict[str, list[dict[str, object]]]) -> Document:
    """The preview as a document, for those who have to agree."""
    return Document(
        title="Proposed change",
        estate=data.estate.name,
        version=data.version,
        as_of=data.assessment.as_of,
        figures=tuple((f"{title}, rows", str(len(rows))) for title, rows in tables.items()),
        parts=tuple(Table(title, rows) for title, rows in tables.items()),
    )
