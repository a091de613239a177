"""`register`: what the regulator would say to the register of information, and its export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from depgraph.model.estate import Estate
from depgraph.wording import counted
from ingest.dora.checks import register_gaps
from ingest.dora.filing import Filing, FilingOptions, package_gaps
from ingest.dora.gaps import SEVERITIES, Gap
from ingest.dora.package_writing import package_bytes
from ingest.dora.register import Register
from ingest.dora.taxonomy import templates
from ingest.formats.dora import checked_filing, is_workbook, opened_register
from ingest.provenance import Draft
from ui.commands.assessment import JsonOption, NameOption
from ui.console import FINE, FOUND, output, print_json, safe, say, stop
from ui.estates import opened_estate, require_name_meant

SHOWN_GAPS = 40
"""Gaps that are printed; --json has all."""
REGISTER_FILES = {".zip", ".xlsx", ".xlsm"}

LeiOption = Annotated[str | None, typer.Option("--lei", help="DORA: LEI of the entity that files.")]
CountryOption = Annotated[
    str | None, typer.Option("--country", help="DORA: its country, two letters.")
]
ScopeOption = Annotated[
    Literal["consolidated", "individual"] | None,
    typer.Option("--scope", help="DORA: whether the register covers a group."),
]
DayOption = Annotated[
    datetime | None,
    typer.Option("--reference-date", formats=["%Y-%m-%d"], help="DORA: day of the report."),
]
CurrencyOption = Annotated[
    str | None, typer.Option("--currency", help="DORA: currency of the report, three letters.")
]
FailOption = Annotated[
    Literal["reject", "warning", "advice", "never"],
    typer.Option("--fail-on", help="End with 1 when there is a gap of this kind or worse."),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("register")(check_register)


def options_of(
    lei: str | None,
    country: str | None,
    scope: Literal["consolidated", "individual"] | None,
    reference_date: datetime | None,
    currency: str | None,
) -> FilingOptions:
    """What was said on the command line."""
    day: date | None = reference_date.date() if reference_date else None
    return FilingOptions(lei, country, scope, day, currency)


def typed_options(options: FilingOptions) -> str:
    """The options of the register that were given, with their values; empty where none was."""
    given = {
        "--lei": options.lei,
        "--country": options.country,
        "--scope": options.scope,
        "--reference-date": options.reference_date,
        "--currency": options.base_currency,
    }
    return ", ".join(f"{name} {value}" for name, value in given.items() if value is not None)


def check_register(
    estate: Annotated[
        str,
        typer.Argument(metavar="ESTATE|FILE", help="An estate, or a register as .zip or .xlsx."),
    ],
    lei: LeiOption = None,
    country: CountryOption = None,
    scope: ScopeOption = None,
    reference_date: DayOption = None,
    currency: CurrencyOption = None,
    fail_on: FailOption = "reject",
    as_json: JsonOption = False,
    name: NameOption = None,
) -> None:
    """List what the regulator would reject or question in the DORA register of information.

    Each gap names the rule, the record and the field to fill. ESTATE is an estate, or a register
    that exists already: a package (.zip) or a workbook (.xlsx).

    Example: depgraph register my-estate/ --reference-date 2025-12-31 --scope individual
    """
    file = Path(estate)
    filing: Filing | None = None
    options = options_of(lei, country, scope, reference_date, currency)
    if file.suffix.lower() in REGISTER_FILES and file.is_file():
        require_name_meant(estate, name)
        if typed := typed_options(options):
            stop(f"{estate} is a register already, and says itself what it is: leave out {typed}")
        held = opened_register(file, Draft("register"))
        packed = [] if is_workbook(file) else package_gaps(file, held)
        gaps = [*packed, *register_gaps(held)]
    else:
        held, filing, gaps = checked_filing(opened_estate(estate, name), options)
    if as_json:
        print_json(_data(held, filing, gaps))
    else:
        _print(held, filing, gaps)
    over = fail_on != "never" and any(
        SEVERITIES.index(gap.severity) <= SEVERITIES.index(fail_on) for gap in gaps
    )
    raise typer.Exit(FOUND if over else FINE)


def write_register(
    estate: Estate, options: FilingOptions, out: Path | None, *, with_gaps: bool
) -> Path:
    """Write the package of an estate; refuse what the regulator would, unless told otherwise.

    Returns
    -------
    Path
        Where it is.
    """
    held, filing, gaps = checked_filing(estate, options)
    rejected = [gap for gap in gaps if gap.severity == "reject"]
    for gap in gaps if filing is None else rejected:
        if gap.severity == "reject":
            say(_line(gap))
    number = Counter(gap.severity for gap in gaps)
    say(", ".join(f"{number[kind]} {kind}" for kind in SEVERITIES) + " (depgraph register ESTATE)")
    if filing is None:
        # Repeated, since hundreds of other gaps may stand between.
        told = "; ".join(gap.what for gap in rejected if not gap.template)
        stop(f"the package has no name: {told}")
    if rejected and not with_gaps:
        stop(
            f"{counted(len(rejected), 'gap')} would be rejected; --with-gaps writes it all the "
            "same",
            FOUND,
        )
    if out is None:
        stop("give --out FILE.zip, or a folder")
    path = out / f"{filing.name}.zip" if out.is_dir() else out
    try:
        path.write_bytes(package_bytes(held, filing))
    except OSError as error:
        stop(f"{path} cannot be written: {error.strerror}")
    if path.stem != filing.name:
        say(f"to be accepted the file must be called {filing.name}.zip (rule 103)")
    say(f"written to {path}")
    return path


def _data(held: Register, filing: Filing | None, gaps: Sequence[Gap]) -> dict[str, Any]:
    number = Counter(gap.severity for gap in gaps)
    return {
        "package": filing.name if filing else held.name or None,
        "rows": {code: len(held.rows[code]) for code in templates()},
        "counts": {kind: number[kind] for kind in SEVERITIES},
        "gaps": [gap.data() for gap in gaps],
    }


def _print(held: Register, filing: Filing | None, gaps: Sequence[Gap]) -> None:
    name = filing.name if filing else held.name or "no name yet"
    output.print(safe(f"package: {name}"), soft_wrap=True)
    rows = ", ".join(f"{code} {len(held.rows[code])}" for code in templates())
    output.print(safe(f"rows: {rows}"), soft_wrap=True)
    number = Counter(gap.severity for gap in gaps)
    output.print(safe("gaps: " + ", ".join(f"{number[kind]} {kind}" for kind in SEVERITIES)))
    for gap in gaps[:SHOWN_GAPS]:
        output.print(safe(f"  {_line(gap)}"), soft_wrap=True)
    if len(gaps) > SHOWN_GAPS:
        output.print(f"  and {len(gaps) - SHOWN_GAPS} more (--json has all)")


def _line(gap: Gap) -> str:
    """One gap for people."""
    cell = f"{gap.template}.{gap.column} " if gap.column else ""
    end = f"fill {gap.fill}" if gap.fill else gap.place
    return f"{gap.severity} {gap.rule}: {cell}{gap.what}  [{end}]"
