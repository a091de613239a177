"""Edit: forms and files → what is wrong, or what would change → apply → undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from depgraph.engine.changes import RecordChange
from depgraph.errors import DepgraphError
from depgraph.model.estate import Estate
from depgraph.wording import counted
from ingest.formats.registry import importer_names
from ingest.proposal import (
    How,
    Proposal,
    Upload,
    proposal_from_files,
    proposal_from_foreign,
)
from ui.access import Action, guard
from ui.change_preview import (
    BeforeAfter,
    before_after,
    before_after_work,
    change_rows,
    finding_rows,
    record_changes,
    service_rows,
)
from ui.edited_records import MODELS, ids_of, plain_record, with_record, without_record
from ui.estate_changes import (
    Place,
    apply_change,
    is_sample,
)
from ui.figure_table import plain_table
from ui.followed_address import follow, keep, one_of, write
from ui.record_form import entered_record, form_fields
from ui.report import Document, Table
from ui.report_download import offer_report
from ui.session import MANY, Compiled, address, day_of, forget, opened
from ui.side_progress import Question, answer_beside
from ui.unknown_ids import tell_unknown
from ui.views.edit_history import DONE, show_failure, show_history
from ui.views.edit_notes import MOST_ROWS, show_problems, show_reports, warn_of_another_name

_TASKS = ["Change a record", "Import files", "Changes made"]
_OWN = "YAML or JSON estate files"
_PROPOSAL = "edit_proposal"
_DRAWN_FOR = "edit_drawn_for"


@dataclass(frozen=True)
class Proposed:
    """A proposal, and the estate that it was made for."""

    proposal: Proposal
    version: str


_MEANINGS = {
    "Promises not backed": "Services whose promise its suppliers cannot carry, or that is not met "
    "(rule A4)",
    "Single points of any service": "Things whose failure alone takes down some service, the "
    "service itself included (rule A12); Overview counts critical services alone, and not "
    "themselves",
}
"""What each count of the preview counts."""


def show() -> None:
    """Draw the view."""
    guard(Action.EDIT)
    data = opened()
    place = Place(*address())
    st.title("Edit")
    done = st.session_state.pop(DONE, None)
    if done:
        st.success(done, icon=":material/check:")
    if is_sample(place):
        st.info(
            "This is the sample that comes with the program: changes can be tried and previewed "
            "here, and are applied to a copy of your own."
        )
    follow("task", "edit_task", _TASKS[0], one_of(_TASKS))
    task = st.segmented_control("Task", _TASKS, key="edit_task", required=True)
    task = task or _TASKS[0]
    keep("task", task, _TASKS[0])
    if task == _TASKS[2]:
        show_history(place)
        return
    # Above the form, as forms are long and nobody would look below them.
    above = st.container()
    if task == _TASKS[1]:
        _files(data)
    else:
        _record(data)
    with above:
        _preview(data, place)


def _record(data: Compiled) -> None:
    """One record in a form made from its schema."""
    kind, chosen = _chosen(data.estate)
    given = plain_record(data.estate, kind, chosen) if chosen else {}
    with st.form(f"edit_form_{kind}_{chosen}", border=True):
        fields = form_fields(MODELS[kind])
        contract = _contract_of_new_sla(data.estate, kind, chosen)
        try:
            record = entered_record(fields, given, f"edit_{kind}_{chosen}_{data.version[:8]}")
            wrong = ""
        except DepgraphError as error:
            record, wrong = {}, str(error)
        with st.container(horizontal=True):
            preview_wanted = st.form_submit_button("Preview", type="primary")
            removal_wanted = bool(chosen) and st.form_submit_button("Preview its removal")
    drawn_for = st.session_state.get(_DRAWN_FOR)
    st.session_state[_DRAWN_FOR] = data.version
    if preview_wanted and drawn_for not in {None, data.version}:
        # The fields show what the estate holds now: what was typed is gone with those before.
        st.toast("The estate was changed meanwhile.", icon=":material/warning:")
        st.warning(
            "The estate was changed meanwhile, by somebody else or in another window. The form "
            "shows it as it is now: enter your change once more."
        )
    elif preview_wanted and wrong:
        st.error("This value cannot be read:")
        st.text(wrong)
    elif preview_wanted:
        _propose(data, with_record(data.estate, kind, record, contract))
    elif removal_wanted:
        _propose(data, without_record(data.estate, kind, chosen))


def _chosen(estate: Estate) -> tuple[str, str]:
    """Kind and record, empty for a new one; the page's address holds both."""
    query = st.query_params
    kinds = list(MODELS)
    left, right = st.columns(2)
    asked = query.get("kind", kinds[0])
    follow("kind", "edit_kind", kinds[0], one_of(kinds))
    kind = left.selectbox("Kind", kinds, key="edit_kind")
    names = ["", *ids_of(estate, kind)]
    wanted = query.get("record", "") if asked == kind else ""
    key = f"edit_record_{kind}"
    follow("record", key, "", one_of(names), wanted)
    chosen = right.selectbox("Record", names, format_func=lambda name: name or "a new one", key=key)
    if wanted not in names and not chosen:
        tell_unknown("record", [wanted])
    elif (kind, chosen) != (kinds[0], "") or "kind" in query:
        write({"kind": kind, "record": chosen})
    return kind, chosen


def _contract_of_new_sla(estate: Estate, kind: str, chosen: str) -> str | None:
    """The contract that holds an SLA; a new one needs it chosen."""
    if kind != "slas":
        return None
    if chosen:
        return estate.sla[chosen][0].id
    return st.selectbox("contract *", list(estate.contract), help="The contract that promises it.")


def _files(data: Compiled) -> None:
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
    with st.spinner("Reading the files ...", show_time=True):
        if format_name == _OWN:
            _propose(data, proposal_from_files(data.estate, uploads, how))
        else:
            _propose(data, proposal_from_foreign(data.estate, format_name, uploads))


def _propose(data: Compiled, proposal: Proposal) -> None:
    st.session_state[_PROPOSAL] = Proposed(proposal, data.version)
    # The button that was pressed may stand a page further down.
    st.toast("The preview stands above the form.", icon=":material/arrow_upward:")


def _preview(data: Compiled, place: Place) -> None:
    """What the proposal would do, and the buttons that do it."""
    proposed: Proposed | None = st.session_state.get(_PROPOSAL)
    if proposed is None:
        return
    st.header("Preview")
    show_reports(proposed.proposal)
    if proposed.version != data.version:
        st.warning("The estate was changed meanwhile; preview again.")
        return
    fresh = proposed.proposal.estate
    if fresh is None:
        show_problems(proposed.proposal)
        return
    changes = record_changes(data, fresh)
    warn_of_another_name(data.estate, fresh)
    if not changes:
        st.info("Nothing would change.")
        return
    found = _compared(data, fresh)
    _counts(changes, found)
    tables = {"Records": change_rows(changes)}
    if found is not None:
        tables["Availability before → after"] = service_rows(found.comparison)
        tables["Findings before → after"] = finding_rows(found.findings)
    _listed(tables)
    with st.container(horizontal=True):
        if st.button("Apply", type="primary", icon=":material/done_all:"):
            _apply(data, place, fresh)
        if st.button("Discard"):
            del st.session_state[_PROPOSAL]
            st.rerun()
        offer_report(lambda: _document(data, tables), "change")


def _listed(tables: dict[str, list[dict[str, object]]]) -> None:
    """What would change, table by table."""
    for number, (title, rows) in enumerate(tables.items()):
        st.markdown(f"**{title}** ({len(rows):,})")
        if len(rows) > MOST_ROWS:
            st.caption(f"The first {MOST_ROWS:,} are listed; the report holds all.")
        if rows:
            plain_table(
                rows[:MOST_ROWS], hide_index=True, width="stretch", key=f"edit_preview_{number}"
            )


def _compared(data: Compiled, fresh: Estate) -> BeforeAfter | None:
    """Figures before and after; of a large estate only where somebody waits for them."""
    if max(len(data.estate.services), len(fresh.services)) <= MANY:
        return before_after(data, fresh)
    question = Question(
        key="edit_compare",
        what="Availability before → after",
        button="Compute availability before → after",
        about=f"{data.version} {id(fresh)}",
        hint="This assesses every service at least three times; of ten thousand services it takes "
        "minutes. The change can be applied without it.",
    )
    return answer_beside(question, lambda: before_after_work(data, fresh))


def _counts(changes: Sequence[RecordChange], found: BeforeAfter | None) -> None:
    """How many records change, and what that does to promises and single points."""
    with st.container(horizontal=True):
        for what in ("added", "changed", "removed"):
            number = sum(change.what == what for change in changes)
            st.metric(f"Records {what}", f"{number:,}", border=True, height="stretch")
        if found is None:
            return
        before, after = found.comparison.before, found.comparison.after
        counts = {
            "Promises not backed": (len(before.unbacked), len(after.unbacked)),
            "Single points of any service": (
                before.single_points_of_failure,
                after.single_points_of_failure,
            ),
        }
        for label, (was, becomes) in counts.items():
            st.metric(
                label, becomes, delta=becomes - was, delta_color="inverse", border=True,
                help=_MEANINGS[label],
            )  # fmt: skip


def _apply(data: Compiled, place: Place, fresh: Estate) -> None:
    """Apply, or say why not."""
    try:
        made = apply_change(place, data.estate, fresh)
    except DepgraphError as error:
        show_failure("It was not applied; everything is as it was.", error)
        return
    forget()
    del st.session_state[_PROPOSAL]
    anew = len(made.edit.rewritten) if made.edit else 0
    files = counted(anew, "file was", "files were")
    lost = f" {files} written anew, without comments." if anew else ""
    st.session_state[DONE] = f"Applied: {counted(len(made.changes), 'record')}.{lost}"
    st.rerun()


def _document(data: Compiled, tables: dict[str, list[dict[str, object]]]) -> Document:
    """The preview as a document, for those who have to agree."""
    return Document(
        title="Proposed change",
        estate=data.estate.name,
        version=data.version,
        as_of=day_of(data),
        figures=tuple((f"{title}, rows", str(len(rows))) for title, rows in tables.items()),
        parts=tuple(Table(title, rows) for title, rows in tables.items()),
    )
