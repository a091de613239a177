"""Settlements and outages as workbooks: figures as numbers, times as times, each sum traceable."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from depgraph.engine.before_after import BeforeAfter
from depgraph.engine.play import Played
from depgraph.engine.statement import Settlement
from depgraph.engine.whatif import WhatIf
from depgraph.model.scenario import Scenario
from ui.whatif_cells import edit_lines, total_rows

if TYPE_CHECKING:
    from ui.workbook_cells import Value

_SHARE: Final = "0.0000######## %"
_SHARES: Final = frozenset({"target", "measured", "budget used"})


@dataclass(frozen=True)
class Sheet:
    """One table of an answer."""

    title: str
    """Name of the sheet."""
    columns: tuple[str, ...]
    """Headings, with units in brackets."""
    rows: Iterable[Sequence[Value]]
    """Cells."""


@dataclass(frozen=True)
class Cover:
    """What a workbook is about."""

    title: str
    """What was asked."""
    estate: str
    """Name of the estate."""
    version: str
    """SHA-256 of the estate's content."""
    notes: tuple[str, ...] = ()
    """What a reader must know about the figures."""


def _ratio(value: float | None) -> float | None:
    """A ratio without the noise that binary fractions leave: 11.1111111 for 11.1111111111123."""
    return None if value is None else float(f"{value:.9g}")


def settlement_workbook(cover: Cover, answer: Settlement) -> bytes:
    """Who owes whom as a workbook, with the way from outage to cent.

    Parameters
    ----------
    cover : Cover
        What it is about.
    answer : Settlement
        What was settled.
    """
    return _written(cover, answer, settlement_sheets(answer))


def outage_workbook(cover: Cover, scenario: Scenario, found: Played) -> bytes:
    """One outage as a workbook: what was asked, who is down, and all that a settlement has.

    Parameters
    ----------
    cover : Cover
        What it is about.
    scenario : Scenario
        What was asked.
    found : Played
        What it comes to.
    """
    settled = found.answer.settlement
    sheets = (*_asked_sheets(scenario, found.before_after), *_outage_sheets(found.answer))
    return _written(cover, settled, (*sheets, *settlement_sheets(settled)))


def _written(cover: Cover, answer: Settlement, sheets: Iterable[Sheet]) -> bytes:
    """The workbook; its first sheet says what it is about."""
    from openpyxl import Workbook  # noqa: PLC0415 - loads only when a workbook is written

    from ui.workbook_cells import (  # noqa: PLC0415 - likewise
        append_row,
        set_print,
        set_widths,
        sheet_name,
    )

    book = Workbook()
    first = book.worksheets[0]
    first.title = "Read me"
    about: list[tuple[str, Value]] = [
        (cover.title, None),
        ("estate", cover.estate),
        ("version of the estate (SHA-256)", cover.version),
        ("period", answer.period),
        ("evidence until [UTC]", answer.as_of),
        ("written [UTC]", datetime.now(UTC).replace(microsecond=0)),
        ("by", f"depgraph {version('depgraph')}"),
        *(("note", note) for note in dict.fromkeys((*cover.notes, *answer.notes))),
    ]
    for place, row in enumerate(about):
        append_row(first, row, bold=not place)
    set_widths(first)
    for table in sheets:
        sheet = book.create_sheet(sheet_name(table.title, book.sheetnames))
        append_row(sheet, table.columns, bold=True)
        for cells in table.rows:
            append_row(sheet, cells)
        for place, name in enumerate(table.columns, start=1):
            if name in _SHARES:
                for [cell] in sheet.iter_rows(min_row=2, min_col=place, max_col=place):
                    cell.number_format = _SHARE
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = sheet.dimensions
        set_widths(sheet)
    for sheet in book.worksheets:
        set_print(sheet, f"{cover.title}, sha256:{cover.version[:12]}")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def settlement_sheets(answer: Settlement) -> tuple[Sheet, ...]:
    """Tables of a settlement: levels, contracts, differences, ledger, net positions, ways."""
    currency = {contract.id: contract.currency for contract in answer.contracts}
    return (
        Sheet(
            "Service levels",
            ("SLA", "contract", "service", "period", "region", "from [UTC]", "to [UTC]", "target",
             "measured", "budget used", "counted [min]", "excluded [min]", "down [min]",
             "missed", "provisional", "source", "owed", "recovered", "forfeited",
             "shortfall", "currency", "incidents"),
            (
                (
                    s.id, s.contract, s.service, s.period, s.region, s.start, s.end, s.target,
                    s.measured, _ratio(s.budget_used), s.counted_minutes, s.excluded_minutes,
                    s.down_minutes, s.breached, s.provisional, s.source, s.owed, s.recovered,
                    s.forfeited, s.shortfall,
                    currency.get(s.contract, ""), ", ".join(s.incidents),
                )
                for s in answer.slas
            ),
        ),
        Sheet(
            "Contracts",
            ("contract", "supplier", "customer", "clause", "owed", "recovered", "absorbed",
             "windfall", "forfeited", "capped out", "shortfall", "currency"),
            (
                (
                    c.id, c.supplier, c.customer, c.clause, c.owed, c.recovered, c.absorbed,
                    c.windfall, c.forfeited, c.capped_out, c.shortfall, c.currency,
                )
                for c in answer.contracts
            ),
        ),
        Sheet(
            "Why sums differ",
            ("contract", "SLA", "difference", "class", "amount", "currency", "held SLA",
             "what failed", "reason"),
            (
                (c.id, g.sla, g.difference, g.gap, g.amount, c.currency, g.held, g.service, g.text)
                for c in answer.contracts
                for g in c.gaps
            ),
        ),
        Sheet(
            "Ledger",
            ("kind", "contract", "SLA", "period", "payer", "payee", "amount", "currency", "state"),
            (
                (e.kind, e.contract, e.sla, e.period, e.payer, e.payee, e.amount, e.currency,
                 e.state)
                for e in answer.ledger
            ),
        ),
        Sheet(
            "Net positions",
            ("organization", "received less paid", "currency"),
            (
                (organization, amount, unit)
                for organization, held in answer.net_positions.items()
                for unit, amount in held.items()
            ),
        ),
        Sheet(
            "From outage to cent",
            ("SLA", "period", "step", "rule", "in words", "clause"),
            (
                (s.id, s.period, place, step.rule, step.text, step.clause)
                for s in answer.slas
                for place, step in enumerate(s.explanation, start=1)
            ),
        ),
    )  # fmt: skip


def _asked_sheets(scenario: Scenario, change: BeforeAfter | None) -> Iterator[Sheet]:
    """What fails, what was changed beforehand, and what the changes do."""
    yield Sheet(
        "What fails",
        ("what", "from [UTC]", "to [UTC]", "cause", "impact [share]"),
        ((i.affects, i.start, i.end, i.cause, i.impact) for i in scenario.incidents),
    )
    if scenario.edits:
        yield Sheet("Changed beforehand", ("change",), ((e,) for e in edit_lines(scenario.edits)))
    if change is not None:
        yield Sheet(
            "Before and after",
            ("of the estate", "before", "after"),
            ((what, _number(old), _number(new)) for what, old, new in total_rows(change)),
        )


def _number(text: str) -> Value:
    """A figure as a number; what is none, such as "not known exactly", as it is."""
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return text


def _outage_sheets(answer: WhatIf) -> tuple[Sheet, ...]:
    """Tables that only an outage has."""
    return (
        Sheet(
            "Services down",
            ("service", "from [UTC]", "to [UTC]", "down [min]", "because"),
            ((d.id, d.start, d.end, d.minutes, " → ".join(d.because))
             for d in answer.services_down),
        ),
        Sheet(
            "Places down",
            ("place", "from [UTC]", "to [UTC]", "down [min]", "because"),
            ((d.id, d.start, d.end, d.minutes, " → ".join(d.because)) for d in answer.places_down),
        ),
        Sheet(
            "Business functions",
            ("function", "down [min]", "loss", "currency"),
            ((f.id, f.minutes, f.loss, f.currency if f.loss is not None else "")
             for f in answer.functions),
        ),
        Sheet(
            "Regulatory clocks",
            ("regulation", "duty", "due [UTC]", "counted from", "article"),
            ((c.regulation, c.duty, c.due, c.anchor, c.article) for c in answer.clocks),
        ),
    )  # fmt: skip
