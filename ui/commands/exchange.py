"""`import` and `export`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from depgraph.collection import collection_paused
from depgraph.wording import counted
from ingest.folder import Written, opened_folder, write_folder
from ingest.formats.not_held import not_held
from ingest.formats.own_tables import template_csv
from ingest.formats.registry import exporter, exporter_names, importer, importer_names
from ingest.merge import draft_for, merged
from ingest.provenance import ImportReport
from ui.commands.assessment import EstateArgument, JsonOption, NameOption
from ui.commands.register import (
    CountryOption,
    CurrencyOption,
    DayOption,
    LeiOption,
    ScopeOption,
    options_of,
    typed_options,
    write_register,
)
from ui.console import output, print_json, safe, say, stop
from ui.estates import opened_estate
from ui.typed_options import path_to_write

SHOWN_NOTES = 20
"""Lines of each kind of note that are printed; --json has all."""
FileOption = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE", parser=path_to_write, help="File; standard output when absent."
    ),
]
_HEADINGS = {
    "inferred": "inferred",
    "left_out": "left out",
    "missing": "missing",
    "conflict": "in conflict",
    "stale": "stale",
    "review": "to review",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_files)
    app.command("export")(export_estate)
    app.command("template")(template)


def import_files(
    format_name: Annotated[str, typer.Argument(metavar="FORMAT", help=", ".join(importer_names()))],
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="What to read; one or more.")],
    out: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER", parser=path_to_write, help="Folder of the estate; made or added to."
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Read foreign files into an estate folder; ends with a report of what was taken.

    Importing the same file twice changes nothing. What may be one thing under two names goes to
    .provenance/review.json in the folder: write accept or reject there and import again.

    Example: depgraph import cyclonedx bom.json --out my-estate/
    """
    if format_name not in importer_names():
        stop(f"no format is called {format_name!r}; there are {', '.join(importer_names())}")
    if out.exists() and not out.is_dir():
        stop(f"--out {out} is no folder; name one that is there or is to be made")
    try:
        with collection_paused():
            reports, written = _imported(format_name, files, out)
    except OSError as error:
        stop(f"{error.filename or out} cannot be used: {error.strerror}")
    if as_json:
        print_json(
            {
                "out": str(out),
                "written": [str(file) for file in written.files],
                "former_texts": {str(file): str(kept) for file, kept in written.kept.items()},
                "reports": [report.data() for report in reports],
            }
        )
    else:
        for report in reports:
            _print_report(report)
        names = ", ".join(map(str, written.files))
        say(f"written to {names}" if names else "nothing changed")
    for file, kept in written.kept.items():
        say(f"{file} had to be written anew, without its comments; its former text is in {kept}")


def _imported(format_name: str, files: list[Path], out: Path) -> tuple[list[ImportReport], Written]:
    """Read files into a folder, one after another; it is written when all are read."""
    read = importer(format_name)
    folder = opened_folder(out)
    reports = []
    for file in files:
        if not file.exists():
            stop(f"{file} does not exist: check the path")
        if file.is_dir():
            stop(f"{file} is a folder: name the files in it")
        draft = draft_for(folder, f"{format_name}:{'/'.join(file.resolve().parts[-2:])}")
        read(file, draft)
        reports.append(merged(folder, draft)[1])
    return reports, write_folder(folder)


def _print_report(report: ImportReport) -> None:
    """Print a report for people."""
    taken = (
        ", ".join(
            counted(count, name.removesuffix("s"), name) for name, count in report.taken.items()
        )
        or "nothing"
    )
    output.print(safe(f"{report.source}: took {taken}"), soft_wrap=True)
    for part, counts in report.counts.items():
        output.print(safe(f"  {part}: {_counted(counts)}"), soft_wrap=True)
    for kind, notes in report.data().items():
        if kind not in _HEADINGS or not notes:
            continue
        output.print(safe(f"  {_HEADINGS[kind]} ({len(notes)})"))
        for note in notes[:SHOWN_NOTES]:
            place = f"  [{note['place']}]" if note["place"] else ""
            output.print(safe(f"    {note['what']}{place}"), soft_wrap=True)
        if len(notes) > SHOWN_NOTES:
            output.print(f"    and {len(notes) - SHOWN_NOTES} more (--json has all)")


def _counted(counts: Mapping[str, int]) -> str:
    """Rows and fields of one part of a source."""
    rows = f"{counts['rows_taken']:,} of {counted(counts['rows'], 'row')}"
    fields = f"{counts['fields_taken']:,} of {counted(counts['fields'], 'field')} taken"
    inferred = counts.get("fields_inferred", 0)
    return f"{rows}, {fields}" + (f", {inferred} of them by their label" if inferred else "")


def export_estate(
    format_name: Annotated[str, typer.Argument(metavar="FORMAT", help=", ".join(exporter_names()))],
    estate: EstateArgument,
    out: FileOption = None,
    name: NameOption = None,
    lei: LeiOption = None,
    country: CountryOption = None,
    scope: ScopeOption = None,
    reference_date: DayOption = None,
    currency: CurrencyOption = None,
    with_gaps: Annotated[
        bool, typer.Option("--with-gaps", help="DORA: write what would be rejected too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write an estate in another format.

    The register of information (dora) is named after who files and when: the estate says so on
    the organization with register_maintenance, or the options marked DORA do.

    Example: depgraph export mermaid my-estate/ --out picture.mmd
    """
    if format_name not in exporter_names():
        stop(f"no format is called {format_name!r}; there are {', '.join(exporter_names())}")
    _require_file(out, as_json)
    filing = options_of(lei, country, scope, reference_date, currency)
    if format_name == "dora":
        path = write_register(opened_estate(estate, name), filing, out, with_gaps=with_gaps)
        if as_json:
            print_json({"format": format_name, "written": str(path), "left_out": None})
        return
    idle = [each for each in (typed_options(filing), "--with-gaps" if with_gaps else "") if each]
    if idle:
        stop(
            f"{', '.join(idle)}: only the register of information takes it, and {format_name} is "
            "another format; leave it out, or export dora"
        )
    opened = opened_estate(estate, name)
    _write(exporter(format_name)(opened), out)
    told = not_held(format_name, opened)
    if as_json:
        print_json({"format": format_name, "written": str(out), "left_out": told or None})
    elif told:
        say(told)


def template(
    format_name: Annotated[str, typer.Argument(metavar="FORMAT", help="xlsx or csv.")],
    out: FileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the empty tables that `import xlsx` and `import csv` read, with help for each column.

    Example: depgraph template xlsx --out my-estate.xlsx
    """
    if format_name not in {"xlsx", "csv"}:
        stop(f"there is no template {format_name!r}; choose from xlsx, csv")
    _require_file(out, as_json)
    if format_name == "csv":
        _write(template_csv(), out)
    else:
        from ingest.formats.own_workbook import (  # noqa: PLC0415 - openpyxl loads only when needed
            template_bytes,
        )

        _write(template_bytes(), out)
    if as_json:
        print_json({"format": format_name, "written": str(out)})


def _require_file(out: Path | None, as_json: bool) -> None:
    """Refuse two documents on one standard output."""
    if as_json and out is None:
        stop("--json tells what was written: name a file with --out")


def _write(content: str | bytes, out: Path | None) -> None:
    """Write a file, or to standard output."""
    raw = content.encode() if isinstance(content, str) else content
    if out is None:
        if isinstance(content, bytes) and sys.stdout.isatty():
            stop("this is no text for a screen: name a file with --out, or pass it on with a pipe")
        sys.stdout.buffer.write(raw)
        return
    if out.is_dir():
        stop(f"{out} is a folder: name a file in it")
    try:
        out.write_bytes(raw)
    except OSError as error:
        stop(f"{out} cannot be written: {error.strerror}")
    say(f"written to {out}")
