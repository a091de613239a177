"""Which clauses the law asks for a contract has: present, absent or unknown, with proof (L12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from depgraph.model.article import ArticleObligation, Proof
from depgraph.model.contract import Contract
from depgraph.model.estate import Estate
from depgraph.model.sla import Metric, Objective
from depgraph.record import Record
from depgraph.wording import counted

Status = Literal["present", "absent", "unknown"]
Requirement = Literal["required", "not_required", "undecided"]
EARLY_WARNING_HOURS = 24


class TermRow(Record):
    """One obligation against one contract."""

    obligation: str
    """Name in the article map."""
    regulation: str
    """The law or standard."""
    article: str
    """Where it says so."""
    in_words: str
    """What it asks for."""
    duty_of: Literal["contract", "customer"]
    """Whether the contract has to say it, or the customer has to do it."""
    requirement: Requirement
    """Whether this contract needs it; undecided when the estate does not say what it depends on."""
    status: Status
    """Whether the clause is there; unknown is never taken as present."""
    proof: tuple[str, ...]
    """Fields of the records that show it, such as ``contracts/k/audit_right``."""
    clause: str
    """Where the contract says so; empty when nobody wrote it down."""
    note: str
    """What was found, in words."""

    @property
    def is_gap(self) -> bool:
        """Whether something required is not there."""
        return self.requirement == "required" and self.status == "absent"


class ContractCoverage(Record):
    """One contract against the article map."""

    contract: str
    """The contract."""
    supplier: str
    """Who promises."""
    critical_functions: tuple[str, ...]
    """Critical functions that rest on what it covers."""
    required: int
    """Obligations that it needs."""
    present: int
    """Of these, those that it has."""
    absent: int
    """Of these, those that it does not have."""
    unknown: int
    """Of these, those of which it is not known."""
    rows: tuple[TermRow, ...]
    """Every obligation."""


class _Shown(NamedTuple):
    """What a field says about a clause."""

    status: Status
    proof: tuple[str, ...]
    note: str
    clause: str = ""


def contract_coverage(
    estate: Estate,
    contracts: Sequence[Contract],
    obligations: Sequence[ArticleObligation],
    critical: Mapping[str, Sequence[str]],
) -> tuple[ContractCoverage, ...]:
    """Contracts against an article map, those with most required gaps first (rule L12).

    Parameters
    ----------
    estate : Estate
        Records.
    contracts : sequence of Contract
        Contracts to look at.
    obligations : sequence of ArticleObligation
        The article map.
    critical : mapping
        Critical functions by service that rests below them.
    """
    found = [_coverage(estate, contract, obligations, critical) for contract in contracts]
    found.sort(key=lambda row: (-row.absent, -row.unknown, row.contract))
    return tuple(found)


def _coverage(
    estate: Estate,
    contract: Contract,
    obligations: Sequence[ArticleObligation],
    critical: Mapping[str, Sequence[str]],
) -> ContractCoverage:
    """One contract; one without SLAs is taken to cover all that its supplier provides."""
    covered = [sla.service for sla in contract.slas] or [
        s.id for s in estate.services if s.provider == contract.supplier
    ]
    functions = tuple(dict.fromkeys(f for name in covered for f in critical.get(name, ())))
    rows = tuple(_row(contract, obligation, bool(functions)) for obligation in obligations)
    required = [row.status for row in rows if row.requirement == "required"]
    return ContractCoverage(
        contract=contract.id,
        supplier=contract.supplier,
        critical_functions=functions,
        required=len(required),
        present=required.count("present"),
        absent=required.count("absent"),
        unknown=required.count("unknown"),
        rows=rows,
    )


def _row(contract: Contract, obligation: ArticleObligation, critical: bool) -> TermRow:  # noqa: FBT001 - a fact, not a switch
    shown = _shown(contract, obligation)
    return TermRow(
        obligation=obligation.id,
        regulation=obligation.regulation,
        article=obligation.article,
        in_words=obligation.in_words,
        duty_of=obligation.duty_of,
        requirement=_requirement(contract, obligation, critical),
        status=shown.status,
        proof=shown.proof,
        clause=shown.clause,
        note=shown.note,
    )


def _requirement(contract: Contract, obligation: ArticleObligation, critical: bool) -> Requirement:  # noqa: FBT001 - a fact, not a switch
    """Whether a contract needs a clause."""
    if obligation.applies_to == "critical_function":
        return "required" if critical else "not_required"
    if obligation.applies_to == "personal_data":
        if contract.personal_data is None:
            return "undecided"
        return "required" if contract.personal_data else "not_required"
    return "required"


def _shown(contract: Contract, obligation: ArticleObligation) -> _Shown:
    """What the records say: the clause as it was read first, then the field that shows it."""
    for item in contract.terms:
        if item.term == obligation.term:
            proof = (f"contracts/{contract.id}/terms/{item.term}",)
            note = "the clause was found" if item.present else "the clause was looked for in vain"
            return _Shown("present" if item.present else "absent", proof, note, item.clause)
    if obligation.shown_by is None:
        note = f"nobody has read the contract for it: add {obligation.term} to its terms"
        return _Shown("unknown", (), note)
    return _FIELDS[obligation.shown_by](contract)


def _audit_right(contract: Contract) -> _Shown:
    if contract.audit_right is None:
        return _unknown("audit_right")
    status: Status = "present" if contract.audit_right else "absent"
    note = "the customer may audit" if contract.audit_right else "the customer may not audit"
    return _Shown(status, _field(contract, "audit_right"), note)


def _data_residency(contract: Contract) -> _Shown:
    if contract.data_residency is None:
        return _unknown("data_residency")
    named = ", ".join(contract.data_residency)
    if not named:
        return _Shown("absent", _field(contract, "data_residency"), "no country is agreed")
    return _Shown("present", _field(contract, "data_residency"), f"data stay in {named}")


def _subcontracting(contract: Contract) -> _Shown:
    if contract.subcontracting is None:
        return _unknown("subcontracting")
    note = f"sub-contracting: {contract.subcontracting}"
    return _Shown("present", _field(contract, "subcontracting"), note)


def _authorisation(contract: Contract) -> _Shown:
    """A processor that is free to sub-contract needs no authorisation, and tells of no change."""
    shown = _subcontracting(contract)
    if contract.subcontracting == "free":
        return shown._replace(status="absent", note="sub-contracting is free: no authorisation")
    return shown


def _exit_assistance(contract: Contract) -> _Shown:
    days = contract.exit_assistance_days
    if days is None:
        return _unknown("exit_assistance_days")
    note = f"{counted(days, 'day')} of help on leaving"
    return _Shown("present" if days else "absent", _field(contract, "exit_assistance_days"), note)


def _termination(contract: Contract) -> _Shown:
    """A notice period, or a right to end the contract after repeated failure."""
    if contract.termination_notice_days is not None:
        note = f"notice of {counted(contract.termination_notice_days, 'day')}"
        return _Shown("present", _field(contract, "termination_notice_days"), note)
    return _unknown("termination_notice_days")


def _slas(contract: Contract) -> _Shown:
    if not contract.slas:
        return _Shown("unknown", (), "no SLA of this contract is on record")
    names = tuple(f"slas/{sla.id}" for sla in contract.slas)
    return _Shown("present", names, f"{len(names)} SLA(s) on record")


def _credits(contract: Contract) -> _Shown:
    if not contract.slas:
        return _Shown("unknown", (), "no SLA of this contract is on record")
    without = [sla.id for sla in contract.slas if sla.credits is None]
    if without:
        note = f"no remedy in {', '.join(without)}"
        return _Shown("absent", tuple(f"slas/{name}" for name in without), note)
    return _Shown("present", tuple(f"slas/{s.id}/credits" for s in contract.slas), "every SLA")


def _objectives(
    contract: Contract, metrics: Sequence[Metric], most_hours: int | None = None
) -> _Shown:
    """Whether every SLA promises one of the metrics, and soon enough."""
    if not contract.slas:
        return _Shown("unknown", (), "no SLA of this contract is on record")
    proof, without = [], []
    for sla in contract.slas:
        held = [o for o in sla.objectives if o.metric in metrics and _soon(o, most_hours)]
        proof += [f"slas/{sla.id}/objectives/{objective.metric}" for objective in held]
        without += [] if held else [sla.id]
    what = " or ".join(metrics) + (f" of at most {most_hours} h" if most_hours else "")
    if without:
        note = f"no {what} in {', '.join(without)}"
        return _Shown("absent", tuple(f"slas/{name}" for name in without), note)
    return _Shown("present", tuple(proof), f"{what} in every SLA")


def _soon(objective: Objective, most_hours: int | None) -> bool:
    return most_hours is None or objective.target <= most_hours


def _unknown(field: str) -> _Shown:
    return _Shown("unknown", (), f"{field} is not on record")


def _field(contract: Contract, name: str) -> tuple[str, ...]:
    return (f"contracts/{contract.id}/{name}",)


_FIELDS: Mapping[Proof, Callable[[Contract], _Shown]] = {
    "slas": _slas,
    "availability_objective": lambda k: _objectives(k, ("availability",)),
    "response_objective": lambda k: _objectives(k, ("incident_response_hours",)),
    "recovery_objective": lambda k: _objectives(k, ("rto_hours", "resolution_hours")),
    "breach_notice_objective": lambda k: _objectives(k, ("breach_notice_hours",)),
    "breach_notice_within_24_hours": lambda k: _objectives(
        k, ("breach_notice_hours",), EARLY_WARNING_HOURS
    ),
    "audit_right": _audit_right,
    "data_residency": _data_residency,
    "subcontracting": _subcontracting,
    "subcontracting_authorisation": _authorisation,
    "exit_assistance": _exit_assistance,
    "termination_notice": _termination,
    "credits": _credits,
}
"""What each field says."""
