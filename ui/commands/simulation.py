"""`simulate`: years of simulated outages, and what they cost (rule W5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Annotated

import typer

from depgraph.engine.availability import AssessmentOptions
from depgraph.engine.exact import Limits
from depgraph.engine.figures import FigureChoice
from depgraph.engine.simulation import Simulation, TaskResult, blocks_here, gather
from depgraph.engine.simulation_answer import OwnLiability, SimulatedService, SimulationAnswer
from depgraph.engine.simulation_cluster import cluster_tallies
from depgraph.engine.simulation_options import DEFAULT_MTTR_HOURS, SimulationOptions
from depgraph.engine.simulation_workers import worker_blocks
from depgraph.engine.structure import structure_of
from depgraph.engine.tally import Distribution
from depgraph.errors import DomainError
from depgraph.model.duration import DurationShape, duration_shape
from depgraph.wording import counted, share_text
from ingest.published import with_published
from ui.commands.assessment import (
    Basis,
    BasisOption,
    DefaultAvailabilityOption,
    EstateArgument,
    JsonOption,
    NameOption,
    read_day,
    read_share,
)
from ui.commands.settlement import AcceptOption, require_settleable
from ui.console import output, print_json, print_table, safe, say, stop
from ui.estates import opened_estate
from ui.expected_absorbed import years_progress
from ui.figures_text import mean_text, percent_text
from ui.simulation_limits import require_simulable, workers_here

_SHOWN = 20
_MINUTES_PER_YEAR = 365 * 24 * 60


class UnknownOption(StrEnum):
    """How components without a figure are taken."""

    WORKING = "working"
    FAILED = "failed"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(simulate)


def simulate(
    estate: EstateArgument,
    years: Annotated[int, typer.Option(min=1, help="Years to simulate.")] = 1_000,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same figures, to the bit.")] = 1,
    workers: Annotated[
        int,
        typer.Option(
            min=1,
            help="Processes on this machine, at most one for each processor; downtime alone uses "
            "several without.",
        ),
    ] = 1,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Scheduler of a Dask cluster, tcp://host:8786."),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            help="Stop when the 95 % interval of the headline is ± this share of it, such as 0.02."
        ),
    ] = None,
    failures: Annotated[
        str, typer.Option(help="Times to failure: exponential, fixed, weibull:1.5, lognormal:1.")
    ] = "exponential",
    repairs: Annotated[str, typer.Option(help="Times to restore, likewise.")] = "exponential",
    mttr_hours: Annotated[
        float, typer.Option(help="Mean time to restore of components that state none [h].")
    ] = DEFAULT_MTTR_HOURS,
    unknown: Annotated[
        UnknownOption, typer.Option(help="Components without a figure: always working or failed.")
    ] = UnknownOption.WORKING,
    default_availability: DefaultAvailabilityOption = None,
    basis: BasisOption = Basis.MODELLED,
    as_of: Annotated[
        str | None,
        typer.Option(help="Day whose promises, and whose year's contracts, hold; today if absent."),
    ] = None,
    money: Annotated[bool, typer.Option(help="Settle the contracts of every year as well.")] = True,
    exact: Annotated[bool, typer.Option(help="Exact availability beside the simulated.")] = True,
    accept: AcceptOption = None,
    as_json: JsonOption = False,
    name: NameOption = None,
) -> None:
    """Simulate years of outages: downtime, breaches, who owes whom, and what we absorb.

    Ctrl-C keeps the years that are done. One worker and many give the same figures.

    Example: depgraph simulate my-estate/ --years 1000 --seed 7 --workers 2
    """
    options = SimulationOptions(
        years=years,
        seed=seed,
        failures=_shape("--failures", failures),
        repairs=_shape("--repairs", repairs),
        mttr_hours=mttr_hours,
        unknown=unknown.value,
        money=money,
        exact=exact,
        precision=precision,
        assessment=AssessmentOptions(
            choice=FigureChoice(basis.value, read_share(default_availability)),
            as_of=read_day(as_of),
            limits=Limits(seconds=30.0),
        ),
    )
    require_simulable(options)
    opened = with_published(opened_estate(estate, name))
    if money:
        require_settleable(opened, accept or [])
    simulation = Simulation(structure_of(opened), options)
    gather(simulation, _results(simulation, workers, cluster), _progress(years))
    if simulation.stopped == "interrupted":
        say(
            "Interrupted: figures are over the "
            f"{counted(simulation.downtime.years, 'year')} done so far."
        )
    answer = simulation.answer()
    if as_json:
        print_json(answer)
    else:
        _print(answer, unknown)


def _shape(option: str, text: str) -> DurationShape:
    """Read a family of times given as an option."""
    try:
        return duration_shape(text)
    except DomainError as error:
        stop(f"{option} {error}")


def _results(simulation: Simulation, workers: int, cluster: str | None) -> Iterator[TaskResult]:
    """Where the work is done."""
    if cluster is not None:
        years = simulation.options.years
        return cluster_tallies(simulation.task, simulation.tasks(), years, cluster)
    started = workers_here(workers)
    if started > 1:
        return worker_blocks(simulation.task, simulation.tasks(), started)
    return blocks_here(simulation)


def _progress(asked: int) -> Callable[[Simulation], None]:
    """Tell years done and time left now and then, on standard error."""
    told = years_progress(asked)

    def tell(simulation: Simulation) -> None:
        reached = simulation.precision()
        precise = f", headline ± {share_text(reached, 1)}" if reached < 1 else ""
        told(simulation.downtime.years, precise)

    return tell


def _print(answer: SimulationAnswer, unknown: UnknownOption) -> None:
    """Tables for people."""
    # What has no figure is never down, or always (rule A5).
    limit = "at least " if unknown is UnknownOption.WORKING else "at most "
    _print_headline(answer, limit if answer.unknown else "")
    worst = sorted(answer.services, key=lambda row: -row.downtime_minutes.mean)
    print_table(
        f"Downtime in minutes a year, the worst {min(_SHOWN, len(worst))} of "
        f"{counted(len(worst), 'service')}",
        ("service", ">mean", ">95 % interval", ">p50", ">p95", ">p99", ">worst 5 %",
         ">exact availability", ""),
        [
            (
                row.id, *_cells(row.downtime_minutes),
                _exact_text(row),
                _remark(row),
            )
            for row in worst[:_SHOWN]
        ],
    )  # fmt: skip
    compared = [row for row in answer.services if row.agrees is not None]
    if compared:
        outside = sum(not row.agrees for row in compared)
        output.print(
            f"The exact figure lies outside the 95 % interval for {outside} of "
            f"{counted(len(compared), 'service')}; one in twenty is expected by chance.\n"
        )
    if answer.contracts:
        print_table(
            "Contracts, sums a year",
            ("contract", "supplier → customer", ">owed", ">recovered", ">absorbed",
             ">absorbed, worst 5 %", ">breaches", ""),
            [
                (
                    c.id, f"{c.supplier} → {c.customer}",
                    mean_text(c.owed.mean, c.currency), mean_text(c.recovered.mean, c.currency),
                    mean_text(c.absorbed.mean, c.currency),
                    mean_text(c.absorbed.tail_mean, c.currency), f"{c.breaches.mean:.3g}",
                    c.currency,
                )
                for c in answer.contracts
            ],
        )  # fmt: skip
        output.print(
            "Sums are means over years. Each year absorbs what it does not recover, so absorbed is "
            "not owed less recovered.\n",
            soft_wrap=True,
        )
    for text in answer.assumptions:
        output.print(safe(f"assumed: {text}"), soft_wrap=True)


def _print_headline(answer: SimulationAnswer, limit: str) -> None:
    """What we absorb, in a sentence or two."""
    for ours in answer.own_liability:
        output.print(safe(_liability(ours, limit, answer.years)), style="bold")
    if answer.contracts and not answer.own_liability:
        output.print("None of our own organizations promises anything: we absorb nothing.")
    state = {"complete": "", "precision": ", precise enough", "interrupted": ", interrupted"}
    done = f"{answer.years:,} of {counted(answer.years_asked, 'year')}, seed {answer.seed}"
    output.print(f"{done}{state[answer.stopped]}.\n")


def _liability(ours: OwnLiability, limit: str, years: int) -> str:
    """The headline of one currency; where no year had any, no sum that reads as no risk."""
    found = ours.absorbed
    if found.ci_high is None:
        rest = ", apart from what rests on components without a figure" if "least" in limit else ""
        return (
            f"We absorbed nothing in {ours.currency} in any of the {counted(years, 'year')}{rest}; "
            "more years show what is rarer."
        )
    mean, low, high, worst = (
        mean_text(sum_, ours.currency)
        for sum_ in (found.mean, found.ci_low, found.ci_high, found.tail_mean)
    )
    return (
        f"We absorb {limit}{mean} {ours.currency} a year on average (95 % "
        f"interval {low} to {high} {ours.currency}), "
        f"{limit}{worst} {ours.currency} as the mean of the worst 5 % of years."
    )


def _cells(down: Distribution) -> tuple[str, ...]:
    high = "?" if down.ci_high is None else f"{down.ci_high:,.2f}"
    return (
        f"{down.mean:,.2f}", f"{down.ci_low:,.2f} – {high}", f"{down.p50:,.1f}",
        f"{down.p95:,.1f}", f"{down.p99:,.1f}", f"{down.tail_mean:,.1f}",
    )  # fmt: skip


def _remark(row: SimulatedService) -> str:
    if row.unknown:
        return "rests on components without a figure"
    if row.maintenance:
        return "with planned maintenance"
    return {True: "agrees", False: "outside the interval", None: ""}[row.agrees]


def _exact_text(row: SimulatedService) -> str:
    if row.exact_low is None:
        return ""
    low = percent_text(row.exact_low, row.exact_unavailability_high)
    if row.exact_unavailability_low == row.exact_unavailability_high:
        return low
    return f"{low} – {percent_text(row.exact_high, row.exact_unavailability_low)}"
