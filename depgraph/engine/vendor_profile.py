"""One direct supplier: what we buy, what rests on it, how it could be left, what lacks (D3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from depgraph.engine.contract_terms import ContractCoverage
from depgraph.engine.exposures import Buying
from depgraph.engine.nth_parties import NthParty
from depgraph.engine.supply_chain import ultimate_owner
from depgraph.engine.vendor_assessments import (
    VendorAssessment,
    assessment_gaps,
    exit_plan,
    vendor_assessments,
)
from depgraph.model.contract import Contract
from depgraph.model.dependency import Redundancy
from depgraph.model.estate import Estate
from depgraph.record import Record


class VendorGap(Record):
    """Something that a reviewer would ask for and that is not on record (rule D3)."""

    code: str
    """Stable short name of the gap."""
    message: str
    """What is missing, and why it matters here."""
    record: str
    """Where to write it, such as ``contracts/k/exit_assistance_days``."""
    critical: bool
    """Whether a critical function rests on this supplier."""


class VendorProfile(Record):
    """A direct supplier in one place."""

    organization: str
    """The supplier."""
    name: str
    """Its name."""
    ultimate_owner: str
    """The top of its chain of owners."""
    country: str | None
    """Country of registration."""
    lei: str | None
    """Legal entity identifier."""
    services: tuple[str, ...]
    """Services that we buy from it."""
    contracts: tuple[str, ...]
    """Contracts in force with it."""
    annual_value: dict[str, str]
    """What these are worth a year, by currency, as exact decimals."""
    last_end: date | None
    """When the last of them ends; None when one is open-ended, or there is none."""
    critical_functions: tuple[str, ...]
    """Critical functions that rest on it."""
    alternatives: tuple[str, ...]
    """Other suppliers that stand beside it in a redundancy group on record."""
    without_alternative: tuple[str, ...]
    """Services of it that nothing stands beside."""
    suppliers: tuple[str, ...]
    """Its own suppliers, as far as they are known."""
    terms_required: int
    """Clauses that its contracts need."""
    terms_present: int
    """Of these, those they have."""
    terms_absent: int
    """Of these, those they lack."""
    terms_unknown: int
    """Of these, those nobody has looked for."""
    assessments: tuple[VendorAssessment, ...]
    """What the register of information says of leaving it (template B_07.01)."""
    gaps: tuple[VendorGap, ...]
    """What is missing, rule D3."""


def vendor_profiles(
    estate: Estate,
    buying: Buying,
    parties: Iterable[NthParty],
    coverage: Sequence[ContractCoverage],
) -> tuple[VendorProfile, ...]:
    """Profiles of all direct suppliers, those with most critical functions first (rule D3).

    Parameters
    ----------
    estate : Estate
        Records.
    buying : Buying
        What we buy.
    parties : iterable of NthParty
        From `nth_parties`; those of rank 1 are direct suppliers.
    coverage : sequence of ContractCoverage
        Contracts against the article map.
    """
    beside = _alternatives(estate)
    bought = {service.id: service for service in buying.services()}
    rows = []
    for party in parties:
        if party.rank != 1:
            continue
        services = [s for s in bought.values() if s.provider == party.organization]
        contracts = [c for c in buying.contracts if c.supplier == party.organization]
        assessed = vendor_assessments(party.organization, buying.contracts)
        covered = [row for row in coverage if row.supplier == party.organization]
        others = {s.id: beside.get(s.id, frozenset()) - {party.organization} for s in services}
        alone = tuple(name for name, found in others.items() if not found)
        suppliers = buying.chain.graph.successors(party.organization)
        rows.append(
            VendorProfile(
                organization=party.organization,
                name=party.name,
                ultimate_owner=ultimate_owner(estate, party.organization),
                country=party.country,
                lei=estate.organization[party.organization].lei,
                services=tuple(s.id for s in services),
                contracts=tuple(c.id for c in contracts),
                annual_value=_values(contracts),
                last_end=_last_end(contracts),
                critical_functions=party.critical_functions,
                alternatives=tuple(sorted({o for found in others.values() for o in found})),
                without_alternative=alone,
                suppliers=tuple(sorted(name for name in suppliers if name)),
                terms_required=sum(row.required for row in covered),
                terms_present=sum(row.present for row in covered),
                terms_absent=sum(row.absent for row in covered),
                terms_unknown=sum(row.unknown for row in covered),
                assessments=assessed,
                gaps=tuple(_gaps(party, contracts, alone, assessed)),
            )
        )
    rows.sort(key=lambda row: (-len(row.critical_functions), -len(row.gaps), row.organization))
    return tuple(rows)


def _alternatives(estate: Estate) -> Mapping[str, frozenset[str]]:
    """Providers that stand beside a service in a group that can lose it."""
    found: dict[str, set[str]] = {}
    for service in estate.services:
        for group in service.requirements:
            if not isinstance(group, Redundancy) or group.at_least == len(group.of):
                continue
            for member in group.of:
                others = (estate.service[name].provider for name in group.of if name != member)
                found.setdefault(member, set()).update(o for o in others if o is not None)
    return {name: frozenset(others) for name, others in found.items()}


def _values(contracts: Sequence[Contract]) -> dict[str, str]:
    """Annual values by currency."""
    found = {
        c.annual_value.currency: c.annual_value.amount * 0 for c in contracts if c.annual_value
    }
    for contract in contracts:
        if contract.annual_value:
            found[contract.annual_value.currency] += contract.annual_value.amount
    return {currency: str(amount) for currency, amount in sorted(found.items())}


def _last_end(contracts: Sequence[Contract]) -> date | None:
    ends = [contract.end for contract in contracts]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


def _gaps(
    party: NthParty,
    contracts: Sequence[Contract],
    alone: Sequence[str],
    assessed: Sequence[VendorAssessment],
) -> list[VendorGap]:
    """What is missing for one supplier."""
    critical = bool(party.critical_functions)
    found = []
    if not contracts:
        what = "we rest on it, and no contract in force is on record"
        found.append(("no-contract", what, "contracts"))
    for contract in contracts:
        found += _exit_gaps(contract, assessed, critical=critical)
        found += assessment_gaps(contract.id, assessed) if critical else ()
        found += _audit_gaps(contract)
    if critical and alone:
        what = f"nothing stands beside {', '.join(alone)}"
        found.append(("no-alternative", what, f"organizations/{party.organization}"))
    return [
        VendorGap(code=code, message=message, record=record, critical=critical)
        for code, message, record in found
    ]


def _exit_gaps(
    contract: Contract, assessed: Sequence[VendorAssessment], *, critical: bool
) -> Iterator[tuple[str, str, str]]:
    """Help on leaving, and where critical functions rest on the supplier an exit plan."""
    place = f"contracts/{contract.id}"
    stated = {term.term: term for term in contract.terms}
    if contract.exit_assistance_days is None and "exit_assistance" not in stated:
        what = f"{contract.id} promises no known help on leaving"
        yield "exit-assistance-unknown", what, f"{place}/exit_assistance_days"
    plan = exit_plan(contract.id, assessed)
    if plan is None and "exit_strategy" in stated:
        plan = stated["exit_strategy"].present
    if critical and plan is None:
        what = f"no exit plan is on record for {contract.id}"
        yield "exit-plan-unknown", what, f"{place}/terms/exit_strategy"
    elif critical and not plan:
        what = f"there is no exit plan for {contract.id}"
        yield "exit-plan-absent", what, f"{place}/terms/exit_strategy"


def _audit_gaps(contract: Contract) -> Iterator[tuple[str, str, str]]:
    """Whether we may audit."""
    place = f"contracts/{contract.id}/audit_right"
    stated = {term.term for term in contract.terms}
    if contract.audit_right is None and "audit_right" not in stated:
        yield "audit-right-unknown", f"{contract.id} does not say whether we may audit", place
    elif contract.audit_right is False:
        yield "audit-right-absent", f"{contract.id} gives no right to audit", place
