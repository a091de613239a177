"""Outage: pick what fails or changes; see who is down, who owes whom, which clocks start."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import streamlit as st

from depgraph.engine.but_for import ButFor, but_for
from depgraph.engine.play import Played, played
from depgraph.engine.scenario import edited
from depgraph.engine.scenario_summary import scenario_summary
from depgraph.engine.structure import Structure, structure_of
from depgraph.engine.whatif import WhatIf
from depgraph.errors import DepgraphError, RegisterError
from depgraph.model.estate import Estate
from depgraph.model.scenario import Scenario
from ingest.published import with_published
from ingest.rates import with_rates
from ui.faulty_terms import touched_faults, with_fault_notes
from ui.figure_table import figure_table, plain_table
from ui.plain_text import plain
from ui.scenarios import ScenarioShelf
from ui.session import BY_VERSION, MANY, Compiled, address, compiled
from ui.views.outage_change import chosen_edits
from ui.views.outage_charts import show_meters, show_timeline
from ui.views.outage_choice import Happening, happening, timed
from ui.views.outage_comparison import show_comparison
from ui.views.outage_graph import hear_graph, show_graph
from ui.views.outage_money import show_clocks, show_money, tell_faulty
from ui.views.outage_scenarios import show_scenarios
from ui.whatif_cells import fallen, sums_text

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
        st.info(
            "Pick what fails: in the list, in the picture, or among real outages. The answer is "
            "what this outage alone would do; incidents on record are left out."
        )
        show_graph(data, what, scenario, (data.structure, None))
        show_scenarios(data, shelf, None)
        return
    try:
        after, structure = _after(data, scenario)
        answer = _played(data, scenario, structure)
    except DepgraphError as error:
        _show_fault("This outage cannot be settled.", error)
        return
    if scenario.incidents:
        _metrics(after, answer)
        tell_faulty(touched_faults(after, answer.answer.settlement))
    show_graph(data, what, scenario, (structure, answer.answer if scenario.incidents else None))
    if scenario.edits:
        answer = show_comparison(data, scenario, (_before(data, scenario), after), answer)
    if scenario.incidents:
        show_timeline(answer.answer, scenario)
        _down(answer.answer)
        _counterfactuals(data, scenario, structure, answer.answer)
        show_meters(answer.answer.settlement.slas)
        show_money(answer.answer)
        show_clocks(answer.answer)
    show_scenarios(data, shelf, (scenario, with_fault_notes(answer, after)))


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
    st.header("But for", help="What would not have happened without each cause (rule P3)")
    if len(answer.services_down) > _MOST_AT_ONCE and not st.toggle(
        "Work out what each cause alone accounts for",
        help="Each cause is taken away and everything settled anew",
        key="outage_but_for",
    ):
        return
    for row in _spared(data, scenario, structure):
        st.text(row.text)


def _metrics(estate: Estate, played: Played) -> None:
    """Headline; the sums are those of the comparison side by side and of the command line."""
    found = scenario_summary(played, estate.own_organizations)
    settled = played.answer.settlement
    used = tuple(sorted({c.currency for c in settled.contracts if c.currency}))
    counts = {
        "Services down": (f"{found.services_down:,}", "Down at some time of this outage"),
        "Levels missed": (
            f"{found.levels_missed:,}",
            "Service levels of all contracts that miss their target in the period of this outage",
        ),
        "Owed to us": (
            sums_text(found.owed_to_us, used), "By others to our own organizations, for this outage"
        ),
        "We absorb": (
            sums_text(found.absorbed_by_us, used),
            "What our own organizations owe to customers and do not recover from suppliers",
        ),
        "We lose": (
            _loss_text(played.answer, found.loss, used),
            "Loss that the business functions state for their minutes down, whoever pays for it",
        ),
    }  # fmt: skip
    columns = st.columns([3, 3, 4, 3, 4])
    for column, (label, (value, meaning)) in zip(columns, counts.items(), strict=True):
        column.metric(label, value, border=True, help=meaning)
    first = min((c for c in played.answer.clocks if c.due), key=lambda c: str(c.due), default=None)
    if first is not None and first.due is not None:
        st.caption(
            f"First regulatory clock, where the law applies to you: {plain(first.regulation)} "
            f"{plain(first.duty)}, due {first.due:%Y-%m-%d %H:%M} UTC."
        )


def _loss_text(answer: WhatIf, known: Mapping[str, Decimal], used: tuple[str, ...]) -> str:
    """The stated loss; a function that states none may lose anything, so nothing is promised."""
    if all(function.loss is not None for function in answer.functions):
        return sums_text(known, used)
    return f"at least {sums_text(known, used)}" if known else "not stated"


def _down(answer: WhatIf) -> None:
    st.header("What is down, and why")
    found = fallen(answer)
    rows = [
        {
            "what": row.id,
            "kind": kind,
            "from": f"{row.start:%Y-%m-%d %H:%M}Z",
            "to": f"{row.end:%Y-%m-%d %H:%M}Z",
            "minutes": row.minutes,
            "because": " → ".join(row.because),
        }
        for kind, row in found[:_MOST_ROWS]
    ]
    if len(found) > len(rows):
        st.caption(
            f"The first {len(rows):,} of {len(found):,}, in the order in which they "
            "fall; the document at the end holds all."
        )
    plain_table(rows, hide_index=True, width="stretch", key="outage_services")
    if answer.functions:
        st.header("Business functions")
        figure_table(
            [
                {
                    "function": f.id, "minutes": f.minutes,
                    "loss": "not stated" if f.loss is None else f"{f.loss:,} {f.currency}",
                    "services": ", ".join(f.services),
                }
                for f in answer.functions
            ],
            hide_index=True,
            width="stretch",
        )  # fmt: skip
