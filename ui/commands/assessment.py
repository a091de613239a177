"""`check`, `assess` and `schema`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated

import typer

from depgraph.engine.availability import AssessmentOptions, answered, assessed
from depgraph.engine.availability_answer import Assessment, ServiceAvailability
from depgraph.engine.cut_sets import CutLimits, CutSetAnswer, minimal_cut_sets
from depgraph.engine.exact import Limits
from depgraph.engine.figures import FigureChoice
from depgraph.engine.finding import LEVELS, Finding
from depgraph.engine.findings import findings
from depgraph.engine.flow_down import flow_down
from depgraph.engine.flow_down_findings import flow_down_findings
from depgraph.engine.importance import ImportanceAnswer, importance
from depgraph.engine.structure import structure_of
from depgraph.errors import Problem, RegisterError
from depgraph.model.estate import Estate
from depgraph.wording import counted, unknown_ids
from ingest.published import with_published
from ui.console import FOUND, WRONG, output, print_json, print_table, safe, say, stop
from ui.estates import opened_estate
from ui.figures_text import (
    availability_text,
    ends_text,
    minutes_text,
    percent_text,
    verdict_text,
    worst_first,
)
from ui.findings_formats import junit, sarif
from ui.name_lists import AllOption, with_lengths


class Basis(StrEnum):
    """Which own figure leads (rule A4)."""

    MODELLED = "modelled"
    COMMITTED = "committed"


EstateArgument = Annotated[
    str,
    typer.Argument(metavar="ESTATE", help="File, folder, or graph address (`local`, bolt://…)."),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="One JSON document on standard output, nothing else there.")
]
NameOption = Annotated[
    str | None, typer.Option("--name", help="Estate in the graph database, if it holds several.")
]
BasisOption = Annotated[
    Basis, typer.Option(help="Which own figure leads where there are several (rule A4).")
]
DefaultAvailabilityOption = Annotated[
    str | None, typer.Option(help="Own availability for services without a figure, such as 0.999.")
]
PromiseDayOption = Annotated[
    str | None, typer.Option(help="Day on which promises must be in force, such as 2026-04-01.")
]


_NAMES = ("single_points_of_failure", "unknown", "defaulted")
"""Lists of names of an assessment."""
_MANY = 500
"""Services above which the work is announced."""


class CheckFormat(StrEnum):
    """How `check` prints."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(check)
    app.command()(assess)
    app.command()(schema)


def schema(
    _as_json: Annotated[
        bool, typer.Option("--json", help="Makes no difference: it is JSON.", show_default=False)
    ] = True,
) -> None:
    """Print the JSON Schema of estate files, with --json or without.

    Editors use it: save it and point to it with `"$schema": "estate.schema.json"` in JSON, or with
    the first line `# yaml-language-server: $schema=estate.schema.json` in YAML.

    Example: depgraph schema > estate.schema.json
    """
    data = Estate.model_json_schema(by_alias=True)
    print_json({"$schema": "https://json-schema.org/draft/2020-12/schema", **data})


def check(
    estate: EstateArgument,
    output_format: Annotated[
        CheckFormat, typer.Option("--format", help="text, json, sarif or junit.")
    ] = CheckFormat.TEXT,
    fail_on: Annotated[
        str,
        typer.Option(
            help="End with 1 on findings of this level or worse: note, warning, error, never."
        ),
    ] = "error",
    every_name: AllOption = False,
    as_json: JsonOption = False,
    name: NameOption = None,
) -> None:
    """Validate an estate, then list what a reviewer should look at.

    Ends with 0 when all is well, 1 on findings at or over --fail-on, 2 on broken input.

    Example: depgraph check my-estate/ --format sarif > findings.sarif
    """
    order: list[str] = list(LEVELS)
    if fail_on not in {*order, "never"}:
        stop(f"--fail-on cannot be {fail_on!r}; choose from {', '.join(LEVELS)} or never")
    chosen = CheckFormat.JSON if as_json else output_format
    problems: tuple[Problem, ...] = ()
    found: tuple[Finding, ...] = ()
    try:
        structure = structure_of(with_published(opened_estate(estate, name)))
        answer = assessed(structure.estate, None, structure)
        flow = flow_down(structure.estate, answer.as_of)
        found = findings(structure, answer) + flow_down_findings(structure.estate, flow)
        found = tuple(sorted(found, key=lambda one: -order.index(one.level)))
    except RegisterError as error:
        problems = error.problems
        if chosen is CheckFormat.TEXT:
            raise
    _print_findings(chosen, found, problems, every_name=every_name)
    if problems:
        raise typer.Exit(WRONG)
    if fail_on != "never" and any(
        order.index(finding.level) >= order.index(fail_on) for finding in found
    ):
        raise typer.Exit(FOUND)


def _print_findings(
    chosen: CheckFormat,
    found: tuple[Finding, ...],
    problems: tuple[Problem, ...],
    *,
    every_name: bool,
) -> None:
    if chosen is CheckFormat.SARIF:
        print_json(sarif(found, problems))
    elif chosen is CheckFormat.JUNIT:
        typer.echo(junit(found, problems))
    elif chosen is CheckFormat.JSON:
        shown = [
            {"code": p.code, "what": p.what, "hint": p.hint, "value": p.value, "file": p.file,
             "line": p.line, "column": p.column, "path": list(p.path), "also": list(p.also)}
            for p in problems
        ]  # fmt: skip
        rows, length = with_lengths(found, ("also",), every_name=every_name)
        print_json({"problems": shown, "findings": rows, "names_shown": length})
    else:
        # Printed at once: line by line takes longer than finding ten thousand of them.
        lines = [
            f"[bold]{finding.level}[/] {safe(finding.code)}: {safe(finding.message)}\n"
            f"    {safe(finding.hint)} (rule {finding.rule})"
            for finding in found
        ]
        if lines:
            output.print("\n".join(lines), soft_wrap=True)
        counts = ", ".join(counted(sum(f.level == v for f in found), v) for v in reversed(LEVELS))
        say(f"The estate is valid. Findings: {counts}.")


def assess(
    estate: EstateArgument,
    service: Annotated[
        list[str] | None, typer.Option("--service", help="Only this service; may be repeated.")
    ] = None,
    basis: BasisOption = Basis.MODELLED,
    default_availability: DefaultAvailabilityOption = None,
    as_of: PromiseDayOption = None,
    max_order: Annotated[int, typer.Option(min=1, max=6, help="Largest order of cut sets.")] = 2,
    seconds: Annotated[
        float,
        typer.Option(
            min=0.1,
            help="Time for exact answers before brackets are given [s]; with --service a quarter "
            "of it again for the importance, and as much for the cut sets, of each.",
        ),
    ] = 60.0,
    every_name: AllOption = False,
    as_json: JsonOption = False,
    name: NameOption = None,
) -> None:
    """Composite availability of every service, exact with shared causes (rules A1 to A13).

    For one service also the importance of what it rests on and its minimal cut sets.

    Example: depgraph assess my-estate/ --service checkout
    """
    options = AssessmentOptions(
        services=tuple(dict.fromkeys(service or ())),
        choice=FigureChoice(basis.value, read_share(default_availability)),
        as_of=read_day(as_of),
        limits=Limits(seconds=seconds),
    )
    opened = opened_estate(estate, name)
    require_ids("service", options.services, opened.service)
    structure = structure_of(opened)
    if len(structure.up) > _MANY:
        say(f"Assessing {counted(len(options.services) or len(structure.up), 'service')} ...")
    found = answered(structure.estate, options, structure)
    answer = found.assessment
    details = [
        (
            importance(structure, found.figures, one, options.limits, found.ready.get(one)),
            minimal_cut_sets(
                structure,
                found.figures,
                one,
                max_order=max_order,
                limits=CutLimits(seconds=seconds),
            ),
        )
        for one in options.services
    ]
    if as_json:
        rows, shown = with_lengths(answer.services, _NAMES, every_name=every_name)
        data = answer.replace(services=()).model_dump(mode="json")
        data |= {"services": rows, "names_shown": shown}
        for row, (measures, cuts) in zip(data["services"], details, strict=False):
            row["importance"] = measures.model_dump(mode="json")["components"]
            row["importance_exact"] = measures.exact
            row["cut_sets"] = cuts.model_dump(mode="json")
        print_json(data)
        return
    _print_assessment(structure.estate, answer)
    for row, (measures, cuts) in zip(answer.services, details, strict=False):
        _print_detail(row, measures, cuts)


def require_ids(what: str, names: Iterable[str], known: Collection[str]) -> None:
    """Refuse ids that the estate does not have, before anything is compiled for the answer."""
    unknown = [name for name in names if name not in known]
    if unknown:
        stop(f"no {what} has the id {unknown_ids(unknown, known)}")


def read_share(text: str | None) -> Decimal | None:
    """Read an availability given as an option."""
    if text is None:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        stop(f"--default-availability is {text!r}, not a number such as 0.999")
    if not 0 <= value <= 1:
        stop(f"--default-availability is {text}, outside [0, 1]; for 99.9 % write 0.999")
    return value


def read_day(text: str | None) -> date | None:
    """Read a day given as an option."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        stop(f"--as-of {text!r} is not a day; write 2026-04-01")


def _print_assessment(estate: Estate, answer: Assessment) -> None:
    rows = sorted(answer.services, key=worst_first)
    print_table(
        f"Composite availability of {counted(len(rows), 'service')}"
        f" (basis {answer.basis}, promises in force on {answer.as_of})",
        ("service", ">availability", ">min/month", ">naive", ">worst case", ">promised",
         "carried", "met", ">SPOFs", ">unknown"),
        [
            (
                row.id,
                availability_text(row),
                minutes_text(row.downtime_minutes_per_month),
                percent_text(row.naive, row.naive_unavailability),
                percent_text(row.worst_case, row.worst_case_unavailability),
                "" if row.committed is None else percent_text(row.promised),
                verdict_text(row.carried, promised=row.committed is not None),
                verdict_text(row.met, promised=row.committed is not None),
                len(row.single_points_of_failure),
                len(row.unknown) or "",
            )
            for row in rows
        ],
    )  # fmt: skip
    _print_strictest(rows)
    for ring in answer.rings:
        say(f"mutual dependency: {', '.join(ring)}")
    if len(rows) > 1:
        say(
            f"{len(rows):,} of {counted(len(estate.services), 'service')}, worst against its "
            "promise first"
        )


def _print_strictest(rows: Sequence[ServiceAvailability]) -> None:
    """Services with a promise above the one that counts: whether the strictest is kept."""
    found = [
        (
            row.id, promise.sla, promise.customer, percent_text(promise.target),
            verdict_text(promise.carried, promised=True),
            _short(promise.carried_shortfall_minutes_per_month),
            verdict_text(promise.met, promised=True),
            _short(promise.met_shortfall_minutes_per_month),
        )
        for row in rows
        if (promise := row.strictest) is not None
    ]  # fmt: skip
    if found:
        print_table(
            "Stricter promises than the one that counts above, the strictest of each service",
            ("service", "SLA", "to", ">promised", "carried", ">min/month short", "met",
             ">min/month short"),
            found,
        )  # fmt: skip


def _short(minutes: float | None) -> str:
    """Minutes a month that a promise is missed by; nothing where it is not."""
    return minutes_text(minutes) if minutes else ""


def _print_detail(row: ServiceAvailability, measures: ImportanceAnswer, cuts: CutSetAnswer) -> None:
    print_table(
        f"What matters most for {row.id}{'' if measures.exact else ', from at least to at most'}",
        ("component", ">unavailability", ">criticality", ">Birnbaum", ">Fussell-Vesely",
         ">RAW", ">RRW"),
        [
            (m.component, f"{m.unavailability:.3g}", ends_text(m, "criticality"),
             ends_text(m, "birnbaum", ".6g"), ends_text(m, "fussell_vesely"),
             ends_text(m, "risk_achievement_worth", ".4g"),
             ends_text(m, "risk_reduction_worth", ".4g"))
            for m in measures.components[:25]
        ],
    )  # fmt: skip
    print_table(
        f"Minimal cut sets of {row.id}, complete to order {cuts.complete_order}",
        ("fails together", ">probability", "chain"),
        [
            (", ".join(c.components), "?" if c.probability is None else f"{c.probability:.3g}",
             " → ".join(c.chain))
            for c in cuts.cut_sets[:25]
        ],
    )  # fmt: skip
    if cuts.explained < len(cuts.cut_sets):
        say(f"{len(cuts.cut_sets)} cut sets, the first {cuts.explained} with their chain")
    own = percent_text(row.own_availability, row.own_unavailability)
    say(f"Own figure of {row.id}: {own} ({row.basis})")
    if row.unknown:
        say(f"Without a figure: {', '.join(row.unknown)}")
