"""The settlement of an estate as an answer: levels, contracts, gaps, ledger, net positions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from depgraph.collection import collection_paused
from depgraph.engine.chronic import termination_rights
from depgraph.engine.credits import rounded
from depgraph.engine.explanation import explanation
from depgraph.engine.fees import currency_of
from depgraph.engine.gaps import GapReader
from depgraph.engine.idle_terms import idle_terms
from depgraph.engine.linked_entries import Question
from depgraph.engine.net_positions import Payment, net_positions
from depgraph.engine.periods import requested
from depgraph.engine.residual_claims import LossReader
from depgraph.engine.rewards import ledger_of
from depgraph.engine.settlement import Books, Settled
from depgraph.engine.statement import (
    CappedOut,
    ContractStatement,
    Credit,
    Gap,
    Settlement,
    SlaStatement,
    SourceFigure,
)
from depgraph.engine.structure import Structure
from depgraph.model.incident import Incident
from depgraph.units import minor_unit

_ZERO = Decimal(0)


def settlement(
    structure: Structure,
    period: str,
    now: datetime,
    as_of: datetime | None = None,
    incidents: Sequence[Incident] | None = None,
) -> Settlement:
    """Who owes whom in the periods that close in a run of months (rules M, K, P).

    Parameters
    ----------
    structure : Structure
        The estate compiled, every published schedule written out.
    period : str
        2026-04, 2026-Q2, 2026 or a run such as 2025-07..2026-06.
    now : datetime
        The present; evidence after it does not count.
    as_of : datetime, optional
        When the question is asked: open incidents end there, and claims that were not recorded by
        their deadline are lost. Without it, unrecorded claims are taken to be possible.
    incidents : sequence of Incident, optional
        What happened, in place of all that is on record: a scenario.

    Raises
    ------
    DomainError
        If the period cannot be read.
    LimitError
        If a ring of contracts does not settle, or too many incidents coincide.
    """
    happened = tuple(structure.estate.incidents if incidents is None else incidents)
    with collection_paused():
        alone = incidents is not None
        books = Books(Question(structure, happened, requested(period), as_of, now, alone=alone))
        return settlement_of(books)


def settlement_of(books: Books) -> Settlement:
    """Answer drawn from settled books."""
    rows = list(books.rows())
    reader = GapReader(books)
    gaps = {id(row): reader.gaps(row) for row in rows}
    asked = {(row.entry.sla.id, row.entry.period.label) for row in rows}
    ledger = tuple(
        entry for entry in ledger_of(books.known_rows()) if (entry.sla, entry.period) in asked
    )
    flows = (Payment(e.payer, e.payee, e.amount, e.currency) for e in ledger)
    return Settlement(
        period=books.question.requested.text,
        as_of=books.meter.as_of,
        slas=tuple(_sla_statement(books, row) for row in rows),
        contracts=_contract_statements(books, rows, gaps),
        ledger=ledger,
        net_positions=net_positions(flows),
        termination_rights=tuple(
            right
            for right in termination_rights(books.all_rows())
            if (right.sla, right.period) in asked
        ),
        residual_claims=LossReader(books).claims(rows),
        notes=tuple(_notes(books, rows)),
    )


def _sla_statement(books: Books, row: Settled) -> SlaStatement:
    entry, level = row.entry, row.entry.level
    wanted = entry.promise.objective.source_of_record
    sources = tuple(
        SourceFigure(
            source=source,
            measured=float(share),
            counted_minutes=float((1 - share) * level.length),
            decides=source == wanted,
        )
        for source, share in level.sources.items()
    )
    counted = [figure.counted_minutes for figure in sources]
    unit = minor_unit(entry.currency)
    return SlaStatement(
        id=entry.sla.id,
        contract=entry.contract.id,
        service=entry.sla.service,
        period=entry.period.label,
        start=entry.start,
        end=entry.end,
        region=entry.region,
        measure=entry.promise.objective.measure,
        target=None if entry.target is None else float(entry.target),
        measured=float(level.availability),
        counted_minutes=float(level.counted),
        excluded_minutes=float(level.excluded),
        down_minutes=float(level.down),
        length_minutes=float(level.length),
        breached=entry.breached,
        provisional=level.provisional,
        source=level.source,
        sources=sources,
        discrepancy_minutes=max(counted) - min(counted) if counted else 0.0,
        credit=_credit(row),
        entitled=row.entitled.quantize(unit),
        owed=row.owed.quantize(unit),
        recovered=row.recovered.quantize(unit),
        forfeited=row.forfeited.quantize(unit),
        shortfall=max(_ZERO, row.would_pay - row.owed).quantize(unit),
        claim=row.claim,
        incidents=level.incidents,
        counted_incidents=level.counted_incidents,
        explanation=explanation(books, row),
    )


def _credit(row: Settled) -> Credit:
    unit = minor_unit(row.entry.currency)
    return Credit(
        amount=row.scheduled,
        currency=row.entry.currency,
        raw=_decimal(row.entry.credit.amount),
        base=_decimal(row.entry.base),
        capped_out=tuple(
            CappedOut(cap=cap, amount=rounded(amount, unit)) for cap, amount in row.capped.taken
        ),
    )


def _contract_statements(
    books: Books, rows: Iterable[Settled], gaps: Mapping[int, tuple[Gap, ...]]
) -> tuple[ContractStatement, ...]:
    """One statement per contract and currency of its levels; every contract has one."""
    by_contract: dict[str, list[Settled]] = {c.id: [] for c in books.estate.contracts}
    for row in rows:
        by_contract[row.entry.contract.id].append(row)
    found = []
    for contract in books.estate.contracts:
        members = by_contract[contract.id]
        currencies = list(
            dict.fromkeys(row.entry.currency for row in members if row.entry.currency)
        )
        for currency in currencies or [currency_of(contract)]:
            own = [row for row in members if row.entry.currency in {currency, ""}]
            found.append(_contract_statement(books, own, gaps, (contract.id, currency)))
    return tuple(found)


def _contract_statement(
    books: Books,
    rows: Sequence[Settled],
    gaps: Mapping[int, tuple[Gap, ...]],
    key: tuple[str, str],
) -> ContractStatement:
    contract = books.estate.contract[key[0]]
    unit = minor_unit(key[1])

    def total(values: Iterable[Decimal]) -> Decimal:
        return sum(values, _ZERO).quantize(unit)

    taken = (rounded(cut, unit) for row in rows for _, cut in row.taken)
    return ContractStatement(
        id=contract.id,
        supplier=contract.supplier,
        customer=contract.customer,
        clause=contract.pass_through.clause,
        owed=total(row.owed for row in rows),
        recovered=total(row.recovered for row in rows),
        absorbed=total(max(_ZERO, row.owed - row.recovered) for row in rows),
        windfall=total(max(_ZERO, row.recovered - row.owed) for row in rows),
        forfeited=total(row.forfeited + row.forfeited_below for row in rows),
        capped_out=total(taken),
        shortfall=total(max(_ZERO, row.would_pay - row.owed) for row in rows),
        currency=key[1],
        gaps=tuple(gap for row in rows for gap in gaps[id(row)]),
    )


def _notes(books: Books, rows: Iterable[Settled]) -> Iterable[str]:
    """What a reader must know about the figures."""
    rows = list(rows)
    if not rows and books.estate.contracts:
        yield f"no availability promise was in force in {books.question.requested.text} (L1)"
    if any(row.entry.level.provisional for row in rows):
        moment = books.meter.as_of.astimezone(UTC)
        yield f"some figures are provisional as of {moment:%Y-%m-%d %H:%M}Z (M1)"
    undecided = sorted(
        {
            row.entry.sla.id
            for row in rows
            if row.entry.level.sources and not row.entry.promise.objective.source_of_record
        }
    )
    if undecided:
        yield f"several sources and none agreed as the one of record: {', '.join(undecided)} (M11)"
    yield from _notes_on_sources(books, rows)
    open_claims = sorted(
        {row.entry.sla.id for row in rows if row.claim.status == "claimable" and row.owed}
    )
    if open_claims:
        yield f"owed only if claimed in time: {', '.join(open_claims)} (K8)"
    for name, sla in sorted({row.entry.sla.id: row.entry.sla for row in rows}.items()):
        for term in idle_terms(sla):
            yield f"{name}: {term.message}; {term.hint} ({term.rule})"


def _notes_on_sources(books: Books, rows: Iterable[Settled]) -> Iterable[str]:
    """Where the source of record is silent, or a stated figure is of another span (rule M11)."""
    silent: dict[str, list[str]] = {}
    unused: dict[str, set[str]] = {}
    stated: dict[str, list[str]] = {}
    for row in rows:
        entry = row.entry
        span = entry.promise, entry.start, entry.end
        if books.meter.says_nothing(*span):
            wanted = entry.promise.objective.source_of_record
            silent.setdefault(wanted, []).append(f"{entry.sla.id} in {entry.period.label}")
        for source in books.meter.unused_figures(*span):
            unused.setdefault(source, set()).add(f"{entry.sla.id} in {entry.period.label}")
        if entry.level.grounds.whole.size and (source := books.meter.as_stated(*span)):
            stated.setdefault(source, []).append(f"{entry.sla.id} in {entry.period.label}")
    for source, levels in silent.items():
        names = ", ".join(dict.fromkeys(levels))
        yield (
            f"{source}, the source of record, has no record of downtime that others tell of; it "
            f"counts as none: {names} (M11)"
        )
    for source, levels in stated.items():
        yield (
            f"{source} states whole periods, which are taken as they are: time that the terms "
            f"exclude is not taken out of them again: {', '.join(dict.fromkeys(levels))} (M11)"
        )
    for source, places in unused.items():
        yield (
            f"a stated availability of {source} spans another time than the level, and is left "
            f"out: {', '.join(sorted(places))} (M11)"
        )


def _decimal(value: Fraction) -> Decimal:
    """Exact where the digits end, else to 28 digits."""
    return Decimal(value.numerator) / Decimal(value.denominator)
