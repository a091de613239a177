"""What a proposed change does: records, availability and findings before → after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from depgraph.engine.availability import assessed
from depgraph.engine.changes import RecordChange, estate_changes
from depgraph.engine.comparison import Comparison, ServiceChange, ServiceState, compared
from depgraph.engine.finding import Finding
from depgraph.engine.finding_changes import FindingChanges, finding_changes
from depgraph.engine.findings import findings
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from ui.figures_text import change_text, state_text
from ui.session import BY_VERSION, Compiled, Shown
from ui.side_work import Tell

Row = dict[str, object]
_LONGEST = 300


@dataclass(frozen=True)
class BeforeAfter:
    """What a change does to figures and findings."""

    comparison: Comparison
    findings: FindingChanges


_KEYS: dict[Any, Any] = {**BY_VERSION, Estate: lambda estate: estate.model_dump_json()}


@st.cache_data(max_entries=8, show_spinner="Comparing records ...", hash_funcs=_KEYS)
def record_changes(data: Compiled, fresh: Estate) -> tuple[RecordChange, ...]:
    """Records that come, change or go."""
    return estate_changes(data.estate, fresh)


@st.cache_data(
    max_entries=8, show_spinner="Computing before and after ...", show_time=True, hash_funcs=_KEYS
)
def before_after(data: Compiled, fresh: Estate) -> BeforeAfter:
    """Compare the figures of the estate with what they would become."""
    return before_after_work(data, fresh)(lambda _done, _of: None)


def before_after_work(data: Compiled, fresh: Estate) -> Callable[[Tell], BeforeAfter]:
    """The same as work for a process of its own."""
    was = data.findings if isinstance(data, Shown) else None
    return partial(_compared, data.estate, fresh, was)


def _compared(
    before: Estate, after: Estate, was: tuple[Finding, ...] | None, tell: Tell
) -> BeforeAfter:
    """Compare two estates; assesses both once, and once more for the findings of each not known."""
    rounds = 3 if was is not None else 4
    comparison = compared(
        before, after, progress=lambda done, of: tell(done, rounds * max(1, of // 2))
    )
    becomes = _findings(after, lambda done, of: tell(2 * of + done, rounds * of))
    if was is None:
        was = _findings(before, lambda done, of: tell(3 * of + done, rounds * of))
    return BeforeAfter(comparison, finding_changes(was, becomes))


def _findings(estate: Estate, tell: Tell) -> tuple[Finding, ...]:
    structure = structure_of(estate)
    return findings(structure, assessed(estate, None, structure, tell))


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
            "before": state_text(row.before),
            "after": state_text(row.after),
            "downtime change, minutes a month": _more_downtime(row),
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


def _more_downtime(row: ServiceChange) -> str:
    """How much more downtime it is, or less; empty where either side is a bracket or not there."""
    gained = row.gained_minutes_per_month
    return change_text(None if gained is None else -gained)


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
