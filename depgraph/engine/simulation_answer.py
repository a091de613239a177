"""Answers of a simulation: what a year brings, per service, contract and organization (rule W5)."""

from __future__ import annotations

from depgraph.engine.tally import Distribution
from depgraph.record import Record


class SimulatedService(Record):
    """One service in the simulated years."""

    id: str
    """The service."""
    availability: Distribution
    """Availability per year [1]. Percentiles go by downtime: p99 is kept or bettered in 99 % of
    the years, and `tail_mean` is the mean of the worst 5 %."""
    downtime_minutes: Distribution
    """Downtime per 365-day year [min]."""
    exact_low: float | None
    """Exact availability under the same figures, at least this [1]; None where not computed."""
    exact_high: float | None
    """Exact availability under the same figures, at most this [1]."""
    exact_unavailability_low: float | None
    """One minus `exact_high`, with all its digits [1]."""
    exact_unavailability_high: float | None
    """One minus `exact_low`, with all its digits [1]."""
    agrees: bool | None
    """Whether the exact availability lies in the confidence interval of the simulated mean; one
    in twenty should not. None where there is nothing to compare."""
    unknown: tuple[str, ...]
    """Components without a figure that it rests on (rule A5): see the assumptions."""
    maintenance: tuple[str, ...] = ()
    """Components with planned maintenance that it rests on: its downtime holds that (rule M3)."""


class SimulatedContract(Record):
    """One contract in the simulated years; sums in its currency."""

    id: str
    """The contract."""
    supplier: str
    """Who promises."""
    customer: str
    """Who is promised to."""
    currency: str
    """ISO 4217 code; empty when the contract names no sum."""
    owed: Distribution
    """Owed to the customer per year."""
    recovered: Distribution
    """Recovered by the supplier from its own suppliers per year."""
    absorbed: Distribution
    """Owed and not recovered, per year (rule P7)."""
    breaches: Distribution
    """Service levels missed per year."""


class SimulatedOrganization(Record):
    """What one organization absorbs in the simulated years, in one currency."""

    id: str
    """The organization."""
    own: bool
    """Whether it is ours."""
    currency: str
    """ISO 4217 code."""
    absorbed: Distribution
    """Owed and not recovered on all its contracts as supplier, per year."""


class OwnLiability(Record):
    """The headline: what our own organizations absorb together in a year, in one currency."""

    currency: str
    """ISO 4217 code."""
    absorbed: Distribution
    """Absorbed per year; `tail_mean` is the mean of the worst 5 % of the years."""


class SimulationAnswer(Record):
    """Many simulated years of an estate."""

    years: int
    """Years simulated; figures are over these."""
    years_asked: int
    """Years that were asked for."""
    stopped: str
    """Why it ended: ``complete``, ``precision`` or ``interrupted``."""
    seed: int
    """Seed; the same seed, estate and version give the same figures to the bit."""
    own_liability: tuple[OwnLiability, ...]
    """Absorbed by our own organizations, by currency; empty without contracts of ours."""
    services: tuple[SimulatedService, ...]
    """Services, in the order of the estate."""
    contracts: tuple[SimulatedContract, ...]
    """Contracts, in the order of the estate; empty when money was left out."""
    organizations: tuple[SimulatedOrganization, ...]
    """Suppliers, in the order of the estate; empty when money was left out."""
    unknown: tuple[str, ...]
    """Components without a figure (rule A5)."""
    assumptions: tuple[str, ...]
    """What was assumed, in sentences."""
