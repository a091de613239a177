"""Documents for a supplier, prefilled: a disclosure request and a questionnaire (rules D1, D3)."""

from __future__ import annotations

from depgraph.engine.contract_terms import TermRow
from depgraph.engine.diligence import Diligence
from depgraph.engine.nth_parties import NthParty
from depgraph.errors import DomainError
from depgraph.model.estate import Estate
from ui.document import Document, Section, Statement

_ANSWER = ""
_OWN = (
    "Which of your services carry the ones above, and where do they run?",
    "Which of them have no replacement if the supplier behind them fails?",
    "Since when do you know each supplier, and when did you last review it?",
)


def disclosure_request(estate: Estate, answer: Diligence) -> Document:
    """Ask a supplier for its suppliers; what we know already is filled in.

    Raises
    ------
    DomainError
        If the answer is not narrowed to one supplier.
    """
    party = _party(answer)
    further = [p for p in answer.nth_parties.parties if p.organization != party.organization]
    known = tuple(
        Statement(
            (p.organization, p.name, str(p.rank), p.country or "?",
             "from a contract" if p.disclosed else "not from you: please confirm", _ANSWER)
        )
        for p in further
    )  # fmt: skip
    services = tuple(_service(estate, name) for name in party.services)
    return Document(
        title="Request to disclose sub-contractors",
        subtitle=_addressed(answer, party),
        introduction=(
            "We review on whom the services below rest.",
            "Please confirm, correct and complete the lists, at every rank that you know of.",
        ),
        sections=(
            Section(
                "Services we use",
                ("service", "name", "we rate it", "where, as we know it", "your correction"),
                services,
            ),
            Section(
                "Suppliers behind them, as we know them",
                ("organization", "name", "rank", "country", "how we know", "your answer"),
                known,
                "Rank 1 are you; rank 2 your suppliers, and so on. Please add what is missing:"
                " legal name, LEI or register number, country, service, places, and the date since"
                " when.",
            ),
            Section(
                "Questions",
                ("question", "your answer"),
                tuple(Statement((question, _ANSWER)) for question in _OWN),
            ),
        ),
    )


def questionnaire(estate: Estate, answer: Diligence) -> Document:
    """Ask a supplier for what is missing; what is on record is filled in for it to confirm.

    Raises
    ------
    DomainError
        If the answer is not narrowed to one supplier.
    """
    party = _party(answer)
    record = estate.organization[party.organization]
    facts = (
        ("legal name", record.name),
        ("legal entity identifier (LEI)", record.lei or ""),
        ("country of registration", record.country or ""),
        # A supplier without a recorded owner may be its own, or we do not know: it has to say.
        ("ultimate owner", party.ultimate_owner if record.parent else ""),
        ("services we use", ", ".join(party.services)),
    )
    gaps = tuple(
        Statement((gap.message, "critical" if gap.critical else "", _ANSWER))
        for vendor in answer.vendors
        for gap in vendor.gaps
    )
    return Document(
        title="Supplier questionnaire",
        subtitle=_addressed(answer, party),
        introduction=(
            "What we hold on record is filled in: please confirm or correct it.",
            "Where nothing stands, please answer and say which document or clause shows it.",
        ),
        sections=(
            Section(
                "About you",
                ("fact", "as we have it", "your correction"),
                tuple(Statement((what, held, _ANSWER)) for what, held in facts),
            ),
            Section("What is open", ("gap", "", "your answer"), gaps),
            *_term_sections(answer),
            _figures(answer, party),
        ),
    )


def _term_sections(answer: Diligence) -> list[Section]:
    """Clauses that are needed or may be, by regulation."""
    rows = [(c.contract, r) for c in answer.contracts for r in c.rows
            if r.requirement != "not_required" and r.duty_of == "contract"]  # fmt: skip
    sections = []
    for regulation in dict.fromkeys(row.regulation for _, row in rows):
        statements = tuple(
            Statement((row.article, row.in_words, contract, row.status, _held(row), _ANSWER))
            for contract, row in rows
            if row.regulation == regulation
        )
        columns = ("article", "what is asked for", "contract", "as we have it", "note",
                   "your answer, with the clause")  # fmt: skip
        sections.append(Section(f"Terms: {regulation}", columns, statements))
    return sections


def _held(row: TermRow) -> str:
    """What we found; nothing where nobody looked, which is no business of the supplier's."""
    return "" if row.status == "unknown" else row.note


def _figures(answer: Diligence, party: NthParty) -> Section:
    """Figures that our results lack, of this supplier's services and what is below."""
    missing = dict.fromkeys(
        name
        for row in answer.quality.results
        if row.kind == "availability" and row.subject in party.services
        for name in row.missing
    )
    rows = tuple(
        Statement((name, "own availability, all else working, with its source", _ANSWER))
        for name in missing
    )
    return Section("Figures we lack", ("component", "what we need", "your answer"), rows)


def _party(answer: Diligence) -> NthParty:
    for party in answer.nth_parties.parties:
        if party.organization == answer.organization:
            return party
    raise DomainError(
        "this document is for one supplier, and no other organization: name it with "
        "--organization ID"
    )


def _addressed(answer: Diligence, party: NthParty) -> str:
    who = party.name or party.organization
    us = ", ".join(answer.nth_parties.standpoint)
    return f"To {who}; as of {answer.as_of.isoformat()}; from {us}"


def _service(estate: Estate, name: str) -> Statement:
    service = estate.service[name]
    places = ", ".join(place for group in service.placements for place in group.of)
    return Statement((name, service.name, service.criticality, places or "unknown", _ANSWER))
