"""Answers of a simulation for people, and the last one of each estate."""

from __future__ import annotations

import streamlit as st

from depgraph.engine.simulation_answer import OwnLiability, SimulatedService, SimulationAnswer
from depgraph.wording import counted
from ui.figures_text import mean_text
from ui.plain_text import link


@st.cache_resource(max_entries=4, show_spinner=False)
def _kept(version: str) -> list[SimulationAnswer]:  # noqa: ARG001 - what the cache goes by
    """Where the last answer of one estate is kept, for all visitors."""
    return []


def keep_run(version: str, answer: SimulationAnswer) -> None:
    """Keep an answer in place of the one before.

    Parameters
    ----------
    version : str
        Digest of the estate that was simulated.
    answer : SimulationAnswer
        What came out.
    """
    _kept(version)[:] = [answer]


def last_run(version: str) -> SimulationAnswer | None:
    """The last answer for an estate of this content; None where nobody simulated it."""
    return next(iter(_kept(version)), None)


def at_least(answer: SimulationAnswer) -> str:
    """What stands before a sum: for components without a figure no outage is drawn (rule A5)."""
    return "at least " if answer.unknown else ""


def liability_texts(run: SimulationAnswer, ours: OwnLiability) -> tuple[str, str]:
    """Mean of all years, and of the worst 5 %; where no year had any, no sum that reads as safe.

    Parameters
    ----------
    run : SimulationAnswer
        The simulation; with components without a figure its sums are lower limits (rule A5).
    ours : OwnLiability
        What our own organizations absorb in one currency.

    Returns
    -------
    tuple of (str, str)
        Both, with the digits of the currency and without its code.
    """
    found, least = ours.absorbed, at_least(run)
    if found.ci_high is None:
        return "none seen", "none seen"
    mean, worst = (mean_text(sum_, ours.currency) for sum_ in (found.mean, found.tail_mean))
    return f"{least}{mean}", f"{least}{worst}"


def liability_figures(run: SimulationAnswer | None) -> list[tuple[str, str]]:
    """What we absorb in a year, label and text.

    Parameters
    ----------
    run : SimulationAnswer, optional
        The last simulation; None where there was none, which is no liability of nothing.
    """
    label = "Expected absorbed liability a year"
    if run is None:
        return [(label, "not simulated")]
    if not run.own_liability:
        return [(label, "nothing; no organization of ours promises anything")]
    figures = []
    for ours in run.own_liability:
        mean, worst = liability_texts(run, ours)
        figures += [
            (f"{label}, {ours.currency}", mean),
            (f"Mean of the worst 5 % of years, {ours.currency}", worst),
        ]
    return [*figures, ("simulated", f"{counted(run.years, 'year')}, seed {run.seed}")]


def contract_rows(answer: SimulationAnswer) -> list[dict[str, object]]:
    """Contracts for people, most absorbed first."""
    ranked = sorted(answer.contracts, key=lambda row: (-row.absorbed.mean, row.id))
    return [
        {
            "open": link("contracts", contract=row.id),
            "contract": row.id,
            "supplier": row.supplier,
            "customer": row.customer,
            "owed": f"{mean_text(row.owed.mean, row.currency)} {row.currency}",
            "recovered": f"{mean_text(row.recovered.mean, row.currency)} {row.currency}",
            "absorbed": f"{mean_text(row.absorbed.mean, row.currency)} {row.currency}",
            "absorbed, worst 5 %": f"{mean_text(row.absorbed.tail_mean, row.currency)} "
            f"{row.currency}",
            "breaches": f"{row.breaches.mean:.3g}",
        }
        for row in ranked
    ]


def service_rows(answer: SimulationAnswer) -> list[dict[str, object]]:
    """Services for people, most downtime first."""
    ranked = sorted(answer.services, key=lambda row: (-row.downtime_minutes.mean, row.id))
    return [
        {
            "open": link("availability", service=row.id),
            "service": row.id,
            "mean": round(row.downtime_minutes.mean, 2),
            "p50": round(row.downtime_minutes.p50, 1),
            "p95": round(row.downtime_minutes.p95, 1),
            "p99": round(row.downtime_minutes.p99, 1),
            "worst 5 %": round(row.downtime_minutes.tail_mean, 1),
            "note": _note(row),
        }
        for row in ranked
    ]


def _note(row: SimulatedService) -> str:
    """How a service stands beside the exact figure."""
    if row.unknown:
        return "at least: rests on components without a figure"
    if row.maintenance:
        return "with planned maintenance"
    remark = {True: "agrees with the exact figure", False: "outside the interval", None: ""}
    return remark[row.agrees]
