"""What the register of information under DORA asks beyond the graph (rule D3).

Commission Implementing Regulation (EU) 2024/2956. Short closed lists are words; the long lists of
entity types and licensed activities are the codes of the EBA taxonomy.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from depgraph.record import Record
from depgraph.units import Day, Id, NotNegative, Text

CountryCode = Annotated[str, Field(pattern=r"^([A-Z]{2}|other|not_applicable)$")]
"""ISO 3166-1 alpha-2; ``other``; ``not_applicable`` where the register allows it."""
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""ISO 4217 code."""

IdentifierKind = Literal["lei", "national", "euid", "crn", "vat", "passport"]
IctServiceType = Literal[
    "S01", "S02", "S03", "S04", "S05", "S06", "S07", "S08", "S09", "S10", "S11", "S12", "S13",
    "S14", "S15", "S16", "S17", "S18", "S19",
]  # fmt: skip
"""Type of ICT service, Annex III of the Regulation: S01 project management … S19 SaaS."""
Level = Literal["low", "medium", "high"]
Impact = Literal["low", "medium", "high", "not_assessed"]
Assessed = Literal["yes", "no", "not_assessed"]
GroupRole = Literal["ultimate_parent", "parent", "subsidiary", "not_in_group", "outsourcing"]
Arrangement = Literal["standalone", "overarching", "subsequent"]
TerminationReason = Literal[
    "expired", "breach", "impediments", "data_weaknesses", "authority_request", "other"
]
Reliance = Literal["not_significant", "low", "material", "full"]
Substitutability = Literal["not_substitutable", "highly_complex", "medium", "easy"]
SubstitutionObstacle = Literal["no_alternatives", "migration_difficulty", "both"]
Reintegration = Literal["easy", "difficult", "highly_complex", "not_applicable"]
DefinedTerm = Literal[
    "standalone", "overarching", "subsequent",
    "sensitiveness_low", "sensitiveness_medium", "sensitiveness_high",
    "function_impact_low", "function_impact_medium", "function_impact_high",
    "not_substitutable", "substitution_highly_complex", "substitution_medium", "substitution_easy",
    "reintegration_easy", "reintegration_difficult", "reintegration_highly_complex",
    "service_impact_low", "service_impact_medium", "service_impact_high",
]  # fmt: skip
DEFINED_TERMS: Final[tuple[str, ...]] = get_args(DefinedTerm)
"""Terms that template B_99.01 asks to define, in the order of its columns."""


class Identifier(Record):
    """A number under which an organization is registered."""

    kind: IdentifierKind
    """Which register: legal entity identifier, national code, European unique identifier, company
    registration number, VAT number, passport number."""
    value: Text
    """The number as the register writes it; a LEI that is kept here need not be valid."""


class Branch(Record):
    """A branch of a financial entity (template B_01.03)."""

    code: Id
    """Identification code of the branch."""
    name: Text = ""
    """Name of the branch."""
    country: CountryCode | None = None
    """Country of the branch."""


class FinancialEntity(Record):
    """An entity within the scope of the register (template B_01.02)."""

    type: str | None = Field(default=None, pattern=r"^eba_CT:x[0-9]+$")
    """Type of entity, a code of the EBA taxonomy such as ``eba_CT:x12``, credit institution."""
    group_role: GroupRole | None = None
    """Place in the hierarchy of the group."""
    direct_parent: Id | None = None
    """Direct parent as the register names it, itself where it repeats its own LEI; the
    organization's `parent` when absent."""
    updated: Day | None = None
    """Day of the last update."""
    integrated: Day | None = None
    """Day on which it came into the register."""
    deleted: Day | None = None
    """Day on which it left the register; 9999-12-31 while it is active."""
    currency: CurrencyCode | None = None
    """Currency of its financial statements."""
    total_assets: NotNegative | None = None
    """Value of total assets, in `currency`."""


class Definition(Record):
    """What the entity means by a term of the closed lists (template B_99.01)."""

    term: DefinedTerm
    """The term."""
    text: Text
    """What it means here."""


class RegisterMaintenance(Record):
    """Set on the entity that maintains the register (template B_01.01)."""

    entity_type: str | None = Field(default=None, pattern=r"^eba_CT:x[0-9]+$")
    """Type of entity, a code of the EBA taxonomy."""
    authority: Text = ""
    """Competent authority."""
    reporting_date: Day | None = None
    """Date of the reporting."""
    scope: Literal["consolidated", "individual"] | None = None
    """Whether the register covers a group or one entity; the name of the package says it."""
    base_currency: CurrencyCode | None = None
    """Currency that the report names as its own."""
    reference_date: Day | None = None
    """Day that the report is about."""
    definitions: tuple[Definition, ...] = ()
    """Terms defined."""


class ContractUser(Record):
    """Who makes use of the services of a contract (template B_04.01)."""

    entity: Id
    """The financial entity."""
    branch: Text = ""
    """Identification code of its branch, where a branch makes use of them."""
    is_branch: bool | None = None
    """Whether a branch makes use of them; None when not known."""


class IctUse(Record):
    """One ICT service under a contract, for one function of one entity (template B_02.02)."""

    entity: Id | None = None
    """The financial entity that makes use of it; the customer when absent."""
    provider: Id | None = None
    """Who provides it; the supplier when absent."""
    function: Id | None = None
    """The function that it supports."""
    service_type: IctServiceType | None = None
    """Type of ICT service."""
    start: Day | None = None
    """First day; the contract's when absent."""
    end: Day | None = None
    """Last day; the contract's when absent."""
    termination_reason: TerminationReason | None = None
    """Why it was ended, if it was."""
    entity_notice_days: int | None = Field(default=None, ge=0)
    """Notice that the entity must give [d]."""
    provider_notice_days: int | None = Field(default=None, ge=0)
    """Notice that the provider must give [d]."""
    governing_law: CountryCode | None = None
    """Country whose law governs the contract."""
    provision_country: CountryCode | None = None
    """Country from which it is provided."""
    stores_data: bool | None = None
    """Whether data are stored."""
    storage_country: CountryCode | None = None
    """Where data are at rest."""
    processing_country: CountryCode | None = None
    """Where data are managed and processed."""
    sensitiveness: Level | None = None
    """Sensitiveness of the data stored."""
    reliance: Reliance | None = None
    """How much the function relies on it."""


class IctAssessment(Record):
    """Assessment of an ICT service under a contract (template B_07.01, rule D3)."""

    provider: Id | None = None
    """Who provides it; the supplier when absent."""
    service_type: IctServiceType | None = None
    """Type of ICT service."""
    substitutability: Substitutability | None = None
    """How well the provider can be replaced."""
    obstacle: SubstitutionObstacle | None = None
    """Why it cannot, or hardly can."""
    last_audit: Day | None = None
    """Day of the last audit of the provider."""
    exit_plan: bool | None = None
    """Whether there is an exit plan."""
    reintegration: Reintegration | None = None
    """How well the service could be taken back in-house."""
    impact: Impact | None = None
    """Impact of discontinuing the service."""
    alternatives_identified: Assessed | None = None
    """Whether other providers were identified."""
    alternatives: Text = ""
    """Which they are."""
