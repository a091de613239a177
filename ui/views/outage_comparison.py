"""What the changes of a scenario do, before → after, beside the page where it takes long (W3)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from depgraph.engine.expected_absorbed import ExpectedAbsorbed
from depgraph.engine.play import Played, mended_faults, played
from depgraph.model.estate import Estate
from depgraph.model.scenario import Scenario
from depgraph.wording import counted
from ui.expected_absorbed import YearsAsked, paired_years
from ui.figure_table import plain_table
from ui.plain_text import plain
from ui.session import Compiled
from ui.side_progress import Question, answer_beside
from ui.side_work import Tell
from ui.views.outage_change import show_before_after
from ui.whatif_cells import expected_cells, expected_title

_YEARS = ["100", "1000", "10000"]


def show_comparison(
    data: Compiled, scenario: Scenario, estates: tuple[Estate, Estate], answer: Played
) -> Played:
    """Draw before → after, and give the answer with all that was worked out.

    Parameters
    ----------
    data : Compiled
        The estate as it is.
    scenario : Scenario
        With changes.
    estates : tuple of Estate
        Before and after the changes, every published schedule written out.
    answer : Played
        The scenario played; of a large estate without the comparison.
    """
    about = f"{data.version} {scenario.model_dump_json()}"
    if answer.before_after is None:
        st.header("Before → after")
        question = Question(
            key="outage_compare_all",
            what="Availability before → after",
            button="Compute before → after",
            about=about,
            hint="Assesses every service twice; of ten thousand services it takes minutes",
        )
        found = answer_beside(question, lambda: partial(_played, estates, scenario))
        if found is not None:
            answer = answer.replace(before_after=found.before_after, notes=found.notes)
    if answer.before_after is not None:
        show_before_after(answer.before_after, answer.notes)
    expected = _expected(data, scenario, estates)
    if expected is None or answer.before_after is None:
        return answer
    change = answer.before_after.replace(expected_absorbed=expected)
    return answer.replace(before_after=change)


def _played(estates: tuple[Estate, Estate], scenario: Scenario, tell: Tell) -> Played:
    """The scenario with its comparison."""
    return played(estates, scenario, datetime.now(UTC), None, tell)


def _expected(
    data: Compiled, scenario: Scenario, estates: tuple[Estate, Estate]
) -> ExpectedAbsorbed | None:
    """What is absorbed in a year before → after, over the same simulated outages (W3, W5)."""
    st.markdown("**What we are expected to absorb in a year**")
    faults = mended_faults(*estates)
    if faults:
        st.text(
            f"It is not shown: {', '.join(sorted(faults))} had faulty terms that the changes mend "
            "(K1)."
        )
        return None
    asked = _asked()
    question = Question(
        key="outage_years",
        what="Simulated years, before and after",
        button="Simulate before → after",
        about=f"{data.version} {_edits(scenario)} {asked.years} {asked.seed}",
        hint="Both sides go through the same outages: the change alone makes the difference",
        keeps=True,
    )
    today = datetime.now(UTC).date()
    found = answer_beside(question, lambda: partial(paired_years, estates, today, asked))
    if found is not None:
        _show(found)
    return found


def _edits(scenario: Scenario) -> str:
    """The changes alone: what fails and when makes no difference to whole years."""
    return scenario.replace(name="", why="", incidents=()).model_dump_json()


def _asked() -> YearsAsked:
    """Years and seed."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        years = st.selectbox(
            "Years", _YEARS, index=1, key="outage_years_asked", width=140,
            format_func=lambda years: f"{int(years):,}",
        )  # fmt: skip
        seed = st.number_input("Seed", min_value=0, value=1, key="outage_years_seed", width=140)
    return YearsAsked(int(years), int(seed))


def _show(found: ExpectedAbsorbed) -> None:
    """Means, paired difference and its interval; the rows of the command line."""
    if found.stopped == "interrupted":
        st.warning(
            f"Stopped: figures are over {found.years:,} of {counted(found.years_asked, 'year')}."
        )
    st.caption(expected_title(found))
    if not found.own_liability:
        st.info("None of our own organizations promises anything: we absorb nothing.")
    columns = (
        "who (currency)", "before → after, a year", "difference",
        "95 % interval of the difference",
    )  # fmt: skip
    rows = [expected_cells(row) for row in (*found.own_liability, *found.organizations)]
    if rows:
        plain_table(
            [dict(zip(columns, row, strict=True)) for row in rows],
            hide_index=True, width="stretch", key="outage_expected",
        )  # fmt: skip
    with st.expander("Assumed"):
        for text in found.assumptions:
            st.markdown(f"- {plain(text)}")
