"""What a proposed change does: records, availability and findings before → after."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from depgraph.engine.availability import assessed
from depgraph.engine.changes import RecordChange, estate_changes
from depgraph.engine.comparison import Comparison, ServiceState, compared
from depgraph.engine.finding_changes import FindingChanges, finding_changes
from depgraph.engine.findings import findings
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from ui.figures_text import percent_text
from ui.session import Shown, version_of

Row = dict[str, object]
_LONGEST = 300


@dataclass(frozen=True)
class Preview:
    """Everything a visitor sees before a change is applied."""

    changes: tuple[RecordChange, ...]
    comparison: Comparison
    findings: FindingChanges


@st.cache_data(
    max_entries=8, show_spinner="Computing before and after ...",
    hash_funcs={Shown: version_of, Estate: lambda estate: estate.model_dump_json()},
)  # fmt: skip
def preview(data: Shown, fresh: Estate) -> Preview:
    """Compare the estate with what it would become."""
    structure = structure_of(fresh)
    found = findings(structure, assessed(fresh, None, structure))
    return Preview(
        changes=estate_changes(data.estate, fresh),
        comparison=compared(data.estate, fresh),
        findings=finding_changes(data.findings, found),
    )


def change_rows(changes: tuple[RecordChange, ...]) -> list[Row]:
    """One row for each field that changes; one for each record that comes or goes."""
    rows: list[Row] = []
    for change in changes:
        about: Row = {"what": change.what, "list": change.list, "id": _cut(change.id)}
        if change.what == "changed":
            rows += [
                {**about, "field": f.field, "before": _cut(f.before), "after": _cut(f.after)}
                for f in change.fields
            ]
        else:
            text = ", ".join(f"{f.field}: {f.after or f.before}" for f in change.fields)
            ends = ("", _cut(text)) if change.what == "added" else (_cut(text), "")
            rows.append({**about, "field": "", "before": ends[0], "after": ends[1]})
    return rows


def service_rows(comparison: Comparison) -> list[Row]:
    """Services whose availability, single points or promises change; losses first."""
    return [
        {
            "service": row.id,
            "before": _state(row.before),
            "after": _state(row.after),
            "minutes a month gained": row.gained_minutes_per_month,
            "promise before": _promise(row.before),
            "promise after": _promise(row.after),
            "single points that come": ", ".join(row.single_points_added),
            "single points that go": ", ".join(row.single_points_removed),
        }
        for row in comparison.changes
    ]


def finding_rows(changes: FindingChanges) -> list[Row]:
    """Findings that come, then those that go."""
    return [
        {"change": change, "level": f.level, "kind": f.code, "about": f.subject,
         "what was found": f.message}
        for change, found in (("new", changes.new), ("mended", changes.mended))
        for f in found
    ]  # fmt: skip


def _state(state: ServiceState | None) -> str:
    if state is None:
        return "not there"
    if state.availability is not None:
        return percent_text(state.availability)
    return f"{percent_text(state.low)} to {percent_text(state.high)}"


def _promise(state: ServiceState | None) -> str:
    if state is None or state.committed is None:
        return ""
    if state.unbacked:
        return "not backed"
    return "open" if None in {state.carried, state.met} else "backed"


def _cut(text: str | None) -> str:
    """A text that fits a cell."""
    shown = text or ""
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]} …"
