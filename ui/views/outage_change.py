"""Structural changes by form, and what they do: before → after (rule W3)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import streamlit as st

from depgraph.engine.before_after import BeforeAfter
from depgraph.model.dependency import Dependency
from depgraph.model.estate import Estate
from depgraph.model.scenario import Edit
from ui.figure_table import plain_table
from ui.session import MANY
from ui.whatif_cells import (
    CHANGE_COLUMNS,
    change_cells,
    edit_lines,
    gap_cells,
    money_cells,
    total_rows,
)

_SECOND, _MOVE, _TARGET, _CLAUSE = (
    "Add a second provider", "Move a service", "Change a target", "Change who bears third parties",
)  # fmt: skip
_CLAUSES = ["absorb", "back_to_back", "limited_to_recovered", "excluded_if_third_party"]
_MEANINGS = {
    "availability": "Share of time up, before → after",
    "single points of failure": "Things whose failure alone takes the service down",
    "owed": "By the supplier to the customer, before → after",
    "recovered": "By the supplier from its own suppliers, before → after",
    "absorbed": "Owed and not recovered: the supplier bears it",
    "shortfall": "What the schedule alone would give, and the customer does not get",
}
_FIGURES = frozenset({*CHANGE_COLUMNS[1:], *_MEANINGS, "before", "after"})
_STATE = "outage_edits"
_NEW = "a new service"


def chosen_edits(estate: Estate) -> tuple[dict[str, Any], ...]:
    """Changes made by form so far, with the form to make another."""
    held: list[list[dict[str, Any]]] = st.session_state.setdefault(_STATE, [])
    made_so_far = tuple(edit for group in held for edit in group)
    shown = f"Changes: {len(held)}" if held else "Change something first"
    with st.expander(
        shown, expanded=bool(held), icon=":material/edit:", key="outage_change", on_change="rerun"
    ) as form:
        if len(estate.services) > MANY and not form.open:
            return made_so_far
        for line in edit_lines([Edit.model_validate(edit) for edit in made_so_far]):
            st.text(line)
        if held:
            with st.container(horizontal=True):
                if st.button("Take back the last", key="outage_edit_back"):
                    st.session_state[_STATE] = held[:-1]
                    st.rerun()
                if st.button("Take back all", key="outage_edit_clear"):
                    st.session_state[_STATE] = []
                    st.rerun()
        kind = st.selectbox(
            "What to change", [_SECOND, _MOVE, _TARGET, _CLAUSE], key="outage_edit_kind"
        )
        made = _FORMS[kind](estate)
        if st.button("Make this change", key="outage_edit_make", disabled=made is None) and made:
            st.session_state[_STATE] = [*held, made]
            st.rerun()
    return made_so_far


def _second_provider(estate: Estate) -> list[dict[str, Any]] | None:
    """Put a group in place of a single provider."""
    able = {s.id: needs for s in estate.services if (needs := _single_needs(estate, s.id))}
    if not able:
        st.write("No service rests on a single provider.")
        return None
    one, two, three = st.columns(3)
    service = one.selectbox("Service", list(able), key="outage_second_service")
    need = two.selectbox("Which needs", able[service], key="outage_second_need")
    others = [s.id for s in estate.services if s.id not in {service, need}]
    other = three.selectbox("Second provider", [_NEW, *others], key="outage_second_other")
    group = {"at_least": 1, "of": [need, other]}
    edits: list[dict[str, Any]] = []
    if other == _NEW:
        one, two, three = st.columns(3)
        name = one.text_input("Id", value=f"{need}-2", key="outage_second_id").strip()
        figure = two.text_input("Own availability", value="99.9 %", key="outage_second_figure")
        provider = three.selectbox(
            "Provided by", [o.id for o in estate.organizations], key="outage_second_provider",
            index=None, placeholder="nobody named",
        )  # fmt: skip
        if not name or name in estate.service or _share(figure) is None:
            st.write("Give a free id and an availability such as 99.9 %.")
            return None
        fresh = {"id": name, "availability": str(_share(figure))}
        edits = [{"add": {"services": [fresh | ({"provider": provider} if provider else {})]}}]
        group = {"at_least": 1, "of": [need, name]}
    change = {"service": service, "on": need, "with": group}
    return [*edits, {"replace": {"dependencies": [change]}}]


def _single_needs(estate: Estate, service: str) -> list[str]:
    """Providers that a service needs one by one."""
    return list(
        dict.fromkeys(
            need.service
            for need in estate.service[service].requirements
            if isinstance(need, Dependency) and need.soft is None
        )
    )


def _move(estate: Estate) -> list[dict[str, Any]] | None:
    """Put a service into other locations."""
    if not estate.locations:
        st.write("The estate has no locations.")
        return None
    one, two = st.columns(2)
    service = one.selectbox("Service", list(estate.service), key="outage_move_service")
    places = two.multiselect(
        "Into", list(estate.location), key="outage_move_places", select_all=False
    )
    held = [p for group in estate.service[service].placements for p in group.of]
    one.text(f"now in {', '.join(held) or 'no location'}")
    if not places:
        return None
    return [{"replace": {"services": [{"id": service, "located_in": places}]}}]


def _target(estate: Estate) -> list[dict[str, Any]] | None:
    """Promise another availability."""
    able = [name for name, (_, sla) in estate.sla.items() if sla.availability_objective]
    if not able:
        st.write("No SLA promises an availability.")
        return None
    one, two = st.columns(2)
    name = one.selectbox("SLA", able, key="outage_target_sla")
    sla = estate.sla[name][1]
    objective = sla.availability_objective
    now = objective.target if objective else Decimal(0)
    text = two.text_input(
        "New target", value=f"{(now * 100).normalize():f} %", key=f"outage_target_{name}"
    )
    share = _share(text)
    if share is None:
        st.write("Write a share such as 99.95 %.")
        return None
    if share == now:
        return None
    changed = [
        each.replace(target=share) if each.metric == "availability" else each
        for each in sla.objectives
    ]
    data = [each.model_dump(mode="json", exclude_defaults=True) for each in changed]
    st.text("Its schedule of credits stays as it is; faulty terms are shown with the answer.")
    return [{"replace": {"slas": [{"id": name, "objectives": data}]}}]


def _clause(estate: Estate) -> list[dict[str, Any]] | None:
    """Agree another pass-through clause."""
    if not estate.contracts:
        st.write("The estate has no contracts.")
        return None
    one, two = st.columns(2)
    name = one.selectbox("Contract", list(estate.contract), key="outage_clause_contract")
    now = estate.contract[name].pass_through.clause
    clause = two.selectbox("Clause", _CLAUSES, key="outage_clause_clause")
    one.text(f"now {now}")
    if clause == now:
        return None
    return [{"replace": {"contracts": [{"id": name, "pass_through": {"clause": clause}}]}}]


_FORMS = {_SECOND: _second_provider, _MOVE: _move, _TARGET: _target, _CLAUSE: _clause}


def _share(text: str) -> Decimal | None:
    """A share from 99.9 % or 0.999; None where it is none."""
    try:
        value = Decimal(text.strip().removesuffix("%"))
    except InvalidOperation:
        return None
    value = value / 100 if text.strip().endswith("%") else value
    return value if value.is_finite() and 0 <= value <= 1 else None


def show_before_after(change: BeforeAfter, notes: Sequence[str]) -> None:
    """What the changes do."""
    st.header("Before → after")
    _table(("", "before", "after"), list(total_rows(change)), "outage_totals")
    old, new = change.availability.before, change.availability.after
    if None in {old.downtime_minutes_per_month, new.downtime_minutes_per_month}:
        st.caption(
            "The downtime of all services is not known exactly: components without a figure leave "
            "a bracket (rule A5). Data quality in Diligence names them."
        )
    if change.availability.changes:
        _table(
            CHANGE_COLUMNS,
            [change_cells(row) for row in change.availability.changes],
            "outage_changes",
        )
    if change.gaps:
        st.markdown("**Promises that are backed differently**")
        _table(
            ("promise", "obligation", "service", "held", "before → after", "reason"),
            [gap_cells(change, place) for place in range(len(change.gaps))],
            "outage_gaps",
        )
    if change.money:
        st.markdown("**Money, for the same outage**")
        _table(
            ("contract", "supplier → customer", "owed", "recovered", "absorbed", "shortfall"),
            [money_cells(change, place) for place in range(len(change.money))],
            "outage_money_change",
        )
    elif change.money is not None:
        st.write("No contract owes more or less for this outage.")
    for note in notes:
        st.text(note)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], key: str) -> None:
    plain_table(
        [dict(zip(columns, row, strict=True)) for row in rows],
        hide_index=True, width="stretch", key=key,
        column_config={
            name: st.column_config.TextColumn(help=_MEANINGS.get(name), alignment="right")
            for name in _FIGURES.intersection(columns)
        },
    )  # fmt: skip
