"""`whatif`: who is down and who owes whom if something fails."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from depgraph.engine.availability import assessed
from depgraph.engine.presets import aimed
from depgraph.engine.scenario import edited
from depgraph.engine.structure import structure_of
from depgraph.engine.whatif import WhatIf, what_if
from depgraph.errors import Problem, RegisterError
from depgraph.model.estate import Estate
from depgraph.model.incident import Incident
from depgraph.model.scenario import Scenario
from ingest.presets import outage_presets
from ingest.published import with_published
from ingest.scenario import read_scenario
from ui.commands.assessment import EstateArgument, JsonOption, NameOption
from ui.commands.settlement import (
    AcceptOption,
    CsvOption,
    ExplainOption,
    print_csv,
    print_settlement,
    read_moment,
    require_settleable,
)
from ui.console import output, print_json, print_table, safe, stop
from ui.estates import opened_estate

_LENGTH = re.compile(r"^(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)$")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_MOST_DAYS = 3_660
_SHOWN_DOWN = 40


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(whatif)


def whatif(
    estate: EstateArgument,
    scenario: Annotated[
        str | None, typer.Argument(metavar="SCENARIO", help="Scenario file; or use --down.")
    ] = None,
    down: Annotated[
        list[str] | None,
        typer.Option("--down", metavar="ID", help="Service, location or organization; repeatable."),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Start; now when absent.")
    ] = None,
    length: Annotated[str, typer.Option("--for", help="Length: 50m, 4h, 2d.")] = "4h",
    impact: Annotated[str, typer.Option(help="Share hit, 0 to 1.")] = "1",
    cause: Annotated[str, typer.Option(help="Class of the cause.")] = "supplier",
    preset: Annotated[
        str | None,
        typer.Option("--preset", metavar="NAME", help="A real outage; `list` shows them all."),
    ] = None,
    aim: Annotated[
        list[str] | None,
        typer.Option("--aim", metavar="ID", help="What the real outage hits here; repeatable."),
    ] = None,
    variant: Annotated[
        str | None, typer.Option("--variant", help="Another end of the real outage.")
    ] = None,
    explain: ExplainOption = False,
    accept: AcceptOption = None,
    table: CsvOption = None,
    as_json: JsonOption = False,
    name: NameOption = None,
) -> None:
    """Play an outage: who is down and why, what each contract owes, which clocks start.

    Incidents on record are left out: the answer is what this outage alone would do. Changes of a
    scenario file are shown before → after.

    Example: depgraph whatif my-estate/ --down cloudco-eu1 --from 2026-04-10T10:00:00Z --for 4h

    Example: depgraph whatif my-estate/ --preset aws-ddb-2025-10-20
    """
    if preset == "list":
        _list_presets(as_json=as_json)
        return
    if sum([scenario is not None, bool(down), preset is not None]) != 1:
        stop("give one of: a scenario file, --down ID, --preset NAME", 2)
    opened = with_published(opened_estate(estate, name))
    if preset is not None:
        begin = read_moment("--from", start) if start else None
        played = _from_preset(opened, preset, aim or [], begin, variant)
    elif scenario is not None:
        played = read_scenario(scenario, opened)
    else:
        played = _from_options(down or [], start, length, (impact, cause))
    _require_known(opened, played.incidents)
    after = with_published(edited(opened, played.edits))
    require_settleable(after, accept or [])
    structure = structure_of(after)
    answer = what_if(
        structure, played.incidents, datetime.now(UTC), name=played.name, why=played.why
    )
    changes = _changes(opened, after) if played.edits else []
    if as_json:
        print_json(_json(answer, changes))
    elif table is not None:
        print_csv(table, answer.settlement)
    else:
        _print(answer, changes, explain=explain)


def _from_options(
    down: Sequence[str], start: str | None, length: str, kind: tuple[str, str]
) -> Scenario:
    """Scenario that the options describe."""
    begin = read_moment("--from", start) if start else datetime.now(UTC).replace(microsecond=0)
    end = begin + _length(length)
    impact, cause = kind
    incidents = [
        {
            "id": f"what-if-{place + 1}",
            "affects": name,
            "start": begin,
            "end": end,
            "impact": impact,
            "cause": cause,
        }
        for place, name in enumerate(down)
    ]
    try:
        return Scenario.model_validate(
            {"name": f"{', '.join(down)} down for {length}", "incidents": incidents}
        )
    except ValueError as error:
        details: list[dict[str, Any]] = getattr(error, "errors", list)()
        texts = sorted({f"--{d['loc'][-1]}: {d['msg']}" for d in details})
        stop("; ".join(texts) or str(error))


def _from_preset(
    estate: Estate, name: str, aim: Sequence[str], start: datetime | None, variant: str | None
) -> Scenario:
    """Scenario of a real outage, aimed at what the estate has of it."""
    known = outage_presets(flagged=True)
    if name not in known:
        close = get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else "see --preset list"
        stop(f"no real outage is called {name!r}: {hint}")
    real = known[name]
    incidents = aimed(real, estate, aim, start=start, variant=variant)
    sure = "" if real.confidence == "high" else f"; not sure: {real.confidence}"
    title = f"{real.id}, moved" if start else f"{real.id}, as on record"
    return Scenario(name=title, why=f"{real.source}{sure}", incidents=incidents)


def _list_presets(*, as_json: bool) -> None:
    """Real outages that can be played."""
    rows = list(outage_presets(flagged=True).values())
    if as_json:
        print_json([row.model_dump(mode="json") for row in rows])
        return
    print_table(
        "Real outages",
        ("name", "provider", "start", "end", "confidence"),
        [
            (r.id, r.provider.name, f"{r.start:%Y-%m-%d %H:%M}Z",
             f"{r.end:%Y-%m-%d %H:%M}Z" if r.end else "–", r.confidence)
            for r in rows
        ],
    )  # fmt: skip


def _length(text: str) -> timedelta:
    found = _LENGTH.match(text.strip())
    if found is None:
        stop(f"--for {text!r} is not a length; write 50m, 4h or 2d")
    seconds = Decimal(found[1]) * _SECONDS[found[2]]
    if not 0 < seconds <= _MOST_DAYS * 86_400:
        stop(f"--for {text!r} is not between a second and ten years")
    return timedelta(microseconds=int(seconds * 1_000_000))


def _require_known(estate: Estate, incidents: Sequence[Incident]) -> None:
    """Refuse a scenario that names what the estate does not have."""
    problems = []
    for incident in incidents:
        kinds = estate.node_kinds(incident.affects)
        if len(kinds) == 1:
            continue
        meant = " or ".join(f"{kind}:{name}" for kind, name in kinds)
        problems.append(
            Problem(
                code="ambiguous-reference" if kinds else "unknown-reference",
                what=f"no service, location or organization has the id {incident.affects!r}"
                if not kinds
                else f"{incident.affects!r} is the id of several things",
                hint=f"write {meant}" if kinds else _suggestion(estate, incident.affects),
                value=incident.affects,
            )
        )
    if problems:
        raise RegisterError("the scenario names unknown things", problems)


def _suggestion(estate: Estate, name: str) -> str:
    known = [*estate.service, *estate.location, *estate.organization]
    close = get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else "look it up: depgraph assess ESTATE"


def _changes(before: Estate, after: Estate) -> list[dict[str, Any]]:
    """Services whose availability or single points of failure change (rule W3)."""
    old = {answer.id: answer for answer in assessed(before).services}
    new = {answer.id: answer for answer in assessed(after).services}
    found = []
    for service in dict.fromkeys([*old, *new]):
        a, b = old.get(service), new.get(service)
        was = (a.low, a.high, a.single_points_of_failure) if a else None
        becomes = (b.low, b.high, b.single_points_of_failure) if b else None
        if was == becomes:
            continue
        found.append(
            {
                "id": service,
                "availability_before": a.availability if a else None,
                "availability_after": b.availability if b else None,
                "minutes_before": _budget(a.availability if a else None),
                "minutes_after": _budget(b.availability if b else None),
                "single_points_of_failure_before": len(a.single_points_of_failure) if a else None,
                "single_points_of_failure_after": len(b.single_points_of_failure) if b else None,
            }
        )
    return found


def _budget(availability: float | None) -> float | None:
    """Downtime in minutes per 30-day month (rule A10)."""
    return None if availability is None else (1 - availability) * 43_200


def _json(answer: WhatIf, changes: list[dict[str, Any]]) -> dict[str, Any]:
    """One document: the settlement's keys beside those of the outage."""
    data = answer.model_dump(mode="json")
    settled = data.pop("settlement")
    data["services_down"] = [
        {
            "id": row["id"],
            "from": row["start"],
            "to": row["end"],
            **{k: v for k, v in row.items() if k not in {"id", "start", "end"}},
        }
        for row in data["services_down"]
    ]
    return {**data, "changes": changes, **settled}


def _print(answer: WhatIf, changes: list[dict[str, Any]], *, explain: bool) -> None:
    output.print(f"[bold]{safe(answer.name or 'What if')}[/]  {safe(answer.why)}\n")
    if changes:
        print_table(
            "Before → after",
            ("service", ">availability", ">min/month", ">single points of failure"),
            [_change_cells(row) for row in changes],
        )
    print_table(
        f"Down: {len({row.id for row in answer.services_down})} services",
        ("service", "from", ">minutes", "because"),
        [
            (row.id, f"{row.start:%Y-%m-%d %H:%M}Z", f"{row.minutes:.9g}", " → ".join(row.because))
            for row in answer.services_down[:_SHOWN_DOWN]
        ],
    )
    if len(answer.services_down) > _SHOWN_DOWN:
        output.print(f"… and {len(answer.services_down) - _SHOWN_DOWN} more (--json has all)\n")
    if answer.functions:
        print_table(
            "Business functions",
            ("function", ">minutes", ">loss"),
            [
                (
                    f.id,
                    f"{f.minutes:.9g}",
                    "not stated" if f.loss is None else f"{f.loss} {f.currency}",
                )
                for f in answer.functions
            ],
        )
    print_settlement(answer.settlement, explain=explain)
    if answer.clocks:
        print_table(
            "Regulatory clocks, where the law applies to you",
            ("law", "duty", "due", "counted from", "article"),
            [
                (
                    c.regulation,
                    c.duty,
                    f"{c.due:%Y-%m-%d %H:%M}Z" if c.due else f"after {c.anchor}",
                    c.anchor,
                    c.article,
                )
                for c in answer.clocks
            ],
        )


def _change_cells(row: dict[str, Any]) -> tuple[object, ...]:
    def change(name: str) -> str:
        return f"{_shown(row[f'{name}_before'])} → {_shown(row[f'{name}_after'])}"

    return row["id"], change("availability"), change("minutes"), change("single_points_of_failure")


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.9g}"
