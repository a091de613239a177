"""Due diligence of an estate's suppliers: every answer of rules D1 to D3, L12 and A5 together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

import networkx as nx

from depgraph.engine.availability import AssessmentOptions, assessed
from depgraph.engine.availability_answer import Assessment
from depgraph.engine.concentration import Concentration, Thresholds, concentrations
from depgraph.engine.contract_terms import ContractCoverage, contract_coverage
from depgraph.engine.data_quality import (
    DataQuality,
    Origins,
    ResultQuality,
    availability_quality,
    source_quality,
    worst_first,
)
from depgraph.engine.dominators import Dominator, dominators
from depgraph.engine.exposures import Buying, CriticalityWeights, Weight
from depgraph.engine.nth_parties import (
    PATHS_LISTED,
    NthParties,
    nth_parties,
    service_graph,
    services_by_function,
)
from depgraph.engine.structure import Structure
from depgraph.engine.supply_chain import SupplyChain, standpoint, supply_chain
from depgraph.engine.vendor_profile import VendorProfile, vendor_profiles
from depgraph.errors import DomainError
from depgraph.model.article import ArticleObligation
from depgraph.record import Record
from depgraph.units import minor_digits

WEIGHTS: tuple[Weight, ...] = ("criticality", "fee", "function")


@dataclass(frozen=True)
class DiligenceOptions:
    """What to look at, and how."""

    organization: str | None = None
    """The supplier to look at, or one of ours whose suppliers to look at; all when None."""
    weights: tuple[Weight, ...] = WEIGHTS
    """By what to weigh concentration."""
    thresholds: Thresholds = field(default_factory=Thresholds)
    """What counts as moderate and high."""
    criticality: CriticalityWeights = field(default_factory=CriticalityWeights)
    """How much criticality weighs."""
    obligations: tuple[ArticleObligation, ...] = ()
    """The article map; no contract is looked at without one."""
    as_of: date | None = None
    """Day on which contracts have to run; today when None."""
    paths: int = PATHS_LISTED
    """Most paths to list of each party."""
    origins: Origins = field(default_factory=dict)
    """Origins of imported values, by ``list/id/field``."""


class Diligence(Record):
    """Everything that a reviewer of our suppliers asks for."""

    as_of: date
    """Day on which contracts had to run."""
    organization: str | None
    """The supplier that the answer is narrowed to; None for all."""
    thresholds: Thresholds
    """What was taken as moderate and high."""
    nth_parties: NthParties
    """Suppliers and theirs, by rank (rule D1)."""
    concentrations: tuple[Concentration, ...]
    """How concentrated our buying is (rule D2); of all suppliers even when narrowed to one."""
    dominators: tuple[Dominator, ...]
    """What business functions must pass through (rule D2)."""
    vendors: tuple[VendorProfile, ...]
    """Direct suppliers with what is missing (rule D3)."""
    contracts: tuple[ContractCoverage, ...]
    """Contracts that we hold against the article map (rule L12)."""
    quality: DataQuality
    """What the conclusions rest on (rule A5)."""


def diligence(
    structure: Structure,
    options: DiligenceOptions | None = None,
    assessment: Assessment | None = None,
) -> Diligence:
    """Look at an estate's suppliers (rules D1 to D3, L12, A5).

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    options : DiligenceOptions, optional
        What to look at, and how.
    assessment : Assessment, optional
        Availabilities, when they are known already.

    Raises
    ------
    DomainError
        If an organization does not exist, or no organization is ours.
    """
    options = options or DiligenceOptions()
    estate = structure.estate
    day = options.as_of or datetime.now(UTC).date()
    name = options.organization
    if name is not None and name not in estate.organization:
        raise DomainError(f"no organization has the id {name!r}")
    ours = name is not None and name in estate.own_organizations
    own = standpoint(estate, (name,) if ours and name is not None else ())
    chain = supply_chain(estate, own, day)
    buying = Buying(estate, chain, day)
    parties = nth_parties(
        estate, chain, day, paths=options.paths, sources=_sources(options.origins)
    )
    critical = _critical_functions(structure)
    coverage = contract_coverage(estate, buying.contracts, options.obligations, critical)
    shares = concentrations(buying, options.weights, options.thresholds, options.criticality)
    assessment = assessment or assessed(estate, AssessmentOptions(as_of=day), structure)
    whole = Diligence(
        as_of=day,
        organization=None,
        thresholds=options.thresholds,
        nth_parties=parties,
        concentrations=shares,
        dominators=dominators(structure, own),
        vendors=vendor_profiles(estate, buying, parties.parties, coverage),
        contracts=coverage,
        quality=data_quality(structure, assessment, options.origins, (shares, coverage)),
    )
    return whole if name is None or ours else _narrowed(whole, structure, chain, name)


def data_quality(
    structure: Structure,
    assessment: Assessment,
    origins: Origins,
    further: tuple[Sequence[Concentration], Sequence[ContractCoverage]] = ((), ()),
) -> DataQuality:
    """What conclusions rest on, worst first (rule A5).

    Parameters
    ----------
    structure : Structure
        The estate compiled.
    assessment : Assessment
        Its availabilities.
    origins : mapping
        Origins of imported values, by ``list/id/field``.
    further : (sequence of Concentration, sequence of ContractCoverage)
        Other conclusions to rate.
    """
    rows, facts, not_tried = availability_quality(structure, assessment, origins)
    shares, coverage = further
    others = [*map(_concentration_quality, shares), *map(_coverage_quality, coverage)]
    return DataQuality(
        sources=source_quality(origins, _written(structure, origins)),
        results=worst_first([*rows, *others]),
        facts=facts,
        not_tried=not_tried,
    )


def _written(structure: Structure, origins: Origins) -> int:
    """Values that stand in the estate, say more than the default, and come from no import.

    A default that is written out is no value of its own: the graph does not keep that it was.
    """
    estate = structure.estate
    lists = ("organizations", "locations", "services", "functions", "contracts", "incidents")
    return sum(
        f"{kind}/{record.id}/{name}" not in origins
        for kind in lists
        for record in getattr(estate, kind)
        for name, field in type(record).model_fields.items()
        if field.is_required() or getattr(record, name) != field.default
    )


def _concentration_quality(row: Concentration) -> ResultQuality:
    what = f"{row.dimension} by {row.weight}{f' in {row.currency}' if row.currency else ''}"
    return ResultQuality(
        kind="concentration",
        subject=what,
        score=0.0 if row.unpriced else 1 - row.unknown_share,
        width=row.hhi_high - row.hhi_low,
        width_minutes_per_month=None,
        rests_on=len({name for holder in row.holders for name in holder.exposures}),
        missing=(
            *(f"{row.dimension} of {name}" for name in row.unknown),
            *(f"fee of {name}" for name in row.unpriced),
        ),
        defaulted=(),
        inferred=(),
        promised=(),
        best_fact=None,
    )


def _coverage_quality(row: ContractCoverage) -> ResultQuality:
    return ResultQuality(
        kind="contract terms",
        subject=row.contract,
        score=1 - row.unknown / row.required if row.required else 1.0,
        width=row.unknown / row.required if row.required else 0.0,
        width_minutes_per_month=None,
        rests_on=row.required,
        missing=tuple(
            f"{item.regulation} {item.article}"
            for item in row.rows
            if item.requirement == "required" and item.status == "unknown"
        ),
        defaulted=(),
        inferred=(),
        promised=(),
        best_fact=None,
        note="width is the share of required clauses that nobody has looked for",
    )


def _sources(origins: Origins) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Sources by record."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for key, origin in origins.items():
        kind, _, rest = key.partition("/")
        names = found.setdefault((kind, rest.rpartition("/")[0]), {})
        names.update(dict.fromkeys(each["source"] for each in origin))
    return {record: tuple(names) for record, names in found.items()}


def _critical_functions(structure: Structure) -> dict[str, tuple[str, ...]]:
    """Critical functions by service that they rest on."""
    estate = structure.estate
    found: dict[str, list[str]] = {}
    for function, services in services_by_function(estate, service_graph(estate)).items():
        if estate.function[function].critical:
            for service in services:
                found.setdefault(service, []).append(function)
    return {service: tuple(functions) for service, functions in found.items()}


def _narrowed(whole: Diligence, structure: Structure, chain: SupplyChain, name: str) -> Diligence:
    """The answer of one supplier: itself, who it rests on, its contracts and results."""
    below = {name, *nx.descendants(chain.graph, name)} if name in chain.graph else set()
    parties = tuple(p for p in whole.nth_parties.parties if p.organization in below)
    if not any(p.organization == name for p in parties):
        raise DomainError(f"{name!r} is no supplier of ours, direct or further down")
    estate = structure.estate
    touched = {s.id for s in estate.services if s.provider == name}
    kept = {p.organization for p in parties}
    return whole.replace(
        organization=name,
        nth_parties=whole.nth_parties.replace(
            parties=parties,
            undisclosed=tuple(o for o in whole.nth_parties.undisclosed if o in kept),
        ),
        dominators=tuple(
            d
            for d in whole.dominators
            if (d.kind in {"organization", "group"} and name in d.members)
            or (d.kind == "service" and d.id in touched)
        ),
        vendors=tuple(v for v in whole.vendors if v.organization == name),
        contracts=tuple(c for c in whole.contracts if c.supplier == name),
        quality=whole.quality.replace(
            results=tuple(
                r
                for r in whole.quality.results
                if (r.kind == "availability" and r.subject in touched)
                or any(c.contract == r.subject and c.supplier == name for c in whole.contracts)
            )
        ),
    )


def total_value(values: Mapping[str, str]) -> str:
    """Sums of money by currency, as people read them."""
    return ", ".join(
        f"{Decimal(amount):,.{minor_digits(currency)}f} {currency}"
        for currency, amount in values.items()
    )
