"""Contract terms against the article map (rule L12)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from depgraph.engine.contract_terms import ContractCoverage, TermRow, contract_coverage
from depgraph.model.contract import Contract
from depgraph.model.estate import Estate
from ingest.articles import article_map


def coverage(critical: bool = False, **fields: Any) -> ContractCoverage:
    slas = fields.pop("slas", [{"id": "l", "service": "s"}])
    contract = {"id": "k", "supplier": "v", "customer": "us", "slas": slas, **fields}
    estate = Estate.model_validate(
        {
            "organizations": [{"id": "us", "own": True}, {"id": "v"}],
            "services": [{"id": "s", "provider": "v"}],
            "contracts": [contract],
        }
    )
    rests = {"s": ["sales"]} if critical else {}
    return contract_coverage(estate, estate.contracts, list(article_map().values()), rests)[0]


def row(found: ContractCoverage, obligation: str) -> TermRow:
    return next(r for r in found.rows if r.obligation == obligation)


@pytest.mark.parametrize(
    ("field", "value", "obligation", "status"),
    [
        ("audit_right", True, "dora-30-3-e", "present"),
        ("audit_right", False, "dora-30-3-e", "absent"),
        ("audit_right", None, "dora-30-3-e", "unknown"),
        ("data_residency", ["IE"], "dora-30-2-b", "present"),
        ("data_residency", [], "dora-30-2-b", "absent"),
        ("exit_assistance_days", 0, "dora-30-3-f", "absent"),
        ("exit_assistance_days", 90, "dora-30-3-f", "present"),
        ("termination_notice_days", 30, "dora-30-2-h", "present"),
        ("subcontracting", "free", "gdpr-28-2", "absent"),
        ("subcontracting", "notice", "gdpr-28-2", "present"),
        ("subcontracting", "free", "dora-30-2-a-sub", "present"),
    ],
)
def test_fields_show_clauses(field: str, value: object, obligation: str, status: str) -> None:
    found = row(coverage(critical=True, **{field: value}), obligation)

    assert found.status == status
    assert found.proof == (() if status == "unknown" else (f"contracts/k/{field}",))


def test_clauses_that_were_read_stand_before_fields() -> None:
    found = row(
        coverage(
            audit_right=True, terms=[{"term": "audit_right", "present": False, "clause": "9.2"}]
        ),
        "gdpr-28-3-h",
    )

    assert (found.status, found.clause) == ("absent", "9.2")
    assert found.proof == ("contracts/k/terms/audit_right",)


def test_what_is_required_depends_on_functions_and_on_personal_data() -> None:
    assert row(coverage(), "dora-30-3-d").requirement == "not_required"
    assert row(coverage(critical=True), "dora-30-3-d").requirement == "required"
    assert row(coverage(), "gdpr-28-3-a").requirement == "undecided"
    assert row(coverage(personal_data=True), "gdpr-28-3-a").requirement == "required"
    assert row(coverage(personal_data=False), "gdpr-28-3-a").requirement == "not_required"


def test_a_notice_slower_than_the_early_warning_does_not_answer_it() -> None:
    def notice(hours: int) -> ContractCoverage:
        objective = {"metric": "breach_notice_hours", "target": hours}
        return coverage(slas=[{"id": "l", "service": "s", "objectives": [objective]}])

    assert row(notice(24), "nis2-23-4-a").status == "present"
    assert row(notice(48), "nis2-23-4-a").status == "absent"
    assert row(notice(48), "nis2-23-1").status == "present"


def test_one_sla_without_it_is_enough_to_lack_it_and_none_at_all_is_unknown() -> None:
    objective = {"metric": "availability", "target": 0.999}
    slas = [{"id": "l1", "service": "s", "objectives": [objective]}, {"id": "l2", "service": "s"}]

    found = row(coverage(critical=True, slas=slas), "dora-30-3-a")
    assert (found.status, found.proof) == ("absent", ("slas/l2",))
    assert row(coverage(critical=True, slas=[]), "dora-30-3-a").status == "unknown"


def test_totals_are_those_of_the_required_rows() -> None:
    found = coverage(critical=True, audit_right=True)
    required = [r for r in found.rows if r.requirement == "required"]

    assert found.required == len(required) == found.present + found.absent + found.unknown
    assert found.absent == sum(r.is_gap for r in found.rows)


def test_a_term_is_stated_once() -> None:
    terms = [{"term": "audit_right"}, {"term": "audit_right", "present": False}]
    with pytest.raises(ValidationError, match="more than once"):
        Contract.model_validate({"id": "k", "supplier": "a", "customer": "b", "terms": terms})
