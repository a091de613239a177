"""`settle`: who owes whom, from real incidents."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from cypher.rows import digest
from depgraph.engine.contract_findings import contract_faults
from depgraph.engine.history import SlaHistory, histories
from depgraph.engine.periods import PERIOD_YEARS, requested
from depgraph.engine.settle import settlement
from depgraph.engine.statement import ContractStatement, Settlement, SlaStatement
from depgraph.engine.structure import structure_of
from depgraph.errors import Problem, RegisterError
from depgraph.model.estate import Estate
from depgraph.wording import counted
from ingest.published import with_published
from ingest.rates import read_rates, with_rates
from ui.answer_workbook import Cover, settlement_workbook
from ui.commands.assessment import EstateArgument, JsonOption, NameOption
from ui.console import output, print_json, print_table, safe, say, stop
from ui.converted_text import converted_answer, converted_json, print_converted
from ui.estates import opened_estate
from ui.faulty_terms import fault_notes, touched_faults
from ui.remedy_text import print_proportionality, print_residual_claims, proportionality_json
from ui.spreadsheet import escaped_cell
from ui.typed_options import path_to_write

AcceptOption = Annotated[
    list[str] | None,
    typer.Option(
        "--accept",
        metavar="CODE[:ID]",
        help="Settle although this finding stands, everywhere or on one SLA or contract.",
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="TIME",
        help="When the question is asked, such as 2026-05-31: open incidents end there, unfiled "
        "claims lapse; if absent, they may still be made.",
    ),
]
CsvOption = Annotated[
    str | None,
    typer.Option("--csv", metavar="TABLE", help="slas, contracts, gaps or ledger, as CSV."),
]
XlsxOption = Annotated[
    Path | None,
    typer.Option(
        "--xlsx",
        metavar="FILE",
        parser=path_to_write,
        help="Write a workbook too: all tables, numbers as numbers.",
    ),
]
ExplainOption = Annotated[
    bool, typer.Option("--explain", help="The chain from outage to cent for every amount.")
]

CurrencyOption = Annotated[
    str | None,
    typer.Option(
        "--in", metavar="CURRENCY", help="Show sums in this currency too, beside the originals."
    ),
]
RatesOption = Annotated[
    str | None,
    typer.Option("--rates", metavar="FILE", help="Exchange rates beside those of the estate."),
]

CSV_COLUMNS = {
    "slas": (
        "id", "contract", "service", "period", "region", "target", "measured", "counted_minutes",
        "excluded_minutes", "breached", "provisional", "source", "owed", "recovered", "forfeited",
        "shortfall",
    ),
    "contracts": (
        "id", "supplier", "customer", "clause", "owed", "recovered", "absorbed", "windfall",
        "forfeited", "capped_out", "shortfall", "currency",
    ),
    "gaps": ("gap", "amount", "difference", "sla", "held", "service", "text"),
    "ledger": (
        "kind", "contract", "sla", "period", "payer", "payee", "amount", "currency", "state",
    ),
}  # fmt: skip
"""Columns of each CSV table."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(settle)


def settle(
    estate: EstateArgument,
    period: Annotated[
        str,
        typer.Option(help="2026-04, 2026-Q2, 2026, or a run such as 2025-07..2026-06."),
    ],
    as_of: AsOfOption = None,
    explain: ExplainOption = False,
    accept: AcceptOption = None,
    history: Annotated[
        bool, typer.Option("--history", help="Breach runs, and whether they are more than chance.")
    ] = False,
    table: CsvOption = None,
    xlsx: XlsxOption = None,
    currency: CurrencyOption = None,
    rates: RatesOption = None,
    as_json: JsonOption = False,
    name: NameOption = None,
) -> None:
    """Measure every service level, credit what was missed, and pass it along the contracts.

    Nothing is settled on contracts with faults of level error unless --accept names them.

    Example: depgraph settle my-estate/ --period 2026-04 --explain
    """
    requested(period)  # Faults of the options are told before those of the estate.
    moment = read_moment("--as-of", as_of) if as_of else None
    opened = with_rates(
        with_published(opened_estate(estate, name)), read_rates(rates) if rates else ()
    )
    require_settleable(opened, accept or [])
    answer = settlement(structure_of(opened), period, datetime.now(UTC), moment)
    if xlsx is not None:
        notes = fault_notes(touched_faults(opened, answer))
        cover = Cover(f"Settlement of {answer.period}", opened.name or "", digest(opened), notes)
        write_file(xlsx, settlement_workbook(cover, answer))
    past = histories(opened, answer) if history else ()
    other = converted_answer(opened, answer, currency, moment)
    if as_json:
        told = {"history": [each.model_dump(mode="json") for each in past]} if history else {}
        print_json(
            {
                **answer.model_dump(mode="json"),
                **told,
                **proportionality_json(opened),
                **converted_json(other),
            }
        )
    elif table is not None:
        print_csv(table, answer)
    else:
        print_settlement(answer, explain=explain)
        print_proportionality(opened, answer)
        print_converted(other)
        print_histories(past)


def write_file(file: Path, content: bytes) -> None:
    """Write a file that was asked for, and say so."""
    try:
        file.write_bytes(content)
    except OSError as error:
        stop(f"{file} cannot be written: {error.strerror}")
    say(f"Wrote {file}")


def print_histories(past: Sequence[SlaHistory]) -> None:
    """Breach runs and their tests, for people."""
    if not past:
        return
    print_table(
        "History (W6): breaches against what the commitment makes likely",
        ("SLA", ">missed", ">in a row", ">expected", ">p-value", "recurring", "verdict"),
        [
            (
                each.sla if each.region is None else f"{each.sla} in {each.region}",
                f"{each.test.breaches} of {each.test.periods}",
                each.longest_run,
                f"{each.test.expected_breaches:.3g}",
                f"{each.test.p_value:.3g}",
                ", ".join(f"{r.id} × {len(r.periods)}" for r in each.test.recurring),
                "systemic" if each.test.systemic else "may be chance",
            )
            for each in past
        ],
    )


def read_moment(option: str, text: str) -> datetime:
    """Read an instant with its zone, or a day that begins in UTC, from the command line."""
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        stop(f"{option} {text!r} is not a time; write 2026-04-10T10:00:00Z or 2026-04-10")
    if moment.tzinfo is None and not _is_day(text):
        stop(f"{option} {text!r} has no zone; write {text}Z for UTC, or {text}+02:00")
    first, last = PERIOD_YEARS
    if not first <= moment.year <= last:
        stop(f"{option} {text!r} lies outside the years {first} to {last}")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _is_day(text: str) -> bool:
    """Whether a text is a day alone."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def require_settleable(estate: Estate, accepted: Sequence[str]) -> None:
    """Refuse to settle on faulty terms, except those that were accepted by name.

    A name that accepts nothing is told: it may be misspelt, or its fault mended since.

    Parameters
    ----------
    estate : Estate
        The estate, every published schedule written out.
    accepted : sequence of str
        What ``--accept`` named: a code such as ``schedule-gap``, or one with an SLA or a contract
        behind a colon.

    Raises
    ------
    RegisterError
        With every fault of level error that was not accepted (rule K1), and how to accept it.
    """
    problems = []
    unused = set(accepted)
    for fault in contract_faults(estate):
        if fault.level != "error":
            continue
        names = {fault.code, f"{fault.code}:{fault.sla}", f"{fault.code}:{fault.contract}"}
        unused -= names
        if names.isdisjoint(accepted):
            where = fault.sla or fault.contract
            hint = f"{fault.hint}, or accept it: --accept {fault.code}:{where}"
            problems.append(Problem(code=fault.code, what=fault.message, hint=hint, value=where))
    if problems:
        raise RegisterError(
            f"{counted(len(problems), 'fault of contracts stands', 'faults of contracts stand')} "
            "in the way",
            problems,
        )
    for name in sorted(unused):
        say(f"--accept {name}: no fault of this estate is called so")


def print_csv(table: str, answer: Settlement) -> None:
    """One table of the answer as CSV; cells that a spreadsheet would run are defused."""
    if table not in CSV_COLUMNS:
        stop(f"--csv {table!r} is no table; choose from {', '.join(CSV_COLUMNS)}")
    columns = CSV_COLUMNS[table]
    rows: Sequence[object] = (
        [gap for contract in answer.contracts for gap in contract.gaps]
        if table == "gaps"
        else getattr(answer, table)
    )
    writer = csv.writer(sys.stdout)
    writer.writerow(columns)
    for row in rows:
        cells = (getattr(row, column) for column in columns)
        writer.writerow(["" if cell is None else escaped_cell(str(cell)) for cell in cells])


def print_settlement(answer: Settlement, *, explain: bool = False) -> None:
    """Tables for people: levels, contracts, gaps, net positions."""
    struck = [row for row in answer.slas if row.breached or row.down_minutes or row.owed]
    _print_levels(answer, struck)
    moved = [c for c in answer.contracts if c.owed or c.recovered or c.forfeited or c.shortfall]
    if moved:
        print_table(
            "Who owes whom",
            ("contract", "supplier → customer", "clause", ">owed", ">recovered", ">absorbed",
             ">windfall", ">forfeited", ">capped out", ">shortfall"),
            [_contract_cells(contract) for contract in moved],
        )  # fmt: skip
    elif answer.slas:
        output.print("Nobody owes anybody anything.\n")
    gaps = [(c, gap) for c in answer.contracts for gap in c.gaps]
    if gaps:
        print_table(
            "Why sums differ",
            ("SLA", "difference", "gap", ">amount", "reason"),
            [
                (gap.sla, gap.difference, gap.gap, f"{gap.amount} {c.currency}", gap.text)
                for c, gap in gaps
            ],
        )
    net = [
        (organization, f"{amount:+} {currency}")
        for organization, held in answer.net_positions.items()
        for currency, amount in held.items()
    ]
    if net:
        print_table("Net positions", ("organization", ">received less paid"), net)
    print_residual_claims(answer)
    for right in answer.termination_rights:
        output.print(safe(f"termination right: {right.sla}, {right.period}: {right.reason}"))
    for note in answer.notes:
        output.print(safe(f"note: {note}"))
    if explain:
        for row in struck:
            print_explanation(row)


def _print_levels(answer: Settlement, struck: Sequence[SlaStatement]) -> None:
    """The levels that an outage struck; of the others only how many there are."""
    hit = {id(row) for row in struck}
    rest = [row for row in answer.slas if id(row) not in hit]
    if struck:
        print_table(
            f"Service levels, {answer.period}",
            ("SLA", "period", ">target", ">measured", ">counted min", ">excluded min", "",
             ">credit"),
            [_level_cells(row) for row in struck],
        )  # fmt: skip
    if rest or not struck:
        output.print(_rest_text(answer, rest, others=bool(struck)))


def _rest_text(answer: Settlement, rest: Sequence[SlaStatement], *, others: bool) -> str:
    """What is to be said of levels that no outage struck; that there are none looks like a slip."""
    if not rest:
        return (
            f"No service level was to be measured in {answer.period}: there is nothing to settle."
        )
    begun = [row for row in rest if row.start < answer.as_of]
    if not begun and not others:
        return f"{answer.period} has not begun: nothing can be measured yet."
    so_far = " so far" if any(row.end > answer.as_of for row in begun) else ""
    later = len(rest) - len(begun)
    more = f"; of {later:,} the period has not begun" if later else ""
    if others:
        number = counted(len(begun), "more was", "more were")
        return f"{number} met without an outage{so_far}{more}.\n"
    levels = counted(len(begun), "service level was", "service levels were")
    return f"{levels} met without an outage in {answer.period}{so_far}{more}."


def print_explanation(row: SlaStatement) -> None:
    """The chain from outage to cent for one level."""
    output.print(f"\n[bold]{safe(row.id)}, {safe(row.when)}[/]")
    for step in row.explanation:
        clause = f" [{step.clause}]" if step.clause else ""
        output.print(f"  {step.rule:<4}{safe(step.text + clause)}", soft_wrap=True)


def _level_cells(row: SlaStatement) -> tuple[object, ...]:
    state = "missed" if row.breached else "met"
    state += ", provisional" if row.provisional else ""
    target = "" if row.target is None else f"{row.target:.9g}"
    return (
        row.id, row.when, target, f"{row.measured:.9g}", f"{row.counted_minutes:.9g}",
        f"{row.excluded_minutes:.9g}", state, f"{row.credit.amount} {row.credit.currency}",
    )  # fmt: skip


def _contract_cells(contract: ContractStatement) -> tuple[object, ...]:
    return (
        contract.id, f"{contract.supplier} → {contract.customer}", contract.clause,
        f"{contract.owed} {contract.currency}", contract.recovered, contract.absorbed,
        contract.windfall, contract.forfeited, contract.capped_out, contract.shortfall,
    )  # fmt: skip
