"""`diligence` and `quality`: suppliers, theirs, and what our answers rest on (rules D, A5)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from depgraph.engine.availability import assessed
from depgraph.engine.concentration import Thresholds
from depgraph.engine.data_quality import DataQuality
from depgraph.engine.diligence import WEIGHTS, Diligence, DiligenceOptions, data_quality
from depgraph.engine.diligence import diligence as diligence_of
from depgraph.engine.diligence_change import DiligenceChange, diligence_change, vendors_compared
from depgraph.engine.exposures import Weight
from depgraph.engine.nth_parties import PATHS_LISTED
from depgraph.engine.scenario import edited
from depgraph.engine.structure import structure_of
from depgraph.model.estate import Estate
from depgraph.wording import share_text
from ingest.articles import article_map
from ingest.published import with_published
from ingest.scenario import read_scenario
from ui.commands.assessment import (
    EstateArgument,
    JsonOption,
    NameOption,
    read_day,
    require_ids,
)
from ui.console import output, print_json, print_table, safe, say, stop
from ui.diligence_pack import diligence_pack, index_text
from ui.document import Document
from ui.documents import WRITERS, written
from ui.estates import opened_estate, origins_of
from ui.figures_text import change_text
from ui.name_lists import AllOption, with_lengths
from ui.typed_options import path_to_write

_SHOWN = 25


class WeightOption(StrEnum):
    """By what concentration is weighted."""

    CRITICALITY = "criticality"
    FEE = "fee"
    FUNCTION = "function"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(diligence)
    app.command()(quality)


def diligence(
    estate: EstateArgument,
    organization: Annotated[
        str | None,
        typer.Option(metavar="ID", help="One supplier; or one of ours, to take its standpoint."),
    ] = None,
    compare: Annotated[
        tuple[str, str] | None, typer.Option(metavar="A B", help="Two suppliers side by side.")
    ] = None,
    onboard: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Scenario with edits: suppliers before → after."),
    ] = None,
    weight: Annotated[
        list[WeightOption] | None, typer.Option(help="criticality, fee or function; repeatable.")
    ] = None,
    moderate: Annotated[float, typer.Option(help="HHI from which it is moderate.")] = 0.10,
    high: Annotated[float, typer.Option(help="HHI above which it is high.")] = 0.18,
    largest_share: Annotated[
        float, typer.Option(help="Share of one alone above which it is high.")
    ] = 0.5,
    regulation: Annotated[
        list[str] | None,
        typer.Option(help="DORA, NIS2, GDPR or ISO/IEC 19086; repeatable, all when absent."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DAY", help="Contracts run on this day; today.")
    ] = None,
    paths: Annotated[
        int,
        typer.Option(
            min=0,
            help="Chains of suppliers from us to each party that are listed, shortest first; all "
            "are counted.",
        ),
    ] = PATHS_LISTED,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", parser=path_to_write, help="Diligence pack: .html, .xlsx or .md."
        ),
    ] = None,
    as_json: JsonOption = False,
    name: NameOption = None,
) -> None:
    """Who we rest on, how concentrated, what is missing: rules D1 to D3, L12, A5.

    Example: depgraph diligence my-estate/ --organization payfirst --out pack.html
    """
    require_writable(out)
    if compare is not None and onboard is not None:
        stop("--compare and --onboard are two questions: ask one at a time")
    opened = with_published(opened_estate(estate, name))
    asked = [] if organization is None else [organization]
    require_ids("organization", [*asked, *(compare or ())], opened.organization)
    options = DiligenceOptions(
        organization=organization,
        weights=_weights(weight),
        thresholds=_thresholds(moderate, high, largest_share),
        obligations=tuple(
            row for row in article_map().values() if _wanted(row.regulation, regulation)
        ),
        as_of=read_day(as_of),
        paths=paths,
        origins=origins_of(estate, name),
    )  # fmt: skip
    if onboard is not None:
        after = with_published(edited(opened, read_scenario(onboard, opened).edits))
        change = diligence_change(opened, after, options)
        _write_pack(out, after, change.after)
        print_json(change) if as_json else _print_change(change)
        return
    answer = diligence_of(structure_of(opened), options)
    _write_pack(out, opened, answer)
    if compare is not None:
        sides = vendors_compared(answer, *compare)
        if as_json:
            print_json(sides)
        else:
            print_table("Side by side", ("fact", *sides.organizations), sides.facts)
        return
    print_json(answer) if as_json else _print(answer)


def quality(
    estate: EstateArgument,
    every_name: AllOption = False,
    as_json: JsonOption = False,
    name: NameOption = None,
) -> None:
    """What our conclusions rest on: missing, defaulted, inferred, promised; worst first.

    Example: depgraph quality my-estate/
    """
    opened = with_published(opened_estate(estate, name))
    structure = structure_of(opened)
    answer = data_quality(structure, assessed(opened, None, structure), origins_of(estate, name))
    if not as_json:
        _print_quality(answer)
        return
    rows, shown = with_lengths(answer.results, ("missing", "defaulted"), every_name=every_name)
    data = answer.replace(results=()).model_dump(mode="json")
    print_json(data | {"results": rows, "names_shown": shown})


def require_writable(out: Path | None) -> None:
    """Refuse file names that nothing can be written to, before any work is done."""
    if out is None:
        return
    if out.suffix.lower() not in WRITERS:
        stop(f"--out {out.name} ends in {out.suffix!r}; write .html, .xlsx or .md")
    if not out.absolute().parent.is_dir():
        stop(f"the folder {out.absolute().parent} does not exist")


def _weights(given: Sequence[WeightOption] | None) -> tuple[Weight, ...]:
    return tuple(dict.fromkeys(w.value for w in given)) if given else WEIGHTS


def _wanted(regulation: str, given: Sequence[str] | None) -> bool:
    """Whether a regulation was asked for; all are when none was named."""
    if not given:
        return True
    known = {row.regulation for row in article_map().values()}
    unknown = [name for name in given if name.casefold() not in {k.casefold() for k in known}]
    if unknown:
        stop(f"--regulation cannot be {unknown[0]!r}; choose from {', '.join(sorted(known))}")
    return regulation.casefold() in {name.casefold() for name in given}


def _thresholds(moderate: float, high: float, largest: float) -> Thresholds:
    try:
        return Thresholds(moderate=moderate, high=high, largest_share=largest)
    except ValidationError as error:
        stop(
            "; ".join(
                _threshold_fault(each["loc"], each["msg"], each["input"]) for each in error.errors()
            )
        )


def _threshold_fault(place: Sequence[object], message: str, value: object) -> str:
    """What is wrong with one threshold, by the name of its option; or with all of them together."""
    if not place:
        return message
    return f"--{str(place[0]).replace('_', '-')}: {value} is refused: {message}"


def _write_pack(out: Path | None, estate: Estate, answer: Diligence) -> None:
    if out is not None:
        write_document(diligence_pack(estate, answer), out)


def write_document(document: Document, out: Path) -> None:
    """Write a document and say so; what the disk refuses is said too."""
    try:
        written(document, out)
    except OSError as error:
        stop(f"{out} cannot be written: {error.strerror}")
    say(f"written to {out}")


def _print(answer: Diligence) -> None:
    parties = answer.nth_parties
    print_table(
        f"Suppliers and theirs: {len(parties.parties)}, {len(parties.undisclosed)} undisclosed",
        (">rank", "organization", "country", "disclosed", ">ways", "only through",
         "critical functions"),
        [
            (p.rank, p.organization, p.country or "?", "yes" if p.disclosed else "NO",
             p.paths_count if p.paths_count_exact else f">= {p.paths_count}",
             p.only_through or "", ", ".join(p.critical_functions))
            for p in parties.parties
        ],
    )  # fmt: skip
    if parties.services_without_provider:
        say(f"nobody could say who provides {', '.join(parties.services_without_provider)}")
    if parties.contracts_not_in_force:
        say(f"not in force on {answer.as_of}: {', '.join(parties.contracts_not_in_force)}")
    print_table(
        "Concentration",
        ("of", "weighted by", "index", "level", "largest"),
        [
            (row.dimension, f"{row.weight} {row.currency}".strip(), index_text(row), row.level,
             ", ".join(f"{h.id} {share_text(h.share)}" for h in row.holders[:3]))
            for row in answer.concentrations
        ],
    )  # fmt: skip
    points = [d for d in answer.dominators if d.must_pass]
    print_table(
        "What functions must pass through (it fails alone, and they are down)",
        ("kind", "id", ">of critical", "functions", ">services down"),
        [
            (d.kind, d.id, "" if d.critical_share is None else share_text(d.critical_share),
             ", ".join(d.must_pass), len(d.services_down))
            for d in points[:_SHOWN]
        ],
    )  # fmt: skip
    _more(len(points))
    _print_assessments(answer)
    gaps = [(vendor.organization, gap) for vendor in answer.vendors for gap in vendor.gaps]
    print_table(
        "Substitution, exit, audit: what is missing",
        ("supplier", "gap", "what", "critical"),
        [(name, g.code, g.message, "yes" if g.critical else "") for name, g in gaps[:_SHOWN]],
    )
    _more(len(gaps))
    print_table(
        "Contract terms against the law",
        ("contract", "supplier", ">required", ">present", ">absent", ">unknown"),
        [(c.contract, c.supplier, c.required, c.present, c.absent, c.unknown)
         for c in answer.contracts],
    )  # fmt: skip
    _print_quality(answer.quality)


def _print_assessments(answer: Diligence) -> None:
    rows = [(vendor.organization, row) for vendor in answer.vendors for row in vendor.assessments]
    print_table(
        "Substitution, exit, audit: what is on record",
        ("supplier", "contract", "service", "substitutability", "exit plan", "last audit",
         "alternatives"),
        [
            (name, row.contract, row.service_type or "",
             f"{row.substitutability or '?'}{f' ({row.obstacle})' if row.obstacle else ''}",
             {True: "yes", False: "NO", None: "?"}[row.exit_plan], str(row.last_audit or "?"),
             row.alternatives or row.alternatives_identified or "?")
            for name, row in rows[:_SHOWN]
        ],
    )  # fmt: skip
    _more(len(rows))


def _more(count: int) -> None:
    if count > _SHOWN:
        output.print(f"… and {count - _SHOWN} more (--json has all)\n")


def _print_quality(answer: DataQuality) -> None:
    weak = [row for row in answer.results if row.width or row.score < 1]
    print_table(
        "What the results rest on, worst first",
        ("result", "of", ">score", ">width", "missing", "what would help most"),
        [
            (r.kind, r.subject, share_text(r.score), f"{r.width:.4g}", ", ".join(r.missing[:3]),
             str(r.best_fact or ""))
            for r in weak[:_SHOWN]
        ],
    )  # fmt: skip
    _more(len(weak))
    print_table(
        "Sources",
        ("source", ">values", ">given", ">inferred", ">defaulted", ">score"),
        [(s.source, s.values, s.given, s.inferred, s.defaulted, share_text(s.score))
         for s in answer.sources],
    )  # fmt: skip


def _print_change(change: DiligenceChange) -> None:
    output.print(safe(f"parties that come: {', '.join(change.parties_added) or 'none'}"))
    output.print(safe(f"  undisclosed: {', '.join(change.undisclosed_added) or 'none'}"))
    output.print(safe(f"parties that go: {', '.join(change.parties_removed) or 'none'}\n"))
    print_table(
        "Concentration, before → after",
        ("of", "weighted by", "HHI", "level"),
        [
            (row.dimension, f"{row.weight} {row.currency}".strip(),
             f"{_range(row.before_low, row.before_high)} → {_range(row.after_low, row.after_high)}",
             f"{row.before_level or '–'} → {row.after_level or '–'}")
            for row in change.concentrations
        ],
    )  # fmt: skip
    print_table(
        "Critical functions that must pass through, before → after",
        ("what", ">before", ">after"),
        [(p, share_text(a), share_text(b)) for p, (a, b) in change.critical_shares.items()],
    )
    print_table(
        "Availability, before → after",
        ("service", ">minutes a month gained", "single points that come", "that go"),
        [
            (row.id, change_text(row.gained_minutes_per_month),
             ", ".join(row.single_points_added), ", ".join(row.single_points_removed))
            for row in change.availability.changes[:_SHOWN]
        ],
    )  # fmt: skip


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "–"
    return f"{low:.4f}" if low == high else f"{low:.4f} to {high:.4f}"
