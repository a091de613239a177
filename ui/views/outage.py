"""Outage: pick what fails or changes; see who is down, who owes whom, which clocks start."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from depgraph.engine.but_for import ButFor, but_for
from depgraph.engine.contract_findings import contract_faults
from depgraph.engine.play import Played, played
from depgraph.engine.scenario import edited
from depgraph.engine.structure import Structure, structure_of
from depgraph.engine.whatif import WhatIf
from depgraph.errors import DepgraphError, RegisterError
from depgraph.model.estate import Estate
from depgraph.model.scenario import Scenario
from ingest.published import with_published
from ingest.rates import with_rates
from ui.scenarios import ScenarioShelf
from ui.session import BY_VERSION, MANY, Compiled, address, compiled
from ui.views.outage_change import chosen_edits
from ui.views.outage_charts import show_meters, show_timeline
from ui.views.outage_choice import Happening, happening, timed
from ui.views.outage_comparison import show_comparison
from ui.views.outage_graph import hear_graph, show_graph
from ui.views.outage_money import show_clocks, show_money, sums_text
from ui.views.outage_scenarios import show_scenarios

_MOST_CAUSES = 6
"""Causes taken away one by one; each is an outage settled anew."""
_MOST_AT_ONCE = 500
"""Services down above which that is done on request."""
_MOST_ROWS = 1_000


def show() -> None:
    """Draw the view."""
    data = compiled()
    with st.container(gap=None):
        st.title("Outage")
        hear_graph(data)
    shelf = ScenarioShelf(*address())
    what = happening(data, shelf)
    edits = chosen_edits(data.estate)
    _answered(data, shelf, what, edits)


@st.fragment
def _answered(
    data: Compiled, shelf: ScenarioShelf, what: Happening, edits: tuple[dict[str, Any], ...]
) -> None:
    """Time and length, and what follows; a slider redraws this alone."""
    try:
        scenario = timed(what, edits)
    except RegisterError as error:
        _show_fault("This cannot be played.", error)
        return
    if not scenario.incidents and not scenario.edits:
        st.info("Pick what fails. The answer is what this outage alone would do.")
        show_graph(data, what, scenario, (data.structure, None))
        show_scenarios(data.estate, shelf, None)
        return
    try:
        after, structure = _after(data, scenario)
        answer = _played(data, scenario, structure)
    except DepgraphError as error:
        _show_fault("This outage cannot be settled.", error)
        return
    if scenario.incidents:
        _metrics(after, answer.answer)
        _faulty_terms(after, answer.answer)
    show_graph(data, what, scenario, (structure, answer.answer if scenario.incidents else None))
    if scenario.edits:
        answer = show_comparison(data, scenario, (_before(data, scenario), after), answer)
    if scenario.incidents:
        show_timeline(answer.answer, scenario)
        _down(answer.answer)
        _counterfactuals(data, scenario, structure, answer.answer)
        show_money(answer.answer)
        show_meters(answer.answer.settlement.slas)
        show_clocks(answer.answer)
    show_scenarios(data.estate, shelf, (scenario, answer))


def _show_fault(title: str, error: DepgraphError) -> None:
    """A fault as text; names in it are never markup."""
    st.error(title, icon=":material/error:")
    problems = getattr(error, "problems", ())
    st.text("\n".join(map(str, problems)) if problems else str(error))


def _scenario_key(scenario: Scenario) -> str:
    return scenario.model_dump_json()


_KEYS: dict[Any, Any] = {**BY_VERSION, Scenario: _scenario_key}


@st.cache_resource(max_entries=16, show_spinner="Making the changes ...", hash_funcs=_KEYS)
def _after(data: Compiled, scenario: Scenario) -> tuple[Estate, Structure]:
    """The estate with a scenario's changes made, compiled."""
    after = with_published(edited(_before(data, scenario), scenario.edits))
    if after is data.estate:
        return after, data.structure
    return after, structure_of(after)


@st.cache_resource(max_entries=32, show_spinner="Settling ...", hash_funcs=_KEYS)
def _played(data: Compiled, scenario: Scenario, _structure: Structure) -> Played:
    """The answer, computed once per choice; of a large estate without before → after."""
    estates = _before(data, scenario), _structure.estate
    if len(data.estate.services) > MANY:
        scenario = scenario.replace(edits=())
    return played(estates, scenario, datetime.now(UTC), _structure)


def _before(data: Compiled, scenario: Scenario) -> Estate:
    """The estate as it is, with the rates of a scenario."""
    return with_rates(with_published(data.estate), scenario.conversions)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_KEYS)
def _spared(data: Compiled, scenario: Scenario, _structure: Structure) -> tuple[ButFor, ...]:  # noqa: ARG001 - what the cache goes by
    """What hangs on each cause, computed once per choice."""
    return but_for(_structure, scenario.incidents)


def _counterfactuals(
    data: Compiled, scenario: Scenario, structure: Structure, answer: WhatIf
) -> None:
    """But-for explanation in words (rule P3)."""
    if len(scenario.incidents) > _MOST_CAUSES:
        st.caption(f"But-for is shown for up to {_MOST_CAUSES} causes.")
        return
    st.subheader("But for")
    if len(answer.services_down) > _MOST_AT_ONCE and not st.toggle(
        "Work out what each cause alone accounts for",
        help="Each cause is taken away and everything settled anew",
        key="outage_but_for",
    ):
        return
    for row in _spared(data, scenario, structure):
        st.text(row.text)


def _metrics(estate: Estate, answer: WhatIf) -> None:
    own = estate.own_organizations
    settled = answer.settlement
    received: dict[str, Any] = {}
    borne: dict[str, Any] = {}
    for contract in settled.contracts:
        if contract.customer in own:
            received[contract.currency] = received.get(contract.currency, 0) + contract.owed
        if contract.supplier in own:
            borne[contract.currency] = borne.get(contract.currency, 0) + contract.absorbed
    losses: dict[str, Any] = {}
    for function in answer.functions:
        if function.loss is not None:
            losses[function.currency] = losses.get(function.currency, 0) + function.loss
    counts = {
        "Services down": str(len({row.id for row in answer.services_down})),
        "Levels missed": str(sum(row.breached for row in settled.slas)),
        "Owed to us": sums_text(received),
        "We absorb": sums_text(borne),
        "We lose": sums_text(losses),
    }
    columns = st.columns([2, 2, 4, 3, 4])
    for column, (label, value) in zip(columns, counts.items(), strict=True):
        column.metric(label, value, border=True)


def _faulty_terms(estate: Estate, answer: WhatIf) -> None:
    """Say which of the figures rest on faulty terms."""
    rows = [row for row in answer.settlement.slas if row.down_minutes or row.owed]
    touched = {row.id for row in rows}
    contracts = {row.contract for row in rows}
    faults = [
        fault
        for fault in contract_faults(estate)
        if fault.level == "error"
        and (fault.sla in touched or (not fault.sla and fault.contract in contracts))
    ]
    if faults:
        st.warning("Some contracts have faulty terms; their sums are not to be relied on.")
        st.dataframe(
            [
                {"contract": f.contract, "SLA": f.sla, "fault": f.message, "what to do": f.hint}
                for f in faults
            ],
            hide_index=True,
            width="stretch",
        )


def _down(answer: WhatIf) -> None:
    st.subheader("Who is down, and why")
    rows = [
        {
            "service": row.id,
            "from": f"{row.start:%Y-%m-%d %H:%M}Z",
            "to": f"{row.end:%Y-%m-%d %H:%M}Z",
            "minutes": row.minutes,
            "because": " → ".join(row.because),
        }
        for row in answer.services_down[:_MOST_ROWS]
    ]
    if len(answer.services_down) > len(rows):
        st.caption(
            f"The first {len(rows):,} of {len(answer.services_down):,}, in the order in which they "
            "fall; the document at the end holds all."
        )
    st.dataframe(rows, hide_index=True, width="stretch", key="outage_services")
    if answer.functions:
        st.subheader("Business functions")
        st.dataframe(
            [
                {
                    "function": f.id, "minutes": f.minutes,
                    "loss": "not stated" if f.loss is None else f"{f.loss:,.2f} {f.currency}",
                    "services": ", ".join(f.services),
                }
                for f in answer.functions
            ],
            hide_index=True,
            width="stretch",
        )  # fmt: skip
