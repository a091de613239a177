"""`flowdown`: every promise beside the agreements that must back it (rule P2)."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, get_args

import typer

from depgraph.engine.finding import LEVELS, Finding
from depgraph.engine.flow_down import FlowDown, FlowDownEdge, flow_down
from depgraph.engine.flow_down_findings import flow_down_findings
from depgraph.engine.obligation_match import STATUSES, Obligation
from depgraph.model.estate import Estate
from depgraph.wording import counted
from ingest.published import with_published
from ui.commands.assessment import EstateArgument, JsonOption, NameOption, read_day
from ui.console import FOUND, output, print_json, print_table, safe, say, stop
from ui.estates import opened_estate
from ui.spreadsheet import escaped_cell

_MOST_ROWS = 200
_COLUMNS: dict[Obligation, str] = {
    "availability": "avail.",
    "measurement": "measure",
    "incident_response_hours": "response",
    "resolution_hours": "resolve",
    "rto_hours": "RTO",
    "rpo_hours": "RPO",
    "breach_notice_hours": "notice",
    "claim_deadline": "claim",
    "audit_right": "audit",
    "data_residency": "data",
    "subcontracting": "subcon.",
    "exit_assistance_days": "exit",
    "liability_cap": "cap",
    "force_majeure": "f.maj.",
    "maintenance": "maint.",
    "term_end": "term",
}
_CELLS = {"MATCH": "ok", "WEAKER": "WEAKER", "MISSING": "MISSING", "UNKNOWN": "?"}
_CSV_COLUMNS = (
    "promise", "customer", "service", "supplier", "held_sla", "obligation", "promised", "held",
    "status", "difference", "promised_clause", "held_clause", "message", "rule",
)  # fmt: skip


class StatusOption(StrEnum):
    """How an obligation is backed (rule P2)."""

    MATCH = "match"
    WEAKER = "weaker"
    MISSING = "missing"
    UNKNOWN = "unknown"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(flowdown)


def flowdown(
    estate: EstateArgument,
    sla: Annotated[
        list[str] | None, typer.Option("--sla", help="Only this promise; may be repeated.")
    ] = None,
    status: Annotated[
        list[StatusOption] | None,
        typer.Option(
            help="Only obligations of this status; may be repeated.", case_sensitive=False
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="Day on which agreements must be in force, such as 2026-04-01; today."),
    ] = None,
    fail_on: Annotated[
        str,
        typer.Option(
            help="End with 1 on findings of this level or worse: note, warning, error, never."
        ),
    ] = "error",
    as_json: JsonOption = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="One line per obligation as CSV on standard output.")
    ] = False,
    name: NameOption = None,
) -> None:
    """Whether what is held backs what is promised, obligation by obligation (rule P2).

    A matrix of promises and obligations, then every gap. Availability is the composite of
    everything held; what is not known is never a match.

    Example: depgraph flowdown my-estate/ --status missing
    """
    if fail_on not in {*LEVELS, "never"}:
        stop(f"--fail-on cannot be {fail_on!r}; choose from {', '.join(LEVELS)} or never")
    if as_json and as_csv:
        stop("choose one of --json and --csv")
    read = with_published(opened_estate(estate, name))
    unknown = [one for one in sla or () if one not in read.sla]
    if unknown:
        stop(f"no SLA has the id {', '.join(map(repr, unknown))}")
    day = read_day(as_of) or datetime.now(UTC).date()
    answer = _only(flow_down(read, day), set(sla or ()))
    found = flow_down_findings(read, answer)
    wanted = {one.value.upper() for one in status or ()}
    if as_json:
        print_json(
            {**_data(answer, wanted), "findings": [f.model_dump(mode="json") for f in found]}
        )
    elif as_csv:
        _print_csv(read, answer, wanted)
    else:
        _print_text(answer, wanted, found)
    order: list[str] = list(LEVELS)
    if fail_on != "never" and any(order.index(f.level) >= order.index(fail_on) for f in found):
        raise typer.Exit(FOUND)


def _only(answer: FlowDown, promises: set[str]) -> FlowDown:
    """Keep some promises; all when none is named."""
    if not promises:
        return answer
    return answer.replace(
        promises=tuple(p for p in answer.promises if p.promise in promises),
        edges=tuple(e for e in answer.edges if e.promise in promises),
        unbacked=tuple(u for u in answer.unbacked if u.promise in promises),
    )


def _data(answer: FlowDown, wanted: set[str]) -> dict[str, Any]:
    """The answer for programs, obligations of the wanted statuses only."""
    data = answer.model_dump(mode="json")
    for edge, row in zip(answer.edges, data["edges"], strict=True):
        row["status"] = edge.status
        row["obligations"] = [
            match for match in row["obligations"] if not wanted or match["status"] in wanted
        ]
    return data


def _print_csv(estate: Estate, answer: FlowDown, wanted: set[str]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(_CSV_COLUMNS)
    for edge in answer.edges:
        contract, _ = estate.sla[edge.promise]
        for match in edge.obligations:
            if wanted and match.status not in wanted:
                continue
            cells = (
                edge.promise, contract.customer, edge.service, edge.supplier, edge.held,
                match.obligation, match.promised, match.held, match.status, match.difference,
                match.promised_clause, match.held_clause, match.message, match.rule,
            )  # fmt: skip
            writer.writerow("" if c is None else _csv_cell(c) for c in cells)


def _csv_cell(value: object) -> str:
    """A cell; numbers stay numbers, text that looks like a formula stays text."""
    return escaped_cell(value) if isinstance(value, str) else str(value)


def _print_text(answer: FlowDown, wanted: set[str], found: tuple[Finding, ...]) -> None:
    """The matrix, then the gaps, then the findings."""
    shown = [p for p in answer.promises if p.statuses]
    used = [o for o in get_args(Obligation) if any(o in p.statuses for p in shown)]
    print_table(
        f"Flow-down of {counted(len(shown), 'promise that requires', 'promises that require')} "
        f"others (in force on {answer.as_of})",
        ("promise", "to", *(_COLUMNS[o] for o in used)),
        [
            (p.promise, p.customer, *(_CELLS.get(p.statuses.get(o, ""), "") for o in used))
            for p in shown
        ],
    )
    kept = wanted or {s for s in STATUSES if s != "MATCH"}
    rows = [row for edge in answer.edges for row in _gap_rows(edge, kept)]
    if rows:
        print_table(
            "Gaps" if not wanted else f"Obligations: {', '.join(sorted(wanted))}",
            ("promise", "requires", "held", "obligation", "promised", "holds", "status", "why"),
            rows[:_MOST_ROWS],
        )
    if len(rows) > _MOST_ROWS:
        say(f"{counted(len(rows) - _MOST_ROWS, 'more row')}: see --csv or --json")
    for finding in found:
        output.print(
            f"[bold]{finding.level}[/] {safe(finding.code)}: {safe(finding.message)}",
            soft_wrap=True,
        )
    alone = len(answer.promises) - len(shown)
    say(
        f"{counted(len(answer.promises), 'promise')} in force, "
        f"{counted(alone, 'requires', 'require')} nothing of others, "
        f"{counted(len(answer.unbacked), 'requires', 'require')} services on which nothing in "
        "force is held"
    )


def _gap_rows(edge: FlowDownEdge, kept: set[str]) -> list[tuple[str, ...]]:
    """Rows of one edge; where nothing is held, all its obligations in one row."""
    matches = [match for match in edge.obligations if match.status in kept]
    if edge.held is None and matches and all(m.status == "MISSING" for m in matches):
        names = ", ".join(match.obligation for match in matches)
        why = matches[-1].message
        return [(edge.promise, edge.service, "nothing", names, "", "", "MISSING", why)]
    return [
        (edge.promise, edge.service, edge.held or "nothing", match.obligation,
         _text(match.promised), _text(match.held), match.status, match.message)
        for match in matches
    ]  # fmt: skip


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
