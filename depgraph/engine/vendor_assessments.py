"""What the register of information says of leaving a supplier: assessments and their gaps (D3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from depgraph.model.contract import Contract
from depgraph.model.register import (
    Assessed,
    IctAssessment,
    IctServiceType,
    Impact,
    Reintegration,
    Substitutability,
    SubstitutionObstacle,
)
from depgraph.record import Record

HARD = frozenset({"not_substitutable", "highly_complex"})
"""Kinds of substitutability for which template B_07.01 asks the reason."""


class VendorAssessment(Record):
    """Assessment of one ICT service of a supplier under one contract (template B_07.01)."""

    contract: str
    """The contract."""
    place: str
    """Where it is written, such as ``contracts/k/assessments/0``."""
    service_type: IctServiceType | None
    """Type of ICT service."""
    substitutability: Substitutability | None
    """How well the supplier can be replaced."""
    obstacle: SubstitutionObstacle | None
    """Why it cannot, or hardly can."""
    last_audit: date | None
    """Day of the last audit."""
    exit_plan: bool | None
    """Whether there is an exit plan."""
    reintegration: Reintegration | None
    """How well the service could be taken back in-house."""
    impact: Impact | None
    """Impact of discontinuing the service."""
    alternatives_identified: Assessed | None
    """Whether other providers were identified."""
    alternatives: str
    """Which they are."""

    @property
    def in_words(self) -> str:
        """One line for a reader; what is not on record is said to be unknown."""
        plan = {True: "yes", False: "no", None: "unknown"}[self.exit_plan]
        why = f" ({self.obstacle})" if self.obstacle else ""
        other = self.alternatives_identified or "unknown"
        named = f" ({self.alternatives})" if self.alternatives else ""
        facts = (
            f"substitutability {self.substitutability or 'unknown'}{why}",
            f"exit plan {plan}",
            f"last audit {self.last_audit or 'unknown'}",
            f"reintegration {self.reintegration or 'unknown'}",
            f"alternatives {other}{named}",
            f"impact {self.impact or 'unknown'}",
        )
        return f"{self.contract} {self.service_type or 'any service'}: {', '.join(facts)}"


def vendor_assessments(
    organization: str, contracts: Sequence[Contract]
) -> tuple[VendorAssessment, ...]:
    """Assessments of one supplier, in whichever contract they stand (rule D3).

    Parameters
    ----------
    organization : str
        The supplier.
    contracts : sequence of Contract
        Contracts in force; an assessment that names no provider is about the contract's supplier.
    """
    return tuple(
        _assessment(contract.id, place, row)
        for contract in contracts
        for place, row in enumerate(contract.assessments)
        if (row.provider or contract.supplier) == organization
    )


def _assessment(contract: str, place: int, row: IctAssessment) -> VendorAssessment:
    """An assessment with its place."""
    fields = {name: getattr(row, name) for name in VendorAssessment.model_fields.keys()
              & IctAssessment.model_fields.keys()}  # fmt: skip
    return VendorAssessment(
        contract=contract, place=f"contracts/{contract}/assessments/{place}", **fields
    )


def assessment_gaps(
    contract: str, assessments: Sequence[VendorAssessment]
) -> Iterator[tuple[str, str, str]]:
    """What an assessment of a supplier that critical functions rest on leaves open (rule D3).

    Parameters
    ----------
    contract : str
        One contract with it.
    assessments : sequence of VendorAssessment
        All assessments of the supplier.

    Yields
    ------
    tuple of str
        Code, message, and where to write what is missing.
    """
    own = [row for row in assessments if row.contract == contract]
    if not own:
        what = f"substitutability, last audit and alternatives are not assessed for {contract}"
        yield "not-assessed", what, f"contracts/{contract}/assessments"
    for row in own:
        about = f"{contract} {row.service_type or ''}".strip()
        if row.substitutability is None:
            what = f"{about}: how well the supplier can be replaced is not on record"
            yield "substitutability-unknown", what, f"{row.place}/substitutability"
        elif row.substitutability in HARD and row.obstacle is None:
            what = f"{about}: the supplier can hardly be replaced, and why is not on record"
            yield "obstacle-unknown", what, f"{row.place}/obstacle"
        if row.last_audit is None:
            what = f"{about}: no audit of the supplier is on record"
            yield "last-audit-unknown", what, f"{row.place}/last_audit"
        if row.alternatives_identified in {None, "not_assessed"}:
            what = f"{about}: whether there are other suppliers is not assessed"
            yield "alternatives-unknown", what, f"{row.place}/alternatives_identified"


def exit_plan(contract: str, assessments: Sequence[VendorAssessment]) -> bool | None:
    """Whether the assessments of a contract speak of an exit plan; None where they do not say."""
    said = {row.exit_plan for row in assessments if row.contract == contract} - {None}
    return None if not said else said == {True}
