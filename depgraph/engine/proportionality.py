"""The most that a contract's remedies can pay, against its value and the stated loss (rule K6).

An input to counsel, not advice: courts look at whether a remedy is out of proportion to the
interest that it protects, and a remedy that can pay next to nothing protects nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from depgraph.engine.caps import liability_limit
from depgraph.engine.credits import Outcome, raw_credit, rounded
from depgraph.engine.fees import currency_of, is_fee_of_region, monthly_base, summed_fees
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

_MONTH_MINUTES = Fraction(43_200)
_EDGE = Fraction(1, 10**9)
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
        """Monthly base of one entitlement: regions share the fee, unless it is that of each."""
        whole = monthly_base(self._contract, sla, self._fees)
        return whole if is_fee_of_region(sla) else whole / self.regions(sla)


def _of_contract(estate: Estate, contract: Contract, stated: StatedLoss) -> Proportionality:
    currency = currency_of(contract)
    unit = minor_unit(currency)
    bases = _Bases(estate, contract)
    value = Fraction(contract.annual_value.amount) if contract.annual_value else None
    levels = [_most_of_level(bases, versions, value) for versions in _levels(contract)]
    month = sum((most for most, _ in levels), Fraction(0))
    year = min([sum((most for _, most in levels), Fraction(0)), *_yearly_caps(contract, value)])
    loss = stated.per_hour(contract, currency)
    hours = float(month / Fraction(loss)) if loss else None
    share = float(year / value) if value else None
    against = "no annual value is stated" if share is None else f"{share:.3g} of its annual value"
    covers = "" if hours is None else f"; a month's most makes up for {hours:.3g} h of stated loss"
    if any(_pays_each_incident(sla) for sla in contract.slas):
        covers += "; counted for one incident a month, and each further one earns its own"
    return Proportionality(
        contract=contract.id,
        currency=currency,
        natures=tuple(
            dict.fromkeys(
                s.credits.nature for s in contract.slas if isinstance(s.credits, CreditSchedule)
            )
        ),
        most_per_month=rounded(month, unit),
        most_per_year=rounded(year, unit),
        annual_value=contract.annual_value.amount if contract.annual_value else None,
        share_of_annual_value=share,
        loss_per_hour=loss,
        hours_covered=hours,
        text=f"at most {rounded(year, unit)} {currency} a year, {against}{covers}",
    )


def _most_per_month(bases: _Bases, sla: Sla) -> Fraction:
    """Most that one schedule pays per month, by trying the worst and every edge of its rows.

    Where each region has its own entitlement, all of them may be missed at once (rule M9).
    """
    schedule, objective = sla.credits, sla.availability_objective
    if not isinstance(schedule, CreditSchedule) or objective is None:
        return Fraction(0)
    months = MONTHS[objective.period]
    base = bases.monthly(sla) * months
    length = _MONTH_MINUTES * months
    target = Fraction(objective.target)
    severities = list(dict.fromkeys(tier.severity or "" for tier in schedule.tiers)) or [""]
    most = Fraction(0)
    floor = Fraction(schedule.minimum.amount) if schedule.minimum else most
    for availability in _trials(schedule, length):
        counted = (1 - availability) * length
        for severity in severities:
            outcome = Outcome(availability, target, counted, [(severity, counted)], True, months)
            raw = raw_credit(schedule, outcome, base).amount
            most = max(most, raw if raw > floor else most)
    if schedule.period_cap is not None:
        most = min(most, Fraction(schedule.period_cap) * base)
    return most * bases.regions(sla) / months


def _pays_each_incident(sla: Sla) -> bool:
    """Whether a period can earn more than one credit, and nothing says how much at most (K2)."""
    schedule = sla.credits
    return (
        isinstance(schedule, CreditSchedule)
        and schedule.shape == "severity_duration"
        and schedule.period_cap is None
    )


def _trials(schedule: CreditSchedule, length: Fraction) -> Iterator[Fraction]:
    """Availabilities at which a schedule can pay its most, in a period of so many minutes."""
    yield Fraction(0)
    for tier in schedule.tiers:
        shares = (tier.below, tier.at_or_below, tier.at_least, tier.above)
        minutes = (tier.over_minutes, tier.from_minutes, tier.to_minutes)
        edges = [Fraction(share) for share in shares if share is not None]
        edges += [1 - Fraction(lost) / length for lost in minutes if lost is not None]
        for edge in edges:
            yield from (v for v in (edge - _EDGE, edge, edge + _EDGE) if 0 <= v <= 1)


def _levels(contract: Contract) -> Iterable[list[Sla]]:
    """Levels of a contract that have a remedy, each with its successive versions (rule L1)."""
    first = first_versions(contract.slas)
    found: dict[str, list[Sla]] = {}
    for sla in contract.slas:
        if isinstance(sla.credits, CreditSchedule):
            found.setdefault(first[sla.id], []).append(sla)
    return found.values()


def _most_of_level(
    bases: _Bases, versions: Sequence[Sla], value: Fraction | None
) -> tuple[Fraction, Fraction]:
    """Most that a level pays in a month and in a year, within its rolling cap (rule K4).

    Of successive versions one holds at a time: the dearest counts, and the largest cap, unless one
    of them has none.
    """
    month = max(_most_per_month(bases, sla) for sla in versions)
    caps = [cap for sla in versions if (cap := _rolling(sla, value, bases)) is not None]
    year = month * _TWELVE
    return month, min(year, max(caps)) if len(caps) == len(versions) else year


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
