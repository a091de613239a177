"""Simulation: what a year brings in downtime and money, by the rules of real incidents (W5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import streamlit as st

from depgraph.engine.contract_findings import contract_faults
from depgraph.engine.simulation import Simulation, TaskResult, local_blocks
from depgraph.engine.simulation_answer import OwnLiability, SimulationAnswer
from depgraph.engine.simulation_options import SimulationOptions
from depgraph.engine.structure import structure_of
from depgraph.errors import LimitError
from depgraph.wording import counted
from ingest.published import with_published
from ui.figure_table import figure_table, plain_table
from ui.figures_text import mean_text
from ui.followed_address import follow, one_of, write
from ui.plain_text import plain
from ui.report import Document, Table
from ui.report_download import offer_report
from ui.session import Compiled, compiled
from ui.simulation_text import at_least, contract_rows, keep_run, service_rows

_YEARS = ["100", "1000", "10000"]
_RUN = "simulation_run"
_STEP_SECONDS = 0.5
_NONE = "no year had any"
"""Stands for sums that were 0 in every year: 0.00 would read as no risk."""
_OPEN = st.column_config.LinkColumn("open", display_text="open", width="small")
_SUMS = ("owed", "recovered", "absorbed", "absorbed, worst 5 %")
_MONEY_COLUMNS: dict[str, Any] = {
    "open": _OPEN,
    **{name: st.column_config.Column(alignment="right") for name in (*_SUMS, "breaches")},
}
_MINUTE_COLUMNS: dict[str, Any] = {
    "open": _OPEN,
    **{
        name: st.column_config.NumberColumn(label, format="localized", help=meaning)
        for name, label, meaning in (
            ("mean", "mean", "Mean of all simulated years"),
            ("p50", "median", "Half of the years have less"),
            ("p95", "95 % below", "95 of 100 years have less"),
            ("p99", "99 % below", "99 of 100 years have less"),
            ("worst 5 %", "worst 5 %", "Mean of the worst 5 % of the years"),
        )
    },
}


@dataclass
class _Run:
    """A simulation of one visitor, under way or ended."""

    asked: tuple[str, int, int]
    """Version of the estate, years, seed."""
    simulation: Simulation
    work: Iterator[TaskResult]
    answer: SimulationAnswer | None = None


def show() -> None:
    """Draw the view."""
    data = compiled()
    st.title("Simulation")
    st.caption(
        "Years of outages drawn from the figures of the estate and settled by the rules of real "
        "incidents. The same seed gives the same figures, here and with `depgraph simulate`."
    )
    years, seed, start = _asked()
    asked = (data.version, years, seed)
    run: _Run | None = st.session_state.get(_RUN)
    if start:
        try:
            run = st.session_state[_RUN] = _started(data, asked)
        except LimitError as error:
            st.error("This cannot be simulated.", icon=":material/error:")
            st.text(str(error))
            return
    if run is None or run.asked != asked:
        st.info("Not simulated yet: choose the years, then Simulate.", icon=":material/casino:")
    elif run.answer is None:
        _work(run)
    else:
        _results(data, run.answer)


def _asked() -> tuple[int, int, bool]:
    """Years, seed, and whether to begin; the page's address keeps the first two."""
    follow("years", "simulation_years", _YEARS[0], one_of(_YEARS))
    follow("seed", "simulation_seed", 1, _seed)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        years = st.selectbox(
            "Years", _YEARS, key="simulation_years",
            format_func=lambda years: f"{int(years):,}", width=160,
            help="More years give narrower intervals, and take longer",
        )  # fmt: skip
        seed = st.number_input(
            "Seed",
            min_value=0,
            key="simulation_seed",
            width=160,
            help="Another seed draws other outages; the same one gives the same figures again",
        )
        start = st.button("Simulate", type="primary", key="simulation_start")
    # The first look writes no address: it would come to stand in the history of the view before.
    if st.query_params or (years, str(seed)) != (_YEARS[0], "1"):
        write({"years": years, "seed": str(seed)})
    return int(years), int(seed), start


def _seed(text: str) -> int | None:
    """A seed that fits the control."""
    return int(text) if text.isdecimal() and len(text) < 10 else None  # noqa: PLR2004 - digits


def _started(data: Compiled, asked: tuple[str, int, int]) -> _Run:
    structure = structure_of(with_published(data.estate))
    simulation = Simulation(structure, SimulationOptions(years=asked[1], seed=asked[2]))
    return _Run(asked, simulation, local_blocks(simulation.simulator(), simulation.tasks()))


@st.fragment(run_every=0.1)
def _work(run: _Run) -> None:
    """Work for a moment, show how far it is, and come back; stopping keeps what is done."""
    if not run.simulation.downtime.years:
        with st.spinner(
            "Starting; the first time on a machine the engine is compiled, about a minute ...",
            show_time=True,
        ):
            _step(run, monotonic())
    stop = st.button("Stop and keep what is done", key="simulation_stop")
    more = not stop and _step(run, monotonic() + _STEP_SECONDS)
    done = run.simulation.downtime.years
    st.progress(min(done / run.asked[1], 1.0), text=f"{done:,} of {counted(run.asked[1], 'year')}")
    if not more:
        if done < run.asked[1]:
            run.simulation.stopped = "interrupted"
        with st.spinner("Computing the exact figures beside them ..."):
            run.answer = run.simulation.answer()
        keep_run(run.asked[0], run.answer)
        st.rerun()


def _step(run: _Run, until: float) -> bool:
    """Simulate until a moment, one block at least; false when there is nothing more to do."""
    while (result := next(run.work, None)) is not None:
        run.simulation.add(result)
        if monotonic() >= until:
            return True
    return False


def _results(data: Compiled, answer: SimulationAnswer) -> None:
    """Headline, contracts, services, and what was assumed."""
    if answer.stopped == "interrupted":
        st.warning(
            f"Stopped: figures are over {answer.years:,} of {counted(answer.years_asked, 'year')}."
        )
    _headline(answer)
    faults = [fault for fault in contract_faults(data.estate) if fault.level == "error"]
    if faults:
        named = ", ".join(sorted({f"{fault.code} of {fault.contract}" for fault in faults}))
        st.warning(f"Settled on faulty terms as they stand: {plain(named)}. See Contracts.")
    if answer.contracts:
        st.header("Contracts, sums a year")
        st.caption(
            "Means of the simulated years, most absorbed first; the worst 5 % is the mean of the "
            "worst years."
        )
        figure_table(
            contract_rows(answer), width="stretch", hide_index=True, column_config=_MONEY_COLUMNS
        )
    st.header("Services, minutes down a year")
    outside = sum(row.agrees is False for row in answer.services)
    compared = sum(row.agrees is not None for row in answer.services)
    if compared:
        st.caption(
            f"The exact figure lies outside the 95 % interval for {outside} of {compared} "
            "services; one in twenty is expected by chance."
        )
    plain_table(
        service_rows(answer), width="stretch", hide_index=True, column_config=_MINUTE_COLUMNS
    )
    st.header("Assumed")
    for text in answer.assumptions:
        st.markdown(f"- {plain(text)}")
    offer_report(lambda: _document(data, answer), "simulation")


def _headline(answer: SimulationAnswer) -> None:
    """What we absorb in a year."""
    if not answer.own_liability:
        st.metric("We absorb a year", "nothing", border=True)
        st.caption("No organization of ours promises anything to anybody.")
    least = at_least(answer)
    for ours in answer.own_liability:
        found, currency = ours.absorbed, ours.currency
        ends = (mean_text(end, currency) for end in (found.ci_low, found.ci_high or 0))
        between = f"{' to '.join(ends)} {currency}"
        columns = st.columns(3)
        mean, worst = _sums(ours, least)
        columns[0].metric(
            "We absorb a year", mean, border=True,
            help="What our own organizations owe to customers and do not recover: the mean of the "
            "simulated years",
        )  # fmt: skip
        columns[1].metric(
            "95 % interval of this mean",
            between if found.ci_high is not None else "not known", border=True,
            help="The mean of ever more years would lie in it, with 95 % confidence",
        )  # fmt: skip
        columns[2].metric(
            "Mean of the worst 5 % of years", worst, border=True,
            help="What a bad year brings: the mean of the worst one in twenty",
        )  # fmt: skip
    if answer.unknown:
        st.warning(
            f"{counted(len(answer.unknown), 'component has', 'components have')} no figure, "
            "and no outage is drawn for what has none: downtime and money that rest on "
            "them are at least what is shown (rule A5). The list is under Assumed."
        )


def _sums(ours: OwnLiability, least: str) -> tuple[str, str]:
    """What we absorb in a year, and in the worst years, in words."""
    found = ours.absorbed
    if found.ci_high is None:
        return _NONE, _NONE
    sums = (mean_text(each, ours.currency) for each in (found.mean, found.tail_mean))
    mean, worst = (f"{least}{each} {ours.currency}" for each in sums)
    return mean, worst


def _document(data: Compiled, answer: SimulationAnswer) -> Document:
    """The view as a document."""
    figures = [("years", f"{answer.years:,}"), ("seed", str(answer.seed))]
    least = at_least(answer)
    for ours in answer.own_liability:
        mean, worst = _sums(ours, least)
        figures += [("we absorb a year", mean), ("mean of the worst 5 % of years", worst)]
    return Document(
        title=f"Simulation: {data.estate.name or 'Estate'}",
        estate=data.estate.name,
        version=data.version,
        as_of=datetime.now(UTC).date(),
        figures=tuple(figures),
        parts=(
            Table("Contracts, sums a year", contract_rows(answer)),
            Table("Services, minutes down a year", service_rows(answer)),
            Table("Assumed", [{"assumption": text} for text in answer.assumptions]),
        ),
    )
