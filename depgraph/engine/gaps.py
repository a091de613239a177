"""Why what is owed and what is recovered differ, class by class (rule P8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from depgraph.engine.credits import in_minor_units, rounded
from depgraph.engine.entries import Entry
from depgraph.engine.exclusions import Promise
from depgraph.engine.recovery_rates import conversion_day
from depgraph.engine.regions import measured_regions
from depgraph.engine.settlement import Books, Settled
from depgraph.engine.statement import Gap, GapClass
from depgraph.units import minor_unit

_ZERO = Decimal(0)
_Reason = tuple[GapClass, Decimal | None, str | None, str | None, str]
"""Class, most that it explains (None: all that is left), SLA held, service, words."""


class GapReader:
    """Explains the differences of settled entries.

    Parameters
    ----------
    books : Books
        Everything settled.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def gaps(self, row: Settled) -> tuple[Gap, ...]:
        """Gaps of one entry: what was absorbed, capped out, recovered in excess, or not passed on.

        Parameters
        ----------
        row : Settled
            The entry.
        """
        if not (row.would_pay or row.scheduled or row.entitled or row.taken):
            return ()
        found = [*self._absorbed(row), *self._capped_out(row), *self._shortfall(row)]
        return tuple(gap for gap in found if gap.amount > 0)

    def _absorbed(self, row: Settled) -> Iterator[Gap]:
        """Explain what the supplier bears for failures that are not its own."""
        left = max(_ZERO, row.owed - row.recovered)
        unit = minor_unit(row.entry.currency)
        left -= min(left, rounded(row.own, unit, "down"))
        if not left:
            return
        for gap, most, held, service, text in self._reasons(row):
            amount = left if most is None else min(left, most)
            left -= amount
            yield Gap(
                gap=gap, amount=amount, difference="absorbed", sla=row.entry.sla.id, held=held,
                service=service, text=text,
            )  # fmt: skip
            if not left:
                return
        yield Gap(
            gap="NO_CONTRACT",
            amount=left,
            difference="absorbed",
            sla=row.entry.sla.id,
            text="what failed lies outside the supplier, and no agreement stands behind it",
        )

    def _reasons(self, row: Settled) -> Iterator[_Reason]:
        """Reasons in order: fixed amounts first, then what takes all that is left."""
        fixed: list[_Reason] = []
        whole: list[_Reason] = []
        for service in self._failed_below(row.entry):
            for reason in self._of_service(row, service):
                (fixed if reason[1] is not None else whole).append(reason)
        yield from fixed
        yield from whole

    def _failed_below(self, entry: Entry) -> list[str]:
        """Services behind the promise that were down when and where it was, its frontier first."""
        took_part = set(entry.level.incidents)
        meter = self._books.meter
        regions = measured_regions(self._books.estate, entry.sla)
        if entry.region is not None:
            regions = (entry.region,)
        frontier = self._books.agreements.frontier(entry.contract, entry.sla)
        return [
            service
            for service in dict.fromkeys((*frontier, *(behind for behind, _ in entry.held)))
            if any(
                span.start < entry.end and span.end > entry.start and span.incidents & took_part
                for felt in meter.felt(service, regions)
                for span in felt
            )
        ]

    def _of_service(self, row: Settled, service: str) -> Iterator[_Reason]:
        """Reasons that lie in the agreements on one service."""
        entry = row.entry
        agreements = self._books.agreements.held(entry.contract.supplier, service)
        if not agreements:
            yield "NO_CONTRACT", None, None, service, f"no agreement is held on {service}"
            return
        running = self._books.agreements.in_force(
            entry.contract.supplier, service, (entry.start, entry.end)
        )
        if not running:
            names = ", ".join(sla.id for _, sla in agreements)
            text = f"{names} on {service} is not in force in {entry.period.label}"
            yield "TERM", None, agreements[0][1].id, service, text
            return
        tied = [
            (sla, other)
            for _, sla in running
            for name, other in entry.held
            if name == service and other.sla is sla
        ]
        # Periods in which nothing of it happened explain nothing, unless there are no others.
        struck = [pair for pair in tied if self._books.is_struck_by(entry, pair[1])]
        for sla, other in struck or tied:
            for gap, most, text in self._of_entry(row, self._books.settled[id(other)]):
                yield gap, most, sla.id, service, text
        if not tied:
            sla = running[0][1]
            place = "" if entry.region is None else f" in {entry.region}"
            yield (
                "TARGET", None, sla.id, service,
                f"{sla.id} promises no availability for {service}{place}",
            )  # fmt: skip

    def _of_entry(
        self, row: Settled, below: Settled
    ) -> Iterator[tuple[GapClass, Decimal | None, str]]:
        """Reasons that lie in one agreement in one period."""
        entry, held = row.entry, below.entry
        name = f"{held.sla.id} in {held.period.label}"
        unit = minor_unit(held.currency)
        cut = below.lost_to_caps
        rates = self._books.rates
        if not rates.counts(entry, held) and (below.owed or below.forfeited or cut):
            yield "CURRENCY", None, self._not_converted(entry, held, name)
            return
        if below.forfeited:
            why = f"{name}: {below.forfeited} {held.currency} was not claimed in time"
            yield "CLAIM_FORFEITED", *self._part(row, below, below.forfeited, why)
        if cut:
            taken = rounded(cut, unit)
            yield "CAP", *self._part(row, below, taken, f"{name}: caps took {taken}")
        if below.entitled or cut:
            base = f"a base of {in_minor_units(held.base, held.currency)} {held.currency}"
            yield "AMOUNT", None, f"{name} earns {below.entitled} on {base}"
        elif below.scheduled:
            yield self._kept_by_clause(below, name)
        else:
            yield self._not_paid(entry, below, name)

    def _kept_by_clause(self, below: Settled, name: str) -> tuple[GapClass, Decimal | None, str]:
        """Reason where a schedule below pays and its clause passes nothing of that on (P4)."""
        clause = below.entry.contract.pass_through.clause
        text = (
            f"{name} would pay {below.scheduled} {below.entry.currency} by its schedule, of which "
            f"its clause {clause} leaves nothing"
        )
        return "EXCLUSION" if clause == "excluded_if_third_party" else "AMOUNT", None, text

    def _part(self, row: Settled, below: Settled, amount: Decimal, why: str) -> tuple[Decimal, str]:
        """Part of what was lost below that falls to one promise above it (rule P6)."""
        part = self._books.part(row.entry, below.entry, amount)
        if part == amount:
            return part, why
        return part, f"{why}, {part} {row.entry.currency} of it for {row.entry.sla.id}"

    def _not_converted(self, entry: Entry, held: Entry, name: str) -> str:
        """Say why a sum in another currency does not count (rule P9)."""
        text = f"{name} pays in {held.currency}, not {entry.currency}"
        if entry.contract.pass_through.convert_on is None:
            return f"{text}, and {entry.contract.id} agrees no conversion"
        return f"{text}, and no rate is given on or before {conversion_day(entry)}"

    def _not_paid(
        self, entry: Entry, below: Settled, name: str
    ) -> tuple[GapClass, Decimal | None, str]:
        """Reason why an agreement pays nothing."""
        held = below.entry
        level = held.level
        measured = f"measured {float(level.availability):.9g} against {_shown(held.target)}"
        if held.breached:
            return "AMOUNT", None, f"{name} was missed ({measured}) but earns no credit"
        target = held.target or Fraction(0)
        if level.excluded and 1 - (level.counted + level.excluded) / level.length < target:
            minutes = float(level.excluded)
            return "EXCLUSION", None, f"{name} leaves out {minutes:.9g} minutes that count above"
        if self._as_above(entry, held, held.start, held.end) < target:
            return "MEASUREMENT", None, f"{name} is measured in another way ({measured})"
        if held.period[1:] != entry.period[1:] and (
            self._as_above(entry, held, entry.start, entry.end) < target
        ):
            return "WINDOW", None, f"{name} is measured over another period ({measured})"
        return "TARGET", None, f"{name} was met: {measured}"

    def _as_above(self, entry: Entry, held: Entry, start: datetime, end: datetime) -> Fraction:
        """Availability of a held service by the terms of the promise above it."""
        objective = entry.promise.objective
        promise = Promise(held.contract, held.sla, objective)
        return self._books.meter.level(promise, start, end).availability

    def _capped_out(self, row: Settled) -> Iterator[Gap]:
        """What the contract's own caps took from its customer."""
        unit = minor_unit(row.entry.currency)
        for cap, amount in row.taken:
            yield Gap(
                gap="CAP",
                amount=rounded(amount, unit),
                difference="capped_out",
                sla=row.entry.sla.id,
                text=f"the {cap.replace('_', ' ')} of {row.entry.contract.id} takes this away",
            )

    def _shortfall(self, row: Settled) -> Iterator[Gap]:
        """Say why the customer gets less than the schedule alone would pay."""
        short = row.would_pay - row.owed
        if row.forfeited:
            # What is passed on back to back may be more than the schedule alone would pay.
            amount = min(short, row.forfeited)
            yield self._short(row, "CLAIM_FORFEITED", amount, "not claimed in time")
            short -= amount
        excluded = row.would_pay - row.scheduled
        if excluded > 0:
            text = "failures of third parties are excluded"
            yield self._short(row, "EXCLUSION", min(short, excluded), text)
            short -= min(short, excluded)
        if short > 0:
            clause = row.entry.contract.pass_through.clause
            gap: GapClass = "EXCLUSION" if clause == "excluded_if_third_party" else "AMOUNT"
            text = f"the clause {clause} passes on {row.for_cause} of what was recovered"
            yield self._short(row, gap, short, text)

    def _short(self, row: Settled, gap: GapClass, amount: Decimal, text: str) -> Gap:
        return Gap(gap=gap, amount=amount, difference="shortfall", sla=row.entry.sla.id, text=text)


def _shown(target: Fraction | None) -> str:
    return "no target" if target is None else f"{float(target):.9g}"
