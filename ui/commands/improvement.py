"""`improve`: what would reach a target, what binds, and the cheapest way there (rule L14)."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from pydantic import ValidationError

from depgraph.engine.availability import AssessmentOptions
from depgraph.engine.availability_answer import shown_availability
from depgraph.engine.exact import Limits
from depgraph.engine.feasibility import PlanSettings, improvement_plan
from depgraph.engine.feasibility_answer import (
    ComponentRow,
    CutRow,
    Feasibility,
    ImprovementPlan,
    PlanFigure,
    PlanPoint,
    PlanStep,
    RequirementRow,
    SecondProviderRow,
)
from depgraph.engine.figures import FigureChoice
from depgraph.model.estate import Estate
from depgraph.model.improvement import ServiceTarget
from depgraph.record import Record
from depgraph.units import Money
from depgraph.wording import counted, unknown_ids
from ingest.improvement import read_improvements
from ui.commands.assessment import (
    Basis,
    BasisOption,
    DefaultAvailabilityOption,
    EstateArgument,
    JsonOption,
    NameOption,
    PromiseDayOption,
    read_day,
    read_share,
)
from ui.console import output, print_json, print_table, safe, say, stop
from ui.estates import opened_estate
from ui.figures_text import minutes_text
from ui.spreadsheet import escaped_cell

_GOAL_TABLES: Mapping[str, type[Record]] = {
    "requirements": RequirementRow,
    "components": ComponentRow,
    "cut_sets": CutRow,
    "second_providers": SecondProviderRow,
}
TABLES = ("frontier", "steps", *_GOAL_TABLES)
"""Tables that `--csv` writes."""
_SHOWN = 12


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(improve)


def improve(
    estate: EstateArgument,
    service: Annotated[
        list[str], typer.Option("--service", metavar="ID", help="Service; repeatable.")
    ],
    target: Annotated[
        list[str],
        typer.Option("--target", help="Availability to reach: 0.9995 or 99.95%; one per service."),
    ],
    options: Annotated[
        str | None,
        typer.Option("--options", metavar="FILE", help="Improvements on offer, with their prices."),
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help='Money per year: "50000 EUR"; tells the best it buys.')
    ] = None,
    basis: BasisOption = Basis.MODELLED,
    default_availability: DefaultAvailabilityOption = None,
    as_of: PromiseDayOption = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Time for the search.")] = 60.0,
    evaluations: Annotated[int, typer.Option(min=1, help="Estates to evaluate at most.")] = 20_000,
    frontier: Annotated[
        bool, typer.Option(help="Also every step of more availability for more money.")
    ] = True,
    table: Annotated[
        str | None, typer.Option("--csv", metavar="TABLE", help=f"{', '.join(TABLES)}, as CSV.")
    ] = None,
    as_json: JsonOption = False,
    name: NameOption = None,
) -> None:
    """What a target needs: what the estate carries, what binds, and the cheapest way to reach it.

    Without a file of options it says what would be needed; with one, which of them to buy. Several
    services are reached by one set. The answer says whether it is proven to be the cheapest.

    Example: depgraph improve my-estate/ --service checkout --target 0.9995

    Example: depgraph improve my-estate/ --service checkout --target 0.9995 --options offers.yaml
    """
    if table is not None and table not in TABLES:
        stop(f"--csv {table!r} is no table; choose from {', '.join(TABLES)}")
    opened = opened_estate(estate, name)
    targets = _targets(opened, service, target)
    settings = PlanSettings(
        assessment=AssessmentOptions(
            choice=FigureChoice(basis.value, read_share(default_availability)),
            as_of=read_day(as_of),
            limits=Limits(seconds=seconds),
        ),
        budget=_money(budget),
        evaluations=evaluations,
        seconds=seconds,
        frontier=frontier,
    )
    offered = None if options is None else read_improvements(options, opened, service)
    if offered is not None:
        say(f"Searching among {counted(len(offered.improvements), 'option')} ...")
    answer = improvement_plan(opened, targets, offered, settings)
    if as_json:
        print_json(answer)
    elif table is not None:
        _print_csv(table, answer)
    else:
        _print(answer)


def _targets(
    estate: Estate, services: Sequence[str], targets: Sequence[str]
) -> tuple[ServiceTarget, ...]:
    """Services with their targets; one target may serve for all."""
    if len(targets) == 1:
        targets = [*targets] * len(services)
    if len(targets) != len(services):
        stop(
            f"{counted(len(services), 'service')}, {counted(len(targets), 'target')}: "
            "give one target, or one for each"
        )
    for service in services:
        if service not in estate.service:
            stop(f"no service has the id {unknown_ids([service], estate.service)}")
    if len(set(services)) < len(services):
        stop("a service is named twice: name each once")
    try:
        return tuple(
            ServiceTarget.model_validate({"service": service, "availability": text})
            for service, text in zip(services, targets, strict=True)
        )
    except ValidationError as error:
        context = error.errors()[0].get("ctx", {})
        hint = f": {context['hint']}" if context.get("hint") else ""
        stop(f"--target: {context.get('message', error)}{hint}")


def _money(text: str | None) -> Money | None:
    if text is None:
        return None
    try:
        money = Money.parse(text)
    except ValidationError as error:
        context = error.errors()[0].get("ctx", {})
        hint = context.get("hint") or 'write "50000 EUR"'
        stop(f"--budget: {context.get('message', error)}: {hint}")
    if money.amount < 0:
        stop(f"--budget {text!r} is negative: write an amount of 0 or more")
    return money


def _print_csv(table: str, answer: ImprovementPlan) -> None:
    """One table as CSV; cells that a spreadsheet would run are defused."""
    writer = csv.writer(sys.stdout)
    if table == "frontier":
        writer.writerow(("price", "currency", "improvements", *PlanFigure.model_fields))
        for point in answer.frontier:
            start = (point.price, point.currency, point.improvements)
            for figure in point.figures:
                writer.writerow(map(_cell, (*start, *figure.model_dump().values())))
    elif table == "steps":
        writer.writerow(PlanStep.model_fields)
        for step in answer.steps:
            writer.writerow(map(_cell, step.model_dump().values()))
    else:
        writer.writerow(("service_asked", *_GOAL_TABLES[table].model_fields))
        for goal in answer.goals:
            for record in _records(goal, table):
                writer.writerow(map(_cell, (goal.service, *record.model_dump().values())))


def _records(goal: Feasibility, table: str) -> Sequence[Record]:
    found: Sequence[Record] = getattr(goal, table)
    return found


def _cell(value: object) -> str:
    if isinstance(value, (list, tuple)):
        value = " ".join(map(str, value))
    return "" if value is None else escaped_cell(str(value))


def _print(answer: ImprovementPlan) -> None:
    for goal in answer.goals:
        _print_goal(goal)
    if answer.status != "not_offered":
        _print_plan(answer)
    for note in answer.notes:
        say(note)


def _print_goal(goal: Feasibility) -> None:
    """What the estate carries for one target, and what binds."""
    asked = shown_availability(float(goal.target), float(1 - goal.target))
    output.print(f"[bold]{safe(goal.service)}[/]  asked {asked}, now {_now(goal)}")
    carried = shown_availability(goal.carried, goal.carried_unavailability)
    least = "" if goal.exact or not goal.carried_unavailability else "at least "
    verdict = "enough" if goal.carries else "too little" if goal.exact else "perhaps too little"
    output.print(f"Its requirements carry {least}{carried}: {verdict}.")
    if goal.unknown:
        output.print(
            f"Without a figure, taken as down in all of this: {safe(', '.join(goal.unknown))}",
            soft_wrap=True,
        )
    elif not goal.exact:
        output.print("All of this goes by the low end of the bracket.")
    print_table(
        "What it needs, the weakest first",
        ("requirement", "kind", ">carries", ">min/month short", ">service without it failing", ""),
        [
            (
                r.requirement, r.kind, shown_availability(r.availability, r.unavailability),
                _short(r.shortfall_minutes_per_month),
                shown_availability(r.ceiling, r.ceiling_unavailability),
                ", ".join(
                    ["impossible alone"] * r.impossible + ["binding"] * r.binding
                ),
            )
            for r in goal.requirements
        ],
    )  # fmt: skip
    print_table(
        "What costs most below it",
        ("component", ">own availability", ">min/month", ">service if flawless", ">needed of it",
         ""),
        [
            (
                c.component,
                "no figure" if c.component in goal.unknown
                else shown_availability(1 - c.unavailability, c.unavailability),
                f"{c.minutes_per_month:,.3f}",
                shown_availability(c.ceiling, c.ceiling_unavailability),
                _needed(c.needed_availability, c.needed_unavailability, reached=goal.reached),
                "impossible alone" if c.impossible else "",
            )
            for c in goal.components[:_SHOWN]
        ],
    )  # fmt: skip
    if goal.reached or not goal.second_providers:
        return
    print_table(
        "A second provider, independent, wherever the first is used",
        ("of", ">service if it never failed", ">availability that suffices"),
        [
            (
                s.service, shown_availability(s.ceiling, s.ceiling_unavailability),
                "hidden by a promise above" if s.under_promise
                else _needed(s.needed_availability, s.needed_unavailability, reached=False),
            )
            for s in goal.second_providers[:_SHOWN]
        ],
    )  # fmt: skip


def _short(minutes: float) -> str:
    return minutes_text(minutes) if minutes else ""


def _now(goal: Feasibility) -> str:
    """What the service has and how that stands to the target; a bracket misses nothing yet (A5)."""
    now = shown_availability(goal.availability, goal.unavailability)
    short = f"{minutes_text(goal.shortfall_minutes_per_month)} minutes a month short"
    if goal.exact:
        return f"{now}: {'reached' if goal.reached else short}"
    high = shown_availability(goal.high, 1.0 - goal.high)
    return f"{now} to {high}: {'reached' if goal.reached else f'up to {short}'}"


def _needed(availability: float | None, unavailability: float | None, *, reached: bool) -> str:
    if availability is None or unavailability is None:
        return "" if reached else "no figure suffices"
    # Digits are cut, so that one more is needed to be on the safe side.
    return f"≥ {shown_availability(availability, unavailability, 6)}"


def _print_plan(answer: ImprovementPlan) -> None:
    """The plan, its steps, and the frontier."""
    output.print(f"[bold]{safe(_headline(answer))}[/]\n", soft_wrap=True)
    if answer.steps:
        print_table(
            "Step by step, what gains most first",
            ("improvement", ">price", "service", ">before", ">after", ">min/month gained",
             "without it"),
            [
                (
                    s.improvement, f"{s.price:f} {answer.currency}", s.service,
                    shown_availability(s.before, s.before_unavailability),
                    shown_availability(s.after, s.after_unavailability),
                    minutes_text(s.minutes_gained_per_month),
                    "" if s.reached_without is None
                    else "still reached" if s.reached_without else "missed",
                )
                for s in answer.steps
            ],
        )  # fmt: skip
    if answer.frontier:
        print_table(
            "What money buys" + ("" if answer.frontier_complete else ", as far as searched"),
            (">price per year", *(f">{f.service}" for f in answer.frontier[0].figures), "", "with"),
            [
                (_money_text(p), *(shown_availability(f.availability, f.unavailability)
                 for f in p.figures), "reached" if p.reached else "", ", ".join(p.improvements))
                for p in answer.frontier
            ],
        )  # fmt: skip
    say(
        f"{counted(answer.evaluations, 'exact evaluation')}, {counted(answer.proofs, 'proof')}, "
        f"{counted(answer.sets_possible, 'set')} possible; {answer.method}."
    )


def _headline(answer: ImprovementPlan) -> str:
    """The answer in a sentence or two."""
    budget = ""
    if answer.budget is not None and answer.plan and answer.plan.price > answer.budget:
        budget = f" That is over the budget of {answer.budget:f} {answer.currency}."
        if answer.within_budget is not None:
            budget += f" The best that it buys: {_point_text(answer.within_budget)}."
    if answer.status == "already_reached":
        return "Every target is reached already: nothing has to be bought."
    if answer.plan is not None:
        proof = (
            "Proven: no cheaper set of these options does."
            if answer.optimal
            else f"Not proven: a set below that price, but not below {answer.bound:f}, may do."
        )
        return f"Reached by {_point_text(answer.plan)}. {proof}{budget}"
    if answer.status == "undecided":
        least = "" if answer.bound is None else f"; none below {answer.bound:f} does"
        return f"Undecided within the budget of work: no set found that reaches it{least}."
    best = answer.best_reachable
    most = "" if best is None else f" The best they reach: {_point_text(best)}."
    if answer.within_budget is not None:
        most += f" The best within the budget: {_point_text(answer.within_budget)}."
    return f"Proven: no set of these options reaches it.{most}"


def _point_text(point: PlanPoint) -> str:
    figures = ", ".join(
        f"{f.service} {shown_availability(f.availability, f.unavailability)}" for f in point.figures
    )
    bought = ", ".join(point.improvements) or "nothing"
    return f"{bought} for {_money_text(point)} a year ({figures})"


def _money_text(point: PlanPoint) -> str:
    return f"{point.price:f} {point.currency}".strip()
