"""The most that a contract's remedies can pay, against its value and the stated loss (rule K6).

An input to counsel, not advice: courts look at whether a remedy is out of proportion to the
interest that it protects, and a remedy that can pay next to nothing protects nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from depgraph.engine.caps import liability_limit
from depgraph.engine.credits import rounded
from depgraph.engine.fees import currency_of, is_fee_of_region, monthly_base, summed_fees
from depgraph.engine.most_credit import Terms, is_open_ended, most_of_period
from depgraph.engine.periods import MONTHS
from depgraph.engine.regions import promised_regions
from depgraph.engine.remedy_limits import Proportionality
from depgraph.engine.stated_loss import StatedLoss
from depgraph.engine.versions import first_versions
from depgraph.model.contract import Contract
from depgraph.model.credits import CreditSchedule
from depgraph.model.estate import Estate
from depgraph.model.sla import Sla
from depgraph.units import minor_unit

_TWELVE = 12


def proportionality(estate: Estate) -> tuple[Proportionality, ...]:
    """Check every contract with remedies (rule K6).

    Parameters
    ----------
    estate : Estate
        Contracts with every published schedule written out.
    """
    stated = StatedLoss(estate)
    return tuple(
        _of_contract(estate, contract, stated)
        for contract in estate.contracts
        if any(isinstance(sla.credits, CreditSchedule) for sla in contract.slas)
    )


class _Bases:
    """Fees that the credits of one contract are shares of."""

    def __init__(self, estate: Estate, contract: Contract) -> None:
        self._estate = estate
        self._contract = contract
        self._fees = summed_fees(contract.slas)

    def regions(self, sla: Sla) -> int:
        """Number of entitlements that one period of a level holds (rule M9)."""
        objective = sla.availability_objective
        if objective is None or objective.regions != "each":
            return 1
        return len(promised_regions(self._estate, sla)) or 1

    def monthly(self, sla: Sla) -> Fraction:
        """Monthly base of one entitlement: regions share the fee, unless it is that of each.

        Where the fee of the preceding period counts, earlier terms may have had a higher one.
        """
        whole = max(monthly_base(self._contract, each, self._fees) for each in self._terms(sla))
        return whole if is_fee_of_region(sla) else whole / self.regions(sla)

    def _terms(self, sla: Sla) -> Iterator[Sla]:
        """Terms whose fee may be the base: its own, and those before it (rules K3, L1)."""
        seen: set[str] = set()
        before: Sla | None = sla
        while before is not None and before.id not in seen:
            yield before
            seen.add(before.id)
            looks_back = getattr(sla.credits, "base_period", "") == "preceding"
            older = before.supersedes if looks_back else None
            before = self._estate.sla[older][1] if older is not None else None


class _Most(NamedTuple):
    """The most that is paid, in whole minor units."""

    month: Fraction
    """For one month; of a quarter or a year its part."""
    year: Fraction
    """In twelve months."""
    open_ended: bool
    """Whether more incidents earn more, and nothing says how much."""


def _of_contract(estate: Estate, contract: Contract, stated: StatedLoss) -> Proportionality:
    currency = currency_of(contract)
    unit = minor_unit(currency)
    bases = _Bases(estate, contract)
    value = Fraction(contract.annual_value.amount) if contract.annual_value else None
    levels = [_most_of_level(bases, versions, value, unit) for versions in _levels(contract)]
    month = sum((level.month for level in levels), Fraction(0))
    year = sum((level.year for level in levels), Fraction(0))
    caps = [Fraction(rounded(cap, unit)) for cap in _yearly_caps(contract, value)]
    passes_on = contract.pass_through.clause == "back_to_back"
    open_ended = passes_on or any(level.open_ended for level in levels)
    if caps:
        year = min(caps) if open_ended else min(year, *caps)
    month_paid = _rounded_up(month, unit)
    loss = stated.per_hour(contract, currency)
    hours = float(month / Fraction(loss)) if loss else None
    share = float(year / value) if value else None
    against = "no annual value is stated" if share is None else f"{share:.3g} of its annual value"
    covers = "" if hours is None else f"; a month's most makes up for {hours:.3g} h of stated loss"
    if any(level.open_ended for level in levels):
        covers += "; counted for one incident a month, and each further one earns its own"
    if passes_on:
        covers += "; besides, what suppliers pay for a failure of theirs is passed on in full"
    return Proportionality(
        contract=contract.id,
        currency=currency,
        natures=tuple(
            dict.fromkeys(
                s.credits.nature for s in contract.slas if isinstance(s.credits, CreditSchedule)
            )
        ),
        most_per_month=month_paid,
        most_per_year=rounded(year, unit),
        annual_value=contract.annual_value.amount if contract.annual_value else None,
        share_of_annual_value=share,
        loss_per_hour=loss,
        hours_covered=hours,
        text=f"at most {rounded(year, unit)} {currency} a year, {against}{covers}",
    )


def _rounded_up(amount: Fraction, unit: Decimal) -> Decimal:
    """Sum in whole minor units that is not less: parts of a quarter's are no whole ones."""
    return unit * ceil(amount / Fraction(unit))


def _levels(contract: Contract) -> Iterable[list[Sla]]:
    """Levels of a contract that have a remedy, each with its successive versions (rule L1)."""
    first = first_versions(contract.slas)
    found: dict[str, list[Sla]] = {}
    for sla in contract.slas:
        if isinstance(sla.credits, CreditSchedule):
            found.setdefault(first[sla.id], []).append(sla)
    return found.values()


def _most_of_level(
    bases: _Bases, versions: Sequence[Sla], value: Fraction | None, unit: Decimal
) -> _Most:
    """Most that a level pays in a month and in a year, within its rolling cap (rule K4).

    Of successive versions one holds at a time: the dearest counts, and the largest cap, unless one
    of them has none. What is paid may pass a cap by less than a minor unit: it is rounded after it.
    """
    month = year = Fraction(0)
    open_ended = False
    for sla in versions:
        schedule, objective = sla.credits, sla.availability_objective
        if not isinstance(schedule, CreditSchedule) or objective is None:
            continue
        terms = Terms(schedule, objective, bases.monthly(sla), bases.regions(sla), unit)
        most, months = most_of_period(terms), MONTHS[objective.period]
        month, year = max(month, most / months), max(year, most * _TWELVE / months)
        open_ended = open_ended or (is_open_ended(schedule) and most > 0)
    caps = [cap for sla in versions if (cap := _rolling(sla, value, bases)) is not None]
    if len(caps) < len(versions):
        return _Most(month, year, open_ended)
    cap = Fraction(rounded(max(caps), unit))
    return _Most(month, cap if open_ended else min(year, cap), open_ended)


def _yearly_caps(contract: Contract, value: Fraction | None) -> Iterator[Fraction]:
    """Caps on what a whole contract pays in a year."""
    limit = liability_limit(contract)
    if limit is not None:
        yield limit
    if contract.annual_credit_cap is not None and value is not None:
        yield Fraction(contract.annual_credit_cap) * value


def _rolling(sla: Sla, value: Fraction | None, bases: _Bases) -> Fraction | None:
    cap = sla.credits.rolling_cap if isinstance(sla.credits, CreditSchedule) else None
    if cap is None:
        return None
    limits = []
    if cap.amount is not None:
        limits.append(Fraction(cap.amount.amount))
    if cap.months_of_fee is not None:
        limits.append(Fraction(cap.months_of_fee) * bases.monthly(sla) * bases.regions(sla))
    if cap.share_of_annual_value is not None and value is not None:
        limits.append(Fraction(cap.share_of_annual_value) * value)
    return min(limits, default=None)
