"""`schedules`: the library of published credit schedules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from depgraph.engine.schedule_check import schedule_faults
from depgraph.wording import did_you_mean
from ingest.published import PublishedSchedule, published_schedules
from ui.commands.assessment import JsonOption
from ui.console import output, print_json, print_table, safe, stop


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(schedules)


def schedules(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="One schedule, with its defects.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List published credit schedules, usable by name in an estate.

    In an estate: `credits: {published: aws-ec2-region}`.

    Example: depgraph schedules github-ghec
    """
    library = published_schedules()
    if name is not None and name not in library:
        hint = did_you_mean(name, library, "see depgraph schedules")
        stop(f"no published schedule is called {name!r}: {hint}")
    chosen = [library[name]] if name else list(library.values())
    faults = {row.id: schedule_faults(row.credits, row.target) for row in chosen}
    if as_json:
        print_json(
            [
                {
                    **row.model_dump(mode="json"),
                    "faults": [fault.model_dump(mode="json") for fault in faults[row.id]],
                }
                for row in chosen
            ]
        )
        return
    print_table(
        "Published schedules",
        ("name", "provider", ">target", "measure", "date", "defects"),
        [
            (row.id, row.provider, row.target, row.measure, row.date,
             ", ".join(sorted({fault.code for fault in faults[row.id]})))
            for row in chosen
        ],
    )  # fmt: skip
    if name is not None:
        row = library[name]
        for text in (row.service, f"source: {row.source}", f"confidence: {row.confidence}"):
            output.print(safe(text), soft_wrap=True)
        for tier in row.credits.tiers:
            given = tier.model_dump(mode="json", exclude_none=True)
            output.print(safe("  " + ", ".join(f"{key} {value}" for key, value in given.items())))
        for text in _beside_the_rows(row):
            output.print(safe(text), soft_wrap=True)
        for fault in faults[name]:
            output.print(safe(f"{fault.code}: {fault.message} ({fault.hint})"))


def _beside_the_rows(row: PublishedSchedule) -> Iterator[str]:
    """Smallest credit, window of claims, what the objective has to say, and the note."""
    schedule = row.credits
    if schedule.minimum is not None:
        yield f"  not issued: {schedule.minimum} or less"
    claim = schedule.claim.model_dump(mode="json", exclude_defaults=True)
    yield "  " + ", ".join(
        f"{key} {value}" for key, value in claim.items() or [("mode", "automatic")]
    )
    counted = row.measured.model_dump(mode="json", exclude_none=True)
    if counted:
        said = ", ".join(f"{key}: {value}" for key, value in counted.items())
        yield f"write in the objective: {{measure: {row.measure}, {said}}}"
    if row.note:
        yield f"note: {row.note}"
