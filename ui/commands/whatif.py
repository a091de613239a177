"""`whatif`: who is down and who owes whom if something fails, or changes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from dataclasses import replace as replaced
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, get_args

import typer

from cypher.rows import digest
from depgraph.engine.play import Played, played
from depgraph.engine.scenario import edited
from depgraph.engine.scenario_summary import scenario_summaries
from depgraph.engine.simulation_options import DEFAULT_MTTR_HOURS
from depgraph.model.estate import Estate
from depgraph.model.incident import Cause
from depgraph.model.scenario import Scenario
from ingest.presets import outage_presets
from ingest.published import with_published
from ingest.rates import read_rates, with_rates
from ui.answer_workbook import Cover, outage_workbook
from ui.commands.assessment import EstateArgument, JsonOption, NameOption
from ui.commands.settlement import (
    AcceptOption,
    CsvOption,
    CurrencyOption,
    ExplainOption,
    RatesOption,
    XlsxOption,
    print_csv,
    require_settleable,
    write_file,
)
from ui.console import print_json, print_table, say, stop
from ui.converted_text import converted_answer, converted_json, print_converted
from ui.estates import opened_estate, require_name_meant
from ui.expected_absorbed import YearsAsked, with_expected_absorbed
from ui.faulty_terms import with_fault_notes
from ui.remedy_text import print_proportionality, proportionality_json
from ui.scenario_options import Asked, asked_scenarios, require_known, require_meant
from ui.scenarios import ScenarioShelf
from ui.simulation_limits import require_simulable, workers_here
from ui.typed_options import path_to_write, typed_parameters
from ui.whatif_report import what_if_html
from ui.whatif_text import print_side_by_side, print_what_if, what_if_json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(whatif)


def whatif(
    context: typer.Context,
    estate: EstateArgument,
    scenario: Annotated[
        str | None, typer.Argument(metavar="SCENARIO", help="Scenario file; or use --down.")
    ] = None,
    down: Annotated[
        list[str] | None,
        typer.Option("--down", metavar="ID", help="Service, location or organization; repeatable."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="TIME", help="Start, such as 2026-04-10T10:00:00Z; now if absent."
        ),
    ] = None,
    length: Annotated[str, typer.Option("--for", help="Length: 50m, 4h, 2d.")] = "4h",
    impact: Annotated[str, typer.Option(help="Share hit, 0 to 1.")] = "1",
    cause: Annotated[
        str, typer.Option(help=f"Class of the cause: {', '.join(get_args(Cause))}.")
    ] = "supplier",
    preset: Annotated[
        str | None,
        typer.Option("--preset", metavar="NAME", help="A real outage; `list` shows them all."),
    ] = None,
    aim: Annotated[
        list[str] | None,
        typer.Option("--aim", metavar="ID", help="What the real outage hits here; repeatable."),
    ] = None,
    variant: Annotated[
        str | None,
        typer.Option(
            "--variant",
            metavar="NAME",
            help="With --preset: which of several published ends of the real outage; `list` shows "
            "their names.",
        ),
    ] = None,
    saved: Annotated[
        list[str] | None,
        typer.Option(
            "--scenario", metavar="NAME", help="A saved scenario; several stand side by side."
        ),
    ] = None,
    save: Annotated[
        str | None, typer.Option("--save", metavar="NAME", help="Save the scenario by this name.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let --save write over a scenario of that name.")
    ] = False,
    forget: Annotated[
        str | None, typer.Option("--forget", metavar="NAME", help="Remove a saved scenario.")
    ] = None,
    scenarios: Annotated[bool, typer.Option("--scenarios", help="List saved scenarios.")] = False,
    xlsx: XlsxOption = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html", metavar="FILE", parser=path_to_write, help="Write a document to keep."
        ),
    ] = None,
    years: Annotated[
        int | None,
        typer.Option(
            min=1, help="Years to simulate before and after changes: what we absorb in a year."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of --years.")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="Processes of --years.")] = 1,
    mttr_hours: Annotated[
        float, typer.Option(help="With --years: mean time to restore where none is stated [h].")
    ] = DEFAULT_MTTR_HOURS,
    explain: ExplainOption = False,
    accept: AcceptOption = None,
    table: CsvOption = None,
    currency: CurrencyOption = None,
    rates: RatesOption = None,
    as_json: JsonOption = False,
    name: NameOption = None,
) -> None:
    """Play an outage or a change: who is down and why, what is owed, which clocks start.

    Incidents on record are left out: the answer is what this outage alone would do. Changes of a
    scenario file are shown before → after. Saved scenarios stand beside the estate: in the graph
    database, or in its folder `scenarios`.

    Example: depgraph whatif my-estate/ --down cloudco-eu1 --from 2026-04-10T10:00:00Z --for 4h

    Example: depgraph whatif my-estate/ --preset aws-ddb-2025-10-20

    Example: depgraph whatif my-estate/ move.yaml --save "Move to eu2"

    Example: depgraph whatif my-estate/ move.yaml --years 1000 --seed 7

    Example: depgraph whatif my-estate/ --scenario "Move to eu2" --scenario "Second vendor"
    """
    require_meant(frozenset(typed_parameters(context)))
    require_name_meant(estate, name)
    if preset == "list":
        _require_alone(context, "preset")
        _list_presets(as_json=as_json)
        return
    shelf = ScenarioShelf(estate, name)
    if scenarios:
        _require_alone(context, "scenarios")
        _list_saved(shelf, as_json=as_json)
        return
    if forget is not None:
        _require_alone(context, "forget")
        _forget(shelf, forget, as_json=as_json)
        return
    simulate = None if years is None else _years_asked(years, seed, workers, mttr_hours)
    opened = with_rates(
        with_published(opened_estate(estate, name)), read_rates(rates) if rates else ()
    )
    wanted = Asked(
        down=down or [], start=start, length=length, impact=impact, cause=cause, file=scenario,
        preset=preset, aim=aim or [], variant=variant, saved=saved or [],
    )  # fmt: skip
    asked = asked_scenarios(wanted, opened, shelf)
    alone = (save, table, xlsx, currency)
    if len(asked) > 1 and any(option is not None for option in alone):
        stop("--save, --csv, --xlsx and --in go with one scenario")
    if save is not None:
        asked = [asked[0].replace(name=save)]
    if simulate is not None and not (len(asked) == 1 and asked[0].edits):
        stop("--years compares before and after changes: it goes with one scenario that has edits")
    answers = [_played(opened, each, accept or [], simulate) for each in asked]
    if save is not None:
        say(f"Saved as {save!r} in {shelf.save(asked[0], replace=replace)}")
    if html is not None:
        page = what_if_html(opened, asked, answers, f"sha256:{digest(opened)}")
        write_file(html, page.encode())
    if xlsx is not None:
        write_file(
            xlsx, outage_workbook(_cover(opened, asked[0], answers[0]), asked[0], answers[0])
        )
    form = _Form(table or ("json" if as_json else None), currency, explain)
    _show(opened, asked, answers, form)


def _years_asked(years: int, seed: int, workers: int, mttr_hours: float) -> YearsAsked:
    """Years to simulate, if they can be."""
    asked = YearsAsked(years, seed, workers, mttr_hours)
    require_simulable(asked.options())
    return replaced(asked, workers=workers_here(workers))


def _require_alone(context: typer.Context, name: str) -> None:
    """Refuse what would change nothing beside an option that plays no scenario."""
    typed = typed_parameters(context)
    idle = [typed[each] for each in typed if each not in {"estate", "name", "as_json", name}]
    if idle:
        asked = "--preset list" if name == "preset" else typed[name]
        stop(f"{', '.join(idle)} would change nothing beside {asked}: leave one of them out")


def _forget(shelf: ScenarioShelf, name: str, *, as_json: bool) -> None:
    """Remove a saved scenario."""
    place = shelf.remove(name)
    say(f"Removed from {place}")
    if as_json:
        print_json({"removed": name, "from": place})


def _played(
    estate: Estate, scenario: Scenario, accepted: list[str], simulate: YearsAsked | None
) -> Played:
    """One scenario played, unless it names unknown things or rests on faulty terms."""
    before = with_rates(estate, scenario.conversions)
    after = with_published(edited(before, scenario.edits))
    require_known(after, scenario.incidents)
    require_settleable(after, accepted)
    now = datetime.now(UTC)
    answer = with_fault_notes(played((before, after), scenario, now), after)
    if simulate is None:
        return answer
    return with_expected_absorbed(answer, (before, after), now.date(), simulate)


@dataclass(frozen=True)
class _Form:
    """How an answer is printed."""

    kind: str | None
    """``json``, the name of a CSV table, or None for people."""
    currency: str | None
    """Currency in which sums are shown too."""
    explain: bool
    """Whether with the chain from outage to cent."""


def _show(estate: Estate, asked: list[Scenario], answers: list[Played], form: _Form) -> None:
    """Print one answer, or several side by side."""
    if len(answers) > 1:
        summaries = scenario_summaries(answers, estate.own_organizations)
        if form.kind == "json":
            print_json({"scenarios": [each.model_dump(mode="json") for each in summaries]})
        else:
            print_side_by_side(summaries)
        return
    settled = answers[0].answer.settlement
    rated = with_rates(estate, asked[0].conversions)
    after = with_published(edited(rated, asked[0].edits))
    other = converted_answer(rated, settled, form.currency)
    if form.kind == "json":
        found = {**what_if_json(answers[0]), **proportionality_json(after)}
        print_json({**found, **converted_json(other)})
    elif form.kind is not None:
        print_csv(form.kind, settled)
    else:
        print_what_if(answers[0], explain=form.explain)
        print_proportionality(after, settled)
        print_converted(other)


def _cover(estate: Estate, scenario: Scenario, answer: Played) -> Cover:
    """What a workbook of one scenario says about itself."""
    return Cover(
        f"What if: {scenario.name or 'an outage'}", estate.name or "", digest(estate), answer.notes
    )


def _list_saved(shelf: ScenarioShelf, *, as_json: bool) -> None:
    """Saved scenarios."""
    rows = shelf.listed()
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    print_table(
        f"Saved scenarios: {len(rows)}",
        ("name", "why", ">fails", ">changes", "state"),
        [(row.name, row.why, row.incidents, row.edits, row.state) for row in rows],
    )


def _list_presets(*, as_json: bool) -> None:
    """Real outages that can be played."""
    rows = list(outage_presets(flagged=True).values())
    if as_json:
        print_json([row.model_dump(mode="json") for row in rows])
        return
    print_table(
        "Real outages",
        ("name", "provider", "start", "end", "--variant", "confidence"),
        [
            (r.id, r.provider.name, f"{r.start:%Y-%m-%d %H:%M}Z",
             f"{r.end:%Y-%m-%d %H:%M}Z" if r.end else "–",
             ", ".join(v.name for v in r.variants), r.confidence)
            for r in rows
        ],
    )  # fmt: skip
