"""Clauses of a contract that need no figures: there or not, and where (rule L12)."""

from __future__ import annotations

from typing import Literal

from depgraph.record import Record
from depgraph.units import Text

TermName = Literal[
    "written_form",
    "service_description",
    "service_levels",
    "performance_targets",
    "subcontracting",
    "subcontractor_obligations",
    "processing_locations",
    "location_change_notice",
    "data_protection",
    "data_return",
    "data_deletion",
    "documented_instructions",
    "confidentiality",
    "processing_details",
    "data_subject_assistance",
    "compliance_assistance",
    "breach_notice",
    "incident_assistance",
    "incident_reporting",
    "material_change_notice",
    "authority_cooperation",
    "termination_rights",
    "training_participation",
    "continuity_testing",
    "recovery_objectives",
    "security_measures",
    "supplier_security",
    "secure_development",
    "penetration_testing",
    "audit_right",
    "audit_cooperation",
    "exit_assistance",
    "exit_strategy",
    "pre_contract_assessment",
    "concentration_assessment",
    "register_entry",
    "support",
    "remedies",
    "change_of_features",
    "certifications",
    "data_portability",
]
"""Clauses that the article map asks for."""


class ContractTerm(Record):
    """One clause: what it is about, whether the contract has it, and where."""

    term: TermName
    """What the clause is about."""
    present: bool = True
    """Whether the contract has it; write false for what was looked for and is not there."""
    clause: Text = ""
    """Where the contract, or the document beside it, says so."""
