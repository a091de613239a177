"""From outage to cent, step by step, with rules and clauses."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from depgraph.engine.credits import in_minor_units
from depgraph.engine.settlement import Books, Settled
from depgraph.engine.statement import Step


def explanation(books: Books, row: Settled) -> tuple[Step, ...]:
    """Chain from outage to cent for one entry; every figure that enters it is named.

    Parameters
    ----------
    books : Books
        Everything settled.
    row : Settled
        The entry.
    """
    if not row.entry.level.spans and not row.entry.credit.amount:
        return ()
    return (*_measured(books, row), *_earned(row), *_passed_on(books, row))


def _minutes(value: Fraction) -> str:
    return f"{float(value):.9g} min"


def _measured(books: Books, row: Settled) -> Iterator[Step]:
    entry = row.entry
    level, objective = entry.level, entry.promise.objective
    for name in level.incidents:
        incident = books.meter.incidents[name]
        party = books.meter.responsibility.party(name) or "nobody known"
        ended = incident.end if books.meter.is_over(name) else None
        end = ended.isoformat() if ended else "still open"
        yield Step(
            rule="M2",
            text=f"{name}: {incident.affects} down {incident.start.isoformat()} to {end}, "
            f"cause {incident.cause}, answered for by {party}",
        )
    chains = sorted({" and ".join(sorted(cut)) for span in level.spans for cut in span.cuts})
    if chains:
        yield Step(
            rule="P3",
            text=f"{entry.sla.service} was down {_minutes(level.down)} in {entry.period.label}, "
            f"because of {'; or '.join(chains)}",
        )
    if level.excluded:
        grounds = ", ".join(f"{k} {_minutes(v)}" for k, v in level.grounds.by_ground.items())
        yield Step(rule="M3", text=f"not counted: {_minutes(level.excluded)} ({grounds})")
    for ground, beyond in level.grounds.over_quota.items():
        yield Step(rule="M3", text=f"{ground}: {_minutes(beyond)} beyond the quota count")
    yield Step(
        rule="M5",
        text=f"availability = ({float(level.length):.9g} − {float(level.counted):.9g}) / "
        f"{float(level.length):.9g} = {float(level.availability):.12g} "
        f"by {objective.measure}, from {level.source}",
        clause=objective.clause,
    )
    if entry.target is not None:
        verdict = "missed" if entry.breached else "met"
        yield Step(rule="M10", text=f"target {float(entry.target):.9g}: {verdict}")


def _earned(row: Settled) -> Iterator[Step]:
    entry = row.entry
    schedule = entry.schedule
    currency = entry.currency
    clause = schedule.clause if schedule else ""
    yield Step(
        rule="K2",
        text=f"{entry.credit.reason}; base {in_minor_units(entry.base, currency)} {currency}: "
        f"{float(entry.credit.amount):.6f} {currency}",
        clause=clause,
    )
    for cap, amount in row.capped.taken:
        yield Step(
            rule="K4",
            text=f"the {cap.replace('_', ' ')} takes {in_minor_units(amount, currency)} {currency}",
            clause=clause,
        )
    yield Step(rule="K4", text=f"rounded once: {row.scheduled} {currency} by the schedule")


def _passed_on(books: Books, row: Settled) -> Iterator[Step]:
    entry, currency = row.entry, row.entry.currency
    for source, part in row.sources:
        held = source.entry
        yield Step(
            rule="P6",
            text=f"{held.contract.supplier} owes {source.owed} {held.currency} under "
            f"{held.sla.id} for {held.period.label}; {part} is for this one",
        )
        rate = books.rates.rate(entry, held) if held.currency != currency else None
        if rate is not None:
            counted = books.rates.counted(part, entry, held)
            text = f"{part} {held.currency} counts as {counted} {currency} at {rate.text}"
            yield Step(rule="P9", text=text, clause=entry.contract.pass_through.reference)
    clause = entry.contract.pass_through
    share = "" if clause.share is None else f" (share {clause.share})"
    yield Step(
        rule="P4",
        text=f"{clause.clause}{share}: {row.entitled} {currency} of {row.scheduled}; "
        f"own failures alone {in_minor_units(row.own, currency)}, recovered {row.recovered}",
        clause=clause.reference,
    )
    for cap, amount in row.passed_on.taken if row.passed_on else ():
        taken = in_minor_units(amount, currency)
        text = f"the {cap.replace('_', ' ')} takes {taken} {currency} of it"
        yield Step(rule="K4", text=text)
    if row.claim.mode == "by_claim":
        until = f" until {row.claim.deadline}" if row.claim.deadline else ""
        yield Step(rule="K8", text=f"by claim{until}: {row.claim.status.replace('_', ' ')}")
    bears = max(row.owed - row.recovered, row.owed * 0)
    yield Step(
        rule="P7",
        text=f"{entry.contract.supplier} owes {row.owed} {currency} to "
        f"{entry.contract.customer}, recovers {row.recovered}, absorbs {bears}",
    )
