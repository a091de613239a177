"""Whether the caps held in all reach what a supplier is exposed to (rules P2, K4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from depgraph.engine.held import Agreement
from depgraph.engine.obligation_match import FlowStatus, ObligationMatch
from depgraph.model.contract import Contract
from depgraph.units import Money, minor_digits


class LiabilityChain:
    """What is held in all against what the supplier of a promise is exposed to.

    Parameters
    ----------
    promise : tuple of (Contract, Sla)
        The promise; its contract's cap is the exposure.
    contracts : iterable of Contract
        Contracts held for it.
    """

    def __init__(self, promise: Agreement, contracts: Iterable[Contract]) -> None:
        self.exposure = liability_limit(promise[0])
        self.held = list({contract.id: contract for contract in contracts}.values())

    def match(self, contract: Contract | None) -> Iterator[ObligationMatch]:
        """The row of one edge; the sum over all held contracts decides."""
        if self.exposure is None:
            yield from self._unlimited(contract)
            return
        caps = [liability_limit(held) for held in self.held]
        known = [cap for cap in caps if cap is not None]
        same = [cap.amount for cap in known if cap.currency == self.exposure.currency]
        total = sum(same, Decimal(0))
        short = self.exposure.amount - total
        held = self.exposure.replace(amount=total)
        message = f"{_words(held)} held in all, {_words(self.exposure)} exposed"
        status: FlowStatus = "WEAKER" if short > 0 else "MATCH"
        difference: Decimal | None = short
        if short > 0 and len(same) < len(self.held):
            status, difference = "UNKNOWN", None
            message += "; a held contract states no cap, or one in another currency"
        if contract is None and short > 0:
            status = "MISSING"
        own = liability_limit(contract) if contract else None
        yield ObligationMatch(
            obligation="liability_cap", promised=str(self.exposure),
            held=None if own is None else str(own), status=status, difference=difference,
            message=message,
        )  # fmt: skip

    def _unlimited(self, contract: Contract | None) -> Iterator[ObligationMatch]:
        """The row of a promise that states no limit: not known to be backed by what has one.

        Without a limit the exposure is what the remedies come to, so a gap cannot be measured.
        Where what is held states no limit either, there is nothing to compare.
        """
        own = liability_limit(contract) if contract else None
        if own is None:
            return
        yield ObligationMatch(
            obligation="liability_cap", promised="no limit stated", held=str(own), status="UNKNOWN",
            message=f"the promise states no limit, and {_words(own)} is the most that is held here",
        )  # fmt: skip


def _words(sum_: Money) -> str:
    """A sum for people: shares of a value leave digits without meaning, as in 600000.0."""
    return f"{sum_.amount:,.{minor_digits(sum_.currency)}f} {sum_.currency}"


def liability_limit(contract: Contract) -> Money | None:
    """Most that a contract's supplier owes in a contract year; None without a stated limit."""
    cap, value = contract.liability_cap, contract.annual_value
    limits: list[Money] = []
    if cap is not None and cap.amount is not None:
        limits.append(cap.amount)
    elif cap is not None and cap.share_of_annual_value is not None and value is not None:
        limits.append(value * cap.share_of_annual_value)
    if contract.annual_credit_cap is not None and value is not None and cap is None:
        limits.append(value * contract.annual_credit_cap)
    return limits[0] if limits else None
