"""What a customer's loss leaves to claim beside the credit (rule K6).

Stated losses are those of our own business functions; so only contracts on which we are the
customer have one. An input to counsel, not advice.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from depgraph.engine.credits import rounded
from depgraph.engine.intervals import EMPTY, Intervals, difference, intersection, intervals, minutes
from depgraph.engine.remedy_limits import Nature, ResidualClaim
from depgraph.engine.settlement import Books, Settled
from depgraph.engine.stated_loss import StatedLoss
from depgraph.model.service import Function
from depgraph.units import minor_unit

_WHY: dict[Nature, str] = {
    "price_adjustment": "the credit adjusts the price, so the loss beyond it may still be claimed",
    "liquidated_damages": "the credit settles the damages in advance",
    "sole_remedy": "the credit is the only remedy",
}


class LossReader:
    """Stated losses by service level.

    Parameters
    ----------
    books : Books
        Everything settled.
    """

    def __init__(self, books: Books) -> None:
        self._books = books
        self._estate = books.estate
        self._stated = StatedLoss(books.estate)

    def claims(self, rows: Iterable[Settled]) -> tuple[ResidualClaim, ...]:
        """Residual claims of the levels that were missed.

        Parameters
        ----------
        rows : iterable of Settled
            Settled entries.
        """
        return tuple(
            self._claim(row)
            for row in rows
            if row.entry.breached and row.entry.schedule is not None
        )

    def _claim(self, row: Settled) -> ResidualClaim:
        entry = row.entry
        schedule = entry.schedule
        assert schedule is not None  # noqa: S101 - the caller has looked
        nature: Nature = schedule.nature
        unit = minor_unit(entry.currency)
        owed = row.owed.quantize(unit)
        loss, reason = self._loss(row)
        uncompensated = None if loss is None else max(owed * 0, loss - owed)
        residual = uncompensated if nature == "price_adjustment" else owed * 0
        return ResidualClaim(
            sla=entry.sla.id, contract=entry.contract.id, period=entry.period.label,
            region=entry.region, customer=entry.contract.customer,
            supplier=entry.contract.supplier, nature=nature, currency=entry.currency, credit=owed,
            loss=loss, residual=residual, uncompensated=uncompensated,
            text=f"{_WHY[nature]}; {reason}",
        )  # fmt: skip

    def _loss(self, row: Settled) -> tuple[Decimal | None, str]:
        """Loss of the functions that needed the service while both were down, and its reason."""
        entry = row.entry
        if entry.contract.customer not in self._estate.own_organizations:
            return None, f"the loss of {entry.contract.customer} is not stated"
        hit = self._stated.functions(entry.sla.service)
        if not hit:
            return None, "no function with a stated loss needs the service"
        total, parts = Fraction(0), []
        for function in hit:
            rate = function.loss_per_hour
            if rate is None:
                continue
            lost = minutes(self._both_down(function, row))
            if lost and rate.currency != entry.currency:
                return None, f"the loss of {function.id} is stated in {rate.currency}"
            if lost:
                total += Fraction(rate.amount) * lost / 60
                parts.append(f"{function.id} lost {float(lost):.9g} min at {rate} an hour")
        if not parts:
            return rounded(Fraction(0), minor_unit(entry.currency)), "no function was down for it"
        return rounded(total, minor_unit(entry.currency)), "; ".join(parts)

    def _both_down(self, function: Function, row: Settled) -> Intervals:
        """Time in which the function and the promised service were down for the same reason.

        Time that the terms exclude breaks no promise, so that nothing can be claimed for it.
        """
        entry = row.entry
        causes = set(entry.level.incidents)
        promised = intervals(
            (max(s.start, entry.start), min(s.end, entry.end)) for s in entry.level.spans
        )
        felt = [
            (span.start, span.end)
            for service in self._stated.supporting(function)
            for span in self._books.meter.history.spans(service)
            if span.incidents & causes
        ]
        promised = difference(promised, entry.level.grounds.time)
        return intersection(promised, intervals(felt)) if felt and len(promised) else EMPTY
