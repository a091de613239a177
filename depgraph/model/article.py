"""What the law and standards ask a contract to say, as data (rule L12)."""

from __future__ import annotations

from typing import Literal

from depgraph.model.contract_term import TermName
from depgraph.record import Record
from depgraph.units import Id, Text

Regulation = Literal["DORA", "NIS2", "GDPR", "ISO/IEC 19086"]
AppliesTo = Literal["every_contract", "critical_function", "personal_data"]
Proof = Literal[
    "slas",
    "availability_objective",
    "response_objective",
    "recovery_objective",
    "breach_notice_objective",
    "breach_notice_within_24_hours",
    "audit_right",
    "data_residency",
    "subcontracting",
    "subcontracting_authorisation",
    "exit_assistance",
    "termination_notice",
    "credits",
]
"""Fields of a contract or of its SLAs that show a clause without a term of its own."""


class ArticleObligation(Record):
    """One thing that an article asks for."""

    id: Id
    """Name in the article map."""
    regulation: Regulation
    """The law or standard."""
    article: Text
    """Where it says so."""
    in_words: Text
    """What it asks for, in our own words."""
    applies_to: AppliesTo = "every_contract"
    """Which contracts need it."""
    duty_of: Literal["contract", "customer"] = "contract"
    """Whether the contract has to say it, or the customer has to do it."""
    term: TermName
    """The clause that answers it."""
    shown_by: Proof | None = None
    """The field that shows it as well; none when only the clause itself can."""
    source: Text = ""
    """The text, by its official number."""
